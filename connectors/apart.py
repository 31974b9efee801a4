"""A piece of work comes in; it is done in a process of its own with a ceiling on memory and time, and what it took goes out.

For the tests: what a feed can do to a reader is only seen from outside. Linux and macOS (a fork); macOS limits no memory, and there
only the peak is measured.
"""

import os
import pickle
import resource
import signal
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class Took:
    """What came of a piece of work: its result, or what was wrong in words; seconds, and bytes beyond those held before."""

    result: Any
    fault: str
    seconds: float
    memory: int


def do_apart(work: Callable[[], Any], *, memory: int, seconds: float) -> Took:
    """Do some work with so many bytes more than now, in so many seconds of computing. Its result must be picklable."""
    reader, writer = os.pipe()
    began = time.monotonic()
    pid = os.fork()
    if pid == 0:
        os.close(reader)
        _work(work, writer, memory, seconds)
    os.close(writer)
    with open(reader, "rb") as stream:
        answer = stream.read()
    _, status, used = os.wait4(pid, 0)
    if answer:
        result, fault, peak = pickle.loads(answer)
    else:
        how = signal.Signals(os.WTERMSIG(status)).name if os.WIFSIGNALED(status) else f"status {status}"
        result, fault, peak = None, "too slow" if how in ("SIGXCPU", "SIGKILL") else f"killed: {how}", used.ru_maxrss * 1024
    return Took(result, fault, time.monotonic() - began, peak)


def _work(work: Callable[[], Any], writer: int, memory: int, seconds: float) -> None:
    """The child: its limits, its work, its answer. Never returns."""
    before = _status("VmRSS")
    for what, most in (
        (resource.RLIMIT_AS, _status("VmSize") + memory), (resource.RLIMIT_CPU, int(seconds) + 1), (resource.RLIMIT_CORE, 0),
    ):  # fmt: skip
        with suppress(ValueError, OSError):
            resource.setrlimit(what, (most, most))
    with suppress(OSError):  # Linux: the peak begins anew
        Path("/proc/self/clear_refs").write_text("5")
    result, fault = None, ""
    try:
        result = work()
    except MemoryError:
        fault = "more memory than allowed"
    # Broad on purpose: whatever happens in the child must reach the parent, and the child must not go on as a second test run
    except BaseException:
        fault = traceback.format_exc(limit=-6)
    try:
        answer = pickle.dumps((result, fault, max(0, _status("VmHWM") - before)))
        with open(writer, "wb") as stream:
            stream.write(answer)
    finally:
        os._exit(0)


def _status(name: str) -> int:
    """Give a line of /proc/self/status in bytes; without Linux what the system says of the peak."""
    with suppress(OSError):
        for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
            if line.startswith(f"{name}:"):
                return int(line.split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
