"""Bring up a real CKAN for this machine and hand out its address and token; stop it, look at it, empty it.

Every step may be cut off by a kill: what counts is only written once it is complete, and the next `up` starts from what it finds.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from catalogue.local.account import Account, service_account
from catalogue.local.environment import Environment, described, prepared
from catalogue.local.errors import LocalCkanError, does_not_start, full_disk, said_plainly
from catalogue.local.lock import held
from catalogue.local.postgres import Postgres
from catalogue.local.processes import shorten
from catalogue.local.redis import Redis
from catalogue.local.site import (
    INSIDE,
    PLUGINS,
    Record,
    Site,
    cleared,
    found,
    laid_out,
    read_record,
    settings,
    write_private,
    write_record,
)
from catalogue.local.web import Web

PASSED_ON = ("PATH", "TZ", "TMPDIR", "LD_LIBRARY_PATH")  # nothing else: CKAN, PostgreSQL and Python read settings from there
LANGUAGES = ("de", "en", "uk", "ar", "tr", "bg", "ro", "ru", "fr")
NEEDED_BYTES = 150_000_000


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


@dataclass(frozen=True, slots=True)
class Pieces:
    """One site with its three servers."""

    site: Site
    environment: Environment
    account: Account
    postgres: Postgres
    redis: Redis
    web: Web
    variables: dict[str, str]

    def down(self) -> None:
        """Stop all three, who asks before who answers."""
        self.web.down()
        self.redis.down()
        self.postgres.down()


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
            token = self.record().token
        if token is None:
            raise LocalCkanError(f"{self.state / 'site.json'} wurde währenddessen verändert; bitte den Befehl wiederholen.")
        return Endpoint(pieces.site.url, token)

    def down(self) -> None:
        """Stop whatever runs; the catalogue's content stays."""
        if found(self.state, self.port) is None:
            return
        with self.entered():
            site = found(self.state, self.port)
            if site is None:
                return
            pieces = self.pieces(site, described(self.folder)[0], self.account())
            pieces.down()
            cleared(site)

    def status(self) -> Status:
        """Say what runs, without changing anything."""
        environment, site = described(self.folder)[0], found(self.state, self.port)
        if site is None:
            nothing = {"postgres": None, "redis": None, "web": None}
            return Status(False, f"http://127.0.0.1:{self.port}", nothing, environment.ckan_version)
        pieces = self.pieces(site, environment, self.account())
        numbers = {"postgres": pieces.postgres.pid(), "redis": pieces.redis.pid(), "web": pieces.web.pid()}
        return Status(all(numbers.values()), site.url, numbers, environment.ckan_version)

    def reset(self) -> None:
        """Make the catalogue empty again: no datasets, no organisations, no files; address and token stay.

        Under a second; only the first time after a change of version it is built anew, with a new token.
        """
        with self.entered() as door:
            pieces = self.laid_out()
            self.bring_up(pieces, door)
            self.pending.touch()
            self.empty(pieces, door)
            self.bring_up(pieces, door)

    def record(self) -> Record:
        """Return what the state folder remembers now."""
        record = read_record(self.state)
        if record is None:
            raise LocalCkanError(f"{self.state / 'site.json'} ist verschwunden; bitte den Befehl wiederholen.")
        return record

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
        return self.pieces(laid_out(self.state, account, self.port), environment, account)

    def pieces(self, site: Site, environment: Environment, account: Account) -> Pieces:
        """Put the three servers of a site together."""
        variables = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
        variables |= {"LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "HOME": str(site.run), "CKAN_INI": str(site.ini)}
        variables |= {"PYTHONPATH": str(PLUGINS), "PYTHONDONTWRITEBYTECODE": "1", "PYTHONUTF8": "1"}
        postgres = Postgres(site, environment, account, variables)
        redis = Redis(site, environment, account, variables)
        web = Web(site, environment, account, variables, self.port)
        return Pieces(site, environment, account, postgres, redis, web, variables)

    def bring_up(self, pieces: Pieces, door: int) -> None:
        """Start what does not run; build, finish or renew the databases where that is due."""
        record, site = self.record(), pieces.site
        shorten(piece.log for piece in (pieces.postgres, pieces.redis, pieces.web))
        text = settings(site, record, pieces.environment, self.title, self.description, self.languages)
        current = site.ini.exists() and site.ini.read_text(encoding="utf-8") == text
        due = record.token is None or record.mark != pieces.environment.mark
        settled = current and not due and not self.pending.exists()
        if settled and pieces.postgres.pid() and pieces.redis.pid() and pieces.web.pid():
            return
        if due:  # what still runs is of another version
            pieces.down()
        if not current or due:
            pieces.web.down()
            write_private(site.ini, text, pieces.account)
        self.say("Lokales CKAN wird gestartet …")
        pieces.postgres.make(door)
        pieces.postgres.up()
        pieces.redis.up()
        if record.token is None:
            self.build(pieces, door)
        elif due:
            self.renew(pieces, door, record)
        elif self.pending.exists():
            self.empty(pieces, door)
        pieces.web.up()

    @property
    def pending(self) -> Path:
        """The sign that a reset began and has not ended."""
        return self.state / "reset.pending"

    def build(self, pieces: Pieces, door: int) -> None:
        """Make an empty catalogue from nothing; whatever an attempt cut off earlier left behind is thrown away."""
        if shutil.disk_usage(self.state).free < NEEDED_BYTES:
            raise full_disk(self.state)
        self.say("Leerer Katalog wird angelegt (einmalig, wenige Sekunden) …")
        pieces.web.down()
        pieces.postgres.blank(door)
        answer = self.inside(pieces, door, "new")
        pieces.postgres.script(door, answer["permissions"])
        pieces.postgres.close_to_readers(door)
        pieces.postgres.remember_empty(door)
        self.clear_files(pieces)
        write_record(self.state, replace(self.record(), token=answer["token"], mark=pieces.environment.mark))
        self.pending.unlink(missing_ok=True)

    def renew(self, pieces: Pieces, door: int, record: Record) -> None:
        """Bring the databases up to another version of CKAN; the content stays."""
        self.say(f"Katalog wird auf CKAN {pieces.environment.ckan_version} gebracht …")
        answer = self.inside(pieces, door, "renew")
        pieces.postgres.script(door, answer["permissions"])
        pieces.postgres.forget_empty(door)
        write_record(self.state, replace(record, mark=pieces.environment.mark))

    def empty(self, pieces: Pieces, door: int) -> None:
        """Put the empty databases back; where there are none (after a change of version), build anew."""
        if not pieces.postgres.has_empty(door):
            write_record(self.state, replace(self.record(), token=None))
            self.build(pieces, door)
            return
        pieces.postgres.restore_empty(door)
        self.clear_files(pieces)
        self.pending.unlink(missing_ok=True)

    def clear_files(self, pieces: Pieces) -> None:
        """Remove uploaded files and everything Redis remembers."""
        for entry in pieces.site.storage.iterdir():
            shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
        pieces.redis.clear()

    def inside(self, pieces: Pieces, door: int, task: str) -> dict[str, str]:
        """Run `inside/bootstrap.py` with CKAN's own Python; return its answer."""
        log = pieces.site.logs / "bootstrap.log"
        command = pieces.account.command(pieces.environment.python, INSIDE / "bootstrap.py", task)
        with log.open("wb") as said:
            done = subprocess.run(
                command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=said, cwd="/", env=pieces.variables,
                pass_fds=(door,), check=False,
            )
        try:
            answer: dict[str, str] = json.loads(done.stdout.splitlines()[-1])
        except (ValueError, IndexError):
            raise does_not_start("CKAN", log, "Error") from None
        return answer
