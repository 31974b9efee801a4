"""A geocoder that answers as Nominatim and Photon do: a pin only for the very address, nobody asked twice, no harm where it is away."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from connectors.contract import SourceError
from connectors.geocode import OSM, Geocoder
from schemas.addresses import Address, Found
from schemas.city import City, load_city
from schemas.place import Placer
from schemas.problems import Problem
from schemas.record import Capture
from schemas.rows import Batch
from tests import rows
from tests.connectors.site import Request, Site

LICENCE = "Data © OpenStreetMap contributors, ODbL 1.0. http://osm.org/copyright"
SONNENWALL = Address("Sonnenwall", "73-75", "47051", "Duisburg")


def house(road: str, number: str, *, lat: float = 51.4336, lon: float = 6.7663, **address: Any) -> dict[str, Any]:
    """Give a house as Nominatim's jsonv2 does."""
    return {
        "place_id": 133_842_047,
        "licence": LICENCE,
        "osm_type": "way",
        "osm_id": 46_219_214,
        "lat": f"{lat:.7f}",
        "lon": f"{lon:.7f}",
        "category": "building",
        "type": "yes",
        "place_rank": 30,
        "importance": 9.175295665700002e-05,
        "addresstype": "building",
        "name": "",
        "display_name": f"{number}, {road}, Altstadt, Duisburg-Mitte, Duisburg, Nordrhein-Westfalen, 47051, Deutschland",
        "address": {
            "house_number": number,
            "road": road,
            "suburb": "Altstadt",
            "city_district": "Duisburg-Mitte",
            "city": "Duisburg",
            "state": "Nordrhein-Westfalen",
            "ISO3166-2-lvl4": "DE-NW",
            "postcode": "47051",
            "country": "Deutschland",
            "country_code": "de",
            **address,
        },
        "boundingbox": [f"{lat - 0.0002:.7f}", f"{lat + 0.0002:.7f}", f"{lon - 0.0003:.7f}", f"{lon + 0.0003:.7f}"],
    }


def road(name: str, *, south: float = 51.4330, north: float = 51.4338, **address: Any) -> dict[str, Any]:
    """Give a piece of a street as Nominatim's jsonv2 does."""
    place = house(name, "", lat=(south + north) / 2, **address)
    del place["address"]["house_number"]
    edges = {"boundingbox": [str(south), str(north), "6.7655", "6.7660"]}
    return place | {"category": "highway", "type": "residential", "place_rank": 26, "addresstype": "road", "name": name} | edges


def feature(kind: str, *, lat: float = 51.4336, lon: float = 6.7663, **properties: Any) -> dict[str, Any]:
    """Give a feature as Photon does."""
    key = {"osm_key": "building", "osm_value": "yes"} if kind == "house" else {"osm_key": "highway", "osm_value": "residential"}
    facts = {"osm_type": "W", "osm_id": 46_219_214, "type": kind, "countrycode": "DE", "country": "Deutschland", **key}
    town = {"postcode": "47051", "city": "Duisburg", "district": "Altstadt", "state": "Nordrhein-Westfalen"}
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [lon, lat]},
        "properties": {**facts, **town, **properties},
    }


@pytest.fixture(scope="module")
def city() -> City:
    """Give Duisburg."""
    return load_city(Path(__file__).parents[2] / "cities" / "duisburg")


class Kept(dict[str, str]):
    """Answers kept in memory, with the two methods of the ledger's store."""

    def put(self, question: str, answer: str) -> None:
        self[question] = answer


def fetch(url: str) -> Capture:
    """Open an address as the guarded fetch does: a capture, or a SourceError."""
    try:
        response = requests.get(url, headers={"User-Agent": "integrationslandkarte-tests"}, timeout=5)
    except requests.RequestException as error:
        raise SourceError(Problem("connection", value=url)) from error
    if response.status_code != 200:
        raise SourceError(Problem("http_error", value=url, note=str(response.status_code)))
    return Capture.of(response.content, url=url, fetched_at=datetime.now(UTC), media_type="application/json")


Make = Callable[..., Geocoder]


@pytest.fixture
def server() -> Iterator[Site]:
    """Run an empty geocoder on loopback."""
    with Site() as site:
        yield site


@pytest.fixture
def geocoder(server: Site, city: City) -> Make:
    """Give a function that makes a geocoder asking the loopback server, without pauses."""

    def make(kind: str = "nominatim", **options: Any) -> Geocoder:
        settings = {"answers": Kept(), "pace": 0.0, **options}
        return Geocoder(fetch, kind=kind, url=server.url + "/", city=city, **settings)  # type: ignore[arg-type]

    return make


def nominatim(server: Site, *places: dict[str, Any]) -> None:
    """Let the server answer these places to every question."""
    server.pages["/search"] = (200, {"Content-Type": "application/json; charset=utf-8"}, json.dumps(places).encode())


def photon(server: Site, *features: dict[str, Any]) -> None:
    """Let the server answer these features to every question."""
    body = {"type": "FeatureCollection", "features": features}
    server.pages["/api"] = (200, {"Content-Type": "application/json"}, json.dumps(body).encode())


def test_nominatim_is_asked_for_the_address_within_the_city(server: Site, geocoder: Make, city: City) -> None:
    """A structured question, number before street, bounded by the city's box, all pieces of a street wanted."""
    nominatim(server, house("Sonnenwall", "73-75"))
    found = geocoder()(SONNENWALL)
    assert (found.quality, found.longitude, found.latitude, found.problem) == ("exact", 6.7663, 51.4336, None)
    assert found.attribution == LICENCE
    (asked,) = server.requests
    query = {name: value[0] for name, value in parse_qs(urlsplit(asked.path).query).items()}
    west, south, east, north = city.box
    assert query == {
        "street": "73-75 Sonnenwall",
        "city": "Duisburg",
        "postalcode": "47051",
        "format": "jsonv2",
        "addressdetails": "1",
        "layer": "address",
        "dedupe": "0",
        "limit": "40",
        "viewbox": f"{west},{north},{east},{south}",
        "bounded": "1",
        "accept-language": "de",
    }


def test_photon_is_asked_for_the_address_within_the_city(server: Site, geocoder: Make) -> None:
    """A free question, number behind the street; the credit is OpenStreetMap's, because Photon names none."""
    photon(server, feature("house", street="Sonnenwall", housenumber="73"))
    found = geocoder("photon")(SONNENWALL)
    assert (found.quality, found.longitude, found.attribution) == ("exact", 6.7663, OSM)
    query = {name: value[0] for name, value in parse_qs(urlsplit(server.requests[0].path).query).items()}
    assert (query["q"], query["lang"]) == ("Sonnenwall 73-75, 47051 Duisburg", "de")
    assert len(query["bbox"].split(",")) == 4


@pytest.mark.parametrize(
    ("places", "quality", "problem"),
    [
        ([house("Sonnenwall", "73")], "exact", None),  # the first number of the range
        ([house("Sonnenwall", "75")], "exact", None),
        ([house("SONNENWALL", "73 - 75"), house("Sonnenwall", "73-75", lat=51.43365)], "exact", None),  # house and shop
        ([house("Sonnenwall", "77")], "none", "address_not_found"),  # another house is no pin
        ([house("Sonnenweg", "73-75")], "none", "address_not_found"),  # another street is no pin
        ([house("Sonnenwall", "73-75", postcode="47259")], "none", "address_not_found"),  # the same name elsewhere
        ([house("Sonnenwall", "73"), house("Sonnenwall", "73", lat=51.4400)], "area", "address_ambiguous"),
        ([house("Sonnenwall", "73", lat=52.52, lon=13.4, city="Berlin")], "none", "outside_city"),
        ([house("Sonnenwall", "73", lon=6.67, city="Moers")], "none", "outside_city"),  # in the box, another town
        ([road("Sonnenwall")], "street", "house_number_unknown"),  # a short street: its middle is near enough
        ([road("Sonnenwall"), road("Sonnenwall", south=51.4380, north=51.4390)], "area", "house_number_unknown"),  # a long one
        (
            [{**road("Sonnenwall"), "category": "place", "type": "postcode", "addresstype": "postcode"}],
            "none",
            "address_not_found",
        ),
        ([], "none", "address_not_found"),
    ],
)
def test_only_the_very_address_is_a_pin(
    server: Site, geocoder: Make, places: list[dict[str, Any]], quality: str, problem: str | None
) -> None:
    """Whatever Nominatim offers instead of the house is not taken for it."""
    nominatim(server, *places)
    found = geocoder()(SONNENWALL)
    assert (found.quality, found.problem) == (quality, problem)
    assert (found.longitude is not None) == (quality in ("exact", "street"))


def test_a_street_in_too_many_pieces_is_no_pin(server: Site, geocoder: Make) -> None:
    """Forty pieces are as many as Nominatim shows: the rest of the street may be anywhere."""
    nominatim(server, *[road("Sonnenwall")] * 40)
    assert geocoder()(SONNENWALL).quality == "area"


@pytest.mark.parametrize(
    ("features", "quality", "problem"),
    [
        ([feature("house", street="Sonnenwall", housenumber="73", name="Kommunales Integrationszentrum")], "exact", None),
        ([feature("house", street="Sonnenwall", housenumber="1")], "none", "address_not_found"),
        ([feature("house", name="Sonnenwall 73")], "none", "address_not_found"),  # a house without its street
        ([feature("street", name="Sonnenwall", extent=[6.765, 51.434, 6.766, 51.433])], "area", "house_number_unknown"),
        ([feature("city", name="Sonnenwall", osm_key="place", osm_value="city")], "none", "address_not_found"),
        ([feature("house", street="Sonnenwall", housenumber="73", city="Moers")], "none", "outside_city"),
        ([], "none", "address_not_found"),
    ],
)
def test_photon_gives_pins_for_houses_only(
    server: Site, geocoder: Make, features: list[dict[str, Any]], quality: str, problem: str | None
) -> None:
    """It shows one piece of a street and keeps the others back, so a street is never a pin."""
    photon(server, *features)
    found = geocoder("photon")(SONNENWALL)
    assert (found.quality, found.problem) == (quality, problem)


def test_nobody_is_asked_twice(server: Site, geocoder: Make) -> None:
    """Answers are kept for ever, also that there is none; the same address in other words is the same question."""
    answers = Kept()
    nominatim(server, house("Königstraße", "1"))
    first = geocoder(answers=answers)(Address("Königstr.", "1", "47051", "Duisburg"))
    again = geocoder(answers=answers)(Address("KÖNIGSTRASSE", "1", "47051", "Duisburg-Mitte"))
    assert first == again
    assert geocoder(answers=answers)(Address("Nirgendweg", "9")).problem == "address_not_found"
    assert geocoder(answers=answers)(Address("Nirgendweg", "9")).problem == "address_not_found"
    assert len(server.requests) == len(answers) == 2


def test_questions_keep_the_pace(server: Site, geocoder: Make) -> None:
    """One a second where a public server answers; what is known needs no pause."""
    now, slept = [100.0], []

    def sleep(seconds: float) -> None:
        slept.append(round(seconds, 3))
        now[0] += seconds

    nominatim(server)
    ask = geocoder(pace=1.0, clock=lambda: now[0], sleep=sleep)
    ask(Address("A-Weg", "1"))
    now[0] += 0.25
    ask(Address("B-Weg", "1"))
    ask(Address("A-Weg", "1"))
    now[0] += 5
    ask(Address("C-Weg", "1"))
    assert slept == [0.75]


@pytest.mark.parametrize(
    "answer",
    [
        (500, {}, b"error"),
        (429, {}, b"Too many requests"),
        (200, {}, b"<html>Bandwidth limit exceeded</html>"),
        (200, {}, b'{"error": {"code": 400}}'),
        (200, {}, b'[{"lat": "51.4"}]'),
        (200, {}, b'[{"lat": "x", "lon": "y"}]'),
        (200, {}, b"[null]"),
    ],
)
def test_a_server_that_does_not_answer_is_left_alone_for_a_while(server: Site, geocoder: Make, answer: Any) -> None:
    """Nothing is kept, nobody is blamed, and five minutes later it is asked again."""
    now, answers = [100.0], Kept()
    server.pages["/search"] = answer
    ask = geocoder(answers=answers, clock=lambda: now[0])
    assert ask(SONNENWALL) == Found("none", problem="geocoder_unavailable")
    assert ask(Address("B-Weg", "1")).problem == "geocoder_unavailable"
    assert (len(server.requests), answers) == (1, {})
    now[0] += 301
    nominatim(server, house("Sonnenwall", "73-75"))
    assert ask(SONNENWALL).quality == "exact"


def test_a_server_that_is_not_there_is_away(geocoder: Make, city: City) -> None:
    """A refused connection is no error of ours."""
    ask = Geocoder(fetch, kind="photon", url="http://127.0.0.1:9", city=city, answers=Kept())
    assert ask(SONNENWALL).problem == "geocoder_unavailable"


def test_the_user_is_named_honestly(server: Site, geocoder: Make) -> None:
    """The fetch handed in says who asks; the geocoder adds and hides nothing."""
    nominatim(server)
    geocoder()(SONNENWALL)
    request: Request = server.requests[0]
    assert request.headers["user-agent"] == "integrationslandkarte-tests"


def test_placing_and_geocoding_work_together(server: Site, geocoder: Make, city: City) -> None:
    """From a location's address over loopback to a pin in its district, and a listing for the one that is not found."""
    server.pages["/search"] = lambda request: json.dumps([house("Sonnenwall", "73")] if "Sonnenwall" in request.path else [])
    nothing = {"latitude": None, "longitude": None, "place_quality": "none", "district_code": None, "subdistrict_code": None}
    own = rows.location(street="Sonnenwall", house_number="73", **nothing)
    lost = rows.location(location_id="du-x:0000000000000000", street="Nirgendweg", house_number="9", **nothing)
    placer = Placer(replace(city, postcodes={}), geocoder=geocoder())
    result = placer.place(Batch(locations=[own, lost], offers=[rows.offer()], locators={rows.OFFER_ID: "Zeile 17"}))
    assert [(row["place_quality"], row["district_code"], row["longitude"]) for row in result.locations] == [
        ("exact", "500", 6.7663),
        ("none", None, None),
    ]
    assert [(problem.code, problem.value) for problem in result.problems] == [
        ("address_not_found", "Nirgendweg 9, 47051 Duisburg")
    ]
    assert placer.attributions == (LICENCE,)
