"""The targets of a map come in, ready to be read; one generated function goes out that reads them all from a record into a row.

Generated, because it runs for every field of every record: the loop over the targets is unrolled, everything else is as below.
The text of the function holds only names made here; what a source file says (fields, columns) goes in as values.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from schemas.convert import LONGEST_REMEMBERED, Chain
from schemas.converters.answer import Doubt, Finding
from schemas.select import Unreadable

Found = list[tuple[str, Finding]]  # target and what is wrong with it
Read = Callable[[Mapping[str, Any], dict[str, Any], Found], None]  # a record, the row to fill, where to say what is unclear


@dataclass(frozen=True, slots=True)
class Entry:
    """One target: where its value is taken from, and what becomes of it."""

    target: str
    name: str  # the target without its group
    get: Callable[[Mapping[str, Any]], Any]
    converters: Chain
    fills: tuple[str, ...]  # the columns of an answer that is a mapping; empty where it is the column's own value
    key: str | None  # the one field it is read from, where it is just one


# What stands in the function for one target. A value that is unclear leaves its column empty, even where a constant stood.
TAKE_KEY = """
    value = take(key_{n})
"""
TAKE = """
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
        if value.__class__ is str:
            value = known_{n}(value) if len(value) <= LONGEST else convert_{n}(value)
        else:
            value = any_{n}(value)
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
    names: dict[str, Any] = {"Doubt": Doubt, "Finding": Finding, "Unreadable": Unreadable, "LONGEST": LONGEST_REMEMBERED}
    pieces = ["def read(record, row, found):\n    take = record.get\n"]
    for n, entry in enumerate(entries):
        names |= {
            f"key_{n}": entry.key, f"get_{n}": entry.get, f"target_{n}": entry.target, f"name_{n}": entry.name,
            f"convert_{n}": entry.converters.convert, f"known_{n}": entry.converters.known, f"any_{n}": entry.converters,
            f"doubt_{n}": _to_doubt(entry, constants),
        }  # fmt: skip
        pieces.append((TAKE if entry.key is None else TAKE_KEY).format(n=n))
        pieces.append((CONVERT if entry.converters.known is None else CONVERT_KNOWN).format(n=n))
        pieces.append((SPREAD if entry.fills else SET).format(n=n))
    exec(compile("".join(pieces), "<map>", "exec"), names)
    read: Read = names["read"]
    return read


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


def to_raw(entries: Sequence[Entry]) -> Callable[[Mapping[str, Any]], tuple[Any, ...]]:
    """Make the function that gives the partner's values of these targets, for remembering what came of them."""
    keys = [entry.key for entry in entries if entry.key is not None]
    if len(keys) == len(entries):
        return lambda record: tuple(map(record.get, keys))
    gets = [entry.get for entry in entries]
    return lambda record: tuple([_hashable(get(record)) for get in gets])


def _hashable(value: Any) -> Any:
    """Give a list, as of two coordinates, in a form that can be looked up; what is nested deeper still cannot."""
    return tuple(value) if value.__class__ is list else value


def read_nothing(record: Mapping[str, Any], row: dict[str, Any], found: Found) -> None:
    """Read no target at all."""
