"""A small seed of `python -m tests.catalogue.killed_disk`: a file system that is full, and then has room again."""

from pathlib import Path

import pytest

from tests.catalogue.killed_disk import on_a_full_disk, small_disk


def test_on_a_full_disk_a_sentence_says_what_to_do_and_with_room_the_next_night_arrives(tmp_path: Path) -> None:
    """Captures, ledger and publication are cut off; the public sees what it saw; afterwards every byte is as undisturbed."""
    with small_disk(tmp_path / "disk", 24_000_000) as disk:
        if disk is None:
            pytest.skip("no file system can be mounted here; the size limit of files is tried in test_ledger")
        figures, faults = on_a_full_disk(disk, tmp_path, 1, "seed")
    assert faults == []
    assert figures["of them cut off"] == 1
