"""Answers of the course search of the Bundesagentur für Arbeit: pages of Termine, records of Angebote."""

import contextlib
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.arbeitsagentur import ArbeitsagenturConnector
from connectors.arbeitsagentur_records import to_day
from connectors.context import RunContext
from connectors.contract import Limits, SourceError
from tests.connectors.normalised import normalise
from tests.connectors.pages import ZONE, Reading, capture, read
from tests.connectors.site import Site

URL = "https://ba.example/bildungsangebot"
FILE = ("ba_kursnet", "weiterbildungssuche_response.json")


def termin(number: int, offer: int, **more: Any) -> dict[str, Any]:
    return {
        "id": number,
        "angebot": {"id": offer, "titel": f"Kurs {offer}", "link": "https://kurs.example/"},
        "beginn": 1799622000000,
        **more,
    }


def page(*termine: Any, pages: int = 1, **more: Any) -> bytes:
    return json.dumps(
        {"_embedded": {"termine": termine}, "page": {"totalElements": len(termine), "totalPages": pages, **more}}
    ).encode()


def harvest(*termine: Any, **options: Any) -> Reading:
    return read(ArbeitsagenturConnector(), {URL: page(*termine)}, **options)


def test_dates_of_one_offer_are_gathered_over_all_pages() -> None:
    """An offer is a record, its dates are sessions; a date that moves to the next page while we read counts once."""
    pages = {
        URL: page(termin(1, 7), termin(2, 8), pages=2),
        f"{URL}?page=1": page(termin(2, 8), termin(3, 7, beginn=1801436400000), pages=2),
    }
    reading = read(ArbeitsagenturConnector(), pages)
    assert [(record.record_id, len(record.data["termine"])) for record in reading.records] == [("7", 2), ("8", 1)]
    batch = normalise(ArbeitsagenturConnector(), reading)
    assert [row["start"] for row in batch.sessions] == [
        "2027-01-11T00:00:00+01:00", "2027-02-01T00:00:00+01:00", "2027-01-11T00:00:00+01:00"
    ]  # fmt: skip
    assert all(row["all_day"] for row in batch.sessions)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (1799622000000, "2027-01-11"),
        ("1799622000000", "2027-01-11"),
        (1812578400000, "2027-06-10"),  # summer time: two hours before midnight in UTC
        (1799658000000, "2027-01-11T10:00:00+01:00"),
        ("2027-01-11", "2027-01-11"),
        (None, None),
        (True, True),
        ("99999999999999", "5138-11-16T10:46:39+01:00"),
    ],
)
def test_milliseconds_are_days_where_they_are_midnight(given: Any, expected: Any) -> None:
    """Midnight of the city, also in summer; numbers as texts, too; what is none stays."""
    assert to_day(given, ZONE) == expected


@pytest.mark.parametrize(
    ("values", "funded", "expected"),
    [
        (["0.0"], True, ("subsidised", None)),  # free for those whose course somebody else pays
        (["0.0"], False, ("free", None)),
        (["229,50"], True, ("paid", 229.5)),
        (["100", "120"], False, ("unknown", None)),  # dates that cost differently
        ([None], True, ("subsidised", None)),
        ([None], False, ("unknown", None)),
        (["auf Anfrage"], False, ("unknown", None)),
    ],
)
def test_what_a_course_costs(values: list[Any], funded: bool, expected: tuple[str, float | None]) -> None:
    """Zero beside a promise of funding is no price for all."""
    reading = harvest(
        *(termin(n, 1, kostenWert=value, kostenWaehrung="EUR", foerderung=funded) for n, value in enumerate(values))
    )
    offer = normalise(ArbeitsagenturConnector(), reading).offers[0]
    assert (offer["cost_type"], offer["cost_amount"]) == expected


def test_the_kind_of_course_follows_from_its_code() -> None:
    """Berufssprachkurse and Integrationskurse are language courses in German; everything else is training."""
    for code, expected in (
        ("MC 01 3", ("language_course", "bsk", "de", "B2", "bamf")),
        ("MB 02", ("language_course", None, "de", None, "bamf")),
        ("MQ 01", ("recognition", None, None, None, None)),
        ("C 1435-10-10", ("course", None, None, None, None)),
    ):
        offer = {"id": 1, "titel": "Kurs", "link": "https://kurs.example/", "systematiken": [{"codeNr": code}]}
        batch = normalise(ArbeitsagenturConnector(), harvest({"id": 1, "angebot": offer}))
        row = batch.offers[0]
        assert tuple(row[name] for name in ("offer_type", "course_kind", "taught_language", "cefr_to", "programmes")) == expected
        assert batch.problems == []


def test_contact_persons_are_not_taken_up() -> None:
    """Neither their names nor their numbers reach a preview or a row."""
    person = {"nachname": "Beispiel", "vorname": "Eva", "email": "eva@kurs.example", "telefonDurchwahl": "4711"}
    reading = harvest(termin(1, 1, ansprechpartner=[person]), termin(2, 1, traeger=person))
    text = json.dumps(reading.data)
    assert not any(word in text for word in person.values())


def test_entry_at_any_time_is_no_session() -> None:
    """A Termin without a date leaves no half session behind; that one may begin at any time is kept."""
    reading = harvest(termin(1, 1, beginn=None, individuellerEinstieg=True))
    assert reading.data[0]["laufend"] is True
    batch = normalise(ArbeitsagenturConnector(), reading)
    assert (len(batch.offers), batch.sessions, batch.problems) == (1, [], [])


def test_pages_that_come_again_are_no_pages() -> None:
    """Otherwise half of the offers would look as if they had been removed."""
    same = page(termin(1, 1), pages=9)
    with pytest.raises(SourceError, match="circles"):
        read(ArbeitsagenturConnector(), {URL: same, f"{URL}?page=1": same})


def test_what_the_interface_hides_is_told() -> None:
    """It shows 10,000 of a search at most; the same for our own limits."""
    body = page(termin(1, 1), totalElements=10_000)
    assert read(ArbeitsagenturConnector(), {URL: body}).codes == ["record_limit"]
    assert read(ArbeitsagenturConnector(), {URL: page(termin(1, 1), pages=500)}, max_pages=1).codes == ["too_many_pages"]
    reading = harvest(*(termin(number, number) for number in range(5)), limits=Limits(max_records=2))
    assert (len(reading.records), reading.codes) == (2, ["record_limit"])


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"", "empty_feed"),
        (page(), "empty_feed"),
        (b'{"page": {"totalElements": 0, "totalPages": 0}}', "empty_feed"),
        (b"{}", "wrong_content"),
        (b'{"_embedded": {"termine": 1}}', "wrong_content"),
        (b"<html>Wartung</html>", "wrong_content"),
        (b'{"_embedded": ', "broken_file"),
    ],
)
def test_what_is_no_answer_is_told(body: bytes, expected: str) -> None:
    """Nothing found, an error, a page that says sorry."""
    with pytest.raises(SourceError) as raised:
        read(ArbeitsagenturConnector(), {URL: body})
    assert raised.value.problem.code == expected
    assert ArbeitsagenturConnector.detect(capture(body)) is None


def test_a_broken_termin_spares_its_neighbours() -> None:
    """It is told by its number in the list."""
    reading = harvest(termin(1, 1), {"id": 2}, "x", termin(3, 3))
    assert [record.record_id for record in reading.records] == ["1", "3"]
    assert [problem.locator for problem in reading.problems] == ["Eintrag 2", "Eintrag 3"]


def test_the_key_goes_into_the_header(site: Site, context: Any) -> None:
    """X-API-Key comes out of the environment and stands in every request."""
    site.pages |= {"/b": page(termin(1, 1), pages=2), "/b?page=1": page(termin(2, 2), pages=2)}
    ctx: RunContext = context(secrets={"BA": "geheim"})
    options = {"url": f"{site.url}/b", "auth": {"kind": "header", "name": "X-API-Key", "secret": "BA"}}
    connector = ArbeitsagenturConnector()
    assert len(list(connector.read(connector.options.model_validate(options), ctx))) == 2
    asked = [request.headers.get("x-api-key") for request in site.requests if request.path != "/robots.txt"]
    assert asked == ["geheim", "geheim"]


def test_a_real_answer_is_read_whole(shared_data: Path) -> None:
    """Twenty Termine of twenty Angebote; only an address with a raw space and one text that is too long are told."""
    body = shared_data.joinpath(*FILE).read_bytes()
    reading = read(ArbeitsagenturConnector(), {URL: body}, max_pages=1)
    assert (len(reading.records), reading.codes) == (20, ["too_many_pages"])
    batch = normalise(ArbeitsagenturConnector(), reading)
    assert (len(batch.offers), len(batch.sessions), len(batch.rejected)) == (20, 12, 0)
    assert all(row["title"] and row["description"] and row["contact_email"] for row in batch.offers)
    assert {row["attendance_mode"] for row in batch.offers} == {"blended"}
    assert {row["cost_type"] for row in batch.offers} == {"subsidised"}
    assert sorted(problem.code for problem in batch.problems) == ["bad_url", "too_long"]
    assert "REDACTED" not in json.dumps(reading.data)
    found = ArbeitsagenturConnector.detect(capture(body, f"{URL}?page=3"))
    assert found is not None
    assert found.reason == "Kurssuche der Bundesagentur für Arbeit mit 10.000 Terminen, auf dieser Seite 20 Angebote"
    assert found.options == {"url": f"{URL}?page=0"}


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["codeNr", "ortStrasse", "lat", "name"]), inner, max_size=3)
    ),
    max_leaves=8,
)
NAMES = (
    "beginn",
    "ende",
    "adresse",
    "kostenWert",
    "unterrichtsform",
    "unterrichtszeiten",
    "teilnehmerMax",
    "aktualisierungsdatum",
)
OFFER = ("titel", "systematiken", "bildungsanbieter", "suchworte", "foerderung", "id")


@given(values=st.lists(VALUES, min_size=14, max_size=14))
@settings(max_examples=150, deadline=None)
def test_no_termin_raises_anything_but_a_source_error(values: list[Any]) -> None:
    """Whatever stands in the fields, neighbours are spared and records are JSON."""
    odd = {
        "id": 5,
        **dict(zip(NAMES, values[:8], strict=True)),
        "angebot": {"id": 5, **dict(zip(OFFER, values[8:], strict=True))},
    }
    reading = harvest(termin(1, 900), odd, {**odd, "angebot": {"id": 900}}, termin(2, 901))
    json.dumps(reading.data, allow_nan=False).encode()
    assert {"900", "901"} <= {record.record_id for record in reading.records}


@given(st.binary(max_size=200))
@settings(max_examples=80, deadline=None)
def test_no_bytes_raise_anything_but_a_source_error(body: bytes) -> None:
    """The same for whatever a server may answer."""
    for start in (b"", b'{"_embedded": {"termine": [', page(termin(1, 1))[:-20]):
        ArbeitsagenturConnector.detect(capture(start + body))
        with contextlib.suppress(SourceError):
            read(ArbeitsagenturConnector(), {URL: start + body})
