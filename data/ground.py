"""Water and parks: what a map shows beneath the roads, so that people find their way."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj.exceptions import ProjError
from shapely.geometry.base import BaseGeometry

from coresponse.data.corners import nowhere
from coresponse.data.errors import InputError
from coresponse.data.faults import Faults
from coresponse.data.notes import Note
from coresponse.data.roads.network import RoadNetwork
from coresponse.data.roads.street_names import street_name
from coresponse.data.tables.areas import read_areas, refuse_no_areas
from coresponse.data.tables.dictionary import plain
from coresponse.data.tangled import refuse_tangled

# Of a file, unpacked: a state's water is smaller.
MAX_BYTES = 300_000_000

# Of all shapes together; what has more is drawn coarser. About 100 kB of a page.
MOST_CORNERS = 15_000

# Bends smaller than this are never drawn.
FINEST_M = 4.0

# How far around the roads shapes are kept, as a share of the longer side of what the roads cover.
AROUND = 1.25

# A park of a city block; what is smaller is named by none who asks the way.
SMALLEST_NAMED_M2 = 8_000.0

# Columns that name water and parks, in plain form: what OpenStreetMap, the Census Bureau (TIGER), the
# Geological Survey (NHD) and the park layers of large cities call them. The first that is there counts.
NAMED_BY = ("name", "fullname", "gnisname", "parkname", "signname", "label")

# a layer with one fault mostly has it in each row: ten of them show the kind
MOST_TOLD = 10


def read_ground(path: Path, *, network: RoadNetwork, what: str) -> gpd.GeoDataFrame:
    """Read water or parks as they are drawn.

    Cut to the city's surroundings, united, simplified, bounded in size.

    Parameters
    ----------
    path
        GeoJSON, GeoPackage, Shapefile (also zipped), GeoParquet; rows that are no areas are left
        out.
    network
        The roads; shapes come out in their CRS.
    what
        ``water`` or ``parks``, for messages.

    Returns
    -------
    geopandas.GeoDataFrame
        One row, a multipolygon; its `attrs` hold `notes`, which layer was read, and `named`, what
        :func:`named_areas` yields, the largest first.

    Raises
    ------
    InputError
        If the file is too large, holds no polygon with a CRS, or none near the roads, or a corner
        is nowhere on Earth.
    """
    layer, notes = _read(path, what)
    shapes = shapely.force_2d(np.asarray(layer.geometry.array))
    rows = np.flatnonzero(
        ~shapely.is_missing(shapes)
        & ~shapely.is_empty(shapes)
        & (shapely.get_dimensions(shapes) == 2)
    )
    found = _projected(layer.set_geometry(shapes).iloc[rows], rows, network.crs, path)
    named = named_areas(what, zip(_names(layer, rows), found, strict=True), network)
    drawn = drawn_areas(found, network)
    if drawn is None:
        west, south, east, north = np.round(layer.total_bounds, 3).tolist()
        raise InputError(
            f"{path}: no {what} near the roads; its {len(rows):,} areas lie in x {west:g} to "
            f"{east:g}, y {south:g} to {north:g} "
            f"of {layer.crs.name} -- is it of this city, and is the CRS right?"
        )
    largest_first = sorted(named, key=lambda row: (-row[2], row[1]))
    drawn.attrs |= {"notes": notes, "named": tuple(largest_first)}
    return drawn


def _names(layer: gpd.GeoDataFrame, rows: NDArray[np.intp]) -> list[str]:
    by = {plain(str(column)): column for column in reversed(layer.columns)}
    column = next((by[name] for name in NAMED_BY if name in by), None)
    if column is None or column == layer.geometry.name:
        return [""] * len(rows)
    return [street_name(name) if isinstance(name, str) else "" for name in layer[column].iloc[rows]]


def named_areas(
    what: str, found: Iterable[tuple[str, Any]], network: RoadNetwork
) -> Iterator[tuple[str, str, float, Any]]:
    """Yield a place for each name; several areas of one name are one place, named at the largest.

    Parameters
    ----------
    what
        ``water`` or ``parks``.
    found
        Name, empty if there is none, and area in the network's CRS.

    Yields
    ------
    tuple of str, str, float, shapely.Point
        Kind (``water`` or ``park``), name, side in meters of a square as large, place.
    """
    window = shapely.box(*surroundings(network))
    by_name: dict[str, list[Any]] = defaultdict(list)
    for name, shape in found:
        if name:
            by_name[name].append(shape)
    for name, shapes in by_name.items():
        inside = shapely.intersection(shapely.make_valid(np.array(shapes, dtype=object)), window)
        parts = _areas(inside)
        areas = shapely.area(parts)
        if len(parts) and areas.sum() >= SMALLEST_NAMED_M2:
            place = shapely.point_on_surface(parts[int(np.argmax(areas))])
            yield what.removesuffix("s"), name, float(np.sqrt(areas.sum())), place


def drawn_areas(found: NDArray[np.object_], network: RoadNetwork) -> gpd.GeoDataFrame | None:
    """Return areas near the roads as one multipolygon of few enough corners; None if there are none.

    Parameters
    ----------
    found
        Areas in the network's CRS, shape (n,).
    """
    if not len(found):
        return None
    around = surroundings(network)
    near = found[shapely.intersects(shapely.box(*shapely.bounds(found).T), shapely.box(*around))]
    kept = _simpler(_areas(shapely.clip_by_rect(_areas(near), *around)), FINEST_M)
    if not len(kept):
        return None
    return gpd.GeoDataFrame(geometry=[_bounded(shapely.union_all(kept))], crs=network.crs)


def surroundings(network: RoadNetwork) -> tuple[float, float, float, float]:
    """Return west, south, east and north edge of what may be seen around the roads."""
    x, y = network.node_x, network.node_y
    margin = AROUND * max(float(np.ptp(x)), float(np.ptp(y)), 1000.0)
    return (
        float(x.min()) - margin,
        float(y.min()) - margin,
        float(x.max()) + margin,
        float(y.max()) + margin,
    )


def _read(path: Path, what: str) -> tuple[gpd.GeoDataFrame, tuple[Note, ...]]:
    refuse_no_areas(path, what)
    layer, notes = read_areas(path, known={what}, most_bytes=MAX_BYTES)
    if layer is None:
        raise InputError(
            f"{path}: holds no polygon -- {what} are areas; a river's line has none, export its "
            "surface"
        )
    refuse_tangled(np.asarray(layer.geometry.array), path)
    return layer, notes


def _projected(
    layer: gpd.GeoDataFrame, rows: NDArray[np.intp], crs: str, path: Path
) -> NDArray[np.object_]:
    """Bring shapes to the roads' CRS.

    A corner that is nowhere on Earth would give an area without end.
    """
    try:
        moved = np.asarray(layer.geometry.to_crs(crs).array)
    except ProjError as error:
        raise InputError(
            f"{path}: its CRS cannot be placed on Earth -- save it as EPSG:4326"
        ) from error
    wrong = nowhere(moved)
    faults = Faults(str(path))
    for i in wrong[:MOST_TOLD]:
        corner = tuple(shapely.get_coordinates(layer.geometry.iloc[i])[0].round(3).tolist())
        cure = f"it is read as {layer.crs.name}; save it with the CRS that it is in"
        faults.add(
            f"row {rows[i] + 1:,}",
            f"has a corner that is not on Earth; it begins at {corner}",
            cure,
        )
    if len(wrong) > MOST_TOLD:
        faults.add("further rows", f"{len(wrong) - MOST_TOLD:,} have such a corner, too")
    faults.raise_if_any()
    return moved


def _areas(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """Return the polygons of shapes, whose broken rings are repaired."""
    broken = ~shapely.is_valid(shapes)
    if broken.any():
        shapes = shapes.copy()
        shapes[broken] = shapely.make_valid(
            shapes[broken], method="structure", keep_collapsed=False
        )
    parts = shapely.get_parts(shapely.get_parts(shapes))  # a collection may hold multipolygons
    out: NDArray[np.object_] = parts[
        (shapely.get_type_id(parts) == shapely.GeometryType.POLYGON) & ~shapely.is_empty(parts)
    ]
    return out


def _simpler(shapes: NDArray[np.object_], tolerance_m: float) -> NDArray[np.object_]:
    """Return polygons without bends, islets and ponds that are smaller than the tolerance."""
    found = _areas(shapely.simplify(shapes, tolerance_m))
    found = found[shapely.area(found) >= tolerance_m**2]
    return np.array([_without_islets(shape, tolerance_m**2) for shape in found], dtype=object)


def _without_islets(shape: BaseGeometry, smallest_m2: float) -> BaseGeometry:
    rings = shapely.get_rings(shape)
    if len(rings) == 1:
        return shape
    large = rings[1:][shapely.area(shapely.polygons(rings[1:])) >= smallest_m2]
    return shapely.polygons(rings[0], large)


def _bounded(shape: BaseGeometry) -> BaseGeometry:
    """Draw a shape coarser until it has few enough corners."""
    parts, tolerance_m = _areas(shapely.get_parts(shape)), FINEST_M
    while shapely.get_num_coordinates(parts).sum() > MOST_CORNERS:
        tolerance_m *= 1.5
        coarser = _simpler(parts, tolerance_m)
        if not len(coarser):  # all of it is dust
            largest = np.argsort(-shapely.area(parts), kind="stable")
            counted = np.cumsum(shapely.get_num_coordinates(parts[largest]))
            parts = parts[largest][counted <= MOST_CORNERS]
            break
        parts = coarser
    return shapely.multipolygons(_areas(shapely.get_parts(shapely.union_all(parts))))
