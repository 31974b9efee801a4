"""A city is its folder: Duisburg's loads whole, its borders fit together, and a broken folder is one German sentence."""

import json
import shutil
import tomllib
from pathlib import Path

import pytest
import shapely
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from schemas.areas import read_areas
from schemas.city import City, load_city
from schemas.problems import SchemaError
from schemas.tables import CITY_TABLES, columns, schema
from schemas.vocabulary import licences
from tools import simplify_districts

DUISBURG = Path(__file__).parents[2] / "cities" / "duisburg"

TOML = """
key = "musterstadt"
name = "Musterstadt"
languages = ["de", "ar"]
ags = "01234567"
time_zone = "Europe/Berlin"
[publisher]
name = "Stadt Musterstadt"
[catalogue]
title = "Karte Musterstadt"
description = "Angebote in Musterstadt."
licence = "dl-zero-de/2.0"
[postcodes]
12345 = "1"
"""
SQUARE = {"type": "Polygon", "coordinates": [[[7.0, 51.0], [7.1, 51.0], [7.1, 51.1], [7.0, 51.1], [7.0, 51.0]]]}


@pytest.fixture
def duisburg() -> City:
    return load_city(DUISBURG)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small city of one square district."""
    (tmp_path / "city.toml").write_text(TOML, encoding="utf-8")
    write_areas(tmp_path / "districts.geojson", {"code": "1", "name": "Mitte"})
    (tmp_path / "organisations.csv").write_text(
        "organisation_id,name,aliases,organisation_types\nvhs,Volkshochschule Musterstadt,VHS;Vhs Musterstadt,vhs\n",
        encoding="utf-8",
    )
    return tmp_path


def write_areas(path: Path, *properties: dict[str, str], geometry: object = SQUARE, **members: object) -> None:
    features = [{"type": "Feature", "properties": own, "geometry": geometry} for own in properties]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features} | members), encoding="utf-8")


def polygons(city: City, table: str) -> dict[str, BaseGeometry]:
    return {area.code: shape(area.geometry) for area in read_areas(city.geometry[table])}


def test_duisburg_has_its_districts_and_all_its_subdistricts(duisburg: City) -> None:
    """Seven Stadtbezirke, 46 Ortsteile, 27 of them with a polygon, none of them lost for lack of one."""
    assert [row["code"] for row in duisburg.districts] == ["100", "200", "300", "400", "500", "600", "700"]
    assert len(duisburg.subdistricts) == 46
    assert len(duisburg.polygons("subdistricts")) == 27
    assert {"code": "202", "name": "Marxloh", "parent_code": "200"} in duisburg.subdistricts
    assert duisburg.quarters == () == duisburg.polygons("quarters")


def test_duisburg_says_who_and_where_it_is(duisburg: City) -> None:
    """What every room asks: key, official key, time zone, licence, and a box with the town hall in it."""
    assert (duisburg.key, duisburg.ags, duisburg.zone.key) == ("duisburg", "05112000", "Europe/Berlin")
    assert duisburg.licence in licences()
    west, south, east, north = duisburg.box
    assert west < 6.7622 < east and south < 51.4353 < north
    assert json.loads(json.dumps(duisburg.public))["areas"]["districts"]["attribution"] == "© OpenStreetMap-Mitwirkende"


def test_the_rows_of_the_city_are_rows_of_their_tables(duisburg: City) -> None:
    """Districts, subdistricts and institutions pass the schemas they are published with."""
    for table in (*CITY_TABLES, "organisations"):
        fields = schema(table).fields
        for row in getattr(duisburg, table):
            assert tuple(row) == columns(table)
            for field in fields:
                assert field.read_cell(row[field.name])[1] is None, (table, row, field.name)


def test_an_institution_is_known_by_any_of_its_names(duisburg: City) -> None:
    """Two sources that write the name differently mean the same row; an unknown name is not guessed at."""
    assert duisburg.find_organisation("VHS  duisburg") == duisburg.find_organisation("Volkshochschule der Stadt Duisburg")
    assert duisburg.find_organisation("Kommunales Integrationszentrum") == "ki-duisburg"
    assert duisburg.find_organisation("Volkshochschule Essen") is None


def test_neighbours_neither_overlap_nor_leave_gaps(duisburg: City) -> None:
    """The simplified districts are one coverage without a hole, and so are the subdistricts."""
    for table in ("districts", "subdistricts"):
        drawn = list(polygons(duisburg, table).values())
        assert all(polygon.is_valid for polygon in drawn)
        assert shapely.coverage_is_valid(drawn)
        whole = shapely.union_all(drawn)
        assert whole.geom_type == "Polygon"
        assert shapely.get_num_interior_rings(whole) == 0
        assert whole.area == pytest.approx(sum(polygon.area for polygon in drawn), rel=1e-9)


def test_no_subdistrict_leaves_its_district(duisburg: City) -> None:
    """Both levels were simplified together, so a point cannot be in a subdistrict of another district."""
    districts = polygons(duisburg, "districts")
    parents = {row["code"]: row["parent_code"] for row in duisburg.subdistricts}
    for code, polygon in polygons(duisburg, "subdistricts").items():
        assert districts[parents[code]].covers(polygon), code


def test_the_borders_say_where_they_come_from_and_how_exact_they_are(duisburg: City) -> None:
    """Attribution, licence and error stand in the file, and city.toml gives the same figure."""
    for table in ("districts", "subdistricts"):
        head = json.loads(duisburg.geometry[table].read_text(encoding="utf-8"))
        assert head["attribution"] == "© OpenStreetMap-Mitwirkende"
        assert head["licence"] == "http://dcat-ap.de/def/licenses/odbl"
        assert head["exactness"]["largest_distance_m"] == duisburg.exactness_m[table] < 50
        assert head["exactness"]["points_moved"] < 100 < head["exactness"]["points_tested"]


def test_the_error_of_the_borders_is_what_was_measured(duisburg: City, shared_data: Path) -> None:
    """Measured again against the exact polygons, the figures in the files are true."""
    exact = {
        "districts": shared_data / "geo_duisburg" / "derived" / "duisburg_stadtbezirke.geojson",
        "subdistricts": shared_data / "geo_duisburg" / "derived" / "duisburg_ortsteile_27of46.geojson",
    }
    for table, path in exact.items():
        areas = simplify_districts.read_areas(path)
        drawn = polygons(duisburg, table)
        simple = {area.code: simplify_districts.Area(area.code, area.name, area.parent, drawn[area.code]) for area in areas}
        head = json.loads(duisburg.geometry[table].read_text(encoding="utf-8"))
        assert head["exactness"] == simplify_districts.measure(areas, simple).as_member(25.0)


def test_exact_borders_are_a_setting(tmp_path: Path, shared_data: Path) -> None:
    """With the city's own file set, points are placed by it; drawing stays with the simplification."""
    copy = tmp_path / "duisburg"
    shutil.copytree(DUISBURG, copy)
    official = shared_data / "geo_duisburg" / "derived" / "duisburg_stadtbezirke.geojson"
    text = (copy / "city.toml").read_text(encoding="utf-8")
    (copy / "city.toml").write_text(text.replace('exact = ""', f'exact = "{official}"', 1), encoding="utf-8")
    city = load_city(copy)
    assert city.exact["districts"] == official
    assert city.exactness_m == {"districts": 0.0, "subdistricts": 21.4, "quarters": 0.0}
    assert {area.code for area in city.polygons("districts")} == {row["code"] for row in city.districts}
    assert city.geometry["districts"] == copy / "districts.geojson"


def test_every_setting_of_duisburg_is_explained() -> None:
    """Above each key of city.toml stands a German comment."""
    explained: set[str] = set()
    above = ""
    for line in (DUISBURG / "city.toml").read_text(encoding="utf-8").splitlines():
        if "=" in line and not line.startswith("#"):
            key = line.partition("=")[0].strip()
            explained |= {key} if above.startswith("# ") else set()
            assert key in explained, line
        above = line


def test_a_small_city_needs_little(folder: Path) -> None:
    """A TOML file and a polygon make a city; the box comes from the polygon."""
    city = load_city(folder)
    assert city.box == (7.0, 51.0, 7.1, 51.1)
    assert city.districts == ({"code": "1", "name": "Mitte", "parent_code": None},)
    assert city.postcodes == {"12345": "1"}
    assert city.find_organisation("vhs musterstadt") == "vhs"
    assert (city.addresses, city.sources, city.contact) == (None, (), "")


def test_a_city_may_borrow_borders_from_another_folder(folder: Path) -> None:
    """A relative path is enough: the examples draw the same districts as the city they are made for."""
    other = folder / "other"
    other.mkdir()
    (other / "city.toml").write_text(TOML + '[districts]\nfile = "../districts.geojson"\n', encoding="utf-8")
    assert load_city(other).districts == load_city(folder).districts


def test_sources_and_addresses_are_found(folder: Path) -> None:
    """Source files in order, house coordinates as a path or an address."""
    (folder / "sources").mkdir()
    for name in ("b-two.yml", "a-one.yml", "notes.txt"):
        (folder / "sources" / name).touch()
    (folder / "houses.csv").touch()
    text = (folder / "city.toml").read_text(encoding="utf-8")
    (folder / "city.toml").write_text(text + '[addresses]\nfile = "houses.csv"\n', encoding="utf-8")
    city = load_city(folder)
    assert [path.stem for path in city.sources] == ["a-one", "b-two"]
    assert city.addresses == folder / "houses.csv"
    (folder / "city.toml").write_text(text + '[addresses]\nfile = "https://stadt.example/haus.csv"\n', encoding="utf-8")
    assert load_city(folder).addresses == "https://stadt.example/haus.csv"


def test_the_fingerprint_changes_with_what_becomes_public(folder: Path) -> None:
    """Same files, same fingerprint; another name of a district, another one; a new source changes nothing."""
    first = load_city(folder).fingerprint
    (folder / "sources").mkdir()
    (folder / "sources" / "a-one.yml").touch()
    assert load_city(folder).fingerprint == first
    write_areas(folder / "districts.geojson", {"code": "1", "name": "Zentrum"})
    assert load_city(folder).fingerprint != first


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('key = "musterstadt"', 'key = "Muster Stadt"', "key"),
        ('name = "Musterstadt"\n', "", "‚name‘ fehlt"),
        ('["de", "ar"]', '["de", "xx"]', "‚xx‘ gibt es nicht"),
        ("Europe/Berlin", "Mars/Krater", "keine Zeitzone"),
        ("Europe/Berlin", "../etc/passwd", "keine Zeitzone"),
        ("01234567", "1234", "ags"),
        ("dl-zero-de/2.0", "frei", "keine bekannte Lizenz"),
        ('12345 = "1"', '12345 = "9"', "Stadtbezirk ‚9‘"),
        ('12345 = "1"', '1234 = "1"', "1234"),
        ("[postcodes]", "[postcode]", "‚postcode‘ kennen wir nicht"),
        ("[postcodes]", "[colours]\nbrand = 'blau'\n[postcodes]", "blau"),
        ("[postcodes]", "[districts]\nexact = 'fehlt.geojson'\n[postcodes]", "‚fehlt.geojson‘ (districts.exact) gibt es nicht"),
        ("[postcodes]", "[addresses]\nfile = 'fehlt.csv'\n[postcodes]", "‚fehlt.csv‘ (addresses.file) gibt es nicht"),
        ("[postcodes]", "[postcodes", "kein gültiges TOML"),
        ("languages", "box = [7.1, 51.0, 7.0, 51.1]\nlanguages", "West, Süd, Ost, Nord"),
    ],
)
def test_a_broken_city_file_is_one_german_sentence(folder: Path, old: str, new: str, says: str) -> None:
    """The file is named and what is wrong in it."""
    path = folder / "city.toml"
    assert old in TOML
    path.write_text(TOML.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(SchemaError) as caught:
        load_city(folder)
    assert str(caught.value).startswith(str(path))
    assert says in str(caught.value)
    assert "\n" not in str(caught.value).strip()


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("organisations.csv", "id,name\n", "Zeile 1: Nötig sind die Spalten organisation_id, name"),
        ("organisations.csv", "organisation_id,name\nvhs,\n", "Zeile 2: Die Spalte name ist leer"),
        ("organisations.csv", "organisation_id,name\nvhs,VHS,zu viel\n", "Zeile 2: Die Zeile hat 3 statt 2 Spalten"),
        ("organisations.csv", "organisation_id,name\nVHS!,VHS\n", "Zeile 2: ‚VHS!‘ passt nicht in die Spalte organisation_id"),
        ("organisations.csv", "organisation_id,name,organisation_types\nvhs,VHS,club\n", "Zeile 2: ‚club‘ passt nicht"),
        ("organisations.csv", "organisation_id,name\nvhs,VHS\nvhs,Vhs\n", "Zeile 3: Die Kennung ‚vhs‘ kommt zweimal vor"),
        ("organisations.csv", "organisation_id,name,aliases\nvhs,VHS,Kurs\nawo,AWO,kurs\n", "‚kurs‘ gehört schon zu ‚vhs‘"),
        ("organisations.csv", "organisation_id,name,parent_organisation_id\nvhs,VHS,stadt\n", "Organisation ‚stadt‘ fehlt"),
        ("organisations.csv", 'organisation_id,name\n"vhs,VHS\n', "kein gültiges CSV"),
        ("districts.csv", "code,name\n1,Mitte\n1,Nord\n", "Zeile 3: Der Code ‚1‘ kommt zweimal vor"),
        ("districts.csv", "code,name,has_polygon\n1,Mitte,false\n", "Zeile 2: has_polygon stimmt für ‚1‘ nicht"),
        ("districts.csv", "code,name\n2,Nord\n", "‚1‘ hat Grenzen, steht aber nicht in der Liste"),
        ("subdistricts.csv", "code,name,parent_code\n11,Altstadt,9\n", "‚Altstadt‘ (subdistricts) gehört zu ‚9‘"),
        ("districts.geojson", "{", "kein gültiges GeoJSON"),
        ("districts.geojson", '{"type": "FeatureCollection", "features": []}', "keine FeatureCollection mit Gebieten"),
    ],
)
def test_a_broken_list_is_one_german_sentence(folder: Path, name: str, content: str, says: str) -> None:
    """Names of file and line, what is wrong there, what to do."""
    (folder / name).write_text(content, encoding="utf-8")
    with pytest.raises(SchemaError) as caught:
        load_city(folder)
    assert says in str(caught.value)
    assert "Bitte" in str(caught.value)


@pytest.mark.parametrize(
    ("properties", "members", "says"),
    [
        ([{"name": "Mitte"}], {}, "Gebiet 1: Die Eigenschaft ‚code‘"),
        ([{"code": "1"}], {}, "‚1‘ fehlt der Name"),
        ([{"code": "1", "name": "Mitte"}] * 2, {}, "Gebiet 2: Der Code ‚1‘ kommt zweimal vor"),
        ([{"code": "1", "name": "Mitte"}], {"geometry": {"type": "Point", "coordinates": [7, 51]}}, "kein Polygon"),
        ([{"code": "1", "name": "Mitte"}], {"geometry": {"type": "Polygon", "coordinates": [[["a", "b"]] * 4]}}, "nicht lesbar"),
        ([{"code": "1", "name": "Mitte"}], {"geometry": {"type": "Polygon", "coordinates": [[[7, 51]]]}}, "nicht lesbar"),
        ([{"code": "1", "name": "Mitte"}], {"geometry": {"type": "MultiPolygon", "coordinates": None}}, "nicht lesbar"),
        ([{"code": "1", "name": "Mitte"}], {"geometry": {"type": "Polygon"}}, "nicht lesbar"),
        (
            [{"code": "1", "name": "Mitte"}],
            {"geometry": {"type": "Polygon", "coordinates": [[[344e3, 57e5], [345e3, 57e5], [345e3, 58e5], [344e3, 57e5]]]}},
            "nicht in WGS84",
        ),
        ([{"code": "1", "name": "Mitte"}], {"crs": {"type": "name", "properties": {"name": "EPSG:25832"}}}, "nicht in WGS84"),
    ],
)
def test_broken_borders_are_one_german_sentence(
    folder: Path, properties: list[dict[str, str]], members: dict[str, object], says: str
) -> None:
    """Borders in metres, without codes or without polygons stop the program before anything is placed wrongly."""
    write_areas(folder / "districts.geojson", *properties, **members)
    with pytest.raises(SchemaError) as caught:
        load_city(folder)
    assert says in str(caught.value)
    assert "Bitte" in str(caught.value)


def test_exact_borders_must_fit_the_list(folder: Path) -> None:
    """Codes nobody knows, or a district without borders, are said before a point is placed."""
    path = folder / "official.geojson"
    text = TOML + '[districts]\nexact = "official.geojson"\nexact_code = "BEZ"\n'
    (folder / "city.toml").write_text(text, encoding="utf-8")
    write_areas(path, {"BEZ": "1"})
    assert [area.code for area in load_city(folder).polygons("districts")] == ["1"]
    write_areas(path, {"BEZ": "7"})
    with pytest.raises(SchemaError, match="‚7‘ gibt es in districts nicht"):
        load_city(folder).polygons("districts")
    (folder / "districts.csv").write_text("code,name\n1,Mitte\n2,Nord\n", encoding="utf-8")
    write_areas(path, {"BEZ": "1"})
    with pytest.raises(SchemaError, match="Grenzen des Stadtbezirks ‚2‘ fehlen"):
        load_city(folder).polygons("districts")


def test_no_city_is_one_german_sentence(tmp_path: Path) -> None:
    """A wrong folder is named."""
    with pytest.raises(SchemaError, match=r"city\.toml: Hier ist keine Stadt zu finden"):
        load_city(tmp_path / "nirgends")


def test_no_secret_and_no_person_stands_in_the_folder() -> None:
    """The registry has no telephone, no mail and no address, and city.toml no token."""
    head = (DUISBURG / "organisations.csv").read_text(encoding="utf-8").splitlines()[0].split(",")
    assert not {"email", "phone", "street"} & set(head)
    assert "token" not in tomllib.loads((DUISBURG / "city.toml").read_text(encoding="utf-8"))
