"""The suite that a stranger's package gets in one line, for every kind of our own."""

from pathlib import Path

from connectors.arbeitsagentur import ArbeitsagenturConnector
from connectors.ckan import CkanConnector
from connectors.csv import CsvConnector
from connectors.datapackage import DatapackageConnector
from connectors.dcat import DcatConnector
from connectors.feed import FeedConnector
from connectors.hsds import HsdsConnector
from connectors.html import HtmlConnector
from connectors.ical import IcalConnector
from connectors.integreat import IntegreatConnector
from connectors.json import JsonConnector
from connectors.jsonld import JsonldConnector
from connectors.openvhs import OpenvhsConnector
from connectors.registry import Unavailable, connectors
from connectors.testing import conformance_suite
from connectors.wordpress import WordpressConnector
from connectors.xlsx import XlsxConnector
from connectors.xml import XmlConnector
from tests.connectors import changes

CASES = Path(__file__).parents[1] / "cases"
URL = "https://x.example/"
ENTRIES = "".join(
    f'<li class="kurs"><a href="/{n}">Kurs Nummer {n} im Haus der Vielfalt</a> am {n}.12.2026</li>' for n in range(1, 6)
)
FIELDS = {"titel": "a"}

TestCsv = conformance_suite(
    CsvConnector,
    cases=CASES / "csv",
    best="semicolon",
    empty=b"Nr;Titel;Beginn\n",
    encodings=("utf-8-sig", "utf-16"),
    reorder=changes.turn_rows,
)
TestXlsx = conformance_suite(XlsxConnector, cases=CASES / "xlsx", reorder=changes.turn_sheet)
TestJson = conformance_suite(
    JsonConnector, cases=CASES / "json", empty=b'{"data": {"items": []}}', encodings=("utf-8-sig",),
    reorder=changes.turn_list("data", "items"), spoil=changes.spoil_list("data", "items"),
    endless=({"url": URL, "records": "items", "id": "id", "paginate": {"by": "next", "path": "next"}}, changes.json_page),
)  # fmt: skip
TestIcal = conformance_suite(
    IcalConnector, cases=CASES / "ical", encodings=("utf-8-sig",), empty=b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n",
    reorder=changes.turn_blocks("BEGIN:VEVENT", "END:VEVENT"), spoil=changes.spoil(b"BEGIN:VEVENT\r\n", b"BEGIN:VEVENT\r\nDTSTART:x\r\n"),
)  # fmt: skip
TestJsonld = conformance_suite(
    JsonldConnector, cases=CASES / "jsonld", reads_pages=True, reorder=changes.turn_lines, spoil=changes.spoil_line,
    endless=({"url": URL, "next": "a.weiter"}, changes.web_page),
)  # fmt: skip
TestHtml = conformance_suite(
    HtmlConnector, cases=CASES / "html", reads_pages=True, example=f"<html><body><ul>{ENTRIES}</ul></body></html>".encode(),
    endless=({"url": URL, "item": "article", "fields": FIELDS, "next": "a.weiter"}, changes.web_page),
)  # fmt: skip
TestHtmlTable = conformance_suite(
    HtmlConnector, cases=CASES / "html", best="table-wordpress", reads_pages=True, encodings=("utf-8-sig", "utf-16"),
    example=(CASES / "html" / "table-wordpress" / "input.html").read_bytes(), reorder=changes.turn_blocks('<tr class="k">', "</tr>"),
    empty=b"<html><table><tr><th>Kurs-Nr.</th><th>Kurs</th><th>Wann</th><th>Wo</th><th>Kontakt</th></tr></table></html>",
)  # fmt: skip
TestIntegreat = conformance_suite(
    IntegreatConnector, cases=CASES / "integreat", reorder=changes.turn_list(), spoil=changes.spoil_list()
)
TestFeed = conformance_suite(
    FeedConnector, cases=CASES / "feed", best="wordpress-rss", reorder=changes.turn_blocks("<item>", "</item>"),
    empty=b"<rss version='2.0'><channel/></rss>",
    endless=({"url": URL, "max_pages": 200}, changes.feed_page),
)  # fmt: skip
TestWordpress = conformance_suite(
    WordpressConnector, cases=CASES / "wordpress", reads_pages=True, records_at=2, reorder=changes.turn_list("events"),
    spoil=changes.spoil_list("events"), endless=({"url": f"{URL}wp-json/tribe/events/v1/events"}, changes.events_page),
)  # fmt: skip
TestArbeitsagentur = conformance_suite(
    ArbeitsagenturConnector, cases=CASES / "arbeitsagentur", records_at=1, reorder=changes.turn_list("_embedded", "termine"),
    spoil=changes.spoil_list("_embedded", "termine"), endless=({"url": URL}, changes.termine_page),
)  # fmt: skip
TestHsds = conformance_suite(
    HsdsConnector, cases=CASES / "hsds", records_at=2, reorder=changes.turn_rows, spoil=changes.spoil(b"s-2,", b",,,,,,,,\n,"),
    endless=({"url": f"{URL}services", "details": False}, changes.services_page),
)  # fmt: skip
TestOpenvhs = conformance_suite(
    OpenvhsConnector, cases=CASES / "openvhs", reorder=changes.turn_blocks("<veranstaltung>", "</veranstaltung>"),
    spoil=changes.spoil(b"<nummer>", b"<nummer" + b"<x>" * 300),
)  # fmt: skip
TestDatapackage = conformance_suite(DatapackageConnector, cases=CASES / "datapackage")
TestCkan = conformance_suite(CkanConnector, cases=CASES / "ckan", records_at=3, reorder=changes.turn_rows)
TestDcat = conformance_suite(DcatConnector, cases=CASES / "dcat", records_at=2, reorder=changes.turn_rows)
TestXml = conformance_suite(
    XmlConnector, cases=CASES / "xml", best="whole-items", reorder=changes.turn_blocks("<angebot", "</angebot>"),
    spoil=changes.spoil(b"</angebot>", b"<x>" * 300 + b"</angebot>"),
)  # fmt: skip


def test_every_kind_is_here() -> None:
    """A new kind of ours without its line here would be tried by nobody."""
    own = {
        kind
        for kind, one in connectors().items()
        if not isinstance(one, Unavailable) and one.__module__.startswith("connectors.")
    }
    assert own == {suite.connector.kind for name, suite in globals().items() if name.startswith("Test")}
