"""The same tables, the same verdicts: frictionless against our validator, row by row and by columns.

Every function reads its input before the stopwatch runs where both sides get objects, and inside where both read a file. Each
gives a digest of its errors (type, row, field, note, message, order), so that the report can say whether they are the same.
frictionless is loaded beforehand on both sides: ours takes its readers for what is not surely valid.
"""

import csv
import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import frictionless
import frictionless.formats
import orjson
import polars as pl

from benchmarks.measure import Candidate, Took, race, timed
from benchmarks.report import Size, costs, number, seconds
from benchmarks.tables import TABLES, tables
from benchmarks.town import open_town, town
from schemas.rows import Batch
from schemas.tables import load
from schemas.validate import Validator
from schemas.verdict import TableValidator

UNUSUAL = {0.0: "Gewöhnliche Zeilen", 0.05: "5 % ungewöhnlich, aber gültig", 0.2: "20 % ungewöhnlich, aber gültig"}
ALL = 10**9  # frictionless stops after 1,000 errors unless told otherwise


def frictionless_csv(folder: str) -> Took:
    """frictionless validates offers.csv."""
    resource = _resource("offers", folder)
    with timed() as took:
        report = resource.validate(limit_errors=ALL)
    return _told(took, report.tasks[0].stats["rows"], _theirs(report.tasks[0].errors))


def frictionless_objects(folder: str) -> Took:
    """frictionless validates the offers as a list of mappings."""
    rows = _objects(folder, "offers")
    resource = frictionless.Resource(data=rows, schema=frictionless.Schema.from_descriptor(_without_keys("offers")))
    with timed() as took:
        report = resource.validate(limit_errors=ALL)
    return _told(took, len(rows), _theirs(report.tasks[0].errors))


def frictionless_package(folder: str) -> Took:
    """frictionless validates three tables with the foreign keys between them."""
    package = frictionless.Package(resources=[_resource(table, folder, keys=True) for table in TABLES])
    with timed() as took:
        report = package.validate(limit_errors=ALL)
    return _told(took, sum(task.stats["rows"] for task in report.tasks), _theirs(e for task in report.tasks for e in task.errors))


def ours_csv(folder: str) -> Took:
    """Our validator row by row over offers.csv."""
    validator = TableValidator(_without_keys("offers"))
    with timed() as took, (Path(folder) / "offers.csv").open(encoding="utf-8", newline="") as stream:
        reader = csv.reader(stream)
        errors = [*validator.errors(reader, labels=next(reader))]
    return _told(took, _count(folder, "offers"), _ours(errors))


def ours_columns(folder: str) -> Took:
    """Our validator by columns over offers.csv."""
    validator = TableValidator(_without_keys("offers"))
    with timed() as took:
        frame = pl.read_csv(Path(folder) / "offers.csv", infer_schema=False)
        errors = [*validator.errors_of_frame(frame)]
    return _told(took, frame.height, _ours(errors))


def ours_objects(folder: str) -> Took:
    """Our validator over the offers as a list of mappings."""
    validator = TableValidator(_without_keys("offers"))
    rows = _objects(folder, "offers")
    with timed() as took:
        errors = [*validator.errors(rows)]
    return _told(took, len(rows), _ours(errors))


def ours_package(folder: str, columns: bool = False) -> Took:
    """Our validator over the three tables with the foreign keys between them."""
    with timed() as took:
        frames = {table: pl.read_csv(Path(folder) / f"{table}.csv", infer_schema=False) for table in TABLES}
        errors: list[Any] = []
        for table, frame in frames.items():
            descriptor = _keyed(table)
            lookups: dict[str, dict[tuple[str, ...], set[tuple[Any, ...]]]] = {}
            for key in descriptor.get("foreignKeys", ()):
                target = key["reference"]["resource"]
                if target:
                    names = key["reference"]["fields"]
                    names = [names] if isinstance(names, str) else names
                    lookups.setdefault(target, {})[tuple(names)] = {*frames[target].select(names).drop_nulls().iter_rows()}
            validator = TableValidator(descriptor, lookups=lookups)
            if columns:
                errors += validator.errors_of_frame(frame)
            else:
                with (Path(folder) / f"{table}.csv").open(encoding="utf-8", newline="") as stream:
                    reader = csv.reader(stream)
                    errors += validator.errors(reader, labels=next(reader))
    return _told(took, sum(frame.height for frame in frames.values()), _ours(errors))


def ours_package_columns(folder: str) -> Took:
    """The same by columns."""
    return ours_package(folder, columns=True)


def ours_in_a_harvest(folder: str, place: str) -> Took:
    """What a harvest does: table, our rules, keys between the tables, problems told, batch by batch."""
    house = open_town(Path(place), Path(place) / "data")
    rows = {table: _objects(folder, table) for table in TABLES}
    parts = [Batch(organisations=rows["organisations"], locations=rows["locations"])]
    parts += [Batch(offers=rows["offers"][start : start + 2_000]) for start in range(0, len(rows["offers"]), 2_000)]
    validator, problems = Validator(house.city), 0
    with timed() as took:
        for part in parts:
            problems += len(validator.validate(part).problems)
    took.rows, took.more = sum(map(len, rows.values())), {"problems": problems}
    return took


def _resource(table: str, folder: str, *, keys: bool = False) -> Any:
    dialect = frictionless.Dialect(
        header=True, header_rows=[1], controls=[frictionless.formats.CsvControl(delimiter=",", line_terminator="\n")]
    )
    schema = frictionless.Schema.from_descriptor(_keyed(table) if keys else _without_keys(table))
    return frictionless.Resource(
        name=table, path=f"{table}.csv", basepath=folder, encoding="utf-8", dialect=dialect, schema=schema
    )


def _without_keys(table: str) -> dict[str, Any]:
    return {name: value for name, value in load(table).items() if name != "foreignKeys"}


def _keyed(table: str) -> dict[str, Any]:
    """Give our schema with those foreign keys whose tables are here."""
    keys = [key for key in load(table).get("foreignKeys", ()) if key["reference"].get("resource", "") in ("", *TABLES)]
    return {**load(table), "foreignKeys": keys}


def _objects(folder: str, table: str) -> list[Any]:
    with (Path(folder) / f"{table}.jsonl").open("rb") as stream:
        return [orjson.loads(line) for line in stream]


def _count(folder: str, table: str) -> int:
    with (Path(folder) / f"{table}.jsonl").open("rb") as stream:
        return sum(1 for _ in stream)


def _theirs(errors: Iterable[Any]) -> list[tuple[Any, ...]]:
    return [
        (error.type, getattr(error, "row_number", None), getattr(error, "field_name", ""), error.note, error.message)
        for error in errors
    ]


def _ours(errors: Iterable[Any]) -> list[tuple[Any, ...]]:
    return [(error.type, error.row_number, error.field_name, error.note, error.message) for error in errors]


def _told(took: Took, rows: int, errors: list[tuple[Any, ...]]) -> Took:
    took.rows = rows
    took.more = {"errors": len(errors), "digest": hashlib.sha256(repr(errors).encode()).hexdigest()[:12]}
    return took


def same(results: Mapping[str, Took]) -> bool:
    """Whether all gave the same errors, word by word and in the same order."""
    return len({took.more["digest"] for took in results.values() if "digest" in took.more}) == 1


def report(size: Size) -> str:
    """Measure, and write the tables."""
    parts = []
    with town(size.rows) as place:
        house = open_town(place.folder, place.folder / "data")
        for unusual in (0.0, 0.05, 0.2):
            folder = str(tables(place, house, unusual))
            text = [f"### {UNUSUAL[unusual]}"]
            text.append(
                _pair(size, folder, "CSV", "frictionless_csv", {"Zeile für Zeile": "ours_csv", "als Spalten": "ours_columns"})
            )
            text.append(_pair(size, folder, "Objekte", "frictionless_objects", {"Zeile für Zeile": "ours_objects"}))
            parts.append("\n\n".join(text))
        folder = str(tables(place, house))
        text = ["### Drei Tabellen mit den Fremdschlüsseln zwischen ihnen"]
        text.append(
            _pair(
                size,
                folder,
                "CSV",
                "frictionless_package",
                {"Zeile für Zeile": "ours_package", "als Spalten": "ours_package_columns"},
            )
        )
        harvest = {"folder": folder, "place": str(place.folder)}
        took = race([Candidate("wie in einer Ernte", "benchmarks.validation:ours_in_a_harvest", harvest)], size.times)
        for one in took.values():
            text.append(
                f"In einer Ernte, mit unseren eigenen Regeln, Fremdschlüsseln und deutschen Hinweisen: "
                f"{seconds(one.cpu)} s CPU, {number(one.rate)} Zeilen je CPU-Sekunde."
            )
        parts.append("\n\n".join(text))
    return f"## Prüfen: {number(size.rows)} Angebote, dieselben Urteile\n\n" + "\n\n".join(parts) + "\n"


def _pair(size: Size, folder: str, what: str, theirs: str, ours: dict[str, str]) -> str:
    names = {f"{what}: frictionless": theirs} | {f"{what}: wir, {how}": name for how, name in ours.items()}
    slow = max(1, size.times - 1)
    results = race(
        [
            Candidate(name, f"benchmarks.validation:{function}", {"folder": folder}, times=slow if function == theirs else None)
            for name, function in names.items()
        ],
        size.times,
    )
    verdict = "gleich, Wort für Wort und in derselben Reihenfolge" if same(results) else "**verschieden**"
    found = next(iter(results.values())).more["errors"] if results else 0
    return f"{costs(results, f'{what}: frictionless')}\n\n{found} Fehler auf jeder Seite; die Urteile sind {verdict}."
