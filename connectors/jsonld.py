"""Web pages, a sitemap or a file of schema.org objects come in; one raw record per event, course or service goes out.

A page's objects stand in its JSON-LD scripts, else in its microdata. A list page may be followed to the pages it links to. The
same object on several pages is read once.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, ClassVar

from pydantic import Field, field_validator

from connectors.contract import API_VERSION, Completeness, Context, Detection, Options, SourceError, over_limit
from connectors.jsonld_text import read_script
from connectors.jsontext import is_lines, read_document, read_json_lines
from connectors.microdata import read_microdata
from connectors.paging import list_pages
from connectors.schemaorg import Document, digest, find_nodes, node_id, to_document, to_record
from connectors.schemaorg_map import SCHEMA_ORG_MAP
from connectors.selectors import read_selection, select
from connectors.sitemap import is_sitemap, read_sitemap, sitemap_pages, unpack
from connectors.webpage import Failures, Page, fetch_linked, read_page, to_address
from connectors.words import to_german_count, to_german_day
from schemas.problems import Problem
from schemas.record import Capture, RawRecord

MAX_FILE = 100_000_000
LD_JSON = "application/ld+json"
HTML_ONLY = frozenset({"wrong_content"})  # a sitemap may name PDFs and pictures


class JsonldOptions(Options):
    url: str = Field(
        description="Adresse der Seite, der Sitemap oder der JSON-Datei", examples=["https://example.org/sitemap.xml"]
    )
    types: tuple[str, ...] = Field(
        default=("Event", "Course", "Service"), min_length=1, description="Arten nach schema.org, samt ihren Unterarten"
    )
    links: str | None = Field(default=None, description="Auswahl der Links auf die Seiten der Angebote, zum Beispiel a.kurs@href")
    next: str | None = Field(default=None, description="Auswahl der nächsten Seite der Liste, zum Beispiel a.weiter@href")
    pages: str = Field(default="", max_length=200, description="Nur Seiten, in deren Adresse dies vorkommt, zum Beispiel /kurse/")
    max_pages: int = Field(default=500, ge=1, le=5_000, description="Höchstens so viele Seiten")

    @field_validator("links", "next")
    @classmethod
    def _readable(cls, value: str | None) -> str | None:
        if value is not None:
            read_selection(value)
        return value


class JsonldConnector:
    kind: ClassVar[str] = "jsonld"
    title: ClassVar[str] = "Internetseiten mit Angaben nach schema.org, einzeln, als Liste oder über die Sitemap."
    api_version: ClassVar[int] = API_VERSION
    options: ClassVar[type[JsonldOptions]] = JsonldOptions
    completeness: ClassVar[Completeness] = Completeness.SNAPSHOT
    nested: ClassVar[bool] = True
    depends_on_day: ClassVar[bool] = False
    default_map: ClassVar[Mapping[str, Any]] = SCHEMA_ORG_MAP

    def entries(self, options: JsonldOptions) -> Sequence[str]:
        path = options.url.partition("?")[0].lower()
        return [options.url] if path.endswith((".json", ".jsonl", ".jsonld", ".ndjson")) else []

    def read(self, options: JsonldOptions, ctx: Context) -> Iterator[RawRecord | Problem]:
        """Read the file, the page, or every page; yield a record per object, and a problem per broken script and page."""
        capture = fetch_linked(ctx, options, options.url)
        if capture.size > MAX_FILE:
            raise SourceError(Problem("too_large", value=options.url, note=f"{capture.size // 1_000_000} MB"))
        body = unpack(capture.read(), options.url)
        count = 0
        for item in _items(capture, body, options, ctx):
            if isinstance(item, RawRecord):
                if count >= ctx.limits.max_records:
                    yield over_limit(count)
                    return
                count += 1
            yield item
        if not count:
            raise SourceError(_to_refusal(body, options))

    @classmethod
    def detect(cls, capture: Capture) -> Detection | None:
        """Recognise a page or file with schema.org objects, or a sitemap; say how many, of what kind, and when the next is."""
        if capture.size > 20_000_000:
            return None
        options = JsonldOptions(url=capture.url)
        found = {"url": capture.url}
        try:
            body = unpack(capture.read(), capture.url)
            if is_sitemap(body):
                pages = to_german_count(sum(kind == "page" for kind, _ in read_sitemap(body)), "einer Seite", "Seiten")
                return Detection(0.3, found, f"Sitemap mit {pages}; ob sie Angaben nach schema.org tragen, zeigt die Vorschau")
            documents = [_file_document(capture, [])] if _is_json(body) else [_page_document(read_page(capture), [])]
        except SourceError:
            return None
        is_file = _is_json(body)
        nodes = [(node, document) for document in documents for node in find_nodes(document, options.types, untyped=is_file)]
        records = [to_record(node, document) for node, document in nodes]
        if not records:
            return None
        kinds = Counter(record.get("type") or "ohne Art" for record in records)
        count = to_german_count(len(records), "einem Angebot", "Angeboten")
        reason = f"{'Datei' if is_file else 'Internetseite'} mit {count} nach schema.org"
        reason += f" ({', '.join(f'{number} {kind}' for kind, number in kinds.most_common(3))})"
        days = [day for record in records if (day := _to_day(record.get("startDate"))) and day >= capture.fetched_at.date()]
        if days:
            reason += f", nächstes am {to_german_day(min(days), today=capture.fetched_at.date())}"
        return Detection(0.9 if "ohne Art" not in kinds else 0.4, found, reason)


def _items(capture: Capture, body: bytes, options: JsonldOptions, ctx: Context) -> Iterator[RawRecord | Problem]:
    if _is_json(body):
        yield from _file_records(capture, options)
    elif is_sitemap(body):
        yield from _linked_records(sitemap_pages(capture, options, ctx), options, ctx)
    elif options.links:
        yield from _linked_records(_links(capture, options, ctx), options, ctx)
    else:
        seen: set[str] = set()
        for page in list_pages(capture, options.next, options.max_pages, options, ctx):
            yield from [page] if isinstance(page, Problem) else _page_records(page, options, seen)


def _links(capture: Capture, options: JsonldOptions, ctx: Context) -> Iterator[str | Problem]:
    """Yield the pages that a list names, over all its pages."""
    selection = read_selection(options.links or "a@href")
    selection = replace(selection, attribute=selection.attribute or "href", every=True)
    for page in list_pages(capture, options.next, options.max_pages, options, ctx):
        if isinstance(page, Problem):
            yield page
            continue
        links = [link for text in select(page.root, selection, page) if (link := to_address(page, text))]
        if not links and page.url == capture.url:
            raise SourceError(Problem("selector_stale", value=page.url, note=f"die Auswahl ‚{options.links}‘ trifft nichts"))
        yield from links


def _linked_records(pages: Iterator[str | Problem], options: JsonldOptions, ctx: Context) -> Iterator[RawRecord | Problem]:
    """Read the pages of a sitemap or list one after the other; where none of them can be read, the source cannot."""
    seen: set[str] = set()
    asked: set[str] = set()
    failures, first, read = Failures(), None, 0
    for url in pages:
        if isinstance(url, Problem):
            yield url
            continue
        if url in asked or options.pages not in url:
            continue
        if len(asked) >= min(options.max_pages, ctx.limits.max_pages):
            yield Problem("too_many_pages", value=str(len(asked)))
            break
        asked.add(url)
        try:
            page = read_page(fetch_linked(ctx, options, url))
        except SourceError as error:
            if error.problem.code not in HTML_ONLY:
                failures.note(error)
                first = first or error
                yield replace(error.problem, locator=f"Seite {url}", value=error.problem.value or url)
            continue
        read, failures.in_a_row = read + 1, 0
        yield from _page_records(page, options, seen)
    if first is not None and not read:
        raise first


def _page_records(page: Page, options: JsonldOptions, seen: set[str]) -> Iterator[RawRecord | Problem]:
    """Yield the records of one page; what stands on another page just so was read there."""
    problems: list[Problem] = []
    document = _page_document(page, problems)
    yield from problems
    for number, record in enumerate(_records(document, page.url, page.sha256, options, untyped=False), start=1):
        mark = digest({"id": record.record_id, "data": record.data})
        if mark not in seen:
            seen.add(mark)
            yield replace(record, data={**record.data, "page": page.url}, locator=f"Seite {page.url}, Angabe {number}")


def _page_document(page: Page, problems: list[Problem]) -> Document:
    """Read the scripts of a page, and its microdata where they hold nothing."""
    roots: list[Any] = []
    scripts = [script for script in page.root.root.iter("script") if script.get("type", "").strip().lower().startswith(LD_JSON)]
    for number, script in enumerate(scripts[:500], start=1):
        if not (script.text or "").strip():
            continue
        try:
            roots.append(read_script(script.text))
        except ValueError:
            problems.append(Problem("bad_script", f"Seite {page.url}, Skript {number}"))
    document = to_document(roots)
    if not find_nodes(document, JsonldOptions(url=page.url).types, untyped=False) and (described := read_microdata(page)):
        document = to_document([*roots, *described])
    return document


def _file_records(capture: Capture, options: JsonldOptions) -> Iterator[RawRecord | Problem]:
    """Yield the records of a JSON file; there objects without a type count too."""
    problems: list[Problem] = []
    document = _file_document(capture, problems)
    yield from problems
    yield from _records(document, capture.url, capture.sha256, options, untyped=True)


def _file_document(capture: Capture, problems: list[Problem]) -> Document:
    """Read a file as one document or line by line; note what is broken."""
    if not is_lines(capture):
        document = read_document(capture)
        problems += document.problems
        return to_document([document.value])
    roots: list[Any] = []
    for number, value in read_json_lines(capture):
        if isinstance(value, Problem):
            problems.append(replace(value, locator=f"Zeile {number}"))
        else:
            roots.append(value)
    return to_document(roots)


def _records(document: Document, url: str, sha256: str, options: JsonldOptions, *, untyped: bool) -> Iterator[RawRecord]:
    """Make the records of one document; an address identifies an object where no other one there has the same."""
    nodes = find_nodes(document, options.types, untyped=untyped)
    records = [to_record(node, document) for node in nodes]
    addresses = Counter(address for record in records if isinstance(address := record.get("url"), str))
    for number, (node, data) in enumerate(zip(nodes, records, strict=True), start=1):
        address = data.get("url")
        own = address if isinstance(address, str) and addresses[address] == 1 else None
        record_id = node_id(node, url) or (own[:500] if own else None)
        yield RawRecord(data=data, locator=f"Objekt {number}", capture=sha256, record_id=record_id)


def _is_json(body: bytes) -> bool:
    return body[:400].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n\x1e")[:1] in (b"{", b"[")


def _to_refusal(body: bytes, options: JsonldOptions) -> Problem:
    """Say why nothing was found: an empty file, or nothing of the wanted kinds."""
    if not body.strip(b"[]{} \t\r\n"):
        return Problem("empty_feed")
    return Problem("wrong_content", value=options.url, note=f"keine Angaben der Arten {', '.join(options.types)} nach schema.org")


def _to_day(value: Any) -> date | None:
    try:
        return date.fromisoformat(value[:10]) if isinstance(value, str) else None
    except ValueError:
        return None
