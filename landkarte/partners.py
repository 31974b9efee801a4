"""The folder of the example partners comes in; their web sites on loopback go out, the same bytes all day long.

    with PartnerSites(folder / "partners", now=now, harvests=0) as sites:
        requests.get(sites.url + "/musterwerk/kurse.csv")

The example sources name http://127.0.0.1:8765, so only that port fits them. What a path answers is landkarte/partner_pages.py's.
"""

import hashlib
import threading
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import unquote, urlsplit

from landkarte.partner_pages import Answer, Pages
from schemas.problems import SchemaError

PORT = 8765
LATER = 3600  # seconds until a partner that is down wants to be asked again: not tonight, so the demo need not wait
ROBOTS = b"User-agent: *\nAllow: /\n"


class PartnerSites:
    """The partners' web sites. `now` fills their dates, by its day alone; `harvests` says how often they were harvested before.

    `port=0` takes a free one. Raises SchemaError where the folder or the port cannot be used.
    """

    def __init__(self, folder: Path, *, now: datetime, harvests: int = 0, port: int = PORT) -> None:
        try:
            self._server = _Server(("127.0.0.1", port), _Handler)
        except OSError as error:
            raise SchemaError(
                f"Die Beispielseiten brauchen den Anschluss {port} auf diesem Rechner, und der ist belegt. "
                "Bitte das andere Programm beenden."
            ) from error
        try:
            self._server.pages = Pages(folder, url=self.url, now=now, harvests=harvests)
        except BaseException:
            self._server.server_close()
            raise
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    @property
    def url(self) -> str:
        """The address of the sites, without a slash at the end."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def start(self) -> Self:
        """Begin to answer."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """Stop answering and free the port."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    pages: Pages

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: who hangs up early has read enough."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = 65_536  # headers and body in one packet: two small ones would wait 40 ms for each other
    server: _Server

    def do_GET(self) -> None:
        path = unquote(urlsplit(self.path).path).lstrip("/")
        answer = Answer(200, "text/plain; charset=utf-8", ROBOTS) if path == "robots.txt" else self.server.pages.answer(path)
        mark = f'"{hashlib.sha256(answer.body).hexdigest()[:32]}"'
        if answer.status == 200 and mark in self.headers.get("If-None-Match", ""):
            answer = Answer(304, answer.content_type, b"")
        self.send_response_only(answer.status)
        if answer.status in (200, 304):
            self.send_header("ETag", mark)
        if answer.status == 503:
            self.send_header("Retry-After", str(LATER))
        if answer.status != 304:
            self.send_header("Content-Type", answer.content_type)
            self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(answer.body)

    do_HEAD = do_GET

    def log_message(self, format: str, *args: Any) -> None:
        """Keep the demo's own progress readable."""
