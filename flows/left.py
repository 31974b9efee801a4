"""Sources whose file was removed or broke: what was published of them stays, until an operator lets it go. No Prefect here.

A file may be removed by mistake; a whole partner must not vanish from the map because of it. Removals are held, as they are where
most of a feed is missing at once. What a source's file said is remembered beside its runs when it is published.
"""

from datetime import datetime

from pydantic import ValidationError

from catalogue import disk
from catalogue.decisions import Decisions
from flows.house import House
from schemas.source import Source

# What a file says about reading the feed; nothing is read without a file.
READING = {"map", "sessions", "translations", "lookups", "where", "ignore", "defaults", "expect"}


def left_over(house: House) -> list[Source]:
    """The sources that are published although no sound file describes them now, as their files last said."""
    gone = Decisions(house.ledger.places.root).gone()
    heirs = {alias: source for source in house.sources.values() for alias in source.aliases}
    found = []
    for key in [*house.ledger.keys()]:
        if key in house.sources or (key in gone and key not in house.broken):
            continue
        if key in heirs and house.ledger.source(heirs[key].key).current() is not None:
            continue  # renamed, and harvested under its new key
        if (source := remembered(house, key)) is not None:
            found.append(source)
    return found


def remembered(house: House, key: str) -> Source | None:
    """What the file of a source said when it was last published; None where that is not known."""
    known = disk.read_json(house.ledger.places.description(key))
    if known is None:
        return None
    try:
        return Source.model_validate(known | {"key": key})
    except ValidationError:  # written by another version of the program
        return None


def remember(house: House) -> None:
    """Note what the files say, for the day one of them is missing; whoever has a file again is not let go any more."""
    decisions = Decisions(house.ledger.places.root)
    for key, source in house.sources.items():
        decisions.take_back(key)
        path = house.ledger.places.description(key)
        said = source.model_dump(mode="json", by_alias=True, exclude=READING)
        if path.parent.exists() and disk.read_json(path) != said:
            disk.write_json(path, said)


def let_go(house: House, key: str, now: datetime) -> int | None:
    """Let the next publication be without a source whose file was removed; give the number of its offers, None where not held."""
    if key in house.broken or key not in {source.key for source in left_over(house)}:
        return None
    current = house.ledger.source(key).current()
    Decisions(house.ledger.places.root).let_go(key, now)
    return current.run.rows.get("offers", 0) if current else 0
