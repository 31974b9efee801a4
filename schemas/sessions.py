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
UNSAID: Mapping[str, Any] = dict.fromkeys((*COLUMNS, "date"))  # `date` is no column: the day that goes with the times
WHEN = frozenset({"start", "end", "date", "start_time", "end_time", "weekday"})
TARGETS = frozenset(f"session.{name}" for name in (*WHEN, "time"))
DAY = 10  # characters of 2026-11-05
END_OF_DAY = (23, 59, 59)


def to_session_rows(said: dict[str, Any], zone: ZoneInfo, found: Found, *, expected: bool) -> list[Row]:
    """Make the rows of one session, without ids, of UNSAID filled with what was said; the first of them is `said` itself.

    `expected`: a session is there for certain; without time it is a problem.
    """
    row, day, weekdays = said, said.pop("date"), said["weekday"]
    start, end, all_day, findings = _to_instants(
        row["start"], row["end"], day, row["start_time"], row["end_time"], row["all_day"] is True, zone
    )
    if findings:
        found += findings
    if start is None and not weekdays:
        when = day or weekdays or row["end"] or row["start_time"] or row["end_time"]
        if expected or when or row["start"] or any(target in TARGETS for target, _ in found):
            found.append(("session.start", Finding("session_without_time", None)))
        return []
    row["status"] = row["status"] or "scheduled"
    row["start"], row["end"] = start, end
    if start is not None:
        row["all_day"] = all_day
        row["weekday"] = row["start_time"] = row["end_time"] = None  # these say when an undated session is
        return [row]
    return [row | {"weekday": weekday} for weekday in (weekdays if isinstance(weekdays, list) else [weekdays])]


@lru_cache(maxsize=10_000)
def _to_instants(
    start: str | None,
    end: str | None,
    day: str | None,
    start_time: str | None,
    end_time: str | None,
    all_day: bool,
    zone: ZoneInfo,
) -> tuple[str | None, str | None, bool, Found]:
    """Join days and times; give start, end, whether the session lasts whole days, and what is unclear."""
    found: Found = []
    if start is not None and len(start) == DAY:
        start, day = None, day or start
    if start is None and day is not None:
        all_day = all_day or start_time is None
        start = _join(day, start_time or "00:00", zone, "session.start", found)
    if start is None:
        return None, None, False, found
    if end is None and end_time is not None and not all_day:
        end = _join(_next_day(start[:DAY]) if end_time == "00:00" else start[:DAY], end_time, zone, "session.end", found)
    elif end is not None and len(end) == DAY:
        if end_time is not None and not all_day:
            end = _join(end, end_time, zone, "session.end", found)
        else:  # the last day of a session belongs to it
            end = to_instant(Moment(date.fromisoformat(end), END_OF_DAY), zone)
    return start, end, all_day, found


def _join(day: str, time: str, zone: ZoneInfo, target: str, found: Found) -> str | None:
    instant = to_instant(Moment(date.fromisoformat(day), (int(time[:2]), int(time[3:]), 0)), zone)
    if instant is None:
        found.append((target, Finding("bad_time", f"{day} {time}")))
    return instant


def _next_day(day: str) -> str:
    return date.fromordinal(date.fromisoformat(day).toordinal() + 1).isoformat()
