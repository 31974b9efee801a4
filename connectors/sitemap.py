"""A sitemap comes in, plain, compressed, as an index or as a text file; the addresses of its pages go out (sitemaps.org)."""

import gzip
import io
import re
import zlib
from collections import deque
from collections.abc import Iterator
from dataclasses import replace

from lxml import etree

from connectors.contract import Context, Options, SourceError
from connectors.webpage import fetch_linked
from schemas.problems import Problem
from schemas.record import Capture

MAX_BYTES = 50_000_000  # the limit of the protocol, unpacked
MAX_SITEMAPS = 100
MAX_LOCATIONS = 200_000
NAMESPACE = re.compile(r"[}:]")  # {http://www.sitemaps.org/schemas/sitemap/0.9}url, and broken ones


def unpack(body: bytes, url: str) -> bytes:
    """Give the bytes of a sitemap, unpacked where they are gzip; raise SourceError where they are too many or broken."""
    if not body.startswith(b"\x1f\x8b"):
        return body
    try:
        with gzip.open(io.BytesIO(body)) as stream:
            plain = stream.read(MAX_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise SourceError(Problem("broken_file", value=url, note="die gepackte Sitemap ist beschädigt")) from error
    if len(plain) > MAX_BYTES:
        raise SourceError(Problem("too_large", value=url, note="entpackt mehr als 50 MB"))
    return plain


def is_sitemap(body: bytes) -> bool:
    """Whether unpacked bytes are a sitemap or an index of sitemaps; a text file counts where its first line is an address."""
    start = body[:5_000].removeprefix(b"\xef\xbb\xbf").lstrip()
    if start.startswith(b"<"):
        return b"<urlset" in start or b"<sitemapindex" in start or b":urlset" in start or b":sitemapindex" in start
    line = start.split(b"\n", 1)[0].strip()
    return line.startswith((b"http://", b"https://")) and b" " not in line


def read_sitemap(body: bytes) -> Iterator[tuple[str, str]]:
    """Read an unpacked sitemap; yield ("page" or "sitemap", address) as far as it can be read."""
    if not body.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<"):
        for line in body.decode("utf-8", errors="replace").splitlines()[:MAX_LOCATIONS]:
            if line.strip():
                yield "page", line.strip()
        return
    events = etree.iterparse(
        io.BytesIO(body), events=("end",), recover=True, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    count = 0
    try:
        for _, element in events:
            if not isinstance(element.tag, str):
                continue
            name = NAMESPACE.split(element.tag)[-1]
            if name in ("url", "sitemap"):
                if location := _location(element):
                    yield ("sitemap" if name == "sitemap" else "page"), location
                count += 1
                if count >= MAX_LOCATIONS:
                    return
                element.clear()
                while element.getprevious() is not None and element.getparent() is not None:
                    del element.getparent()[0]
    except etree.LxmlError:  # what came before it counts
        return


def _location(element: etree._Element) -> str:
    return next((child.text or "" for child in element.iterchildren("{*}loc")), "").strip()


def sitemap_pages(capture: Capture, options: Options, ctx: Context) -> Iterator[str | Problem]:
    """Follow a sitemap and the sitemaps it names; yield each page once, and a problem for each sitemap that cannot be read."""
    waiting: deque[str] = deque()
    asked = {capture.url, capture.final_url}
    pages: set[str] = set()
    body = unpack(capture.read(), capture.url)
    while True:
        for kind, address in read_sitemap(body):
            if kind == "sitemap":
                if address not in asked and len(asked) < MAX_SITEMAPS:
                    asked.add(address)
                    waiting.append(address)
            elif address not in pages:
                pages.add(address)
                yield address
        while True:
            if not waiting:
                return
            url = waiting.popleft()
            try:
                body = unpack(fetch_linked(ctx, options, url).read(), url)
                break
            except SourceError as error:
                # nobody knows how many pages it names
                yield replace(error.problem, value=error.problem.value or url, severity="remark")
