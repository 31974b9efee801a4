"""An offer with a first and a last day and what is said of its session come in; the sessions of a course go out.

A table with the columns Beginn, Ende and Uhrzeit speaks of a course, not of one date on its first day. With a weekday it meets each
week; without one nobody knows on which days, and a date nobody has named is none.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from schemas.converters.answer import Finding
from schemas.reading import Entry, Found
from schemas.rhythm import is_fortnightly, to_fortnightly
from schemas.rows import Row
from schemas.sessions import DAY, to_session_rows


def begins_with_offer(offer: Sequence[Entry], session: Sequence[Entry]) -> bool:
    """Say whether the day of the session is taken from the field that is the offer's first day."""
    first = next((entry.paths for entry in offer if entry.name == "start_date" and entry.paths), None)
    return first is not None and any(entry.paths == first for entry in session if entry.name in ("date", "start"))


def to_rows(
    offer: Mapping[str, Any], said: dict[str, Any], zone: ZoneInfo, found: Found, *, from_first_day: bool, expected: bool
) -> list[Row]:
    """Make the sessions of one record: those of a course where it is one (`from_first_day`: by begins_with_offer), else what is said."""
    course = from_first_day and is_course(offer, said)
    if (course or not (said["date"] or said["start"])) and is_fortnightly(said):
        return to_session_rows(to_fortnightly(offer, said, found), zone, found, expected=True)
    return to_course_rows(offer, said, zone, found) if course else to_session_rows(said, zone, found, expected=expected)


def is_course(offer: Mapping[str, Any], said: Mapping[str, Any]) -> bool:
    """Say whether an offer goes on after the day of its session, and nothing says how often it meets."""
    day, last = said["date"] or said["start"], offer["end_date"]
    bounded = said["end"] or said["rrule"] or said["until"]
    return day is not None and len(day) == DAY and day == offer["start_date"] and not bounded and last is not None and last > day


def to_course_rows(offer: Mapping[str, Any], said: dict[str, Any], zone: ZoneInfo, found: Found) -> list[Row]:
    """Make the weekly sessions of a course; without weekday none, and where it has a time, that is told."""
    if said["weekday"]:
        return to_session_rows({**said, "date": None, "start": None}, zone, found, expected=True)
    if said["start_time"]:
        first, last = ("{2}.{1}.{0}".format(*str(offer[name]).split("-")) for name in ("start_date", "end_date"))
        found.append(("session.weekday", Finding("no_weekday", f"{first}–{last}")))
    return []
