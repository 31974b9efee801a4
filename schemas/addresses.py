"""An address comes in; the point the official house coordinates give for it goes out, or what else they know about it.

The index of a whole city (schemas/addressfile.py reads its file) is built in half a second and asked in some microseconds. It
never guesses a pin: a house that is not in the file is placed beside its neighbour or on a street so short that it makes no
difference, and called `street`; on a long street it is only listed.
"""

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt
import polars as pl

from schemas.addressfile import read_houses
from schemas.vocabulary import fold

Quality = Literal["exact", "street", "area", "none"]
Points = npt.NDArray[np.float64]  # rows of longitude, latitude

NEIGHBOURS = 4  # a missing number this near to a known one on the same side is beside it: 74 beside 72 or 78
SHORT = 250.0  # metres from one end of a street to the other, at most, for a pin in its middle
SAME = 100.0  # metres within which two points of the same address are one
METRES = 111_320.0  # of a degree of latitude
REMEMBERED = 2_000  # streets that were asked for, with their houses

STREET_END = re.compile(r"str(?:asse)?\b")  # in folded names: "koenig heinrich str", "koenigstrasse"
SAINT = re.compile(r"\bsankt\b")
SQUARE = re.compile(r"platz\b")
NUMBER = re.compile(r"0*([0-9]{1,5})(?:\s*([a-z])(?![a-z])|\s+([0-9]/[0-9])(?![0-9]))?", re.IGNORECASE)  # 73, 12 a, 12 1/2
FURTHER = re.compile(r"\s*(?:[-\u2013/+&,]|und|bis)\s*", re.IGNORECASE)  # between the numbers of 73-75


@dataclass(frozen=True, slots=True)
class Address:
    """What a location says about where it is. Any part may be missing."""

    street: str | None
    house_number: str | None = None
    postal_code: str | None = None
    city: str | None = None

    def __str__(self) -> str:
        street = " ".join(part for part in (self.street, self.house_number) if part)
        town = " ".join(part for part in (self.postal_code, self.city) if part)
        return ", ".join(part for part in (street, town) if part)


@dataclass(frozen=True, slots=True)
class Found:
    """What is known about an address: a point where `quality` is exact or street, else none.

    `spread` are the points of the whole street where the address is somewhere on it: if all lie in one district, so does the
    address. `problem` is the code to tell the partner, `attribution` who must be named with the point.
    """

    quality: Quality
    longitude: float | None = None
    latitude: float | None = None
    problem: str | None = None
    spread: Points | None = None
    attribution: str = ""


class AddressIndex:
    """All houses of a city, by street."""

    def __init__(self, houses: pl.DataFrame, *, attribution: str = "") -> None:
        names = houses["street"].unique()
        folded = pl.DataFrame({"street": names, "key": [to_key(name) for name in names]})
        sorted_houses = houses.join(folded, on="street").filter(pl.col("key") != "").sort("key", maintain_order=True)
        bounds = sorted_houses.select(pl.col("key").rle()).unnest("key")
        ends = bounds["len"].cum_sum()
        self._streets: dict[str, slice] = {
            key: slice(end - length, end) for key, length, end in zip(bounds["value"], bounds["len"], ends, strict=True)
        }
        self._numbers = sorted_houses["number"].to_numpy()
        self._suffixes = sorted_houses["suffix"]
        # postcodes by number, 0 where the file has none: a search in numbers costs a hundredth of one in texts
        self._known_postcodes = {code: number for number, code in enumerate(houses["postal_code"].drop_nulls().unique(), 1)}
        self._postcodes = np.array([self._known_postcodes.get(code, 0) for code in sorted_houses["postal_code"]], dtype=np.int32)
        self._points: Points = sorted_houses.select("longitude", "latitude").to_numpy()
        self._asked: dict[tuple[int, str | None], _Street] = {}
        self.attribution = attribution

    def __len__(self) -> int:
        return len(self._numbers)

    def find(self, address: Address) -> Found | None:
        """Find an address of this city; None where the city has no such street or the postcode is another town's."""
        place = self._streets.get(to_key(address.street or ""))
        if place is None or (address.postal_code and self._known_postcodes and address.postal_code not in self._known_postcodes):
            return None
        street = self._street(place, address.postal_code)
        return replace(street.find(read_numbers(address.house_number or "")), attribution=self.attribution)

    def _street(self, place: slice, postal_code: str | None) -> "_Street":
        """Give the houses of a street in a postcode; those asked for are kept, because the next offer lies there, too."""
        known = self._asked.get((place.start, postal_code))
        if known is None:
            known = _Street(self._numbers[place], self._suffixes[place].to_list(), self._points[place])
            if postal_code:
                known = known.within(self._postcodes[place] == self._known_postcodes.get(postal_code, -1))
            if len(self._asked) >= REMEMBERED:
                self._asked.clear()
            self._asked[place.start, postal_code] = known
        return known


@dataclass(frozen=True, slots=True)
class _Street:
    """The houses of one street, or of several with the same name."""

    numbers: npt.NDArray[np.int32]
    suffixes: list[str]
    points: Points

    def within(self, postcode: npt.NDArray[np.bool_]) -> "_Street":
        """Give the houses of a postcode; all, where the file knows none there: then the postcode is the mistake."""
        kept = np.flatnonzero(postcode)
        if not len(kept):
            return self
        return _Street(self.numbers[kept], [self.suffixes[place] for place in kept], self.points[kept])

    def find(self, wanted: list[tuple[int, str]]) -> Found:
        for number, suffix in wanted:
            same = np.flatnonzero(self.numbers == number)
            exact = [place for place in same if self._is(place, suffix)]
            if exact:
                return self._at(self.points[exact], "exact")
            if len(same):  # 12 where there are 12a and 12b, 12c where there is 12
                return self._at(self.points[same], "street")
        problem = "house_number_unknown" if wanted else None
        for number, _ in wanted[:1]:
            distance = np.abs(self.numbers - number)
            near = np.flatnonzero((distance <= NEIGHBOURS) & (distance % 2 == 0))
            if len(near):
                nearest = near[distance[near] == distance[near].min()]
                return replace(self._at(self.points[nearest], "street"), problem=problem)
        if extent(self.points) > SHORT:
            return Found("area", problem=problem, spread=self.points)
        middle = self.points[np.abs(self.points - np.median(self.points, axis=0)).sum(axis=1).argmin()]
        return Found("street", float(middle[0]), float(middle[1]), problem)

    def _is(self, place: np.intp, suffix: str) -> bool:
        known = self.suffixes[place]
        return known == suffix or (not suffix and known[:1].isdigit())  # 73 with the suffix 75 is 73-75

    def _at(self, points: Points, quality: Quality) -> Found:
        """Place at the first of some points; nowhere, if they are not one place."""
        if extent(points) > SAME:
            return Found("area", problem="address_ambiguous", spread=points)
        return Found(quality, float(points[0, 0]), float(points[0, 1]))


def load_addresses(source: Path | bytes, *, name: str = "", ags: str = "", attribution: str = "") -> AddressIndex:
    """Load the house coordinates of a city; raise SchemaError, one German sentence, where the file is not to be read."""
    return AddressIndex(read_houses(source, name=name, ags=ags), attribution=attribution)


def to_key(street: str) -> str:
    """Fold the name of a street: Sankt-Johann-Straße, St. Johann Str. and ST.-JOHANN-STRASSE are the same."""
    return SQUARE.sub("pl", STREET_END.sub("str", SAINT.sub("st", fold(street)))).replace(" ", "")


def read_numbers(text: str) -> list[tuple[int, str]]:
    """Read a house number: each number with its suffix, of a range its ends. Empty where there is none."""
    numbers, at = [], 0
    while found := NUMBER.match(text, at):
        numbers.append((int(found[1]), (found[2] or found[3] or "").lower()))
        between = FURTHER.match(text, found.end())
        if between is None:
            break
        at = between.end()
    return numbers


def extent(points: Points) -> float:
    """Give the diagonal of the box around some points, in metres."""
    (west, south), (east, north) = points.min(axis=0), points.max(axis=0)
    return float(np.hypot((north - south) * METRES, (east - west) * METRES * np.cos(np.radians(south))))
