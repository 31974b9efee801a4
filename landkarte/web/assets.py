"""The files of `static/` come in; addresses that change with their content go out, so that a browser may keep them for ever."""

import gzip
import hashlib
from functools import cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

STATIC = Path(__file__).parent / "static"
FOREVER = "public, max-age=31536000, immutable"
TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
    ".txt": "text/plain; charset=utf-8",
    "": "text/plain; charset=utf-8",
}
PACKED = (".css", ".js", ".mjs", ".svg", ".txt", "")


@cache
def files() -> dict[str, Path]:
    """Give the files a page may ask for, by their path below `static/`."""
    return {str(file.relative_to(STATIC)): file for file in sorted(STATIC.rglob("*")) if file.is_file() and file.suffix in TYPES}


@cache
def version() -> str:
    """Give one version for all files: modules import each other by relative paths and must fit together."""
    digest = hashlib.sha256()
    for name, file in files().items():
        digest.update(name.encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:12]


def url(name: str) -> str:
    """Give the address of a static file."""
    return f"/static/{version()}/{name}"


@cache
def _content(name: str, packed: bool) -> bytes:
    content = files()[name].read_bytes()
    return gzip.compress(content, 9, mtime=0) if packed else content


def static(request: Request) -> Response:
    """Hand out a static file, packed where the browser takes it."""
    name, asked = request.path_params["path"], request.path_params["version"]
    if name not in files():
        return Response("Diese Datei gibt es nicht.\n", 404, media_type="text/plain; charset=utf-8")
    suffix = files()[name].suffix
    packed = suffix in PACKED and "gzip" in request.headers.get("accept-encoding", "")
    headers = {
        "Cache-Control": FOREVER if asked == version() else "no-cache",
        "Vary": "Accept-Encoding",
        **({"Content-Encoding": "gzip"} if packed else {}),
    }
    return Response(_content(name, packed), headers=headers, media_type=TYPES[suffix])
