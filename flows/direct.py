"""Flows in this very process, several at once: with Prefect's ephemeral server, its home in our data folder, nothing sent anywhere.

Import this before anything that imports Prefect: it reads its settings once.
"""

import logging
import os
import signal
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from catalogue.disk import LedgerError
from catalogue.lease import Busy
from catalogue.run import Run, new_run_id
from connectors.ask import ONESELF
from connectors.registry import check_options, connector
from flows.abreast import abreast
from flows.house import House, use
from flows.running import find_server
from schemas.problems import Problem, SchemaError

QUIET = {
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",  # nothing leaves for a third party
    "DO_NOT_TRACK": "1",  # the same for Prefect's client, which looks at nothing else
    "PREFECT_CLIENT_METRICS_ENABLED": "false",
    "PREFECT_LOGGING_LEVEL": "CRITICAL",  # our own lines and the run's artifact say it better
    "PREFECT_LOGGING_TO_API_ENABLED": "true",
    "PREFECT_SERVER_ALLOW_EPHEMERAL_MODE": "true",
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "90",  # the first start migrates a database
    "PREFECT_SHOW_TRACEBACKS": "false",
    # Events go into the database in one go, at the latest after 5 s: written by twenties they keep flows waiting for its lock
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_BATCH_SIZE": "1000",
}


def prepare(data: Path) -> None:
    """Set what Prefect reads at import, with the server that runs on these data, if one does; what an operator has set stays."""
    home = data.resolve() / "prefect"
    home.mkdir(parents=True, exist_ok=True)  # Prefect's server does not start without it
    for name, value in {**QUIET, "PREFECT_HOME": str(home)}.items():
        os.environ.setdefault(name, value)
    if "PREFECT_API_URL" not in os.environ and (address := find_server(home)) is not None:
        os.environ["PREFECT_API_URL"] = address


@contextmanager
def inside(house: House) -> Iterator[None]:
    """Run flows for this house, without a heartbeat: its thread would make every flow wait a second at its end.

    All flows share one client: making one costs more than a small harvest.
    """
    prepare(house.settings.data)
    from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings

    from flows.client import OneClient

    use(house)
    logging.getLogger("EventsWorker").setLevel(logging.ERROR)  # it tells on the screen how many events it still has to send
    with temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}):
        with deaf_children():
            client = OneClient()  # starts the server
        with client:
            yield


@contextmanager
def deaf_children() -> Iterator[None]:
    """Let the programs started in here not hear Ctrl-C, which a terminal sends to all of us.

    Prefect's server must outlive the flows it serves: else each of their last words waits many seconds for an answer.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})  # inherited from the thread that starts a program
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def harvest_each(house: House, keys: Iterable[str], begin: Callable[[str], None] = lambda text: None) -> Iterator[Run]:
    """Harvest sources as flows, several at once; tell who is at work, yield each run as it ends.

    A run that could not even be noted (another one is at work, the disk is full) is yielded as failed all the same.
    """
    at_work: dict[str, None] = {}

    def work(key: str) -> Run:
        at_work[key] = None
        begin(named(at_work))
        return harvest_one(house, key)

    with inside(house), closing(abreast(lanes(house, keys), work, house.settings.at_once)) as runs:
        for run in runs:
            at_work.pop(run.source, None)
            yield run


def named(keys: Iterable[str]) -> str:
    """Several keys in few words: the one that began last, and how many more."""
    *others, last = [*keys]
    return f"{last} (+{len(others)})" if others else last


def lanes(house: House, keys: Iterable[str]) -> list[list[str]]:
    """Sources of one host in one lane: no partner's server meets two of us at once. Our own machine need not be spared."""
    by_host: dict[str, list[str]] = {}
    for key in dict.fromkeys(keys):
        source = house.source(key)
        entries = connector(source.kind)().entries(check_options(source))
        host = next((urlsplit(url).hostname or "" for url in entries), "")
        by_host.setdefault(key if host in ("", *ONESELF) else host, []).append(key)
    return [*by_host.values()]


def harvest_one(house: House, key: str) -> Run:
    """Harvest one source as a flow; give the run it left, or what became of it where it left none."""
    from flows.harvest import harvest

    own, started = house.ledger.source(key), datetime.now(house.city.zone)
    before = own.last_run()
    try:
        outcome = harvest(key, return_state=True).result(raise_on_failure=False)
    except Exception as error:  # Prefect's server is gone: the run may stand in our ledger all the same
        outcome = error
    run = own.last_run()
    left = run is not None and (before is None or run.id != before.id)
    if run is None or not left or isinstance(outcome, Busy):  # the new run may be that of the one who was busy
        return without_run(key, started, outcome)
    return run


def without_run(key: str, started: datetime, error: object) -> Run:
    """What became of a harvest that left no run, as a run that nobody keeps."""
    known = isinstance(error, LedgerError | SchemaError)
    note = str(error) if known else Problem("unexpected", note=f"{type(error).__name__}: {error}").message("de")
    run_id = new_run_id(started)
    return Run(source=key, id=run_id, started=started, finished=datetime.now(started.tzinfo), result="failed", note=note)
