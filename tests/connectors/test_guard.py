"""The guard reaches the public internet and nothing else, however an address is written and whatever a name server answers."""

import socket
from collections.abc import Callable
from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.context import RunContext
from connectors.contract import SourceError
from connectors.guard import Guard, UnsafeAddress, check_url, fault
from tests.connectors.site import Site, redirect


def words(text: str) -> list[str]:
    return text.split()


LOOPBACK_V4 = words("""
127.0.0.1 127.0.0.2 127.1 127.0.1 127.255.255.254 2130706433 0x7f000001 0x7f.0.0.1 0x7F.1 0x7f.0x0.0x0.0x1 0177.0.0.1
0177.0.0.01 00000177.0.0.1 017700000001 0x7f.1 127.0x1 127.0.0.0x1 0x7f.0.1 0177.1 127.00.00.01
１２７.0.0.1 127。0。0。1 ①②⑦.⓪.⓪.① 127．0．0．1 localhost LOCALHOST ⓛⓞⓒⓐⓛⓗⓞⓢⓣ
""")
FORBIDDEN_V4 = words("""
0 0.0.0.0 0.1 0.0.0.1 0.255.255.255 0x0 00 10.0.0.1 10.1 10.255.255.255 0x0a000001 0xa.0.0.1 012.0.0.1 012.1 167772161
168.63.129.16 0xa83f8110 100.100.100.200
100.64.0.1 100.127.255.254 1681915905 169.254.0.1 169.254.169.254 169.254.169.253 0xa9fea9fe 0xa9.0xfe.0xa9.0xfe 2852039166
0251.0376.0251.0376 0251.254.169.254 169.254.43518 169.16689662 172.16.0.1 172.31.255.254 172.20.1 0xac100001 2886729729
192.0.0.1 192.0.0.170 192.0.0.192 192.0.2.1 192.31.196.1 192.52.193.1 192.88.99.1 192.168.0.1 192.168.1 192.168.255.255
0xc0a80001 0300.0250.0.1 3232235521 192.11010049 192.175.48.1 198.18.0.1 198.19.255.255 198.51.100.1 203.0.113.1 224.0.0.1
224.0.0.251 232.1.1.1 239.255.255.250 240.0.0.1 250.1.2.3 255.255.255.254 255.255.255.255 0xffffffff 4294967295
""")
FORBIDDEN_V6 = words("""
 :: ::1 0:0:0:0:0:0:0:1 0000:0000:0000:0000:0000:0000:0000:0001 ::127.0.0.1 ::7f00:1 ::10.0.0.1 ::192.168.0.1 ::8.8.8.8
::808:808 ::ffff:127.0.0.1 ::ffff:7f00:1 0:0:0:0:0:ffff:127.0.0.1 0:0:0:0:0:FFFF:7F00:0001 ::ffff:10.0.0.1 ::ffff:a00:1
::ffff:169.254.169.254 ::ffff:a9fe:a9fe ::ffff:192.168.1.1 ::ffff:172.16.0.1 ::ffff:0.0.0.0 ::ffff:8.8.8.8 ::ffff:100.64.0.1
::ffff:0:127.0.0.1 ::ffff:0:a00:1 64:ff9b::127.0.0.1 64:ff9b::7f00:1 64:ff9b::10.0.0.1 64:ff9b::a9fe:a9fe 64:ff9b::8.8.8.8
64:ff9b:1::1 64:ff9b:1:fffe:10:0:0:1 100::1 100:0:0:1::1 2001::1 2001:0:4136:e378:8000:63bf:3fff:fdd2 2001:2::1 2001:3::1
2001:10::1 2001:20::1 2001:1::1 2001:db8::1 2001:db8:ffff::1 2002:7f00:1::1 2002:a00:1:: 2002:c0a8:101::1 2002:a9fe:a9fe::1
2002:808:808::1 3fff::1 3fff:fff::1 4000::1 5f00::1 8000::1 fc00::1 fc00:: fd00::1 fd12:3456:789a::1 fdff:ffff::1 fe00::1
fe80::1 fe80::1:2 febf::1 fec0::1 fed0::1 feff::1 ff00::1 ff02::1 ff02::fb ff05::1 ff0e::1
ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff
""")
FORBIDDEN_URLS = [
    "file:///etc/passwd", "ftp://example.org/a.csv", "gopher://127.0.0.1:6379/_INFO", "dict://127.0.0.1:11211/stat",
    "ldap://example.org/", "sftp://example.org/", "data:text/csv,a", "javascript:alert(1)", "jar:http://example.org!/", "netdoc:///etc",
    "//example.org/a.csv", "/etc/passwd", "example.org", "", "http:", "http://", "http:///a.csv", "https://?a", "http://:80/",
    "http://user@example.org/", "http://user:pass@example.org/", "http://example.org@127.0.0.1/", "http://127.0.0.1@example.org/",
    "http://example.org:80@10.0.0.1/", "http://@example.org/", "http://example.org\\@127.0.0.1/", "http:\\\\127.0.0.1\\a",
    "http://exa\tmple.org/", "http://example.org/a b", "http://example.org\r\nHost: a/", "http://example.org/\x00", "http://[::1",
    "http://[fe80::1%25lo]/", "http://[fe80::1%lo]/", "http://[::1%25eth0]/", "http://example.org:99999/", "http://example.org:-1/",
    "http://example.org:abc/", "http://example.org:22/", "http://example.org:25/", "https://example.org:465/", "http://example.org:0/",
    "http://example.org:6667/", "http://.", "http://...", "http://[v1.fe80::a]/", "http://[]/", "http://[.]/",
    "http://127.0.0.1%2f@example.org/", "blob:http://a/",
    "http://[::ffff:127.1]/", "unix:/run/x.sock", "http+unix://%2Frun%2Fx.sock/", "http://example.org:80:22/", "view-source:http://a/",
    "http:/example.org/", "http:example.org", "ws://example.org/", "smb://10.0.0.1/a", "nfs://10.0.0.1/a", "tftp://10.0.0.1/a",
    "\\\\10.0.0.1\\a", "http://ex\u00adample.org@10.0.0.1/",
]  # fmt: skip


def never(host: str, port: int) -> list[str]:
    raise AssertionError(f"{host} must not be resolved")


def test_the_corpus_is_large_enough() -> None:
    """At least 150 forbidden addresses are tried, in every notation."""
    assert len(LOOPBACK_V4) + len(FORBIDDEN_V4) + len(FORBIDDEN_V6) + len(FORBIDDEN_URLS) >= 150


@pytest.mark.parametrize("host", [*LOOPBACK_V4, *FORBIDDEN_V4, *(f"[{address}]" for address in FORBIDDEN_V6)])
def test_a_forbidden_address_is_refused_before_a_socket_is_opened(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The system's own resolver reads every notation; whatever it makes of it is refused, or it is no address at all."""
    monkeypatch.setattr(socket.socket, "connect", never)
    with pytest.raises((UnsafeAddress, socket.gaierror)) as raised:
        Guard().connect(host, 80, 1.0)
    assert raised.type is UnsafeAddress or not host.isascii()


@pytest.mark.parametrize(
    "host", FORBIDDEN_V4 + [f"[{address}]" for address in FORBIDDEN_V6 if ip_address(address) != ip_address("::1")]
)
def test_the_setting_for_loopback_opens_nothing_else(host: str) -> None:
    """With loopback allowed every other forbidden address stays forbidden, also loopback inside another notation of IPv6."""
    with pytest.raises(UnsafeAddress):
        Guard(allow_loopback=True).addresses(host, 80)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "127.8.8.8"])
def test_the_setting_for_loopback_opens_loopback(host: str) -> None:
    """The demo and the tests reach this machine."""
    assert Guard(allow_loopback=True).addresses(host, 8000)


@pytest.mark.parametrize("url", FORBIDDEN_URLS)
def test_a_forbidden_url_is_refused_before_its_name_is_resolved(url: str, context: Callable[..., RunContext]) -> None:
    """Other schemes, credentials in the address, odd ports and tricks of notation never reach a resolver."""
    with pytest.raises(SourceError) as raised:
        context(resolver=never).fetch(url if url.strip() == url and " " not in url else f"{url}\x01")
    assert raised.value.problem.code == "unsafe_url"
    assert raised.value.problem.owner == "operator"


@pytest.mark.parametrize(
    "url", ["http://example.org", "https://EXAMPLE.org:8443/a?b=c#d", "http://[2a00:1450::5]/", "https://münchen.de/ä"]
)
def test_an_ordinary_url_is_fine(url: str) -> None:
    """What partners have passes."""
    assert check_url(url)


@pytest.mark.parametrize(
    "address",
    [
        "8.8.8.8",
        "1.1.1.1",
        "93.184.216.34",
        "100.63.255.255",
        "100.128.0.1",
        "172.32.0.1",
        "168.63.129.15",
        "2a00:1450:4001:80b::200e",
    ],
)
def test_a_public_address_is_fine(address: str) -> None:
    """The neighbours of forbidden blocks are not forbidden."""
    assert fault(ip_address(address)) is None


def test_one_forbidden_address_among_several_refuses_the_name() -> None:
    """A name with a public and a private address is refused whole: who connects next may get the other."""
    guard = Guard(resolver=lambda host, port: ["93.184.216.34", "10.0.0.7"])
    with pytest.raises(UnsafeAddress, match=r"10\.0\.0\.7"):
        guard.connect("both.example.org", 443, 1.0)


def test_a_second_look_up_has_no_chance(site: Site) -> None:
    """The connection goes to the address that was checked: a name that answers differently a moment later is asked only once."""
    answers = iter([["127.0.0.1"], ["10.0.0.1"]])
    guard = Guard(allow_loopback=True, resolver=lambda host, port: next(answers))
    with guard.connect("rebinding.example.org", site.port, 1.0) as connection:
        assert connection.getpeername() == ("127.0.0.1", site.port)
    assert next(answers) == ["10.0.0.1"]


def test_the_name_stays_in_the_request(site: Site, context: Callable[..., RunContext]) -> None:
    """Though the connection goes to an address, the server is asked by its name."""
    site.pages["/a.csv"] = b"Titel\n"
    ctx = context(resolver=lambda host, port: ["127.0.0.1"], settings={"min_interval": 0.0})
    assert ctx.fetch(f"http://feeds.example.org:{site.port}/a.csv").read() == b"Titel\n"
    assert site.requests[-1].headers["host"] == f"feeds.example.org:{site.port}"


INWARD = [*FORBIDDEN_V4[::6], *(f"[{address}]" for address in FORBIDDEN_V6[::6])]


@pytest.mark.parametrize("host", INWARD)
def test_every_class_is_refused_as_the_target_of_a_redirect(host: str, site: Site, context: Callable[..., RunContext]) -> None:
    """Also behind a second redirect, and though this machine itself is allowed."""
    site.pages["/weg"] = redirect(f"{site.url}/weiter")
    site.pages["/weiter"] = redirect(f"http://{host}/")
    with pytest.raises(SourceError) as raised:
        context().fetch(f"{site.url}/weg")
    assert raised.value.problem.code == "unsafe_url"


def test_a_name_that_is_private_at_the_second_request_is_refused(site: Site, context: Callable[..., RunContext]) -> None:
    """Each connection is checked with the answer it uses: what was public a moment ago opens no door now."""
    site.pages["/robots.txt"] = redirect(f"http://rebinding.example.org:{site.port}/r")
    answers = iter([["127.0.0.1"]] * 1)
    ctx = context(resolver=lambda host, port: next(answers, ["10.0.0.1"]), settings={"min_interval": 0.0})
    with pytest.raises(SourceError) as raised:
        ctx.fetch(f"http://feeds.example.org:{site.port}/a.csv")
    assert raised.value.problem.code == "unsafe_url"


@pytest.mark.parametrize(
    "answers",
    [
        ["10.0.0.1"],
        ["93.184.216.34", "::1"],
        ["::ffff:10.0.0.1"],
        ["fe80::1%eth0"],
        ["not an address"],
        ["93.184.216.34"] * 9 + ["127.0.0.1"],
    ],
)
def test_no_answer_of_a_name_server_opens_a_door(answers: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """One bad address among many, an address with a zone, nonsense: the name is refused before a socket is made."""
    monkeypatch.setattr(socket.socket, "connect", never)
    with pytest.raises(UnsafeAddress):
        Guard(resolver=lambda host, port: answers).connect("name.example.org", 443, 1.0)


@pytest.mark.parametrize(
    "target",
    words("http://10.0.0.1/ http://169.254.169.254/latest/meta-data/ file:///etc/passwd //[::ffff:10.0.0.1]/ http://2886729729/")
    + words("ftp://127.0.0.1/ http://user:pass@127.0.0.1/"),
)
def test_a_redirect_leads_nowhere_an_address_may_not(target: str, site: Site, context: Callable[..., RunContext]) -> None:
    """Every hop is checked like the first one."""
    site.pages["/weg"] = redirect(target)
    with pytest.raises(SourceError) as raised:
        context().fetch(f"{site.url}/weg")
    assert raised.value.problem.code == "unsafe_url"


def test_without_the_setting_loopback_stays_closed(site: Site, context: Callable[..., RunContext]) -> None:
    """A partner's file cannot make us ask ourselves."""
    with pytest.raises(SourceError) as raised:
        context(settings={"allow_loopback": False}).fetch(f"{site.url}/a.csv")
    assert raised.value.problem.code == "unsafe_url"
    assert raised.value.problem.value == f"{site.url}/a.csv"
    assert site.requests == []


def test_proxies_of_the_environment_are_ignored(
    site: Site, context: Callable[..., RunContext], monkeypatch: pytest.MonkeyPatch
) -> None:
    """HTTP_PROXY would send our requests past the guard."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://10.9.9.9:3128")
    site.pages["/a.csv"] = b"Titel\n"
    assert context().fetch(f"{site.url}/a.csv").size == 6


def test_through_a_proxy_forbidden_addresses_stay_forbidden(site: Site, context: Callable[..., RunContext]) -> None:
    """The proxy that a setting names connects in our stead; what we can tell beforehand we refuse beforehand."""
    ctx = context(settings={"proxy": site.url, "allow_loopback": False})
    for host in ("10.0.0.1", "2130706433", "[::1]"):
        with pytest.raises(SourceError) as raised:
            ctx.fetch(f"http://{host}/a.csv")
        assert raised.value.problem.code == "unsafe_url"
    assert site.requests == []


def test_a_proxy_of_the_settings_is_used(site: Site, context: Callable[..., RunContext]) -> None:
    """A house whose machines reach the internet through a proxy only can name it."""
    site.pages["http://example.org/a.csv"] = b"Titel\n"

    def unknown(host: str, port: int) -> list[str]:
        raise socket.gaierror(socket.EAI_NONAME, "no name server here")

    ctx = context(settings={"proxy": site.url, "min_interval": 0.0}, resolver=unknown)
    assert ctx.fetch("http://example.org/a.csv").read() == b"Titel\n"


@given(st.ip_addresses())
def test_what_the_guard_lets_through_is_global(address: object) -> None:
    """Python's own idea of a global address is never stricter than the guard."""
    parsed = ip_address(str(address))
    if fault(parsed) is None:
        assert parsed.is_global and not parsed.is_multicast


@given(st.text(max_size=80))
def test_any_text_is_judged(text: str) -> None:
    """No text makes the check itself fail."""
    for url in (text, f"http://{text}", f"https://{text}/a"):
        try:
            assert check_url(url)
        except UnsafeAddress as unsafe:
            assert unsafe.reason
