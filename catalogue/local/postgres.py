"""The database of the local CKAN: make it, start it, stop it, ask it. Reached by a unix socket only, known by account (peer)."""

import shutil
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from catalogue.local.account import Account
from catalogue.local.environment import Environment
from catalogue.local.errors import NO_SPACE, LocalCkanError, does_not_start, full_disk, last_line
from catalogue.local.processes import marked, recorded, start, stop
from catalogue.local.site import Site

READY_LINE = 8  # of postmaster.pid: "ready" once connections are taken
START_SECONDS = 60.0  # a database killed in the middle replays its log first
ROLES = ("ckan", "ckan_ro")
# database, its empty copy, its owner
DATABASES = (("ckan", "ckan_empty"), ("ckan_ds", "ckan_ds_empty"))
# The DataStore indexes with the default configuration and asks with `ckan.datastore.default_fts_lang`: both must be German.
SETTINGS = """\
listen_addresses = ''
unix_socket_directories = '{run}'
unix_socket_permissions = 0700
max_connections = 80
shared_buffers = 64MB
max_wal_size = 512MB
fsync = on
log_min_error_statement = panic
log_line_prefix = '%m '
timezone = 'UTC'
default_text_search_config = 'pg_catalog.german'
"""


class Postgres:
    """PostgreSQL of one site."""

    def __init__(self, site: Site, environment: Environment, account: Account, variables: dict[str, str]) -> None:
        self.site, self.programs, self.account, self.variables = site, environment.postgres, account, variables
        self.log = site.logs / "postgres.log"
        self.numbers = site.database / "postmaster.pid"
        self.mark = ("-D", str(site.database))

    def pid(self) -> int | None:
        """Return the server's process number if it runs and takes connections."""
        pid = recorded(self.numbers, self.mark)
        return pid if pid and self.taking_connections() else None

    def taking_connections(self) -> bool:
        """Say whether the running server is through with starting."""
        try:
            lines = self.numbers.read_text().splitlines()
        except OSError:
            return False
        ready = len(lines) >= READY_LINE and lines[READY_LINE - 1].startswith("ready")
        return ready and (self.site.run / ".s.PGSQL.5432").exists()

    def make(self, door: int) -> None:
        """Make the data folder where it is missing: aside first, so that a killed attempt leaves nothing half-made."""
        version = self.site.database / "PG_VERSION"
        if version.exists():
            ours = subprocess.run([self.programs / "postgres", "--version"], capture_output=True, text=True, check=True).stdout
            if f" {version.read_text().strip()}." not in ours:
                older = version.read_text().strip()
                raise LocalCkanError(
                    f"{self.site.database} stammt von PostgreSQL {older}, mitgeliefert ist {ours.split()[-1]};"
                    f" bitte {self.site.state} löschen und neu veröffentlichen."
                )
            return
        aside = self.site.state / "postgres.new"
        shutil.rmtree(aside, ignore_errors=True)
        aside.mkdir(mode=0o700)
        self.account.own(aside)
        command = (self.programs / "initdb", "-D", aside, "-A", "peer", "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8")
        self.ask_for(command, door, "PostgreSQL lässt sich nicht einrichten")
        aside.rename(self.site.database)

    def ask_for(self, command: Sequence[str | Path], door: int, complaint: str, text: str = "") -> str:
        """Run one of PostgreSQL's programs; return what it answers, raise `complaint` with its last line."""
        done = subprocess.run(
            self.account.command(*command),
            input=text,
            capture_output=True,
            text=True,
            errors="replace",
            cwd="/",
            env=self.variables,
            pass_fds=(door,),
            check=False,
        )
        if done.returncode == 0:
            return done.stdout
        with self.log.open("a", encoding="utf-8") as log:
            log.write(done.stdout + done.stderr)
        if NO_SPACE.search(done.stderr):
            raise full_disk(self.site.state)
        said = next((line.strip() for line in reversed(done.stderr.splitlines()) if line.strip()), "ohne Meldung")
        raise LocalCkanError(f"{complaint} ({said}); das ganze Protokoll liegt in {self.log}.")

    def up(self) -> None:
        """Start the server unless it runs; wait until it takes connections."""
        if self.pid():
            return
        self.configure()
        until = time.monotonic() + START_SECONDS
        while not self.pid():
            stop(marked(self.mark), self.mark, gently=signal.SIGINT)
            # Nothing of ours runs any more: a number left behind would only be mistaken for a stranger's process.
            for left in (self.numbers, *self.site.run.glob(".s.PGSQL.*")):
                left.unlink(missing_ok=True)
            command = self.account.command(self.programs / "postgres", "-D", self.site.database)
            server = start(command, self.log, self.variables)
            while server.poll() is None and not self.pid():
                if time.monotonic() > until:
                    raise does_not_start("PostgreSQL", self.log, "FATAL")
                time.sleep(0.02)
            if server.poll() is not None:
                # After a kill the old server's children may hold its memory for a moment: then try again.
                if "still in use" not in last_line(self.log, "FATAL") or time.monotonic() > until:
                    raise does_not_start("PostgreSQL", self.log, "FATAL")
                time.sleep(0.5)

    def configure(self) -> None:
        """Write the server's settings and who may come in: the services' account and root, through the socket, as any role."""
        names = dict.fromkeys((self.account.name, "root") if self.account.prefix else (self.account.name,))
        for name, text in (
            ("postgresql.conf", SETTINGS.format(run=self.site.run)),
            ("pg_hba.conf", "local all all peer map=landkarte\n"),
            ("pg_ident.conf", "".join(f'landkarte "{name}" {role}\n' for name in names for role in ("postgres", *ROLES))),
        ):
            path = self.site.database / name
            path.write_text(text, encoding="utf-8")
            self.account.own(path)

    def down(self) -> None:
        """Stop the server; open connections are closed, nothing is lost."""
        stop(marked(self.mark), self.mark, gently=signal.SIGINT, patience=30.0)

    @property
    def psql(self) -> list[str | Path]:
        """The command that speaks with the server as its administrator."""
        return [self.programs / "psql", "-qAtX", "-h", self.site.run, "-U", "postgres", "-d", "postgres", "-v", "ON_ERROR_STOP=1"]

    def sql(self, door: int, *statements: str) -> str:
        """Run statements as the database's administrator, one after the other; return the unadorned rows."""
        words = [word for statement in statements for word in ("-c", statement)]
        return self.ask_for([*self.psql, *words], door, "Die Datenbank verweigert einen Schritt")

    def script(self, door: int, text: str) -> None:
        """Run a script in psql's own language as the database's administrator."""
        self.ask_for(self.psql, door, "Die Datenbank verweigert einen Schritt", text)

    def blank(self, door: int) -> None:
        """Throw away whatever databases there are and make the empty ones."""
        dropped = [f"drop database if exists {name} with (force)" for pair in DATABASES for name in pair]
        roles = [f"do $$ begin if to_regrole('{role}') is null then create role {role} login; end if; end $$" for role in ROLES]
        self.sql(door, *dropped, *roles, *(f"create database {name} owner ckan" for name, _ in DATABASES))

    def remember_empty(self, door: int) -> None:
        """Keep a copy of the databases as they are now, for `restore_empty`."""
        self.sql(door, *(f"create database {copy} template {name} owner ckan" for name, copy in DATABASES))

    def forget_empty(self, door: int) -> None:
        """Throw the empty copies away: they are of an older CKAN."""
        self.sql(door, *(f"drop database if exists {copy} with (force)" for _, copy in DATABASES))

    def has_empty(self, door: int) -> bool:
        """Say whether the empty copies are there."""
        there = self.sql(door, "select datname from pg_database").split()
        return all(copy in there for _, copy in DATABASES)

    def restore_empty(self, door: int) -> None:
        """Put the empty copies in place of the databases; connections to the old ones are closed."""
        self.sql(
            door,
            *(
                step
                for name, copy in DATABASES
                for step in (f"drop database if exists {name} with (force)", f"create database {name} template {copy} owner ckan")
            ),
        )
        self.close_to_readers(door)

    def close_to_readers(self, door: int) -> None:
        """Keep the reading role out of CKAN's own database (rights on a database are not copied with it)."""
        self.sql(door, "revoke connect on database ckan from public", "grant connect on database ckan_ds to ckan_ro")
