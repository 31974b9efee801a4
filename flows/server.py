"""A data folder in, a Prefect server and the process that runs the schedules out, both as children that end with us."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from flows.direct import QUIET
from flows.running import answers, note_for
from schemas.settings import Settings

KEPT = 30 * 24 * 3600  # seconds: what Prefect remembers of old runs; our own ledger remembers more
PATIENCE = 120.0  # seconds until a server must answer: the first start makes its database


class ServerError(Exception):
    """The Prefect server does not start or has ended. The text is one German sentence."""


def environment(settings: Settings, port: int) -> dict[str, str]:
    """What the children are told: where the server is, how long it remembers, and our own settings as they are here."""
    home = settings.data.resolve() / "prefect"
    home.mkdir(parents=True, exist_ok=True)
    server = {
        **QUIET,
        "PREFECT_HOME": str(home),
        "PREFECT_API_URL": f"http://127.0.0.1:{port}/api",
        "PREFECT_LOGGING_LEVEL": "INFO",
        "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events,flow_runs,orphans",
        "PREFECT_SERVER_SERVICES_DB_VACUUM_RETENTION_PERIOD": str(KEPT),
    }
    ours = {f"LANDKARTE_{name.upper()}": str(value) for name, value in settings.model_dump(mode="json").items()}
    ours["LANDKARTE_DATA"], ours["LANDKARTE_CITY"] = str(settings.data.resolve()), str(settings.city.resolve())
    return {**os.environ, **server, **ours}


class Child:
    """One child process with its log file; it is ended, gently first, when we leave."""

    def __init__(self, name: str, command: list[str], env: Mapping[str, str], log: Path, inherits: Sequence[int] = ()) -> None:
        self.name, self.log = name, log
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as sink:
            self.process = subprocess.Popen(
                command, env=dict(env), stdin=subprocess.DEVNULL, stdout=sink, stderr=sink, start_new_session=True,
                pass_fds=inherits,
            )  # fmt: skip

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for how, seconds in ((signal.SIGTERM, 10.0), (signal.SIGKILL, 5.0)):
            if self.process.poll() is not None:
                return
            os.killpg(self.process.pid, how)
            try:
                self.process.wait(seconds)
            except subprocess.TimeoutExpired:
                continue

    def check(self) -> None:
        """Raise ServerError where the child has ended."""
        if (code := self.process.poll()) is not None:
            raise ServerError(f"{self.name} hat sich beendet (Code {code}). Was geschah, steht in {self.log}.")


@contextmanager
def prefect_server(env: Mapping[str, str], port: int, log: Path) -> Iterator[Child]:
    """Start a Prefect server on loopback and wait until it answers; raise ServerError where it does not.

    While it runs, flows of other processes on the same data find it (flows/running.py).
    """
    command = [sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port)]
    address = f"http://127.0.0.1:{port}"
    with ExitStack() as stack:
        note = stack.enter_context(note_for(Path(env["PREFECT_HOME"])))
        child = stack.enter_context(
            Child("Der Prefect-Server", command, env, log, inherits=[note.descriptor] if note is not None else [])
        )
        until = time.monotonic() + PATIENCE
        while not answers(f"{address}/api/health"):
            child.check()
            if time.monotonic() > until:
                raise ServerError(f"Der Prefect-Server antwortet nicht unter {address}. Was geschah, steht in {log}.")
            time.sleep(0.2)
        if note is not None:
            note.write(f"{address}/api")
        yield child


def schedules(env: Mapping[str, str], log: Path) -> Child:
    """Start the process that registers a deployment a source and runs what is due."""
    return Child("Der Zeitplan", [sys.executable, "-m", "flows.deploy"], env, log)
