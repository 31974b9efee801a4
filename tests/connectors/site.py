"""A dict of paths and answers comes in; a real HTTP server on loopback goes out, and the requests it was asked.

    with Site({"/a.csv": b"Titel\nKurs\n", "/weg": redirect("/a.csv"), "/robots.txt": (404, {}, b"")}) as site:
        requests.get(site.url + "/a.csv")
    assert ["/a.csv"] == site.asked

An answer is bytes or text (status 200), a tuple (status, headers, body), or a function from the request to one of these. A body
may be an iterable of bytes: it is sent piece by piece as it comes, and the connection ends with it. The path is looked up with
its query string first, then without it, then as `*`; an unknown path is a 404. An answer with an `ETag` or `Last-Modified` header
answers 304 to whoever sends it back.
"""

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self, Union


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it arrived; header names in lower case, the path with its query."""

    method: str
    path: str
    headers: Mapping[str, str]


Body = bytes | str | Iterable[bytes]
Whole = tuple[int, Mapping[str, str], Body]
Answer = Union[bytes, str, Whole, Callable[[Request], "Answer"]]  # noqa: UP007  a type that names itself must be quoted


def redirect(to: str, status: int = 302) -> Whole:
    """Answer with a redirect."""
    return status, {"Location": to}, b""


def drip(data: bytes, *, every: float, size: int = 1) -> Iterator[bytes]:
    """Give `data` in pieces of `size` bytes with a pause of `every` seconds between them."""
    for start in range(0, len(data), size):
        if start:
            time.sleep(every)
        yield data[start : start + size]


class Site:
    """A web site on loopback for one test; `pages` may be changed while it runs."""

    def __init__(self, pages: MutableMapping[str, Answer] | None = None) -> None:
        self.pages: MutableMapping[str, Answer] = {} if pages is None else pages
        self.requests: list[Request] = []
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.site = self
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        """The address of the site, without a slash at the end."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def asked(self) -> list[str]:
        """The paths that were asked for in their order, without robots.txt."""
        return [request.path for request in self.requests if request.path != "/robots.txt"]

    def answer(self, request: Request) -> Whole:
        """Find the answer to a request, and make a 304 of it where the request allows."""
        answer: Answer | None = None
        for path in (request.path, request.path.partition("?")[0], "*"):
            if (answer := self.pages.get(path)) is not None:
                break
        while callable(answer):
            answer = answer(request)
        if answer is None:
            return 404, {"Content-Type": "text/plain"}, b"not here"
        if not isinstance(answer, tuple):
            answer = (200, {}, answer)
        status, headers, _ = answer
        names = {name.lower(): value for name, value in headers.items()}
        for validator, condition in (("etag", "if-none-match"), ("last-modified", "if-modified-since")):
            if status == 200 and validator in names and condition in request.headers:
                return (304, headers, b"") if request.headers[condition] == names[validator] else answer
        return answer

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64
    site: Site

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: a client that hangs up is what many tests are about."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else headers and body wait 40 ms for each other
    server: _Server

    def do_GET(self) -> None:
        request = Request(self.command, self.path, {name.lower(): value for name, value in self.headers.items()})
        self.server.site.requests.append(request)
        status, headers, body = self.server.site.answer(request)
        if isinstance(body, str):
            body = body.encode()
        self.send_response_only(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if isinstance(body, bytes):
            if status not in (204, 304) and not any(name.lower() in ("content-length", "transfer-encoding") for name in headers):
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        else:
            self.send_header("Connection", "close")
            self.end_headers()
            for piece in body:
                self.wfile.write(piece)
                self.wfile.flush()
        self.wfile.flush()

    do_HEAD = do_POST = do_GET

    def log_message(self, format: str, *args: Any) -> None:
        """Keep the test's output clean."""
