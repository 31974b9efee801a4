"""Offers and sessions come in; the offers in the order a reader wants them go out, each with its next date."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl

from landkarte.package import Package
from landkarte.web import occurrences, search

LISTED = ("active", "full", "temporarily_closed")  # cancelled and ended offers keep their page, not their place in the list
SOON = timedelta(days=14)
STALE = timedelta(days=365)  # confirmed longer ago than this: better call first
HAPPENS = ("scheduled", "full")


def ranked(package: Package, now: datetime, zone: ZoneInfo) -> pl.DataFrame:
    """Sort the offers: dates within a fortnight first, then by title; closed and long unconfirmed ones last."""
    offers = package.tables["offers"].filter(pl.col("offer_id").is_not_null() & pl.col("title").is_not_null())
    nexts = next_starts(package.tables.get("sessions"), offers, now, zone)
    soon = (now + SOON).isoformat()
    stale = (now.date() - STALE).isoformat()
    return (
        offers.join(nexts, on="offer_id", how="left")
        .with_columns(
            stale=(pl.col("last_confirmed") < stale).fill_null(False),
            _sinks=pl.col("status").is_in(LISTED).not_().cast(pl.Int8) * 4
            + (pl.col("status") == "temporarily_closed").cast(pl.Int8) * 2
            + (pl.col("last_confirmed") < stale).fill_null(False).cast(pl.Int8),
            _soon=pl.when(pl.col("next_start") <= soon).then(pl.col("next_start")).otherwise(pl.lit("9")),
            _title=search.fold(pl.col("title")),
        )
        .sort("_sinks", "_soon", "_title", "offer_id", nulls_last=True)
        .drop("_sinks", "_soon", "_title")
    )


def next_starts(sessions: pl.DataFrame | None, offers: pl.DataFrame, now: datetime, zone: ZoneInfo) -> pl.DataFrame:
    """Give each offer's next date that is not cancelled: columns offer_id, next_start (local, as text)."""
    empty = pl.DataFrame(schema={"offer_id": pl.String, "next_start": pl.String})
    if sessions is None or sessions.is_empty():
        return empty
    real = sessions.filter(pl.col("status").is_in(HAPPENS) | pl.col("status").is_null())
    single = real.filter(pl.col("start").is_not_null() & pl.col("rrule").is_null())
    start = _local("start", zone)
    end = pl.when(pl.col("end").is_null()).then(start.dt.truncate("1d") + pl.duration(days=1)).otherwise(_local("end", zone))
    dated = (
        single.select("offer_id", start=start, end=end)
        .filter(pl.col("end") >= now)
        .select("offer_id", next_start=pl.col("start").dt.strftime("%Y-%m-%dT%H:%M:%S"))
    )
    days = {row[0]: row[1:] for row in offers.select("offer_id", "start_date", "end_date").iter_rows()}
    repeated: dict[str, list[str]] = {"offer_id": [], "next_start": []}
    for session in real.filter(pl.col("start").is_null() | pl.col("rrule").is_not_null()).iter_rows(named=True):
        first, last = map(occurrences.to_date, days.get(session["offer_id"], (None, None)))
        for occurrence in occurrences.upcoming(session, now=now, zone=zone, first=first, last=last):
            repeated["offer_id"].append(session["offer_id"])
            repeated["next_start"].append(occurrence.start.isoformat())
            break
    found = pl.concat([empty, dated, pl.DataFrame(repeated, schema=empty.schema)])
    return found.group_by("offer_id").agg(pl.col("next_start").min())


def _local(column: str, zone: ZoneInfo) -> pl.Expr:
    text = pl.col(column).str.replace("Z$", "+00:00")
    moment = text.str.to_datetime("%Y-%m-%dT%H:%M:%S%z", time_unit="us", strict=False)
    return moment.dt.convert_time_zone(zone.key).dt.replace_time_zone(None)
