"""Posts proposed by the tool: crossings from which the calls, or all of the roads, are reached soon."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from coresponse.data.errors import InputError
from coresponse.data.notes import Note
from coresponse.data.posts import Posts
from coresponse.data.posts_read import ASIDE_COLUMNS
from coresponse.data.roads.network import RoadNetwork
from coresponse.data.words import at_start

# Classes of roads at which nobody can wait, or only on somebody's own ground.
NOT_WAITED_ON = frozenset({
    "service", "track", "motorway", "motorway_link", "trunk", "trunk_link", "living_street", "pedestrian", "escape",
    "busway", "emergency_bay",
})  # fmt: skip

# Crossings among which posts are chosen, spread over the roads: each costs one search of the network (14 ms at
# 100,000 crossings), and a finer choice gains nothing that a plan would notice.
FEWEST_SITES, MOST_SITES, SITES_A_POST = 150, 400, 8


def propose_posts(
    network: RoadNetwork,
    count: int,
    *,
    seed: int,
    kind: str = "proposed",
    demand: NDArray[np.float64] | None = None,
    given: NDArray[np.integer] | None = None,
) -> Posts:
    """Choose crossings as posts: near the calls, or, without any, so that no place is far from one.

    Dead ends, service roads and motorways are passed over while there are others.

    With demand, sites are spread over the roads alone, whatever the calls, so that none is at a
    call's own place; among them each next post is the one that shortens the mean drive most (greedy
    p-median: Cornuejols, Fisher and Nemhauser 1977: at least 63 % of what the best choice of sites
    saves). Without demand each next post is the site worst reached so far (farthest-first
    traversal, Gonzalez 1985: the longest drive from a post is at most twice the best possible where
    drives are alike in both directions).

    Parameters
    ----------
    network
        The roads.
    count
        How many, at most the number of nodes.
    seed
        Of the node from which the first site is farthest.
    kind
        Kind of the posts.
    demand
        (nodes,) calls, or any weight, at each crossing.
    given
        Nodes of posts that are there already: proposals are further ones.

    Raises
    ------
    InputError
        If there are fewer nodes than posts wanted.
    """
    if not 1 <= count <= network.n_nodes:
        raise InputError(f"cannot propose {count} posts on a network of {network.n_nodes:,} nodes")
    weighted = demand is not None and float(demand.sum()) > 0
    open_to = waited_at(network)
    few = min(max(FEWEST_SITES, SITES_A_POST * count), MOST_SITES, int(open_to.sum()))
    wanted = np.flatnonzero(demand) if weighted and demand is not None else np.empty(0, np.int64)
    sites, drives_s = _spread(
        network, max(few, count) if weighted else count, seed, wanted, open_to
    )
    chosen = sites
    if weighted and demand is not None:
        before_s = _before(network, given, wanted, drives_s)
        chosen = sites[_greedy(drives_s, before_s, demand[wanted], count)]
    width = len(str(count))
    frame = pd.DataFrame(
        {
            "post_id": [f"{kind}-{i:0{width}d}" for i in range(1, count + 1)],
            "name": [
                f"{at_start(kind)} post {i}" + (f" ({at})" if at else "")
                for i, at in enumerate(corner_names(network, chosen), start=1)
            ],
            "kind": kind,
            "x": network.node_x[chosen],
            "y": network.node_y[chosen],
            "snap_m": 0.0,
            "node": chosen.astype(np.int32),
            "at_most": pd.array([pd.NA] * count, dtype="Int64"),
        }
    )
    how = "that shorten drives to the calls most" if weighted else "spread over the roads"
    note = Note(
        "{count} posts are proposed, at crossings {how}; no dead end, service road or motorway "
        "unless there is nothing else",
        count=count,
        how=how,
    )
    return Posts(frame, network.crs, pd.DataFrame(columns=list(ASIDE_COLUMNS)), (note,))


def corner_names(network: RoadNetwork, nodes: NDArray[np.integer]) -> list[str]:
    """Return what people call each crossing: ``Derry St & 29th St``, one street's name, or '' where none has one."""
    if not network.street_names:
        return [""] * len(nodes)
    out = []
    for node in nodes:
        meets = np.flatnonzero((network.edge_from == node) | (network.edge_to == node))
        # the larger road first; classes are sorted by no rank, so by how many of its edges meet
        names = pd.Series([network.street_names[i] for i in network.street_name[meets]])
        told = names[names != ""].value_counts(sort=False)
        most = sorted(told.index, key=lambda name: (-told[name], name))[:2]
        out.append(" & ".join(most))
    return out


def waited_at(network: RoadNetwork) -> NDArray[np.bool_]:
    """Return (nodes,) whether a responder can wait there: no dead end, and some road that is a street."""
    n = network.n_nodes
    ends = np.r_[network.edge_from, network.edge_to].astype(np.int64)
    others = np.r_[network.edge_to, network.edge_from].astype(np.int64)
    pairs = np.unique(np.column_stack([ends, others])[ends != others], axis=0)
    neighbors = np.bincount(pairs[:, 0], minlength=n)
    streets = np.array([name not in NOT_WAITED_ON for name in network.road_classes], dtype=bool)
    on_street = np.bincount(ends, weights=np.tile(streets[network.road_class], 2), minlength=n)
    return np.asarray((neighbors > 1) & (on_street > 0), dtype=bool)


def _spread(
    network: RoadNetwork,
    count: int,
    seed: int,
    wanted: NDArray[np.int64],
    open_to: NDArray[np.bool_],
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Return sites, each the worst reached by those before it, and (sites, wanted) drives from each, seconds."""
    matrix = network.travel_matrix()
    start = int(np.random.default_rng(seed).integers(network.n_nodes))
    open_to = open_to.copy()
    nearest = _times_from(matrix, start)
    sites: list[int] = []
    drives_s = np.empty((count, len(wanted)), dtype=np.float32)
    while len(sites) < count:
        if not open_to.any():
            open_to = np.ones(network.n_nodes, dtype=bool)
            open_to[sites] = False
        sites.append(int(np.argmax(np.where(open_to, nearest, -1.0))))
        open_to[sites[-1]] = False
        times = _times_from(matrix, sites[-1])
        drives_s[len(sites) - 1] = times[wanted]
        nearest = times if len(sites) == 1 else np.minimum(nearest, times)
    return np.array(sites, dtype=np.int64), drives_s


def _before(
    network: RoadNetwork,
    given: NDArray[np.integer] | None,
    wanted: NDArray[np.int64],
    drives_s: NDArray[np.float32],
) -> NDArray[np.float32]:
    """Return the drive to each place of calls before there are proposals; without posts, longer than any."""
    if given is None or not len(given):
        return np.full(len(wanted), 2 * float(drives_s.max(initial=1.0)), dtype=np.float32)
    times = dijkstra(network.travel_matrix(), indices=np.unique(given), min_only=True)
    return np.asarray(times[wanted], dtype=np.float32)


def _greedy(
    drives_s: NDArray[np.float32],
    before_s: NDArray[np.float32],
    weight: NDArray[np.float64],
    count: int,
) -> NDArray[np.int64]:
    """Return the rows that together shorten weighted drives most, one after the other.

    What a site still saves only falls as others are chosen, so that most are not worked out again
    (Minoux 1978).
    """
    nearest = before_s.copy()

    def saved(row: int) -> float:
        return float(np.maximum(nearest - drives_s[row], 0.0) @ weight)

    bound = np.array([saved(row) for row in range(len(drives_s))])
    chosen: list[int] = []
    while len(chosen) < count:
        row = int(np.argmax(bound))
        bound[row] = saved(row)
        if bound[row] < bound.max():
            continue
        chosen.append(row)
        bound[row] = -1.0
        nearest = np.minimum(nearest, drives_s[row])
    return np.array(chosen, dtype=np.int64)


def _times_from(matrix: csr_matrix, node: int) -> NDArray[np.float64]:
    times: NDArray[np.float64] = dijkstra(matrix, indices=np.array([node]))[0]
    return times
