"""Points along long roads: places between two crossings that are far apart are on the road, too."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.ops import substring

from coresponse.data.roads.network import RoadNetwork
from coresponse.data.words import counted

FAR_M = 450.0
"""Points are put along roads only if places are farther than this from every crossing.

In a city none has; in the country a third of the roads lies that far from any crossing.
"""

FAR_SHARE = 0.9
"""Of the distance at which places are set aside: those that are on a road must not be."""

PIECE_M = 150.0
"""No place on such a road is farther than half of this from a point."""

MOST_PLACES = 200_000
"""More are thinned out: one near a long road is enough."""


def far_places(
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    distance_m: NDArray[np.float64],
    max_m: float,
) -> NDArray[np.float64]:
    """Return (k, 2) the places that are far from every crossing.

    Parameters
    ----------
    distance_m
        (n,) to the nearest crossing; infinite without a place.
    max_m
        Farthest that a place may be from a road; where it is small, :data:`FAR_M` is smaller, too.
    """
    far = np.isfinite(distance_m) & (distance_m > min(FAR_M, FAR_SHARE * max_m))
    return np.column_stack([x[far], y[far]]).astype(np.float64)


def points_along(
    network: RoadNetwork, places: NDArray[np.float64], max_m: float
) -> RoadNetwork | None:
    """Put points along all long roads, if places that are far from every crossing lie on one.

    Roads longer than twice the distance that counts as far are cut into equal pieces of at most
    :data:`PIECE_M`: all of them, so that no map tells on which roads calls lie. Both directions share
    their points; lengths, times and shapes stay as they are.

    Parameters
    ----------
    places
        (k, 2) meters in the network's CRS, from :func:`far_places`.
    max_m
        Farthest that a place may be from a road.

    Returns
    -------
    RoadNetwork or None
        None if no road is to be cut: no place is near a long one.
    """
    long = np.flatnonzero(network.length_m > 2 * min(FAR_M, FAR_SHARE * max_m))
    some = places[:: max(1, len(places) // MOST_PLACES)]
    if not len(some) or not len(long) or not _any_near(network, long, some, max_m):
        return None
    pieces = np.ceil(network.length_m[long].astype(np.float64) / PIECE_M).astype(np.int64)
    return _cut(network, long, pieces)


def _any_near(
    network: RoadNetwork, edges: NDArray[np.int64], places: NDArray[np.float64], max_m: float
) -> bool:
    starts = network.shape_start
    lines = [shapely.LineString(network.shape_xy[starts[e] : starts[e + 1]]) for e in edges]
    near = shapely.STRtree(lines).query_nearest(shapely.points(places), max_distance=max_m)
    return bool(near.size)


def _cut(network: RoadNetwork, cut: NDArray[np.int64], pieces: NDArray[np.int64]) -> RoadNetwork:
    kept = np.ones(network.n_edges, dtype=bool)
    kept[cut] = False
    added_xy: list[tuple[float, float]] = []
    of_road: dict[tuple[int, int, int, int, int], list[int]] = {}
    start, stop, edge_of, shapes = [], [], [], []
    for edge, count in zip(cut.tolist(), pieces.tolist(), strict=True):
        a, b = int(network.edge_from[edge]), int(network.edge_to[edge])
        rows = slice(int(network.shape_start[edge]), int(network.shape_start[edge + 1]))
        line = shapely.LineString(network.shape_xy[rows])
        middle = line.interpolate(0.5, normalized=True)
        # both directions of a road are drawn alike; the other carriageway is not
        key = (min(a, b), max(a, b), count, round(middle.x), round(middle.y))
        inner = of_road.get(key, []) if a != b else []
        if not inner:
            inner = [network.n_nodes + len(added_xy) + i for i in range(count - 1)]
            added_xy += [
                (p.x, p.y)
                for p in (
                    line.interpolate((i + 1) / count, normalized=True) for i in range(count - 1)
                )
            ]
            of_road[key] = inner if a <= b else inner[::-1]
        elif a > b:
            inner = inner[::-1]
        nodes = [a, *inner, b]
        start += nodes[:-1]
        stop += nodes[1:]
        edge_of += [edge] * count
        shapes += [
            shapely.get_coordinates(substring(line, i / count, (i + 1) / count, normalized=True))
            for i in range(count)
        ]
    return _with_pieces(network, kept, added_xy, (start, stop, edge_of), shapes, len(of_road))


def _with_pieces(
    network: RoadNetwork,
    kept: NDArray[np.bool_],
    added_xy: list[tuple[float, float]],
    edges: tuple[list[int], list[int], list[int]],
    shapes: list[NDArray[np.float64]],
    roads: int,
) -> RoadNetwork:
    start, stop, edge_of = edges
    of = np.array(edge_of, dtype=np.int64)
    share = np.bincount(of, minlength=network.n_edges)[of]
    more = np.array(added_xy, dtype=np.float64)
    counts = np.r_[np.diff(network.shape_start)[kept], [len(shape) for shape in shapes]]
    old_shapes = network.shape_xy[np.repeat(kept, np.diff(network.shape_start))]
    ids = int(network.node_id.max()) + 1 + np.arange(len(more), dtype=np.int64)
    report = network.report
    note = (
        f"{len(more):,} points were put along {counted(roads, 'long road')}, so that "
        "places far from a crossing are on the road, too"
    )
    return replace(
        network,
        node_id=np.r_[network.node_id, ids],
        node_x=np.r_[network.node_x, more[:, 0]],
        node_y=np.r_[network.node_y, more[:, 1]],
        edge_from=np.r_[network.edge_from[kept], np.array(start, dtype=np.int32)],
        edge_to=np.r_[network.edge_to[kept], np.array(stop, dtype=np.int32)],
        length_m=np.r_[network.length_m[kept], (network.length_m[of] / share).astype(np.float32)],
        travel_s=np.r_[network.travel_s[kept], (network.travel_s[of] / share).astype(np.float32)],
        road_class=np.r_[network.road_class[kept], network.road_class[of]],
        street_name=(
            np.r_[network.street_name[kept], network.street_name[of]]
            if network.street_names
            else network.street_name
        ),
        shape_start=np.r_[0, np.cumsum(counts)].astype(np.int64),
        shape_xy=np.concatenate([old_shapes, *shapes]),
        report=replace(
            report,
            nodes_read=report.nodes_read + len(more),
            edges_read=report.edges_read + len(of) - int((~kept).sum()),
            notes=(*report.notes, note),
        ),
    )
