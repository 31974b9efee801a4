"""The table schemas are what the data model says, agree with the vocabularies, and make a package plain frictionless accepts."""

import csv
import io
import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from frictionless import Schema, validate

from schemas.problems import SchemaError, problem_codes
from schemas.tables import CITY_TABLES, FILES, TABLES, bound, columns, field_title, load, package_template, read_table, schema
from schemas.vocabulary import load as load_vocabulary
from tests import rows

ROWS: dict[str, Callable[..., rows.Row]] = {
    "organisations": rows.organisation,
    "locations": rows.location,
    "offers": rows.offer,
    "sessions": rows.session,
    "translations": rows.translation,
    "sources": rows.source_row,
    "problems": rows.problem_row,
}
AREAS: dict[str, list[rows.Row]] = {
    "districts": [{"code": "500", "name": "Duisburg-Mitte", "parent_code": None}],
    "subdistricts": [{"code": "501", "name": "Altstadt", "parent_code": "500"}],
    "quarters": [],
}


def test_the_tables_are_those_of_the_data_model() -> None:
    """Seven tables of ours, three of the city, and two files that accompany them in the package."""
    assert TABLES[:7] == ("organisations", "locations", "offers", "sessions", "translations", "sources", "problems")
    assert TABLES[7:] == CITY_TABLES == ("districts", "subdistricts", "quarters")
    assert set(FILES) - set(TABLES) == {"vocabularies", "withdrawn", "matches"}


def test_the_offer_has_its_columns_in_order() -> None:
    """An offer begins with where it comes from and ends with rights and origin; no column is lost between."""
    names = columns("offers")
    assert len(names) == 58
    assert names[:6] == ("offer_id", "source_key", "record_id", "record_url", "organisation_id", "partner_organisation_ids")
    assert names[-6:] == ("rights", "licence", "attribution", "origin_catalogue", "origin_id", "origin_path")


@pytest.mark.parametrize("table", FILES)
def test_frictionless_accepts_every_table_schema(table: str) -> None:
    """Each descriptor is a valid Table Schema, and loses nothing on its way through frictionless."""
    assert Schema.validate_descriptor(load(table)).valid
    assert tuple(schema(table).field_names) == columns(table)


@pytest.mark.parametrize("table", FILES)
def test_every_field_speaks_german(table: str) -> None:
    """Each field has a title and a description that ends like a sentence: CKAN and the downloads show both."""
    for field in load(table)["fields"]:
        assert field["title"], field["name"]
        assert field["description"].endswith("."), field["name"]


@pytest.mark.parametrize("table", FILES)
def test_enums_and_patterns_equal_the_vocabularies(table: str) -> None:
    """A code of the vocabulary is a value of the table and nothing else is; tools/bind_tables.py makes it so."""
    assert bound(load(table)) == load(table)


@pytest.mark.parametrize("table", TABLES)
def test_a_list_accepts_its_codes_and_no_glued_ones(table: str) -> None:
    """frictionless brackets no pattern itself: `a|b` would accept the beginning of anything. Ours are bracketed."""
    for field in load(table)["fields"]:
        name = field.get("vocabulary")
        if name and field.get("list"):
            first, last = load_vocabulary(name).codes[0], load_vocabulary(name).codes[-1]
            read = schema(table).get_field(field["name"]).read_cell
            for good in (first, f"{first};{last}", ";".join(load_vocabulary(name).codes)):
                assert read(good)[1] is None, (field["name"], good)
            for bad in (f"{first};", f";{first}", f"{first}{last}", f"{first}; {last}", f"{first};x", f"x{last}"):
                assert read(bad)[1] is not None, (field["name"], bad)


@pytest.mark.parametrize("table", FILES)
def test_no_pattern_has_a_bare_alternative(table: str) -> None:
    """Every pattern means the same with and without the brackets frictionless forgets."""
    for field in load(table)["fields"]:
        pattern = field.get("constraints", {}).get("pattern")
        if pattern:
            outside = re.sub(r"\[[^\]]*\]", "", pattern)
            while "(" in outside:
                outside = re.sub(r"\([^()]*\)", "", outside)
            assert "|" not in outside, field["name"]


def test_foreign_keys_point_at_columns_that_exist() -> None:
    """A reference names a table of the package (or none, for itself) and a column that is its primary key."""
    for table in FILES:
        for key in load(table).get("foreignKeys", []):
            target = load(key["reference"]["resource"] or table)
            assert set(key["fields"]) <= set(columns(table))
            assert key["reference"]["fields"] == target["primaryKey"]


@pytest.mark.parametrize("table", ROWS)
def test_the_rows_of_the_tests_are_valid(table: str) -> None:
    """What other tests start from has all columns in order and passes its own schema."""
    row = ROWS[table]()
    assert columns(table) == tuple(row)
    for field in schema(table).fields:
        assert field.read_cell(row[field.name])[1] is None, field.name


def test_a_row_with_an_unknown_column_is_a_mistake_of_the_test() -> None:
    """A misspelt change must not make a test pass by accident."""
    with pytest.raises(KeyError, match="titel"):
        rows.offer(titel="Deutsch")


@pytest.mark.parametrize(
    ("table", "field", "good", "bad"),
    [
        ("offers", "offer_id", "du-vhs:K-1%2F2", "du-vhs:K 1"),
        ("offers", "cefr_from", "B1.2", "B1.3"),
        ("offers", "taught_language", "zh-Hant", "Deutsch"),
        ("offers", "contact_phone", "+492032834567", "0203 2834567"),
        ("offers", "age_min", 0, -1),
        ("offers", "cost_amount", 12.5, -0.5),
        ("offers", "record_url", "https://kurse.example/1", "ftp://kurse.example/1"),
        ("offers", "licence", "http://dcat-ap.de/def/licenses/dl-by-de/2.0", "dl-by-de/2.0"),
        ("offers", "source_modified", "2026-03-02T16:00:00+01:00", "2026-03-02T16:00"),
        ("offers", "start_date", "2026-03-02", "02.03.2026"),
        ("offers", "title", "D" * 200, "D" * 201),
        ("sessions", "session_id", "du-vhs:1@2026-03-02T16:00:00+01:00~2", "du-vhs:1"),
        ("sessions", "session_id", "du-vhs:1@mo-16:00", "du-vhs:1@"),
        ("sessions", "start_time", "23:59", "24:00"),
        ("sessions", "exdates", "2026-03-02;2026-03-09T16:00:00+01:00", "2026-03-02,2026-03-09"),
        ("locations", "location_id", "du-vhs:0123456789abcdef", "du-vhs:0123"),
        ("locations", "postal_code", "47051", "4705"),
        ("locations", "latitude", 51.4, 91),
        ("sources", "source_key", "du-vhs-kurse", "Du_VHS"),
        ("problems", "code", "bad_date", "odd_date"),
    ],
)
def test_a_field_knows_good_from_bad(table: str, field: str, good: object, bad: object) -> None:
    """One value each way for the constraints that matter most."""
    read = schema(table).get_field(field).read_cell
    assert read(good)[1] is None
    assert read(bad)[1] is not None


def test_the_problem_codes_are_closed() -> None:
    """The public table of problems accepts the codes of the list and no others."""
    fields = {field["name"]: field for field in load("problems")["fields"]}
    assert fields["code"]["constraints"]["enum"] == list(problem_codes())


def test_a_column_is_known_by_its_german_title() -> None:
    """Sentences name columns as people know them."""
    assert field_title("end_date") == "Ende"
    assert field_title("kursnummer") is None


def test_what_load_gives_may_be_changed() -> None:
    """A caller's changes never reach the next caller."""
    load("offers")["fields"].clear()
    assert len(load("offers")["fields"]) == 58


def test_reading_tables_does_not_load_frictionless() -> None:
    """Commands that only read column names answer at once."""
    code = "import sys, schemas.tables as t; t.columns('offers'); t.package_template(); print('frictionless' in sys.modules)"
    root = Path(__file__).parents[2]
    assert subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True).stdout == "False\n"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("{", "kein gültiges JSON"),
        ("[]", "keine Felder"),
        ('{"fields": []}', "keine Felder"),
        ('{"fields": [{"title": "Name"}]}', "keinen Namen"),
        ('{"fields": [{"name": "a"}, {"name": "a"}]}', "zweimal"),
    ],
)
def test_a_broken_table_file_is_one_german_sentence(tmp_path: Path, content: str, says: str) -> None:
    """The file is named, the fault is named, and what to do is said."""
    path = tmp_path / "offer.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(SchemaError, match=rf"^offer\.json: .*{says}.*Bitte"):
        read_table(path)


def test_an_unknown_table_is_one_german_sentence() -> None:
    """The names that exist are listed."""
    with pytest.raises(SchemaError, match=r"‚angebote‘ gibt es nicht\. Bekannt sind: organisations"):
        load("angebote")


def test_the_template_passes_plain_frictionless(tmp_path: Path) -> None:
    """A package of tiny rows, CSV with BOM and semicolons, GeoJSON, ICS, XLSX and Parquet passes as it is."""
    path = write_package(tmp_path, {table: [make()] for table, make in ROWS.items()} | AREAS)
    report = validate(str(path))
    assert [error.message for task in report.tasks for error in task.errors] == []
    assert report.stats["tasks"] == len(package_template()["resources"])


@pytest.mark.parametrize(
    ("table", "changes", "error"),
    [
        ("offers", {"location_id": "du-beispiel-kurse:fedcba9876543210"}, "foreign-key"),
        ("locations", {"district_code": "900"}, "foreign-key"),
        ("organisations", {"parent_organisation_id": "niemand"}, "foreign-key"),
        ("sessions", {"weekday": "Montag"}, "constraint-error"),
        ("offers", {"age_min": "sechs"}, "type-error"),
    ],
)
def test_the_template_catches_a_broken_package(tmp_path: Path, table: str, changes: dict[str, Any], error: str) -> None:
    """The other way round: what is wrong in the published files is found by anybody's frictionless."""
    broken = {name: [make()] for name, make in ROWS.items()} | AREAS | {table: [ROWS[table](**changes)]}
    report = validate(str(write_package(tmp_path, broken)))
    assert [(table, error)] == [(task.name, found.type) for task in report.tasks for found in task.errors]


def write_package(folder: Path, tables: dict[str, list[dict[str, Any]]]) -> Path:
    """Write a whole package by the template, as the publisher would, and give its descriptor."""
    template = package_template()
    for resource in template["resources"]:
        (folder / resource["path"]).write_bytes(_content(resource["name"], tables.get(resource["name"], [])))
    path = folder / "datapackage.json"
    path.write_text(json.dumps(template, ensure_ascii=False), encoding="utf-8")
    return path


def _content(name: str, found: list[dict[str, Any]]) -> bytes:
    if name in FILES:
        text = io.StringIO()
        writer = csv.writer(text, delimiter=";", quoting=csv.QUOTE_ALL, lineterminator="\n")
        writer.writerow(columns(name))
        writer.writerows([str(cell).lower() if isinstance(cell, bool) else cell for cell in row.values()] for row in found)
        return b"\xef\xbb\xbf" + text.getvalue().encode()
    if name.endswith("-geojson"):
        return b'{"type": "FeatureCollection", "features": []}'
    if name.endswith("-ics"):
        return b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//\r\nEND:VCALENDAR\r\n"
    return b"PK" if name.endswith("-xlsx") else b"PAR1"
