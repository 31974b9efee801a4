"""An address in, the question to a geocoder out; its answer in, candidates out. Nominatim and Photon, each in its own words.

Nominatim: https://nominatim.org/release-docs/latest/api/Search/ (jsonv2, structured query). Photon: GeoJSON, described at
https://github.com/komoot/photon. Both know OpenStreetMap, where a street is many pieces of the same name.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from schemas.addresses import Address
from schemas.areas import Box

LIMIT = 40  # candidates, as many as Nominatim gives; one street may be many pieces


@dataclass(frozen=True, slots=True)
class Candidate:
    """One place a geocoder offers, in our words.

    `box` is what it covers: west, south, east, north. `whole` says that the other pieces of its street are among the candidates.
    """

    longitude: float
    latitude: float
    street: str
    house_number: str
    postal_code: str
    city: str
    box: Box
    whole: bool
    attribution: str


@dataclass(frozen=True, slots=True)
class Kind:
    """How one kind of geocoder is asked and understood."""

    path: str
    ask: Callable[[Address, str, Box], dict[str, str]]
    read: Callable[[bytes], list[Candidate]]


def ask_nominatim(address: Address, city: str, box: Box) -> dict[str, str]:
    """Give the parameters of a structured query; the number stands before the street."""
    query = {"street": f"{address.house_number or ''} {address.street}".strip(), "city": city}
    if address.postal_code:
        query["postalcode"] = address.postal_code
    west, south, east, north = box
    return query | {
        "format": "jsonv2",
        "addressdetails": "1",
        "layer": "address",
        "dedupe": "0",
        "limit": str(LIMIT),
        "viewbox": f"{west},{north},{east},{south}",
        "bounded": "1",
        "accept-language": "de",
    }


def ask_photon(address: Address, city: str, box: Box) -> dict[str, str]:
    """Give the parameters of a free query; the number stands behind the street, as in German."""
    street = " ".join(part for part in (address.street, address.house_number) if part)
    town = " ".join(part for part in (address.postal_code, city) if part)
    return {"q": f"{street}, {town}", "limit": str(LIMIT), "lang": "de", "bbox": ",".join(map(str, box))}


def read_nominatim(body: bytes) -> list[Candidate]:
    """Read a jsonv2 answer; raise ValueError where it is none."""
    places = json.loads(body)
    if not isinstance(places, list):
        raise ValueError("Nominatim answers with a list of places")
    return [_read(partial(_nominatim_place, whole=len(places) < LIMIT), place) for place in places]


def read_photon(body: bytes) -> list[Candidate]:
    """Read a GeoJSON answer; raise ValueError where it is none."""
    collection = json.loads(body)
    features = collection.get("features") if isinstance(collection, dict) else None
    if not isinstance(features, list):
        raise ValueError("Photon answers with a FeatureCollection")
    return [_read(_photon_feature, feature) for feature in features]


def _read(read: Callable[[Any], Candidate], place: Any) -> Candidate:
    try:
        return read(place)
    except (AttributeError, KeyError, TypeError) as error:
        raise ValueError("a place without what makes it one") from error


def _nominatim_place(place: Mapping[str, Any], *, whole: bool) -> Candidate:
    parts = place.get("address", {})
    longitude, latitude = float(place["lon"]), float(place["lat"])
    south, north, west, east = (float(edge) for edge in place.get("boundingbox", (latitude, latitude, longitude, longitude)))
    # a shop or a postcode area has a road, too; only a house or the road itself is what was asked for
    named = parts.get("house_number") or place.get("category", place.get("class")) == "highway"
    return Candidate(
        longitude=longitude,
        latitude=latitude,
        street=_first(parts, "road", "pedestrian", "footway", "square") if named else "",
        house_number=parts.get("house_number", ""),
        postal_code=parts.get("postcode", ""),
        city=_first(parts, "city", "town", "village", "municipality"),
        box=(west, south, east, north),
        whole=whole,
        attribution=place.get("licence", ""),
    )


def _photon_feature(feature: Mapping[str, Any]) -> Candidate:
    parts = feature["properties"]
    longitude, latitude = (float(part) for part in feature["geometry"]["coordinates"])
    west, north, east, south = (float(edge) for edge in parts.get("extent", (longitude, latitude, longitude, latitude)))
    is_street = parts.get("type", "") == "street" or parts.get("osm_key") == "highway"
    return Candidate(
        longitude=longitude,
        latitude=latitude,
        street=parts.get("name", "") if is_street else parts.get("street", "") if parts.get("housenumber") else "",
        house_number=parts.get("housenumber", ""),
        postal_code=parts.get("postcode", ""),
        city=_first(parts, "city", "locality"),
        box=(west, south, east, north),
        whole=False,  # Photon shows one piece of a street and keeps the others back
        attribution="",
    )


def _first(parts: Mapping[str, Any], *names: str) -> str:
    return next((str(parts[name]) for name in names if parts.get(name)), "")


KINDS: Mapping[str, Kind] = {
    "nominatim": Kind("search", ask_nominatim, read_nominatim),
    "photon": Kind("api", ask_photon, read_photon),
}
