"""Exact Stadtbezirke and Ortsteile come in; one joint simplification of both goes out, with how exact it is.

Every line is simplified once, whoever it belongs to: the areas are cut into one coverage, the coverage is simplified
(`shapely.coverage_simplify`, Visvalingam and Whyatt), and districts and subdistricts are put together again from its pieces.
So neighbours neither overlap nor leave gaps, and a subdistrict never leaves its district.

    .venv/bin/python tools/simplify_districts.py EXACT_DISTRICTS EXACT_SUBDISTRICTS CITY_FOLDER
        --attribution "© OpenStreetMap-Mitwirkende" --licence odbl --origin "where the exact polygons came from"
"""

import argparse
import json
import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy
import shapely
from pyproj import Transformer
from shapely.geometry import mapping, shape
from shapely.geometry.base import BaseGeometry

GRID = 1e-7  # degrees: the precision of OpenStreetMap
DIGITS = 5  # decimals written: about one metre
SLIVER = 500.0  # square metres: smaller pieces are dirt between two drawings of one line
POINTS = 100_000  # of the check by random points
METRES = Transformer.from_crs(4326, 25832, always_xy=True)


@dataclass(frozen=True, slots=True)
class Area:
    """One district or subdistrict with its polygon in degrees."""

    code: str
    name: str
    parent: str | None
    polygon: BaseGeometry


@dataclass(frozen=True, slots=True)
class Exactness:
    """How far a simplification is from the exact polygons."""

    distance_m: float  # largest distance between an exact border and its simplification, both ways (Hausdorff)
    area_share: float  # part of the whole area that lies in another polygon than before
    points_moved: int  # of POINTS random points in the areas' box: those that change their area

    def as_member(self, tolerance: float) -> dict[str, Any]:
        return {
            "tolerance_m": tolerance,
            "largest_distance_m": round(self.distance_m, 1),
            "area_moved_share": round(self.area_share, 6),
            "points_tested": POINTS,
            "points_moved": self.points_moved,
        }


def main() -> None:
    """Read, cut, simplify, measure, write."""
    options = _options()
    districts, subdistricts = read_areas(options.districts), read_areas(options.subdistricts)
    pieces = simplify(cut(districts, subdistricts), options.tolerance)
    for name, level, exact in (("districts", 0, districts), ("subdistricts", 1, subdistricts)):
        simple = {area.code: area for area in put_together(exact, pieces, level)}
        exactness = measure(exact, simple)
        write_areas(options.city / f"{name}.geojson", name, simple.values(), options, exactness.as_member(options.tolerance))
        print(f"{name}: {len(simple)} areas, {exactness}")


def read_areas(path: Path) -> list[Area]:
    """Read a FeatureCollection whose features have code, name and (subdistricts) stadtbezirk_code."""
    found = []
    for feature in json.loads(path.read_text(encoding="utf-8"))["features"]:
        facts = feature["properties"]
        found.append(Area(facts["code"], facts["name"], facts.get("stadtbezirk_code"), shape(feature["geometry"])))
    return sorted(found, key=lambda area: area.code)


def cut(districts: list[Area], subdistricts: list[Area]) -> dict[tuple[str, str | None], BaseGeometry]:
    """Cut both levels into pieces that fit exactly: (district, subdistrict or None) -> polygon. The district decides."""
    lines = shapely.union_all([area.polygon.boundary for area in (*districts, *subdistricts)], grid_size=GRID)
    cells = list(shapely.get_parts(shapely.polygonize([lines])))
    owners = [_owner(cell, districts, subdistricts) for cell in cells]
    for index, cell in enumerate(cells):
        if owners[index] and _metric(cell).area < SLIVER:
            beside = [n for n, other in enumerate(cells) if n != index and owners[n] and _metric(other).area >= SLIVER]
            longest = max(beside, key=lambda n: cells[n].boundary.intersection(cell.boundary).length)
            owners[index] = owners[longest]
    return {
        owner: shapely.union_all([cell for cell, whose in zip(cells, owners, strict=True) if whose == owner], grid_size=GRID)
        for owner in dict.fromkeys(owner for owner in owners if owner)
    }


def simplify(
    pieces: Mapping[tuple[str, str | None], BaseGeometry], tolerance: float
) -> dict[tuple[str, str | None], BaseGeometry]:
    """Simplify all pieces together in metres, and round the result to the digits that are written."""
    simple = shapely.coverage_simplify([_metric(piece) for piece in pieces.values()], tolerance)
    degrees = [shapely.transform(piece, _to_degrees) for piece in simple]
    if not shapely.coverage_is_valid(degrees) or not all(piece.is_valid for piece in degrees):
        raise SystemExit("the simplified pieces overlap or leave gaps: try another tolerance")
    return dict(zip(pieces, degrees, strict=True))


def put_together(exact: Iterable[Area], pieces: Mapping[tuple[str, str | None], BaseGeometry], level: int) -> list[Area]:
    """Put the pieces of each area together again."""
    return [
        Area(
            area.code,
            area.name,
            area.parent,
            shapely.coverage_union_all([piece for owner, piece in pieces.items() if owner[level] == area.code]),
        )
        for area in exact
    ]


def measure(exact: list[Area], simple: Mapping[str, Area]) -> Exactness:
    """Compare each exact polygon with its simplification: borders, areas and random points (always the same ones)."""
    before = [_metric(area.polygon) for area in exact]
    after = [_metric(simple[area.code].polygon) for area in exact]
    distance = max(shapely.hausdorff_distance(a.boundary, b.boundary, densify=0.05) for a, b in zip(before, after, strict=True))
    moved = sum(a.difference(b).area for a, b in zip(before, after, strict=True)) / sum(a.area for a in before)
    west, south, east, north = shapely.total_bounds(before)
    dice = random.Random(47051)
    points = shapely.points([(dice.uniform(west, east), dice.uniform(south, north)) for _ in range(POINTS)])
    differ = sum(a != b for a, b in zip(_places(points, before), _places(points, after), strict=True))
    return Exactness(float(distance), moved, differ)


def write_areas(path: Path, name: str, areas: Iterable[Area], options: argparse.Namespace, exactness: dict[str, Any]) -> None:
    """Write a FeatureCollection, a feature a line; origin, licence and exactness stand before the features."""
    head = {
        "type": "FeatureCollection",
        "name": name,
        "attribution": options.attribution,
        "licence": f"http://dcat-ap.de/def/licenses/{options.licence}",
        "origin": options.origin,
        "exactness": exactness,
    }
    features = [
        {
            "type": "Feature",
            "properties": {"code": area.code, "name": area.name} | ({"parent_code": area.parent} if area.parent else {}),
            "geometry": mapping(shapely.orient_polygons(area.polygon)),  # outer rings run counterclockwise, RFC 7946
        }
        for area in areas
    ]
    members = [f"{json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}" for key, value in head.items()]
    lines = ",\n".join(json.dumps(feature, ensure_ascii=False, separators=(",", ":")) for feature in features)
    path.write_text("{\n" + ",\n".join(members) + ',\n"features": [\n' + lines + "\n]}\n", encoding="utf-8")


def _owner(cell: BaseGeometry, districts: list[Area], subdistricts: list[Area]) -> tuple[str, str | None] | None:
    inside = cell.representative_point()
    district = next((area.code for area in districts if area.polygon.contains(inside)), None)
    if district is None:
        return None
    return district, next((a.code for a in subdistricts if a.parent == district and a.polygon.contains(inside)), None)


def _places(points: Any, polygons: list[BaseGeometry]) -> list[int]:
    found = [-1] * len(points)
    for index, polygon in enumerate(polygons):
        shapely.prepare(polygon)
        for place in shapely.contains(polygon, points).nonzero()[0]:
            found[place] = index
    return found


def _metric(geometry: BaseGeometry) -> BaseGeometry:
    return shapely.transform(geometry, lambda xy: _columns(METRES.transform(xy[:, 0], xy[:, 1])))


def _to_degrees(xy: Any) -> Any:
    return _columns(METRES.transform(xy[:, 0], xy[:, 1], direction="INVERSE")).round(DIGITS)


def _columns(pair: Any) -> Any:
    return numpy.column_stack(pair)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("districts", type=Path)
    parser.add_argument("subdistricts", type=Path)
    parser.add_argument("city", type=Path)
    parser.add_argument("--tolerance", type=float, default=25.0, help="metres; its square is the area a corner may cover")
    parser.add_argument("--attribution", required=True)
    parser.add_argument("--licence", required=True)
    parser.add_argument("--origin", required=True)
    return parser.parse_args()


if __name__ == "__main__":
    main()
