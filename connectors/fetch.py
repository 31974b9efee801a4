"""An address comes in; a stored capture of what it answers goes out, or a SourceError whose problem says who can mend what.

The one door to the network. It keeps to robots.txt, asks only for what has changed (ETag, Last-Modified), follows redirects by
hand, shows secrets only to whom they are meant for, and stores every response before anybody reads it.
"""

import logging
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from connectors.answers import leads_to_login
from connectors.ask import Answer, Asker, FetchSettings, Hop, tidy
from connectors.auth import Credentials, to_credentials
from connectors.contract import Auth, Limits, SourceError
from connectors.robots import MOST, Robots
from connectors.store import CaptureStore
from connectors.transport import Deadline
from schemas.problems import Problem
from schemas.record import Capture

log = logging.getLogger(__name__)

ACCEPT = "application/json, text/calendar, text/csv, text/html;q=0.9, application/xml;q=0.9, */*;q=0.8"
# What a capture keeps of the headers: what readers need, and no cookie
KEPT = (
    "content-type",
    "content-disposition",
    "content-language",
    "etag",
    "last-modified",
    "link",
    "x-wp-total",
    "x-wp-totalpages",
)
RESERVED = ("host", "user-agent", "connection", "content-length", "transfer-encoding", "accept-encoding", "cookie", "range")
TOKEN_SIGNS = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110, 5.6.2: X-API-Version
FRESH = timedelta(days=7)  # then the whole is asked for again: a server that says 304 for ever would never be found out
ROBOTS_SECONDS = 30.0
ROBOTS_REDIRECTS = 5  # RFC 9309, 2.3.1.2
REFUSED = ("not_found", "gone", "login_required", "bot_protected", "http_error")

State = Mapping[str, Mapping[str, Any]]  # address -> etag, last_modified, sha256, … as JSON


class Fetcher:
    """Fetches for one run of one source. `state` is what `http_state()` gave after the last good run."""

    def __init__(
        self,
        settings: FetchSettings,
        store: CaptureStore,
        *,
        now: datetime,
        limits: Limits | None = None,
        secrets: Mapping[str, str] | None = None,
        state: State | None = None,
        asker: Asker | None = None,
    ) -> None:
        self.now = now
        self.limits = limits or Limits()
        self.requests = 0
        self._store = store
        self._secrets = secrets or {}
        self._state = state or {}
        self._new_state: dict[str, dict[str, Any]] = {}
        self._asker = asker or Asker(settings, self.limits)
        self._robots = Robots(self._get_robots)

    def fetch(self, url: str, *, headers: Mapping[str, str] | None = None, auth: Auth | None = None) -> Capture:
        """Fetch one address and store its answer; raise SourceError where there is none to read."""
        credentials = to_credentials(auth, self._secrets)
        try:
            with Deadline(self.limits.max_seconds) as deadline:
                self._asker.forget()
                return self._follow(_tidied(url), _checked(headers or {}), credentials, deadline)
        except SourceError as error:
            problem = error.problem
            value = problem.value and credentials.shown(problem.value)
            problem = replace(problem, value=value, note=credentials.redact(problem.note))
        log.info("%s", problem.message("en"))
        raise SourceError(problem)  # without its cause, which may hold the secret

    def http_state(self) -> State:
        """Give what the next run should know of the addresses fetched in this one."""
        return self._new_state

    def close(self) -> None:
        self._asker.close()

    def _follow(self, url: str, extra: Mapping[str, str], credentials: Credentials, deadline: Deadline) -> Capture:
        """Ask, and follow redirects by hand: each is checked like the first."""
        first = url
        asked = credentials.shown(url)
        known = self._known(asked)
        for _ in range(self.limits.max_redirects + 1):
            hop = _to_hop(url, first, extra, credentials, known)
            self._asker.check(hop)
            interval = self._robots.check(hop.shown)
            self._count()
            take = partial(self._take, hop=hop, asked=asked, known=known, credentials=credentials)
            answer = self._asker.ask(hop, take, deadline=deadline, interval=interval)
            if isinstance(answer, Capture):
                return answer
            url = answer
        raise SourceError(Problem("loop_detected", value=asked, note=f"mehr als {self.limits.max_redirects} Weiterleitungen"))

    def _take(
        self, answer: Answer, hop: Hop, asked: str, known: Mapping[str, Any] | None, credentials: Credentials
    ) -> Capture | str:
        """Make a capture of an answer, or give the address it sends us to."""
        if (url := answer.next_url) is not None:
            return url
        if answer.status == 304 and known is not None:
            return self._capture(asked, known, not_modified=True)
        headers = {name: credentials.redact(answer.headers[name]) for name in KEPT if name in answer.headers}
        media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
        if leads_to_login(asked, hop.shown, media_type):
            raise SourceError(Problem("login_required", value=asked))
        stored = self._store.put(credentials.redact_all(answer.pieces(self.limits)))
        found = {
            "etag": answer.headers.get("etag"),
            "last_modified": answer.headers.get("last-modified"),
            "sha256": stored.sha256,
            "size": stored.size,
            "final_url": hop.shown,
            "media_type": media_type,
            "headers": headers,
            "fetched_at": self.now.isoformat(),
        }
        before = self._state.get(asked)
        return self._capture(asked, found, not_modified=before is not None and before.get("sha256") == stored.sha256)

    def _capture(self, asked: str, found: Mapping[str, Any], *, not_modified: bool) -> Capture:
        log.info("%s: %d bytes%s", asked, found["size"], ", not modified" if not_modified else "")
        self._new_state[asked] = dict(found)
        return Capture(
            url=asked,
            final_url=found["final_url"],
            status=200,
            media_type=found["media_type"],
            headers=found["headers"],
            fetched_at=self.now,
            sha256=found["sha256"],
            size=found["size"],
            path=self._store.path(found["sha256"]),
            not_modified=not_modified,
        )

    def _known(self, asked: str) -> Mapping[str, Any] | None:
        """Find what the last run knew of an address, if it can be asked for changes: its capture is there and not too old."""
        known = self._state.get(asked)
        if known is None or not (known.get("etag") or known.get("last_modified")):
            return None
        path = self._store.path(known["sha256"])
        if path is None or not path.is_file():
            return None
        # one from the future, where the clock was ahead, is as old as one from the past
        return known if abs(self.now - datetime.fromisoformat(known["fetched_at"])) < FRESH else None

    def _get_robots(self, url: str) -> tuple[int, bytes]:
        with Deadline(min(ROBOTS_SECONDS, self.limits.max_seconds)) as deadline:
            for _ in range(ROBOTS_REDIRECTS + 1):
                hop = Hop(url, url, {"Accept": "text/plain, */*;q=0.5"})
                try:
                    answer = self._asker.ask(hop, self._take_robots, deadline=deadline)
                except SourceError as error:
                    if error.problem.code in REFUSED:
                        return 404, b""  # any 4xx: there are no rules
                    raise
                if not isinstance(answer, str):
                    return answer
                url = answer
        return 404, b""

    def _take_robots(self, answer: Answer) -> tuple[int, bytes] | str:
        return answer.next_url or (answer.status, answer.start(self.limits, MOST))

    def _count(self) -> None:
        self.requests += 1
        if self.requests > self.limits.max_pages:
            raise SourceError(Problem("too_many_pages", value=str(self.limits.max_pages)))


def _to_hop(url: str, first: str, extra: Mapping[str, str], credentials: Credentials, known: Mapping[str, Any] | None) -> Hop:
    """Make the next request: to the server of the first address with all we have, to any other without secrets and extras."""
    ours = _same_origin(first, url)
    target = credentials.apply(url) if ours else credentials.withdraw(url)
    shown = credentials.shown(url)
    if not ours and credentials.redact(target) != target:
        raise SourceError(Problem("unsafe_url", value=shown, note="die Weiterleitung trüge unser Geheimnis zu Fremden"))
    headers = {"Accept": ACCEPT} | ({**extra, **credentials.headers} if ours else {})
    if known is not None and shown == known["final_url"]:
        pairs = {"If-None-Match": known.get("etag"), "If-Modified-Since": known.get("last_modified")}
        headers |= {name: value for name, value in pairs.items() if value}
    return Hop(target, shown, headers)


def _tidied(url: str) -> str:
    try:
        return tidy(url)
    except ValueError:
        raise SourceError(Problem("unsafe_url", value=url, note="keine gültige Adresse")) from None


def _checked(headers: Mapping[str, str]) -> Mapping[str, str]:
    """Give the headers of a source file back; raise SourceError for one that is ours to say, or cannot be sent."""
    for name, value in headers.items():
        if name.lower() in RESERVED or not TOKEN_SIGNS.fullmatch(name) or not (value.isascii() and value.isprintable()):
            raise SourceError(Problem("bad_config", note=f"Die Kopfzeile ‚{name}‘ (headers) lässt sich so nicht senden"))
    return headers


def _same_origin(first: str, url: str) -> bool:
    """Tell whether two addresses belong to the same server; the same host reached over https instead of http does."""
    try:
        one, two = urlsplit(first), urlsplit(url)
        if (one.hostname, one.scheme, one.port) == (two.hostname, two.scheme, two.port):
            return True
        upgraded = (one.scheme, two.scheme) == ("http", "https") and one.port in (None, 80) and two.port in (None, 443)
    except ValueError:  # no address, or a port that is none: checked before it is asked
        return False
    return one.hostname == two.hostname and upgraded
