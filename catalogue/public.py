"""Snapshots of sources in, the public rows of every table out: whose time has not passed.

Everything is lazy (polars): a city with a million offers never stands in memory whole.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import polars as pl

from catalogue.snapshot import polars_schema, scan_table
from schemas.compare import over
from schemas.source import Source
from schemas.tables import columns
from schemas.vocabulary import licences


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one source gives to a publication: its file, the Parquet files of its current snapshot, and its freshness.

    `digest` stands for the snapshot's content: equal digests mean equal rows. `tables` maps table names to Parquet files with the
    columns of schemas/tables; `problems` are those of the last run.
    """

    source: Source
    kind: str
    completeness: str
    digest: str
    tables: Mapping[str, Path]
    last_success: datetime | None
    last_change: datetime | None
    elsewhere: tuple[str, ...] = ()  # its offers that another source brings from the same origin; they are not shown


def scan(table: str, contributions: Sequence[Contribution]) -> pl.LazyFrame:
    """All rows of a table over all contributions, in their order."""
    frames = [_shown(item, scan_table(path, table)) for item in contributions if (path := item.tables.get(table)) is not None]
    return pl.concat([pl.LazyFrame(schema=polars_schema(table)), *frames])


def _shown(item: Contribution, rows: pl.LazyFrame) -> pl.LazyFrame:
    """Leave out what belongs to offers that another source brings; rows of other tables stay."""
    if not item.elsewhere or "offer_id" not in rows.collect_schema():
        return rows
    return rows.filter(~pl.col("offer_id").is_in(pl.Series(item.elsewhere).implode()))


def each_origin_once(contributions: Sequence[Contribution]) -> list[Contribution]:
    """Let every offer of another catalogue be shown once, whatever the number of ways it came.

    What comes from a catalogue that a source reads itself is left to that source: else cities that read each other would keep an
    offer alive that its origin has withdrawn. Among further ways the source of the highest priority counts.
    """
    first = sorted(contributions, key=lambda item: (-item.source.priority, item.source.key))
    origin = ("origin_catalogue", "origin_id")
    found = scan("offers", [item for item in first if "offers" in item.tables]).filter(
        pl.col("origin_catalogue").is_not_null() & pl.col("origin_id").is_not_null()
    )
    rows = found.select("offer_id", "source_key", *origin, direct=pl.col("record_id") == pl.col("origin_id")).collect()
    read = rows.filter(pl.col("direct"))["origin_catalogue"].unique()
    allowed = rows.filter(pl.col("direct") | ~pl.col("origin_catalogue").is_in(read.implode()))
    kept = allowed.unique([*origin], keep="first", maintain_order=True)["offer_id"]
    again = rows.filter(~pl.col("offer_id").is_in(kept.implode()))
    left: dict[str, tuple[str, ...]] = {key: tuple(ids) for key, ids in again.group_by("source_key").agg("offer_id").iter_rows()}
    return [_without(item, left[item.source.key]) if item.source.key in left else item for item in contributions]


def _without(item: Contribution, ids: tuple[str, ...]) -> Contribution:
    stamp = hashlib.sha256("\n".join(sorted(ids)).encode()).hexdigest()[:16]
    return replace(item, elsewhere=ids, digest=f"{item.digest} {stamp}")


def source_tables(item: Contribution, now: datetime) -> dict[str, pl.LazyFrame]:
    """Every row of one source that the city may show at `now`, a lazy frame a table, of the tables whose rows belong to one source.

    An offer stays listed after its last session or its end date, as inactive: its address on the web is permanent.
    """
    offers, sessions = scan("offers", [item]), scan("sessions", [item])
    over_now = pl.col("status").is_in(["active", "full"]) & ended_by(offers, sessions, now)
    shown = offers.with_columns(status=pl.when(over_now).then(pl.lit("inactive")).otherwise("status"))
    return {
        "offers": shown.select(columns("offers")),
        "sessions": sessions.filter(~over(now)),
        "locations": scan("locations", [item]).unique("location_id", keep="first", maintain_order=True),
        "translations": scan("translations", [item]),
    }


def ended_by(offers: pl.LazyFrame, sessions: pl.LazyFrame, now: datetime) -> pl.Expr:
    """Say the same as has_ended; but what is still to come is only looked up for offers that have anything behind them."""
    key = pl.col("offer_id").hash()
    last_day = (pl.col("end_date") < now.date().isoformat()).fill_null(False)
    some = sessions.filter(over(now)).select(key).unique().collect(engine="streaming").to_series()
    late = offers.filter(last_day).select(key).collect(engine="streaming").to_series()
    asked = pl.concat([some, late]).implode()
    going = sessions.filter(key.is_in(asked) & ~over(now)).select(key).unique().collect(engine="streaming").to_series()
    return ~key.is_in(going.implode()) & (key.is_in(some.implode()) | last_day)


def organisations(contributions: Sequence[Contribution], registry: Sequence[Mapping[str, object]]) -> pl.LazyFrame:
    """Every organisation once; the registry's word comes before a partner's, and a partner's by the priority of its source."""
    known = pl.LazyFrame(
        [{name: row.get(name) for name in columns("organisations")} for row in registry], polars_schema("organisations")
    )
    return pl.concat([known, scan("organisations", contributions)]).unique("organisation_id", keep="first", maintain_order=True)


def ordered(contributions: Sequence[Contribution]) -> list[Contribution]:
    """The sources in the order in which they stand in every file: by priority, then by key."""
    return sorted(contributions, key=lambda item: (-item.source.priority, item.source.key))


def source_rows(contributions: Sequence[Contribution]) -> pl.LazyFrame:
    """The table of sources: who gives what under which licence, and how fresh it is."""
    known, rows = licences(), []
    for item in sorted(contributions, key=lambda item: item.source.key):
        records = pl.scan_parquet(item.tables["offers"]).select(pl.len()).collect().item() if "offers" in item.tables else 0
        rows.append(
            {
                "source_key": item.source.key,
                "title": item.source.title,
                "publisher": item.source.publisher.name,
                "publisher_url": item.source.publisher.url,
                "licence": known[item.source.licence].uri,
                "attribution": item.source.attribution or item.source.publisher.name,
                "kind": item.kind,
                "completeness": item.completeness,
                "records": records,
                "last_success": item.last_success.isoformat(timespec="seconds") if item.last_success else None,
                "last_change": item.last_change.isoformat(timespec="seconds") if item.last_change else None,
            }
        )
    return pl.LazyFrame(rows, polars_schema("sources"))
