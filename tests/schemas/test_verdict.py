"""Our verdicts are frictionless' own: type, row, field, note, message and order of every error, for text, values and frames."""

import csv
from collections.abc import Mapping, Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from frictionless import Dialect, Package, Resource, Schema, formats
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.judge import Lookups, TableError
from schemas.tables import load
from schemas.verdict import TableValidator
from tests import awkward, rows

BASE: dict[str, dict[str, Any]] = {
    "offers": rows.offer(),
    "sessions": rows.session(),
    "organisations": rows.organisation(),
    "locations": rows.location(),
    "translations": rows.translation(),
    "sources": rows.source_row(),
    "problems": rows.problem_row(),
    "districts": {"code": "500", "name": "Mitte", "parent_code": None},
}
ITEM = {"type": "string", "constraints": {"enum": ["de"]}}
# Beside ours: keys of several and of other types than text, unique cells, other missing values, lists frictionless writes into
STRANGE: dict[str, Any] = {
    "fields": [
        {"name": "number", "type": "integer", "constraints": {"minimum": -1}},
        {"name": "day", "type": "date"},
        {"name": "mail", "type": "string", "format": "email", "constraints": {"unique": True}},
        {"name": "tags", "type": "array", "constraints": {"maxLength": 2}, "arrayItem": ITEM},
        {"name": "price", "type": "number", "constraints": {"minimum": 0.5, "maximum": 55.1}},
        {"name": "spot", "type": "geopoint"},
        {"name": "yes", "type": "boolean"},
        {"name": "else", "type": "any"},
    ],
    "missingValues": ["", "-", "None"],
    "primaryKey": ["number", "day"],
}


def theirs(
    descriptor: Mapping[str, Any], table: Sequence[Sequence[Any]], labels: Sequence[str] | None = None
) -> list[TableError]:
    """Give frictionless' own errors of a table of inline rows."""
    names = [field["name"] for field in descriptor["fields"]]
    data = [list(names if labels is None else labels), *deepcopy([list(row) for row in table])]
    # said, not guessed: from ragged rows frictionless concludes that the header stands elsewhere
    dialect = Dialect(header=True, header_rows=[1])
    resource = Resource(data=data, dialect=dialect, schema=Schema.from_descriptor(deepcopy(dict(descriptor))))
    return flat(resource.validate(limit_errors=10**9).tasks[0].errors)


def flat(errors: Sequence[Any]) -> list[TableError]:
    return [
        TableError(error.type, getattr(error, "row_number", None), getattr(error, "field_name", ""), error.note, error.message)
        for error in errors
    ]


def without_keys(table: str) -> dict[str, Any]:
    """Give our schema of a table, without the foreign keys: those need a package."""
    return {key: value for key, value in load(table).items() if key != "foreignKeys"}


def text(cell: Any) -> str:
    return "" if cell is None else str(cell).lower() if isinstance(cell, bool) else str(cell)


def crashes(cell: Any) -> bool:
    """Whether frictionless cannot read a cell without falling over."""
    return cell == "sNaN" or (isinstance(cell, str) and "\ud800" in cell)


def spoiled(data: st.DataObject, base: list[Any], values: Sequence[Any], *, ragged: bool) -> list[list[Any]]:
    """Make a small table of a good row: some cells awkward, some keys doubled, some rows blank, too short or too long."""
    table = []
    for number in range(data.draw(st.integers(1, 9))):
        row = deepcopy(base)
        if isinstance(row[0], str) and data.draw(st.booleans()):
            row[0] = f"{row[0]}{number}"
        for _ in range(data.draw(st.sampled_from([0, 1, 1, 2, 6]))):
            row[data.draw(st.integers(0, len(row) - 1))] = deepcopy(data.draw(st.sampled_from(values)))
        kind = data.draw(st.integers(0, 30))
        if kind == 0:
            row = [type(values[0])() if values[0] is not None else None] * len(row)
        elif kind == 1 and ragged:
            row = row[: data.draw(st.integers(0, len(row) - 1))]
        elif kind == 2 and ragged:
            row += ["mehr", ""]
        table.append(row)
    return table


TEXTS = [cell for cell in awkward.TEXTS if not crashes(cell)]
NATIVES = [*awkward.NATIVES, *TEXTS]


@pytest.mark.parametrize("name", BASE)
@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_text_cells_get_the_same_verdicts(name: str, data: st.DataObject) -> None:
    """Rows of a CSV file, ragged and blank ones among them, by rows; whole ones by columns, too."""
    descriptor = without_keys(name)
    table = spoiled(data, [text(cell) for cell in BASE[name].values()], TEXTS, ragged=True)
    validator = TableValidator(descriptor)
    assert theirs(descriptor, table) == list(validator.errors(deepcopy(table)))
    whole = [row for row in table if len(row) == len(descriptor["fields"])]
    frame = pl.DataFrame(whole, schema=dict.fromkeys(BASE[name], pl.String), orient="row")
    assert theirs(descriptor, whole) == list(validator.errors_of_frame(frame))
    nulls = frame.with_columns(pl.all().replace("", None))
    assert theirs(descriptor, whole) == list(validator.errors_of_frame(nulls))


@pytest.mark.parametrize("name", BASE)
@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_native_cells_get_the_same_verdicts(name: str, data: st.DataObject) -> None:
    """Inline rows with numbers, booleans, None, lists and worse: as sequences and as mappings."""
    descriptor = without_keys(name)
    table = spoiled(data, list(BASE[name].values()), NATIVES, ragged=False)
    before = deepcopy(table)
    expected = theirs(descriptor, table)
    assert expected == list(TableValidator(descriptor).errors(table))
    assert expected == list(TableValidator(descriptor).errors([dict(zip(BASE[name], row, strict=True)) for row in table]))
    assert repr(before) == repr(table)


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_other_schemas_get_the_same_verdicts(data: st.DataObject) -> None:
    """What our tables do not use is slower, not different: typed keys of two fields, unique cells, lists, missing values."""
    base = [1, "2026-03-02", "a@b.de", ["de"], 1.5, "6.7,51.4", True, "x"]
    texts = ["1", "2026-03-02", "a@b.de", '["de"]', "1.5", "6.7,51.4", "true", "x"]
    for cells, values in ((base, NATIVES), (texts, TEXTS)):
        hashable = [value for value in values if not isinstance(value, (list, dict))]
        table = spoiled(data, cells, hashable, ragged=True)
        assert theirs(STRANGE, table) == list(TableValidator(STRANGE).errors(deepcopy(table)))


def test_typed_columns_get_the_same_verdicts() -> None:
    """A snapshot's frame, with integers, floats and booleans, is judged like its rows."""
    table = [rows.offer(offer_id=f"du-beispiel-kurse:{number}") for number in range(6)]
    table[1] |= {"age_min": 121, "cost_amount": -1.0, "childcare": None}
    table[2] |= {"title": None, "cost_amount": float("nan"), "capacity_max": -3}
    table[3] |= {"offer_id": "du-beispiel-kurse:0", "places_free": 5, "interpreter": False}
    table[4] |= {"topics": "familie", "cost_amount": 1e300}
    frame = pl.DataFrame(table, infer_schema_length=None)
    expected = theirs(without_keys("offers"), [list(row.values()) for row in table])
    assert expected == list(TableValidator(without_keys("offers")).errors_of_frame(frame, null=None))
    assert len(expected) == 7


def test_a_csv_file_gets_the_same_verdicts(tmp_path: Path) -> None:
    """The whole way through a file: the rows csv.reader gives, and the columns polars reads."""
    path = tmp_path / "offers.csv"
    table = [[text(cell) for cell in rows.offer(offer_id=f"du-beispiel-kurse:{number % 40}").values()] for number in range(50)]
    for number, cell in enumerate(TEXTS):
        if not {"\x00", "\r"} & set(cell):  # csv.reader itself refuses or changes these
            table[number % 50][number % 57] = cell
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerows([[*BASE["offers"]], *table])
    control = formats.CsvControl(delimiter=",", quote_char='"', line_terminator="\n", skip_initial_space=False)
    resource = Resource(
        path=path.name,
        basepath=str(tmp_path),
        encoding="utf-8",
        dialect=Dialect(controls=[control]),
        schema=Schema.from_descriptor(without_keys("offers")),
    )
    expected = flat(resource.validate(limit_errors=10**9).tasks[0].errors)
    validator = TableValidator(without_keys("offers"))
    with path.open(encoding="utf-8", newline="") as stream:
        reader = csv.reader(stream)
        assert expected == list(validator.errors(reader, labels=next(reader)))
    assert expected == list(validator.errors_of_frame(pl.read_csv(path, infer_schema=False)))
    assert len(expected) > 60


@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_foreign_keys_get_the_same_verdicts(data: st.DataObject) -> None:
    """Offers that name organisations and locations of their package, and organisations that name each other."""
    draw = data.draw
    organisation_cell = st.sampled_from(["a", "b", "c", "", " a", "ä"])
    location_cell = st.sampled_from(["du-x:0123456789abcdef", "du-x:1", ""])
    offers = [
        [text(cell) for cell in rows.offer(offer_id=f"du-x:{number % 3}", organisation_id=who, location_id=place).values()]
        for number, (who, place) in enumerate(draw(st.lists(st.tuples(organisation_cell, location_cell), min_size=1, max_size=6)))
    ]
    organisations = [
        [text(cell) for cell in rows.organisation(organisation_id=own, parent_organisation_id=parent).values()]
        for own, parent in draw(st.lists(st.tuples(organisation_cell, organisation_cell), min_size=1, max_size=6))
    ]
    locations = [[text(cell) for cell in rows.location(location_id="du-x:0123456789abcdef").values()]]
    tables = {"organisations": organisations, "locations": locations, "offers": offers}
    descriptors = {name: load(name) for name in tables}
    descriptors["locations"].pop("foreignKeys")
    schemas = {name: Schema.from_descriptor(deepcopy(descriptor)) for name, descriptor in descriptors.items()}
    inline = {name: [[*BASE[name]], *deepcopy(table)] for name, table in tables.items()}
    package = Package(resources=[Resource(name=name, data=inline[name], schema=schemas[name]) for name in tables])
    report = package.validate(limit_errors=10**9)
    expected = {task.name: flat(task.errors) for task in report.tasks}
    known = {(row[0],) for row in organisations if row[0]}
    places = {(row[0],) for row in locations}
    lookups: Lookups = {"organisations": {("organisation_id",): known}, "locations": {("location_id",): places}}
    for name in ("offers", "organisations"):
        validator = TableValidator(descriptors[name], lookups=lookups if name == "offers" else None)
        frame = pl.DataFrame(tables[name], schema=dict.fromkeys(BASE[name], pl.String), orient="row")
        assert expected[name] == list(validator.errors(tables[name]))
        assert expected[name] == list(validator.errors_of_frame(frame))


@pytest.mark.parametrize(
    "labels",
    [
        ["parent_code", "name", "code"],
        ["code", "name"],
        ["code", "name", "parent_code", "population", "population"],
        ["code", "name", "Parent_code"],
        ["code", "", "code"],
        ["name"],
        ["x", "y", "z"],
    ],
)
def test_a_header_in_another_order_gets_the_same_verdicts(labels: list[str]) -> None:
    """The order of the fields counts; wrong, missing, doubled and further labels are told before the rows are judged."""
    table = [["500", "Mitte", "", "7", "8"][: len(labels)], ["500", "", "x" * 50, "", ""][: len(labels)], ["-", "1"]]
    assert theirs(load("districts"), table, labels) == list(TableValidator(load("districts")).errors(table, labels=labels))


def test_where_frictionless_crashes_the_cell_is_wrong_and_the_others_go_on() -> None:
    """sNaN against a bound and half a surrogate pair in an address end frictionless; here they are type errors."""
    half = rows.offer(offer_id="du-x:2", url="https://a.de/\ud800")
    table = [rows.offer(cost_amount="sNaN"), half, rows.offer(offer_id="du-x:3", age_min=130)]
    errors = list(TableValidator(load("offers")).errors(table))
    assert [(error.type, error.row_number) for error in errors] == [("type-error", 2), ("type-error", 3), ("constraint-error", 4)]
    assert errors[0].note == 'type is "number/default"'


def test_nothing_is_left_of_an_empty_table() -> None:
    """No rows, no errors: whether a table may be empty is not a question of its schema."""
    validator = TableValidator(load("offers"))
    assert list(validator.errors([])) == []
    assert list(validator.errors_of_frame(pl.DataFrame(schema=dict.fromkeys(BASE["offers"], pl.String)))) == []


def test_a_row_is_accepted_or_must_be_looked_at() -> None:
    """Accepting is a promise; not accepting is none."""
    validator = TableValidator(load("offers"))
    assert validator.accepts(rows.offer())
    assert validator.accepts(list(rows.offer().values()))
    assert not validator.accepts(rows.offer(title=None))
    assert not validator.accepts(rows.offer(start_date="2026-2-8"))  # valid all the same
    assert list(validator.errors([rows.offer(start_date="2026-2-8")])) == []
