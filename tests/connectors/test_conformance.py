"""The suite that a stranger's package gets in one line, for every kind of our own."""

import json
from pathlib import Path

from connectors.arbeitsagentur import ArbeitsagenturConnector
from connectors.csv import CsvConnector
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

CASES = Path(__file__).parents[1] / "cases"


def turn_rows(body: bytes) -> bytes:
    first, *rows = body.decode().rstrip("\n").split("\n")
    return "\n".join([first, *reversed(rows), ""]).encode()


def turn_list(body: bytes) -> bytes:
    document = json.loads(body)
    return json.dumps(
        document[::-1] if isinstance(document, list) else {**document, "items": document.get("items", [])[::-1]}
    ).encode()


TestCsv = conformance_suite(CsvConnector, cases=CASES / "csv", empty=b"Titel;Beginn\n", encodings=("utf-8-sig", "utf-16"))
TestXlsx = conformance_suite(XlsxConnector, cases=CASES / "xlsx")
TestJson = conformance_suite(JsonConnector, cases=CASES / "json", empty=b'{"data": {"items": []}}', encodings=("utf-8-sig",))
TestIcal = conformance_suite(IcalConnector, cases=CASES / "ical", encodings=("utf-8-sig",))
TestJsonld = conformance_suite(JsonldConnector, cases=CASES / "jsonld", reads_pages=True)
ENTRIES = "".join(
    f'<li class="kurs"><a href="/{n}">Kurs Nummer {n} im Haus der Vielfalt</a> am {n}.12.2026</li>' for n in range(1, 6)
)
TestHtml = conformance_suite(
    HtmlConnector, cases=CASES / "html", reads_pages=True, example=f"<html><body><ul>{ENTRIES}</ul></body></html>".encode()
)
TestIntegreat = conformance_suite(IntegreatConnector, cases=CASES / "integreat")
TestFeed = conformance_suite(FeedConnector, cases=CASES / "feed")
TestWordpress = conformance_suite(WordpressConnector, cases=CASES / "wordpress", reads_pages=True)

TestArbeitsagentur = conformance_suite(ArbeitsagenturConnector, cases=CASES / "arbeitsagentur")
TestHsds = conformance_suite(HsdsConnector, cases=CASES / "hsds")
TestOpenvhs = conformance_suite(OpenvhsConnector, cases=CASES / "openvhs")
TestXml = conformance_suite(XmlConnector, cases=CASES / "xml")


def test_every_kind_is_here() -> None:
    """A new kind of ours without its line here would be tried by nobody."""
    own = {
        kind
        for kind, one in connectors().items()
        if not isinstance(one, Unavailable) and one.__module__.startswith("connectors.")
    }
    assert own == {suite.connector.kind for name, suite in globals().items() if name.startswith("Test")}
