"""The local CKAN: comes up, survives what can happen to it, says plainly what it cannot do."""

import io
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import requests

from catalogue.local import environment
from catalogue.local.errors import LocalCkanError, said_plainly
from catalogue.local.lock import held
from catalogue.local.processes import carries, recorded, shorten
from catalogue.local.server import Endpoint, LocalCkan
from catalogue.local.site import read_record
from tests.catalogue.conftest import ENVIRONMENT, free_port

Ckan = tuple[LocalCkan, Endpoint]
REPOSITORY = Path(__file__).resolve().parents[2]


def call(endpoint: Endpoint, action: str, **parameters: object) -> Any:
    """Call an action of CKAN's API as the publisher; return its result."""
    headers = {"Authorization": endpoint.token}
    answer = requests.post(f"{endpoint.url}/api/3/action/{action}", json=parameters, headers=headers, timeout=60)
    assert answer.ok, answer.text
    return answer.json()["result"]


def kill(pid: int | None) -> None:
    """End a process at once, as the kernel does when memory runs out, and wait until it is gone."""
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    until = time.monotonic() + 5
    while Path(f"/proc/{pid}/cmdline").exists() and Path(f"/proc/{pid}/cmdline").read_bytes() and time.monotonic() < until:
        time.sleep(0.01)


# ---- it works ------------------------------------------------------------------------------------------------------------


@pytest.mark.ckan
def test_a_second_up_changes_nothing(local_ckan: Ckan) -> None:
    """`up` is idempotent: same address, same token, same processes."""
    ckan, endpoint = local_ckan
    before = ckan.status()
    assert before.running
    assert endpoint == ckan.up()
    assert before == ckan.status()


@pytest.mark.ckan
def test_a_reset_leaves_an_empty_catalogue_that_still_knows_us(empty_ckan: Ckan) -> None:
    """After a reset nothing is listed or stored, and the token still writes."""
    ckan, endpoint = empty_ckan
    call(endpoint, "organization_create", name="vhs")
    dataset = call(endpoint, "package_create", name="kurse", owner_org="vhs")
    requests.post(
        f"{endpoint.url}/api/3/action/resource_create",
        data={"package_id": dataset["id"], "name": "Datei"},
        files={"upload": ("a.csv", io.BytesIO(b"a;b\n1;2\n"))},
        headers={"Authorization": endpoint.token},
        timeout=60,
    ).raise_for_status()
    assert call(endpoint, "package_search", q="kurse")["count"] == 1
    ckan.reset()
    assert call(endpoint, "package_list") == []
    assert call(endpoint, "organization_list") == []
    assert call(endpoint, "package_search")["count"] == 0
    assert list((ckan.state / "storage").iterdir()) == []
    call(endpoint, "organization_create", name="vhs")


@pytest.mark.ckan
def test_rows_go_in_and_come_out_over_http(empty_ckan: Ckan) -> None:
    """The DataStore takes rows, finds German words by their stem, lets anybody read and nobody else write."""
    _, endpoint = empty_ckan
    call(endpoint, "organization_create", name="vhs")
    dataset = call(endpoint, "package_create", name="kurse", title="Kurse für Frauen", owner_org="vhs", license_id="dl-by-de/2.0")
    table = call(
        endpoint,
        "datastore_create",
        resource={"package_id": dataset["id"], "name": "Angebote"},
        primary_key=["titel"],
        fields=[{"id": "titel", "type": "text"}, {"id": "plz", "type": "text"}],
        records=[{"titel": "Offene Häuser", "plz": "01067"}, {"titel": "Schwimmen", "plz": "47051"}],
    )["resource_id"]
    reading = f"{endpoint.url}/api/3/action/datastore_search"
    found = requests.get(reading, params={"resource_id": table, "q": "Haus"}, headers={"Origin": "https://karte"}, timeout=60)
    assert [row["plz"] for row in found.json()["result"]["records"]] == ["01067"]
    assert found.headers["Access-Control-Allow-Origin"] == "*"
    counted = call(endpoint, "datastore_search_sql", sql=f'select count(*) from "{table}"')
    assert counted["records"][0]["count"] == 2
    write = {"resource_id": table, "records": [{"titel": "x"}], "force": True}
    assert requests.post(f"{endpoint.url}/api/3/action/datastore_upsert", json=write, timeout=60).status_code == 403
    assert call(endpoint, "package_search", q="frau", fq="license_id:dl-by-de/2.0")["count"] == 1
    made = call(
        endpoint,
        "package_create_default_resource_views",
        package=dict(call(endpoint, "package_show", id="kurse")),
        create_datastore_views=True,
    )
    assert [view["view_type"] for view in made] == ["datatables_view"]


@pytest.mark.ckan
def test_readers_meet_a_german_site_with_german_licences(local_ckan: Ckan) -> None:
    """German without asking, the city's title, other languages by prefix, dl-de in the list, no accounts for strangers."""
    ckan, endpoint = local_ckan
    page = requests.get(f"{endpoint.url}/dataset/", timeout=60).text
    assert 'lang="de"' in page
    assert ckan.title in page
    assert "Organisationen" in page
    front = requests.get(f"{endpoint.url}/", timeout=60).text
    assert "Nur zur Probe" in front
    assert "Willkommen bei CKAN" not in front
    assert 'dir="rtl"' in requests.get(f"{endpoint.url}/ar/dataset/", timeout=60).text
    assert 'lang="uk' in requests.get(f"{endpoint.url}/uk_UA/dataset/", timeout=60).text
    licences = {licence["id"]: licence["url"] for licence in call(endpoint, "license_list")}
    assert licences["dl-zero-de/2.0"] == "http://dcat-ap.de/def/licenses/dl-zero-de/2.0"
    assert {"dl-by-de/2.0", "cc-zero", "cc-by/4.0", "odbl"} <= licences.keys()
    stranger = {"name": "fremd", "email": "fremd@example.org", "password": "geheim-geheim"}
    assert requests.post(f"{endpoint.url}/api/3/action/user_create", json=stranger, timeout=60).status_code == 403


@pytest.mark.ckan
def test_only_the_web_port_listens_and_the_sockets_are_closed_to_others(local_ckan: Ckan) -> None:
    """No TCP for PostgreSQL and Redis; the folder of their sockets and the secrets are for their owner only."""
    ckan, _ = local_ckan
    pieces = ckan.status().pieces
    listening = {port for pid in pieces.values() for port in listening_ports(pid)}
    assert {ckan.port} == listening
    record = read_record(ckan.state)
    assert record is not None
    assert Path(record.run).stat().st_mode & 0o777 == 0o700
    assert (ckan.state / "site.json").stat().st_mode & 0o777 == 0o600
    assert (ckan.state / "ckan.ini").stat().st_mode & 0o777 == 0o600
    assert ckan.state.stat().st_mode & 0o066 == 0


def listening_ports(pid: int | None) -> set[int]:
    """Return the TCP ports a process listens on."""
    sockets = {os.readlink(entry) for entry in Path(f"/proc/{pid}/fd").iterdir() if entry.is_symlink()}
    lines = [line.split() for table in ("tcp", "tcp6") for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]]
    return {int(words[1].rsplit(":", 1)[1], 16) for words in lines if words[3] == "0A" and f"socket:[{words[9]}]" in sockets}


# ---- it survives ---------------------------------------------------------------------------------------------------------


@pytest.mark.ckan
@pytest.mark.parametrize("piece", ["postgres", "redis", "web"])
def test_a_killed_piece_is_back_after_the_next_up(local_ckan: Ckan, piece: str) -> None:
    """After kill -9 of any of the three the next `up` heals, what was written is still there, and writing works again."""
    ckan, endpoint = local_ckan
    call(endpoint, "organization_create", name=f"vor-{piece}")
    kill(ckan.status().pieces[piece])
    assert not ckan.status().running
    assert endpoint == ckan.up()
    assert ckan.status().running
    assert f"vor-{piece}" in call(endpoint, "organization_list")
    dataset = call(endpoint, "package_create", name=f"nach-{piece}", owner_org=f"vor-{piece}")
    fields = [{"id": "a", "type": "text"}]
    table = call(endpoint, "datastore_create", resource={"package_id": dataset["id"]}, fields=fields)["resource_id"]
    call(endpoint, "datastore_upsert", resource_id=table, records=[{"a": "b"}], method="insert")


@pytest.mark.ckan
def test_after_down_the_catalogue_comes_back_although_strangers_have_our_numbers(empty_ckan: Ckan) -> None:
    """After a restart of the machine the old numbers belong to others: they live on, and the content is there."""
    ckan, endpoint = empty_ckan
    call(endpoint, "organization_create", name="bleibt")
    record = read_record(ckan.state)
    assert record is not None
    ckan.down()
    assert not any(ckan.status().pieces.values())
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as stranger:
        try:
            for left in (ckan.state / "postgres" / "postmaster.pid", Path(record.run) / "web.pid"):
                left.write_text(f"{stranger.pid}\n{ckan.state}/postgres\n0\n5432\n{record.run}\n\n 0 0\nready\n")
            assert endpoint == ckan.up()
            assert stranger.poll() is None
        finally:
            stranger.kill()
    assert call(endpoint, "organization_list") == ["bleibt"]


@pytest.mark.ckan
def test_a_taken_port_is_said_and_changes_nothing_for_good(local_ckan: Ckan) -> None:
    """The sentence names the port and the setting; nothing was started for it; with the old port everything is as before."""
    ckan, endpoint = local_ckan
    ckan.down()
    with socket.socket() as foreign:
        foreign.bind(("127.0.0.1", 0))
        foreign.listen()
        port = foreign.getsockname()[1]
        with pytest.raises(LocalCkanError, match=rf"127\.0\.0\.1:{port} .*LANDKARTE_CKAN_PORT"):
            LocalCkan(ckan.state, ENVIRONMENT, title=ckan.title, port=port).up()
    assert not any(ckan.status().pieces.values())
    assert endpoint == ckan.up()


BRING_UP = """
import sys; from pathlib import Path; from catalogue.local.server import LocalCkan
LocalCkan(Path(sys.argv[1]), Path(sys.argv[2]), title="Probe", port=int(sys.argv[3])).up()
"""


@pytest.mark.ckan
@pytest.mark.usefixtures("local_ckan")
def test_a_first_start_killed_in_the_middle_is_finished_by_the_next(tmp_path: Path) -> None:
    """Kill -9 while the databases are filled; then two at once bring it up, and both get the same catalogue."""
    state = tmp_path / ("tief" * 20) / "ckan"  # too deep for a socket: its folder is elsewhere
    port = free_port()
    with subprocess.Popen([sys.executable, "-c", BRING_UP, str(state), str(ENVIRONMENT), str(port)], cwd=REPOSITORY) as first:
        until = time.monotonic() + 60
        while not (state / "log" / "bootstrap.log").exists() and first.poll() is None and time.monotonic() < until:
            time.sleep(0.02)
        time.sleep(0.7)
        kill(first.pid)
    record = read_record(state)
    assert record is not None
    assert record.token is None
    ckan = LocalCkan(state, ENVIRONMENT, title="Probe", port=port)
    try:
        with ThreadPoolExecutor(2) as both:
            ends = list(both.map(lambda one: one.up(), [ckan, LocalCkan(state, ENVIRONMENT, title="Probe", port=port)]))
        assert ends[0] == ends[1]
        assert call(ends[0], "package_list") == []
        (state / "reset.pending").touch()  # a reset killed before it began its work
        call(ends[0], "organization_create", name="halb")
        ckan.up()
        assert call(ends[0], "organization_list") == []
    finally:
        ckan.down()
    assert not Path(record.run).exists()


# ---- it says plainly what it cannot do -------------------------------------------------------------------------------------


def test_a_full_disk_is_one_sentence(tmp_path: Path) -> None:
    """What the kernel calls ENOSPC becomes: which place is full, and what to do."""
    with pytest.raises(LocalCkanError, match=r"Der Datenträger mit .* ist voll; bitte Platz schaffen"), said_plainly(tmp_path):
        Path("/dev/full").write_text("x")


def test_a_forbidden_folder_is_one_sentence(tmp_path: Path) -> None:
    """A file in the place of the folder, or missing rights, end in a sentence with the path."""
    (tmp_path / "ckan").write_text("")
    with pytest.raises(LocalCkanError, match=r"ckan: .*; bitte den Ordner prüfen\."):
        LocalCkan(tmp_path / "ckan", ENVIRONMENT, title="Probe").up()


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ("ERROR: No matching distribution found for pglast==8.4", r"kein fertiges Paket pglast==8\.4 .*LANDKARTE_CATALOGUE=none"),
        ("ERROR: Could not install: [Errno 28] No space left on device", r"ist voll"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE", r"andere Prüfsumme"),
        (
            "WARNING: Retrying: NewConnectionError('<...>: Failed to establish a new connection')\nERROR: No matching "
            "distribution found for ckan==2.12.0",
            r"Paketserver ist nicht erreichbar",
        ),
        ("ERROR: something new", r"lässt sich nicht einrichten \(ERROR: something new\)"),
    ],
)
def test_what_pip_says_becomes_a_sentence(tmp_path: Path, said: str, sentence: str) -> None:
    """Every way pip fails is one German sentence."""
    log = tmp_path / "pip.log"
    log.write_text(said + "\n")
    assert re.search(sentence, str(environment.to_error(said, log)))


@pytest.mark.parametrize("text", ["ckan==2.12.0\n", "ckan>=2.12 \\\n    --hash=sha256:00\n", ""])
def test_a_lock_without_hashes_is_refused(text: str) -> None:
    """Nothing is installed that is not pinned by version and hash."""
    with pytest.raises(LocalCkanError, match="nicht mit Version und Prüfsumme fest"):
        environment.read_lock(text)


def test_the_lock_pins_everything_and_names_no_server() -> None:
    """The committed lock is read whole: one entry for each package, each with hashes, no address."""
    text = environment.LOCK.read_text()
    entries = environment.read_lock(text)
    assert len(entries) == sum("==" in line for line in text.splitlines())
    assert set(environment.BUILDERS) < entries.keys()
    assert "://" not in text
    assert "psycopg2" not in entries


def test_a_folder_with_other_things_is_not_emptied(tmp_path: Path) -> None:
    """An environment is only made where nothing else lives."""
    (tmp_path / "diplomarbeit.odt").write_text("wichtig")
    with pytest.raises(LocalCkanError, match="enthält anderes"):
        environment.prepared(tmp_path, lambda words: None)
    assert (tmp_path / "diplomarbeit.odt").exists()


def test_a_lock_is_waited_for_and_named_when_it_lasts(tmp_path: Path) -> None:
    """Who waits says so once; who waited too long gets a sentence."""
    said: list[str] = []
    waits: Callable[[str], None] = said.append
    with (
        held(tmp_path / "lock", waits, "warte"),
        pytest.raises(LocalCkanError, match="belegt"),
        held(tmp_path / "lock", waits, "warte", patience=0.2),
    ):
        pass
    assert said == ["warte"]


def test_a_process_is_known_by_its_arguments_not_by_its_number(tmp_path: Path) -> None:
    """A number without our mark is a stranger; a number that is no number is nobody."""
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)", "--pid", str(tmp_path)]) as running:
        try:
            number = tmp_path / "number"
            number.write_text(f"{running.pid}\n")
            time.sleep(0.1)
            assert running.pid == recorded(number, ("--pid", str(tmp_path)))
            assert recorded(number, ("--pid", str(tmp_path / "other"))) is None
            assert not carries(running.pid, (str(tmp_path), "--pid"))
            number.write_text("kaputt")
            assert recorded(number, ("--pid", str(tmp_path))) is None
        finally:
            running.kill()


def test_a_grown_log_is_cut(tmp_path: Path) -> None:
    """A log beyond the limit starts anew; its end is kept aside."""
    log = tmp_path / "web.log"
    log.write_bytes(b"x" * 5_000_001 + b"ende")
    shorten([log, tmp_path / "missing.log"])
    assert log.stat().st_size == 0
    assert (tmp_path / "web.log.1").read_bytes().endswith(b"ende")


def test_a_redis_server_on_the_path_serves_where_there_is_no_wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the wheel's server the one on the path is taken; without either the sentence says what to do."""
    bare = environment.Environment(tmp_path, tmp_path, "", "2.12.0")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(LocalCkanError, match=r"redis-server.*LANDKARTE_CATALOGUE=none"):
        _ = bare.redis
    server = tmp_path / "redis-server"
    server.touch(mode=0o755)
    assert bare.redis == server


def test_a_state_that_never_was_is_down(tmp_path: Path) -> None:
    """Status and down of an unknown folder answer without making anything."""
    ckan = LocalCkan(tmp_path / "nie", ENVIRONMENT, title="Probe")
    ckan.down()
    status = ckan.status()
    assert not status.running
    assert status.pieces == {"postgres": None, "redis": None, "web": None}
    assert not (tmp_path / "nie").exists()
