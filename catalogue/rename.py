"""A snapshot of a source's former key in, the same snapshot under its new key out: the ids in all rows follow the key."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl

from catalogue import disk
from catalogue.run import Books
from catalogue.snapshot import Snapshot, write_table
from schemas.rows import ROW_TABLES

IDS = ("id", "offer_id", "session_id", "location_id")  # columns whose values begin with the source's key


def write_renamed(base: Snapshot, watch: pl.DataFrame, fetched: Mapping[str, Any], key: str, folder: Path) -> None:
    """Write a run of the kind `rename` into `folder`, whose name is its id."""
    former = base.run.source
    aside = folder.with_name(f"{disk.ASIDE}{folder.name}")
    with disk.explained(aside):
        aside.mkdir()
    for table in (*ROW_TABLES, "digests"):
        write_table(to_renamed(base.frame(table), former, key), aside / f"{table}.parquet")
    if watch.height:
        write_table(to_renamed(watch.lazy(), former, key), aside / "missing.parquet")
    run = replace(
        base.run,
        source=key,
        id=folder.name,
        snapshot=folder.name,
        kind="rename",
        accepted=True,
        result="ok",
        digest=f"{base.digest}-{key}",
        fingerprint="",  # the next run reads everything again
        books=Books(stayed=base.run.rows["offers"]),
        problems={},
        expectations=(),
        note=f"Früherer Schlüssel: {former}",
    )
    disk.write_json(aside / "fetched.json", fetched)
    disk.write_json(aside / "run.json", run.to_json())
    disk.put_in_place(aside, folder)


def to_renamed(rows: pl.LazyFrame, former: str, key: str) -> pl.LazyFrame:
    """Give the ids that begin with the former key the new one."""
    old = f"{former}:"
    names = rows.collect_schema().names()
    new = [
        pl.when(pl.col(name).str.starts_with(old))
        .then(pl.concat_str(pl.lit(f"{key}:"), pl.col(name).str.slice(len(old))))
        .otherwise(pl.col(name))
        .alias(name)
        for name in names
        if name in IDS
    ]
    if "source_key" in names:
        new.append(pl.lit(key).alias("source_key"))
    return rows.with_columns(new)
