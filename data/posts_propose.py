"""Posts proposed by the tool: network nodes well spread by travel time."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from coresponse.data.errors import InputError
from coresponse.data.posts import Posts
from coresponse.data.posts_read import ASIDE_COLUMNS
from coresponse.data.roads.network import RoadNetwork


def propose_posts(network: RoadNetwork, count: int, *, seed: int, kind: str = "proposed") -> Posts:
    """Choose nodes so that no place is far from one.

    Each next post is the node worst reached so far.

    Farthest-first traversal (Gonzalez 1985): the longest travel time from a post is at most twice
    the best possible where travel times are alike in both directions.

    Parameters
    ----------
    network
        The roads.
    count
        How many, at most the number of nodes.
    seed
        Of the node from which the first post is farthest.
    kind
        Kind of the posts.

    Raises
    ------
    InputError
        If there are fewer nodes than posts wanted.
    """
    if not 1 <= count <= network.n_nodes:
        raise InputError(f"cannot propose {count} posts on a network of {network.n_nodes:,} nodes")
    matrix = network.travel_matrix()
    start = int(np.random.default_rng(seed).integers(network.n_nodes))
    chosen: list[int] = [int(np.argmax(_times_from(matrix, start)))]
    nearest = _times_from(matrix, chosen[0])
    while len(chosen) < count:
        chosen.append(int(np.argmax(nearest)))
        nearest = np.minimum(nearest, _times_from(matrix, chosen[-1]))
    width = len(str(count))
    frame = pd.DataFrame(
        {
            "post_id": [f"{kind}-{i:0{width}d}" for i in range(1, count + 1)],
            "name": [f"{kind.capitalize()} post {i}" for i in range(1, count + 1)],
            "kind": kind,
            "x": network.node_x[chosen],
            "y": network.node_y[chosen],
            "snap_m": 0.0,
            "node": np.array(chosen, dtype=np.int32),
            "at_most": pd.array([pd.NA] * count, dtype="Int64"),
        }
    )
    return Posts(frame, network.crs, pd.DataFrame(columns=list(ASIDE_COLUMNS)))


def _times_from(matrix: csr_matrix, node: int) -> NDArray[np.float64]:
    times: NDArray[np.float64] = dijkstra(matrix, indices=np.array([node]))[0]
    return times
