"""Two snapshots of a source in; what became of every offer out: new, changed, unchanged, kept, missing, held, withdrawn, expired.

An offer that is not in the feed any more is not gone at once. It is `missing` first and withdrawn after three runs or seven days;
where more than `max_drop` of what was there is missing at the same time, all of it is `held` until somebody releases it or it
comes back. From a stream nothing is ever removed; from a window only what is over drops out by itself.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

import polars as pl

STAMP = "%Y-%m-%dT%H:%M:%S%z"  # 2026-03-02T16:00:00+01:00
GOING = ("withdrawn", "expired")  # fates that take an offer out of the snapshot

# Offers on watch because they were absent: since when, in how many runs, and whether an operator must decide.
WATCH = pl.Schema({"offer_id": pl.String(), "since": pl.Datetime("us", "UTC"), "runs": pl.Int64(), "held": pl.Boolean()})


@dataclass(frozen=True, slots=True)
class Rules:
    """When absence means removal. `max_drop` is a share of what was there, `completeness` what the feed claims to be."""

    completeness: Literal["snapshot", "window", "stream"] = "snapshot"
    max_drop: float = 0.3
    runs: int = 3
    time: timedelta = timedelta(days=7)


def compare(old: pl.LazyFrame, new: pl.LazyFrame, rejected: pl.LazyFrame) -> pl.LazyFrame:
    """Compare the digests (offer_id, digest) of the last snapshot with those of this run; say which offers are not as they were.

    Gives offer_id and `change`: new, changed, absent, or kept, where the offer's record was `rejected` (offer_id) this time and
    its last good version stays.
    """
    # By the ids' 64-bit hashes, which takes a third of the memory: two of a million ids share one once in 30 million runs.
    key = pl.col("offer_id").hash().alias("key")
    here = new.with_columns(key).join(old.select(key, was="digest"), on="key", how="left")
    here = here.filter(pl.col("digest").ne_missing(pl.col("was")))
    gone = old.select("offer_id", key).join(new.select(key), on="key", how="anti")
    broken = rejected.select(key)
    return pl.concat(
        [
            here.select("offer_id", change=pl.when(pl.col("was").is_null()).then(pl.lit("new")).otherwise(pl.lit("changed"))),
            gone.join(broken, on="key", how="semi").select("offer_id", change=pl.lit("kept")),
            gone.join(broken, on="key", how="anti").select("offer_id", change=pl.lit("absent")),
        ]
    )


def decide(
    absent: pl.DataFrame, watch: pl.DataFrame, *, was: int, now: datetime, rules: Rules, counts: bool = True
) -> pl.DataFrame:
    """Decide what becomes of the offers that are absent: withdrawn, expired, missing, held or, in a stream, stayed.

    `absent` has offer_id and `ended` (all its dates have passed), `watch` is what the last run left on watch, `was` the number
    of offers in the last snapshot. `counts` is false for a replay: it is no new evidence that a record is gone. Gives offer_id,
    fate, since, runs, held; those with the fates missing and held are the next run's watch.
    """
    moment = pl.lit(now.astimezone(UTC), WATCH["since"])
    known = absent.join(watch, on="offer_id", how="left", maintain_order="left").with_columns(
        since=pl.col("since").fill_null(moment),
        runs=pl.col("runs").fill_null(0) + int(counts),
        held=pl.col("held").fill_null(False),
    )
    expired = pl.col("ended") & (rules.completeness == "window")
    if rules.completeness == "stream":
        fate = pl.lit("stayed")
    else:
        over = int(absent.select(expired.sum()).item())
        going, there = absent.height - over, was - over
        due = (pl.col("runs") >= rules.runs) | (moment - pl.col("since") >= rules.time)
        fate = (
            pl.when(expired)
            .then(pl.lit("expired"))
            .when(pl.lit(going > 0 and going / there > rules.max_drop) | pl.col("held"))
            .then(pl.lit("held"))
            .when(due)
            .then(pl.lit("withdrawn"))
            .otherwise(pl.lit("missing"))
        )
    return (
        known.with_columns(fate=fate)
        .with_columns(held=pl.col("fate") == "held")
        .select("offer_id", "fate", "since", "runs", "held")
    )


def to_watch(fates: pl.DataFrame) -> pl.DataFrame:
    """Give those of the decided that stay on watch, in the form the next run asks for."""
    return fates.filter(pl.col("fate").is_in(["missing", "held"])).select(WATCH.names()).cast(WATCH)


def over(now: datetime) -> pl.Expr:
    """Whether a session has passed at `now`: a dated one after its end, else its beginning, whole days after their last day.

    A repeated or weekly one ends with its last day, if it has one.
    """
    today = now.date().isoformat()
    last = pl.coalesce("end", "start")
    repeated = pl.col("rrule").is_not_null() | pl.col("start").is_null()
    passed = (
        pl.when(repeated)
        .then(pl.col("until") < today)
        .when(pl.col("all_day").fill_null(False))
        .then(last.str.slice(0, 10) < today)
        .otherwise(last.str.to_datetime(STAMP, time_zone="UTC", strict=False) < pl.lit(now.astimezone(UTC)))
    )
    return passed.fill_null(False)


def ended(offers: pl.LazyFrame, sessions: pl.LazyFrame, now: datetime) -> pl.LazyFrame:
    """Say of each offer (offer_id, ended) whether all its dates have passed at `now`; what says nothing about time goes on.

    Without sessions the offer's own last day counts. `now` carries the city's time zone: its date is today.
    """
    return offers.select("offer_id", ended=has_ended(sessions, now))


def has_ended(sessions: pl.LazyFrame, now: datetime) -> pl.Expr:
    """Give the expression that says the same of each row of a frame of offers: by hashes of ids, because a join holds all rows."""
    key = pl.col("offer_id").hash()
    dated = sessions.group_by(key=key).agg(over=over(now).all()).collect(engine="streaming")
    past, going = (dated.filter(pl.col("over") == flag)["key"].implode() for flag in (True, False))
    last_day = (pl.col("end_date") < now.date().isoformat()).fill_null(False)
    return key.is_in(past) | (~key.is_in(going) & last_day)
