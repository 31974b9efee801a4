"""A table of a web page comes in; its rows go out as a grid, each with the cells that stand in it, merged ones filled downwards.

https://html.spec.whatwg.org/multipage/tables.html#forming-a-table, with limits: a cell may claim a thousand columns and 65,534 rows.
As in a spreadsheet (connectors/xlsx.py), a cell merged over several columns stands in the first of them.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from connectors.contract import SourceError
from connectors.html_cells import is_hidden
from schemas.problems import Problem

MOST_COLUMNS = 100  # a table of offers never has as many
MOST_PLACES = 400_000  # of one table, whatever its cells claim
PARTS = ("thead", "tbody", "tfoot")
CELLS = ("td", "th")
BOLD = ("b", "strong")
DIGITS = re.compile(r"\s*([0-9]{1,5})")  # "3", and as browsers do it "100%"


@dataclass(frozen=True, slots=True)
class Line:
    """One row: its number from 1, the element in each column (None: empty), how many columns each of its own cells takes."""

    number: int
    cells: tuple[Any, ...]
    own: tuple[tuple[Any, int], ...]
    part: str  # "thead", "tbody" or "tfoot"
    hidden: bool

    @property
    def is_head(self) -> bool:
        """All its own cells are marked as headings."""
        return bool(self.own) and all(cell.tag == "th" for cell, _ in self.own)

    @property
    def is_bold(self) -> bool:
        """All its own cells that hold anything are bold from their first letter to their last."""
        filled = [cell for cell, _ in self.own if len(cell) or (cell.text or "").strip()]
        return bool(filled) and all(cell.tag == "th" or _is_bold(cell) for cell in filled)

    def spans(self, width: int) -> bool:
        """Whether one single cell takes the whole width: a title or a section, no record."""
        return len(self.own) == 1 and self.own[0][1] >= max(2, width)

    def spread(self) -> tuple[Any, ...]:
        """Its cells, those merged over several columns in each of them: what a row of headings means."""
        cells = list(self.cells)
        for cell, columns in self.own:
            start = cells.index(cell)
            for column in range(start + 1, min(start + columns, len(cells))):
                cells[column] = cells[column] if cells[column] is not None else cell
        return tuple(cells)


def lines_of(table: Any) -> Iterator[Line]:
    """Yield the rows of a table, not those of tables inside of it, in the order they are shown; raise SourceError `too_large`."""
    number = places = 0
    for part, hidden, rows in _parts(table):
        waiting: dict[int, tuple[Any, int]] = {}  # column: cell merged downwards, rows it still fills
        for row in rows:
            number += 1
            own = tuple((cell, _span(cell, "colspan")) for cell in row if cell.tag in CELLS)
            cells = _placed(own, waiting)
            places += len(cells)
            if places > MOST_PLACES:
                raise SourceError(Problem("too_large", note=f"eine Tabelle mit mehr als {MOST_PLACES // 1000}.000 Zellen"))
            yield Line(number, tuple(cells), own, part, hidden or is_hidden(row))


def _placed(own: tuple[tuple[Any, int], ...], waiting: dict[int, tuple[Any, int]]) -> list[Any]:
    """Put a row's own cells where those merged from above leave room."""
    cells: list[Any] = []
    fresh: dict[int, tuple[Any, int]] = {}

    def fill() -> None:
        while len(cells) in waiting and len(cells) < MOST_COLUMNS:
            cells.append(waiting[len(cells)][0])

    for cell, columns in own:
        fill()
        start, down = len(cells), _span(cell, "rowspan")
        if start >= MOST_COLUMNS:
            raise SourceError(Problem("too_large", note=f"eine Tabelle mit mehr als {MOST_COLUMNS} Spalten"))
        taken = min(columns, MOST_COLUMNS - start)
        cells += [cell, *([None] * (taken - 1))]
        if down != 1:
            fresh |= {start + place: (cell if not place else None, down) for place in range(taken)}
    fill()
    if rest := [column for column in waiting if column >= len(cells)]:  # merged from above, right of a row that ends early
        cells += [None] * (max(rest) + 1 - len(cells))
        for column in rest:
            cells[column] = waiting[column][0]
    for column, (cell, down) in list(waiting.items()):
        if down == 2:
            del waiting[column]
        elif down:
            waiting[column] = (cell, down - 1)
    waiting |= fresh
    return cells


def _parts(table: Any) -> Iterator[tuple[str, bool, list[Any]]]:
    """Give the groups of rows as they are shown: head, body, foot. A rowspan ends with its group."""
    found: list[tuple[str, bool, list[Any]]] = []
    loose: list[Any] = []
    for child in table:
        if child.tag == "tr":
            if not loose:
                found.append(("tbody", False, loose))
            loose.append(child)
        elif isinstance(child.tag, str):
            rows = [row for row in child if row.tag == "tr"]
            if rows:
                known = {part for part, _, _ in found}
                part = (
                    child.tag if child.tag in PARTS and child.tag not in known else "tbody"
                )  # a second head is a row like others
                found.append((part, is_hidden(child), rows))
                loose = []
    return iter(sorted(found, key=lambda group: PARTS.index(group[0])))


def _span(cell: Any, name: str) -> int:
    """Read a span: at least 1; 0 of a rowspan means to the end of the group."""
    found = DIGITS.match(cell.get(name, ""))
    number = int(found[1]) if found else 1
    return number if number or name == "rowspan" else 1


def _is_bold(cell: Any) -> bool:
    """Say whether a cell's whole text stands in one bold element, perhaps inside of a paragraph."""
    element = cell
    while len(element) == 1 and not (element.text or "").strip() and not (element[0].tail or "").strip():
        element = element[0]
        if element.tag in BOLD:
            return True
    return False
