"""One partner's source file in, a checked Source out; or one German sentence that says what is wrong with the file.

A source file is data: selectors, named converters, tables of words. It holds no code and no secret, so anybody's file may be
previewed unreviewed. What `source:` may say beside `kind` is the connector's to check (connectors/registry.py).
"""

from collections.abc import Hashable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from cronsim import CronSim, CronSimError
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator, model_validator

from schemas.problems import SchemaError

KEY = r"^[a-z][a-z0-9-]{2,60}$"  # du-vhs-kurse
SCHEDULES = ("hourly", "daily", "weekly", "monthly", "manual")


TWICE = "‚{}‘ steht zweimal, gelten kann nur eines. Bitte eine der beiden Angaben löschen."
EXPECTED = {  # kinds of findings of pydantic: what should stand there
    **dict.fromkeys(("string_type", "string_sub_type"), "ein Text"),
    **dict.fromkeys(("int_type", "int_parsing", "int_from_float"), "eine ganze Zahl"),
    **dict.fromkeys(("float_type", "float_parsing"), "eine Zahl"),
    **dict.fromkeys(("bool_type", "bool_parsing"), "true oder false"),
    **dict.fromkeys(("mapping_type", "dict_type", "model_type", "model_attributes_type"), "eine Gruppe von Angaben „Name: Wert“"),
    **dict.fromkeys(("list_type", "tuple_type", "set_type"), "eine Liste in eckigen Klammern"),
    "greater_than": "mehr als {gt}", "greater_than_equal": "mindestens {ge}", "less_than": "weniger als {lt}",
    "less_than_equal": "höchstens {le}", "string_too_short": "ein Text mit mindestens {min_length} Zeichen",
    "string_too_long": "ein Text mit höchstens {max_length} Zeichen", "too_short": "mindestens {min_length} Einträge",
    "too_long": "höchstens {max_length} Einträge", "none_required": "nichts", "url_parsing": "eine Internetadresse",
}  # fmt: skip


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Publisher(_Strict):
    """Who publishes the feed. The provider of a single offer may be somebody else (`organisation.name` in the map)."""

    name: str = Field(min_length=2, max_length=200, description="Name der Einrichtung")
    url: str | None = Field(default=None, pattern=r"^https?://", description="Website der Einrichtung")
    contact: str | None = Field(default=None, description="Funktionsadresse für Rückfragen, keine Person")


class Converter(_Strict):
    """One named converter with its argument: `date` or `split: ","`."""

    name: str
    argument: Any = None


def _to_converters(value: object) -> object:
    """Read `date`, `[split, languages]` or `[{split: ","}]` as a tuple of converters."""
    items = value if isinstance(value, list) else [value]
    converters = []
    for item in items:
        if isinstance(item, str):
            converters.append({"name": item})
        elif isinstance(item, Mapping) and len(item) == 1:
            ((name, argument),) = item.items()
            converters.append({"name": name, "argument": argument})
        else:
            raise ValueError(f"{item!r} ist kein Umwandler; erlaubt ist ein Name oder „Name: Angabe“")
    return tuple(converters)


class FieldMap(_Strict):
    """Where one of our columns comes from: `from` one or more of the partner's fields, `as` converters in order.

    Several fields are tried in order and the first filled one is taken; with `join` all filled ones are joined by that text.
    """

    from_: tuple[str, ...] = Field(default=(), alias="from", description="Feld oder Felder des Partners")
    as_: Annotated[tuple[Converter, ...], BeforeValidator(_to_converters)] = Field(
        default=(), alias="as", description="Umwandler"
    )
    join: str | None = Field(default=None, description="Verbindet mehrere gefüllte Felder mit diesem Text")
    default: Any = Field(default=None, description="Gilt, wo das Feld leer ist")

    @model_validator(mode="before")
    @classmethod
    def _short_form(cls, value: object) -> object:
        if isinstance(value, str):
            return {"from": (value,)}
        if isinstance(value, Mapping) and isinstance(value.get("from"), str):
            return {**value, "from": (value["from"],)}
        return value


class Part(_Strict):
    """Rows that hang on an offer: for each item that `each` selects in a record (or once, without it) one row by `map`."""

    each: str | None = Field(default=None, description="Liste im Datensatz, zum Beispiel termine")
    map: Mapping[str, FieldMap] = Field(min_length=1)


class Condition(_Strict):
    """Which records belong here. Compared case-folded; a list in the record fits if one of its items does."""

    in_: tuple[str, ...] | None = Field(default=None, alias="in")
    not_in: tuple[str, ...] | None = None
    contains: tuple[str, ...] | None = None
    filled: bool | None = None


class Expectation(_Strict):
    """What a healthy run looks like; a broken expectation is told, a large loss is held."""

    min_records: int = Field(default=1, ge=0, description="Weniger Angebote sind ein Fehler")
    max_drop: float = Field(
        default=0.3, gt=0, le=1, description="Verschwindet auf einmal ein größerer Anteil, wird nichts entfernt"
    )
    filled: Mapping[str, float] = Field(default_factory=dict, description="Spalte: Anteil der Zeilen, der gefüllt sein muss")
    hold: bool = Field(default=False, description="Verletzte Erwartungen halten den ganzen Lauf an")


class Source(_Strict):
    """One feed of one partner, as its file says."""

    version: Literal[1] = 1
    key: str = Field(pattern=KEY)
    title: str = Field(min_length=3, max_length=200, description="So heißt die Quelle auf der Seite")
    publisher: Publisher
    licence: str = Field(description="Lizenz nach DCAT-AP.de, zum Beispiel dl-by-de/2.0")
    attribution: str | None = Field(default=None, description="Namensnennung, falls die Lizenz sie verlangt")
    rights: Literal["open", "facts_only"] = Field(
        default="open", description="facts_only: Texte und Bilder werden nicht übernommen"
    )
    enabled: bool = Field(default=True, description="false: wird nicht abgerufen")
    schedule: str = Field(default="daily", description="hourly, daily, weekly, monthly, manual oder fünf Cron-Felder")
    priority: int = Field(default=50, ge=0, le=100, description="Vorrang bei doppelten Angeboten, höher gewinnt")
    source: Mapping[str, Any] = Field(description="kind und die Angaben dieser Art")
    completeness: Literal["snapshot", "window", "stream"] | None = Field(default=None, description="Überschreibt die Art")
    text_language: str = Field(default="de", description="Sprache der Texte (BCP 47)")
    defaults: Mapping[str, Any] = Field(default_factory=dict, description="Gilt für alle Angebote, wo nichts anderes steht")
    map: Mapping[str, FieldMap] = Field(default_factory=dict)
    sessions: Part | None = None
    translations: Part | None = None
    lookups: Mapping[str, Mapping[str, str | None]] = Field(default_factory=dict, description="Wort des Partners: unser Wert")
    where: Mapping[str, Condition] = Field(default_factory=dict)
    ignore: tuple[str, ...] = Field(default=(), description="Felder, die wir bewusst nicht übernehmen")
    same_id: Literal["reject", "sessions"] = Field(default="reject", description="sessions: weitere Zeilen sind weitere Termine")
    expect: Expectation = Expectation()
    aliases: tuple[str, ...] = Field(default=(), description="Frühere Schlüssel")
    tried_live: bool = Field(default=True, description="false: konnte noch nicht an der echten Adresse erprobt werden")
    note: str = ""

    @field_validator("schedule")
    @classmethod
    def _known_schedule(cls, value: str) -> str:
        if value not in SCHEDULES:
            try:
                CronSim(value, datetime(2026, 1, 1, tzinfo=UTC))
            except CronSimError as error:
                allowed = f"{', '.join(SCHEDULES)} oder fünf Cron-Felder wie ‚30 4 * * *‘"
                raise ValueError(f"‚{value}‘ ist kein Rhythmus; erlaubt sind {allowed}") from error
        return value

    @field_validator("source")
    @classmethod
    def _has_kind(cls, value: Mapping[str, Any]) -> Mapping[str, Any]:
        if not isinstance(value.get("kind"), str):
            raise ValueError("es fehlt kind, zum Beispiel kind: csv")
        return value

    @property
    def kind(self) -> str:
        return str(self.source["kind"])


class _Once(yaml.SafeLoader):
    """Reads YAML as safe_load does, but refuses a name that stands twice: YAML would silently take the last."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[str] = set()
        for name, _ in node.value:
            if isinstance(name, yaml.ScalarNode) and name.value != "<<":
                if name.value in seen:
                    raise yaml.constructor.ConstructorError(problem=TWICE.format(name.value), problem_mark=name.start_mark)
                seen.add(name.value)
        return super().construct_mapping(node, deep)


def read_source(text: str, *, key: str, name: str) -> Source:
    """Read the text of a source file called `name` for the source `key`; raise SchemaError with one German sentence."""
    try:
        raw = yaml.load(text, Loader=_Once)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f", Zeile {mark.line + 1}" if mark else ""
        if isinstance(error, yaml.constructor.ConstructorError) and str(error.problem).startswith(TWICE[:1]):
            raise SchemaError(f"{name}{where}: {error.problem}") from error
        raise SchemaError(f"{name}{where}: Das ist kein gültiges YAML ({getattr(error, 'problem', None) or error}).") from error
    if not isinstance(raw, dict):
        raise SchemaError(f"{name}: Die Datei ist leer oder keine Liste von Angaben „Name: Wert“.")
    if raw.setdefault("key", key) != key:
        raise SchemaError(f"{name}: Der Schlüssel ‚{raw['key']}‘ muss heißen wie die Datei, also ‚{key}‘.")
    try:
        return Source.model_validate(raw)
    except ValidationError as error:
        raise SchemaError(f"{name}: {to_sentence(error)}") from error


def load_source(path: Path) -> Source:
    """Load one source file; its stem is the key."""
    try:
        return read_source(path.read_text(encoding="utf-8"), key=path.stem, name=str(path))
    except UnicodeDecodeError as error:
        raise SchemaError(f"{path}: Die Datei ist nicht in UTF-8 gespeichert. Bitte im Editor als UTF-8 speichern.") from error
    except OSError as error:
        raise SchemaError(f"{path}: Die Datei ist nicht lesbar ({error}).") from error


def to_sentence(error: ValidationError) -> str:
    """Say in German what the first finding of pydantic means, with the place in the file."""
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"])
    given = first.get("input")
    match first["type"]:
        case "extra_forbidden":
            return f"Die Angabe ‚{place}‘ kennen wir nicht. Bitte Schreibweise prüfen oder entfernen."
        case "missing":
            return f"Die Angabe ‚{place}‘ fehlt."
        case "literal_error":
            return f"‚{place}‘: ‚{given}‘ ist nicht erlaubt, möglich ist {first['ctx']['expected'].replace(' or ', ' oder ')}."
        case "string_pattern_mismatch":
            return f"‚{place}‘: ‚{given}‘ hat nicht die verlangte Form {first['ctx']['pattern']}."
        case "value_error":
            return f"‚{place}‘: {first['ctx']['error']}." if place else f"{first['ctx']['error']}."
        case kind if kind in EXPECTED:
            return f"‚{place}‘: ‚{given}‘ passt nicht, erwartet wird {EXPECTED[kind].format(**first.get('ctx', {}))}."
        case _:
            return f"‚{place}‘: ‚{given}‘ passt nicht ({first['msg']})."
