"""How many requests and seconds somebody waits for come in; an asker goes out that never takes more, robots.txt and redirects counted.

For whoever stands before the screen: `detect` and the partner's page. A harvest has its own limits (connectors/contract.py).
"""

import time
from collections.abc import Callable
from datetime import datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

from connectors.ask import Answer, Asker, FetchSettings, Hop
from connectors.context import RunContext
from connectors.contract import Limits, SourceError
from connectors.guard import Resolver, resolve
from connectors.pace import Pace
from connectors.store import CaptureStore
from connectors.transport import Deadline
from schemas.problems import Problem

MAX_BYTES = 50_000_000  # of one response, as sent
PAUSE = 0.5  # seconds between two requests at most, unless robots.txt wants more: a person is waiting

T = TypeVar("T")


class BoundedAsker(Asker):
    """Asks `max_requests` times within `seconds` and then no more; what comes later is `too_many_pages` or `timeout`."""

    def __init__(
        self, settings: FetchSettings, limits: Limits, *, max_requests: int, seconds: float, resolver: Resolver = resolve
    ) -> None:
        super().__init__(settings, limits, pace=Pace(sleep=self._wait), resolver=resolver, sleep=self._wait)
        self.left, self.sent = max_requests, 0
        self.end = time.monotonic() + seconds

    def ask(self, hop: Hop, take: Callable[[Answer], T], *, deadline: Deadline, interval: float = 0.0) -> T:
        if self.left <= 0:
            raise SourceError(Problem("too_many_pages", value=str(self.sent)))
        seconds = min(self.end - time.monotonic(), deadline.left)
        if seconds <= 0:
            raise SourceError(Problem("timeout", value=hop.shown))
        self.left, self.sent = self.left - 1, self.sent + 1
        with Deadline(seconds) as own:
            return super().ask(hop, take, deadline=own, interval=interval)

    def _wait(self, seconds: float) -> None:
        if seconds > self.end - time.monotonic():
            raise SourceError(Problem("timeout", note="der Server möchte langsamer gefragt werden"))
        time.sleep(seconds)


def bounded_context(
    settings: FetchSettings,
    *,
    now: datetime,
    zone: ZoneInfo,
    store: CaptureStore,
    max_requests: int = 8,
    seconds: float = 10.0,
    resolver: Resolver = resolve,
) -> RunContext:
    """Give a context for `detect`: it asks once, never again after a failure, and never more or longer than it may."""
    hasty = FetchSettings(
        contact=settings.contact,
        allow_loopback=settings.allow_loopback,
        proxy=settings.proxy,
        min_interval=min(settings.min_interval, PAUSE),
        connect_timeout=min(settings.connect_timeout, seconds),
        read_timeout=min(settings.read_timeout, seconds),
        tries=1,
    )
    limits = Limits(max_bytes=MAX_BYTES, max_decompressed=4 * MAX_BYTES, max_seconds=seconds, max_pages=max_requests)
    asker = BoundedAsker(hasty, limits, max_requests=max_requests, seconds=seconds, resolver=resolver)
    return RunContext(now=now, zone=zone, store=store, settings=hasty, limits=limits, asker=asker)
