"""A small seed of `python -m tests.catalogue.killed_program`: the whole program, killed as a process."""

from argparse import Namespace
from pathlib import Path

from tests.catalogue.killed_program import run


def test_the_whole_program_killed_at_any_instant_arrives_at_the_same_bytes(tmp_path: Path) -> None:
    """Harvest and publish die at a random instant; readers see old or new, the next run leaves what an undisturbed one leaves."""
    assert run(tmp_path, Namespace(random=1, command=0, offers=40, seed="seed")) == 0
