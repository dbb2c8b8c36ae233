"""Waters whose outline runs out of an extract: the sea, and rivers that are wider than a line."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import STRtree

from coresponse.data.roads.network import RoadNetwork

# So far beside the coast its two sides are looked at: less than any quay's width.
ASIDE_M = 2.0

# Crossings by area of a water, against those of all ground: bridges have a few, streets on land many times as many.
MOST_ROADS = 0.25

# Length of a river's line inside a water, against the side of a square of its area: it runs through, not past.
LEAST_RIVER = 0.35

# Pieces of coast that vote for the sea's side.
MOST_LOOKED_AT = 2_000


def water_beside(
    coast: NDArray[np.object_],
    banks: NDArray[np.object_],
    rivers: NDArray[np.object_],
    network: RoadNetwork,
) -> NDArray[np.object_]:
    """Return the parts of the ground around the roads that are water, by shores that do not close.

    Shores cut the box around the roads into faces. Beside a coast the sea lies on the right (as
    OpenStreetMap draws coasts); beside a river's banks water is where the river's line runs and
    hardly a road does.

    Parameters
    ----------
    coast, banks, rivers
        Lines in the network's CRS.
    network
        The roads.

    Returns
    -------
    numpy.ndarray
        Polygons, shape (n,).
    """
    shores = np.concatenate([coast, banks])
    none: NDArray[np.object_] = np.empty(0, dtype=object)
    if not len(shores):
        return none
    nodes = shapely.points(network.node_x, network.node_y)
    box = shapely.box(*shapely.bounds(shapely.multipoints(nodes)))
    inside = shapely.get_parts(shapely.intersection(shapely.union_all(shores), box))
    edges = shapely.union_all([*_reaching(inside, box), box.exterior])
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(edges)))
    if len(faces) < 2:
        return none
    wet = _seaward(faces, coast) if len(coast) else np.zeros(len(faces), dtype=bool)
    if len(banks) and len(rivers):
        wet |= _with_river(faces, rivers, nodes, box.area)
    found: NDArray[np.object_] = faces[wet]
    return found


def _reaching(shores: NDArray[np.object_], box: shapely.Polygon) -> NDArray[np.object_]:
    """Lead the ends of shores that stop short of the box on to it: extracts are cut a little inside or outside of it."""
    lines = shapely.get_parts(shapely.line_merge(shapely.union_all(shores)))
    lines = lines[shapely.get_type_id(lines) == shapely.GeometryType.LINESTRING]
    near = 0.03 * max(box.bounds[2] - box.bounds[0], box.bounds[3] - box.bounds[1])
    ends = [shapely.get_point(line, i) for line in lines for i in (0, -1)]
    led = []
    for end in ends:
        to_box = shapely.shortest_line(end, box.exterior)
        if 0 < to_box.length <= near:
            led.append(to_box)
    return np.array([*lines, *led], dtype=object)


def _seaward(faces: NDArray[np.object_], coast: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Tell by votes of pieces of coast which faces lie on its right."""
    xy, line = shapely.get_coordinates(coast, return_index=True)
    first = np.flatnonzero(line[1:] == line[:-1])
    first = first[:: max(1, len(first) // MOST_LOOKED_AT)]
    ahead = xy[first + 1] - xy[first]
    length = np.hypot(*ahead.T)
    first, ahead = first[length > 0], ahead[length > 0] / length[length > 0, None]
    middle = (xy[first] + xy[first + 1]) / 2
    right = np.column_stack([ahead[:, 1], -ahead[:, 0]]) * ASIDE_M
    tree = STRtree(faces)
    votes = np.zeros(len(faces))
    for points, vote in ((middle + right, 1.0), (middle - right, -1.0)):
        _, face = tree.query(shapely.points(points), predicate="within")
        np.add.at(votes, face, vote)
    return votes > 0


def _with_river(
    faces: NDArray[np.object_], rivers: NDArray[np.object_], nodes: NDArray[np.object_], area: float
) -> NDArray[np.bool_]:
    water = shapely.union_all(rivers)
    runs = shapely.length(shapely.intersection(faces, water))
    _, face = STRtree(faces).query(nodes, predicate="within")
    crossings = np.bincount(face, minlength=len(faces)) / shapely.area(faces)
    is_river: NDArray[np.bool_] = (runs >= LEAST_RIVER * np.sqrt(shapely.area(faces))) & (
        crossings <= MOST_ROADS * len(nodes) / area
    )
    return is_river
