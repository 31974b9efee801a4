"""Our own rules: each has a case that breaks it, a case just beside it, and a German sentence."""

from typing import Any

import pytest

from schemas.problems import Problem
from schemas.rules import breaches, is_blank, is_web_address
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
        *("ftp://a.de", "https:/a.de", "https://", "https://a..de", "https://a.de:port/", "https://a.de\\@b.de", "https://a.de/<x>"),
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
