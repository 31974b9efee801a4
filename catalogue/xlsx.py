"""Frames in, one workbook out: German headings, labels instead of codes, everything typed as what it is.

Text stands in the file as text (inline strings), so a cell that begins with `=` or `+49` is shown, never computed. Written by
hand because a workbook of 100,000 offers is then a matter of seconds. Specification: ECMA-376, SpreadsheetML.
"""

import re
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

import polars as pl

FIXED = (1980, 1, 1, 0, 0, 0)  # the oldest time a ZIP can say: equal rows, equal bytes
MAX_ROWS = 1_048_575  # below the heading; the format ends there
SLICE = 1_000  # rows turned into text at once: their cells are many times as large as their values
MAX_TEXT = 32_767  # characters a cell can hold
ILLEGAL = "[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]"  # not allowed in XML 1.0
UNSAFE = f"[&<>{ILLEGAL[1:-1]}]"  # cells with any of these must be rewritten
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"

STYLES = (
    f'{HEAD}<styleSheet xmlns="{MAIN}"><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border/></borders>'
    '<cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="2"><xf xfId="0"/>'
    '<xf xfId="0" fontId="1" applyFont="1"/></cellXfs></styleSheet>'
)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet: its name, its headings in order of the columns, and frames with those columns."""

    name: str
    headings: Sequence[str]
    frames: Iterable[pl.DataFrame]


def write_xlsx(sheets: Sequence[Sheet], path: Path) -> None:
    """Write the sheets into a workbook; rows beyond what the format can hold are left out."""
    with zipfile.ZipFile(path, "w") as book:
        _add(book, "[Content_Types].xml", _content_types(len(sheets)))
        _add(book, "_rels/.rels", _relations([("officeDocument", "xl/workbook.xml")]))
        _add(book, "xl/workbook.xml", _workbook(sheets))
        names = [("worksheet", f"worksheets/sheet{number}.xml") for number in range(1, len(sheets) + 1)]
        _add(book, "xl/_rels/workbook.xml.rels", _relations([*names, ("styles", "styles.xml")]))
        _add(book, "xl/styles.xml", STYLES)
        for number, sheet in enumerate(sheets, 1):
            with book.open(_member(f"xl/worksheets/sheet{number}.xml"), "w", force_zip64=True) as out:
                for piece in _sheet(sheet):
                    out.write(piece.encode())


def _sheet(sheet: Sheet) -> Iterable[str]:
    yield f'{HEAD}<worksheet xmlns="{MAIN}"><sheetViews><sheetView workbookViewId="0">'
    yield '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
    yield f'<cols><col min="1" max="{len(sheet.headings)}" width="22" customWidth="1"/></cols><sheetData><row>'
    yield "".join(f'<c s="1" t="inlineStr"><is><t>{escape(heading)}</t></is></c>' for heading in sheet.headings) + "</row>"
    left = MAX_ROWS
    for frame in sheet.frames:
        for part in frame.head(left).iter_slices(SLICE):
            cells = pl.concat_str([_cell(column) for column in part])
            yield part.select(pl.format("<row>{}</row>", cells).str.join("")).item()
        left = max(0, left - frame.height)
    yield "</sheetData></worksheet>"


def _cell(values: pl.Series) -> pl.Expr:
    """Make the cells of one column of a slice. Most columns are empty or hold nothing to escape, which is cheap to see."""
    column = pl.col(values.name)
    if values.null_count() == len(values):
        return pl.lit("<c/>")
    if values.dtype == pl.Boolean:
        cell = pl.format('<c t="b"><v>{}</v></c>', column.cast(pl.Int8))
    elif values.dtype.is_numeric():
        cell = pl.format("<c><v>{}</v></c>", column)
    else:
        cell = pl.format('<c t="inlineStr"><is><t xml:space="preserve">{}</t></is></c>', _escaped(values))
    return cell.fill_null("<c/>")


def _escaped(values: pl.Series) -> pl.Expr:
    text = pl.col(values.name)
    if values.str.len_chars().max() > MAX_TEXT:  # type: ignore[operator]  # the column is not empty
        text = text.str.slice(0, MAX_TEXT)
    if values.str.contains(UNSAFE).any():
        text = text.str.replace_all(ILLEGAL, "")
        for plain, written in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
            text = text.str.replace_all(plain, written, literal=True)
    return text


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


def _member(name: str) -> zipfile.ZipInfo:
    member = zipfile.ZipInfo(name, FIXED)
    member.compress_type = zipfile.ZIP_DEFLATED
    member._compresslevel = 1  # type: ignore[attr-defined]  # no public way to set it for an open stream
    return member


def _add(book: zipfile.ZipFile, name: str, text: str) -> None:
    book.writestr(_member(name), text)
