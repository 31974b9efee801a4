"""Kill the whole program, harvest and publish, as a process at random instants; look what is left, and let it run once more.

    python -m tests.catalogue.killed_program FOLDER [--random N] [--command N] [--seed N]

`--random` kills the plain functions in a process of their own, `--command` the command `landkarte harvest --all` and `publish`
with all that belongs to it (every other time with its children, else without). Each time the public sees the old publication or
the new one, and the next run arrives at the bytes of an undisturbed one. Prints the figures; ends with 1 where a law was broken.
"""

import argparse
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from catalogue.lease import Busy
from catalogue.package import VOLATILE, files_of
from flows.house import House, open_house
from flows.night import harvest
from flows.outlet import publish
from flows.server import environment
from landkarte.package import load
from schemas.settings import Settings
from tests.catalogue.killed import leftovers
from tests.connectors.site import Site
from tests.flows.town import SOURCE, Town, table

RUN = re.compile(rb"\d{4}-\d\d-\d\dT\d{6}Z-[0-9a-f]{4}")
KEYS = ("du-drei", "du-eins", "du-zwei")


def feed(count: int, gone: int = 0, word: str = "Kurs") -> str:
    """A feed of so many courses, without the first."""
    return table(*(f"{number};{word} {number};01.12.2027;info@verein.example" for number in range(gone, count)))


def program(city: str, data: str) -> None:
    """Harvest all, then publish: the plain functions. What somebody else is doing is told and left to him."""
    house = house_of(Path(city), Path(data))
    for source in house.wanted():
        try:
            harvest(house, source, house.now)
        except Busy as busy:
            print(f"{source.key}: {busy}", flush=True)
    try:
        publish(house, house.now())
    except Busy as busy:
        print(f"publish: {busy}", flush=True)


def house_of(city: Path, data: Path) -> House:
    """Open the house in a process of its own."""
    given: dict[str, Any] = {"city": city, "data": data, "allow_loopback": True, "pause": 0.0, "catalogue": "none"}
    return open_house(Settings(**given))


def begin(town: Town, data: Path, command: bool, said: int = subprocess.DEVNULL) -> subprocess.Popen[bytes]:
    """Start the program; it leads its own group. What it says goes to `said`."""
    settings = town.settings.model_copy(update={"data": data})
    env = environment(settings, 1) | {"LANDKARTE_CITY": str(town.city), "LANDKARTE_CATALOGUE": "none", "LANDKARTE_PAUSE": "0"}
    del env["PREFECT_API_URL"]
    line = f'"{sys.executable}" -m landkarte.cli --data "{data}"'
    shell = ["sh", "-c", f"{line} harvest --all && exec {line} publish"]
    plain = [sys.executable, "-m", "tests.catalogue.killed_program", "--program", str(town.city), str(data)]
    return subprocess.Popen(shell if command else plain, env=env, start_new_session=True, stdout=said, stderr=subprocess.DEVNULL)


def shown(town: Town, data: Path) -> str:
    """Say what counts: every byte of the publication and of every snapshot, but the ids of runs, which are moments."""
    house = house_of(town.city, data)
    current = house.publications.current()
    digests = {}
    for key in KEYS:
        snapshot = house.ledger.source(key).current()
        digests[key] = {name: path.read_bytes().hex() for name, path in snapshot.paths.items()} if snapshot else {}
    files = {}
    if current is not None:
        for path in files_of(current.folder):
            name = str(path.relative_to(current.folder))
            if name == "problems.csv":
                files[name] = RUN.sub(b"", path.read_bytes()).hex()
            elif name not in (*VOLATILE, "datapackage.zip"):  # the ZIP holds the problems, too
                files[name] = path.read_bytes().hex()
    return json.dumps([digests, files], sort_keys=True)


def look(town: Town, data: Path, old: str, wanted: str) -> None:
    """Whoever reads gets the old publication or the new one, whole."""
    if load(data / "publications").publication != old:
        assert shown(town, data) == wanted, "neither the old publication nor the new"


def finish(town: Town, data: Path, command: bool, wanted: str) -> None:
    """The next run arrives where an undisturbed one arrives; nothing is held, nothing lies about."""
    assert begin(town, data, command).wait(300) == 0, "the next run does not go well"
    assert shown(town, data) == wanted, "other bytes than undisturbed"
    house = house_of(town.city, data)
    assert not any(house.ledger.source(key).busy() for key in KEYS)
    assert not leftovers(data / "harvest") and not [*(data / "publications").glob(".*")]
    with house.publications.lock("test", house.now()):
        pass


def kill(town: Town, data: Path, command: bool, moment: float, family: bool) -> bool:
    """Kill the program after so many seconds, with or without its children; say whether it was still at work."""
    running = begin(town, data, command)
    with suppress(subprocess.TimeoutExpired):
        running.wait(moment)
    at_work = running.poll() is None
    if at_work:
        if family or not command:
            os.killpg(running.pid, signal.SIGKILL)
        else:  # the shell and what it runs just then, not what that has started
            for line in subprocess.run(["pgrep", "-P", str(running.pid)], capture_output=True, text=True).stdout.split():
                with suppress(ProcessLookupError):
                    os.kill(int(line), signal.SIGKILL)
            running.kill()
    running.wait()
    return at_work


def run(folder: Path, options: argparse.Namespace) -> int:
    """Kill as often as asked for; print the figures."""
    chance, faults = random.Random(options.seed), 0
    figures = {"killed": 0, "late": 0, "command killed": 0, "command late": 0}
    with Site() as site:
        sources = {key: (SOURCE % site.url).replace("kurse.csv", f"{key}.csv") for key in KEYS}
        town = Town(folder, site, sources)
        before, once, copy = (folder / name for name in ("before", "once", "copy"))
        for key in KEYS:
            site.pages[f"/{key}.csv"] = feed(options.offers)
        assert begin(town, before, options.command > 0).wait(300) == 0
        old = load(before / "publications").publication
        for key in KEYS[1:]:
            site.pages[f"/{key}.csv"] = feed(options.offers + 20, gone=5, word=f"Kurs {key}")
        for command, times in ((False, options.random), (True, options.command)):
            if not times:
                continue
            shutil.rmtree(once, ignore_errors=True)
            shutil.copytree(before, once)
            started = time.monotonic()
            assert begin(town, once, command).wait(300) == 0
            seconds = time.monotonic() - started
            wanted = shown(town, once)
            for number in range(times):
                shutil.rmtree(copy, ignore_errors=True)
                shutil.copytree(before, copy)
                # the interpreter's own start is no instant of ours
                moment = chance.uniform(0.25 if not command else 0.1, 1.05) * seconds
                word = "command " if command else ""
                at_work = kill(town, copy, command, moment, number % 2 == 0)
                figures[f"{word}{'killed' if at_work else 'late'}"] += 1
                try:
                    look(town, copy, old, wanted)
                    finish(town, copy, command, wanted)
                except AssertionError as error:
                    faults += 1
                    print(f"{word}killed after {moment:.3f} s: {error}", file=sys.stderr, flush=True)
    print(json.dumps(figures | {"faults": faults}), flush=True)
    return 1 if faults else 0


def main() -> int:
    """Be the program; or kill it."""
    if "--program" in sys.argv:
        program(*sys.argv[-2:])
        return 0
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--random", type=int, default=50)
    parser.add_argument("--command", type=int, default=10)
    parser.add_argument("--offers", type=int, default=200)
    parser.add_argument("--seed", default="1")
    options = parser.parse_args()
    return run(options.folder, options)


if __name__ == "__main__":
    sys.exit(main())
