"""Requests of many threads come in; they go out to Prefect's server one after the other, all through one client.

SQLite takes one writer at a time. Of two flows that begin together, Prefect's server sends one away (503), and its client waits
seconds before it asks again. A server elsewhere (https) has another database and is asked as Prefect does.
"""

from threading import Lock

import httpx
from prefect.context import SyncClientContext
from prefect.settings import PREFECT_API_URL


class OneByOne(httpx.HTTPTransport):
    """Sends a request when the one before it is answered."""

    def __init__(self) -> None:
        super().__init__()
        self._turn = Lock()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Wait for our turn, send."""
        with self._turn:
            return super().handle_request(request)


class OneClient(SyncClientContext):
    """The client of all flows that run inside; a context manager."""

    def __init__(self) -> None:
        elsewhere = (PREFECT_API_URL.value() or "").startswith("https:")
        super().__init__(httpx_settings=None if elsewhere else {"transport": OneByOne()})
        self._httpx_settings = None  # else get_client() would not find it and make others
