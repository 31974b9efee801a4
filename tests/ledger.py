"""A ledger for tests: short words come in, whole nights of a source go out."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from catalogue.ledger import Ledger, SourceLedger
from catalogue.run import Run
from schemas.problems import Problem
from schemas.record import Capture
from schemas.rows import Batch
from schemas.source import Expectation
from tests.rows import location, offer, organisation, session, translation

KEY = "du-a"
START = datetime(2026, 3, 1, 3, 0, tzinfo=UTC)


def at(day: float) -> datetime:
    """Give 3 o'clock on a day; day 1 is Sunday, 1 March 2026."""
    return START + timedelta(days=day - 1)


def batch(
    offers: Mapping[str, str], *, rejected: Iterable[str] = (), key: str = KEY, problems: Iterable[Problem] = (), **books: int
) -> Batch:
    """Give offers by name and title, each with a session and a translation, at one place of one organisation."""
    ids = {name: f"{key}:{name}" for name in offers}
    place = f"{key}:0000000000000001"
    return Batch(
        organisations=[organisation()] if offers else [],
        locations=[location(location_id=place)] if offers else [],
        offers=[
            offer(offer_id=ids[name], source_key=key, record_id=name, title=title, location_id=place)
            for name, title in offers.items()
        ],
        sessions=[session(session_id=f"{each}@2026-03-02T09:00:00+01:00", offer_id=each) for each in ids.values()],
        translations=[translation(offer_id=each) for each in ids.values()],
        problems=[*problems],
        rejected=tuple(f"{key}:{name}" if name else "" for name in rejected),
        **books,
    )


def capture(ledger: Ledger, body: bytes, now: datetime) -> Capture:
    """Store an answer as fetching would."""
    stored = ledger.captures.put([body])
    return Capture(
        url="https://partner.example/feed.csv",
        status=200,
        media_type="text/csv",
        fetched_at=now,
        sha256=stored.sha256,
        size=stored.size,
        headers={"etag": '"1"'},
        path=stored.path,
    )


def night(source: SourceLedger, day: float, *batches: Batch, **said: Any) -> Run:
    """Harvest a source on a day: its batches, and what `begin` and `finish` are told."""
    now = at(day)
    begin = {name: said.pop(name) for name in ("kind", "completeness", "fingerprint", "connector") if name in said}
    expect = Expectation(**{"min_records": 0, **said.pop("expect", {})})
    with source.lock("test", now) as lease, source.begin(lease, source.next_run_id(now), now, **begin) as writer:
        for each in batches:
            writer.write(each)
        return writer.finish(finished=now + timedelta(minutes=1), expect=expect, **said)


def same(source: SourceLedger, day: float, **said: Any) -> Run:
    """Harvest a source that is as it was."""
    now = at(day)
    expect = Expectation(**said.pop("expect", {}))
    begin = {name: said.pop(name) for name in ("completeness",) if name in said}
    with source.lock("test", now) as lease, source.begin(lease, source.next_run_id(now), now, **begin) as writer:
        return writer.not_modified(finished=now, expect=expect, **said)


def titles(source: SourceLedger) -> dict[str, str]:
    """Give the names and titles of the offers that count."""
    current = source.current()
    if current is None:
        return {}
    return dict(current.frame("offers").select("record_id", "title").sort("record_id").collect().iter_rows())


def content(source: SourceLedger) -> dict[str, list[dict[str, Any]]]:
    """Give all rows that count, each table in a fixed order."""
    current = source.current()
    if current is None:
        return {}
    return {table: sorted(current.frame(table).collect().to_dicts(), key=repr) for table in current.paths}


def offers(*names: str, title: str = "Kurs") -> dict[str, str]:
    """Give offers of these names with a title each: "a b c" or many."""
    return {name: f"{title} {name}" for word in names for name in word.split()}


def many(count: int, title: str = "Kurs") -> dict[str, str]:
    """Give so many offers."""
    return {f"{number:03}": f"{title} {number}" for number in range(count)}


def ledger(root: Path) -> tuple[Ledger, SourceLedger]:
    """Open a ledger, and one source of it."""
    whole = Ledger(root)
    return whole, whole.source(KEY)
