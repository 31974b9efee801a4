"""Files of a publication in, its datapackage.json out: what each file holds, its licence, its checksum.

Specification: Data Package 1, https://specs.frictionlessdata.io/data-package/
"""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from schemas.source import Source
from schemas.tables import load

CSV_DIALECT = {"delimiter": ";"}
# name of a file: (resource name, title, media type); the tables come from schemas/
FILES: dict[str, tuple[str, str, str]] = {
    "offers.geojson": ("offers-geojson", "Angebote als Karte (GeoJSON)", "application/geo+json"),
    "offers.xlsx": (
        "offers-xlsx",
        "Angebote als Excel-Tabelle",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ),
    "offers.parquet": ("offers-parquet", "Angebote als Parquet", "application/vnd.apache.parquet"),
    "sessions.ics": ("sessions-ics", "Termine als Kalender (iCalendar)", "text/calendar"),
    "districts.geojson": ("districts-geojson", "Stadtbezirke als Karte (GeoJSON)", "application/geo+json"),
    "subdistricts.geojson": ("subdistricts-geojson", "Ortsteile als Karte (GeoJSON)", "application/geo+json"),
}
TITLES = {
    "offers": "Angebote",
    "sessions": "Termine",
    "organisations": "Einrichtungen",
    "locations": "Orte",
    "translations": "Übersetzungen",
    "sources": "Quellen",
    "problems": "Hinweise zur Datenqualität",
    "withdrawn": "Zurückgezogene Angebote",
    "districts": "Stadtbezirke",
    "subdistricts": "Ortsteile",
    "quarters": "Quartiere",
    "vocabularies": "Wortlisten",
}


def digest_of(path: Path) -> str:
    """The sha256 of a file, in hex."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def resource(path: Path, tables: Sequence[str]) -> dict[str, Any]:
    """Describe one file. A table carries its Table Schema, without foreign keys into tables the package does not have."""
    common: dict[str, Any] = {"path": path.name, "bytes": path.stat().st_size, "hash": f"sha256:{digest_of(path)}"}
    if path.name in FILES:
        name, title, mediatype = FILES[path.name]
        return {"name": name, "type": "file", "title": title, **common, "format": path.suffix[1:], "mediatype": mediatype}
    schema = load(path.stem)
    keys = [key for key in schema.get("foreignKeys", []) if key["reference"]["resource"] in ("", *tables)]
    schema = {name: value for name, value in schema.items() if name != "foreignKeys"} | ({"foreignKeys": keys} if keys else {})
    return {
        "name": path.stem,
        "type": "table",
        "title": TITLES[path.stem],
        **common,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8-sig",
        "dialect": CSV_DIALECT,
        "schema": schema,
    }


def licences(sources: Sequence[Source], titles: Mapping[str, tuple[str, str]]) -> list[dict[str, str]]:
    """The licences of the sources, each once: DCAT-AP.de name, address and title."""
    used = sorted({source.licence for source in sources})
    return [
        {"name": name, "path": titles[name][1], "title": titles[name][0]} if name in titles else {"name": name} for name in used
    ]


def contributors(sources: Sequence[Source]) -> list[dict[str, str]]:
    """Who gave data: one entry a source, with the attribution its licence asks for."""
    found = []
    for source in sources:
        entry = {"title": source.attribution or source.publisher.name, "role": "contributor"}
        if source.publisher.url:
            entry["path"] = source.publisher.url
        found.append(entry)
    return [entry for index, entry in enumerate(found) if entry not in found[:index]]
