"""A GeoJSON file of districts comes in; its areas go out, each with code, name and polygon, and nothing else is accepted.

Specification: RFC 7946. Geometries stay plain GeoJSON here: who only draws or lists them needs no geometry library.
"""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from schemas.problems import SchemaError

WGS84 = re.compile(r"(CRS84|EPSG:{1,2}4326)$")  # urn:ogc:def:crs:OGC:1.3:CRS84, urn:ogc:def:crs:EPSG::4326

Box = tuple[float, float, float, float]  # west, south, east, north in degrees


@dataclass(frozen=True, slots=True)
class Area:
    """One district, subdistrict or quarter; `geometry` is a GeoJSON Polygon or MultiPolygon in WGS84."""

    code: str
    name: str
    parent_code: str | None
    geometry: dict[str, Any]


def read_areas(path: Path, *, code: str = "code", name: str = "name") -> tuple[Area, ...]:
    """Read the areas of a file; `code` and `name` are the properties that hold them. Raises SchemaError, one German sentence."""
    try:
        found: Any = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise SchemaError(f"{path}: Die Datei mit den Grenzen ist nicht lesbar. Bitte den Pfad prüfen.") from error
    except ValueError as error:
        raise SchemaError(f"{path}: Das ist kein gültiges GeoJSON ({error}). Bitte die Datei neu ausgeben.") from error
    features = found.get("features") if isinstance(found, dict) else None
    if not isinstance(features, list) or not features:
        raise SchemaError(f"{path}: Das ist keine FeatureCollection mit Gebieten. Bitte die Datei als GeoJSON ausgeben.")
    crs = found.get("crs")
    if crs is not None and not WGS84.search(str((crs.get("properties") or {}).get("name")) if isinstance(crs, dict) else ""):
        raise SchemaError(f"{path}: Die Koordinaten sind nicht in WGS84. Bitte in EPSG:4326 umrechnen.")
    areas: dict[str, Area] = {}
    for number, feature in enumerate(features, start=1):
        area = _area(path, number, feature, code, name)
        if area.code in areas:
            raise SchemaError(f"{path}, Gebiet {number}: Der Code ‚{area.code}‘ kommt zweimal vor. Bitte eines berichtigen.")
        areas[area.code] = area
    return tuple(areas.values())


def box_of(areas: Iterable[Area]) -> Box:
    """Give the smallest box around all areas, in degrees."""
    corners = [corner for area in areas for corner in _corners(area.geometry)]
    east_west, north_south = [corner[0] for corner in corners], [corner[1] for corner in corners]
    return min(east_west), min(north_south), max(east_west), max(north_south)


def _area(path: Path, number: int, feature: Any, code: str, name: str) -> Area:
    where = f"{path}, Gebiet {number}"
    facts = feature.get("properties") if isinstance(feature, dict) else None
    if not isinstance(facts, dict) or facts.get(code) in (None, ""):
        raise SchemaError(f"{where}: Die Eigenschaft ‚{code}‘ mit dem Code des Gebiets fehlt. Bitte ergänzen.")
    geometry = feature.get("geometry")
    if not isinstance(geometry, dict) or geometry.get("type") not in ("Polygon", "MultiPolygon"):
        raise SchemaError(f"{where}: Das Gebiet hat kein Polygon. Bitte die Grenzen ergänzen.")
    try:
        corners = list(_corners(geometry))
        inside = bool(corners) and all(-180 <= corner[0] <= 180 and -90 <= corner[1] <= 90 for corner in corners)
    except (TypeError, IndexError, KeyError) as error:
        raise SchemaError(f"{where}: Die Koordinaten sind nicht lesbar. Bitte die Datei neu ausgeben.") from error
    if not inside:
        raise SchemaError(f"{where}: Die Koordinaten sind nicht in WGS84. Bitte in EPSG:4326 umrechnen.")
    parent = facts.get("parent_code")
    return Area(str(facts[code]), str(facts.get(name) or ""), str(parent) if parent else None, geometry)


def _corners(geometry: dict[str, Any]) -> Iterator[Any]:
    """All corners of a Polygon or MultiPolygon; TypeError or IndexError where its lists are not those of RFC 7946."""
    polygons = [geometry["coordinates"]] if geometry["type"] == "Polygon" else geometry["coordinates"]
    for polygon in polygons:
        for ring in polygon:
            if len(ring) < 4:
                raise IndexError("a ring has at least four corners")
            yield from ring
