"""Status, headers and first bytes of a response come in; the problem that says what is wrong goes out, None where it is fine.

Which of the many ways of saying no a server has chosen decides who must act: the partner, the operator, or nobody but time.
"""

import re
import socket
import ssl
from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

import requests
from urllib3.exceptions import (
    DecodeError,
    IncompleteRead,
    LocationParseError,
    LocationValueError,
    NameResolutionError,
    NewConnectionError,
    SSLError,
)
from urllib3.exceptions import ProxyError as UrllibProxyError
from urllib3.exceptions import TimeoutError as UrllibTimeout

from connectors.body import CutOff
from schemas.problems import Problem

# "/wp-login.php", "/anmelden/", "/saml2/sso"
LOGIN_PATH = re.compile(
    r"/(wp-login\.php|log-?in|sign-?in|anmeld(en|ung)|einloggen|auth(enticate)?|sso|saml2?|oauth2?|adfs|cas)(/|$|\.)", re.I
)
# Pages that firewalls put in front of a site; each is a sign that the product itself writes
BOT_WALL = re.compile(
    rb"cf-challenge|challenges\.cloudflare\.com|cf-error-details|<title>just a moment|<title>attention required"
    rb"|_incapsula_resource|sucuri website firewall|ddos-guard|px-captcha|captcha-delivery\.com|g-recaptcha|hcaptcha\.com"
    rb"|wordfence"
    rb"|<title>access denied</title>.{0,2000}reference\s*&#35",
    re.I | re.S,
)
# WordPress, FROST and friends say in JSON that only members may read
MEMBERS_ONLY = re.compile(rb'"(rest_(forbidden|not_logged_in|cannot_\w+|login_required)|unauthorized|not_authenticated)"', re.I)


def to_problem(status: int, headers: Mapping[str, str], start: bytes, *, url: str, with_auth: bool = False) -> Problem | None:
    """Judge a response: `headers` with lower-case names, `start` the first bytes of its content."""
    if 200 <= status < 300 and status != 206:  # 206: a part, and we asked for the whole
        return Problem("bot_protected", value=url) if headers.get("cf-mitigated") == "challenge" else None
    match status:
        case 404:
            return Problem("not_found", value=url)
        case 410:
            return Problem("gone", value=url)
        case 401 | 407:
            return Problem("login_required", value=url)
        case 403 | 429 | 503 if headers.get("cf-mitigated") == "challenge" or BOT_WALL.search(start):
            return Problem("bot_protected", value=url)
        case 403 if with_auth or "www-authenticate" in headers or MEMBERS_ONLY.search(start):
            return Problem("login_required", value=url)
        case 429:
            return Problem("rate_limited", value=url)
        case _ if status >= 500:
            return Problem("http_5xx", value=url, note=str(status))
        case _:
            return Problem("http_error", value=url, note=str(status))


def leads_to_login(asked: str, answered: str, media_type: str) -> bool:
    """Tell whether redirects ended at a login page instead of the feed."""
    before, after = urlsplit(asked), urlsplit(answered)
    return (
        (before.netloc, before.path) != (after.netloc, after.path)
        and media_type in ("", "text/html", "application/xhtml+xml")
        and LOGIN_PATH.search(after.path) is not None
        and LOGIN_PATH.search(before.path) is None
    )


def to_network_problem(error: BaseException, url: str) -> Problem:
    """Say what a failed request was: an exception of requests, of urllib3, or of reading the body."""
    chain = list(_causes(error))
    for cause in chain:
        match cause:
            case NameResolutionError() | socket.gaierror():
                return Problem("dns", value=url)
            case ssl.SSLError():
                return Problem("tls", value=url, note=_certificate_fault(cause))
            case DecodeError():
                return Problem("broken_file", note="die gepackte Antwort ist beschädigt")
            case requests.exceptions.InvalidURL() | LocationParseError() | LocationValueError() | UnicodeError():
                return Problem("unsafe_url", value=url, note="keine gültige Adresse")
            case requests.exceptions.InvalidHeader():
                return Problem("bad_config", note="eine Kopfzeile enthält nicht sendbare Zeichen")
    if any(isinstance(cause, SSLError | requests.exceptions.SSLError) for cause in chain):
        return Problem("tls", value=url)
    timeouts = (TimeoutError, requests.exceptions.Timeout, UrllibTimeout)
    if any(isinstance(cause, timeouts) and not isinstance(cause, NewConnectionError) for cause in chain):
        return Problem("timeout", value=url)
    if any(isinstance(cause, IncompleteRead | CutOff) for cause in chain):
        return Problem("connection", value=url, note="die Antwort bricht vor ihrem Ende ab")
    if any(isinstance(cause, UrllibProxyError | requests.exceptions.ProxyError) for cause in chain):
        return Problem("connection", value=url, note="der eingestellte Proxy antwortet nicht")
    if any(isinstance(cause, ConnectionRefusedError) for cause in chain):
        return Problem("connection", value=url, note="die Verbindung wird abgelehnt")
    return Problem("connection", value=url)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """Walk down what an exception was made of: its arguments, urllib3's `reason`, its cause."""
    waiting: list[object] = [error]
    seen: set[int] = set()
    while waiting:
        cause = waiting.pop(0)
        if not isinstance(cause, BaseException) or id(cause) in seen:
            continue
        seen.add(id(cause))
        yield cause
        waiting += [*cause.args, getattr(cause, "reason", None), cause.__cause__, cause.__context__]


CERTIFICATE_FAULTS = {
    "expired": "das Zertifikat ist abgelaufen",
    "mismatch": "das Zertifikat gilt nicht für diesen Namen",
    "self-signed": "das Zertifikat ist selbst ausgestellt",
    "self signed": "das Zertifikat ist selbst ausgestellt",
    "unable to get": "ein Zwischenzertifikat fehlt oder der Aussteller ist unbekannt",
    "not yet valid": "das Zertifikat gilt noch nicht",
}


def _certificate_fault(error: ssl.SSLError) -> str:
    said = f"{getattr(error, 'verify_message', '')} {error}".lower()
    return next((german for sign, german in CERTIFICATE_FAULTS.items() if sign in said), error.reason or "")
