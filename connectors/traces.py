"""A web page comes in; the addresses on it behind which a feed may lie go out, the most promising first.

Links to calendars and tables, `rel=alternate` (https://html.spec.whatwg.org/multipage/links.html#rel-alternate), the API of
WordPress, embedded Google calendars, and the partner's own pages of dates and courses.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import quote, urljoin, urlsplit

from connectors.links import to_feed_address
from connectors.webpage import Page, to_address
from schemas.vocabulary import fold

# the lower, the sooner it is followed
CALENDAR, EVENTS_API, TABLE, LINKED_DATA, JSON, SUBPAGE, FEED = range(7)
MOST_ALIKE = 2  # of one hope: eight requests are few
MOST_LINKS = 3_000  # of one page

TYPES = {
    "text/calendar": CALENDAR,
    "application/ld+json": LINKED_DATA,
    "application/rss+xml": FEED,
    "application/atom+xml": FEED,
    "application/rdf+xml": FEED,
    "application/feed+json": FEED,
    "text/csv": TABLE,
}
ENDINGS = {
    ".ics": CALENDAR, ".ical": CALENDAR, ".csv": TABLE, ".tsv": TABLE, ".xlsx": TABLE, ".xls": TABLE, ".ods": TABLE,
    ".jsonld": LINKED_DATA, ".json": JSON, ".jsonl": JSON, ".geojson": JSON, ".rss": FEED, ".atom": FEED,
}  # fmt: skip
# ?ical=1 (The Events Calendar), format=ical (Squarespace), task=icals.export (JEvents), [action]=icalDownload (TYPO3)
CALENDAR_QUERY = re.compile(
    r"(?:^|&)(?:ical|outlook-ical)=1|(?:^|&)(?:format|type|output|export)=(?:ics|ical|icalendar)(?:&|$)|task=icals|icaldownload|calendar/ical/",
    re.I,
)
CALENDAR_WORDS = re.compile(r"\b(?:ical|icalendar|ics|kalender abonnieren|kalender exportieren|subscribe to calendar)\b")
# feeds that never hold offers: comments, single posts, oEmbed
NO_FEED = re.compile(r"/comments?/|comments?[-_]feed|feed=comments|/oembed/|/author/|[?&]replytocom=", re.I)
# a page of offers by the words of its link
OFFERS = re.compile(
    r"\b(?:veranstaltung(?:en|skalender)?|termine?|kalender|kurse?|kursprogramm|kursangebot|angebote?|programm|events?|calendar|"
    r"courses?|beratungsangebote?|aktuelle termine|(?:deutsch|sprach|integrations|naeh|sport)kurse?|kurs(?:plan|liste|uebersicht)|"
    r"wochen(?:plan|programm))\b"
)
API = "https://api.w.org/"
API_HEADER = re.compile(r"<([^>]*)>\s*;\s*rel=\"?https://api\.w\.org/\"?")  # <https://x.de/wp-json/>; rel="https://api.w.org/"
EVENTS = "tribe/events/v1/events"


@dataclass(frozen=True, slots=True)
class Trace:
    """An address worth a request, and what is hoped for behind it."""

    url: str
    hope: int


def traces(page: Page, link_header: str = "") -> list[Trace]:
    """List the traces of a page, the most promising first, each address once and few of a kind."""
    found: dict[str, int] = {}
    for trace in (*_api(page, link_header), *_heads(page), *_anchors(page), *_frames(page)):
        if trace.url != page.url:
            found[trace.url] = min(trace.hope, found.get(trace.url, trace.hope))
    kept: list[Trace] = []
    for url, hope in sorted(found.items(), key=lambda item: item[1]):
        if sum(trace.hope == hope for trace in kept) < MOST_ALIKE:
            kept.append(Trace(url, hope))
    return kept


def sitemaps(robots: str, base: str) -> list[str]:
    """Read the addresses of sitemaps out of a robots.txt; without any, the usual place."""
    lines = (line.partition("#")[0].strip() for line in robots.splitlines())
    named = [line.partition(":")[2].strip() for line in lines if line.lower().startswith("sitemap:")]
    return [urljoin(base, url) for url in named[:MOST_ALIKE]] or [urljoin(base, "/sitemap.xml")]


def likely_pages(addresses: Iterable[str]) -> list[str]:
    """Put the pages of a sitemap first whose address speaks of offers; give the first few."""
    return sorted(addresses, key=lambda url: (not OFFERS.search(_words(url)), -len(url)))[:MOST_ALIKE]


def _api(page: Page, link_header: str) -> Iterator[Trace]:
    """The Events Calendar answers below the root of WordPress' API; whether it is there only asking tells."""
    named = API_HEADER.search(link_header)
    root = named[1] if named else page.root.xpath("string(//link[@rel=$rel]/@href)", rel=API).get("")
    if address := to_address(page, root) if root else None:
        yield Trace(_below(address, EVENTS), EVENTS_API)


def _below(root: str, path: str) -> str:
    """Give an address below the root of an API, with plain addresses too: ?rest_route=/tribe/…"""
    return f"{root.rstrip('/')}/{path}" if "rest_route=" not in root else f"{root.rstrip('/')}/{quote(path)}"


def _heads(page: Page) -> Iterator[Trace]:
    for link in page.root.xpath("//link[@href]")[:MOST_LINKS]:
        relations = link.root.get("rel", "").lower().split()
        hope = TYPES.get(link.root.get("type", "").partition(";")[0].strip().lower())
        if (
            "alternate" in relations
            and hope is not None
            and (url := _follow(page, link.root.get("href", "")))
            and not NO_FEED.search(url)
        ):
            yield Trace(url, hope)


def _anchors(page: Page) -> Iterator[Trace]:
    host = urlsplit(page.url).hostname
    for link in page.root.xpath("//a[@href]")[:MOST_LINKS]:
        written = link.root.get("href", "")  # parsel's attrib stumbles over names like "{x"
        url = _follow(page, written)
        if url is None or NO_FEED.search(url):
            continue
        parts = urlsplit(url)
        ending = parts.path.lower()
        hope = next((hope for end, hope in ENDINGS.items() if ending.endswith(end)), None)
        if CALENDAR_QUERY.search(parts.query) or CALENDAR_QUERY.search(parts.path) or written.startswith("webcal"):
            hope = CALENDAR
        words = fold(" ".join(link.xpath("string()").get("").split())[:60])
        if hope is None and parts.hostname == host and CALENDAR_WORDS.search(words):
            hope = CALENDAR
        if feed := _shared(url, written):
            url, hope = feed, CALENDAR if "calendar" in feed else TABLE
        if hope is not None:
            yield Trace(url, hope)
        elif parts.hostname == host and OFFERS.search(words):
            yield Trace(url, SUBPAGE)


def _frames(page: Page) -> Iterator[Trace]:
    """A calendar or a table of Google's that a page embeds has a public file."""
    for frame in page.root.xpath("//iframe/@src | //@data-embed-open-url").getall()[:MOST_LINKS]:
        url = to_address(page, frame)
        if url is not None and (feed := _shared(url, frame)):
            yield Trace(feed, CALENDAR if "calendar" in feed else TABLE)


def _shared(url: str, written: str) -> str | None:
    """Give the address of the data behind a link for sharing; which sheet is open stands behind its #."""
    _, found, fragment = written.strip().partition("#")
    feed = to_feed_address(f"{url}#{fragment}" if found and "#" not in url else url)
    return feed if feed.partition("#")[0] != url.partition("#")[0] else None


def _follow(page: Page, link: str) -> str | None:
    scheme, colon, rest = link.strip().partition(":")
    if colon and scheme.lower() in ("webcal", "webcals"):
        link = f"https:{rest}"
    return to_address(page, link)


def _words(url: str) -> str:
    return fold(urlsplit(url).path)
