"""A website made with WordPress comes in; one raw record per event or post goes out, read through its REST API.

The Events Calendar (`tribe/events/v1`, https://docs.theeventscalendar.com/rest-api/) where it is installed, else posts or another
type (`wp/v2`, https://developer.wordpress.org/rest-api/). Where a security plugin has closed the API, the calendar file or the
feed that the page names is read instead, with the same identifiers as far as these carry them.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar

from connectors.contract import API_VERSION, Completeness, Context, Detection, SourceError, over_limit
from connectors.feed import FeedConnector, FeedOptions
from connectors.ical import IcalConnector, IcalOptions
from connectors.jsonpages import next_link
from connectors.jsontext import check_json, read_document
from connectors.text import first_bytes
from connectors.wordpress_map import WORDPRESS_MAP
from connectors.wordpress_records import from_calendar, from_feed, to_post, to_series
from connectors.wordpress_routes import (
    EVENTS,
    POSTS,
    Route,
    Site,
    WordpressOptions,
    find_routes,
    pages_of_events,
    pages_of_posts,
)
from connectors.words import to_german_count, to_german_day
from schemas.problems import Problem
from schemas.record import Capture, RawRecord

CLOSED = frozenset({"login_required", "not_found", "gone", "http_error", "wrong_content", "robots_denied", "broken_file"})
API_LINK = re.compile(rb"<link\b[^>]*\brel=[\"']https://api\.w\.org/[\"'][^>]*>", re.I)
CALENDAR = re.compile(rb"tribe/events/v1|tribe-events", re.I)  # what The Events Calendar leaves in every page


class WordpressConnector:
    kind: ClassVar[str] = "wordpress"
    title: ClassVar[str] = "Website mit WordPress: Veranstaltungen aus The Events Calendar, Beiträge oder eigene Inhalte."
    api_version: ClassVar[int] = API_VERSION
    options: ClassVar[type[WordpressOptions]] = WordpressOptions
    completeness: ClassVar[Completeness] = Completeness.WINDOW
    nested: ClassVar[bool] = True
    depends_on_day: ClassVar[bool] = True
    default_map: ClassVar[Mapping[str, Any]] = WORDPRESS_MAP

    def entries(self, options: WordpressOptions) -> Sequence[str]:
        return []

    def read(self, options: WordpressOptions, ctx: Context) -> Iterator[RawRecord | Problem]:
        """Find the API and read it; yield a record per event (dates of one series are one) or post, in their order."""
        site = find_routes(options, ctx)
        try:
            if site.closed is not None:
                raise site.closed
            items = list(_read_route(site.route, options, ctx))  # whole before the first goes out: half a list is none
        except SourceError as error:
            if options.route != "auto" or not (site.calendar or site.feed) or error.problem.code not in CLOSED:
                raise
            what = "der Kalender" if site.calendar else "der Feed"
            note = f"die Schnittstelle ist nicht zugänglich, gelesen wird {what}"
            items = [Problem("odd_record", "WordPress", note=note), *_read_other(site, options, ctx)]
        seen = 0
        for item in items:
            if isinstance(item, RawRecord):
                seen += 1
                if seen > ctx.limits.max_records:
                    yield over_limit(ctx.limits.max_records)
                    return
            yield item
        if not items:
            raise SourceError(Problem("empty_feed"))

    @classmethod
    def detect(cls, capture: Capture) -> Detection | None:
        """Recognise an answer of the API by its shape, and a website by the link to its API."""
        head = first_bytes(capture, 500_000)
        named = API_LINK.search(head) or "https://api.w.org/" in capture.headers.get("link", "")
        if named and head.lstrip()[:1] not in (b"{", b"["):
            if CALENDAR.search(head):
                return Detection(0.9, {"url": capture.url, "route": "events"}, "WordPress mit dem Kalender The Events Calendar")
            return Detection(0.45, {"url": capture.url, "route": "posts"}, "WordPress mit offener Schnittstelle für Beiträge")
        try:
            check_json(capture)
            document = read_document(capture).value
        except SourceError:
            return None
        return _detect_answer(document, capture)


def _detect_answer(document: Any, capture: Capture) -> Detection | None:
    if isinstance(document, dict) and isinstance(document.get("events"), list) and "rest_url" in document:
        events = [event for event in document["events"] if isinstance(event, dict)]
        total = document.get("total")
        count = total if isinstance(total, int) and total >= len(events) else len(events)
        reason = f"The Events Calendar mit {to_german_count(count, 'einer Veranstaltung', 'Veranstaltungen')}"
        coming = sorted(
            day for event in events if (day := str(event.get("start_date"))[:10]) >= capture.fetched_at.date().isoformat()
        )
        try:
            first = datetime.fromisoformat(coming[0]).date() if coming else None
        except ValueError:
            first = None
        reason += f", nächste am {to_german_day(first, today=capture.fetched_at.date())}" if first else ""
        return Detection(0.97, {"url": capture.url, "route": "events"}, reason)
    if isinstance(document, dict) and isinstance(document.get("namespaces"), list) and "routes" in document:
        events_too = EVENTS in document["namespaces"]
        reason = "Schnittstelle von WordPress" + (" mit dem Kalender The Events Calendar" if events_too else "")
        return Detection(0.9 if events_too else 0.6, {"url": capture.url}, reason)
    posts = [post for post in document if _is_post(post)] if isinstance(document, list) else []
    if not posts:
        return None
    more = " und weitere Seiten" if next_link(capture.headers.get("link", "")) else ""
    reason = f"WordPress mit {to_german_count(len(posts), 'einem Beitrag', 'Beiträgen')}{more}"
    return Detection(0.9, {"url": capture.url, "route": "posts"}, reason)


def _is_post(post: Any) -> bool:
    return isinstance(post, dict) and isinstance(post.get("title"), dict) and "rendered" in post["title"] and "link" in post


def _read_route(route: Route, options: WordpressOptions, ctx: Context) -> Iterator[RawRecord | Problem]:
    if route.kind == POSTS:
        for found in pages_of_posts(route.url, options, ctx):
            if isinstance(found, Problem):
                yield found
                continue
            item, locator, sha = found
            if not _is_post(item):
                yield Problem("bad_record", locator, note="das ist kein Beitrag von WordPress")
                continue
            data = to_post(item)
            yield RawRecord(data, locator, sha, str(data["id"]) if "id" in data else None)
        return
    since = (ctx.now - timedelta(days=options.past)).date()
    until = (ctx.now + timedelta(days=options.horizon)).date()
    yield from to_series(pages_of_events(route.url, since, until, options, ctx))


def _read_other(site: Site, options: WordpressOptions, ctx: Context) -> Iterator[RawRecord | Problem]:
    """Read the calendar or the feed that the page names, and give its records the shape of ours."""
    if site.calendar:
        calendar = IcalOptions(url=site.calendar, headers=options.headers, auth=options.auth)
        found = IcalConnector().read(calendar, ctx)
        yield from (item if isinstance(item, Problem) else from_calendar(item) for item in found)
        return
    feed = FeedOptions(url=site.feed, headers=options.headers, auth=options.auth)
    yield from (item if isinstance(item, Problem) else from_feed(item) for item in FeedConnector().read(feed, ctx))
