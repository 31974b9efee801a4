"""Events of one calendar series come in; its sessions inside a window go out, as dictionaries in the order of time.

Single events need no library; series are expanded by recurring-ical-events, after the guard of connectors/recurrence.py. A series
without a session in the window shows its next one, else its last: so no record is without a time.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import recurring_ical_events
from icalendar.prop import vDDDLists, vDDDTypes, vRecur

from connectors.icalevents import Event
from connectors.recurrence import BadRule, TooDense, cost, read_rule
from schemas.notices import read_notice
from schemas.problems import Problem

MAX_OCCURRENCES = 6_000  # looked at in one series: hourly for half a year
MAX_RULES = 5
MAX_DATES = 2_000  # RDATE and EXDATE of one series near the window
MAX_SPLITS = 50  # changes "this and future" of one series
BEYOND = timedelta(days=730)  # where the next or the last session is looked for
OWN = ("summary", "location", "url")  # what a single date may say differently
RULE_FAILED = 5_000  # steps a refused rule is counted with


@dataclass(frozen=True, slots=True)
class Window:
    """Which sessions are wanted: those that touch the time from `start` to `end`, `most` of them in one series."""

    start: datetime
    end: datetime
    most: int
    zone: ZoneInfo


@dataclass(slots=True)
class Budget:
    """What all series of one file may cost together."""

    steps: int = 4_000_000  # about ten seconds
    sessions: int = 300_000


@dataclass(slots=True)
class Series:
    """One UID: its event, further dates of it, and the changes of single dates (RECURRENCE-ID)."""

    cores: list[Event] = field(default_factory=list)
    changes: list[Event] = field(default_factory=list)

    @property
    def master(self) -> Event:
        """The event that speaks for the series."""
        return self.cores[0] if self.cores else self.changes[0]

    @property
    def recurring(self) -> bool:
        return bool(self.changes) or any(core.rules or core.rdates for core in self.cores)


@dataclass(frozen=True, slots=True)
class Moment:
    """One occurrence of an event."""

    start: date | datetime
    end: date | datetime
    event: Event


def to_sessions(series: Series, window: Window, budget: Budget) -> tuple[list[dict[str, Any]], list[Problem]]:
    """Give the sessions of a series in the window, and what was left out."""
    problems: list[Problem] = []
    moments, limited = _moments(series, window, budget, problems)
    moments = sorted(moments, key=lambda moment: (_instant(moment.start, window.zone), _instant(moment.end, window.zone)))
    inside = [moment for moment in moments if _touches(moment, window)]
    if not inside and moments:
        later = [moment for moment in moments if _instant(moment.start, window.zone) >= window.end]
        inside = later[:1] or moments[-1:]
    most = min(window.most, budget.sessions) or 1
    if len(inside) > most or limited:
        note = f"{min(len(inside), most)} von {'mehr als ' if limited else ''}{len(inside)}"
        problems.append(Problem("recurrence_limited", series.master.locator, note=note))
    budget.sessions = max(budget.sessions - min(len(inside), most), 0)
    return [_to_session(moment, series.master, window.zone) for moment in inside[:most]], problems


def _moments(series: Series, window: Window, budget: Budget, problems: list[Problem]) -> tuple[list[Moment], bool]:
    """Collect the occurrences that matter, and whether there are more of them than were looked at."""
    alone = [Moment(event.start, event.end, event) for event in (*series.cores, *series.changes)]
    if not series.recurring:
        return alone, False
    cores = [_guarded(core, window, budget, problems) for core in series.cores]
    if budget.steps <= 0:
        return alone, True
    moments: list[Moment] = []
    limited = False
    for number, core in enumerate(cores or [None]):
        changes = series.changes if number == 0 else []
        if core is not None and not (core.rules or core.rdates or changes):
            moments.append(Moment(core.start, core.end, core))
            continue
        events = [*([core] if core else []), *changes]
        try:
            found, more = _expand(events, window)
        except Exception as error:  # whatever dateutil and the two calendar libraries raise on rules they do not understand
            rules = "; ".join(events[0].rules) or None
            problems.append(Problem("bad_recurrence", events[0].locator, "RRULE", rules, type(error).__name__))
            found, more = [Moment(event.start, event.end, event) for event in events], False
        moments += found or [Moment(event.start, event.end, event) for event in events[:1] if event.start not in event.exdates]
        limited = limited or more
    return moments, limited


def _guarded(core: Event, window: Window, budget: Budget, problems: list[Problem]) -> Event:
    """Give the event with those rules only that may be expanded, and the dates of its lists that are near the window."""
    start = datetime.combine(core.start, time())
    until = (window.end + BEYOND).replace(tzinfo=None)
    rules: list[str] = []
    for text in core.rules[:MAX_RULES]:
        try:
            budget.steps -= cost(read_rule(text), start, until) + 50
            rules.append(text)
        except TooDense:
            budget.steps -= RULE_FAILED
            problems.append(Problem("recurrence_rejected", core.locator, "RRULE", text))
        except BadRule:
            problems.append(Problem("bad_recurrence", core.locator, "RRULE", text))
    length = core.end - core.start  # type: ignore[operator]  # both are dates or both are instants
    near = [
        [at for at in dates if window.start - BEYOND - length <= _instant(at, window.zone) <= window.end + BEYOND][:MAX_DATES]
        for dates in (core.rdates, core.exdates)
    ]
    return Event(
        uid=core.uid,
        line=core.line,
        start=core.start,
        end=core.end,
        data=core.data,
        sequence=core.sequence,
        rules=tuple(rules),
        rdates=tuple(near[0]),
        exdates=tuple(near[1]),
    )


def _expand(events: Sequence[Event], window: Window) -> tuple[list[Moment], bool]:
    """Expand one series: in the window, else in the two years behind it, else in the two years before."""
    query = recurring_ical_events.of(_to_calendar(events), components=["VEVENT"])
    spans = ((window.start, window.end), (window.end, window.end + BEYOND), (window.start - BEYOND, window.start))
    for start, end in spans:
        occurrences = [found for series in query.series for found in islice(series.between(start, end), MAX_OCCURRENCES + 1)]
        if occurrences:
            moments = [_to_moment(found.as_component(False), events) for found in occurrences[:MAX_OCCURRENCES]]
            return moments, len(occurrences) > MAX_OCCURRENCES and (start, end) == spans[0]
    return [], False


def _to_calendar(events: Iterable[Event]) -> icalendar.Calendar:
    """Give the events as the components the library expects; X-NUMBER leads an occurrence back to its event."""
    calendar = icalendar.Calendar()
    splits = 0
    for number, event in enumerate(events):
        component = icalendar.Event()
        component["UID"] = "series"
        component["X-NUMBER"] = str(number)
        component["SEQUENCE"] = event.sequence
        component["DTSTART"], component["DTEND"] = vDDDTypes(event.start), vDDDTypes(event.end)
        if event.recurrence_id is not None:
            component["RECURRENCE-ID"] = vDDDTypes(event.recurrence_id)
            if event.this_and_future and splits < MAX_SPLITS:
                splits += 1
                component["RECURRENCE-ID"].params["RANGE"] = "THISANDFUTURE"
        else:
            if event.rules:
                component["RRULE"] = [vRecur.from_ical(rule) for rule in event.rules]
            if event.rdates:
                component["RDATE"] = vDDDLists(list(event.rdates))
            if event.exdates:
                component["EXDATE"] = vDDDLists(list(event.exdates))
        calendar.add_component(component)
    return calendar


def _to_moment(component: Any, events: Sequence[Event]) -> Moment:
    return Moment(component["DTSTART"].dt, component["DTEND"].dt, events[int(component["X-NUMBER"])])


def _to_session(moment: Moment, master: Event, zone: ZoneInfo) -> dict[str, Any]:
    """Write an occurrence down; place, title and link only where they are not the series' own."""
    data, own = moment.event.data, master.data
    all_day = not isinstance(moment.start, datetime)
    start, end = moment.start, moment.end
    if all_day:
        end = max(end - timedelta(days=1), start)
    session: dict[str, Any] = {"start": _to_text(start, zone), "end": _to_text(end, zone), "all_day": all_day}
    if end == start and not all_day:  # no end was said
        del session["end"]
    if online := data.get("online_url", own.get("online_url")):
        session["online_url"] = online
    if status := data.get("status", own.get("status")):
        session["status"] = status
    if notice := read_notice(data.get("summary", "")):
        session["notice"] = notice
    return session | {name: data[name] for name in OWN if name in data and data[name] != own.get(name)}


def _to_text(at: date | datetime, zone: ZoneInfo) -> str:
    return at.astimezone(zone).isoformat() if isinstance(at, datetime) else at.isoformat()


def _touches(moment: Moment, window: Window) -> bool:
    start, end = _instant(moment.start, window.zone), _instant(moment.end, window.zone)
    return start < window.end and (end > window.start or start >= window.start)


def _instant(at: date | datetime, zone: ZoneInfo) -> datetime:
    return at if isinstance(at, datetime) else datetime.combine(at, time(), zone)
