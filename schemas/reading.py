"""The targets of a map come in, ready to be read; one generated function goes out that reads them all from a record into a row.

Generated, because it runs for every field of every record: the loop over the targets is unrolled, the way to a field is gone once for
all that lie beside it, everything else is as below. For

    title: titel
    location.postal_code: ort.plz

the function is, but for the names:

    def read(record, row, found):
        take = record.get
        inner = take("ort")
        take_0 = inner.get if inner.__class__ is dict else getter(inner)
        value = take("titel")
        if value is not None and value != "":
            value = convert_title(value)
            if value.__class__ is Doubt:
                value = doubt_title(value, row, found)
            if value is not None:
                row["title"] = value
        value = take_0("plz")
        …

The text of the function holds only names made here; what a source file says (fields, columns) goes in as values.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from schemas.convert import Chain
from schemas.converters.answer import Doubt, Finding
from schemas.select import Unreadable

Found = list[tuple[str, Finding]]  # target and what is wrong with it
Read = Callable[[Mapping[str, Any], dict[str, Any], Found], None]  # a record, the row to fill, where to say what is unclear
Raw = Callable[[Mapping[str, Any]], tuple[Any, ...]]  # a record; the partner's values


@dataclass(frozen=True, slots=True)
class Entry:
    """One target: where its value is taken from, and what becomes of it."""

    target: str
    name: str  # the target without its group
    get: Callable[[Mapping[str, Any]], Any]
    converters: Chain
    fills: tuple[str, ...]  # the columns of an answer that is a mapping; empty where it is the column's own value
    paths: tuple[tuple[str, ...], ...]  # what leads to its field or pair of fields, where names alone do; else `get` is asked


# What stands in the function for one target. A value that is unclear leaves its column empty, even where a constant stood.
INNER = """
    inner = {take}({name})
    {inner} = inner.get if inner.__class__ is dict else getter(inner)
"""
TAKE = """
    value = {value}
"""
TAKE_PAIR = """
    value = [{first}, {second}]
    if value == NOTHING:
        value = None
"""
GET = """
    try:
        value = get_{n}(record)
    except Unreadable as error:
        found.append((target_{n}, Finding("ambiguous_value", None, str(error))))
        value = None
"""
CONVERT = """
    if value is not None and value != "":
        value = convert_{n}(value)
"""
CONVERT_KNOWN = """
    if value is not None and value != "":
        value = known_{n}[value] if value.__class__ is str else any_{n}(value)
"""
SET = """
        if value.__class__ is Doubt:
            value = doubt_{n}(value, row, found)
        if value is not None:
            row[name_{n}] = value
"""
SPREAD = """
        if value.__class__ is Doubt:
            value = doubt_{n}(value, row, found)
        if value is not None:
            for name, part in value.items():
                if part is not None:
                    row[name] = part
"""


def to_read(entries: Sequence[Entry], constants: Mapping[str, Any]) -> Read:
    """Make the function that reads all these targets, in this order."""
    if not entries:
        return read_nothing
    ways = _Ways(entries)
    pieces = ["def read(record, row, found):\n    take = record.get\n", *ways.steps]
    names: dict[str, Any] = {"Doubt": Doubt, "Finding": Finding, "Unreadable": Unreadable, "NOTHING": [None, None]}
    for n, entry in enumerate(entries):
        names |= {
            f"get_{n}": entry.get, f"target_{n}": entry.target, f"name_{n}": entry.name, f"convert_{n}": entry.converters.convert,
            f"known_{n}": entry.converters.known, f"any_{n}": entry.converters, f"doubt_{n}": _to_doubt(entry, constants),
        }  # fmt: skip
        taken = ways.taken(entry)
        if len(taken) == 2:
            pieces.append(TAKE_PAIR.format(first=taken[0], second=taken[1]))
        else:
            pieces.append(TAKE.format(value=taken[0]) if len(taken) == 1 else GET.format(n=n))
        pieces.append((CONVERT if entry.converters.known is None else CONVERT_KNOWN).format(n=n))
        pieces.append((SPREAD if entry.fills else SET).format(n=n))
    names |= ways.names()
    exec(compile("".join(pieces), "<map>", "exec"), names)
    read: Read = names["read"]
    return read


def to_raw(entries: Sequence[Entry]) -> Raw:
    """Make the function that gives the partner's values of these targets, for remembering what came of them."""
    ways = _Ways(entries)
    names: dict[str, Any] = {f"get_{n}": entry.get for n, entry in enumerate(entries)} | {"hashable": _hashable}
    values = [value for n, entry in enumerate(entries) for value in (ways.taken(entry) or [f"hashable(get_{n}(record))"])]
    text = "".join(
        ["def raw(record):\n    take = record.get\n", *ways.steps, f"    return ({''.join(f'{one}, ' for one in values)})\n"]
    )
    names |= ways.names()
    exec(compile(text, "<raw>", "exec"), names)
    raw: Raw = names["raw"]
    return raw


class _Ways:
    """The ways to the fields of some targets: fields that lie beside each other share the way to them."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self.steps: list[str] = []
        self._fields: dict[str, str] = {}
        self._takes: dict[tuple[str, ...], str] = {(): "take"}
        for entry in entries:
            for path in entry.paths:
                self._go(path[:-1])

    def taken(self, entry: Entry) -> list[str]:
        """Give the words that take the values of a target; none where only its `get` can."""
        return [f"{self._takes[path[:-1]]}({self._name(path[-1])})" for path in entry.paths]

    def _go(self, path: tuple[str, ...]) -> None:
        if path not in self._takes:
            self._go(path[:-1])
            inner = f"take_{len(self._takes)}"
            self.steps.append(INNER.format(take=self._takes[path[:-1]], name=self._name(path[-1]), inner=inner))
            self._takes[path] = inner

    def names(self) -> dict[str, Any]:
        """Give what the words stand for."""
        return {"getter": _getter} | {word: field for field, word in self._fields.items()}

    def _name(self, field: str) -> str:
        """Give the word that stands for a field's name."""
        return self._fields.setdefault(field, f"field_{len(self._fields)}")


def _getter(value: Any) -> Callable[[str], Any]:
    """Give what takes fields out of a value; nothing comes out of what is no mapping: a list where an object was agreed."""
    fields: Mapping[str, Any] = value if isinstance(value, Mapping) else {}
    return fields.get


def _to_doubt(entry: Entry, constants: Mapping[str, Any]) -> Callable[[Doubt, dict[str, Any], Found], Any]:
    """Make what happens to an answer with findings: they are told, and what may be kept is kept."""
    undone = [name for name in entry.fills or (entry.name,) if name in constants]

    def told(doubt: Doubt, row: dict[str, Any], found: Found) -> Any:
        found.extend((entry.target, finding) for finding in doubt.findings)
        if doubt.value is None:
            for name in undone:
                row[name] = None
        return doubt.value

    return told


def _hashable(value: Any) -> Any:
    """Give a list, as of two coordinates, in a form that can be looked up; what is nested deeper still cannot."""
    return tuple(value) if value.__class__ is list else value


def read_nothing(record: Mapping[str, Any], row: dict[str, Any], found: Found) -> None:
    """Read no target at all."""
