"""What one source gave in; its part of a publication out: its public rows, its own package, its piece of every file of the city.

Where nothing changed for a source, the part of the last publication becomes the part of this one: the same files under new names.
Whatever of it is missing or damaged, it is made anew.
"""

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
import polars as pl

from catalogue.descriptor import source_package, write_descriptor
from catalogue.formats import (
    batches,
    calendar_offers,
    calendar_places,
    csv_head,
    geojson_places,
    to_csv,
    to_events,
    to_features,
    write_csv,
)
from catalogue.lookup import Lookup
from catalogue.output import Output, check_sum, chunks
from catalogue.public import Contribution, source_tables
from catalogue.snapshot import GROUP, polars_schema
from catalogue.xlsx import Part as SheetPart
from catalogue.xlsx import to_cells
from catalogue.zipped import Piece, Writer, Zip
from schemas.city import City
from schemas.tables import columns, load
from schemas.vocabulary import load as load_vocabulary

TABLES = ("locations", "offers", "sessions", "translations")  # whose rows belong to exactly one source
GEOJSON, CALENDAR, NOTE = "offers.geojson", "sessions.ics", "part.json"


@dataclass(slots=True)
class Part:
    """The part of a source: `package` is its own folder, `pieces` holds what goes into the city's files.

    `rows` counts the rows a table. `packed` says where a table's rows lie deflated in the package's ZIP, `cells` where its cells
    lie in `pieces`, and of how many rows each piece is; `digests` are those of its CSV files.
    """

    key: str
    package: Path
    pieces: Path
    rows: dict[str, int] = field(default_factory=dict)
    packed: dict[str, Piece] = field(default_factory=dict)
    cells: dict[str, list[tuple[Piece, int]]] = field(default_factory=dict)
    digests: dict[str, str] = field(default_factory=dict)

    def sheet(self, table: str) -> list[SheetPart]:
        """Its rows of a sheet."""
        return [SheetPart(self.pieces / f"{table}.cells", piece, rows) for piece, rows in self.cells[table]]

    def files(self, rows: Path) -> list[Path]:
        """Everything it is made of; `rows` is the folder of the public rows."""
        tables = [rows / f"{table}.parquet" / f"{self.key}.parquet" for table in TABLES]
        return [
            *tables,
            *(path for folder in (self.package, self.pieces) for path in sorted(folder.iterdir()) if path.name != NOTE),
        ]


def open_part(folder: Path, rows: Path, key: str) -> Part:
    """Name the places of a source's part in a publication's folder and the folder of its rows."""
    return Part(key, folder / "sources" / key, rows / "parts" / key)


def take_part(old: Part, old_rows: Path, new: Part, rows: Path, stamp: str) -> bool:
    """Take over a part of the last publication, if it is there, whole, and made of the same (`stamp`); say whether it was."""
    try:
        note = json.loads((old.pieces / NOTE).read_bytes())
        files = old.files(old_rows)
        if note["stamp"] != stamp or note["checks"] != [*map(check_sum, files)]:
            return False
        new.rows, new.digests = note["rows"], note["digests"]
        new.packed = {table: Piece(*piece) for table, piece in note["packed"].items()}
        new.cells = {table: [(Piece(*piece), count) for piece, count in found] for table, found in note["cells"].items()}
    except (OSError, ValueError, KeyError, TypeError):  # deleted, damaged, or of another make
        return False
    for path in [*files, old.pieces / NOTE]:
        if path.parent == old.package:
            place = new.package / path.name
        elif path.parent == old.pieces:
            place = new.pieces / path.name
        else:
            place = rows / path.relative_to(old_rows)
        place.parent.mkdir(parents=True, exist_ok=True)
        link(path, place)
    return True


def make_part(
    part: Part, rows: Path, item: Contribution, city: City, organisations: pl.DataFrame, now: datetime, stamp: str
) -> None:
    """Make a source's part: `organisations` are all that are known, of which it takes those it names."""
    part.package.mkdir(parents=True)
    part.pieces.mkdir(parents=True)
    places = {table: rows / f"{table}.parquet" / f"{part.key}.parquet" for table in TABLES}
    for table, frame in source_tables(item, now).items():
        frame.sink_parquet(places[table], compression="zstd", compression_level=1, row_group_size=GROUP)
    part.digests = {f"{table}.csv": _write_table(part, table, path) for table, path in places.items()}
    write_csv(_named(organisations, places).lazy(), part.package / "organisations.csv")
    _write_map(part.pieces / GEOJSON, places)
    _write_calendar(part.pieces / CALENDAR, places, city.time_zone)
    descriptor = source_package(part.package, item.source, city, part.digests)
    write_descriptor(part.package / "datapackage.json", descriptor)
    _write_zip(part, descriptor)
    checks = [*map(check_sum, part.files(rows))]
    note = {
        "stamp": stamp,
        "checks": checks,
        "rows": part.rows,
        "digests": part.digests,
        "packed": part.packed,
        "cells": part.cells,
    }
    (part.pieces / NOTE).write_text(json.dumps(note))


def _write_table(part: Part, table: str, parquet: Path) -> str:
    """Write a table as CSV and as cells of a workbook; give the digest of the CSV."""
    fields = load(table)["fields"]
    part.rows[table], part.cells[table] = 0, []
    with Output(part.package / f"{table}.csv") as out, (part.pieces / f"{table}.cells").open("wb") as cells:
        out.write(csv_head(table))
        for frame in batches(parquet):
            out.write(to_csv(frame))
            writer = Writer(cells)
            for text in to_cells(with_labels(frame, fields)):
                writer.write(text)
            writer.close()
            part.cells[table].append((writer.piece, frame.height))
            part.rows[table] += frame.height
        return out.digest


def with_labels(frame: pl.DataFrame, fields: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    """Replace the codes of the columns that take a vocabulary by German labels; `;` between several becomes a comma."""
    named = []
    for item in fields:
        if vocabulary := item.get("vocabulary"):
            words = load_vocabulary(vocabulary)
            values = frame[item["name"]].drop_nulls().unique().to_list()
            labels = {value: ", ".join(words.label(code, "de") for code in value.split(";")) for value in values}
            named.append(pl.col(item["name"]).replace(labels))
    return frame.with_columns(named)


def _named(organisations: pl.DataFrame, places: Mapping[str, Path]) -> pl.DataFrame:
    """The organisations that the offers and places of a source name."""
    offers, locations = pl.scan_parquet(places["offers"]), pl.scan_parquet(places["locations"])
    partners = offers.select(pl.col("partner_organisation_ids").str.split(";").explode().alias("organisation_id"))
    used = pl.concat([offers.select("organisation_id"), partners, locations.select("organisation_id")]).drop_nulls().unique()
    return organisations.filter(
        pl.col("organisation_id").is_in(used.collect(engine="streaming").to_series().implode())
    ).with_columns(parent_organisation_id=pl.lit(None, pl.String))


def _write_map(path: Path, places: Mapping[str, Path]) -> None:
    """Write its features, with `,` between them."""
    known = geojson_places(pl.scan_parquet(places["locations"]))
    with path.open("wb") as out:
        for number, frame in enumerate(batches(places["offers"])):
            if number:
                out.write(b",\n")
            for text in to_features(frame, known):
                out.write(text)


def _write_calendar(path: Path, places: Mapping[str, Path], zone: str) -> None:
    """Write its events."""
    offers = Lookup(calendar_offers(pl.scan_parquet(places["offers"])))
    known = calendar_places(pl.scan_parquet(places["locations"]))
    with path.open("wb") as out:
        for frame in batches(places["sessions"]):
            out.write(to_events(frame, offers.of(frame["offer_id"]), known, zone))


def _write_zip(part: Part, descriptor: Mapping[str, Any]) -> None:
    with Zip(part.package / "datapackage.zip") as bundle:
        bundle.add("datapackage.json", orjson.dumps(descriptor, option=orjson.OPT_INDENT_2))
        for entry in descriptor["resources"]:
            path = part.package / entry["path"]
            head = csv_head(entry["name"])
            with bundle.member(entry["path"], path.stat().st_size) as member:
                with member.piece() as out:
                    out.write(head)
                with member.piece() as out:
                    for data in chunks(path, len(head)):
                        out.write(data)
                part.packed[entry["name"]] = out.piece


def link(path: Path, name: Path) -> None:
    """Give a file a second name; copy it where the file system knows no links."""
    try:
        name.hardlink_to(path)
    except OSError:
        shutil.copyfile(path, name)


def empty_rows(rows: Path) -> None:
    """Make the folders of the tables that are a file a source, each with an empty file: where there is no source, too."""
    for table in TABLES:
        folder = rows / f"{table}.parquet"
        folder.mkdir()
        pl.DataFrame(schema=polars_schema(table)).select(columns(table)).write_parquet(folder / "0.parquet")
