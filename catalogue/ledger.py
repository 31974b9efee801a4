"""What we remember, under `data/`: captures, and for each source its runs, its snapshots and the pointer to the one that counts.

    captures/ab/abcdef…            the bytes of every response, once (captures.py)
    harvest/<key>/runs/<run-id>/   offers, sessions, translations, locations, organisations and digests where the rows changed;
                                   problems, changes and missing where there are any (all Parquet); run.json, fetched.json
    harvest/<key>/current          names the run whose rows count; replaced atomically
    harvest/<key>/pin              after a rollback: names the run `current` stays on until it is lifted
    harvest/<key>/lock/            whose turn it is (lease.py)
    operator/<key>.json            what an operator decided about the source

The pointer follows the runs: without a pin it names the snapshot of the newest accepted run, and whoever next holds the lock sees
to that. So a run that was killed between its two renames is finished by the next one.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import polars as pl

from catalogue import disk
from catalogue.captures import GRACE, Captures, Freed
from catalogue.disk import LedgerError, Places
from catalogue.history import History
from catalogue.lease import LEASE, Busy, Lease
from catalogue.rename import write_renamed
from catalogue.run import RUN_ID, Run, new_run_id
from catalogue.snapshot import Snapshot
from catalogue.writer import RunWriter


@dataclass(frozen=True, slots=True)
class Pause:
    """Since when, and why, an operator wants no runs of a source."""

    since: datetime
    reason: str


class Ledger:
    """The ledger in the folder `root` (`data/`)."""

    def __init__(self, root: Path) -> None:
        self.places = Places(root)
        self.captures = Captures(self.places)

    def source(self, key: str) -> "SourceLedger":
        """Give the ledger of one source; nothing is made before the first run."""
        return SourceLedger(self.places, self.captures, key)

    def keys(self) -> list[str]:
        """Give the keys of all sources that were ever harvested."""
        root = self.places.sources
        return sorted(path.parent.name for path in root.glob("*/runs")) if root.is_dir() else []

    def take_over(self, key: str, aliases: Iterable[str], now: datetime) -> None:
        """Let a renamed source that has no ledger yet take over the one of its former key. Its next run renames the ids."""
        folder = self.places.source(key)
        for alias in aliases:
            former = self.places.source(alias)
            if folder.exists() or not former.exists():
                continue
            with Lease(former / "lock", "rename", now):
                pass  # nobody is at work there
            with disk.explained(former):
                former.rename(folder)
                disk.sync(folder.parent)

    def sweep(self, now: datetime, *, keep_runs: int, owner: str = "sweep", grace: timedelta = GRACE) -> Freed:
        """Remove old runs of every source that is not being harvested, then the captures no kept run names."""
        for key in self.keys():
            try:
                self.source(key).sweep(now, keep_runs=keep_runs, owner=owner)
            except Busy:
                continue
        wanted = {capture.sha256 for key in self.keys() for capture in self.source(key).each_capture()}
        return self.captures.sweep(wanted, now, grace)


class SourceLedger(History):
    """The ledger of one source. What changes it asks for the lock; what reads (History) does not."""

    def lock(self, owner: str, now: datetime, lease: timedelta = LEASE) -> Lease:
        """Give the right to write, as a context manager; entering raises Busy where another run has it."""
        return Lease(self.folder / "lock", owner, now, lease=lease)

    def next_run_id(self, now: datetime, suffix: str = "") -> str:
        """Make the id of the next run; it sorts after all before it, also where the clock was set back."""
        return new_run_id(now, suffix, after=next(iter(self.run_ids()), None))

    def begin(
        self,
        lease: Lease,
        run_id: str,
        started: datetime,
        *,
        kind: str = "harvest",
        connector: str = "",
        fingerprint: str = "",
        completeness: str = "snapshot",
        base: Snapshot | None = None,
    ) -> RunWriter:
        """Begin a run under the lock, against the snapshot that counts or `base`. What a killed run left is finished or swept."""
        self._tidy(lease)
        if not RUN_ID.match(run_id) or any(run_id <= other for other in self.run_ids()[:1]):
            raise LedgerError(f"{self.key}: Der Lauf kann nicht ‚{run_id}‘ heißen; er stünde nicht hinter den früheren.")
        run = Run(
            source=self.key,
            id=run_id,
            started=started,
            finished=started,
            result="failed",
            kind=kind,
            connector=connector,
            fingerprint=fingerprint,
            completeness=completeness,
        )
        return RunWriter(self, lease, run, base or self.current())

    def settle(self) -> None:
        """Let the pointer follow the runs; only under the lock."""
        due = self._pin.read() or self._newest()
        if due and due != self._current.read():
            self._current.turn(due)

    def release(self, now: datetime, *, owner: str) -> Run:
        """Let what is held go: withdraw the held offers at once, or accept a run that was held as a whole. Gives the new run."""
        with self.lock(owner, now) as lease:
            if self.pinned():
                raise LedgerError(
                    f"{self.key}: Die Quelle ist auf einen früheren Stand festgelegt. Bitte zuerst die Festlegung aufheben."
                )
            self._tidy(lease)
            last = self.last_run()
            waiting = last if last and last.result == "held" and not last.accepted else None
            ground = waiting or self.standing()
            watch = self._watch_of(ground)
            if ground is None or not (waiting or watch["held"].any()):
                raise LedgerError(f"{self.key}: Hier wird nichts zurückgehalten. Es ist nichts zu tun.")
            writer = self.begin(
                lease,
                self.next_run_id(now),
                now,
                kind="release",
                connector=ground.connector,
                fingerprint=ground.fingerprint,
                completeness=ground.completeness,
                base=self.snapshot(ground.id),
            )
            with writer:
                return writer.without(
                    watch.filter("held"),
                    finished=now,
                    rest=watch.filter(~pl.col("held")),
                    captures=self._captures_of(ground),
                    http=self._fetched(ground)["http"],
                )

    def rollback(self, now: datetime, *, owner: str, run_id: str | None = None) -> Snapshot:
        """Go back to the snapshot after `run_id`, else to the one before the current, and stay there until `unpin`."""
        with self.lock(owner, now):
            if run_id is None:
                now_counts = self._pin.read() or self._current.read() or ""
                earlier = (run.id for run in self.each_run() if run.id < now_counts and run.snapshot == run.id and run.accepted)
                run_id = next(earlier, None)
            if run_id is None:
                raise LedgerError(f"{self.key}: Einen früheren Stand gibt es nicht.")
            target = self.snapshot(run_id)
            self._pin.turn(target.id)  # from here on it counts; `current` follows
            self.settle()
            return target

    def unpin(self, now: datetime, *, owner: str) -> Snapshot | None:
        """Let the source follow its newest accepted run again; give the snapshot that counts now."""
        with self.lock(owner, now):
            if due := self._newest():
                self._current.turn(due)
            self._pin.clear()  # only now it counts
            return self.current()

    def pause(self, reason: str, now: datetime) -> None:
        """Note that an operator wants no runs."""
        disk.write_json(self.places.operator(self.key), {"paused": {"since": now, "reason": reason}})

    def resume(self) -> None:
        """Let runs happen again."""
        disk.remove_file(self.places.operator(self.key))

    def paused(self) -> Pause | None:
        """Say whether, since when and why an operator wants no runs."""
        known = (disk.read_json(self.places.operator(self.key)) or {}).get("paused")
        return Pause(datetime.fromisoformat(known["since"]), known["reason"]) if known else None

    def sweep(self, now: datetime, *, keep_runs: int, owner: str = "sweep") -> None:
        """Remove all but the newest runs; those that count, are pinned, or hold what the others refer to, stay."""
        with self.lock(owner, now) as lease:
            self._tidy(lease)
            runs = self.runs()
            named = (self.standing(), self.last_success(), self.last_change())
            kept = {run.id for run in [*runs[:keep_runs], *filter(None, named)]}
            kept |= {run.snapshot for run in runs if run.id in kept and run.snapshot}
            if current := self.current():
                kept.add(current.id)
            if problems := self.problems_path():
                kept.add(problems.parent.name)
            for run in runs:
                if run.id not in kept:
                    disk.remove_folder(self.places.run(self.key, run.id))

    def _newest(self) -> str | None:
        return next((run.snapshot for run in self.each_run() if run.accepted), None)

    def _tidy(self, lease: Lease) -> None:
        """Finish or sweep what a killed owner of the lock left; give a snapshot of a former key the new one."""
        lease.keep()
        with disk.explained(self.runs_folder):
            self.runs_folder.mkdir(parents=True, exist_ok=True)
        disk.sweep(self.folder)
        disk.sweep(self.runs_folder)
        self.settle()
        base, standing = self.current(), self.standing()
        if base and standing and base.run.source != self.key:
            if self.pinned():
                raise LedgerError(
                    f"{self.key}: Die Quelle wurde umbenannt und ist auf einen früheren Stand festgelegt. "
                    "Bitte zuerst die Festlegung aufheben."
                )
            run_id = f"{self.run_ids()[0]}-renamed"
            write_renamed(base, self._watch_of(standing), self._fetched(standing), self.key, self.runs_folder / run_id)
            self.settle()
