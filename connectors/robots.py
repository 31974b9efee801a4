"""An address comes in; whether its host's robots.txt lets us read it goes out, and how long to wait between two requests.

RFC 9309: a missing robots.txt (4xx) allows everything, an unreachable one (5xx, no answer) nothing for the time being.
"""

import re
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import urlsplit

from protego import Protego

from connectors.contract import SourceError
from schemas.problems import Problem

TOKEN = "Integrationslandkarte"  # our name in a robots.txt
MOST = 512_000  # RFC 9309, 2.5: at least 500 KiB are read, the rest is not
# CKAN is delivered with this line, which keeps search engines out of its interface (ckan/templates/home/robots.txt, since 1.5). The
# interface is what a portal offers to programs: read it all the same, unless the portal says more than that or names us.
SHIPPED = re.compile(r"^[ \t]*Disallow:[ \t]*/api/[ \t]*\r?$", re.I | re.M)
OFFERED = re.compile(r"/api/(?:3/)?action/(?:package_show|package_search|datastore_search)")
LONGEST_DELAY = 30.0  # seconds between two requests; a day, as some files say, would stop every source
OF_THE_HOST = ("unsafe_url", "dns", "connection", "tls")  # what is wrong with robots.txt is wrong with the address asked for

Get = Callable[[str], tuple[int, bytes]]


class Robots:
    """Keeps the rules of each host for one run. `get` fetches a robots.txt: (status, content), or raises SourceError."""

    def __init__(self, get: Get) -> None:
        self._get = get
        self._rules: dict[str, Protego | SourceError] = {}
        self._offered: dict[str, Protego] = {}  # the same rules without the line that CKAN brings

    def check(self, url: str) -> float:
        """Give the seconds this host wants between two requests; raise SourceError where it denies the address or is down."""
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}"
        if origin not in self._rules:
            self._rules[origin] = self._fetch_rules(f"{origin}/robots.txt")
        rules = self._rules[origin]
        if isinstance(rules, SourceError):
            problem = rules.problem
            raise SourceError(replace(problem, value=url) if problem.code in OF_THE_HOST else problem)
        if OFFERED.fullmatch(parts.path):
            rules = self._offered.get(origin, rules)
        if not rules.can_fetch(url, TOKEN):
            raise SourceError(Problem("robots_denied", value=url))
        return min(float(rules.crawl_delay(TOKEN) or 0), LONGEST_DELAY)

    def _fetch_rules(self, url: str) -> Protego | SourceError:
        try:
            status, content = self._get(url)
        except SourceError as error:
            return error
        if status == 429:
            return SourceError(Problem("rate_limited", value=url))
        if status >= 500:
            return SourceError(Problem("http_5xx", value=url, note=str(status)))
        if status >= 300:
            content = b""
        text = content[:MOST].decode("utf-8-sig", errors="replace")
        if SHIPPED.search(text) and TOKEN.casefold() not in text.casefold():
            self._offered[url.removesuffix("/robots.txt")] = Protego.parse(SHIPPED.sub("", text))
        return Protego.parse(text)
