"""A course with a first and a last day: what it is said of, and what nobody said."""

from typing import Any
from zoneinfo import ZoneInfo

import pytest

from schemas.converters.answer import Setting
from schemas.guess import guess
from schemas.survey import survey
from tests.schemas.test_normalise import normalise, told

MAP = {
    "title": "Titel", "start_date": "Beginn", "end_date": "Ende", "session.date": "Beginn", "session.time": "Zeit",
    "session.weekday": "Tag",
}  # fmt: skip


def course(**cells: Any) -> dict[str, Any]:
    return {"Nr": "1", "Titel": "Deutsch", "Beginn": "01.09.2027", "Ende": "30.11.2027", "Zeit": "9–12 Uhr", "Tag": ""} | cells


def test_a_course_without_weekday_has_no_dates_that_nobody_named() -> None:
    """It is shown with its first and its last day, and the partner reads what is missing."""
    batch = normalise(course(), map=MAP)
    assert ([], "2027-09-01", "2027-11-30") == (batch.sessions, batch.offers[0]["start_date"], batch.offers[0]["end_date"])
    assert [("no_weekday", "Zeile 2", "session.weekday")] == told(batch)
    assert "über mehrere Tage (01.09.2027–30.11.2027), aber kein Wochentag ist genannt" in batch.problems[0].message("de")


def test_a_course_without_weekday_and_time_is_its_days_alone() -> None:
    """There is nothing to tell: first and last day say it all."""
    batch = normalise(course(Zeit=""), map=MAP)
    assert ([], []) == (batch.sessions, told(batch))


def test_a_course_with_a_weekday_meets_each_week() -> None:
    """Not on its first day alone, which may be another weekday."""
    batch = normalise(course(Tag="Di, Do"), map=MAP)
    assert [("tu", "09:00", "12:00", None), ("th", "09:00", "12:00", None)] == [
        (row["weekday"], row["start_time"], row["end_time"], row["start"]) for row in batch.sessions
    ]
    assert [] == told(batch)


@pytest.mark.parametrize("last", ["", "01.09.2027"])
def test_what_ends_on_its_first_day_is_one_date(last: str) -> None:
    """A table of events has a column for the last day, too, and mostly leaves it empty."""
    batch = normalise(course(Ende=last), map=MAP)
    assert ["2027-09-01T09:00:00+02:00"] == [row["start"] for row in batch.sessions]


def test_a_date_of_its_own_is_a_date() -> None:
    """A course has a first meeting that stands in another column, be it on the first day; a last day of the session bounds it."""
    batch = normalise(course(Tag="01.09.2027"), map=MAP | {"session.date": "Tag"} | {"session.weekday": "Nichts"})
    assert ["2027-09-01T09:00:00+02:00"] == [row["start"] for row in batch.sessions]
    batch = normalise(course(), map=MAP | {"session.end": "Ende"})
    assert ["2027-11-30T12:00:00+01:00"] == [row["end"] for row in batch.sessions]


def test_the_guess_of_such_a_table_makes_up_no_dates() -> None:
    """From headings alone to the rows, as a partner's first preview goes."""
    rows = [
        course(Nr=str(number), Titel=f"Kurs {number}", Ende=last) for number, last in enumerate(("30.11.2027", "", "01.12.2027"))
    ]
    found = guess(survey([{name: row[name] for name in ("Titel", "Beginn", "Ende", "Zeit")} for row in rows], nested=False),
                  Setting(ZoneInfo("Europe/Berlin")))  # fmt: skip
    made = {one.target: {"from": list(one.from_), "as": list(one.as_)} for one in found.map}
    made |= {f"session.{one.target}": {"from": list(one.from_), "as": list(one.as_)} for one in found.sessions}
    batch = normalise(*rows, map=made)
    assert {"session.date", "session.time"} <= made.keys()
    assert (["du-probe:1@2027-09-01T09:00:00+02:00"], ["no_weekday", "no_weekday"]) == (
        [row["session_id"] for row in batch.sessions],
        [problem.code for problem in batch.problems if problem.code == "no_weekday"],
    )


TURNUS = MAP | {"session.note": "Turnus"}
RULE = "FREQ=WEEKLY;INTERVAL=2;BYDAY="


@pytest.mark.parametrize("mapped", [TURNUS, {name: field for name, field in TURNUS.items() if name != "session.date"}])
def test_every_second_week_counts_from_the_first_day(mapped: dict[str, str]) -> None:
    """A column for the rhythm: `14-täglich` from the day the course begins, which is one of its weekdays, to its last."""
    batch = normalise(course(Tag="Mi, Fr", Turnus="14-tägig"), map=mapped)
    assert [("2027-09-01T09:00:00+02:00", f"{RULE}WE,FR", "2027-11-30", "14-tägig")] == [
        (row["start"], row["rrule"], row["until"], row["note"]) for row in batch.sessions
    ]
    assert [] == told(batch)


@pytest.mark.parametrize("turnus", ["14-täglich", "alle zwei Wochen", "zweiwöchentlich", "every two weeks"])
def test_every_second_week_without_its_first_day_has_no_dates(turnus: str) -> None:
    """The course begins on a Wednesday and meets on Tuesdays: in which weeks, only the partner knows."""
    batch = normalise(course(Tag="Di", Turnus=turnus), map=TURNUS)
    assert [("tu", None, f"{RULE}TU", f"Di 09:00–12:00 Uhr, {turnus}")] == [
        (row["weekday"], row["start"], row["rrule"], row["note"]) for row in batch.sessions
    ]
    assert [("no_first_day", "Zeile 2", "session.note")] == told(batch)


def test_other_words_beside_a_weekday_change_nothing() -> None:
    """Each week, said or not; and a text that names the two weeks for something else is none of a rhythm."""
    for turnus in ("wöchentlich", "Alle 14 Tage kommt zusätzlich eine Sozialberaterin dazu"):
        batch = normalise(course(Tag="Di", Turnus=turnus), map=TURNUS)
        assert [("tu", None, turnus)] == [(row["weekday"], row["rrule"], row["note"]) for row in batch.sessions]
