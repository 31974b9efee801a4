"""A text comes in; the day, perhaps the time and the offset from UTC that it surely means go out, or None.

Read are ISO 8601, RFC 2822 (https://www.rfc-editor.org/rfc/rfc2822#section-3.3), German dates with dots, months by name, and the
one numeric form that a source file names. Nothing is guessed: no year, no order of day and month.
"""

import re
from datetime import date, datetime, timedelta, timezone
from typing import NamedTuple
from zoneinfo import ZoneInfo

from schemas.converters.clock import CODES, MIDNIGHT, Time, read_time, read_weekdays
from schemas.vocabulary import fold

EARLIEST, LATEST = 1900, 2100  # years; everything else is a slip of the pen
LAST_SHORT_YEAR = 49  # 05.11.26 is 2026; 05.11.68 could be 1968

# 2026-11-05, 2026-11-05T18:00Z, 2026/11/05
ISO = re.compile(r"(?P<year>[0-9]{4})(?P<sep>[-/.])(?P<month>[0-9]{1,2})(?P=sep)(?P<day>[0-9]{1,2})(?:T|$|[\s,])(?P<rest>.*)")
# 2026-11-05T18:00:00+01:00, as programs write it
INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:Z|[+-](?:0[0-9]|1[0-4]):[0-5][0-9])", re.ASCII
)
# 05.11.2026, 5.11.26
GERMAN = re.compile(r"(?P<day>[0-9]{1,2})\.\s?(?P<month>[0-9]{1,2})\.\s?(?P<year>[0-9]{4}|[0-9]{2})(?![0-9])(?P<rest>.*)")
# 5. November 2026, 5 Nov 2026
WORDS = re.compile(
    r"(?P<day>[0-9]{1,2})(?:\.|st|nd|rd|th)?\s?(?P<name>[^\W\d_]{3,9})\.?,?\s(?P<year>[0-9]{4})(?![0-9])(?P<rest>.*)"
)
# November 5, 2026
ENGLISH = re.compile(
    r"(?P<name>[^\W\d_]{3,9})\.?\s(?P<day>[0-9]{1,2})(?:st|nd|rd|th)?,?\s(?P<year>[0-9]{4})(?![0-9])(?P<rest>.*)"
)
# 20261105, 20261105T180000Z
COMPACT = re.compile(
    r"(?P<year>[0-9]{4})(?P<month>[0-9]{2})(?P<day>[0-9]{2})"
    r"(?:T(?P<hour>[0-9]{2})(?P<minute>[0-9]{2})(?P<second>[0-9]{2})?(?P<zone>Z?))?"
)
# Thu, 05 Nov 2026 18:00:00 +0100
RFC_2822 = re.compile(
    r"(?:[A-Za-z]{3},\s)?(?P<day>[0-9]{1,2})\s(?P<name>[A-Za-z]{3})\s(?P<year>[0-9]{4})\s"
    r"(?P<rest>[0-9]{2}:[0-9]{2}(?::[0-9]{2})?\s(?:[+-][0-9]{4}|GMT|UT|UTC|Z))"
)
# "Do., den " before a date
WEEKDAY = re.compile(
    r"(?P<weekday>[^\W\d_]{2,10})(?:\.,|[.,])?\s(?:(?:den|dem|the)\s)?(?=[0-9]|[^\W\d_]{3,9}\.?\s[0-9])(?P<rest>.+)"
)
LEAD = re.compile(r"(?:am|vom|on)\s", re.IGNORECASE)
TO_TIME = re.compile(r"[\s,;|]*(?:[-–]\s)?(?:(?:um|ab|at)\s)?", re.IGNORECASE)  # what may stand between a day and its time
OFFSET = re.compile(
    r"(?P<time>.*?)\s?(?:(?P<utc>Z|UTC|UT|GMT)|(?P<sign>[+-])(?P<hours>[0-9]{2}):?(?P<minutes>[0-9]{2})?)", re.IGNORECASE
)

MONTHS = {
    word: number
    for number, words in enumerate(
        (
            "januar jan jaenner january", "februar feb february", "maerz mrz maer mar march", "april apr", "mai may",
            "juni jun june", "juli jul july", "august aug", "september sep sept", "oktober okt october oct", "november nov",
            "dezember dez december dec",
        ),
        start=1,
    )
    for word in words.split()
}  # fmt: skip
FORMS = {  # the argument of `date` and `datetime`, for partners whose dates are ambiguous by themselves
    "DD/MM/YYYY": r"(?P<day>[0-9]{1,2})/(?P<month>[0-9]{1,2})/(?P<year>[0-9]{4})(?![0-9])(?P<rest>.*)",
    "MM/DD/YYYY": r"(?P<month>[0-9]{1,2})/(?P<day>[0-9]{1,2})/(?P<year>[0-9]{4})(?![0-9])(?P<rest>.*)",
    "DD-MM-YYYY": r"(?P<day>[0-9]{1,2})-(?P<month>[0-9]{1,2})-(?P<year>[0-9]{4})(?![0-9])(?P<rest>.*)",
    "MM-DD-YYYY": r"(?P<month>[0-9]{1,2})-(?P<day>[0-9]{1,2})-(?P<year>[0-9]{4})(?![0-9])(?P<rest>.*)",
    "DDMMYYYY": r"(?P<day>[0-9]{2})(?P<month>[0-9]{2})(?P<year>[0-9]{4})(?![0-9])(?P<rest>.*)",
    "YYYYMMDD": r"(?P<year>[0-9]{4})(?P<month>[0-9]{2})(?P<day>[0-9]{2})(?![0-9])(?P<rest>.*)",
}


class Moment(NamedTuple):
    """What a text says of a point in time: always a day, perhaps a time, perhaps an offset from UTC."""

    day: date
    time: Time | None = None
    offset: timedelta | None = None


def read_moment(text: str, form: re.Pattern[str] | None = None) -> Moment | None:
    """Read a clean line as a day with or without a time; None where it is not surely one. `form` is one of FORMS, compiled."""
    if form is not None and (found := form.fullmatch(text)):
        return _moment(found, int(found["month"]))
    text = LEAD.sub("", text, count=1) if LEAD.match(text) else text
    if found := ISO.fullmatch(text):
        return _moment(found, int(found["month"]))
    if found := GERMAN.fullmatch(text):
        return _moment(found, int(found["month"]))
    for pattern in (WORDS, ENGLISH):
        if (found := pattern.fullmatch(text)) and (month := MONTHS.get(fold(found["name"]))):
            return _moment(found, month)
    if found := COMPACT.fullmatch(text):
        return _compact(found)
    if found := RFC_2822.fullmatch(text):  # the weekday in it is decoration, and often wrong
        month = MONTHS.get(found["name"].lower())
        return _moment(found, month) if month else None
    if found := WEEKDAY.fullmatch(text):
        days, moment = read_weekdays(found["weekday"]), read_moment(found["rest"])
        if days is not None and len(days) == 1 and moment is not None:
            return moment if CODES[moment.day.weekday()] == days[0] else None
    return None


def _moment(found: re.Match[str], month: int) -> Moment | None:
    year = int(found["year"])
    if len(found["year"]) == 2:
        if year > LAST_SHORT_YEAR:
            return None
        year += 2000
    day = to_day(year, month, int(found["day"]))
    rest = found["rest"]
    if day is None or not rest.strip(" ,;"):
        return Moment(day) if day else None
    rest = TO_TIME.sub("", rest, count=1) if not rest[0].isdigit() else rest
    time = read_time(rest)
    if time is not None and MIDNIGHT.search(rest):  # before the day, or behind it?
        return None
    if time is not None:
        return Moment(day + timedelta(days=1) if rest.startswith("24") else day, time)
    zoned = OFFSET.fullmatch(rest)
    time = read_time(zoned["time"]) if zoned else None
    if zoned is None or time is None:
        return None
    if zoned["utc"]:
        return Moment(day, time, timedelta())
    offset = timedelta(hours=int(zoned["hours"]), minutes=int(zoned["minutes"] or 0))
    return Moment(day, time, -offset if zoned["sign"] == "-" else offset) if offset < timedelta(hours=15) else None


def _compact(found: re.Match[str]) -> Moment | None:
    """Read 20261105 and 20261105T180000Z. Eight digits that could also be 05112026 are read as neither."""
    day = to_day(int(found["year"]), int(found["month"]), int(found["day"]))
    if day is None:
        return None
    if found["hour"] is None:
        digits = found[0]
        return None if to_day(int(digits[4:]), int(digits[2:4]), int(digits[:2])) else Moment(day)
    hour, minute, second = int(found["hour"]), int(found["minute"]), int(found["second"] or 0)
    if hour > 23 or minute > 59 or second > 59:
        return None
    return Moment(day, (hour, minute, second), timedelta() if found["zone"] else None)


def to_day(year: int, month: int, day: int) -> date | None:
    """Give a day of the calendar; None where there is none (31.02.) or the year is a slip of the pen."""
    if not EARLIEST <= year <= LATEST:
        return None
    try:
        return date(year, month, day)
    except ValueError:  # 31.02.
        return None


def written_instant(text: str, zone: ZoneInfo) -> str | None:
    """Give the city's time of an instant written by a program; None where the text is anything else. Quicker than to read it."""
    if INSTANT.fullmatch(text) is None or not EARLIEST <= int(text[:4]) <= LATEST:
        return None
    try:
        return datetime.fromisoformat(text).astimezone(zone).isoformat(timespec="seconds")
    except ValueError:  # 2026-02-30
        return None


def to_instant(moment: Moment, zone: ZoneInfo) -> str | None:
    """Write an instant in the city's zone; None where the clocks skip that time.

    Of a time that comes twice the first is meant (RFC 5545, 3.3.5).
    """
    naive = datetime(moment.day.year, moment.day.month, moment.day.day, *(moment.time or (0, 0, 0)))
    if moment.offset is not None:
        return naive.replace(tzinfo=timezone(moment.offset)).astimezone(zone).isoformat(timespec="seconds")
    local = naive.replace(tzinfo=zone)
    before, after = local.utcoffset(), local.replace(fold=1).utcoffset()
    if before is None or after is None or before < after:  # PEP 495: only in a gap is the offset before it the smaller one
        return None
    return local.isoformat(timespec="seconds")
