"""A source file's map says how a record is read; what is wrong with it is said before the first record."""

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.converters.answer import Setting
from schemas.mapping import Plan, compile_plan
from schemas.problems import SchemaError
from schemas.reading import Found
from schemas.select import Unreadable, is_filled, to_selector
from schemas.source import Source
from schemas.targets import WORDS, split_target, target_names, to_last_step

SETTING = Setting(zone=ZoneInfo("Europe/Berlin"), city="Duisburg", areas={"districts": {"mitte": "500"}})
DEFAULT = {
    "map": {"title": "name", "description": {"from": "text", "as": "text"}, "url": "link"},
    "sessions": {"each": "termine", "map": {"start": "beginn", "room": "raum"}},
    "ignore": ["id", "intern_*"],
    "defaults": {"offer_type": "event"},
    "lookups": {"art": {"Kurs": "course"}},
}


def plan(default: Mapping[str, Any] = {}, *, nested: bool = False, **says: Any) -> Plan:
    """Compile the map of a source file that says this much."""
    source = Source.model_validate(
        {
            "key": "du-probe",
            "title": "Probe",
            "publisher": {"name": "Haus"},
            "licence": "dl-by-de/2.0",
            "source": {"kind": "csv"},
            **says,
        }
    )
    return compile_plan(source, default, SETTING, nested=nested)


def read(made: Plan, record: dict[str, Any], group: str = "offer") -> tuple[dict[str, Any], list[tuple[str, str]]]:
    """Read one group of a record; give the columns and what was found: target and code."""
    row: dict[str, Any] = {}
    found: Found = []
    getattr(made, group).read(record, row, found)
    return row, [(target, finding.code) for target, finding in found]


def test_a_column_gets_what_its_type_wants_without_a_word() -> None:
    """A map may name fields alone; dates become dates, lists lists, words codes."""
    made = plan(map={"title": "T", "start_date": "B", "topics": "K", "childcare": "C", "contact_phone": "P", "places_free": "F"})
    record = {"T": "Deutsch  A1 ", "B": "5.11.2026", "K": "Sprache; Sport", "C": "ja", "P": "0203 / 123456", "F": "3"}
    assert (
        {"title": "Deutsch A1", "start_date": "2026-11-05", "topics": "language;sport", "childcare": True, "contact_phone": "+49203123456",
         "places_free": 3}, [],
    ) == read(made, record)  # fmt: skip


def test_the_source_file_overrides_the_default_key_by_key() -> None:
    """What it does not name stays as the kind of feed says."""
    made = plan(
        DEFAULT,
        map={"title": "ueberschrift", "offer_type": {"from": "art", "as": [{"lookup": "art"}]}},
        lookups={"art": {"Treff": "open_meeting"}},
    )
    row, _ = read(made, {"name": "alt", "ueberschrift": "neu", "text": "<p>a</p><p>b</p>", "link": "www.x.de", "art": "treff"})
    assert {"title": "neu", "description": "a\n\nb", "url": "https://www.x.de", "offer_type": "open_meeting"} == row
    assert "event" == made.offer.constants["offer_type"]
    assert made.is_known("text") and made.is_known("termine") and made.is_known("id") and made.is_known("intern_7")
    assert not made.is_known("nome")


def test_what_another_field_takes_the_place_of_is_known_all_the_same() -> None:
    """A field of the kind's own making is nothing that a partner could map or ignore."""
    made = plan(DEFAULT, map={"title": "ueberschrift"})
    assert made.is_known("name")
    assert not made.reads("name")


def test_several_fields_are_tried_in_order_or_joined() -> None:
    """The first filled one is taken; "-" is not filled. Start takes day and time together."""
    made = plan(
        map={
            "title": {"from": ["A", "B"]},
            "summary": {"from": ["A", "B"], "join": ", "},
            "session.start": {"from": ["Tag", "Zeit"]},
        }
    )
    record = {"A": "-", "B": "b", "Tag": "05.11.2026", "Zeit": "18 Uhr"}
    assert ({"title": "b", "summary": "b"}, []) == read(made, record)
    assert made.sessions is not None
    row: dict[str, Any] = {}
    made.sessions.own.read(record, row, [])
    assert {"start": "2026-11-05T18:00:00+01:00"} == row


def test_one_text_may_fill_several_columns_and_a_column_of_its_own_wins() -> None:
    """age, cefr, cost, period, address, street_line, point."""
    made = plan(
        map={
            "age": "Alter", "age_max": "bis", "cefr": "Niveau", "cost": {"from": ["Preis", "Währung"]}, "period": "Zeitraum",
            "location.address": {"from": ["Straße", "Ort"]},
            "location.point": {"from": ["X", "Y"], "as": {"coordinates": "EPSG:25832"}},
        }
    )  # fmt: skip
    record = {"Alter": "6–10 Jahre", "bis": "12", "Niveau": "A2–B1", "Preis": "25", "Währung": "EUR", "Zeitraum": "01.03.–31.05.2027",
              "Straße": "Sonnenwall 73-75", "Ort": "47051 Duisburg", "X": "340721", "Y": "5697215"}  # fmt: skip
    row, found = read(made, record)
    assert not found
    assert (6, 12, "A2", "B1") == (row["age_min"], row["age_max"], row["cefr_from"], row["cefr_to"])
    assert ("paid", 25.0, "EUR", "2027-03-01", "2027-05-31") == tuple(
        row[name] for name in ("cost_type", "cost_amount", "cost_currency", "start_date", "end_date")
    )
    place, _ = read(made, record, "location")
    assert ("Sonnenwall", "73-75", "47051", "Duisburg") == tuple(
        place[name] for name in ("street", "house_number", "postal_code", "city")
    )
    assert 51.40 < place["latitude"] < 51.41


def test_an_unclear_value_is_told_and_its_default_does_not_hide_it() -> None:
    """A default is for what nobody said; an unknown word was said."""
    made = plan(map={"title": "T", "status": {"from": "S", "default": "full"}}, defaults={"topics": ["sport", "language"]})
    row: dict[str, Any] = dict(made.offer.constants)
    found: Found = []
    made.offer.read({"T": "x", "S": "weiß nicht"}, row, found)
    assert {"title": "x", "status": None, "topics": "language;sport"} == row
    assert [("status", "unknown_value", "weiß nicht")] == [(target, finding.code, finding.value) for target, finding in found]
    row = dict(made.offer.constants)
    made.offer.read({"T": "x", "S": " "}, row, found)
    assert "full" == row["status"]


def test_an_unclear_word_undoes_all_the_defaults_it_would_fill() -> None:
    """Adults are no number; that the source is usually for six and older says nothing then."""
    made = plan(map={"title": "T", "age": "A"}, defaults={"age_min": 6, "cost": "kostenlos"})
    row: dict[str, Any] = dict(made.offer.constants)
    assert {"age_min": 6, "cost_type": "free"} == row
    made.offer.read({"T": "x", "A": "Erwachsene"}, row, [])
    assert (None, "free") == (row["age_min"], row["cost_type"])


def test_nested_records_are_selected_by_path_name_or_jmespath() -> None:
    """Names that JMESPath would refuse are plain names."""
    record = {"@id": "7", "dc:title": "Kurs", "ort": {"plz": "47051"}, "termine": [{"tag": "a"}, {"tag": "b"}], "a.b": "flach"}
    selected = {
        text: to_selector(text, nested=True).get(record)
        for text in ("@id", "dc:title", "ort.plz", "ort.x.y", "termine[].tag", "ort || x")
    }
    assert {
        "@id": "7",
        "dc:title": "Kurs",
        "ort.plz": "47051",
        "ort.x.y": None,
        "termine[].tag": ["a", "b"],
        "ort || x": {"plz": "47051"},
    } == selected
    assert "flach" == to_selector("a.b", nested=False).get(record)
    assert record == to_selector("@", nested=True).get(record)
    with pytest.raises(Unreadable):
        to_selector("length(ort.plz.x)", nested=True).get(record)


@pytest.mark.parametrize(
    ("selector", "roots"),
    [
        ("a.b", {"a"}), ("a[0].b", {"a"}), ("a[?b=='x'].c | [0]", {"a"}), ("a || b", {"a", "b"}), ("[a, b.c]", {"a", "b"}),
        ("length(a)", {"a"}),
        ("{x: a, y: b}", {"a", "b"}), ("@", {"@"}), ("@id", {"@id"}), ("'x'", set()), ("a[*].b[]", {"a"}), ("values(a)",
        {"a"}), ("!a", {"a"}),
    ],
)  # fmt: skip
def test_a_selector_tells_which_fields_it_reads(selector: str, roots: set[str]) -> None:
    """So that a field nobody reads can be named."""
    assert roots == to_selector(selector, nested=True).roots


def test_a_jmespath_that_does_not_apply_is_a_finding() -> None:
    """The record goes on without the value."""
    made = plan(map={"title": "name", "keywords": "join(';', zahlen)"}, nested=True)
    row, found = read(made, {"name": "x", "zahlen": [1, 2]})
    assert ({"title": "x"}, [("keywords", "ambiguous_value")]) == (row, found)


def test_where_says_which_records_belong_here() -> None:
    """Compared without regard to case; a list fits if one of its items does."""
    where = {"K": {"in": ["Integration", "deutsch"]}, "S": {"not_in": ["intern"]}, "T": {"contains": ["kurs"], "filled": True}}
    made = plan(map={"title": "T"}, where=where)
    assert made.belongs({"K": "DEUTSCH", "T": "Sprachkurs"})
    assert made.belongs({"K": ["x", "Integration"], "S": "offen", "T": "KURS"})
    assert not made.belongs({"K": "Yoga", "T": "Kurs"})
    assert not made.belongs({"K": "Deutsch", "S": "Intern", "T": "Kurs"})
    assert not made.belongs({"K": "Deutsch", "T": "Treff"})
    assert not made.belongs({"K": "Deutsch"})


@pytest.mark.parametrize(
    ("says", "sentence"),
    [
        ({"map": {"titel": "T"}}, "du-probe, map: Das Ziel ‚titel‘ kennen wir nicht. Gemeint ist vielleicht ‚title‘."),
        ({"map": {"offer_id": "T"}}, "du-probe, map: Das Ziel ‚offer_id‘ kennen wir nicht."),
        ({"map": {"title": {"from": "T", "as": "regex"}}}, "du-probe, map.title: Den Umwandler ‚regex‘ gibt es nicht."),
        ({"map": {"topics": {"from": "T", "as": {"lookup": "x"}}}}, "du-probe, map.topics: die Tabelle ‚x‘ steht nicht unter lookups"),
        ({"map": {"start_date": {"from": "T", "as": {"date": "D.M."}}}}, "du-probe, map.start_date: date kennt die Form ‚D.M.‘ nicht"),
        ({"map": {"title": "a[b"}}, "du-probe, map.title: Die Auswahl ‚a[b‘ ist kein gültiges JMESPath"),
        ({"where": {"a[b": {"in": ["x"]}}}, "du-probe, where: Die Auswahl ‚a[b‘ ist kein gültiges JMESPath"),
        ({"defaults": {"topics": "Basteln"}}, "du-probe, defaults: ‚Basteln‘ passt nicht zu ‚topics‘."),
        ({"defaults": {"tpoics": "Sport"}}, "du-probe, defaults: Das Ziel ‚tpoics‘ kennen wir nicht. Gemeint ist vielleicht ‚topics‘."),
        ({"sessions": {"map": {"anfang": "a"}}}, "du-probe, sessions.map: Das Ziel ‚session.anfang‘ kennen wir nicht."),
        ({"map": {"session.date": "D"}, "sessions": {"each": "t", "map": {"start": "s"}}}, "gehen nicht zugleich"),
        ({"translations": {"each": "t", "map": {"room": "r"}}},
        "du-probe, translations.map: Das Ziel ‚translation.room‘ kennen wir nicht."),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_map_is_one_german_sentence(says: dict[str, Any], sentence: str) -> None:
    """With the source, the place in the file and the word; `landkarte sources check` shows it."""
    with pytest.raises(SchemaError) as caught:
        plan(nested=True, **says)
    assert sentence in str(caught.value)
    assert str(caught.value).endswith(".")


def test_a_broken_default_map_is_the_kinds_mistake() -> None:
    """It names the kind."""
    with pytest.raises(SchemaError, match="Die Vorgabe der Art ‚csv‘ ist fehlerhaft"):
        plan({"mapp": {}})


def test_every_target_knows_what_its_values_must_become() -> None:
    """And none is derived: ids are ours."""
    for target in target_names():
        assert to_last_step(target, SETTING).convert(None) is None
        assert split_target(target)
    assert {
        "age",
        "cefr",
        "cost",
        "period",
        "location.address",
        "location.street_line",
        "location.point",
        "session.time",
        "session.when",
    } == set(WORDS)
    assert not {"offer_id", "location.location_id", "session.session_id", "organisation.organisation_id"} & set(target_names())


@given(st.text(max_size=30))
def test_no_selector_breaks_anything(text: str) -> None:
    """A selector is compiled, or refused with a SchemaError; a flat one is any name at all."""
    assert to_selector(text, nested=False).text == text
    try:
        selector = to_selector(text, nested=True)
        selector.get({"a": [1, {"b": "c"}]})
    except (SchemaError, Unreadable):
        pass


def test_empty_values_are_not_filled() -> None:
    """Zero and no are."""
    assert [False] * 5 == [is_filled(value) for value in ("", " ", None, [], {})]
    assert [True] * 4 == [is_filled(value) for value in (0, False, "x", [None])]
