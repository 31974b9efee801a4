"""A good feed comes in; the same feed goes out with one thing in it grown beyond all measure, so that every reader gets to it.

Documents that are nothing but depth or length (connectors/hostile.py) are refused at the door; these here look sound at first.
"""

import re
from collections.abc import Callable, Iterator

from connectors.hostile import zipped

JSON_VALUE = re.compile(rb':\s*("[^"\\]*")\s*[,}]')  # "titel": "Sprachcafé",
TEXT_NODE = re.compile(rb"<(?![?!])[^<>]*>([^<>]*[^<>\s][^<>]*)</")  # <titel>Sprachcafé</titel>
SUMMARY = re.compile(rb"SUMMARY[^:\r\n]*:([^\r\n]*)")
CELL = re.compile(rb"\n([^;,\t\n]*)[;,\t]")
Make = Callable[[], bytes]


def grown(body: bytes, *, length: int = 50_000_000, deep: int = 100_000) -> Iterator[tuple[str, Make]]:
    """Yield (name, function that makes the bytes): lines of `length` bytes, nesting `deep` levels deep."""
    kind, places = _places(body)
    for name, make in _growths(kind, length, deep):
        for where, (start, end) in places.items():
            yield f"{kind}: {name}, {where}", lambda make=make, start=start, end=end: body[:start] + make() + body[end:]  # type: ignore[misc]  # mypy cannot infer a lambda with defaults
    if kind == "calendar":
        for name, lines in _calendars(length, deep):
            yield f"calendar: {name}", lambda lines=lines: body.replace(b"BEGIN:VEVENT", lines() + b"BEGIN:VEVENT", 1)  # type: ignore[misc]  # as above
    if kind == "workbook":
        yield from _workbooks(length, deep)


def _places(body: bytes) -> tuple[str, dict[str, tuple[int, int]]]:
    """Find out what a feed is written in, and where in it a value stands: the first, one in the middle."""
    start = body.lstrip(b"\xef\xbb\xbf \t\r\n")[:15].upper()
    if start.startswith(b"PK"):
        return "workbook", {}
    if start.startswith((b"{", b"[")):
        kind, pattern = "JSON", JSON_VALUE
    elif start.startswith(b"BEGIN:"):
        kind, pattern = "calendar", SUMMARY
    elif start.startswith(b"<"):
        kind, pattern = "markup", TEXT_NODE
    else:
        kind, pattern = "table", CELL
    found = [match.span(1) for match in pattern.finditer(body)]
    places = {"early": found[0], "in the middle": found[len(found) // 2]} if found else {"at the end": (len(body), len(body))}
    if kind == "markup" and (inside := [match.span(1) for match in JSON_VALUE.finditer(body)]):
        places["in a script"] = inside[len(inside) // 2]
    return kind, places


def _growths(kind: str, length: int, deep: int) -> Iterator[tuple[str, Make]]:
    match kind:
        case "JSON":
            yield "a long string", lambda: b'"' + b"a" * length + b'"'
            yield "a long escaped string", lambda: b'"' + b"\\u00e4" * (length // 6) + b'"'
            yield "a long number", lambda: b"9" * length
            yield "deep lists", lambda: b"[" * deep + b"]" * deep
            yield "deep objects", lambda: b'{"a":' * deep + b"1" + b"}" * deep
            yield "deep lists without end", lambda: b"[" * deep
            yield "depth just allowed", lambda: b"[" * 240 + b"]" * 240
            yield "many empty lists", lambda: b"[" + b"[]," * (length // 3) + b"1]"
            yield "many keys", lambda: b"{" + b",".join(b'"%d":1' % n for n in range(length // 50)) + b"}"
        case "markup":
            yield "a long text", lambda: b"a" * length
            yield "a long text of words", lambda: b"ab " * (length // 3)
            yield "many references", lambda: b"&amp;" * (length // 5)
            yield "deep elements", lambda: b"<b>" * deep + b"</b>" * deep
            yield "deep elements without end", lambda: b"<p><b>" * (deep // 2)
            yield "deep items", lambda: b"<item><div itemscope itemtype=x itemprop=a>" * (deep // 2)
            yield "deep escaped HTML", lambda: b"&lt;div&gt;" * deep
            yield "deep HTML in CDATA", lambda: b"<![CDATA[" + b"<div><ul><li>" * (deep // 3) + b"]]>"
            yield "many elements", lambda: b"<i/>" * (length // 10)
            yield "many attributes", lambda: b"<i " + b" ".join(b"a%d='1'" % n for n in range(deep)) + b"/>"
            yield "a long attribute", lambda: b"<a href='" + b"a" * length + b"'>x</a>"
            yield "many name spaces", lambda: b"<i " + b" ".join(b"xmlns:a%d='urn:%d'" % (n, n) for n in range(deep)) + b"/>"
            yield "deep name spaces", lambda: b"".join(b"<i xmlns:a%d='urn:%d'>" % (n, n) for n in range(deep // 10))
            yield "huge cells", lambda: b"</td><td colspan=100000 rowspan=100000>x" * (length // 400)
            yield "many rows of huge cells", lambda: b"<tr><td colspan=100000 rowspan=0>x</td><td>y</td></tr>" * (length // 400)
            yield "deep tables", lambda: b"<table><tr><th>Kurs<th>Wann<th>Wo<tr><td>" * (deep // 8)
            yield "many half tags", lambda: b"<a " * (length // 10)
            yield "many comments", lambda: b"<!-- -->" * (length // 40)
            yield "a comment without end", lambda: b"<!--" + b"-" * length
            yield "JSON-LD of depth", lambda: b'<script type="application/ld+json">' + b'{"@graph":[' * deep + b"</script>"
            yield "JSON-LD of many", lambda: b'<script type="application/ld+json">{"@type":"Event"}</script>' * (length // 500)
        case "calendar":
            yield "a long line", lambda: b"a" * length
            yield "a long folded line", lambda: b"a" + b"\r\n b" * (length // 10)
            yield "a long line of escapes", lambda: b"\\," * (length // 2)
        case "table":
            yield "a long cell", lambda: b"a" * length
            yield "a quote without end", lambda: b'"' + b"a;\n" * (length // 3)
            yield "many cells", lambda: b";" * (length // 10)
            yield "many lines", lambda: b"\n" * length
            yield "many short rows", lambda: b"a;b\n" * (length // 10)


def _calendars(length: int, deep: int) -> Iterator[tuple[str, Make]]:
    event = b"BEGIN:VEVENT\r\nUID:x%d\r\nDTSTART:20261201T180000Z\r\nSUMMARY:a\r\n%s\r\nEND:VEVENT\r\n"
    rules = {
        "every second": b"RRULE:FREQ=SECONDLY", "every minute for ever": b"RRULE:FREQ=MINUTELY;COUNT=999999999",
        "never": b"RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", "every day since the year 1": b"RRULE:FREQ=DAILY;UNTIL=99991231T000000Z",
        "every hour of all": b"RRULE:FREQ=YEARLY;BYHOUR=" + b",".join(b"%d" % n for n in range(24)) + b";BYMINUTE="
        + b",".join(b"%d" % n for n in range(60)) + b";BYSECOND=" + b",".join(b"%d" % n for n in range(60)),
        "a rule of thousands of days": b"RRULE:FREQ=YEARLY;BYYEARDAY=" + b",".join(b"%d" % (n % 366 + 1) for n in range(10_000)),
        "many dates": b"RDATE:" + b",".join(b"%04d1201T180000Z" % (n % 9_000 + 1_000) for n in range(length // 500)),
        "many exceptions": b"RRULE:FREQ=DAILY\r\nEXDATE:" + b",".join(b"2027%02d01T180000Z" % (n % 12 + 1) for n in range(length // 500)),
    }  # fmt: skip
    for name, line in rules.items():
        yield name, lambda line=line: event % (1, line)  # type: ignore[misc]  # mypy cannot infer a lambda with defaults
    yield "many rules every second", lambda: b"".join(event % (n, rules["every second"]) for n in range(deep // 100))
    yield "many rules for never", lambda: b"".join(event % (n, rules["never"]) for n in range(deep // 100))
    yield "deep events", lambda: b"BEGIN:VEVENT\r\n" * deep
    yield "deep components", lambda: b"BEGIN:X-A\r\n" * deep + b"END:X-A\r\n" * deep
    yield "many zones", lambda: b"BEGIN:VTIMEZONE\r\nTZID:a\r\nBEGIN:STANDARD\r\nTZOFFSETTO:+0100\r\n" * (deep // 2)
    yield "many parameters", lambda: event % (2, b"LOCATION" + b";A=b" * (length // 20) + b":x")
    yield "many quotes", lambda: event % (3, b'LOCATION;A="' * (length // 100))
    yield (
        "many changes of one event",
        lambda: b"".join(event % (4, b"RECURRENCE-ID:%04d1201T180000Z" % (n % 9_000 + 1_000)) for n in range(length // 2_500)),
    )


def _workbooks(length: int, deep: int) -> Iterator[tuple[str, Make]]:
    def book(sheet: bytes, shared: bytes = b"") -> bytes:
        main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
        office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
        relations = "http://schemas.openxmlformats.org/package/2006/relationships"
        return zipped({
            "[Content_Types].xml": b'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
            "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets><sheet name="A" sheetId="1" r:id="r1"/></sheets>'
            "</workbook>".encode(),
            "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{relations}"><Relationship Id="r1" Type="{office}/worksheet" '
            f'Target="worksheets/sheet1.xml"/><Relationship Id="r2" Type="{office}/sharedStrings" Target="sharedStrings.xml"/>'
            "</Relationships>".encode(),
            "xl/sharedStrings.xml": f'<sst xmlns="{main}">'.encode() + shared + b"</sst>",
            "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData>'.encode() + sheet + b"</sheetData></worksheet>",
        })  # fmt: skip

    cell = b'<c r="%s%d" t="inlineStr"><is><t>%s</t></is></c>'
    head = b'<row r="1">' + cell % (b"A", 1, b"Titel") + cell % (b"B", 1, b"Ort") + b"</row>"
    yield "workbook: a long cell", lambda: book(head + b'<row r="2">' + cell % (b"A", 2, b"a" * length) + b"</row>")
    yield "workbook: deep cells", lambda: book(head + b'<row r="2">' * deep + cell % (b"A", 2, b"a"))
    yield "workbook: a column without end", lambda: book(head + b'<row r="1048576">' + cell % (b"A", 1_048_576, b"a") + b"</row>")
    yield "workbook: many rows", lambda: book(head + b'<row r="2"><c><v>1</v></c></row>' * (length // 200))
    # one long string, named from many cells: short on disk, long in memory
    yield (
        "workbook: one string a thousand times",
        lambda: book(
            head + b"".join(b'<row r="%d"><c r="A%d" t="s"><v>0</v></c></row>' % (n, n) for n in range(2, deep // 10)),
            b"<si><t>" + b"a" * (length // 50) + b"</t></si>",
        ),
    )
