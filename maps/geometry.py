"""Geometry made small for a page: degrees, whole steps of about a meter, each street once."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from coresponse.data.date_line import FARTHEST_WEST, eastward

DEGREES = "EPSG:4326"
# Degrees; about 1.1 m of latitude.
STEP = 1e-5

# Times as long as wide: a rounder city has no axis to speak of.
LONG = 1.5

MAJOR = frozenset(
    f"{kind}{link}"
    for kind in ("motorway", "trunk", "primary", "secondary")
    for link in ("", "_link")
)
MIDDLE = frozenset({"tertiary", "tertiary_link"})


def to_meters(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the frame in a metric CRS: its own, or the UTM zone it lies in."""
    if not len(frame) or frame.crs.is_projected:
        return frame
    return frame.to_crs(frame.estimate_utm_crs())


def to_degrees(frame: gpd.GeoDataFrame, *, simplify_m: float = 0.0) -> gpd.GeoDataFrame:
    """Return the frame in degrees, its shapes simplified by at most `simplify_m` meters.

    Across the date line longitudes go on past 180.
    """
    if simplify_m and len(frame):
        metric = to_meters(frame)
        frame = metric.set_geometry(metric.geometry.simplify(simplify_m, preserve_topology=True))
    out = frame.to_crs(DEGREES)
    if len(out) and out.total_bounds[0] < FARTHEST_WEST:
        shapes = shapely.transform(np.array(out.geometry.array, dtype=object), _eastward)
        out = out.set_geometry(gpd.GeoSeries(shapes, out.index, crs=DEGREES))
    # a sliver of an area, where a district without calls was cut off, may cross itself in degrees,
    # and no union takes it
    broken = ~out.geometry.is_valid & out.geometry.geom_type.isin(["Polygon", "MultiPolygon"])
    if broken.any():
        shapes = np.array(out.geometry.array, dtype=object)
        shapes[broken] = shapely.make_valid(
            shapes[broken], method="structure", keep_collapsed=False
        )
        out = out.set_geometry(gpd.GeoSeries(shapes, out.index, crs=DEGREES))
    return out


def _eastward(corners: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.column_stack([eastward(corners[:, 0]), corners[:, 1:]])


def origin_of(*frames: gpd.GeoDataFrame | None) -> tuple[float, float]:
    """Return the corner (lon, lat) that encoded coordinates count from."""
    bounds = [frame.total_bounds for frame in frames if frame is not None and len(frame)]
    if not bounds:
        return (0.0, 0.0)
    west, south = np.min([b[:2] for b in bounds], axis=0)
    return (float(np.floor(west * 100) / 100), float(np.floor(south * 100) / 100))


def encode(coords: NDArray[np.float64], origin: tuple[float, float]) -> list[int]:
    """Return [x0, y0, dx1, dy1, ...] in steps from the origin.

    Points that fall together are given once.
    """
    grid = np.rint((coords[:, :2] - origin) / STEP).astype(np.int64)
    keep = np.r_[True, (np.diff(grid, axis=0) != 0).any(axis=1)]
    grid = grid[keep]
    return [int(v) for v in np.vstack([grid[:1], np.diff(grid, axis=0)]).ravel()]


def encode_point(point: Any, origin: tuple[float, float]) -> list[int]:
    """Return [x, y] in steps from the origin."""
    return encode(shapely.get_coordinates(point), origin)


def encode_area(shape: Any, origin: tuple[float, float]) -> list[list[list[int]]]:
    """Return polygons, each a list of rings (outer first)."""
    polygons = [
        part
        for part in shapely.get_parts(shape)
        if part.geom_type == "Polygon" and not part.is_empty
    ]
    return [
        [
            encode(shapely.get_coordinates(ring), origin)
            for ring in (polygon.exterior, *polygon.interiors)
        ]
        for polygon in polygons
    ]


def outline(
    *frames: gpd.GeoDataFrame, origin: tuple[float, float]
) -> dict[str, list[int] | float | None]:
    """Return the city's hull, and the way its long axis runs, as a map is turned by it.

    Returns
    -------
    dict
        `hull`: corners in steps from the origin; `axis`: degrees clockwise from north, 0 to 180,
        None of a city less than `LONG` times as long as wide. The axis is that of the smallest
        rectangle around the hull [1]_, on the Mercator map, which keeps angles.

    References
    ----------
    .. [1] Freeman, Shapira (1975), Communications of the ACM 18(7).
    """
    shapes = [to_degrees(frame).geometry.array for frame in frames if len(frame)]
    if not shapes:
        shapes = [shapely.box(-170.0, -60.0, 170.0, 70.0)]
    points = shapely.multipoints(np.vstack([shapely.get_coordinates(shape) for shape in shapes]))
    hull = gpd.GeoSeries([shapely.convex_hull(points)], crs=DEGREES)
    corners = shapely.get_coordinates(
        shapely.minimum_rotated_rectangle(hull.to_crs("EPSG:3857").array[0])
    )
    sides = np.diff(corners[:3], axis=0)
    length = np.hypot(*sides.T)
    axis = None
    if len(sides) == 2 and length.max() >= LONG * length.min():
        east, north = sides[np.argmax(length)]
        axis = round(float(np.degrees(np.arctan2(east, north))) % 180, 1) % 180
    return {"hull": encode(shapely.get_coordinates(hull.array[0]), origin), "axis": axis}


def encode_roads(
    roads: gpd.GeoDataFrame, origin: tuple[float, float], *, simplify_m: float = 4.0
) -> dict[str, list[list[int]]]:
    """Return lines by rank (``major``, ``middle``, ``minor``), the two directions of a street once, end to end joined.

    Parameters
    ----------
    roads
        Column `road_class` with OSM highway values.
    """
    frame = to_degrees(roads)
    rank = np.where(
        frame["road_class"].isin(MAJOR),
        "major",
        np.where(frame["road_class"].isin(MIDDLE), "middle", "minor"),
    )
    tolerance = simplify_m / 111_000
    out: dict[str, list[list[int]]] = {}
    for name in ("minor", "middle", "major"):
        lines = shapely.get_parts(frame.geometry.array[rank == name])
        once = _each_once(lines, origin)
        joined = (
            shapely.get_parts(shapely.line_merge(shapely.multilinestrings(once)))
            if len(once)
            else []
        )
        drawn = shapely.simplify(joined, tolerance)
        encoded = (encode(shapely.get_coordinates(line), origin) for line in drawn)
        out[name] = sorted(line for line in encoded if len(line) > 2)
    return out


def _each_once(lines: NDArray[np.object_], origin: tuple[float, float]) -> NDArray[np.object_]:
    seen: set[bytes] = set()
    kept = []
    for line in lines:
        grid = np.rint((shapely.get_coordinates(line) - origin) / STEP).astype(np.int64)
        if len(grid) < 2:
            continue
        forth, back = grid.tobytes(), grid[::-1].tobytes()
        if forth in seen or back in seen:
            continue
        seen.add(forth)
        kept.append(line)
    return np.array(kept, dtype=object)


def label_points(frame: gpd.GeoDataFrame) -> list[Any]:
    """Return a point inside each shape for its label.

    The middle of its largest part, where that lies inside.
    """
    return [_middle(_largest(shape)) for shape in frame.geometry]


def _middle(shape: Any) -> Any:
    middle = shapely.centroid(shape)
    return middle if shapely.contains(shape, middle) else shapely.point_on_surface(shape)


def _largest(shape: Any) -> Any:
    parts = shapely.get_parts(shape)
    return parts[int(np.argmax(shapely.area(parts)))] if len(parts) else shape
