"""From places to the nearest node of the road network."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import KDTree

from coresponse.data.roads.network import RoadNetwork


def snap(
    network: RoadNetwork, x: NDArray[np.float64], y: NDArray[np.float64], max_m: float
) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    """Find the nearest node of each place.

    Parameters
    ----------
    network
        The roads.
    x, y
        (n,) meters in the network's CRS; not-a-number counts as no place.
    max_m
        Places farther than this from every node get no node.

    Returns
    -------
    node
        (n,) int32, -1 where there is none within `max_m`.
    distance_m
        (n,) float64 to the nearest node, also beyond `max_m`; inf without a place.
    """
    places = np.column_stack([x, y]).astype(float)
    real = np.isfinite(places).all(axis=1)
    node = np.full(len(places), -1, dtype=np.int32)
    distance = np.full(len(places), np.inf)
    if real.any():
        tree = KDTree(np.column_stack([network.node_x, network.node_y]))
        distance[real], nearest = tree.query(places[real], workers=-1)
        # a place so far off that its squared distance overflows has none: the tree then answers n,
        # not a node
        node[real] = np.where((distance[real] <= max_m) & (nearest < network.n_nodes), nearest, -1)
    return node, distance
