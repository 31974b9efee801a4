"""One field of a Table Schema comes in; a sound description of the cells it surely accepts goes out.

Sound means: what the description admits, frictionless 5.21 accepts too. The converse is not promised: a type, format, constraint
or property this module does not know is `never` admitted, so it is slow, not wrong. Specification:
https://datapackage.org/standard/table-schema/
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

Kind = Literal["text", "date", "datetime", "integer", "number", "boolean", "any", "never"]

BOOLEANS = frozenset({"true", "True", "TRUE", "1", "false", "False", "FALSE", "0"})
INTEGER = r"-?[0-9]{1,15}"  # -12
NUMBER = r"-?[0-9]{1,8}(?:\.[0-9]{1,7})?"  # 25.50; with 15 digits float and Decimal compare alike
FARTHEST = 10**15  # where nothing else bounds a native number
# Narrower than frictionless: 2026-3-2 is a day, too, but is looked at and written as our rows write it (schemas/explain.py)
DATE = r"[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])"  # 2026-03-02; the calendar is asked, too
CLOCK = r"T(?:[01][0-9]|2[0-3]):[0-5][0-9]"  # T16:00
REST = r":[0-5][0-9](?:\.[0-9]{1,6})?(?:Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])?"  # :00+01:00
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\u00a0-\u024f-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
EMAIL = rf"{_ATOM}(?:\.{_ATOM})*@(?:{_LABEL}\.)+[A-Za-z0-9][A-Za-z0-9-]{{0,61}}[A-Za-z]"  # kurse@vhs.example
EMAIL_LENGTH = 64  # so short, both halves are within their limits
URI = r"[A-Za-z][A-Za-z0-9+.-]*:"  # https: - frictionless asks for no more
# Any of these characters or something else, again and again: (?:[A-Za-z0-9]|%[0-9A-F]{2})+
_RUN = re.compile(r"\(\?:(\[[^\[\]\\]+\])\|([^()]*)\)([+*])(?![+?])")

# What a property of a field may be without changing what the field accepts; `list` and `vocabulary` are ours
_HARMLESS = {
    *("name", "title", "description", "type", "format", "constraints", "missingValues", "example", "rdfType"),
    *("list", "vocabulary"),
}
_CONSTRAINTS: Mapping[str, set[str]] = {
    "string": {"required", "unique", "pattern", "enum", "minLength", "maxLength"},
    "integer": {"required", "unique", "minimum", "maximum"},
    "number": {"required", "unique", "minimum", "maximum"},
    "boolean": {"required", "unique"},
    "date": {"required", "unique"},
    "datetime": {"required", "unique"},
    "any": {"required", "unique"},
}
_FORMATS: Mapping[str, set[str]] = {"string": {"default", "email", "uri"}}

_date = re.compile(DATE).fullmatch
_clock = re.compile(CLOCK).fullmatch
_rest = re.compile(REST).fullmatch
_email = re.compile(EMAIL).fullmatch
_scheme = re.compile(URI).match
_unsure = re.compile(r"[\s_]").search  # not in a domain, whatever IDNA makes of it


@dataclass(frozen=True, slots=True)
class Plan:
    """What must hold for a cell of one field to be accepted without asking frictionless.

    `words` are the only values, `pattern` must match whole, `low` and `high` bound a number, `shortest` and `longest` the number
    of characters. A cell whose text is in `missing` is null: refused where `required`, else accepted. `once` says that the values
    hardly ever repeat.
    """

    name: str
    kind: Kind
    required: bool = False
    once: bool = False
    missing: frozenset[str] = frozenset({""})
    words: frozenset[str] | None = None
    pattern: str | None = None
    email: bool = False
    uri: bool = False
    low: float | None = None
    high: float | None = None
    shortest: int = 0
    longest: int | None = None

    @property
    def free(self) -> bool:
        """Any text of the right length will do."""
        return self.kind in ("text", "any") and not (self.words is not None or self.pattern or self.email or self.uri)


def plans(descriptor: Mapping[str, Any]) -> tuple[Plan, ...]:
    """Give a plan for each field of a Table Schema, in order."""
    missing, key = descriptor.get("missingValues", [""]), descriptor.get("primaryKey", [])
    return tuple(_plan(field, missing, once=field["name"] == key or [field["name"]] == key) for field in descriptor["fields"])


def _plan(field: Mapping[str, Any], missing: list[Any], *, once: bool) -> Plan:
    name, kind, form = field["name"], field.get("type", ""), field.get("format", "default")
    rules: Mapping[str, Any] = field.get("constraints", {})
    words = rules.get("enum")
    bounds = [rules.get("minimum"), rules.get("maximum")]
    common: dict[str, Any] = {
        "name": name,
        "required": bool(rules.get("required")),
        "once": once or bool(rules.get("unique")),
        "missing": frozenset(_word(value) for value in field.get("missingValues", missing)),
    }
    if (
        kind not in _CONSTRAINTS
        or not _CONSTRAINTS[kind].issuperset(rules)
        or not _HARMLESS.issuperset(field)
        or form not in _FORMATS.get(kind, {"default"})
        or not all(bound is None or _exact(bound) for bound in bounds)
        or not all(isinstance(word, str) for word in words or ())
    ):
        return Plan(kind="never", **common)
    return Plan(
        kind="text" if kind == "string" else kind,
        words=None if words is None else frozenset(words),
        pattern=rules.get("pattern"),
        email=form == "email",
        uri=form == "uri",
        low=bounds[0],
        high=bounds[1],
        shortest=rules.get("minLength", 0),
        longest=rules.get("maxLength"),
        **common,
    )


def is_date(cell: str) -> bool:
    """Whether the text is a day of the calendar, written YYYY-MM-DD."""
    if _date(cell) is None:
        return False
    try:
        date.fromisoformat(cell)
    except ValueError:  # 2026-02-30
        return False
    return True


def is_clock(cell: str) -> bool:
    """Whether the text is the hour and minute after the day in a datetime: T16:00."""
    return _clock(cell) is not None


def is_rest(cell: str) -> bool:
    """Whether the text is what follows the minute in a datetime, seconds and perhaps an offset: :00+01:00."""
    return _rest(cell) is not None


def is_uri(cell: str) -> bool:
    """Whether the text begins with a scheme and is whole: half a surrogate pair makes frictionless crash."""
    return _scheme(cell) is not None and is_whole(cell)


def is_whole(cell: str) -> bool:
    """Whether the text can be written as UTF-8."""
    try:
        cell.isascii() or cell.encode()
    except UnicodeEncodeError:
        return False
    return True


def has_scheme(pattern: str) -> bool:
    """Whether all that matches the pattern begins with http: or https:."""
    return "|" not in pattern and pattern.startswith(("https?://", "https://", "http://"))


def is_email(cell: str) -> bool:
    """Whether the text is an e-mail address of the everyday kind; umlauts may stand on both sides of the @."""
    if len(cell) > EMAIL_LENGTH:
        return False
    if not str.isascii(cell):
        name, _, domain = cell.rpartition("@")
        if _unsure(domain) or len(domain) > 50:  # however IDNA lengthens it, it stays within its limit
            return False
        try:
            domain = domain.encode("idna").decode()
        except UnicodeError:
            return False
        cell = f"{name}@{domain}"
    return _email(cell) is not None


def to_fast(pattern: str) -> str:
    """Make a pattern quicker without admitting more: a run of single characters is taken at once and never given back."""
    return "(?:" + _RUN.sub(r"(?:\1++|\2)\3", pattern) + ")"


def _word(value: Any) -> str:
    return str(value["value"]) if isinstance(value, Mapping) else str(value)


def _exact(bound: Any) -> bool:
    """Whether a bound means the same as float and as frictionless' Decimal: at most 15 digits."""
    return bound.__class__ in (int, float) and len(re.sub(r"\D", "", repr(bound))) <= 15
