"""An iCalendar file comes in (RFC 5545); one raw record per series goes out, with its sessions inside a window of days.

A series is a UID; events without one belong together where title and place are the same. Every series of the file is a record,
also one that is over: what has passed drops out by its dates, never by being absent. Sessions carry `start` and `end` in the
city's time with offset; of an all-day session they are days, and `end` is its last one.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from pydantic import Field, field_validator

from connectors.contract import API_VERSION, Completeness, Context, Detection, Options, SourceError, over_limit
from connectors.icalevents import Event, Zones, read_event
from connectors.icaltext import Block, Remarks, is_calendar, read_blocks, to_utf8
from connectors.icalzones import described_zones, zone_by_name
from connectors.series import Budget, Series, Window, to_sessions
from connectors.text import what_is
from connectors.words import to_german_count, to_german_day
from schemas.notices import read_notice
from schemas.problems import Problem
from schemas.record import Capture, RawRecord

MAX_BYTES = 100_000_000
MAX_EVENTS = 200_000
SHOWN_DATES = 200  # of RDATE and EXDATE in a record

OFFER_STATUS = {"CONFIRMED": "active", "TENTATIVE": "active", "CANCELLED": "cancelled", "full": "full"}
PRIVATE = frozenset({"PRIVATE", "CONFIDENTIAL"})  # of CLASS: nothing for strangers (RFC 5545, 3.8.1.3)
SESSION_STATUS = {"CONFIRMED": "scheduled", "TENTATIVE": "scheduled", "CANCELLED": "cancelled", "full": "full"}


class IcalOptions(Options):
    url: str = Field(
        description="Adresse des Kalenders (.ics), auch mit webcal://", examples=["https://example.org/kalender.ics"]
    )
    horizon: int = Field(default=180, ge=1, le=730, description="So viele Tage im Voraus werden Termine übernommen")
    past: int = Field(default=1, ge=0, le=365, description="So viele Tage zurück bleiben Termine stehen")
    max_sessions: int = Field(default=400, ge=1, le=5_000, description="Höchstens so viele Termine je Serie")
    timezone: str = Field(default="", description="Zeitzone für Zeiten ohne Angabe, sonst die der Stadt: Europe/Berlin")

    @field_validator("url")
    @classmethod
    def _https(cls, value: str) -> str:
        scheme, found, rest = value.strip().partition("://")
        return f"https://{rest}" if found and scheme.lower() in ("webcal", "webcals") else value.strip()

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        if value and zone_by_name(value) is None:
            raise ValueError(f"‚{value}‘ ist keine Zeitzone; richtig ist zum Beispiel Europe/Berlin")
        return value


class IcalConnector:
    kind: ClassVar[str] = "ical"
    title: ClassVar[str] = "Kalender im Format iCalendar (.ics), zum Beispiel aus Nextcloud, Google, Outlook oder WordPress."
    api_version: ClassVar[int] = API_VERSION
    options: ClassVar[type[IcalOptions]] = IcalOptions
    completeness: ClassVar[Completeness] = Completeness.WINDOW
    nested: ClassVar[bool] = True
    depends_on_day: ClassVar[bool] = True
    default_map: ClassVar[Mapping[str, Any]] = {
        "map": {
            "title": {"from": "summary", "as": "text"},
            "description": {"from": ["description", "description_html"], "as": "text"},
            "url": {"from": ["url", "location_url"], "as": "url"},
            "image_url": {"from": "image", "as": "url"},
            "keywords": "categories",
            "status": {"from": ["notice", "status"], "as": [{"lookup": "ical_status"}]},
            "source_modified": {"from": "last_modified", "as": "datetime"},
            "location.address": "location",
            "location.point": "geo",
        },
        "sessions": {
            "each": "sessions",
            "map": {
                "start": {"from": "start", "as": "datetime"},
                "end": {"from": "end", "as": "datetime"},
                "all_day": "all_day",
                "status": {"from": ["notice", "status"], "as": [{"lookup": "ical_session_status"}]},
                "online_url": {"from": "online_url", "as": "url"},
                "note": {"from": "summary", "as": "text"},
                "location.address": "location",
            },
        },
        "lookups": {"ical_status": OFFER_STATUS, "ical_session_status": SESSION_STATUS},
        "defaults": {"offer_type": "event"},
        "ignore": [
            "uid",
            "start",
            "end",
            "all_day",
            "rrule",
            "rdates",
            "exdates",
            "created",
            "comment",
            "contact",
            "class",
            "transp",
            "resources",
            "priority",
            "sequence",
            "color",
            "organizer",
            "organizer_email",
            "online_url",
            "x_*",
        ],
    }

    def entries(self, options: IcalOptions) -> Sequence[str]:
        return [options.url]

    def read(self, options: IcalOptions, ctx: Context) -> Iterator[RawRecord | Problem]:
        """Read a calendar; yield a record per series in the order of the file, and a problem per event that cannot be read."""
        capture = ctx.fetch(options.url, auth=options.auth, headers=options.headers)
        if capture.size > MAX_BYTES:
            raise SourceError(Problem("too_large", value=options.url, note=f"{capture.size // 1_000_000} MB"))
        body = capture.read()
        if not is_calendar(body):
            raise SourceError(_to_refusal(body))
        zone = (options.timezone and zone_by_name(options.timezone)) or ctx.zone
        earliest, latest = ctx.now - timedelta(days=options.past), ctx.now + timedelta(days=options.horizon)
        window = Window(earliest, latest, options.max_sessions, ctx.zone)
        most = min(ctx.limits.max_records, MAX_EVENTS)
        yield from _records(body, capture.sha256, zone, window, most)

    @classmethod
    def detect(cls, capture: Capture) -> Detection | None:
        """Recognise a calendar by how it begins; say how much is in it and when the next session is."""
        with capture.open() as stream:
            body = stream.read(2_000_000)
        if not is_calendar(body):
            return None
        now = capture.fetched_at
        zone = now.tzinfo if isinstance(now.tzinfo, ZoneInfo) else ZoneInfo("UTC")
        window = Window(now, now + timedelta(days=365), 1, zone)
        budget = Budget(steps=300_000)
        events = _events(body, Zones(zone, {}, {}), now.year)
        starts: list[datetime] = []
        count = 0
        for series in _to_series(event for event, _ in events if event is not None):
            count += 1
            for session in to_sessions(series, window, budget)[0][:1]:
                starts.append(_to_aware(session["start"], zone))
        coming = [start for start in starts if start >= now]
        reason = f"Kalender mit {to_german_count(count, 'einem Termin', 'Terminen')}" if count else "Kalender ohne Termine"
        if coming:
            reason += f", nächster am {to_german_day(min(coming).astimezone(now.tzinfo), today=now.date())}"
        elif starts:
            reason += f", letzter am {to_german_day(max(starts).astimezone(now.tzinfo), today=now.date())}"
        return Detection(0.95 if count else 0.4, {"url": capture.url}, reason)


def _records(body: bytes, sha: str, zone: ZoneInfo, window: Window, most: int) -> Iterator[RawRecord | Problem]:
    remarks = Remarks()
    zones = Zones(zone, {}, {})
    events: list[Event] = []
    rejected = 0
    for event, problems in _events(body, zones, window.start.year, remarks):
        if len(events) >= most:
            yield over_limit(most)
            break
        yield from problems
        if event is None:
            rejected += 1
        else:
            events.append(event)
    for line in remarks.cut:
        yield Problem("odd_record", f"Zeile {line}", note="die Zeile ist länger als 1 MB; was danach kommt, fehlt")
    if remarks.truncated:
        yield Problem("truncated")
    if remarks.guessed_encoding:
        yield Problem("encoding_guess", value="Windows-1252")
    for name, line in zones.unknown.items():
        yield Problem("timezone_unknown", f"Zeile {line}", "TZID", name)
    budget = Budget()
    found = rejected
    for series in _to_series(events):
        master = series.master
        if master.data.get("class", "").strip().upper() in PRIVATE:
            yield Problem("odd_record", master.locator, note="im Kalender als privat gekennzeichnet, darum nicht übernommen")
            continue
        found += 1
        sessions, problems = to_sessions(series, window, budget)
        yield from problems
        yield RawRecord(data=_to_data(series, sessions), locator=master.locator, capture=sha, record_id=master.uid or None)
    if not found:
        raise SourceError(Problem("empty_feed"))


def _events(body: bytes, zones: Zones, year: int, remarks: Remarks | None = None) -> Iterator[tuple[Event | None, list[Problem]]]:
    """Yield the events of a file; the zones it describes are read first, wherever they stand."""
    blocks: list[Block] = []
    described: list[Block] = []
    for block in read_blocks(body, remarks or Remarks()):
        (described if block.name == "VTIMEZONE" else blocks).append(block)
    zones.described = described_zones(described[:100], zones.city, year)
    blocks.reverse()
    while blocks:  # each block is let go as soon as it is an event
        yield read_event(blocks.pop(), zones)


def _to_series(events: Iterable[Event]) -> Iterator[Series]:
    """Sort events into series by UID, in the order of their first appearance; a higher SEQUENCE replaces a lower one."""
    groups: dict[tuple[str, ...], list[Event]] = {}
    for event in events:
        data = event.data
        same = ("", _fold(data.get("summary", "")), _fold(data.get("location", "")))
        key: tuple[str, ...] = (event.uid,) if event.uid else same
        groups.setdefault(key, []).append(event)
    for key, group in groups.items():
        cores = [event for event in group if event.recurrence_id is None]
        changes = [event for event in group if event.recurrence_id is not None]
        newest = max((core.sequence for core in cores), default=0)
        titles: dict[str, dict[Any, Event]] = {}
        for core in cores:
            if core.sequence == newest or not key[0]:
                titles.setdefault(_fold(core.data.get("summary", "")), {})[core.start] = core
        for dates in titles.values():  # another title under one UID is another offer; normalise reports the double identifier
            yield Series(sorted(dates.values(), key=lambda core: _order(core)), changes)
            changes = []
        if not titles:
            yield Series([], sorted(changes, key=lambda change: _order(change)))


def _to_data(series: Series, sessions: list[dict[str, Any]]) -> dict[str, Any]:
    """Give the words of a series: those of its event, its rule as text, its sessions."""
    master = series.master
    data: dict[str, Any] = {"uid": master.uid} if master.uid else {}
    data |= master.data
    data |= {"start": master.start.isoformat(), "all_day": master.all_day}
    if master.end != master.start:
        data["end"] = master.end.isoformat()
    if master.rules:
        data["rrule"] = "\n".join(master.rules)
    for name, dates in (("rdates", master.rdates), ("exdates", master.exdates)):
        if dates:
            data[name] = [at.isoformat() for at in dates[:SHOWN_DATES]]
    data["sessions"] = sessions
    if notice := read_notice(master.data.get("summary", "")):
        data["notice"] = notice
    return data


def _to_refusal(body: bytes) -> Problem:
    """Say what lies there instead of a calendar."""
    start = to_utf8(body[:2_000]).strip()
    if not start:
        return Problem("empty_feed")
    return Problem("wrong_content", note=f"Dort liegt {what_is(start) or 'ein Text'}, kein Kalender")


def _to_aware(text: str, zone: ZoneInfo) -> datetime:
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=zone)


def _order(event: Event) -> tuple[str, int]:
    return (event.start.astimezone(UTC).isoformat() if isinstance(event.start, datetime) else event.start.isoformat()), event.line


def _fold(text: str) -> str:
    return " ".join(text.casefold().split())
