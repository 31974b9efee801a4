"""A time of day, a span of times or weekdays in a partner's words come in; `18:00`, start and end, or weekday codes go out."""

import re
from typing import Any

from schemas.converters.answer import Convert, Setting, doubt
from schemas.converters.text import one_text, plain
from schemas.vocabulary import fold, load

Time = tuple[int, int, int]

# "18:30", "18.30", "18:30:15.25", "18h30", "18 Uhr", "6 pm"; a bare number is no time
TIME = re.compile(
    r"(?P<hour>[0-9]{1,2})"
    r"(?:\s?[:.h]\s?(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})(?:[.,][0-9]{1,9})?)?(?P<exact>)|(?=\s*(?:uhr|h|[ap]\.?m)))"
    r"(?:\s*(?P<half>[ap])\.?m\.?)?(?:\s*(?:uhr|h)\.?)?",
    re.IGNORECASE,
)
ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ]")  # a date before the time is not asked for here
# "18:00–19:30", "von 18 bis 20 Uhr"; the first time may leave its Uhr to the second
SPAN = re.compile(r"(?:von\s+|from\s+)?(?P<start>.+?)\s*(?:[-–—]|\s(?:bis|to|until)\s)\s*(?P<end>.+)", re.IGNORECASE)
OPEN_SPAN = re.compile(r"(?:ab|from)\s+(?P<start>.+)", re.IGNORECASE)
BARE_SPAN = re.compile(r"(?:von\s+)?(?P<start>[0-9]{1,2})\s*(?:[-–—]|\sbis\s)\s*(?P<end>[0-9]{1,2})", re.IGNORECASE)  # "9-12"
LEAD = re.compile(r"(?:ab|um|bis|from|at|until)\s+", re.IGNORECASE)
BARE_HOUR = re.compile(r"[0-9]{1,2}")

CODES = ("mo", "tu", "we", "th", "fr", "sa", "su")
SHORT = {  # beside the names in the vocabulary of weekdays
    "mo": "mo", "mon": "mo", "di": "tu", "tu": "tu", "tue": "tu", "tues": "tu", "mi": "we", "we": "we", "wed": "we", "do": "th",
    "th": "th", "thu": "th", "thur": "th", "thurs": "th", "fr": "fr", "fri": "fr", "sa": "sa", "sat": "sa", "sonnabend": "sa",
    "so": "su", "su": "su", "sun": "su",
}  # fmt: skip
GROUPS = {"taeglich": CODES, "daily": CODES, "wochenende": ("sa", "su"), "weekend": ("sa", "su")}
DAY_RANGE = re.compile(r"(.+?)\s*(?:[-–—]|\sbis\s|\sto\s)\s*(.+)", re.IGNORECASE)  # "Mo-Fr", "Montag bis Freitag"
DAY_LIST = re.compile(r"\s*[;,/|+&\n]\s*|\s+(?:und|u\.|and)\s+", re.IGNORECASE)  # "Mo, Mi und Fr"
EVERY = re.compile(r"\b(?:jeden|jede|immer|every|am)\s+", re.IGNORECASE)
SCHEMA_ORG = re.compile(r"https?://(?:www\.)?schema\.org/", re.IGNORECASE)  # https://schema.org/Monday


def read_time(text: str) -> Time | None:
    """Read a whole text as a time of day; None where it is none. 24:00 is read as 0:00, the end of a day."""
    found = TIME.fullmatch(text)
    if found is None:
        return None
    hour, minute, second = int(found["hour"]), int(found["minute"] or 0), int(found["second"] or 0)
    if found["half"]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if found["half"] in "pP" else 0)
    if (hour, minute, second) == (24, 0, 0):
        hour = 0
    return (hour, minute, second) if hour < 24 and minute < 60 and second < 60 else None


def read_span(text: str) -> tuple[Time, Time | None] | None:
    """Read a span of times, or one time alone, which is the start."""
    alone = read_time(text)
    if alone is not None:
        return alone, None
    found = OPEN_SPAN.fullmatch(text)
    if found:
        start = read_time(found["start"])
        return (start, None) if start else None
    if bare := BARE_SPAN.fullmatch(text):  # two hours in a column of times; a day and a month, or a score, do not stand there
        first, last = int(bare["start"]), int(bare["end"])
        return ((first, 0, 0), (last % 24, 0, 0)) if first < last <= 24 else None
    found = SPAN.fullmatch(text)
    if found is None:
        return None
    left, end = found["start"], read_time(found["end"])
    if end is None:
        return None
    if BARE_HOUR.fullmatch(left):  # "18-20 Uhr"
        if not re.search(r"uhr|h", found["end"], re.IGNORECASE):
            return None
        left += " Uhr"
    start = read_time(left)
    return (start, end) if start is not None else None


def to_clock(time: Time) -> str:
    """Write a time as the columns start_time and end_time want it."""
    return f"{time[0]:02d}:{time[1]:02d}"


def to_time(argument: Any, setting: Setting) -> Convert:
    """Make `time`: a time of day as HH:MM."""
    if argument is not None:
        raise ValueError("time braucht keine Angabe")

    def time(value: Any) -> Any:
        text = one_text(value)
        if type(text) is not str:
            return text
        read = read_time(LEAD.sub("", ISO_DATE.sub("", text, count=1), count=1))
        return to_clock(read) if read else doubt("bad_time", text)

    return time


def to_span(argument: Any, setting: Setting) -> Convert:
    """Make the converter of the target `time`: start_time and end_time from one text."""

    def span(value: Any) -> Any:
        text = one_text(value)
        if type(text) is not str:
            return text
        read = read_span(text)
        if read is None:
            return doubt("bad_time", text)
        start, end = read
        return {"start_time": to_clock(start), "end_time": to_clock(end) if end else None}

    return span


def read_weekdays(text: str) -> tuple[str, ...] | None:
    """Read weekdays, one, several or a range, in the order of the week; None where a word is no weekday."""
    text = EVERY.sub("", SCHEMA_ORG.sub("", plain(text)))
    days: set[str] = set()
    for piece in DAY_LIST.split(text):
        if not piece:
            continue
        one = _weekday(piece)
        if one is None:
            found = DAY_RANGE.fullmatch(piece)
            first, last = (_weekday(found[1]), _weekday(found[2])) if found else (None, None)
            if first is None or last is None or len(first) != 1 or len(last) != 1:
                return None
            start, end = CODES.index(first[0]), CODES.index(last[0])
            one = CODES[start : end + 1] if start <= end else CODES[start:] + CODES[: end + 1]
        days.update(one)
    return tuple(code for code in CODES if code in days) or None


def _weekday(word: str) -> tuple[str, ...] | None:
    """Read one word: Mo, Mo., Montag, montags, Monday; täglich."""
    folded = fold(word)
    days = load("weekdays")
    code = SHORT.get(folded) or days.find(folded) or (days.find(folded[:-1]) if folded.endswith("s") else None)
    return (code,) if code else GROUPS.get(folded)


def to_weekday(argument: Any, setting: Setting) -> Convert:
    """Make `weekday`: weekday codes; one as text, several as a list."""
    if argument is not None:
        raise ValueError("weekday braucht keine Angabe")

    def weekday(value: Any) -> Any:
        if isinstance(value, list | tuple):
            value = ", ".join(map(str, value))
        text = one_text(value)
        if type(text) is not str:
            return text
        days = read_weekdays(text)
        if days is None:
            return doubt("bad_weekday", text)
        return days[0] if len(days) == 1 else list(days)

    return weekday
