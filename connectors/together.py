"""The sheets of a workbook come in; the tables that are read go out: one, or several that belong together, and what is told of the others.

A sheet per month or per district is one list on several sheets: those whose columns are called the same are read as one table. Their
records carry the name of their sheet in a field of its own, because often it stands nowhere else.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import chain, islice
from typing import Annotated

from pydantic import Field

from connectors.contract import SourceError
from connectors.table import Header, Row, TableOptions, find_header, find_same
from connectors.workbook import Sheet, open_workbook
from schemas.headers import to_meanings
from schemas.problems import Problem
from schemas.record import SHEET, Capture
from schemas.vocabulary import fold

ALL = "*"  # no sheet can be called so
SAMPLE = 200  # rows in which the header is looked for
MOST_BROKEN = 4  # sheets that end the process, until the rest is given up
NARROW = 2  # columns: „Stand“ and „01.11.2026“
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
    named = wish if isinstance(wish, tuple) else None if wish is None or wish == ALL else (wish,)
    with open_workbook(capture, named) as book:
        if len(named or book.names) == 1:
            sheet = next(iter(book), None)
            if sheet is None:
                raise SourceError(Problem("empty_feed"))
            header, rows = _find_table(sheet, options)
            yield Group({sheet.name: header}), iter([_table(sheet, header, rows, options, alone=wish != ALL)])
            return
    group = _look(capture, named, book.names, options, like_first=wish is None)
    with open_workbook(capture, [*group.headers]) as book:
        alone = wish is None and len(group.headers) == 1
        yield group, (_table(sheet, group.headers[sheet.name], sheet, options, alone=alone) for sheet in book)


def _table(sheet: Sheet, header: Header, rows: Iterable[Row], options: TableOptions, *, alone: bool) -> Table:
    """Give a table with the name of its sheet beside, unless the partner has a column of that name or there is but this sheet."""
    named = SHEET not in header.names and (SHEET in options.id or not alone)
    return Table(sheet.name, header, rows, {SHEET: sheet.name} if named else {})


def _look(
    capture: Capture, named: Sequence[int | str] | None, names: Sequence[str], options: TableOptions, *, like_first: bool
) -> Group:
    """Look at the first rows of each sheet; find out which are read and what is told of the others."""
    found = _Looking(options, named is not None, like_first)
    wishes = named
    for _ in range(MOST_BROKEN):
        last: str | None = None
        try:
            with open_workbook(capture, wishes, most=_most(options)) as book:
                for sheet in book:
                    found.judge(sheet, list(sheet))
                    last = sheet.name
            break
        except SourceError:  # this sheet brings down whoever opens it; the others may be sound
            if not found.headers or named is not None:
                raise
            left = names[names.index(last) + 1 :] if last is not None else wishes or names
            found.unread |= {str(name): "es ist beschädigt oder zu groß" for name in left[:1]}
            wishes = left[1:]
            if not wishes:
                break
    else:
        found.unread |= {str(name): "davor stehen zu viele beschädigte Blätter" for name in wishes or ()}
    if not found.headers:
        raise found.error or SourceError(Problem("empty_feed"))
    told = islice(found.unread.items(), MOST_TOLD)
    problems = [Problem("sheet_not_read", f"Blatt ‚{name}‘", note=found.why(how)) for name, how in told]
    return Group(found.headers, problems, [*found.unread])


@dataclass(slots=True)
class _Looking:
    """What is known of the sheets seen so far; the first with a header is the one that others are compared with.

    A cover or a legend is it only where no table follows.
    """

    options: TableOptions
    all_wanted: bool  # also what is hidden
    like_first: bool
    headers: dict[str, Header] = field(default_factory=dict)
    unread: dict[str, str | Header] = field(default_factory=dict)  # name: why, or its header where that is why
    error: SourceError | None = None

    def judge(self, sheet: Sheet, rows: Sequence[Row]) -> None:
        """Take a sheet by its first rows, or say why it is not read; an empty one is nothing to speak of."""
        rows = [_spread(row, sheet) for row in rows] if self.options.header_rows > 1 else rows
        main = next(iter(self.headers.values()), None)
        same = find_same(rows, main, self.options.header_rows) if main is not None else None
        if sheet.hidden and not self.all_wanted:
            self.unread |= {sheet.name: "es ist ausgeblendet"} if same else {}
            return
        try:
            header = same or _find(sheet, rows, self.options)
        except SourceError as error:
            self.error = self.error or error
            self.unread |= {sheet.name: "es hat keine Zeile mit Spaltennamen"} if error.problem.code != "empty_feed" else {}
            return
        if main is not None and same is None and self.like_first:
            if _is_cover(main) and not _is_cover(header):
                self.unread |= self.headers
                self.headers = {sheet.name: header}
            else:
                self.unread[sheet.name] = header
        else:
            self.headers[sheet.name] = _renamed(header, main) if main is not None else header

    def why(self, unread: str | Header) -> str:
        """Say why a sheet is not read."""
        name, main = next(iter(self.headers.items()))
        return unread if isinstance(unread, str) else _difference(main, unread, name)


def _is_cover(header: Header) -> bool:
    """Say whether a sheet looks like a cover or a legend: two columns at most, and none of them is called like a title."""
    return header.width <= NARROW and not any(
        meaning.target == "title" and fold(name) != "name" for name in header.names if name for meaning in to_meanings([name])
    )


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
    return f"anders als auf ‚{name}‘ {' und '.join(words)}" if words else "es hat keine Zeile mit Spaltennamen"


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
    headings = [_spread(row, sheet) for row in sample] if options.header_rows > 1 else sample
    return _find(sheet, headings, options), chain(sample, rows)


def _find(sheet: Sheet, sample: Sequence[Row], options: TableOptions) -> Header:
    """Find the header in the first rows of a sheet; raise SourceError where there is none."""
    if not any(cell is not None for row in sample for cell in row.cells):
        raise SourceError(Problem("empty_feed"))
    header = find_header(sample, options)
    if header is None:
        note = f"Auf dem Blatt ‚{sheet.name}‘ gibt es keine Zeile mit Spaltennamen"
        raise SourceError(Problem("wrong_content", note=note))
    return header


def _spread(row: Row, sheet: Sheet) -> Row:
    """Let a heading that is merged over several columns stand in each of them."""
    cells = list(row.cells)
    for (top, left), (_, right) in sheet.merged:
        if top == row.number - 1 and left < len(cells):
            for column in range(left + 1, min(right + 1, len(cells))):
                cells[column] = cells[column] if cells[column] is not None else cells[left]
    return Row(row.number, cells)
