"""The sheets of a workbook come in; the tables that are read go out: one, or several that belong together, and what is told of the others.

A sheet per month or per district is one list on several sheets: those whose columns are called the same are read as one table. Their
records carry the name of their sheet in a field of its own, because often it stands nowhere else.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import chain, islice
from typing import Annotated

from pydantic import Field

from connectors.contract import SourceError
from connectors.table import Header, Row, TableOptions, find_header, find_same
from connectors.workbook import Sheet, open_workbook
from schemas.problems import Problem
from schemas.record import SHEET, Capture
from schemas.vocabulary import fold

ALL = "*"  # no sheet can be called so
SAMPLE = 200  # rows in which the header is looked for
MOST_TOLD, MOST_NAMED = 20, 2  # sheets that are told one by one; columns that are named

SheetName = Annotated[int, Field(ge=1)] | str
SheetWish = SheetName | tuple[SheetName, ...] | None


@dataclass(frozen=True, slots=True)
class Table:
    """The table on one sheet; `beside` is what each of its records says beside its cells."""

    name: str
    header: Header
    rows: Iterable[Row]
    beside: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Group:
    """The sheets that are read together, what is told of the others, and the names of the others."""

    headers: Mapping[str, Header]  # by name of the sheet
    problems: Sequence[Problem] = ()
    others: Sequence[str] = ()


@contextmanager
def open_tables(capture: Capture, wish: SheetWish, options: TableOptions) -> Iterator[tuple[Group, Iterator[Table]]]:
    """Open the tables of a workbook that are meant: the named sheets, all (`*`), or the first and those with the same columns.

    Raises SourceError where a named sheet is not there, or no table on any of them.
    """
    named = wish if isinstance(wish, tuple) else None if wish in (None, ALL) else (wish,)
    with open_workbook(capture, named) as sheets:
        first = next(sheets, None)
        if first is None:
            raise SourceError(Problem("empty_feed"))
        if len(named or first.names) == 1:
            header, rows = _find_table(first, options)
            table = Table(first.name, header, rows, _beside(first.name, header, options, alone=wish != ALL))
            yield Group({first.name: header}), iter([table])
            return
        group = _look(capture, named, options, like_first=wish is None)
        yield group, _tables(chain([first], sheets), group, options, alone=wish is None and len(group.headers) == 1)


def _tables(sheets: Iterable[Sheet], group: Group, options: TableOptions, *, alone: bool) -> Iterator[Table]:
    for sheet in sheets:
        if (header := group.headers.get(sheet.name)) is not None:
            yield Table(sheet.name, header, sheet, _beside(sheet.name, header, options, alone=alone))
        sheet.skip()


def _beside(name: str, header: Header, options: TableOptions, *, alone: bool) -> dict[str, str]:
    """Give the field with the name of the sheet, unless the partner has a column of that name or there is but this sheet."""
    return {} if SHEET in header.names or (alone and SHEET not in options.id) else {SHEET: name}


def _look(capture: Capture, named: Sequence[int | str] | None, options: TableOptions, *, like_first: bool) -> Group:
    """Look at the first rows of each sheet; find out which are read and what is told of the others."""
    headers: dict[str, Header] = {}
    unread: dict[str, str] = {}
    error: SourceError | None = None
    with open_workbook(capture, named, most=_most(options)) as sheets:
        for sheet in sheets:
            rows, main = list(sheet), next(iter(headers.values()), None)
            same = find_same(_headings(rows, sheet, options), main, options.header_rows) if main is not None else None
            if sheet.hidden and named is None:
                unread |= {sheet.name: "es ist ausgeblendet"} if same else {}
                continue
            try:
                header = same or _find(sheet, rows, options)
            except SourceError as one:
                error = error or one
                unread |= {sheet.name: "es hat keine Zeile mit Spaltennamen"} if one.problem.code != "empty_feed" else {}
                continue
            if main is not None and same is None and like_first:
                unread[sheet.name] = _difference(main, header, next(iter(headers)))
                continue
            headers[sheet.name] = _renamed(header, main) if main is not None else header
    if error is not None and not headers:
        raise error
    told = islice(unread.items(), MOST_TOLD)
    return Group(headers, [Problem("sheet_not_read", f"Blatt ‚{name}‘", note=why) for name, why in told], [*unread])


def _difference(main: Header, other: Header, name: str) -> str:
    """Say how the columns of a sheet differ, where half of them are the same: perhaps only a word is written in another way."""
    ours, theirs = ({fold(one): one for one in header.names if one} for header in (main, other))
    if 2 * len(ours.keys() & theirs.keys()) < len(ours):
        return f"seine Spalten sind andere als auf ‚{name}‘"
    words = []
    for word, names in (("fehlt", ours.keys() - theirs.keys()), ("gibt es nur hier", theirs.keys() - ours.keys())):
        listed = [f"‚{one}‘" for key, one in (ours | theirs).items() if key in names]
        if listed:
            words.append(f"{word} {', '.join(listed[:MOST_NAMED])}" + (" und mehr" if len(listed) > MOST_NAMED else ""))
    return f"anders als auf ‚{name}‘ {' und '.join(words)}"


def _renamed(header: Header, main: Header) -> Header:
    """Call columns as they are called on the first sheet, where they differ in case or blanks only."""
    known = {fold(name): name for name in main.names if name}
    return replace(header, names=tuple(name and known.get(fold(name), name) for name in header.names))


def _most(options: TableOptions) -> int:
    return SAMPLE + (options.header_row if isinstance(options.header_row, int) else 0)


def _find_table(sheet: Sheet, options: TableOptions) -> tuple[Header, Iterator[Row]]:
    """Find the header of a sheet; give it with all rows."""
    rows = iter(sheet)
    sample = list(islice(rows, _most(options)))
    return _find(sheet, sample, options), chain(sample, rows)


def _find(sheet: Sheet, sample: Sequence[Row], options: TableOptions) -> Header:
    """Find the header in the first rows of a sheet; raise SourceError where there is none."""
    if not any(cell is not None for row in sample for cell in row.cells):
        raise SourceError(Problem("empty_feed"))
    header = find_header(_headings(sample, sheet, options), options)
    if header is None:
        note = f"Auf dem Blatt ‚{sheet.name}‘ gibt es keine Zeile mit Spaltennamen"
        raise SourceError(Problem("wrong_content", note=note))
    return header


def _headings(rows: Sequence[Row], sheet: Sheet, options: TableOptions) -> Sequence[Row]:
    return [_spread(row, sheet) for row in rows] if options.header_rows > 1 else rows


def _spread(row: Row, sheet: Sheet) -> Row:
    """Let a heading that is merged over several columns stand in each of them."""
    cells = list(row.cells)
    for (top, left), (_, right) in sheet.merged:
        if top == row.number - 1 and left < len(cells):
            for column in range(left + 1, min(right + 1, len(cells))):
                cells[column] = cells[column] if cells[column] is not None else cells[left]
    return Row(row.number, cells)
