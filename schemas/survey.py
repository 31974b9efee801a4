"""Some records of a feed come in; its fields go out: where each lies, how many records fill it, and what stands in it.

Fields inside of groups become paths (`adresse.plz`), the first entry of a list of groups too (`orte[0].plz`); a list of groups that
may be the dates of an offer is kept whole.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from schemas.converters.text import to_text
from schemas.select import JMESPATH_SIGNS, is_filled

DEEPEST = 5  # levels of groups
Steps = tuple[str | int, ...]

MOST_FIELDS = 400
MOST_VALUES = 500  # of a field that are looked at
PLAIN_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")  # what JMESPath takes without quotes


@dataclass(slots=True)
class Field:
    """One field of the partner: its path as a selector, its values, in how many records it is filled."""

    path: str
    root: str  # the field of the record's top level
    steps: Steps  # the names on the way, and 0 for the first entry of a list
    values: list[Any] = field(default_factory=list)
    filled: int = 0

    @property
    def keys(self) -> tuple[str, ...]:
        """The names on the way, without the numbers of list entries; the text beside attributes is called like its element."""
        names = tuple(step for step in self.steps if isinstance(step, str))
        return names[:-1] if len(names) > 1 and names[-1] == "#text" else names

    @property
    def texts(self) -> list[str]:
        """The values as text, lists item by item."""
        found = []
        for value in self.values:
            items = value if isinstance(value, list) else [value]
            found += [text for item in items if (text := to_text(item)) is not None]
        return found

    @property
    def words(self) -> Counter[str]:
        """How often each text stands there."""
        return Counter(self.texts)


@dataclass(slots=True)
class Survey:
    """What some records hold. `lists` are fields that hold groups, with the groups of all records."""

    count: int = 0
    fields: dict[str, Field] = field(default_factory=dict)
    lists: dict[str, list[Mapping[str, Any]]] = field(default_factory=dict)
    roots: list[str] = field(default_factory=list)


def survey(records: Iterable[Mapping[str, Any]], *, nested: bool) -> Survey:
    """Look through records; `nested` says whether selectors may be paths."""
    found = Survey()
    roots: dict[str, None] = {}
    for record in records:
        found.count += 1
        for name in record:
            roots.setdefault(name)
        for steps, value in _leaves(record, (), 0) if nested else (((name,), value) for name, value in record.items()):
            path = _path(steps) if nested else str(steps[0])
            if isinstance(value, list) and value and all(isinstance(item, Mapping) for item in value):
                found.lists.setdefault(path, []).extend(value[:20])
                continue
            own = found.fields.get(path)
            if own is None:
                if len(found.fields) >= MOST_FIELDS:
                    continue
                own = found.fields[path] = Field(path, str(steps[0]), steps)
            if is_filled(value):
                own.filled += 1
                if len(own.values) < MOST_VALUES:
                    own.values.append(value)
    for path in found.lists:  # XML says one entry as a group, several as a list of groups
        for name in [name for name in found.fields if name.startswith(f"{path}.")]:
            del found.fields[name]
    found.roots = list(roots)
    return found


def _leaves(value: Mapping[str, Any], above: Steps, level: int) -> Iterator[tuple[Steps, Any]]:
    for key, item in value.items():
        steps = (*above, key)
        if isinstance(item, Mapping) and item and level < DEEPEST:
            yield from _leaves(item, steps, level + 1)
        elif isinstance(item, list) and item and isinstance(item[0], Mapping) and level < DEEPEST:
            yield steps, item
            yield from _leaves(item[0], (*steps, 0), level + 1)
        else:
            yield steps, item


def _path(steps: Steps) -> str:
    """Write a path as schemas/select.py reads it: plain, or JMESPath with quotes where a list entry or an odd key wants it."""
    names = [step for step in steps if isinstance(step, str)]
    if len(steps) == 1 and not JMESPATH_SIGNS.search(names[0]):
        return names[0]
    quoted = len(names) < len(steps) or any("." in name or JMESPATH_SIGNS.search(name) for name in names)
    text = ""
    for step in steps:
        if isinstance(step, int):
            text += f"[{step}]"
        else:
            name = step if not quoted or PLAIN_KEY.fullmatch(step) else '"' + step.replace("\\", "\\\\").replace('"', '\\"') + '"'
            text += f".{name}" if text else name
    return text
