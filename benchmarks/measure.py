"""Names of functions come in, each runs in a fresh process; medians of their time and memory go out.

Standard library only: peers run this in their own environments. A measured function prepares what it needs and puts the work
itself inside `with timed() as took:`; it returns `took` with the rows it worked on. CPU seconds count the process and its
children: on a machine shared with others they say more than the clock. Memory is the peak of the process during the work.
"""

import importlib
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
MARK = "@@ "  # before the line of a child that holds its result
# One thread for every library, so that CPU seconds of two candidates mean the same
ONE_THREAD = {"POLARS_MAX_THREADS": "1", "OMP_NUM_THREADS": "1", "ARROW_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


@dataclass(slots=True)
class Took:
    """What one run cost: seconds on the clock and of CPU, peak memory in MB, the rows it worked on, and what else it says.

    Of a median, `runs` says of how many.
    """

    wall: float = 0.0
    cpu: float = 0.0
    peak_mb: float = 0.0
    rows: int = 0
    runs: int = 1
    more: dict[str, Any] = field(default_factory=dict)

    @property
    def rate(self) -> float:
        """Rows a CPU second."""
        return self.rows / self.cpu if self.cpu else 0.0


@dataclass(frozen=True, slots=True)
class Candidate:
    """A function to measure: `module:function` and its arguments (JSON-able), run by the Python of a peer or by ours."""

    name: str
    function: str
    arguments: Mapping[str, Any]
    python: str = sys.executable
    times: int | None = None  # where it is too slow for the usual number of runs


@contextmanager
def timed() -> Iterator[Took]:
    """Measure what happens inside."""
    took = Took()
    _forget_peak()
    cpu, wall = _cpu(), time.perf_counter()
    yield took
    took.wall, took.cpu = time.perf_counter() - wall, _cpu() - cpu
    took.peak_mb = _peak_mb()


def race(candidates: Sequence[Candidate], times: int) -> dict[str, Took]:
    """Run the candidates in turn, `times` times each; give the medians by name. What fails says so and is left out."""
    runs: dict[str, list[Took]] = {candidate.name: [] for candidate in candidates}
    failed: set[str] = set()
    for turn in range(times):
        for candidate in candidates:
            if candidate.name in failed or turn >= (candidate.times or times):
                continue
            took = run(candidate)
            if took is None:
                failed.add(candidate.name)
            else:
                runs[candidate.name].append(took)
                say(f"{candidate.name}: {took.cpu:.2f} s CPU, {took.wall:.2f} s, {took.peak_mb:.0f} MB")
    return {name: median(found) for name, found in runs.items() if found}


def run(candidate: Candidate) -> Took | None:
    """Run one candidate once in a fresh process."""
    command = [candidate.python, "-m", "benchmarks.measure", candidate.function, json.dumps(candidate.arguments)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env={**os.environ, **ONE_THREAD})
    lines = [line for line in done.stdout.splitlines() if line.startswith(MARK)]
    if not lines:
        say(f"{candidate.name}: gescheitert\n{done.stderr[-2000:]}")
        return None
    return Took(**json.loads(lines[-1].removeprefix(MARK)))


def median(runs: Sequence[Took]) -> Took:
    """Give the median of each figure; rows and remarks are those of the last run."""
    middle = {name: statistics.median(getattr(one, name) for one in runs) for name in ("wall", "cpu", "peak_mb")}
    return Took(**middle, rows=runs[-1].rows, runs=len(runs), more=runs[-1].more)


def clocked(work: Callable[[], object]) -> float:
    """Give the seconds a piece of work takes on the clock."""
    since = time.perf_counter()
    work()
    return time.perf_counter() - since


def say(text: str) -> None:
    """Tell who waits what happens."""
    print(text, file=sys.stderr, flush=True)


def _cpu() -> float:
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def _forget_peak() -> None:
    with suppress(OSError):  # Linux: the peak begins anew
        Path("/proc/self/clear_refs").write_text("5")


def _peak_mb() -> float:
    with suppress(OSError):
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """Run one function in this process and print what it took."""
    module, _, name = sys.argv[1].partition(":")
    took: Took = getattr(importlib.import_module(module), name)(**json.loads(sys.argv[2]))
    print(MARK + json.dumps(asdict(took)), flush=True)


if __name__ == "__main__":
    # As a module of its name: a measured function makes its Took there
    from benchmarks.measure import main as named

    named()
