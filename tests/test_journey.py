"""The README's main job, run as its users run it: twice, on an empty folder, into a real CKAN."""

import json
import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from landkarte.web.app import create_app

pytestmark = [pytest.mark.ckan, pytest.mark.prefect]
ROOT = Path(__file__).parents[1]


def free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An environment like a newcomer's: an empty data folder, a free port for CKAN."""
    data = tmp_path_factory.mktemp("journey") / "data"
    env = {name: value for name, value in os.environ.items() if not name.startswith(("LANDKARTE_", "PREFECT_", "LANG", "LC_"))}
    return env | {"LANDKARTE_DATA": str(data), "LANDKARTE_CKAN_PORT": str(free_port())}


def landkarte(env: dict[str, str], *words: str, code: int = 0) -> str:
    """Run the command; give what it printed."""
    done = subprocess.run(
        [sys.executable, "-m", "landkarte.cli", *words], env=env, cwd=ROOT, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout


def counted(text: str, label: str) -> int:
    """The number behind a label of the closing summary."""
    found = re.search(rf"{label}\s+(\d+)", text)
    assert found, text
    return int(found[1])


def test_the_main_job_runs_whole_and_a_second_time_holds_what_shrank(place: dict[str, str]) -> None:
    """First every partner's offers are new; the next time nothing is, one feed is held, and the public sees the same offers."""
    first = landkarte(place, "demo", "--no-serve")
    assert counted(first, "Quellen") == 12
    assert counted(first, "Angebote neu") > 150
    assert counted(first, "davon gescheitert") == 1  # the feed that is down
    second = landkarte(place, "demo", "--no-serve")
    assert (counted(second, "Angebote neu"), counted(second, "davon angehalten")) == (0, 1)

    catalogue = f"http://127.0.0.1:{place['LANDKARTE_CKAN_PORT']}/api/action"
    dataset = requests.get(f"{catalogue}/package_show", params={"id": "duisburg-demo"}, timeout=30).json()["result"]
    table = next(entry for entry in dataset["resources"] if entry["name"] == "offers (DataStore)")
    rows = requests.get(f"{catalogue}/datastore_search", params={"resource_id": table["id"], "limit": 0}, timeout=30).json()
    assert rows["result"]["total"] == counted(first, "Angebote neu")


def test_an_operator_sees_what_is_to_be_done_and_does_it(place: dict[str, str]) -> None:
    """After two nights the status names the held and the failed source; a release withdraws what is held."""
    env = place | {"LANDKARTE_CITY": str(ROOT / "examples"), "LANDKARTE_DATA": place["LANDKARTE_DATA"] + "/demo"}
    board = {row["key"]: row for row in json.loads(landkarte(env, "status", "--json", code=1))}
    held = [key for key, row in board.items() if row["result"] == "held"]
    assert len(held) == 1
    assert [key for key, row in board.items() if row["result"] == "failed"] == ["bsp-nachbarschaftstreff"]
    before = board[held[0]]["offers"]
    landkarte(env, "release", held[0])
    after = json.loads(landkarte(env, "status", held[0], "--json"))[0]["offers"]
    assert after < before / 2


def test_the_map_reads_the_package_from_the_catalogue(place: dict[str, str]) -> None:
    """The same pages work from CKAN's addresses alone, without our folders."""
    address = f"http://127.0.0.1:{place['LANDKARTE_CKAN_PORT']}"
    dataset = requests.get(f"{address}/api/action/package_show", params={"id": "duisburg-demo"}, timeout=30).json()["result"]
    descriptor = next(entry["url"] for entry in dataset["resources"] if entry["name"] == "datapackage.json")
    app = create_app(descriptor)
    assert app.state.live.view.index.offers.height > 100
    landkarte(place | {"LANDKARTE_DATA": place["LANDKARTE_DATA"] + "/demo"}, "ckan", "down")
