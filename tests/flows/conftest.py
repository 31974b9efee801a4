"""What the tests of this room share: a partner's site on loopback, and a town around it."""

from pathlib import Path

import pytest

from tests.connectors.site import Site
from tests.flows.town import Town


@pytest.fixture
def town(tmp_path: Path, site: Site) -> Town:
    """A town with one partner: `/kurse.csv` on the site."""
    return Town(tmp_path, site)
