"""All current snapshots in, an immutable data package on disk out, and the pointer `current` turned to it.

A publication is a folder named after its contents. It is built aside, synced, renamed and then pointed at: a process killed at
any instant leaves the old publication or the new one. Where no row changed only `sources.csv`, which says how fresh everything
is, and the descriptor are written; all other files are the same files (hard links), and the ZIP stays as it was.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import polars as pl

from catalogue import disk
from catalogue.descriptor import city_package, digest_of, write_descriptor
from catalogue.formats import write_csv
from catalogue.lease import Lease
from catalogue.package import (
    VOLATILE,
    link_tree,
    remarks,
    to_content_id,
    write_city_package,
    write_rows,
    write_zip,
)
from catalogue.part import Part, empty_rows, make_part, open_part, take_part
from catalogue.public import Contribution, ordered, organisations, source_rows
from catalogue.snapshot import polars_schema
from schemas.city import City
from schemas.compare import over
from schemas.tables import FILES, load

LAYOUT = 4  # raised where the same rows give other files


@dataclass(frozen=True, slots=True)
class Publication:
    """A publication on disk. `content` names the rows; `id` also how fresh they are. `rows` counts the rows a table.

    `number` puts publications in order, whatever the clock does.
    """

    id: str
    content: str
    folder: Path
    rows: Mapping[str, int]
    inputs: Mapping[str, str]
    created: str
    number: int = 0

    @property
    def work(self) -> Path:
        """The Parquet files of the public tables, as typed text: what the next publication is compared with."""
        return self.folder.parent / f"{self.content}.rows"


class Publications:
    """The folder of publications: `<id>/` a package, `<id>.json` what we know about it, `<content>.rows/` its rows as Parquet."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.pointer = disk.Pointer(root / "current")

    def lock(self, owner: str, now: datetime) -> Lease:
        """Give the right to publish, as a context manager; entering raises Busy where another process has it."""
        return Lease(self.root / "lock", owner, now)

    def current(self) -> Publication | None:
        """The publication the public sees, or None before the first."""
        name = self.pointer.read()
        return self.get(name) if name else None

    def get(self, name: str) -> Publication:
        """Read what we know about a publication; raises OSError where it is not there."""
        known = json.loads((self.root / f"{name}.json").read_text(encoding="utf-8"))
        return Publication(folder=self.root / name, **known)

    def build(
        self,
        city: City,
        contributions: Sequence[Contribution],
        now: datetime,
        credits: Sequence[str] = (),
        not_the_same: Set[frozenset[str]] = frozenset(),
        *,
        turn: bool = True,
    ) -> Publication:
        """Build the publication of these snapshots at `now` and point at it; give the current one where nothing changed.

        `credits` names whose data placed the addresses, `not_the_same` the pairs of offers that somebody told apart.
        Without `turn` it is only there to look at: the public goes on seeing the current one.
        """
        last = self.current()
        self.root.mkdir(parents=True, exist_ok=True)
        self._sweep()
        inputs = to_inputs(city, contributions, now, credits, not_the_same)
        aside = self.root / f".building-{os.getpid()}"
        rows_aside = self.root / f".rows-{os.getpid()}"
        aside.mkdir()
        rows_aside.mkdir()
        parts: list[Part] = []
        digests: dict[str, str] = {}
        if last is not None and last.inputs == inputs and last.work.is_dir():
            link_tree(last.folder, aside, leave_out=VOLATILE)
            rows, content = dict(last.rows), last.content
            digests = to_digests(last)
        else:
            given = ordered(contributions)
            everybody = organisations(given, city.organisations).collect()
            parts = to_parts(aside, rows_aside, city, given, everybody, now, inputs, last)
            rows = write_rows(rows_aside, city, given, parts, everybody, to_withdrawn(last, now.date()), not_the_same)
            digests = write_city_package(aside, rows_aside, city, parts, rows)
            content = to_content_id(aside, digests)
        write_csv(source_rows(contributions), aside / "sources.csv")
        sources = [item.source for item in contributions]
        descriptor = city_package(aside, city, sources, content, credits, digests, remarks(rows))
        write_descriptor(aside / "datapackage.json", descriptor)
        if not (aside / "datapackage.zip").exists():
            write_zip(aside, descriptor, parts)
        publication = self._put(aside, rows_aside, content, rows, inputs, now, last)
        if turn and (last is None or last.id != publication.id):
            self.pointer.turn(publication.id)
        return publication

    def _put(
        self,
        aside: Path,
        rows_aside: Path,
        content: str,
        rows: Mapping[str, int],
        inputs: Mapping[str, str],
        now: datetime,
        last: Publication | None,
    ) -> Publication:
        name = f"{content}-{digest_of(aside / 'sources.csv')[:8]}"
        if last is not None and last.id == name:
            shutil.rmtree(aside)
            shutil.rmtree(rows_aside)
            return last
        known = {
            "id": name,
            "content": content,
            "rows": dict(rows),
            "inputs": dict(inputs),
            "created": now.isoformat(timespec="seconds"),
            "number": last.number + 1 if last is not None else 1,
        }
        disk.sync_tree(aside)
        disk.sync_tree(rows_aside)
        work = self.root / f"{content}.rows"
        if work.exists():
            shutil.rmtree(rows_aside)
        else:
            rows_aside.rename(work)
        if (self.root / name).exists():
            shutil.rmtree(aside)
        else:
            aside.rename(self.root / name)
        disk.write_text(self.root / f"{name}.json", json.dumps(known, ensure_ascii=False, indent=1))
        return Publication(folder=self.root / name, **known)  # type: ignore[arg-type]  # the keys are the fields

    def _sweep(self) -> None:
        """Remove what a killed build left behind."""
        disk.sweep(self.root)
        for left in (*self.root.glob(".building-*"), *self.root.glob(".rows-*")):
            shutil.rmtree(left, ignore_errors=True)

    def history(self) -> list[Publication]:
        """All publications on disk, the newest last."""
        return sorted((self.get(path.stem) for path in self.root.glob("*.json")), key=lambda item: (item.number, item.created))

    def retain(self, keep: int) -> None:
        """Remove all but the newest `keep` publications; never the current one."""
        current = self.pointer.read()
        history = self.history()
        kept = [item for item in history if item.id == current] + history[-keep:]
        for item in history:
            if item not in kept:
                (self.root / f"{item.id}.json").unlink()
                shutil.rmtree(item.folder, ignore_errors=True)
        for work in self.root.glob("*.rows"):
            if work.name.removesuffix(".rows") not in {item.content for item in kept}:
                shutil.rmtree(work, ignore_errors=True)


def to_inputs(
    city: City,
    contributions: Sequence[Contribution],
    now: datetime,
    credits: Sequence[str],
    not_the_same: Set[frozenset[str]] = frozenset(),
) -> dict[str, str]:
    """What the rows depend on: a fingerprint a source, one of city, schemas and vocabularies, and one of offers told apart.

    Sessions only leave with time, so their number tells whether the clock changed anything.
    """
    shared = hashlib.sha256(f"{LAYOUT} {city.fingerprint} {[*credits]}".encode())
    for table in FILES:
        shared.update(json.dumps(load(table), sort_keys=True).encode())
    apart = sorted(sorted(pair) for pair in not_the_same)
    inputs = {"": shared.hexdigest()[:16], "≠": hashlib.sha256(repr(apart).encode()).hexdigest()[:16]}
    over_by_now = _over(contributions, now)
    for item in contributions:
        own = hashlib.sha256(f"{item.digest} {item.kind} {item.completeness} {item.source.model_dump_json()}".encode())
        own.update(f"{over_by_now.get(item.source.key)}".encode())
        inputs[item.source.key] = own.hexdigest()[:16]
    return inputs


def _over(contributions: Sequence[Contribution], now: datetime) -> dict[str, tuple[int, int]]:
    """How many sessions of each source are over at `now`, and how many offers by their last day; all sources in one query."""
    counts = []
    for item in contributions:
        key = pl.lit(item.source.key)
        if "sessions" in item.tables:
            counts.append(pl.scan_parquet(item.tables["sessions"]).select(key=key, sessions=over(now), offers=pl.lit(False)))
        if "offers" in item.tables:
            past = (pl.col("end_date") < now.date().isoformat()).fill_null(False)
            counts.append(pl.scan_parquet(item.tables["offers"]).select(key=key, sessions=pl.lit(False), offers=past))
    if not counts:
        return {}
    found = pl.concat(counts).group_by("key").agg(pl.col("sessions").sum(), pl.col("offers").sum()).collect(engine="streaming")
    return {key: (sessions, offers) for key, sessions, offers in found.iter_rows()}


def to_parts(
    aside: Path,
    rows: Path,
    city: City,
    contributions: Sequence[Contribution],
    everybody: pl.DataFrame,
    now: datetime,
    inputs: Mapping[str, str],
    last: Publication | None,
) -> list[Part]:
    """Make the part of every source, or take over that of the last publication where nothing it is made of changed."""
    empty_rows(rows)
    parts = []
    named = _named_in(contributions, everybody)
    for item in contributions:
        key = item.source.key
        part = open_part(aside, rows, key)
        stamp = f"{inputs['']} {inputs[key]} {named.get(key)}"
        old = open_part(last.folder, last.work, key) if last is not None else None
        if last is None or old is None or not take_part(old, last.work, part, rows, stamp):
            make_part(part, rows, item, city, everybody, now, stamp)
        parts.append(part)
    return parts


def _named_in(contributions: Sequence[Contribution], everybody: pl.DataFrame) -> dict[str, int]:
    """What stands, a source, for what the city says about its organisations: another source may know better."""
    given = [
        pl.scan_parquet(item.tables["organisations"]).select("organisation_id", key=pl.lit(item.source.key))
        for item in contributions
        if "organisations" in item.tables
    ]
    if not given:
        return {}
    known = everybody.select("organisation_id", row=everybody.hash_rows())
    found = (
        pl.concat(given).join(known.lazy(), on="organisation_id").group_by("key").agg(pl.col("row").sort().hash().bitwise_xor())
    )
    return dict(found.collect(engine="streaming").iter_rows())


def to_digests(publication: Publication) -> dict[str, str]:
    """The digests of a publication's files, as its descriptor says."""
    descriptor = json.loads((publication.folder / "datapackage.json").read_bytes())
    return {
        entry["path"]: entry["hash"].removeprefix("sha256:") for entry in descriptor["resources"] if entry["path"] not in VOLATILE
    }


def to_withdrawn(last: Publication | None, today: date) -> pl.LazyFrame:
    """Every offer ever published, as if withdrawn today; the caller leaves out those that are still there."""
    empty = pl.LazyFrame(schema=polars_schema("withdrawn"))
    if last is None or not last.work.is_dir():
        return empty
    before = pl.scan_parquet(last.work / "withdrawn.parquet")
    offers = pl.scan_parquet(last.work / "offers.parquet").select("offer_id", "source_key")
    gone = offers.with_columns(withdrawn_on=pl.lit(today.isoformat())).select(empty.collect_schema().names())
    return pl.concat([before, gone]).unique("offer_id", keep="first", maintain_order=True)
