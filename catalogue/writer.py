"""The batches of one harvest in; a finished run out: compared with the last snapshot, written aside, put in place, pointed at.

A run becomes real with one rename of its folder, and public with one rename of the pointer. Killed before, in between or after,
the next run finds the old or the new state and finishes what is left.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, Protocol

import polars as pl

from catalogue import disk
from catalogue.expectations import broken_promises, removals
from catalogue.history import MARKS
from catalogue.lease import Lease
from catalogue.problems import ProblemTable
from catalogue.run import Books, Run
from catalogue.snapshot import DIGESTS, UNSTORABLE, Snapshot, SnapshotWriter, write_table
from schemas.compare import GOING, WATCH, Rules, compare, decide, ended, to_watch
from schemas.drift import compare_shapes
from schemas.problems import Problem
from schemas.record import Capture
from schemas.rows import Batch
from schemas.source import Expectation


class Home(Protocol):
    """What a run asks of its source's ledger."""

    key: str
    runs_folder: Path

    def watch(self) -> pl.DataFrame: ...

    def shape(self) -> dict[str, Any]: ...

    def settle(self) -> None: ...


class RunWriter:
    """Takes the batches of one run. Ends with exactly one of `finish`, `not_modified`, `fail`; leaving early leaves nothing."""

    def __init__(self, home: Home, lease: Lease, run: Run, base: Snapshot | None) -> None:
        self._home, self._lease, self._run, self._base = home, lease, run, base
        self._aside = home.runs_folder / f"{disk.ASIDE}{run.id}"
        with disk.explained(self._aside):
            self._aside.mkdir(parents=True)
        self._rows = SnapshotWriter(self._aside)
        self._problems = ProblemTable(run.id, home.key)
        self._rejected: list[str] = []
        self._repeated: dict[str, int] = {}
        self._books = Books()

    def __enter__(self) -> "RunWriter":
        return self

    def __exit__(self, *_: object) -> None:
        if self._aside.exists():
            disk.remove_folder(self._aside)

    @property
    def base(self) -> Snapshot | None:
        """The snapshot this run is compared with."""
        return self._base

    def write(self, batch: Batch) -> None:
        """Take a batch: its rows, its problems, its part of the books."""
        self._lease.keep()
        try:
            self._rows.write(batch)
        except UNSTORABLE:
            batch = self._write_singly(batch)
        self._rejected += filter(None, batch.rejected)
        for problem in batch.problems:
            self._problems.add(problem)
        books = self._books
        self._books = replace(
            books,
            read=books.read + batch.read,
            filtered=books.filtered + batch.filtered,
            merged=books.merged + batch.merged,
            seen=books.seen + len(batch.offers) + len(batch.rejected),
            rejected=books.rejected + len(batch.rejected),
        )

    def problem(self, problem: Problem) -> None:
        """Take a problem that belongs to no batch."""
        self._problems.add(problem)

    def finish(
        self,
        *,
        finished: datetime,
        expect: Expectation,
        captures: Iterable[Capture] = (),
        http: Mapping[str, Any] | None = None,
        shape: Mapping[str, Any] | None = None,
        marks: bytes | None = None,
        note: str = "",
    ) -> Run:
        """Compare, decide about removals, write the snapshot, turn the pointer; give the run.

        `shape` is what the feed looked like (schemas/drift.py); where it changed by itself, the run says so. `marks` are those of
        its records (schemas/marks.py), for the next run to know them by.

        The run fails, and the last snapshot stays, where there are fewer offers than expected or the books do not balance.
        """
        self._lease.keep()
        digests, compared = self._compare()
        changes: dict[str, int] = dict(compared.group_by("change").len().collect().iter_rows())
        before = self._base.run.rows["offers"] if self._base else 0
        there = int(digests.filter(table="offers").select(pl.col("id").hash().n_unique()).collect().item())
        new, changed, kept = (changes.get(name, 0) for name in ("new", "changed", "kept"))
        books = replace(self._books, new=new, changed=changed, unchanged=there - new - changed, kept=kept)
        drifted = compare_shapes(self._home.shape(), shape or {})
        if books.accepted < expect.min_records:
            few = f"{books.accepted} statt mindestens {expect.min_records}"
            if gone := next((problem for problem in drifted if problem.code == "column_gone"), None):
                few += f"; die Spalte ‚{gone.value}‘ gibt es nicht mehr"
                self._problems.add(gone)  # says what it may be called now
            return self.fail(Problem("too_few_records", note=few), finished=finished, captures=captures, http=http)
        fates = self._fates(compared.filter(change="absent").select("offer_id").collect(), before, finished, expect)
        books = _with_fates(books, fates)
        if fault := books.fault(before):
            note = f"Die Bücher gehen nicht auf: {fault}"
            return self.fail(Problem("unexpected", note=note), finished=finished, captures=captures, http=http)
        self._repeated = self._rows.repeated()
        broken = [*broken_promises(self._rows, expect), *drifted]
        for problem in (*broken, *removals(fates, self._base, expect), *self._repeats()):
            self._problems.add(problem)
        hold = expect.hold and bool(broken)
        run = replace(
            self._run,
            finished=finished,
            books=books,
            accepted=not hold,
            expectations=tuple(problem.message("de") for problem in broken),
            result="held" if hold or books.held else "ok_with_problems" if self._problems.for_somebody else "ok",
            note=note,
        )
        going = fates.filter(pl.col("fate").is_in(GOING)).lazy().select("offer_id")
        staying = (
            compared.filter(pl.col("change").is_in(["kept", "absent"])).join(going, on="offer_id", how="anti").select("offer_id")
        )
        moves = pl.concat(
            [
                compared.filter(pl.col("change") != "absent"),
                fates.lazy().filter(pl.col("fate") != "stayed").select("offer_id", change="fate"),
            ]
        )
        run = self._store(run, digests, staying if books.carried else None)
        if marks is not None:
            disk.write_bytes(self._aside / MARKS, marks)
        return self._close(run, captures, http, fates, moves, read=True, shape=shape)

    def not_modified(
        self, *, finished: datetime, expect: Expectation, captures: Iterable[Capture] = (), http: Mapping[str, Any] | None = None
    ) -> Run:
        """End a run that found everything as it was. What was missing is missing once more, and leaves when its time has come."""
        if self._base is None:
            raise ValueError("nothing can be unmodified before there is a snapshot")
        before = self._base.run.rows["offers"]
        fates = self._fates(self._home.watch().select("offer_id"), before, finished, expect)
        books = _with_fates(Books(), fates)
        books = replace(books, stayed=before - fates.height)
        result = "held" if books.held else "ok" if books.moved else "not_modified"
        run = replace(self._run, finished=finished, books=books, accepted=True, result=result)
        for problem in removals(fates, self._base, expect):
            self._problems.add(problem)
        if books.moved:
            gone = fates.filter(pl.col("fate").is_in(GOING))
            run = self._store(run, pl.LazyFrame(schema=DIGESTS), self._all_but(gone))
        else:
            run = self._as_it_was(run, self._base)
        moves = fates.lazy().select("offer_id", change="fate") if fates.height else None
        return self._close(run, captures, http, fates, moves)

    def without(
        self, gone: pl.DataFrame, *, finished: datetime, rest: pl.DataFrame, captures: Iterable[Capture], http: Mapping[str, Any]
    ) -> Run:
        """End a run that takes these offers out of the base and leaves the rest as it is: an operator released held removals.

        `rest` (as the watch) are the offers that stay missing.
        """
        if self._base is None:
            raise ValueError("nothing can be taken out before there is a snapshot")
        stayed = self._base.run.rows["offers"] - gone.height - rest.height
        books = Books(withdrawn=gone.height, missing=rest.height, stayed=stayed)
        run = replace(self._run, finished=finished, books=books, accepted=True, result="ok")
        run = self._store(run, pl.LazyFrame(schema=DIGESTS), self._all_but(gone))
        moves = gone.lazy().select("offer_id", change=pl.lit("withdrawn"))
        return self._close(run, captures, http, rest.with_columns(fate=pl.lit("missing")), moves)

    def fail(
        self, problem: Problem, *, finished: datetime, captures: Iterable[Capture] = (), http: Mapping[str, Any] | None = None
    ) -> Run:
        """End a run that gave nothing: the last snapshot stays, the problems say why."""
        self._problems.add(problem)
        for path in self._aside.iterdir():
            path.unlink()
        run = replace(self._run, finished=finished, result="failed", note=problem.message("de"))
        return self._close(run, captures, http, pl.DataFrame(schema={"fate": pl.String(), **WATCH}), None, read=True)

    def _write_singly(self, batch: Batch) -> Batch:
        """Take a batch offer by offer, because one of them cannot be stored; give the batch without it."""
        self._rows.write(Batch(organisations=batch.organisations, locations=batch.locations))
        taken, lost = [], []
        for offer in batch.offers:
            own = [[row for row in rows if row["offer_id"] == offer["offer_id"]] for rows in (batch.sessions, batch.translations)]
            try:
                self._rows.write(Batch(offers=[offer], sessions=own[0], translations=own[1]))
                taken.append(offer)
            except UNSTORABLE as error:
                offer_id = str(offer["offer_id"])
                self._problems.add(Problem("schema", locator=batch.locators.get(offer_id), note=f"{error}", severity="rejected"))
                lost.append(offer_id)
        here = {offer["offer_id"] for offer in batch.offers}
        late = [[row for row in rows if row["offer_id"] not in here] for rows in (batch.sessions, batch.translations)]
        self._rows.write(Batch(sessions=late[0], translations=late[1]))
        return replace(batch, offers=taken, rejected=(*batch.rejected, *lost))

    def _compare(self) -> tuple[pl.LazyFrame, pl.LazyFrame]:
        """Give the digests of this run and what is not as it was; both wait on disk."""
        digests, compared = self._aside / f"{disk.ASIDE}digests.parquet", self._aside / f"{disk.ASIDE}compared.parquet"
        write_table(self._rows.digests(), digests)
        offers = pl.scan_parquet(digests).filter(table="offers").select("digest", offer_id="id")
        rejected = pl.LazyFrame({"offer_id": self._rejected}, schema={"offer_id": pl.String()}).unique()
        write_table(compare(self._old_digests(), offers, rejected), compared)
        return pl.scan_parquet(digests), pl.scan_parquet(compared)

    def _all_but(self, gone: pl.DataFrame) -> pl.LazyFrame:
        return self._old_digests().select("offer_id").join(gone.lazy(), on="offer_id", how="anti", maintain_order="left")

    def _old_digests(self) -> pl.LazyFrame:
        empty = pl.LazyFrame(schema={"offer_id": pl.String(), "digest": pl.UInt64()})
        return self._base.digests() if self._base else empty

    def _fates(self, absent: pl.DataFrame, before: int, now: datetime, expect: Expectation) -> pl.DataFrame:
        if self._base and absent.height:
            offers, sessions = (
                self._base.frame(table).join(absent.lazy(), on="offer_id", how="semi", maintain_order="left")
                for table in ("offers", "sessions")
            )
            absent = ended(offers, sessions, now).collect()
        else:
            absent = absent.with_columns(ended=pl.lit(False))
        rules = Rules(_completeness(self._run.completeness), expect.max_drop)
        if "proven_whole" in self._problems.counts:  # what is missing in it is gone: there is nothing to wait for
            rules = replace(rules, runs=1)
        return decide(absent, self._home.watch(), was=before, now=now, rules=rules, counts=self._run.kind != "replay")

    def _repeats(self) -> Iterator[Problem]:
        for table in ("sessions", "translations"):
            if count := self._repeated.get(table):
                yield Problem("duplicate_id", locator=table, value=f"{count}", severity="remark")

    def _store(self, run: Run, digests: pl.LazyFrame, staying: pl.LazyFrame | None) -> Run:
        """Write the tables of the snapshot; where nothing at all is different, the run names the snapshot that is there."""
        base = self._base
        if base and not run.books.moved and not self._unknown_things(base, digests):
            return self._as_it_was(run, base)
        carried = base.part(staying) if base and staying is not None else {}
        if (old := carried.pop("digests", None)) is not None:
            digests = pl.concat([digests, old.join(digests, on=["table", "id"], how="anti", maintain_order="left")])
        rows = self._rows.merge(carried, self._repeated)
        path = self._aside / "digests.parquet"
        count = write_table(digests, path)
        stamp = pl.scan_parquet(path).select(pl.col("digest").bitwise_xor()).collect().item() or 0
        return replace(run, snapshot=run.id, digest=f"{count}-{stamp:016x}", rows=rows)

    def _as_it_was(self, run: Run, base: Snapshot) -> Run:
        return replace(run, snapshot=base.id, digest=base.digest, rows=base.run.rows)

    def _unknown_things(self, base: Snapshot, digests: pl.LazyFrame) -> bool:
        """Whether a place or an organisation is new or different: also one that no offer names directly."""
        things = digests.filter(pl.col("table") != "offers")
        unknown = things.join(base.frame("digests"), on=["table", "id", "digest"], how="anti")
        return bool(unknown.select(pl.len()).collect().item())

    def _close(
        self,
        run: Run,
        captures: Iterable[Capture],
        http: Mapping[str, Any] | None,
        fates: pl.DataFrame,
        moves: pl.LazyFrame | None,
        read: bool = False,
        shape: Mapping[str, Any] | None = None,
    ) -> Run:
        """Write what goes with every run, put the folder in its place, and let the pointer follow.

        The problems of a feed are those of the last run that did `read` it.
        """
        self._lease.keep()
        listed = [to_json(capture) for capture in captures]
        run = replace(run, problems=self._problems.counts, captures=len(listed))
        if read:
            self._problems.write(self._aside / "problems.parquet")
        watch = to_watch(fates)
        if watch.height:
            write_table(watch.lazy(), self._aside / "missing.parquet")
        if moves is not None:
            write_table(moves, self._aside / "changes.parquet")
        seen = dict(shape or self._home.shape())
        disk.write_json(self._aside / "fetched.json", {"captures": listed, "http": http or {}, "shape": seen})
        disk.write_json(self._aside / "run.json", run.to_json())
        for path in self._aside.glob(f"{disk.ASIDE}*"):
            path.unlink()
        self._lease.keep()
        disk.put_in_place(self._aside, self._home.runs_folder / run.id)
        self._home.settle()
        return run


def to_json(capture: Capture) -> dict[str, Any]:
    """Give what is remembered of a capture, all but its bytes: enough to repeat the run without the network."""
    return {
        "url": capture.url,
        "final_url": capture.final_url,
        "status": capture.status,
        "media_type": capture.media_type,
        "fetched_at": capture.fetched_at,
        "sha256": capture.sha256,
        "size": capture.size,
        "headers": dict(capture.headers),
    }


def _with_fates(books: Books, fates: pl.DataFrame) -> Books:
    counts: dict[str, int] = dict(fates["fate"].value_counts().iter_rows())
    return replace(books, **{name: counts.get(name, 0) for name in ("missing", "held", "stayed", "withdrawn", "expired")})


def _completeness(word: str) -> Literal["snapshot", "window", "stream"]:
    match word:
        case "snapshot" | "window" | "stream":
            return word
    raise ValueError(f"a feed's completeness is snapshot, window or stream, not {word!r}")
