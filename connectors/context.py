"""The instant of a run, its limits and a door to the network come in; the `ctx` that connectors ask goes out.

`RunContext` fetches. `StoredContext` gives captures that are there already: a file in a preview, the captures of an earlier run
in a replay. A connector cannot tell them apart.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import TracebackType
from typing import Self
from zoneinfo import ZoneInfo

from connectors.ask import Asker, FetchSettings
from connectors.contract import Auth, Limits, SourceError
from connectors.fetch import Fetcher, State
from connectors.store import CaptureStore
from schemas.problems import Problem
from schemas.record import Capture


class RunContext:
    """The context of one run of one source: every address once, every capture kept. Close it, or use it as a context manager.

    `now` carries a time zone. `secrets` maps NAME to the value of LANDKARTE_SECRET_NAME. `state` is `http_state()` of the last
    good run.
    """

    def __init__(
        self,
        *,
        now: datetime,
        zone: ZoneInfo,
        store: CaptureStore,
        settings: FetchSettings,
        limits: Limits | None = None,
        secrets: Mapping[str, str] | None = None,
        state: State | None = None,
        asker: Asker | None = None,
    ) -> None:
        self.now = now
        self.zone = zone
        self.limits = limits or Limits()
        self.captures: list[Capture] = []
        self._memo: dict[tuple[str, tuple[tuple[str, str], ...]], Capture] = {}
        self._fetcher = Fetcher(settings, store, now=now, limits=self.limits, secrets=secrets, state=state, asker=asker)

    def fetch(self, url: str, *, headers: Mapping[str, str] | None = None, auth: Auth | None = None) -> Capture:
        """Fetch one address politely and store the answer; the same address in the same run is fetched once."""
        key = (url, tuple(sorted((headers or {}).items())))
        if key not in self._memo:
            self._memo[key] = self._fetcher.fetch(url, headers=headers, auth=auth)
            self.captures.append(self._memo[key])
        return self._memo[key]

    @property
    def requests(self) -> int:
        """How many requests the run has made, robots.txt aside."""
        return self._fetcher.requests

    @property
    def not_modified(self) -> bool:
        """Whether everything fetched so far is as it was in the last run; False before anything was fetched."""
        return bool(self.captures) and all(capture.not_modified for capture in self.captures)

    def http_state(self) -> State:
        """Give what the next run should know of the addresses fetched in this one (JSON-able); keep it after a good run only."""
        return self._fetcher.http_state()

    def close(self) -> None:
        self._fetcher.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


class StoredContext:
    """A context without a network: it answers from captures alone."""

    def __init__(
        self, captures: Sequence[Capture], *, now: datetime, zone: ZoneInfo, limits: Limits | None = None, any_url: bool = False
    ) -> None:
        self.now = now
        self.zone = zone
        self.limits = limits or Limits()
        self.captures = list(captures)
        self._any_url = any_url
        self._by_url = {capture.url: capture for capture in captures}

    @classmethod
    def of_file(cls, capture: Capture, *, now: datetime, zone: ZoneInfo, limits: Limits | None = None) -> Self:
        """Answer the first address asked for with this capture, whatever its name: preview of a file that lies here."""
        return cls([capture], now=now, zone=zone, limits=limits, any_url=True)

    def fetch(self, url: str, *, headers: Mapping[str, str] | None = None, auth: Auth | None = None) -> Capture:
        """Find the capture of an address; raise SourceError where there is none."""
        if self._any_url:
            self._any_url = False
            self._by_url.setdefault(url, self.captures[0])
        if url not in self._by_url:
            raise SourceError(Problem("connection", value=url, note="sie gehört nicht zu den gespeicherten Antworten"))
        return self._by_url[url]
