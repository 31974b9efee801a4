"""A batch goes through validation: unfit values are left out and told, contradictions reject, keys hold over the whole run."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from frictionless import Resource, Schema
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.city import City, load_city
from schemas.rows import Batch
from schemas.seen import Seen
from schemas.tables import load
from schemas.validate import Validator
from tests import awkward, rows

CITY = load_city(Path(__file__).parents[2] / "cities" / "duisburg")


@pytest.fixture
def city() -> City:
    """Give Duisburg."""
    return CITY


def batch(**changes: Any) -> Batch:
    """Give one whole record: offer, session, translation, their organisation and location."""
    whole = Batch(
        organisations=[rows.organisation()],
        locations=[rows.location()],
        offers=[rows.offer()],
        sessions=[rows.session()],
        translations=[rows.translation()],
        locators={rows.OFFER_ID: "Zeile 17"},
    )
    return replace(whole, **changes)


def codes(result: Batch) -> list[tuple[str, str | None, str]]:
    return [(problem.code, problem.field, problem.severity_or_default) for problem in result.problems]


def test_a_good_batch_goes_through_unchanged(city: City) -> None:
    """The very rows, no problem, balanced books."""
    whole = batch()
    assert Validator(city).validate(whole) == whole


def test_an_unfit_optional_value_is_left_out_and_told(city: City) -> None:
    """The offer stays; the reader gets all the rest; the partner hears what was wrong, where, and with which value."""
    wrong = rows.offer(contact_email="info(at)vhs", age_min=130, start_date="31.02.2026")
    result = Validator(city).validate(batch(offers=[wrong]))
    (offer,) = result.offers
    assert (offer["contact_email"], offer["age_min"], offer["start_date"]) == (None, None, None)
    assert offer["title"] == rows.offer()["title"]
    assert codes(result) == [
        ("bad_age", "age_min", "remark"),
        ("bad_date", "start_date", "remark"),
        ("bad_email", "contact_email", "remark"),
    ]
    assert result.problems[1].message() == ("Zeile 17: ‚31.02.2026‘ im Feld ‚Beginn‘ ist kein Datum. Bitte TT.MM.JJJJ schreiben.")


def test_a_list_keeps_its_fit_items(city: City) -> None:
    """One unknown topic does not cost the offer its known ones."""
    result = Validator(city).validate(batch(offers=[rows.offer(topics="schwimmen;language;family", target_groups="alle")]))
    assert (result.offers[0]["topics"], result.offers[0]["target_groups"]) == ("family;language", None)
    assert [problem.value for problem in result.problems] == ["schwimmen", "alle"]
    assert {problem.code for problem in result.problems} == {"unknown_value"}


def test_a_long_text_is_cut_at_a_word_and_told(city: City) -> None:
    """Cut, not lost; an address or a key is never cut."""
    long = rows.offer(title="Deutsch lernen " * 20, url="https://a.example/" + "x" * 2000)
    result = Validator(city).validate(batch(offers=[long]))
    title = str(result.offers[0]["title"])
    assert len(title) <= 200 and title.endswith("lernen…")
    assert result.offers[0]["url"] is None
    assert codes(result) == [("too_long", "title", "remark"), ("bad_url", "url", "remark")]


def test_valid_but_unusual_values_are_written_as_our_rows_write_them(city: City) -> None:
    """A number as text, a day with one digit, an empty text: frictionless takes them, our rows have one form."""
    unusual = rows.offer(capacity_max="16", start_date="2026-3-2", summary="", cost_amount="12.50")
    result = Validator(city).validate(batch(offers=[unusual]))
    (offer,) = result.offers
    assert (offer["capacity_max"], offer["start_date"], offer["summary"], offer["cost_amount"]) == (16, "2026-03-02", None, 12.5)
    assert result.problems == []


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"title": None}, "missing_title"),
        ({"title": " \u200b"}, "blank_text"),
        ({"status": None}, "missing_required"),
        ({"offer_type": "Sprachkurs"}, "unknown_value"),
        ({"licence": "CC-BY"}, "bad_url"),
        ({"licence": "http://dcat-ap.de/def/licences/x"}, "schema"),
        ({"start_date": "2026-07-10", "end_date": "2026-03-02"}, "end_before_start"),
        ({"age_min": 12, "age_max": 6}, "age_order"),
        ({"contact_email": None, "contact_phone": None, "url": None}, "missing_contact"),
        ({"contact_email": "x", "contact_phone": "y", "url": "z"}, "missing_contact"),
        ({"organisation_id": "unbekannt"}, "unknown_reference"),
    ],
)
def test_a_missing_or_contradictory_value_rejects_the_offer_with_all_that_hangs_on_it(
    city: City, changes: dict[str, Any], code: str
) -> None:
    """Sessions and translations go with it, the session is named, and the books still balance."""
    before = batch(offers=[rows.offer(**changes)])
    result = Validator(city).validate(before)
    assert (result.offers, result.sessions, result.translations) == ([], [], [])
    assert result.rejected == (rows.OFFER_ID,)
    assert (code, "rejected") in [(problem.code, problem.severity_or_default) for problem in result.problems]
    named = [problem.value for problem in result.problems if problem.code == "session_rejected_with_offer"]
    assert named == ["2026-03-02T09:00:00+01:00"]
    assert {problem.locator for problem in result.problems} == {"Zeile 17"}
    assert before.read == result.read == 1


def test_an_unfit_organisation_takes_its_offers_along(city: City) -> None:
    """An offer without a provider cannot be published; it says so."""
    result = Validator(city).validate(batch(organisations=[rows.organisation(name=None)]))
    assert (result.organisations, result.offers) == ([], [])
    assert [problem.code for problem in result.problems][:2] == ["missing_required", "unknown_reference"]
    assert result.problems[0].locator == "Zeile 17"


def test_an_unfit_location_leaves_its_offers_without_a_place(city: City) -> None:
    """The offer is listed, not pinned; its session keeps its time."""
    sessions = [rows.session(location_id=rows.LOCATION_ID)]
    result = Validator(city).validate(batch(locations=[rows.location(location_type="Haus")], sessions=sessions))
    assert (result.locations, result.offers[0]["location_id"], result.sessions[0]["location_id"]) == ([], None, None)
    assert codes(result) == [
        ("unknown_value", "location_type", "rejected"),
        ("unknown_reference", "location_id", "remark"),
        ("unknown_reference", "location_id", "remark"),
    ]


def test_districts_the_city_does_not_have_are_left_out(city: City) -> None:
    """District codes are the city's; of the areas an offer serves only the unknown ones go."""
    place = rows.location(district_code="900", subdistrict_code="999", organisation_id="unbekannt")
    result = Validator(city).validate(batch(locations=[place], offers=[rows.offer(area_served="05112000;500;999")]))
    (location,) = result.locations
    assert (location["district_code"], location["subdistrict_code"], location["organisation_id"]) == (None, None, None)
    assert result.offers[0]["area_served"] == "05112000;500"
    columns = [problem.field for problem in result.problems]
    assert columns == ["organisation_id", "district_code", "subdistrict_code", "area_served"]


def test_a_protected_address_never_leaves(city: City) -> None:
    """Whatever came before: the validated row has no street, no number, no point."""
    result = Validator(city).validate(batch(locations=[rows.location(address_protected=True)]))
    (location,) = result.locations
    assert not any(location[column] for column in ("street", "house_number", "latitude", "longitude", "public_transport"))
    assert codes(result) == [("protected_address", None, "remark")]


def test_keys_hold_over_the_batches_of_a_run(city: City) -> None:
    """Organisations and locations are known from earlier batches; a key that comes again is told, in whichever batch."""
    validator = Validator(city)
    validator.validate(batch())
    later = Batch(
        offers=[rows.offer(), rows.offer(offer_id="du-x:2"), rows.offer(offer_id="du-x:2")],
        sessions=[rows.session(), rows.session(session_id="du-x:2@mo", offer_id="du-x:2", start=None, end=None, weekday="mo")],
        translations=[rows.translation(), rows.translation(language="ar")],
        locators={rows.OFFER_ID: "Zeile 90", "du-x:2": "Zeile 91"},
    )
    result = validator.validate(later)
    assert [offer["offer_id"] for offer in result.offers] == ["du-x:2"]
    assert [session["session_id"] for session in result.sessions] == ["du-x:2@mo"]
    assert [translation["language"] for translation in result.translations] == ["ar"]
    assert result.rejected == (rows.OFFER_ID, "du-x:2")
    assert [(problem.code, problem.locator) for problem in result.problems] == [
        ("duplicate_id", "Zeile 90"),
        ("duplicate_id", "Zeile 91"),
        ("duplicate_id", "Zeile 90"),
        ("duplicate_id", "Zeile 90"),
    ]
    assert result.read == later.read == 3


def test_sessions_of_an_offer_that_never_came_are_told(city: City) -> None:
    """A session hangs on an offer, or it is not published."""
    result = Validator(city).validate(batch(sessions=[rows.session(offer_id="du-x:nie")]))
    assert result.sessions == []
    assert [problem.code for problem in result.problems] == ["session_rejected_with_offer"]


def test_a_session_falls_alone(city: City) -> None:
    """A session that ends before it begins leaves its offer and the others."""
    wrong = rows.session(session_id=f"{rows.OFFER_ID}@mo", end="2026-03-02T08:00:00+01:00")
    result = Validator(city).validate(batch(sessions=[wrong, rows.session()]))
    assert result.sessions == [rows.session()]
    assert codes(result) == [("end_before_start", "end", "rejected")]


def test_a_parent_organisation_must_be_there(city: City) -> None:
    """It may come after its child; a parent nobody knows is left out."""
    child = rows.organisation(organisation_id="kind", parent_organisation_id=rows.ORGANISATION_ID)
    orphan = rows.organisation(organisation_id="waise", parent_organisation_id="fehlt")
    result = Validator(city).validate(batch(organisations=[child, orphan, rows.organisation()]))
    assert [row["parent_organisation_id"] for row in result.organisations] == [rows.ORGANISATION_ID, None, None]
    assert codes(result) == [("unknown_reference", "parent_organisation_id", "remark")]


TABLES = {
    "organisations": rows.organisation(),
    "locations": rows.location(),
    "offers": rows.offer(),
    "sessions": rows.session(),
    "translations": rows.translation(),
}


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_whatever_comes_in_what_goes_out_is_valid(data: st.DataObject) -> None:
    """Awkward values in any column: no exception, balanced books, rows frictionless accepts, no foreign key into nothing."""
    tables: dict[str, Any] = {}
    for table, row in TABLES.items():
        spoiled = dict(row)
        for _ in range(data.draw(st.integers(0, 3))):
            column = data.draw(st.sampled_from(list(row)))
            spoiled[column] = data.draw(st.sampled_from([*awkward.TEXTS, *awkward.NATIVES]))
        tables[table] = [spoiled]
    before = Batch(**tables, locators={rows.OFFER_ID: "Zeile 1"})
    result = Validator(CITY).validate(before)
    assert result.read == before.read == 1
    for table in TABLES:
        descriptor = {key: value for key, value in load(table).items() if key != "foreignKeys"}
        kept = [list(row.values()) for row in getattr(result, table)]
        if kept:
            report = Resource(data=[list(TABLES[table]), *kept], schema=Schema.from_descriptor(descriptor)).validate()
            assert report.valid, report.tasks[0].errors
    known = {row["location_id"] for row in result.locations} | {None}
    assert {row["organisation_id"] for row in result.offers} <= {row["organisation_id"] for row in result.organisations}
    assert {row["location_id"] for row in (*result.offers, *result.sessions)} <= known
    assert {row["offer_id"] for row in (*result.sessions, *result.translations)} <= {row["offer_id"] for row in result.offers}
    assert all(problem.message("de") and problem.message("en") for problem in result.problems)


def test_keys_are_remembered_in_eight_bytes() -> None:
    """A hundred thousand keys in batches: all known afterwards, none before."""
    seen = Seen()
    for start in range(0, 100_000, 2_000):
        keys = [(f"du-x:{number}",) for number in range(start, start + 2_000)]
        assert not any(seen.known(keys))
        seen.add(keys)
    assert all(seen.known([("du-x:0",), ("du-x:99999",), ("du-x:4711",)]))
    assert not any(seen.known([("du-x:100000",), (None,)]))
    assert len(seen) == 100_000
