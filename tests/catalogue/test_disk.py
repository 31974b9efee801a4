"""Durable files, pointers and locks: the old content or the new, one writer at a time, and nothing held for ever."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue import disk
from catalogue.disk import LedgerError, Places, Pointer
from catalogue.lease import FREE, Busy, Holder, Lease, LeaseLost, Machine, birth, holder, this_machine

NOW = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
ROOT = Path(__file__).resolve().parents[2]


class Clock:
    """Seconds since this machine was started, as the test wants them."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    """The folder of a lock."""
    return tmp_path / "harvest" / "du-a" / "lock"


def test_a_file_is_synced_before_it_takes_its_name_and_its_folder_after(tmp_path, monkeypatch):
    """A power cut finds the old file or the whole new one."""
    steps = []
    fsync, rename = os.fsync, os.replace
    monkeypatch.setattr(
        os, "fsync", lambda handle: (steps.append(Path(os.readlink(f"/proc/self/fd/{handle}")).name), fsync(handle))
    )
    monkeypatch.setattr(os, "replace", lambda old, new: (steps.append("renamed"), rename(old, new)))
    disk.write_text(tmp_path / "current", "eins\n")
    assert steps[0].startswith(".aside-current-")
    assert steps[1:] == ["renamed", tmp_path.name]
    assert (tmp_path / "current").read_text() == "eins\n"


def test_a_folder_is_synced_whole_before_it_takes_its_name(tmp_path, monkeypatch):
    """What a name promises has reached the disk."""
    aside = tmp_path / ".aside-x"
    (aside / "deep").mkdir(parents=True)
    (aside / "deep" / "file").write_text("x")
    synced = []
    monkeypatch.setattr(disk, "sync", lambda path: synced.append((path.name, aside.exists())))
    disk.put_in_place(aside, tmp_path / "x")
    assert synced == [("file", True), ("deep", True), (".aside-x", True), (tmp_path.name, False)]


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    """A full disk costs nothing that was there."""
    disk.write_text(tmp_path / "current", "alt")
    monkeypatch.setattr(os, "fsync", lambda _: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    with pytest.raises(LedgerError, match=r"Der Datenträger ist voll\. Bitte Platz schaffen"):
        disk.write_text(tmp_path / "current", "neu")
    assert [path.name for path in tmp_path.iterdir()] == ["current"]
    assert (tmp_path / "current").read_text() == "alt"


def test_what_cannot_be_written_is_said_in_one_sentence(tmp_path):
    """The place, the reason and what to do, in German."""
    (tmp_path / "harvest").write_text("a file where a folder should be")
    with pytest.raises(LedgerError, match=r"harvest/x: Das ging schief: .* Bitte Datenträger und Rechte prüfen\."):
        disk.write_text(tmp_path / "harvest" / "x", "")


def test_a_pointer_names_nothing_then_something_then_something_else(tmp_path):
    """It is a file a person can read."""
    pointer = Pointer(tmp_path / "new" / "current")
    assert pointer.read() is None
    pointer.turn("eins")
    pointer.turn("zwei")
    assert (tmp_path / "new" / "current").read_text() == "zwei\n"
    pointer.clear()
    pointer.clear()
    assert pointer.read() is None


@pytest.mark.parametrize("name", ["", "..", "../x", "a/b", "a\nb", "/etc", ".hidden", "x" * 200])
def test_no_name_leads_out_of_the_folder(tmp_path, name):
    """Keys, run ids and hashes come from outside; none of them is a path."""
    places = Places(tmp_path)
    for make in (
        places.source,
        places.capture,
        places.operator,
        lambda text: places.run("du-a", text),
        Pointer(tmp_path / "p").turn,
    ):
        with pytest.raises(LedgerError, match="kein gültiger Name"):
            make(name)


def test_json_is_there_or_not_there_and_damage_is_said(tmp_path):
    """Nothing is None, broken bytes are an error with the file's name."""
    assert disk.read_json(tmp_path / "x.json") is None
    disk.write_json(tmp_path / "x.json", {"ü": 1})
    assert disk.read_json(tmp_path / "x.json") == {"ü": 1}
    (tmp_path / "x.json").write_bytes(b'{"a": ')
    with pytest.raises(LedgerError, match=r"x\.json: Die Datei ist beschädigt"):
        disk.read_json(tmp_path / "x.json")


def test_a_sweep_takes_what_was_left_and_nothing_else(tmp_path):
    """Only what is marked as unfinished or going is anybody's rubbish."""
    (tmp_path / ".aside-run" / "deep").mkdir(parents=True)
    (tmp_path / ".gone-run").mkdir()
    (tmp_path / ".aside-file").write_text("")
    (tmp_path / "run").mkdir()
    (tmp_path / ".hidden").write_text("")
    disk.sweep(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [".hidden", "run"]


# The lock


def test_the_second_is_told_who_is_first(lock):
    """Busy says who, where and which process; afterwards the lock is free."""
    with Lease(lock, "landkarte harvest", NOW):
        assert holder(lock) == f"landkarte_harvest, Rechner {this_machine().host}, Prozess {os.getpid()}"
        with (
            pytest.raises(Busy, match=f"ein anderer Lauf .*landkarte_harvest, Rechner .*, Prozess {os.getpid()}"),
            Lease(lock, "b", NOW),
        ):
            pass
    assert holder(lock) is None
    assert [path.name for path in lock.iterdir()] == [FREE]


def test_a_run_that_ends_with_an_error_gives_the_lock_back(lock):
    """An exception is no reason to block the next night."""
    with pytest.raises(ZeroDivisionError), Lease(lock, "a", NOW):
        raise ZeroDivisionError
    with Lease(lock, "b", NOW):
        pass


def test_the_lock_of_a_killed_run_is_taken_at_once(lock):
    """A dead process holds nothing, however long its lease."""
    code = (
        "import os, signal, sys\n"
        "from datetime import datetime, timedelta, UTC\n"
        "from pathlib import Path\n"
        "from catalogue.lease import Lease\n"
        "Lease(Path(sys.argv[1]), 'a', datetime.now(UTC), lease=timedelta(days=99)).__enter__()\n"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    assert subprocess.run([sys.executable, "-c", code, str(lock)], cwd=ROOT).returncode == -signal.SIGKILL
    assert holder(lock)
    with Lease(lock, "b", NOW):
        pass


def test_a_zombie_is_dead(lock):
    """A killed child nobody has waited for yet still has a number; it holds nothing."""
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    try:
        born = birth(child.pid)
        assert born
        assert birth(child.pid) == born
        child.kill()
        deadline = time.monotonic() + 10
        while birth(child.pid) and time.monotonic() < deadline:
            time.sleep(0.01)
        assert birth(child.pid) == ""
    finally:
        child.kill()
        child.wait()


def test_a_process_number_given_anew_is_somebody_else(lock):
    """The system gives the number of a dead process to a new one; the time of its start tells them apart."""
    put(lock, born="1")
    with Lease(lock, "b", NOW):
        pass


def test_a_living_but_silent_run_loses_the_lock_after_its_lease(lock):
    """What hangs does not hold the source for ever, and is told so when it wakes up."""
    clock = Clock()
    with Lease(lock, "a", NOW, clock=clock) as silent:
        clock.seconds += 3601
        with Lease(lock, "b", NOW + HOUR, clock=clock):
            with pytest.raises(LeaseLost, match="zu lange still"):
                silent.keep()
            assert str(holder(lock)).startswith("b,")
    assert holder(lock) is None


def test_progress_keeps_the_lock_longer_than_one_lease(lock):
    """A long harvest that moves is not interrupted; it rarely touches the disk for it."""
    clock = Clock()
    names = set()
    with Lease(lock, "a", NOW, clock=clock) as lease:
        for _ in range(100):
            clock.seconds += 300
            lease.keep()
            names.add(next(lock.iterdir()).name)
            with pytest.raises(Busy), Lease(lock, "b", NOW + timedelta(seconds=clock.seconds - 1000), clock=clock):
                pass
    assert len(names) < 27


def test_on_one_machine_a_clock_that_jumps_changes_nothing(lock):
    """The wall clock is not asked: a jump by a year neither frees a living run's lock nor makes it eternal."""
    clock = Clock()
    with Lease(lock, "a", NOW, clock=clock):
        for jump in (timedelta(days=400), -timedelta(days=400)):
            with pytest.raises(Busy), Lease(lock, "b", NOW + jump, clock=clock):
                pass
        clock.seconds += 3601
        with Lease(lock, "c", NOW - timedelta(days=400), clock=clock):
            pass


def put(lock: Path, **changes: object) -> Holder:
    """Let somebody hold the lock."""
    at = changes.pop("at", this_machine())
    held = Holder("abcd1234", at, os.getpid(), birth(os.getpid()), int(NOW.timestamp()) + 3600, 10**9, "a")  # type: ignore[arg-type]
    held = replace(held, **changes)  # type: ignore[arg-type]
    lock.mkdir(parents=True)
    (lock / held.name).touch()
    return held


def test_another_machine_is_believed_until_its_lease_ends(lock):
    """From here nobody can see whether it lives."""
    put(lock, at=Machine("elsewhere", "m1", "b1", "1"))
    with pytest.raises(Busy, match="Rechner elsewhere"), Lease(lock, "b", NOW + HOUR - timedelta(seconds=1)):
        pass
    with Lease(lock, "b", NOW + HOUR + timedelta(seconds=1)):
        pass


def test_a_machine_that_was_started_anew_runs_nothing_from_before(lock):
    """After a power cut the next night does not wait."""
    me = replace(this_machine(), machine="m1")
    put(lock, at=replace(me, boot="before"))
    held = Holder.of(next(lock.iterdir()).name)
    assert held is not None
    assert held.is_gone(me, NOW, 0)
    assert not held.is_gone(replace(me, machine="m2"), NOW, 0)  # another machine of the same name
    assert not held.is_gone(replace(me, boot="before", space="other"), NOW, 0)  # another container of the same machine


def test_a_far_future_lease_of_another_machine_is_cut_to_one(lock):
    """A clock that was years ahead does not lock a source for years."""
    put(lock, at=Machine("elsewhere", "m1", "b1", "1"), until=int(NOW.timestamp()) + 10**8)
    with pytest.raises(Busy), Lease(lock, "b", NOW):
        pass
    with pytest.raises(Busy), Lease(lock, "b", NOW + HOUR / 2):
        pass
    with Lease(lock, "b", NOW + HOUR + timedelta(minutes=1)):
        pass


def test_a_run_whose_lease_another_clock_cut_goes_on(lock):
    """It finds its lock under the new name and gives it back."""
    clock = Clock()
    with Lease(lock, "a", NOW, clock=clock) as lease:
        path = next(lock.iterdir())
        path.rename(lock / replace(Holder.of(path.name), until=1).name)  # type: ignore[type-var]  # it is one
        clock.seconds += 1300
        lease.keep()
        assert holder(lock)
    assert holder(lock) is None


@given(st.text(max_size=80), st.text(max_size=80))
def test_whoever_holds_a_lock_can_be_read_from_its_name(owner, host):
    """Any owner and host fit into one file name, and come back as they were written."""
    held = Holder("abcd1234", Machine(host[:60], "m", "b", "1"), 1, "2", 3, 4, owner[:50])
    assert len(held.name) < 256
    assert "/" not in held.name
    again = Holder.of(held.name)
    assert again is not None
    assert again.name == held.name


def contend(lock: Path, counter: Path, rounds: int) -> None:
    """Take the lock again and again, and count inside it in a way that loses numbers when two are inside."""
    done = 0
    while done < rounds:
        try:
            with Lease(lock, "a", datetime.now(UTC)):
                number = int(counter.read_text())
                time.sleep(0.0005)
                counter.write_text(str(number + 1))
                done += 1
        except Busy:
            time.sleep(0.0002)


def test_of_many_who_want_the_lock_one_is_inside(tmp_path, lock):
    """Four processes count to a hundred together and no number is lost."""
    counter = tmp_path / "counter"
    counter.write_text("0")
    context = get_context("spawn")
    crowd = [context.Process(target=contend, args=(lock, counter, 25)) for _ in range(4)]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join(60)
    assert [one.exitcode for one in crowd] == [0] * 4
    assert counter.read_text() == "100"
    assert [path.name for path in lock.parent.iterdir()] == ["lock"]


@pytest.fixture(autouse=True)
def _here(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Children find the checkout."""
    monkeypatch.chdir(ROOT)
    yield
