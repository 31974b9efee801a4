"""A selector of a source file comes in; a function that takes the partner's value out of a record goes out.

For flat kinds a selector is the name of a field. For nested kinds it is a path, `adresse.plz`, or JMESPath (https://jmespath.org)
where it holds signs that only JMESPath knows. Both may be plain names that JMESPath itself would refuse: `@id`, `dc:title`.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import jmespath
from jmespath.exceptions import JMESPathError

from schemas.problems import SchemaError

Get = Callable[[Mapping[str, Any]], Any]

JMESPATH_SIGNS = re.compile(r"[\[\](){}|&'\"`*!<>=]")  # termine[0].ort, a || b, length(x)
WHOLE = "@"  # the record itself


class Unreadable(Exception):
    """A JMESPath that cannot be applied to this record."""


@dataclass(frozen=True, slots=True)
class Selector:
    """How to take a value, and which fields of the record's top level are read.

    `path` are the names that lead to it, one within the other; empty where it takes more than names.
    """

    text: str
    get: Get
    roots: frozenset[str]
    path: tuple[str, ...] = ()

    @property
    def key(self) -> str | None:
        """The one field that is read, where it is just one."""
        return self.path[0] if len(self.path) == 1 else None


def to_selector(text: str, *, nested: bool) -> Selector:
    """Make a selector; raise SchemaError where it is no JMESPath."""
    if text == WHOLE:
        return Selector(text, lambda record: record.get(WHOLE, record), frozenset({WHOLE}))
    if not nested or not (JMESPATH_SIGNS.search(text) or "." in text):
        return Selector(text, lambda record: record.get(text), frozenset({text}), (text,))
    if not JMESPATH_SIGNS.search(text) and not text.startswith("@."):
        return _path(text)
    try:
        compiled = jmespath.compile(text)
    except JMESPathError as error:
        raise SchemaError(f"Die Auswahl ‚{text}‘ ist kein gültiges JMESPath ({_first_line(error)})") from error

    def get(record: Mapping[str, Any]) -> Any:
        try:
            return compiled.search(record)
        except (JMESPathError, RecursionError) as error:  # a function that got the wrong type
            raise Unreadable(f"{text}: {_first_line(error)}") from error

    return Selector(text, get, frozenset(_roots(compiled.parsed)))


def _path(text: str) -> Selector:
    first, second, *names = text.split(".")

    def get_deep(record: Mapping[str, Any]) -> Any:
        value: Any = (
            record.get(first) if isinstance(record, Mapping) else None
        )  # a feed that answers a list where an object was agreed
        for name in (second, *names):
            if not isinstance(value, Mapping):
                return None
            value = value.get(name)
        return value

    def get_second(record: Mapping[str, Any]) -> Any:
        value: Any = record.get(first) if isinstance(record, Mapping) else None
        return value.get(second) if value.__class__ is dict else get_deep(record)

    get = get_deep if names else get_second
    return Selector(text, get, frozenset({first}), (first, second, *names))


def _roots(node: Mapping[str, Any]) -> set[str]:
    """Find the top level fields that a parsed JMESPath reads."""
    match node["type"]:
        case "field":
            return {node["value"]}
        case "subexpression" | "index_expression" | "projection" | "value_projection" | "flatten" | "filter_projection" | "pipe":
            return _roots(node["children"][0])  # the rest looks inside what was found
        case "literal" | "index" | "slice":
            return set()
        case "current" | "identity":
            return {WHOLE}
        case "key_val_pair":
            return _roots(node["children"][0])
        case _:
            return {root for child in node["children"] for root in _roots(child)}


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]


def is_filled(value: Any) -> bool:
    """Say whether a partner's value holds anything at all."""
    if isinstance(value, str):
        return bool(value) and not value.isspace()
    return value is not None and value != [] and value != {}
