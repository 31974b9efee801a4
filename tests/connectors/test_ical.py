"""Calendars in, series with their sessions out: what the standard says, what programs really write, and what is meant to hurt."""

import contextlib
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from connectors.contract import SourceError
from connectors.ical import IcalConnector, IcalOptions
from connectors.recurrence import comes_true, read_rule
from tests.connectors.pages import Reading, capture, read

URL = "https://feed.example/kalender.ics"


def calendar(*events: str, header: str = "") -> bytes:
    """Wrap lines of events into a calendar."""
    body = "".join(f"BEGIN:VEVENT\n{event.strip()}\nEND:VEVENT\n" for event in events)
    return f"BEGIN:VCALENDAR\nVERSION:2.0\n{header}{body}END:VCALENDAR\n".replace("\n", "\r\n").encode()


def harvest(body: bytes, **options: Any) -> Reading:
    return read(IcalConnector(), {URL: body}, **options)


def sessions(*events: str, **options: Any) -> list[tuple[str, str]]:
    """Give the sessions of the first series as pairs of start and end."""
    return [(session["start"], session.get("end", "")) for session in harvest(calendar(*events), **options).data[0]["sessions"]]


def test_times_in_utc_in_a_zone_and_floating_become_the_citys() -> None:
    """An instant is an instant; a time without a zone is the city's."""
    for start in (
        "DTSTART:20261126T170000Z",
        "DTSTART;TZID=Europe/Berlin:20261126T180000",
        "DTSTART:20261126T180000",
        'DTSTART;TZID="W. Europe Standard Time":20261126T180000',
        "DTSTART;TZID=/freeassociation.sourceforge.net/Europe/Berlin:20261126T180000",
    ):
        reading = harvest(calendar(f"UID:a@x\nSUMMARY:Treff\n{start}\nDURATION:PT1H30M"))
        assert tuple(reading.data[0]["sessions"][0][name] for name in ("start", "end")) == (
            "2026-11-26T18:00:00+01:00",
            "2026-11-26T19:30:00+01:00",
        )
        assert reading.problems == []


def test_an_unknown_zone_is_told_once_and_read_as_the_citys() -> None:
    """Nobody knows the zone, so the city's applies, and the partner hears of it."""
    event = "SUMMARY:Treff\nDTSTART;TZID=Unsere Zeit:20261126T180000"
    reading = harvest(calendar(f"UID:a\n{event}", f"UID:b\n{event}"))
    assert reading.codes == ["timezone_unknown"]
    assert "Unsere Zeit" in reading.problems[0].message("de")
    assert reading.data[1]["sessions"][0]["start"] == "2026-11-26T18:00:00+01:00"


def test_an_invented_zone_that_the_file_describes_is_understood() -> None:
    """Outlook invents a name and describes the zone: the offsets are Berlin's, so it is no problem; far away it is."""
    described = (
        "BEGIN:VTIMEZONE\nTZID:Benutzerdefiniert\nBEGIN:STANDARD\nDTSTART:16010101T030000\nTZOFFSETFROM:{summer}\nTZOFFSETTO:{winter}\n"
        "RRULE:FREQ=SECONDLY\nEND:STANDARD\nBEGIN:DAYLIGHT\nDTSTART:16010101T020000\nTZOFFSETFROM:{winter}\nTZOFFSETTO:{summer}\n"
        "END:DAYLIGHT\nEND:VTIMEZONE\n"
    )
    event = "UID:a\nSUMMARY:Treff\nDTSTART;TZID=Benutzerdefiniert:20261126T180000"
    assert harvest(calendar(event, header=described.format(winter="+0100", summer="+0200"))).codes == []
    assert harvest(calendar(event, header=described.format(winter="-0500", summer="-0400"))).codes == ["timezone_unknown"]


def test_an_all_day_event_ends_the_day_before_its_dtend() -> None:
    """DTEND of a DATE is exclusive; without an end it is one day; an end on the start is one day, too."""
    assert sessions("UID:a\nDTSTART;VALUE=DATE:20261201\nDTEND;VALUE=DATE:20261204") == [("2026-12-01", "2026-12-03")]
    assert sessions("UID:a\nDTSTART;VALUE=DATE:20261201") == [("2026-12-01", "2026-12-01")]
    assert sessions("UID:a\nDTSTART;VALUE=DATE:20261201\nDTEND;VALUE=DATE:20261201") == [("2026-12-01", "2026-12-01")]
    assert sessions("UID:a\nDTSTART:20261201\nDURATION:P2D") == [("2026-12-01", "2026-12-02")]


def test_a_weekly_series_keeps_its_hour_over_the_change_of_the_clocks() -> None:
    """Six in the evening stays six in the evening when summer time begins."""
    found = sessions("UID:a\nDTSTART;TZID=Europe/Berlin:20260106T180000\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;UNTIL=20270415T215959Z")
    assert found[0] == ("2026-11-24T18:00:00+01:00", "2026-11-24T19:00:00+01:00")
    assert found[-1] == ("2027-04-13T18:00:00+02:00", "2027-04-13T19:00:00+02:00")
    assert len(found) == 21


def test_changes_exceptions_and_further_dates_belong_to_their_series() -> None:
    """RECURRENCE-ID moves or cancels one date, EXDATE removes one, RDATE adds one."""
    reading = harvest(
        calendar(
            "UID:a\nSUMMARY:Café\nLOCATION:Haus A\nDTSTART;TZID=Europe/Berlin:20261124T100000\nDURATION:PT1H\n"
            "RRULE:FREQ=WEEKLY;COUNT=4\nEXDATE;TZID=Europe/Berlin:20261208T100000\nRDATE;TZID=Europe/Berlin:20261218T100000",
            "UID:a\nRECURRENCE-ID;TZID=Europe/Berlin:20261201T100000\nSUMMARY:Café im Advent\nLOCATION:Haus B\n"
            "DTSTART;TZID=Europe/Berlin:20261202T150000\nDURATION:PT2H",
            "UID:a\nRECURRENCE-ID;TZID=Europe/Berlin:20261215T100000\nSUMMARY:Café\nSTATUS:CANCELLED\n"
            "DTSTART;TZID=Europe/Berlin:20261215T100000\nDURATION:PT1H",
        )
    )
    assert len(reading.records) == 1
    day = {session["start"][:16]: session for session in reading.data[0]["sessions"]}
    assert list(day) == ["2026-11-24T10:00", "2026-12-02T15:00", "2026-12-15T10:00", "2026-12-18T10:00"]
    assert (day["2026-12-02T15:00"]["summary"], day["2026-12-02T15:00"]["location"]) == ("Café im Advent", "Haus B")
    assert day["2026-12-15T10:00"]["status"] == "CANCELLED"
    assert "location" not in day["2026-11-24T10:00"]
    assert reading.data[0]["rrule"] == "FREQ=WEEKLY;COUNT=4"


def test_this_and_future_moves_the_rest_of_a_series() -> None:
    """From the third week on it is an hour later."""
    found = sessions(
        "UID:a\nSUMMARY:Café\nDTSTART;TZID=Europe/Berlin:20261124T100000\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;COUNT=4",
        "UID:a\nRECURRENCE-ID;RANGE=THISANDFUTURE;TZID=Europe/Berlin:20261208T100000\nSUMMARY:Café\n"
        "DTSTART;TZID=Europe/Berlin:20261208T110000\nDURATION:PT1H",
    )
    assert [start[11:16] for start, _ in found] == ["10:00", "10:00", "11:00", "11:00"]


def test_a_series_that_is_over_is_a_record_with_its_last_session() -> None:
    """What has passed drops out by its dates: the record stays as long as the partner lists it."""
    assert [start[:10] for start, _ in sessions("UID:a\nDTSTART:20250304T100000Z\nRRULE:FREQ=WEEKLY;COUNT=4")] == ["2025-03-25"]
    assert [start[:10] for start, _ in sessions("UID:a\nDTSTART:20211224T100000Z\nRRULE:FREQ=YEARLY", horizon=7)] == [
        "2026-12-24"
    ]


def test_only_sessions_in_the_window_are_given() -> None:
    """The window begins `past` days ago and ends `horizon` days ahead."""
    daily = "UID:a\nDTSTART;TZID=Europe/Berlin:20200101T120000\nDURATION:PT1H\nRRULE:FREQ=DAILY"
    assert (lambda found: (found[0][0][:10], found[-1][0][:10]))(sessions(daily, past=1, horizon=3)) == (
        "2026-11-22",
        "2026-11-25",
    )


def test_too_dense_and_endless_rules_are_refused_before_they_cost_anything() -> None:
    """A rule by the second, by the minute, by date lists, or one that is never true again, gives its first date alone."""
    rules = [
        "FREQ=SECONDLY",
        "FREQ=MINUTELY;INTERVAL=30",
        "FREQ=HOURLY;BYMINUTE=0,15,30,45",
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=HOURLY;BYMONTH=4;BYMONTHDAY=31",
        "FREQ=DAILY;INTERVAL=7;BYDAY=FR",
        "FREQ=DAILY;BYHOUR=" + ",".join(map(str, range(24))) + ";BYMINUTE=0,30",
        "FREQ=YEARLY;BYWEEKNO=60",
    ]
    begun = time.process_time()
    for rule in rules:
        reading = harvest(calendar(f"UID:a\nSUMMARY:x\nDTSTART:20261126T100000Z\nRRULE:{rule}"))
        assert reading.codes in (["recurrence_rejected"], ["bad_recurrence"]), rule
        assert len(reading.data[0]["sessions"]) == 1
    assert time.process_time() - begun < 2


@pytest.mark.parametrize("rule", [
    "FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR", "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", "FREQ=MONTHLY;BYDAY=2TU",
    "FREQ=MONTHLY;BYMONTHDAY=31",
    "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", "FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3", "FREQ=WEEKLY;INTERVAL=2;WKST=SU;BYDAY=TU,TH",
    "FREQ=HOURLY;INTERVAL=12", "FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13", "FREQ=DAILY;BYMONTH=7,8", "FREQ=YEARLY;BYYEARDAY=-1",
    "FREQ=DAILY;INTERVAL=3;COUNT=500", "FREQ=WEEKLY;BYDAY=MO;BYHOUR=9,14", "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=3",
])  # fmt: skip
def test_rules_that_calendars_really_write_are_expanded(rule: str) -> None:
    """The guard lets through what Outlook, Google and Apple offer in their dialogues."""
    reading = harvest(calendar(f"UID:a\nSUMMARY:x\nDTSTART;TZID=Europe/Berlin:20240102T100000\nRRULE:{rule}"))
    assert reading.codes == []
    assert reading.data[0]["sessions"][0]["start"] >= "2026-11-22"


PARTS = {
    "INTERVAL": st.sampled_from([1, 2, 3, 7, 24, 100]), "BYMONTH": st.integers(1, 12),
    "BYMONTHDAY": st.sampled_from([1, 13, 29, 31, -1]),
    "BYDAY": st.sampled_from(["MO", "FR", "1MO", "-1FR", "5SU"]), "BYYEARDAY": st.sampled_from([1, 366, -1]),
    "BYSETPOS": st.sampled_from([1, -1, 2, 5]), "BYHOUR": st.integers(0, 23),
}  # fmt: skip


@given(
    st.sampled_from(["YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY"]),
    st.fixed_dictionaries(
        {},
        optional={name: st.lists(values, min_size=1, max_size=1 if name == "INTERVAL" else 3) for name, values in PARTS.items()},
    ),
    st.datetimes(datetime(2024, 1, 1), datetime(2026, 12, 31)),
)
@settings(max_examples=80, deadline=None)
def test_the_guard_believes_no_rule_that_is_never_true(frequency: str, parts: dict[str, list[Any]], start: datetime) -> None:
    """Where the guard says that a rule comes true soon, dateutil finds a date: it does not walk on to the year 9999."""
    text = ";".join([f"FREQ={frequency}", *(f"{name}={','.join(map(str, values))}" for name, values in parts.items())])
    after = datetime(2027, 5, 1)
    start = start.replace(second=0, microsecond=0)
    if comes_true(read_rule(text), start, after):
        with contextlib.suppress(ValueError):  # rules that dateutil itself refuses
            assert rrulestr(text, dtstart=start).after(after) is not None


def test_a_long_series_is_limited_and_says_so() -> None:
    """More sessions than the option allows are left out with a remark that needs no action."""
    reading = harvest(calendar("UID:a\nSUMMARY:x\nDTSTART:20260101T100000Z\nRRULE:FREQ=DAILY"), max_sessions=10)
    assert (reading.codes, reading.problems[0].owner, len(reading.data[0]["sessions"])) == (["recurrence_limited"], "nobody", 10)
    assert "10 von 181" in reading.problems[0].message("de")


def test_one_bad_event_spares_its_neighbours() -> None:
    """Each event that cannot be read is told with its place; the others are taken."""
    good = "SUMMARY:gut\nDTSTART:20261126T100000Z"
    reading = harvest(
        calendar(
            f"UID:1\n{good}",
            "UID:2\nSUMMARY:x\nDTSTART:31.02.2027",
            "UID:3\nSUMMARY:ohne Beginn",
            f"UID:4\n{good}\nRRULE:jeden Dienstag",
            f"UID:5\n{good}\nDTEND:20261125T100000Z",
            "UID:6\nSUMMARY:x\nDTSTART:20270231T100000",
            f"UID:7\n{good}\nEXDATE:nie",
        )
    )
    assert [record.record_id for record in reading.records] == ["1", "4", "5", "7"]
    assert {problem.locator: problem.code for problem in reading.problems} == {
        "VEVENT 2": "bad_record",
        "VEVENT 3": "bad_record",
        "VEVENT 4": "bad_recurrence",
        "VEVENT 5": "odd_record",
        "VEVENT 6": "bad_record",
        "VEVENT 7": "odd_record",
    }
    assert [
        problem.severity_or_default for problem in reading.problems if problem.locator in ("VEVENT 2", "VEVENT 3", "VEVENT 6")
    ] == ["rejected", "rejected", "rejected"]


def test_a_file_cut_short_keeps_its_readable_part() -> None:
    """The last, broken event is left out, and the partner hears why."""
    body = calendar("UID:1\nSUMMARY:eins\nDTSTART:20261126T100000Z", "UID:2\nSUMMARY:zwei\nDTSTART:20261127T100000Z")
    reading = harvest(body[: body.index(b"zwei")])
    assert ([record.record_id for record in reading.records], reading.codes) == (["1"], ["truncated"])


def test_events_without_a_uid_belong_together_by_title_and_place() -> None:
    """Without an identifier the same title at the same place is one offer with several sessions, in whatever order they stand."""
    events = [
        "SUMMARY:Sprachcafé\nLOCATION:Haus A\nDTSTART:20261126T100000Z",
        "SUMMARY:Kochen\nDTSTART:20261127T100000Z",
        "SUMMARY:sprachcafé \nLOCATION:Haus A\nDTSTART:20261203T100000Z",
    ]
    for order in (events, events[::-1]):
        reading = harvest(calendar(*order))
        assert {("sprachcafé", 2), ("kochen", 1)} == {
            (data["summary"].casefold(), len(data["sessions"])) for data in reading.data
        }
        assert [record.record_id for record in reading.records] == [None, None]


def test_what_a_calendar_marks_as_private_stays_in_it() -> None:
    """Outlook and Nextcloud export private events with CLASS; a calendar of nothing else is empty."""
    board = "UID:a\nSUMMARY:Vorstand\nCLASS:PRIVATE\nDTSTART:20261126T100000Z"
    reading = harvest(calendar(board, "UID:b\nSUMMARY:Kochen\nCLASS:PUBLIC\nDTSTART:20261127T100000Z"))
    assert ["Kochen"] == [data["summary"] for data in reading.data]
    assert ["odd_record"] == reading.codes
    with pytest.raises(SourceError, match="no entry"):
        harvest(calendar(board))


def test_a_uid_wrapped_in_html_is_unwrapped() -> None:
    """Some themes put markup around it; the identifier is what is left."""
    assert (
        harvest(calendar('UID:<span class="uid">42-1@x.example</span>\nDTSTART:20261126T100000Z')).records[0].record_id
        == "42-1@x.example"
    )


def test_a_newer_version_of_an_event_replaces_the_older_one() -> None:
    """The higher SEQUENCE counts, wherever it stands."""
    old, new = (
        "UID:a\nSUMMARY:alt\nSEQUENCE:1\nDTSTART:20261126T100000Z",
        "UID:a\nSUMMARY:neu\nSEQUENCE:2\nDTSTART:20261126T110000Z",
    )
    for order in ((old, new), (new, old)):
        reading = harvest(calendar(*order))
        assert ([data["summary"] for data in reading.data], len(reading.data[0]["sessions"])) == (["neu"], 1)


def test_the_same_uid_on_every_date_is_one_series_and_on_other_titles_told() -> None:
    """Programs that forget RECURRENCE-ID repeat the UID: same title, one offer; another title, another record."""
    reading = harvest(
        calendar(
            "UID:a\nSUMMARY:Chor\nDTSTART:20261126T170000Z",
            "UID:a\nSUMMARY:Chor\nDTSTART:20261203T170000Z",
            "UID:a\nSUMMARY:Yoga\nDTSTART:20261204T170000Z",
        )
    )
    assert [(r.record_id, r.data["summary"], len(r.data["sessions"])) for r in reading.records] == [
        ("a", "Chor", 2),
        ("a", "Yoga", 1),
    ]


def test_words_are_kept_as_the_partner_wrote_them() -> None:
    """Escapes are undone, folds joined in the middle of a letter, lists split; persons who take part are never read."""
    text = "DESCRIPTION:Grüße\\, Kaffee\\; Kuchen\\nund mehr".encode()
    cut = text.index("ß".encode()) + 1
    body = calendar(
        "UID:a\nSUMMARY:Treff\nDTSTART:20261126T100000Z\nCATEGORIES:Deutsch,Kultur\\, Musik\nCATEGORIES:Familie\n"
        "GEO:51.4335;6.7655\n"
        'ORGANIZER;CN="Verein: Mitte":mailto:Info@verein.example\nATTENDEE;CN=Mia Muster:mailto:mia@privat.example\n'
        "X-KOSTEN:frei\n"
        "LOCATION:https://ort.example/saal\nURL:https://verein.example/treff\nLAST-MODIFIED:20261101T101500Z\n@@@"
    ).replace(b"@@@", text[:cut] + b"\r\n " + text[cut:])
    data = harvest(body).data[0]
    assert data["description"] == "Grüße, Kaffee; Kuchen\nund mehr"
    assert data["categories"] == ["Deutsch", "Kultur, Musik", "Familie"]
    assert (data["geo"], data["organizer"], data["organizer_email"]) == ("51.4335,6.7655", "Verein: Mitte", "info@verein.example")
    assert (data["x_kosten"], data["location_url"]) == ("frei", "https://ort.example/saal")
    assert data["last_modified"] == "2026-11-01T10:15:00+00:00"
    assert "mia" not in str(data).casefold()


def test_windows_letters_and_utf_16_are_read() -> None:
    """A file in cp1252 is read with a remark; a file in UTF-16 without one."""
    body = calendar("UID:a\nSUMMARY:Bücherei für Mädchen\nDTSTART:20261126T100000Z")
    for encoding, codes in (("cp1252", ["encoding_guess"]), ("utf-16", []), ("utf-8-sig", [])):
        reading = harvest(body.decode().encode(encoding))
        assert ("Bücherei für Mädchen", codes) == (reading.data[0]["summary"], reading.codes)


@pytest.mark.parametrize("body, code", [
    (b"", "empty_feed"), (b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", "empty_feed"),
    (b"<!doctype html><html>Wartung</html>", "wrong_content"),
    (b"PK\x03\x04", "wrong_content"), (b'{"events": []}', "wrong_content"),
])  # fmt: skip
def test_what_is_no_calendar_is_refused_with_a_reason(body: bytes, code: str) -> None:
    """An empty calendar and a maintenance page are told apart; neither is a success."""
    with pytest.raises(SourceError) as error:
        harvest(body)
    assert code == error.value.problem.code


def test_webcal_is_https_and_a_wrong_zone_is_said() -> None:
    """The address may be pasted as the calendar shows it."""
    assert IcalOptions(url="webcal://x.example/k.ics").url == "https://x.example/k.ics"
    with pytest.raises(ValidationError, match="keine Zeitzone"):
        IcalOptions(url=URL, timezone="Duisburg")


def test_a_calendar_is_recognised_with_its_figures() -> None:
    """The sentence says how many and when."""
    body = calendar(
        *(f"UID:{day}\nDTSTART:202611{day}T100000Z" for day in range(10, 30)),
        "UID:w\nDTSTART:20260101T100000Z\nRRULE:FREQ=WEEKLY",
    )
    found = IcalConnector.detect(capture(body, URL))
    assert found is not None
    assert (found.reason, found.options) == ("Kalender mit 21 Terminen, nächster am 23. November", {"url": URL})
    assert found.score > 0.9
    assert IcalConnector.detect(capture(b"<html>")) is None


def test_many_hostile_series_end_in_time() -> None:
    """Thousands of expensive rules share one budget: the rest shows its first date, and nothing hangs."""
    rules = [
        "FREQ=DAILY;BYHOUR=1,2,3,4",
        "FREQ=HOURLY",
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=YEARLY;BYWEEKNO=53;BYDAY=1MO",
    ]
    body = calendar(
        *(f"UID:{number}\nDTSTART:19000101T000000Z\nDURATION:P3000D\nRRULE:{rules[number % 4]}" for number in range(2_000))
    )
    begun = time.process_time()
    assert len(harvest(body).records) == 2_000
    assert time.process_time() - begun < 30


@given(st.lists(st.sampled_from([
    b"BEGIN:VEVENT", b"END:VEVENT", b"END:VCALENDAR", b"BEGIN:VALARM", b"UID:a", b"UID:b", b"SUMMARY:x",
    b"DTSTART:20261126T100000Z",
    b"DTSTART;VALUE=DATE:20261126", b"DTEND:20261126", b"DTEND:99991231T235959Z", b"DURATION:-P1D", b"DURATION:P99999999W",
    b"RRULE:FREQ=WEEKLY;COUNT=3", b"RRULE:FREQ=WEEKLY;UNTIL=20261201", b"RRULE:FREQ=MONTHLY;BYDAY=9MO",
    b"RRULE:FREQ=DAILY;COUNT=-1",
    b"RRULE:FREQ=WEEKLY;UNTIL=nie", b"EXDATE:20261126T100000Z,20261203", b"RDATE;VALUE=PERIOD:20261126T100000Z/PT1H",
    b"RDATE:20261130",
    b"RECURRENCE-ID:20261126T100000Z", b"RECURRENCE-ID;RANGE=THISANDFUTURE:20261203", b"SEQUENCE:-1", b"SEQUENCE:\xc2\xb2",
    b" gefaltet",
    b"DTSTART;TZID=Europe:20261126T100000", b"DTSTART;TZID=" + b"x" * 300 + b":20261126T100000",
    b"DTSTART:\xd9\xa2\xd9\xa0261126",
    b"GEO:1;2;3", b"X-\x00:\xff", b"\xff\xfe",
]), max_size=25))  # fmt: skip
@settings(max_examples=300, deadline=None)
def test_no_calendar_raises_anything_but_a_source_error(lines: list[bytes]) -> None:
    """Whatever stands in the file, reading gives records and problems, the same twice."""
    body = b"\r\n".join([b"BEGIN:VCALENDAR", *lines])
    results = []
    for _ in range(2):
        try:
            reading = harvest(body)
            results.append((reading.data, reading.codes))
        except SourceError as error:
            results.append(([], [error.problem.code]))
    assert results[0] == results[1]


@given(st.binary(max_size=300))
@settings(max_examples=200, deadline=None)
def test_no_bytes_raise_anything_but_a_source_error(tail: bytes) -> None:
    """The same for bytes that are no lines at all."""
    for body in (tail, b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20261126\n" + tail):
        try:
            harvest(body)
        except SourceError:
            continue


@pytest.mark.parametrize("name, events", [("burg_wilhelmstein", 135), ("usal_sac_google", 7)])
def test_real_calendars_are_read_whole(shared_data: Path, name: str, events: int) -> None:
    """Every event of the real files is a record with its own identifier and a session, without a problem."""
    reading = harvest((shared_data / "ics" / f"{name}.ics").read_bytes())
    assert (events, []) == (len({record.record_id for record in reading.records}), reading.problems)
    assert all(data["summary"] and data["sessions"] for data in reading.data)
