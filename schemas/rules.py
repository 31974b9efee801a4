"""A row comes in; what it breaks of our own rules goes out: what a Table Schema cannot say, or what frictionless lets pass.

A breach names its problem code and what becomes of the row: with `changes` it stands with these columns changed, without any it
cannot stand. The cells are valid for the table (schemas/verdict.py); dates and datetimes are ISO 8601 texts.
"""

import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from schemas.rows import Value

Row = Mapping[str, Any]

REMEMBERED = 4096  # hosts found good; the next ones are read each time

# https://vhs.example:8443/kurse?id=7; no name before an @, it only disguises the host
WEB = re.compile(
    r"https?://(?:(?:[\w-]{1,63}\.)*[\w-]{1,63}\.?|\[[0-9a-f:.]{2,45}\])(?::[0-9]{1,5})?(?:[/?#][^\s\x00-\x1f\x7f<>\"\\]*)?",
    re.IGNORECASE,
)
PINNED = ("exact", "street")  # qualities that have a point; the others have none
PROTECTED = ("street", "house_number", "latitude", "longitude", "public_transport")  # what betrays where a place is
INVISIBLE = " \t\r\n\v\f\u00a0\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"  # fills a text without anything to read


_hosts: set[str] = set()
_tail = re.compile(r"[^\s\x00-\x1f\x7f<>\"\\]*").fullmatch  # what WEB takes behind a host


@dataclass(frozen=True, slots=True)
class Breach:
    """One rule a row breaks. `changes` are the columns with which the row may stand; where there are none it may not."""

    code: str
    column: str | None = None
    value: str | None = None
    changes: Mapping[str, Value] = field(default_factory=dict)


def breaches(table: str, row: Row) -> tuple[Breach, ...]:
    """Give what a row of a table breaks, in the order of the rules."""
    rule, keeps = RULES.get(table), KEEPS.get(table)
    return () if rule is None or (keeps is not None and keeps(row)) else tuple(rule(row))


def keeper(table: str) -> Callable[[Row], bool]:
    """Give a quick test for the rows of a table: whether one surely breaks nothing. What fails it must be looked at."""
    return KEEPS.get(table) or (_unsure if table in RULES else _sure)


def _sure(row: Row) -> bool:
    return True


def _unsure(row: Row) -> bool:
    return False


def is_web_address(url: str) -> bool:
    """Whether the text is an http or https address with a host."""
    slash = url.find("/", 8)
    if slash < 0:
        return WEB.fullmatch(url) is not None
    host = url[:slash]
    if host not in _hosts:
        if WEB.fullmatch(host) is None:
            return WEB.fullmatch(url) is not None
        if len(_hosts) < REMEMBERED:
            _hosts.add(host)
    return _tail(url, slash) is not None


def _offer_keeps(row: Row) -> bool:
    """Whether an offer surely keeps all rules: what nearly every offer passes, without a call a rule."""
    url, record_url, registration_url = row["url"], row["record_url"], row["registration_url"]
    start, end, youngest, oldest = row["start_date"], row["end_date"], row["age_min"], row["age_max"]
    cost, most, free = row["cost_amount"], row["capacity_max"], row["places_free"]
    return (
        (row["title"] or "")[:1].isalnum()
        and (row["record_id"] or "")[:1].isalnum()
        and (url is None or is_web_address(url))
        and (record_url is None or is_web_address(record_url))
        and (registration_url is None or is_web_address(registration_url))
        and row["image_url"] is None
        and (url is not None or row["contact_email"] is not None or row["contact_phone"] is not None)
        and (start is None or end is None or (len(start) == len(end) == 10 and start <= end))
        and (youngest is None or oldest is None or youngest <= oldest)
        and (cost is None or -math.inf < cost < math.inf)
        and (most is None or free is None or free <= most)
        and (row["cefr_to"] is None or row["cefr_from"] is None or _level(row["cefr_to"], "9") >= _level(row["cefr_from"], "0"))
    )


def _session_keeps(row: Row) -> bool:
    """Whether a session surely keeps all rules."""
    start, end = row["start"], row["end"]
    if row["online_url"] is not None or (start is None and row["weekday"] is None):
        return False
    return start is None or end is None or (start[19:] == end[19:] and start <= end)


def is_blank(text: str) -> bool:
    """Whether there is nothing to read in a text."""
    return not text.strip(INVISIBLE)


def _organisation(row: Row) -> Iterator[Breach]:
    if row["name"] and is_blank(row["name"]):
        yield Breach("blank_text", "name")
    yield from _web(row, "website")


def _location(row: Row) -> Iterator[Breach]:
    latitude, longitude, quality = row["latitude"], row["longitude"], row["place_quality"]
    if row["address_protected"]:
        betraying = {column: None for column in PROTECTED if row[column] is not None}
        if betraying or quality in PINNED:
            yield Breach("protected_address", changes={**betraying, **_unpinned(row)})
        return
    yield from _finite(row, "latitude", "longitude")
    if (latitude is None) != (longitude is None):
        yield Breach("bad_coordinates", "latitude" if latitude is not None else "longitude", changes=_unpinned(row))
    elif (latitude is not None) != (quality in PINNED):  # a pin needs a point, and a point that makes no pin is none
        yield Breach("bad_coordinates", "place_quality", quality, changes=_unpinned(row))


def _unpinned(row: Row) -> dict[str, Value]:
    """Give what makes a location one without a pin: listed in its district, if it has one."""
    quality = row["place_quality"]
    listed = quality if quality not in PINNED else "area" if row["district_code"] or row["postal_code"] else "none"
    return {"latitude": None, "longitude": None, "place_quality": listed}


def _offer(row: Row) -> Iterator[Breach]:
    for column in ("title", "record_id"):
        if row[column] and is_blank(row[column]):
            yield Breach("blank_text", column)
    yield from _web(row, "url", "record_url", "registration_url", "image_url")
    yield from _finite(row, "cost_amount")
    if not (row["contact_email"] or row["contact_phone"] or (row["url"] and is_web_address(row["url"]))):
        yield Breach("missing_contact")
    if row["start_date"] and row["end_date"] and _day_before(row["end_date"], row["start_date"]):
        yield Breach("end_before_start", "end_date", row["end_date"])
    if row["age_min"] is not None and row["age_max"] is not None and row["age_max"] < row["age_min"]:
        yield Breach("age_order", "age_min", f"{row['age_min']}–{row['age_max']}")
    if row["cefr_from"] and row["cefr_to"] and _level(row["cefr_to"], "9") < _level(row["cefr_from"], "0"):
        yield Breach("level_order", "cefr_from", f"{row['cefr_from']}–{row['cefr_to']}")
    if row["capacity_max"] is not None and row["places_free"] is not None and row["places_free"] > row["capacity_max"]:
        yield Breach("capacity_order", "places_free", str(row["places_free"]), changes={"places_free": None})


def _session(row: Row) -> Iterator[Breach]:
    yield from _web(row, "online_url")
    start, end = row["start"], row["end"]
    if not start and not row["weekday"]:
        yield Breach("session_without_time", "start")
    if start and end and _before(end, start):
        yield Breach("end_before_start", "end", end)


def _source(row: Row) -> Iterator[Breach]:
    yield from _web(row, "publisher_url")


def _web(row: Row, *columns: str) -> Iterator[Breach]:
    for column in columns:
        if row[column] is not None and WEB.fullmatch(row[column]) is None:
            yield Breach("bad_url", column, row[column], {column: None})


def _finite(row: Row, *columns: str) -> Iterator[Breach]:
    for column in columns:
        if row[column] is not None and not math.isfinite(row[column]):
            yield Breach("not_finite", column, str(row[column]), {column: None})


def _day_before(one: str, other: str) -> bool:
    """Whether a day is earlier than another; 2026-3-2 is a day, too."""
    if len(one) == len(other) == 10:
        return one < other
    return [int(part) for part in one.split("-")] < [int(part) for part in other.split("-")]


def _before(one: str, other: str) -> bool:
    """Whether a datetime is earlier than another. Without an offset it is taken to have the other's."""
    if one[19:] == other[19:]:
        return one < other
    try:
        first, second = datetime.fromisoformat(one), datetime.fromisoformat(other)
        return first < second
    except (TypeError, ValueError):  # one of them without an offset; 24:00:00
        return one[:19] < other[:19]


def _level(text: str, whole: str) -> str:
    """Give a level in a form that can be compared; one without a half counts as its half `whole`."""
    return text if "." in text else f"{text}.{whole}"


RULES: Mapping[str, Callable[[Row], Iterator[Breach]]] = {
    "organisations": _organisation,
    "locations": _location,
    "offers": _offer,
    "sessions": _session,
    "sources": _source,
}
KEEPS: Mapping[str, Callable[[Row], bool]] = {"offers": _offer_keeps, "sessions": _session_keeps}
