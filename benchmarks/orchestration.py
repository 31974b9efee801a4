"""Prefect's share: many sources harvested as flows with a server running, against the same functions without Prefect.

The clock counts, because a flow waits for its server. Flows run several at once; so that this is not taken for Prefect's merit, the
functions run both ways. After the burst one more flow runs, to see whether it has to wait.
"""

import os
import shutil
from pathlib import Path

from benchmarks.measure import Candidate, Took, clocked, race, timed
from benchmarks.path import data_folder
from benchmarks.report import Size, decimal, number, percent, seconds, table
from benchmarks.town import NOW, Town, free_port, open_town, town
from flows.abreast import abreast
from flows.direct import harvest_each
from flows.night import harvest
from flows.server import environment, prefect_server
from schemas.settings import Settings

# sources, and records each: together some twenty seconds of work
BURSTS = {"small": ((10, 200),), "full": ((30, 5_000), (200, 500))}


def plain(folder: str, rows: int, keys: list[str]) -> Took:
    """Harvest the sources one after the other."""
    with data_folder(folder) as data:
        house = open_town(Path(folder), data)
        with timed() as took:
            done = [harvest(house, house.source(key), lambda: NOW) for key in keys]
        took.rows = sum(run.books.read for run in done)
        took.more["next"] = clocked(lambda: harvest(house, house.source(keys[0]), lambda: NOW))
    return took


def plain_at_once(folder: str, rows: int, keys: list[str]) -> Took:
    """Harvest the sources several at once, as flows are, but without Prefect."""
    with data_folder(folder) as data:
        house = open_town(Path(folder), data)
        with timed() as took:
            done = [
                *abreast(
                    [[key] for key in keys], lambda key: harvest(house, house.source(key), lambda: NOW), house.settings.at_once
                )
            ]
        took.rows = sum(run.books.read for run in done)
        took.more["next"] = clocked(lambda: harvest(house, house.source(keys[0]), lambda: NOW))
    return took


def through_prefect(folder: str, rows: int, keys: list[str], home: str, server: dict[str, str]) -> Took:
    """Harvest them as flows, with the server that runs already."""
    os.environ.update(server)
    import flows.harvest  # noqa: F401  Prefect's import is a process's, not a source's

    with data_folder(folder) as data:
        house = open_town(Path(folder), data)
        with timed() as took:
            done = [*harvest_each(house, keys)]
        took.rows = sum(run.books.read for run in done)
        assert len(done) == len(keys)
        took.more["next"] = clocked(lambda: [*harvest_each(house, keys[:1])])
    return took


def report(size: Size) -> str:
    """Measure, and write the table."""
    lines = []
    for count, each in BURSTS[size.name]:
        with town(each) as place:
            keys = _copies(place, count)
            lines += _burst(place, keys, size.times)
    heads = (
        "",
        "Uhr s",
        "CPU s",
        "Anteil von Prefect",
        "danach ein Flow: Uhr s",
        "Datenbank kB je Flow",
        "Server CPU ms je Flow",
    )
    note = (
        "Der Anteil ist die zusätzliche Uhrzeit gegenüber den bloßen Funktionen. Aufgehoben wird in der Datenbank "
        "30 Tage (`flows/server.py`), danach räumt Prefects Server sie auf."
    )
    return f"## Der Anteil von Prefect: ein Server läuft\n\n{table(heads, lines)}\n\n{note}\n"


def _burst(place: Town, keys: list[str], times: int) -> list[tuple[str, ...]]:
    home = place.folder / "prefect-data"
    shutil.rmtree(home, ignore_errors=True)
    port = free_port()
    settings = Settings(city=place.folder / "city", data=home, catalogue="none", allow_loopback=True, pause=0.0)
    env = environment(settings, port)
    ours = {name: value for name, value in env.items() if name.startswith("PREFECT_")}
    with prefect_server(env, port, home / "server.log") as server:
        database = home / "prefect" / "prefect.db"
        before, cpu = _size(database), _cpu(server.process.pid)
        arguments = place.arguments(keys=keys)
        results = race(
            [
                Candidate("bloße Funktionen", "benchmarks.orchestration:plain", arguments),
                Candidate("bloße Funktionen, vier zugleich", "benchmarks.orchestration:plain_at_once", arguments),
                Candidate(
                    "als Flows, vier zugleich",
                    "benchmarks.orchestration:through_prefect",
                    arguments | {"home": str(home), "server": ours},
                ),
            ],
            times,
        )
        flows = (len(keys) + 1) * times
        grown, worked = (_size(database) - before) / 1000 / flows, (_cpu(server.process.pid) - cpu) * 1000 / flows
    bare = results["bloße Funktionen"]
    what = f"{len(keys)} Quellen zu {number(place.rows)} Datensätzen"
    return [
        (
            f"{what}, {name}",
            seconds(took.wall),
            seconds(took.cpu),
            percent(took.wall - bare.wall, bare.wall) if took is not bare else "–",
            decimal(took.more["next"], 2),
            f"{grown:.0f}" if "Flows" in name else "–",
            f"{worked:.0f}" if "Flows" in name else "–",
        )
        for name, took in results.items()
    ]


def _copies(place: Town, count: int) -> list[str]:
    """Write so many source files that read the same table."""
    folder = place.folder / "city" / "sources"
    text = (folder / "du-tabelle.yml").read_text(encoding="utf-8")
    keys = [f"du-tabelle-{number:03}" for number in range(count)]
    for key in keys:
        (folder / f"{key}.yml").write_text(text, encoding="utf-8")
    return keys


def _cpu(pid: int) -> float:
    """Give the CPU seconds a process has used so far (proc(5), fields 14 and 15)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _size(database: Path) -> int:
    return sum(path.stat().st_size for path in database.parent.glob(f"{database.name}*"))
