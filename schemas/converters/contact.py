"""A telephone number, mail or web address in a partner's words comes in; E.164, one plain address or an http(s) URL goes out."""

import re
from html import unescape
from typing import Any
from urllib.parse import quote, urljoin, urlsplit, urlunsplit

import phonenumbers

from schemas.converters.answer import Convert, Setting, doubt
from schemas.converters.text import one_text

PHONE_LABEL = re.compile(  # "Tel.: ", "Telefonnummer ", "tel:"
    r"(?:telefon(?:nummer)?|tel|fon|phone|ruf(?:nummer)?|mobil|handy|hotline)\b\.?(?:\s?(?:nr\.?|-?nummer))?\s*:?\s*|tel:",
    re.IGNORECASE,
)
PHONE_COMMENT = re.compile(r"\s*\([^()0-9]*\)$")  # " (Sekretariat)"
# "App. 56", "Durchwahl: 12"
EXTENSION = re.compile(r"[\s,;]*(?:durchwahl|app(?:arat)?\.?|ext(?:ension)?\.?|dw\.?)\s*:?\s*[0-9]{1,6}\.?", re.IGNORECASE)
# what stands between several numbers; a slash only before another area code
NUMBERS = re.compile(r"\s*[,;|\n]\s*|\s+(?:oder|und|or|bzw\.)\s+|\s*/\s*(?=(?:\+|00?)[1-9][0-9]{2,4}[\s/-])", re.IGNORECASE)
COUNTRY = re.compile(r"\s*(?:\+|00)\s*49\s*(?:\(\s*0\s*\))?")  # "+49 (0)"
WHOLE = 7  # digits without country that no area code has: what stands behind a slash then is another ending or number
NUMBER = re.compile(r"(?:\+|00|\(0|\(\+|0)[0-9\s()/.\-–+]{4,30}")  # with area code, else nobody can call it

# "info (at) x.de", duisburg.de's info⚹duisburg◦de
AT = re.compile(r"\s*(?:[\[({<]\s*(?:at|ät|@)\s*[\])}>]|⚹|\s(?:at|ät)\s|&#0*64;)\s*", re.IGNORECASE)
DOT = re.compile(r"\s*(?:[\[({]\s*(?:dot|punkt|\.)\s*[\])}]|◦|\s(?:dot|punkt)\s)\s*", re.IGNORECASE)
EMAIL = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,24}"
)
NAMED = re.compile(r".*<([^<>]+@[^<>]+)>")  # "Integration <info@x.de>"
MAILS = re.compile(r"\s*[,;|\n]\s*|\s+(?:oder|und|or|/)\s+")

HOST = re.compile(
    r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]|localhost|[0-9]{1,3}(?:\.[0-9]{1,3}){3}"
    r"|\[[0-9a-f:.]+\]",
    re.IGNORECASE,
)
# most addresses are as they should be, and need no second look
FINE_URL = re.compile(
    r"https?://(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,24}"
    r"(?:/[A-Za-z0-9/._~!$&'()*+,;=:@-]*(?:\?[A-Za-z0-9/._~!$&'()*+,;=:@?-]*)?)?"
)
SAFE = "%:/@!$&'()*+,;=~-._?"  # RFC 3986 lets these stand in paths, queries and fragments
BAD_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
RELATIVE = ("/", "./", "../", "?")
LONGEST_URL = 2000


def to_phone(argument: Any, setting: Setting) -> Convert:
    """Make `phone`: E.164, +492032834567. Numbers without area code are none; of several the first is taken and said so."""
    region = setting.region if argument is None else argument
    if not isinstance(region, str) or region not in phonenumbers.SUPPORTED_REGIONS:
        raise ValueError(f"phone kennt das Land ‚{region}‘ nicht; zum Beispiel phone: DE")

    def phone(value: Any) -> Any:
        text = one_text(value)
        if type(text) is not str:
            return text
        bare = PHONE_COMMENT.sub("", PHONE_LABEL.sub("", text)).strip(" .")
        pieces = [piece for many in NUMBERS.split(bare) for piece in _split_endings(many) if piece]
        numbers = [read_phone(piece, region) for piece in pieces[:5]]
        if not pieces or numbers[0] is None:
            return doubt("bad_phone", text)
        if len(pieces) > 1 and numbers[1:] != numbers[:1] * (len(pieces) - 1):
            return doubt("partly_taken", text, "die erste Nummer", kept=numbers[0])
        if EXTENSION.search(bare):
            return doubt("partly_taken", text, "die Nummer ohne Durchwahl", kept=numbers[0])
        return numbers[0]

    return phone


def _split_endings(text: str) -> list[str]:
    """Divide "0203 2834567/68" at the slash, "0203/2834567" not."""
    for slash in re.finditer("/", text):
        if len(re.sub(r"\D", "", COUNTRY.sub("", text[: slash.start()], count=1)).lstrip("0")) >= WHOLE:
            return [text[: slash.start()].strip(), text[slash.end() :].strip()]
    return [text]


def read_phone(text: str, region: str) -> str | None:
    """Read one telephone number with its area code; None where it is none or cannot be dialled."""
    text = EXTENSION.sub("", text)
    if not NUMBER.fullmatch(text):
        return None
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def to_email(argument: Any, setting: Setting) -> Convert:
    """Make `email`: one address. Disguises are taken off, names before it dropped; of several the first is taken and said so."""
    if argument is not None:
        raise ValueError("email braucht keine Angabe")

    def email(value: Any) -> Any:
        text = one_text(value)
        if type(text) is not str:
            return text
        mails = [read_email(piece) for piece in MAILS.split(unescape(text)) if piece]
        if not mails or mails[0] is None:
            return doubt("bad_email", text)
        if any(mail != mails[0] for mail in mails):
            return doubt("partly_taken", text, "die erste Adresse", kept=mails[0])
        return mails[0]

    return email


def read_email(text: str) -> str | None:
    """Read one mail address, disguised or not; None where it is none. The domain is written small and in ASCII."""
    text = text.strip()
    if text[:7].lower() == "mailto:":
        text = text[7:].partition("?")[0]
    text = re.sub(r"^e-?mail:?\s*", "", text, flags=re.IGNORECASE)
    if named := NAMED.fullmatch(text):
        text = named[1].strip()
    local, at, domain = DOT.sub(".", AT.sub("@", text)).strip(" .,;").partition("@")
    if not at or not local or len(local) > 64:
        return None
    ascii_domain = to_ascii_host(domain)
    mail = f"{local}@{ascii_domain}"
    return mail if ascii_domain and len(mail) <= 254 and EMAIL.fullmatch(mail) else None


def to_ascii_host(host: str) -> str | None:
    """Write a host name small and in ASCII (müller.de is xn--mller-kva.de); None where it is no host name."""
    if not host.isascii():
        try:
            host = host.encode("idna").decode("ascii")
        except UnicodeError:
            return None
    host = host.lower().removesuffix(".")
    return host if len(host) <= 253 and HOST.fullmatch(host) else None


def to_url(argument: Any, setting: Setting) -> Convert:
    """Make `url`: an absolute http(s) address in ASCII.

    Without a scheme only www. is one; /relative is taken from the source's address.
    """
    if argument is not None:
        raise ValueError("url braucht keine Angabe")

    def url(value: Any) -> Any:
        if type(value) is str and len(value) <= LONGEST_URL and FINE_URL.fullmatch(value):
            return value
        text = one_text(value)
        if type(text) is not str:
            return text
        return read_url(text, setting.base_url) or doubt("bad_url", text)

    return url


def read_url(text: str, base_url: str = "") -> str | None:
    """Read one web address; None where it is none, is not http(s), or carries a name and password."""
    if text[:4].lower() == "www.":
        text = f"https://{text}"
    elif text.startswith(RELATIVE) and base_url:
        try:
            text = urljoin(base_url, text)
        except ValueError:
            return None
    if " " in text or text[:8].lower().startswith(("http://", "https://")) is False:
        return None
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError:  # "https://[oops/", a port that is no number
        return None
    if parts.username is not None or parts.password is not None or not host:
        return None
    ascii_host = to_ascii_host(f"[{host}]" if ":" in host else host)
    if ascii_host is None:
        return None
    netloc = ascii_host if port is None else f"{ascii_host}:{port}"
    url = urlunsplit((parts.scheme.lower(), netloc, _escaped(parts.path), _escaped(parts.query), _escaped(parts.fragment)))
    return url if len(url) <= LONGEST_URL else None


def _escaped(piece: str) -> str:
    return quote(BAD_PERCENT.sub("%25", piece), safe=SAFE) if piece else piece
