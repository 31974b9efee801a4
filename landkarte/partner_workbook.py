"""Lines of cells come in, divided by `;`; the bytes of an Excel workbook go out, as a partner's office would have saved it.

A cell `<` is merged with the one on its left, `^` with the one above. ISO dates become real date cells and numbers numbers; a
cell in single quotes stays text. Equal lines give equal bytes. Specification: ECMA-376, SpreadsheetML.
"""

import csv
import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from datetime import date
from xml.sax.saxutils import escape, quoteattr

FIXED = (1980, 1, 1, 0, 0, 0)  # the oldest time a ZIP can say
EPOCH = date(1899, 12, 30)  # day 0 of Excel's calendar, its wrong leap year 1900 counted in
DAY = re.compile(r"\d{4}-\d\d-\d\d")
NUMBER = re.compile(r"-?(?:0|[1-9]\d{0,14})(?:\.\d+)?")  # 12, 3.5; a postcode with a zero in front stays text
LEFT, ABOVE = "<", "^"
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"
STYLES = (  # style 1 is a date, DD.MM.YYYY in a German Excel (number format 14)
    f'<styleSheet xmlns="{MAIN}"><fonts count="1"><font><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="1"><fill/></fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>'
    '<cellXfs count="2"><xf xfId="0"/><xf xfId="0" numFmtId="14" applyNumberFormat="1"/></cellXfs></styleSheet>'
)
TARGETS = (
    f'<Relationships xmlns="{PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{RELATIONS}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="rId2" Type="{RELATIONS}/styles" Target="styles.xml"/></Relationships>'
)
ROOT = (
    f'<Relationships xmlns="{PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
)
PARTS = (
    f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="xml" ContentType="application/xml"/>'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{KIND}.sheet.main+xml"/>'
    f'<Override PartName="/xl/styles.xml" ContentType="{KIND}.styles+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{KIND}.worksheet+xml"/></Types>'
)


def to_workbook(text: str, sheet: str) -> bytes:
    """Make a workbook with one sheet of that name."""
    rows = list(csv.reader(io.StringIO(text), delimiter=";"))
    named = f'<sheet name={quoteattr(sheet[:31])} sheetId="1" r:id="rId1"/>'
    book = f'<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}"><sheets>{named}</sheets></workbook>'
    parts = {
        "[Content_Types].xml": PARTS, "_rels/.rels": ROOT, "xl/workbook.xml": book, "xl/_rels/workbook.xml.rels": TARGETS,
        "xl/styles.xml": STYLES, "xl/worksheets/sheet1.xml": _sheet(rows),
    }  # fmt: skip
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(zipfile.ZipInfo(name, FIXED), HEAD + part, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _sheet(rows: Sequence[Sequence[str]]) -> str:
    lines = "".join(
        f'<row r="{down}">' + "".join(_cell(cell, _name(across, down)) for across, cell in enumerate(cells, 1)) + "</row>"
        for down, cells in enumerate(rows, 1)
    )
    merged = "".join(f'<mergeCell ref="{area}"/>' for area in _merged(rows))
    areas = f"<mergeCells>{merged}</mergeCells>" if merged else ""
    return f'<worksheet xmlns="{MAIN}"><sheetData>{lines}</sheetData>{areas}</worksheet>'


def _cell(text: str, name: str) -> str:
    if text in ("", LEFT, ABOVE):
        return ""
    if DAY.fullmatch(text):
        return f'<c r="{name}" s="1"><v>{(date.fromisoformat(text) - EPOCH).days}</v></c>'
    if NUMBER.fullmatch(text):
        return f'<c r="{name}"><v>{text}</v></c>'
    shown = text[1:-1] if len(text) > 1 and text[0] == text[-1] == "'" else text
    return f'<c r="{name}" t="inlineStr"><is><t xml:space="preserve">{escape(shown)}</t></is></c>'


def _merged(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield the areas of merged cells: to the right or down from the cell that holds their text."""
    for down, cells in enumerate(rows, 1):
        for across, cell in enumerate(cells, 1):
            if cell in ("", LEFT, ABOVE):
                continue
            right = next((width for width, other in enumerate(cells[across:]) if other != LEFT), len(cells) - across)
            below = 0
            while down + below < len(rows) and across <= len(rows[down + below]) and rows[down + below][across - 1] == ABOVE:
                below += 1
            if right or below:
                yield f"{_name(across, down)}:{_name(across + right, down + below)}"


def _name(across: int, down: int) -> str:
    letters = ""
    while across:
        across, rest = divmod(across - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{down}"
