"""What a partner says about one session comes in (values by target); session rows go out: one, one per weekday, or none.

A day and a time become an instant in the city's zone. A day without a time is a session of that whole day, as in every calendar.
A time that the clocks skip, or a session without day and weekday, becomes a finding.
"""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from schemas.converters.answer import Finding
from schemas.converters.moments import Moment, to_instant
from schemas.reading import Found
from schemas.rows import Row
from schemas.tables import columns

COLUMNS = columns("sessions")
WHEN = frozenset({"start", "end", "date", "start_time", "end_time", "weekday"})
TARGETS = frozenset(f"session.{name}" for name in (*WHEN, "time"))
DAY = 10  # characters of 2026-11-05
END_OF_DAY = (23, 59, 59)


def to_session_rows(values: Mapping[str, Any], zone: ZoneInfo, found: Found, *, expected: bool) -> list[Row]:
    """Make the rows of one session, without ids. `expected`: a session is there for certain; without time it is a problem."""
    start, end, all_day = _instants(values, zone, found)
    weekdays = values.get("weekday")
    if start is None and not weekdays:
        if expected or values.keys() & WHEN or any(target in TARGETS for target, _ in found):
            found.append(("session.start", Finding("session_without_time", None)))
        return []
    row: Row = dict.fromkeys(COLUMNS)
    for name, value in values.items():
        if name in row:
            row[name] = value
    row["status"] = values.get("status") or "scheduled"
    row["start"], row["end"] = start, end
    if start is not None:
        row["all_day"] = all_day
        row["weekday"] = row["start_time"] = row["end_time"] = None  # these say when an undated session is
        return [row]
    return [row | {"weekday": weekday} for weekday in (weekdays if isinstance(weekdays, list) else [weekdays])]


def _instants(values: Mapping[str, Any], zone: ZoneInfo, found: Found) -> tuple[str | None, str | None, bool]:
    """Join days and times; give start, end and whether the session lasts whole days."""
    start, end, day = values.get("start"), values.get("end"), values.get("date")
    start_time, end_time = values.get("start_time"), values.get("end_time")
    all_day = values.get("all_day") is True
    if start is not None and len(start) == DAY:
        start, day = None, day or start
    if start is None and day is not None:
        all_day = all_day or start_time is None
        start = _join(day, start_time or "00:00", zone, "session.start", found)
    if start is None:
        return None, None, False
    if end is None and end_time is not None and not all_day:
        end = _join(_next_day(start[:DAY]) if end_time == "00:00" else start[:DAY], end_time, zone, "session.end", found)
    elif end is not None and len(end) == DAY:
        if end_time is not None and not all_day:
            end = _join(end, end_time, zone, "session.end", found)
        else:  # the last day of a session belongs to it
            end = to_instant(Moment(date.fromisoformat(end), END_OF_DAY), zone)
    return start, end, all_day


@lru_cache(maxsize=10_000)
def _to_instant(day: str, time: str, zone: ZoneInfo) -> str | None:
    return to_instant(Moment(date.fromisoformat(day), (int(time[:2]), int(time[3:]), 0)), zone)


def _join(day: str, time: str, zone: ZoneInfo, target: str, found: Found) -> str | None:
    instant = _to_instant(day, time, zone)
    if instant is None:
        found.append((target, Finding("bad_time", f"{day} {time}")))
    return instant


def _next_day(day: str) -> str:
    return date.fromordinal(date.fromisoformat(day).toordinal() + 1).isoformat()
