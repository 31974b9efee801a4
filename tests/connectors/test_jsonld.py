"""schema.org in pages, sitemaps and files comes in; flat records with their sessions go out."""

import contextlib
import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.context import RunContext
from connectors.contract import Limits, SourceError
from connectors.jsonld import JsonldConnector
from schemas.problems import Problem
from schemas.record import RawRecord
from tests.connectors.pages import Page, Reading, capture, read
from tests.connectors.site import Site, redirect

URL = "https://verein.example/kurs.html"


def page(*scripts: Any, body: str = "") -> bytes:
    """Give a page with a script per object; a text stands there as it is."""
    texts = [script if isinstance(script, str) else json.dumps(script, ensure_ascii=False) for script in scripts]
    return (
        "<html><head>"
        + "".join(f'<script type="application/ld+json">{text}</script>' for text in texts)
        + f"</head>{body}</html>"
    ).encode()


def harvest(*scripts: Any, body: str = "", **options: Any) -> Reading:
    return read(JsonldConnector(), {URL: page(*scripts, body=body)}, **options)


def event(name: str = "Treff", **more: Any) -> dict[str, Any]:
    return {"@context": "https://schema.org", "@type": "Event", "name": name, "startDate": "2026-11-26T18:00:00+01:00", **more}


def test_an_event_is_a_record_with_one_session() -> None:
    """Place, provider, price and dates have plain names; the offset gets its colon; persons are left out."""
    reading = harvest(
        event(
            endDate="2026-11-26T20:00:00+0100",
            eventStatus="https://schema.org/EventCancelled",
            inLanguage={"@type": "Language", "name": "Arabisch"},
            eventAttendanceMode="schema:OnlineEventAttendanceMode",
            keywords="Deutsch, Eltern",
            image={"@type": "ImageObject", "url": "https://x.example/b.jpg"},
            location=[
                {
                    "@type": "Place",
                    "name": "Haus A",
                    "address": {
                        "@type": "PostalAddress",
                        "streetAddress": "Weg 1",
                        "postalCode": "47051",
                        "addressLocality": "Duisburg",
                        "addressCountry": {"@type": "Country", "name": "DE"},
                    },
                    "geo": {"latitude": "51.43", "longitude": 6.76},
                },
                {"@type": "VirtualLocation", "url": "https://meet.example/a"},
            ],
            organizer=[
                {"@type": "Person", "name": "Mia Muster"},
                {"@type": "Organization", "legalName": "Verein e. V.", "email": "info@verein.example"},
            ],
            performer={"@type": "Person", "name": "Max Muster"},
            offers={"@type": "Offer", "price": "5.50", "priceCurrency": "EUR", "url": "https://x.example/k"},
        )
    )
    (data,) = reading.data
    assert data["sessions"] == [
        {"start": "2026-11-26T18:00:00+01:00", "end": "2026-11-26T20:00:00+01:00", "all_day": False, "status": "EventCancelled"}
    ]
    assert data["location"] == {
        "name": "Haus A",
        "street_address": "Weg 1",
        "postal_code": "47051",
        "city": "Duisburg",
        "country": "DE",
        "latitude": "51.43",
        "longitude": 6.76,
    }
    assert (data["online_url"], data["inLanguage"], data["keywords"]) == (
        "https://meet.example/a",
        ["Arabisch"],
        ["Deutsch", "Eltern"],
    )
    assert data["organizer"] == {"name": "Verein e. V.", "email": "info@verein.example"}
    assert (data["cost"], data["registration_url"], data["image"]) == (5.5, "https://x.example/k", "https://x.example/b.jpg")
    assert (data["type"], data["eventStatus"], data["eventAttendanceMode"]) == (
        "Event",
        "EventCancelled",
        "OnlineEventAttendanceMode",
    )
    assert "Muster" not in str(data)


def test_objects_are_found_wherever_they_stand() -> None:
    """In lists, in @graph, inside a list item or a page, by reference; several types, addresses as types."""
    scripts = [
        [event("1"), event("2")],
        {
            "@graph": [
                {"@type": "WebPage", "mainEntity": {"@id": "#e"}},
                event("3", **{"@id": "#e", "location": {"@id": "#ort"}}),
                {"@id": "#ort", "@type": "Place", "name": "Haus A"},
            ]
        },
        {
            "@type": "ItemList",
            "itemListElement": [
                {"@type": "ListItem", "item": event("4", **{"@type": ["Thing", "http://schema.org/EducationEvent"]})}
            ],
        },
        {"@type": "Organization", "name": "Verein", "event": event("5")},
        {"@type": "Article", "name": "kein Angebot"},
    ]
    reading = harvest(*scripts)
    assert [data["name"] for data in reading.data] == ["1", "2", "3", "4", "5"]
    assert (reading.data[2]["location"], reading.records[2].record_id) == ({"name": "Haus A"}, f"{URL}#e")
    assert reading.data[3]["type"] == "EducationEvent"


def test_a_broken_script_spares_the_others() -> None:
    """Line breaks inside strings, wrappers and a semicolon are let through; what is beyond that is told, script by script."""
    reading = harvest(
        '{"@type": "Event", "name": "zwei\nZeilen", "startDate": "2026-11-26"}',
        '{"@type": "Event", "name": }',
        '/*<![CDATA[*/{"@type": "Event", "name": "b", "startDate": "2026-11-26"}/*]]>*/',
        "",
        '<!-- {"@type": "Event", "name": "c", "startDate": "2026-11-26"} -->',
        '{"@type": "Event", "name": "d"};',
        "[" * 100_000,
    )
    assert [data["name"] for data in reading.data] == ["zwei\nZeilen", "b", "c", "d"]
    assert [("bad_script", f"Seite {URL}, Skript 2"), ("bad_script", f"Seite {URL}, Skript 7")] == [
        (p.code, p.locator) for p in reading.problems
    ]


def test_a_course_has_its_instances_as_sessions() -> None:
    """CourseInstances are dates of their course, in it or beside it; long ones give its first and last day."""
    course = {
        "@type": "Course",
        "name": "Deutsch B1",
        "provider": "VHS",
        "hasCourseInstance": [
            {
                "@type": "CourseInstance",
                "name": "Deutsch B1",
                "startDate": "2026-12-01T18:00:00+01:00",
                "endDate": "2026-12-01T20:00:00+01:00",
                "location": "Raum 5, Weg 1, 47051 Duisburg",
            },
            {"@id": "#zweiter"},
            {"@type": "CourseInstance", "startDate": "2027-02-01", "endDate": "2027-06-30"},
        ],
    }
    second = {
        "@id": "#zweiter",
        "@type": "CourseInstance",
        "startDate": "2027-01-11T18:00:00+01:00",
        "endDate": "2027-03-29T20:00:00+02:00",
    }
    (data,) = harvest(course, second).data
    assert (data["startDate"], data["endDate"]) == ("2026-12-01T18:00:00+01:00", "2027-06-30")
    assert [(session["start"], session.get("end")) for session in data["sessions"]] == [
        ("2026-12-01T18:00:00+01:00", "2026-12-01T20:00:00+01:00"),
        ("2027-01-11T18:00:00+01:00", None),
    ]
    assert (data["sessions"][0]["location"], data["organizer"]) == ({"address": "Raum 5, Weg 1, 47051 Duisburg"}, {"name": "VHS"})


def test_a_schedule_becomes_weekdays_or_a_rule() -> None:
    """With a first day: its first date and an RRULE. Weekly without one: a session per weekday."""
    weekly = {
        "@type": "Schedule",
        "byDay": ["https://schema.org/Monday", "Wednesday"],
        "startTime": "18:00:00",
        "endTime": "19:30",
        "repeatFrequency": "P1W",
        "startDate": "2026-09-01",
        "endDate": "2027-01-31",
        "exceptDate": "2026-12-28",
    }
    (data,) = harvest({"@type": "Event", "name": "Treff", "eventSchedule": weekly}).data
    shared = {"until": "2027-01-31", "exdates": ["2026-12-28"]}
    times = {"start": "2026-09-02T18:00:00", "end": "2026-09-02T19:30:00", "all_day": False}
    assert data["sessions"] == [{**times, "rrule": "FREQ=WEEKLY;BYDAY=MO,WE", **shared}]
    del weekly["startDate"]
    (data,) = harvest({"@type": "Event", "name": "Treff", "eventSchedule": weekly}).data
    assert data["sessions"] == [{"weekday": day, "start_time": "18:00", "end_time": "19:30", **shared} for day in ("MO", "WE")]
    monthly = {
        "@type": "Schedule",
        "byDay": "1MO",
        "startTime": "10:00",
        "repeatFrequency": "P1M",
        "startDate": "2026-12-07",
        "repeatCount": 6,
    }
    (data,) = harvest({"@type": "Event", "name": "Treff", "eventSchedule": monthly}).data
    assert data["sessions"] == [{"start": "2026-12-07T10:00:00", "all_day": False, "rrule": "FREQ=MONTHLY;BYDAY=1MO;COUNT=6"}]


@pytest.mark.parametrize(
    "offer, cost",
    [
        ({"isAccessibleForFree": True}, "kostenlos"),
        ({"isAccessibleForFree": "http://schema.org/True"}, "kostenlos"),
        ({"offers": {"price": 0}}, 0.0),
        ({"offers": [{"price": "12.50", "priceCurrency": "EUR"}]}, 12.5),
        ({"offers": {"price": "15 €"}}, "15 €"),
        ({"offers": {"price": 20, "priceCurrency": "CHF"}}, "20,00 CHF"),
        ({"offers": {"lowPrice": 5, "highPrice": "8.5", "priceCurrency": "EUR"}}, "5,00–8,50 EUR"),
        ({"offers": [{"name": "regulär", "price": 10}, {"name": "ermäßigt", "price": 5}]}, "regulär: 10,00 €; ermäßigt: 5,00 €"),
        ({"offers": {"priceSpecification": {"price": 3, "priceCurrency": "EUR"}}}, 3.0),
        ({"offers": "https://x.example"}, None),
    ],
)
def test_prices_are_numbers_where_they_are_surely_euros(offer: dict[str, Any], cost: Any) -> None:
    """What is not plain stays in the partner's words, for the converter to judge."""
    assert cost == harvest(event(**offer)).data[0].get("cost")


def test_identifiers_are_the_partners_own() -> None:
    """@id, identifier, else an address that no other object of the page shares; blank nodes and shared addresses are none."""
    objects = [
        event("a", **{"@id": "https://x.example/1"}),
        event("b", identifier={"@type": "PropertyValue", "value": 17}),
        event("c", url="https://x.example/c"),
        event("d", url=URL),
        event("e", url=URL),
        event("f", **{"@id": "_:b0"}),
    ]
    assert [r.record_id for r in harvest(objects).records] == [
        "https://x.example/1",
        "17",
        "https://x.example/c",
        None,
        None,
        None,
    ]
    assert {"https://x.example/1", "17", "https://x.example/c", None} == {r.record_id for r in harvest(objects[::-1]).records}


def test_a_sitemap_is_followed_with_its_sitemaps() -> None:
    """Index, compressed part, a page that fails, one of another kind, one said twice; the filter and the cap hold."""

    def urlset(*urls: str) -> bytes:
        items = "".join(f"<url><loc> {url} </loc><lastmod>2026-11-01</lastmod></url>" for url in urls)
        return f'<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{items}</urlset>'.encode()

    base = "https://vhs.example"
    parts = "".join(f"<sitemap><loc>{base}/{name}</loc></sitemap>" for name in ("1.xml.gz", "weg.xml"))
    index = f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{parts}</sitemapindex>'
    pages: dict[str, Page] = {
        f"{base}/sitemap.xml": index.encode(),
        f"{base}/1.xml.gz": gzip.compress(
            urlset(
                f"{base}/kurs/1",
                f"{base}/kurs/2",
                f"{base}/kurs/1",
                f"{base}/impressum",
                f"{base}/kurs/plan.pdf",
                f"{base}/kurs/3",
            )
        ),
        f"{base}/kurs/1": page(event("eins", url=f"{base}/kurs/1"), event("überall", url=f"{base}/tag")),
        f"{base}/kurs/2": Problem("http_5xx", value=f"{base}/kurs/2", note="503"),
        f"{base}/kurs/plan.pdf": (b"%PDF-1.7", "application/pdf"),
        f"{base}/kurs/3": page(event("drei", url=f"{base}/kurs/3"), event("überall", url=f"{base}/tag")),
        f"{base}/impressum": Problem("unexpected"),
    }
    reading = read(JsonldConnector(), pages, pages="/kurs/")
    assert [data["name"] for data in reading.data] == ["eins", "überall", "drei"]
    assert [(problem.code, problem.severity_or_default) for problem in reading.problems] == [
        ("http_5xx", "rejected"),  # a page is an entry of the feed
        ("not_found", "remark"),  # a sitemap is none
    ]
    assert f"{base}/kurs/1" == reading.data[0]["page"]
    assert (lambda r: (len(r.records), r.codes))(read(JsonldConnector(), pages, pages="/kurs/", max_pages=1)) == (
        2,
        ["too_many_pages"],
    )


def test_a_list_is_followed_to_its_pages() -> None:
    """With `links` the pages behind the list count, over all pages of the list; the list's own short objects do not."""
    first = page(event("kurz"), body='<a class=k href="1">1</a><a class=w href="?s=2">weiter</a>')
    pages: dict[str, Page] = {
        "https://x.example/liste": first,
        "https://x.example/liste?s=2": page(body='<a class=k href="2">2</a>'),
        "https://x.example/1": page(event("lang 1")),
        "https://x.example/2": page(event("lang 2")),
    }
    assert [data["name"] for data in read(JsonldConnector(), pages, links="a.k@href", next="a.w").data] == ["lang 1", "lang 2"]
    with pytest.raises(SourceError) as error:
        read(JsonldConnector(), pages, links="a.umbenannt@href")
    assert error.value.problem.code == "selector_stale"


def test_a_site_whose_pages_all_fail_fails_as_a_whole() -> None:
    """No page, no record: that is a failed source, not an empty one."""
    pages: dict[str, Page] = {URL: page(body='<a class=k href="1">1</a><a class=k href="2">2</a>')}
    with pytest.raises(SourceError) as error:
        read(JsonldConnector(), pages, links="a.k")
    assert error.value.problem.code == "not_found"


def test_microdata_is_read_where_there_is_no_script() -> None:
    """The same object in attributes gives the same record."""
    body = """<div itemscope itemtype="https://schema.org/EducationEvent">
      <h2 itemprop="name">Elterncafé</h2><meta itemprop="startDate" content="2026-11-26T09:00+01:00">
      <div itemprop="location" itemscope itemtype="https://schema.org/Place"><b itemprop="name">Haus A</b>
        <p itemprop="address" itemscope itemtype="https://schema.org/PostalAddress"><span itemprop="streetAddress">Weg 1</span>
        <span itemprop="postalCode">47051</span></p></div>
      <a itemprop="url" href="/elterncafe">mehr</a>
      <span itemprop="inLanguage">de</span><span itemprop="inLanguage">tr</span></div>"""
    (data,) = harvest(body=body).data
    assert data["location"] == {"name": "Haus A", "street_address": "Weg 1", "postal_code": "47051"}
    assert (data["name"], data["type"], data["url"]) == ("Elterncafé", "EducationEvent", "https://verein.example/elterncafe")
    assert (data["inLanguage"], data["sessions"]) == (["de", "tr"], [{"start": "2026-11-26T09:00+01:00", "all_day": False}])


def test_files_of_objects_are_read_object_by_object() -> None:
    """One list, one object per line, or lines with a broken one between; bare objects count where they have a name and a date."""
    lines = "\n".join(
        json.dumps({"name": name, "startDate": "2026-11-26", "organizer": {"name": "V", "url": "https://v.example"}})
        for name in "abc"
    )
    for body, codes in (
        (lines, []),
        (f"[{lines.replace(chr(10), ',')}]", []),
        (lines.replace("\n", '\n{"name": kaputt}\n', 1), ["bad_record"]),
        (lines + '\n{"name": "abgeschn', ["bad_record"]),
        ("\ufeff" + lines, []),
    ):
        reading = read(JsonldConnector(), {"https://x.example/e.jsonl": body.encode()})
        assert (["a", "b", "c"], codes) == ([data["name"] for data in reading.data], reading.codes)
    assert read(JsonldConnector(), {URL: lines.replace("\n", "\n{kaputt}\n", 1).encode()}).problems[0].locator == "Zeile 2"


@pytest.mark.parametrize(
    "body, code",
    [
        (b"", "wrong_content"),
        (b"[]", "empty_feed"),
        (b"{}", "empty_feed"),
        (page({"@type": "Article", "name": "x"}), "wrong_content"),
        (b"<html><p>Wartung", "wrong_content"),
        (b"<urlset></urlset>", "wrong_content"),
        (b"\x1f\x8b\x08kaputt", "broken_file"),
        (b"%PDF", "wrong_content"),
    ],
)
def test_nothing_found_is_never_a_success(body: bytes, code: str) -> None:
    """Where no offer is found the run says why."""
    with pytest.raises(SourceError) as error:
        read(JsonldConnector(), {URL: body})
    assert code == error.value.problem.code


def test_bombs_are_refused() -> None:
    """Gigabytes in a gzip, entities in a sitemap, objects nested without end."""
    with pytest.raises(SourceError) as error:
        read(JsonldConnector(), {URL: gzip.compress(b"<urlset>" + b" " * 60_000_000)})
    assert error.value.problem.code == "too_large"
    lol = (
        '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "'
        + "&a;" * 10
        + '"><!ENTITY c "'
        + "&b;" * 10
        + '">]><urlset><url><loc>https://x.example/&c;</loc></url></urlset>'
    )
    with pytest.raises(SourceError):
        read(JsonldConnector(), {URL: lol.encode()})
    nested: Any = event()
    for _ in range(200):
        nested = {"@type": "Thing", "x": [nested]}
    with pytest.raises(SourceError):
        harvest(nested)
    reading = read(JsonldConnector(), {URL: page([event(str(n)) for n in range(50)])}, limits=Limits(max_records=10))
    assert (len(reading.records), reading.codes) == (10, ["record_limit"])


def test_pages_files_and_sitemaps_are_recognised_with_their_figures() -> None:
    """The sentence says how many, of what kind, and when the next one is."""
    found = JsonldConnector.detect(
        capture(page(event("a"), event("b", startDate="2026-12-03"), {"@type": "Course", "name": "c"}), URL)
    )
    assert found is not None
    assert found.reason == "Internetseite mit 3 Angeboten nach schema.org (2 Event, 1 Course), nächstes am 26. November"
    found = JsonldConnector.detect(capture(b"<urlset><url><loc>https://x.example/1</loc></url></urlset>", URL))
    assert found is not None
    assert found.reason.startswith("Sitemap mit einer Seite")
    for body in (b"<html><p>x</p></html>", b'{"a": 1}', b"", b"BEGIN:VCALENDAR", b"\x1f\x8bx"):
        assert JsonldConnector.detect(capture(body, URL)) is None


VALUES = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.text(max_size=8),
        st.sampled_from(
            [
                "2026-11-26",
                "2026-11-26T18:00:00+0100",
                "P1W",
                "Monday",
                "https://x.example/a",
                "#a",
                "Event",
                "Place",
                "CourseInstance",
                "18:00",
                "\ud800",
            ]
        ),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(
                [
                    "@type",
                    "@id",
                    "@value",
                    "@graph",
                    "name",
                    "startDate",
                    "endDate",
                    "duration",
                    "location",
                    "address",
                    "geo",
                    "latitude",
                    "longitude",
                    "organizer",
                    "offers",
                    "price",
                    "priceSpecification",
                    "eventSchedule",
                    "byDay",
                    "startTime",
                    "repeatFrequency",
                    "hasCourseInstance",
                    "subEvent",
                    "image",
                    "identifier",
                    "keywords",
                    "inLanguage",
                    "url",
                ]
            ),
            inner,
            max_size=6,
        ),
    ),
    max_leaves=20,
)


@given(VALUES)
@settings(max_examples=300, deadline=None)
def test_no_object_raises_anything_but_a_source_error(value: Any) -> None:
    """Whatever the objects hold, records are JSON and the same twice."""
    script = json.dumps(
        {"@type": "Event", "name": "x", "startDate": "2026-11-26", "x": value, **(value if isinstance(value, dict) else {})}
    )
    results = []
    for _ in range(2):
        with contextlib.suppress(SourceError):
            reading = harvest(script)
            results.append([json.dumps(data, allow_nan=False).encode() for data in reading.data])
            str(reading.data).encode("utf-8")
    assert results[:1] == results[1:]


@given(st.binary(max_size=300))
@settings(max_examples=150, deadline=None)
def test_no_bytes_raise_anything_but_a_source_error(tail: bytes) -> None:
    """The same for bytes that are no JSON at all."""
    starts = (
        b"",
        b"[{",
        b'{"name": "a", "startDate": "2026"}\n',
        b"<urlset><u:::l><loc>",
        b'<html><script type="application/ld+json">{',
        b"\x1f\x8b",
    )
    for start in starts:
        with contextlib.suppress(SourceError):
            read(JsonldConnector(), {URL: start + tail})
        JsonldConnector.detect(capture(start + tail, URL))


def test_real_files_are_read_whole(shared_data: Path) -> None:
    """Ten bare events of Münster, one event of Jena with line breaks in its strings."""
    reading = read(
        JsonldConnector(), {"https://x.example/events.jsonl": (shared_data / "schemaorg_json" / "events.jsonl").read_bytes()}
    )
    assert (len({record.record_id for record in reading.records}), reading.problems) == (10, [])
    assert all(data["location"]["latitude"] > 51 and data["sessions"] for data in reading.data)
    reading = read(JsonldConnector(), {URL: (shared_data / "html_pages" / "uni_jena_event_fragment.html").read_bytes()})
    (data,) = reading.data
    assert (data["location"]["postal_code"], data["sessions"][0]["start"]) == ("07749", "2022-05-19T16:15:00+02:00")
    assert "Trepmann" not in str({name: value for name, value in data.items() if name != "description"})


def test_a_site_is_read_through_the_one_door(site: Site, context: Callable[..., RunContext]) -> None:
    """Sitemap, redirect, compressed part, charset of the server: over a real connection; the second run finds nothing new."""
    kurs = page(event("Übung", url=f"{site.url}/kurs/1")).decode().encode("iso-8859-1")
    urls = f"<urlset><url><loc>{site.url}/kurs/1</loc></url><url><loc>{site.url}/kurs/alt</loc></url></urlset>"
    site.pages |= {
        "/robots.txt": (404, {}, b""),
        "/sitemap.xml": f"<sitemapindex><sitemap><loc>{site.url}/1.xml.gz</loc></sitemap></sitemapindex>",
        "/1.xml.gz": (200, {"Content-Type": "application/gzip", "ETag": '"1"'}, gzip.compress(urls.encode(), mtime=0)),
        "/kurs/1": (200, {"Content-Type": "text/html; charset=ISO-8859-1"}, kurs),
        "/kurs/alt": redirect("/kurs/1"),
    }
    options = JsonldConnector.options(url=f"{site.url}/sitemap.xml")
    first = context()
    items = list(JsonldConnector().read(options, first))
    assert [item.data["name"] for item in items if isinstance(item, RawRecord)] == ["Übung"]
    second = context(state=first.http_state())
    assert items == list(JsonldConnector().read(options, second))
    assert second.not_modified


def test_half_a_surrogate_pair_ends_no_run() -> None:
    """JSON may hold one, text may not; the page of another record is told apart all the same."""
    broken = json.dumps(event("Café")).replace('"@type"', '"@id": "\\ud800x", "@type"')
    reading = harvest(broken, broken, event("Chor"))
    assert ["Café", "Chor"] == [data["name"] for data in reading.data]


def test_a_type_without_end_is_only_a_strange_type() -> None:
    """Its letters are looked at once, not once from each of them."""
    assert [] == [item for item in harvest(event(), {"@type": "A" * 300_000, "name": "x"}).data if item["name"] == "x"]
