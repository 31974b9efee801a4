"""A guard comes in; a requests Session goes out whose every socket the guard has opened, and that a deadline can end.

It follows no redirect, repeats nothing, reads no proxy, password or certificate from the environment, and keeps no cookie longer
than the caller lets it: connectors/fetch.py decides all that.
"""

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from contextvars import ContextVar
from types import TracebackType
from typing import Any, ClassVar, Self

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError

from connectors.guard import Guard

_running: ContextVar["Deadline | None"] = ContextVar("_running", default=None)


class Deadline:
    """A time by which everything this thread asks of the network must be over; used as a context manager.

    A timeout of a socket starts anew with every byte, so a server that drips one byte a second would hold us for ever. When the
    time is up, the sockets in use are shut down, whatever waits on them ends at once, and `passed` says why.
    """

    def __init__(self, seconds: float) -> None:
        self.end = time.monotonic() + seconds
        self.passed = False
        self._sockets: list[socket.socket] = []
        self._lock = threading.Lock()
        self._timer = threading.Timer(max(0.0, seconds), self._expire)
        self._timer.daemon = True

    @property
    def left(self) -> float:
        """Seconds until then, at least 0."""
        return max(0.0, self.end - time.monotonic())

    def watch(self, connection: socket.socket) -> None:
        """Let this socket end with the deadline."""
        with self._lock:
            self._sockets = [connection]  # a thread uses one at a time
            if self.passed:
                _shut(connection)

    def _expire(self) -> None:
        with self._lock:
            self.passed = True
            for connection in self._sockets:
                _shut(connection)

    def __enter__(self) -> Self:
        self._token = _running.set(self)
        self._timer.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._timer.cancel()
        _running.reset(self._token)


def _shut(connection: socket.socket) -> None:
    # Not connection.shutdown(): the one of a TLS socket first forgets its key, and a waiting read would then give ciphertext.
    with contextlib.suppress(OSError):
        socket.socket.shutdown(connection, socket.SHUT_RDWR)


class _Guarded(HTTPConnection):
    """A connection that asks the guard for its socket."""

    guard: ClassVar[Guard]

    def _new_conn(self) -> socket.socket:
        try:
            connection = self.guard.connect(self._dns_host, self.port, self.timeout)
        except socket.gaierror as error:
            raise NameResolutionError(self.host, self, error) from error
        except TimeoutError as error:
            raise ConnectTimeoutError(self, f"{self.host} did not answer in time") from error
        except OSError as error:
            raise NewConnectionError(self, f"{self.host} cannot be reached: {error}") from error
        if (deadline := _running.get()) is not None:
            deadline.watch(connection)
        return connection

    def request(self, *args: Any, **options: Any) -> None:
        if self.sock is None:
            self.connect()
        if (deadline := _running.get()) is not None:
            deadline.watch(self.sock)  # after TLS, or of an earlier request, it is another than _new_conn gave
        super().request(*args, **options)


class GuardedAdapter(HTTPAdapter):
    """Sends requests through connections of one guard; through a proxy only where one is named explicitly."""

    def __init__(self, guard: Guard) -> None:
        self.guard = guard
        super().__init__(pool_connections=8, pool_maxsize=2, max_retries=0)

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, **options)

        class Plain(_Guarded):
            guard = self.guard

        class Tls(_Guarded, HTTPSConnection):
            guard = self.guard

        class PlainPool(HTTPConnectionPool):
            ConnectionCls = Plain

        class TlsPool(HTTPSConnectionPool):
            ConnectionCls = Tls

        self.poolmanager.pool_classes_by_scheme = {"http": PlainPool, "https": TlsPool}


class _Session(requests.Session):
    """A session that leaves redirects alone: requests would read the whole body of one to prepare the next request."""

    def resolve_redirects(self, *args: Any, **options: Any) -> Iterator[Any]:
        return iter(())


def open_session(guard: Guard, proxy: str | None = None) -> requests.Session:
    """Make a session. With a proxy it is the proxy that resolves names and must keep to the public internet."""
    session = _Session()
    session.trust_env = False  # no HTTP_PROXY, no .netrc, no REQUESTS_CA_BUNDLE
    session.adapters.clear()
    adapter = GuardedAdapter(guard)
    session.mount("http://", adapter)
    session.mount("https://", adapter)
    if proxy:
        session.proxies = {"http": proxy, "https": proxy}
    return session
