"""A day, an instant or a period in a partner's words comes in; `2026-11-05`, `2026-11-05T18:00:00+01:00` or two days go out."""

import re
from datetime import UTC, date, datetime
from typing import Any

from schemas.converters.answer import Convert, Doubt, Setting, doubt
from schemas.converters.clock import to_clock
from schemas.converters.moments import FORMS, LEAD, MONTHS, Moment, read_moment, to_day, to_instant, written_instant
from schemas.converters.serials import guessed, read_serial
from schemas.converters.text import one_text
from schemas.vocabulary import fold

PERIOD_SIGN = re.compile(r"\s*[-–—]\s*|\s+(?:bis(?:\s+zum)?|to|until)\s+", re.IGNORECASE)
BLANK, MOST_BLANKS = re.compile(r"\s"), 8
SHORT_DAY = re.compile(r"(?P<day>[0-9]{1,2})\.\s?(?:(?P<month>[0-9]{1,2})\.)?")  # "01.03." or "1." before a whole date
SHORT_WORDS = re.compile(r"(?P<day>[0-9]{1,2})\.?\s(?P<month>[^\W\d_]{3,9})\.?")  # "1. März" before a whole date
OPEN_START = re.compile(r"(?:ab|seit|from)\s(?:dem\s)?(?P<rest>.+)", re.IGNORECASE)
OPEN_END = re.compile(r"(?:bis(?:\szum)?|until)\s(?P<rest>.+)", re.IGNORECASE)


def _form(argument: Any, name: str) -> re.Pattern[str] | None:
    if argument is None:
        return None
    if not isinstance(argument, str) or argument not in FORMS:
        raise ValueError(f"{name} kennt die Form ‚{argument}‘ nicht; möglich ist {', '.join(FORMS)}")
    return re.compile(FORMS[argument])


def to_date(argument: Any, setting: Setting) -> Convert:
    """Make `date`: a day as YYYY-MM-DD. Of an instant with an offset the day in the city counts."""
    form = _form(argument, "date")

    def read_day(value: Any) -> Any:
        text = one_text(value)
        if type(text) is not str:
            return text
        moment = read_moment(text, form)
        if moment is None:
            counted = read_serial(text, setting.postcodes)
            return guessed(text, to_german(counted), counted.day.isoformat()) if counted else doubt("bad_date", text)
        if moment.offset is not None:
            return (to_instant(moment, setting.zone) or "")[:10] or doubt("bad_date", text)
        return moment.day.isoformat()

    return read_day


def to_datetime(argument: Any, setting: Setting) -> Convert:
    """Make `datetime`: an instant with seconds and offset, or the bare day where no time is given."""
    form = _form(argument, "datetime")

    def to_moment(value: Any) -> Any:
        text = one_text(value)
        if type(text) is not str:
            return text
        instant = written_instant(text, setting.zone)
        if instant is not None:
            return instant
        moment = read_moment(text, form)
        if moment is None:
            return _counted(text, setting) or _day_at_least(text, form)
        if moment.time is None:
            return moment.day.isoformat()
        return to_instant(moment, setting.zone) or doubt("bad_time", text)

    return to_moment


def _counted(text: str, setting: Setting) -> Doubt | None:
    """Read the number of a day, with or without a time."""
    moment = read_serial(text, setting.postcodes)
    instant = to_instant(moment, setting.zone) if moment and moment.time else moment and moment.day.isoformat()
    return guessed(text, to_german(moment), instant) if moment and instant else None


def to_german(moment: Moment) -> str:
    """Say a moment as a person writes it: 01.12.2025 18:00."""
    return f"{moment.day:%d.%m.%Y}" + (f" {to_clock(moment.time)}" if moment.time else "")


def _day_at_least(text: str, form: re.Pattern[str] | None) -> Doubt:
    """Keep the day of "01.12.2026, gegen Abend"; what stands behind it is no time and said to be none."""
    for blank in reversed([found.start() for found in BLANK.finditer(text)][:MOST_BLANKS]):
        moment = read_moment(text[:blank].rstrip(" ,;|"), form)
        if moment is not None and moment.time is None:
            return doubt("bad_time", text[blank:].strip(" ,;|"), kept=moment.day.isoformat())
    return doubt("bad_date", text)


def to_epoch(unit: int, name: str) -> Any:
    """Make `epoch_s` (unit 1) or `epoch_ms` (unit 1000): counted since 1970 in UTC, from 1980 to 2100."""

    def make(argument: Any, setting: Setting) -> Convert:
        if argument is not None:
            raise ValueError(f"{name} braucht keine Angabe")

        def to_moment(value: Any) -> Any:
            text = one_text(value)
            if type(text) is not str:
                return text
            try:
                seconds = int(text) / unit if len(text) < 20 else -1.0
            except ValueError:
                return doubt("bad_date", text)
            if not 315532800 <= seconds < 4133980800:  # seconds given as milliseconds land in 1970
                return doubt("bad_date", text)
            return datetime.fromtimestamp(int(seconds), UTC).astimezone(setting.zone).isoformat(timespec="seconds")

        return to_moment

    return make


def to_period(argument: Any, setting: Setting) -> Convert:
    """Make the converter of the target `period`: start_date and end_date from one text."""

    def period(value: Any) -> Any:
        text = one_text(value)
        if type(text) is not str:
            return text
        read = read_period(text)
        if isinstance(read, Doubt):
            counted = read_serial(text, setting.postcodes)
            days = counted and dict.fromkeys(("start_date", "end_date"), counted.day.isoformat())
            return guessed(text, to_german(counted), days) if counted else read
        start, end = read
        return {"start_date": start.isoformat() if start else None, "end_date": end.isoformat() if end else None}

    return period


def read_period(text: str) -> tuple[date | None, date | None] | Doubt:
    """Read "01.03.–31.05.2027", "1. März bis 31. Mai 2027", "ab 1. März 2027", or one day alone, which is both ends."""
    moment = read_moment(text)
    if moment:
        return moment.day, moment.day
    if (found := OPEN_START.fullmatch(text)) and (moment := read_moment(found["rest"])):
        return moment.day, None
    if (found := OPEN_END.fullmatch(text)) and (moment := read_moment(found["rest"])):
        return None, moment.day
    text = LEAD.sub("", text, count=1) if LEAD.match(text) else text
    for sign in list(PERIOD_SIGN.finditer(text))[:8]:  # ISO dates hold dashes themselves
        last = read_moment(text[sign.end() :])
        if last is None:
            continue
        left = text[: sign.start()]
        first = read_moment(left)
        start = first.day if first else _short_start(left, last.day)
        if start is not None:
            return start, last.day
    return doubt("bad_date", text)


def _short_start(text: str, last: date) -> date | None:
    """Complete "01.03." or "1." from the end of the period: the last such day before it."""
    found = SHORT_DAY.fullmatch(text) or SHORT_WORDS.fullmatch(text)
    if found is None:
        return None
    named = found["month"]
    if named is None:
        return to_day(last.year, last.month, int(found["day"])) if int(found["day"]) <= last.day else None
    month = int(named) if named.isdigit() else MONTHS.get(fold(named), 0)
    start = to_day(last.year, month, int(found["day"]))
    if start is not None and start > last:
        start = to_day(last.year - 1, month, int(found["day"]))
    return start
