"""A time of day, a span of times or weekdays in a partner's words come in; `18:00`, start and end, or weekday codes go out."""

import re

from schemas.converters.text import plain
from schemas.vocabulary import fold, load

Time = tuple[int, int, int]

# "18:30", "18.30", "18:30:15.25", "18h30", "18 Uhr", "6 pm"; a bare number is no time
TIME = re.compile(
    r"(?P<hour>[0-9]{1,2})"
    r"(?:\s?[:.h]\s?(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})(?:[.,][0-9]{1,9})?)?(?P<exact>)|(?=\s*(?:uhr|h|[ap]\.?m)))"
    r"(?:\s*(?P<half>[ap])\.?m\.?)?(?:\s*(?:uhr|h)\.?)?",
    re.IGNORECASE,
)
# the words that make a number a time: "12 noon", "12 Uhr mittags", "abends 18 Uhr"; "6 abends" is 18 Uhr, "6 mittags" is nothing
PART = "morgens|früh|vormittags|mittags|nachmittags|abends"
IN_WORDS = re.compile(
    r"(?:(?:12|12[:.]00)\s?(?:uhr\s)?)?(?P<noon>noon|midday)"
    r"|(?:(?:12|12[:.]00|24|24[:.]00|0|0[:.]00)\s?(?:uhr\s)?)?(?P<midnight>midnight|mitternacht)"
    rf"|(?:(?P<before>{PART})\s(?:um\s)?)?(?P<hour>[0-9]{{1,2}})(?:[:.](?P<minute>[0-9]{{2}}))?\s?(?:uhr|h)?\.?(?:\s(?P<behind>{PART}))?",
    re.IGNORECASE,
)
MIDNIGHT = re.compile(r"midnight|mitternacht", re.IGNORECASE)
# the hours a word goes with, and those of twelve that it means: "2 Uhr mittags" is 14 Uhr
HOURS = {
    "morgens": (range(4, 12), range(0)), "frueh": (range(4, 12), range(0)), "vormittags": (range(6, 12), range(0)),
    "mittags": (range(11, 15), range(1, 3)), "nachmittags": (range(12, 19), range(1, 7)), "abends": (range(17, 24), range(5, 12)),
}  # fmt: skip
# "18:00–19:30", "von 18 bis 20 Uhr"; the first time may leave its Uhr to the second
SPAN = re.compile(r"(?:von\s+|from\s+)?(?P<start>.+?)\s*(?:[-–—]|\s(?:bis|to|until)\s)\s*(?P<end>.+)", re.IGNORECASE)
OPEN_SPAN = re.compile(r"(?:ab|from)\s+(?P<start>.+)", re.IGNORECASE)
BARE_SPAN = re.compile(r"(?:von\s+)?(?P<start>[0-9]{1,2})\s*(?:[-–—]|\sbis\s)\s*(?P<end>[0-9]{1,2})", re.IGNORECASE)  # "9-12"
UHR = re.compile(r"[0-9]\s*(?:uhr|h)", re.IGNORECASE)
BARE_HOUR = re.compile(r"[0-9]{1,2}")

CODES = ("mo", "tu", "we", "th", "fr", "sa", "su")
SHORT = {  # beside the names in the vocabulary of weekdays
    "mo": "mo", "mon": "mo", "di": "tu", "tu": "tu", "tue": "tu", "tues": "tu", "mi": "we", "we": "we", "wed": "we", "do": "th",
    "th": "th", "thu": "th", "thur": "th", "thurs": "th", "fr": "fr", "fri": "fr", "sa": "sa", "sat": "sa", "sonnabend": "sa",
    "so": "su", "su": "su", "sun": "su",
}  # fmt: skip
# In the law of tenants and of shops Saturday is a Werktag; whoever comes on one of these five days is never there in vain
WORKDAYS = ("werktags", "werktag", "werktage", "werktagen", "werktaeglich", "wochentags", "wochentage", "wochentagen")
GROUPS = {
    "taeglich": CODES, "daily": CODES, "wochenende": ("sa", "su"), "weekend": ("sa", "su"), "weekdays": CODES[:5],
    **dict.fromkeys(WORKDAYS, CODES[:5]),
}  # fmt: skip
DAY_RANGE = re.compile(r"(.+?)\s*(?:[-–—]|\sbis\s|\sto\s)\s*(.+)", re.IGNORECASE)  # "Mo-Fr", "Montag bis Freitag"
DAY_LIST = re.compile(r"\s*[;,/|+&\n]\s*|\s+(?:und|u\.|and)\s+", re.IGNORECASE)  # "Mo, Mi und Fr"
EVERY = re.compile(r"\b(?:jeden|jede|immer|every|am|an)\s+", re.IGNORECASE)
SCHEMA_ORG = re.compile(r"https?://(?:www\.)?schema\.org/", re.IGNORECASE)  # https://schema.org/Monday


def read_time(text: str) -> Time | None:
    """Read a whole text as a time of day; None where it is none. 24:00 and midnight are read as 0:00, the end of a day."""
    found = TIME.fullmatch(text)
    if found is None:
        return _read_words(text)
    hour, minute, second = int(found["hour"]), int(found["minute"] or 0), int(found["second"] or 0)
    if found["half"]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if found["half"] in "pP" else 0)
    if (hour, minute, second) == (24, 0, 0):
        hour = 0
    return (hour, minute, second) if hour < 24 and minute < 60 and second < 60 else None


def _read_words(text: str) -> Time | None:
    """Read "12 noon", "midnight", "2 Uhr mittags"; None where the word does not go with the number, or where there is none."""
    found = IN_WORDS.fullmatch(text)
    if found is None:
        return None
    if found["hour"] is None:
        return (12, 0, 0) if found["noon"] else (0, 0, 0)
    word, hour, minute = found["before"] or found["behind"], int(found["hour"]), int(found["minute"] or 0)
    if word is None or (found["before"] and found["behind"]) or minute > 59:
        return None
    meant, of_twelve = HOURS[fold(word)]
    if hour in meant:
        return hour, minute, 0
    return (hour + 12, minute, 0) if hour in of_twelve else None


def is_named(text: str) -> bool:
    """Say whether a word tells the half of the day of a time."""
    return IN_WORDS.fullmatch(text) is not None and re.search(r"[^\W\d]{4}", text) is not None


def completes(bare: str, last: str) -> bool:
    """Say whether a bare hour before a time that a word names can mean but one: "9–12 noon"; "6–8 Uhr abends" could mean 6 or 18."""
    return read_time(last) == (12, 0, 0) and 6 <= int(bare) < 12


def read_span(text: str) -> tuple[Time, Time | None] | None:
    """Read a span of times, or one time alone, which is the start."""
    alone = read_time(text)
    if alone is not None:
        return None if MIDNIGHT.search(text) else (alone, None)
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
        if not (completes(left, found["end"]) if is_named(found["end"]) else UHR.search(found["end"])):
            return None
        left += " Uhr"
    if MIDNIGHT.search(left):  # of which day?
        return None
    start = read_time(left)
    return (start, end) if start is not None else None


def to_clock(time: Time) -> str:
    """Write a time as the columns start_time and end_time want it."""
    return f"{time[0]:02d}:{time[1]:02d}"


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
