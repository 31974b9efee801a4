"""Points come in, many at once; the code of the area each lies in goes out.

A point on a border belongs to the area with the smaller code. A point outside all areas, but not farther than their polygons may
be off (a simplified outline cuts corners), belongs to the nearest. Coordinates: longitude and latitude in degrees, WGS84.
"""

import json
import threading
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import shapely

from schemas.areas import Area

METRES = 111_320.0  # of a degree of latitude

Points = npt.NDArray[np.float64]  # rows of longitude, latitude


class Areas:
    """The areas of one level of a city, ready to be asked."""

    def __init__(self, areas: Iterable[Area], *, exactness_m: float = 0.0) -> None:
        ordered = sorted(areas, key=lambda area: area.code)
        self.codes = tuple(area.code for area in ordered)
        self._polygons = [shapely.make_valid(shapely.from_geojson(json.dumps(area.geometry))) for area in ordered]
        shapely.prepare(self._polygons)
        self._bounds = [shapely.bounds(polygon) for polygon in self._polygons]
        self._exactness_m = exactness_m
        # GEOS 3.14 makes a prepared polygon's index with the first question: of two threads at once the heap breaks
        self._one_by_one = threading.Lock()

    def find(self, points: Points) -> list[str | None]:
        """Give the code of each point's area, None where it lies in none. Any number of threads may ask."""
        with self._one_by_one:
            return self._find(points)

    def _find(self, points: Points) -> list[str | None]:
        found = np.full(len(points), -1)
        for test in (shapely.contains_xy, shapely.intersects_xy):  # the second one counts the border, too
            for number, (polygon, (west, south, east, north)) in enumerate(zip(self._polygons, self._bounds, strict=True)):
                x, y = points[:, 0], points[:, 1]
                near = np.flatnonzero((found < 0) & (x >= west) & (x <= east) & (y >= south) & (y <= north))
                if len(near):
                    found[near[test(polygon, x[near], y[near])]] = number
        if self._exactness_m and self._polygons:
            for place in self._just_outside(points, np.flatnonzero(found < 0)):
                found[place] = self._nearest(points[place])
        return [self.codes[number] if number >= 0 else None for number in found]

    def _just_outside(self, points: Points, outside: npt.NDArray[np.intp]) -> npt.NDArray[np.intp]:
        """Leave out what is surely too far away."""
        spots = shapely.points(points[outside])
        degrees = self._exactness_m / METRES / max(0.1, float(np.cos(np.radians(points[outside, 1]).max(initial=0.0))))
        near = np.zeros(len(outside), dtype=np.bool_)
        for polygon in self._polygons:
            near |= shapely.dwithin(polygon, spots, degrees)
        return outside[near]

    def _nearest(self, point: Points) -> int:
        """Give the area a point just misses, -1 where it is farther from all than the polygons may be off."""
        narrow = float(np.cos(np.radians(point[1])))
        spot = shapely.Point(point)
        lines = shapely.shortest_line(self._polygons, spot)
        steps = np.diff(shapely.get_coordinates(lines).reshape(-1, 2, 2), axis=1)[:, 0]
        metres = np.hypot(steps[:, 0] * narrow, steps[:, 1]) * METRES
        return int(metres.argmin()) if metres.min() <= self._exactness_m else -1
