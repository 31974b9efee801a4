"""Pieces of work come in; they are done in a process apart, with a ceiling on memory and time, and what each took goes out.

For the tests: what a feed can do to a reader is only seen from outside. Needs `fork` (Linux, macOS); macOS limits no memory.
"""

import os
import pickle
import resource
import signal
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

HANGS = 20  # times the seconds of computing: who has not ended by then waits for something
Work = Callable[[], Any]


@dataclass(frozen=True, slots=True)
class Took:
    """What came of a piece of work: its result, or what was wrong; seconds of computing, and bytes beyond those held before."""

    result: Any
    fault: str
    seconds: float
    memory: int


def each_apart(works: Iterable[tuple[str, Work]], *, memory: int, seconds: float) -> Iterator[tuple[str, Took]]:
    """Do each piece of work with so many bytes more than now, in so many seconds; yield (name, what it took).

    One process does them in turn; where one brings it down, the next begins with a fresh one. Results must be picklable.
    """
    waiting = list(works)
    while waiting:
        reader, writer = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(reader)
            _work(waiting, writer, memory, seconds)
        os.close(writer)
        with open(reader, "rb") as stream:
            while waiting and (took := _take(stream)) is not None:
                yield waiting.pop(0)[0], took
        _, status, used = os.wait4(pid, 0)
        if waiting:  # the one it was at brought it down
            ended = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
            fault = "too slow" if ended in (signal.SIGXCPU, signal.SIGALRM, signal.SIGKILL) else f"ended with {status}"
            yield waiting.pop(0)[0], Took(None, fault, seconds, used.ru_maxrss * 1024)


def _take(stream: BinaryIO) -> Took | None:
    try:
        took: Took = pickle.load(stream)
    except (EOFError, pickle.UnpicklingError):
        return None
    return took


def _work(works: list[tuple[str, Work]], writer: int, memory: int, seconds: float) -> None:
    """The child: its limits, its work, its answers. Never returns."""
    try:
        with open(writer, "wb") as stream, suppress(BrokenPipeError):
            for _, work in works:
                pickle.dump(_measure(work, memory, seconds), stream)
                stream.flush()
    finally:
        os._exit(0)


def _measure(work: Work, memory: int, seconds: float) -> Took:
    before, began = _status("VmRSS"), _computed()
    _limit(resource.RLIMIT_AS, _status("VmSize") + memory)
    _limit(resource.RLIMIT_CPU, int(began + seconds) + 1)
    _limit(resource.RLIMIT_CORE, 0)
    signal.alarm(int(seconds * HANGS))
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
    signal.alarm(0)
    return Took(result, fault, _computed() - began, max(0, _status("VmHWM") - before))


def _limit(what: int, most: int) -> None:
    with suppress(ValueError, OSError):
        resource.setrlimit(what, (most, resource.getrlimit(what)[1]))


def _computed() -> float:
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def _status(name: str) -> int:
    """Give a line of /proc/self/status in bytes; without Linux what the system says of the peak."""
    with suppress(OSError):
        for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
            if line.startswith(f"{name}:"):
                return int(line.split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
