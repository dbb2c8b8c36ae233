"""Where the city is.

The ground that the map shows as land, and to which areas are cut, so that none reaches into a
river.
"""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from coresponse.maps.escape import clean_text
from coresponse.maps.geometry import encode, encode_area, to_degrees

# land is drawn beneath all else, at scales where a pixel is more than this
COARSE_M = 20.0


def beside_roads(roads: gpd.GeoDataFrame, within_m: float) -> Any:
    """Return the ground within so many meters of a road, in the roads' CRS (metric).

    Holes are parks and water.
    """
    lines = shapely.simplify(np.asarray(roads.geometry.array), COARSE_M)
    both_ways = shapely.union_all(shapely.buffer(_one_way_each(lines), within_m, quad_segs=1))
    return shapely.simplify(both_ways, COARSE_M / 2)


def land(beside: Any, districts: gpd.GeoDataFrame | None) -> Any:
    """Return the ground beside roads with its holes filled, and the districts."""
    filled = [
        shapely.polygons(part.exterior) for part in shapely.get_parts(beside) if not part.is_empty
    ]
    shapes = [] if districts is None else list(districts.geometry.make_valid())
    return shapely.union_all(np.array([*filled, *shapes], dtype=object))


def cut(cells: gpd.GeoDataFrame, beside: Any) -> gpd.GeoDataFrame:
    """Return cells cut to the ground beside roads; a cell that would vanish stays as it is."""
    shapes = np.asarray(cells.geometry.array)
    parts = shapely.intersection(shapes, beside)
    kept = np.where(shapely.area(parts) > 0, parts, shapes)
    return cells.set_geometry(gpd.GeoSeries(kept, index=cells.index, crs=cells.crs))


def dry(beside: Any, water: gpd.GeoDataFrame | None, crs: Any) -> Any:
    """Return the ground beside roads less water, in a metric CRS."""
    return (
        beside
        if water is None
        else shapely.difference(beside, shapely.union_all(water.to_crs(crs).geometry.array))
    )


def encode_ground(
    frame: gpd.GeoDataFrame | None, origin: tuple[float, float]
) -> list[list[list[int]]]:
    """Return water or parks as polygons for a page; none if there are none."""
    return (
        []
        if frame is None
        else [part for shape in to_degrees(frame).geometry for part in encode_area(shape, origin)]
    )


def encode_landmarks(
    frame: gpd.GeoDataFrame | None, origin: tuple[float, float]
) -> dict[str, list[Any]]:
    """Return names of areas with their places, rivers with their lines, and rail, for a page.

    `places`: [name, kind, point, side in meters]; `rivers`: [name, line]; `rail`: lines.
    """
    out: dict[str, list[Any]] = {"places": [], "rivers": [], "rail": []}
    if frame is None:
        return out
    shown = to_degrees(frame)
    for name, kind, size_m, shape in zip(
        shown["name"].map(clean_text), shown["kind"], shown["size_m"], shown.geometry, strict=True
    ):
        line = encode(shapely.get_coordinates(shape), origin)
        if kind == "rail":
            out["rail"].append(line)
        elif kind == "river":
            out["rivers"].append([name, line])
        else:
            out["places"].append([name, kind, line, round(size_m)])
    return out


def _one_way_each(lines: Any) -> Any:
    """Leave out lines with the ends and length of one before.

    Most are the other direction of a street.
    """
    if not len(lines):
        return lines
    ends = np.column_stack([shapely.get_coordinates(shapely.get_point(lines, i)) for i in (0, -1)])
    swap = (ends[:, 0] > ends[:, 2]) | ((ends[:, 0] == ends[:, 2]) & (ends[:, 1] > ends[:, 3]))
    ends[swap] = ends[swap][:, [2, 3, 0, 1]]
    key = np.column_stack([ends, shapely.length(lines)]).round(0)
    return lines[np.sort(np.unique(key, axis=0, return_index=True)[1])]
