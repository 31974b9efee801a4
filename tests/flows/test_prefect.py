"""Real Prefect: flows in this process, and a server whose schedule makes a run happen."""

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests

from flows.direct import deaf_children, lanes
from flows.server import environment, prefect_server, schedules
from tests.connectors.site import Site
from tests.flows.town import SOURCE, Town, kurse

pytestmark = pytest.mark.prefect


def test_the_command_harvests_through_prefect(town: Town, site: Site, tmp_path: Path) -> None:
    """`landkarte harvest` runs a flow without a server: the books come back as JSON, a failing source gives exit code 1.

    A source at which another run is at work fails this time, and the run before it is not told again.
    """
    site.pages["/kurse.csv"] = kurse(3)
    town.write("du-weg", (SOURCE % site.url).replace("/kurse.csv", "/weg.csv"))
    town.write("du-belegt", SOURCE % site.url)
    assert town.harvest("du-belegt").result == "ok"
    env = environment(town.settings, 1)
    del env["PREFECT_API_URL"]
    command = [sys.executable, "-m", "landkarte.cli", "harvest", "--all", "--json"]
    with town.open().ledger.source("du-belegt").lock("test", datetime.now(UTC)):
        done = subprocess.run(command, env=env, cwd=tmp_path, capture_output=True, text=True, timeout=120)

    assert done.returncode == 1, done.stderr
    rows = {row["source"]: row for row in json.loads(done.stdout)}
    assert {key: row["result"] for key, row in rows.items()} == {"du-verein": "ok", "du-weg": "failed", "du-belegt": "failed"}
    assert "ein anderer Lauf" in rows["du-belegt"]["note"]


def test_nobody_is_counted_by_third_parties(town: Town) -> None:
    """Prefect's server and its client are both told not to; the client says nothing about it at an operator's first harvest."""
    env = environment(town.settings, 1)
    assert (env["PREFECT_SERVER_ANALYTICS_ENABLED"], env["DO_NOT_TRACK"]) == ("false", "1")


def test_prefects_server_does_not_hear_ctrl_c() -> None:
    """A terminal sends it to all; the server goes on until we end it, and we ourselves hear it as before."""
    with deaf_children():
        child = subprocess.Popen(
            [sys.executable, "-c", "import sys, time; print('ready', flush=True); time.sleep(60)"], stdout=-1
        )
    assert child.stdout is not None and child.stdout.readline() == b"ready\n"
    child.send_signal(signal.SIGINT)
    with pytest.raises(subprocess.TimeoutExpired):
        child.wait(0.5)
    child.terminate()
    assert child.wait(10) == -signal.SIGTERM
    child.stdout.close()
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, set())


def test_sources_of_one_host_stand_in_line(town: Town) -> None:
    """A partner's server meets one of us at a time; our own machine need not be spared; twice named is harvested once."""
    for key, url in {"du-eins": "https://a.example", "du-zwei": "https://A.example/2", "du-drei": "https://b.example"}.items():
        town.write(key, SOURCE % url)
    town.write("du-vier", SOURCE % town.site.url)
    found = lanes(town.open(), ["du-verein", "du-eins", "du-drei", "du-zwei", "du-vier", "du-eins"])
    assert [["du-verein"], ["du-eins", "du-zwei"], ["du-drei"], ["du-vier"]] == found


def test_a_burst_is_seen_source_by_source_and_forgotten_in_time(town: Town, site: Site, tmp_path: Path) -> None:
    """Of sources harvested at once, each has its flow run, artifact and event; what is old enough leaves the database.

    A command that nobody told of the server finds it by its data, and starts none of its own.
    """
    site.pages["/kurse.csv"] = kurse(3)
    keys = {"du-verein", *(f"du-verein-{number}" for number in range(7))}
    for key in keys:
        town.write(key, SOURCE % site.url)
    port = _free_port()
    env = environment(town.settings, port) | {"PREFECT_SERVER_SERVICES_DB_VACUUM_LOOP_SECONDS": "1"}
    log = tmp_path / "prefect.log"
    command = [sys.executable, "-m", "landkarte.cli", "harvest", "--all", "--json"]
    with prefect_server(env, port, log) as server:
        alone = env | {"PREFECT_SERVER_ALLOW_EPHEMERAL_MODE": "false"}
        del alone["PREFECT_API_URL"]
        done = subprocess.run(command, env=alone, cwd=tmp_path, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr
        assert keys == {row["source"] for row in json.loads(done.stdout)}
        flow_runs = _ask(port, "flow_runs/filter", {"flow_runs": {"state": {"type": {"any_": ["COMPLETED"]}}}})
        assert sorted(keys) == sorted(run["name"] for run in flow_runs)
        assert {f"bericht-{key}" for key in keys} == {one["key"] for one in _ask(port, "artifacts/filter", {})}
        wait_for(lambda: _count(town, "events", "event = 'landkarte.harvest.well'") == len(keys), 60, server.check, log.read_text)
        wait_for(lambda: _count(town, "log") > 0, 60, server.check, log.read_text)
    with sqlite3.connect(_database(town)) as database:
        database.execute("UPDATE flow_run SET end_time = datetime('now', '-31 days')")
        for table in ("events", "event_resources"):
            database.execute(f"UPDATE {table} SET occurred = datetime('now', '-31 days')")
    with prefect_server(env, port, log) as server:
        for table in ("flow_run", "flow_run_state", "log", "artifact"):
            wait_for(lambda table=table: _count(town, table) == 0, 60, server.check, log.read_text)  # type: ignore[misc]  # bound at once
        wait_for(lambda: _count(town, "events", "event = 'landkarte.harvest.well'") == 0, 60, server.check, log.read_text)
        wait_for(
            lambda: _count(town, "event_resources", "occurred < datetime('now', '-8 days')") == 0, 60, server.check, log.read_text
        )


def test_the_schedule_leaves_alone_who_rests(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """No run, no fetch; the sentence says why."""
    from prefect.logging import disable_run_logger

    import flows.harvest

    monkeypatch.setattr("flows.harvest.here", town.open)
    town.open().ledger.source("du-verein").pause("Partner baut um", town.now)
    with disable_run_logger():
        assert "Partner baut um" in flows.harvest.harvest.fn("du-verein", scheduled=True)
    assert town.open().ledger.source("du-verein").last_run() is None


def test_a_scheduled_run_happens_and_is_published(town: Town, site: Site, tmp_path: Path) -> None:
    """A server, a source due every minute: the run happens by itself, its report is an artifact, and publishing follows."""
    site.pages["/kurse.csv"] = kurse(3)
    town.write("du-verein", SOURCE % site.url + 'schedule: "* * * * *"\n')
    port = _free_port()
    env = environment(town.settings, port)
    logs = tmp_path / "logs"
    with prefect_server(env, port, logs / "prefect.log"), schedules(env, logs / "schedules.log") as child:

        def log() -> str:
            return (logs / "schedules.log").read_text()[-3000:]

        wait_for(lambda: town.open().ledger.source("du-verein").last_run(), 120, child.check, log)
        wait_for(lambda: town.open().publications.current(), 60, child.check, log)
        flow_runs = _ask(port, "flow_runs/filter", {"flow_runs": {"state": {"type": {"any_": ["COMPLETED"]}}}})
        artifacts = _ask(port, "artifacts/filter", {})

    assert any(run["auto_scheduled"] and run["name"] == "du-verein" for run in flow_runs)
    assert any(artifact["key"] == "bericht-du-verein" for artifact in artifacts)


def wait_for(look: Callable[[], Any], seconds: float, check: Callable[[], None], log: Callable[[], str]) -> None:
    """Wait until `look` finds something; fail with the log where it does not in time."""
    until = time.monotonic() + seconds
    while not look():
        check()
        assert time.monotonic() < until, log()
        time.sleep(0.5)


def _database(town: Town) -> Path:
    return town.settings.data / "prefect" / "prefect.db"


def _count(town: Town, table: str, where: str = "true") -> int:
    with closing(sqlite3.connect(_database(town), timeout=30)) as database:
        return int(database.execute(f"SELECT count(*) FROM {table} WHERE {where}").fetchone()[0])


def _ask(port: int, path: str, body: dict[str, Any]) -> list[dict[str, Any]]:
    answer = requests.post(f"http://127.0.0.1:{port}/api/{path}", json=body, timeout=10)
    answer.raise_for_status()
    return list(answer.json())


def _free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])


assert os.environ.get("PREFECT_API_URL") is None, "a test run must not reach a server of the operator"
