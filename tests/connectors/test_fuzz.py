"""A small share of the fuzz run (`make fuzz`), always the same inputs."""

import pytest

from connectors.registry import Unavailable, connectors
from tests.connectors import fuzz

KINDS = [kind for kind, one in connectors().items() if not isinstance(one, Unavailable)]
INPUTS = {"xlsx": 6, "html": 10, "jsonld": 10, "ical": 10}  # a workbook is read by a process of its own, pages are slow


@pytest.mark.parametrize("kind", KINDS)
def test_a_damaged_feed_ends_in_records_or_in_problems(kind: str) -> None:
    """No exception, nothing unexpected, no more than ten seconds; each problem has a code, an owner and a sentence."""
    assert fuzz.seeds(kind), "every kind has a case"
    assert [] == [failure for number in range(INPUTS.get(kind, 15)) if (failure := fuzz.run(kind, number, seed=1))]


def test_an_input_is_told_by_its_number() -> None:
    """What failed last night can be looked at today."""
    first, again = (fuzz.damaged("csv", 17, 1)[1] for _ in range(2))
    assert {url: one.sha256 for url, one in first.items()} == {url: one.sha256 for url, one in again.items()}
