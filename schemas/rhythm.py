"""What is said of a weekly session comes in; where the partner's words beside it say `14-täglich`, the rule they mean goes out.

Without it the session would stand there each week. Its first day is that of the offer, if that is one of its weekdays; else nobody
knows which weeks are meant, and only the words are shown.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from schemas.converters.answer import Finding
from schemas.converters.clock import CODES
from schemas.converters.whenwords import says_fortnight
from schemas.reading import Found

GERMAN = dict(zip(CODES, ("Mo", "Di", "Mi", "Do", "Fr", "Sa", "So"), strict=True))
LONGEST = 40  # characters of a rhythm; a longer text says more than that


def is_fortnightly(said: Mapping[str, Any]) -> bool:
    """Say whether a session on weekdays takes place every second week by the words of its note."""
    note = str(said["note"] or "")
    return bool(said["weekday"]) and not said["rrule"] and len(note) <= LONGEST and says_fortnight(note)


def to_fortnightly(offer: Mapping[str, Any], said: Mapping[str, Any], found: Found) -> dict[str, Any]:
    """Give the session with its rule: dated from the first day of the offer, or without a day, which is told."""
    weekdays = said["weekday"] if isinstance(said["weekday"], list) else [said["weekday"]]
    rule = f"FREQ=WEEKLY;INTERVAL=2;BYDAY={','.join(weekdays).upper()}"
    first = offer["start_date"]
    if first is not None and CODES[date.fromisoformat(first).weekday()] in weekdays:
        return {**said, "start": None, "date": first, "rrule": rule, "until": said["until"] or offer["end_date"]}
    times = "–".join(filter(None, (said["start_time"], said["end_time"])))
    days = ", ".join(GERMAN[day] for day in weekdays)
    words = f"{days}{f' {times} Uhr' if times else ''}, {said['note']}"
    found.append(("session.note", Finding("no_first_day", words)))
    return {**said, "start": None, "date": None, "weekday": weekdays, "rrule": rule, "note": words}
