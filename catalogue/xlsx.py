"""Frames in, one workbook out: German headings, labels instead of codes, everything typed as what it is.

Text stands in the file as text (inline strings), so a cell that begins with `=` or `+49` is shown, never computed. Written by
hand because a workbook of 100,000 offers is then a matter of a second. A sheet ends where the format does, at 1,048,576 rows; the
next rows stand in a further sheet ("Termine 2"). Specification: ECMA-376, SpreadsheetML.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from xml.sax.saxutils import escape

import polars as pl

from catalogue.zipped import Piece, Zip

MAX_ROWS = 1_048_575  # below the heading; the format ends there
MAX_BYTES = 4_000_000_000  # of a sheet: not every program reads a workbook with ZIP64
SLICE = 2_000  # rows turned into text at once: their cells are many times as large as their values
MAX_TEXT = 32_767  # characters a cell can hold
ILLEGAL = "[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]"  # not allowed in XML 1.0
UNSAFE = rf"[&<>\r{ILLEGAL[1:-1]}]|^\s|\s$"  # cells with any of these must be rewritten
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"
TEXT, TEXT_END = '<c t="inlineStr"><is><t', "</t></is></c>"
SPACED = ' xml:space="preserve">'  # blanks at the edges count
NUMBER, NUMBER_END = "<c><v>", "</v></c>"

STYLES = (
    f'{HEAD}<styleSheet xmlns="{MAIN}"><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border/></borders>'
    '<cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="2"><xf xfId="0"/>'
    '<xf xfId="0" fontId="1" applyFont="1"/></cellXfs></styleSheet>'
)


@dataclass(frozen=True, slots=True)
class Part:
    """Rows of a sheet, deflated: where they lie, and how many rows they are."""

    path: Path
    piece: Piece
    rows: int

    def deflated(self) -> bytes:
        """Read the deflated rows."""
        with self.path.open("rb") as stream:
            stream.seek(self.piece.start)
            return stream.read(self.piece.size)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet: its name, its headings in order of the columns, and its rows."""

    name: str
    headings: Sequence[str]
    parts: Sequence[Part]


def within_limits(sheet: Sheet) -> Iterator[Sheet]:
    """Yield a sheet, or several where it has more rows than the format can hold."""
    number, rows, size, parts = 1, 0, 0, list[Part]()
    for part in sheet.parts:
        if parts and (rows + part.rows > MAX_ROWS or size + part.piece.raw > MAX_BYTES):
            yield replace(sheet, name=_numbered(sheet.name, number), parts=parts)
            number, rows, size, parts = number + 1, 0, 0, []
        parts.append(part)
        rows, size = rows + part.rows, size + part.piece.raw
    yield replace(sheet, name=_numbered(sheet.name, number), parts=parts)


def _numbered(name: str, number: int) -> str:
    return name if number == 1 else f"{name} {number}"


def write_xlsx(whole: Sequence[Sheet], path: Path) -> None:
    """Write the sheets into a workbook."""
    sheets = [part for sheet in whole for part in within_limits(sheet)]
    with Zip(path) as book:
        book.add("[Content_Types].xml", _content_types(len(sheets)).encode())
        book.add("_rels/.rels", _relations([("officeDocument", "xl/workbook.xml")]).encode())
        book.add("xl/workbook.xml", _workbook(sheets).encode())
        names = [("worksheet", f"worksheets/sheet{number}.xml") for number in range(1, len(sheets) + 1)]
        book.add("xl/_rels/workbook.xml.rels", _relations([*names, ("styles", "styles.xml")]).encode())
        book.add("xl/styles.xml", STYLES.encode())
        for number, sheet in enumerate(sheets, 1):
            with book.member(f"xl/worksheets/sheet{number}.xml") as member:
                with member.piece() as out:
                    out.write(_sheet_head(sheet).encode())
                for part in sheet.parts:
                    member.take([part.deflated()], part.piece)
                with member.piece() as out:
                    out.write(b"</sheetData></worksheet>")


def _sheet_head(sheet: Sheet) -> str:
    headings = "".join(f'<c s="1" t="inlineStr"><is><t>{escape(heading)}</t></is></c>' for heading in sheet.headings)
    return (
        f'{HEAD}<worksheet xmlns="{MAIN}"><sheetViews><sheetView workbookViewId="0">'
        '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
        f'<cols><col min="1" max="{len(sheet.headings)}" width="22" customWidth="1"/></cols><sheetData><row>{headings}</row>'
    )


def to_cells(frame: pl.DataFrame) -> Iterable[bytes]:
    """Yield the rows of a frame as they stand in a sheet, some at a time."""
    for part in frame.iter_slices(SLICE):
        strings = pl.col(pl.String)
        unsafe = part.select(strings.str.contains(UNSAFE).any() | (strings.str.len_bytes() > MAX_TEXT).any())
        written = {name for name, found in zip(unsafe.columns, unsafe.row(0) if unsafe.width else (), strict=True) if found}
        texts, before = [], "<row>"  # `before` is what stands before the next value and is the same in all rows
        for values in part:
            if values.null_count() == len(values):
                before += "<c/>"
            elif values.null_count() == 0 and values.dtype != pl.Boolean:
                begin, end = (TEXT, TEXT_END) if values.dtype == pl.String else (NUMBER, NUMBER_END)
                texts += [pl.lit(before + begin), _value(values, values.name in written)]
                before = end
            else:
                texts += [pl.lit(before), _cell(values, values.name in written).fill_null("<c/>")]
                before = ""
        texts.append(pl.lit(f"{before}</row>"))
        yield part.select(pl.concat_str(texts).str.join("").cast(pl.Binary)).item()


def _cell(values: pl.Series, unsafe: bool) -> pl.Expr:
    """Make the cells of a column, null where the value is."""
    if values.dtype == pl.Boolean:
        return pl.concat_str(pl.lit('<c t="b"><v>'), pl.col(values.name).cast(pl.Int8), pl.lit(NUMBER_END))
    begin, end = (TEXT, TEXT_END) if values.dtype == pl.String else (NUMBER, NUMBER_END)
    return pl.concat_str(pl.lit(begin), _value(values, unsafe), pl.lit(end))


def _value(values: pl.Series, unsafe: bool) -> pl.Expr:
    """Write the values of a column. Most columns hold nothing that must be rewritten, which is cheap to see."""
    text = pl.col(values.name)
    if values.dtype != pl.String:
        return text.cast(pl.String)
    if not unsafe:
        return ">" + text
    text = text.str.slice(0, MAX_TEXT)
    text = text.str.replace_all(ILLEGAL, "")
    for plain, written in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("\r", "&#13;")):
        text = text.str.replace_all(plain, written, literal=True)
    return pl.when(text.str.contains(r"^\s|\s$")).then(pl.lit(SPACED)).otherwise(pl.lit(">")) + text


def _content_types(sheets: int) -> str:
    parts = [("/xl/workbook.xml", "sheet.main"), ("/xl/styles.xml", "styles")]
    parts += [(f"/xl/worksheets/sheet{number}.xml", "worksheet") for number in range(1, sheets + 1)]
    overrides = "".join(f'<Override PartName="{name}" ContentType="{KIND}.{kind}+xml"/>' for name, kind in parts)
    relations = "application/vnd.openxmlformats-package.relationships+xml"
    defaults = f'<Default Extension="xml" ContentType="application/xml"/><Default Extension="rels" ContentType="{relations}"/>'
    return f'{HEAD}<Types xmlns="{PACKAGE}/content-types">{defaults}{overrides}</Types>'


def _relations(targets: Sequence[tuple[str, str]]) -> str:
    items = "".join(
        f'<Relationship Id="rId{number}" Type="{RELATIONS}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(targets, 1)
    )
    return f'{HEAD}<Relationships xmlns="{PACKAGE}/relationships">{items}</Relationships>'


def _workbook(sheets: Sequence[Sheet]) -> str:
    items = "".join(
        f'<sheet name="{escape(_sheet_name(sheet.name), {chr(34): "&quot;"})}" sheetId="{number}" r:id="rId{number}"/>'
        for number, sheet in enumerate(sheets, 1)
    )
    return f'{HEAD}<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}"><sheets>{items}</sheets></workbook>'


def _sheet_name(name: str) -> str:
    return re.sub(r"[][:*?/\\]", " ", name)[:31]
