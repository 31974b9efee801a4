"""`detect`: what is found behind an address somebody pasted, with how many requests, and in how much time."""

import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from connectors.ask import FetchSettings
from connectors.context import RunContext
from connectors.contract import SourceError
from connectors.detect import Candidate, detect, to_url
from connectors.patience import bounded_context
from connectors.store import FolderStore
from connectors.traces import traces
from connectors.webpage import read_page
from tests.connectors.conftest import NOW, ZONE
from tests.connectors.pages import capture
from tests.connectors.site import Site, drip, redirect

SETTINGS = FetchSettings(contact="https://example.org/kontakt", allow_loopback=True)
CALENDAR = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n%sEND:VCALENDAR\r\n"
EVENT = "BEGIN:VEVENT\r\nUID:%d@x\r\nDTSTART:202611%02dT150000Z\r\nDTEND:202611%02dT160000Z\r\nSUMMARY:Café %d\r\nEND:VEVENT\r\n"
TABLE = "Nr;Titel;Beginn\n1;Deutsch A1;01.12.2026\n2;Deutsch A2;02.12.2026\n3;Nähkurs;03.12.2026\n"
ITEMS = "".join(f"<item><title>Meldung {n}</title><guid>{n}</guid></item>" for n in range(3))
RSS = f"<rss version='2.0'><channel><title>Neues</title>{ITEMS}</channel></rss>"
COURSE = (
    '<html><body><h1>Kurs</h1><script type="application/ld+json">{"@context": "https://schema.org", "@type": "Event", '
    '"name": "Sprachcafé", "startDate": "2026-12-01T16:00:00+01:00", "url": "https://x.example/1"}</script></body></html>'
)


def calendar(count: int = 3) -> str:
    return CALENDAR % "".join(EVENT % (n, 25 + n, 25 + n, n) for n in range(1, count + 1))


def html(body: str, head: str = "") -> tuple[int, dict[str, str], str]:
    return 200, {"Content-Type": "text/html; charset=utf-8"}, f"<html><head>{head}</head><body>{body}</body></html>"


@pytest.fixture
def door(tmp_path: Path) -> Iterator[RunContext]:
    with bounded_context(SETTINGS, now=NOW, zone=ZONE, store=FolderStore(tmp_path)) as ctx:
        yield ctx


def kinds(found: list[Candidate]) -> list[str]:
    return [one.kind for one in found]


@pytest.mark.parametrize(
    ("path", "body", "kind", "said"),
    [
        ("/k", calendar(), "ical", "Kalender mit 3 Terminen, nächster am 26. November"),
        ("/t", TABLE, "csv", "mit 3 Zeilen und 3 Spalten"),
        ("/f", RSS, "feed", "mit 3 Einträgen"),
        ("/j", '{"items": [{"id": 1, "titel": "a"}, {"id": 2, "titel": "b"}]}', "json", "2 Datensätzen unter items"),
        ("/s", COURSE, "jsonld", "einem Angebot nach schema.org"),
    ],
)
def test_the_address_of_a_feed_is_recognised_by_its_bytes(
    site: Site, door: RunContext, path: str, body: str, kind: str, said: str
) -> None:
    """No ending and no media type is needed; the reason holds figures."""
    site.pages[path] = body
    found = detect(site.url + path, door)
    assert kind == found[0].kind
    assert said in found[0].reason
    assert site.url + path == found[0].address


def test_from_a_home_page_the_calendar_comes_before_table_and_news(site: Site, door: RunContext) -> None:
    """Ranked by what a kind tells us, not by where its link stands on the page."""
    alternate = '<link rel="alternate" type="application/rss+xml" href="%s">'
    head = alternate % "/feed/" + alternate % "/comments/feed/"
    site.pages |= {
        "/": html('<a href="/angebote.csv">Liste</a> <a href="/termine.ics">Kalender</a>', head),
        "/angebote.csv": TABLE,
        "/termine.ics": calendar(),
        "/feed/": RSS,
    }
    assert ["ical", "csv", "feed"] == kinds(detect(site.url, door))
    assert "/comments/feed/" not in site.asked


def test_the_events_calendar_of_a_wordpress_site_comes_first(site: Site, door: RunContext) -> None:
    """Its REST API tells more than the calendar file that the same plug-in offers."""
    api = {"Content-Type": "application/json"}
    events = (
        '{"events": [{"id": 1, "title": "Café", "start_date": "2026-12-01 16:00:00", "url": "https://x.example/1"}], '
        '"rest_url": "https://x.example/", "total": 34, "total_pages": 4}'
    )
    head = '<link rel="https://api.w.org/" href="/wp-json/">'
    site.pages |= {
        "/": html('<div class="tribe-events"></div><a href="/events/?ical=1">Kalender</a>', head),
        "/wp-json/tribe/events/v1/events": (200, api, events),
        "/events/?ical=1": calendar(),
    }
    found = detect(site.url, door)
    assert ["wordpress", "ical"] == kinds(found)
    assert "The Events Calendar mit 34 Veranstaltungen, nächste am 1. Dezember" == found[0].reason


def test_a_page_of_offers_behind_the_home_page_is_looked_at(site: Site, door: RunContext) -> None:
    """Partners paste the home page; the offers stand one click further."""
    site.pages |= {"/": html('<a href="/impressum">Impressum</a><a href="/kurse">Unsere Kurse</a>'), "/kurse": COURSE}
    assert "jsonld" == detect(site.url, door)[0].kind
    assert "/impressum" not in site.asked


def test_a_sitemap_counts_where_its_pages_carry_data(site: Site, door: RunContext) -> None:
    """One page of it is looked at: the one whose address speaks of offers."""
    pages = "".join(f"<url><loc>{site.url}{path}</loc></url>" for path in ("/impressum", "/kurse/deutsch-a1", "/team"))
    site.pages |= {
        "/": html("<p>Willkommen</p>"),
        "/robots.txt": f"User-agent: *\nDisallow:\nSitemap: {site.url}/karte.xml\n",
        "/karte.xml": f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{pages}</urlset>',
        "/kurse/deutsch-a1": COURSE,
    }
    found = detect(site.url, door)
    assert site.url + "/karte.xml" == found[0].address
    assert found[0].reason.startswith("Sitemap mit 3 Seiten; eine davon: Internetseite mit einem Angebot")


@pytest.mark.parametrize("status", [200, 404, 500])
def test_never_more_than_eight_requests(site: Site, door: RunContext, status: int) -> None:
    """robots.txt, redirects and failures counted."""
    links = "".join(f'<a href="/{n}.ics">Termine {n}</a><a href="/{n}.csv">x</a><a href="/t{n}">Kurse</a>' for n in range(30))
    site.pages |= {"*": (status, {}, "nichts"), "/": redirect("/start"), "/start": html(links), "/robots.txt": (404, {}, b"")}
    detect(site.url, door)
    assert len(site.requests) <= 8


def test_never_longer_than_it_may_take(site: Site, tmp_path: Path) -> None:
    """A server that drips is left alone; what was found before stays found."""
    site.pages |= {
        "/": html('<a href="/a.ics">Kalender</a><a href="/b.csv">Liste</a>'),
        "/a.ics": calendar(),
        "/b.csv": lambda request: (200, {}, drip(TABLE.encode() * 100, every=0.2)),
    }
    begin = time.monotonic()
    with bounded_context(SETTINGS, now=NOW, zone=ZONE, store=FolderStore(tmp_path), seconds=1.5) as ctx:
        found = detect(site.url, ctx, seconds=1.5)
    assert ["ical"] == kinds(found)
    assert time.monotonic() - begin < 2.5


def test_a_crawl_delay_is_kept_or_the_search_ends(site: Site, tmp_path: Path) -> None:
    """Who asks for ten seconds between requests is asked once."""
    site.pages |= {
        "/robots.txt": "User-agent: *\nCrawl-delay: 10\n",
        "/": html('<a href="/a.ics">Kalender</a>'),
        "/a.ics": calendar(),
    }
    begin = time.monotonic()
    with bounded_context(SETTINGS, now=NOW, zone=ZONE, store=FolderStore(tmp_path), seconds=3) as ctx:
        assert [] == detect(site.url + "/", ctx, seconds=3)
    assert time.monotonic() - begin < 3.5


def test_what_cannot_be_opened_says_why(site: Site, door: RunContext) -> None:
    """The problem of the first address is the answer."""
    with pytest.raises(SourceError) as error:
        detect(site.url + "/weg", door)
    assert "not_found" == error.value.problem.code


@pytest.mark.parametrize(
    "address", ["file:///etc/passwd", "http://10.0.0.1/", "ftp://x.example/a.csv", "http://[::1", "https://"]
)
def test_the_guard_stands_before_a_search_too(tmp_path: Path, address: str) -> None:
    """What a stranger pastes reaches nothing inside."""
    settings = FetchSettings(contact="x")
    with bounded_context(settings, now=NOW, zone=ZONE, store=FolderStore(tmp_path)) as ctx, pytest.raises(SourceError) as error:
        detect(address, ctx)
    assert "unsafe_url" == error.value.problem.code


def test_broken_attributes_beside_a_link_cost_nothing(site: Site, door: RunContext) -> None:
    """Names such as `"` or a control sign, of a quotation mark too many, are no reason to find nothing."""
    head = '<link rel="alternate" "" type="application/rss+xml" {x \x01 href="/feed/">'
    site.pages |= {"/": html('<a "" \x01 href="/angebote.csv">Liste</a>', head), "/angebote.csv": TABLE, "/feed/": RSS}
    assert ["csv", "feed"] == kinds(detect(site.url, door))


def test_nothing_is_found_on_a_page_without_offers(site: Site, door: RunContext) -> None:
    """Better no answer than a wrong one."""
    site.pages["/"] = html("<p>Wir sind umgezogen.</p>")
    assert [] == detect(site.url, door)


def test_one_kind_alone_may_be_asked_for(site: Site, door: RunContext) -> None:
    """`--kind`: what the ranking would hide."""
    site.pages["/"] = html('<a href="/a.ics">Kalender</a><a href="/b.csv">Liste</a>')
    site.pages |= {"/a.ics": calendar(), "/b.csv": TABLE}
    assert ["csv"] == kinds(detect(site.url, door, kind="csv"))


@pytest.mark.parametrize(
    ("pasted", "url"),
    [
        ("verein.example", "https://verein.example"),
        (" <https://verein.example/a> ", "https://verein.example/a"),
        ("webcal://verein.example/k.ics", "https://verein.example/k.ics"),
        ("WEBCAL://verein.example/k.ics", "https://verein.example/k.ics"),
        ("//verein.example/a", "https://verein.example/a"),
        ("verein.example:8080/a", "https://verein.example:8080/a"),
        ("http://verein.example", "http://verein.example"),
        ("https://cloud.verein.example/s/aBcDeFgHiJkLmNo", "https://cloud.verein.example/s/aBcDeFgHiJkLmNo/download"),
    ],
)
def test_pasted_addresses_are_understood(pasted: str, url: str) -> None:
    """As they stand on posters, in mails and in calendars."""
    assert url == to_url(pasted)


def test_the_zone_of_the_city_decides_the_day(site: Site, tmp_path: Path) -> None:
    """The reason names the next date seen from the day of the search."""
    site.pages["/k"] = calendar()
    later = NOW + timedelta(days=3, hours=20)
    with bounded_context(SETTINGS, now=later, zone=ZONE, store=FolderStore(tmp_path)) as ctx:
        assert "nächster am 27. November" in detect(site.url + "/k", ctx)[0].reason


def test_shared_and_embedded_calendars_are_traces() -> None:
    """A button "Nextcloud" and an embedded Google calendar lead to files."""
    body = (
        '<a href="https://cloud.example/apps/calendar/p/aBcDeFgH12345678">Kalender</a>'
        '<iframe src="https://calendar.google.com/calendar/embed?src=verein%40group.calendar.google.com"></iframe>'
    )
    found = [trace.url for trace in traces(read_page(capture(f"<html><body>{body}</body></html>".encode())))]
    assert "https://cloud.example/remote.php/dav/public-calendars/aBcDeFgH12345678?export" in found
    assert any(url.startswith("https://calendar.google.com/calendar/ical/verein%40group") for url in found)
