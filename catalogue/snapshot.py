"""Batches of rows in, the immutable Parquet files of a snapshot out, and the other way round.

Rows become columns batch by batch. What is more than fits comfortably waits in parts on disk, and at the end the parts and the
rows carried over from the last snapshot are merged as a stream: memory stays flat at a million rows.

Every row has a digest, and an offer's digest covers what belongs to it: its sessions, translations, places and organisations.
The last column of a part, DIGEST, is never merged.
"""

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from operator import itemgetter
from pathlib import Path
from typing import Any

import orjson
import polars as pl
from polars.exceptions import PolarsError

from catalogue.disk import ASIDE, explained
from catalogue.run import Run
from schemas.rows import ROW_TABLES, Batch, Row
from schemas.tables import columns, load

# Polars reads ahead, and holds what it has read; one row group is enough where a disk is quicker than what we do with the rows
os.environ.setdefault("POLARS_ROW_GROUP_PREFETCH_SIZE", "1")

SPILL = 10_000  # rows of a table in memory before they become a part on disk
GROUP = 10_000  # rows of a row group: what a reader has to hold at a time
DIGEST = "_digest"
UNSTORABLE = (TypeError, OverflowError, UnicodeError, PolarsError)  # a number of 30 digits, half a surrogate pair
DIGESTS = pl.Schema({"table": pl.String(), "id": pl.String(), "digest": pl.UInt64()})
KEYS = {
    "organisations": ["organisation_id"],
    "locations": ["location_id"],
    "offers": ["offer_id"],
    "sessions": ["session_id"],
    "translations": ["offer_id", "language"],
}
# Columns that came after the first data folders were filled: an empty one changes no digest, so a new program finds no offer changed
LATER: Mapping[str, tuple[str, ...]] = {"offers": ("origin_path",)}
TYPES: Mapping[str, pl.DataType] = {"integer": pl.Int64(), "number": pl.Float64(), "boolean": pl.Boolean()}


@cache
def polars_schema(table: str) -> pl.Schema:
    """Give the columns of a table with their types in Parquet; dates and datetimes are ISO text there."""
    return pl.Schema({field["name"]: TYPES.get(field["type"], pl.String()) for field in load(table)["fields"]})


def scan_table(path: Path, table: str) -> pl.LazyFrame:
    """Read the rows of a table as it is today, lazily: what an older program did not write is empty, what only it knew is left out."""
    return pl.scan_parquet(path, schema=polars_schema(table), missing_columns="insert", extra_columns="ignore")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The rows of a source after a run, as they lie in the folder of the run that wrote them."""

    run: Run
    folder: Path

    @property
    def id(self) -> str:
        """The run whose folder holds the rows."""
        return self.folder.name

    @property
    def digest(self) -> str:
        """What stands for the content: equal digests mean equal rows."""
        return self.run.digest

    @property
    def paths(self) -> dict[str, Path]:
        """The Parquet file of each table."""
        return {table: self.folder / f"{table}.parquet" for table in ROW_TABLES}

    def frame(self, table: str) -> pl.LazyFrame:
        """Give a table (or `digests`), lazily: offers, sessions, organisations, locations, translations."""
        path = self.folder / f"{table}.parquet"
        return scan_table(path, table) if table in ROW_TABLES else pl.scan_parquet(path)

    def digests(self) -> pl.LazyFrame:
        """Give offer_id and digest of every offer."""
        return self.frame("digests").filter(pl.col("table") == "offers").select(pl.col("id").alias("offer_id"), "digest")

    def part(self, offers: pl.LazyFrame) -> dict[str, pl.LazyFrame]:
        """Give the offers of a frame (offer_id) with all that belongs to them, a lazy frame a table, and their `digests`."""
        own = {table: _only(self.frame(table), offers, "offer_id") for table in ("offers", "sessions", "translations")}
        places = pl.concat([own["offers"].select("location_id"), own["sessions"].select("location_id")]).drop_nulls().unique()
        own["locations"] = _only(self.frame("locations"), places, "location_id")
        named = pl.concat([to_links(own["offers"]).select("organisation_id"), own["locations"].select("organisation_id")])
        everybody = self.frame("organisations")
        parents = _only(everybody, named, "organisation_id").select(organisation_id="parent_organisation_id")
        named = pl.concat([named, parents]).drop_nulls().unique()
        own["organisations"] = _only(everybody, named, "organisation_id")
        ids = {"offers": offers, "locations": places, "organisations": named}
        digests = self.frame("digests")
        own["digests"] = pl.concat(
            [_only(digests.filter(table=table), some.rename({KEYS[table][0]: "id"}), "id") for table, some in ids.items()]
        )
        return own


class SnapshotWriter:
    """Takes batches and writes the tables of a snapshot into `folder`, which is not public yet."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._waiting: dict[str, list[pl.DataFrame]] = {table: [] for table in ROW_TABLES}
        self._parts: dict[str, list[Path]] = {table: [] for table in ROW_TABLES}

    def write(self, batch: Batch) -> None:
        """Take the rows of a batch, all or none; raises one of UNSTORABLE where a value fits into no column."""
        values = {table: [*map(_getter(table), rows)] for table in ROW_TABLES if (rows := getattr(batch, table))}
        digests = {table: [*to_digests(table, rows)] for table, rows in values.items()}
        if "offers" in digests:
            own = dict(zip((offer["offer_id"] for offer in batch.offers), digests["offers"], strict=True))
            for table in ("sessions", "translations"):
                for place, row in enumerate(getattr(batch, table)):
                    if row["offer_id"] in own:  # else its offer came in an earlier batch
                        own[row["offer_id"]] ^= digests[table][place]
                        digests[table][place] = 0
            if len(own) == len(batch.offers):
                digests["offers"] = [*own.values()]
        frames = {table: to_frame(table, rows, digests[table]) for table, rows in values.items()}
        for table, frame in frames.items():
            self._waiting[table].append(frame)
            if sum(frame.height for frame in self._waiting[table]) >= SPILL:
                self._write_part(table)

    def scan(self, table: str) -> pl.LazyFrame:
        """Give all rows of a table taken so far, in their order, with the column DIGEST."""
        empty = pl.LazyFrame(schema={**polars_schema(table), DIGEST: pl.UInt64()})
        waiting = [frame.lazy() for frame in self._waiting[table]]
        return pl.concat([empty, *(pl.scan_parquet(path) for path in self._parts[table]), *waiting])

    def digests(self) -> pl.LazyFrame:
        """Give the digest of every offer with what belongs to it, of every location and organisation, in DIGESTS' form.

        The parts of an offer are put together by exclusive or: the order of its sessions does not matter, and no two of them have
        the same digest. What came with the offer is in its row's digest already.
        """
        offers, sessions, translations = self.scan("offers"), self.scan("sessions"), self.scan("translations")
        key, digest = pl.col("offer_id").hash().alias("key"), pl.col(DIGEST)
        things = {
            table: self.scan(table).select(pl.col(KEYS[table][0]).hash().alias("thing"), digest.alias(table)).unique("thing")
            for table in ("locations", "organisations")
        }
        place, organisation = pl.col("location_id").hash(), pl.col("organisation_id").hash()
        elsewhere = sessions.filter(pl.col("location_id").is_not_null()).select(key, thing=place).unique()
        elsewhere = elsewhere.join(offers.select(key, thing=place), on=["key", "thing"], how="anti")
        partners = to_partners(offers).filter(pl.col("organisation_id") != pl.col("own")).select(key, thing=organisation).unique()
        more = (
            pl.concat(
                [
                    sessions.filter(digest != 0).select(key, digest),
                    translations.filter(digest != 0).select(key, digest),
                    elsewhere.join(things["locations"], on="thing").select("key", pl.col("locations").alias(DIGEST)),
                    partners.join(things["organisations"], on="thing").select("key", pl.col("organisations").alias(DIGEST)),
                ]
            )
            .group_by("key")
            .agg(digest.bitwise_xor().alias("more"))
        )
        whole = (
            offers.select("offer_id", digest, key, place=place, organisation=organisation)
            .join(things["locations"], left_on="place", right_on="thing", how="left")
            .join(things["organisations"], left_on="organisation", right_on="thing", how="left")
            .join(more, on="key", how="left")
        )
        added = [pl.col(name).fill_null(0) for name in ("locations", "organisations", "more")]
        rows = [whole.select(pl.lit("offers").alias("table"), id="offer_id", digest=digest ^ added[0] ^ added[1] ^ added[2])]
        for table in things:
            rows.append(self.scan(table).select(pl.lit(table).alias("table"), id=KEYS[table][0], digest=digest).unique("id"))
        return pl.concat(rows).cast(DIGESTS)

    def repeated(self) -> dict[str, int]:
        """Count the rows of each table whose primary key was there before; tables without such rows are left out."""
        counts = {}
        for table, names in KEYS.items():
            key = pl.struct(names).hash() if len(names) > 1 else pl.col(names[0]).hash()
            counts[table] = int(self.scan(table).select(pl.len() - key.n_unique()).collect(engine="streaming").item())
        return {table: count for table, count in counts.items() if count}

    def filled(self, names: list[str]) -> dict[str, float]:
        """Give the share of offers in which each of these columns is filled; 1 where there is no offer."""
        counts = (
            self.scan("offers")
            .select(pl.len().alias(DIGEST), *(pl.col(name).count() for name in names))
            .collect()
            .row(0, named=True)
        )
        return {name: counts[name] / counts[DIGEST] if counts[DIGEST] else 1.0 for name in names}

    def merge(self, carried: Mapping[str, pl.LazyFrame], repeated: Mapping[str, int]) -> dict[str, int]:
        """Write the Parquet files: what was taken, then what is carried over and not there yet; give the rows of each table.

        In the tables that are `repeated`, the first row of each primary key counts.
        """
        counts = {}
        for table in ROW_TABLES:
            rows = self.scan(table).drop(DIGEST)
            if table in repeated:
                rows = rows.unique(KEYS[table], keep="first", maintain_order=True)
            if table in carried:
                old = carried[table]
                if table in ("organisations", "locations"):  # the others belong to one offer, and offers are there once
                    old = old.join(rows.select(KEYS[table]), on=KEYS[table], how="anti", maintain_order="left")
                rows = pl.concat([rows, old.select(columns(table))])
            counts[table] = write_table(rows, self._folder / f"{table}.parquet")
            for path in self._parts[table]:
                path.unlink()
            self._parts[table], self._waiting[table] = [], []
        return counts

    def _write_part(self, table: str) -> None:
        path = self._folder / f"{ASIDE}{table}-{len(self._parts[table]):05}.parquet"
        with explained(path):
            pl.concat(self._waiting[table]).write_parquet(path, compression="lz4", statistics=False)
        self._parts[table].append(path)
        self._waiting[table] = []


def write_table(rows: pl.LazyFrame, path: Path) -> int:
    """Write a table as one Parquet file, as a stream; give the number of its rows."""
    with explained(path):
        rows.sink_parquet(path, compression="zstd", compression_level=1, statistics=True, row_group_size=GROUP)
    return int(pl.scan_parquet(path).select(pl.len()).collect().item())


def to_digests(table: str, rows: Iterable[tuple[Any, ...]]) -> Iterator[int]:
    """Give the digest of each row, 64 bits of BLAKE2 over its values as JSON; equal rows of two tables differ."""
    person = table.encode()
    later = sorted((columns(table).index(name) for name in LATER.get(table, ())), reverse=True)
    for row in rows:
        for place in later:
            if row[place : place + 1] == (None,):
                row = row[:place] + row[place + 1 :]
        yield int.from_bytes(hashlib.blake2b(orjson.dumps(row), digest_size=8, person=person).digest(), "little")


def to_frame(table: str, rows: list[tuple[Any, ...]], digests: list[int]) -> pl.DataFrame:
    """Turn rows into columns, with their digests in the last one."""
    data: dict[str, Any] = dict(zip(columns(table), zip(*rows, strict=True), strict=True))
    return pl.DataFrame(data | {DIGEST: digests}, schema={**polars_schema(table), DIGEST: pl.UInt64()})


def to_links(offers: pl.LazyFrame) -> pl.LazyFrame:
    """Give a row (offer_id, organisation_id) for every organisation that an offer names."""
    return pl.concat([offers.select("offer_id", "organisation_id"), to_partners(offers).drop("own")])


def to_partners(offers: pl.LazyFrame) -> pl.LazyFrame:
    """Give a row (offer_id, organisation_id, own) for every further organisation that an offer names; `own` is its first."""
    partners = offers.filter(pl.col("partner_organisation_ids").is_not_null())
    split = pl.col("partner_organisation_ids").str.split(";")
    return partners.select("offer_id", organisation_id=split, own="organisation_id").explode("organisation_id")


def _only(rows: pl.LazyFrame, wanted: pl.LazyFrame, key: str) -> pl.LazyFrame:
    """Keep the rows whose key is wanted, in their order; by the keys' hashes, because a join in order holds everything."""
    hashes = wanted.select(pl.col(key).hash()).unique().collect(engine="streaming").to_series().implode()
    return rows.filter(pl.col(key).hash().is_in(hashes))


@cache
def _getter(table: str) -> Callable[[Row], tuple[Any, ...]]:
    return itemgetter(*columns(table))
