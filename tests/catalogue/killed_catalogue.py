"""Kill the publisher, the wire, CKAN or its database at every call between them, and look what the catalogue shows.

    python -m tests.catalogue.killed_catalogue FOLDER [--every N] [--rest N] [--servers N] [--seed N]

Two publications take turns in one real CKAN. Each time one is brought there and cut off on the way; then every resource has to
belong to the old one or the new one, the ZIP has to be whole, who reads has to read the one or the other, and the next publish
(of the same, or back to the one before) has to arrive at what an undisturbed one leaves: datasets, rows, views, every byte.
Prints the figures as JSON; ends with 1 where a law was broken.
"""

import argparse
import functools
import hashlib
import io
import json
import os
import random
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests

import flows.outlet
from catalogue.ckan import BUSY, CatalogueError, Ckan
from catalogue.local.processes import marked
from catalogue.local.server import LocalCkan
from catalogue.publication import Publication
from catalogue.shown import Shown
from flows.house import House, open_house
from flows.outlet import publish
from landkarte.package import load
from schemas.settings import Settings
from tests.catalogue.wire import ONCE, STAYS, Wire
from tests.connectors.site import Site
from tests.flows.town import NOW, SOURCE, Town, table

KEYS = ("du-eins", "du-zwei")
PUBLISHER = ("before", "during", "after")  # when the publisher dies, seen from the call
SERVERS = ("web", "postgres")
MOVING = ("metadata_modified", "metadata_created", "created", "last_modified", "creator_user_id", "package_id", "revision_id")
SECONDS = 2.0  # how long a publisher waits for an answer here
CITY = "duisburg"


class Case:
    """A town with two partners and two states, "a" and "b", behind a wire before a real CKAN."""

    def __init__(self, folder: Path, site: Site, wire: Wire, token: str) -> None:
        self.wire = wire
        sources = {key: (SOURCE % site.url).replace("kurse.csv", f"{key}.csv") for key in KEYS}
        self.town = Town(folder, site, sources, catalogue=wire.url, catalogue_token=token)
        self.token = token
        first = [f"{number};Kurs Nummer {number};01.12.2026;info@verein.example" for number in range(1, 31)]
        other = [*first[3:], "90;Schwimmen für Frauen;01.12.2026;info@verein.example"]
        other[5] = other[5].replace("Kurs", "Neuer Kurs")
        self.runs: dict[str, dict[str, str]] = {}
        for state, rows in (("a", first), ("b", other)):
            for key in KEYS:
                site.pages[f"/{key}.csv"] = table(*rows)
                if state == "a" or key == KEYS[0]:
                    self.town.harvest(key)
            ledger = self.town.open().ledger
            self.runs[state] = {key: ledger.source(key).run_ids()[0] for key in KEYS}
        self.house = self.town.open()
        self.wanted: dict[str, str] = {}
        self.ids: dict[str, Publication] = {}

    def turn(self, state: str) -> None:
        """Let a state count."""
        for key, run in self.runs[state].items():
            self.house.ledger.source(key).rollback(NOW, owner="test", run_id=run)

    def publish(self, state: str) -> Publication:
        """Bring a state into the catalogue."""
        self.turn(state)
        return publish(self.house, NOW).publication

    def learn(self, states: str = "abab") -> None:
        """Remember what the catalogue shows after each state, undisturbed; the first round only fills the list of withdrawn."""
        for number, state in enumerate(states):
            self.ids[state] = self.publish(state)
            if number > 1:
                self.wanted[state] = dump(self.wire.url, self.token)

    def look(self, token: str) -> None:
        """The catalogue is whole: one dataset each, every resource old or new, the ZIP whole, readers get old or new."""
        ckan = Ckan(self.wire.url, token, agent="tests")
        known = {BUSY, *(item.content for item in self.ids.values())}
        known |= {value for item in self.ids.values() for value in item.inputs.values()}
        names = ckan.read("package_list")
        assert sorted(names) == sorted({*KEYS, CITY}), names
        zips = [look_at_zip(ckan, name) for name in names]
        assert zips
        for name in names:
            found = ckan.read("package_show", id=name)["resources"]
            assert {item["publication"] for item in found} <= known, name
            assert len({item["name"] for item in found}) == len(found), "a resource twice"
        address = next(
            item["url"] for item in ckan.read("package_show", id=CITY)["resources"] if item["name"] == "datapackage.json"
        )
        read = load(address)
        allowed = {item.content: item for item in self.ids.values()}
        assert read.publication in allowed, read.publication
        assert read.tables["offers"].height == allowed[read.publication].rows["offers"]

    def converge(self, state: str) -> None:
        """The next publish leaves what an undisturbed one leaves, and nobody is in anybody's way."""
        self.wire.plan()
        done = self.publish(state)
        assert done.id == self.ids[state].id
        found = dump(self.wire.url, self.token)
        assert found == self.wanted[state], first_difference(self.wanted[state], found)
        note = Shown(self.house.publications.root, self.wire.url).read()
        assert note.shown == done.id and not note.begun and not note.error, note


def look_at_zip(ckan: Ckan, name: str) -> str:
    """Read the ZIP of a dataset against its own descriptor; give the version it says."""
    address = next(item["url"] for item in ckan.read("package_show", id=name)["resources"] if item["name"] == "datapackage.zip")
    answer = requests.get(address, timeout=30)
    assert answer.status_code == 200, (address, answer.status_code)
    with zipfile.ZipFile(io.BytesIO(answer.content)) as bundle:
        descriptor = json.loads(bundle.read("datapackage.json"))
        for entry in descriptor["resources"]:
            found = hashlib.sha256(bundle.read(entry["path"])).hexdigest()
            assert entry["hash"] == f"sha256:{found}", (name, entry["path"])
    return str(descriptor.get("version"))


def dump(url: str, token: str) -> str:
    """Say all that a catalogue shows, except for clocks: datasets, resources, views, rows, the bytes behind every address."""
    ckan = Ckan(url, token, agent="tests")
    whole: dict[str, Any] = {"organizations": sorted(ckan.read("organization_list"))}
    for name in sorted(ckan.read("package_list")):
        dataset = ckan.read("package_show", id=name)
        resources = {}
        for item in dataset.pop("resources"):
            seen: dict[str, Any] = {key: value for key, value in item.items() if key not in MOVING}
            seen["views"] = sorted(view["view_type"] for view in ckan.read("resource_view_list", id=item["id"]))
            if item["url_type"] == "upload":
                body = requests.get(item["url"], timeout=30).content
                assert seen.pop("hash") == f"sha256:{hashlib.sha256(body).hexdigest()}", (name, item["name"])
                # addresses in the descriptor carry the dataset's number, which is chance
                seen["sha256"] = hashlib.sha256(body.replace(dataset["id"].encode(), name.encode())).hexdigest()
            else:
                rows = ckan.read("datastore_search", resource_id=item["id"], limit=32_000)["records"]
                seen["rows"] = sorted(json.dumps({key: row[key] for key in row if key != "_id"}, sort_keys=True) for row in rows)
            resources[item["name"]] = seen
        whole[name] = {key: value for key, value in dataset.items() if key not in MOVING} | {"resources": resources}
        whole[name]["tags"] = [tag["name"] for tag in dataset["tags"]]
        numbers = (dataset["id"], dataset["owner_org"])  # chance, which a catalogue made anew has made anew
        whole[name]["organization"] = whole[name]["organization"]["name"]
        for number in numbers:
            whole[name] = json.loads(json.dumps(whole[name]).replace(number, name))
    return json.dumps(whole, sort_keys=True, indent=1)


def first_difference(one: str, other: str) -> str:
    """Name the first lines in which two texts differ."""
    lines = [(left, right) for left, right in zip(one.splitlines(), other.splitlines(), strict=False) if left != right]
    return "\n".join(f"{left}\n{right}" for left, right in lines[:4]) or "one is longer"


@contextmanager
def impatient(seconds: float = SECONDS) -> Iterator[None]:
    """Let publishers of this process wait a short time only."""
    patient = flows.outlet.Ckan
    flows.outlet.Ckan = functools.partial(patient, timeout=seconds)  # type: ignore[assignment, misc]  # the same class
    try:
        yield
    finally:
        flows.outlet.Ckan = patient  # type: ignore[misc]  # put back


def cut_off(case: Case, state: str, at: int, how: str) -> str:
    """Bring a state to the catalogue over a wire that fails; give what the publisher said, "" where it went well all the same."""
    case.turn(state)
    case.wire.plan(at, how)
    begin = time.monotonic()
    try:
        with impatient():
            publish(case.house, NOW)
    except CatalogueError as error:
        text = str(error)
        assert "Der nächste Lauf holt es nach" in text, text
        assert Shown(case.house.publications.root, case.wire.url).read().error == text
        return text
    finally:
        assert time.monotonic() - begin < 12 * SECONDS, "it waited for too long"
        case.wire.plan()
    return ""


def kill_publisher(case: Case, state: str, at: int, how: str) -> None:
    """Let a publisher of its own process die at a call."""
    case.turn(state)
    command = [sys.executable, "-m", "tests.catalogue.killed_catalogue", "--publish"]
    command += [str(case.town.city), str(case.town.settings.data), case.wire.url, case.token]
    child = subprocess.Popen(command)
    case.wire.plan(at, how, lambda: os.kill(child.pid, signal.SIGKILL))
    assert child.wait(120) == -signal.SIGKILL, child.returncode
    case.wire.plan()


def kill_server(case: Case, ckan: LocalCkan, state: str, at: int, piece: str) -> None:
    """Let CKAN itself, or its database, die in the middle of a call, and come back."""
    case.turn(state)
    pieces = ckan.laid_out()
    victim = pieces.web if piece == "web" else pieces.postgres

    def kill() -> None:
        for pid in marked(victim.mark):
            os.kill(pid, signal.SIGKILL)

    case.wire.plan(at, "during", kill)
    try:
        publish(case.house, NOW)
    except CatalogueError as error:
        assert "Der nächste Lauf holt es nach" in str(error), error
    case.wire.plan()
    ckan.up()


@contextmanager
def opened(folder: Path, url: str, token: str) -> Iterator[Case]:
    """Open a case whose catalogue has seen both states."""
    with Site() as site, Wire(url) as wire:
        case = Case(folder, site, wire, token)
        yield case


def calls_of(case: Case, state: str) -> int:
    """Count the calls of an undisturbed publish of a state."""
    case.wire.plan()
    case.publish(state)
    count = len(case.wire.calls)
    case.wire.plan()
    return count


Deed = Callable[[Case, str, int, str], object]


def attempt(case: Case, chance: random.Random, deed: Deed, state: str, at: int, how: str) -> str:
    """Cut one publish off, look, and converge: to the same state, or back to the one before. Gives the state that is there."""
    deed(case, state, at, how)
    case.look(case.token)
    back = chance.random() < 0.4
    end = ("a" if state == "b" else "b") if back else state
    case.converge(end)
    return end


def fresh_start(case: Case, ckan: LocalCkan, at: int, how: str) -> None:
    """Cut the very first publish of an empty catalogue off; the next one fills it."""
    ckan.reset()
    Shown(case.house.publications.root, case.wire.url).path.unlink(missing_ok=True)
    if how in PUBLISHER:
        kill_publisher(case, "a", at, how)
    else:
        cut_off(case, "a", at, how)
    case.converge("a")


def house_of(city: str, data: str, url: str, token: str) -> House:
    """Open the same house in a process of its own."""
    given: dict[str, Any] = {"city": Path(city), "data": Path(data), "allow_loopback": True, "pause": 0.0}
    return open_house(Settings(**given, catalogue=url, catalogue_token=token))


def run(folder: Path, options: argparse.Namespace) -> int:
    """Kill in all the ways that are asked for; print the figures."""
    from tests.catalogue.conftest import ENVIRONMENT, free_port

    ckan = LocalCkan(folder / "ckan", ENVIRONMENT, title="Probe", description="Nur zur Probe", port=free_port())
    endpoint = ckan.up()
    chance = random.Random(options.seed)
    figures: dict[str, int] = {}
    faults = 0
    try:
        with opened(folder / "town", endpoint.url, endpoint.token) as case:
            case.learn()
            counts = {state: calls_of(case, state) for state in ("a", "b")}
            figures["calls of a publish"] = counts["a"]
            standing = "b" if case.house.publications.current() == case.ids["b"] else "a"

            def each(deed: Deed, how: str, every: int) -> None:
                nonlocal standing, faults
                if not every:
                    return
                at = 1 + chance.randrange(every)
                while at <= counts["a" if standing == "b" else "b"]:
                    state = "a" if standing == "b" else "b"
                    try:
                        standing = attempt(case, chance, deed, state, at, how)
                    except (AssertionError, CatalogueError) as error:
                        faults += 1
                        print(f"{how} at call {at}, to {state}: {error}", file=sys.stderr, flush=True)
                        case.wire.plan()
                        case.publish(state)
                        standing = state
                    figures[how] = figures.get(how, 0) + 1
                    at += every
                print(json.dumps({how: figures.get(how, 0), "faults so far": faults}), flush=True)

            for how in ("down", "lost"):
                each(cut_off, how, options.every)
            for how in PUBLISHER:
                each(kill_publisher, how, options.every)
            for how in (*(name for name in (*STAYS, *ONCE) if name not in ("down", "lost")),):
                each(cut_off, how, options.rest)
            for piece in SERVERS:
                each(lambda case, state, at, piece: kill_server(case, ckan, state, at, piece), piece, options.servers)
            case.converge(standing)
            ckan.reset()
            Shown(case.house.publications.root, case.wire.url).path.unlink()
            case.publish("a")
            case.wanted["a"] = dump(case.wire.url, case.token)
            ckan.reset()
            Shown(case.house.publications.root, case.wire.url).path.unlink()
            first = calls_of(case, "a")
            figures["calls of a first publish"] = first
            start = 1 + chance.randrange(options.first or 1)
            for number, at in enumerate(range(start, first + 1, options.first) if options.first else ()):
                try:
                    fresh_start(case, ckan, at, ("after", "lost", "before", "down")[number % 4])
                except AssertionError as error:
                    faults += 1
                    print(f"first publish, call {at}: {error}", file=sys.stderr, flush=True)
                figures["first publish"] = figures.get("first publish", 0) + 1
    finally:
        ckan.down()
    print(json.dumps(figures | {"faults": faults}), flush=True)
    return 1 if faults else 0


def main() -> int:
    """Publish once, as a child; or kill."""
    if "--publish" in sys.argv:
        publish(house_of(*sys.argv[-4:]), NOW)
        return 0
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--every", type=int, default=1, help="at every n-th call, in the ways that matter most; 0: never")
    parser.add_argument("--rest", type=int, default=5, help="at every n-th call, in the other ways")
    parser.add_argument("--servers", type=int, default=12, help="at every n-th call CKAN or its database die")
    parser.add_argument("--first", type=int, default=5, help="at every n-th call of the very first publish")
    parser.add_argument("--seed", default="1")
    return run((options := parser.parse_args()).folder, options)


if __name__ == "__main__":
    sys.exit(main())
