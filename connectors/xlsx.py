"""A workbook comes in (xlsx, xls, ods); the records of one of its sheets go out.

The header may lie below banners, cells may be merged, dates arrive as text like `2026-03-02`. The workbook is opened by a process
of its own (connectors/sheets.py), because some files bring down whoever opens them.
"""

import io
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from itertools import chain, islice
from pathlib import Path
from typing import Annotated, Any, ClassVar

import orjson
from pydantic import Field

from connectors.contract import API_VERSION, Completeness, Context, Detection, SourceError
from connectors.sheetmarks import look_through
from connectors.table import COUNTED, Cell, Header, Row, TableOptions, count_records, find_header, read_records
from connectors.text import first_bytes, what_is
from schemas.problems import Problem
from schemas.record import Capture, RawRecord

ZIP = b"PK\x03\x04"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
LARGEST_FILE = 100_000_000  # bytes
LARGEST_UNPACKED = 500_000_000
SPARED = 50_000_000  # unpacked bytes below which nobody asks for the ratio
MAX_RATIO = 200
MOST_PARTS = 10_000
MEMORY = 1_500_000_000  # bytes the reading process may take
SECONDS = 120  # of computing
SAMPLE = 200  # rows in which the header is looked for


class XlsxOptions(TableOptions):
    """A sheet of a workbook."""

    sheet: Annotated[int, Field(ge=1)] | str | None = Field(
        default=None, description="Blatt: Name oder Nummer ab 1; ohne Angabe das erste mit Inhalt"
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
        """Yield the records of the sheet; raise SourceError where there is no such sheet or no table on it."""
        capture = ctx.fetch(options.url, headers=options.headers, auth=options.auth)
        with open_sheet(capture, options.sheet) as sheet:
            header, rows = _find_table(sheet, options)
            name = sheet.name
            yield from look_through(capture.read(), name)
            yield from read_records(
                rows, header, options, most=ctx.limits.max_records, capture=capture.sha256,
                to_locator=lambda number: f"Blatt ‚{name}‘, Zeile {number}",
            )  # fmt: skip

    @classmethod
    def detect(cls, capture: Capture) -> Detection | None:
        """Recognise a workbook with a table on its first sheet."""
        if not first_bytes(capture, 8).startswith((ZIP, OLE)):
            return None
        options = XlsxOptions(url=capture.url)
        try:
            with open_sheet(capture, None) as sheet:
                header, rows = _find_table(sheet, options)
                many = count_records(read_records(rows, header, options, most=COUNTED, capture="", to_locator=str))
                others = [name for name in sheet.names if name != sheet.name]
        except SourceError:
            return None
        reason = f"Tabelle (Excel), Blatt ‚{sheet.name}‘ mit {many} und {header.width} Spalten"
        if others:
            reason += f"; weitere Blätter: {', '.join(others[:5])}"
        return Detection(0.95, {"url": capture.url, "sheet": sheet.name} if others else {"url": capture.url}, reason)


class Sheet:
    """One sheet: its name, the names of all sheets, and its rows, which can be read once."""

    def __init__(self, lines: Iterator[bytes]) -> None:
        self._lines = lines
        first = self._next()
        self.name: str = first["sheet"]
        self.names: list[str] = first["sheets"]
        self.merged = [((top, left), (bottom, right)) for (top, left), (bottom, right) in first["merged"]]
        self._offset: int = first["offset"]

    def __iter__(self) -> Iterator[Row]:
        """Yield the rows, numbered from 1 as the program numbers them, cells merged downwards filled."""
        starting: dict[int, list[tuple[int, int]]] = {}
        for (top, left), (bottom, _) in self.merged:
            if bottom > top:
                starting.setdefault(top, []).append((left, bottom))
        active: list[tuple[int, int, Cell]] = []
        number = 0
        while isinstance(cells := self._next(), list):
            row: list[Cell] = [*([None] * self._offset), *cells]
            active = [merge for merge in active if merge[1] >= number]
            for column, _, value in active:
                if column < len(row) and row[column] is None:
                    row[column] = value
            for column, bottom in starting.get(number, ()):
                if column < len(row):
                    active.append((column, bottom, row[column]))
            number += 1
            yield Row(number, row)

    def _next(self) -> Any:
        line = next(self._lines, b"")
        try:
            found = orjson.loads(line)
        except ValueError:  # the process was ended, perhaps in the middle of a line
            raise SourceError(Problem("too_large", note="die Tabelle braucht zu viel Speicher oder Zeit")) from None
        if isinstance(found, dict) and "error" in found:
            raise SourceError(_to_problem(found))
        return found


@contextmanager
def open_sheet(capture: Capture, wish: int | str | None) -> Iterator[Sheet]:
    """Open one sheet of a workbook; raise SourceError where the capture is none, or a dangerous one."""
    data = _checked(capture)
    script = Path(__file__).with_name("sheets.py")
    # -I: the folder of the script must not be where it looks for modules, `csv` and `json` lie there
    command = [sys.executable, "-I", str(script), str(MEMORY), str(SECONDS), orjson.dumps(wish).decode()]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL) as process:
        assert process.stdin is not None and process.stdout is not None
        try:
            with suppress(BrokenPipeError):
                process.stdin.write(data)
            with suppress(BrokenPipeError):
                process.stdin.close()
            yield Sheet(iter(process.stdout))
        finally:
            process.kill()


def _checked(capture: Capture) -> bytes:
    """Read a capture that is a workbook and no bomb, by what it says of itself."""
    if capture.size > LARGEST_FILE:
        raise SourceError(Problem("too_large", note=f"eine Tabelle mit mehr als {LARGEST_FILE // 1_000_000} MB"))
    data = capture.read()
    if not data.strip():
        raise SourceError(Problem("empty_feed"))
    if data.startswith(OLE):
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise SourceError(_to_problem({"error": "password"}))
        return data
    if not data.startswith(ZIP):
        other = what_is(data[:65_536]) or "eine Textdatei"
        raise SourceError(Problem("wrong_content", note=f"Dort liegt {other}, keine Excel-Datei"))
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, EOFError) as error:
        raise SourceError(Problem("broken_file", note="die Excel-Datei ist beschädigt oder unvollständig")) from error
    unpacked = sum(part.file_size for part in parts)
    if len(parts) > MOST_PARTS or unpacked > LARGEST_UNPACKED or (unpacked > SPARED and unpacked > MAX_RATIO * len(data)):
        raise SourceError(Problem("too_large", note="die Tabelle wird beim Entpacken zu groß"))
    names = {part.filename for part in parts}
    if not names & {"xl/workbook.xml", "xl/workbook.bin", "content.xml"}:
        other = "eine Word-Datei" if "word/document.xml" in names else "ein ZIP-Archiv"
        raise SourceError(Problem("wrong_content", note=f"Dort liegt {other}, keine Excel-Datei"))
    return data


def _to_problem(error: Mapping[str, Any]) -> Problem:
    match error["error"]:
        case "password":
            return Problem("broken_file", note="sie ist mit einem Kennwort geschützt")
        case "memory":
            return Problem("too_large", note="die Tabelle braucht zu viel Speicher")
        case "sheet":
            names = ", ".join(f"‚{name}‘" for name in error["sheets"][:10])
            return Problem("bad_config", note=f"Das Blatt (sheet) gibt es nicht; vorhanden: {names or 'keines'}")
        case _:
            return Problem("broken_file", note="die Excel-Datei ist beschädigt oder unvollständig")


def _find_table(sheet: Sheet, options: XlsxOptions) -> tuple[Header, Iterator[Row]]:
    """Find the header of a sheet; give it with all rows."""
    rows = iter(sheet)
    sample = list(islice(rows, SAMPLE + (options.header_row if isinstance(options.header_row, int) else 0)))
    if not any(cell is not None for row in sample for cell in row.cells):
        raise SourceError(Problem("empty_feed"))
    header = find_header([_spread(row, sheet) for row in sample] if options.header_rows > 1 else sample, options)
    if header is None:
        note = f"Auf dem Blatt ‚{sheet.name}‘ gibt es keine Zeile mit Spaltennamen"
        raise SourceError(Problem("wrong_content", note=note))
    return header, chain(sample, rows)


def _spread(row: Row, sheet: Sheet) -> Row:
    """Let a heading that is merged over several columns stand in each of them."""
    cells = list(row.cells)
    for (top, left), (_, right) in sheet.merged:
        if top == row.number - 1 and left < len(cells):
            for column in range(left + 1, min(right + 1, len(cells))):
                cells[column] = cells[column] if cells[column] is not None else cells[left]
    return Row(row.number, cells)
