"""The city's offers with their dates, places and institutions come in; which of them are one offer told by several partners goes out.

Only offers of different sources meet, and only those that are open. Every group has one offer that stands for it; the others stay
what they are and can be told apart again (`not_the_same`).
"""

from collections.abc import Iterator, Mapping, Set
from hashlib import blake2b
from typing import Any

import polars as pl

from schemas.candidates import find_candidates, find_twins
from schemas.meetings import read_meetings
from schemas.sameness import TWINS, Verdict, judge
from schemas.traits import Table, Traits, read_traits

SURE = 0.5
SCHEMA = pl.Schema(
    {
        "offer_id": pl.String(),
        "match_group": pl.String(),
        "primary": pl.Boolean(),
        "confidence": pl.Float64(),
        "reason": pl.String(),
    }
)


def find_matches(
    offers: Table,
    sessions: Table,
    locations: Table,
    organisations: Table,
    *,
    not_the_same: Set[frozenset[str]] = frozenset(),
    priority: Mapping[str, int] | None = None,
) -> pl.DataFrame:
    """Find the groups: offer_id, match_group, primary, confidence (0 to 1) and reason (German) of every offer that is in one.

    `priority` ranks the sources, the highest first; among equals the freshest offer stands for its group, then the fullest.
    """
    if offers.lazy().select(pl.col("source_key").n_unique()).collect(engine="streaming").item() < 2:
        return pl.DataFrame(schema=SCHEMA)
    traits = read_traits(offers.lazy(), sessions.lazy(), locations.lazy(), organisations.lazy())
    links: dict[int, dict[int, Verdict]] = {}
    for a, b, verdict in _verdicts(traits, sessions.lazy(), locations.lazy(), organisations.lazy()):
        if links.get(a, {}).get(b) != TWINS:
            links.setdefault(a, {})[b] = links.setdefault(b, {})[a] = verdict
    if not links:
        return pl.DataFrame(schema=SCHEMA)
    members = _members(traits, sorted(links), offers.lazy(), priority or {})
    ids = {row["n"]: row["offer_id"] for row in members.iter_rows(named=True)}
    for one, others in links.items():
        for other in [n for n in others if frozenset((ids[one], ids[n])) in not_the_same]:
            del others[other]
    return _groups(links, members)


def _verdicts(
    t: Traits, sessions: pl.LazyFrame, locations: pl.LazyFrame, organisations: pl.LazyFrame
) -> Iterator[tuple[int, int, Verdict]]:
    """Yield the pairs that are one offer."""
    for a, b in zip(*(numbers.tolist() for numbers in find_twins(t)), strict=True):
        yield a, b, TWINS
    for a, b, meeting in read_meetings(t, *find_candidates(t), sessions, locations, organisations):
        verdict = judge(meeting)
        if verdict.confidence >= SURE:
            yield a, b, verdict


def _members(t: Traits, numbers: list[int], offers: pl.LazyFrame, priority: Mapping[str, int]) -> pl.DataFrame:
    """The matched offers with their ids, in the order in which they stand for others."""
    rows = pl.DataFrame({"n": numbers, "row": t["row"][numbers]})
    filled = pl.sum_horizontal(pl.col(name).is_not_null().cast(pl.Int64) for name in offers.collect_schema())
    fresh = pl.max_horizontal(pl.col("source_modified").str.slice(0, 10), "last_confirmed").fill_null("")
    found = (
        offers.with_row_index("row")
        .select("row", "offer_id", "source_key", fresh=fresh, filled=filled)
        .join(rows.lazy(), on="row", how="semi")
        .collect(engine="streaming")
        .join(rows, on="row")
        .with_columns(rank=pl.col("source_key").replace_strict(dict(priority), default=0, return_dtype=pl.Int64))
    )
    return found.sort("rank", "fresh", "filled", "offer_id", descending=[True, True, True, False])


def _groups(links: Mapping[int, Mapping[int, Verdict]], members: pl.DataFrame) -> pl.DataFrame:
    """Gather around the offer that stands best for others whatever matches it itself: no chain, and one offer a source."""
    rank = {n: number for number, n in enumerate(members["n"])}
    ids = dict(zip(members["n"], members["offer_id"], strict=True))
    source = dict(zip(members["n"], members["source_key"], strict=True))
    best = {one: _best(others, source, rank) for one, others in links.items()}
    rows: list[tuple[Any, ...]] = []
    taken: set[int] = set()
    for first in rank:
        if first in taken:
            continue
        found = [n for n in best[first].values() if n not in taken and best[n].get(source[first]) == first]
        if not found:
            continue
        found.sort(key=lambda n: (-links[first][n].confidence, rank[n]))
        taken |= {first, *found}
        group = blake2b(min(ids[n] for n in (first, *found)).encode(), digest_size=8).hexdigest()
        rows.append((ids[first], group, True, *max(links[first][n] for n in found)))
        rows += [(ids[n], group, False, *links[first][n]) for n in found]
    return pl.DataFrame(rows, SCHEMA, orient="row").sort("match_group", pl.col("primary").not_(), "offer_id")


def _best(others: Mapping[int, Verdict], source: Mapping[int, str], rank: Mapping[int, int]) -> dict[str, int]:
    """Of each source the offer that matches best; of equals the one that stands best for others."""
    found: dict[str, int] = {}
    for n in sorted(others, key=lambda n: (-others[n].confidence, rank[n])):
        found.setdefault(source[n], n)
    return found
