"""Let the disk be full: a small file system of its own in memory, filled to the last kilobytes; then make room and go on.

    python -m tests.catalogue.killed_disk FOLDER [--times N] [--catalogue N] [--seed N]

Harvest (its captures and its ledger), publication, and with `--catalogue` a whole local CKAN with its database lie on it. Every time
a German sentence says what to do, the public sees what it saw before, and with room again the next run arrives where an undisturbed
one arrives. Mounting needs rights: without them this ends with 2, and only the size limit of `killed` is left.
"""

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from catalogue.ckan import CatalogueError
from catalogue.disk import LedgerError
from catalogue.local.errors import LocalCkanError
from catalogue.local.server import LocalCkan
from flows.night import harvest
from flows.outlet import publish
from landkarte.package import load
from tests.catalogue.killed import leftovers
from tests.catalogue.killed_catalogue import dump
from tests.catalogue.killed_program import KEYS, feed, house_of, shown
from tests.connectors.site import Site
from tests.flows.town import SOURCE, Town

FULL = "Bitte Platz schaffen"
BLOCK = 4096


@contextmanager
def small_disk(folder: Path, size: int) -> Iterator[Path | None]:
    """Mount a file system of so many bytes; None where that is not allowed."""
    folder.mkdir(parents=True, exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "none", str(folder)]
    try:
        mounted = subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        mounted = False
    try:
        yield folder if mounted else None
    finally:
        if mounted:
            subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(disk: Path, left: int) -> None:
    """Fill a disk, but for so many bytes."""
    free = shutil.disk_usage(disk).free
    with (disk / "ballast").open("ab") as ballast:
        os.posix_fallocate(ballast.fileno(), 0, max(free - left, BLOCK))


def make_room(disk: Path) -> None:
    """Take the ballast away."""
    (disk / "ballast").unlink(missing_ok=True)


def town_on(disk: Path, folder: Path, site: Site, **settings: object) -> Town:
    """A town whose data lie on that disk; its first state is harvested and published."""
    for key in KEYS:
        site.pages[f"/{key}.csv"] = feed(100)
    sources = {key: (SOURCE % site.url).replace("kurse.csv", f"{key}.csv") for key in KEYS}
    return Town(folder, site, sources, data=disk / "data", **settings)


def night(town: Town) -> list[str]:
    """Harvest all and publish; give the sentences that were said because something did not go."""
    house, said = town.open(), []
    for source in house.wanted():
        try:
            run = harvest(house, source, lambda: town.now)
            if run.result == "failed":
                said.append(run.note)
        except LedgerError as error:
            said.append(str(error))
    try:
        publish(house, town.now)
    except (LedgerError, CatalogueError, LocalCkanError) as error:
        said.append(str(error))
    return said


def on_a_full_disk(disk: Path, folder: Path, times: int, seed: str) -> tuple[dict[str, int], list[str]]:
    """Fill the disk `times` times to a random rest, run a night, make room, run it again; give figures and faults."""
    chance, faults = random.Random(seed), []
    figures = {"nights on a full disk": 0, "of them cut off": 0, "sentences": 0}
    with Site() as site:
        town = town_on(disk, folder, site)
        data = town.settings.data
        assert not night(town)
        before = folder / "before"
        shutil.copytree(data, before)
        old = load(data / "publications").publication
        for key in KEYS:
            site.pages[f"/{key}.csv"] = feed(130, gone=5, word=f"Kurs {key}")
        assert not night(town)
        wanted = shown(town, data)
        used = sum(path.stat().st_size for path in data.rglob("*") if path.is_file())
        for number in range(times):
            shutil.rmtree(data)
            shutil.copytree(before, data)
            fill(disk, left := int(chance.uniform(0, 0.8 if number else 0.02) * used))
            said = night(town)
            figures["nights on a full disk"] += 1
            figures["of them cut off"] += bool(said)
            figures["sentences"] += len(said)
            try:
                assert all(FULL in text and "gilt der letzte Stand" in text for text in said), said
                assert said or shown(town, data) == wanted
                if load(data / "publications").publication != old:
                    assert house_of(town.city, data).publications.current() is not None
                make_room(disk)
                assert not (late := night(town)), late
                assert shown(town, data) == wanted, "other bytes than undisturbed"
                assert not leftovers(data / "harvest") and not [*(data / "publications").glob(".*")]
            except AssertionError as error:
                faults.append(f"{left} bytes left: {str(error)[:500]}")
                make_room(disk)
    return figures, faults


def catalogue_on_a_full_disk(disk: Path, folder: Path, times: int, seed: str) -> tuple[dict[str, int], list[str]]:
    """The same with a local CKAN, its database, files and logs on that disk."""
    from tests.catalogue.conftest import ENVIRONMENT, free_port

    chance, faults = random.Random(seed), []
    figures = {"publishes into a full CKAN": 0, "of them cut off": 0}
    port = free_port()
    more = {"catalogue": "local", "ckan_port": port, "ckan_environment": ENVIRONMENT}
    ckan = LocalCkan(disk / "data" / "ckan", ENVIRONMENT, title="Probe", port=port)
    with Site() as site:
        town = town_on(disk, folder, site, **more)
        try:
            states = (feed(100), feed(130, gone=5, word="Kurs neu"))
            wanted = {}
            for state in (0, 1, 0, 1):
                for key in KEYS:
                    site.pages[f"/{key}.csv"] = states[state]
                assert not (said := night(town)), said
            for number in range(times):
                state = number % 2
                for key in KEYS:
                    site.pages[f"/{key}.csv"] = feed(100 + 20 * number, word=f"Kurs {number}")
                house = town.open()
                for source in house.wanted():
                    harvest(house, source, lambda: town.now)
                fill(disk, int(chance.uniform(0, 3_000_000)))
                said = []
                try:
                    publish(house, town.now)
                except (LedgerError, CatalogueError, LocalCkanError) as error:
                    said.append(str(error))
                figures["publishes into a full CKAN"] += 1
                figures["of them cut off"] += bool(said)
                make_room(disk)
                try:
                    assert all("Bitte" in text or "holt es nach" in text or "bitte" in text for text in said), said
                    publish(house, town.now)
                    endpoint = ckan.up()
                    found = dump(endpoint.url, endpoint.token)
                    ckan.reset()
                    for note in (town.settings.data / "publications").glob("shown-*"):
                        note.unlink()
                    publish(house, town.now)
                    wanted[state] = dump(endpoint.url, endpoint.token)
                    assert sorted(found.splitlines()) == sorted(wanted[state].splitlines()), "another catalogue than a new one"
                except (AssertionError, CatalogueError, LocalCkanError, LedgerError) as error:
                    faults.append(f"catalogue, time {number}: {str(error)[:500]} after {said}")
        finally:
            make_room(disk)
            ckan.down()
    return figures, faults


def main() -> int:
    """Fill it as often as asked for; print the figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--times", type=int, default=20)
    parser.add_argument("--catalogue", type=int, default=3)
    parser.add_argument("--seed", default="1")
    options = parser.parse_args()
    faults = []
    for count, size, deed in ((options.times, 48, on_a_full_disk), (options.catalogue, 400, catalogue_on_a_full_disk)):
        with small_disk(options.folder / deed.__name__ / "disk", size * 1_000_000) as disk:
            if disk is None:
                print("no file system can be mounted here", file=sys.stderr)
                return 2
            if count:
                figures, found = deed(disk, options.folder / deed.__name__, count, options.seed)
                print(json.dumps(figures | {"faults": len(found)}), flush=True)
                faults += found
    for fault in faults:
        print(fault, file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
