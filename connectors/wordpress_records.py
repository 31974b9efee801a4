"""Events and posts as WordPress answers them come in; raw records go out.

An object that is not there is `false` in PHP. Dates of a series have an address each, that ends in its day: they become the
sessions of one record. Times are those of the site's own clock; where it names no zone but "UTC+0", the city's zone applies.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from connectors.icalzones import zone_by_name
from connectors.schemaorg_values import to_literal
from connectors.wordpress_map import EVENT_TAKEN, EVENT_TECHNICAL, POST_TAKEN, POST_TECHNICAL, VENUE
from connectors.wordpress_routes import Item
from schemas.problems import Problem
from schemas.record import RawRecord

DATED = re.compile(r"/(?P<name>[^/]+)/\d{4}-\d{2}-\d{2}(?:/\d+)?/?$")  # https://x.de/event/sprachcafe/2026-12-01/
NUMBERED = re.compile(r"(\d{1,12})-\d{5,12}-\d{5,12}@")  # 6178-1533065400-1533096000@x.de, the UID of The Events Calendar
POST = re.compile(r"[?&]p=(\d{1,12})$")  # https://x.de/?p=412, the guid of WordPress
LONGEST = timedelta(days=2_000)


def to_series(items: Iterable[Item | Problem]) -> Iterator[RawRecord | Problem]:
    """Make records of events; dates of one series are gathered in the record of the first."""
    records: dict[str, RawRecord] = {}
    told: set[str] = set()
    problems: list[Problem] = []
    for item in items:
        if isinstance(item, Problem):
            problems.append(item)
            continue
        event, locator, sha = item
        if not isinstance(event, Mapping) or not isinstance(event.get("start_date"), str):
            problems.append(Problem("bad_record", locator, note="das ist keine Veranstaltung von The Events Calendar"))
            continue
        zone = event.get("timezone")
        if isinstance(zone, str) and zone_by_name(zone) is None and zone not in told:
            told.add(zone)
            problems.append(Problem("timezone_unknown", field="timezone", value=zone))
        data, remarks = _to_event(event, locator)
        problems += remarks
        url = data.get("url")
        series = DATED.search(url) if isinstance(url, str) else None
        record_id = series["name"] if series else str(data.get("id") or "")
        if series and record_id in records:
            sessions: list[Any] = records[record_id].data["sessions"]
            sessions += data["sessions"]
            continue
        if record_id in records and records[record_id].data == data:
            continue  # the list has changed while it was read, and an event has moved to the next page
        key = record_id if record_id not in records else f"{record_id} {len(records)}"
        records[key or f" {len(records)}"] = RawRecord(data, locator, sha, record_id or None)
    yield from problems
    yield from records.values()


def to_post(post: Mapping[str, Any]) -> dict[str, Any]:
    """Give the data of a post or of anything else that wp/v2 lists."""
    embedded = post.get("_embedded")
    embedded = embedded if isinstance(embedded, Mapping) else {}
    terms: dict[str, list[str]] = {}
    for group in _list(embedded.get("wp:term")):
        for term in _mappings(group):
            if isinstance(name := to_literal(term.get("name")), str) and name:
                terms.setdefault(str(term.get("taxonomy") or "category"), []).append(name)
    modified = post.get("modified_gmt")
    content = post.get("content")
    data: dict[str, Any] = {
        "id": to_literal(post.get("id")),
        "type": to_literal(post.get("type")),
        "title": _rendered(post.get("title")),
        "content": None if isinstance(content, Mapping) and content.get("protected") is True else _rendered(content),
        "excerpt": _rendered(post.get("excerpt")),
        "url": to_literal(post.get("link")),
        "image": next((to_literal(picture.get("source_url")) for picture in _mappings(embedded.get("wp:featuredmedia"))), None),
        "categories": [name for taxonomy, names in terms.items() if taxonomy != "post_tag" for name in names],
        "tags": terms.get("post_tag"),
        "terms": terms,
        "modified": f"{modified}+00:00" if isinstance(modified, str) and modified[:4] != "0000" else None,
    }
    own = {name: value for name, value in post.items() if name not in POST_TAKEN and name not in POST_TECHNICAL}
    # numbers of terms say nothing; their names stand in `terms`
    own = {
        name: value
        for name, value in own.items()
        if not (isinstance(value, list) and value and all(type(part) is int for part in value))
    }
    return _filled({**_plain(own), **data})


def from_calendar(record: RawRecord) -> RawRecord:
    """Give a record of the site's calendar file the shape of an event, and its number where the UID holds it."""
    own = record.data
    data = {
        "kind": "event", "title": own.get("summary"), "content": own.get("description"), "url": own.get("url"),
        "image": own.get("image"), "categories": own.get("categories"), "place": own.get("location"), "point": own.get("geo"),
        "modified": own.get("last_modified"), "status": "cancelled" if own.get("status") == "CANCELLED" else None,
        "sessions": [{name: session.get(name) for name in ("start", "end", "all_day")} for session in own.get("sessions", [])],
    }  # fmt: skip
    number = NUMBERED.match(record.record_id or "")
    series = DATED.search(str(own.get("url") or ""))
    record_id = series["name"] if series else number[1] if number else record.record_id
    return RawRecord(_filled(data), record.locator, record.capture, record_id)


def from_feed(record: RawRecord) -> RawRecord:
    """Give an entry of the site's feed the shape of a post, and its number where the guid holds it."""
    own = record.data
    data = {
        "title": own.get("title"), "content": own.get("content"), "excerpt": own.get("summary"), "url": own.get("link"),
        "image": own.get("image"), "categories": own.get("categories"), "place": own.get("place"), "modified": own.get("updated"),
        "sessions": [{"start": own["start"], "end": own.get("end")}] if own.get("start") else None,
    }  # fmt: skip
    number = POST.search(record.record_id or "")
    return RawRecord(_filled(data), record.locator, record.capture, number[1] if number else record.record_id)


def _to_event(event: Mapping[str, Any], locator: str) -> tuple[dict[str, Any], list[Problem]]:
    linked = event.get("json_ld")
    linked = linked if isinstance(linked, Mapping) else {}
    state = str(linked.get("eventStatus") or "").rpartition("/")[2]
    mode = str(linked.get("eventAttendanceMode") or "").rpartition("/")[2]
    hosts = [host for host in _mappings(event.get("organizer")) if host.get("organizer")]
    organizer = (
        {
            name: to_literal(hosts[0].get(key))
            for name, key in (("name", "organizer"), ("website", "website"), ("email", "email"), ("phone", "phone"))
        }
        if hosts
        else None
    )
    venue = next(iter(_mappings(event.get("venue"))), {})
    session, problems = _session(event, locator)
    session["status"] = {"EventCancelled": "cancelled", "EventPostponed": "postponed"}.get(state)
    session["online_url"] = to_literal(event.get("virtual_url"))
    image = event.get("image")
    modified = event.get("modified_utc")
    data = {
        "kind": "event",
        "id": to_literal(event.get("id")),
        "title": to_literal(event.get("title")),
        "content": to_literal(event.get("description")),
        "excerpt": to_literal(event.get("excerpt")),
        "url": to_literal(event.get("url")),
        "website": to_literal(event.get("website")),
        "image": to_literal(image.get("url")) if isinstance(image, Mapping) else image if isinstance(image, str) else None,
        "categories": _names(event.get("categories")),
        "tags": _names(event.get("tags")),
        "cost": to_literal(event.get("cost")),
        "status": "cancelled" if state == "EventCancelled" else None,
        "attendance": {"OnlineEventAttendanceMode": "online", "MixedEventAttendanceMode": "blended"}.get(mode)
        or ("online" if event.get("is_virtual") is True else "onsite" if venue.get("address") else None),
        "modified": f"{modified}+00:00" if isinstance(modified, str) and modified[:4] != "0000" else None,
        "venue": _filled({name: to_literal(venue.get(key)) for name, key in VENUE.items()}),
        "organizer": _filled(organizer or {}),
        "further_organizers": [to_literal(host["organizer"]) for host in hosts[1:]],
    }
    own = {name: value for name, value in event.items() if name not in EVENT_TAKEN and name not in EVENT_TECHNICAL}
    return {**_filled({**_plain(own), **data}), "sessions": [_filled(session)]}, problems


def _session(event: Mapping[str, Any], locator: str) -> tuple[dict[str, Any], list[Problem]]:
    """Give the one date of an event; an end years after the beginning is a slip that the calendar makes itself."""
    all_day = event.get("all_day") is True
    zone = zone_by_name(name) if isinstance(name := event.get("timezone"), str) else None
    times: list[Any] = []
    for key in ("start_date", "end_date"):
        text = to_literal(event.get(key))
        try:
            at = datetime.fromisoformat(text) if isinstance(text, str) else None
            at = at.replace(tzinfo=zone) if at is not None and zone is not None and at.tzinfo is None else at
            times.append(at if at is None else at.date().isoformat() if all_day else at.isoformat())
        except (ValueError, OverflowError):
            times.append(text)
    problems = []
    try:
        if times[1] and datetime.fromisoformat(times[1][:10]) - datetime.fromisoformat(times[0][:10]) > LONGEST:
            problems.append(
                Problem(
                    "odd_record", locator, "end_date", note=f"das Ende {times[1][:10]} liegt Jahre nach dem Beginn und gilt nicht"
                )
            )
            times[1] = None
    except (TypeError, ValueError):
        pass
    return {"start": times[0], "end": times[1], "all_day": all_day or None}, problems


def _rendered(value: Any) -> Any:
    return to_literal(value.get("rendered")) if isinstance(value, Mapping) else to_literal(value)


def _names(value: Any) -> list[Any]:
    return [name for term in _mappings(value) if (name := to_literal(term.get("name")))]


def _mappings(value: Any) -> list[Mapping[str, Any]]:
    """Give the objects of a list, one object alone, or none: PHP writes false and [] where there is nothing."""
    return [part for part in (value if isinstance(value, list) else [value]) if isinstance(part, Mapping) and part]


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _plain(own: Mapping[str, Any]) -> dict[str, Any]:
    return {str(name): to_literal(value) for name, value in own.items()}


def _filled(data: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in data.items() if value not in (None, "", [], {}, False)}
