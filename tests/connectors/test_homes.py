"""From the home page of a building kit to the feed: within eight requests and ten seconds, with a German reason that holds figures."""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from connectors.ask import FetchSettings
from connectors.detect import Candidate, detect
from connectors.patience import bounded_context
from connectors.store import FolderStore
from connectors.traces import traces
from connectors.webpage import read_page
from tests.connectors import homes
from tests.connectors.conftest import NOW, ZONE
from tests.connectors.pages import capture
from tests.connectors.site import Site

SETTINGS = FetchSettings(contact="https://example.org/kontakt", allow_loopback=True)


def found(site: Site, pages: Mapping[str, Any], folder: Path) -> list[Candidate]:
    def placed(answer: Any) -> Any:
        if isinstance(answer, str):
            answer = answer.replace("{site}", site.url)
            return (200, {"Content-Type": "text/html; charset=utf-8"}, answer) if answer.lstrip().startswith("<") else answer
        return answer

    site.pages |= {path: placed(answer) for path, answer in pages.items()}
    began = time.monotonic()
    with bounded_context(SETTINGS, now=NOW, zone=ZONE, store=FolderStore(folder)) as ctx:
        candidates = detect(site.url, ctx)
    assert len(site.requests) <= 8
    assert time.monotonic() - began < 10
    return candidates


@pytest.mark.parametrize(
    ("home", "kind", "said"),
    [
        ("WORDPRESS", "wordpress", "The Events Calendar mit 34 Veranstaltungen, nächste am 3. Dezember"),
        ("WIX", "jsonld", "einem Angebot nach schema.org"),
        ("JIMDO", "csv", "mit 3 Zeilen und 3 Spalten"),
        ("TYPO3", "ical", "Kalender mit 12 Terminen, nächster am 1. Dezember"),
        ("JOOMLA", "ical", "Kalender mit 5 Terminen, nächster am 1. Dezember"),
        ("TABLE_PAGE", "html", "Tabelle mit 3 Angeboten, Spalten: Kurs, Wann, Wo"),
        ("SQUARESPACE", "ical", "Kalender mit einem Termin, nächster am 1. Dezember"),
    ],
)
def test_a_home_page_leads_to_what_it_offers(site: Site, tmp_path: Path, home: str, kind: str, said: str) -> None:
    """The best first: what knows dates comes before the news."""
    candidates = found(site, getattr(homes, home), tmp_path)
    assert kind == candidates[0].kind
    assert said in candidates[0].reason


def test_a_google_site_leads_to_its_calendar_and_its_tables() -> None:
    """Both lie at Google's, where this test does not go: the traces are what counts."""
    body = homes.GOOGLE_SITES["/"].replace("{site}", "https://sites.google.com")
    first = [trace.url for trace in traces(read_page(capture(body.encode(), url="https://sites.google.com/")))]
    assert "https://calendar.google.com/calendar/ical/abc123%40group.calendar.google.com/public/basic.ics" == first[0]
    body = homes.GOOGLE_SITES["/view/kurse"].replace("{site}", "https://sites.google.com")
    second = [trace.url for trace in traces(read_page(capture(body.encode(), url="https://sites.google.com/view/kurse")))]
    assert "https://docs.google.com/spreadsheets/d/1AbCdEfGhIjKlMnOpQrStUvWxYz012345/export?format=csv&gid=0" in second


def test_a_home_page_without_any_feed_finds_nothing(site: Site, tmp_path: Path) -> None:
    """No guess is better than a wrong one; docs/partner.md says what to do then."""
    assert [] == found(site, homes.EMPTY, tmp_path)
