"""One source in, one finished run out: the arrows of an offer's journey, in order. No Prefect here: preview calls it, too."""

import gc
import hashlib
import logging
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from functools import cached_property
from types import TracebackType
from typing import Self

from catalogue.disk import LedgerError
from catalogue.ledger import SourceLedger
from catalogue.run import Run
from catalogue.writer import RunWriter
from connectors.context import RunContext, StoredContext
from connectors.contract import Context, SourceError
from connectors.registry import check_options, connector
from flows.house import House
from schemas.drift import Watch
from schemas.marks import Marks
from schemas.normalise import Normaliser
from schemas.persons import known_addresses
from schemas.privacy import shield
from schemas.problems import Problem
from schemas.record import RawRecord
from schemas.rows import Batch
from schemas.source import Source
from schemas.validate import Validator

log = logging.getLogger(__name__)
# Records come and go by the million and hold no cycles: to look for some after every 700 new objects costs a tenth of a harvest
SELDOM = (20_000, 20, 50)

Look = Callable[[Iterable[RawRecord | Problem]], Iterator[RawRecord | Problem]]  # hands every record on


class Night:
    """The harvest of one source, from its lock to its run. Open it, `fetch`, `read`, `store`; or all at once with `harvest`.

    `clock` gives the instant; the run's own instant is the one it was opened at.
    """

    def __init__(self, house: House, source: Source, clock: Callable[[], datetime]) -> None:
        self.house, self.source, self.clock = house, source, clock
        self.now = clock()
        self.connector = connector(source.kind)()
        self.options = check_options(source)
        self.own: SourceLedger = house.ledger.source(source.key)
        self.unchanged = False
        self.watch = Watch()

    def __enter__(self) -> Self:
        source, own = self.source, self.own
        self.house.ledger.take_over(source.key, source.aliases, self.now)
        self._lease = own.lock("harvest", self.now)
        self._lease.__enter__()
        try:
            self.writer: RunWriter = own.begin(
                self._lease,
                own.next_run_id(self.now),
                self.now,
                connector=source.kind,
                fingerprint=self.fingerprint,
                completeness=source.completeness or self.connector.completeness,
            )
            self.ctx = RunContext(
                now=self.now,
                zone=self.house.city.zone,
                store=self.house.ledger.captures,
                settings=self.house.fetching,
                secrets=self.house.secrets,
                state=own.http_state(),
            )
        except BaseException:
            self._lease.__exit__(None, None, None)
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.ctx.close()
        self.writer.__exit__(kind, error, trace)
        self._lease.__exit__(kind, error, trace)

    @property
    def fingerprint(self) -> str:
        """Changes where the same bytes of this partner could become other rows."""
        day = self.now.date() if self.connector.depends_on_day else ""
        return hashlib.sha256(f"{self.house.fingerprint} {self.source.model_dump_json()} {day}".encode()).hexdigest()[:16]

    @cached_property
    def as_before(self) -> bool:
        """Whether the same bytes would become the same rows as last time. Addresses nobody could look up then are asked again."""
        last = self.own.standing()
        return last is not None and last.fingerprint == self.fingerprint and "geocoder_unavailable" not in last.problems

    @cached_property
    def marks(self) -> Marks:
        """What the records of this run are known by next time."""
        kind = self.connector
        return Marks(Normaliser(self.source, self.house.city, kind.default_map, nested=kind.nested).plan.reads)

    def fetch(self) -> None:
        """Ask for the addresses that hold the whole feed; note where all of them are as they were."""
        options = self.options
        entries = self.connector.entries(options)
        captures = [self.ctx.fetch(url, headers=options.headers, auth=options.auth) for url in entries]
        self.unchanged = bool(captures) and self.as_before and all(capture.not_modified for capture in captures)

    def read(self) -> None:
        """Read the feed into batches of judged rows, and hand each to the run; or note that its records are as they were."""
        known = self.own.marks() if self.as_before else None
        if known and self.marks.stand_for(self.connector.read(self.options, self.ctx), known):
            self.unchanged = True
            return
        for batch in batches(self.house, self.source, self.ctx, self.watch.over, self.marks.over):
            self.watch.heed(batch.problems)
            self.writer.write(batch)

    def store(self) -> Run:
        """Compare with the last snapshot, decide what is missing, turn the pointer."""
        now, expect, captures, http = self.clock(), self.source.expect, self.ctx.captures, self.ctx.http_state()
        if self.unchanged:
            return self.writer.not_modified(finished=now, expect=expect, captures=captures, http=http)
        shape, marks = self.watch.shape(), self.marks.to_bytes()
        return self.writer.finish(finished=now, expect=expect, captures=captures, http=http, shape=shape, marks=marks)

    def fail(self, problem: Problem) -> Run:
        """End the run with what went wrong; the last snapshot stays."""
        return self.writer.fail(problem, finished=self.clock(), captures=self.ctx.captures)


def batches(house: House, source: Source, ctx: Context, *looks: Look, size: int = 2_000) -> Iterator[Batch]:
    """Read a feed and yield its rows, judged: what harvest stores is what preview shows. `looks` see each record pass."""
    kind = connector(source.kind)
    records = kind().read(check_options(source), ctx)
    for look in looks:
        records = look(records)
    normaliser = Normaliser(source, house.city, kind.default_map, nested=kind.nested)
    known = known_addresses(*house.city.organisations, contact=source.publisher.contact)
    validator = Validator(house.city)
    gc.set_threshold(*SELDOM)
    for batch in normaliser.batches(records, size=size):
        shielded = shield(batch, known=known)
        placed = house.placer.place(shielded)
        yield validator.validate(placed)


def harvest(house: House, source: Source, clock: Callable[[], datetime]) -> Run:
    """Harvest one source without Prefect; give its run. Whatever the partner sends, this ends with a run."""
    with Night(house, source, clock) as night:
        try:
            night.fetch()
            if not night.unchanged:
                night.read()
            return night.store()
        except SourceError as error:
            return night.fail(error.problem)
        except LedgerError:  # the disk is full, or another run took over: no bug, and nothing to be noted where nothing can be
            raise
        except Exception as error:  # a bug of ours must not end the other partners' night; the run says so, the log has the trace
            log.exception("%s: unexpected", source.key)
            return night.fail(Problem("unexpected", note=f"{type(error).__name__}: {error}"))


def replay(house: House, source: Source, run_id: str, clock: Callable[[], datetime]) -> Run:
    """Repeat a run from its captures with today's source file and program, without the network; give the new run."""
    own, now = house.ledger.source(source.key), clock()
    captures = own.captures_of(run_id)
    ctx = StoredContext(captures, now=now, zone=house.city.zone)
    completeness = source.completeness or connector(source.kind).completeness
    with (
        own.lock("replay", now) as lease,
        own.begin(lease, own.next_run_id(now), now, kind="replay", connector=source.kind, completeness=completeness) as writer,
    ):
        try:
            for batch in batches(house, source, ctx):
                writer.write(batch)
        except SourceError as error:
            return writer.fail(error.problem, finished=clock(), captures=captures)
        except LedgerError:
            raise
        except Exception as error:
            log.exception("%s: unexpected", source.key)
            return writer.fail(
                Problem("unexpected", note=f"{type(error).__name__}: {error}"), finished=clock(), captures=captures
            )
        return writer.finish(finished=clock(), expect=source.expect, captures=captures)
