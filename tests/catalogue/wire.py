"""A real CKAN's address in, an address of our own before it out: a wire that fails at the n-th call in one of the ways wires fail.

    with Wire(endpoint.url) as wire:
        wire.plan(7, "lost")

Only calls of the Action API count. The CKAN behind it is the real one; what is not disturbed passes unchanged.
"""

import contextlib
import http.client
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

STAYS = ("down", "gateway", "lost", "half", "hang")  # from the n-th call on nothing is answered any more
ONCE = ("hiccup", "lost once", "gateway once", "late")  # the calls after it pass
BAD_GATEWAY = b"<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"
PATIENCE = 30.0


class Wire:
    """A proxy on loopback. `calls` names the actions that came, in their order."""

    def __init__(self, url: str) -> None:
        self.target = urlsplit(url).netloc
        self.calls: list[str] = []
        self._at, self._how = 0, ""
        self._kill: Callable[[], None] = lambda: None
        self._counting = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.wire = self
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self.busy = 0

    def plan(self, at: int = 0, how: str = "", kill: Callable[[], None] = lambda: None) -> None:
        """Count anew, and fail at the call number `at`. `kill` is who dies there: "before", "during" or "after" it is done."""
        self.settle()
        self.calls, self._at, self._how, self._kill = [], at, how, kill

    def settle(self) -> None:
        """Wait until what is under way has ended: a server finishes what it began, whoever has died."""
        until = time.monotonic() + PATIENCE
        while self.busy and time.monotonic() < until:
            time.sleep(0.01)

    def failing(self, action: str) -> str:
        """Count a call; say how it fails, "" where it passes."""
        with self._counting:
            self.calls.append(action)
            number = len(self.calls)
        if number == self._at:
            return self._how
        if self._at and number > self._at and self._how in STAYS:
            return "gateway" if self._how == "gateway" else "hang" if self._how == "hang" else "down"
        return ""

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    wire: Wire

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: whoever is killed leaves broken connections."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else headers and body wait 40 ms for each other
    server: _Server

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        """Pass, or fail as planned."""
        wire = self.server.wire
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        how = wire.failing(self.path.rpartition("/")[2]) if "/api/action/" in self.path else ""
        wire.busy += 1
        try:
            self._answer(wire, body, how)
        finally:
            wire.busy -= 1

    do_POST = do_GET

    def _answer(self, wire: Wire, body: bytes, how: str) -> None:
        match how:
            case "down" | "hiccup":
                self.close_connection = True
            case "gateway" | "gateway once":
                self._send(502, [("Content-Type", "text/html")], BAD_GATEWAY)
            case "hang":
                self._wait_until_gone()
            case "late":  # a server so slow that it does the call when nobody waits for it any more
                self._wait_until_gone()
                self._forward(body)
            case "lost" | "lost once":
                self._forward(body)
                self.close_connection = True
            case "half":
                status, headers, answer = self._forward(body)
                self._send(status, headers, answer, answer[: len(answer) // 2])
                self.close_connection = True
            case "before":
                wire._kill()
                self.close_connection = True
            case "during":
                killer = threading.Timer(0.01, wire._kill)
                killer.start()
                self._forward(body)
                killer.join()
                self.close_connection = True
            case "after":
                self._forward(body)
                wire._kill()
                self.close_connection = True
            case _:
                self._send(*self._forward(body))

    def _forward(self, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
        line = http.client.HTTPConnection(self.server.wire.target, timeout=PATIENCE)
        try:
            headers = {name: value for name, value in self.headers.items() if name.lower() not in ("host", "connection")}
            line.request(
                self.command, self.path, body or None, headers | {"Host": self.server.wire.target, "Connection": "close"}
            )
            answer = line.getresponse()
            return answer.status, answer.getheaders(), answer.read()
        except (OSError, http.client.HTTPException):  # the real one is down
            return 502, [("Content-Type", "text/html")], BAD_GATEWAY
        finally:
            line.close()

    def _send(self, status: int, headers: list[tuple[str, str]], body: bytes, sent: bytes | None = None) -> None:
        self.send_response_only(status)
        for name, value in headers:
            if name.lower() not in ("connection", "transfer-encoding", "content-length"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body if sent is None else sent)

    def _wait_until_gone(self) -> None:
        self.connection.settimeout(PATIENCE)
        with contextlib.suppress(OSError):
            self.connection.recv(1)  # nothing comes any more: this returns where the other side gives up
        self.close_connection = True
