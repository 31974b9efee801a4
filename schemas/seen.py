"""Keys come in; whether they came before goes out. A million keys take eight megabytes, because only their hashes are kept.

Two different keys of a million share a 64-bit hash once in ten million runs; then one record is called a repetition of another.
"""

from collections.abc import Collection, Hashable

import numpy as np
import numpy.typing as npt


class Seen:
    """A set of keys that only grows. Hashes stand in sorted runs, each more than twice as long as the next."""

    def __init__(self) -> None:
        self._runs: list[npt.NDArray[np.int64]] = []

    def __len__(self) -> int:
        return sum(len(run) for run in self._runs)

    def known(self, keys: Collection[Hashable]) -> list[bool]:
        """Say of each key whether it was added before."""
        hashes = _hashes(keys)
        known = np.zeros(len(hashes), dtype=np.bool_)
        for run in self._runs:
            places = np.searchsorted(run, hashes)
            places[places == len(run)] = 0
            known |= run[places] == hashes
        return [bool(one) for one in known]

    def add(self, keys: Collection[Hashable]) -> None:
        """Add keys that were not there before."""
        fresh = np.sort(_hashes(keys))
        if not len(fresh):
            return
        while self._runs and len(self._runs[-1]) <= 2 * len(fresh):
            fresh = np.sort(np.concatenate([self._runs.pop(), fresh]), kind="stable")
        self._runs.append(fresh)


def _hashes(keys: Collection[Hashable]) -> npt.NDArray[np.int64]:
    return np.fromiter(map(hash, keys), dtype=np.int64, count=len(keys))
