"""From places to the nearest road, and the place on the network that stands for them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from coresponse.data.roads.nearest import nearest_segment
from coresponse.data.roads.network import RoadNetwork

# Roads along which nobody lives.
NO_ADDRESSES = frozenset({"motorway", "motorway_link"})

# They count as this much farther away than they are.
#
# A house beside a motorway is reached by its street, though the motorway is nearer; a call on the
# motorway itself is far enough from any street. Half of a motorway with its verges is about 20 m
# wide.
NO_ADDRESSES_M = 30.0

# Beyond this no distance is measured: it is a quarter of the way around the Earth.
FARTHEST_M = 1e7


# So many places are looked for among the roads around them: each is a pass over all roads.
FEW = 4


def snap(
    network: RoadNetwork, x: NDArray[np.float64], y: NDArray[np.float64], max_m: float
) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    """Find the place on the nearest road of each place on the ground.

    Parameters
    ----------
    network
        The roads.
    x, y
        (n,) meters in the network's CRS; not-a-number counts as no place.
    max_m
        Places farther than this from every road are not on the network.

    Returns
    -------
    place
        (n,) int32: a crossing, or a point along a road; -1 where no road is within `max_m`. From
        the place that is nearest on the road it is at most half of
        :data:`~coresponse.data.roads.points.PIECE_M` along it.
    distance_m
        (n,) float64 to the road, also beyond `max_m`; inf without a place.
    """
    places = np.column_stack([x, y]).astype(float)
    real = np.isfinite(places).all(axis=1)
    middle = np.array([network.node_x.mean(), network.node_y.mean()])
    with np.errstate(over="ignore", invalid="ignore"):
        away = np.hypot(*(places - middle).T)
    near = real & (away <= FARTHEST_M)
    place = np.full(len(places), -1, dtype=np.int32)
    distance = np.where(real, away, np.inf)
    if near.any():
        points = network.points
        row, at, distance[near], part = _nearest(network, places[near], max_m)
        drawn, edge = points.drawn_m, points.edge[at]
        head, tail = points.shape_start[edge], points.shape_start[edge + 1] - 1
        along = drawn[row] + part * (drawn[row + 1] - drawn[row]) - drawn[head]
        share = np.clip(along / np.maximum(drawn[tail] - drawn[head], 1e-9), 0.0, 1.0)
        place[near] = np.where(distance[near] <= max_m, points.place(at, share), -1)
    return place, distance


def snap_to_crossing(
    network: RoadNetwork, x: NDArray[np.float64], y: NDArray[np.float64], max_m: float
) -> NDArray[np.int32]:
    """Return (n,) the nearer end of the road nearest to each place; -1 where no road is within `max_m`."""
    place, _ = snap(network, x, y, max_m)
    return np.asarray(network.crossing(place), dtype=np.int32)


def _nearest(
    network: RoadNetwork, places: NDArray[np.float64], max_m: float
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """Return of the segment nearest to each place: row of the shapes, road, distance, part.

    A few places are looked for among the roads around them, where that is sure to find the
    nearest: no road that was left out can rank before one within reach.
    """
    if len(places) <= FEW:
        reach_m = max_m + NO_ADDRESSES_M
        around = _around(network, places, reach_m)
        if len(around):
            row, road, distance, part, ranked_m = _among(network, places, around)
            if (ranked_m <= reach_m).all():
                return row, road, distance, part
    return _among(network, places, np.arange(len(network.points.edge)))[:4]


def _around(network: RoadNetwork, places: NDArray[np.float64], reach_m: float) -> NDArray[np.int64]:
    """Return the roads that may come so near to some place: no part of one is farther from its beginning than it is long."""
    points = network.points
    first, last = points.shape_start[points.edge], points.shape_start[points.edge + 1] - 1
    begin, long_m = points.shape_xy[first], points.drawn_m[last] - points.drawn_m[first]
    away_m = np.min([np.hypot(*(begin - place).T) for place in places], axis=0)
    return np.flatnonzero(away_m <= reach_m + long_m + 1.0)


def _among(
    network: RoadNetwork, places: NDArray[np.float64], roads: NDArray[np.int64]
) -> tuple[
    NDArray[np.int64],
    NDArray[np.int64],
    NDArray[np.float64],
    NDArray[np.float64],
    NDArray[np.float64],
]:
    points, xy = network.points, network.points.shape_xy
    rows, of = _segments(points.shape_start, points.edge[roads])
    aside_m = _aside_m(network)[points.edge[roads]][of]
    found, distance, part = nearest_segment(places, np.hstack([xy[rows], xy[rows + 1]]), aside_m)
    return rows[found], roads[of[found]], distance, part, distance + aside_m[found]


def _segments(
    shape_start: NDArray[np.int64], edges: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the rows of the shapes at which the segments of some edges begin, and the position of each one's edge."""
    count = shape_start[edges + 1] - shape_start[edges] - 1
    of = np.repeat(np.arange(len(edges)), count)
    rows = shape_start[edges][of] + np.arange(count.sum()) - (np.cumsum(count) - count)[of]
    return rows, of


def _aside_m(network: RoadNetwork) -> NDArray[np.float64]:
    """Return (edges,) meters by which each counts as farther away than it is."""
    aside = [NO_ADDRESSES_M * (name in NO_ADDRESSES) for name in network.road_classes]
    return np.asarray(np.array(aside, dtype=np.float64)[network.road_class])
