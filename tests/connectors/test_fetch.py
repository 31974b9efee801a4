"""The one door to the network: what comes through it, what does not, and who is told."""

import gzip
import logging
import shutil
import socket
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.auth import HIDDEN, Credentials, to_credentials
from connectors.context import RunContext, StoredContext
from connectors.contract import Auth, Limits, SourceError
from connectors.pace import Pace
from connectors.store import FolderStore
from schemas.problems import Problem
from schemas.record import Capture
from tests.connectors.conftest import NOW, ZONE
from tests.connectors.site import Answer, Request, Site, drip, redirect

Make = Callable[..., RunContext]
SECRETS = {"TOKEN": "s3cr3t-w0rd/with=signs"}
CSV = b"Titel;Ort\nKurs;Marxloh\n"


def problem(ctx: RunContext, url: str, **options: object) -> Problem:
    with pytest.raises(SourceError) as raised:
        ctx.fetch(url, **options)  # type: ignore[arg-type]
    assert raised.value.problem.message("de").endswith(".")
    return raised.value.problem


# What comes in


def test_a_response_is_stored_and_described(site: Site, context: Make) -> None:
    """A capture says what was asked, who answered, what was claimed, and holds the bytes."""
    site.pages["/a.csv"] = (200, {"Content-Type": "Text/CSV; charset=utf-8", "Set-Cookie": "id=1", "ETag": '"1"'}, CSV)
    capture = context().fetch(f"{site.url}/a.csv#top")
    assert (capture.url, capture.final_url) == (f"{site.url}/a.csv", f"{site.url}/a.csv")
    assert (capture.status, capture.media_type, capture.size, capture.fetched_at) == (200, "text/csv", len(CSV), NOW)
    assert capture.headers == {"content-type": "Text/CSV; charset=utf-8", "etag": '"1"'}
    assert capture.read() == CSV
    assert not capture.not_modified


def test_we_say_who_we_are(site: Site, context: Make) -> None:
    """An honest name with a way to reach us stands in every request, robots.txt included."""
    site.pages["/a.csv"] = CSV
    context().fetch(f"{site.url}/a.csv", headers={"X-Partner": "1"})
    agents = {request.headers["user-agent"] for request in site.requests}
    assert len(site.requests) == 2 and len(agents) == 1
    assert agents.pop().startswith("Integrationslandkarte/")
    assert "(+https://example.org/kontakt)" in site.requests[0].headers["user-agent"]
    assert site.requests[-1].headers["x-partner"] == "1"


@pytest.mark.parametrize("name", ["Host", "User-Agent", "Accept-Encoding", "cookie", "X Y", "X:Y", "", "X-Ä", "X\r\nHost"])
def test_a_source_file_cannot_say_every_header(name: str, site: Site, context: Make) -> None:
    """Who we are and whom we ask is not a partner's to say; nothing is sent."""
    assert problem(context(), f"{site.url}/a.csv", headers={name: "x"}).code == "bad_config"
    assert problem(context(), f"{site.url}/a.csv", headers={"X-Ok": "a\r\nHost: b"}).code == "bad_config"
    assert site.requests == []


def test_an_address_is_fetched_once_a_run(site: Site, context: Make) -> None:
    """A connector may ask twice; the partner's server is asked once."""
    site.pages["/a.csv"] = CSV
    ctx = context()
    assert ctx.fetch(f"{site.url}/a.csv") is ctx.fetch(f"{site.url}/a.csv")
    assert site.asked == ["/a.csv"]
    assert len(ctx.captures) == 1


def test_redirects_are_followed(site: Site, context: Make) -> None:
    """The capture keeps the address asked for, and the one that answered."""
    site.pages |= {"/a": redirect("b/c d?x=ä".encode().decode("latin-1")), "/b/c%20d?x=%C3%A4": CSV}
    capture = context().fetch(f"{site.url}/a")
    assert capture.read() == CSV
    assert capture.url == f"{site.url}/a"
    assert capture.final_url == f"{site.url}/b/c%20d?x=ä"


def test_redirects_in_circles_are_told(site: Site, context: Make) -> None:
    """A loop ends after a few hops."""
    site.pages |= {"/a": redirect("/b"), "/b": redirect("/a")}
    assert problem(context(), f"{site.url}/a").code == "loop_detected"
    assert len(site.asked) == 6


def test_the_body_of_a_redirect_is_left_alone(site: Site, context: Make) -> None:
    """It may be endless, and nobody needs it."""

    def endless(request: Request) -> Answer:
        return 302, {"Location": "/a.csv"}, iter(lambda: b"x" * 10_000, b"")

    site.pages |= {"/a": endless, "/a.csv": CSV}
    assert context(limits=Limits(max_seconds=5)).fetch(f"{site.url}/a").read() == CSV


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", gzip.compress(CSV * 50_000)),
        ("x-gzip", gzip.compress(CSV * 25_000) + gzip.compress(CSV * 25_000)),
        ("gzip", gzip.compress(CSV * 50_000) + b"\x00" * 40),
        ("deflate", zlib.compress(CSV * 50_000)),
        ("deflate", zlib.compress(CSV * 50_000)[2:-4]),
        ("identity", CSV * 50_000),
    ],
)
def test_packed_answers_are_unpacked(encoding: str, body: bytes, site: Site, context: Make) -> None:
    """gzip in one or several members, zlib, and the bare deflate of some servers."""
    site.pages["/a.csv"] = (200, {"Content-Encoding": encoding}, body)
    assert context().fetch(f"{site.url}/a.csv").read() == CSV * 50_000


@given(body=st.binary(max_size=300_000) | st.binary(max_size=40).map(lambda piece: piece * 9_000), size=st.integers(1, 70_000))
def test_unpacking_gives_back_what_was_packed(body: bytes, size: int) -> None:
    """However the packed bytes are cut on their way."""
    from connectors.body import _inflate

    for packed in (gzip.compress(body, 1), zlib.compress(body)):
        if len(packed) / size < 500:
            pieces = (packed[start : start + size] for start in range(0, len(packed), size))
            assert b"".join(_inflate(pieces)) == body


def test_a_slow_server_is_read_while_time_lasts(site: Site, context: Make) -> None:
    """Dripping is no crime."""
    site.pages["/a.csv"] = lambda request: (200, {}, drip(CSV, every=0.01))
    assert context().fetch(f"{site.url}/a.csv").read() == CSV


# What has not changed


@pytest.mark.parametrize("header", ["ETag", "Last-Modified"])
def test_an_unchanged_feed_is_not_sent_again(header: str, site: Site, context: Make) -> None:
    """The next run asks only for changes; the capture is the one of the last run."""
    site.pages["/a.csv"] = (200, {header: '"v1"', "Content-Type": "text/csv"}, CSV)
    first = context()
    before = first.fetch(f"{site.url}/a.csv")
    second = context(state=first.http_state())
    after = second.fetch(f"{site.url}/a.csv")
    assert after.not_modified and second.not_modified and not first.not_modified
    assert after == replace(before, not_modified=True)
    assert second.http_state() == first.http_state()
    site.pages["/a.csv"] = (200, {header: '"v2"'}, CSV + b"Kurs 2;Mitte\n")
    assert not context(state=second.http_state()).fetch(f"{site.url}/a.csv").not_modified


def test_the_same_bytes_are_not_modified_either(site: Site, context: Make) -> None:
    """Many servers know no ETag, or a new one each time."""
    etags = iter(['"1"', '"2"', '"3"'])
    site.pages["/a.csv"] = lambda request: (200, {"ETag": next(etags)}, CSV)
    first = context()
    first.fetch(f"{site.url}/a.csv")
    assert context(state=first.http_state()).fetch(f"{site.url}/a.csv").not_modified


def test_a_lost_capture_is_fetched_whole(site: Site, context: Make, tmp_path: Path) -> None:
    """A 304 would leave us without bytes, so we do not ask for one."""
    site.pages["/a.csv"] = (200, {"ETag": '"1"'}, CSV)
    first = context()
    first.fetch(f"{site.url}/a.csv")
    shutil.rmtree(tmp_path / "captures")
    capture = context(state=first.http_state()).fetch(f"{site.url}/a.csv")
    assert capture.read() == CSV
    assert capture.not_modified
    assert "if-none-match" not in site.requests[-1].headers


def test_once_a_week_the_whole_is_asked_for(site: Site, context: Make) -> None:
    """A server that answers 304 for ever would hide every change."""
    site.pages["/a.csv"] = lambda request: (304, {}, b"") if "if-none-match" in request.headers else (200, {"ETag": '"1"'}, CSV)
    first = context()
    first.fetch(f"{site.url}/a.csv")
    for days, conditional in ((6, True), (7, False)):
        context(state=first.http_state(), now=NOW + timedelta(days=days)).fetch(f"{site.url}/a.csv")
        assert ("if-none-match" in site.requests[-1].headers) is conditional


def test_conditions_go_to_the_server_they_came_from(site: Site, context: Make) -> None:
    """The ETag belongs to the address that answered, not to the one that sent us on."""
    site.pages |= {"/a": redirect("/b"), "/b": (200, {"ETag": '"1"'}, CSV)}
    first = context()
    first.fetch(f"{site.url}/a")
    assert context(state=first.http_state()).fetch(f"{site.url}/a").not_modified
    assert [(request.path, "if-none-match" in request.headers) for request in site.requests[-2:]] == [("/a", False), ("/b", True)]


# What is refused


@pytest.mark.parametrize(
    ("answer", "code", "owner"),
    [
        ((404, {}, b""), "not_found", "partner"),
        ((410, {}, b""), "gone", "partner"),
        ((401, {"WWW-Authenticate": "Basic"}, b""), "login_required", "partner"),
        ((403, {}, b'{"code":"rest_forbidden","message":"Nein"}'), "login_required", "partner"),
        ((403, {}, b"<h1>Forbidden</h1>"), "http_error", "partner"),
        ((403, {}, b"<title>Just a moment...</title>"), "bot_protected", "operator"),
        ((503, {"Server": "cloudflare"}, b'<script src="https://challenges.cloudflare.com/x.js">'), "bot_protected", "operator"),
        ((200, {"cf-mitigated": "challenge"}, b"x"), "bot_protected", "operator"),
        ((403, {"Content-Encoding": "gzip"}, gzip.compress(b"x" * 30_000 + b"_Incapsula_Resource")), "bot_protected", "operator"),
        ((429, {}, b""), "rate_limited", "nobody"),
        ((429, {"Retry-After": "1"}, b""), "rate_limited", "nobody"),
        ((500, {}, b""), "http_5xx", "nobody"),
        ((503, {"Retry-After": "nonsense"}, b"Wartung"), "http_5xx", "nobody"),
        ((505, {}, b""), "http_5xx", "nobody"),
        ((400, {}, b""), "http_error", "partner"),
        ((206, {}, b"half"), "http_error", "partner"),
        ((304, {}, b""), "http_error", "partner"),
        ((302, {}, b""), "http_error", "partner"),
        (redirect("http://[::1/"), "http_error", "partner"),
        (redirect("http://127.0.0.1:x/"), "unsafe_url", "operator"),
        (redirect("/wp-login.php?redirect_to=/a.csv"), "login_required", "partner"),
        ((200, {"Content-Encoding": "br"}, b"xyz"), "broken_file", "partner"),
        ((200, {"Content-Encoding": "gzip"}, b"no gzip"), "broken_file", "partner"),
        ((200, {"Content-Encoding": "gzip"}, gzip.compress(b"a" * 9_000)[:-12]), "connection", "nobody"),
        ((200, {"Content-Length": "1000"}, b"less"), "connection", "nobody"),
        ((200, {"Transfer-Encoding": "chunked"}, b"5\r\nab"), "connection", "nobody"),
    ],
)  # fmt: skip
def test_every_refusal_has_its_code_and_its_owner(answer: Answer, code: str, owner: str, site: Site, context: Make) -> None:
    """Who must act follows from how the server says no."""
    site.pages |= {"/a.csv": answer, "/wp-login.php": (200, {"Content-Type": "text/html"}, b"<form>")}

    def hang_up(request: Request) -> Answer:
        return (200, {"Connection": "close", **answer[1]}, iter([answer[2]])) if isinstance(answer, tuple) else answer  # type: ignore[list-item]

    if code == "connection":
        site.pages["/a.csv"] = hang_up
    found = problem(context(), f"{site.url}/a.csv")
    assert (found.code, found.owner) == (code, owner)


def test_a_403_to_our_own_login_is_a_login_problem(site: Site, context: Make) -> None:
    """Where we identify ourselves, 403 means that this no longer suffices."""
    site.pages["/a.csv"] = (403, {}, b"no")
    auth = Auth(kind="bearer", secret="TOKEN")
    assert problem(context(secrets=SECRETS), f"{site.url}/a.csv", auth=auth).code == "login_required"


def test_no_server_at_all(context: Make) -> None:
    """A closed port is nobody's fault yet, and told as such."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        found = problem(context(), f"http://127.0.0.1:{port}/a.csv")
    assert (found.code, found.value) == ("connection", f"http://127.0.0.1:{port}/a.csv")


def test_no_such_name(context: Make) -> None:
    """A name without an address is told with the address the partner gave."""

    def unknown(host: str, port: int) -> list[str]:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    found = problem(context(resolver=unknown, settings={"min_interval": 0.0}), "https://vhs.example.org/a.csv")
    assert (found.code, found.value) == ("dns", "https://vhs.example.org/a.csv")


def test_no_tls(site: Site, context: Make) -> None:
    """A server that does not speak TLS on its https address is told to renew it."""
    assert problem(context(), f"https://127.0.0.1:{site.port}/a.csv").code == "tls"


def test_too_large_by_its_own_word(site: Site, context: Make) -> None:
    """What announces more than the limit is not even begun."""
    site.pages["/a.csv"] = (200, {"Content-Length": "1001"}, iter([b"x"]))
    found = problem(context(limits=Limits(max_bytes=1_000)), f"{site.url}/a.csv")
    assert (found.code, found.note) == ("too_large", "mehr als 1 kB")


def test_too_large_without_a_word(site: Site, context: Make, tmp_path: Path) -> None:
    """An endless body is cut off, and nothing of it stays on disk."""

    def endless(request: Request) -> Answer:
        return 200, {}, iter(lambda: b"x" * 10_000, b"")

    site.pages["/a.csv"] = endless
    assert problem(context(limits=Limits(max_bytes=1_000_000)), f"{site.url}/a.csv").code == "too_large"
    assert list((tmp_path / "captures").iterdir()) == []


def test_a_bomb_does_not_go_off(site: Site, context: Make) -> None:
    """A thousandfold packing ratio, or more than the limit unpacked, ends the fetch."""
    site.pages["/a.csv"] = (200, {"Content-Encoding": "gzip"}, gzip.compress(b"\x00" * 60_000_000))
    assert problem(context(), f"{site.url}/a.csv").note == "entpackt mehr als 200-mal so groß"
    assert problem(context(limits=Limits(max_decompressed=5_000_000)), f"{site.url}/a.csv").note == "entpackt mehr als 5 MB"


def in_drops(request: Request) -> Answer:
    return 200, {}, drip(CSV * 100, every=0.05)


def headers_in_drops(server: socket.socket) -> None:
    """Answer every connection with the endless beginning of a header, one byte at a time."""
    while True:
        try:
            client, _ = server.accept()
        except OSError:
            return
        with client:
            try:
                client.recv(4_096)
                client.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
                for _ in range(2_000):
                    client.sendall(b"x")
                    time.sleep(0.02)
            except OSError:
                continue


def test_a_dripping_body_ends_with_the_time(site: Site, context: Make) -> None:
    """Each byte restarts a socket's timeout; the time for the whole response does not care."""
    site.pages["/a.csv"] = in_drops
    started = time.monotonic()
    assert problem(context(limits=Limits(max_seconds=0.5)), f"{site.url}/a.csv").code == "timeout"
    assert time.monotonic() - started < 2


def test_dripping_headers_end_with_the_time(context: Make) -> None:
    """Before the body there are headers to drip, and robots.txt before them."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=headers_in_drops, args=(server,), daemon=True).start()
        started = time.monotonic()
        ctx = context(limits=Limits(max_seconds=0.5))
        assert problem(ctx, f"http://127.0.0.1:{server.getsockname()[1]}/a.csv").code == "timeout"
        assert time.monotonic() - started < 3


def test_a_silent_server_ends_with_the_time(context: Make) -> None:
    """Who accepts and says nothing costs no more than the limit, all tries together."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        started = time.monotonic()
        ctx = context(limits=Limits(max_seconds=0.4), settings={"read_timeout": 0.3})
        assert problem(ctx, f"http://127.0.0.1:{server.getsockname()[1]}/a.csv").code == "timeout"
        assert time.monotonic() - started < 3


def test_a_run_has_a_number_of_requests(site: Site, context: Make) -> None:
    """Endless pages end a run with the number in the problem."""
    site.pages["*"] = lambda request: request.path
    ctx = context(limits=Limits(max_pages=3))
    for page in range(3):
        ctx.fetch(f"{site.url}/{page}")
    found = problem(ctx, f"{site.url}/4")
    assert (found.code, found.value) == ("too_many_pages", "3")


@pytest.mark.parametrize(
    "url", ["", " ", "x", "http://", "http://a b/", "https://[", "http://ä\x00.de", "http://" + "a" * 70 + ".de/", "\udce4"]
)
def test_any_text_as_an_address_is_a_problem(url: str, context: Make) -> None:
    """Partners paste anything."""
    assert problem(context(settings={"min_interval": 0.0}), url).code in ("unsafe_url", "dns")


def test_our_own_full_disk_is_not_the_partners_fault(site: Site, context: Make) -> None:
    """An error of the store comes through as it is."""

    class Full(FolderStore):
        def put(self, chunks: object) -> object:  # type: ignore[override]
            raise OSError(28, "No space left on device")

    site.pages["/a.csv"] = CSV
    with pytest.raises(OSError, match="No space left"):
        context(store=Full(Path("."))).fetch(f"{site.url}/a.csv")
    assert site.asked == ["/a.csv"]


# Trying again


def flaky(failures: int, answer: Answer, good: Answer = CSV) -> Callable[[Request], Answer]:
    left = iter([answer] * failures)
    return lambda request: next(left, good)


@pytest.mark.parametrize(
    "answer",
    [(503, {}, b""), (500, {}, b""), (429, {}, b""), (200, {"Content-Length": "99", "Connection": "close"}, iter([b"cut"]))],
)
def test_what_fails_twice_may_succeed_the_third_time(answer: Answer, site: Site, context: Make) -> None:
    """Errors of servers and broken connections are tried again, with a growing pause."""
    slept: list[float] = []
    site.pages["/a.csv"] = flaky(2, answer)
    assert context(sleep=slept.append).fetch(f"{site.url}/a.csv").read() == CSV
    assert slept == [0.0, 2.0]
    assert len(site.asked) == 3


def test_retry_after_is_kept_to(site: Site, context: Make) -> None:
    """The server says when; more than a minute means another night."""
    slept: list[float] = []
    site.pages["/a.csv"] = flaky(1, (429, {"Retry-After": "17"}, b""))
    assert context(sleep=slept.append).fetch(f"{site.url}/a.csv").read() == CSV
    assert slept == [17.0]
    site.pages["/b.csv"] = (503, {"Retry-After": "3600"}, b"")
    assert problem(context(sleep=slept.append), f"{site.url}/b.csv").code == "http_5xx"
    assert site.asked.count("/b.csv") == 1


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 501])
def test_what_will_not_change_is_asked_once(status: int, site: Site, context: Make) -> None:
    """A missing page is not there the third time either."""
    site.pages["/a.csv"] = (status, {}, b"")
    problem(context(), f"{site.url}/a.csv")
    assert site.asked == ["/a.csv"]


# Politeness


def test_two_requests_to_a_host_keep_their_distance() -> None:
    """Over all threads; other hosts do not wait."""
    now = [100.0]
    pace = Pace(clock=lambda: now[0], sleep=lambda seconds: None)
    assert [pace.wait("a", 2.0), pace.wait("a", 2.0), pace.wait("b", 2.0), pace.wait("a", 2.0)] == [0.0, 2.0, 0.0, 4.0]
    now[0] = 110.0
    assert pace.wait("a", 2.0) == 0.0


def test_threads_share_the_pace() -> None:
    """Five sources on one host are five times as slow."""
    pace, turns = Pace(), []

    def ask() -> None:
        pace.wait("a", 0.05)
        turns.append(time.monotonic())

    threads = [threading.Thread(target=ask) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    turns.sort()
    assert all(later - earlier > 0.03 for earlier, later in pairwise(turns))


def test_other_machines_are_asked_at_most_once_a_second(site: Site, context: Make) -> None:
    """The interval holds for robots.txt and every page, but not on our own machine."""
    slept: list[float] = []
    site.pages |= {"/a.csv": CSV, "/b.csv": CSV}
    ctx = context(resolver=lambda host, port: ["127.0.0.1"], pace=Pace(clock=lambda: 0.0, sleep=slept.append))
    ctx.fetch(f"http://feeds.example.org:{site.port}/a.csv")
    ctx.fetch(f"http://feeds.example.org:{site.port}/b.csv")
    assert slept == [1.0, 2.0]


# Secrets


@pytest.mark.parametrize(
    ("auth", "header", "value"),
    [
        (Auth(kind="basic", user="ki", secret="TOKEN"), "authorization", "Basic a2k6czNjcjN0LXcwcmQvd2l0aD1zaWducw=="),
        (Auth(kind="bearer", secret="TOKEN"), "authorization", "Bearer s3cr3t-w0rd/with=signs"),
        (Auth(kind="header", name="X-API-Key", secret="TOKEN"), "x-api-key", "s3cr3t-w0rd/with=signs"),
    ],
)  # fmt: skip
def test_we_identify_ourselves_to_the_partner_alone(auth: Auth, header: str, value: str, site: Site, context: Make) -> None:
    """The secret goes to the server of the source, not to robots.txt, and not where a redirect leads."""
    with Site({"/b.csv": CSV}) as other:
        site.pages |= {"/a.csv": redirect("/c.csv"), "/c.csv": redirect(f"{other.url}/b.csv")}
        context(secrets=SECRETS).fetch(f"{site.url}/a.csv", auth=auth, headers={"X-Extra": "1"})
        assert [request.headers.get(header) for request in site.requests] == [None, value, value]
        assert [(header in request.headers, "x-extra" in request.headers) for request in other.requests] == [(False, False)] * 2


def test_a_secret_in_the_address_stays_out_of_everything(site: Site, context: Make, caplog: pytest.LogCaptureFixture) -> None:
    """Captures, their bytes, problems, logs and the state of the next run hold no secret, though the server repeats it."""
    caplog.set_level(logging.DEBUG, logger="connectors")
    secret = SECRETS["TOKEN"]
    auth = Auth(kind="query", name="key", secret="TOKEN")

    def echo(request: Request) -> Answer:
        return 200, {"Link": f'<{site.url}/a?page=2&key={secret}>; rel="next"'}, f"{'x' * 65_530}{secret} {request.path}"

    site.pages |= {
        "/a": echo,
        "/gone": (410, {}, b""),
        "/b": lambda request: redirect(f"{site.url}/a?{request.path.split('?')[1]}"),
    }
    ctx = context(secrets=SECRETS)
    captures = [ctx.fetch(f"{site.url}/{page}", auth=auth) for page in ("a?page=1", "b?page=2", "a?page=3&key=old")]
    assert [request.path.count("key=s3cr3t-w0rd%2Fwith%3Dsigns") for request in site.requests] == [0, 1, 1, 1, 1]
    assert "key=old" not in site.requests[-1].path
    assert captures[1].final_url == f"{site.url}/a?page=2"
    found = problem(ctx, f"{site.url}/gone?key={secret}", auth=auth)
    said = [repr(captures), repr(ctx.http_state()), repr(found), caplog.text, *(capture.read().decode() for capture in captures)]
    assert not any(word in text for text in said for word in (secret, "s3cr3t-w0rd%2Fwith%3Dsigns"))
    assert HIDDEN in captures[0].read().decode()


def test_a_redirect_cannot_carry_our_secret_to_others(site: Site, context: Make) -> None:
    """A server that copies the secret into the address of another server is not followed."""
    with Site({"*": CSV}) as other:
        site.pages["/a.csv"] = lambda request: redirect(f"{other.url}/x/{SECRETS['TOKEN']}")
        auth = Auth(kind="query", name="key", secret="TOKEN")
        assert problem(context(secrets=SECRETS), f"{site.url}/a.csv", auth=auth).code == "unsafe_url"
        assert other.requests == []


def test_a_missing_secret_is_named(site: Site, context: Make) -> None:
    """The operator reads which variable is missing; nothing is asked."""
    found = problem(context(), f"{site.url}/a.csv", auth=Auth(kind="bearer", secret="VHS_TOKEN"))
    assert found.code == "bad_config"
    assert "LANDKARTE_SECRET_VHS_TOKEN" in found.message("de")
    assert site.requests == []


def test_a_secret_that_would_break_a_header_is_refused() -> None:
    """A line break in a secret would start a header of its own."""
    with pytest.raises(SourceError):
        to_credentials(Auth(kind="bearer", secret="TOKEN"), {"TOKEN": "a\r\nHost: b"})


@given(before=st.binary(max_size=50), between=st.binary(max_size=50), size=st.integers(1, 30))
def test_a_secret_is_blotted_out_across_pieces(before: bytes, between: bytes, size: int) -> None:
    """Wherever the body is cut."""
    credentials = Credentials(words=("geheim-wort",))
    body = before + b"geheim-wort" + between + b"geheim-wort"
    pieces: Iterator[bytes] = (body[start : start + size] for start in range(0, len(body), size))
    assert b"".join(credentials.redact_all(pieces)) == body.replace(b"geheim-wort", HIDDEN.encode())


# Without a network


def test_stored_captures_answer_a_replay() -> None:
    """What was fetched once can be read again; what was not is told."""
    capture = Capture.of(CSV, url="https://example.org/a.csv", fetched_at=NOW)
    ctx = StoredContext([capture], now=NOW, zone=ZONE)
    assert ctx.fetch("https://example.org/a.csv") is capture
    with pytest.raises(SourceError) as raised:
        ctx.fetch("https://example.org/b.csv")
    assert "gespeicherten" in raised.value.problem.message("de")


def test_a_file_stands_for_whatever_is_asked_first() -> None:
    """A preview of a file needs no address."""
    capture = Capture.of(CSV, url="angebote.csv", fetched_at=NOW)
    ctx = StoredContext.of_file(capture, now=NOW, zone=ZONE)
    assert ctx.fetch("https://example.org/a.csv") is capture
    assert ctx.fetch("https://example.org/a.csv") is capture
    with pytest.raises(SourceError):
        ctx.fetch("https://example.org/b.csv")
