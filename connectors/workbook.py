"""The bytes of a workbook come in (xlsx, xls, ods); its sheets go out, one after the other, each with its rows.

The workbook is opened by a process of its own (connectors/sheets.py), because some files bring down whoever opens them.
"""

import io
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import orjson

from connectors.contract import SourceError
from connectors.table import Cell, Row
from connectors.text import what_is
from schemas.problems import Problem
from schemas.record import Capture

ZIP = b"PK\x03\x04"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
LARGEST_FILE = 100_000_000  # bytes
LARGEST_UNPACKED = 500_000_000
SPARED = 50_000_000  # unpacked bytes below which nobody asks for the ratio
MAX_RATIO = 200
MOST_PARTS = 10_000
MEMORY = 1_500_000_000  # bytes the reading process may take
SECONDS = 120  # of computing
END = b'{"end":true}\n'


class Sheet:
    """One sheet: its name, whether it is hidden, and its rows, which can be read once."""

    def __init__(self, head: Mapping[str, Any], lines: Iterator[bytes]) -> None:
        self._lines = lines
        self.name: str = head["sheet"]
        self.hidden: bool = head["hidden"]
        self.merged = [((top, left), (bottom, right)) for (top, left), (bottom, right) in head["merged"]]
        self._offset: int = head["offset"]
        self._ended = False

    def __iter__(self) -> Iterator[Row]:
        """Yield the rows, numbered from 1 as the program numbers them, cells merged downwards filled."""
        starting: dict[int, list[tuple[int, int]]] = {}
        for (top, left), (bottom, _) in self.merged:
            if bottom > top:
                starting.setdefault(top, []).append((left, bottom))
        active: list[tuple[int, int, Cell]] = []
        number = 0
        while (cells := self._next()) is not None:
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

    def skip(self) -> None:
        """Pass over the rows that nobody wants."""
        while not self._ended:
            self._next()

    def _next(self) -> list[Cell] | None:
        line = next(self._lines, b"") if not self._ended else END
        self._ended = line == END
        row: list[Cell] | None = None if self._ended else to_line(line)
        return row


class Workbook:
    """The names of all sheets of a workbook, and the sheets that were asked for, which can be read once."""

    def __init__(self, lines: Iterator[bytes]) -> None:
        self._lines = lines
        self.names: list[str] = to_line(next(lines, b""))["sheets"]

    def __iter__(self) -> Iterator[Sheet]:
        while "sheet" in (head := to_line(next(self._lines, b""))):
            sheet = Sheet(head, self._lines)
            yield sheet
            sheet.skip()


def to_line(line: bytes) -> Any:
    """Read a line of the reading process; raise SourceError where it tells an error, or was ended in the middle of a line."""
    try:
        found = orjson.loads(line)
    except ValueError:
        raise SourceError(Problem("too_large", note="die Tabelle braucht zu viel Speicher oder Zeit")) from None
    if isinstance(found, dict) and "error" in found:
        raise SourceError(_to_problem(found))
    return found


@contextmanager
def open_workbook(capture: Capture, wishes: Sequence[int | str] | None, *, most: int | None = None) -> Iterator[Workbook]:
    """Open sheets of a workbook by number or name; without wishes all that hold anything, hidden ones only with `most` rows of each.

    Raises SourceError where the capture is none, or a dangerous one.
    """
    data = _checked(capture)
    script = Path(__file__).with_name("sheets.py")
    # -I: the folder of the script must not be where it looks for modules, `csv` and `json` lie there
    command = [sys.executable, "-I", str(script), str(MEMORY), str(SECONDS), orjson.dumps([wishes, most]).decode()]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL) as process:
        assert process.stdin is not None and process.stdout is not None
        try:
            with suppress(BrokenPipeError):
                process.stdin.write(data)
            with suppress(BrokenPipeError):
                process.stdin.close()
            yield Workbook(iter(process.stdout))
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
