"""A folder in, a partner's web server on loopback out: files with ETag, pages of an API, compressed files as such.

`/name?seite=3` is the file name/3; where `name.gz` lies, it is sent as gzip. Below `/ohne/` nothing tells versions apart.
"""

import shutil
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

TYPES = {".jsonl": "application/x-ndjson", ".csv": "text/csv; charset=utf-8", "": "application/json"}


class Partner(BaseHTTPRequestHandler):
    """Answers GET from the folder."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else headers and body wait 40 ms for each other
    folder = Path()

    def do_GET(self) -> None:
        """Send a file, 304 or 404."""
        parts = urlsplit(self.path)
        name = parts.path.strip("/")
        plain = name.startswith("ohne/")
        path = self.folder / name.removeprefix("ohne/")
        if path.is_dir():
            path = path / parse_qs(parts.query).get("seite", ["1"])[0]
        packed = path.with_name(f"{path.name}.gz")
        found = packed if packed.is_file() else path
        if not found.is_file():
            self._say(404, {"Content-Length": "0"})
            return
        told = found.stat()
        tag = f'"{told.st_ino}-{told.st_mtime_ns}-{told.st_size}"'
        if not plain and self.headers.get("If-None-Match") == tag:
            self._say(304, {"ETag": tag})
            return
        headers = {"Content-Type": TYPES.get(path.suffix, "application/octet-stream"), "Content-Length": str(told.st_size)}
        headers |= {"Content-Encoding": "gzip"} if found is packed else {}
        headers |= {} if plain else {"ETag": tag}
        self._say(200, headers)
        with found.open("rb") as stream:
            shutil.copyfileobj(stream, self.wfile, 1 << 20)

    def _say(self, status: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Stay silent."""


if __name__ == "__main__":
    Partner.folder = Path(sys.argv[1])
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[2])), Partner).serve_forever()
