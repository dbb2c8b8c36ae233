"""Travel times on the directed road network, many to many."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.sparse.csgraph import dijkstra

from coresponse.coverage.travel_ends import along_the_road, kept_targets, starts_of
from coresponse.coverage.travel_search import Graph, searched
from coresponse.data.progress import Progress, silent
from coresponse.data.roads.network import RoadNetwork
from coresponse.data.roads.split import split_at

# Sources searched at once by a thread: what is kept of them is small beside the answer.
CHUNK = 16

# Beyond these, memory is what holds the search up.
MOST_THREADS = 8

Direction = Literal["from_sources", "to_sources"]


def travel_times(
    network: RoadNetwork,
    sources: NDArray[np.int32],
    *,
    targets: NDArray[np.int32] | None = None,
    limit_s: float = np.inf,
    direction: Direction = "from_sources",
    workers: int | None = None,
    progress: Progress = silent,
) -> NDArray[np.float32]:
    """Find the fastest travel times between two sets of places.

    Dijkstra's algorithm from each source, stopped at the limit. The answer does not depend on the
    number of threads. A point along a road is left, and come to, by the ends of its road, as the
    directions of traffic allow, or along the road itself.

    Parameters
    ----------
    network
        The roads.
    sources
        (s,) places to search from; repeats are searched once.
    targets
        (t,) places whose times are kept; default: all nodes.
    limit_s
        Times above this are not searched for: they come out as inf.
    direction
        ``from_sources``: source to target (a responder drives to a call). ``to_sources``: target to
        source.
    workers
        Threads; default: as many as there are cores, :data:`MOST_THREADS` at most.

    Returns
    -------
    numpy.ndarray
        (s, t) float32 seconds, inf where not reached within the limit.
    """
    order, matrix = network.along_a_curve
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    leaving = direction == "from_sources"
    if not leaving:
        matrix = matrix.T.tocsr()
    distinct, back = np.unique(np.asarray(sources), return_inverse=True)
    every = np.arange(network.n_nodes) if targets is None else np.asarray(targets)
    kept = kept_targets(network, every, rank, leaving=leaving)
    matrix, starts = starts_of(network, distinct, matrix, rank, leaving=leaving)
    out = np.empty((len(distinct), kept.n), dtype=np.float32)
    search, graph = starts.searches, Graph.of(matrix)

    def work(begin: int) -> int:
        chunk = search[begin : begin + CHUNK]
        rows = kept.rows(searched(graph, chunk, limit_s))
        of, row, before_s = starts.sources(begin, len(chunk))
        seconds = np.take(rows, row, axis=0)
        if before_s.any():
            seconds += before_s[:, None]
        out[of] = seconds
        return begin + len(chunk)

    for done in _in_threads(work, range(0, len(search), CHUNK), workers):
        progress("travel times", done, len(search))
    along_the_road(network, (distinct, every), out, leaving=leaving)
    if limit_s < np.inf and (starts.before_s.any() or kept.has_points):
        out[out > limit_s] = np.inf
    return out if len(distinct) == len(back) and (back == np.arange(len(back))).all() else out[back]


def nearest_of(
    network: RoadNetwork, facilities: NDArray[np.int32], places: NDArray[np.int32]
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Find the facility that is the shortest drive from each place, in one search from all of them.

    Returns
    -------
    which : numpy.ndarray
        (places,) int64 position among the facilities, of distinct nodes; any where none can be driven to.
    seconds : numpy.ndarray
        (places,) float32 of the drive there, inf where none can be driven to.
    """
    network, node = split_at(network, np.concatenate([facilities, places]).astype(np.int64))
    at, ends = node[: len(facilities)], node[len(facilities) :]
    seconds, _, source = dijkstra(
        network.travel_matrix().T.tocsr(), indices=at, min_only=True, return_predecessors=True
    )
    position = np.zeros(network.n_nodes, dtype=np.int64)
    position[at] = np.arange(len(at))
    return position[source[ends].clip(min=0)], seconds[ends].astype(np.float32)


def _in_threads(
    work: Callable[[int], int], begins: Sequence[int], workers: int | None
) -> Iterator[int]:
    threads = min(workers or min(os.cpu_count() or 1, MOST_THREADS), len(begins))
    if threads <= 1:
        yield from map(work, begins)
        return
    pool = ThreadPoolExecutor(threads)  # the search lets go of the interpreter's lock
    try:
        yield from pool.map(work, begins)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
