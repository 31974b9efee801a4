"""Seven days of Integreat come in, Monday first; opening hours in OSM syntax go out: Mo,Th 10:00-13:00; Fr "nach Vereinbarung".

https://wiki.openstreetmap.org/wiki/Key:opening_hours. Days that are not named are closed.
"""

import re
from collections.abc import Mapping
from itertools import groupby
from typing import Any

DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
CLOCK = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d")
BY_APPOINTMENT = '"nach Vereinbarung"'


def to_opening_hours(week: Any) -> tuple[str | None, bool]:
    """Write a week; None where nothing is said or all is closed. The second value is False where a part could not be read."""
    if not week:
        return None, True
    if not isinstance(week, list) or len(week) != len(DAYS):
        return None, False
    hours: list[str] = []
    sound = True
    for day in week:
        text = _day(day)
        sound = sound and text is not None
        hours.append(text or "")
    if all(text == "00:00-24:00" for text in hours):
        return "24/7", sound
    written: dict[str, list[int]] = {}
    for number, text in enumerate(hours):
        if text:
            written.setdefault(text, []).append(number)
    return "; ".join(f"{_span(numbers)} {text}" for text, numbers in written.items()) or None, sound


def _day(day: Any) -> str | None:
    """Write the hours of one day, "" where it is closed, None where they cannot be read."""
    if not isinstance(day, Mapping):
        return None
    if day.get("closed") is True:
        return ""
    if day.get("allDay") is True:
        return "00:00-24:00"
    slots = day.get("timeSlots") or []
    if not isinstance(slots, list):
        return None
    times: list[str] = []
    for slot in slots:
        start, end = (slot.get("start"), slot.get("end")) if isinstance(slot, Mapping) else (None, None)
        if not isinstance(start, str) or not isinstance(end, str):
            return None
        if not CLOCK.fullmatch(start[:5]) or not CLOCK.fullmatch(end[:5]):
            return None
        times.append(f"{start[:5]}-{'24:00' if end[:5] == '00:00' else end[:5]}")
    comment = BY_APPOINTMENT if day.get("appointmentOnly") is True else ""
    return " ".join(part for part in (",".join(sorted(times)), comment) if part)


def _span(numbers: list[int]) -> str:
    """Write days as OSM does: Mo-We,Fr; two in a row as Mo,Tu."""
    parts: list[str] = []
    for _, run in groupby(enumerate(numbers), lambda pair: pair[1] - pair[0]):
        days = [number for _, number in run]
        parts += [f"{DAYS[days[0]]}-{DAYS[days[-1]]}"] if len(days) > 2 else [DAYS[number] for number in days]
    return ",".join(parts)
