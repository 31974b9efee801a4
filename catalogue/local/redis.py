"""Redis of the local CKAN: keeps nothing, listens on a unix socket only. CKAN's DataStore fails without it."""

import re
import socket
import time
from pathlib import Path

from catalogue.local.account import Account
from catalogue.local.environment import Environment
from catalogue.local.errors import does_not_start
from catalogue.local.processes import start
from catalogue.local.site import Site

PROCESS = re.compile(rb"process_id:(\d+)")
START_SECONDS = 10.0


class Redis:
    """Redis of one site. It is known by its answer on the socket, because it rewrites its own command line."""

    def __init__(self, site: Site, environment: Environment, account: Account, variables: dict[str, str]) -> None:
        self.site, self.environment, self.account, self.variables = site, environment, account, variables
        self.log = site.logs / "redis.log"

    @property
    def socket(self) -> Path:
        """Where it listens."""
        return self.site.run / "redis.sock"

    def say(self, words: str) -> bytes:
        """Send one command; return the first piece of the answer, nothing where nobody answers."""
        try:
            with socket.socket(socket.AF_UNIX) as line:
                line.settimeout(2.0)
                line.connect(str(self.socket))
                line.sendall(words.encode() + b"\r\n")
                return line.recv(65536)
        except OSError:
            return b""

    def pid(self) -> int | None:
        """Return the server's process number if it answers."""
        found = PROCESS.search(self.say("INFO server"))
        return int(found[1]) if found else None

    def up(self) -> None:
        """Start the server unless it answers."""
        if self.pid():
            return
        command = self.account.command(
            *(self.environment.redis, "--port", "0", "--unixsocket", self.socket, "--unixsocketperm", "700"),
            *("--save", "", "--appendonly", "no", "--dir", self.site.run, "--daemonize", "no"),
        )
        server = start(command, self.log, self.variables)
        until = time.monotonic() + START_SECONDS
        while not self.pid():
            if server.poll() is not None or time.monotonic() > until:
                raise does_not_start("Redis", self.log)
            time.sleep(0.02)

    def clear(self) -> None:
        """Forget everything (background jobs of a catalogue that is gone)."""
        self.say("FLUSHALL")

    def down(self) -> None:
        """Stop the server."""
        self.say("SHUTDOWN NOSAVE")
        until = time.monotonic() + START_SECONDS
        while self.pid() and time.monotonic() < until:
            time.sleep(0.02)
