"""What a record says of its place comes in; the location row goes out, and the address that must not be in it.

A protected address never gets past here: it is no part of the row, of its id (a city's streets can be tried out) or of a problem.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from schemas.conceal import Address, conceal
from schemas.converters.answer import Finding
from schemas.converters.places import is_online
from schemas.identity import to_location_id
from schemas.mapping import Reader
from schemas.reading import Found
from schemas.rows import Row
from schemas.select import Unreadable
from schemas.tables import columns

COLUMNS = columns("locations")
PLACE = frozenset({"name", "street", "postal_code", "city", "latitude"})  # any of these makes a place
FIXED = ("name", "street", "latitude")  # a source's defaults alone make a place only with one of these
SECRET = (
    "street", "house_number", "postal_code", "latitude", "longitude", "district_code", "subdistrict_code", "quarter_code",
    "public_transport",
)  # fmt: skip
CONTENT = itemgetter(*(name for name in COLUMNS if name not in ("location_id", "place_quality", "organisation_id")))
REMEMBERED = 10_000
NORTH_POLE = 90.0


@dataclass(frozen=True, slots=True)
class Site:
    """A place: its row, whether the record itself named it, and the address that was withheld."""

    row: Row
    given: bool
    address: Address | None = None


class Sites:
    """Finds the place of a record. Most records of a source share a few places, so what a place became is remembered."""

    def __init__(self, reader: Reader, source_key: str) -> None:
        self.reader, self.source_key = reader, source_key
        self.template: Row = dict.fromkeys(COLUMNS)
        self.template |= {"location_type": "physical", "address_protected": False, "place_quality": "none"}
        self.template |= {name: value for name, value in reader.constants.items() if name in self.template}
        self.fixed = any(self.template[name] is not None for name in FIXED)
        self.known: dict[tuple[Any, ...], tuple[Site | None, Found]] = {}

    def find(self, record: Mapping[str, Any], found: Found) -> Site | None:
        """Give the place of a record; None where it names none."""
        if not self.reader.entries and not self.fixed:
            return None
        try:
            raw = self.reader.raw(record)
            known = self.known.get(raw)
        except (TypeError, Unreadable):  # a list or mapping among them, or a path that does not apply
            known, raw = None, ()
        if known is None:
            told: Found = []
            known = self._make(record, told), told
            if raw:
                if len(self.known) >= REMEMBERED:
                    self.known.clear()
                self.known[raw] = known
        site, told = known
        if told:
            found += told
        return site

    def _make(self, record: Mapping[str, Any], found: Found) -> Site | None:
        values: dict[str, Any] = {}
        self.reader.read(record, values, found)
        given = not PLACE.isdisjoint(values) and any(values.get(name) is not None for name in PLACE)
        if not given and not self.fixed:
            return None
        row = self.template | values
        if row["latitude"] is None or row["longitude"] is None:
            if row["latitude"] is not row["longitude"]:
                found.append(("location.point", Finding("bad_coordinates", str(row["latitude"] or row["longitude"]))))
            row["latitude"] = row["longitude"] = None
        elif abs(float(row["latitude"])) > NORTH_POLE:
            found.append(("location.point", Finding("bad_coordinates", f"{row['latitude']}, {row['longitude']}")))
            row["latitude"] = row["longitude"] = None
        if row["street"] is None and row["name"] is not None and is_online(str(row["name"])):
            row["location_type"] = "virtual"
        if row["location_type"] is None:
            row["location_type"] = "physical"
        if any(target == "location.address_protected" for target, _ in found):
            row["address_protected"] = True  # something was said and not understood: what may be protected is protected
        address = _withhold(row, found) if row["address_protected"] else None
        if row["latitude"] is None:
            row["place_quality"] = "none"  # what a place without a point is worth, its areas will say
        elif row["place_quality"] != "street":
            row["place_quality"] = "exact"
        row["location_id"] = to_location_id(self.source_key, CONTENT(row))
        return Site(row, given, address)


def _withhold(row: Row, found: Found) -> Address:
    """Take a protected address out of the row, and its words out of what was found."""
    address = Address(*(str(row[name]) if row[name] else None for name in ("street", "house_number", "postal_code")))
    for name in SECRET:
        row[name] = None
    if row["name"]:
        row["name"] = conceal(str(row["name"]), address, whole=False)
    found[:] = [(target, finding._replace(value=None)) for target, finding in found]
    return address
