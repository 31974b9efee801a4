"""WordPress sites: events of The Events Calendar, posts of any type, and sites that have closed their API."""

import contextlib
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.contract import Limits, SourceError
from connectors.wordpress import WordpressConnector
from schemas.problems import Problem
from schemas.record import RawRecord
from tests.connectors.normalised import normalise
from tests.connectors.pages import Page, Reading, capture, read
from tests.connectors.site import Request, Site

SITE = "https://verein.example"
EVENTS = f"{SITE}/wp-json/tribe/events/v1/events"
POSTS = f"{SITE}/wp-json/wp/v2/posts"
ASKED = f"{EVENTS}?per_page=50&start_date=2026-11-22&end_date=2027-11-23"
EMBED = "_embed=wp%3Aterm%2Cwp%3Afeaturedmedia"


def dump(value: Any) -> bytes:
    return json.dumps(value).encode()


def event(number: int, **more: Any) -> dict[str, Any]:
    return {
        "id": number, "title": f"Fest {number}", "start_date": "2026-12-05 15:00:00", "end_date": "2026-12-05 17:00:00",
        "timezone": "Europe/Berlin", "url": f"{SITE}/event/fest-{number}/", **more,
    }  # fmt: skip


def listed(*events: Any, **more: Any) -> bytes:
    return dump({"events": list(events), "rest_url": EVENTS, "total": len(events), **more})


def post(number: int, **more: Any) -> dict[str, Any]:
    return {"id": number, "type": "post", "link": f"{SITE}/{number}/", "title": {"rendered": f"Beitrag {number}"}, **more}


def harvest(*events: Any, **options: Any) -> Reading:
    return read(WordpressConnector(), {ASKED: listed(*events)}, url=EVENTS, **options)


def test_a_site_leads_to_its_events_by_header_or_link() -> None:
    """The start page is enough, wherever the API lives: pretty addresses, a folder, or rest_route."""
    root = dump({"namespaces": ["tribe/events/v1", "wp/v2"], "routes": {}})
    asked = ASKED.replace(SITE, f"{SITE}/blog")
    by_link = {SITE: f"<html><head><link rel='https://api.w.org/' href='{SITE}/blog/wp-json/'></head><p>x</p></html>".encode()}
    pages: dict[str, Page] = {**by_link, f"{SITE}/blog/wp-json/": root, asked: listed(event(1))}
    assert [data["title"] for data in read(WordpressConnector(), pages).data] == ["Fest 1"]
    plain = f"{SITE}/?rest_route=/"
    query = "tribe/events/v1/events&per_page=50&start_date=2026-11-22&end_date=2027-11-23"
    pages = {
        SITE: f"<html><head><link rel='https://api.w.org/' href='{plain}'></head><p>x</p></html>".encode(),
        plain: root, f"{SITE}/?rest_route=/{query}": listed(event(2)),
    }  # fmt: skip
    assert [data["title"] for data in read(WordpressConnector(), pages).data] == ["Fest 2"]


def test_a_site_without_the_calendar_gives_its_posts() -> None:
    """auto takes what there is; the type may be another one."""
    pages: dict[str, Page] = {
        f"{SITE}/wp-json/": dump({"namespaces": ["wp/v2"], "routes": {}}),
        f"{SITE}/wp-json/wp/v2/kurse?per_page=100&{EMBED}": dump([post(5)]),
    }
    assert [record.record_id for record in read(WordpressConnector(), pages, type="kurse").records] == ["5"]


def test_all_pages_of_posts_are_read() -> None:
    """As many as a full page promises; an error behind the last one ends the list, one before it the run."""
    first, second, third = (f"{POSTS}?per_page=100&{EMBED}{page}" for page in ("", "&page=2", "&page=3"))
    full = [post(number) for number in range(100)]
    pages: dict[str, Page] = {
        first: dump(full),
        second: dump([post(100 + number) for number in range(100)]),
        third: Problem("http_error"),
    }
    assert len(read(WordpressConnector(), pages, url=POSTS).records) == 200
    with pytest.raises(SourceError):
        read(WordpressConnector(), {first: dump(full), second: Problem("http_5xx")}, url=POSTS)
    reading = read(WordpressConnector(), pages, url=POSTS, max_pages=1)
    assert (len(reading.records), reading.codes) == (100, ["too_many_pages"])


def test_a_site_is_read_over_the_network(site: Site, context: Any) -> None:
    """The start page's header leads to the API; the number of pages stands in another; a fourth request is none."""
    api = {"Link": f'<{site.url}/wp-json/>; rel="https://api.w.org/"', "Content-Type": "text/html; charset=UTF-8"}
    root = dump({"namespaces": ["wp/v2"], "routes": {}})

    def answer(request: Request) -> tuple[int, dict[str, str], bytes]:
        number = 2 if "page=2" in request.path else 1
        return 200, {"X-WP-TotalPages": "2", "Content-Type": "application/json"}, dump([post(number)])

    site.pages |= {"/": (200, api, b"<html><p>Willkommen</p></html>"), "/wp-json/": root, "/wp-json/wp/v2/posts": answer}
    connector = WordpressConnector()
    items = list(connector.read(connector.options(url=f"{site.url}/"), context()))
    assert [item.record_id for item in items if isinstance(item, RawRecord)] == ["1", "2"]
    assert [path.partition("?")[0] for path in site.asked] == ["/", "/wp-json/", "/wp-json/wp/v2/posts", "/wp-json/wp/v2/posts"]


def test_an_answer_that_breaks_off_is_told() -> None:
    """The whole events of it are read; that there may be more is not kept silent."""
    whole = listed(event(1), event(2), event(3))
    reading = read(WordpressConnector(), {ASKED: whole[: whole.index(b"Fest 3")]}, url=EVENTS)
    assert ([record.record_id for record in reading.records], reading.codes) == (["1", "2"], ["truncated"])


def test_pages_that_come_again_are_no_pages() -> None:
    """An API that ignores the page number would double everything for ever."""
    page = listed(event(1), next_rest_url=f"{EVENTS}?page=2")
    with pytest.raises(SourceError, match="circles"):
        read(WordpressConnector(), {ASKED: page, f"{EVENTS}?page=2": page}, url=EVENTS)


def test_false_stands_where_an_object_is_expected() -> None:
    """PHP writes false, an empty list, or a list of one; all of them are read."""
    venues: list[Any] = [False, [], {"venue": "Haus"}, [{"venue": "Haus"}], None, "", 0]
    reading = harvest(*(event(n, venue=venue, organizer=venue, image=venue, categories=venue) for n, venue in enumerate(venues)))
    assert [data.get("venue") for data in reading.data] == [None, None, {"name": "Haus"}, {"name": "Haus"}, None, None, None]


def test_the_dates_of_a_series_are_sessions_of_one_record() -> None:
    """Their addresses end in a day; the name before it is the identifier, and it stays when the first day has passed."""
    dates = [event(n, url=f"{SITE}/event/cafe/2026-12-0{n}/", start_date=f"2026-12-0{n} 15:00:00") for n in range(1, 4)]
    for some in (dates, dates[1:], dates[2:]):
        (record,) = harvest(*some).records
        assert record.record_id == "cafe"
        assert len(record.data["sessions"]) == len(some)


def test_an_event_that_moves_to_the_next_page_is_one() -> None:
    """The list changes while it is read; two different events under one number stay two, and normalise tells of them."""
    assert len(harvest(event(1), event(1)).records) == 1
    assert [record.record_id for record in harvest(event(1), event(1, title="Anderes")).records] == ["1", "1"]


def test_the_rows_need_no_map() -> None:
    """Title, text, place, costs, institution, contact and the date fill their columns by themselves."""
    full = event(
        3, title="Deutsch &#038; Tee", description="<p>Wir <b>sprechen</b>.</p>", cost="5 €", image={"url": f"{SITE}/a.jpg"},
        categories=[{"name": "Sprache"}], tags=[{"name": "Tee"}], modified_utc="2026-11-02 14:25:29",
        venue={"venue": "Zentrum", "address": "Sonnenwall 73", "zip": "47051", "city": "Duisburg",
               "geo_lat": 51.4325, "geo_lng": 6.7652},
        organizer=[{"organizer": "Lernhaus e. V.", "email": "info@lernhaus.example"}, {"organizer": "Bibliothek"}],
    )  # fmt: skip
    batch = normalise(WordpressConnector(), harvest(full))
    assert {
        "record_id": "3", "title": "Deutsch & Tee", "description": "Wir sprechen.", "offer_type": "event",
        "keywords": "Sprache;Tee", "cost_type": "paid", "cost_amount": 5.0, "url": f"{SITE}/event/fest-3/",
        "image_url": f"{SITE}/a.jpg",
        "attendance_mode": "onsite", "contact_email": "info@lernhaus.example", "source_modified": "2026-11-02T15:25:29+01:00",
    }.items() <= batch.offers[0].items()  # fmt: skip
    assert {
        "name": "Zentrum",
        "street": "Sonnenwall",
        "house_number": "73",
        "postal_code": "47051",
        "latitude": 51.4325,
    }.items() <= (batch.locations[0].items())
    assert [(row["start"], row["end"]) for row in batch.sessions] == [("2026-12-05T15:00:00+01:00", "2026-12-05T17:00:00+01:00")]
    assert {row["name"] for row in batch.organisations} == {"Lernhaus e. V.", "Bibliothek"}
    assert batch.problems == []


def test_a_closed_site_is_read_through_its_feed() -> None:
    """The number of a post is in its guid, so an offer keeps its identifier; that the API is closed is told."""
    page = '<html><head><link rel="alternate" "" {x type="application/rss+xml" href="/feed/"></head><p>x</p></html>'
    feed = (
        f'<rss version="2.0"><channel><item><title>A</title><guid isPermaLink="false">{SITE}/?p=412</guid></item></channel></rss>'
    )
    for closed in ("login_required", "not_found", "http_error"):
        pages: dict[str, Page] = {SITE: page.encode(), f"{SITE}/wp-json/": Problem(closed), f"{SITE}/feed/": feed.encode()}
        reading = read(WordpressConnector(), pages)
        assert [(record.record_id, record.data["title"]) for record in reading.records] == [("412", "A")]
        assert reading.codes == ["odd_record"]
    pages[f"{SITE}/wp-json/"] = Problem("timeout")  # tonight only: the feed's ten entries must not replace all posts
    with pytest.raises(SourceError):
        read(WordpressConnector(), pages)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (listed(), "empty_feed"),
        (b"", "empty_feed"),
        (b"<html><body>Wartung</body></html>", "wrong_content"),
        (b'{"code": "rest_forbidden", "message": "verboten"}', "wrong_content"),
        (b'{"events": [', "broken_file"),
    ],
)
def test_what_is_no_list_of_events_is_told(body: bytes, expected: str) -> None:
    """Empty, closed, down for maintenance, broken off."""
    with pytest.raises(SourceError) as raised:
        read(WordpressConnector(), {ASKED: body}, url=EVENTS)
    assert raised.value.problem.code == expected


def test_the_limit_of_records_holds() -> None:
    """What is more is told."""
    reading = harvest(*(event(number) for number in range(5)), limits=Limits(max_records=2))
    assert (len(reading.records), reading.codes) == (2, ["record_limit"])


@pytest.mark.parametrize(
    ("body", "route", "words"),
    [
        (listed(event(1), event(2), total=34), "events", "The Events Calendar mit 34 Veranstaltungen, nächste am 5. Dezember"),
        (dump([post(1)]), "posts", "WordPress mit einem Beitrag"),
        (
            b"<head><link rel='https://api.w.org/' href='/wp-json/'></head><body class='tribe-events'>",
            "events",
            "The Events Calendar",
        ),
        (b"<head><link href='/wp-json/' rel=\"https://api.w.org/\"></head>", "posts", "offener Schnittstelle"),
    ],
)
def test_it_is_recognised(body: bytes, route: str, words: str) -> None:
    """By the shape of an answer, or the link in a page."""
    found = WordpressConnector.detect(capture(body, SITE))
    assert found is not None
    assert words in found.reason
    assert found.options == {"url": SITE, "route": route}


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{}", b"[1]", b"<html>", b"Titel;Ort", b'{"events": 1}', b'[{"title": "x", "link": "y"}]']
)
def test_others_are_not_recognised(body: bytes) -> None:
    """Any JSON, any page, nothing."""
    assert WordpressConnector.detect(capture(body)) is None


def test_a_real_event_is_read_whole(shared_data: Path) -> None:
    """An event of 2018 in its list: title, price, place and address; the end in 2067 is told and not taken."""
    objects = json.loads((shared_data / "wordpress_tec" / "tec_v1_objects.json").read_text())
    reading = harvest(objects["event"])
    (record,) = reading.records
    assert record.record_id == "6178"
    assert sorted(reading.codes) == ["odd_record", "timezone_unknown"]
    batch = normalise(WordpressConnector(), reading)
    assert [(row["title"], row["url"]) for row in batch.offers] == [
        ("Atlanta Braves vs. Miami Marlins", "https://www.seatsforeveryone.com/3255487/AtlantaBravesvsMiamiMarlins")
    ]
    assert batch.locations[0]["name"] == "SunTrust Park"
    assert [(row["start"], row["end"]) for row in batch.sessions] == [("2018-07-31T19:30:00+02:00", None)]
    assert "unmapped_column" not in [problem.code for problem in batch.problems]


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)
NAMES = (
    "start_date",
    "end_date",
    "venue",
    "organizer",
    "image",
    "categories",
    "timezone",
    "json_ld",
    "url",
    "id",
    "modified_utc",
    "own",
)


@given(values=st.lists(VALUES, min_size=12, max_size=12))
@settings(max_examples=150, deadline=None)
def test_no_event_raises_anything_but_a_source_error(values: list[Any]) -> None:
    """Whatever stands in the fields, records are JSON and neighbours are spared."""
    odd = dict(zip(NAMES, values, strict=True))
    for one in (odd, {**event(1), **{name: value for name, value in odd.items() if name != "start_date"}}):
        reading = harvest(event(900), one, event(901))
        json.dumps(reading.data, allow_nan=False).encode()
        assert {"900", "901"} <= {record.record_id for record in reading.records}
    with contextlib.suppress(SourceError):
        body = dump([post(1), {**post(2), "content": values[0], "_embedded": {"wp:term": values[1]}, "x": values[2]}, values[3]])
        reading = read(WordpressConnector(), {f"{POSTS}?per_page=100&{EMBED}": body}, url=POSTS)
        json.dumps(reading.data, allow_nan=False).encode()


@given(st.binary(max_size=200))
@settings(max_examples=80, deadline=None)
def test_no_bytes_raise_anything_but_a_source_error(body: bytes) -> None:
    """The same for whatever a server may answer, on every way in."""
    for start in (b"", b'{"events": [', b"<html><link rel='https://api.w.org/' href='"):
        WordpressConnector.detect(capture(start + body))
        for url in (SITE, EVENTS, POSTS, f"{SITE}/wp-json/"):
            pages: dict[str, Page] = dict.fromkeys(
                (url, ASKED, f"{POSTS}?per_page=100&{EMBED}", f"{SITE}/wp-json/"), start + body
            )
            with contextlib.suppress(SourceError):
                read(WordpressConnector(), pages, url=url)
