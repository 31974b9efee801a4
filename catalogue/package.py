"""The parts of all sources in, the files of the city's data package out.

A row's text is made once, in its source's part (part.py); here the parts are put one after the other. What belongs to no source
alone, as organisations, matches and vocabularies, is small and written whole. What a row means is decided in public.py, what a
format looks like in formats.py and xlsx.py.
"""

import hashlib
import shutil
from collections.abc import Iterator, Mapping, Sequence, Set
from itertools import chain
from pathlib import Path
from typing import Any

import orjson
import polars as pl

from catalogue.descriptor import digest_of
from catalogue.formats import batches, calendar_head, count, csv_head, geojson_head, write_csv, write_parquet
from catalogue.output import Output, chunks
from catalogue.part import CALENDAR, GEOJSON, TABLES, Part, link, with_labels
from catalogue.public import Contribution, scan
from catalogue.snapshot import polars_schema
from catalogue.xlsx import MAX_ROWS, Sheet, to_cells, write_xlsx
from catalogue.xlsx import Part as SheetPart
from catalogue.zipped import Writer, Zip
from schemas.city import City
from schemas.match import find_matches
from schemas.rows import ROW_TABLES
from schemas.tables import CITY_TABLES, columns, load
from schemas.vocabulary import all_vocabularies

ZIPPED = (*ROW_TABLES, "sources", "withdrawn", "matches", *CITY_TABLES, "vocabularies")
VOLATILE = ("sources.csv", "datapackage.json")  # what an unchanged night may rewrite
ATTRIBUTION = "{title}, Namensnennung je Quelle in sources.csv"
NAMES = {"offers": "Angebote", "sessions": "Termine", "organisations": "Einrichtungen", "locations": "Orte"}
LONG = f"Ein Tabellenblatt fasst {MAX_ROWS} Zeilen; was darüber ist, steht im nächsten Blatt (zum Beispiel „Termine 2“)."


def write_rows(
    rows: Path,
    city: City,
    contributions: Sequence[Contribution],
    parts: Sequence[Part],
    everybody: pl.DataFrame,
    withdrawn: pl.LazyFrame,
    not_the_same: Set[frozenset[str]] = frozenset(),
) -> dict[str, int]:
    """Write the public tables that belong to no source alone, beside those of the parts; give the number of rows a table.

    `everybody` are all organisations, `withdrawn` every offer ever published, `not_the_same` offers somebody told apart.
    """
    for table in CITY_TABLES:
        names = columns(table)
        found = [{name: row.get(name) for name in names} for row in getattr(city, table)]
        pl.DataFrame(found, polars_schema(table)).write_parquet(rows / f"{table}.parquet")
    vocabulary_rows().write_parquet(rows / "vocabularies.parquet")
    scan("problems", contributions).sink_parquet(rows / "problems.parquet")
    tables = {name: pl.scan_parquet(rows / f"{name}.parquet") for name in TABLES}
    there = tables["offers"].select(pl.col("offer_id").hash()).collect(engine="streaming").to_series().implode()
    withdrawn.filter(~pl.col("offer_id").hash().is_in(there)).sort("offer_id").sink_parquet(rows / "withdrawn.parquet")
    without_orphans(everybody, tables["offers"], tables["locations"]).write_parquet(rows / "organisations.parquet")
    priority = {item.source.key: item.source.priority for item in contributions}
    matched = {name: pl.scan_parquet(rows / f"{name}.parquet") for name in ("offers", "sessions", "locations", "organisations")}
    find_matches(**matched, not_the_same=not_the_same, priority=priority).write_parquet(rows / "matches.parquet")
    whole = {path.stem: count(path) for path in sorted(rows.glob("*.parquet")) if path.is_file()}
    return whole | {table: sum(part.rows[table] for part in parts) for table in TABLES}


def without_orphans(everybody: pl.DataFrame, offers: pl.LazyFrame, locations: pl.LazyFrame) -> pl.DataFrame:
    """Organisations nobody in the package refers to stay out: a registry may list a whole city."""
    partners = offers.select(pl.col("partner_organisation_ids").str.split(";").explode().alias("organisation_id"))
    used = pl.concat([offers.select("organisation_id"), partners, locations.select("organisation_id")])
    ids = used.drop_nulls().unique().collect(engine="streaming")
    needed = everybody.join(ids, on="organisation_id", how="semi")
    parents = everybody.filter(pl.col("organisation_id").is_in(needed["parent_organisation_id"].drop_nulls().implode()))
    return pl.concat([needed, parents]).unique("organisation_id").sort("organisation_id")


def vocabulary_rows() -> pl.DataFrame:
    """All vocabularies as one table: vocabulary, code and a label a language."""
    names = columns("vocabularies")
    rows = [
        {"vocabulary": vocabulary.name, "code": code}
        | {name: vocabulary.label(code, name.removeprefix("label_")) for name in names if name.startswith("label_")}
        for vocabulary in all_vocabularies()
        for code in vocabulary.codes
    ]
    return pl.DataFrame(rows, polars_schema("vocabularies"))


def write_city_package(folder: Path, rows: Path, city: City, parts: Sequence[Part], counts: Mapping[str, int]) -> dict[str, str]:
    """Write the files of the city's package, all but the volatile ones and the ZIP; give the digests known on the way."""
    digests = {f"{table}.csv": _write_table(folder / f"{table}.csv", table, parts) for table in TABLES}
    for table in counts:
        if table not in TABLES:
            write_csv(pl.scan_parquet(rows / f"{table}.parquet"), folder / f"{table}.csv")
    head = geojson_head(ATTRIBUTION.format(title=city.catalogue_title))
    maps = [part.pieces / GEOJSON for part in parts if part.rows["offers"]]
    digests[GEOJSON] = _write(folder / GEOJSON, head, maps, b"\n]}\n", between=b",\n")
    calendars = [part.pieces / CALENDAR for part in parts]
    digests[CALENDAR] = _write(
        folder / CALENDAR, calendar_head(city.catalogue_title, city.time_zone), calendars, b"END:VCALENDAR\r\n"
    )
    offers = [rows / "offers.parquet" / f"{part.key}.parquet" for part in parts] or [rows / "offers.parquet" / "0.parquet"]
    write_parquet(pl.scan_parquet(offers), "offers", folder / "offers.parquet")
    _write_workbook(folder / "offers.xlsx", rows, parts)
    for table, path in city.geometry.items():
        shutil.copyfile(path, folder / f"{table}.geojson")
    return digests


def _write_table(path: Path, table: str, parts: Sequence[Part]) -> str:
    """Write a table of the city's: the rows of all sources; give its digest. Those of the only source are its file."""
    filled = [part for part in parts if part.rows[table]]
    if len(filled) == 1:
        link(filled[0].package / path.name, path)
        return filled[0].digests[path.name]
    head = csv_head(table)
    return _write(path, head, [part.package / path.name for part in filled], b"", skip=len(head))


def _write(path: Path, head: bytes, pieces: Sequence[Path], tail: bytes, *, between: bytes = b"", skip: int = 0) -> str:
    """Write pieces one after the other, each without its first `skip` bytes; give the digest of all."""
    with Output(path) as out:
        out.write(head)
        for number, piece in enumerate(pieces):
            if number:
                out.write(between)
            for data in chunks(piece, skip):
                out.write(data)
        out.write(tail)
        return out.digest


def _write_workbook(path: Path, rows: Path, parts: Sequence[Part]) -> None:
    """Write one sheet a table: German headings, labels instead of codes."""
    aside = path.with_suffix(".cells")
    sheets = []
    for table in ROW_TABLES:
        fields = load(table)["fields"]
        found = [piece for part in parts for piece in part.sheet(table)] if table in TABLES else []
        if table not in TABLES:
            with aside.open("wb") as out:
                for frame in batches(rows / f"{table}.parquet"):
                    writer = Writer(out)
                    for text in to_cells(with_labels(frame, fields)):
                        writer.write(text)
                    writer.close()
                    found.append(SheetPart(aside, writer.piece, frame.height))
        sheets.append(Sheet(NAMES.get(table, "Übersetzungen"), [field["title"] for field in fields], found))
    write_xlsx(sheets, path)
    aside.unlink()


def remarks(counts: Mapping[str, int]) -> dict[str, str]:
    """What is to be said about a file, by its name."""
    return {"offers.xlsx": LONG} if any(counts[table] > MAX_ROWS for table in ROW_TABLES) else {}


def to_content_id(folder: Path, digests: Mapping[str, str]) -> str:
    """Name the files of a publication by what stands in them, all but the volatile ones. A source's descriptor stands for its files."""
    whole = hashlib.sha256()
    for path in sorted(chain(folder.iterdir(), folder.glob("sources/*/datapackage.json"))):
        if path.is_file() and (path.name not in VOLATILE or path.parent != folder):
            whole.update(f"{path.relative_to(folder)} {digests.get(path.name) or digest_of(path)}\n".encode())
    return whole.hexdigest()[:16]


def link_tree(origin: Path, target: Path, leave_out: Sequence[str] = ()) -> None:
    """Give a folder's files a second name in another folder."""
    for path in files_of(origin):
        if path.name in leave_out and path.parent == origin:
            continue
        name = target / path.relative_to(origin)
        name.parent.mkdir(parents=True, exist_ok=True)
        link(path, name)


def files_of(folder: Path) -> Iterator[Path]:
    """Every file below a folder."""
    return (path for path in folder.rglob("*") if path.is_file())


def write_zip(folder: Path, descriptor: Mapping[str, Any], parts: Sequence[Part]) -> None:
    """Write datapackage.zip: the tables and a descriptor of exactly these, as one file that is whole or not there."""
    entries = [entry for entry in descriptor["resources"] if entry["name"] in ZIPPED]
    with Zip(folder / "datapackage.zip") as bundle:
        bundle.add("datapackage.json", orjson.dumps({**descriptor, "resources": entries}, option=orjson.OPT_INDENT_2))
        for entry in entries:
            path, table = folder / entry["path"], entry["name"]
            with bundle.member(entry["path"], path.stat().st_size) as member:
                with member.piece() as out:
                    for data in [csv_head(table)] if table in TABLES else chunks(path):
                        out.write(data)
                for part in parts if table in TABLES else ():
                    member.take(_deflated(part, table), part.packed[table])


def _deflated(part: Part, table: str) -> Iterator[bytes]:
    """A table's rows as they lie in the ZIP of a source."""
    piece = part.packed[table]
    left = piece.size
    for data in chunks(part.package / "datapackage.zip", piece.start):
        yield data[:left]
        left -= min(left, len(data))
        if not left:
            return
