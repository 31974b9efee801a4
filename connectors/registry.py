"""The entry points of installed packages come in; the kinds of feeds we read go out, and what a source file may say of each.

A package that brings a connector names it in the group `integrationslandkarte.connectors`; ours do the same. One that cannot be
loaded becomes a line that says why, and breaks nothing else.
"""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from types import MappingProxyType
from typing import Any

import orjson
from pydantic import ValidationError

from connectors.contract import API_VERSION, Completeness, Connector, Options
from schemas.problems import SchemaError
from schemas.source import Source, to_sentence

GROUP = "integrationslandkarte.connectors"
# What a connector must have, and of which type; methods aside
PARTS: Mapping[str, type] = MappingProxyType(
    {"kind": str, "title": str, "api_version": int, "completeness": Completeness, "nested": bool, "depends_on_day": bool}
)
METHODS = ("entries", "read", "detect")


@dataclass(frozen=True, slots=True)
class Unavailable:
    """A connector that is installed but cannot be used, and the German reason."""

    kind: str
    reason: str


@cache
def connectors() -> Mapping[str, type[Connector[Any]] | Unavailable]:
    """Load all connectors by their kind, in alphabetical order."""
    return load(entry_points(group=GROUP))


def load(points: Any) -> Mapping[str, type[Connector[Any]] | Unavailable]:
    """Load the connectors that entry points name; the first of a kind counts, ours before others'."""
    found: dict[str, type[Connector[Any]] | Unavailable] = {}
    for point in sorted(points, key=lambda point: (point.name, not point.value.startswith("connectors."), point.value)):
        loaded = _load_one(point)
        if point.name not in found:
            found[point.name] = loaded
        elif point.value != _origin(found[point.name]):
            name = f"{point.name} ({point.value.partition(':')[0]})"
            found[name] = Unavailable(name, "diese Art gibt es schon")
    return MappingProxyType(found)


def connector(kind: str) -> type[Connector[Any]]:
    """Give the connector of a kind; raise SchemaError, one German sentence, where there is none."""
    found = connectors().get(kind)
    if isinstance(found, Unavailable):
        raise SchemaError(f"Die Art ‚{kind}‘ ist nicht verfügbar: {found.reason}.")
    if found is None:
        known = ", ".join(name for name, one in connectors().items() if not isinstance(one, Unavailable))
        raise SchemaError(f"Die Art (kind) ‚{kind}‘ kennen wir nicht. Möglich sind: {known}.")
    return found


def check_options(source: Source) -> Options:
    """Check what a source file says beside `kind`; raise SchemaError, one German sentence, for the first thing wrong."""
    given = {name: value for name, value in source.source.items() if name != "kind"}
    try:
        return connector(source.kind).options.model_validate(given)
    except ValidationError as error:
        raise SchemaError(f"source ({source.kind}): {to_sentence(error)}") from error


def source_schema() -> dict[str, Any]:
    """Give the JSON Schema of a source file (draft 2020-12), for editors: what every file may say, and what each kind may."""
    schema = Source.model_json_schema(by_alias=True)
    definitions: dict[str, Any] = schema["$defs"]
    kinds = []
    for kind, one in connectors().items():
        if isinstance(one, Unavailable):
            continue
        options = one.options.model_json_schema(by_alias=True, ref_template=f"#/$defs/{kind}.{{model}}")
        definitions |= {f"{kind}.{name}": definition for name, definition in options.pop("$defs", {}).items()}
        options["description"] = one.title
        options["properties"] = {"kind": {"const": kind}} | options["properties"]
        options["required"] = ["kind", *options.get("required", [])]
        definitions[kind] = options
        kinds.append({"$ref": f"#/$defs/{kind}"})
    schema["properties"]["source"] = {"description": schema["properties"]["source"]["description"], "oneOf": kinds}
    schema["required"] = [name for name in schema["required"] if name != "key"]  # the file's name says it
    _allow_short_forms(definitions)
    for definition in [schema, *definitions.values()]:
        _speak_german(definition)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def to_json(schema: Mapping[str, Any]) -> bytes:
    """Write the schema as it stands in schemas/source.schema.json."""
    return orjson.dumps(schema, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def _allow_short_forms(definitions: dict[str, Any]) -> None:
    """Say in the schema what the model understands beside its full form: `title: Titel`, `as: date`, `as: [{split: ","}]`."""
    text = {"type": "string"}
    argument = {"type": "object", "minProperties": 1, "maxProperties": 1}
    converter = {"anyOf": [text, argument]}
    full = definitions["FieldMap"]
    full["properties"]["from"] = {**full["properties"]["from"], "anyOf": [text, {"type": "array", "items": text}]}
    full["properties"]["from"].pop("type", None)
    full["properties"]["from"].pop("items", None)
    full["properties"]["as"] = {
        "description": full["properties"]["as"].get("description", ""),
        "anyOf": [*converter["anyOf"], {"type": "array", "items": converter}],
    }
    definitions["FieldMap"] = {"anyOf": [text, full]}
    definitions.pop("Converter", None)


def _speak_german(definition: dict[str, Any]) -> None:
    """Leave out what pydantic makes of names and docstrings: an editor would show it to partners."""
    for form in [definition, *definition.get("anyOf", [])]:
        form.pop("title", None)
        for named in form.get("properties", {}).values():
            named.pop("title", None)
        if "const" not in form.get("properties", {}).get("kind", {}):
            form.pop("description", None)


def _load_one(point: EntryPoint) -> type[Connector[Any]] | Unavailable:
    try:
        loaded = point.load()
    except (Exception, SystemExit) as error:  # whatever a stranger's package does when it is imported
        return Unavailable(point.name, f"sie lässt sich nicht laden ({type(error).__name__}: {error})"[:300])
    fault = _fault(loaded, point.name)
    return Unavailable(point.name, fault) if fault else loaded


def _fault(loaded: Any, kind: str) -> str:
    """Say in German why this is no connector of ours; "" where it is one."""
    if not isinstance(loaded, type):
        return "sie ist keine Klasse"
    version = getattr(loaded, "api_version", None)
    if version != API_VERSION:
        return f"sie ist für Fassung {version} der Schnittstelle geschrieben, wir haben Fassung {API_VERSION}"
    missing = [name for name, form in PARTS.items() if not isinstance(getattr(loaded, name, None), form)]
    missing += [name for name in METHODS if not callable(getattr(loaded, name, None))]
    if not isinstance(getattr(loaded, "default_map", None), Mapping):
        missing.append("default_map")
    options = getattr(loaded, "options", None)
    if not (isinstance(options, type) and issubclass(options, Options)):
        missing.append("options")
    if missing:
        return f"ihr fehlt {', '.join(missing)}"
    own = getattr(loaded, "kind", "")
    return f"sie nennt sich ‚{own}‘" if own != kind else ""


def _origin(one: type[Connector[Any]] | Unavailable) -> str:
    return "" if isinstance(one, Unavailable) else f"{one.__module__}:{one.__qualname__}"


if __name__ == "__main__":  # python -m connectors.registry > schemas/source.schema.json
    sys.stdout.buffer.write(to_json(source_schema()))
