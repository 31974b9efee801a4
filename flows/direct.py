"""Flows in this very process: Prefect's ephemeral server, its home in our data folder, nothing sent anywhere.

Import this before anything that imports Prefect: it reads its settings once.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from catalogue.disk import LedgerError
from catalogue.run import Run, new_run_id
from flows.house import House, use
from schemas.problems import Problem, SchemaError

QUIET = {
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",  # nothing leaves for a third party
    "PREFECT_CLIENT_METRICS_ENABLED": "false",
    "PREFECT_LOGGING_LEVEL": "CRITICAL",  # our own lines and the run's artifact say it better
    "PREFECT_LOGGING_TO_API_ENABLED": "true",
    "PREFECT_SERVER_ALLOW_EPHEMERAL_MODE": "true",
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "90",  # the first start migrates a database
    "PREFECT_SHOW_TRACEBACKS": "false",
}


def prepare(data: Path) -> None:
    """Set what Prefect reads at import; what an operator has set himself stays."""
    home = data.resolve() / "prefect"
    home.mkdir(parents=True, exist_ok=True)  # Prefect's server does not start without it
    for name, value in {**QUIET, "PREFECT_HOME": str(home)}.items():
        os.environ.setdefault(name, value)


@contextmanager
def inside(house: House) -> Iterator[None]:
    """Run flows for this house. Without a heartbeat: its thread would make every flow wait a second at its end."""
    prepare(house.settings.data)
    from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings

    use(house)
    with temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}):
        yield


def harvest_each(house: House, keys: Iterable[str], begin: Callable[[str], None] = lambda key: None) -> Iterator[Run]:
    """Harvest sources one after the other as flows; tell which begins, yield each run as it ends.

    A run that could not even be noted (another one is at work, the disk is full) is yielded as failed all the same.
    """
    with inside(house):
        from flows.harvest import harvest

        for key in keys:
            begin(key)
            own, started = house.ledger.source(key), datetime.now(house.city.zone)
            before = own.last_run()
            state = harvest(key, return_state=True)
            run = own.last_run()
            if run is not None and (before is None or run.id != before.id):
                yield run
            else:
                yield without_run(key, started, state.result(raise_on_failure=False))


def without_run(key: str, started: datetime, error: object) -> Run:
    """What became of a harvest that left no run, as a run that nobody keeps."""
    known = isinstance(error, LedgerError | SchemaError)
    note = str(error) if known else Problem("unexpected", note=f"{type(error).__name__}: {error}").message("de")
    run_id = new_run_id(started)
    return Run(source=key, id=run_id, started=started, finished=datetime.now(started.tzinfo), result="failed", note=note)
