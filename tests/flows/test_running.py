"""The note that a running Prefect server leaves: found while it lives, worth nothing afterwards."""

import json
import os
import platform
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from flows.direct import prepare
from flows.running import NOTE, find_server, note_for
from tests.connectors.site import Site


@pytest.fixture
def site() -> Iterator[Site]:
    with Site({"/api/health": "true"}) as running:
        yield running


def test_a_server_is_found_while_it_lives_and_not_afterwards(tmp_path: Path, site: Site) -> None:
    """Not before it answers, not when it has ended, and not where there never was one."""
    assert find_server(tmp_path) is None
    with note_for(tmp_path) as note:
        assert note is not None and find_server(tmp_path) is None
        note.write(f"{site.url}/api")
        assert f"{site.url}/api" == find_server(tmp_path)
        site.pages.clear()
        assert find_server(tmp_path) is None
    assert find_server(tmp_path) is None


def test_the_note_of_a_dead_server_costs_nothing(tmp_path: Path, site: Site) -> None:
    """Another server may answer at its address by now: nobody is asked."""
    text = json.dumps({"address": f"{site.url}/api", "host": platform.node()})
    (tmp_path / NOTE).write_text(text)
    assert find_server(tmp_path) is None
    assert site.asked == []


def test_a_server_whose_starter_was_killed_is_still_found(tmp_path: Path, site: Site) -> None:
    """The lock is the server's own, too: it is free when the last of both has ended."""
    with note_for(tmp_path) as note:
        assert note is not None
        sleeper = [sys.executable, "-c", "import sys; sys.stdin.read()"]
        server = subprocess.Popen(sleeper, stdin=subprocess.PIPE, pass_fds=[note.descriptor])
    text = json.dumps({"address": f"{site.url}/api", "host": platform.node()})
    (tmp_path / NOTE).write_text(text)  # what a killed starter leaves; one that ends in order has wiped it
    assert f"{site.url}/api" == find_server(tmp_path)
    with note_for(tmp_path) as second:
        assert second is None  # its note stands
    server.communicate()
    assert find_server(tmp_path) is None


@pytest.mark.parametrize(
    "said",
    [
        b"", b"{", b"[]", b"null", b"\xff", b'{"address": 7}',
        json.dumps({"address": "http://127.0.0.1:1/api", "host": "another machine"}).encode(),
        json.dumps({"address": "http://192.168.0.7:4200/api", "host": platform.node()}).encode(),
        json.dumps({"address": "http://127.0.0.1:4200@elsewhere.example/api", "host": platform.node()}).encode(),
        json.dumps({"address": "http://127.0.0.1:1/api", "host": platform.node()}).encode(),  # nobody answers there
    ],
)  # fmt: skip
def test_a_note_leads_nowhere_but_to_this_machine(tmp_path: Path, said: bytes) -> None:
    """Torn, foreign, forged or unanswered: it is as if there were none."""
    with note_for(tmp_path) as note:
        assert note is not None
        os.pwrite(note.descriptor, said, 0)
        assert find_server(tmp_path) is None


def test_flows_are_told_of_the_server_unless_the_operator_chose_one(
    tmp_path: Path, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What Prefect reads at import is set before it; what stands there stays."""
    monkeypatch.setattr(os, "environ", {"PREFECT_API_URL": "https://prefect.example/api"})
    (tmp_path / "prefect").mkdir()
    with note_for(tmp_path / "prefect") as note:
        assert note is not None
        note.write(f"{site.url}/api")
        prepare(tmp_path)
        assert "https://prefect.example/api" == os.environ.pop("PREFECT_API_URL")
        prepare(tmp_path)
        assert f"{site.url}/api" == os.environ.pop("PREFECT_API_URL")
    prepare(tmp_path)
    assert "PREFECT_API_URL" not in os.environ
