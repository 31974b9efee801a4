"""An address comes in; a socket to a machine of the public internet goes out, or an UnsafeAddress that says why not.

Partners' addresses, and every address a redirect or a page names, may point at our own network. So a name is resolved once, at
the moment of connecting, every answer is checked, and the connection goes to the checked address itself: there is no second
look-up that could answer differently. The name stays in `Host` and in TLS, so certificates are checked as always.

Special-purpose blocks: https://www.iana.org/assignments/iana-ipv4-special-registry and …/iana-ipv6-special-registry
"""

import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

SCHEMES = ("http", "https")
# Ports of other services that could be talked into something by an HTTP request: https://fetch.spec.whatwg.org/#port-blocking
# fmt: off
BAD_PORTS = frozenset((
    0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104, 109, 110, 111,
    113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515, 526, 530, 531, 532, 540, 548, 554,
    556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666,
    6667, 6668, 6669, 6679, 6697, 10080,
))
# fmt: on
FORBIDDEN_V4 = tuple(
    (ip_network(block), reason)
    for block, reason in {
        "0.0.0.0/8": "unbestimmt",
        "10.0.0.0/8": "privates Netz",
        "100.64.0.0/10": "Netz eines Anbieters",
        "127.0.0.0/8": "dieser Rechner selbst",
        "168.63.129.16/32": "nur im eigenen Netz",  # lies in a public block, but is the host of a machine in Azure
        "169.254.0.0/16": "nur im eigenen Netz",  # also the metadata service of clouds, 169.254.169.254
        "172.16.0.0/12": "privates Netz",
        "192.0.0.0/24": "reserviert",
        "192.0.2.0/24": "nur für Beispiele",
        "192.31.196.0/24": "reserviert",
        "192.52.193.0/24": "reserviert",
        "192.88.99.0/24": "reserviert",
        "192.168.0.0/16": "privates Netz",
        "192.175.48.0/24": "reserviert",
        "198.18.0.0/15": "nur für Messungen",
        "198.51.100.0/24": "nur für Beispiele",
        "203.0.113.0/24": "nur für Beispiele",
        "224.0.0.0/4": "Rundruf",
        "240.0.0.0/4": "reserviert",  # with 255.255.255.255
    }.items()
)
# Only 2000::/3 is routed in public at all; what is forbidden inside it carries or hides another address, or is for documents.
GLOBAL_V6 = ip_network("2000::/3")
FORBIDDEN_V6 = tuple(
    (ip_network(block), reason)
    for block, reason in {
        "2001::/23": "reserviert",  # Teredo 2001::/32, benchmarking, ORCHID
        "2001:db8::/32": "nur für Beispiele",
        "2002::/16": "6to4",
        "3fff::/20": "nur für Beispiele",
    }.items()
)
Address = IPv4Address | IPv6Address
Resolver = Callable[[str, int], Sequence[str]]


class UnsafeAddress(Exception):
    """The address may not be asked. Not an OSError: nothing that retries network errors may try it again."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def resolve(host: str, port: int) -> list[str]:
    """Ask the system for the addresses of a host; raise socket.gaierror where there is none."""
    answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(answer[4][0]) for answer in answers))


def fault(address: Address, *, allow_loopback: bool = False) -> str | None:
    """Say in a few German words why this address is out of bounds; None where it lies in the public internet."""
    if isinstance(address, IPv4Address):
        if allow_loopback and address.is_loopback:
            return None
        return next((reason for block, reason in FORBIDDEN_V4 if address in block), None)
    if address.scope_id is not None:
        return "nur im eigenen Netz"
    if allow_loopback and address == IPv6Address("::1"):
        return None
    if address not in GLOBAL_V6:
        return "kein öffentliches Netz"  # ::1, mapped and compatible IPv4, NAT64, ULA, link and site local, multicast
    return next((reason for block, reason in FORBIDDEN_V6 if address in block), None)


def check_url(url: str) -> str:
    """Check what stands in an address before any name is resolved; give its host in lower case, or raise UnsafeAddress."""
    if any(ord(sign) <= 32 or ord(sign) == 127 or sign == "\\" for sign in url):
        raise UnsafeAddress("Leerzeichen, Steuerzeichen oder Rückstrich in der Adresse")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise UnsafeAddress("keine gültige Adresse") from None
    if parts.scheme not in SCHEMES:
        raise UnsafeAddress("nur http und https sind erlaubt")
    if "@" in parts.netloc:
        raise UnsafeAddress("Zugangsdaten gehören nicht in die Adresse")
    host = (parts.hostname or "").rstrip(".")
    if not host:
        raise UnsafeAddress("der Rechnername fehlt")
    if "%" in host:
        raise UnsafeAddress("nur im eigenen Netz")
    if port in BAD_PORTS:
        raise UnsafeAddress(f"der Anschluss {port} gehört zu einem anderen Dienst")
    return host.lower()


@dataclass(frozen=True, slots=True)
class Guard:
    """Opens connections to public addresses only; `allow_loopback` opens 127.0.0.0/8 and ::1 beside them, and nothing else."""

    allow_loopback: bool = False
    resolver: Resolver = resolve

    def addresses(self, host: str, port: int) -> list[str]:
        """Resolve a host once; raise UnsafeAddress if any of its addresses is out of bounds, socket.gaierror if it has none."""
        if port in BAD_PORTS:
            raise UnsafeAddress(f"der Anschluss {port} gehört zu einem anderen Dienst")
        try:
            found = list(self.resolver(host.strip("[]"), port))
        except ValueError as error:  # a label longer than 63 signs, a NUL
            raise socket.gaierror(socket.EAI_NONAME, str(error)) from error
        if not found:
            raise socket.gaierror(socket.EAI_NONAME, "no address")
        for text in found:
            try:
                reason = fault(ip_address(text), allow_loopback=self.allow_loopback)
            except ValueError:
                reason = "keine Internetadresse"
            if reason:
                raise UnsafeAddress(f"{host} führt zu {text}: {reason}" if text != host else reason)
        return found

    def connect(self, host: str, port: int, timeout: float | None) -> socket.socket:
        """Connect to the first address of the host that answers. Raises UnsafeAddress, or OSError like socket itself."""
        last: OSError | None = None
        for text in self.addresses(host, port):
            family = socket.AF_INET6 if ":" in text else socket.AF_INET
            connection = socket.socket(family, socket.SOCK_STREAM)
            try:
                connection.settimeout(timeout)
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                connection.connect((text, port))
            except OSError as error:
                connection.close()
                last = error
            else:
                return connection
        assert last is not None  # addresses() gives at least one
        raise last
