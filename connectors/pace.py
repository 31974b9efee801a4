"""A host and an interval come in; the caller goes on when it is its turn to ask that host."""

import threading
import time
from collections.abc import Callable


class Pace:
    """Keeps the requests of all threads of this process to one host at least an interval apart.

    A turn is reserved under the lock and slept for outside of it, so that hosts do not wait for each other.
    """

    def __init__(self, *, clock: Callable[[], float] = time.monotonic, sleep: Callable[[float], None] = time.sleep) -> None:
        self._clock = clock
        self._sleep = sleep
        self._free: dict[str, float] = {}
        self._lock = threading.Lock()

    def wait(self, host: str, interval: float) -> float:
        """Wait for the next turn at this host, and keep the following one `interval` seconds away; give the seconds waited."""
        with self._lock:
            now = self._clock()
            turn = max(now, self._free.get(host, now))
            self._free[host] = turn + interval
        if turn > now:
            self._sleep(turn - now)
        return turn - now


PACE = Pace()  # the one of this process: several sources may lie on the same host
