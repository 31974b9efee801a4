"""A CSV file comes in as partners have it; its records go out, one after the other, however long the file is.

RFC 4180 and what spreadsheets make of it: other delimiters, a first line `sep=;`, remarks above the header, any encoding, any
line end, rows of unequal length. A row is numbered as a spreadsheet shows it: a cell with line breaks counts once, and the line
`sep=;`, which spreadsheets swallow, not at all.
"""

import csv
import re
from collections import deque
from collections.abc import Iterator, Sequence
from itertools import chain, islice
from typing import Any, ClassVar, Literal

from pydantic import Field, field_validator

from connectors.contract import API_VERSION, Completeness, Context, Detection, SourceError, never_empty
from connectors.table import COUNTED, Header, Row, TableOptions, count_records, find_header, read_records
from connectors.text import GUESSES, find_encoding, first_bytes, is_codec, open_text, read_lines, what_is
from schemas.problems import Problem
from schemas.record import Capture, RawRecord

DELIMITERS = {";": "Semikolon", ",": "Komma", "\t": "Tabulator", "|": "senkrechter Strich"}
SEP = re.compile(r'"?sep=([^\s"]|\t)"?\s*', re.I)  # "sep=;"
LONGEST_LINE = 10_000_000  # signs; what is longer is no line of a table
MOST_LINES = 1_000  # of one record: a quotation mark that nobody closes would swallow the rest of the file
MANY_LINES = 20  # of one record, though its cells are too few
MOST_AGAIN = 300_000  # lines that are read again because of such marks, before the file is given up
SAMPLE = 200  # lines from which delimiter and header are found


class CsvOptions(TableOptions):
    """A text file with one line per offer."""

    encoding: str | None = Field(default=None, description="Zeichenkodierung, falls wir sie falsch raten", examples=["cp1252"])
    delimiter: Literal[";", ",", "\t", "|"] | None = Field(default=None, description="Trennzeichen; ohne Angabe wird es gesucht")
    quote: str = Field(default='"', max_length=1, description="Anführungszeichen um Zellen; leer: es gibt keine")
    skip_rows: int = Field(default=0, ge=0, description="So viele Zeilen am Anfang überspringen")
    comment: str | None = Field(default=None, min_length=1, description="Zeilen, die so beginnen, überspringen", examples=["#"])

    @field_validator("encoding")
    @classmethod
    def _known_codec(cls, value: str | None) -> str | None:
        if value is not None and not is_codec(value):
            raise ValueError(f"‚{value}‘ ist keine Zeichenkodierung; möglich sind zum Beispiel utf-8 und cp1252")
        return value


class CsvConnector:
    """CSV files."""

    kind: ClassVar[str] = "csv"
    title: ClassVar[str] = "Eine CSV-Datei, zum Beispiel aus Excel gespeichert: eine Zeile je Angebot"
    api_version: ClassVar[int] = API_VERSION
    options: ClassVar[type[CsvOptions]] = CsvOptions
    completeness: ClassVar[Completeness] = Completeness.SNAPSHOT
    nested: ClassVar[bool] = False
    depends_on_day: ClassVar[bool] = False
    default_map: ClassVar[dict[str, Any]] = {}

    def entries(self, options: CsvOptions) -> Sequence[str]:
        return (options.url,)

    def read(self, options: CsvOptions, ctx: Context) -> Iterator[RawRecord | Problem]:
        """Yield the records of the file; raise SourceError where it is no table."""
        capture = ctx.fetch(options.url, headers=options.headers, auth=options.auth)
        _refuse_others(capture)
        encoding = find_encoding(capture, options.encoding)
        if encoding.guessed:
            yield Problem("encoding_guess", value=encoding.shown)
        with open_text(capture, encoding) as stream:
            lines = _Lines(read_lines(stream, LONGEST_LINE), options)
            rows, header, _ = _open_table(lines, options)
            most = ctx.limits.max_records
            yield from never_empty(read_records(rows, header, options, most=most, capture=capture.sha256, to_locator=to_locator))
        if lines.nuls:
            yield Problem(
                "odd_record", locator="Datei", note=f"unsichtbare Nullzeichen in {lines.nuls} Zeilen, sie gelten als nichts"
            )

    @classmethod
    def detect(cls, capture: Capture) -> Detection | None:
        """Recognise a table by rows of equal length under a header."""
        if what_is(first_bytes(capture)):
            return None
        options = CsvOptions(url=capture.url)
        encoding = find_encoding(capture)
        try:
            with open_text(capture, encoding) as stream:
                rows, header, alike = _open_table(_Lines(read_lines(stream, LONGEST_LINE), options), options)
                found_rows = read_records(rows, header, options, most=COUNTED, capture="", to_locator=str)
                many = count_records(never_empty(found_rows))
        except SourceError:
            return None
        if alike < 0.5:
            return None
        named = capture.media_type in ("text/csv", "text/tab-separated-values") or capture.url.lower().endswith((".csv", ".tsv"))
        found: dict[str, Any] = {"url": capture.url}
        if encoding.guessed and encoding.codec in GUESSES:
            found["encoding"] = encoding.codec
        reason = f"Tabelle (CSV, {DELIMITERS.get(rows.delimiter, rows.delimiter)}) mit {many} und {header.width} Spalten"
        return Detection(0.9 if named else 0.5 if header.width > 2 else 0.3, found, reason)


def _refuse_others(capture: Capture) -> None:
    """Raise SourceError where a capture is empty, or something that only pretends to be CSV."""
    head = first_bytes(capture)
    if not head.strip(b" \t\r\n\x00\xef\xbb\xbf\xff\xfe"):
        raise SourceError(Problem("empty_feed"))
    other = what_is(head)
    if other:
        raise SourceError(Problem("wrong_content", note=f"Dort liegt {other}, keine CSV-Datei"))


class _Lines:
    """The lines of a file without `sep=`, comments, skipped lines and NULs; `number` is the row before the first that is left."""

    def __init__(self, lines: Iterator[tuple[str, bool]], options: CsvOptions) -> None:
        self.number = 0
        self.nuls = 0
        self.delimiter: str | None = None
        self._comment = options.comment
        first = next(lines, ("", True))
        if sep := SEP.fullmatch(first[0]):
            self.delimiter = sep[1]
        else:
            lines = chain([first], lines)
        for _ in islice(lines, options.skip_rows):
            self.number += 1
        self._lines = lines

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line, whole = next(self._lines)
        if not whole:
            raise SourceError(Problem("too_large", note=f"eine Zeile mit mehr als {LONGEST_LINE // 1_000_000} Millionen Zeichen"))
        if "\x00" in line:
            self.nuls += 1
            line = line.replace("\x00", "")
        if self._comment and line.startswith(self._comment):
            return "\n"
        return line


def to_locator(number: int) -> str:
    return f"Zeile {number}"


class _Rows:
    """Cuts lines into rows. A row that a stray quotation mark has spoiled gives its further lines back: neighbours are spared."""

    def __init__(self, lines: Iterator[str], delimiter: str, quote: str, number: int, header: Header | None = None) -> None:
        self.delimiter = delimiter
        self._dialect: dict[str, Any] = {"delimiter": delimiter, "quotechar": quote or None}
        if not quote:
            self._dialect["quoting"] = csv.QUOTE_NONE
        self._lines = lines
        self._header = header
        self._number = number
        self._again: deque[str] = deque()
        self._taken: list[str] = []
        self._times = 0

    def __iter__(self) -> Iterator[Row]:
        csv.field_size_limit(MOST_LINES * LONGEST_LINE)  # our own limits hold; this one is a setting of the whole process
        taken = self._taken
        while True:
            reader = csv.reader(self._feed(), strict=True, **self._dialect)
            try:
                for cells in reader:
                    self._number += 1
                    if len(taken) > 1 and self._swallowed(cells):
                        break
                    taken.clear()
                    yield Row(self._number, [cell if cell and not cell.isspace() else None for cell in cells])
                else:
                    return
            except csv.Error:
                self._number += 1
            yield self._spoiled()

    def _feed(self) -> Iterator[str]:
        size = 0
        while (line := self._again.popleft() if self._again else next(self._lines, None)) is not None:
            size = len(line) if not self._taken else size + len(line)
            self._taken.append(line)
            if len(self._taken) > MOST_LINES or size > 2 * LONGEST_LINE:
                raise csv.Error("a quotation mark is not closed")
            yield line

    def _swallowed(self, cells: Sequence[str]) -> bool:
        """Tell whether a row of several lines is none: too many cells, or too few in very many lines."""
        if self._header is None:
            return False
        return len(cells) > len(self._header.names) or (len(cells) < self._header.width and len(self._taken) > MANY_LINES)

    def _spoiled(self) -> Row:
        """Read the first line of a spoiled row as well as it goes, and give back the others."""
        first, *others = self._taken
        self._taken.clear()
        self._again.extendleft(reversed(others))
        self._times += len(others)
        if self._times > MOST_AGAIN:
            raise SourceError(Problem("broken_file", note="zu viele Anführungszeichen werden nicht geschlossen"))
        line = first.rstrip("\r\n")
        plain = {**self._dialect, "quoting": csv.QUOTE_NONE}
        for dialect in (plain, self._dialect):  # as it stands there: "Kita "Sonne""; or the delimiter lies inside of quotes
            cells = next(csv.reader([line], **dialect), [])
            mended = self._header is not None and len(cells) == self._header.width
            if mended:
                break
        quote = self._dialect["quotechar"]
        if dialect is plain:
            cells = [cell[1:-1] if len(cell) > 1 and cell[0] == cell[-1] == quote else cell for cell in cells]
        return Row(self._number, [cell.strip() or None for cell in cells], "die Anführungszeichen sind nicht paarig", mended)


def _open_table(lines: _Lines, options: CsvOptions) -> tuple[_Rows, Header, float]:
    """Find the delimiter whose rows are most alike below a header, and how alike they are (0 to 1).

    Raises SourceError where none makes a table.
    """
    sample = list(islice(lines, SAMPLE + (options.header_row if isinstance(options.header_row, int) else 0)))
    wish = options.delimiter or lines.delimiter
    best: tuple[float, int, str, Header] | None = None
    for delimiter in [wish] if wish else DELIMITERS:
        rows = list(_Rows(iter(sample), delimiter, options.quote, lines.number))
        header = find_header(rows, options)
        if header is None or (header.width < 2 and not wish):
            continue
        below = [len(row.cells) for row in rows if row.number > header.rows[1] and any(row.cells)]
        alike = round(sum(header.width <= width <= len(header.names) for width in below) / max(1, len(below)), 1)
        if best is None or (alike, header.width) > best[:2]:
            best = (alike, header.width, delimiter, header)
    if best is None:
        raise SourceError(Problem("wrong_content", note="Das ist keine Tabelle mit Spaltennamen und Trennzeichen"))
    alike, _, delimiter, header = best
    rows_left = _Rows(chain(sample, lines), delimiter, options.quote, lines.number, header)
    return rows_left, header, alike
