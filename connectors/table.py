"""Rows of cells come in, from a CSV file or a sheet; records under their column names go out, and problems for odd rows.

What csv, xlsx and the tables of web pages share: finding the header below banners and remarks, names for columns, rows that are
too short or too long.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from types import MappingProxyType
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from connectors.contract import Options, SourceError, over_limit
from schemas.problems import Problem
from schemas.record import RawRecord
from schemas.vocabulary import fold

Cell = str | int | float | bool | None  # None is an empty cell; text of nothing but blanks is one, too

SEARCHED = 60  # rows in which the header is looked for
COUNTED = 10_000  # rows that detect counts
MOST_COLUMNS = 16_384  # as many as Excel has
REPORTED = 20  # odd rows of one sort that are told one by one
WIDE = 4  # a table of so many columns does not fill only one of them
# What stands in rows, not in a header: "12,50", "01.03.2026", "2026-03-01T10:00", "14:30 Uhr", "info@x.de", "https://…"
DATA = re.compile(
    r"[-+]?\d+[.,]\d+|\d{1,2}\.\d{1,2}\.(\d{4}|\d{2})?|\d{4}-\d\d-\d\d.*|\d{1,2}[:.]\d\d( Uhr)?"
    r"|[^\s@]+@[^\s@]+\.\w+|(https?://|www\.)\S+"
)
NUMBER = re.compile(r"[-+]?\d+")


@dataclass(frozen=True, slots=True)
class Row:
    """One row as a spreadsheet numbers it; `fault` says what is wrong with it, `mended` that its cells can be read."""

    number: int
    cells: Sequence[Cell]
    fault: str = ""
    mended: bool = False


@dataclass(frozen=True, slots=True)
class Header:
    """The names of the columns; None for a column without one. `rows` are the rows it takes, from the first to the last."""

    names: tuple[str | None, ...]
    rows: tuple[int, int]

    @property
    def width(self) -> int:
        """Columns up to the last one with a name."""
        return max((place for place, name in enumerate(self.names, start=1) if name), default=0)


def _to_tuple(value: object) -> object:
    return (value,) if isinstance(value, str) else value


class TableOptions(Options):
    """What every kind of table can be told."""

    header_row: Literal["auto", "none"] | Annotated[int, Field(ge=1)] = Field(
        default="auto", description="Zeile der Spaltennamen, wie die Tabelle sie zählt; auto: suchen; none: es gibt keine"
    )
    header_rows: int = Field(default=1, ge=1, le=5, description="Zahl der Zeilen, über die sich die Spaltennamen erstrecken")
    id: Annotated[tuple[str, ...], BeforeValidator(_to_tuple, json_schema_input_type=str | tuple[str, ...])] = Field(
        default=(), description="Spalte oder Spalten mit der Kennung eines Angebots", examples=["Kursnummer"]
    )


def find_header(rows: Sequence[Row], options: TableOptions) -> Header | None:
    """Find the header in the first rows of a table; None where no row looks like one. Raises SourceError for a wrong option."""
    if options.header_row == "none":
        width = max((len(row.cells) for row in rows), default=0)
        return None if width > MOST_COLUMNS else Header(tuple(f"Spalte {place}" for place in range(1, width + 1)), (0, 0))
    if isinstance(options.header_row, int):
        place = next((place for place, row in enumerate(rows) if row.number == options.header_row), None)
        if place is None or not _filled(rows[place].cells):
            raise SourceError(Problem("bad_config", note=f"In Zeile {options.header_row} stehen keine Spaltennamen (header_row)"))
    else:
        place = _search(rows, options.header_rows)
    if place is None:
        return None
    taken = rows[place : place + options.header_rows]
    labels = _join([row.cells for row in taken])
    return None if len(labels) > MOST_COLUMNS else Header(_to_names(labels), (taken[0].number, taken[-1].number))


def find_same(rows: Sequence[Row], header: Header, height: int) -> Header | None:
    """Find the row that names the same columns as another table, in whatever order and case; it gets that table's names.

    None where no row does.
    """
    known = {fold(name): name for name in header.names if name}
    for place in range(min(len(rows), SEARCHED)):
        taken = rows[place : place + height]
        labels = _join([row.cells for row in taken])
        if len(labels) - labels.count("") != len(known):  # most rows are told apart by this alone
            continue
        names = _to_names(labels)
        if {fold(name) for name in names if name} == known.keys():
            return Header(tuple(name and known[fold(name)] for name in names), (taken[0].number, taken[-1].number))
    return None


def read_records(
    rows: Iterable[Row],
    header: Header,
    options: TableOptions,
    *,
    most: int,
    capture: str,
    to_locator: Callable[[int], str],
    beside: Mapping[str, str] = MappingProxyType({}),
) -> Iterator[RawRecord | Problem]:
    """Yield a record for each row below the header, and problems; raise SourceError where a column is missing.

    Behind `most` rows, empty ones among them, the table is read no further. `beside` are fields that stand in no column and
    are the same for all records, like the name of the sheet.
    """
    keys: list[int | str] = []
    for name in options.id:
        if name not in header.names and name not in beside:
            raise SourceError(Problem("missing_column", value=name))
        keys.append(header.names.index(name) if name in header.names else beside[name])
    to_data = _reader(header)
    last, width, columns = header.rows[1], header.width, len(header.names)
    told: Counter[str] = Counter()
    for seen, row in enumerate(rows):
        cells = row.cells
        filled = len(cells) - cells.count(None)
        if seen - last >= most:
            yield over_limit(most)
            break
        if row.number <= last or not (filled or row.fault):
            continue
        fault = row.fault if not row.mended else ""
        if len(cells) > columns and filled > columns - cells[:columns].count(None):
            fault = fault or f"{len(cells)} Zellen bei {columns} Spalten, vielleicht steht ein Trennzeichen im Text"
        odd = row.fault
        if filled == 1 and width >= WIDE:
            odd = "nur eine Zelle ist gefüllt, darum kein Angebot"
        elif len(cells) < width:
            odd = odd or f"nur {len(cells)} von {width} Zellen; die übrigen gelten als leer"
        if fault:
            yield Problem("bad_record", locator=to_locator(row.number), note=fault)
            continue
        if odd:
            told[odd] += 1
            if told[odd] <= REPORTED:
                value = f" („{next(cell for cell in cells if cell is not None)}“)"[:60] if filled == 1 else ""
                yield Problem("odd_record", locator=to_locator(row.number), note=odd + value)
        if filled == 1 and width >= WIDE:
            continue
        data = to_data(cells)
        yield RawRecord({**data, **beside} if beside else data, to_locator(row.number), capture, _to_id(cells, keys))
    for odd, times in told.items():
        if times > REPORTED:
            yield Problem("odd_record", locator=f"{times - REPORTED} weitere Zeilen", note=odd)


def count_records(items: Iterator[RawRecord | Problem]) -> str:
    """Say in German how many rows a table has, read up to a number."""
    kinds = Counter(item.code if isinstance(item, Problem) else "record" for item in items)
    if kinds["record_limit"]:
        return f"mehr als {COUNTED} Zeilen"
    return "einer Zeile" if kinds["record"] == 1 else f"{kinds['record']} Zeilen"


def _reader(header: Header) -> Callable[[Sequence[Cell]], dict[str, Cell]]:
    """Give the function that names cells. Where a column without a name holds something, its place is its name."""
    named = [(place, name) for place, name in enumerate(header.names) if name is not None]
    nameless = [(place, f"Spalte {place + 1}") for place, name in enumerate(header.names) if name is None]
    names = [name for _, name in named]

    def to_data(cells: Sequence[Cell]) -> dict[str, Cell]:
        if len(cells) == len(names) and not nameless:
            return dict(zip(names, cells, strict=True))
        data = {name: cells[place] if place < len(cells) else None for place, name in named}
        for place, name in nameless:  # some programs end each line with a delimiter, the header included or not
            if place < len(cells) and cells[place] is not None:
                data[name] = cells[place]
        return data

    return to_data


def _to_id(cells: Sequence[Cell], keys: Sequence[int | str]) -> str | None:
    """Join the cells of an id, and what stands beside them as a text; None where all of its cells are empty."""
    parts = [key if isinstance(key, str) else cells[key] if key < len(cells) else None for key in keys]
    if all(part is None or isinstance(key, str) for key, part in zip(keys, parts, strict=True)):
        return None
    return "|".join("" if part is None else str(part).strip() for part in parts)


def _search(rows: Sequence[Row], height: int) -> int | None:
    """Find the row that names the columns: the first that spans most of the table, and whose cells are words and differ."""
    spans = [_filled(row.cells) for row in rows]
    found: list[tuple[int, int]] = []
    for place in range(min(len(rows), SEARCHED)):
        below = [span for span in spans[place + height :] if span > 1] or [span for span in spans[place + height :] if span]
        labels = [label for label in _join([row.cells for row in rows[place : place + height]]) if label]
        if labels and spans[place] and len(labels) >= 0.6 * (median(below) if below else 1) and _are_labels(labels):
            found.append((place, len(labels)))
    most = max((labels for _, labels in found), default=0)  # a banner may have several cells, but not as many
    return next((place for place, labels in found if labels >= 0.7 * most), None)


def _are_labels(labels: Sequence[str]) -> bool:
    words = [label for label in labels if not NUMBER.fullmatch(label)]  # years are fine beside words
    return (
        bool(words)
        and not any(DATA.fullmatch(label) or len(label) > 200 for label in labels)
        and 2 * len(set(labels)) > len(labels)
    )


def _join(rows: Sequence[Sequence[Cell]]) -> list[str]:
    """Join the rows of a header into one label per column, "" where there is none."""
    labels = []
    for place in range(max(len(row) for row in rows)):
        # a table glued together from several files carries a byte order mark before its first word
        parts = (
            " ".join(str(row[place]).replace("\ufeff", " ").split())
            for row in rows
            if place < len(row) and row[place] is not None
        )
        labels.append(" ".join(dict.fromkeys(parts)))
    return labels


def _to_names(labels: Sequence[str]) -> tuple[str | None, ...]:
    """Give each label once: Datum, Datum (2)."""
    names: dict[str, None] = {}
    times: Counter[str] = Counter()
    found: list[str | None] = []
    for label in labels:
        name = label
        while name in names:
            times[label] += 1
            name = f"{label} ({times[label] + 1})"
        if label:
            names[name] = None
        found.append(name or None)
    return tuple(found)


def _filled(cells: Sequence[Cell]) -> int:
    return len(cells) - cells.count(None)
