"""The bytes of an Excel file and the name of a sheet come in; what its reader cannot see goes out as problems.

Cells with an error (#NV, #BEZUG!) and formulas that were never calculated look empty to whoever reads the values; hidden rows and
columns look like all others. The sheet's XML is looked through piece by piece and never parsed (ECMA-376, part 1, 18.3).
"""

import io
import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator
from html import unescape

from connectors.words import to_german_count
from schemas.problems import Problem

PIECE, MOST = 1_000_000, 200_000_000  # bytes of the unpacked sheet
LONGEST_CELL = 40_000  # a cell holds 32,767 characters; it may lie on both sides of a piece's end
SHEET = re.compile(rb"<(?:\w+:)?sheet\s[^>]*>")
RELATION = re.compile(rb"<(?:\w+:)?Relationship\s[^>]*>")
HIDDEN_ROW = re.compile(rb"<(?:\w+:)?row\s[^>]*\bhidden=\"(?:1|true)\"")
HIDDEN_COLUMN = re.compile(rb"<(?:\w+:)?col\s[^>]*\bhidden=\"(?:1|true)\"[^>]*>")
ERROR = re.compile(rb"<(?:\w+:)?c\s[^>]*\bt=\"e\"[^>]*>")
# <c r="B2"><f>A1+1</f></c>, with an empty <v> or none
UNCALCULATED = re.compile(rb"<(?:\w+:)?c\s[^>]*>\s*<(?:\w+:)?f(?:\s[^>]*)?(?:/>|>[^<]*</(?:\w+:)?f>)\s*(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v></(?:\w+:)?v>)?\s*</(?:\w+:)?c>")  # fmt: skip  # noqa: E501  one expression
FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")
LAST_COLUMN = 16_384


def look_through(data: bytes, name: str) -> list[Problem]:
    """Tell of errors, formulas without a result, hidden rows and columns on a sheet; nothing of a file that is no xlsx."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            part = _part_of(archive, name)
            return _told(name, *_counted(archive, part)) if part else []
    except (zipfile.BadZipFile, zlib.error, KeyError, OSError, ValueError, NotImplementedError, EOFError, RuntimeError):
        return []  # whoever reads the values says what is wrong with the file


def _part_of(archive: zipfile.ZipFile, name: str) -> str | None:
    """Find the file of a sheet inside the archive by the sheet's name."""
    if "xl/workbook.xml" not in archive.namelist():
        return None
    with archive.open("xl/workbook.xml") as book, archive.open("xl/_rels/workbook.xml.rels") as links:
        sheets, relations = book.read(PIECE), links.read(PIECE)
    wanted = next((tag for tag in SHEET.findall(sheets) if _attribute(tag, "name") == name), None)
    target = next(
        (
            _attribute(tag, "Target")
            for tag in RELATION.findall(relations)
            if wanted and _attribute(tag, "Id") == _attribute(wanted, "id")
        ),
        "",
    )
    return posixpath.normpath(posixpath.join("/xl", target)).lstrip("/") if target else None


def _attribute(tag: bytes, name: str) -> str:
    found = re.search(rf'[\s:]{name}="([^"]*)"', tag.decode("utf-8", "replace"))
    return unescape(found[1]) if found else ""


def _pieces(archive: zipfile.ZipFile, part: str) -> Iterator[bytes]:
    """Yield a sheet in pieces that end at the end of a cell."""
    with archive.open(part) as stream:
        rest, read = b"", 0
        while read < MOST and (block := stream.read(PIECE)):
            read += len(block)
            piece, cut, rest = (rest + block).rpartition(b"</c>" if b"</c>" in block else b">")
            yield piece + cut
            rest = rest[-LONGEST_CELL:]
        yield rest


def _counted(archive: zipfile.ZipFile, part: str) -> tuple[int, int, list[str], list[str]]:
    """Count hidden rows and columns; name the cells with errors and those without a result."""
    rows = columns = 0
    errors: list[str] = []
    empty: list[str] = []
    for piece in _pieces(archive, part):
        hidden = b' hidden="' in piece  # a quick look first: a sheet of a million cells has none of this
        rows += len(HIDDEN_ROW.findall(piece)) if hidden else 0
        for tag in HIDDEN_COLUMN.findall(piece) if hidden else ():
            first, last = (int(_attribute(tag, name) or 0) for name in ("min", "max"))
            columns += last - first + 1 if last < LAST_COLUMN else 0  # all columns right of the table
        errors += [_attribute(tag, "r") for tag in (ERROR.findall(piece) if b' t="e"' in piece else ())]
        empty += [
            _attribute(tag.partition(b">")[0], "r") for tag in (UNCALCULATED.findall(piece) if FORMULA.search(piece) else ())
        ]
    return rows, columns, errors, empty


def _told(name: str, rows: int, columns: int, errors: list[str], empty: list[str]) -> list[Problem]:
    found = []
    if errors:
        many = to_german_count(len(errors), "Eine Zelle enthält", "Zellen enthalten")
        found.append(f"{many} einen Fehler (#NV, #BEZUG!), zum Beispiel {errors[0]}")
    if empty:
        many = to_german_count(len(empty), "Eine Formel hat", "Formeln haben")
        found.append(f"{many} kein gespeichertes Ergebnis, zum Beispiel {empty[0]}")
    hidden = [
        to_german_count(count, *words)
        for count, words in ((rows, ("eine ausgeblendete Zeile", "ausgeblendete Zeilen")),
                             (columns, ("eine ausgeblendete Spalte", "ausgeblendete Spalten"))) if count
    ]  # fmt: skip
    if hidden:
        found.append(f"{' und '.join(hidden)} mitgelesen")
    return [Problem("odd_record", f"Blatt ‚{name}‘", note=note) for note in found]
