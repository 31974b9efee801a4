"""Any address a partner may paste comes in, even the home page; what we could read there goes out, the best first, with reasons.

The bytes decide: every installed connector is asked what it makes of them. From a web page the search follows the traces of feeds
(connectors/traces.py), then the sitemap, within a few requests and seconds.
"""

import heapq
import logging
import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin, urlsplit

from connectors.contract import Connector, Context, Detection, SourceError
from connectors.links import to_feed_address
from connectors.registry import Unavailable, connectors
from connectors.sitemap import is_sitemap, read_sitemap, unpack
from connectors.text import what_is
from connectors.traces import FEED, Trace, likely_pages, sitemaps, traces
from connectors.webpage import is_html, read_page
from schemas.problems import Problem, SchemaError
from schemas.record import Capture

log = logging.getLogger(__name__)

# Kinds that read anything of their syntax; every other kind was made for one format and knows what its fields mean
GENERIC = ("ical", "jsonld", "csv", "xlsx", "json", "xml", "feed", "html")
RANKS = {"ical": 1, "jsonld": 2, "csv": 3, "xlsx": 3, "table": 3, "json": 4, "xml": 4, "feed": 5, "html": 6}
SHAPELESS = ("csv", "json", "xml", "html")  # give way to whoever knows the same bytes better
SURE = 0.45  # candidates below come after all others
ENOUGH = 3  # sure candidates after which the sitemap is not asked for
SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.I)
NO_HTTPS = ("connection", "tls", "timeout")


@dataclass(frozen=True, slots=True)
class Candidate:
    """One way to read what lies behind an address: the kind, its options, how sure (0 to 1), and one German sentence why."""

    kind: str
    address: str
    score: float
    options: Mapping[str, Any]
    reason: str

    @property
    def place(self) -> tuple[bool, int, float]:
        """Where it stands among others: sure ones first, then by what their kind tells us, then by score."""
        shape = "table" if self.options.get("table") else self.kind  # headings tell as much as those of a CSV file
        rank = 5 if self.options.get("route") == "posts" else RANKS.get(shape, 0)
        return self.score < SURE, rank, -self.score


def detect(url: str, ctx: Context, *, max_requests: int = 8, seconds: float = 10.0, kind: str | None = None) -> list[Candidate]:
    """Find out how an address can be read; raise SourceError where it cannot be opened at all, [] where nothing there fits.

    `kind` looks for this one alone. robots.txt and redirects count where the context counts them (connectors/patience.py).
    """
    search = _Search(ctx, kind, max_requests, time.monotonic() + seconds)
    address, first = _open(url, search)
    search.look(first)
    if _is_page(first):
        search.follow(first)
        if sum(one.score >= SURE for one in search.found) < ENOUGH:
            search.try_sitemap(first)
    found = sorted(_without_weaker(search.found), key=lambda one: one.place)
    log.info("%s: %d candidates", address, len(found))
    return found


def recognise(capture: Capture, *, kind: str | None = None) -> list[Candidate]:
    """Say how one capture can be read, the best first: a file that lies here."""
    search = _Search(None, kind, 0, float("inf"))
    search.look(capture)
    return sorted(_without_weaker(search.found), key=lambda one: one.place)


def said(capture: Capture) -> str:
    """Say in German what lies there, for an address behind which nothing was found."""
    with capture.open() as stream:
        return what_is(stream.read(2_000)) or "ein Text"


def to_url(text: str) -> str:
    """Make an address of what people paste: `verein.de`, `webcal://…`, share links of Google and Nextcloud."""
    url = text.strip().strip("<>\"'")
    if not SCHEME.match(url) or re.match(r"[\w.-]+:\d+(?:/|$)", url):
        url = f"https://{url.removeprefix('//')}"
    return to_feed_address(url)


UNREADABLE = ("ein PDF", "ein Bild", "eine gepackte Datei (gzip)", "eine alte Excel- oder Word-Datei")  # however whole it is
PASSWORD = re.compile(rb"<input[^>]{0,300}type\s*=\s*[\"']?password", re.I)


@dataclass
class _Search:
    """One search: what may still be spent, and what was found."""

    ctx: Context | None  # None: nothing is fetched
    kind: str | None
    left: int
    end: float
    found: list[Candidate] = field(default_factory=list)
    asked: set[str] = field(default_factory=set)

    def fetch(self, url: str) -> Capture | None:
        """Fetch a trace; None where it leads nowhere or nothing may be spent any more."""
        if url in self.asked or self.left <= 0 or time.monotonic() >= self.end:
            return None
        try:
            return self.open(url)
        except SourceError as error:
            log.info("%s", error.problem.message("en"))
            return None

    def open(self, url: str) -> Capture:
        assert self.ctx is not None
        self.asked.add(url)
        self.left -= 1
        capture = self.ctx.fetch(url)
        self.asked.add(capture.final_url or url)
        return capture

    def look(self, capture: Capture) -> list[Candidate]:
        """Ask every connector what it makes of a capture."""
        found = [
            Candidate(name, str(detection.options.get("url", capture.url)), detection.score, detection.options, detection.reason)
            for name, detection in self._ask(capture)
        ]
        known = {(one.kind, one.address, one.options.get("route")) for one in self.found}
        self.found += [one for one in found if (one.kind, one.address, one.options.get("route")) not in known]
        return found

    def follow(self, page: Capture) -> None:
        """Follow the traces of a page, and of the pages it leads to, the most promising first."""
        waiting: list[tuple[int, int, Trace]] = []
        for trace in _traces(page):
            heapq.heappush(waiting, (trace.hope, len(waiting), trace))
        number = len(waiting)
        while waiting and self.left > 0:
            _, _, trace = heapq.heappop(waiting)
            if trace.hope == FEED and any(one.kind == "feed" for one in self.found):
                continue
            capture = self.fetch(trace.url)
            if capture is None:
                continue
            self.look(capture)
            for further in _traces(capture) if _is_page(capture) else ():
                if further.url not in self.asked:
                    number += 1
                    heapq.heappush(waiting, (further.hope, number, further))

    def try_sitemap(self, page: Capture) -> None:
        """Look into the sitemap of a site, and at a page of it: do its pages carry data?"""
        root = urljoin(page.final_url or page.url, "/")
        robots = self.fetch(urljoin(root, "/robots.txt"))
        text = robots.read()[:100_000].decode("utf-8", "replace") if robots and robots.media_type in ("", "text/plain") else ""
        for url in sitemaps(text, root):
            capture = self.fetch(url)
            pages = _pages(capture) if capture else []
            if not pages:
                continue
            for address in likely_pages(pages):
                sample = self.fetch(address)
                for one in self.look(sample) if sample else ():
                    if one.kind == "jsonld":
                        self.found.remove(one)
                        reason = f"Sitemap mit {len(pages)} Seiten; eine davon: {one.reason}"
                        self.found.append(Candidate("jsonld", url, one.score, {"url": url}, reason))
                        return

    def _ask(self, capture: Capture) -> Iterator[tuple[str, Detection]]:
        for name, one in connectors().items():
            if isinstance(one, Unavailable) or (self.kind is not None and name != self.kind):
                continue
            if time.monotonic() >= self.end:
                return
            detection = _asked(one, capture)
            if detection is not None:
                yield name, detection


def _asked(one: type[Connector[Any]], capture: Capture) -> Detection | None:
    try:
        return one.detect(capture)
    # Broad on purpose: a stranger's plug-in that stumbles over strange bytes must not hide what the others see
    except Exception:
        log.exception("%s: detect failed for %s", one.kind, capture.url)
        return None


def _open(url: str, search: _Search) -> tuple[str, Capture]:
    """Open the first address; without a scheme, plain http is tried after https."""
    address = to_url(url)
    try:
        parts = urlsplit(address)
        host = parts.hostname
    except ValueError:
        host = None
    if not host:
        raise SourceError(Problem("unsafe_url", value=url, note="keine gültige Adresse"))
    try:
        return address, search.open(address)
    except SourceError as error:
        if address.removeprefix("https://") == url.strip() and error.problem.code in NO_HTTPS and search.left > 0:
            address = address.replace("https://", "http://", 1)
            return address, search.open(address)
        raise


def _is_page(capture: Capture) -> bool:
    with capture.open() as stream:
        return is_html(capture, stream.read(20_000))


def _traces(capture: Capture) -> list[Trace]:
    try:
        return traces(read_page(capture), capture.headers.get("link", ""))
    except SourceError:
        return []


def _pages(capture: Capture) -> list[str]:
    try:
        body = unpack(capture.read(), capture.url)
        return [address for kind, address in read_sitemap(body) if kind == "page"] if is_sitemap(body) else []
    except SourceError:
        return []


def _without_weaker(found: list[Candidate]) -> list[Candidate]:
    """Leave out what a better reading of the same bytes, or the same kind with figures, makes superfluous."""
    kept = []
    for one in found:
        same = [other for other in found if other.address == one.address and other.score > one.score]
        if one.kind in SHAPELESS and same:
            continue
        twins = [other for other in found if other.kind == one.kind and other.kind not in GENERIC and other is not one]
        if any(other.score > one.score and other.options.get("route") == one.options.get("route") for other in twins):
            continue
        kept.append(one)
    return kept


def candidates(url: str, ctx: Context, *, kind: str | None = None) -> list[Candidate]:
    """Give all candidates, the best first; raise SchemaError, one German sentence, where there is none."""
    found = detect(url, ctx, kind=kind)
    if not found:
        what = f"nichts gefunden, was sich als ‚{kind}‘ lesen lässt" if kind else "keinen Feed gefunden, den wir lesen können"
        lies = what_lies(url, ctx)
        raise SchemaError(f"{url}: Dort haben wir {what}. {f'{lies} ' if lies else ''}{ADVICE}")
    return found


def what_lies(url: str, ctx: Context) -> str:
    """Say in German what came from an address behind which nothing was found; "" where that explains nothing."""
    try:
        capture = ctx.fetch(to_url(url))  # the one of the search: nothing is fetched twice
    except SourceError:
        return ""
    with capture.open() as stream:
        head = stream.read(100_000)
    if not head.strip():
        return "Was von dort kommt, ist leer."
    if _is_page(capture):
        login = PASSWORD.search(head) is not None
        return "Dort steht eine Seite zum Anmelden: Bitte einen öffentlichen Link nennen." if login else ""
    what = what_is(head)
    perhaps = "" if what in UNREADABLE else ", vielleicht beschädigt oder unvollständig"
    return f"Dort liegt {what}{perhaps}." if what else ""


ADVICE = (
    "Bitte die Adresse des Kalenders (.ics), der Tabelle (.csv, .xlsx) oder der Seite mit den Angeboten nennen; "
    "docs/partner.md beschreibt, wo man sie findet."
)
