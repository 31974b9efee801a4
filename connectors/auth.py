"""How a source identifies itself and the secrets of the environment come in; an address and headers that carry the secret go out.

And the other way round: whatever leaves the request again (addresses, headers, bodies, problems, logs) passes through `redact`.
"""

import base64
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, quote_plus, urlencode, urlsplit, urlunsplit

from connectors.contract import Auth, SourceError
from schemas.problems import Problem

HIDDEN = "***"
SHORTEST = 6  # a shorter secret is no secret, and its letters stand in too many words to be blotted out


@dataclass(frozen=True, slots=True)
class Credentials:
    """What identifies us to one origin: headers, or a parameter of the address."""

    headers: Mapping[str, str] = field(default_factory=dict)
    parameter: tuple[str, str] | None = None
    words: tuple[str, ...] = ()  # every form in which the secret may turn up again

    def apply(self, url: str) -> str:
        """Put our parameter into an address, in the place of one of the same name."""
        if self.parameter is None:
            return url
        parts = urlsplit(self.withdraw(url))
        return urlunsplit(parts._replace(query="&".join(filter(None, (parts.query, urlencode([self.parameter]))))))

    def withdraw(self, url: str) -> str:
        """Take our parameter out of an address again, whatever its value is."""
        if self.parameter is None or "?" not in url:
            return url
        try:
            parts = urlsplit(url)
        except ValueError:  # no address at all: nothing was added to it
            return url
        pairs = parts.query.split("&")
        kept = [pair for pair in pairs if pair.partition("=")[0] not in (self.parameter[0], quote_plus(self.parameter[0]))]
        return urlunsplit(parts._replace(query="&".join(kept))) if len(kept) < len(pairs) else url

    def shown(self, url: str) -> str:
        """Give an address as anybody may see it."""
        return self.redact(self.withdraw(url))

    def redact(self, text: str) -> str:
        """Blot the secret out of a text."""
        for word in self.words:
            text = text.replace(word, HIDDEN)
        return text

    def redact_all(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """Blot the secret out of a body, also where it lies across two chunks: some servers repeat it in their links."""
        words = [word.encode() for word in self.words]
        if not words:
            yield from chunks
            return
        longest = max(len(word) for word in words)
        rest = b""
        for chunk in chunks:
            rest += chunk
            for word in words:
                rest = rest.replace(word, HIDDEN.encode())
            if len(rest) >= longest:
                cut = len(rest) - longest + 1
                yield rest[:cut]
                rest = rest[cut:]
        yield rest


def to_credentials(auth: Auth | None, secrets: Mapping[str, str]) -> Credentials:
    """Look up the secret a source names; raise SourceError `bad_config` where it is missing or cannot be sent."""
    if auth is None:
        return Credentials()
    secret = secrets.get(auth.secret, "")
    if not secret:
        raise SourceError(Problem("bad_config", note=f"Das Geheimnis LANDKARTE_SECRET_{auth.secret} ist nicht gesetzt"))
    if not (secret.isascii() and secret.isprintable()) and auth.kind in ("bearer", "header"):
        raise SourceError(Problem("bad_config", note=f"LANDKARTE_SECRET_{auth.secret} enthält nicht sendbare Zeichen"))
    if auth.kind in ("header", "query") and not auth.name:
        raise SourceError(Problem("bad_config", note=f"auth: Zu kind: {auth.kind} fehlt die Angabe name"))
    words = [secret, quote(secret, safe=""), quote_plus(secret)]
    match auth.kind:
        case "basic":
            pair = base64.b64encode(f"{auth.user}:{secret}".encode()).decode()
            return Credentials({"Authorization": f"Basic {pair}"}, words=_worth_hiding([*words, pair]))
        case "bearer":
            return Credentials({"Authorization": f"Bearer {secret}"}, words=_worth_hiding(words))
        case "header":
            return Credentials({auth.name: secret}, words=_worth_hiding(words))
        case "query":
            return Credentials(parameter=(auth.name, secret), words=_worth_hiding(words))


def _worth_hiding(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({word for word in words if len(word) >= SHORTEST}, key=len, reverse=True))
