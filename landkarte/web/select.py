"""A query comes in; the offers that fit go out, with every count the page shows beside its fields."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from landkarte.web import bits
from landkarte.web.index import Index
from landkarte.web.query import BY_NAME, FACETS, Query
from landkarte.web.search import Found

PAGE = 50
ANY = "any"  # the residence status that says: it does not matter


@dataclass(frozen=True, slots=True)
class Selection:
    """The answer to a query.

    `counts` tells for each facet and code how many offers there would be with it, all other filters applied. `silent` tells
    how many more there would be if those were taken in that say nothing; `without` how many without one of the filters.
    """

    mask: int
    total: int
    counts: Mapping[str, Mapping[str, int]]
    silent: Mapping[str, int]
    without: Mapping[str, int]
    found: Found | None

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // PAGE))

    def rows(self, page: int | None = None) -> Sequence[int]:
        """Give the rows in the order they are shown, titles that match the search first; one page or all."""
        first = self.found.in_title & self.mask if self.found else 0
        rows = bits.to_rows(first) + bits.to_rows(self.mask & ~first)
        return rows if page is None else rows[(page - 1) * PAGE : page * PAGE]


def select(index: Index, query: Query) -> Selection:
    """Find the offers of a query among the listed ones, and count."""
    found = index.words.find(query.q) if query.q else None
    criteria = {name: _facet(index, query, name) for name in query.chosen}
    if query.age is not None:
        criteria["age"] = index.of_age(query.age) | (index.silent["age"] if "age" in query.unstated else 0)
    if found is not None:
        criteria["q"] = found.rows
    mask = index.listed
    for rows in criteria.values():
        mask &= rows
    others = {name: _others(index.listed, criteria, name) for name in criteria}
    counts: dict[str, dict[str, int]] = {}
    for facet in FACETS:
        if facet.hidden and facet.name != "subdistrict":
            continue
        base = mask if facet.every else others.get(facet.name, mask)
        extra = index.masks[facet.name].get(ANY, 0) if facet.name == "residence_status" else 0
        counts[facet.name] = {code: (base & (rows | extra)).bit_count() for code, rows in index.masks[facet.name].items()}
    return Selection(
        mask=mask,
        total=mask.bit_count(),
        counts=counts,
        silent={
            name: (base & index.silent[name] & ~criteria[name]).bit_count()
            for name, base in others.items()
            if name == "age" or (name in BY_NAME and BY_NAME[name].silent)
        },
        without={name: base.bit_count() for name, base in others.items()},
        found=found,
    )


def _facet(index: Index, query: Query, name: str) -> int:
    """Give the rows that one facet's chosen values let through; an unknown value lets nothing through."""
    facet, masks = BY_NAME[name], index.masks[name]
    if name == "place":
        return bits.to_mask((row for code in query.chosen[name] for row in index.places.at(code)), index.offers.height)
    if facet.every:
        rows = -1
        for code in query.chosen[name]:
            rows &= masks.get(code, 0)
        return rows
    rows = 0
    for code in query.chosen[name]:
        rows |= masks.get(code, 0)
    if name == "residence_status":
        rows |= masks.get(ANY, 0)
    return rows | (index.silent[name] if name in query.unstated else 0)


def _others(listed: int, criteria: Mapping[str, int], name: str) -> int:
    mask = listed
    for other, rows in criteria.items():
        if other != name:
            mask &= rows
    return mask
