"""A workbook comes in (xlsx, xls, ods); the records of its sheets go out: of one, or of several that belong together.

The header may lie below banners, cells may be merged, dates arrive as text like `2026-03-02`. How the workbook is opened stands in
workbook.py, which of its sheets are read in together.py.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, ClassVar

from pydantic import Field

from connectors.contract import API_VERSION, Completeness, Context, Detection, SourceError, never_empty
from connectors.sheetmarks import look_through
from connectors.table import COUNTED, Row, TableOptions, count_records, read_records
from connectors.text import first_bytes
from connectors.together import Group, SheetWish, Table, open_tables
from connectors.workbook import OLE, ZIP
from schemas.problems import Problem
from schemas.record import Capture, RawRecord

MOST_NAMED = 5  # sheets that a reason names


class XlsxOptions(TableOptions):
    """Sheets of a workbook."""

    sheet: SheetWish = Field(
        default=None,
        description="Blatt: Name oder Nummer ab 1, mehrere als Liste, * für alle sichtbaren; ohne Angabe das erste mit einer Liste,"
        " also kein Deckblatt, und alle, deren Spalten genauso heißen",
    )


class XlsxConnector:
    """Workbooks of Excel and LibreOffice."""

    kind: ClassVar[str] = "xlsx"
    title: ClassVar[str] = "Eine Tabelle aus Excel oder LibreOffice (xlsx, xls, ods): eine Zeile je Angebot"
    api_version: ClassVar[int] = API_VERSION
    options: ClassVar[type[XlsxOptions]] = XlsxOptions
    completeness: ClassVar[Completeness] = Completeness.SNAPSHOT
    nested: ClassVar[bool] = False
    depends_on_day: ClassVar[bool] = False
    default_map: ClassVar[Mapping[str, Any]] = {}

    def entries(self, options: XlsxOptions) -> Sequence[str]:
        return (options.url,)

    def read(self, options: XlsxOptions, ctx: Context) -> Iterator[RawRecord | Problem]:
        """Yield the records of the sheets; raise SourceError where there is no such sheet or no table on any."""
        capture = ctx.fetch(options.url, headers=options.headers, auth=options.auth)
        with open_tables(capture, options.sheet, options) as (group, tables):
            yield from group.problems
            data = capture.read()
            for name in group.headers:
                yield from look_through(data, name)
            yield from never_empty(_records(tables, options, capture.sha256, ctx.limits.max_records))

    @classmethod
    def detect(cls, capture: Capture) -> Detection | None:
        """Recognise a workbook with a table on one of its sheets."""
        if not first_bytes(capture, 8).startswith((ZIP, OLE)):
            return None
        options = XlsxOptions(url=capture.url)
        try:
            with open_tables(capture, None, options) as (group, tables):
                many = count_records(never_empty(_records(tables, options, "", COUNTED)))
        except SourceError:
            return None
        single = len(group.headers) == 1 and group.others
        return Detection(
            0.95,
            {"url": capture.url, "sheet": next(iter(group.headers))} if single else {"url": capture.url},
            _reason(group, many),
        )


def _records(tables: Iterable[Table], options: XlsxOptions, capture: str, most: int) -> Iterator[RawRecord | Problem]:
    """Yield the records of all tables; behind `most` rows of them together nothing more is read."""
    seen = 0

    def counted(rows: Iterable[Row]) -> Iterator[Row]:
        nonlocal seen
        for row in rows:
            seen += 1
            yield row

    for table in tables:
        to_locator = partial("Blatt ‚{}‘, Zeile {}".format, table.name)
        left = most - seen
        for item in read_records(
            counted(table.rows), table.header, options, most=left, capture=capture, to_locator=to_locator, beside=table.beside
        ):
            if isinstance(item, Problem) and item.code == "record_limit":
                yield replace(item, value=f"{most:,}".replace(",", "."))
                return
            yield item


def _reason(group: Group, many: str) -> str:
    """Say which sheets would be read, how much is on them, and which others there are."""
    names = [f"‚{name}‘" for name in group.headers]
    listed = ", ".join(names[:MOST_NAMED]) + (f" und {len(names) - MOST_NAMED} weitere" if len(names) > MOST_NAMED else "")
    which = f"Blatt {listed}" if len(names) == 1 else f"Blätter mit denselben Spalten: {listed}, zusammen"
    others = f"; weitere Blätter: {', '.join(group.others[:MOST_NAMED])}" if group.others else ""
    return f"Tabelle (Excel), {which} mit {many} und {next(iter(group.headers.values())).width} Spalten{others}"
