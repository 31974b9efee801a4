"""A table's name comes in; its Table Schema goes out, as a descriptor, as column names or as a frictionless Schema.

The descriptors are `schemas/tables/<one row's name>.json`. Two keys are ours: `vocabulary` names the list a field takes its
codes from, `list` says that the field holds several values joined with `;`. Specification: https://specs.frictionlessdata.io/table-schema/
"""

import json
from copy import deepcopy
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from schemas.problems import SchemaError, problem_codes
from schemas.vocabulary import load as load_vocabulary

if TYPE_CHECKING:
    from frictionless import Schema

FOLDER = Path(__file__).parent / "tables"

# resource name -> file stem: a table is named after its rows, its schema after one of them
FILES = MappingProxyType(
    {
        "organisations": "organisation",
        "locations": "location",
        "offers": "offer",
        "sessions": "session",
        "translations": "translation",
        "sources": "source",
        "problems": "problem",
        "districts": "district",
        "subdistricts": "subdistrict",
        "quarters": "quarter",
        "vocabularies": "vocabulary",
        "withdrawn": "withdrawn",
        "matches": "match",
    }
)
TABLES: tuple[str, ...] = tuple(FILES)[:10]  # the data model; the last ones only accompany it in the package
CITY_TABLES: tuple[str, ...] = ("districts", "subdistricts", "quarters")


def load(table: str) -> dict[str, Any]:
    """Give the descriptor of a table as a copy of its own; raise SchemaError where the file is missing or broken."""
    return deepcopy(_loaded(table, FOLDER))


def columns(table: str) -> tuple[str, ...]:
    """Give the column names of a table in the order of its files."""
    return _columns(table, FOLDER)


GROUP_TABLES = {"location": "locations", "organisation": "organisations", "session": "sessions", "translation": "translations"}
WORD_TITLES = {  # targets of a source file that are no column (schemas/targets.py)
    "age": "Alter", "cefr": "Sprachniveau", "cost": "Kosten", "period": "Zeitraum", "location": "Ort", "location.address": "Adresse",
    "location.street_line": "Straße und Hausnummer", "location.point": "Koordinaten", "session.time": "Uhrzeit",
    "session.date": "Tag", "session.when": "Zeiten", "partner_organisations": "Kooperationspartner",
}  # fmt: skip


@cache
def field_title(column: str) -> str | None:
    """Give the German title of a column or target by its name, from the first table that has it; None where nothing has it."""
    if column in WORD_TITLES:
        return WORD_TITLES[column]
    group, _, name = column.partition(".")
    if name and group in GROUP_TABLES:
        found = (one for one in _loaded(GROUP_TABLES[group], FOLDER)["fields"] if one["name"] == name)
        return next((str(one["title"]) for one in found), None)
    for table in ("offers", "sessions", "locations", *TABLES):
        for field in _loaded(table, FOLDER)["fields"]:
            if field["name"] == column:
                return str(field["title"])
    return None


def schema(table: str) -> "Schema":
    """Give the table as a new frictionless Schema; raise SchemaError where frictionless refuses it."""
    # here and not above: it takes long to import, and few who read tables need it
    from frictionless import FrictionlessException, Schema

    try:
        return Schema.from_descriptor(load(table))
    except FrictionlessException as error:
        notes = "; ".join(reason.note for reason in error.reasons) or error.error.note
        raise _broken(_path(table, FOLDER), f"Das Tabellenschema ist ungültig ({notes})") from error


def package_template() -> dict[str, Any]:
    """Give the descriptor of a published data package with every resource it may hold, schemas written out.

    The publisher drops what a package does not hold (with the foreign keys into it) and adds name, title, licences, hashes.
    """
    template: dict[str, Any] = _read_json(FOLDER.parent / "datapackage.json")
    for resource in template["resources"]:
        if "schema" in resource:
            resource["schema"] = load(resource["name"])
    return template


def bound(descriptor: dict[str, Any]) -> dict[str, Any]:
    """Give a copy whose fields with a `vocabulary` accept its codes and no others.

    A field of one value gets an enum, a list a pattern. The pattern is bracketed as a whole and in each repetition: frictionless
    puts ^ before and $ behind it without brackets of its own, so that a bare `a|b` would accept `ab`.
    """
    copy = deepcopy(descriptor)
    for field in copy["fields"]:
        name = field.get("vocabulary")
        if name:
            codes = problem_codes() if name == "problems" else load_vocabulary(name).codes
            one = "|".join(codes)
            rule = {"pattern": f"(?:{one})(?:;(?:{one}))*"} if field.get("list") else {"enum": list(codes)}
            field["constraints"] = {**field.get("constraints", {}), **rule}
    return copy


def read_table(path: Path) -> dict[str, Any]:
    """Read one schema file; raise SchemaError, one German sentence, where it is missing, no JSON or no table."""
    descriptor = _read_json(path)
    if not isinstance(descriptor, dict) or not isinstance(fields := descriptor.get("fields"), list) or not fields:
        raise _broken(path, "Das Tabellenschema hat keine Felder")
    names = [field.get("name") if isinstance(field, dict) else None for field in fields]
    if not all(isinstance(name, str) and name for name in names):
        raise _broken(path, "Ein Feld des Tabellenschemas hat keinen Namen")
    for name in names:
        if names.count(name) > 1:
            raise _broken(path, f"Das Feld ‚{name}‘ steht zweimal im Tabellenschema")
    return descriptor


def _read_json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SchemaError(f"{path.name}: Die Datei ist nicht lesbar. Bitte das Programm neu einrichten.") from error
    except ValueError as error:  # broken JSON, or bytes that are no UTF-8
        raise _broken(path, f"Das ist kein gültiges JSON ({error})") from error


def _broken(path: Path, what: str) -> SchemaError:
    return SchemaError(f"{path.name}: {what}. Bitte die Datei berichtigen.")


def _path(table: str, folder: Path) -> Path:
    try:
        return folder / f"{FILES[table]}.json"
    except KeyError:
        raise SchemaError(f"Eine Tabelle ‚{table}‘ gibt es nicht. Bekannt sind: {', '.join(TABLES)}.") from None


@cache
def _loaded(table: str, folder: Path) -> dict[str, Any]:
    return read_table(_path(table, folder))


@cache
def _columns(table: str, folder: Path) -> tuple[str, ...]:
    return tuple(field["name"] for field in _loaded(table, folder)["fields"])
