"""A source file and a connector's default map come in; a plan goes out: how to read a record, and which of its fields are known.

Whatever a source file gets wrong about its map is said here, before the first record: an unknown target or converter, a lookup
that is not there, a broken JMESPath. The source file's entries override the default key by key.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from schemas.conditions import Test, to_test
from schemas.convert import chain
from schemas.converters.answer import Doubt, Setting, shown
from schemas.converters.text import to_text, written
from schemas.problems import SchemaError
from schemas.reading import Entry, Raw, Read, read_nothing, to_raw, to_read
from schemas.select import WHOLE, Selector, is_filled, to_selector
from schemas.source import Condition, FieldMap, Part, Source, to_sentence
from schemas.targets import JOINED, WORDS, split_target, to_last_step

Get = Callable[[Mapping[str, Any]], Any]


class DefaultMap(BaseModel):
    """What a connector says about its format, in the language of a source file."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    map: Mapping[str, FieldMap] = Field(default_factory=dict)
    sessions: Part | None = None
    translations: Part | None = None
    ignore: tuple[str, ...] = ()
    defaults: Mapping[str, Any] = Field(default_factory=dict)
    lookups: Mapping[str, Mapping[str, str | None]] = Field(default_factory=dict)
    where: Mapping[str, Condition] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads the targets of one group (schemas/reading.py says how). `constants` stand where a record says nothing."""

    entries: tuple[Entry, ...] = ()
    constants: Mapping[str, Any] = field(default_factory=dict)
    read: Read = read_nothing
    raw: Raw = lambda record: ()


@dataclass(frozen=True, slots=True)
class PartPlan:
    """Rows that hang on an offer: where they are (None: in the record itself), and how one is read."""

    each: Selector | None
    own: Reader
    location: Reader


@dataclass(frozen=True, slots=True)
class Plan:
    """A whole map, compiled.

    `used` are the fields of a record's top level that are read, `wanted` what the source file itself maps: the words of the
    selector and its top level fields, of which any will do.
    """

    belongs: Test
    offer: Reader
    location: Reader
    organisation: Reader
    sessions: PartPlan | None
    translations: PartPlan | None
    used: frozenset[str]
    ignored: frozenset[str]
    ignored_starts: tuple[str, ...]
    wanted: tuple[tuple[str, frozenset[str]], ...]

    def reads(self, column: str) -> bool:
        """Say whether the value of a field of the partner can change a row."""
        return column in self.used or WHOLE in self.used

    def is_known(self, column: str) -> bool:
        """Say whether a field of the partner is mapped or ignored."""
        return self.reads(column) or column in self.ignored or column.startswith(self.ignored_starts)


def compile_plan(source: Source, default_map: Mapping[str, Any], setting: Setting, *, nested: bool) -> Plan:
    """Compile a source's map over the default of its kind; raise SchemaError: place in the file and one German sentence."""
    try:
        default = DefaultMap.model_validate(default_map)
    except ValidationError as error:
        raise SchemaError(f"{source.key}: Die Vorgabe der Art ‚{source.kind}‘ ist fehlerhaft: {to_sentence(error)}") from error
    compiler = _Compiler(source, replace(setting, lookups={**default.lookups, **source.lookups}), nested)
    fields = {**default.map, **source.map}
    defaults = {**default.defaults, **source.defaults}
    sessions = _to_session_part(source, _merge(default.sessions, source.sessions), fields, defaults)
    translations = _merge(default.translations, source.translations)
    if translations is not None:
        translations = Part(each=translations.each, map={f"translation.{name}": made for name, made in translations.map.items()})
    passed_over = {root for target in default.map.keys() & source.map.keys() for root in _roots(default.map[target], nested)}
    ignore = (*default.ignore, *source.ignore, *passed_over)  # what the source file puts another field in the place of
    return Plan(
        belongs=compiler.where({**default.where, **source.where}),
        offer=compiler.reader("", fields, defaults),
        location=compiler.reader("location", fields, defaults),
        organisation=compiler.reader("organisation", fields, defaults),
        sessions=compiler.part("session", sessions) if sessions is not None else None,
        translations=compiler.part("translation", translations) if translations is not None else None,
        used=frozenset(compiler.used),
        ignored=frozenset(name for name in ignore if not name.endswith("*")),
        ignored_starts=tuple(name[:-1] for name in ignore if name.endswith("*")),
        wanted=compiler.wanted(),
    )


def _roots(made: FieldMap, nested: bool) -> Iterator[str]:
    for text in made.from_:
        yield from to_selector(text, nested=nested).roots


def _merge(default: Part | None, own: Part | None) -> Part | None:
    if default is None or own is None:
        return own or default
    return Part(each=own.each if own.each is not None else default.each, map={**default.map, **own.map})


def _to_session_part(
    source: Source, part: Part | None, fields: Mapping[str, FieldMap], defaults: Mapping[str, Any]
) -> Part | None:
    """Join `sessions` with the targets session.… of the map, which say the one session of a record."""
    loose = {target: made for target, made in fields.items() if target.startswith("session.")}
    if loose and part is not None and part.each is not None:
        raise SchemaError(
            f"{source.key}, map: session.… und sessions.each gehen nicht zugleich. Bitte alles unter sessions.map schreiben."
        )
    fixed = {target: FieldMap(default=value) for target, value in defaults.items() if target.startswith("session.")}
    if part is None and not loose and not fixed:
        return None
    inner = part.map if part is not None else {}
    named = {target if target.startswith("location.") else f"session.{target}": made for target, made in inner.items()}
    return Part(each=part.each if part is not None else None, map={**fixed, **loose, **named})


class _Compiler:
    """Makes readers of field maps, and remembers which of the partner's fields they read."""

    def __init__(self, source: Source, setting: Setting, nested: bool) -> None:
        self.source, self.setting, self.nested = source, setting, nested
        self.used: set[str] = {root for text in _id_fields(source) for root in to_selector(text, nested=nested).roots}
        self.inside = False  # inside `each`, selectors look into an item and not into the record

    def reader(self, group: str, fields: Mapping[str, FieldMap], defaults: Mapping[str, Any]) -> Reader:
        """Compile the targets of one group, words for several columns first, so that a column of its own wins."""
        entries: list[Entry] = []
        constants: dict[str, Any] = {}
        for target, value in defaults.items():
            if self._group("defaults", target) == group:
                constants.update(self._constant("defaults", target, value))
        for target, made in sorted(fields.items(), key=lambda item: item[0] not in WORDS):
            if self._group("map", target) != group:
                continue
            if made.default is not None:
                constants.update(self._constant("map", target, made.default))
            if made.from_:
                entries.append(self._entry(target, made))
        return Reader(tuple(entries), constants, to_read(entries, constants), to_raw(entries))

    def part(self, group: str, part: Part) -> PartPlan:
        """Compile the rows that hang on an offer."""
        allowed = ("session", "location") if group == "session" else (group,)
        for target in part.map:
            if self._group(f"{group}s.map", target) not in allowed:
                raise SchemaError(f"{self.source.key}, {group}s.map: ‚{target}‘ gehört nicht hierher.")
        each = None
        if part.each is not None:
            each = self._selector(part.each, f"{group}s.each")
            self.used |= each.roots
            self.inside = True
        own = self.reader(group, part.map, {})
        location = self.reader("location", part.map, {}) if group == "session" else Reader()
        self.inside = False
        return PartPlan(each, own, location)

    def where(self, told: Mapping[str, Condition]) -> Test:
        """Compile the conditions under which a record belongs to the source."""
        conditions = [(self._selector(text, "where"), condition) for text, condition in told.items()]
        for selector, _ in conditions:
            self.used |= selector.roots
        return to_test(conditions)

    def wanted(self) -> tuple[tuple[str, frozenset[str]], ...]:
        """List what the source file itself reads from the top level of a record, to notice when it never comes."""
        own = list(self.source.map.values())
        if self.source.sessions is not None and self.source.sessions.each is None:
            own += self.source.sessions.map.values()
        found = []
        for made in own:
            roots = frozenset(root for text in made.from_ for root in to_selector(text, nested=self.nested).roots)
            if roots and WHOLE not in roots:
                found.append((" / ".join(made.from_), roots))
        return tuple(found)

    def _group(self, place: str, target: str) -> str:
        try:
            return split_target(target)[0]
        except SchemaError as error:
            raise SchemaError(f"{self.source.key}, {place}: {error}") from error

    def _constant(self, place: str, target: str, value: Any) -> dict[str, Any]:
        """Pass a default through its column's converter, so that it is checked once."""
        answer = to_last_step(target, self.setting).convert(value)
        if isinstance(answer, Doubt):
            raise SchemaError(
                f"{self.source.key}, {place}: ‚{shown(value)}‘ passt nicht zu ‚{target}‘. Bitte einen bekannten Wert schreiben."
            )
        return answer if isinstance(answer, dict) else {target.rpartition(".")[2]: answer}

    def _selector(self, text: str, place: str) -> Selector:
        try:
            return to_selector(text, nested=self.nested or self.inside)
        except SchemaError as error:
            raise SchemaError(f"{self.source.key}, {place}: {error}.") from error

    def _entry(self, target: str, made: FieldMap) -> Entry:
        selectors = [self._selector(text, f"map.{target}") for text in made.from_]
        if not self.inside:
            self.used.update(root for selector in selectors for root in selector.roots)
        try:
            cleaned = bool(made.as_) and made.as_[-1].name == "text"
            converters = chain(made.as_, to_last_step(target, self.setting, cleaned=cleaned), self.setting)
        except SchemaError as error:
            raise SchemaError(f"{self.source.key}, map.{target}: {error}.") from error
        get = _to_get(target, selectors, made.join)
        fills = WORDS[target].fills if target in WORDS else ()
        together = len(selectors) == 1 or (len(selectors) == 2 and _is_pair(target, made.join))
        paths = tuple(selector.path for selector in selectors) if together else ()
        return Entry(target, split_target(target)[1], get, converters, fills, paths if all(paths) else ())


def _id_fields(source: Source) -> list[str]:
    """Find the fields that the connector makes the record's id of (`id:` of csv, xlsx, json)."""
    given = source.source.get("id")
    return [text for text in (given if isinstance(given, list | tuple) else [given]) if isinstance(text, str) and text]


def _to_get(target: str, selectors: Sequence[Selector], join: str | None) -> Get:
    """Take one field, a pair of coordinates, joined fields, or the first that is filled."""
    gets = [selector.get for selector in selectors]
    if len(gets) == 1:
        return gets[0]
    if _is_pair(target, join):
        return lambda record: [get(record) for get in gets]
    sign = join if join is not None else JOINED.get(target, WORDS[target].join if target in WORDS else None)
    if sign is None:
        return lambda record: next((value for get in gets if _says_something(value := get(record))), None)

    def joined(record: Mapping[str, Any]) -> Any:
        texts = [text for get in gets if (text := written(get(record))) is not None and to_text(text) is not None]
        return sign.join(texts) or None

    return joined


def _is_pair(target: str, join: str | None) -> bool:
    """Say whether several fields are taken side by side, as two coordinates are."""
    return target == "location.point" and join is None


def _says_something(value: Any) -> bool:
    """Say whether a value is filled; "-" and "k.A." are not."""
    return to_text(value) is not None if isinstance(value, str) else is_filled(value)
