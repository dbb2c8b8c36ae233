"""Geometry made small for a page: degrees, whole steps of about a meter, each street once."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

DEGREES = "EPSG:4326"
STEP = 1e-5
"""Degrees; about 1.1 m of latitude."""

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
    """Return the frame in degrees, its shapes simplified by at most `simplify_m` meters."""
    if simplify_m and len(frame):
        metric = to_meters(frame)
        frame = metric.set_geometry(metric.geometry.simplify(simplify_m, preserve_topology=True))
    return frame.to_crs(DEGREES)


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


def encode_roads(
    roads: gpd.GeoDataFrame, origin: tuple[float, float], *, simplify_m: float = 4.0
) -> dict[str, list[list[int]]]:
    """Return lines by rank (``major``, ``middle``, ``minor``), the two directions of a street once, end to end joined.

    Parameters
    ----------
    roads
        Column `road_class` with OSM highway values.
    """
    return {
        rank: [line for line, _ in lines]
        for rank, lines in _named_lines(
            roads.drop(columns="name", errors="ignore"), origin, simplify_m
        ).items()
    }


def encode_streets(
    roads: gpd.GeoDataFrame, origin: tuple[float, float], *, simplify_m: float = 4.0
) -> tuple[dict[str, list[list[int]]], dict[str, list[int]], list[str]]:
    """Return lines by rank as :func:`encode_roads`, each of one name; their names' positions; the names.

    Without a column `name`, or without any name, no positions and no names.
    """
    found = _named_lines(roads, origin, simplify_m)
    names = sorted({name for lines in found.values() for _, name in lines} | {""})
    lines = {rank: [line for line, _ in told] for rank, told in found.items()}
    if len(names) == 1:
        return lines, {}, []
    position = {name: i for i, name in enumerate(names)}
    return lines, {r: [position[name] for _, name in told] for r, told in found.items()}, names


def _named_lines(
    roads: gpd.GeoDataFrame, origin: tuple[float, float], simplify_m: float
) -> dict[str, list[tuple[list[int], str]]]:
    """Return by rank the lines, joined where they have one name, each with it."""
    frame = to_degrees(roads)
    rank = np.where(
        frame["road_class"].isin(MAJOR),
        "major",
        np.where(frame["road_class"].isin(MIDDLE), "middle", "minor"),
    )
    tolerance = simplify_m / 111_000
    names = frame["name"].to_numpy(dtype=object) if "name" in frame else np.full(len(frame), "")
    out: dict[str, list[tuple[list[int], str]]] = {}
    for level in ("minor", "middle", "major"):
        of_level = rank == level
        told = []
        for name, rows in pd.Series(np.flatnonzero(of_level)).groupby(names[of_level], sort=True):
            once = _each_once(shapely.get_parts(frame.geometry.array[rows]), origin)
            if not len(once):
                continue
            joined = shapely.get_parts(shapely.line_merge(shapely.multilinestrings(once)))
            encoded = (
                encode(shapely.get_coordinates(line), origin)
                for line in shapely.simplify(joined, tolerance)
            )
            told += [(line, str(name)) for line in encoded if len(line) > 2]
        out[level] = sorted(told)
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
