"""The values that stand in schema.org objects come in; plain texts, numbers, names and types go out.

A literal may be written {"@value": x}, a list of one is that one, and of objects that only carry a name the name is what counts.
"""

import math
import re
from collections.abc import Mapping
from typing import Any

Node = Mapping[str, Any]

PEOPLE = frozenset({
    "speaker", "performer", "performers", "instructor", "actor", "director", "author", "contributor", "creator", "attendee",
    "attendees", "composer", "translator", "employee", "founder", "member", "editor", "review", "reviews", "aggregateRating",
})  # fmt: skip
PARTS = re.compile(r"[/#:]")  # https://schema.org/Event, schema:Event
SURROGATE = re.compile("[\ud800-\udfff]")


def to_types(node: Node) -> list[str]:
    """Give the types of an object without their address."""
    return [to_local(kind) for kind in as_list(node.get("@type")) if isinstance(kind, str) and kind][:10]


def to_local(text: str) -> str:
    """Take the address from a name: https://schema.org/EventCancelled is EventCancelled."""
    return PARTS.split(text.strip().rstrip("/"))[-1]


def as_list(value: Any) -> list[Any]:
    """Give one or many as a list."""
    return value if isinstance(value, list) else [] if value is None else [value]


def to_literal(value: Any) -> Any:
    """Give a literal: clean text, a finite number, a boolean; of {"@value": x} the x; other objects as they are."""
    if type(value) is str:  # nearly all of them, and a record has a hundred
        return _clean(value)
    if isinstance(value, list):
        value = value[0] if value else None
    if value is None:
        return None
    if isinstance(value, Mapping) and "@value" in value:
        value = value["@value"]
    if isinstance(value, str):
        return _clean(value)
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 2**53:
        return str(value)
    if isinstance(value, Mapping | list):
        return _bare(value, 4)
    return value


def _clean(text: str) -> str:
    return text.strip() if text.isascii() else SURROGATE.sub("\ufffd", text).strip()


def _bare(value: Any, depth: int) -> Any:
    """Copy an object that has no place of its own, four levels deep and clean."""
    if isinstance(value, Mapping):
        if depth <= 0:
            return None
        kept = [(name, item) for name, item in list(value.items())[:50] if name not in PEOPLE]
        return {SURROGATE.sub("\ufffd", str(name)): _bare(item, depth - 1) for name, item in kept}
    if isinstance(value, list):
        return [_bare(item, depth - 1) for item in value[:50]] if depth > 0 else None
    return to_literal(value)


def to_name(value: Any) -> Any:
    """Give the name of an object (Language, Audience, DefinedTerm, AdministrativeArea), else the literal."""
    if not isinstance(value, Mapping) or "@value" in value:
        return to_literal(value)
    for name in ("name", "audienceType", "educationalRole", "alternateName", "credentialCategory", "termCode", "url", "@id"):
        if isinstance(found := to_literal(value.get(name)), str) and found:
            return found
    low, high = to_literal(value.get("suggestedMinAge")), to_literal(value.get("suggestedMaxAge"))
    return f"{low if low is not None else ''}-{high if high is not None else ''}" if low is not None or high is not None else None


def to_identifier(value: Any) -> str | None:
    first = as_list(value)[0] if as_list(value) else None
    if isinstance(first, Mapping):
        first = first.get("value", first.get("@value", first.get("@id")))
    text = to_literal(first)
    return str(text) if isinstance(text, str | int) and not isinstance(text, bool) and text != "" else None
