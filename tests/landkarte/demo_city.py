"""A city that does not exist: seven districts, nineteen subdistricts and a river, drawn the same on every machine."""

import random
from itertools import pairwise
from typing import Any

from shapely import LineString, Point, Polygon, polygonize, unary_union
from shapely.geometry import mapping
from shapely.geometry.base import BaseGeometry

CENTRE = (6.76, 51.43)  # longitude, latitude of the drawing's origin
KILOMETRE = (1 / 69.4, 1 / 111.2)  # degrees there

# kilometres from the centre; the river runs between the two banks, so both shores are borders
OUTLINE = [(-6, 13), (-1, 14.5), (3, 13), (6, 13.5), (8, 10), (7, 6), (9, 2), (8, -2), (9, -6), (6.5, -9), (7.5, -13), (3, -14.5),
           (-1, -12), (-3, -13.5), (-6, -11), (-9.5, -9), (-10, -4), (-8, 0), (-9, 4), (-6.5, 8), (-8, 11)]  # fmt: skip
WEST = [(-9.5, 16), (-4.4, 9.5), (-4.8, 6), (-2.6, 3.2), (-3.4, 0), (-1.4, -3), (-4.6, -6), (-3.2, -9), (-5.2, -15)]
EAST = [(-8.6, 16), (-3.6, 9.5), (-4.0, 6), (-1.9, 3.4), (-2.7, 0), (-0.7, -3), (-3.9, -6), (-2.5, -9), (-4.4, -15)]
CUTS = [
    [(-12, 9.0), (-5, 8.6), (0, 8.9), (12, 8.2)],
    [(-12, 4.6), (-4, 5.0), (2, 4.2), (12, 4.9)],
    [(-12, -0.6), (-3, 0.2), (3, 0.4), (12, -0.4)],
    [(-12, -5.0), (-2, -5.4), (4, -4.8), (12, -5.6)],
]
FINE = [
    [(1.6, 16), (1.2, 8.7), (2.2, 4.2), (2.6, 0.4), (3.4, -5), (2.2, -16)],
    [(-12, -8.6), (12, -9.6)],
    [(-7.2, 16), (-6.4, 0), (-7.4, -14)],
]

DISTRICTS = {
    "100": ("Nordfeld", (1, 11.5)),
    "200": ("Hammerbruch", (2, 6.6)),
    "300": ("Steinbeck/Marienau", (2, 2.4)),
    "400": ("Altrhein/Werft/Auenhof", (-6, 3.5)),
    "500": ("Musterhafen-Mitte", (3, -2.6)),
    "600": ("Westerhausen", (-6.5, -4)),
    "700": ("Musterhafen-Süd", (1.5, -9)),
}
NAMES = {
    "100": ("Nordfeld-Ost", "Nordfeld-West", "Vierbäumen"),
    "200": ("Hammerfeld", "Bruchhof", "Neuhütte"),
    "300": ("Steinbeck", "Marienau", "Laarfeld"),
    "400": ("Werft", "Altrhein", "Auenhof"),
    "500": ("Altmarkt", "Kirchfeld", "Neudorf"),
    "600": ("Westerhausen", "Bergfeld", "Friemers"),
    "700": ("Südheide", "Großenbusch", "Wedaufeld", "Rahmer See"),
}


def districts() -> dict[str, BaseGeometry]:
    """Draw the districts: code to polygon in longitude and latitude."""
    return _assign(_faces(CUTS), {code: [code] for code in DISTRICTS})


def subdistricts() -> dict[str, tuple[str, str, BaseGeometry]]:
    """Draw the subdistricts: code to name, district code and polygon."""
    whole = _assign(_faces(CUTS), {code: [code] for code in DISTRICTS})
    fine = _faces([*CUTS, *FINE])
    found: dict[str, tuple[str, str, BaseGeometry]] = {}
    for district, shape in whole.items():
        parts = sorted(
            (face for face in map(_to_degrees, fine) if shape.contains(face.representative_point())), key=lambda face: -face.area
        )
        names = NAMES[district]
        for number, name in enumerate(names):
            mine = parts[number :: len(names)] if number < len(parts) else []
            if mine:
                code = str(int(district) + number + 1)
                found[code] = (name, district, unary_union(mine))
    return found


def collection(shapes: dict[str, tuple[str, BaseGeometry]]) -> dict[str, Any]:
    """Write shapes as a GeoJSON FeatureCollection with code and name."""
    return {
        "type": "FeatureCollection",
        "features": [
            {"type": "Feature", "properties": {"code": code, "name": name}, "geometry": _rounded(mapping(shape))}
            for code, (name, shape) in shapes.items()
        ],
    }


def _faces(cuts: list[list[tuple[float, float]]]) -> list[Polygon]:
    """Cut the city, without its river, into faces."""
    city = Polygon(_wild(OUTLINE + OUTLINE[:1], seed=1))
    river = Polygon(_wild(WEST, seed=2) + _wild(EAST, seed=3)[::-1]).buffer(0)
    land = city.difference(river)
    lines = [LineString(_wild(cut, seed=10 + number)) for number, cut in enumerate(cuts)]
    edges = unary_union([land.boundary, *lines])
    faces = polygonize([edges]).geoms
    return [face for face in faces if land.contains(face.representative_point()) and face.area > 0.4]


def _assign(faces: list[Polygon], wanted: dict[str, list[str]]) -> dict[str, BaseGeometry]:
    """Give every face to the nearest district on its own shore."""
    found: dict[str, list[BaseGeometry]] = {code: [] for code in wanted}
    for face in faces:
        inner = face.representative_point()
        shore = inner.x < _river_at(inner.y)
        nearest = min(
            (code for code, (_, seed) in DISTRICTS.items() if (seed[0] < _river_at(seed[1])) == shore),
            key=lambda code: inner.distance(Point(DISTRICTS[code][1])),
        )
        found[nearest].append(face)
    return {code: _to_degrees(unary_union(parts)) for code, parts in found.items()}


def _river_at(y: float) -> float:
    line = sorted(WEST, key=lambda point: point[1])
    for (x1, y1), (x2, y2) in pairwise(line):
        if y1 <= y <= y2:
            return x1 + (x2 - x1) * (y - y1) / (y2 - y1) + 0.35
    return line[0][0] if y < line[0][1] else line[-1][0]


def _wild(points: list[tuple[float, float]], seed: int) -> list[tuple[float, float]]:
    """Make straight lines look grown: halve each piece four times and push the middle aside."""
    chance = random.Random(seed)
    for level in range(4):
        finer = points[:1]
        for (x1, y1), (x2, y2) in pairwise(points):
            push = chance.uniform(-0.16, 0.16) / (1 + level * 0.3)
            finer += [((x1 + x2) / 2 + (y2 - y1) * push, (y1 + y2) / 2 - (x2 - x1) * push), (x2, y2)]
        points = finer
    return points


def _to_degrees(shape: BaseGeometry) -> BaseGeometry:
    from shapely.affinity import affine_transform

    return affine_transform(shape, [KILOMETRE[0], 0, 0, KILOMETRE[1], *CENTRE])


def _rounded(geometry: Any) -> Any:
    if isinstance(geometry, dict):
        return {key: _rounded(value) if key == "coordinates" else value for key, value in geometry.items()}
    if isinstance(geometry, (list, tuple)):
        return [_rounded(item) for item in geometry]
    return round(geometry, 5)
