"""Our own rules: each has a case that breaks it, a case just beside it, and a German sentence."""

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.city import load_city
from schemas.problems import Problem
from schemas.rows import Batch
from schemas.rulecolumns import breaches_of_frame, may_break
from schemas.rules import KEEPS, RULES, breaches, is_blank, is_web_address
from schemas.tables import load
from schemas.validate import Validator
from tests import rows

BROKEN: list[tuple[str, dict[str, Any], str, str | None]] = [
    ("organisations", rows.organisation(name=" \u200b "), "blank_text", "name"),
    ("organisations", rows.organisation(website="https://"), "bad_url", "website"),
    ("offers", rows.offer(title="\u00a0\u200b"), "blank_text", "title"),
    ("offers", rows.offer(record_id="  "), "blank_text", "record_id"),
    ("offers", rows.offer(url="javascript:alert(1)"), "bad_url", "url"),
    ("offers", rows.offer(record_url="https:///kurse"), "bad_url", "record_url"),
    ("offers", rows.offer(registration_url="https://name:wort@vhs.example/"), "bad_url", "registration_url"),
    ("offers", rows.offer(image_url="http://exa mple.org/a.png"), "bad_url", "image_url"),
    ("offers", rows.offer(cost_amount=float("nan")), "not_finite", "cost_amount"),
    ("offers", rows.offer(cost_amount=float("inf")), "not_finite", "cost_amount"),
    ("offers", rows.offer(contact_email=None, contact_phone=None, url=None), "missing_contact", None),
    ("offers", rows.offer(start_date="2026-03-02", end_date="2026-03-01"), "end_before_start", "end_date"),
    ("offers", rows.offer(start_date="2026-3-20", end_date="2026-3-4"), "end_before_start", "end_date"),
    ("offers", rows.offer(age_min=12, age_max=6), "age_order", "age_min"),
    ("offers", rows.offer(cefr_from="B1", cefr_to="A2.2"), "level_order", "cefr_from"),
    ("offers", rows.offer(cefr_from="B1.2", cefr_to="B1.1"), "level_order", "cefr_from"),
    ("offers", rows.offer(capacity_max=10, places_free=11), "capacity_order", "places_free"),
    ("sessions", rows.session(start=None, end=None), "session_without_time", "start"),
    ("sessions", rows.session(end="2026-03-02T08:59:59+01:00"), "end_before_start", "end"),
    ("sessions", rows.session(start="2026-03-29T01:30:00+01:00", end="2026-03-29T02:15:00+02:00"), "end_before_start", "end"),
    ("sessions", rows.session(online_url="http://"), "bad_url", "online_url"),
    ("sources", rows.source_row(publisher_url="https://?x"), "bad_url", "publisher_url"),
    ("locations", rows.location(address_protected=True), "protected_address", None),
    ("locations", rows.location(latitude=None), "bad_coordinates", "longitude"),
    ("locations", rows.location(latitude=None, longitude=None), "bad_coordinates", "place_quality"),
    ("locations", rows.location(place_quality="area"), "bad_coordinates", "place_quality"),
    ("locations", rows.location(latitude=float("nan")), "not_finite", "latitude"),
]
NAMES = [f"{table}-{code}-{number}" for number, (table, _, code, _) in enumerate(BROKEN)]
KEPT: list[tuple[str, dict[str, Any]]] = [
    ("organisations", rows.organisation()),
    ("locations", rows.location()),
    ("locations", rows.location(place_quality="area", latitude=None, longitude=None)),
    ("locations", rows.location(place_quality="street")),
    ("offers", rows.offer()),
    ("offers", rows.offer(contact_email=None, url=None)),
    ("offers", rows.offer(start_date="2026-03-02", end_date="2026-03-02", age_min=6, age_max=6, capacity_max=4, places_free=4)),
    ("offers", rows.offer(cefr_from="A2.2", cefr_to="A2")),
    ("offers", rows.offer(cefr_from="A2", cefr_to="A2.1")),
    ("sessions", rows.session()),
    ("sessions", rows.session(start=None, end=None, weekday="mo")),
    ("sessions", rows.session(end=None)),
    ("sessions", rows.session(start="2026-10-25T02:30:00+02:00", end="2026-10-25T02:15:00+01:00")),  # the hour that comes twice
    ("sessions", rows.session(start="2026-03-02T09:00:00", end="2026-03-02T24:00:00+01:00")),
    ("translations", rows.translation()),
    ("sources", rows.source_row()),
    ("problems", rows.problem_row()),
]


@pytest.mark.parametrize(("table", "row", "code", "column"), BROKEN, ids=NAMES)
def test_a_row_that_breaks_a_rule_says_which(table: str, row: dict[str, Any], code: str, column: str | None) -> None:
    """Exactly this rule, at this column, in one German sentence."""
    found = breaches(table, row)
    assert (code, column) in [(one.code, one.column) for one in found]
    sentence = Problem(found[0].code, "Zeile 17", found[0].column, found[0].value).message("de")
    assert sentence.startswith("Zeile 17: ")


@pytest.mark.parametrize(("table", "row"), KEPT, ids=[f"{case[0]}-{n}" for n, case in enumerate(KEPT)])
def test_a_row_at_the_edge_of_the_rules_keeps_them(table: str, row: dict[str, Any]) -> None:
    """Equal values, half levels, the hour that comes twice, an overnight without offset: nothing to tell."""
    assert breaches(table, row) == ()


@pytest.mark.parametrize(("table", "row", "code", "column"), BROKEN, ids=NAMES)
def test_what_a_breach_changes_mends_it(table: str, row: dict[str, Any], code: str, column: str | None) -> None:
    """A row that stands with changes breaks that rule no more."""
    for breach in breaches(table, row):
        if breach.changes:
            left = breaches(table, {**row, **breach.changes})
            assert (breach.code, breach.column) not in [(one.code, one.column) for one in left]


def test_a_protected_address_keeps_nothing_that_betrays_it() -> None:
    """No street, no house number, no point, no bus stop; the district may be known."""
    (breach,) = breaches("locations", rows.location(address_protected=True, public_transport="Haltestelle Musterstraße"))
    row = {**rows.location(address_protected=True), **breach.changes}
    assert [row[column] for column in ("street", "house_number", "latitude", "longitude", "public_transport")] == [None] * 5
    assert (row["place_quality"], row["district_code"]) == ("area", "500")


@pytest.mark.parametrize(
    "url",
    ["https://vhs.example", "HTTP://VHS.example/", "https://bücher.example/ü?q=ä+b", "http://127.0.0.1:8000/a", "https://[::1]/"],
)
def test_addresses_of_pages_are_taken(url: str) -> None:
    """http or https, a host of names or numbers, in any script."""
    assert is_web_address(url)


@pytest.mark.parametrize(
    "url",
    [
        *(
            "ftp://a.de",
            "https:/a.de",
            "https://",
            "https://a..de",
            "https://a.de:port/",
            "https://a.de\\@b.de",
            "https://a.de/<x>",
        ),
        *("//a.de", "a.de", "https://u@a.de", "https://a.de/\n", "https://a.de/x y", 'https://a.de/"', "data:text/html,x"),
    ],
)
def test_what_is_no_address_of_a_page_is_not(url: str) -> None:
    """Other schemes, no host, a name before the host, blanks, quotes and brackets that break out of a link."""
    assert not is_web_address(url)


def test_a_text_of_invisible_signs_is_blank() -> None:
    """Blanks, non-breaking blanks, zero-width signs; a letter in any script is something to read."""
    assert is_blank("") and is_blank(" \u00a0\u200b\ufeff\t")
    assert not is_blank("ا") and not is_blank("-")


def test_an_offer_without_a_title_is_rejected_and_breaks_nothing() -> None:
    """Shielding or conversion may leave none: no rule stumbles over it, and the table says that it is missing."""
    untitled, neighbour = rows.offer(title=None), f"{rows.SOURCE_KEY}:K-102"
    assert breaches("offers", untitled) == ()
    city = load_city(Path(__file__).parents[2] / "cities" / "duisburg")
    judged = Validator(city).validate(
        Batch(organisations=[rows.organisation()], offers=[untitled, rows.offer(offer_id=neighbour)])
    )
    assert ([row["offer_id"] for row in judged.offers], judged.rejected) == ([neighbour], (rows.OFFER_ID,))
    assert [problem.code for problem in judged.problems if problem.severity == "rejected"] == ["missing_title"]


VALUES: dict[str, list[Any]] = {
    "title": [None, "Kurs", " ", "\u200bx", "-", "„Kurs“"],
    "record_id": ["7", " ", "~"],
    "url": [
        None,
        "https://a.de/x",
        "https://a.de",
        "https://a.de/x y",
        "javascript:x",
        "https://u@a.de/",
        "https://a.de@",
        "https:///x",
    ],
    "record_url": [None, "https://a.de?x/y", "https://a.de/<", "https://a..de/x"],
    "registration_url": [None, "http://[::1]/x", "http://[x]/"],
    "image_url": [None, "https://a.de/x.png", "https://a.de/\n"],
    "contact_email": [None, "a@b.de"],
    "contact_phone": [None, "+492031234567"],
    "start_date": [None, "2026-03-02", "2026-3-2", "2026-12-31"],
    "end_date": [None, "2026-03-01", "2026-03-02", "2026-3-20"],
    "age_min": [None, 0, 6],
    "age_max": [None, 0, 5],
    "cost_amount": [None, 0, 12.5, float("nan"), float("inf"), float("-inf")],
    "cefr_from": [None, "A1", "A2", "B1.2"],
    "cefr_to": [None, "A1", "A2.1", "B1"],
    "capacity_max": [None, 0, 5],
    "places_free": [None, 0, 6],
    "start": [None, "2026-03-02T09:00:00+01:00", "2026-03-02T09:00:00", "2026-03-02T24:00:00+01:00"],
    "end": [None, "2026-03-02T08:30:00+00:00", "2026-03-02T09:00:00+01:00", "2026-03-02T08:00:00+01:00"],
    "weekday": [None, "mo"],
    "online_url": [None, "https://a.de/x", "x"],
}


@pytest.mark.parametrize(("table", "row"), [("offers", rows.offer()), ("sessions", rows.session())])
@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_the_quick_look_never_overlooks_a_breach(table: str, row: dict[str, Any], data: st.DataObject) -> None:
    """A row that surely keeps the rules breaks none, rule by rule."""
    changed = {column: data.draw(st.sampled_from(VALUES[column])) for column in row if column in VALUES}
    whole = {**row, **changed}
    assert not KEEPS[table](whole) or tuple(RULES[table](whole)) == ()


def test_the_quick_look_passes_what_is_usual() -> None:
    """Else it would only cost time."""
    assert KEEPS["offers"](rows.offer(cefr_to="A1")) and KEEPS["sessions"](rows.session())


@pytest.mark.parametrize(("table", "row"), [("offers", rows.offer()), ("sessions", rows.session())])
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_columns_show_the_same_breaches_as_rows(table: str, row: dict[str, Any], data: st.DataObject) -> None:
    """Typed as in a snapshot, or text as in a CSV file: the same rules, rows and values."""
    drawn = [
        {**row, **{column: data.draw(st.sampled_from(VALUES[column])) for column in row if column in VALUES}} for _ in range(4)
    ]
    expected = [(number, breach) for number, one in enumerate(drawn, 2) for breach in breaches(table, one)]
    kinds = {"integer": pl.Int64, "number": pl.Float64, "boolean": pl.Boolean}
    schema = {field["name"]: kinds.get(field["type"], pl.String) for field in load(table)["fields"]}
    assert repr(expected) == repr(list(breaches_of_frame(table, pl.DataFrame(drawn, schema=schema))))
    words = [{name: "" if cell is None else str(cell) for name, cell in one.items()} for one in drawn]
    found = list(breaches_of_frame(table, pl.DataFrame(words, schema=dict.fromkeys(row, pl.String))))
    assert repr(expected) == repr(found)


@pytest.mark.parametrize(("table", "row", "code", "column"), BROKEN, ids=NAMES)
def test_columns_show_every_kind_of_breach(table: str, row: dict[str, Any], code: str, column: str | None) -> None:
    """Each case that breaks a rule by rows breaks it by columns."""
    frame = pl.DataFrame([row], infer_schema_length=None)
    assert repr([(2, breach) for breach in breaches(table, row)]) == repr(list(breaches_of_frame(table, frame)))


def test_columns_pass_what_is_usual() -> None:
    """Good rows are not read row by row; tables without rules are not read at all."""
    assert not may_break("offers", pl.DataFrame([rows.offer(cefr_to="A1")], infer_schema_length=None)).any()
    assert not may_break("sessions", pl.DataFrame([rows.session()], infer_schema_length=None)).any()
    assert list(breaches_of_frame("translations", pl.DataFrame([rows.translation()]))) == []
