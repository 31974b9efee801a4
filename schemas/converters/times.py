"""A cell with a time of day or a span of times comes in; `18:00`, or start and end, go out."""

import re
from typing import Any

from schemas.converters.answer import Convert, Doubt, Setting, doubt
from schemas.converters.clock import read_span, read_time, to_clock
from schemas.converters.serials import guessed, read_fraction
from schemas.converters.text import one_text

ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ]")  # a date before the time is not asked for here
LEAD = re.compile(r"(?:ab|um|bis|from|at|until)\s+", re.IGNORECASE)


def to_time(argument: Any, setting: Setting) -> Convert:
    """Make `time`: a time of day as HH:MM."""
    if argument is not None:
        raise ValueError("time braucht keine Angabe")

    def time(value: Any) -> Any:
        text = one_text(value)
        if type(text) is not str:
            return text
        read = read_time(LEAD.sub("", ISO_DATE.sub("", text, count=1), count=1))
        if (counted := _counted(text, read is not None, is_number=type(value) is float)) is not None:
            return counted
        return to_clock(read) if read else doubt("bad_time", text)

    return time


def to_span(argument: Any, setting: Setting) -> Convert:
    """Make the converter of the target `time`: start_time and end_time from one text."""

    def span(value: Any) -> Any:
        text = one_text(value)
        if type(text) is not str:
            return text
        read = read_span(text)
        if (counted := _counted(text, read is not None, is_number=type(value) is float)) is not None:
            (finding,) = counted.findings
            return Doubt(counted.value and {"start_time": counted.value, "end_time": None}, (finding,))
        if read is None:
            return doubt("bad_time", text)
        start, end = read
        return {"start_time": to_clock(start), "end_time": to_clock(end) if end else None}

    return span


def _counted(text: str, is_time: bool, *, is_number: bool) -> Doubt | None:
    """Read a part of a day, as a spreadsheet stores a time; the text 0.25 may be 6 Uhr or 0:25 Uhr, a number is no clock."""
    time = read_fraction(text)
    if time is None:
        return doubt("bad_time", text) if is_number else None
    if is_time and not is_number:
        return doubt("ambiguous_value", text, f"{to_clock(time)} Uhr oder {text} Uhr")
    return guessed(text, f"{to_clock(time)} Uhr", to_clock(time))
