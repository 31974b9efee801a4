"""A source's folder in; its runs, the snapshot that counts and what is on watch out. Reading only, and never in anybody's way."""

from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

import polars as pl

from catalogue import disk
from catalogue.captures import Captures
from catalogue.disk import LedgerError, Places, Pointer
from catalogue.lease import holder
from catalogue.problems import problem_schema
from catalogue.run import RUN_ID, Run
from catalogue.snapshot import Snapshot
from schemas.compare import WATCH
from schemas.record import Capture

MARKS = "marks"  # a file of a run: what it read, 8 bytes a record


class History:
    """What is remembered of one source."""

    def __init__(self, places: Places, captures: Captures, key: str) -> None:
        self.key = key
        self.places = places
        self.captures = captures
        self.folder: Path = places.source(key)
        self.runs_folder: Path = places.runs(key)
        self._current = Pointer(self.folder / "current")
        self._pin = Pointer(self.folder / "pin")

    def busy(self) -> str | None:
        """Say who holds the lock, for people; None where nobody does."""
        return holder(self.folder / "lock")

    def run_ids(self) -> list[str]:
        """Give the ids of all kept runs, the newest first."""
        if not self.runs_folder.is_dir():
            return []
        return sorted((path.name for path in self.runs_folder.iterdir() if RUN_ID.match(path.name)), reverse=True)

    def run(self, run_id: str) -> Run:
        """Read one run; raise LedgerError where it is not kept any more, or damaged."""
        path = self.places.run(self.key, run_id) / "run.json"
        data = disk.read_json(path)
        if data is None:
            raise LedgerError(f"{self.key}: Den Lauf {run_id} gibt es nicht (mehr). Bitte einen aus der Liste der Läufe wählen.")
        try:
            return Run.of(data)
        except (KeyError, TypeError, ValueError) as error:
            raise LedgerError(f"{path}: Die Datei ist beschädigt ({error!r}). Bitte aus der Sicherung holen.") from error

    def each_run(self) -> Iterator[Run]:
        """Give the kept runs, the newest first. What is damaged, or swept meanwhile, is left out: the run before it counts."""
        for run_id in self.run_ids():
            try:
                yield self.run(run_id)
            except LedgerError:
                continue

    def runs(self, limit: int | None = None) -> list[Run]:
        """Give the newest runs, the newest first."""
        return [*islice(self.each_run(), limit)]

    def last_run(self) -> Run | None:
        """Give the newest run, whatever became of it."""
        return next(self.each_run(), None)

    def last_success(self) -> Run | None:
        """Give the newest run that read its source, or found it unchanged."""
        return next((run for run in self.each_run() if run.accepted), None)

    def last_change(self) -> Run | None:
        """Give the newest run that changed the rows."""
        newer: Run | None = None
        for run in self.each_run():
            if run.accepted:
                if newer and newer.snapshot != run.snapshot:
                    return newer
                newer = run
        return newer

    def current(self) -> Snapshot | None:
        """Give the snapshot that counts, None before the first."""
        run_id = self._pin.read() or self._current.read()
        return self.snapshot(run_id) if run_id else None

    def pinned(self) -> str | None:
        """Give the run a rollback pinned this source to, None where it follows its newest run."""
        return self._pin.read()

    def snapshot(self, run_id: str) -> Snapshot:
        """Give the snapshot after a run; raise LedgerError where there is none."""
        run = self.run(run_id)
        if run.snapshot is None:
            raise LedgerError(f"{self.key}: Der Lauf {run_id} ist gescheitert und hat keinen Stand. Bitte einen anderen wählen.")
        if run.snapshot != run.id:
            run = self.run(run.snapshot)
        return Snapshot(run, self.places.run(self.key, run.id))

    def standing(self) -> Run | None:
        """Give the newest run that ended with the snapshot that counts: its fingerprint, state and watch hold."""
        current = self.current()
        if current is None:
            return None
        return next(
            (run for run in self.each_run() if run.snapshot == current.id and (run.accepted or run.id == current.id)), None
        )

    def http_state(self) -> dict[str, Any]:
        """Give what fetching should remember (ETags …), as of the snapshot that counts: so a 304 means that it still does."""
        return dict(self._fetched(self.standing())["http"])

    def shape(self) -> dict[str, Any]:
        """Give what the feed looked like when the snapshot that counts was read; empty where nobody looked."""
        return dict(self._fetched(self.standing()).get("shape", {}))

    def marks(self) -> bytes | None:
        """Give the marks (schemas/marks.py) of the feed that the snapshot that counts was read from; None where nobody made any."""
        current = self.current()
        runs = (
            run for run in self.each_run() if current and run.snapshot == current.id and (run.accepted or run.id == current.id)
        )
        paths = (self.places.run(self.key, run.id) / MARKS for run in runs)
        return next((path.read_bytes() for path in paths if path.exists()), None)

    def captures_of(self, run_id: str) -> list[Capture]:
        """Give the captures of a run, ready to be read again; raise LedgerError where one is not kept any more."""
        captures = self._captures_of(self.run(run_id))
        for capture in captures:
            if capture.path is None or not capture.path.exists():
                what = f"Eine Antwort des Laufs {run_id} wird nicht mehr aufbewahrt ({capture.url})"
                raise LedgerError(f"{self.key}: {what}. Bitte neu abrufen.")
        return captures

    def each_capture(self) -> Iterator[Capture]:
        """Give the captures of all kept runs, with repeats."""
        for run in self.each_run():
            yield from self._captures_of(run)

    def watch(self) -> pl.DataFrame:
        """Give the offers that are missing or held: offer_id, since, runs, held."""
        return self._watch_of(self.standing())

    def problems(self, run_id: str | None = None) -> pl.DataFrame:
        """Give the problems of a run, else of the last that read the source: the public columns, and value and note."""
        path = self.problems_path(run_id)
        return pl.read_parquet(path) if path else pl.DataFrame(schema=problem_schema())

    def problems_path(self, run_id: str | None = None) -> Path | None:
        """Give the Parquet file of `problems`, None where there is none."""
        paths = (self.places.run(self.key, known) / "problems.parquet" for known in ([run_id] if run_id else self.run_ids()))
        return next((path for path in paths if path.exists()), None)

    def changes(self, run_id: str) -> pl.DataFrame:
        """Give what a run changed: offer_id and change (new, changed, kept, missing, held, withdrawn, expired)."""
        path = self.places.run(self.key, run_id) / "changes.parquet"
        return pl.read_parquet(path) if path.exists() else pl.DataFrame(schema={"offer_id": pl.String(), "change": pl.String()})

    def _fetched(self, run: Run | None) -> dict[str, Any]:
        known = disk.read_json(self.places.run(self.key, run.id) / "fetched.json") if run else None
        return known or {"captures": [], "http": {}}

    def _captures_of(self, run: Run) -> list[Capture]:
        return [
            Capture(
                **item | {"fetched_at": datetime.fromisoformat(item["fetched_at"]), "path": self.captures.path(item["sha256"])}
            )
            for item in self._fetched(run)["captures"]
        ]

    def _watch_of(self, run: Run | None) -> pl.DataFrame:
        path = self.places.run(self.key, run.id) / "missing.parquet" if run else None
        return pl.read_parquet(path) if path and path.exists() else pl.DataFrame(schema=WATCH)
