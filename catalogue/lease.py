"""A folder in, the right to be its only writer out: a lock that a dead run cannot hold for ever.

The lock is a folder with exactly one file, and everything is in the file's name: `free`, or who holds it and until when. Taking,
keeping and giving back is renaming that file, which the file system lets exactly one of several succeed with, also over NFS.
"""

import os
import re
import secrets
import shutil
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

from catalogue.disk import ASIDE, LedgerError, explained

LEASE = timedelta(hours=1)  # longer than the slowest answer of a partner; `keep` extends it while there is progress
FREE = "free"
HELD = "held"
PARTS = re.compile(r"[^A-Za-z0-9.-]+")  # what does not go into a file name


class Busy(LedgerError):
    """Somebody else is the writer now."""


class LeaseLost(LedgerError):
    """We were silent for so long that somebody else became the writer."""


@dataclass(frozen=True, slots=True)
class Machine:
    """Where a process lives: `machine` outlasts a reboot, `boot` does not, `space` is the container's view of processes."""

    host: str
    machine: str
    boot: str
    space: str


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a lock. `until` is the clock on the wall, `tick` the seconds since this machine started: that one never jumps."""

    token: str
    at: Machine
    pid: int
    born: str
    until: int
    tick: int
    owner: str

    @property
    def name(self) -> str:
        """The name of the lock's file."""
        at = self.at
        parts = (self.token, at.host, at.machine, at.boot, at.space, self.pid, self.born, self.until, self.tick, self.owner)
        return "~".join([HELD, *(PARTS.sub("_", str(part)) for part in parts)])

    @classmethod
    def of(cls, name: str) -> "Holder | None":
        """Read the name of a lock's file; None where it says something else."""
        match name.split("~"):
            case [word, token, host, machine, boot, space, pid, born, until, tick, owner] if word == HELD:
                try:
                    return cls(token, Machine(host, machine, boot, space), int(pid), born, int(until), int(tick), owner)
                except ValueError:
                    return None
            case _:
                return None

    def is_gone(self, here: Machine, now: datetime, tick: float) -> bool:
        """Say whether the lock may be taken: its holder is dead, or silent for longer than its lease."""
        if self.at == here and (here.boot or birth(self.pid) != self.born):
            return tick > self.tick or birth(self.pid) != self.born
        if (
            here.boot and self.at.boot == here.boot
        ):  # another container of this machine: we cannot see it, but its seconds are ours
            return tick > self.tick
        rebooted = self.at.machine and (self.at.host, self.at.machine) == (here.host, here.machine) and self.at.boot != here.boot
        return bool(rebooted) or now.timestamp() > self.until


class Lease:
    """The right to write, held until `__exit__`. `keep` says that we are alive; call it wherever there was progress."""

    def __init__(
        self, folder: Path, owner: str, now: datetime, *, lease: timedelta = LEASE, clock: Callable[[], float] = time.monotonic
    ):
        self._folder = folder
        self._lease = lease.total_seconds()
        self._clock = clock
        self._start, self._now = clock(), now
        me = Holder(secrets.token_hex(4), this_machine(), os.getpid(), birth(os.getpid()), 0, 0, owner[:50])
        self._held = self._extended(me)

    def __enter__(self) -> "Lease":
        """Become the only writer; raise Busy where there is one."""
        with explained(self._folder):
            for _ in range(100):  # each turn somebody else was faster; there are never so many
                if self._take():
                    return self
        raise Busy(f"{self._folder}: Die Sperre wechselt zu oft den Besitzer. Bitte später noch einmal versuchen.")

    def __exit__(self, *_: object) -> None:
        """Give the right back; nothing to give where it was lost."""
        if name := self._mine():
            _rename(self._folder / name, self._folder / FREE)

    def keep(self) -> None:
        """Say that we are alive, at most a few times a lease; raise LeaseLost where somebody else took over."""
        if self._held.tick - self._clock() > self._lease * 2 / 3 and (self._folder / self._held.name).exists():
            return
        held = self._extended(self._held)
        name = self._mine()
        if name is None or not _rename(self._folder / name, self._folder / held.name):
            raise LeaseLost(
                f"{self._folder}: Ein anderer Lauf hat übernommen, weil dieser zu lange still war. Dieser Lauf endet hier."
            )
        self._held = held

    def _extended(self, held: Holder) -> Holder:
        passed = self._clock() - self._start
        return replace(held, until=int(self._now.timestamp() + passed + self._lease), tick=int(self._clock() + self._lease))

    def _mine(self) -> str | None:
        with explained(self._folder):
            if (self._folder / self._held.name).exists():
                return self._held.name
            # somebody with another clock may have shortened it
            return next((name for name in _names(self._folder) if name.startswith(f"{HELD}~{self._held.token}~")), None)

    def _take(self) -> bool:
        mine = self._folder / self._held.name
        names = _names(self._folder)
        if not names:
            _make(self._folder)
            return False
        if FREE in names:
            return _rename(self._folder / FREE, mine)
        held = Holder.of(names[0])
        if held is None or held.is_gone(self._held.at, self._now, self._clock()):
            return _rename(self._folder / names[0], mine)
        foreign = not held.at.boot or held.at.boot != self._held.at.boot
        if held.at != self._held.at and foreign and held.until > self._held.until + self._lease:
            # its clock was far ahead of ours: it gets one lease from now, not years
            _rename(self._folder / names[0], self._folder / replace(held, until=self._held.until).name)
        raise Busy(
            f"Daran arbeitet gerade ein anderer Lauf ({held.owner}, Rechner {held.at.host}, Prozess {held.pid}). "
            "Bitte später noch einmal versuchen."
        )


def holder(folder: Path) -> str | None:
    """Say who holds the lock in this folder, for people; None where nobody does. He may be dead."""
    held = next((held for name in _names(folder) if (held := Holder.of(name))), None)
    return f"{held.owner}, Rechner {held.at.host}, Prozess {held.pid}" if held else None


@cache
def this_machine() -> Machine:
    """Say where this process lives."""
    try:
        space = re.sub(r"\D", "", os.readlink("/proc/self/ns/pid"))
    except OSError:
        space = ""
    machine, boot = (_first_line(path)[:8] for path in ("/etc/machine-id", "/proc/sys/kernel/random/boot_id"))
    return Machine(PARTS.sub("_", socket.gethostname())[:60], machine, boot, space)


def birth(pid: int) -> str:
    """Say when a process of this machine was started, in the system's own count; "" where it is dead, "-" where nobody can say.

    A number alone would not do: the system gives the number of a dead process to a new one.
    """
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return ""
    except PermissionError:
        pass  # alive, and somebody else's
    fields = _first_line(f"/proc/{pid}/stat").rpartition(")")[2].split()
    if not fields:
        return "-" if not Path("/proc/self/stat").exists() else ""
    return "" if fields[0] == "Z" else fields[19]


def _first_line(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace").partition("\n")[0]
    except OSError:
        return ""


def _names(folder: Path) -> list[str]:
    try:
        return sorted(name for name in os.listdir(folder) if name == FREE or name.startswith(f"{HELD}~"))
    except FileNotFoundError:
        return []


def _make(folder: Path) -> None:
    """Make a free lock where there is none. Of several who try, one succeeds."""
    aside = folder.with_name(f"{ASIDE}{folder.name}-{secrets.token_hex(4)}")
    aside.mkdir(parents=True)
    try:
        (aside / FREE).touch()
        aside.rename(folder)
    except OSError:  # somebody was faster: the folder is there and not empty, or ours was swept
        shutil.rmtree(aside, ignore_errors=True)


def _rename(old: Path, new: Path) -> bool:
    try:
        old.rename(new)
    except FileNotFoundError:
        return new.exists()  # over NFS a rename that worked may be reported as failed
    return True
