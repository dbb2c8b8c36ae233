"""Modeled drives by class of road, along the fastest path."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from coresponse.data.roads.network import RoadNetwork
from coresponse.data.roads.split import split_at

# Classes of road whose speeds records can tell apart.
ROAD_GROUPS = ("major", "middle", "residential")

_MAJOR = frozenset({"motorway", "trunk", "primary"})
_MIDDLE = frozenset({"secondary", "tertiary"})


def road_group(network: RoadNetwork) -> NDArray[np.int64]:
    """Return (edges,) position of each edge's group in :data:`ROAD_GROUPS`."""
    plain = [name.removesuffix("_link") for name in network.road_classes]
    group = np.array([0 if n in _MAJOR else 1 if n in _MIDDLE else 2 for n in plain])
    return np.asarray(group[network.road_class], dtype=np.int64)


def seconds_by_group(
    network: RoadNetwork,
    sources: NDArray[np.integer],
    targets: NDArray[np.integer],
    *,
    slower: Sequence[float] = (1.0, 1.0, 1.0),
) -> NDArray[np.float64]:
    """Return (sources, targets, groups) seconds at the network's own speed along the fastest path.

    Parameters
    ----------
    slower
        By group: times on its roads are taken this many times as long when the path is chosen.

    Returns
    -------
    numpy.ndarray
        Summed over the groups it is the path's time, if none is slower; inf where there is no way.
    """
    network, nodes = split_at(network, np.r_[sources, targets])
    sources, targets = np.split(nodes, [len(sources)])
    n = network.n_nodes
    group = road_group(network)
    chosen_s = network.travel_s.astype(np.float64) * np.asarray(slower, dtype=np.float64)[group]
    key = network.edge_from.astype(np.int64) * n + network.edge_to
    order = np.lexsort((chosen_s, key))
    fastest = order[np.r_[True, np.diff(key[order]) != 0]]  # of parallel edges
    matrix = csr_matrix(
        (chosen_s[fastest], (network.edge_from[fastest], network.edge_to[fastest])), shape=(n, n)
    )
    own = np.zeros((len(fastest), len(ROAD_GROUPS)))
    own[np.arange(len(fastest)), group[fastest]] = network.travel_s[fastest]
    out = np.empty((len(sources), len(targets), len(ROAD_GROUPS)))
    for k, source in enumerate(np.asarray(sources, dtype=np.int64)):
        _, before = dijkstra(matrix, True, source[None], True)  # with predecessors
        out[k] = _along(before[0], key[fastest], own, int(source))[targets]
    return out


def _along(
    before: NDArray[np.int32], key: NDArray[np.int64], own: NDArray[np.float64], source: int
) -> NDArray[np.float64]:
    """Sum what the edges of each node's path from the source have: paths are doubled each round."""
    n = len(before)
    node = np.arange(n)
    there = before >= 0
    found = np.zeros((n, own.shape[1]))
    edge = np.searchsorted(key, before[there].astype(np.int64) * n + node[there])
    found[there] = own[edge]
    jump = np.where(there, before, node)
    while (jump != jump[jump]).any():
        found = found + found[jump]
        jump = jump[jump]
    found[~there & (node != source)] = np.inf
    return found
