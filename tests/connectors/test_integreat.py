"""Integreat regions in, records with all their languages out."""

import contextlib
import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from connectors.contract import SourceError
from connectors.integreat import IntegreatConnector, IntegreatOptions
from connectors.opening import to_opening_hours
from schemas.problems import Problem
from tests.connectors.normalised import normalise
from tests.connectors.pages import NOW, ZONE, Page, Reading, capture, read

API = "https://cms.example/api/v3/musterstadt"


def page(number: int, language: str = "de", **more: Any) -> dict[str, Any]:
    """Give a page; `links` names its translations as language: id, `above` the path of the page above it."""
    path = f"/musterstadt/{language}/seite-{number}/"
    named = more.pop("links", {}).items()
    links = {code: {"id": name, "path": f"/musterstadt/{code}/seite-{name or number}/"} for code, name in named}
    above = more.pop("above", None)
    parent = {"id": above, "path": f"/musterstadt/{language}/seite-{above}/"} if above else {"id": 0, "path": None}
    texts = {"title": f"Seite {number}", "content": f"<p>Text {number}</p>", "excerpt": f"Text {number}"}
    shared = {"id": number, "path": path, "url": f"https://cms.example{path}", "parent": parent, "available_languages": links}
    return {**shared, **texts, "organization": None, "thumbnail": None, "hash": None, "order": 1, "embedded_offers": [], **more}


def location(number: int, language: str = "de", **more: Any) -> dict[str, Any]:
    place = {
        "id": 9,
        "name": "Haus",
        "address": "Weg 1",
        "town": "Duisburg",
        "postcode": "47051",
        "country": "Deutschland",
        "latitude": 51.4,
        "longitude": 6.7,
        "state": None,
    }
    return page(
        number, language, **{"location": place, "opening_hours": None, "temporarily_closed": False, "barrier_free": None, **more}
    )


def event(number: int | None, start: str, end: str, rule: str | None = None, day: str = "", **more: Any) -> dict[str, Any]:
    entry = page(number or 0, **more)
    times = {"id": number, "start": start, "end": end, "all_day": more.get("all_day", False), "timezone": "Europe/Berlin"}
    path = f"/musterstadt/de/events/treff{f'${day}' if day else ''}/"
    nowhere = dict.fromkeys(("id", "name", "address", "town", "postcode", "latitude", "longitude"))
    return {
        **entry,
        "id": number,
        "path": path,
        "url": path,
        "event": times,
        "recurrence_rule": rule,
        "location": more.get("location", nowhere),
    }


def harvest(*entries: Any, **options: Any) -> Reading:
    return read(IntegreatConnector(), {f"{API}/de/pages.json": json.dumps(entries).encode()}, **options)


def region(**documents: list[Any]) -> dict[str, Page]:
    """Give the endpoints of a region: de_pages=[…]."""
    return {
        f"{API}/{name.replace('_', '/')}/{'?combine_recurring=1' if name.endswith('events') else ''}": json.dumps(
            entries
        ).encode()
        for name, entries in documents.items()
    }


def test_a_region_is_read_whole_in_all_its_languages() -> None:
    """Pages, locations and events each in the first language, then in those that their entries name."""
    documents = region(
        de_pages=[page(1, links={"ar": 11, "uk": None})],
        de_locations=[location(1, links={"ar": 5})],
        de_events=[],
        ar_pages=[page(11, "ar", title="صفحة", links={"de": 1})],
        ar_locations=[location(5, "ar", title="مكان", links={"de": 1})],
        uk_pages=[page(1, "uk", id=None, title="Seite 1", content="<p>Text 1</p>")],
    )
    reading = read(IntegreatConnector(), documents, url="https://cms.example", region="musterstadt")
    assert [record.record_id for record in reading.records] == ["page-1", "location-1"]
    assert [[text["language"] for text in data["translations"]] for data in reading.data] == [["ar"], ["ar"]]
    assert (reading.data[0]["translations"][0]["title"], reading.data[0]["language"]) == ("صفحة", "de")
    assert reading.problems == []


def test_an_entry_without_the_first_language_is_a_record_of_its_own() -> None:
    """A page that is only there in English and Turkish is one record in English with a Turkish translation."""
    documents = region(
        de_pages=[page(1, links={"en": 2, "tr": 3})],
        en_pages=[page(2, "en", links={"de": 1}), page(7, "en", links={"tr": 8})],
        tr_pages=[page(8, "tr", links={"en": 7}), page(3, "tr", links={"de": 1})],
    )
    reading = read(IntegreatConnector(), documents, url=f"{API}/de/pages/")
    assert [
        (r.record_id, r.data["language"], [text["language"] for text in r.data["translations"]]) for r in reading.records
    ] == [("page-1", "de", ["en", "tr"]), ("page-7", "en", ["tr"])]


def test_the_order_of_the_entries_changes_no_identifier() -> None:
    """The same entries in another order are the same records."""
    documents = [page(1, links={"en": 2}), page(3), page(4, above=3)]
    ids = [
        {(r.record_id, json.dumps(r.data, sort_keys=True)) for r in harvest(*order).records}
        for order in (documents, documents[::-1])
    ]
    assert ids[0] == ids[1]


def test_a_language_that_is_gone_is_told_and_one_that_fails_stops_the_source() -> None:
    """A 404 costs a translation; a night of failures must not take all translations from the public."""
    documents = region(de_pages=[page(1, links={"en": 2})])
    reading = read(IntegreatConnector(), documents, url=f"{API}/de/pages/")
    assert (len(reading.records), reading.codes) == (1, ["not_found"])
    with pytest.raises(SourceError):
        read(IntegreatConnector(), {**documents, f"{API}/en/pages/": Problem("timeout")}, url=f"{API}/de/pages/")
    assert read(IntegreatConnector(), documents, url=f"{API}/de/pages/", languages=()).problems == []


def test_pages_know_the_titles_above_them() -> None:
    """Topics come from where a page stands; a circle of parents ends."""
    reading = harvest(
        page(1, title="Arbeit"),
        page(2, title="Beratung", above=1),
        page(3, title="Jobcenter", above=2),
        page(8, above=9),
        page(9, above=8),
    )
    assert [data.get("sections", []) for data in reading.data[:3]] == [[], ["Arbeit"], ["Arbeit", "Beratung"]]


def test_both_shapes_of_a_location_give_the_same_contact() -> None:
    """Newer versions list contacts, older ones have flat fields; persons' names and mobiles are never taken."""
    flat = location(1, website="https://haus.example", email="info@haus.example", phone_number="0203 1234567")
    person = {
        "name": "Mia Muster",
        "email": "mia@haus.example",
        "phone_number": None,
        "mobile_number": "0170 1234567",
        "website": None,
    }
    office = {
        "name": None,
        "email": "info@haus.example",
        "phone_number": "0203 1234567",
        "website": "https://haus.example",
        "area_of_responsibility": None,
    }
    listed = location(1, contacts=[person, office])
    contact = {"website": "https://haus.example", "email": "info@haus.example", "phone_number": "0203 1234567"}
    assert [contact, contact] == [harvest(entry).data[0]["contact"] for entry in (flat, listed)]
    assert "Muster" not in str(harvest(listed).data) and "0170" not in str(harvest(listed).data)


def test_a_location_says_where_when_and_whether_it_is_open() -> None:
    """Closed for now, barriers, opening hours in OSM's words; coordinates of 0, 0 are none."""
    day = {
        "allDay": False,
        "closed": False,
        "appointmentOnly": False,
        "timeSlots": [{"start": "10:00", "end": "13:00", "timezone": "Europe/Berlin"}],
    }
    week = [
        day,
        day,
        day,
        {**day, "closed": True},
        {**day, "appointmentOnly": True, "timeSlots": []},
        {**day, "allDay": True},
        {**day, "closed": True},
    ]
    (data,) = harvest(location(1, opening_hours=week, barrier_free=False, temporarily_closed=True)).data
    assert data["opening_hours"] == 'Mo-We 10:00-13:00; Fr "nach Vereinbarung"; Sa 00:00-24:00'
    assert (data["barrier_free"], data["status"], data["attendance"]) == (False, "temporarily_closed", "onsite")
    reading = harvest(location(2, opening_hours=week[:3], location={"name": "Haus", "latitude": 0.0, "longitude": 0.0}))
    assert (reading.data[0]["location"], reading.codes) == ({"name": "Haus"}, ["bad_opening_hours"])


@pytest.mark.parametrize(
    "week, hours, sound",
    [
        (None, None, True),
        ([{"closed": True}] * 7, None, True),
        ([{"allDay": True}] * 7, "24/7", True),
        ("Mo-Fr", None, False),
        ([1] * 7, None, False),
        ([{"timeSlots": [{"start": "20:00", "end": "00:00"}]}] + [{"closed": True}] * 6, "Mo 20:00-24:00", True),
        (
            [{"timeSlots": [{"start": "25:00", "end": "26:00"}]}] * 2 + [{"timeSlots": [{"start": "08:00", "end": "12:00"}]}] * 5,
            "We-Su 08:00-12:00",
            False,
        ),
    ],
)
def test_opening_hours_are_osm_syntax_or_nothing(week: Any, hours: str | None, sound: bool) -> None:
    """What cannot be read is left out and said."""
    assert (hours, sound) == to_opening_hours(week)


RULE = "DTSTART:20261201T120000\nRRULE:FREQ=WEEKLY;INTERVAL=2;UNTIL=20270131T235959;BYDAY=TU,TH"


def test_a_combined_event_is_expanded_from_its_own_start() -> None:
    """The rule's DTSTART is UTC without saying so: the event begins at one o'clock, and stays there in summer."""
    reading = harvest(event(4, "2026-12-01T13:00:00+01:00", "2026-12-01T15:00:00+01:00", RULE))
    starts = [session["start"] for session in reading.data[0]["sessions"]]
    assert starts[:3] == ["2026-12-01T13:00:00+01:00", "2026-12-03T13:00:00+01:00", "2026-12-15T13:00:00+01:00"]
    assert starts[-1] == "2027-01-28T13:00:00+01:00"
    assert reading.data[0]["sessions"][0]["end"] == "2026-12-01T15:00:00+01:00"
    late = harvest(
        event(
            4,
            "2026-12-01T00:30:00+01:00",
            "2026-12-01T01:00:00+01:00",
            "DTSTART:20261130T233000\nRRULE:FREQ=DAILY;UNTIL=20261203T235959",
        )
    )
    assert [session["start"][:10] for session in late.data[0]["sessions"]] == ["2026-12-01", "2026-12-02", "2026-12-03"]


def test_an_event_spread_out_over_its_dates_is_one_record() -> None:
    """Entries without an id belong together by their path; the record's address is the event's, not that of the next date."""
    spread = [
        event(None, f"{day}T13:00:00+01:00", f"{day}T15:00:00+01:00", RULE, day=day)
        for day in ("2026-12-03", "2026-12-01", "2026-12-15")
    ]
    reading = harvest(*spread, event(7, "2026-12-24T10:00:00+01:00", "2026-12-24T11:00:00+01:00", all_day=True))
    assert [(r.record_id, [session["start"][:10] for session in r.data["sessions"]]) for r in reading.records] == [
        ("event-treff", ["2026-12-01", "2026-12-03", "2026-12-15"]),
        ("event-7", ["2026-12-24"]),
    ]
    assert reading.data[0]["path"] == "/musterstadt/de/events/treff/"
    assert reading.data[1]["sessions"][0] == {"start": "2026-12-24", "end": "2026-12-24", "all_day": True}


def test_a_hostile_rule_and_a_broken_date_are_problems_of_their_event() -> None:
    """The event stays with its first date, or without one; its neighbours are untouched."""
    reading = harvest(
        event(1, "2026-12-01T13:00:00+01:00", "2026-12-01T15:00:00+01:00", "DTSTART:20261201T120000\nRRULE:FREQ=SECONDLY"),
        event(2, "morgen", "übermorgen"),
        event(3, "2026-12-01T13:00:00+01:00", "2026-11-01T15:00:00+01:00"),
    )
    assert [len(data.get("sessions", [])) for data in reading.data] == [1, 0, 1]
    assert reading.codes == ["recurrence_rejected", "odd_record"]
    assert reading.problems[0].locator == "/musterstadt/de/events/treff/"


def test_older_events_give_day_and_time_apart() -> None:
    """Before there was `start` there were start_date and start_time."""
    entry = event(1, "", "")
    entry["event"] = {
        "start_date": "2026-12-01",
        "start_time": "13:00:00",
        "end_date": "2026-12-01",
        "end_time": "15:00:00",
        "all_day": False,
    }
    assert harvest(entry).data[0]["sessions"][0]["start"] == "2026-12-01T13:00:00+01:00"


def test_what_is_no_entry_is_told_and_the_others_are_read() -> None:
    """Broken entries, a file cut short, and a page that is no list at all."""
    body = json.dumps([page(1), {"x": 1}, "y", page(2)], indent=1).encode()
    reading = read(IntegreatConnector(), {f"{API}/x.json": body})
    assert (len(reading.records), reading.codes) == (2, ["bad_record", "bad_record"])
    assert {problem.severity_or_default for problem in reading.problems} == {"rejected"}
    reading = read(IntegreatConnector(), {f"{API}/x.json": body[:-40]})
    assert ([record.record_id for record in reading.records], "truncated" in reading.codes or "bad_record" in reading.codes) == (
        ["page-1"],
        True,
    )
    for wrong, code in (
        (b"<html>Wartung</html>", "wrong_content"),
        (b"{}", "wrong_content"),
        (b"[]", "empty_feed"),
        (b"", "empty_feed"),
    ):
        with pytest.raises(SourceError) as error:
            read(IntegreatConnector(), {f"{API}/x.json": wrong})
        assert code == error.value.problem.code


def test_a_broken_translation_costs_no_record() -> None:
    """The entry stands in the first language; in the others it is only told."""
    documents: dict[str, Page] = {
        f"{API}/de/pages/": json.dumps([page(1, links={"uk": 2})]).encode(),
        f"{API}/uk/pages/": json.dumps([page(2, "uk", links={"de": 1}), "x"]).encode(),
    }
    reading = read(IntegreatConnector(), documents, url=f"{API}/de/pages/")
    assert len(reading.records) == 1
    assert [(problem.code, problem.severity_or_default) for problem in reading.problems] == [("bad_record", "remark")]


def test_the_options_check_themselves() -> None:
    """Codes are codes, and what is read is one of three kinds."""
    for options in ({"language": "Deutsch"}, {"languages": ("../x",)}, {"content": "imprint"}, {"region": "a/b"}):
        with pytest.raises(ValidationError):
            IntegreatOptions.model_validate({"url": API, **options})
    options = IntegreatOptions(url="https://cms.example/", region="musterstadt", languages=("en",), content="events")
    addresses = [f"https://cms.example/api/v3/musterstadt/{code}/events/?combine_recurring=1" for code in ("de", "en")]
    assert addresses == list(IntegreatConnector().entries(options))


def test_an_endpoint_is_recognised_with_its_figures() -> None:
    """The sentence says what, how many, in how many languages and how fresh."""
    body = json.dumps([location(1, links={"ar": 2, "en": 3}, last_updated="2026-11-02T13:00:00+01:00"), location(2)]).encode()
    found = IntegreatConnector.detect(capture(body, f"{API}/de/locations/"))
    assert found is not None
    assert found.reason == "Integreat mit 2 Orten in 3 Sprachen, zuletzt geändert am 2. November"
    app = IntegreatConnector.detect(capture(b"<html>", "https://integreat.app/duisburg/de/willkommen"))
    assert app is not None
    assert (app.options["region"], app.options["language"]) == ("duisburg", "de")
    for other in (b"[]", b'[{"title": "x"}]', b"{}", b"<html>", b""):
        assert IntegreatConnector.detect(capture(other, "https://x.example/")) is None


VALUES = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-5, 5),
        st.floats(),
        st.text(max_size=5),
        st.sampled_from(["de", "2026-12-01T10:00:00", "RRULE:FREQ=DAILY"]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(["id", "path", "de", "ar", "start", "name", "latitude"]), inner, max_size=4),
    ),
    max_leaves=8,
)
NAMES = [
    "id",
    "path",
    "title",
    "content",
    "parent",
    "available_languages",
    "event",
    "recurrence_rule",
    "location",
    "opening_hours",
    "contacts",
    "organization",
    "category",
    "thumbnail",
    "temporarily_closed",
    "barrier_free",
    "neu",
]


@given(st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=8))
@settings(max_examples=300, deadline=None)
def test_no_entry_raises_anything_but_a_source_error(odd: dict[str, Any]) -> None:
    """Whatever a field holds, reading gives JSON-able records and problems, the same twice."""
    results = []
    for _ in range(2):
        with contextlib.suppress(SourceError):
            reading = harvest({**page(1), **odd}, {**location(2), **odd}, {**event(3, "2026-12-01T10:00:00", "x"), **odd})
            results.append(json.dumps([list(reading.data), reading.codes], allow_nan=False))
    assert results[:1] == results[1:]


def test_real_files_are_read_whole(shared_data: Path) -> None:
    """362 pages of a real region, of which 78 only lead to others, and the files of the API's own contract."""
    live = (shared_data / "integreat_live_pages" / "rems-murr-kreis_de_pages.json").read_bytes()
    reading = read(IntegreatConnector(), {"https://x.example/pages.json": live})
    assert (len({record.record_id for record in reading.records}), reading.problems) == (362, [])
    assert 78 == sum(data.get("signpost") is True for data in reading.data)
    assert sum("sections" in data for data in reading.data) > 300
    folder = shared_data / "integreat_api"
    documents: dict[str, Page] = {
        f"https://x.example/{path.stem}": path.read_bytes() for path in folder.glob("augsburg_*_*.json")
    }
    reading = read(IntegreatConnector(), documents, url="https://x.example/augsburg_{language}_{content}", languages=("ar",))
    assert {kind: sum(data["kind"] == kind for data in reading.data) for kind in ("page", "location", "event")} == {
        "page": 19,
        "location": 1,
        "event": 1,
    }
    place = next(data for data in reading.data if data["kind"] == "location")
    assert (place["opening_hours"], [text["language"] for text in place["translations"]]) == (
        "Mo,Tu,Th 10:00-13:00,15:00-18:00; Fr 10:00-14:00",
        ["ar"],
    )


def test_the_spread_out_and_the_combined_event_have_the_same_sessions(shared_data: Path) -> None:
    """Two forms of the API's own example, read in January 2030, say the same."""
    now = datetime(2030, 1, 1, tzinfo=ZONE)
    assert now > NOW
    forms = [
        (shared_data / "integreat_api" / f"augsburg_de_events{form}.json").read_bytes() for form in ("", "_combine_recurring")
    ]
    spread, combined = (
        [session["start"] for session in read(IntegreatConnector(), {"https://x.example/e": form}, now=now).data[0]["sessions"]]
        for form in forms
    )
    assert spread == combined[: len(spread)] and len(spread) == 6


def test_a_page_that_only_leads_to_others_is_no_offer() -> None:
    """It is read and counted, and filtered: a menu of the app is nothing anybody can go to."""
    reading = harvest(page(1, content="", excerpt=""), page(2, content="<p> </p>", excerpt=""), page(3, content="<p>Text</p>"))
    batch = normalise(IntegreatConnector(), reading)
    assert (3, 1, 2) == (batch.read, len(batch.offers), batch.filtered)
