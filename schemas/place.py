"""A batch comes in; its locations go out with a point where there is one, a quality that says how good it is, and districts.

The point is the partner's own, else that of the city's official house coordinates, else a geocoder's, which is handed in. A pin
(`exact`, `street`) stands only where the place is; the rest is listed in its district (`area`) or without a place (`none`). A
protected address is never placed, and what would betray it is taken out.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from schemas.addresses import Address, AddressIndex, Found
from schemas.city import City
from schemas.districts import Areas, Points
from schemas.problems import Problem
from schemas.rows import Batch, Row, Value
from schemas.rules import PINNED, PROTECTED
from schemas.tables import CITY_TABLES
from schemas.vocabulary import fold

Geocode = Callable[[Address], Found | None]

COLUMNS = {"districts": "district_code", "subdistricts": "subdistrict_code", "quarters": "quarter_code"}
AROUND = 0.5  # degrees around the city's box in which a partner's own point may lie: an offer in the next town


class Placer:
    """Places locations, for any number of sources. `addresses` is asked first, `geocoder` where that knows nothing."""

    def __init__(self, city: City, addresses: AddressIndex | None = None, geocoder: Geocode | None = None) -> None:
        self._city = city
        self._addresses = addresses
        self._geocoder = geocoder
        self._areas = {table: Areas(city.polygons(table), exactness_m=city.exactness_m.get(table, 0.0)) for table in CITY_TABLES}
        self._parent = {row["code"]: row["parent_code"] for table in CITY_TABLES for row in getattr(city, table)}
        self._towns = {fold(str(row["name"])) for table in CITY_TABLES for row in getattr(city, table)}
        self._own = fold(city.name)
        self._elsewhere = [f" {fold(town)} " for town in city.neighbours]
        self._credits: dict[str, None] = {}
        self._silent = False  # the geocoder, and we have said so

    @property
    def attributions(self) -> tuple[str, ...]:
        """Who must be named with the points found so far."""
        return tuple(self._credits)

    def place(self, batch: Batch) -> Batch:
        """Give the batch with its locations placed. A problem is told with the first offer that needs the location."""
        if not batch.locations:
            return batch
        locators: dict[Value, str] = {}
        for row in (*batch.offers, *batch.sessions):
            if (where := row["location_id"]) is not None and where not in locators:
                locator = batch.locators.get(str(row["offer_id"]))
                if locator is not None:
                    locators[where] = locator
        told: list[Problem] = []
        found = [self._find(row, locators.get(row["location_id"]), told) for row in batch.locations]
        located = self._with_areas(batch.locations, found)
        for row in located:
            if self._areas["districts"].codes and row["place_quality"] in PINNED and row["district_code"] is None:
                value = str(_address(row)) or f"{row['latitude']}, {row['longitude']}"
                told.append(Problem("outside_city", locators.get(row["location_id"]), value=value))
        return replace(batch, locations=located, problems=[*batch.problems, *told])

    def _find(self, row: Row, locator: str | None, told: list[Problem]) -> Found:
        """Find the point of one location."""
        if row["address_protected"]:
            if any(row[column] is not None for column in PROTECTED):
                told.append(Problem("protected_address", locator))
            return Found("none")
        if row["location_type"] == "virtual":
            return Found("none")
        address = _address(row)
        latitude, longitude = row["latitude"], row["longitude"]
        if isinstance(latitude, (int, float)) and isinstance(longitude, (int, float)):
            if self._is_near(latitude, longitude):
                return Found("street" if row["place_quality"] == "street" else "exact", round(longitude, 6), round(latitude, 6))
            point = f"{latitude}, {longitude}"
            if self._lies_elsewhere(row, latitude, longitude):
                told.append(Problem("outside_city", locator, value=str(address) or point))
                return Found("none")
            told.append(Problem("bad_coordinates", locator, "latitude", point))
        if address.street is None:
            if row["location_type"] == "physical":
                told.append(Problem("no_address", locator))
            return Found("none")
        if address.postal_code is None and address.city is None and self._names_elsewhere(row["name"]):
            told.append(Problem("outside_city", locator, value=f"{row['name']}, {address}"))
            return Found("none")
        return self._ask(address, locator, told)

    def _names_elsewhere(self, name: Value) -> bool:
        """Whether the words beside a street name another town: "Rathaus Moers, Königstraße 12" is no address of ours."""
        words = f" {fold(str(name or ''))} "
        return any(town in words for town in self._elsewhere)

    def _ask(self, address: Address, locator: str | None, told: list[Problem]) -> Found:
        """Ask the official house coordinates, then the geocoder, for an address of the city."""
        if not self._is_here(address.city):
            told.append(Problem("outside_city", locator, value=str(address)))
            return Found("none")
        if self._addresses is None and self._geocoder is None:
            return Found("none")
        known = self._addresses.find(address) if self._addresses is not None else None
        asked = self._geocoder(address) if known is None and self._geocoder is not None else None
        found = known or asked or Found("none", problem="address_not_found")
        if found.problem == "geocoder_unavailable":
            if not self._silent:  # one sentence is enough until it answers again
                told.append(Problem(found.problem))
            self._silent = True
            return found
        self._silent = self._silent and asked is None
        if found.problem:
            told.append(Problem(found.problem, locator, value=str(address)))
        if found.longitude is not None and found.attribution:
            self._credits[found.attribution] = None
        return found

    def _with_areas(self, rows: Sequence[Row], found: Sequence[Found]) -> list[Row]:
        """Give the rows with what was found and the areas it lies in; all points are looked up at once."""
        spots: list[Points] = [_spots(one) for one in found]
        points = np.concatenate([*spots, np.empty((0, 2))])
        codes = {table: areas.find(points) for table, areas in self._areas.items()}
        located, end = [], 0
        for row, one, spot in zip(rows, found, spots, strict=True):
            start, end = end, end + len(spot)
            inside = {table: _shared(codes[table][start:end]) for table in CITY_TABLES}
            located.append(self._located(row, one, inside))
        return located

    def _located(self, row: Row, found: Found, inside: Mapping[str, str | None]) -> Row:
        """Give one row with its point and areas; `inside` says in which areas all its points lie."""
        pinned = found.quality in PINNED
        district: Value = inside["districts"]
        if district is None and not pinned:
            district = self._city.postcodes.get(str(row["postal_code"])) or row["district_code"]
        areas: dict[str, Value] = {"district_code": district}
        for table in ("subdistricts", "quarters"):
            own: Value = inside[table]
            if own is None and not (pinned and row[COLUMNS[table]] in self._areas[table].codes):
                own = row[COLUMNS[table]]  # what the partner says, unless the polygons know better
            areas[COLUMNS[table]] = own if own is not None and self._lies_in(own, areas) else None
        quality = found.quality if pinned else "area" if any(areas.values()) else "none"
        cleared = dict.fromkeys(PROTECTED) if row["address_protected"] else {}
        return {**row, **cleared, "latitude": found.latitude, "longitude": found.longitude, "place_quality": quality, **areas}

    def _lies_in(self, code: Value, areas: dict[str, Value]) -> bool:
        """Whether an area belongs to the one found above it; simplified borders of two levels need not agree."""
        parent = self._parent.get(code)
        return parent is None or parent in areas.values() or not any(areas.values())

    def _is_near(self, latitude: float, longitude: float) -> bool:
        west, south, east, north = self._city.box
        return west - AROUND <= longitude <= east + AROUND and south - AROUND <= latitude <= north + AROUND

    def _lies_elsewhere(self, row: Row, latitude: float, longitude: float) -> bool:
        """Whether a far point is that of another town, as the address says or does not deny; else the point is wrong."""
        if self._is_near(longitude, latitude):  # swapped
            return False
        return not self._is_here(str(row["city"])) if row["city"] else str(row["postal_code"]) not in self._city.postcodes

    def _is_here(self, town: str | None) -> bool:
        """Whether a town is this city: by its name, alone or with a part of it behind, or by the name of a part."""
        name = fold(town or "")
        return not name or name == self._own or name.startswith(f"{self._own} ") or name in self._towns


def _shared(codes: Sequence[str | None]) -> str | None:
    """Give the area all points lie in; None where they do not, or there are none."""
    return codes[0] if codes and len(set(codes)) == 1 else None


def _spots(found: Found) -> Points:
    """Give all the points an answer stands for."""
    if found.longitude is not None and found.latitude is not None:
        return np.array([[found.longitude, found.latitude]])
    return found.spread if found.spread is not None else np.empty((0, 2))


def _address(row: Row) -> Address:
    street, number, postcode, city = (row[column] for column in ("street", "house_number", "postal_code", "city"))
    return Address(*(str(part) if part is not None else None for part in (street, number, postcode, city)))
