"""GeoJSON of districts comes in; paths for an SVG go out, simplified together, so that neighbours still touch."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import cos, radians
from typing import Any

import shapely
from shapely.errors import ShapelyError
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

WIDTH = 800.0  # units of the drawing; a unit is about a pixel on a large screen
MARGIN = 12.0
FINE = 1.2  # units that may be lost in simplifying


@dataclass(frozen=True, slots=True)
class Shape:
    """One district: its path, and the middle of its largest empty circle, where words fit."""

    code: str
    name: str
    path: str
    x: float
    y: float
    room: float


@dataclass(frozen=True, slots=True)
class Drawing:
    """A city to draw, and how to place a point in it."""

    width: float
    height: float
    districts: Sequence[Shape]
    subdistricts: Sequence[Shape]
    box: tuple[float, float, float, float]
    scale: tuple[float, float]

    def point(self, longitude: float, latitude: float) -> tuple[float, float] | None:
        """Give the place of a point in the drawing; None outside of it."""
        west, south, east, north = self.box
        if not (west <= longitude <= east and south <= latitude <= north):
            return None
        return round(MARGIN + (longitude - west) * self.scale[0], 1), round(MARGIN + (north - latitude) * self.scale[1], 1)


def draw(drawings: Mapping[str, Mapping[str, Any]]) -> Drawing | None:
    """Draw the districts, and the subdistricts where there are some; None where the package has no usable district."""
    upper, lower = dict(_shapes(drawings.get("districts"))), dict(_shapes(drawings.get("subdistricts")))
    if not upper:
        return None
    west, south, east, north = shapely.total_bounds([geometry for _, geometry in upper.values()]).tolist()
    if not (east > west and north > south):
        return None
    across = (WIDTH - 2 * MARGIN) / (east - west)
    scale = (across, across / cos(radians((south + north) / 2)))

    def to_units(geometry: BaseGeometry) -> BaseGeometry:
        return shapely.transform(geometry, lambda points: (points - [west, north]) * [scale[0], -scale[1]] + MARGIN)

    return Drawing(
        width=WIDTH,
        height=round((north - south) * scale[1] + 2 * MARGIN, 1),
        districts=_drawn(upper, to_units),
        subdistricts=_drawn(lower, to_units),
        box=(west, south, east, north),
        scale=scale,
    )


def _shapes(drawing: Mapping[str, Any] | None) -> Iterator[tuple[str, tuple[str, BaseGeometry]]]:
    for feature in (drawing or {}).get("features", []):
        try:
            properties = feature["properties"]
            geometry = shapely.make_valid(shape(feature["geometry"]))
        except (KeyError, TypeError, ValueError, AttributeError, ShapelyError):
            continue  # a district without a usable shape is missing in the drawing, not in the lists
        parts = [part for part in shapely.get_parts(geometry).tolist() if part.geom_type in ("Polygon", "MultiPolygon")]
        if parts and properties.get("code"):
            yield str(properties["code"]), (str(properties.get("name") or properties["code"]), shapely.union_all(parts))


def _drawn(shapes: Mapping[str, tuple[str, BaseGeometry]], to_units: Any) -> tuple[Shape, ...]:
    if not shapes:
        return ()
    geometries = [to_units(geometry) for _, geometry in shapes.values()]
    simple = shapely.coverage_simplify(geometries, FINE)
    found = []
    for (code, (name, _)), geometry in zip(shapes.items(), simple, strict=True):
        largest = max(shapely.get_parts(geometry).tolist(), key=lambda part: part.area)
        circle = shapely.maximum_inscribed_circle(largest, tolerance=1.0)
        middle = shapely.get_point(circle, 0)
        found.append(Shape(code, name, _path(geometry), round(middle.x, 1), round(middle.y, 1), round(circle.length, 1)))
    return tuple(found)


def _path(geometry: BaseGeometry) -> str:
    pieces = []
    for polygon in shapely.get_parts(geometry).tolist():
        for ring in (polygon.exterior, *polygon.interiors):
            points = [f"{x:.0f} {y:.0f}" for x, y in ring.coords[:-1]]
            pieces.append("M" + "L".join(dict.fromkeys(points)) + "Z")
    return "".join(pieces)
