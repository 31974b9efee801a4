"""What a source file says of a WordPress site comes in; where its API is, and the items of all its pages, go out.

Discovery: https://developer.wordpress.org/rest-api/using-the-rest-api/discovery/. A site without pretty addresses answers under
`?rest_route=/`.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal
from urllib.parse import unquote, urljoin, urlsplit

from pydantic import Field

from connectors.contract import Context, Options, SourceError
from connectors.jsonpages import next_link, with_param
from connectors.jsontext import check_json, read_document
from connectors.text import first_bytes, what_is
from connectors.webpage import Page, fetch_linked, read_page, to_address
from schemas.marks import to_bytes
from schemas.problems import Problem
from schemas.record import Capture

EVENTS, POSTS = "tribe/events/v1", "wp/v2"
EVENTS_PER_PAGE, POSTS_PER_PAGE = 50, 100  # more is refused or cut silently
ENDPOINT = re.compile(r"/(?P<kind>tribe/events/v1/events|wp/v2/[\w-]+)/?(?:[?&#]|$)")
ROOT = re.compile(r"/wp-json/?(?:\?.*)?$|[?&]rest_route=/?$")
LINK = re.compile(r"<([^>]*)>\s*;\s*rel=\"?https://api\.w\.org/\"?")  # <https://x.de/wp-json/>; rel="https://api.w.org/"
NOT_THERE = frozenset({"not_found", "gone", "http_error", "wrong_content"})
Item = tuple[Any, str, str]  # the item, its locator, the sha256 of its capture


class WordpressOptions(Options):
    url: str = Field(description="Adresse der Website oder ihrer REST-Schnittstelle", examples=["https://example.org/"])
    route: Literal["auto", "events", "posts"] = Field(
        default="auto", description="events: The Events Calendar; posts: Beiträge oder ein anderer Typ; auto: was es gibt"
    )
    type: str = Field(
        default="posts", pattern=r"^[\w-]{1,60}$", description="Beitragstyp für posts, zum Beispiel pages oder kurse"
    )
    past: int = Field(default=1, ge=0, le=365, description="So viele Tage zurück werden Veranstaltungen gelesen")
    horizon: int = Field(default=365, ge=1, le=1_095, description="So viele Tage im Voraus werden Veranstaltungen gelesen")
    max_pages: int = Field(default=200, ge=1, le=2_000, description="Höchstens so viele Seiten der Schnittstelle")


@dataclass(frozen=True, slots=True)
class Route:
    """Which part of the API to read, and its address."""

    kind: str
    url: str


@dataclass(frozen=True, slots=True)
class Site:
    """What was found: the route, why it cannot be read (`closed`), the calendar and the feed that the page names."""

    route: Route
    closed: SourceError | None = None
    calendar: str = ""
    feed: str = ""


def find_routes(options: WordpressOptions, ctx: Context) -> Site:
    """Find out what a site offers; raise SourceError where nobody answers at all."""
    url = options.url.strip()
    if found := ENDPOINT.search(unquote(url)):
        return Site(Route(EVENTS if found["kind"].startswith(EVENTS) else POSTS, url))
    page: Page | None = None
    root = url
    if not ROOT.search(unquote(url)):
        capture = ctx.fetch(url, headers=options.headers, auth=options.auth)
        page = _page(capture)
        root = _api_root(capture, page)
    calendar, feed = _named(page) if page else ("", "")
    kinds, closed = _namespaces(root, options, ctx)
    wants_events = options.route == "events" or (options.route == "auto" and EVENTS in kinds)
    path = f"{EVENTS}/events" if wants_events else f"{POSTS}/{options.type}"
    return Site(Route(EVENTS if wants_events else POSTS, _join(root, path)), closed, calendar, feed)


def pages_of_events(url: str, since: date, until: date, options: WordpressOptions, ctx: Context) -> Iterator[Item | Problem]:
    """Yield the events of The Events Calendar page by page, as the API names the pages."""
    address: str | None = with_param(url, "per_page", EVENTS_PER_PAGE) if "per_page=" not in url else url
    for name, day in (("start_date", since), ("end_date", until)):
        if f"{name}=" not in url:
            address = with_param(str(address), name, day.isoformat())
    pages = _Pages(options, ctx)
    while address:
        capture, document, problems = pages.fetch(address)
        yield from problems
        events = document.get("events") if isinstance(document, dict) else None
        if isinstance(document, dict) and "events" not in document and "start_date" in document:
            events = [document]  # the address of a single event
        if not isinstance(events, list):
            raise SourceError(Problem("wrong_content", value=address, note="keine Liste von The Events Calendar"))
        yield from pages.items(events, capture)
        following = document.get("next_rest_url")
        address = _absolute(capture.final_url or capture.url, following) if isinstance(following, str) and following else None
        if address and pages.full:
            yield Problem("too_many_pages", value=str(pages.number))
            return


def pages_of_posts(url: str, options: WordpressOptions, ctx: Context) -> Iterator[Item | Problem]:
    """Yield the posts of one type page by page, with their terms and pictures embedded."""
    base = with_param(with_param(url, "per_page", POSTS_PER_PAGE), "_embed", "wp:term,wp:featuredmedia")
    pages = _Pages(options, ctx)
    while True:
        address = with_param(base, "page", pages.number + 1) if pages.number else base
        try:
            capture, document, problems = pages.fetch(address)
        except SourceError as error:
            if pages.number and error.problem.code == "http_error":  # 400: behind the last page
                return
            raise
        yield from problems
        if isinstance(document, dict) and isinstance(document.get("title"), dict):
            document = [document]
        if not isinstance(document, list):
            raise SourceError(Problem("wrong_content", value=address, note="keine Liste von WordPress"))
        yield from pages.items(document, capture)
        total = capture.headers.get("x-wp-totalpages", "")
        last = (
            pages.number >= int(total)
            if total.isascii() and total.isdigit() and len(total) < 9
            else len(document) < POSTS_PER_PAGE
        )
        if last and not next_link(capture.headers.get("link", "")):
            return
        if pages.full:
            yield Problem("too_many_pages", value=str(pages.number))
            return


class _Pages:
    """Fetches pages of JSON, and notices when they come again."""

    def __init__(self, options: WordpressOptions, ctx: Context) -> None:
        self.number = 0
        self._options, self._ctx = options, ctx
        self._seen: set[str] = set()

    @property
    def full(self) -> bool:
        return self.number >= min(self._options.max_pages, self._ctx.limits.max_pages)

    def fetch(self, address: str) -> tuple[Capture, Any, list[Problem]]:
        capture = fetch_linked(self._ctx, self._options, address)
        check_json(capture)
        read = read_document(capture)
        document = read.value
        listed = document.get("events", document) if isinstance(document, dict) else document
        digest = hashlib.sha256(to_bytes(listed)).hexdigest()
        if address in self._seen or (digest in self._seen and listed):
            raise SourceError(Problem("loop_detected", value=address))
        self._seen |= {address, digest}
        self.number += 1
        return capture, document, read.problems

    def items(self, listed: list[Any], capture: Capture) -> Iterator[Item]:
        for number, item in enumerate(listed, start=1):
            name = item.get("id") if isinstance(item, dict) else None
            known = isinstance(name, int | str) and name != ""
            yield (
                item,
                f"Eintrag mit der Nummer {name}"[:80] if known else f"Seite {self.number}, Eintrag {number}",
                capture.sha256,
            )


def _page(capture: Capture) -> Page | None:
    if what_is(first_bytes(capture)) == "eine JSON-Datei":
        return None
    try:
        return read_page(capture)
    except SourceError:
        return None


def _api_root(capture: Capture, page: Page | None) -> str:
    """Find the API by the header or the link in the page; else it is where it usually is."""
    base = capture.final_url or capture.url
    found = LINK.search(capture.headers.get("link", ""))
    if found and (address := _absolute(base, found[1])):
        return address
    link = page.root.xpath("string(//link[@rel='https://api.w.org/']/@href)").get() if page else None
    address = to_address(page, link) if page and link else None
    if address:
        return address
    parts = urlsplit(base)
    return f"{parts.scheme}://{parts.netloc}/wp-json/"


def _named(page: Page) -> tuple[str, str]:
    """Find the calendar and the feed that a page names; a feed of comments is none."""
    found: dict[str, str] = {}
    for kind in ("text/calendar", "application/rss+xml", "application/atom+xml"):
        links = page.root.xpath("//link[@rel='alternate' and @type=$kind]", kind=kind)
        named = [(link.root.get("title", ""), to_address(page, link.root.get("href", ""))) for link in links]
        found[kind] = next((link for title, link in named if link and "omment" not in title and "/comments/" not in link), "")
    return found["text/calendar"], found["application/rss+xml"] or found["application/atom+xml"]


def _namespaces(root: str, options: WordpressOptions, ctx: Context) -> tuple[list[Any], SourceError | None]:
    """Ask the API what it can; the error where it does not say."""
    try:
        capture = fetch_linked(ctx, options, root)
        check_json(capture)
        document = read_document(capture).value
    except SourceError as error:
        return [], error
    kinds = document.get("namespaces") if isinstance(document, dict) else None
    if not isinstance(kinds, list):
        return [], SourceError(Problem("wrong_content", value=root, note="keine Schnittstelle von WordPress"))
    return kinds, None


def _join(root: str, path: str) -> str:
    if "rest_route=" in root:
        return with_param(root, "rest_route", f"/{path}").replace("%2F", "/")
    return f"{root.partition('?')[0].rstrip('/')}/{path}"


def _absolute(base: str, link: str) -> str | None:
    try:
        return urljoin(base, link.strip()) or None
    except ValueError:
        return None
