"""Roads with crossings of their own where places lie along them: for paths, node by node."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from coresponse.data.roads.network import RoadNetwork


def split_at(
    network: RoadNetwork, places: NDArray[np.integer]
) -> tuple[RoadNetwork, NDArray[np.int64]]:
    """Split the roads at the points among some places.

    Parameters
    ----------
    places
        (n,) repeats allowed.

    Returns
    -------
    network : RoadNetwork
        Its first nodes are those of the whole; split edges are drawn straight.
    node : numpy.ndarray
        (n,) int64: the node that each place now is.
    """
    node: NDArray[np.int64] = places.astype(np.int64)
    inner = node >= network.n_nodes
    point, rank = np.unique(node[inner], return_inverse=True)
    if not len(point):
        return network, node
    node[inner] = network.n_nodes + rank
    x, y = network.place_xy(point)
    whole = replace(
        network,
        node_id=np.r_[network.node_id, network.node_id.max() + 1 + np.arange(len(point))],
        node_x=np.r_[network.node_x, x],
        node_y=np.r_[network.node_y, y],
    )
    return _split(whole, network, point), node


def _split(whole: RoadNetwork, network: RoadNetwork, point: NDArray[np.int64]) -> RoadNetwork:
    """Return the roads with each edge that has points on it in pieces."""
    points = network.points
    road, share = points.position(point)
    number = network.n_nodes + np.arange(len(point))
    two_way = np.flatnonzero(points.against[road] >= 0)
    edge = np.r_[points.edge[road], points.against[road[two_way]]]
    at = np.r_[share, 1 - share[two_way]]
    inner = np.r_[number, number[two_way]]
    cut = np.unique(edge)
    # each cut edge as its start, its points in order, its end
    of = np.r_[cut, edge, cut]
    along = np.r_[np.zeros(len(cut)), at, np.ones(len(cut))]
    nodes = np.r_[network.edge_from[cut], inner, network.edge_to[cut]]
    order = np.lexsort((along, of))
    of, along, nodes = of[order], along[order], nodes[order]
    first = np.flatnonzero(of[:-1] == of[1:])
    edges, part = of[first], along[first + 1] - along[first]
    kept = np.setdiff1d(np.arange(network.n_edges), cut)
    start = np.r_[network.edge_from[kept], nodes[first]].astype(np.int32)
    stop = np.r_[network.edge_to[kept], nodes[first + 1]].astype(np.int32)
    source = np.r_[kept, edges]
    share_of = np.r_[np.ones(len(kept)), part]
    ends = np.stack([start, stop], axis=1).ravel()
    named = bool(network.street_names)
    return replace(
        whole,
        edge_from=start,
        edge_to=stop,
        length_m=(network.length_m[source] * share_of).astype(np.float32),
        travel_s=(network.travel_s[source] * share_of).astype(np.float32),
        road_class=network.road_class[source],
        street_name=network.street_name[source] if named else network.street_name,
        shape_start=2 * np.arange(len(start) + 1, dtype=np.int64),
        shape_xy=np.column_stack([whole.node_x[ends], whole.node_y[ends]]),
    )
