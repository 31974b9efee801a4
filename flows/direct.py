"""Flows in this very process: Prefect's ephemeral server, its home in our data folder, nothing sent anywhere.

Import this before anything that imports Prefect: it reads its settings once.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from catalogue.run import Run
from flows.house import House, use

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
    """Harvest sources one after the other as flows; tell which begins, yield each run as it ends."""
    with inside(house):
        from flows.harvest import harvest

        for key in keys:
            begin(key)
            harvest(key, return_state=True)
            run = house.ledger.source(key).last_run()
            if run is not None:
                yield run
