"""A response comes in; the same response with the headers that keep a visitor safe goes out, and one line for the log.

No cookie is set anywhere. The log holds no address of a visitor and no query string: a residence status may stand there.
"""

import logging
import time
from collections.abc import MutableMapping
from typing import Any

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "worker-src 'self'",
        "img-src 'self' data: blob:",
        "connect-src 'self'",
        "font-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), browsing-topics=()",
}
access = logging.getLogger("landkarte.access")


class Shielded:
    """ASGI middleware: adds the headers to every response and writes method, path, status and time into the log."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = time.perf_counter()
        seen: MutableMapping[str, Any] = {"status": 500}

        async def shielded(message: Message) -> None:
            if message["type"] == "http.response.start":
                seen["status"] = message["status"]
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            await self.app(scope, receive, shielded)
        finally:
            spent = (time.perf_counter() - started) * 1000
            # ascii() so that no line break of a path becomes a line of the log
            access.info("%s %s %s %.0f ms", scope["method"], ascii(scope["path"])[1:-1][:300], seen["status"], spent)
