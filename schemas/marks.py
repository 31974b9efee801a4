"""The records of a feed come in; a mark of 64 bits for each goes out. Equal marks in equal order become equal rows.

A feed whose bytes are new every night (a stamp, a counter, fields in another order) mostly says what it said before. Its marks tell,
long before anything is normalised: what nobody mapped is not looked at, only whether it is there.
"""

import hashlib
from array import array
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import orjson

from schemas.problems import Problem
from schemas.record import RawRecord

Reads = Callable[[str], bool]  # whether a source's map reads a field of the partner
SIZE = 8
MOST_COLUMNS = 1_000  # names remembered; a feed whose keys are data has no end of them


class Marks:
    """Marks records as they pass: `for record in marks.over(records)`; then `marks.to_bytes()`, 8 bytes a record."""

    def __init__(self, reads: Reads) -> None:
        self._reads, self._marks = reads, array("Q")

    def over(self, items: Iterable[RawRecord | Problem]) -> Iterator[RawRecord | Problem]:
        """Hand everything through, and mark it."""
        for item, mark in marked(items, self._reads):
            self._marks.append(mark)
            yield item

    def stand_for(self, items: Iterable[RawRecord | Problem], known: bytes) -> bool:
        """Say whether a feed has exactly the marks `known`; it is read no further than to the first that differs."""
        if len(known) % SIZE:
            return False
        there = memoryview(known).cast("Q")
        place = 0
        for _, mark in marked(items, self._reads):
            if place == len(there) or there[place] != mark:
                return False
            place += 1
        return place == len(there)

    def to_bytes(self) -> bytes:
        """Give all marks so far."""
        return self._marks.tobytes()


def marked(items: Iterable[RawRecord | Problem], reads: Reads) -> Iterator[tuple[RawRecord | Problem, int]]:
    """Yield each item with its mark."""
    read: dict[str, bool] = {}
    for item in items:
        if isinstance(item, Problem):
            yield item, _digest(repr(item).encode("utf-8", "surrogatepass"))
            continue
        data = item.data
        if not data.keys() <= read.keys():
            if len(read) > MOST_COLUMNS:
                read.clear()
            read.update((name, reads(name)) for name in data)
        seen = {name: value if read[name] else None for name, value in data.items()}
        yield item, _digest(to_bytes((item.locator, item.record_id, seen)))


def to_bytes(value: Any) -> bytes:
    """Write what a feed says, so that it can be told from other things; the order of keys does not count."""
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    except TypeError:  # a number of 30 digits, half a surrogate pair, a key that is no text
        return repr(value).encode("utf-8", "surrogatepass")


def _digest(text: bytes) -> int:
    return int.from_bytes(hashlib.blake2b(text, digest_size=SIZE).digest(), "little")
