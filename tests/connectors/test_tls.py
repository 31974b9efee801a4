"""Behind TLS everything holds as well: certificates are checked by name, though the connection goes to a checked address."""

import datetime
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from connectors.context import RunContext
from connectors.contract import Limits, SourceError

x509 = pytest.importorskip("cryptography.x509", reason="makes the certificates of this test")
hashes = pytest.importorskip("cryptography.hazmat.primitives.hashes")
serialization = pytest.importorskip("cryptography.hazmat.primitives.serialization")
ec = pytest.importorskip("cryptography.hazmat.primitives.asymmetric.ec")

Make = Callable[..., RunContext]
NAME = "feeds.example.org"


def certificate(folder: Path, name: str, *, days: int = 2) -> Path:
    """Write a self-signed certificate with its key that is valid from yesterday on."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    names = [x509.DNSName(name), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=3))
        .not_valid_after(now + datetime.timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / f"{name}{days}.pem"
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM) + private)
    return path


class TlsSite:
    """A server that answers every path with its body, in drops of one byte where it is told a pause."""

    def __init__(self, pem: Path, body: bytes, pause: float = 0.0) -> None:
        self.names: list[str | None] = []
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(pem)
        self._context.sni_callback = lambda connection, name, context: self.names.append(name)  # type: ignore[assignment]
        self._body = body
        self._pause = pause
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = self._server.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._server.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=(client,), daemon=True).start()

    def _answer(self, client: socket.socket) -> None:
        try:
            with self._context.wrap_socket(client, server_side=True) as connection:
                missing = b"GET /robots.txt" in connection.recv(4_096)
                connection.sendall(b"HTTP/1.1 404 No\r\nContent-Length: 0\r\n" if missing else b"HTTP/1.1 200 OK\r\n")
                connection.sendall(b"Connection: close\r\n\r\n")
                for place in range(0 if not missing else len(self._body), len(self._body)):
                    connection.sendall(self._body[place : place + 1])
                    time.sleep(self._pause)
        except OSError:
            return

    def close(self) -> None:
        self._server.close()


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., TlsSite]]:
    """Give a function that starts a server with a certificate."""
    running: list[TlsSite] = []

    def start(name: str = NAME, days: int = 2, body: bytes = b"Titel\n", pause: float = 0.0) -> TlsSite:
        running.append(TlsSite(certificate(tmp_path, name, days=days), body, pause))
        return running[-1]

    yield start
    for site in running:
        site.close()


def trusting(context: Make, pem: Path, **options: object) -> RunContext:
    """Make a context that trusts this certificate, and finds every name on loopback."""
    ctx = context(resolver=lambda host, port: ["127.0.0.1"], settings={"min_interval": 0.0}, **options)
    ctx._fetcher._asker._session.verify = str(pem)
    return ctx


def test_a_name_is_asked_by_its_name(serve: Callable[..., TlsSite], context: Make, tmp_path: Path) -> None:
    """The connection goes to 127.0.0.1, the server is greeted as feeds.example.org, and its certificate fits."""
    site = serve()
    ctx = trusting(context, tmp_path / f"{NAME}2.pem")
    assert ctx.fetch(f"https://{NAME}:{site.port}/a.csv").read() == b"Titel\n"
    assert set(site.names) == {NAME}


@pytest.mark.parametrize(
    ("name", "days", "trusted", "note"),
    [
        (NAME, 2, False, "das Zertifikat ist selbst ausgestellt"),
        (NAME, -1, True, "das Zertifikat ist abgelaufen"),
        ("other.example.org", 2, True, "das Zertifikat gilt nicht für diesen Namen"),
    ],
)
def test_a_bad_certificate_is_told(
    name: str, days: int, trusted: bool, note: str, serve: Callable[..., TlsSite], context: Make, tmp_path: Path
) -> None:
    """What is wrong with it, and nothing is asked."""
    site = serve(name, days)
    other = certificate(tmp_path, "unrelated.example.org")
    ctx = trusting(context, tmp_path / f"{name}{days}.pem" if trusted else other)
    with pytest.raises(SourceError) as raised:
        ctx.fetch(f"https://{NAME}:{site.port}/a.csv")
    assert (raised.value.problem.code, raised.value.problem.note) == ("tls", note)
    assert raised.value.problem.value == f"https://{NAME}:{site.port}/a.csv"


def test_a_dripping_body_behind_tls_ends_with_the_time(serve: Callable[..., TlsSite], context: Make, tmp_path: Path) -> None:
    """The deadline shuts the connection underneath; no ciphertext is taken for content."""
    site = serve(body=b"x" * 10_000, pause=0.02)
    ctx = trusting(context, tmp_path / f"{NAME}2.pem", limits=Limits(max_seconds=0.6))
    started = time.monotonic()
    with pytest.raises(SourceError) as raised:
        ctx.fetch(f"https://{NAME}:{site.port}/a.csv")
    assert raised.value.problem.code == "timeout"
    assert time.monotonic() - started < 3
