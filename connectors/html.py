"""A website's list of offers comes in; one raw record per entry goes out, with the fields its selectors find.

The list may go on over several pages (`next`), and each entry may have a page of its own (`detail`). Or the offers stand in a table
(`table`): then its headings name the fields. Only strings and lists of strings leave; what they mean is the map's.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any, ClassVar

from parsel import Selector
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from connectors.contract import API_VERSION, Completeness, Context, Detection, Options, SourceError, over_limit
from connectors.html_offers import find_offers
from connectors.html_rows import read_tables
from connectors.html_tables import TableChoice
from connectors.paging import list_pages
from connectors.repeats import find_repeats
from connectors.selectors import check_css, read_selection, select
from connectors.webpage import Failures, Page, fetch_linked, read_page, to_address
from connectors.words import to_german_count
from schemas.problems import Problem
from schemas.record import Capture, RawRecord


def _check(line: str) -> str:
    read_selection(line)
    return line


def _check_item(css: str) -> str:
    if not css.strip():
        raise ValueError("die Auswahl ist leer; richtig ist zum Beispiel article.angebot")
    return check_css(css.strip())


Line = Annotated[str, AfterValidator(_check)]


class Detail(BaseModel):
    """Where an entry's own page is, and what to take from it."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    link: Line = Field(description="Auswahl der Adresse im Eintrag, zum Beispiel a@href")
    fields: Mapping[str, Line] = Field(min_length=1, description="Feld: Auswahl auf der eigenen Seite des Eintrags")


class HtmlOptions(Options):
    """A list, told by `item` and `fields`, or a table, told by `table`."""

    model_config = ConfigDict(json_schema_extra={"anyOf": [{"required": ["item", "fields"]}, {"required": ["table"]}]})
    url: str = Field(description="Adresse der Seite mit der Liste oder der Tabelle", examples=["https://example.org/angebote"])
    table: TableChoice | None = Field(
        default=None,
        description="Welche Tabelle der Seite gelesen wird, statt einer Liste: columns, caption, html_id oder number",
    )
    item: Annotated[str, AfterValidator(_check_item)] | None = Field(
        default=None, description="CSS-Auswahl eines Eintrags der Liste", examples=["article.angebot"]
    )
    fields: Mapping[str, Line] = Field(
        default_factory=dict, description="Feld: Auswahl im Eintrag, zum Beispiel titel: h2, adresse: a@href, themen: li*"
    )
    id: str | tuple[str, ...] | None = Field(
        default=None,
        description="Liste: Auswahl der Kennung im Eintrag, zum Beispiel a@href, oder ein Feld; Tabelle: Spalte oder Spalten",
    )
    next: Line | None = Field(default=None, description="Auswahl der nächsten Seite, zum Beispiel a.weiter@href")
    detail: Detail | None = Field(default=None, description="Eigene Seite jedes Eintrags: link und fields")
    max_pages: int = Field(default=200, ge=1, le=2_000, description="Höchstens so viele Seiten der Liste")

    @model_validator(mode="after")
    def _is_list_or_table(self) -> "HtmlOptions":
        if self.table is None:
            if self.item is None or not self.fields:
                missing = "item" if self.item is None else "fields"
                raise ValueError(f"Die Angabe ‚{missing}‘ fehlt; für eine Tabelle stattdessen ‚table‘")
            if self.id is not None:
                if not isinstance(self.id, str):
                    raise ValueError("‚id‘ ist bei einer Liste eine einzige Auswahl, zum Beispiel a@href")
                read_selection(self.id)
            return self
        if given := [name for name in ("item", "fields", "next", "detail") if getattr(self, name)]:
            raise ValueError(
                f"‚table‘ liest eine Tabelle, ‚{given[0]}‘ gehört zu einer Liste; bitte nur eines von beiden angeben"
            )
        return self


class HtmlConnector:
    kind: ClassVar[str] = "html"
    title: ClassVar[str] = "Internetseite mit einer Tabelle von Angeboten, oder mit einer Liste, gelesen mit CSS-Auswahlen."
    api_version: ClassVar[int] = API_VERSION
    options: ClassVar[type[HtmlOptions]] = HtmlOptions
    completeness: ClassVar[Completeness] = Completeness.SNAPSHOT
    nested: ClassVar[bool] = False
    depends_on_day: ClassVar[bool] = False
    default_map: ClassVar[Mapping[str, Any]] = {}

    def entries(self, options: HtmlOptions) -> Sequence[str]:
        return [] if options.next or options.detail else [options.url]

    def read(self, options: HtmlOptions, ctx: Context) -> Iterator[RawRecord | Problem]:
        """Read the table, or the list page by page; yield a record per entry, and a problem for each whose page cannot be read."""
        most = ctx.limits.max_records
        first = fetch_linked(ctx, options, options.url)
        if options.table is not None:
            keys = (options.id,) if isinstance(options.id, str) else options.id or ()
            yield from _at_most(most, read_tables(read_page(first), options.table, keys))
            return
        failures = Failures()
        for page in list_pages(first, options.next, options.max_pages, options, ctx):
            if isinstance(page, Problem):
                yield page
                continue
            elements = page.root.css(options.item or "")
            if not elements and page.sha256 == first.sha256:
                stale = f"die Auswahl ‚{options.item}‘ trifft nichts"
                raise SourceError(Problem("selector_stale", value=options.url, note=stale))
            for number, element in enumerate(elements, start=1):
                if most <= 0:
                    yield over_limit(ctx.limits.max_records)
                    return
                most -= 1
                yield _to_record(element, page, number, options, ctx, failures)

    @classmethod
    def detect(cls, capture: Capture) -> Detection | None:
        """Recognise a page with a table of offers, or on which something is listed; suggest what to read of it."""
        try:
            page = read_page(capture)
        except SourceError:
            return None
        found, table = find_repeats(page), find_offers(page)
        rows = found is None or found.item.rpartition(" ")[2].partition(".")[0] == "tr"
        if table is not None and (rows or table.sure):
            return Detection(table.score, {"url": capture.url, "table": {"columns": list(table.columns)}}, table.reason)
        if found is None:
            return None
        count = to_german_count(found.count, "einem Eintrag", "gleichartigen Einträgen")
        options = {"url": capture.url, "item": found.item, "fields": dict(found.fields), "id": "a@href"}
        return Detection(0.3 if found.dates else 0.2, options, f"Internetseite mit {count}, zum Beispiel „{found.example}“")


def _at_most(most: int, items: Iterator[RawRecord | Problem]) -> Iterator[RawRecord | Problem]:
    left = most
    for item in items:
        if isinstance(item, RawRecord):
            if left <= 0:
                yield over_limit(most)
                return
            left -= 1
        yield item


def _to_record(
    element: Selector, page: Page, number: int, options: HtmlOptions, ctx: Context, failures: Failures
) -> RawRecord | Problem:
    data = _fields(element, options.fields, page)
    locator = f"Seite {page.url}, Eintrag {number}"
    record_id = _id(element, options, page, data)
    if options.detail is None:
        return RawRecord(data=data, locator=locator, capture=page.sha256, record_id=record_id)
    found = select(element, replace(read_selection(options.detail.link), every=False), page)
    link = to_address(page, found[0]) if found else None
    if link is None:
        return Problem("bad_record", locator, note="der Link zur eigenen Seite fehlt")
    try:
        detail = read_page(fetch_linked(ctx, options, link))
    except SourceError as error:
        failures.note(error)
        return replace(error.problem, locator=locator, value=error.problem.value or link, severity="rejected")
    failures.in_a_row = 0
    fields = _fields(detail.root, options.detail.fields, detail)
    if not fields:
        return Problem("selector_stale", locator, value=link, note="auf der Seite des Eintrags trifft keine Auswahl")
    return RawRecord(data={**data, **fields}, locator=f"Seite {link} ({locator})", capture=detail.sha256, record_id=record_id)


def _id(element: Selector, options: HtmlOptions, page: Page, data: Mapping[str, Any]) -> str | None:
    """Find the entry's identifier: a field of that name, or what the selection finds."""
    if not isinstance(options.id, str):
        return None
    named = data.get(options.id)
    found = [named] if isinstance(named, str) else select(element, replace(read_selection(options.id), every=False), page)
    return found[0][:500] if found else None


def _fields(element: Selector, lines: Mapping[str, str], page: Page) -> dict[str, Any]:
    """Give the fields that are filled: a string each, or a list where all are asked for."""
    fields: dict[str, Any] = {}
    for name, line in lines.items():
        selection = read_selection(line)
        if found := select(element, selection, page):
            fields[name] = found if selection.every else found[0]
    return fields
