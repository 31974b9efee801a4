"""Kill whatever changes the ledger: at every boundary between two changes on disk, at random instants, with a full disk.

    python -m tests.catalogue.killed FOLDER [--every N] [--random N] [--full-disk N] [--seed N]

Each time a child does it on a copy of the same ledger and dies on the way; another looks what is there: the old state or the new,
every row of it; does it again, and has to arrive where an undisturbed child arrives, to the byte, with nothing left lying about.
Prints a line a deed as JSON; ends with 1 where a law was broken. Children are forks: this process itself never computes.
"""

import argparse
import json
import os
import random
import resource
import shutil
import signal
import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from catalogue import snapshot
from catalogue.disk import ASIDE, GONE, LedgerError
from catalogue.ledger import Ledger, SourceLedger
from tests.ledger import KEY, at, batch, capture, content, ledger, many, night, same

Deed = Callable[[Ledger, SourceLedger], object]
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT
CHANGES = {"os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.utime", "os.truncate", "os.link"}
NEW_KEY = "du-neu"


def harvest(whole: Ledger, source: SourceLedger) -> None:
    """Harvest a feed in which something is new, changed, gone and rejected, in parts."""
    snapshot.SPILL = 5
    titles = many(12) | {"003": "Anders", "x": "Neu"}
    del titles["004"], titles["005"]
    parts = [dict([*titles.items()][begin : begin + 4]) for begin in range(0, len(titles), 4)]
    answer = capture(whole, b"Titel;Beginn\n" * 50, at(5))
    night(
        source,
        5,
        *(batch(part, rejected=["005"] if "x" in part else []) for part in parts),
        captures=[answer],
        http={"etag": "5"},
    )


def unmodified(whole: Ledger, source: SourceLedger) -> None:
    """Find everything unmodified; what is missing leaves."""
    same(source, 5)


def release(whole: Ledger, source: SourceLedger) -> None:
    """Release what is held."""
    source.release(at(5), owner="operator")


def rollback(whole: Ledger, source: SourceLedger) -> None:
    """Go back to the first night."""
    source.rollback(at(5), owner="operator", run_id=source.run_ids()[-1])


def unpin(whole: Ledger, source: SourceLedger) -> None:
    """Go on from the newest night."""
    source.unpin(at(5), owner="operator")


def rename(whole: Ledger, source: SourceLedger) -> None:
    """Go on under another key."""
    whole.take_over(NEW_KEY, [KEY], at(5))
    night(whole.source(NEW_KEY), 5, batch(many(9), key=NEW_KEY))


def sweep(whole: Ledger, source: SourceLedger) -> None:
    """Remove old nights and their captures."""
    whole.sweep(datetime.fromtimestamp(time.time()).astimezone() + timedelta(days=9), keep_runs=1)


def two_missing(whole: Ledger, source: SourceLedger) -> None:
    """Three nights; two offers are missing for the second time."""
    for day, titles in ((1, many(10)), (2, many(12)), (3, many(10)), (4, many(10))):
        night(source, day, batch(titles), captures=[capture(whole, str(day).encode(), at(day))], http={"etag": str(day)})


def eight_held(whole: Ledger, source: SourceLedger) -> None:
    """Two nights; most of the offers are held."""
    night(source, 1, batch(many(10)), http={"etag": "1"})
    night(source, 2, batch(many(2)), http={"etag": "2"})


def pinned(whole: Ledger, source: SourceLedger) -> None:
    """Three nights and a rollback to the first."""
    two_missing(whole, source)
    source.rollback(at(4), owner="operator", run_id=source.run_ids()[-1])


DEEDS: dict[Deed, Deed] = {
    harvest: two_missing,
    unmodified: two_missing,
    release: eight_held,
    rollback: two_missing,
    unpin: pinned,
    rename: two_missing,
    sweep: two_missing,
}
NIGHTS = (harvest, unmodified, rename)  # done twice, they are two nights


def child(deed: Callable[[], object]) -> tuple[bool, bool, float]:
    """Do something in a child; say whether it went well, whether it was killed, and how long it took."""
    begin = time.monotonic()
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            deed()
            code = 0
        except BaseException as error:
            print(f"{type(error).__name__}: {error}", file=sys.stderr, flush=True)
        finally:
            os._exit(code)  # whatever happens, a child never comes back into the loop
    _, status = os.waitpid(pid, 0)
    return status == 0, os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL, time.monotonic() - begin


def die_at(boundary: int, root: Path, counted: Path | None = None) -> None:
    """Let this process die before its `boundary`-th change under `root`; or only count the changes, into a file."""
    seen = 0

    def step() -> None:
        nonlocal seen
        seen += 1
        if seen == boundary:
            os.kill(os.getpid(), signal.SIGKILL)

    def watch(event: str, arguments: tuple[Any, ...]) -> None:
        changes = int(arguments[2] or 0) & WRITING if event == "open" else event in CHANGES
        if changes and str(arguments[0]).startswith(str(root)):
            step()

    def stepping(write: Callable[..., Any]) -> Callable[..., Any]:
        def stepped(*args: Any, **more: Any) -> Any:
            step()
            return write(*args, **more)

        return stepped

    sys.addaudithook(watch)
    pl.LazyFrame.sink_parquet = stepping(pl.LazyFrame.sink_parquet)  # type: ignore[method-assign]  # only in this child
    pl.DataFrame.write_parquet = stepping(pl.DataFrame.write_parquet)  # type: ignore[method-assign]  # only in this child
    if counted:
        file, finish = counted, os._exit

        def note_and_finish(code: int) -> None:
            total = seen
            file.write_text(str(total))
            finish(code)

        os._exit = note_and_finish  # type: ignore[assignment]  # only in this child


def state(root: Path) -> str:
    """Say all that counts, whatever the source is called: rows, what is missing, what fetching remembers, the pin."""
    whole = Ledger(root)
    key = next(iter(whole.keys()))
    source = whole.source(key)
    watch = source.watch().sort("offer_id").select("offer_id", "runs", "held").rows()
    return json.dumps([content(source), watch, source.http_state(), source.pinned()], default=str, sort_keys=True).replace(
        NEW_KEY, KEY
    )


def files(root: Path) -> dict[str, bytes]:
    """Give the bytes of all rows that count."""
    whole = Ledger(root)
    current = whole.source(next(iter(whole.keys()))).current()
    return {name: path.read_bytes() for name, path in current.paths.items()} if current else {}


def leftovers(root: Path) -> list[str]:
    """Name what lies about although nobody is at work."""
    return [str(path) for path in root.rglob("*") if path.name.startswith((ASIDE, GONE)) and "captures" not in path.parts]


def nights(root: Path) -> int:
    """Count the nights that were done to the end, whether or not the pointer says so already."""
    whole = Ledger(root)
    return sum(run.kind != "rename" for key in [*whole.keys()] for run in whole.source(key).runs())


def check(root: Path, deed: Deed, before: Path, once: Path, twice: Path) -> None:
    """Look at what a killed deed left; do it again; the next night has to leave everything whole and tidy."""
    old, new = state(before), state(once)
    found = state(root)
    assert found in (old, new), "neither the old state nor the new"
    again = twice if deed in NIGHTS and nights(root) > nights(before) else once
    whole = Ledger(root)
    if found == old or deed in NIGHTS:
        try:
            deed(whole, whole.source(KEY))
        except LedgerError as error:
            assert deed is release and "nichts zurückgehalten" in str(error), error
    assert state(root) == state(again), "the second time arrives elsewhere"
    assert files(root) == files(again), "other bytes than undisturbed"
    source = whole.source(next(iter(whole.keys())))
    same(source, 6)
    assert source.busy() is None, "the lock is held"
    assert not leftovers(root), leftovers(root)


def try_deed(deed: Deed, prepare: Deed, folder: Path, options: argparse.Namespace) -> tuple[dict[str, object], bool]:
    """Kill one deed in all the ways that are asked for; give the figures, and whether all laws held."""
    before, once, twice, copy, note = (folder / f"{deed.__name__}-{name}" for name in ("before", "once", "twice", "copy", "note"))
    well = child(lambda: prepare(*ledger(before)))[0]
    shutil.copytree(before, once)

    def count() -> None:
        die_at(-1, once, note)
        deed(*ledger(once))

    ok, _, seconds = child(count)
    shutil.copytree(once, twice)
    well &= ok and (deed not in NIGHTS or child(lambda: deed(*ledger(twice)))[0])
    boundaries = int(note.read_text())
    figures = {
        "deed": deed.__name__,
        "boundaries": boundaries,
        "killed": 0,
        "late": 0,
        "full_disk": 0,
        "seconds": round(seconds, 3),
    }

    def broken(what: str) -> None:
        nonlocal well
        well = False
        print(f"{deed.__name__} {what}: a law was broken; see {copy}", file=sys.stderr, flush=True)

    def fresh() -> None:
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(before, copy)

    def until(boundary: int) -> None:
        die_at(boundary, copy)
        deed(*ledger(copy))

    chance = random.Random(f"{options.seed}-{deed.__name__}")
    for boundary in range(1 + chance.randrange(options.every), boundaries + 1, options.every) if options.every else ():
        fresh()
        _, killed, _ = child(lambda boundary=boundary: until(boundary))  # type: ignore[misc]  # a default binds it
        if not killed or not child(lambda: check(copy, deed, before, once, twice))[0]:
            broken(f"killed at boundary {boundary}")
        figures["killed"] += 1  # type: ignore[operator]  # a number
    for _ in range(options.random):
        fresh()
        moment = chance.uniform(0, seconds * 1.1)
        pid = os.fork()
        if pid == 0:
            deed(*ledger(copy))
            os._exit(0)
        time.sleep(moment)
        os.kill(pid, signal.SIGKILL)
        _, status = os.waitpid(pid, 0)
        figures["killed" if os.WIFSIGNALED(status) else "late"] += 1  # type: ignore[operator]  # a number
        if not child(lambda: check(copy, deed, before, once, twice))[0]:
            broken(f"killed after {moment:.4f} s")

    def on_a_full_disk(size: int) -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
        try:
            deed(*ledger(copy))
        except LedgerError as error:
            resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
            assert "bis dahin gilt der letzte Stand" in str(error), error
            assert state(copy) == state(before), "an error, and another state"

    for _ in range(options.full_disk):
        fresh()
        size = int(2 ** chance.uniform(5, 15))
        if not child(lambda size=size: on_a_full_disk(size))[0]:  # type: ignore[misc]  # a default binds it
            broken(f"files of at most {size} bytes")
        if not child(lambda: check(copy, deed, before, once, twice))[0]:
            broken(f"after files of at most {size} bytes")
        figures["full_disk"] += 1  # type: ignore[operator]  # a number
    return figures, well


def main() -> int:
    """Kill all deeds, or those named."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--every", type=int, default=1, help="kill at every n-th boundary; 0: at none")
    parser.add_argument("--random", type=int, default=0, help="kill at so many random instants")
    parser.add_argument("--full-disk", type=int, default=0, help="so many times the files may only be so large")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--deed", action="append", choices=[deed.__name__ for deed in DEEDS])
    options = parser.parse_args()
    well = True
    for deed, prepare in DEEDS.items():
        if options.deed is None or deed.__name__ in options.deed:
            figures, held = try_deed(deed, prepare, options.folder, options)
            print(json.dumps(figures), flush=True)
            well &= held
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main())
