"""Official house coordinates are read as they come; an address finds its house, its street or nothing, never another house."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from pyproj import Transformer

from schemas.addresses import Address, AddressIndex, Found, load_addresses, read_numbers, to_key
from schemas.addressfile import read_houses
from schemas.problems import SchemaError
from tests.houses import AGS, EAST, NORTH, gebref, hk_de, houses, with_header


@pytest.fixture(scope="module")
def index() -> AddressIndex:
    """Give the index of the invented town."""
    return load_addresses(with_header(houses()), attribution="Stadt Musterstadt")


def find(index: AddressIndex, street: str | None, number: str | None = None, postcode: str | None = None) -> Found:
    found = index.find(Address(street, number, postcode, "Musterstadt"))
    assert found is not None
    return found


def metres(found: Found) -> tuple[float, float]:
    """Give a point in metres from the town's corner."""
    east, north = Transformer.from_crs("EPSG:4326", "EPSG:25832", always_xy=True).transform(found.longitude, found.latitude)
    return round(east - EAST), round(north - NORTH)


@pytest.mark.parametrize("write", [hk_de, gebref, with_header])
def test_the_files_of_surveying_offices_are_read_as_they_come(write: object) -> None:
    """With and without header, cp1252 and UTF-8, decimal comma, zone before the value: the same houses at the same points."""
    read = read_houses(write(houses()), ags=AGS)  # type: ignore[operator]
    assert len(read) == len(houses())
    first = read.row(0, named=True)
    assert (first["street"], first["number"], first["suffix"]) == ("Musterstraße", 1, "")
    assert (round(first["longitude"], 4), round(first["latitude"], 4)) == (6.7631, 51.4317)
    assert set(read["postal_code"].unique()) == ({None} if write is gebref else {"47051", "47053", "47259"})


@pytest.mark.parametrize(
    ("header", "row"),
    [
        ("Straße;Hausnr.;Hausnr_Zusatz;PLZ;Ostwert;Nordwert", "Musterstraße;7;a;47051;344542.0;5700212.0"),
        ("STN,HNR,ADZ,RECHTSWERT,HOCHWERT", '"Musterstraße","7","a","2553144.83","5699957.22"'),
        ("strasse\thausnummer\tlat\tlon", "Musterstraße\t7a\t51.4317536\t6.7635947"),
        ("X;Y;STRNAME;HSNR", "5700212.0;32344542.0;Musterstraße;7a"),
        ("sep=;\nstreet;house_number;x;y", "Musterstraße;7 a;344542,0;5700212,0"),
    ],
)
def test_headers_and_coordinate_systems_are_recognised(header: str, row: str) -> None:
    """UTM with and without zone, Gauß-Krüger, degrees, northing called X: within five metres of the same place."""
    (house,) = read_houses(f"{header}\n{row}\n".encode()).to_dicts()
    assert (house["number"], house["suffix"]) == (7, "a")
    assert (house["longitude"], house["latitude"]) == (pytest.approx(6.763595, abs=7e-5), pytest.approx(51.431754, abs=5e-5))


def test_columns_may_be_named() -> None:
    """Where a header has words of its own, the caller says which column is which."""
    raw = b"Lage;Nr;Ost;Nord\nMusterweg;3;344542;5700212\n"
    with pytest.raises(SchemaError, match="nicht erkannt"):
        read_houses(raw, name="adressen.csv")
    assert read_houses(raw, columns={"street": "Lage", "x": "Ost", "y": "Nord"})["street"].to_list() == ["Musterweg"]


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"", "nicht erkannt"),
        (b"a;b;c\n1;2;3\n", "nicht erkannt"),
        (b"street;house_number;x;y\n", "keine Adressen"),
        (b"street;house_number;x;y\nWeg;eins;1;2\n", "keine Adressen"),
        (b"street;house_number;x;y\nWeg;1;99999999;88888888\n", "unbekannter Art"),
    ],
)
def test_a_file_that_is_none_is_one_german_sentence(raw: bytes, said: str) -> None:
    """What is wrong, in which file, what to do."""
    with pytest.raises(SchemaError, match=said) as raised:
        load_addresses(raw, name="adressen.csv")
    assert str(raised.value).startswith("adressen.csv: ")
    with pytest.raises(SchemaError, match="nicht lesbar"):
        load_addresses(Path("gibt/es/nicht.csv"))


def test_broken_lines_do_not_cost_the_others() -> None:
    """Too short, too long, without number: the rest is read."""
    raw = b"street;house_number;x;y\nWeg;1;344542;5700212\nWeg\nWeg;2;344552;5700212;mehr;noch mehr\nWeg;;344552;5700212\n"
    assert read_houses(raw)["number"].to_list() == [1, 2]


@pytest.mark.parametrize(
    "street", ["Sankt-Johann-Straße", "St. Johann-Str.", "ST.-JOHANN-STRASSE", "Sankt Johann Strasse", "st johannstr"]
)
def test_a_street_is_found_however_it_is_written(index: AddressIndex, street: str) -> None:
    """Abbreviations, hyphens, capitals, ss for ß."""
    assert metres(find(index, street, "4")) == (36, -200)


def test_umlauts_and_squares_are_folded() -> None:
    """ä and ae are the same letter, Platz and Pl. the same word; different streets stay different."""
    assert to_key("König-Heinrich-Platz") == to_key("Koenig Heinrich Pl.") == to_key("KÖNIGHEINRICHPLATZ")
    assert len({to_key(name) for name in ("Musterstraße", "Musterweg", "Mustergasse", "Neue Musterstraße", "Müsterstraße")}) == 5


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("73", [(73, "")]),
        ("73-75", [(73, ""), (75, "")]),
        ("73–75", [(73, ""), (75, "")]),
        ("7/9", [(7, ""), (9, "")]),
        ("3, 5 und 7", [(3, ""), (5, ""), (7, "")]),
        ("12 A", [(12, "a")]),
        ("12a-c", [(12, "a")]),
        ("12 1/2", [(12, "1/2")]),
        ("004", [(4, "")]),
        ("12 Hinterhaus", [(12, "")]),
        ("", []),
        ("ohne", []),
        ("x" * 500, []),
    ],
)
def test_house_numbers_are_read_as_people_write_them(text: str, numbers: list[tuple[int, str]]) -> None:
    """Suffixes, ranges, lists, halves."""
    assert read_numbers(text) == numbers


def test_a_known_house_is_exact(index: AddressIndex) -> None:
    """The point of the house itself, whoever must be named with it."""
    found = find(index, "Musterstr.", "73", "47051")
    assert (found.quality, found.problem, found.attribution) == ("exact", None, "Stadt Musterstadt")
    assert metres(found) == (438, 12)
    assert find(index, "Musterstraße", "12 b").quality == "exact"
    assert metres(find(index, "Musterstraße", "73-75")) == metres(find(index, "Musterstraße", "73"))
    assert find(index, "Sonnenwall", "73-75").quality == find(index, "Sonnenwall", "73").quality == "exact"
    assert metres(find(index, "Musterstraße", "74-76")) == metres(find(index, "Musterstraße", "76"))


def test_a_house_beside_known_ones_is_on_the_street(index: AddressIndex) -> None:
    """12 where there are 12a and 12b needs no word; 74 beside 72 does."""
    near = find(index, "Musterstraße", "12")
    assert (near.quality, near.problem, metres(near)) == ("street", None, (72, -12))
    beside = find(index, "Musterstraße", "74")
    assert (beside.quality, beside.problem, metres(beside)) == ("street", "house_number_unknown", (432, -12))


def test_a_house_far_from_known_ones_is_no_pin_on_a_long_street(index: AddressIndex) -> None:
    """Number 110 of a street of 1.2 kilometres: listed, with the points of the street to tell the district."""
    found = find(index, "Musterstraße", "110")
    assert (found.quality, found.longitude, found.problem) == ("area", None, "house_number_unknown")
    assert found.spread is not None and len(found.spread) > 150
    assert find(index, "Musterstraße").quality == "area"


def test_a_short_street_is_a_pin_in_its_middle(index: AddressIndex) -> None:
    """Sixty metres of street: the middle is never far from the house."""
    assert (find(index, "Kurze Gasse").quality, metres(find(index, "Kurze Gasse"))) == ("street", (30, 300))
    assert find(index, "Kurze Gasse", "99").problem == "house_number_unknown"


def test_two_streets_of_one_name_need_the_postcode(index: AddressIndex) -> None:
    """Without it the address is ambiguous and no pin; a number only one of them has needs none."""
    twice = find(index, "Dorfstraße", "15")
    assert (twice.quality, twice.longitude, twice.problem) == ("area", None, "address_ambiguous")
    assert metres(find(index, "Dorfstraße", "15", "47051")) == (500, 605)
    assert metres(find(index, "Dorfstraße", "15", "47259")) == (500, -9105)
    assert find(index, "Dorfstraße", "25").quality == "exact"


def test_what_the_city_does_not_have_is_not_found(index: AddressIndex) -> None:
    """Another street, another town's postcode, no street at all."""
    assert index.find(Address("Bahnhofstraße", "1")) is None
    assert index.find(Address("Musterstraße", "1", "10115")) is None
    assert index.find(Address(None, "1")) is None
    assert find(index, "Musterstraße", "73", "47259").quality == "exact"  # one of the town's, only not this street's


def test_every_house_of_a_whole_city_is_found(tmp_path: Path) -> None:
    """150,000 houses of 4,000 streets: each asked for is placed exactly, however many there are."""
    number = np.arange(150_000)
    street = pl.Series(number % 4_000)
    frame = pl.DataFrame(
        {
            "street": pl.select(pl.format("Weg der Musterleute {} Straße", street)).to_series(),
            "house_number": number // 4_000 + 1,
            "x": 340_000.0 + (number % 65) * 150 + number // 4_000,
            "y": 5_690_000.0 + (number % 4_000) * 4,
        }
    )
    frame.write_csv(tmp_path / "addresses.csv", separator=";")
    index = load_addresses(tmp_path / "addresses.csv")
    found = [index.find(Address(f"Weg der Musterleute {place % 4_000} Str.", str(place % 30 + 1))) for place in range(2_000)]
    assert len(index) == 150_000
    assert [one and one.quality for one in found] == ["exact"] * 2_000
