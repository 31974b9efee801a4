"""Start, recognise and stop long-running processes, so that a stale number never hits a stranger.

A process is recognised by arguments only it carries (an option and a path inside the state folder), never by its number alone:
numbers are reused after a restart of the machine. A zombie has no arguments and therefore counts as gone.
"""

import os
import signal
import subprocess
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

LOG_LIMIT = 5_000_000  # bytes; a log that grew beyond is moved to `<name>.1` at the next up
PROC = Path("/proc")
Mark = tuple[str, ...]


def arguments(pid: int) -> list[str]:
    """Return the command line of a running process; empty where it is gone or a zombie."""
    if PROC.joinpath("self").exists():
        try:
            raw = PROC.joinpath(str(pid), "cmdline").read_bytes()
        except OSError:
            return []
        return [os.fsdecode(part) for part in raw.split(b"\0") if part]
    asked = subprocess.run(["ps", "-ww", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return [asked.stdout.strip()] if asked.stdout.strip() else []


def carries(pid: int, mark: Mark) -> bool:
    """Say whether the process `pid` runs and carries the arguments of `mark`, one after the other."""
    found = arguments(pid)
    return any(tuple(found[at : at + len(mark)]) == mark for at in range(len(found))) or " ".join(mark) in " ".join(found[:1])


def marked(mark: Mark) -> set[int]:
    """Return the numbers of all running processes that carry `mark`."""
    if PROC.joinpath("self").exists():
        numbers = [int(entry.name) for entry in PROC.iterdir() if entry.name.isdigit()]
    else:
        asked = subprocess.run(["ps", "-axo", "pid="], capture_output=True, text=True, check=False)
        numbers = [int(number) for number in asked.stdout.split()]
    return {pid for pid in numbers if pid != os.getpid() and carries(pid, mark)}


def recorded(file: Path, mark: Mark) -> int | None:
    """Return the process number on the first line of `file` if that process runs and carries `mark`."""
    try:
        pid = int(file.read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return None
    return pid if pid > 0 and carries(pid, mark) else None


STARTED: list[subprocess.Popen[bytes]] = []  # kept, because Python warns of a running process that nobody holds


def start(command: Sequence[str], log: Path, environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """Start a process that outlives us, in a session of its own, appending what it says to `log`."""
    with log.open("ab") as said:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=said, stderr=said, cwd="/", env=dict(environment), start_new_session=True
        )
    STARTED.append(process)
    return process


def stop(pids: Iterable[int], mark: Mark, *, gently: signal.Signals = signal.SIGTERM, patience: float = 10.0) -> None:
    """End processes that carry `mark`: ask with `gently`, after `patience` seconds kill."""
    waiting = {pid for pid in pids if carries(pid, mark)}
    for how, seconds in ((gently, patience), (signal.SIGKILL, 5.0)):
        for pid in waiting:
            with suppress(ProcessLookupError):  # it ended by itself between the look and the signal
                os.kill(pid, how)
        until = time.monotonic() + seconds
        while waiting and time.monotonic() < until:
            time.sleep(0.02)
            waiting = {pid for pid in waiting if carries(pid, mark)}


def shorten(logs: Iterable[Path]) -> None:
    """Keep logs small: copy one that grew beyond the limit aside, then empty it in place (its writers append)."""
    for log in logs:
        if log.exists() and log.stat().st_size > LOG_LIMIT:
            log.with_name(log.name + ".1").write_bytes(log.read_bytes()[-LOG_LIMIT:])
            os.truncate(log, 0)
