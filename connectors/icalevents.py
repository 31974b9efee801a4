"""One VEVENT block comes in; an event with real instants goes out, or the problem that keeps it from being one (RFC 5545, 3.6.1).

Floating times, and times in a zone nobody knows, are the city's. An all-day event ends the day before its DTEND says.
"""

import html
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from icalendar.prop import vDuration

from connectors.icaltext import Block, Property, to_text, to_texts
from connectors.icalzones import zone_by_name
from schemas.problems import Problem

INSTANT = re.compile(r"(\d{4})(\d{2})(\d{2})(?:T(\d{2})(\d{2})(\d{2})?(Z)?)?")  # 20261126T180000Z, 20261126
TAG = re.compile(r"<[^<>]{0,2000}>")  # <span class="uid">
YEARS = range(1900, 2200)
LONGEST = timedelta(days=3_660)

# What an event says once, in the name under which it stands in the record.
TEXTS = {
    "SUMMARY": "summary",
    "DESCRIPTION": "description",
    "X-ALT-DESC": "description_html",
    "LOCATION": "location",
    "STATUS": "status",
    "COMMENT": "comment",
    "CONTACT": "contact",
    "CLASS": "class",
    "TRANSP": "transp",
    "RESOURCES": "resources",
    "PRIORITY": "priority",
    "SEQUENCE": "sequence",
    "COLOR": "color",
}
URLS = {
    "URL": "url",
    "CONFERENCE": "online_url",
    "X-GOOGLE-CONFERENCE": "online_url",
    "X-MICROSOFT-SKYPETEAMSMEETINGURL": "online_url",
    "IMAGE": "image",
}
INSTANTS = {"CREATED": "created", "LAST-MODIFIED": "last_modified"}
READ = frozenset(
    {  # what is read elsewhere, or says nothing to a reader
        "UID",
        "DTSTAMP",
        "DTSTART",
        "DTEND",
        "DURATION",
        "RRULE",
        "RDATE",
        "EXDATE",
        "EXRULE",
        "RECURRENCE-ID",
        "RELATED-TO",
        "REQUEST-STATUS",
    }
)
MAX_EXTRA = 40  # other properties of one event


class BadInstant(Exception):
    """A value is no date and no time; the argument is the value."""


@dataclass(frozen=True, slots=True)
class Event:
    """One VEVENT: its words, and its times as instants (a `date` where it is all day)."""

    uid: str
    line: int
    start: date | datetime
    end: date | datetime  # of an all-day event the day after its last, as in the file
    data: Mapping[str, Any]
    recurrence_id: date | datetime | None = None
    this_and_future: bool = False
    rules: tuple[str, ...] = ()
    rdates: tuple[Any, ...] = ()
    exdates: tuple[Any, ...] = ()
    sequence: int = 0

    @property
    def locator(self) -> str:
        return f"VEVENT {self.uid}" if self.uid else f"VEVENT in Zeile {self.line}"

    @property
    def all_day(self) -> bool:
        return not isinstance(self.start, datetime)


@dataclass(slots=True)
class Zones:
    """Which zone a time is in: the one it names, one the file describes, or the city's; names nobody knows are remembered."""

    city: ZoneInfo
    described: Mapping[str, ZoneInfo]
    unknown: dict[str, int]

    def find(self, found: Property, line: int) -> ZoneInfo:
        name = to_text(found.parameters.get("TZID", ""))
        zone = (zone_by_name(name) or self.described.get(name)) if name else self.city
        if zone is None:
            self.unknown.setdefault(name, line)
        return zone or self.city


def read_event(block: Block, zones: Zones) -> tuple[Event | None, list[Problem]]:
    """Read one VEVENT; give the event and what was odd about it, or None and why."""
    uid = to_uid(found.value) if (found := block.get("UID")) else ""
    place = f"VEVENT {uid}" if uid else f"VEVENT in Zeile {block.line}"
    begun = block.get("DTSTART")
    if begun is None:
        return None, [Problem("bad_record", place, "DTSTART", note="der Beginn (DTSTART) fehlt")]
    try:
        start = _to_instant(begun, zones, block.line)
    except BadInstant as error:
        return None, [Problem("bad_record", place, "DTSTART", note=f"der Beginn ‚{error}‘ (DTSTART) ist kein Zeitpunkt")]
    problems: list[Problem] = []
    moved = block.get("RECURRENCE-ID")
    try:
        recurrence_id = _to_instant(moved, zones, block.line) if moved else None
    except BadInstant as error:
        note = f"‚{error}‘ (RECURRENCE-ID) ist kein Zeitpunkt"
        return None, [Problem("bad_record", place, "RECURRENCE-ID", note=note)]
    return Event(
        uid=uid,
        line=block.line,
        start=start,
        end=_to_end(block, start, zones, place, problems),
        data=_to_data(block),
        recurrence_id=recurrence_id,
        this_and_future=moved is not None and moved.parameters.get("RANGE", "").upper() == "THISANDFUTURE",
        rules=tuple(rule for found in block.all("RRULE") if (rule := found.value.strip())),
        rdates=tuple(_to_instants(block, "RDATE", zones, place, problems)),
        exdates=tuple(_to_instants(block, "EXDATE", zones, place, problems)),
        sequence=int(number) if (number := _text(block, "SEQUENCE")).isascii() and number.isdigit() and len(number) < 10 else 0,
    ), problems


def to_uid(value: str) -> str:
    """Give a UID without the markup that some WordPress themes wrap around it, 500 characters at most."""
    return " ".join(html.unescape(TAG.sub("", to_text(value))).split())[:500]


def _to_instant(found: Property, zones: Zones, line: int, value: str | None = None) -> date | datetime:
    """Read a DATE or DATE-TIME value; raise BadInstant with the value where it is neither."""
    text = (found.value if value is None else value).strip()
    parts = INSTANT.fullmatch(text)
    if parts is None or not text.isascii():
        raise BadInstant(text)
    try:
        day = date(int(parts[1]), int(parts[2]), int(parts[3]))
        if day.year not in YEARS:
            raise BadInstant(text)
        if parts[4] is None:
            return day
        clock = time(int(parts[4]), int(parts[5]), min(int(parts[6] or 0), 59))  # 60 is a leap second
    except ValueError as error:
        raise BadInstant(text) from error
    return datetime.combine(day, clock, UTC if parts[7] else zones.find(found, line))


def _to_end(block: Block, start: date | datetime, zones: Zones, place: str, problems: list[Problem]) -> date | datetime:
    """Find the end: DTEND, or DURATION, or what the standard says without either. A bad end is none."""
    ended, duration = block.get("DTEND"), block.get("DURATION")
    alone = start if isinstance(start, datetime) else start + timedelta(days=1)
    try:
        if ended is not None:
            end = _to_instant(ended, zones, block.line)
        elif duration is not None:
            end = _add(start, duration)
        else:
            return alone
    except BadInstant as error:
        problems.append(Problem("odd_record", place, "DTEND", note=f"das Ende ‚{error}‘ ist kein Zeitpunkt und blieb weg"))
        return alone
    if isinstance(start, datetime):
        end = end if isinstance(end, datetime) else datetime.combine(end, time(), start.tzinfo)
        length = end - start
    else:
        end = end.date() + timedelta(days=1) if isinstance(end, datetime) else end
        length = end - start
        if not length:  # some programs end a day on itself
            return alone
    if timedelta() <= length <= LONGEST:
        return end
    what = "liegt vor dem Beginn" if length < timedelta() else "liegt Jahre nach dem Beginn"
    note = f"das Ende ‚{_text(block, 'DTEND', 'DURATION')}‘ {what} und blieb weg"
    problems.append(Problem("odd_record", place, "DTEND", note=note))
    return alone


def _add(start: date | datetime, duration: Property) -> date | datetime:
    try:
        length: timedelta = vDuration.from_ical(duration.value.strip().upper())  # type: ignore[no-untyped-call]  # has no types
        if isinstance(start, datetime):
            return (start.astimezone(UTC) + length).astimezone(start.tzinfo)
        return start + timedelta(days=max(-(-length // timedelta(days=1)), 1))
    except (ValueError, OverflowError) as error:
        raise BadInstant(duration.value.strip()) from error


def _to_instants(block: Block, name: str, zones: Zones, place: str, problems: list[Problem]) -> Iterable[date | datetime]:
    """Read the lists of RDATE and EXDATE; of a period only its beginning counts."""
    for found in block.all(name):
        for value in found.value.split(","):
            try:
                if value.strip():
                    yield _to_instant(found, zones, block.line, value.split("/")[0])
            except BadInstant as error:
                problems.append(Problem("odd_record", place, name, note=f"‚{error}‘ ({name}) ist kein Zeitpunkt und blieb weg"))


def _to_data(block: Block) -> dict[str, Any]:
    """Give the words of an event under plain names: texts, addresses, lists; what is empty is left out."""
    data: dict[str, Any] = {}
    extra = 0
    for found in block.properties:
        if found.name in TEXTS:
            data.setdefault(TEXTS[found.name], found.text)
        elif found.name in URLS:
            if found.value.strip().lower().startswith(("http://", "https://")):
                data.setdefault(URLS[found.name], found.value.strip())
        elif found.name in INSTANTS:
            if (instant := _to_iso(found)) is not None:
                data.setdefault(INSTANTS[found.name], instant)
        elif found.name == "CATEGORIES":
            data["categories"] = [*data.get("categories", []), *to_texts(found.value)]
        elif found.name == "GEO":
            data["geo"] = ",".join(part.strip() for part in found.value.replace("\\;", ";").split(";"))
        elif found.name == "ORGANIZER":
            data["organizer"] = to_text(found.parameters.get("CN", ""))
            data["organizer_email"] = found.value.strip().lower().removeprefix("mailto:")
        elif found.name not in READ and extra < MAX_EXTRA:
            extra += 1
            data.setdefault(found.name.lower().replace("-", "_"), found.text)
    location = data.get("location", "")
    if location.lower().startswith(("http://", "https://")) and " " not in location:
        data["location_url"] = data.pop("location")
    return {name: value for name, value in data.items() if value}


def _to_iso(found: Property) -> str | None:
    """Give a moment of the file's own history, always in UTC, as text; None where it is broken: nobody needs to mend it."""
    parts = INSTANT.fullmatch(found.value.strip())
    if parts is None or parts[4] is None:
        return None
    try:
        return datetime(*(int(part or 0) for part in parts.groups()[:6]), tzinfo=UTC).isoformat()  # type: ignore[arg-type, misc]  # six numbers
    except ValueError:
        return None


def _text(block: Block, *names: str) -> str:
    """Give the first of these properties that is there."""
    return next((found.text for name in names if (found := block.get(name))), "")
