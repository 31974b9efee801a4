"""Locations get a pin only where the place is; the rest is listed in its district or without a place. Never a false pin."""

import csv
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pyproj import Transformer

from schemas.addresses import Address, AddressIndex, Found, load_addresses
from schemas.areas import Area, read_areas
from schemas.city import City, load_city
from schemas.districts import Areas
from schemas.place import Placer
from schemas.rows import Batch
from tests import rows
from tests.houses import houses, with_header

MITTE = (6.7655, 51.4335)  # in the Altstadt
PLACE = ("latitude", "longitude", "place_quality", "district_code", "subdistrict_code")


@pytest.fixture(scope="module")
def city() -> City:
    """Give Duisburg, with one postcode that lies in one district entirely."""
    return replace(load_city(Path(__file__).parents[2] / "cities" / "duisburg"), postcodes={"47051": "500"})


@pytest.fixture(scope="module")
def index() -> AddressIndex:
    """Give the invented town's houses."""
    return load_addresses(with_header(houses()), attribution="Stadt Musterstadt")


def bare(**changes: Any) -> dict[str, Any]:
    """Give a location as normalising leaves it: an address, no point, no district."""
    nothing = {"latitude": None, "longitude": None, "place_quality": "none", "district_code": None, "subdistrict_code": None}
    return rows.location(**{**nothing, "street": "Musterstr.", "house_number": "73", "city": "Duisburg", **changes})


def place(placer: Placer, *locations: dict[str, Any]) -> tuple[list[dict[str, Any]], list[tuple[str, str | None]]]:
    """Place some locations of the same offer; give their rows and the problems told."""
    result = placer.place(Batch(locations=list(locations), offers=[rows.offer()], locators={rows.OFFER_ID: "Zeile 17"}))
    assert all(list(before) == list(after) for before, after in zip(locations, result.locations, strict=True))
    return result.locations, [(problem.code, problem.value) for problem in result.problems]


def known(row: dict[str, Any]) -> list[Any]:
    return [row[column] for column in PLACE]


def test_several_threads_may_ask_for_areas_at_once(city: City) -> None:
    """Each gets what it would get alone; GEOS itself would break the heap when a prepared polygon's first question is asked twice."""
    generator = np.random.default_rng(1)
    west, south, east, north = city.box
    points = np.column_stack([generator.uniform(west, east, 500), generator.uniform(south, north, 500)])
    alone = Areas(city.polygons("districts")).find(points)
    with ThreadPoolExecutor(4) as threads:
        for _ in range(20):
            fresh = Areas(city.polygons("districts"))
            assert [alone] * 4 == [*threads.map(fresh.find, [points] * 4)]


def test_an_address_gets_the_point_of_its_house_and_its_districts(city: City, index: AddressIndex) -> None:
    """Exact, in Mitte, in the Dellviertel; who gave the point is remembered."""
    placer = Placer(city, index)
    (row,), problems = place(placer, bare())
    assert (row["place_quality"], row["district_code"], row["subdistrict_code"]) == ("exact", "500", "507")
    assert (row["longitude"], row["latitude"]) == (pytest.approx(6.7693, abs=1e-4), pytest.approx(51.4319, abs=1e-4))
    assert problems == []
    assert placer.attributions == ("Stadt Musterstadt",)


def test_a_house_that_is_not_known_is_beside_its_neighbour_or_only_listed(city: City, index: AddressIndex) -> None:
    """74 stands on the street at 72; 110 only in the district, if the whole street lies in one; both are told."""
    (beside, listed), problems = place(Placer(city, index), bare(house_number="74"), bare(house_number="110"))
    assert (beside["place_quality"], beside["latitude"] is None) == ("street", False)
    assert known(listed)[:4] == [None, None, "area", "500"]
    assert problems == [
        ("house_number_unknown", "Musterstr. 74, 47051 Duisburg"),
        ("house_number_unknown", "Musterstr. 110, 47051 Duisburg"),
    ]


def test_an_ambiguous_address_gets_no_pin(city: City, index: AddressIndex) -> None:
    """Two streets of one name in two districts: neither pin nor district, and the partner is asked for the postcode."""
    (row,), problems = place(Placer(city, index), bare(street="Dorfstraße", house_number="15", postal_code=None))
    assert known(row) == [None, None, "none", None, None]
    assert problems == [("address_ambiguous", "Dorfstraße 15, Duisburg")]


def test_a_postcode_alone_gives_the_district_only_where_the_city_says_so(city: City) -> None:
    """47051 lies in Mitte entirely, as this city says; 47053 may lie anywhere."""
    bare_postcode = {"street": None, "house_number": None}
    (sure, unsure), problems = place(Placer(city), bare(**bare_postcode), bare(postal_code="47053", **bare_postcode))
    assert known(sure) == [None, None, "area", "500", None]
    assert known(unsure) == [None, None, "none", None, None]
    assert problems == [("no_address", None), ("no_address", None)]


def test_without_any_service_addresses_are_listed_and_nobody_is_blamed(city: City) -> None:
    """No house coordinates, no geocoder: the district by the postcode, no problem."""
    (row,), problems = place(Placer(city), bare())
    assert (known(row), problems) == ([None, None, "area", "500", None], [])


def test_a_partners_point_is_kept(city: City, index: AddressIndex) -> None:
    """It is the partner's to know; only the districts are added."""
    (row,), problems = place(Placer(city, index), bare(longitude=MITTE[0], latitude=MITTE[1], street="Nirgendweg"))
    assert known(row) == [MITTE[1], MITTE[0], "exact", "500", "501"]
    assert problems == []


def test_a_point_outside_the_city_is_told_and_stays_a_pin(city: City) -> None:
    """An offer in the next town may be meant; it has no district. A point on another continent is a mistake."""
    moers = bare(longitude=6.6260, latitude=51.4516, city="Moers", postal_code="47441", street="Markt", house_number="1")
    swapped = bare(longitude=MITTE[1], latitude=MITTE[0], street=None)
    (near, far), problems = place(Placer(city), moers, swapped)
    assert known(near) == [51.4516, 6.626, "exact", None, None]
    assert known(far) == [None, None, "area", "500", None]
    assert problems == [
        ("bad_coordinates", "6.7655, 51.4335"),
        ("no_address", None),
        ("outside_city", "Markt 1, 47441 Moers"),
    ]


def test_a_point_in_a_far_town_is_outside_and_not_wrong(city: City, index: AddressIndex) -> None:
    """Münster by its name, or by nothing but its point: the point is right, so the one thing to tell is where it lies."""
    muenster = {"longitude": 7.6271, "latitude": 51.9418}
    named = bare(**muenster, city="Münster", postal_code="48143", street="Domplatz", house_number="1")
    bare_point = bare(**muenster, city=None, postal_code=None, street=None, house_number=None)
    unnamed = bare(**muenster, city=None, postal_code=None)
    placed, problems = place(Placer(city, index), named, bare_point, unnamed)
    assert [known(row) for row in placed] == [[None, None, "none", None, None]] * 3
    assert problems == [
        ("outside_city", "Domplatz 1, 48143 Münster"),
        ("outside_city", "51.9418, 7.6271"),
        ("outside_city", "Musterstr. 73"),
    ]


def test_a_far_point_of_an_address_in_the_city_is_wrong(city: City, index: AddressIndex) -> None:
    """Town or postcode say Duisburg and the point says Münster; or latitude and longitude are swapped: the address counts."""
    muenster = {"longitude": 7.6271, "latitude": 51.9418}
    swapped = {"longitude": MITTE[1], "latitude": MITTE[0], "city": None, "postal_code": None}
    placed, problems = place(Placer(city, index), bare(**muenster), bare(**muenster, city=None), bare(**swapped))
    assert [row["place_quality"] for row in placed] == ["exact", "exact", "exact"]
    assert problems == [
        ("bad_coordinates", "51.9418, 7.6271"), ("bad_coordinates", "51.9418, 7.6271"), ("bad_coordinates", "6.7655, 51.4335"),
    ]  # fmt: skip


def test_an_address_of_another_town_is_not_looked_for_in_this_one(city: City, index: AddressIndex) -> None:
    """A Musterstraße 73 in Moers is not ours; parts of the city are, with or without its name."""
    named = [bare(city=name, postal_code=None) for name in ("Moers", "Duisburg-Marxloh", "Duisburg (Mitte)", "Rheinhausen", None)]
    placed, problems = place(Placer(city, index), *named)
    assert [row["place_quality"] for row in placed] == ["none", "exact", "exact", "exact", "exact"]
    assert problems == [("outside_city", "Musterstr. 73, Moers")]


def test_a_protected_address_is_never_placed(city: City, index: AddressIndex) -> None:
    """Not by its address, not by its point; nobody is asked about it, and what betrays it is taken out."""
    asked: list[Address] = []

    def geocode(address: Address) -> Found:
        asked.append(address)
        return Found("exact", *MITTE)

    secret = bare(
        address_protected=True, longitude=MITTE[0], latitude=MITTE[1], place_quality="exact", public_transport="Rathaus"
    )
    (row,), problems = place(Placer(city, index, geocode), secret)
    assert known(row)[:3] == [None, None, "area"]
    assert (row["street"], row["house_number"], row["public_transport"], row["name"]) == (None, None, None, "Haus Beispiel")
    assert (asked, problems) == ([], [("protected_address", None)])


def test_virtual_and_mobile_places_need_no_address(city: City) -> None:
    """A web room has no pin whatever its row says; a bus has none either, and nobody must give its address."""
    web = bare(location_type="virtual", longitude=MITTE[0], latitude=MITTE[1], street=None, postal_code=None)
    bus = bare(location_type="mobile", street=None, postal_code=None)
    placed, problems = place(Placer(city), web, bus)
    assert [known(row) for row in placed] == [[None, None, "none", None, None]] * 2
    assert problems == []


def test_a_geocoder_is_asked_where_the_houses_are_silent(city: City, index: AddressIndex) -> None:
    """Known houses need no geocoder; what it does not find is told; its credit is remembered."""
    asked: list[str] = []

    def geocode(address: Address) -> Found | None:
        asked.append(str(address))
        if address.street == "Neue Gasse":
            return Found("street", *MITTE, attribution="© OpenStreetMap-Mitwirkende")
        return Found("none", problem="address_not_found")

    placer = Placer(city, index, geocode)
    (own, found, lost), problems = place(placer, bare(), bare(street="Neue Gasse"), bare(street="Alte Gasse"))
    assert asked == ["Neue Gasse 73, 47051 Duisburg", "Alte Gasse 73, 47051 Duisburg"]
    assert (own["place_quality"], known(found), lost["place_quality"]) == (
        "exact",
        [*MITTE[::-1], "street", "500", "501"],
        "area",
    )
    assert problems == [("address_not_found", "Alte Gasse 73, 47051 Duisburg")]
    assert placer.attributions == ("Stadt Musterstadt", "© OpenStreetMap-Mitwirkende")


def test_a_geocoder_that_is_away_is_told_once(city: City) -> None:
    """One sentence until it answers again, however many addresses wait; none of them is called wrong."""
    answers = [Found("none", problem="geocoder_unavailable")] * 4 + [
        Found("exact", *MITTE),
        Found("none", problem="geocoder_unavailable"),
    ]
    placer = Placer(city, geocoder=lambda address: answers.pop(0))
    placed, problems = place(placer, bare(), bare(house_number="75"), bare(house_number="77"))
    assert problems == [("geocoder_unavailable", None)]
    assert {row["place_quality"] for row in placed} == {"area"}
    assert place(placer, bare())[1] == []
    assert place(placer, bare(), bare(house_number="75"))[1] == [("geocoder_unavailable", None)]


def test_what_the_partner_says_about_the_district_counts_where_there_is_no_point(city: City) -> None:
    """A subdistrict without polygon is believed; one the point contradicts is not."""
    (told, wrong), _ = place(
        Placer(city),
        bare(street=None, postal_code=None, district_code="200", subdistrict_code="202"),
        bare(longitude=MITTE[0], latitude=MITTE[1], district_code="100", subdistrict_code="701"),
    )
    assert known(told) == [None, None, "area", "200", "202"]
    assert known(wrong)[3:] == ["500", "501"]


def test_a_batch_without_locations_is_the_same_batch(city: City) -> None:
    """Nothing to do, nothing done."""
    batch = Batch(offers=[rows.offer()])
    assert Placer(city).place(batch) is batch


SQUARES = [
    Area("b", "B", None, {"type": "Polygon", "coordinates": [[[7.0, 51.0], [7.1, 51.0], [7.1, 51.1], [7.0, 51.1], [7.0, 51.0]]]}),
    Area("a", "A", None, {"type": "Polygon", "coordinates": [[[7.1, 51.0], [7.2, 51.0], [7.2, 51.1], [7.1, 51.1], [7.1, 51.0]]]}),
]


def test_a_point_on_a_border_belongs_to_the_smaller_code() -> None:
    """Inside counts first, then the border, in the order of the codes; a corner outside belongs to nobody."""
    points = np.array([[7.05, 51.05], [7.15, 51.05], [7.1, 51.05], [7.0, 51.0], [7.3, 51.05]])
    assert Areas(SQUARES).find(points) == ["b", "a", "a", "b", None]


def test_a_point_just_outside_a_simplified_outline_belongs_to_the_nearest() -> None:
    """As far out as the outline may be off, and not a metre more."""
    step = 1 / 111_320
    points = np.array([[7.05, 51.1 + 30 * step], [7.15, 51.1 + 30 * step], [7.05, 51.1 + 60 * step]])
    assert Areas(SQUARES, exactness_m=42.6).find(points) == ["b", "a", None]
    assert Areas(SQUARES).find(points) == [None, None, None]
    assert Areas([], exactness_m=42.6).find(points) == [None, None, None]


def test_all_schools_of_duisburg_lie_in_exactly_one_district(shared_data: Path, city: City) -> None:
    """136 real schools, UTM: each in one of the seven, and the shipped outline places every one as the exact polygons do."""
    path = shared_data / "nrw_schools" / "schuldaten_duisburg.csv"
    lines = path.read_text(encoding="utf-8-sig").splitlines()[1:]
    schools = list(csv.DictReader(lines, delimiter=";"))
    to_degrees = Transformer.from_crs("EPSG:25832", "EPSG:4326", always_xy=True).transform
    points = np.array([to_degrees(float(school["UTMRechtswert"]), float(school["UTMHochwert"])) for school in schools])
    exact = read_areas(shared_data / "geo_duisburg" / "derived" / "duisburg_stadtbezirke.geojson")
    found = Areas(exact).find(points)
    assert len(found) == 136 and set(found) == {"100", "200", "300", "400", "500", "600", "700"}
    hits = sum(np.array([code is not None for code in Areas([area]).find(points)]).astype(int) for area in exact)
    assert set(np.asarray(hits).tolist()) == {1}
    batch = Batch(locations=[bare(longitude=float(x), latitude=float(y)) for x, y in points], offers=[rows.offer()])
    assert [row["district_code"] for row in Placer(city).place(batch).locations] == found


@pytest.mark.parametrize("name", ["Oberhausen", "Rathaus Moers, Moers", "(Moers)", "Mülheim an der Ruhr"])
def test_an_address_that_names_another_town_gets_no_pin_here(name: str) -> None:
    """Without a postcode "Königstraße 12, Oberhausen" is not our Königstraße 12; a house of our own keeps its pin."""
    city = load_city(Path(__file__).parents[2] / "cities" / "duisburg")
    house = "street;house_number;postal_code;city;x;y\nKönigstraße;12;47051;Duisburg;345200;5700900\n"
    placer = Placer(city, load_addresses(house.encode(), name="houses.csv"))
    blank = {
        "street": "Königstraße",
        "house_number": "12",
        "postal_code": None,
        "city": None,
        "latitude": None,
        "longitude": None,
    }
    blank |= {"place_quality": "none", "district_code": None, "subdistrict_code": None, "quarter_code": None}
    elsewhere, ours = (rows.location(name=text, **blank) for text in (name, "Haus der Essener Straße"))
    placed = placer.place(Batch(locations=[elsewhere, ours | {"location_id": "du-beispiel-kurse:fedcba9876543210"}]))

    assert [row["place_quality"] for row in placed.locations] == ["none", "exact"]
    assert [problem.code for problem in placed.problems] == ["outside_city"]
