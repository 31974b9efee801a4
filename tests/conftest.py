"""Where the tests find real files, and the switch that turns skips for missing parts into failures."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.connectors.site import Site

SERVERS = ("ckan", "prefect", "browser")  # the markers of tests that start some
SHARED = Path(__file__).resolve().parents[2] / "shared"


def missing(what: str) -> None:
    """Skip with a sentence that says what is missing; fail instead where LANDKARTE_TESTS_COMPLETE is set (CI)."""
    if os.environ.get("LANDKARTE_TESTS_COMPLETE"):
        pytest.fail(f"{what} is missing, and this run must be complete")
    pytest.skip(f"{what} is missing on this machine")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with tests that wait for servers begin first: where several workers share the files, none is left alone with them."""
    waiting = {item.path for item in items if any(item.get_closest_marker(name) for name in SERVERS)}
    items.sort(key=lambda item: item.path not in waiting)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real feeds and files beside the checkout."""
    folder = SHARED / "data"
    if not folder.is_dir():
        missing("the folder of real feeds (../shared/data)")
    return folder


@pytest.fixture
def site() -> Iterator[Site]:
    """Run an empty site on loopback; a test fills `site.pages`."""
    with Site() as running:
        yield running
