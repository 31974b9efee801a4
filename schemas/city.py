"""A city's folder comes in; one checked City goes out, or one German sentence that says what is wrong in which file.

A city is its folder: city.toml, polygons and lists beside it, and sources in sources/*.yml (schemas/source.py reads those).
Beside `districts.geojson` a `districts.csv` may list areas that have no polygon yet; the same for subdistricts and quarters.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from schemas.areas import Area, Box, box_of, read_areas
from schemas.cityfile import FILE, AreasPart, CityFile, read_city_file
from schemas.problems import SchemaError
from schemas.registry import Row, broken, read_lines, read_registry
from schemas.tables import CITY_TABLES, columns
from schemas.vocabulary import fold

PARENTS = {"subdistricts": "districts", "quarters": "subdistricts"}


@dataclass(frozen=True, slots=True)
class City:
    """A city as every room sees it. Mappings by table have keys of CITY_TABLES; rows have exactly the table's columns."""

    key: str
    name: str
    languages: tuple[str, ...]  # of the pages, the main one first
    ags: str  # official key, eight digits
    time_zone: str
    publisher: str
    contact: str  # function address, may be empty
    site_url: str  # the publisher's own pages, may be empty
    catalogue_title: str
    catalogue_description: str
    licence: str  # DCAT-AP.de short name: dl-by-de/2.0
    colours: Mapping[str, str]
    box: Box  # west, south, east, north
    neighbours: tuple[str, ...]  # towns near by: an address that names one is not ours
    postcodes: Mapping[str, str]  # only where a postcode lies in one district entirely
    districts: tuple[Row, ...]
    subdistricts: tuple[Row, ...]
    quarters: tuple[Row, ...]
    geometry: Mapping[str, Path]  # by table: polygons for drawing, shipped with the folder
    exact: Mapping[str, Path]  # by table: polygons for placing; the drawing where no exact file is set
    exact_code: Mapping[str, str]  # by table: the property of the exact file that holds the code
    exactness_m: Mapping[str, float]  # by table: how far the polygons for placing may be off; 0 where they are exact
    credits: Mapping[str, Mapping[str, str]]  # by table: attribution and licence of the shipped polygons
    organisations: tuple[Row, ...]
    aliases: Mapping[str, str]  # folded name -> organisation_id
    addresses: Path | str | None  # the official house coordinates: a file or an address
    addresses_attribution: str
    sources: tuple[Path, ...]
    folder: Path
    fingerprint: str  # changes where any file of the folder that becomes public changes
    catalogue_id: str = ""  # what other catalogues call ours: the origin of our offers there
    former_ids: tuple[str, ...] = ()  # what they called it before

    @property
    def zone(self) -> ZoneInfo:
        """The city's time zone, ready for use."""
        return ZoneInfo(self.time_zone)

    @property
    def own_origins(self) -> frozenset[str]:
        """The origins that say of an offer of another catalogue that it is ours."""
        return frozenset(filter(None, (self.catalogue_id, *self.former_ids)))

    @property
    def contributor(self) -> dict[str, str]:
        """The publisher as a contributor of a data package."""
        return {"title": self.publisher, "role": "publisher"} | ({"path": self.site_url} if self.site_url else {})

    @property
    def public(self) -> dict[str, Any]:
        """What a published package says about the city, for pages that know nothing but the package."""
        return {
            "key": self.key,
            "name": self.name,
            "ags": self.ags,
            "languages": list(self.languages),
            "time_zone": self.time_zone,
            "publisher": self.publisher,
            "publisher_url": self.site_url,
            "contact": self.contact,
            "licence": self.licence,
            "colours": dict(self.colours),
            "box": list(self.box),
            "areas": {table: dict(credit) for table, credit in self.credits.items()},
        }

    def find_organisation(self, name: str) -> str | None:
        """Find an institution of the registry by any of its names; None where it is not known."""
        return self.aliases.get(fold(name))

    def polygons(self, table: str) -> tuple[Area, ...]:
        """Read the polygons for placing; raise SchemaError where they do not fit the city's list. Empty where there are none."""
        if table not in self.exact:
            return ()
        path = self.exact[table]
        areas = read_areas(path, code=self.exact_code[table])
        listed = {row["code"] for row in getattr(self, table)}
        for area in areas:
            if area.code not in listed:
                raise SchemaError(f"{path}: Den Code ‚{area.code}‘ gibt es in {table} nicht. Bitte exact_code in {FILE} prüfen.")
        if table == "districts" and listed - {area.code for area in areas}:
            lost = min(listed - {area.code for area in areas})
            raise SchemaError(f"{path}: Die Grenzen des Stadtbezirks ‚{lost}‘ fehlen. Bitte ergänzen.")
        return areas


def load_city(folder: Path) -> City:
    """Load a city from its folder; raise SchemaError, one German sentence, where anything in it is broken."""
    file = read_city_file(folder / FILE)
    parts: dict[str, AreasPart] = {table: getattr(file, table) for table in CITY_TABLES}
    drawn = _existing(folder, {table: (part.file, f"{table}.geojson", f"{table}.file") for table, part in parts.items()})
    lists = _existing(folder, {table: (part.list, f"{table}.csv", f"{table}.list") for table, part in parts.items()})
    exact = _existing(folder, {table: (part.exact, "", f"{table}.exact") for table, part in parts.items()})
    further = _existing(folder, {"organisations": ("", "organisations.csv", "")})
    areas = {table: read_areas(path) for table, path in drawn.items()}
    rows = {table: _rows(table, areas.get(table, ()), drawn.get(table), lists.get(table)) for table in CITY_TABLES}
    _check(folder / FILE, file, rows, drawn)
    organisations, aliases = read_registry(further["organisations"]) if further else ((), {})
    addresses = file.addresses.file
    return City(
        key=file.key,
        name=file.name,
        languages=file.languages,
        ags=file.ags,
        time_zone=file.time_zone,
        publisher=file.publisher.name,
        contact=file.publisher.contact,
        site_url=file.publisher.url,
        catalogue_title=file.catalogue.title,
        catalogue_description=file.catalogue.description,
        licence=file.catalogue.licence,
        colours=file.colours,
        box=file.box or box_of(areas["districts"]),
        neighbours=file.neighbours,
        postcodes=file.postcodes,
        districts=rows["districts"],
        subdistricts=rows["subdistricts"],
        quarters=rows["quarters"],
        geometry=drawn,
        exact=drawn | exact,
        exact_code={table: parts[table].exact_code if table in exact else "code" for table in CITY_TABLES},
        exactness_m={table: 0.0 if table in exact else parts[table].exactness_m for table in CITY_TABLES},
        credits={table: parts[table].model_dump(include={"attribution", "licence", "exactness_m"}) for table in drawn},
        organisations=organisations,
        aliases=aliases,
        addresses=addresses if "://" in addresses else _existing(folder, {"": (addresses, "", "addresses.file")}).get(""),
        addresses_attribution=file.addresses.attribution,
        sources=tuple(sorted((folder / "sources").glob("*.yml"))),
        folder=folder,
        fingerprint=_fingerprint([folder / FILE, *drawn.values(), *lists.values(), *further.values()]),
        catalogue_id=file.catalogue.id or to_catalogue_id(file.publisher.url, file.ags, file.key),
        former_ids=file.catalogue.former_ids,
    )


def to_catalogue_id(url: str, ags: str, key: str) -> str:
    """Name a catalogue by what does not change: https://www.duisburg.de#duisburg."""
    return f"{url.rstrip('/')}#{key}" if url else f"urn:ags:{ags}:{key}"


def _existing(folder: Path, wanted: Mapping[str, tuple[str, str, str]]) -> dict[str, Path]:
    """Find files by (name in city.toml, usual name, key in city.toml): what is named must exist, what is usual may."""
    found = {}
    for table, (named, usual, key) in wanted.items():
        path = folder / (named or usual)
        if path.is_file():
            found[table] = path
        elif named:
            raise SchemaError(f"{folder / FILE}: Die Datei ‚{named}‘ ({key}) gibt es nicht. Bitte den Pfad prüfen.")
    return found


def _rows(table: str, areas: Iterable[Area], drawing: Path | None, path: Path | None) -> tuple[Row, ...]:
    """List the areas of a level: from its CSV if there is one, else from its polygons. Both must agree."""
    if path is None:
        for area in areas:
            if not area.name:
                raise SchemaError(f"{drawing}: Dem Gebiet ‚{area.code}‘ fehlt der Name (name). Bitte ergänzen.")
        return tuple({"code": area.code, "name": area.name, "parent_code": area.parent_code} for area in areas)
    drawn = {area.code for area in areas}
    rows: dict[str, Row] = {}
    for line, cells in read_lines(path, required=("code", "name"), known=(*columns(table), "has_polygon")):
        code = cells["code"]
        if code in rows:
            raise broken(path, line, f"Der Code ‚{code}‘ kommt zweimal vor")
        if cells.get("has_polygon", "") not in ("", str(code in drawn).lower()):
            raise broken(path, line, f"has_polygon stimmt für ‚{code}‘ nicht mit den Grenzen überein")
        rows[code] = {column: cells.get(column) or None for column in columns(table)}
    for code in sorted(drawn - rows.keys()):
        raise SchemaError(f"{path}: Das Gebiet ‚{code}‘ hat Grenzen, steht aber nicht in der Liste. Bitte eine Zeile ergänzen.")
    return tuple(rows.values())


def _check(path: Path, file: CityFile, rows: Mapping[str, tuple[Row, ...]], drawn: Mapping[str, Path]) -> None:
    """Check what several files say about each other."""
    codes = {table: {row["code"] for row in rows[table]} for table in rows}
    for table, above in PARENTS.items():
        for row in rows[table]:
            if row["parent_code"] and row["parent_code"] not in codes[above]:
                raise SchemaError(
                    f"{path.parent}: ‚{row['name']}‘ ({table}) gehört zu ‚{row['parent_code']}‘, das es in {above} nicht gibt. "
                    "Bitte parent_code berichtigen."
                )
    for postcode, code in file.postcodes.items():
        if code not in codes["districts"]:
            raise SchemaError(f"{path}: Zu {postcode} gehört der Stadtbezirk ‚{code}‘, den es nicht gibt. Bitte berichtigen.")
    if not file.box and "districts" not in drawn:
        raise SchemaError(f"{path}: Die Lage der Stadt fehlt. Bitte districts.geojson oder box = [West, Süd, Ost, Nord] angeben.")


def _fingerprint(paths: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for path in paths:
        digest.update(f"{path.name} {path.stat().st_size} ".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
