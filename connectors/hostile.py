"""Nothing comes in; bytes that servers really send instead of a feed, or that somebody sends on purpose, go out.

For the conformance suite and the fuzz run. Each is small here, however large it would become.
"""

import gzip
import io
import zipfile
from collections.abc import Iterator

MAINTENANCE = (
    b"<!DOCTYPE html>\n<html lang=de><head><meta charset=utf-8><title>Wartungsarbeiten</title></head>"
    b"<body><h1>Wir sind gleich wieder da</h1><p>Unsere Website wird gerade \xc3\xbcberarbeitet.</p></body></html>"
)
LOGIN = (
    b'<!DOCTYPE html><html><head><title>Anmelden</title></head><body><form method="post" action="/login">'
    b'<input name="user"><input type="password" name="pass"><button>Anmelden</button></form></body></html>'
)
ENTITIES = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
XML_BOMB = (
    f'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY l0 "lol">{ENTITIES}]>'
    '<rss version="2.0"><channel><title>&l9;</title></channel></rss>'
)
XML_FILE = (
    '<?xml version="1.0"?><!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    '<rss version="2.0"><channel><title>&x;</title><item><title>&x;</title><guid>1</guid></item></channel></rss>'
)
SECONDLY = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:1@x\r\nDTSTART:20200101T000000Z\r\nSUMMARY:a\r\n"
    "RRULE:FREQ=SECONDLY\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)
NEVER = SECONDLY.replace("FREQ=SECONDLY", "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30")  # no such day: an expansion never ends


def hostile(*, line: int = 5_000_000, deep: int = 100_000) -> Iterator[tuple[str, bytes]]:
    """Yield (name, bytes). `line` is the length of the longest line, `deep` the depth of nesting."""
    yield "nothing", b""
    yield "blanks", b" \r\n\t " * 100
    yield "only a BOM", b"\xef\xbb\xbf"
    yield "half a BOM", b"\xff\xfe\x00"
    yield "NULs", b"\0" * 10_000
    yield "every byte", bytes(range(256)) * 40
    yield "maintenance page", MAINTENANCE
    yield "login page", LOGIN
    yield "PDF", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\n" + b"\x93" * 2_000
    yield "picture", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8
    yield "one endless line", b"a;" * (line // 2)
    yield "one endless line without a separator", b"a" * line
    yield "quotes without end", b'a;b\n"' + b"x\n" * 50_000
    yield "deep JSON", b"[" * deep
    yield "deep JSON objects", b'{"a":' * deep
    yield "deep closed JSON", b"[" * deep + b"]" * deep
    yield "huge number", b'[{"id": 1, "n": 1e99999}, {"id": ' + b"9" * 100_000 + b"}]"
    yield "lone surrogates", b'[{"id": "\\ud800", "titel": "\\udfff"}]'
    yield "JSON that breaks off", b'[{"id": 1, "titel": "a"}, {"id": 2, "tit'
    yield "XML bomb", XML_BOMB.encode()
    yield "XML that asks for a file", XML_FILE.encode()
    yield "deep XML", b"<rss version='2.0'><channel>" + b"<item>" * deep
    yield "deep HTML", b"<html><body>" + b"<div><ul><li>" * (deep // 3)
    yield "many attributes", b"<html><body><p " + b" ".join(b"a%d=1" % n for n in range(20_000)) + b"></p></body></html>"
    yield "table of huge cells", _table_of_huge_cells()
    yield "deep tables", b"<html><body>" + b"<table><tr><th>Kurs<th>Wann<tr><td>" * (deep // 8)
    yield "every second", SECONDLY.encode()
    yield "never", NEVER.encode()
    yield "calendar without end", b"BEGIN:VCALENDAR\r\n" + b"BEGIN:VEVENT\r\n" * 20_000
    yield (
        "long folded line",
        b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:a\r\n" + b" b\r\n" * 100_000 + b"END:VEVENT\r\nEND:VCALENDAR\r\n",
    )
    yield "gzip bomb", gzip.compress(b"\0" * 30_000_000, 9)
    yield "zip bomb", zipped({"xl/worksheets/sheet1.xml": b"\0" * 30_000_000})
    yield "empty zip", zipped({})
    yield "workbook with one far cell", _far_cell()
    yield "old Excel that breaks off", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504


def zipped(files: dict[str, bytes]) -> bytes:
    """Pack files, as tightly as a bomb is."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return packed.getvalue()


def _table_of_huge_cells() -> bytes:
    """A web page whose table is small, and claims thousands of millions of places."""
    cell = b"<td colspan=100000 rowspan=100000>Deutsch A1</td>"
    rows = b"<tr><td>Deutsch A1</td><td colspan=1000 rowspan=0>Mo 10 Uhr</td></tr>" * 2_000
    head = b"<html><body><table><tr><th>Kurs</th><th colspan=65534>Wann</th></tr>"
    return head + b"<tr>" + cell * 2_000 + b"</tr>" + rows + b"</table></body></html>"


def _far_cell() -> bytes:
    """A sheet with A1 and XFD1048576: the library would ask for a cell for each between them."""
    sheet = (
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData></worksheet>'
    )
    book = (
        '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
        'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets>'
        '<sheet name="A" sheetId="1" r:id="rId1"/></sheets></workbook>'
    )
    relations = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" '
        'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/>'
        "</Relationships>"
    )
    types = '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
    return zipped({
        "[Content_Types].xml": types.encode(), "xl/workbook.xml": book.encode(),
        "xl/_rels/workbook.xml.rels": relations.encode(), "xl/worksheets/sheet1.xml": sheet.encode(),
    })  # fmt: skip
