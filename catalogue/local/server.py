"""Bring up a real CKAN for this machine and hand out its address and token; stop it, look at it, empty it.

Every step may be cut off by a kill: what counts is only written once it is complete, and the next `up` starts from what it finds.
"""

import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from catalogue.local import content
from catalogue.local.account import Account, service_account
from catalogue.local.environment import described, prepared
from catalogue.local.errors import said_plainly
from catalogue.local.lock import held
from catalogue.local.pieces import Pieces, assembled
from catalogue.local.processes import shorten
from catalogue.local.site import INSIDE, cleared, found, kept_record, laid_out, settings, write_private

LANGUAGES = ("de", "en", "uk", "ar", "tr", "bg", "ro", "ru", "fr")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a CKAN is reached, and the token that may write there."""

    url: str
    token: str


@dataclass(frozen=True, slots=True)
class Status:
    """What runs: `pieces` maps postgres, redis and web to a process number or nothing."""

    running: bool
    url: str
    pieces: Mapping[str, int | None]
    version: str


class LocalCkan:
    """The CKAN of one state folder. Every method may be called at any time, also by several processes at once."""

    def __init__(
        self,
        state: Path,
        environment: Path,
        *,
        title: str,
        description: str = "",
        port: int = 5050,
        languages: Sequence[str] = LANGUAGES,
        say: Callable[[str], None] = lambda words: None,
    ) -> None:
        self.state, self.folder = Path(os.path.abspath(state)), Path(os.path.abspath(environment))
        self.title, self.description, self.port, self.languages, self.say = title, description, port, tuple(languages), say

    def up(self) -> Endpoint:
        """Bring everything up that is not, making what is missing; return address and token. Idempotent.

        Raises LocalCkanError with one German sentence where that cannot be.
        """
        with self.entered() as door:
            pieces = self.laid_out()
            self.bring_up(pieces, door)
            return Endpoint(pieces.site.url, kept_record(self.state).token or "")

    def down(self) -> None:
        """Stop whatever runs; the catalogue's content stays."""
        if found(self.state, self.port) is None:
            return
        with self.entered():
            site = found(self.state, self.port)
            if site is not None:
                assembled(site, described(self.folder)[0], self.account(), self.port).down()
                cleared(site)

    def status(self) -> Status:
        """Say what runs, without changing anything."""
        environment, numbers = described(self.folder)[0], dict.fromkeys(("postgres", "redis", "web"))
        with said_plainly(self.state):
            site = found(self.state, self.port)
            if site is not None:
                numbers = assembled(site, environment, self.account(), self.port).numbers()
        return Status(all(numbers.values()), f"http://127.0.0.1:{self.port}", numbers, environment.ckan_version)

    def reset(self) -> None:
        """Make the catalogue empty again: no datasets, no organisations, no files; address and token stay.

        Under a second; only the first time after a change of version it is built anew, with a new token.
        """
        with self.entered() as door:
            pieces = self.laid_out()
            self.bring_up(pieces, door)
            pieces.site.pending.touch()
            content.empty(pieces, door)
            self.bring_up(pieces, door)

    @contextmanager
    def entered(self) -> Iterator[int]:
        """Hold the state folder's lock, and turn refusals of the operating system into sentences."""
        with said_plainly(self.state):
            self.state.mkdir(parents=True, exist_ok=True)
            waiting = "Ein anderer Aufruf arbeitet gerade am lokalen CKAN; warte auf ihn …"
            with held(self.state / "landkarte.lock", self.say, waiting) as door:
                yield door

    def account(self) -> Account:
        """Return the account the servers run under."""
        return service_account(self.state.parent, self.folder, Path(sys.base_prefix), INSIDE, Path(tempfile.gettempdir()))

    def laid_out(self) -> Pieces:
        """Make what the servers stand on where it is missing: the environment, the folders."""
        environment = prepared(self.folder, self.say)
        account = self.account()
        return assembled(laid_out(self.state, account, self.port), environment, account, self.port)

    def bring_up(self, pieces: Pieces, door: int) -> None:
        """Start what does not run; build, finish or renew the databases where that is due."""
        site, record = pieces.site, kept_record(self.state)
        shorten(piece.log for piece in (pieces.postgres, pieces.redis, pieces.web))
        text = settings(site, record, pieces.environment, self.title, self.description, self.languages)
        current = site.ini.exists() and site.ini.read_text(encoding="utf-8") == text
        due = record.token is None or record.mark != pieces.environment.mark
        if current and not due and not site.pending.exists() and all(pieces.numbers().values()):
            return
        if due:  # what still runs is of another version
            pieces.down()
        if not current or due:
            pieces.web.down()
            write_private(site.ini, text, pieces.account)
        if not pieces.postgres.pid():
            pieces.web.down()  # it would answer with errors until it has noticed that each of its connections is dead
        pieces.web.vacate()  # before anything is started that would go on running for nothing
        self.say("Lokales CKAN wird gestartet …")
        pieces.postgres.make(door)
        pieces.postgres.up()
        pieces.redis.up()
        if record.token is None:
            self.say("Leerer Katalog wird angelegt (einmalig, wenige Sekunden) …")
            content.build(pieces, door)
        elif due:
            self.say(f"Katalog wird auf CKAN {pieces.environment.ckan_version} gebracht …")
            content.renew(pieces, door)
        elif site.pending.exists():
            content.empty(pieces, door)
        pieces.web.up()
