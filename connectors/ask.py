"""One request comes in; what a reader makes of its answer goes out, or a SourceError once trying again no longer helps.

Here a request is polite (pace, an honest name), guarded, bounded in time, and repeated where that can help: nowhere else is
anything repeated.
"""

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from importlib import metadata
from typing import TypeVar
from urllib.parse import urldefrag, urljoin, urlsplit

import requests
from urllib3.exceptions import HTTPError, InvalidHeader, MaxRetryError
from urllib3.util import Retry

from connectors.answers import to_network_problem, to_problem
from connectors.body import CutOff, unpack
from connectors.contract import Limits, SourceError
from connectors.guard import Guard, Resolver, UnsafeAddress, check_url, resolve
from connectors.pace import PACE, Pace
from connectors.robots import TOKEN
from connectors.transport import Deadline, open_session
from schemas.problems import Problem

log = logging.getLogger(__name__)

REDIRECTS = (301, 302, 303, 307, 308)
RETRIED = (429, 500, 502, 503, 504)
RETRIED_CODES = ("timeout", "dns", "connection")
START = 65_536  # bytes of an error page that are looked at
ONESELF = ("localhost", "127.0.0.1", "::1")

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class FetchSettings:
    """How we go out. `contact` is the address or page where a server's people reach us; it stands in every request."""

    contact: str
    allow_loopback: bool = False  # for the demo and the tests
    proxy: str | None = None
    min_interval: float = 1.0  # seconds between two requests to one host; none on loopback
    connect_timeout: float = 10.0
    read_timeout: float = 30.0
    tries: int = 3
    backoff: float = 1.0  # twice these seconds before the third try, doubled with each further one
    longest_wait: float = 60.0  # a Retry-After beyond it means: not tonight

    @property
    def user_agent(self) -> str:
        contact = self.contact.encode("ascii", "ignore").decode().strip()
        return f"{TOKEN}/{_version()} (+{contact})"


@dataclass(frozen=True, slots=True)
class Hop:
    """One request: the address as sent, the address as anybody may see it, the headers."""

    url: str
    shown: str
    headers: Mapping[str, str]

    @property
    def conditional(self) -> bool:
        return "If-None-Match" in self.headers or "If-Modified-Since" in self.headers


class Answer:
    """A response that is not an error, while its body is still on the way."""

    def __init__(self, response: requests.Response, hop: Hop, deadline: Deadline) -> None:
        self.status = response.status_code
        self.headers = {name.lower(): value for name, value in response.headers.items()}
        self._response = response
        self._hop = hop
        self._deadline = deadline

    @property
    def next_url(self) -> str | None:
        """Where a redirect leads; None where the answer is none."""
        if self.status not in REDIRECTS or "location" not in self.headers:
            return None
        location = self.headers["location"]
        with suppress(UnicodeError):
            location = location.encode("latin-1").decode()  # http.client reads headers as latin-1, servers write UTF-8
        try:
            return tidy(urljoin(self._hop.url, location))
        except ValueError:
            note = "die Weiterleitung nennt keine gültige Adresse"
            raise SourceError(Problem("http_error", value=self._hop.shown, note=note)) from None

    def pieces(self, limits: Limits) -> Iterator[bytes]:
        """Yield the content as it arrives; raises what unpack raises, and _Broken where the connection fails."""
        pieces = unpack(self._response.raw, limits)
        while True:
            try:
                piece = next(pieces, None)
            except (HTTPError, CutOff, OSError) as error:
                raise _Broken(error) from error
            if self._deadline.passed:  # a connection the deadline has shut looks like a proper end
                raise SourceError(Problem("timeout", value=self._hop.shown))
            if piece is None:
                return
            yield piece

    def start(self, limits: Limits, most: int = START) -> bytes:
        """Read the first bytes; of an answer that breaks off, what has arrived."""
        start = b""
        with suppress(SourceError, _Broken):
            for piece in self.pieces(limits):
                start += piece
                if len(start) >= most:
                    break
        return start[:most]


class _Broken(Exception):
    """Reading the body failed for a reason of the network; in distinction to a full disk on our side."""

    def __init__(self, error: Exception) -> None:
        super().__init__(error)
        self.error = error


class Asker:
    """Sends requests over one guarded session."""

    def __init__(
        self,
        settings: FetchSettings,
        limits: Limits,
        *,
        pace: Pace = PACE,
        resolver: Resolver = resolve,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.settings = settings
        self.limits = limits
        self._pace = pace
        self._sleep = sleep
        self._guard = Guard(settings.allow_loopback, resolver)
        self._session = open_session(self._guard, settings.proxy)

    def ask(self, hop: Hop, take: Callable[[Answer], T], *, deadline: Deadline, interval: float = 0.0) -> T:
        """Send a request until `take` has read its answer; `interval` is what the host wants between two requests."""
        host = self.check(hop)
        if not (self.settings.allow_loopback and host in ONESELF):
            interval = max(interval, self.settings.min_interval)
        retry = Retry(total=self.settings.tries - 1, backoff_factor=self.settings.backoff, allowed_methods=("GET",))
        while True:
            self._pace.wait(host, interval)
            wait = 0.0
            try:
                with closing(self._send(hop, deadline)) as response:
                    answer = Answer(response, hop, deadline)
                    problem = self._fault(answer, hop)
                    if problem is None:
                        return take(answer)
                    if answer.status not in RETRIED or problem.code == "bot_protected":
                        raise SourceError(problem)
                    wait = _retry_after(retry, response)
                    error: Exception = requests.HTTPError(str(answer.status))
            except _Broken as broken:
                error, problem = broken.error, self._network_problem(broken.error, hop, deadline)
            if deadline.passed or wait > self.settings.longest_wait:
                raise SourceError(problem)
            try:
                retry = retry.increment("GET", hop.shown, error=error)
            except MaxRetryError:
                raise SourceError(problem) from error
            wait = max(wait, retry.get_backoff_time())
            if wait >= deadline.left:
                raise SourceError(problem)
            log.info("%s: %s, trying again in %.0f s", hop.shown, problem.code, wait)
            self._sleep(wait)

    def check(self, hop: Hop) -> str:
        """Check an address before asking it; give its host. Where it leads is checked when connecting (connectors/guard.py)."""
        try:
            host = check_url(hop.url)
            if self.settings.proxy:  # it connects in our stead; what we can resolve ourselves we check
                parts = urlsplit(hop.url)
                with suppress(OSError):
                    self._guard.addresses(host, parts.port or (443 if parts.scheme == "https" else 80))
        except UnsafeAddress as unsafe:
            raise SourceError(Problem("unsafe_url", value=hop.shown, note=unsafe.reason)) from unsafe
        return host

    def forget(self) -> None:
        """Forget cookies: what one fetch was given says nothing to the next."""
        self._session.cookies.clear()

    def close(self) -> None:
        self._session.close()

    def _send(self, hop: Hop, deadline: Deadline) -> requests.Response:
        headers = {"User-Agent": self.settings.user_agent, "Accept-Encoding": "gzip, deflate", **hop.headers}
        soon = deadline.left + 0.01
        timeout = (min(self.settings.connect_timeout, soon), min(self.settings.read_timeout, soon))
        try:
            return self._session.get(hop.url, headers=headers, timeout=timeout, stream=True, allow_redirects=False)
        except UnsafeAddress as unsafe:
            raise SourceError(Problem("unsafe_url", value=hop.shown, note=unsafe.reason)) from unsafe
        except (requests.RequestException, HTTPError, OSError, ValueError) as error:
            raise _Broken(error) from error

    def _network_problem(self, error: Exception, hop: Hop, deadline: Deadline) -> Problem:
        problem = Problem("timeout", value=hop.shown) if deadline.passed else to_network_problem(error, hop.shown)
        if problem.code not in RETRIED_CODES:
            raise SourceError(problem) from error
        return problem

    def _fault(self, answer: Answer, hop: Hop) -> Problem | None:
        """Judge a response by its status; of an error page the first bytes are looked at."""
        if answer.next_url is not None or (answer.status == 304 and hop.conditional):
            return None
        start = answer.start(self.limits) if answer.status >= 400 else b""
        return to_problem(answer.status, answer.headers, start, url=hop.shown, with_auth="Authorization" in hop.headers)


def tidy(url: str) -> str:
    """Take an address as people paste it and servers send it, with spaces and a fragment; raises ValueError like urllib."""
    return urldefrag(url.strip().replace(" ", "%20")).url


def _retry_after(retry: Retry, response: requests.Response) -> float:
    try:
        return retry.get_retry_after(response.raw) or 0.0
    except (InvalidHeader, ValueError, OverflowError):
        return 0.0


def _version() -> str:
    try:
        return metadata.version("integrationslandkarte")
    except metadata.PackageNotFoundError:  # a checkout that nobody has installed
        return "0"
