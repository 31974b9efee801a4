"""Records of a dataset of another catalogue come in; the same go out, with where they came from, under which id and licence."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from connectors.contract import SourceError
from connectors.distributions import Dataset
from schemas.problems import Problem
from schemas.record import RawRecord


def with_origin(items: Iterator[RawRecord | Problem], dataset: Dataset) -> Iterator[RawRecord | Problem]:
    """Add to every record where it came from, and under which licence and name it may be passed on."""
    added = {
        "offer.origin_catalogue": dataset.catalogue[:500],
        "offer.licence": dataset.licence,
        "offer.attribution": dataset.attribution,
    }
    said = {name: value for name, value in added.items() if value}
    for item in items:
        if isinstance(item, Problem):
            yield item
            continue
        own = item.record_id
        ident = own if dataset.alone or own is None else f"{dataset.name}/{own}"
        yield replace(item, data={**item.data, **said}, record_id=ident)


def with_id(items: Iterator[RawRecord | Problem], names: Sequence[str]) -> Iterator[RawRecord | Problem]:
    """Give records the id that stands in these fields; raise SourceError where the first record has none of them."""
    for place, item in enumerate(items):
        if not names or isinstance(item, Problem):
            yield item
            continue
        missing = next((name for name in names if name not in item.data), None)
        if place == 0 and missing is not None:
            raise SourceError(Problem("missing_column", value=missing))
        parts = [item.data.get(name) for name in names]
        said = "|".join("" if part is None else str(part).strip() for part in parts)
        yield item if all(part is None for part in parts) else replace(item, record_id=said)


def once(items: Iterator[RawRecord | Problem]) -> Iterator[RawRecord | Problem]:
    """Leave out offers that a catalogue shows twice, in a dataset of its own and in one of all, and say how many."""
    seen: set[int] = set()
    again = 0
    for item in items:
        if isinstance(item, RawRecord) and "offer.offer_id" in item.data:
            mark = hash(
                (item.data.get("offer.origin_catalogue"), item.data.get("offer.origin_id") or item.data["offer.offer_id"])
            )
            if mark in seen:
                again += 1
                continue
            seen.add(mark)
        yield item
    if again:
        note = f"{again} Angebote stehen in mehreren Datensätzen und wurden einmal übernommen"
        yield Problem("odd_record", "Katalog", note=note)
