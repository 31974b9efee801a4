"""The tables of a page that a source file means come in; their records go out, under their headings, with what the page says beside.

Beside the columns stand, where there are such: `Tabelle` (its caption, or the heading above it), `Abschnitt` (the last row that is
one cell over the whole width), `Link`, `E-Mail` and `Telefon` (what the row links to, and its text does not say).
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from connectors.contract import SourceError, never_empty
from connectors.html_cells import LINK, addressed, beside, links_of, to_text, to_value
from connectors.html_grid import Line, lines_of
from connectors.html_tables import Head, PageTable, TableChoice, choose
from connectors.table import Row, TableOptions, read_records
from connectors.webpage import MAX_ELEMENTS, Page
from connectors.words import to_german_count
from schemas.problems import Problem
from schemas.record import RawRecord

TABLE, SECTION = "Tabelle", "Abschnitt"
LONGEST_SECTION = 200
MANY = 3  # columns of which only one, in bold, is a section too
MOST_SIGNS = 20_000_000  # of one table, a merged cell counted in every row it stands in


def read_tables(page: Page, choice: TableChoice, keys: Sequence[str]) -> Iterator[RawRecord | Problem]:
    """Yield the records of the tables that are meant; raise SourceError where none is there, all are empty, or the page breaks off."""
    if page.is_cut:  # its last row would be half an offer, and the missing ones would seem to be gone
        raise SourceError(Problem("broken_file", value=page.url, note="die Seite bricht mitten in einer Tabelle ab"))
    tables = choose(page, choice)
    yield from _differing(tables, choice)
    yield from never_empty(item for table in tables for item in read_table(table, page, choice, keys))


def _differing(tables: Sequence[PageTable], choice: TableChoice) -> Iterator[Problem]:
    """Tell of columns that some tables have and others have not; one that none has is told where records are mapped."""
    present = {name for table in tables for name in table.names}
    for table in tables:
        for name in choice.columns:
            if name in present and name not in table.names:
                yield Problem("missing_column", table.shown, value=name, severity="remark")


def read_table(table: PageTable, page: Page, choice: TableChoice, keys: Sequence[str]) -> Iterator[RawRecord | Problem]:
    """Yield the records of one table with headings. That it is empty is no fault: another may hold something."""
    assert table.head is not None  # choose gives no other
    rows = _Rows(table, table.head, page, hidden=choice.hidden_rows)
    read = read_records(
        rows,
        table.head.header,
        TableOptions(url=page.url, id=tuple(keys)),
        most=MAX_ELEMENTS,
        capture=page.sha256,
        to_locator=lambda at: f"{table.shown}, Zeile {at}",
    )
    for item in read:
        yield replace(item, data={**item.data, **rows.said}) if isinstance(item, RawRecord) else item
    yield from rows.told()


class _Rows:
    """The rows of a table below its headings. `said` is what the page says beside the row that was given last."""

    def __init__(self, table: PageTable, head: Head, page: Page, *, hidden: bool) -> None:
        self.said: dict[str, str] = {}
        self._table, self._head, self._page, self._with_hidden = table, head, page, hidden
        self._names = set(head.names)
        self._addressed = addressed(head.header.names)
        self._hidden = self._unclear = self._foot = 0
        self._known: dict[Any, tuple[str | None, tuple[str, ...]]] = {}  # a merged cell stands in many rows

    def __iter__(self) -> Iterator[Row]:
        section, left, width = "", MOST_SIGNS, self._head.header.width
        for line in lines_of(self._table.element):
            if line.number <= self._head.header.rows[1]:
                continue
            if line.hidden and not self._with_hidden:
                self._hidden += 1
                continue
            read = [self._read(cell) for cell in line.cells]
            left -= sum(len(text) for text, _ in read if text)
            if left < 0:
                raise SourceError(
                    Problem("too_large", note=f"eine Tabelle mit mehr als {MOST_SIGNS // 1_000_000} Millionen Zeichen")
                )
            if tuple(text for text, _ in read) in self._head.texts:  # the headings once more, for long tables on paper
                continue
            filled = [text for text, _ in read if text]
            if line.part == "tfoot":  # sums, and what holds for all
                self._foot += bool(filled)
                continue
            if line.spans(width) or (len(filled) == 1 and width >= MANY and line.is_bold):
                section = " ".join(" ".join(filled).split())[:LONGEST_SECTION]
                continue
            yield self._row(line, read, section)

    def told(self) -> Iterator[Problem]:
        """Say what was left out, and what was not clear."""
        if self._hidden:
            many = to_german_count(self._hidden, "eine ausgeblendete Zeile", "ausgeblendete Zeilen")
            yield Problem("odd_record", self._table.shown, note=f"{many} nicht mitgelesen")
        if self._foot:
            many = to_german_count(self._foot, "eine Zeile", "Zeilen")
            yield Problem("odd_record", self._table.shown, note=f"{many} im Fuß der Tabelle (tfoot) nicht mitgelesen")
        if self._unclear:
            many = to_german_count(self._unclear, "einer Zeile", "Zeilen")
            note = f"in {many} stehen mehrere Links; welcher zum Angebot führt, ist nicht klar"
            yield Problem("odd_record", self._table.shown, note=note)

    def _row(self, line: Line, read: Sequence[tuple[str | None, tuple[str, ...]]], section: str) -> Row:
        names = self._head.header.names
        cells = [
            to_value(text, links, wanted=place in self._addressed, named=place < len(names) and names[place] is not None)
            for place, (text, links) in enumerate(read)
        ]
        others = [both for place, both in enumerate(read) if place not in self._addressed]
        found = {TABLE: self._table.name, SECTION: section, **dict(beside(cells, others))}
        self._unclear += found.get(LINK) == "" and not self._addressed
        self.said = {name: value for name, value in found.items() if value and name not in self._names}
        return Row(line.number, cells)

    def _read(self, cell: Any) -> tuple[str | None, tuple[str, ...]]:
        if cell is None:
            return None, ()
        if cell not in self._known:
            self._known[cell] = (to_text(cell), links_of(cell, self._page))
        return self._known[cell]
