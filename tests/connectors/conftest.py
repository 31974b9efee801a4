"""What the tests of this room share: a web site on loopback, and a context that may ask it."""

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from connectors.ask import Asker, FetchSettings
from connectors.context import RunContext
from connectors.contract import Limits
from connectors.guard import resolve
from connectors.pace import Pace
from connectors.store import FolderStore

ZONE = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 23, 4, 0, tzinfo=ZONE)


@pytest.fixture
def context(tmp_path: Path) -> Iterator[Callable[..., RunContext]]:
    """Give a function that makes a context that may ask loopback; its captures stay for the test's other contexts."""
    made: list[RunContext] = []
    slept: list[float] = []

    def make(**options: Any) -> RunContext:
        limits = options.pop("limits", Limits())
        settings = FetchSettings(
            **{"contact": "https://example.org/kontakt", "allow_loopback": True} | options.pop("settings", {}),
        )
        pace = options.pop("pace", None) or Pace()
        asker = Asker(
            settings, limits, pace=pace, resolver=options.pop("resolver", resolve), sleep=options.pop("sleep", slept.append)
        )
        made.append(
            RunContext(
                **{"now": NOW, "zone": ZONE, "store": FolderStore(tmp_path / "captures"), "settings": settings, "limits": limits}
                | options,
                asker=asker,
            )
        )
        return made[-1]

    yield make
    for one in made:
        one.close()
