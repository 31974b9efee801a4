"""What the tests of this room share: a web site on loopback."""

from collections.abc import Iterator

import pytest

from tests.connectors.site import Site


@pytest.fixture
def site() -> Iterator[Site]:
    """Run an empty site; a test fills `site.pages`."""
    with Site() as running:
        yield running
