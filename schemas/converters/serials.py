"""A number where a day or a time should stand comes in; what a spreadsheet stores as this number goes out, or None.

Days are counted from 1899-12-30, times are parts of a day (ECMA-376, part 1, 18.17.4): 45992.75 is 2025-12-01, 18:00. What could
be anything else is not read: a day long ago or far off, a postcode of the city, 31226 (3.12.26 without dots), a time that is no
multiple of five minutes.
"""

import re
from collections.abc import Collection
from datetime import date, timedelta

from schemas.converters.answer import Doubt, doubt
from schemas.converters.clock import Time
from schemas.converters.moments import Moment

ZERO = date(1899, 12, 30)
FIRST, LAST = (date(2010, 1, 1) - ZERO).days, (date(2049, 12, 31) - ZERO).days  # an offer is now
SERIAL = re.compile(r"(?P<day>[0-9]{5})(?:[.,](?P<part>[0-9]{1,17}))?", re.ASCII)  # 45992, 45992.75, "45992,75"
FRACTION = re.compile(r"0?[.,](?P<part>[0-9]{1,17})", re.ASCII)  # 0.75, "0,75"
DOTLESS = re.compile(r"[1-9](?:0[1-9]|1[0-2])[0-9]{2}")  # 31226, 51126
DAY, STEP, NEAR = 1440, 5, 0.1  # minutes: of a day, what times are multiples of, what a rounded number may differ


def read_serial(text: str, postcodes: Collection[str]) -> Moment | None:
    """Read a clean text as the number of a day, with its part that is a time."""
    found = SERIAL.fullmatch(text)
    if found is None or not FIRST <= int(found["day"]) <= LAST:
        return None
    day = ZERO + timedelta(days=int(found["day"]))
    if found["part"] and found["part"].strip("0"):
        time = _to_time(found["part"])
        return Moment(day, time) if time else None
    return None if found["day"] in postcodes or DOTLESS.fullmatch(found["day"]) else Moment(day)


def read_fraction(text: str) -> Time | None:
    """Read a clean text as a part of a day, alone or behind the number of a day."""
    found = FRACTION.fullmatch(text)
    if found is not None:
        return _to_time(found["part"])
    moment = read_serial(text, ())
    return moment.time if moment else None


def guessed(text: str, shown: str, kept: object) -> Doubt:
    """Keep what was read of a number, and tell it."""
    return doubt("excel_number", text, shown, kept=kept)


def _to_time(part: str) -> Time | None:
    minutes = float(f"0.{part}") * DAY
    whole = round(minutes / STEP) * STEP
    return (whole // 60, whole % 60, 0) if 0 < whole < DAY and abs(minutes - whole) <= NEAR else None
