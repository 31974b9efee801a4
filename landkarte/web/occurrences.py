"""Sessions come in; the dates on which something really happens go out, as local times of the city."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from landkarte.web.recurrence import days, read_rule

WEEKDAYS = ("mo", "tu", "we", "th", "fr", "sa", "su")
YEARS = range(1900, 2200)
HORIZON = timedelta(days=400)  # how far ahead a repetition is followed
UNTIL = re.compile(r"UNTIL=(\d{4})(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])")  # UNTIL=20260701T215959Z


@dataclass(frozen=True, slots=True, order=True)
class Occurrence:
    """One date. `start` and `end` are local and naive; `end` is None where nobody said it; `session` is the row it came from."""

    start: datetime
    end: datetime | None
    all_day: bool
    session: Mapping[str, Any]


def upcoming(
    session: Mapping[str, Any], *, now: datetime, zone: ZoneInfo, first: date | None = None, last: date | None = None
) -> Iterator[Occurrence]:
    """Yield the dates of a session that are not over at `now` (local, naive), in order.

    `first` and `last` are the offer's own days and bound a session that names only a weekday. What cannot be read yields nothing.
    """
    if session["start"]:
        yield from _dated(session, now, zone)
    elif session["weekday"] in WEEKDAYS:
        yield from _weekly(session, now, first, last)


def to_local(text: str | None, zone: ZoneInfo) -> datetime | None:
    """Read a date-time with offset as local time of the city, naive; None where it is none, or of no age one could mean."""
    try:
        moment = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    if moment.year not in YEARS:
        return None
    return moment.astimezone(zone).replace(tzinfo=None) if moment.tzinfo else moment


def to_date(text: str | None) -> date | None:
    """Read a date; None where it is none, or of no age one could mean."""
    try:
        day = date.fromisoformat((text or "")[:10])
    except ValueError:
        return None
    return day if day.year in YEARS else None


def _dated(session: Mapping[str, Any], now: datetime, zone: ZoneInfo) -> Iterator[Occurrence]:
    start, end = to_local(session["start"], zone), to_local(session["end"], zone)
    if start is None:
        return
    all_day = bool(session["all_day"])
    length = end - start if end else None
    for begin in _starts(session, start, now):
        # without an end it is over when the day is
        finish = begin + length if length is not None else None
        if (finish or datetime.combine(begin.date(), time.max)) >= now or (all_day and begin.date() >= now.date()):
            yield Occurrence(begin, finish, all_day, session)


def _starts(session: Mapping[str, Any], start: datetime, now: datetime) -> Iterator[datetime]:
    rule = read_rule(session["rrule"]) if session["rrule"] else None
    if rule is None:  # no repetition, or one that nobody can follow: the first date is still true
        yield start
        return
    limits = [now.date() + HORIZON]
    if written := UNTIL.search(session["rrule"]):
        limits.append(date(*map(int, written.groups())))
    if own := to_date(session["until"]):
        limits.append(own)
    skipped = {text[:10] for text in (session["exdates"] or "").split(";")}
    for day in days(rule, start.date(), min(limits)):
        if day.isoformat() not in skipped:
            yield datetime.combine(day, start.time())


def _weekly(session: Mapping[str, Any], now: datetime, first: date | None, last: date | None) -> Iterator[Occurrence]:
    begins, ends = to_time(session["start_time"]), to_time(session["end_time"])
    last = min((day for day in (last, to_date(session["until"])) if day), default=None)
    day = max(now.date(), first) if first else now.date()
    for date_ in _undated(session, day, min(last or date.max, day + HORIZON)):
        finish = datetime.combine(date_, ends) if ends else None
        if (finish or datetime.combine(date_, time.max)) >= now:
            yield Occurrence(datetime.combine(date_, begins or time.min), finish, begins is None, session)


def _undated(session: Mapping[str, Any], day: date, last: date) -> Iterator[date]:
    """Yield the days of a session without a first day: each week, or by a rule that needs none (every first Tuesday of the month)."""
    if session["rrule"]:
        rule = read_rule(session["rrule"])
        if rule is not None and rule.interval == 1 and rule.count is None:
            yield from days(rule, day, last)
        return
    day += timedelta(days=(WEEKDAYS.index(session["weekday"]) - day.weekday()) % 7)
    while day <= last:
        yield day
        day += timedelta(weeks=1)


def to_time(text: str | None) -> time | None:
    """Read `16:00`; None where it is none."""
    try:
        return time.fromisoformat(text or "")
    except ValueError:
        return None
