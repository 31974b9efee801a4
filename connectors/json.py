"""A JSON document comes in, or JSON Lines, or the pages of an API; its records go out as they are.

RFC 8259, and what is sent under that name (connectors/jsontext.py). Of a name given twice in one object the last counts, as in
every browser. A document is held whole in memory, so it has a ceiling; JSON Lines are read line by line.
"""

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import Annotated, Any, ClassVar

import orjson
from pydantic import AfterValidator, Field

from connectors.contract import API_VERSION, Completeness, Context, Detection, Options, SourceError, never_empty, over_limit
from connectors.jsonpages import Paginate, check_expression, find, next_link
from connectors.jsontext import Document, check_json, is_lines, read_at_once, read_document, read_json_lines
from schemas.marks import to_bytes
from schemas.problems import Problem
from schemas.record import Capture, RawRecord
from schemas.select import to_selector

PATH = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*")  # "data.items": then a place can be given as $.data.items[3]
ERRORS = ("error", "errors", "Error", "fehler", "exception")
ID_NAMES = ("id", "uuid", "guid", "_id", "@id", "identifier", "ID", "Id", "nummer", "kursnummer", "slug")
BEYOND_THE_END = ("not_found", "gone", "http_error")
DEEP = 3  # levels in which lists of records are looked for
COUNTED = 10_000  # lines that detect counts

Expression = Annotated[str, AfterValidator(lambda value: check_expression(value) if value else value)]


class JsonOptions(Options):
    """A JSON document, JSON Lines, or the pages of an API."""

    records: Expression = Field(
        default="", description="JMESPath der Liste der Angebote; @: das ganze Dokument", examples=["data.items"]
    )
    id: Expression = Field(default="", description="JMESPath der Kennung im Angebot", examples=["id"])
    paginate: Paginate | None = Field(default=None, description="So folgen die Seiten einer Schnittstelle aufeinander")


class JsonConnector:
    """JSON from files and APIs."""

    kind: ClassVar[str] = "json"
    title: ClassVar[str] = "JSON: eine Datei oder eine Schnittstelle, auch mit mehreren Seiten, JSON Lines oder GeoJSON"
    api_version: ClassVar[int] = API_VERSION
    options: ClassVar[type[JsonOptions]] = JsonOptions
    completeness: ClassVar[Completeness] = Completeness.SNAPSHOT
    nested: ClassVar[bool] = True
    depends_on_day: ClassVar[bool] = False
    default_map: ClassVar[Mapping[str, Any]] = {}

    def entries(self, options: JsonOptions) -> Sequence[str]:
        return () if options.paginate else (options.url,)

    def read(self, options: JsonOptions, ctx: Context) -> Iterator[RawRecord | Problem]:
        """Yield the records of all pages; raise SourceError where a page cannot be read, or comes again."""
        yield from never_empty(_read_pages(options, options.paginate, ctx) if options.paginate else _read_file(options, ctx))

    @classmethod
    def detect(cls, capture: Capture) -> Detection | None:
        """Recognise JSON by reading it; say where its longest list of records lies."""
        try:
            check_json(capture)
            if is_lines(capture):
                values = [value for _, value in islice(read_json_lines(capture), COUNTED) if isinstance(value, dict)]
                reason = f"JSON Lines mit {'mehr als ' if len(values) >= COUNTED else ''}{len(values)} Datensätzen"
                return Detection(0.8, {"url": capture.url, **_found_id(values)}, reason) if values else None
            document = read_document(capture).value
        except SourceError:
            return None
        if not isinstance(document, dict | list) or not document:
            return None
        if _is_geojson(document):
            return Detection(0.8, {"url": capture.url}, f"GeoJSON mit {len(find(document, 'features'))} Einträgen")
        path, records = max(_lists(document), key=lambda found: len(found[1]), default=("@", [document]))
        if path == "@" and _says_an_error(document):
            return None
        found = {
            "url": capture.url,
            **({"records": path} if path else {}),
            **_found_id(records),
            **_found_pages(capture, document),
        }
        where = f" unter {path}" if path not in ("", "@") else ""
        linked = isinstance(document, dict) and "@context" in document  # then jsonld knows better what the fields mean
        score = 0.3 if linked else 0.6 if len(records) > 1 else 0.4
        return Detection(score, found, f"JSON mit {len(records)} {'Datensätzen' if len(records) != 1 else 'Datensatz'}{where}")


def _says_an_error(document: Any) -> bool:
    """Tell an answer that an interface gives in place of its records, with status 200: no file holds one offer called like this."""
    if not isinstance(document, dict):
        return False
    return any(document.get(name) for name in ERRORS) or document.get("success") is False or document.get("ok") is False


def _read_file(options: JsonOptions, ctx: Context) -> Iterator[RawRecord | Problem]:
    capture = ctx.fetch(options.url, headers=options.headers, auth=options.auth)
    check_json(capture)
    if options.records in ("", "@") and is_lines(capture):
        to_id = _to_id(options)
        for seen, (number, value) in enumerate(read_json_lines(capture)):
            if seen >= ctx.limits.max_records:
                yield over_limit(seen)
                return
            yield _to_record(value, f"Zeile {number}", capture, to_id)
        return
    document = read_document(capture)
    yield from document.problems
    yield from _read_records(_select(document.value, options), "", capture, options)


def _read_pages(options: JsonOptions, paginate: Paginate, ctx: Context) -> Iterator[RawRecord | Problem]:
    url: str | None = paginate.first(options.url)
    number = seen = 0
    asked: set[str] = set()
    digests: dict[str, int] = {}
    while url is not None:
        if number == paginate.max:
            yield Problem("too_many_pages", value=str(paginate.max))
            return
        if url in asked:
            raise SourceError(Problem("loop_detected", value=url))
        asked.add(url)
        try:
            capture = ctx.fetch(url, headers=options.headers, auth=options.auth)
        except SourceError as error:
            if paginate.stop == "error" and number and error.problem.code in BEYOND_THE_END:
                return
            raise
        number += 1
        document = _read_page(capture)
        records = _select(document.value, options, number)
        # of the records alone: a page often carries the time of its making
        digest = hashlib.sha256(to_bytes(records)).hexdigest() if records else f"empty {number}"
        if digest in digests:
            if paginate.by == "page" and number > 2 and digests[digest] == number - 1:
                return  # behind its end this API repeats its last page; that paging works was seen on the pages before
            raise SourceError(Problem("loop_detected", value=url))
        digests[digest] = number
        yield from document.problems
        yield from _read_records(records, f"Seite {number}: ", capture, options)
        seen += len(records)
        url = paginate.following(number, seen, len(records), capture, document.value)


def _read_page(capture: Capture) -> Document:
    check_json(capture)
    if (document := read_at_once(capture)) is not None:
        return document
    if is_lines(capture):
        return Document([value for _, value in read_json_lines(capture)])
    return read_document(capture)


def _select(document: Any, options: JsonOptions, page: int = 1) -> list[Any]:
    """Find the records of a document; raise SourceError where the place is not known or not there."""
    if options.records:
        found = find(document, options.records)
        if found is None and page == 1:
            raise SourceError(Problem("missing_column", value=options.records))
        return found if isinstance(found, list) else [] if found is None else [found]
    if isinstance(document, list):
        return document
    if _is_geojson(document):
        features: list[Any] = document["features"]
        return features
    path, _ = max(_lists(document), key=lambda found: len(found[1]), default=("", []))
    if path:
        raise SourceError(Problem("bad_config", note=f"Bitte records angeben, zum Beispiel records: {path}"))
    return [document]


def _read_records(records: Sequence[Any], prefix: str, capture: Capture, options: JsonOptions) -> Iterator[RawRecord | Problem]:
    features = options.records == "" and any(isinstance(value, dict) and value.get("type") == "Feature" for value in records[:1])
    base = (
        "$.features"
        if features
        else "$"
        if options.records in ("", "@")
        else f"$.{options.records}"
        if PATH.fullmatch(options.records)
        else options.records
    )
    to_id = _to_id(options)
    for place, value in enumerate(records):
        yield _to_record(value, f"{prefix}{base}[{place}]", capture, to_id)


def _to_record(value: Any, locator: str, capture: Capture, to_id: Callable[[dict[str, Any]], Any]) -> RawRecord | Problem:
    if isinstance(value, Problem):
        return replace(value, locator=locator)
    if not isinstance(value, dict):
        return Problem("bad_record", locator=locator, note="das ist kein Objekt mit Feldern")
    found = to_id(value)
    record_id = str(found).strip() if isinstance(found, str | int | float) and not isinstance(found, bool) else ""
    return RawRecord(value, locator, capture.sha256, record_id or None)


def _to_id(options: JsonOptions) -> Callable[[dict[str, Any]], Any]:
    """Give what takes the id out of a record: the field that the source file names; in GeoJSON the id of a feature."""
    if not options.id:
        return lambda value: value.get("id") if value.get("type") == "Feature" else None
    key = to_selector(options.id, nested=True).key
    return (lambda value: value.get(key)) if key is not None else (lambda value: find(value, options.id))


def _is_geojson(document: Any) -> bool:
    return (
        isinstance(document, dict) and document.get("type") == "FeatureCollection" and isinstance(document.get("features"), list)
    )


def _lists(document: Any, path: str = "", depth: int = 0) -> Iterator[tuple[str, list[Any]]]:
    """Yield (path, list) for every list of objects that is not itself inside a list."""
    if isinstance(document, list):
        if document and all(isinstance(item, dict) for item in document):
            yield path, document
    elif isinstance(document, dict) and depth < DEEP:
        for name, value in document.items():
            if isinstance(value, dict | list):
                step = name if re.fullmatch(r"[A-Za-z_]\w*", name) else orjson.dumps(name).decode()
                yield from _lists(value, f"{path}.{step}" if path else step, depth + 1)


def _found_id(records: Sequence[Any]) -> dict[str, str]:
    """Find a field that names every record differently."""
    for name in ID_NAMES:
        values = [record.get(name) for record in records if isinstance(record, dict)]
        if values and all(isinstance(value, str | int) and value != "" for value in values) and len(set(values)) == len(values):
            return {"id": name}
    return {}


def _found_pages(capture: Capture, document: Any) -> dict[str, Any]:
    if next_link(capture.headers.get("link", "")):
        return {"paginate": {"by": "link"}}
    for path in ("next", "next_url", "links.next", "meta.next", "pagination.next", "_links.next.href", "paging.next"):
        if isinstance(document, dict) and isinstance(link := find(document, path), str) and link.startswith(("http", "/", "?")):
            return {"paginate": {"by": "next", "path": path}}
    return {}
