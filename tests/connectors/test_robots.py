"""What a robots.txt says is kept to, and what a missing or broken one means."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.context import RunContext
from connectors.contract import SourceError
from connectors.pace import Pace
from connectors.robots import Robots
from schemas.problems import Problem
from tests.connectors.site import Site, redirect

Make = Callable[..., RunContext]


def code(ctx: RunContext, url: str) -> str:
    with pytest.raises(SourceError) as raised:
        ctx.fetch(url)
    return raised.value.problem.code


def test_a_denied_address_is_not_asked(site: Site, context: Make) -> None:
    """Feeds are asked for by a program like pages are: robots.txt holds for them, too."""
    site.pages |= {"/robots.txt": b"User-agent: *\nDisallow: /intern/\n", "/intern/a.csv": b"a\n", "/a.csv": b"a\n"}
    ctx = context()
    assert code(ctx, f"{site.url}/intern/a.csv") == "robots_denied"
    assert ctx.fetch(f"{site.url}/a.csv").size == 2
    assert site.asked == ["/a.csv"]


def test_our_own_name_may_be_let_in(site: Site, context: Make) -> None:
    """A partner can open what is closed to others, by our name alone."""
    site.pages |= {
        "/robots.txt": b"User-agent: *\nDisallow: /\n\nUser-agent: Integrationslandkarte\nAllow: /\n",
        "/a.csv": b"a\n",
    }
    assert context().fetch(f"{site.url}/a.csv").size == 2


def test_robots_txt_is_asked_once_a_run(site: Site, context: Make) -> None:
    """Two feeds of one host need one robots.txt; the next run asks again."""
    site.pages |= {"/a.csv": b"a\n", "/b.csv": b"b\n"}
    for _ in range(2):
        ctx = context()
        ctx.fetch(f"{site.url}/a.csv")
        ctx.fetch(f"{site.url}/b.csv")
    assert [request.path for request in site.requests].count("/robots.txt") == 2


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 451])
def test_a_missing_robots_txt_allows_everything(status: int, site: Site, context: Make) -> None:
    """RFC 9309, 2.3.1.3: any 4xx means there are no rules."""
    site.pages |= {"/robots.txt": (status, {}, b"no"), "/a.csv": b"a\n"}
    assert context().fetch(f"{site.url}/a.csv").size == 2


@pytest.mark.parametrize(("status", "expected"), [(500, "http_5xx"), (503, "http_5xx"), (429, "rate_limited")])
def test_an_unreachable_robots_txt_means_wait(status: int, expected: str, site: Site, context: Make) -> None:
    """RFC 9309, 2.3.1.4: while it cannot be read, everything is denied; nobody has to act."""
    site.pages |= {"/robots.txt": (status, {}, b"later"), "/a.csv": b"a\n"}
    assert code(context(), f"{site.url}/a.csv") == expected
    assert Problem(expected).owner == "nobody"
    assert site.asked == []


def test_redirects_of_robots_txt_are_followed_five_times(site: Site, context: Make) -> None:
    """RFC 9309, 2.3.1.2; an endless chain counts as missing."""
    site.pages |= {"/robots.txt": redirect("/r2"), "/r2": b"User-agent: *\nDisallow: /a\n", "/a.csv": b"a\n"}
    assert code(context(), f"{site.url}/a.csv") == "robots_denied"
    site.pages["/robots.txt"] = redirect("/robots.txt")
    assert context().fetch(f"{site.url}/a.csv").size == 2


@pytest.mark.parametrize(
    "content", [b"<!doctype html><html><body>Startseite</body></html>", b"", b"\x00\xff\xfe" * 100, b"Disallow: /\n"]
)
def test_a_robots_txt_that_is_none_allows(content: bytes, site: Site, context: Make) -> None:
    """Many sites answer every address with their start page; rules without a user agent are no rules."""
    site.pages |= {"/robots.txt": content, "/a.csv": b"a\n"}
    assert context().fetch(f"{site.url}/a.csv").size == 2


def test_the_crawl_delay_is_kept(site: Site, context: Make) -> None:
    """The interval a host asks for lies between two requests to it."""
    slept: list[float] = []
    site.pages |= {"/robots.txt": b"User-agent: *\nCrawl-delay: 7\n", "/a.csv": b"a\n", "/b.csv": b"b\n"}
    ctx = context(pace=Pace(clock=lambda: 100.0, sleep=slept.append))
    ctx.fetch(f"{site.url}/a.csv")
    ctx.fetch(f"{site.url}/b.csv")
    assert slept == [7.0]


def test_a_crawl_delay_of_a_day_is_capped() -> None:
    """Half a minute is polite; a day would be a refusal that nobody meant."""
    assert Robots(lambda url: (200, b"User-agent: *\nCrawl-delay: 86400\n")).check("http://example.org/a") == 30.0


@given(st.binary(max_size=400))
def test_any_bytes_are_a_robots_txt(content: bytes) -> None:
    """Whatever stands there, the answer is a delay or a denial."""
    try:
        assert 0 <= Robots(lambda url: (200, content)).check("http://example.org/a?b=c") <= 30
    except SourceError as error:
        assert error.problem.code == "robots_denied"
