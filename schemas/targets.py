"""A target of a source file's map comes in (`start_date`, `location.street`, `age`); what its values must become goes out.

A target is a column of ours, or a word for several columns that one text of a partner fills at once. Every column has a converter
of its own that runs last, so that whatever the source file says, a row holds dates where dates belong.
"""

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any

from schemas import shortcuts
from schemas.convert import SETTLED, Step
from schemas.converters import ages, contact, dates, fields, money, numbers, places, times, weekdays, whens, words
from schemas.converters.answer import Convert, Setting
from schemas.converters.text import one_line, paragraphs
from schemas.problems import SchemaError
from schemas.tables import columns, load
from schemas.vocabulary import load as load_vocabulary

GROUPS = MappingProxyType({
    "": "offers", "location": "locations", "organisation": "organisations", "session": "sessions", "translation": "translations",
})  # fmt: skip
# columns that follow from others; a source file cannot set them
DERIVED = frozenset({
    "offer_id", "source_key", "organisation_id", "location_id", "session_id", "partner_organisation_ids",
    "parent_organisation_id",
})  # fmt: skip
LINES = frozenset({"description"})  # columns whose text keeps its lines


@dataclass(frozen=True, slots=True)
class Word:
    """A target that is no column: what it fills, how, and what joins several fields of the partner (None: the first filled).

    `when` is no column either: the sessions of one text, which schemas/drafts.py spreads.
    """

    fills: tuple[str, ...]
    make: Callable[[Any, Setting], Convert]
    says: str
    join: str | None = None


WORDS: Mapping[str, Word] = MappingProxyType({
    "age": Word(("age_min", "age_max"), ages.to_age, "6–10 Jahre, ab 6, bis 12 J."),
    "cefr": Word(("cefr_from", "cefr_to"), ages.to_cefr, "A2–B1, B1.2, Niveau B2"),
    "cost": Word(("cost_type", "cost_amount", "cost_currency", "cost_note"), money.to_cost, "25,00 €, kostenlos, ab 5 €", " "),
    "period": Word(("start_date", "end_date"), dates.to_period, "01.03.–31.05.2027"),
    "location.address": Word(
        ("name", "street", "house_number", "postal_code", "city"), places.to_address, "Sonnenwall 73-75, 47051 Duisburg", ", "
    ),
    "location.street_line": Word(("street", "house_number"), places.to_street_line, "Sonnenwall 73-75", " "),
    "location.point": Word(("latitude", "longitude"), places.to_coordinates, "51.43, 6.76, oder zwei Felder mit coordinates"),
    "session.time": Word(("start_time", "end_time"), times.to_span, "18:00–19:30"),
    "session.when": Word(("when",), whens.to_whens, "Di 17.30–19 Uhr; jeden 1. Do im Monat, 10 Uhr; Sa., 5.12.2026, 14–17 Uhr", "\n"),
})  # fmt: skip
# targets that normalise itself makes into columns; they are read as what stands here
HELPERS: Mapping[str, str] = MappingProxyType({"session.date": "date", "partner_organisations": "names"})
# several fields that belong together unless the source file says otherwise
JOINED: Mapping[str, str] = MappingProxyType({"session.start": " ", "session.end": " "})


def target_names() -> tuple[str, ...]:
    """Give every target a source file may name."""
    own = [
        f"{group}.{column}" if group else column
        for group, table in GROUPS.items() for column in columns(table) if column not in DERIVED
    ]  # fmt: skip
    return (*own, *WORDS, *HELPERS)


def split_target(target: str) -> tuple[str, str]:
    """Split a target into group and name; raise SchemaError, with the nearest known word, where there is no such target."""
    if target not in _targets():
        near = difflib.get_close_matches(target, _targets(), n=1)
        hint = f" Gemeint ist vielleicht ‚{near[0]}‘." if near else ""
        raise SchemaError(f"Das Ziel ‚{target}‘ kennen wir nicht.{hint}")
    group, _, name = target.rpartition(".")
    return group, name


@cache
def _targets() -> frozenset[str]:
    return frozenset(target_names())


def to_last_step(target: str, setting: Setting, *, cleaned: bool = False) -> Step:
    """Make the converter that a target's values pass at last. `cleaned`: the one before it is `text`."""
    group, name = split_target(target)
    if target in WORDS:
        word = WORDS[target].make
        return Step(word(None, setting), True, False, SETTLED.get(word, ""))
    if target in HELPERS:
        if HELPERS[target] == "date":
            return Step(dates.to_date(None, setting), True, False, SETTLED[dates.to_date])
        return Step(fields.to_names, True, False)
    return _column_step(_fields(GROUPS[group])[name], setting, cleaned)


@cache
def _fields(table: str) -> Mapping[str, dict[str, Any]]:
    """Give what a Table Schema says of each column."""
    return {field["name"]: field for field in load(table)["fields"]}


def _column_step(field: dict[str, Any], setting: Setting, cleaned: bool) -> Step:
    """Choose by name where a column is special, else by what the Table Schema says of it."""
    name, rules = field["name"], field.get("constraints", {})
    special = SPECIAL.get(name)
    if special:
        return Step(special(None, setting), True, False, SETTLED.get(special, ""))
    if field["type"] != "string":
        make = TYPES[field["type"]]
        return Step(make(None, setting), True, False, SETTLED.get(make, ""))
    if "vocabulary" in field:
        find = load_vocabulary(field["vocabulary"]).find
        return Step(words.code_list(find) if field.get("list") else words.one_code(find), True, False)
    if field.get("format") == "uri" or "https?" in rules.get("pattern", ""):
        return Step(contact.to_url(None, setting), True, True)
    limit = rules.get("maxLength", 0)
    return Step(paragraphs(limit, cleaned=cleaned), True, True) if name in LINES else Step(one_line(limit), True, True)


# columns that want more than their type says
SPECIAL: Mapping[str, Callable[[Any, Setting], Convert]] = MappingProxyType({
    "record_id": fields.to_record_id,
    "age_min": lambda argument, setting: numbers.to_integer(argument, setting, "bad_age"),
    "age_max": lambda argument, setting: numbers.to_integer(argument, setting, "bad_age"),
    "cefr_from": ages.to_level,
    "cefr_to": ages.to_level,
    "cost_amount": money.to_money,
    "text_language": words.to_language,
    "taught_language": words.to_language,
    "language": words.to_language,
    "languages": words.to_languages,
    "contact_email": contact.to_email,
    "email": contact.to_email,
    "contact_phone": shortcuts.to_phone,
    "phone": shortcuts.to_phone,
    "postal_code": places.to_postcode,
    "latitude": places.to_degree,
    "longitude": places.to_degree,
    "wheelchair": places.to_wheelchair,
    "district_code": fields.to_area("districts"),
    "subdistrict_code": fields.to_area("subdistricts"),
    "quarter_code": fields.to_area("quarters"),
    "area_served": words.to_areas,
    "keywords": fields.to_keywords,
    "start": dates.to_datetime,
    "end": dates.to_datetime,
    "exdates": fields.to_days,
    "rrule": fields.to_recurrence,
    "weekday": weekdays.to_weekday,
    "start_time": times.to_time,
    "end_time": times.to_time,
    "licence": fields.to_licence,
})  # fmt: skip
TYPES: Mapping[str, Callable[[Any, Setting], Convert]] = MappingProxyType({
    "date": dates.to_date, "datetime": fields.to_instant, "integer": numbers.to_integer, "number": numbers.to_number,
    "boolean": numbers.to_boolean,
})  # fmt: skip
