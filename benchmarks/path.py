"""The whole path of a feed: from a partner's server to the files of a publication, against dlt loading the same feed into DuckDB.

Ours fetches, keeps the capture, reads, normalises, shields, places, validates, compares, writes the snapshot, and publishes CSV,
GeoJSON, Parquet, XLSX, iCalendar and ZIP. dlt fetches the same pages and loads them, as they are, into tables it infers: by way
of Parquet, its quickest, and as it is preset.
"""

import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import catalogue.package
import catalogue.part
import catalogue.publication
import catalogue.zipped
import flows.night
from benchmarks.measure import Candidate, Took, race, run, timed
from benchmarks.peers.environments import python_of
from benchmarks.report import Size, costs, number, percent, seconds, table
from benchmarks.town import NOW, open_town, town
from catalogue.writer import RunWriter
from connectors.registry import connector
from flows.night import Night, harvest
from flows.outlet import publish as show
from schemas.normalise import Normaliser
from schemas.place import Placer
from schemas.validate import Validator


def ours(folder: str, rows: int, source: str, publish: bool = True) -> Took:
    """Harvest one source of a town into a fresh ledger, and publish it."""
    with data_folder(folder) as data:
        house = open_town(Path(folder), data)
        with timed() as took:
            done = harvest(house, house.source(source), lambda: NOW)
            if publish:
                show(house, NOW)
        assert done.accepted, done
        took.rows = done.books.read
        took.more = {"result": done.result, "rejected": done.books.rejected, "tables": dict(done.rows)}
    return took


def stages(folder: str, rows: int, source: str) -> Took:
    """The same once more, with a stopwatch at every arrow of the drawing."""
    watch = Stopwatch()
    kind = connector("json" if source != "du-tabelle" else "csv")
    for owner, name, label in (
        (Night, "fetch", "fetch"), (flows.night, "shield", "shield"), (Placer, "place", "place"),
        (Validator, "validate", "validate"), (RunWriter, "write", "snapshot: Spalten"), (Night, "store", "compare und snapshot"),
        (catalogue.publication, "write_rows", "publish: öffentliche Zeilen"), (catalogue.part, "to_csv", "publish: CSV"),
        (catalogue.part, "_write_map", "publish: GeoJSON"), (catalogue.package, "write_parquet", "publish: Parquet"),
        (catalogue.part, "_write_calendar", "publish: iCalendar"), (catalogue.part, "with_labels", "publish: XLSX"),
        (catalogue.zipped.Writer, "write", "publish: Deflate"), (catalogue.package, "_write_workbook", "publish: XLSX"),
        (catalogue.package, "find_matches", "publish: gleiche Angebote"), (catalogue.package, "_write", "publish: Dateien der Stadt"),
        (catalogue.publication, "write_zip", "publish: ZIP"), (catalogue.part, "_write_zip", "publish: ZIP"),
        (catalogue.publication, "make_part", "publish: Teil der Quelle"), (catalogue.part, "check_sum", "publish: Prüfsummen"),
        (catalogue.publication, "to_content_id", "publish: Prüfsummen"),
    ):  # fmt: skip
        watch.on(owner, name, label)
    watch.each(kind, "read", "fetch und read" if source == "du-seiten" else "read")
    watch.each(Normaliser, "batches", "normalise")
    watch.each(catalogue.part, "to_cells", "publish: XLSX")
    with data_folder(folder) as data:
        house = open_town(Path(folder), data)
        with timed() as took:
            watch.begin()
            done = harvest(house, house.source(source), lambda: NOW)
            show(house, NOW)
            watch.end()
    took.rows, took.more = done.books.read, {"seconds": watch.seconds}
    return took


class Stopwatch:
    """CPU seconds by label; while an inner one runs, the outer one stands still."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._running = ["übriges"]
        self._since = 0.0

    def begin(self) -> None:
        self._since = time.process_time()

    def end(self) -> None:
        self._book()

    def on(self, owner: Any, name: str, label: str) -> None:
        """Count what a function takes."""
        function = getattr(owner, name)

        def counted(*args: Any, **named: Any) -> Any:
            with self._running_as(label):
                return function(*args, **named)

        setattr(owner, name, counted)

    def each(self, owner: Any, name: str, label: str) -> None:
        """Count what a generator takes between two of its items."""
        generator: Callable[..., Iterator[Any]] = getattr(owner, name)

        def counted(*args: Any, **named: Any) -> Iterator[Any]:
            items = iter(generator(*args, **named))
            while True:
                with self._running_as(label):
                    item = next(items, None)
                if item is None:
                    return
                yield item

        setattr(owner, name, counted)

    @contextmanager
    def _running_as(self, label: str) -> Iterator[None]:
        self._book()
        self._running.append(label)
        try:
            yield
        finally:
            self._book()
            self._running.pop()

    def _book(self) -> None:
        now = time.process_time()
        label = self._running[-1]
        self.seconds[label] = self.seconds.get(label, 0.0) + now - self._since
        self._since = now


@contextmanager
def data_folder(folder: str) -> Iterator[Path]:
    """A data folder that is gone afterwards."""
    data = Path(tempfile.mkdtemp(dir=folder, prefix="data-"))
    try:
        yield data
    finally:
        shutil.rmtree(data, ignore_errors=True)


def report(size: Size) -> str:
    """Measure, and write the tables."""
    dlt = python_of("dlt")
    parts = []
    with town(size.rows) as place:
        for feed, source, kind in (("JSON in Seiten", "du-seiten", "seiten"), ("CSV", "du-tabelle", "tabelle")):
            candidates = [
                Candidate("wir", "benchmarks.path:ours", place.arguments(source=source)),
                Candidate("wir, bis zum Snapshot", "benchmarks.path:ours", place.arguments(source=source, publish=False)),
            ]
            if dlt is not None:
                load = place.arguments(url=place.url, kind=kind)
                candidates.insert(0, Candidate("dlt über Parquet", "benchmarks.peers.dlt_load:load", load, dlt))
                slow = place.arguments(url=place.url, kind=kind, file_format="insert_values")
                candidates.append(Candidate("dlt wie voreingestellt", "benchmarks.peers.dlt_load:load", slow, dlt, times=1))
            results = race(candidates, size.times)
            parts.append(
                f"### {number(size.rows)} Datensätze, {feed}\n\n{costs(results, 'dlt über Parquet')}\n\n{_what(results)}"
            )
        watched = {
            feed: run(Candidate(f"Wege: {feed}", "benchmarks.path:stages", place.arguments(source=source)))
            for feed, source in (("JSON", "du-seiten"), ("CSV", "du-tabelle"))
        }
        parts.append(f"### Wo die Zeit bleibt\n\n{_stages({feed: took for feed, took in watched.items() if took is not None})}")
    return "## Der ganze Weg: vom Server des Partners bis zu den veröffentlichten Dateien\n\n" + "\n\n".join(parts) + "\n"


def _what(results: dict[str, Took]) -> str:
    """Say what stood in the end where each side says it went."""
    told = []
    for name, took in results.items():
        counts = ", ".join(f"{table} {number(count)}" for table, count in took.more["tables"].items() if count)
        told.append(f"{name}: {counts}")
    return "; ".join(told) + "."


def _stages(watched: dict[str, Took]) -> str:
    labels = dict.fromkeys(label for took in watched.values() for label in took.more["seconds"])
    order = sorted(labels, key=lambda label: -max(took.more["seconds"].get(label, 0.0) for took in watched.values()))
    heads = ["", *(f"{feed}: {what}" for feed in watched for what in ("CPU s", "Anteil"))]
    rows = []
    for label in order:
        cells: list[object] = [label]
        for took in watched.values():
            spent, whole = took.more["seconds"].get(label, 0.0), sum(took.more["seconds"].values())
            cells += [seconds(spent), percent(spent, whole)]
        rows.append(cells)
    return table(heads, rows)


def report_memory(size: Size) -> str:
    """Measure the same with more and more records, and write the table: memory should not grow."""
    rows = []
    for count in size.memory:
        with town(count) as place:
            for feed, source in (("JSON in Seiten", "du-seiten"), ("CSV", "du-tabelle")):
                for what, publish in (("bis zum Snapshot", False), ("mit Veröffentlichung", True)):
                    arguments = place.arguments(source=source, publish=publish)
                    took = run(Candidate(f"{feed}, {count}, {what}", "benchmarks.path:ours", arguments))
                    if took is not None:
                        rows.append(
                            (f"{feed}, {what}", number(count), f"{took.peak_mb:.0f}", seconds(took.cpu), number(took.rate))
                        )
    heads = ("", "Datensätze", "Spitze MB", "CPU s", "Zeilen je CPU-s")
    return f"## Speicher, wenn es mehr werden\n\n{table(heads, rows)}\n\nEin Lauf je Zeile.\n"
