"""One schema.org object comes in; its sessions go out, and the days it begins and ends where it is a course with dates.

Dates stand in the object itself (Event), in its parts (subEvent, hasCourseInstance) or as a rule (Schedule). A rule becomes a
session with its first date and an RRULE; a weekly one that names no first day, a session per weekday.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from connectors.schemaorg_values import Node, as_list, to_local, to_name

OFFSET = re.compile(r"([+-]\d{2})(\d{2})$")  # 2022-05-19T16:15:00+0200
LENGTH = re.compile(r"P(?:(\d{1,3})D)?(?:T(?:(\d{1,3})H)?(?:(\d{1,4})M)?(?:\d{1,5}S)?)?")  # PT1H30M
REPEATS = re.compile(r"P(\d{1,3})([DWMY])|Daily|Weekly|Monthly|Yearly", re.IGNORECASE)  # P1W
FREQUENCIES = {"D": "DAILY", "W": "WEEKLY", "M": "MONTHLY", "Y": "YEARLY"}
CODES = {"monday": "MO", "tuesday": "TU", "wednesday": "WE", "thursday": "TH", "friday": "FR", "saturday": "SA", "sunday": "SU"}
ORDINAL_DAY = re.compile(r"[+-]?\d?(?:MO|TU|WE|TH|FR|SA|SU)", re.IGNORECASE)  # MO, 2TU
WEEKDAYS = list(CODES.values())
CLOCK = re.compile(r"(?:\d{4}-\d{2}-\d{2}T)?((?:[01]\d|2[0-3]):[0-5]\d)")  # 18:00:00, 2026-12-01T18:00
MAX_SESSIONS = 1_000
SPAN = timedelta(hours=36)  # longer than this, the dates of a course are its first and its last day, not one session


def to_sessions(
    node: Node, resolve: Callable[[Any], Any], *, to_place: Callable[[Any], dict[str, Any]]
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Give the sessions of an object, and `startDate` and `endDate` of a course that names them only in its parts."""
    parts = [
        part for name in ("subEvent", "subEvents", "hasCourseInstance") for value in as_list(node.get(name))
        if isinstance(part := resolve(value), Mapping)
    ][:MAX_SESSIONS]  # fmt: skip
    name = _text(node.get("name"))
    found = [session for part in parts for session in _own(part, resolve, _extras(part, name, to_place))]
    found += [] if found else _own(node, resolve, {})
    begins = [day for part in parts if (day := _text(part.get("startDate")))]
    ends = [day for part in parts if (day := _text(part.get("endDate")))]
    return found[:MAX_SESSIONS], {"startDate": min(begins, default=None), "endDate": max(ends, default=None)}


def split_runs(node: Node, resolve: Callable[[Any], Any]) -> list[Node]:
    """Give a course that runs more than once as one object a run: January to March and April to June are two offers, not one.

    Only runs with a first and a last day and no timetable; dates of a few hours are sessions of one course.
    """
    parts = [
        part for value in as_list(node.get("hasCourseInstance"))[:MAX_SESSIONS] if isinstance(part := resolve(value), Mapping)
    ]
    runs = [part for part in parts if _is_run(part)]
    if len(runs) < 2 or len(runs) < len(parts):
        return [node]
    name = _text(node.get("@id")) or _text(node.get("url")) or _text(node.get("name")) or ""
    return [
        {**node, "hasCourseInstance": [run], "@id": _text(run.get("@id")) or f"{name}#{_text(run.get('startDate'))}"}
        for run in runs
    ]


def _is_run(part: Node) -> bool:
    first, last = _text(part.get("startDate")), _text(part.get("endDate"))
    return bool(first and last and _is_long(first, last)) and not (part.get("courseSchedule") or part.get("eventSchedule"))


def _own(node: Node, resolve: Callable[[Any], Any], extras: dict[str, Any]) -> list[dict[str, Any]]:
    """Give the sessions of one object by its rules, else by its dates."""
    status = _text(node.get("eventStatus"))
    extras = {**extras, **({"status": to_local(status)} if status else {})}
    schedules = [
        schedule for name in ("eventSchedule", "courseSchedule") for value in as_list(node.get(name))
        if isinstance(schedule := resolve(value), Mapping)
    ]  # fmt: skip
    ruled = [session | extras for schedule in schedules for session in _by_schedule(schedule)]
    if ruled:
        return ruled
    start, end = to_instant(node.get("startDate")), to_instant(node.get("endDate"))
    if start is None:
        return []
    course = any(to_local(kind) == "CourseInstance" for kind in as_list(node.get("@type")) if isinstance(kind, str))
    if end is None:
        end = _after(start, _text(node.get("duration")))
    elif len(end) == 10 and len(start) > 10:  # a time of day, and a day without one
        end = None
    if course and end is not None and _is_long(start, end):
        if len(start) == 10:
            return []
        end = None
    session = {"start": start, "end": end, "all_day": len(start) == 10}
    return [{name: value for name, value in session.items() if value is not None} | extras]


def to_instant(value: Any) -> str | None:
    """Give a date as the partner wrote it, with a colon in its offset: 2022-05-19T16:15:00+0200 is …+02:00."""
    text = _text(value)
    return OFFSET.sub(r"\1:\2", text) if text and "T" in text else text


def _by_schedule(schedule: Node) -> list[dict[str, Any]]:
    """Read a Schedule: with a first day as a start and an RRULE, else, weekly on named days, as a session per weekday."""
    names = [to_local(text) for value in as_list(schedule.get("byDay")) if (text := _text(value))]
    days = [day for name in names if ORDINAL_DAY.fullmatch(day := CODES.get(name.casefold(), name.upper()))]
    first, last = _text(schedule.get("startDate")), _text(schedule.get("endDate"))
    begins, ends = _clock(_text(schedule.get("startTime")) or first), _clock(_text(schedule.get("endTime")))
    frequency, interval = _frequency(_text(schedule.get("repeatFrequency")))
    frequency = frequency or ("WEEKLY" if days else None)
    exceptions = [text[:10] for value in as_list(schedule.get("exceptDate")) if (text := _text(value))]
    shared = {"exdates": exceptions, "until": last[:10] if last else None}
    if frequency is None:
        return []
    if first is None or (start := _first(first[:10], days if frequency == "WEEKLY" else [])) is None:
        if frequency != "WEEKLY" or interval != 1:
            return []
        return [_filled({"weekday": day, "start_time": begins, "end_time": ends, **shared}) for day in dict.fromkeys(days)]
    rule = [f"FREQ={frequency}", f"INTERVAL={interval}"] if interval > 1 else [f"FREQ={frequency}"]
    by = {"BYDAY": days, "BYMONTHDAY": _numbers(schedule, "byMonthDay"), "BYMONTH": _numbers(schedule, "byMonth")}
    rule += [f"{name}={','.join(dict.fromkeys(part))}" for name, part in by.items() if part]
    rule += [f"COUNT={count}" for count in _numbers(schedule, "repeatCount")[:1]]
    timed = {"start": f"{start}T{begins}:00", "end": f"{start}T{ends}:00" if ends else None} if begins else {"start": start}
    return [_filled({**timed, "all_day": not begins, "rrule": ";".join(rule), **shared})]


def _first(day: str, days: list[str]) -> str | None:
    """Find the first day on or after a day that is one of these weekdays; None where the day is none."""
    try:
        start = date.fromisoformat(day)
        wanted = {WEEKDAYS.index(code[-2:]) for code in days} or {start.weekday()}
        return next(at.isoformat() for ahead in range(7) if (at := start + timedelta(days=ahead)).weekday() in wanted)
    except (ValueError, OverflowError):
        return None


def _frequency(text: str | None) -> tuple[str | None, int]:
    found = REPEATS.fullmatch(text) if text else None
    if found is None:
        return None, 1
    if found[1]:
        return FREQUENCIES[found[2].upper()], max(int(found[1]), 1)
    return found[0].upper(), 1


def _extras(part: Node, title: str | None, to_place: Callable[[Any], dict[str, Any]]) -> dict[str, Any]:
    """Give what a part says of itself beside its dates: place, link, name."""
    place = to_place(part.get("location")) if part.get("location") is not None else {}
    online = place.pop("online_url", None)
    place.pop("virtual", None)
    name, url = _text(part.get("name")), _text(part.get("url"))
    return _filled({"location": place, "online_url": online, "name": name if name != title else None, "url": url})


def _after(start: str, length: str | None) -> str | None:
    """Add a duration to a start that has a time of day."""
    found = LENGTH.fullmatch(length) if length else None
    if found is None or len(start) == 10 or not any(found.groups()):
        return None
    days, hours, minutes = (int(part or 0) for part in found.groups())
    try:
        return (datetime.fromisoformat(start) + timedelta(days=days, hours=hours, minutes=minutes)).isoformat()
    except (ValueError, OverflowError):
        return None


def _is_long(start: str, end: str) -> bool:
    try:
        first, last = date.fromisoformat(start[:10]), date.fromisoformat(end[:10])
    except ValueError:
        return False
    return last - first > SPAN


def _clock(text: str | None) -> str | None:
    """Give HH:MM of a time or an instant; None where there is no time."""
    found = CLOCK.match(text) if text else None
    return found[1] if found else None


def _numbers(schedule: Node, name: str) -> list[str]:
    return [text for value in as_list(schedule.get(name)) if re.fullmatch(r"-?\d{1,4}", text := str(value).strip())]


def _text(value: Any) -> str | None:
    """Give a text, or the name of an object; None for everything else."""
    found = to_name(value[0] if isinstance(value, list) and value else value)
    return found or None if isinstance(found, str) else None


def _filled(data: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in data.items() if value not in (None, "", [], {})}
