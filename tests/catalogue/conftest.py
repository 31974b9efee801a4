"""A real CKAN for the tests of this room: one per test run, emptied where a test asks for it."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from catalogue.local.errors import LocalCkanError
from catalogue.local.server import Endpoint, LocalCkan

ENVIRONMENT = Path(__file__).resolve().parents[2] / ".venv-ckan"


def free_port() -> int:
    """Return a loopback port nobody uses at the moment."""
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        port: int = trial.getsockname()[1]
    return port


@pytest.fixture(scope="session")
def local_ckan(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[LocalCkan, Endpoint]]:
    """A running CKAN with a state folder of its own; the environment is shared with the checkout's."""
    state = tmp_path_factory.mktemp("ckan")
    ckan = LocalCkan(state, ENVIRONMENT, title="Bildungsangebote Testenberg", description="Nur zur Probe", port=free_port())
    try:
        endpoint = ckan.up()
    except LocalCkanError as why:
        if os.environ.get("LANDKARTE_TESTS_COMPLETE"):
            raise
        pytest.skip(f"kein CKAN auf dieser Maschine: {why}")
    yield ckan, endpoint
    ckan.down()


@pytest.fixture
def empty_ckan(local_ckan: tuple[LocalCkan, Endpoint]) -> tuple[LocalCkan, Endpoint]:
    """The same CKAN without any dataset, organisation or file."""
    local_ckan[0].reset()
    return local_ckan
