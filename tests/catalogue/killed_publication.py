"""Kill the building of a publication at boundaries between two changes on disk, and look what is left.

    python -m tests.catalogue.killed_publication FOLDER [--every N] [--random N] [--seed N]

The public must see the old publication or the new one, every file as its descriptor says; the next build has to arrive where an
undisturbed one arrives, with nothing left lying about. Children are forks: this process itself never computes.
"""

import argparse
import hashlib
import json
import os
import random
import shutil
import signal
import sys
import time
from pathlib import Path

from catalogue.publication import Publications
from schemas.city import load_city
from tests import rows
from tests.catalogue.contributions import NOW, contribution, one_of_each
from tests.catalogue.killed import child, die_at

CITY = Path(__file__).parents[2] / "cities" / "duisburg"


def build(folder: Path, root: Path, version: str) -> None:
    """Publish version "a" (one offer) or "b" (two, one of them changed)."""
    tables = one_of_each(title=f"Kurs {version}")
    if version == "b":
        second = rows.offer(offer_id=f"{rows.SOURCE_KEY}:K-102", record_id="K-102")
        tables["offers"] = [*tables["offers"], second]
    item = contribution(folder / f"snapshot-{os.getpid()}-{version}", tables, digest=version)
    Publications(root).build(load_city(CITY), [item], NOW)


def look(root: Path, allowed: set[str]) -> None:
    """The publication the public sees is one of the allowed, and every file of it is whole."""
    current = Publications(root).current()
    assert current is not None and current.id in allowed, current
    descriptor = json.loads((current.folder / "datapackage.json").read_bytes())
    for entry in descriptor["resources"]:
        found = hashlib.sha256((current.folder / entry["path"]).read_bytes()).hexdigest()
        assert entry["hash"] == f"sha256:{found}", entry["path"]


def name(root: Path) -> str:
    return (root / "current").read_text().strip()


def converge(folder: Path, root: Path, old: str, new: str) -> None:
    """Look at what a killed build left; build again; arrive at the new publication with nothing left over."""
    look(root, {old, new})
    build(folder, root, "b")
    look(root, {new})
    left = [path.name for path in root.iterdir() if path.name.startswith(".")]
    assert not left, left


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--random", type=int, default=0)
    parser.add_argument("--seed", default="1")
    options = parser.parse_args()
    folder: Path = options.folder
    before, once, copy, note = (folder / part for part in ("before", "once", "copy", "note"))
    assert child(lambda: build(folder, before, "a"))[0]
    shutil.copytree(before, once)

    def count() -> None:
        die_at(-1, once, note)
        build(folder, once, "b")

    well, _, seconds = child(count)
    old, new = name(before), name(once)
    figures = {"boundaries": int(note.read_text()), "killed": 0, "late": 0}
    chance = random.Random(options.seed)

    def fresh() -> None:
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(before, copy)

    def until(boundary: int) -> None:
        die_at(boundary, copy)
        build(folder, copy, "b")

    first = 1 + chance.randrange(options.every)
    for boundary in range(first, figures["boundaries"] + 1, options.every):
        fresh()
        _, killed, _ = child(lambda boundary=boundary: until(boundary))  # type: ignore[misc]  # a default binds it
        well &= killed and child(lambda: converge(folder, copy, old, new))[0]
        figures["killed"] += 1
    for _ in range(options.random):
        fresh()
        pid = os.fork()
        if pid == 0:
            build(folder, copy, "b")
            os._exit(0)
        time.sleep(chance.uniform(0, seconds * 1.1))
        os.kill(pid, signal.SIGKILL)
        _, status = os.waitpid(pid, 0)
        figures["killed" if os.WIFSIGNALED(status) else "late"] += 1
        well &= child(lambda: converge(folder, copy, old, new))[0]
    print(json.dumps(figures | {"well": well}))
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main())
