"""An RSS, Atom or JSON feed comes in; one raw record per entry goes out, the same names whatever the format.

RSS 0.9 to 2.0, RDF, Atom (RFC 4287) with feedparser, over bytes only: given a text it would open files and addresses. JSON Feed
(https://www.jsonfeed.org/version/1.1/) by hand. A feed shows the newest entries only, so a missing one means nothing.
"""

import hashlib
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, ClassVar
from urllib.parse import urljoin, urlsplit
from xml.sax import SAXParseException

import feedparser
from pydantic import Field

from connectors.contract import API_VERSION, Completeness, Context, Detection, Options, SourceError, over_limit
from connectors.feedentries import FEED_MAP, to_data, to_json_data
from connectors.feedshape import check_shape
from connectors.jsontext import check_json, read_document
from connectors.text import CHARSET, first_bytes, what_is
from connectors.webpage import fetch_linked
from connectors.words import to_german_count, to_german_day
from schemas.problems import Problem
from schemas.record import Capture, RawRecord

MAX_BYTES = 30_000_000  # a feed holds the newest only; feedparser reads less than a megabyte a second where the XML is broken
DETECTED = 10_000_000  # bytes that detect reads
JSON_FEED = "https://jsonfeed.org/version/"
ROOTS = (b"<rss", b"<feed", b":feed", b":RDF", b"<RDF", b"<channel")
ENDS = (b"</rss>", b"</feed>", b":feed>", b":RDF>", b"</RDF>", b"</channel>")
NAMES = {"rss": "RSS-Feed", "atom": "Atom-Feed", "cdf": "CDF-Feed"}


class FeedOptions(Options):
    url: str = Field(description="Adresse des Feeds", examples=["https://example.org/feed/"])
    max_pages: int = Field(default=1, ge=1, le=200, description="Höchstens so viele Seiten, wenn der Feed auf ältere verweist")


@dataclass(slots=True)
class Feed:
    """One document of a feed: its name, its entries as data, the address of the next one, and what is odd about it."""

    name: str
    title: str = ""
    entries: list[dict[str, Any] | Problem] = field(default_factory=list)
    following: str = ""
    problems: list[Problem] = field(default_factory=list)


class FeedConnector:
    kind: ClassVar[str] = "feed"
    title: ClassVar[str] = "Feed mit den neuesten Einträgen einer Website: RSS, Atom oder JSON Feed."
    api_version: ClassVar[int] = API_VERSION
    options: ClassVar[type[FeedOptions]] = FeedOptions
    completeness: ClassVar[Completeness] = Completeness.STREAM
    nested: ClassVar[bool] = True
    depends_on_day: ClassVar[bool] = False
    default_map: ClassVar[Mapping[str, Any]] = FEED_MAP

    def entries(self, options: FeedOptions) -> Sequence[str]:
        return [options.url] if options.max_pages == 1 else []

    def read(self, options: FeedOptions, ctx: Context) -> Iterator[RawRecord | Problem]:
        """Read a feed; yield a record per entry in the order of the feed, and a problem per entry that is none."""
        url, asked, bodies = options.url, set[str](), set[str]()
        seen = 0
        for page in range(1, options.max_pages + 1):
            asked.add(url)
            capture = ctx.fetch(url, headers=options.headers, auth=options.auth) if page == 1 else fetch_linked(ctx, options, url)
            feed = read_feed(capture)
            digest = hashlib.sha256(repr(feed.entries).encode()).hexdigest()
            if digest in bodies:  # the same entries under ever new addresses
                yield Problem("loop_detected", value=url, severity="remark")
                return
            bodies.add(digest)
            yield from feed.problems
            if not feed.entries and page == 1:
                raise SourceError(Problem("empty_feed"))
            prefix = f"Seite {page}: " if page > 1 else ""
            for number, data in enumerate(feed.entries, start=1):
                if seen >= ctx.limits.max_records:
                    yield over_limit(seen)
                    return
                seen += 1
                if isinstance(data, Problem):
                    yield Problem(data.code, f"{prefix}Eintrag {number}", note=data.note)
                    continue
                record_id = str(data.get("id") or data.get("link") or "")[:500]
                yield RawRecord(data, f"{prefix}Eintrag {number}", capture.sha256, record_id or None)
            if not feed.following or feed.following in asked:
                return
            url = feed.following

    @classmethod
    def detect(cls, capture: Capture) -> Detection | None:
        """Recognise a feed by its first element; say how many entries it has and when the newest was written."""
        head = first_bytes(capture)
        if capture.size > DETECTED or not (
            any(root in head for root in ROOTS) or JSON_FEED.encode() in head.replace(b"\\/", b"/")
        ):
            return None
        try:
            feed = read_feed(capture)
        except SourceError:
            return None
        entries = [entry for entry in feed.entries if isinstance(entry, dict)]
        reason = feed.name + (f" ‚{feed.title[:60]}‘" if feed.title else "")
        reason += f" mit {to_german_count(len(entries), 'einem Eintrag', 'Einträgen')}"
        days = [day for entry in entries if (day := _to_day(entry.get("published") or entry.get("updated")))]
        if days:
            reason += f", neuester vom {to_german_day(max(days), today=capture.fetched_at.date())}"
        return Detection(0.7 if entries else 0.5, {"url": capture.url}, reason)


def read_feed(capture: Capture) -> Feed:
    """Read one document; raise SourceError where it is no feed."""
    if capture.size > MAX_BYTES:
        raise SourceError(Problem("too_large", value=capture.url, note=f"{capture.size // 1_000_000} MB"))
    head = first_bytes(capture)
    if not head.strip(b" \t\r\n\x00\xef\xbb\xbf\xff\xfe"):
        raise SourceError(Problem("empty_feed"))
    other = what_is(head)
    if other == "eine JSON-Datei":
        return _read_json(capture)
    if other not in (None, "eine XML-Datei"):
        raise SourceError(Problem("wrong_content", note=f"Dort liegt {other}, kein Feed"))
    return _read_xml(capture)


def _read_xml(capture: Capture) -> Feed:
    body = capture.read()
    check_shape(body, capture)
    headers = {}  # no address: feedparser would make it a part of identifiers, and they change when the feed moves
    if CHARSET.search(capture.headers.get("content-type", "")):  # without one feedparser would believe in ASCII
        headers["content-type"] = capture.headers["content-type"]
    try:
        # Looking through every text for links that are relative to nothing costs half of the time and more
        parsed = feedparser.parse(io.BytesIO(body), response_headers=headers, sanitize_html=False, resolve_relative_uris=False)
    except Exception as error:  # feedparser falls back to Python's SGML parser and to many date formats; these raise all sorts
        raise SourceError(Problem("broken_file", note=f"der Feed ist nicht lesbar ({type(error).__name__})")) from error
    if not parsed.version:
        raise SourceError(Problem("wrong_content", note="Dort liegt kein RSS, kein Atom und kein JSON Feed"))
    language = parsed.feed.get("language")
    feed = Feed(
        next((name for start, name in NAMES.items() if parsed.version.startswith(start)), "Feed"),
        _text(parsed.feed.get("title")),
        [to_data(entry, language if isinstance(language, str) else "") for entry in parsed.entries],
        _next(parsed.feed.get("links"), capture),
    )
    fault = parsed.get("bozo_exception")
    if not isinstance(fault, SAXParseException):
        if isinstance(fault, feedparser.CharacterEncodingOverride) and parsed.encoding:
            feed.problems.append(Problem("encoding_guess", value=str(parsed.encoding)))
        return feed
    tail = body[-2_000:].replace(b"\x00", b"").rstrip()
    if tail.endswith(ENDS):
        note = f"das XML ist ab Zeile {fault.getLineNumber()} nicht wohlgeformt"
        feed.problems.append(Problem("odd_record", "Datei", note=note))
        return feed
    feed.problems.append(Problem("truncated"))
    whole = body.count(b"</item>") + body.count(b"</entry>")
    if len(feed.entries) > whole > 0:  # the last one is half a record, and half of one is none
        feed.entries.pop()
    return feed


def _read_json(capture: Capture) -> Feed:
    check_json(capture)
    document = read_document(capture)
    feed = document.value
    version = feed.get("version") if isinstance(feed, dict) else None
    if not isinstance(version, str) or not version.startswith(JSON_FEED) or not isinstance(feed.get("items"), list):
        raise SourceError(Problem("wrong_content", note="Dort liegt JSON, aber kein JSON Feed"))
    broken = Problem("bad_record", note="das ist kein Objekt mit Feldern")
    entries = [to_json_data(item, feed.get("language")) if isinstance(item, dict) else broken for item in feed["items"]]
    following = _join(capture, feed.get("next_url"))
    return Feed("JSON Feed", _text(feed.get("title")), entries, following, list(document.problems))


def _next(links: Any, capture: Capture) -> str:
    """Find the address of the next page (RFC 5005)."""
    found = [link for link in links or () if isinstance(link, Mapping) and link.get("rel") == "next"]
    return _join(capture, found[0].get("href")) if found else ""


def _join(capture: Capture, link: Any) -> str:
    try:
        address = urljoin(capture.final_url or capture.url, link) if isinstance(link, str) and link.strip() else ""
        return address if urlsplit(address).scheme in ("http", "https") else ""
    except ValueError:
        return ""


def _text(value: Any) -> str:
    return " ".join(value.split()) if isinstance(value, str) else ""


def _to_day(value: Any) -> date | None:
    try:
        return datetime.fromisoformat(value).date() if isinstance(value, str) else None
    except ValueError:
        return None
