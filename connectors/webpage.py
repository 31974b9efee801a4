"""The capture of a web page comes in; its elements go out, decoded as browsers do it and with limits on size and depth.

Encoding: byte order mark, then the server's charset, then the page's own, then UTF-8, then Windows-1252
(https://html.spec.whatwg.org/multipage/parsing.html#determining-the-character-encoding).
"""

import codecs
import re
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from lxml import etree
from parsel import Selector

from connectors.contract import Context, Options, SourceError
from connectors.text import what_is
from schemas.problems import Problem
from schemas.record import Capture

MAX_BYTES = 10_000_000
MAX_ELEMENTS = 50_000  # some selectors cost the square of it
MAX_TAGS = 400_000  # signs "<", scripts included
HTML_TYPES = frozenset(
    {  # the four last where servers are set up carelessly; then the bytes decide
        "",
        "text/html",
        "application/xhtml+xml",
        "text/plain",
        "application/xml",
        "text/xml",
        "application/octet-stream",
    }
)
MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([A-Za-z0-9_:.-]+)", re.IGNORECASE)  # text/html; charset=iso-8859-1
MARKUP = re.compile(
    rb"<(?:!doctype|html|head|body|title|meta|link|script|div|p|h[1-6]|ul|ol|table|article|section|main|span|a)\b", re.I
)
ATTRIBUTE = r"""[\s/]*+[^\s/>=]++(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s>]++))?+"""
# The parser takes time by the square of the attributes of one element. Nothing is tried twice: every part is possessive
TAG = re.compile(rf"<[A-Za-z][^\s/>]*+(?:(?P<many>(?:{ATTRIBUTE}){{300}})|(?:{ATTRIBUTE})*+)")
LATIN = frozenset({"iso8859-1", "ascii"})  # browsers read both as Windows-1252
STALE = frozenset({"timeout", "dns", "connection", "http_5xx", "rate_limited"})  # nobody's fault, and rarely alone
PATIENCE = 5  # linked pages in a row that may fail that way


@dataclass(frozen=True, slots=True)
class Page:
    """One page: its address, the one its links are relative to, its elements, the sha256 of its capture; whether it ends in a table."""

    url: str
    base: str
    root: Selector
    sha256: str
    is_cut: bool = False


def read_page(capture: Capture) -> Page:
    """Read a page; raise SourceError where the capture is no HTML, is too big or too deeply nested."""
    if capture.size > MAX_BYTES:
        raise SourceError(Problem("too_large", value=capture.url, note=f"{capture.size / 1e6:.0f} MB".replace(".", ",")))
    body = capture.read()
    if not is_html(capture, body):
        raise SourceError(Problem("wrong_content", value=capture.url, note=f"Dort liegt {_what(capture, body)}, keine Webseite"))
    text = decode(capture, body).replace("\0", "")
    if text.count("<") > MAX_TAGS or any(tag["many"] for tag in TAG.finditer(text)):
        raise SourceError(
            Problem("too_large", value=capture.url, note="zu viele Elemente, oder ein Element mit zu vielen Attributen")
        )
    parser = etree.HTMLParser(encoding="utf-8", no_network=True, huge_tree=True, remove_comments=True, remove_pis=True)
    try:
        tree = etree.fromstring(text.encode("utf-8", "replace"), parser)
    except etree.LxmlError as error:
        raise SourceError(Problem("broken_file", value=capture.url, note="die Seite ist leer oder unlesbar")) from error
    if tree is None:
        raise SourceError(Problem("broken_file", value=capture.url, note="die Seite ist leer"))
    if any(error.type == etree.ErrorTypes.ERR_RESOURCE_LIMIT for error in parser.error_log):
        raise SourceError(Problem("too_large", value=capture.url, note="die Seite ist zu tief verschachtelt"))
    if sum(1 for _ in tree.iter()) > MAX_ELEMENTS:
        raise SourceError(Problem("too_large", value=capture.url, note=f"mehr als {MAX_ELEMENTS // 1000}.000 Elemente"))
    root = Selector(root=tree, type="html")
    url = capture.final_url or capture.url
    return Page(url, _base(url, root), root, capture.sha256, _is_cut(text))


def _is_cut(text: str) -> bool:
    """Say whether a page breaks off inside of a table; that its last tags are missing alone is no sign of it."""
    lower = text.lower()
    return not any(end in lower for end in ("</html", "</body")) and lower.count("<table") > lower.count("</table")


def is_html(capture: Capture, body: bytes) -> bool:
    """Whether a capture holds HTML: by what the server says and by what stands there."""
    start = _ascii(body[:20_000])
    return capture.media_type in HTML_TYPES and start.lstrip()[:1] not in (b"{", b"[") and MARKUP.search(start) is not None


def decode(capture: Capture, body: bytes) -> str:
    """Decode a page; letters that cannot be read become replacement signs, nothing is raised."""
    for mark, name in MARKS:
        if body.startswith(mark):
            return body[len(mark) :].decode(name, errors="replace")
    claimed = [capture.headers.get("content-type", ""), body[:2_048].decode("ascii", errors="replace")]
    for text in claimed:
        found = CHARSET.search(text)
        encoding = _known(found[1]) if found else None
        if encoding:
            return body.decode(encoding, errors="replace")
    try:
        return body.decode()
    except UnicodeDecodeError:
        return body.decode("cp1252", errors="replace")


def to_address(page: Page, link: str) -> str | None:
    """Make a link absolute, without its fragment; None where it leads to no web page (mailto:, javascript:, nonsense)."""
    try:
        address = urljoin(page.base, link.strip()).partition("#")[0]
        parts = urlsplit(address)
        host = parts.hostname
    except ValueError:
        return None
    return address if parts.scheme in ("http", "https") and host else None


def fetch_linked(ctx: Context, options: Options, url: str) -> Capture:
    """Fetch an address that a page named. What identifies us goes to the partner's own host alone."""
    try:
        own, other = urlsplit(options.url), urlsplit(url)
        same = (own.scheme, own.netloc) == (other.scheme, other.netloc)
    except ValueError:
        same = False
    return ctx.fetch(url, headers=options.headers if same else None, auth=options.auth if same else None)


@dataclass(slots=True)
class Failures:
    """Counts linked pages that fail one after the other: a site that is down is no site whose pages were deleted."""

    in_a_row: int = 0

    def note(self, error: SourceError) -> None:
        """Take note of a failed page; raise its error where the site as a whole seems to be down."""
        self.in_a_row = self.in_a_row + 1 if error.problem.code in STALE else 0
        if self.in_a_row >= PATIENCE:
            raise error


def _base(url: str, root: Selector) -> str:
    try:
        return urljoin(url, root.xpath("string(//base/@href)").get() or "")
    except ValueError:
        return url


def _known(name: str) -> str | None:
    try:
        encoding = codecs.lookup(name).name
        b"".decode(encoding)
    except (LookupError, ValueError):
        return None
    if encoding.startswith("utf-16"):  # a page that can say so in ASCII is not
        return "utf-8"
    return "cp1252" if encoding in LATIN else encoding


def _ascii(start: bytes) -> bytes:
    return start.replace(b"\0", b"") if start[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) else start


def _what(capture: Capture, body: bytes) -> str:
    if not body.strip():
        return "nichts"
    if capture.media_type not in HTML_TYPES and (what_is(body[:2_000]) or "").startswith("eine Webseite"):
        return capture.media_type
    return what_is(body[:2_000]) or "ein Text"
