"""Two at once, as real processes: harvests of one source, a harvest and a publisher, two publishers, a rollback in between."""

import os
import re
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from catalogue.lease import Busy, Holder, Machine, holder
from flows.night import harvest
from flows.outlet import publish
from landkarte.package import load
from tests.catalogue.killed_program import KEYS, begin, feed, house_of, leftovers, shown
from tests.connectors.site import Site
from tests.flows.town import SOURCE, Town

BUSY = r"Daran arbeitet gerade ein anderer Lauf \(harvest, Rechner .+, Prozess \d+\)\. Bitte später noch einmal versuchen\."


@pytest.fixture
def town(tmp_path: Path, site: Site) -> Town:
    """A town with three partners whose first state is harvested and published."""
    sources = {key: (SOURCE % site.url).replace("kurse.csv", f"{key}.csv") for key in KEYS}
    for key in KEYS:
        site.pages[f"/{key}.csv"] = feed(20)
    town = Town(tmp_path, site, sources)
    for key in KEYS:
        town.harvest(key, after=timedelta())
    publish(town.open(), town.now)
    return town


def test_while_one_process_harvests_everything_else_waits_or_goes_on(town: Town, site: Site) -> None:
    """A second harvest and a rollback are told who works; a publisher shows what was there; after a kill the next one goes on."""
    going_on = threading.Event()

    def slow(request: object) -> str:
        going_on.wait(60)
        return feed(25)

    site.pages[f"/{KEYS[0]}.csv"] = slow
    data = town.settings.data
    child = begin(town, data, command=False)
    house = town.open()
    own = house.ledger.source(KEYS[0])
    try:
        while own.busy() is None:
            assert child.poll() is None
            time.sleep(0.02)
        runs = own.run_ids()
        with pytest.raises(Busy, match=BUSY):
            harvest(house, house.sources[KEYS[0]], lambda: town.now)
        with pytest.raises(Busy, match=BUSY):
            own.rollback(town.now, owner="rollback")
        assert own.run_ids() == runs
        shows = publish(house, town.now).publication
        assert shows.rows["offers"] == 60 and load(data / "publications").publication == shows.content
    finally:
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()
        going_on.set()
    run = town.harvest(KEYS[0])

    assert (run.result, run.books.new) == ("ok", 5)
    assert own.busy() is None and not leftovers(data / "harvest")


def test_two_whole_programs_at_once_arrive_where_one_arrives(town: Town, site: Site) -> None:
    """Both harvest all and publish: who comes second is told so in a sentence, or finds all unmodified; the books are whole."""
    for key in KEYS:
        site.pages[f"/{key}.csv"] = feed(30, gone=3)
    data = town.settings.data
    both = [begin(town, data, False, subprocess.PIPE) for _ in range(2)]
    said = [child.communicate(timeout=120)[0].decode() for child in both]

    assert [child.returncode for child in both] == [0, 0]
    for line in "".join(said).splitlines():
        assert re.search(r"Daran arbeitet gerade ein anderer Lauf \((harvest|publish), Rechner .+, Prozess \d+\)", line), line
    if any(line.startswith("publish") for line in "".join(said).splitlines()):
        publish(town.open(), house_of(town.city, data).now())  # who came second was sent away
    house = town.open()
    for key in KEYS:
        own = house.ledger.source(key)
        assert all(run.result in ("ok", "ok_with_problems", "not_modified") for run in own.runs())
        assert own.current().run.rows["offers"] == 30  # type: ignore[union-attr]  # there is one
        assert own.busy() is None
    current = house.publications.current()
    assert current is not None and current.rows["offers"] == 90
    assert load(data / "publications").publication == current.content
    assert not leftovers(data / "harvest") and not [*(data / "publications").glob(".*")]
    before = shown(town, data)
    publish(house, house.now())
    assert shown(town, data) == before


@pytest.mark.parametrize("here", [True, False], ids=["this machine", "another machine"])
def test_a_dead_publisher_holds_nobody_up_for_longer_than_its_lease(town: Town, here: bool) -> None:
    """On this machine the next one goes on at once; of another machine nobody can see whether it lives, so its lease is kept."""
    lock = town.settings.data / "publications" / "lock"
    script = "import os, sys; from pathlib import Path; from datetime import datetime, UTC; from catalogue.lease import Lease; "
    script += "Lease(Path(sys.argv[1]), 'publish', datetime.fromisoformat(sys.argv[2])).__enter__(); os._exit(9)"
    subprocess.run([sys.executable, "-c", script, str(lock), town.now.isoformat()], check=False)
    assert holder(lock)
    if not here:
        name = next(path.name for path in lock.iterdir())
        held = Holder.of(name)
        assert held is not None
        (lock / name).rename(lock / replace(held, at=Machine("anderswo", "m", "b", "1")).name)
        with pytest.raises(Busy, match="publish, Rechner anderswo"):
            publish(town.open(), town.now)
        town.now += timedelta(minutes=61)
    publish(town.open(), town.now)

    assert holder(lock) is None
