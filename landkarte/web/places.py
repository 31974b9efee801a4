"""Offers, sessions and locations come in; where each offer is shown goes out: a pin only where the point is exact.

An offer without a pin is not lost: it is `online`, comes to people (`outreach`), keeps its address to itself (`protected`), or
has no exact place (`imprecise`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

PINNED = ("exact", "street")


@dataclass(frozen=True, slots=True)
class Pin:
    """A point on the map: a place where one or more offers are."""

    location_id: str
    longitude: float
    latitude: float
    name: str


@dataclass(frozen=True, slots=True)
class Places:
    """`pin_of` and `kind_of` run parallel to the offers; `areas` are (row, district, subdistrict)."""

    pins: Sequence[Pin]
    pin_of: Sequence[int]
    kind_of: Sequence[str]
    location_of: Sequence[str | None]
    areas: Sequence[tuple[int, str, str]]
    wheelchair: frozenset[int]
    numbers: Mapping[str, int]

    def at(self, location_id: str) -> list[int]:
        """Give the rows of the offers at the pin of a location."""
        number = self.numbers.get(location_id, -1)
        return [row for row, pin in enumerate(self.pin_of) if pin == number >= 0]


def find_places(offers: pl.DataFrame, tables: Mapping[str, pl.DataFrame], locations: Mapping[str, Mapping[str, Any]]) -> Places:
    """Find the place of every offer; an offer without a location of its own takes that of its first session with one."""
    by_session = _session_locations(tables)
    pins: list[Pin] = []
    numbers: dict[str, int] = {}
    by_point: dict[tuple[float, float], int] = {}
    pin_of, kind_of, location_of, areas, wheelchair = [], [], [], [], set()
    for row, (offer_id, own, mode) in enumerate(offers.select("offer_id", "location_id", "attendance_mode").iter_rows()):
        others = by_session.get(offer_id, [])
        main = own or next(iter(others), None)
        place = locations.get(main) if main else None
        kind = _kind(place, mode)
        location_of.append(main if place else None)
        kind_of.append(kind)
        pin_of.append(_pin(place, pins, numbers, by_point) if kind == "pin" and place else -1)
        for location_id in dict.fromkeys((own, *others)):
            if location_id and (there := locations.get(location_id)):
                areas.append((row, there["district_code"] or "", there["subdistrict_code"] or ""))
                if there["wheelchair"] == "yes":
                    wheelchair.add(row)
    return Places(pins, pin_of, kind_of, location_of, areas, frozenset(wheelchair), numbers)


def _session_locations(tables: Mapping[str, pl.DataFrame]) -> dict[str, list[str]]:
    if "sessions" not in tables:
        return {}
    found = tables["sessions"].select("offer_id", "location_id").drop_nulls().unique(maintain_order=True)
    return dict(found.group_by("offer_id", maintain_order=True).agg("location_id").iter_rows())


def _kind(place: Mapping[str, Any] | None, mode: str | None) -> str:
    if place and place["address_protected"]:
        return "protected"
    if place and is_pinned(place):
        return "pin"
    if mode == "online" or (place and place["location_type"] == "virtual"):
        return "online"
    if mode == "outreach" or (place and place["location_type"] == "mobile"):
        return "outreach"
    return "imprecise"


def is_pinned(place: Mapping[str, Any]) -> bool:
    """Say whether a location may stand on a map: exact enough, with a point, and not protected."""
    return (
        not place["address_protected"]
        and place["place_quality"] in PINNED
        and place["latitude"] is not None
        and place["longitude"] is not None
        and abs(place["latitude"]) <= 90
        and abs(place["longitude"]) <= 180
    )


def _pin(place: Mapping[str, Any], pins: list[Pin], numbers: dict[str, int], by_point: dict[tuple[float, float], int]) -> int:
    """Give the pin of a location; locations of several sources at one point share it."""
    location_id = place["location_id"]
    if location_id not in numbers:
        point = (round(place["longitude"], 5), round(place["latitude"], 5))
        if point not in by_point:
            by_point[point] = len(pins)
            pins.append(Pin(location_id, *point, name=place["name"] or _address(place)))
        numbers[location_id] = by_point[point]
    return numbers[location_id]


def _address(place: Mapping[str, Any]) -> str:
    return " ".join(text for text in (place["street"], place["house_number"]) if text) or place["city"] or ""
