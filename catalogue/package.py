"""The public tables as Parquet in, the files of a data package out: for the city, and for each source its own.

What a row means is decided in public.py, what a format looks like in formats.py and xlsx.py; here they meet in a folder.
"""

import hashlib
import shutil
import zipfile
from collections.abc import Iterable, Mapping, Sequence, Set
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
import polars as pl

from catalogue.descriptor import digest_of, source_package, write_descriptor
from catalogue.formats import batches, write_csv, write_geojson, write_ics, write_parquet
from catalogue.public import Contribution, public_tables
from catalogue.snapshot import GROUP, polars_schema
from catalogue.xlsx import Sheet, write_xlsx
from schemas.city import City
from schemas.match import find_matches
from schemas.rows import ROW_TABLES
from schemas.tables import CITY_TABLES, columns, load
from schemas.vocabulary import all_vocabularies
from schemas.vocabulary import load as load_vocabulary

ZIPPED = (*ROW_TABLES, "sources", "withdrawn", "matches", *CITY_TABLES, "vocabularies")
VOLATILE = ("sources.csv", "datapackage.json")  # what an unchanged night may rewrite
ATTRIBUTION = "{title}, Namensnennung je Quelle in sources.csv"


def write_rows(
    folder: Path,
    city: City,
    contributions: Sequence[Contribution],
    now: datetime,
    withdrawn: pl.DataFrame,
    not_the_same: Set[frozenset[str]] = frozenset(),
) -> dict[str, int]:
    """Write every public table as Parquet; give the number of rows a table. `not_the_same` are offers somebody told apart."""
    tables = public_tables(contributions, city.organisations, now)
    for table in CITY_TABLES:
        names = columns(table)
        found = [{name: row.get(name) for name in names} for row in getattr(city, table)]
        tables[table] = pl.LazyFrame(found, polars_schema(table))
    tables["vocabularies"] = vocabulary_rows()
    for table, frame in tables.items():
        if table != "sources":
            frame.sink_parquet(folder / f"{table}.parquet", row_group_size=GROUP)
    offers = pl.scan_parquet(folder / "offers.parquet").select("offer_id")
    gone = withdrawn.lazy().join(offers, on="offer_id", how="anti").sort("offer_id")
    gone.sink_parquet(folder / "withdrawn.parquet")
    tables = {name: pl.scan_parquet(folder / f"{name}.parquet") for name in ("offers", "sessions", "locations", "organisations")}
    priority = {item.source.key: item.source.priority for item in contributions}
    find_matches(**tables, not_the_same=not_the_same, priority=priority).write_parquet(folder / "matches.parquet")
    _drop_orphans(folder)
    return {path.stem: pl.scan_parquet(path).select(pl.len()).collect().item() for path in sorted(folder.glob("*.parquet"))}


def _drop_orphans(folder: Path) -> None:
    """Organisations nobody in the package refers to stay out: a registry may list a whole city."""
    offers = pl.scan_parquet(folder / "offers.parquet")
    partners = offers.select(pl.col("partner_organisation_ids").str.split(";").explode().alias("organisation_id"))
    places = pl.scan_parquet(folder / "locations.parquet").select("organisation_id")
    used = pl.concat([offers.select("organisation_id"), partners, places]).drop_nulls().unique()
    path = folder / "organisations.parquet"
    everyone = pl.read_parquet(path)
    needed = everyone.lazy().join(used, on="organisation_id", how="semi").collect()
    parents = everyone.filter(pl.col("organisation_id").is_in(needed["parent_organisation_id"].drop_nulls().implode()))
    pl.concat([needed, parents]).unique("organisation_id").sort("organisation_id").write_parquet(path)


def vocabulary_rows() -> pl.LazyFrame:
    """All vocabularies as one table: vocabulary, code and a label a language."""
    names = columns("vocabularies")
    rows = [
        {"vocabulary": vocabulary.name, "code": code}
        | {name: vocabulary.label(code, name.removeprefix("label_")) for name in names if name.startswith("label_")}
        for vocabulary in all_vocabularies()
        for code in vocabulary.codes
    ]
    return pl.LazyFrame(rows, polars_schema("vocabularies"))


def write_city_package(folder: Path, rows: Path, city: City, counts: Mapping[str, int]) -> None:
    """Write the files of the city's package, all but the volatile ones and the ZIP."""
    for table in counts:
        write_csv(pl.scan_parquet(rows / f"{table}.parquet"), folder / f"{table}.csv")
    offers, sessions, locations = (rows / f"{table}.parquet" for table in ("offers", "sessions", "locations"))
    write_geojson(offers, locations, folder / "offers.geojson", attribution=ATTRIBUTION.format(title=city.catalogue_title))
    write_parquet(offers, "offers", folder / "offers.parquet")
    write_ics(sessions, offers, locations, folder / "sessions.ics", title=city.catalogue_title, zone=city.time_zone)
    write_xlsx([to_sheet(table, rows / f"{table}.parquet") for table in ROW_TABLES], folder / "offers.xlsx")
    for table, path in city.geometry.items():
        shutil.copyfile(path, folder / f"{table}.geojson")


def to_sheet(table: str, parquet: Path) -> Sheet:
    """One sheet of a table: German headings, labels instead of codes."""
    fields = load(table)["fields"]
    return Sheet(
        {"offers": "Angebote", "sessions": "Termine", "organisations": "Einrichtungen", "locations": "Orte"}.get(
            table, "Übersetzungen"
        ),
        [field["title"] for field in fields],
        (with_labels(frame, fields) for frame in batches(parquet)),
    )


def with_labels(frame: pl.DataFrame, fields: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    """Replace the codes of the columns that take a vocabulary by German labels; `;` between several becomes a comma."""
    named = []
    for field in fields:
        if vocabulary := field.get("vocabulary"):
            words = load_vocabulary(vocabulary)
            values = frame[field["name"]].drop_nulls().unique().to_list()
            labels = {value: ", ".join(words.label(code, "de") for code in value.split(";")) for value in values}
            named.append(pl.col(field["name"]).replace(labels))
    return frame.with_columns(named)


def write_source_package(folder: Path, rows: Path, item: Contribution, city: City) -> None:
    """Write what one source gave as a package of its own, with its own licence."""
    key = item.source.key
    own = folder / "sources" / key
    own.mkdir(parents=True)
    offers = pl.scan_parquet(rows / "offers.parquet").filter(pl.col("source_key") == key)
    sessions, translations, locations, organisations = (
        pl.scan_parquet(rows / f"{table}.parquet") for table in ("sessions", "translations", "locations", "organisations")
    )
    # ids begin with the source's key: to ask them is to hold nothing, as a join would
    sessions, translations = (frame.filter(pl.col("offer_id").str.starts_with(f"{key}:")) for frame in (sessions, translations))
    locations = locations.filter(pl.col("location_id").str.starts_with(f"{key}:"))
    partners = offers.select(pl.col("partner_organisation_ids").str.split(";").explode().alias("organisation_id"))
    used = pl.concat([offers.select("organisation_id"), partners, locations.select("organisation_id")]).unique()
    organisations = organisations.join(used, on="organisation_id", how="semi", maintain_order="left").with_columns(
        parent_organisation_id=pl.lit(None, pl.String)
    )
    tables = {
        "offers": offers,
        "sessions": sessions,
        "organisations": organisations.collect().lazy(),
        "locations": locations,
        "translations": translations,
    }
    for table, frame in tables.items():
        write_csv(frame, own / f"{table}.csv")
    write_descriptor(own / "datapackage.json", source_package(own, item.source, city))
    write_zip(own)


def to_content_id(folder: Path) -> str:
    """Name the files of a publication by what stands in them, all but the volatile ones."""
    whole = hashlib.sha256()
    for path in sorted(files_of(folder)):
        if path.name not in VOLATILE or path.parent != folder:
            whole.update(f"{path.relative_to(folder)} {digest_of(path)}\n".encode())
    return whole.hexdigest()[:16]


def files_of(folder: Path) -> Iterable[Path]:
    """Every file below a folder."""
    return (path for path in folder.rglob("*") if path.is_file())


def link_tree(origin: Path, target: Path, leave_out: Sequence[str] = ()) -> None:
    """Give a folder's files a second name in another folder; copy them where the file system knows no links."""
    for path in files_of(origin):
        if path.name in leave_out and path.parent == origin:
            continue
        name = target / path.relative_to(origin)
        name.parent.mkdir(parents=True, exist_ok=True)
        try:
            name.hardlink_to(path)
        except OSError:
            shutil.copyfile(path, name)


def write_zip(folder: Path) -> None:
    """Write datapackage.zip: the tables and a descriptor of exactly these, as one file that is whole or not there."""
    descriptor = orjson.loads((folder / "datapackage.json").read_bytes())
    descriptor["resources"] = [entry for entry in descriptor["resources"] if entry["name"] in ZIPPED]
    with zipfile.ZipFile(folder / "datapackage.zip", "w") as bundle:
        with bundle.open(_member("datapackage.json"), "w") as out:
            out.write(orjson.dumps(descriptor, option=orjson.OPT_INDENT_2))
        for entry in descriptor["resources"]:
            with (folder / entry["path"]).open("rb") as stream, bundle.open(_member(entry["path"]), "w", force_zip64=True) as out:
                shutil.copyfileobj(stream, out)


def _member(name: str) -> zipfile.ZipInfo:
    member = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))  # the oldest time a ZIP can say: equal rows, equal bytes
    member.compress_type = zipfile.ZIP_DEFLATED
    return member
