"""What a run gave and lost in, the problems to tell about it out: too little filled, missing, held, withdrawn."""

from collections.abc import Iterator

import polars as pl

from catalogue.snapshot import Snapshot, SnapshotWriter
from schemas.problems import Problem
from schemas.source import Expectation

NAMED = 100  # missing or withdrawn offers that get a sentence of their own


def broken_promises(rows: SnapshotWriter, expect: Expectation) -> Iterator[Problem]:
    """Hold the offers of a run against what the source file promises."""
    for name, share in rows.filled([*expect.filled]).items():
        if share < expect.filled[name]:
            yield Problem("not_filled", field=name, note=f"{_percent(share)} statt {_percent(expect.filled[name])}")


def removals(fates: pl.DataFrame, base: Snapshot | None, expect: Expectation) -> Iterator[Problem]:
    """Say which offers of the base are held, missing for the first time, or withdrawn."""
    held = fates.filter(fate="held").height
    if held and base:
        note = f"{held} von {base.run.rows['offers']}, ohne Rückfrage höchstens {_percent(expect.max_drop)}"
        yield Problem("held_removals", value=str(held), note=note)
    first_time = (pl.col("fate") == "missing") & (pl.col("runs") <= 1)
    for code, gone in {"missing_from_feed": fates.filter(first_time), "withdrawn": fates.filter(fate="withdrawn")}.items():
        for title in _titles(base, gone.head(NAMED)):
            yield Problem(code, value=title)
        if gone.height > NAMED:
            yield Problem(code, value=f"… und {gone.height - NAMED} weitere")


def _titles(base: Snapshot | None, some: pl.DataFrame) -> list[str]:
    if base is None or not some.height:
        return []
    offers = base.frame("offers").join(some.lazy(), on="offer_id", how="semi", maintain_order="left")
    return offers.select("title").collect()["title"].to_list()


def _percent(share: float) -> str:
    return f"{share * 100:.0f} %"
