"""The compiled check is sound: what it vouches for, frictionless accepts. And it vouches for nearly all that is right."""

import re
from typing import Any

import polars as pl
import pytest
from frictionless import Field
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.columns import suspect_rows, to_rust
from schemas.compile import REMEMBERED, compile_native, compile_text
from schemas.fields import plans, to_fast
from schemas.tables import TABLES, load
from tests import awkward, rows

OURS = [(table, field) for table in TABLES for field in load(table)["fields"]]
NAMES = [f"{table}.{field['name']}" for table, field in OURS]

# What our tables do not use, or not like this: the compiler may refuse all of it, but must not accept what frictionless refuses
OTHERS: list[dict[str, Any]] = [
    {"type": "integer"},
    {"type": "integer", "constraints": {"minimum": -5, "exclusiveMaximum": 9}},
    {"type": "integer", "bareNumber": False},
    {"type": "number"},
    {"type": "number", "constraints": {"minimum": 0.1, "maximum": 55.1}},
    {"type": "number", "constraints": {"minimum": 55.100000000000001}},
    {"type": "number", "decimalChar": ","},
    {"type": "number", "groupChar": ",", "constraints": {"required": True}},
    {"type": "boolean", "trueValues": ["ja"], "falseValues": ["nein"]},
    {"type": "boolean", "constraints": {"required": True}, "missingValues": ["", "0"]},
    {"type": "date", "constraints": {"minimum": "2026-01-01"}},
    {"type": "date", "format": "%d.%m.%Y"},
    {"type": "date", "format": "any"},
    {"type": "datetime", "constraints": {"required": True}},
    {"type": "datetime", "format": "any"},
    {"type": "time"},
    {"type": "year"},
    {"type": "yearmonth"},
    {"type": "duration"},
    {"type": "any", "constraints": {"required": True}},
    {"type": "object"},
    {"type": "geopoint"},
    {"type": "geopoint", "format": "array"},
    {"type": "geopoint", "format": "object"},
    {"type": "geojson"},
    {"type": "array", "arrayItem": {"type": "string", "constraints": {"pattern": "[a-z]{2,3}"}}},
    {"type": "array", "constraints": {"required": True, "minLength": 1}},
    {"type": "list", "delimiter": ";"},
    {"type": "string", "constraints": {"pattern": "a|b"}},
    {"type": "string", "constraints": {"pattern": "[0-9]{5}"}},
    {"type": "string", "constraints": {"pattern": r"\d+\s?\w*"}},
    {"type": "string", "constraints": {"pattern": r"(?:[a-z]|%[0-9]{2})z"}},
    {"type": "string", "constraints": {"pattern": r"(?:[a-z]|%[0-9]{2})+z"}},
    {"type": "string", "constraints": {"pattern": ".*"}},
    {"type": "string", "constraints": {"pattern": "(?=a).*"}},
    {"type": "string", "constraints": {"required": True, "minLength": 3}},
    {"type": "string", "constraints": {"required": True, "pattern": "x*"}},
    {"type": "string", "constraints": {"enum": ["A", "B", "", " "]}},
    {"type": "string", "constraints": {"required": True, "enum": ["A", ""]}},
    {"type": "string", "constraints": {"required": True, "enum": ["-", "0"]}, "missingValues": ["-"]},
    {"type": "string", "constraints": {"required": True}, "missingValues": ["", "-", "None"]},
    {"type": "string", "format": "email", "constraints": {"minLength": 7}},
    {"type": "string", "format": "uri"},
    {"type": "string", "format": "uri", "constraints": {"pattern": "http://a|x:"}},
    {"type": "string", "format": "uuid"},
    {"type": "string", "format": "binary"},
    {"type": "string", "somethingNew": True},
    {"type": "integer", "constraints": {"required": True}, "missingValues": ["", "-1"]},
]
TYPED: list[list[Any]] = [
    [None, 0, 1, -1, 7, 120, 121],
    [None, 0.0, 1.5, float("nan"), float("inf"), -200.0],
    [None, True, False],
    [None, None],
]
EVERY = [field for _, field in OURS] + [{"name": "x", **field} for field in OTHERS]


def refused(field: dict[str, Any], cell: Any) -> bool:
    """Ask frictionless' own reader; where it crashes, it has not accepted."""
    theirs = Field.from_descriptor({key: value for key, value in field.items() if key not in ("list", "vocabulary")})
    try:
        _, notes = theirs.create_cell_reader()(cell)
    except Exception:
        return True
    return bool(notes)


def vouched_columns(field: dict[str, Any], cells: list[Any]) -> list[Any]:
    """Give the cells the columnar check vouches for."""
    suspect = suspect_rows(plans({"fields": [field]}), pl.DataFrame({field["name"]: cells}, strict=False))
    return [cell for cell, bad in zip(cells, suspect, strict=True) if not bad]


@pytest.mark.parametrize("field", EVERY, ids=[*NAMES, *map(str, OTHERS)])
def test_nothing_is_vouched_for_that_frictionless_refuses(field: dict[str, Any]) -> None:
    """Row by row or by columns, text or native: an accepted cell is a valid cell."""
    text, native = compile_text(plans({"fields": [field]})), compile_native(plans({"fields": [field]}))
    for cell in awkward.TEXTS:
        for _ in range(2):  # the second time from memory
            assert text([cell]) or not refused(field, cell), f"text {cell!r}"
            assert native([cell]) or not refused(field, cell), f"native {cell!r}"
    for cell in awkward.NATIVES:
        try:
            vouched = not native([cell])
        except TypeError:
            vouched = False
        assert not vouched or not refused(field, cell), f"native {cell!r}"
    whole = [cell for cell in awkward.TEXTS if "\ud800" not in cell]
    good = vouched_columns(field, [None, *whole])
    assert len(good) * 2 == len(vouched_columns(field, good * 2))
    for column in (good, *(vouched_columns(field, cells) for cells in TYPED)):
        assert [cell for cell in column if refused(field, cell)] == []


SHAPED = [field for _, field in OURS if "pattern" in field.get("constraints", {}) or field.get("format") in ("email", "uri")]


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_texts_near_the_right_shape_are_judged_soundly(data: st.DataObject) -> None:
    """A text that fits a pattern, with one character changed, is where an unsound pattern shows."""
    field = data.draw(st.sampled_from(SHAPED))
    pattern = field["constraints"].get("pattern") or r"[a-zà-ž.!]{1,9}@(?:[a-z0-9-]{1,5}\.){1,2}[a-z0-9]{1,4}"
    cell = data.draw(st.from_regex(pattern, fullmatch=True))
    place = data.draw(st.integers(0, len(cell)))
    cell = cell[:place] + data.draw(st.text(max_size=1)) + cell[place + data.draw(st.integers(0, 1)) :]
    assert compile_text(plans({"fields": [field]}))([cell]) or not refused(field, cell)
    if not any("\ud800" <= sign <= "\udfff" for sign in cell):
        assert cell not in vouched_columns(field, [cell]) or not refused(field, cell)


@pytest.mark.parametrize(("table", "field"), OURS, ids=NAMES)
def test_every_field_of_ours_is_compiled(table: str, field: dict[str, Any]) -> None:
    """No field of our tables is left to frictionless as a whole, neither by rows nor by columns."""
    (plan,) = plans({"fields": [field]})
    assert plan.kind != "never"
    assert plan.pattern is None or to_rust(plan.pattern) is not None


USUAL = {
    "url": [
        "https://vhs.example/kurse/müttertreff?ort=Köln&q=a%20b#übersicht",
        "http://127.0.0.1:8000/a",
        "https://bücher.example/",
    ],
    "title": ["Deutsch für Anfänger*innen – „Los geht's!“", "اللغة الألمانية", "Спілкування німецькою", "👩‍👩‍👧 Café"],
    "description": ["Zeile 1\nZeile 2\t• Punkt", "x" * 20000],
    "topics": ["family;language", "school"],
    "keywords": ["Café;Nähen & Stricken;B1/B2", "Ostern 2027"],
    "contact_phone": ["+492032834567", "+4915112345678"],
    "contact_email": [
        "kurse@vhs.example",
        "info-du@sub.a-b.example",
        "info@bücher.example",
        "büro@verein.example",
        "o'neil+x@a.b.example",
    ],
    "source_modified": ["2026-03-02T16:00:00+01:00", "2024-02-29T23:59:59Z", "2026-03-02T16:00:00.123+02:00"],
    "start_date": ["2026-03-02", "2024-02-29", "1999-12-31"],
    "cefr_to": ["B1.2", "C2"],
    "offer_id": ["du-vhs-kurse:26F-%C3%9C12_3.4~5"],
    "cost_amount": ["25.50", "0", "1200"],
    "licence": ["http://dcat-ap.de/def/licenses/dl-by-de/2.0"],
    "childcare": ["true", "FALSE", "1"],
}


@pytest.mark.parametrize("column", USUAL)
def test_what_partners_really_write_is_vouched_for(column: str) -> None:
    """Umlauts in addresses, free text in any script, lists, E.164, datetimes with offset: none of it needs frictionless."""
    field = next(field for field in load("offers")["fields"] if field["name"] == column)
    text = compile_text(plans({"fields": [field]}))
    assert [()] * len(USUAL[column]) == [text([cell]) for cell in USUAL[column]]
    assert not [cell for cell in USUAL[column] if refused(field, cell)]


def test_whole_rows_of_every_table_are_vouched_for() -> None:
    """A finished row of each table passes, as native values and as the text of a CSV file."""
    for table, row in {
        "offers": rows.offer(),
        "sessions": rows.session(),
        "organisations": rows.organisation(),
        "locations": rows.location(),
        "translations": rows.translation(),
        "sources": rows.source_row(),
        "problems": rows.problem_row(),
    }.items():
        cells = list(row.values())
        words = ["" if cell is None else str(cell).lower() if isinstance(cell, bool) else str(cell) for cell in cells]
        assert compile_native(plans(load(table)))(cells) == ()
        assert compile_text(plans(load(table)))(words) == ()
        assert not suspect_rows(plans(load(table)), pl.DataFrame([words], schema=list(row), orient="row")).any()


def test_a_suspect_row_says_which_cells_to_look_at() -> None:
    """Positions in the order of the fields, so that only these cells cost a reader."""
    suspects = compile_text(plans({"fields": [{"name": name, "type": "integer"} for name in "abc"]}))
    assert suspects(["1", "", "3"]) == ()
    assert suspects(["x", "2", "y"]) == (0, 2)
    with pytest.raises(ValueError):
        suspects(["1", "2"])


def test_memory_for_values_is_bounded() -> None:
    """A column in which every value differs does not fill the memory."""
    field = {"name": "x", "type": "string", "constraints": {"pattern": "[a-z0-9]+"}}
    suspects = compile_text(plans({"fields": [field]}))
    for number in range(REMEMBERED + 10):
        assert suspects([f"a{number}"]) == ()
    assert suspects(["a1"]) == ()
    assert len(suspects.__globals__["check0_seen"]) == REMEMBERED


def test_a_pattern_is_made_quicker_only_where_it_admits_no_more() -> None:
    """Runs of characters are taken whole in repeated groups; other groups stay as they are."""
    assert to_fast("(?:[a-z]|%[0-9]{2})+") == "(?:(?:[a-z]++|%[0-9]{2})+)"
    assert to_fast("(?:[a-z]|%[0-9]{2})x") == "(?:(?:[a-z]|%[0-9]{2})x)"
    assert re.fullmatch(to_fast("(?:[a-z]|%[0-9]{2})+"), "ab%20c")


def test_patterns_rust_might_read_otherwise_are_not_translated() -> None:
    """Classes of digits or words, look-aheads and set operations mean different things; non-blanks are translated."""
    assert to_rust(r"https?://\S+") == r"https?://[^\s\x1c-\x1f]+"
    for pattern in (r"\d+", r"\w", r"\bx", "(?=a)a", "(?i)a", "[a&&b]", "[a--b]", "[[:alpha:]]", "ü", "(?P<a>x)"):
        assert to_rust(pattern) is None
