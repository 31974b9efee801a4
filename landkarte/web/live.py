"""A location comes in; the index of the newest whole package there goes out, always: a broken one never replaces a good one."""

import asyncio
import hashlib
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from landkarte.package import Package, PackageError, changed, load
from landkarte.web.drawing import Drawing, draw
from landkarte.web.i18n import Tongue, available
from landkarte.web.index import Index, build

RENEW = timedelta(minutes=30)  # dates pass, even where nothing new is published
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class View:
    """All that pages are made from; taken once at the beginning of a request, so that a page never mixes two publications."""

    index: Index
    drawing: Drawing | None
    tongues: dict[str, Tongue]
    stamp: str


class Live:
    """Holds the current view and renews it.

    `now` gives the time with zone; `every` is the least time in seconds between two looks at the location.
    """

    def __init__(self, location: str | Path, *, now: Callable[[], datetime], every: float) -> None:
        self.location = location
        self.now = now
        self.every = every
        self.view: View | None = None
        self.problem = ""
        self._lock = threading.Lock()

    def refresh(self) -> bool:
        """Look once; swap in what is new, and say whether something was. Anything wrong is logged once and changes nothing."""
        if not self._lock.acquire(blocking=False):
            return False
        try:
            package = self._newest()
            old = self.view.index if self.view else None
            if old and package is old.package and not self._aged(old):
                return False
            moment = self.now()
            index = build(package, moment)
            drawing = self.view.drawing if self.view and old and package is old.package else draw(package.drawings)
            stamp = hashlib.sha256("|".join((*package.stamp, index.moment.isoformat())).encode()).hexdigest()[:16]
            self.view = View(index, drawing, available(index.labels), stamp)
            if old is None or package is not old.package:
                log.info("%s: %d Angebote geladen", self.location, index.offers.height)
            self.problem = ""
            return True
        except PackageError as error:
            self._tell(str(error))
            return False
        finally:
            self._lock.release()

    async def watch(self) -> None:
        """Look again and again, until cancelled."""
        while True:
            await asyncio.sleep(self.every)
            try:
                await asyncio.to_thread(self.refresh)
            except Exception as error:  # whatever a package holds, the pages that are there stay there
                self._tell(f"{self.location}: Das Datenpaket lässt sich nicht anzeigen ({type(error).__name__}: {error}).", error)

    def _newest(self) -> Package:
        if self.view and not changed(self.view.index.package):
            return self.view.index.package
        return load(self.location)

    def _aged(self, index: Index) -> bool:
        local = self.now().astimezone(index.zone).replace(tzinfo=None)
        return local - index.moment > RENEW or local.date() != index.today

    def _tell(self, problem: str, error: Exception | None = None) -> None:
        if problem != self.problem:
            kept = " Es bleiben die bisherigen Daten." if self.view else ""
            log.warning("%s%s", problem, kept, exc_info=error)
            self.problem = problem
