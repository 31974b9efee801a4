"""The entries of one Integreat event come in, combined with a rule or spread out by date; its sessions in a window go out.

The DTSTART of a rule is UTC without saying so, and its UNTIL the end of a day at the place: only the event's own start, which has
an offset, is believed.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from connectors.icalevents import Event
from connectors.icalzones import zone_by_name
from connectors.series import Budget, Series, Window, to_sessions
from schemas.problems import Problem

YEARS = range(1900, 2200)
LONGEST = timedelta(days=3_660)
UNTIL = re.compile(r"UNTIL=(\d{8}T\d{6})(?!Z)")


class Entry(Protocol):
    """What this module needs of an entry."""

    @property
    def data(self) -> Mapping[str, Any]: ...

    @property
    def number(self) -> int: ...

    @property
    def path(self) -> str: ...

    @property
    def locator(self) -> str: ...


def event_sessions(entries: Sequence[Entry], window: Window, budget: Budget) -> tuple[list[dict[str, Any]], list[Problem]]:
    """Give the sessions of an event in the window: of its one rule, or of all the dates it was spread out into."""
    problems: list[Problem] = []
    spread = len(entries) > 1 or "$" in entries[0].path
    cores: list[Event] = []
    for entry in entries:
        times = _times(entry.data.get("event"), window.zone)
        if times is None:
            problems.append(Problem("odd_record", entry.locator, "event", note="der Beginn ist nicht lesbar"))
            continue
        start, end = times
        rule = None if spread else _rule(entry.data.get("recurrence_rule"), start, window.zone)
        cores.append(Event("", entry.number, start, end, {}, rules=(rule,) if rule else ()))
    if not cores:
        return [], problems
    cores.sort(key=lambda core: (core.start.isoformat(), core.line))
    sessions, found = to_sessions(Series(cores), window, budget)
    return sessions, [*problems, *(Problem(p.code, entries[0].locator, p.field, p.value, p.note, p.severity) for p in found)]


def _times(event: Any, zone: ZoneInfo) -> tuple[date | datetime, date | datetime] | None:
    """Read start and end of an event in its own zone; older versions give day and time apart. All day is a day."""
    if not isinstance(event, Mapping):
        return None
    own = (zone_by_name(name) if isinstance(name := event.get("timezone"), str) else None) or zone
    start, end = (_instant(event, name, own) for name in ("start", "end"))
    if start is None:
        return None
    if event.get("all_day") is True:
        last = end.date() if end is not None else start.date()
        return start.date(), max(last, start.date()) + timedelta(days=1)
    return start, end if end is not None and start <= end <= start + LONGEST else start


def _instant(event: Mapping[str, Any], name: str, zone: ZoneInfo) -> datetime | None:
    for text in (event.get(name), f"{event.get(f'{name}_date')}T{event.get(f'{name}_time')}", event.get(f"{name}_date")):
        try:
            at = datetime.fromisoformat(text) if isinstance(text, str) else None
        except ValueError:
            continue
        if at is not None and at.year in YEARS:
            return at.astimezone(zone) if at.tzinfo else at.replace(tzinfo=zone)
    return None


def _rule(text: Any, start: date | datetime, zone: ZoneInfo) -> str | None:
    """Take the RRULE out of DTSTART:…\\nRRULE:…; its UNTIL, the city's end of a day, is written in UTC as the standard asks."""
    if not isinstance(text, str):
        return None
    rule = next((line.strip()[6:] for line in text.splitlines() if line.strip().upper().startswith("RRULE:")), None)
    if rule is None or not isinstance(start, datetime):
        return rule
    own = start.tzinfo or zone

    def in_utc(found: re.Match[str]) -> str:
        try:
            at = datetime.strptime(found[1], "%Y%m%dT%H%M%S").replace(tzinfo=own)
            return f"UNTIL={at.astimezone(UTC):%Y%m%dT%H%M%S}Z"
        except (ValueError, OverflowError):
            return found[0]

    return UNTIL.sub(in_utc, rule)
