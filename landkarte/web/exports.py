"""Rows of a selection come in; the same offers as CSV, GeoJSON or iCalendar go out, nothing on it that the page does not show."""

from collections.abc import Iterator, Sequence
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import orjson
import polars as pl

from landkarte.web import occurrences, phrases
from landkarte.web.cards import offer_path
from landkarte.web.index import Index
from landkarte.web.places import is_pinned
from schemas import tables

PLACE = ("street", "house_number", "postal_code", "city", "latitude", "longitude", "district_code", "subdistrict_code")
# a spreadsheet runs what begins like this; numbers with a sign and telephone numbers are harmless
FORMULA = r"^[=@\t\r]|^[+-](?:.*[^0-9 ().,/+-]|$)"


def to_frame(index: Index, rows: Sequence[int]) -> pl.DataFrame:
    """Give the offers of some rows with provider and place, the columns of `offers.csv` first."""
    chosen = index.offers[list(rows)].select(tables.columns("offers"))
    names = pl.DataFrame(
        [{"organisation_id": key, "organisation": row["name"]} for key, row in index.organisations.items()],
        schema={"organisation_id": pl.String, "organisation": pl.String},
    )
    found = chosen.join(names, on="organisation_id", how="left", maintain_order="left")
    found_places = [_place(index, row) for row in rows]
    kinds = {"latitude": pl.Float64, "longitude": pl.Float64}
    further = [
        pl.Series(name, [place.get(name) for place in found_places], kinds.get(name, pl.String)) for name in ("place", *PLACE)
    ]
    return found.with_columns(further)


def _place(index: Index, row: int) -> dict[str, Any]:
    place = index.locations.get(index.places.location_of[row] or "")
    if place is None or place["address_protected"]:
        return {}
    exact = is_pinned(place)
    return {"place": place["name"]} | {name: place[name] for name in PLACE if exact or name not in ("latitude", "longitude")}


def to_csv(index: Index, rows: Sequence[int]) -> bytes:
    """Write CSV for spreadsheets: UTF-8 with BOM, semicolons; what a spreadsheet would run gets an apostrophe before it."""
    text = pl.col(pl.String)
    safe = to_frame(index, rows).with_columns(pl.when(text.str.contains(FORMULA)).then("'" + text).otherwise(text).name.keep())
    return b"\xef\xbb\xbf" + safe.write_csv(separator=";").encode()


def to_geojson(index: Index, rows: Sequence[int], address: str) -> bytes:
    """Write a FeatureCollection (RFC 7946); offers without an exact place have no geometry."""
    features = []
    for properties in to_frame(index, rows).drop("latitude", "longitude").to_dicts():
        pin = index.places.pin_of[index.rows[properties["offer_id"]]]
        point = index.places.pins[pin] if pin >= 0 else None
        features.append(
            {
                "type": "Feature",
                "id": properties["offer_id"],
                "geometry": {"type": "Point", "coordinates": [point.longitude, point.latitude]} if point else None,
                "properties": {name: value for name, value in properties.items() if value is not None}
                | {"page": address + offer_path(properties["offer_id"])},
            }
        )
    return orjson.dumps({"type": "FeatureCollection", "name": index.package.title, "features": features})


def to_ics(index: Index, rows: Sequence[int], address: str) -> bytes:
    """Write the coming dates of the offers as iCalendar (RFC 5545); repetitions stay repetitions."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Integrationslandkarte//DE",
        f"X-WR-CALNAME:{_text(index.package.title)}",
    ]
    lines += icalendar.Timezone.from_tzid(index.zone.key).to_ical().decode().replace("\r\n ", "").splitlines()
    stamp = _utc(index.moment, index.zone)
    for row in rows:
        offer = index.offers.row(row, named=True)
        for session in index.sessions.of(offer["offer_id"]):
            lines += _event(index, offer, session, row, stamp, address)
    lines.append("END:VCALENDAR")
    return "".join(folded for line in lines for folded in _folded(line)).encode()


def _event(index: Index, offer: dict[str, Any], session: dict[str, Any], row: int, stamp: str, address: str) -> Iterator[str]:
    first, last = occurrences.to_date(offer["start_date"]), occurrences.to_date(offer["end_date"])
    one = next(occurrences.upcoming(session, now=index.moment, zone=index.zone, first=first, last=last), None)
    if one is None:
        return
    weekly = not session["start"]
    begin = one.start if weekly else occurrences.to_local(session["start"], index.zone) or one.start
    finish = begin + (one.end - one.start) if one.end else None
    yield "BEGIN:VEVENT"
    yield f"UID:{_text(session['session_id'] or offer['offer_id'])}"
    yield f"DTSTAMP:{stamp}"
    yield _time("DTSTART", begin, one.all_day, index.zone)
    if finish and finish > begin:
        yield _time("DTEND", finish, one.all_day, index.zone)
    limit = occurrences.to_date(session["until"]) or (last if weekly else None)
    rule = session["rrule"] or (f"FREQ=WEEKLY;BYDAY={session['weekday'].upper()}" if weekly else None)
    if rule:
        # with a time zone at the start UNTIL is in UTC
        end = (
            _utc(datetime.combine(limit, time.max), index.zone)
            if limit and not one.all_day
            else f"{limit:%Y%m%d}"
            if limit
            else ""
        )
        counted = "UNTIL=" in rule or "COUNT=" in rule
        yield f"RRULE:{rule}" + (f";UNTIL={end}" if end and not counted else "")
        for text in (session["exdates"] or "").split(";"):
            if skipped := occurrences.to_date(text):
                yield _time("EXDATE", datetime.combine(skipped, begin.time()), one.all_day, index.zone)
    yield f"SUMMARY:{_text(offer['title'])}"
    if offer["summary"]:
        yield f"DESCRIPTION:{_text(offer['summary'])}"
    place = index.locations.get(session["location_id"] or index.places.location_of[row] or "")
    if (
        place
        and not place["address_protected"]
        and (where := [text for text in (place["name"], *phrases.address(place)) if text])
    ):
        yield f"LOCATION:{_text(', '.join(where))}"
    yield f"URL:{address}{offer_path(offer['offer_id'])}"
    yield "STATUS:" + {"cancelled": "CANCELLED", "postponed": "CANCELLED"}.get(session["status"] or "", "CONFIRMED")
    yield "END:VEVENT"


def _time(name: str, moment: datetime, all_day: bool, zone: ZoneInfo) -> str:
    if all_day:
        return f"{name};VALUE=DATE:{moment:%Y%m%d}"
    return f"{name};TZID={zone.key}:{moment:%Y%m%dT%H%M%S}"


def _utc(local: datetime, zone: ZoneInfo) -> str:
    return f"{local.replace(tzinfo=zone).astimezone(ZoneInfo('UTC')):%Y%m%dT%H%M%SZ}"


def _text(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\r\n", "\n")
    return "".join(letter if letter >= " " else "\\n" if letter == "\n" else " " for letter in escaped)


def _folded(line: str) -> Iterator[str]:
    """Fold a line at 75 bytes, never inside a letter."""
    rest = line.encode()
    limit = 75
    while len(rest) > limit:
        cut = limit
        while rest[cut] & 0xC0 == 0x80:
            cut -= 1
        yield rest[:cut].decode() + "\r\n "
        rest, limit = rest[cut:], 74
    yield rest.decode() + "\r\n"
