"""Where districts' names stand in a picture.

Inside their district, off the posts and off each other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely

from coresponse.maps.escape import clean_text
from coresponse.maps.geometry import label_points

# Width of a bold letter, as a share of its size; on the safe side.
LETTER = 0.6

# Height of a line, as a share of the letters' size.
LINE = 1.35

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class PlacedName:
    """A name and its middle, in the units of the districts' CRS."""

    text: str
    x: float
    y: float


def placed_names(
    districts: gpd.GeoDataFrame, taken: Sequence[Box], *, size_m: float, frame: Box
) -> tuple[PlacedName, ...]:
    """Return the names that find room.

    The largest district chooses first, and a name in no place is left out.

    Parameters
    ----------
    districts
        `district_id`, `name`, polygons in meters.
    taken
        Boxes (west, south, east, north) that no name may touch.
    size_m
        Height of the letters, in meters of the city.
    frame
        What the picture shows.
    """
    boxes, out = list(taken), []
    points = label_points(districts)
    for i in np.argsort(-shapely.area(districts.geometry.array), kind="stable"):
        row, shape = districts.iloc[int(i)], districts.geometry.iloc[int(i)]
        text = clean_text(row["name"], limit=34) or clean_text(row["district_id"], limit=34)
        half = (len(text) * LETTER * size_m / 2, LINE * size_m / 2)
        shapely.prepare(shape)
        for x, y in _places(points[int(i)], size_m):
            box = (x - half[0], y - half[1], x + half[0], y + half[1])
            if (
                _inside(box, frame)
                and not any(_touch(box, other) for other in boxes)
                and shape.covers(shapely.Point(x, y))
            ):
                boxes.append(box)
                out.append(PlacedName(text, x, y))
                break
    return tuple(out)


def _places(point: shapely.Point, size_m: float) -> Iterator[tuple[float, float]]:
    """Return places about a point, the nearest first."""
    steps = [(dx, dy) for dy in range(-6, 7) for dx in range(-6, 7)]
    for dx, dy in sorted(steps, key=lambda step: (np.hypot(step[0] * 1.2, step[1] * 0.7), step)):
        yield point.x + 1.2 * dx * size_m, point.y + 0.7 * dy * size_m


def _inside(box: Box, frame: Box) -> bool:
    return box[0] >= frame[0] and box[1] >= frame[1] and box[2] <= frame[2] and box[3] <= frame[3]


def _touch(one: Box, other: Box) -> bool:
    return one[0] < other[2] and one[2] > other[0] and one[1] < other[3] and one[3] > other[1]
