"""The fastest ways home, crossing by crossing: where a unit truly is on its way back to its post."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse.csgraph import dijkstra

from coresponse.coverage.replay.arrays import Ways
from coresponse.coverage.travel import travel_times
from coresponse.data.errors import InputError
from coresponse.data.roads.network import RoadNetwork
from coresponse.data.roads.split import split_at

# Crossings of ways home times places of calls, up to which the drives between are kept (576 MB).
MOST_DRIVES_FROM_WAYS = 144_000_000


def ways_home(
    network: RoadNetwork,
    post_nodes: NDArray[np.integer],
    places: NDArray[np.integer],
    facility_nodes: NDArray[np.integer] | None = None,
) -> Ways:
    """Find the ways from places of calls and facilities to posts, and the drives from their crossings.

    Dijkstra's tree towards each post, cut down to the nodes that some way passes.

    Parameters
    ----------
    post_nodes
        (posts,).
    places
        (places,) distinct nodes of calls.
    facility_nodes
        Where people are taken to; repeats are dropped, as in :func:`~coresponse.coverage.replay.world.replay_roads`.

    Raises
    ------
    InputError
        If there are too many crossings and places to keep the drives between them.
    """
    network, (post_nodes, places, facility_nodes) = _split(
        network,
        post_nodes,
        places,
        np.empty(0, dtype=np.int64) if facility_nodes is None else facility_nodes,
    )
    facilities = np.unique(facility_nodes)
    starts = np.unique(np.concatenate([places, facilities]))
    home, ahead = np.zeros((0, network.n_nodes)), np.zeros((0, network.n_nodes), dtype=np.int64)
    if len(post_nodes):
        home, before = dijkstra(
            network.travel_matrix().T.tocsr(), indices=post_nodes, return_predecessors=True
        )
        ahead = before.astype(np.int64)  # in the reversed graph, what comes before is ahead
    nodes = _passed(ahead, starts)
    if len(nodes) * len(places) > MOST_DRIVES_FROM_WAYS:
        raise InputError(
            f"{len(nodes):,} crossings on ways home and {len(places):,} places of calls are too "
            "many to keep the drives "
            "between them -- replay with driving_home = 'on_the_way' or 'from_post'"
        )
    number = np.full(network.n_nodes + 1, -1, dtype=np.int64)  # the last: no node ahead
    number[nodes] = np.arange(len(nodes))
    return Ways(
        of_place=number[places],
        of_facility=number[facilities],
        ahead=np.ascontiguousarray(number[np.maximum(ahead[:, nodes], -1)].astype(np.int32)),
        home_s=np.ascontiguousarray(home[:, nodes]),
        out_s=travel_times(network, nodes.astype(np.int32), targets=places.astype(np.int32)),
    )


def _split(
    network: RoadNetwork, *places: NDArray[np.integer]
) -> tuple[RoadNetwork, list[NDArray[np.int64]]]:
    """Return the roads with all places as crossings, and the nodes that these are."""
    network, nodes = split_at(network, np.concatenate(places).astype(np.int64))
    return network, np.split(nodes, np.cumsum([len(some) for some in places])[:-1])


def _passed(ahead: NDArray[np.int64], starts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the nodes on the ways from all starts, ascending."""
    seen = np.zeros(ahead.shape[1], dtype=bool)
    seen[starts] = True
    for row in ahead:
        at = starts
        while len(at):
            at = row[at]
            at = np.unique(at[at >= 0])
            seen[at] = True
    return np.flatnonzero(seen)
