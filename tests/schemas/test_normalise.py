"""Raw records become rows; every record is counted once, and one that is broken costs its neighbours nothing."""

from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.city import City, load_city
from schemas.normalise import Normaliser
from schemas.privacy import shield
from schemas.problems import Problem
from schemas.record import RawRecord
from schemas.rows import ROW_TABLES, Batch
from schemas.source import Source
from schemas.tables import columns, schema
from schemas.validate import Validator

REGISTERED = "Kommunales Integrationszentrum der Stadt Duisburg"


@cache
def duisburg() -> City:
    """The city whose registry and districts are used."""
    return load_city(Path(__file__).parents[2] / "cities" / "duisburg")


def normaliser(default: dict[str, Any] | None = None, *, nested: bool = False, **says: Any) -> Normaliser:
    """Make the normaliser of a source file that says this much."""
    source = Source.model_validate(
        {
            "key": "du-probe",
            "title": "Probe",
            "publisher": {"name": "Lernhaus Beispiel e. V.", "url": "https://lernhaus.example"},
            "licence": "dl-by-de/2.0",
            "source": {"kind": "csv", "url": "https://lernhaus.example/kurse.csv", "id": "Nr"},
            "map": {"title": "Titel"},
            **says,
        }
    )
    return Normaliser(source, duisburg(), default or {}, nested=nested)


def records(*rows: dict[str, Any]) -> list[RawRecord]:
    """Raw records of a table whose column Nr is the partner's id."""
    return [RawRecord(row, f"Zeile {line}", "0" * 64, row.get("Nr")) for line, row in enumerate(rows, start=2)]


def normalise(*rows: dict[str, Any], default: dict[str, Any] | None = None, nested: bool = False, **says: Any) -> Batch:
    """Normalise some rows as one batch."""
    (batch,) = normaliser(default, nested=nested, **says).batches(records(*rows))
    return batch


def told(batch: Batch) -> list[tuple[str, str | None, str | None]]:
    """The problems of a batch: code, place, field."""
    return [(problem.code, problem.locator, problem.field) for problem in batch.problems]


def test_a_record_becomes_an_offer_with_every_column_of_the_table() -> None:
    """In the order of the table; what nobody says is empty, or what stands for not said."""
    batch = normalise({"Nr": "K 1/ä", "Titel": "Deutsch"})
    (offer,) = batch.offers
    assert list(columns("offers")) == list(offer)
    filled = {name: value for name, value in offer.items() if value is not None}
    assert {
        "offer_id": "du-probe:K%201%2F%C3%A4", "source_key": "du-probe", "record_id": "K 1/ä", "organisation_id": "lernhaus-beispiel-e-v",
        "title": "Deutsch", "text_language": "de", "offer_type": "other", "attendance_mode": "unknown", "cost_type": "unknown",
        "status": "active", "rights": "open", "licence": "http://dcat-ap.de/def/licenses/dl-by-de/2.0", "url": "https://lernhaus.example",
    } == filled  # fmt: skip
    assert {"du-probe:K%201%2F%C3%A4": "Zeile 2"} == batch.locators
    assert ["Lernhaus Beispiel e. V."] == [row["name"] for row in batch.organisations]
    assert not batch.problems


def test_all_rows_pass_the_table_schemas_of_frictionless() -> None:
    """What normalise makes is what the tables ask for, in type and order."""
    batch = normalise(
        {"Nr": "1", "Titel": "Deutsch", "Ort": "Haus X", "Adresse": "Sonnenwall 73-75, 47051 Duisburg", "Tag": "05.11.2026",
        "Zeit": "18–19:30",
         "Preis": "ab 5 €", "Sprachen": "de, ar", "Titel_uk": "Німецька"},
        {"Nr": "2", "Titel": "Treff", "Tag": "", "Zeit": "18 Uhr", "Preis": "kostenlos", "Wochentag": "Mo und Mi", "Anbieter": REGISTERED},
        map={"title": "Titel", "location.name": "Ort", "location.address": "Adresse", "session.date": "Tag", "session.time": "Zeit",
             "session.weekday": "Wochentag", "cost": "Preis", "languages": "Sprachen", "organisation.name": "Anbieter"},
        translations={"map": {"title": "Titel_uk", "language": {"from": [], "default": "uk"}}},
    )  # fmt: skip
    assert (2, 3, 1, 2, 1) == tuple(
        len(getattr(batch, table)) for table in ("offers", "sessions", "locations", "organisations", "translations")
    )
    for table in ROW_TABLES:
        for row in getattr(batch, table):
            cells = [value if not isinstance(value, bool) else str(value).lower() for value in row.values()]
            assert [] == [
                error
                for cell, field in zip(cells, schema(table).fields, strict=True)
                for error in (field.read_cell(cell)[1] or {}).items()
            ]


def test_a_row_without_a_title_is_rejected_and_its_neighbours_go_on() -> None:
    """The problem names the place; the id is known where the partner gives one."""
    batch = normalise({"Nr": "1", "Titel": "Deutsch"}, {"Nr": "2", "Titel": " - "}, {"Titel": ""}, {"Nr": "4", "Titel": "Yoga"})
    assert ["du-probe:1", "du-probe:4"] == [offer["offer_id"] for offer in batch.offers]
    assert ("du-probe:2", "") == batch.rejected
    assert [("missing_title", "Zeile 3", None), ("missing_title", "Zeile 4", None)] == told(batch)
    assert ["rejected", "rejected"] == [problem.severity for problem in batch.problems]
    assert 4 == batch.read


def test_a_record_that_cannot_be_read_is_in_the_books() -> None:
    """The reader says "rejected" where a record is lost, and nobody knows its id; what it only remarks on costs no record."""
    lost = [Problem("bad_record", f"Zeile {line}", note="zu viele Zellen") for line in (2, 4, 5)]
    remarks = [Problem("truncated"), Problem("record_limit", value="3")]
    given = [lost[0], *records({"Nr": "1", "Titel": "Deutsch"}), *lost[1:], *remarks]
    (batch,) = normaliser().batches(given)
    assert (1, ("", "", ""), 4) == (len(batch.offers), batch.rejected, batch.read)
    assert [*lost, *remarks] == batch.problems
    assert [2, 2] == [batch.read for batch in normaliser().batches(given, size=2)][:2]


def test_an_offer_without_an_id_is_known_by_title_organisation_and_place() -> None:
    """Not by its text, its dates or its row; two alike are a duplicate."""
    says = {"map": {"title": "Titel", "location.name": "Ort", "description": "Text", "start_date": "Tag"}}
    first = normalise({"Titel": "Deutsch", "Ort": "Haus X", "Text": "alt", "Tag": "05.11.2026"}, **says)
    later = normalise(
        {"Titel": "Yoga", "Ort": "Haus X", "Text": "", "Tag": ""},
        {"Titel": "Deutsch", "Ort": "Haus X", "Text": "neu", "Tag": ""},
        **says,
    )
    elsewhere = normalise({"Titel": "Deutsch", "Ort": "Haus Y", "Text": "alt", "Tag": ""}, **says)
    assert first.offers[0]["offer_id"] == later.offers[1]["offer_id"] != elsewhere.offers[0]["offer_id"]
    assert 16 == len(str(first.offers[0]["record_id"]))
    twice = normalise(
        {"Titel": "Deutsch", "Ort": "Haus X", "Text": "a", "Tag": ""},
        {"Titel": "Deutsch", "Ort": "Haus X", "Text": "b", "Tag": ""},
        **says,
    )
    assert (1, ("",), [("duplicate_id", "Zeile 3", None)]) == (len(twice.offers), twice.rejected, told(twice))


def test_rows_of_one_course_may_be_its_sessions() -> None:
    """same_id: sessions; further rows bring their date and nothing else, also in a later batch."""
    rows = [{"Nr": "1", "Titel": "Deutsch", "Tag": f"{day:02}.11.2026", "Uhrzeit": "18 Uhr"} for day in (5, 12, 12, 19)]
    made = normaliser(map={"title": "Titel", "session.date": "Tag", "session.start_time": "Uhrzeit"}, same_id="sessions")
    first, second = made.batches(records(*rows, {"Nr": "1", "Titel": "x", "Tag": "32.11.2026"}), size=3)
    assert (1, 2, 3) == (len(first.offers), first.merged, first.read)
    assert (0, 2, 1) == (len(second.offers), second.merged, len(second.sessions))
    at = "du-probe:1@2026-11-{}T18:00:00+01:00"
    assert [at.format("05"), at.format(12), at.format(12) + "~2", at.format(19)] == [
        row["session_id"] for row in [*first.sessions, *second.sessions]
    ]
    assert [("bad_date", "Zeile 6", "session.date"), ("session_without_time", "Zeile 6", "session.start")] == told(second)


def test_unmapped_and_missing_columns_are_told_once_a_run() -> None:
    """Everything a partner sends is mapped, ignored by name, or reported."""
    made = normaliser(map={"title": "Titel", "summary": "Kurztext", "url": {"from": ["Link", "Seite"]}}, ignore=["Intern", "x_*"])
    rows = [{"Nr": str(number), "Titel": "a", "Seite": "", "Intern": "", "x_1": "", "Kontaktperson": ""} for number in range(5)]
    first, second, third = made.batches(records(*rows), size=2)
    assert [("unmapped_column", "Kontaktperson")] == [(problem.code, problem.value) for problem in first.problems]
    assert not second.problems
    assert [("missing_column", "Kurztext", "remark")] == [
        (problem.code, problem.value, problem.severity) for problem in third.problems
    ]


def test_what_a_default_map_offers_may_be_missing() -> None:
    """A calendar without links is a calendar; only what the source file itself maps is missed."""
    batch = normalise({"name": "Treff", "neu": 1}, default={"map": {"title": "name", "url": "link"}}, map={}, nested=True)
    assert [("unmapped_column", "neu")] == [(problem.code, problem.value) for problem in batch.problems]


def test_a_source_takes_only_what_belongs_to_it() -> None:
    """The rest is counted, not lost."""
    batch = normalise(
        {"Nr": "1", "Titel": "Deutsch", "K": "x"}, {"Nr": "2", "Titel": "Yoga", "K": "y"}, where={"K": {"in": ["X"]}}
    )
    assert (1, 1, 2) == (len(batch.offers), batch.filtered, batch.read)


def test_the_registry_makes_one_institution_of_many_names() -> None:
    """Known ones get the registry's row, unknown ones a row of their own, once a run."""
    says = {
        "map": {"title": "Titel", "organisation.name": "Anbieter", "organisation.email": "Mail", "partner_organisations": "mit"}
    }
    batch = normalise(
        {
            "Nr": "1",
            "Titel": "a",
            "Anbieter": "Kommunales Integrationszentrum",
            "Mail": "x@y.de",
            "mit": "Träger Nord; VHS Duisburg",
        },
        {"Nr": "2", "Titel": "b", "Anbieter": "KI Duisburg"},
        {"Nr": "3", "Titel": "c", "Anbieter": "Träger  Nord"},
        {"Nr": "4", "Titel": "d", "Anbieter": "Молодь"},
        {"Nr": "5", "Titel": "e"},
        **says,
    )
    ids = [offer["organisation_id"] for offer in batch.offers]
    assert ["ki-duisburg", "ki-duisburg", "traeger-nord", "lernhaus-beispiel-e-v"] == [*ids[:3], ids[4]]
    assert str(ids[3]).startswith("org-")
    assert "traeger-nord;vhs-duisburg" == batch.offers[0]["partner_organisation_ids"]
    assert len(batch.organisations) == len({row["organisation_id"] for row in batch.organisations}) == 5
    assert duisburg().find_organisation("KI Duisburg") == batch.organisations[0]["organisation_id"]
    assert batch.organisations[0] in duisburg().organisations


def test_a_person_is_no_institution() -> None:
    """Neither in a row nor in an id; the publisher answers for the offer."""
    batch = normalise(
        {"Nr": "1", "Titel": "Nachhilfe", "Anbieter": "Frau Özlem Müller"},
        map={"title": "Titel", "organisation.name": "Anbieter"},
    )
    assert "lernhaus-beispiel-e-v" == batch.offers[0]["organisation_id"]
    assert [("person_name_withheld", "Zeile 2", "organisation.name")] == told(batch)
    assert "ller" not in str(batch.organisations) + str(batch.offers)


def test_the_same_place_is_one_row_and_its_id_is_its_content() -> None:
    """Twice the same house is once a location; another room makes another."""
    says = {
        "map": {"title": "Titel", "location.name": "Ort", "location.street_line": "Str"},
        "defaults": {"location.city": "Duisburg"},
    }
    batch = normalise(
        {"Nr": "1", "Titel": "a", "Ort": "Haus X", "Str": "Sonnenwall 7"},
        {"Nr": "2", "Titel": "b", "Ort": "Haus X ", "Str": "Sonnenwall  7"},
        {"Nr": "3", "Titel": "c", "Ort": "Haus Y", "Str": ""},
        {"Nr": "4", "Titel": "d", "Ort": "", "Str": "-"},
        **says,
    )
    ids = [offer["location_id"] for offer in batch.offers]
    assert (ids[0], None) == (ids[1], ids[3])
    assert [ids[0], ids[2]] == [row["location_id"] for row in batch.locations]
    assert [("Sonnenwall", "7", "Duisburg"), (None, None, "Duisburg")] == [
        (row["street"], row["house_number"], row["city"]) for row in batch.locations
    ]


def test_the_usual_place_of_a_source_is_not_the_place_of_an_online_offer() -> None:
    """A default place holds for what happens on site."""
    says = {
        "map": {"title": "Titel", "attendance_mode": "Form"},
        "defaults": {"location.name": "Haus X", "location.street": "Sonnenwall"},
    }
    batch = normalise({"Nr": "1", "Titel": "a", "Form": "Vor Ort"}, {"Nr": "2", "Titel": "b", "Form": "online"}, **says)
    assert [True, False] == [offer["location_id"] is not None for offer in batch.offers]


def test_half_a_point_is_no_point() -> None:
    """A latitude alone is told and left out."""
    batch = normalise(
        {"Nr": "1", "Titel": "a", "Ort": "x", "lat": "51,43", "lon": ""}, {"Nr": "2", "Titel": "b", "Ort": "x", "lat": "51.43",
        "lon": "6.76"},
        map={"title": "Titel", "location.name": "Ort", "location.latitude": "lat", "location.longitude": "lon"},
    )  # fmt: skip
    assert [(None, None, "none"), (51.43, 6.76, "exact")] == [
        (row["latitude"], row["longitude"], row["place_quality"]) for row in batch.locations
    ]
    assert [("bad_coordinates", "Zeile 2", "location.point")] == told(batch)


PROTECTED = {
    "map": {"title": "Titel", "description": "Text", "location.name": "Ort", "location.street_line": "Str", "location.postal_code": "PLZ",
            "location.address_protected": "Schutz", "location.latitude": "lat", "location.longitude": "lon",
            "organisation.name": "Anbieter",
            "organisation.street": "Straße", "session.date": "Tag", "session.note": "Notiz"},
}  # fmt: skip
SHELTER = {
    "Nr": "1", "Titel": "Frauenhaus in der Geheimstr. 17",
    "Text": "Wir helfen. Sie finden uns in der Geheimstraße 17, 47999 Duisburg. Rufen Sie an.",
    "Ort": "Frauenhaus, Geheimstraße 17", "Str": "Geheimstraße 17", "PLZ": "47999", "Schutz": "ja", "lat": "51.43", "lon": "6.76",
    "Anbieter": "Frauenhaus Beispiel", "Straße": "Geheimstraße", "Tag": "05.11.2026", "Notiz": "Treffpunkt Geheimstr. 17",
}  # fmt: skip


def test_a_protected_address_is_nowhere() -> None:
    """Not in the place, its id, the texts, the sessions, the institution, or a problem."""
    other = {
        "Nr": "2",
        "Str": "Andere Straße 3",
        "Titel": "Frauenhaus",
        "Ort": "Frauenhaus",
        "Straße": "",
        "Text": "",
        "Notiz": "",
    }
    batch = normalise(SHELTER, {**SHELTER, **other}, **PROTECTED)
    everything = str([getattr(batch, table) for table in (*ROW_TABLES, "problems")])
    for secret in ("Geheim", "47999", "Andere", "51.43"):
        assert secret not in everything
    assert ("Frauenhaus", "Wir helfen. Rufen Sie an.") == (batch.offers[0]["title"], batch.offers[0]["description"])
    assert [True] == [row["address_protected"] for row in batch.locations]  # one row: nothing tells the two houses apart
    assert ("protected_address", "Zeile 2", "location") in told(batch)
    assert 1 == len({offer["location_id"] for offer in batch.offers})


def test_an_unclear_word_about_protection_protects() -> None:
    """What may be protected is protected, and told."""
    batch = normalise({**SHELTER, "Schutz": "vielleicht"}, **PROTECTED)
    assert "Geheim" not in str([getattr(batch, table) for table in (*ROW_TABLES, "problems")])
    assert ("bad_boolean", "Zeile 2", "location.address_protected") in told(batch)


def test_a_partner_without_a_licence_keeps_his_texts() -> None:
    """facts_only: title, dates, place and link; the reader is sent on."""
    says = {
        "map": {
            "title": "Titel",
            "description": "Text",
            "summary": "Text",
            "image_url": "Bild",
            "record_url": "Link",
            "start_date": "Tag",
        }
    }
    row = {
        "Nr": "1",
        "Titel": "Deutsch",
        "Text": "Eigener Text",
        "Bild": "https://x.de/b.png",
        "Link": "https://x.de/1",
        "Tag": "05.11.2026",
    }
    (offer,) = normalise(
        row, rights="facts_only", translations={"map": {"language": "Sprache", "title": "Titel", "description": "Text"}}, **says
    ).offers
    assert (None, None, None, "facts_only") == tuple(offer[name] for name in ("description", "summary", "image_url", "rights"))
    assert ("Deutsch", "2026-11-05", "https://x.de/1") == (offer["title"], offer["start_date"], offer["record_url"])


def test_an_offer_without_contact_is_reached_through_its_page_or_its_provider() -> None:
    """Nothing is invented: the page is the offer's, the address the provider's."""
    says = {"map": {"title": "Titel", "record_url": "Link", "organisation.name": "Anbieter", "organisation.email": "Mail"}}
    batch = normalise(
        {"Nr": "1", "Titel": "a", "Link": "https://x.de/1", "Anbieter": "Träger", "Mail": "info@x.de"},
        {"Nr": "2", "Titel": "b", "Link": "", "Anbieter": "Träger", "Mail": "info@x.de"},
        **says,
    )
    assert [("https://x.de/1", None), (None, "info@x.de")] == [(offer["url"], offer["contact_email"]) for offer in batch.offers]


@pytest.mark.parametrize(
    ("private", "provider", "lent"),
    [
        ({"Mail": "anna.muster@x.de"}, {"Web": "https://x.de"}, ("https://x.de", None, None)),
        ({"Tel": "0176 12345678"}, {"Web": "https://x.de"}, ("https://x.de", None, None)),
        ({"Mail": "anna.muster@x.de", "Link": "https://x.de/1"}, {"Web": "https://x.de"}, ("https://x.de/1", None, None)),
        ({"Tel": "0176 12345678"}, {"Post": "info@x.de"}, (None, "info@x.de", None)),
        ({"Mail": "anna.muster@x.de"}, {"Ruf": "0203 123456"}, (None, None, "+49203123456")),
        ({"Mail": "anna.muster@x.de"}, {"Post": "otto.muster@x.de"}, ("https://lernhaus.example", None, None)),
        ({"Mail": "kurse@x.de", "Tel": "0176 12345678"}, {"Web": "https://x.de"}, (None, "kurse@x.de", None)),
    ],
)
def test_an_offer_whose_contact_is_withheld_is_reached_through_its_provider(
    private: dict[str, str], provider: dict[str, str], lent: tuple[str | None, ...]
) -> None:
    """What we take away we replace: by its page, the provider's website, number or function address, else the publisher's site."""
    says = {"map": {"title": "Titel", "record_url": "Link", "contact_email": "Mail", "contact_phone": {"from": "Tel", "as": "phone"},
                    "organisation.name": "Anbieter", "organisation.website": "Web", "organisation.email": "Post",
                    "organisation.phone": {"from": "Ruf", "as": "phone"}}}  # fmt: skip
    batch = shield(normalise({"Nr": "1", "Titel": "a", "Anbieter": "Träger", **private, **provider}, **says))
    assert lent == tuple(batch.offers[0][name] for name in ("url", "contact_email", "contact_phone"))
    assert [] == [problem for problem in Validator(duisburg()).validate(batch).problems if problem.code == "missing_contact"]


SESSIONS = {
    "map": {"title": "name"},
    "sessions": {"each": "termine", "map": {"start": {"from": ["tag", "von"]}, "end": "ende", "date": "datum", "time": "zeit",
    "weekday": "wochentag",
                                            "status": "stand", "location.name": "ort", "room": "raum"}},
}  # fmt: skip


@pytest.mark.parametrize(
    ("session", "expected"),
    [
        ({"tag": "05.11.2026", "von": "18 Uhr"}, ("2026-11-05T18:00:00+01:00", None, False)),
        ({"tag": "05.11.2026", "ende": "2026-11-05T19:00"}, ("2026-11-05T00:00:00+01:00", "2026-11-05T19:00:00+01:00", True)),
        ({"datum": "05.11.2026", "zeit": "18–20 Uhr"}, ("2026-11-05T18:00:00+01:00", "2026-11-05T20:00:00+01:00", False)),
        ({"datum": "05.11.2026", "zeit": "20–24 Uhr"}, ("2026-11-05T20:00:00+01:00", "2026-11-06T00:00:00+01:00", False)),
        ({"datum": "05.11.2026"}, ("2026-11-05T00:00:00+01:00", None, True)),
        ({"tag": "05.11.2026", "ende": "07.11.2026"}, ("2026-11-05T00:00:00+01:00", "2026-11-07T23:59:59+01:00", True)),
        ({"datum": "28.03.2026", "zeit": "23:00–23:30"}, ("2026-03-28T23:00:00+01:00", "2026-03-28T23:30:00+01:00", False)),
    ],
)  # fmt: skip
def test_days_and_times_become_instants_in_the_citys_zone(
    session: dict[str, Any], expected: tuple[str, str | None, bool]
) -> None:
    """A day without a time is a session of the whole day, and the last day belongs to it."""
    (row,) = normalise({"name": "Kurs", "termine": session}, nested=True, **SESSIONS).sessions
    assert expected == (row["start"], row["end"], row["all_day"])
    assert "scheduled" == row["status"]
    assert list(columns("sessions")) == list(row)


def test_weekly_sessions_have_weekdays_and_times_and_no_date() -> None:
    """Two weekdays are two sessions."""
    batch = normalise(
        {"Nr": "7", "name": "Treff", "termine": [{"wochentag": "Mo und Mi", "zeit": "16–18 Uhr"}]}, nested=True, **SESSIONS
    )
    assert [("mo", "16:00", "18:00", None), ("we", "16:00", "18:00", None)] == [
        (row["weekday"], row["start_time"], row["end_time"], row["start"]) for row in batch.sessions
    ]
    assert ["du-probe:7@mo-16:00", "du-probe:7@we-16:00"] == [row["session_id"] for row in batch.sessions]


def test_a_session_without_a_time_is_told_and_the_offer_stays() -> None:
    """So is a time that the clocks skip."""
    termine = [
        {"raum": "1"},
        {"datum": "32.11.2026", "zeit": "18 Uhr"},
        {"datum": "29.03.2026", "zeit": "02:30"},
        {"datum": "05.11.2026"},
    ]
    batch = normalise({"name": "Kurs", "termine": termine}, nested=True, **SESSIONS)
    assert (1, 1) == (len(batch.offers), len(batch.sessions))
    assert ["session_without_time", "bad_date", "session_without_time", "bad_time", "session_without_time"] == [
        code for code, _, _ in told(batch)
    ]
    empty = normalise({"Titel": "Kurs", "Tag": ""}, map={"title": "Titel", "session.date": "Tag"})
    assert ([], []) == (empty.sessions, empty.problems)


def test_a_session_has_a_place_of_its_own_only_where_it_is_elsewhere() -> None:
    """The location of a session is empty where it is the offer's."""
    says = {**SESSIONS, "map": {"title": "name", "location.name": "ort"}}
    batch = normalise(
        {"name": "Kurs", "ort": "Haus X", "termine": [{"datum": "05.11.2026", "ort": "Haus X"}, {"datum": "06.11.2026",
        "ort": "Haus Y"}]}, nested=True, **says
    )  # fmt: skip
    assert [None, batch.locations[1]["location_id"]] == [row["location_id"] for row in batch.sessions]
    assert ["Haus X", "Haus Y"] == [row["name"] for row in batch.locations]


def test_a_cell_may_hold_several_dates() -> None:
    """Each piece of the cell is an item; @ is the piece itself."""
    batch = normalise(
        {"Titel": "Kurs", "Termine": "05.11.2026 18:00; 12.11.2026 18:00"}, sessions={"each": "Termine", "map": {"start": "@"}}
    )
    assert ["2026-11-05T18:00:00+01:00", "2026-11-12T18:00:00+01:00"] == [row["start"] for row in batch.sessions]


def test_translations_are_the_partners_own() -> None:
    """One row a language; the language of the text itself is no translation, an unknown one is told."""
    texts = [
        {"l": "uk", "t": "Мова"},
        {"l": "Deutsch", "t": "Sprache"},
        {"l": "xx-klingon", "t": "?"},
        {"l": "uk", "t": "Ще раз"},
        {"l": "ar", "t": ""},
    ]
    batch = normalise(
        {"name": "Sprache", "texte": texts}, nested=True, map={"title": "name"}, translations={"each": "texte",
        "map": {"language": "l", "title": "t"}}
    )  # fmt: skip
    assert [("uk", "Мова", "partner")] == [(row["language"], row["title"], row["origin"]) for row in batch.translations]
    assert ["bad_language", "ambiguous_value"] == [code for code, _, _ in told(batch)]
    assert list(columns("translations")) == list(batch.translations[0])


def test_problems_of_the_connector_pass_through() -> None:
    """A remark counts no record, a lost record does, also where there is no other."""
    remark, bad = Problem("odd_record", "Zeile 3"), Problem("bad_record", "Zeile 9")
    (batch,) = normaliser().batches([remark, *records({"Nr": "1", "Titel": "a"})])
    assert ([remark], 1, ()) == (batch.problems, batch.read, batch.rejected)
    (alone,) = normaliser().batches([bad])
    assert ([bad], 1, ("",)) == (alone.problems, alone.read, alone.rejected)
    assert [] == list(normaliser().batches([]))


def test_a_mistake_of_ours_costs_one_record(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is told as our own problem, with the place, and the others go on."""
    made = normaliser()
    monkeypatch.setattr("schemas.drafts.to_ids", lambda key, given: (given, f"{key}:{given}") if given != "2" else given[99])
    (batch,) = made.batches(records({"Nr": "1", "Titel": "a"}, {"Nr": "2", "Titel": "b"}, {"Nr": "3", "Titel": "c"}))
    assert (2, ("",)) == (len(batch.offers), batch.rejected)
    assert [("unexpected", "Zeile 3", None)] == told(batch)
    assert "IndexError" in batch.problems[0].note


def test_the_same_feed_gives_the_same_rows_in_batches_of_any_size() -> None:
    """An unchanged offer is an unchanged row; organisations and places come once a run."""
    rows = [{"Nr": str(number), "Titel": f"Kurs {number}", "Ort": f"Haus {number % 3}"} for number in range(25)]
    made = normaliser(map={"title": "Titel", "location.name": "Ort"})
    whole, small = list(made.batches(records(*rows))), list(made.batches(records(*rows), size=4))
    assert (1, 7) == (len(whole), len(small))
    for table in ROW_TABLES:
        assert getattr(whole[0], table) == [row for batch in small for row in getattr(batch, table)]
    assert 3 == len(whole[0].locations)


CELLS = st.one_of(
    st.none(),
    st.text(max_size=12),
    st.sampled_from(["1", "2", "Kurs", "05.11.2026", "Haus X", "-", "ja", "x", "18 Uhr", "47051"]),
)
ROWS = st.lists(st.dictionaries(st.sampled_from(["Nr", "Titel", "Ort", "Tag", "Zeit", "K", "Schutz", "Neu"]), st.one_of(CELLS,
st.lists(CELLS, max_size=2)),
                                max_size=8), max_size=12)  # fmt: skip


def raw_records(rows: Iterable[dict[str, Any]]) -> list[RawRecord]:
    """Records whose id may be missing."""
    return [
        RawRecord(row, f"Zeile {line}", "0" * 64, row["Nr"] if isinstance(row.get("Nr"), str) else None)
        for line, row in enumerate(rows)
    ]


@settings(max_examples=150, deadline=None)
@given(rows=ROWS, size=st.integers(min_value=1, max_value=5), same=st.sampled_from(["reject", "sessions"]))
def test_the_books_always_balance(rows: list[dict[str, Any]], size: int, same: str) -> None:
    """Every record is an offer, rejected, filtered or merged; ids are unique; every row refers to what is there."""
    made = normaliser(
        map={"title": "Titel", "location.name": "Ort", "location.address_protected": "Schutz", "session.start": {"from": ["Tag", "Zeit"]}},
        where={"K": {"not_in": ["x"]}}, same_id=same,
    )  # fmt: skip
    batches = list(made.batches(raw_records(rows), size=size))
    assert len(rows) == sum(batch.read for batch in batches)
    offers = [row for batch in batches for row in batch.offers]
    sessions = [row for batch in batches for row in batch.sessions]
    locations = {row["location_id"] for batch in batches for row in batch.locations}
    assert len(offers) == len({row["offer_id"] for row in offers})
    assert len(sessions) == len({row["session_id"] for row in sessions})
    assert {row["offer_id"] for row in sessions} <= {row["offer_id"] for row in offers}
    assert {row["location_id"] for row in [*offers, *sessions]} <= locations | {None}
    assert not [problem for batch in batches for problem in batch.problems if problem.code == "unexpected"]
    for batch in batches:
        for offer in batch.offers:
            assert offer["offer_id"] in batch.locators
            assert not schema("offers").get_field("offer_id").read_cell(offer["offer_id"])[1]
