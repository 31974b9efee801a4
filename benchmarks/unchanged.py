"""The second night of a source: nothing changed, in four degrees, as a share of the first night.

304 (the partner's server says so), the same bytes without it saying so, the same records in new bytes, and one record of a
hundred with another text. Each night harvests and publishes; `catalogue = none`, so the catalogue is not written at all.
"""

import shutil
from datetime import timedelta
from pathlib import Path

from benchmarks.measure import Candidate, Took, race, timed
from benchmarks.path import data_folder
from benchmarks.report import Size, number, percent, seconds, table
from benchmarks.town import NOW, open_town, town
from catalogue.run import Run
from flows.house import House
from flows.night import harvest
from flows.outlet import Outcome, publish

NIGHTS = {
    "304: der Server sagt, nichts sei neu": ("du-datei", "angebote.jsonl"),
    "dieselben Bytes, ohne dass er es sagt": ("du-ohne", "angebote.jsonl"),
    "dieselben Datensätze in neuen Bytes": ("du-datei", "neue-bytes.jsonl"),
    "1 % der Datensätze geändert": ("du-datei", "geaendert.jsonl"),
}


def second_night(folder: str, rows: int, source: str, feed: str, first: bool = False) -> Took:
    """Harvest and publish twice; measure the second time, or the `first`."""
    site = Path(folder) / "site"
    with data_folder(folder) as data:
        show_feed(site, "angebote.jsonl")
        if first:
            with timed() as took:
                run, _ = _night(open_town(Path(folder), data), source, 0)
            fresh = True
        else:
            _night(open_town(Path(folder), data), source, 0)
            if feed != "angebote.jsonl":
                show_feed(site, feed)
            house = open_town(Path(folder), data)
            before = house.publications.current()
            with timed() as took:
                run, outcome = _night(house, source, 1)
            fresh = before is None or before.content != outcome.publication.content
    took.rows = rows
    books = run.books
    took.more = {"result": run.result, "changed": books.changed, "new": books.new, "fresh": fresh}
    return took


def _night(house: House, source: str, hour: int) -> tuple[Run, Outcome]:
    now = NOW + timedelta(hours=hour)  # before the first session of the day ends: time itself changes nothing
    run = harvest(house, house.source(source), lambda: now)
    assert run.accepted, run
    return run, publish(house, now)


def show_feed(site: Path, feed: str) -> None:
    """Let the partner show this file; its server's ETag follows the file."""
    shown = site / "heute.jsonl"
    shown.unlink(missing_ok=True)
    shutil.copyfile(site / feed, shown)


def report(size: Size) -> str:
    """Measure, and write the table."""
    with town(size.rows) as place:
        arguments = {name: place.arguments(source=source, feed=feed) for name, (source, feed) in NIGHTS.items()}
        candidates = [Candidate(name, "benchmarks.unchanged:second_night", given) for name, given in arguments.items()]
        whole = Candidate("erste Nacht", "benchmarks.unchanged:second_night", next(iter(arguments.values())) | {"first": True})
        results = race([whole, *candidates], 1)
    first = results.pop("erste Nacht")
    rows = [("die erste Nacht, alles neu", seconds(first.cpu), "100 %", "neu", f"{first.peak_mb:.0f}")]
    rows += [
        (
            name,
            seconds(took.cpu),
            percent(took.cpu, first.cpu),
            f"{took.more['result']}; {number(took.more['changed'])} geändert"
            + ("; neue Veröffentlichung" if took.more["fresh"] else "; Veröffentlichung bleibt"),
            f"{took.peak_mb:.0f}",
        )
        for name, took in results.items()
    ]
    text = table(("", "CPU s", "Anteil", "Ergebnis", "Spitze MB"), rows)
    return f"## Nichts Neues: die zweite Nacht, {number(size.rows)} Datensätze in einer Datei (JSON Lines)\n\n{text}\n\nEin Lauf je Zeile."
