"""Travel times on the directed road network, many to many."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures.process import BrokenProcessPool
from typing import Literal

import numpy as np
from loky import ProcessPoolExecutor
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from coresponse.coverage.travel_ends import KeptTargets, along_the_road, kept_targets, starts_of
from coresponse.data.progress import Progress, silent
from coresponse.data.roads.network import RoadNetwork
from coresponse.data.workers import without_ctrl_c

CHUNK = 16
"""Sources searched at once: their float64 results stay small while float32 ones are kept."""

PARALLEL_FROM = 6e7
"""Nodes to be reached, counted once a source, from which a second process pays for its start (about eight seconds of search)."""

MADE_READY = 0.04
"""What making a node ready for a search takes, reached or not, in searches of a node (4 ms of 92 ms a source at 500,000)."""

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
    number of workers. A point along a road is left, and come to, by the ends of its road, as the
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
        Processes; default: as many as there are cores when the work is large (judged by how far the
        first sources reach within the limit), else one.

    Returns
    -------
    numpy.ndarray
        (s, t) float32 seconds, inf where not reached within the limit.
    """
    order = _along_a_curve(network)
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    matrix = network.travel_matrix()
    leaving = direction == "from_sources"
    if not leaving:
        matrix = matrix.T.tocsr()
    matrix = matrix[order][:, order]
    distinct, back = np.unique(np.asarray(sources), return_inverse=True)
    every = np.arange(network.n_nodes) if targets is None else np.asarray(targets)
    kept = kept_targets(network, every, rank, leaving=leaving)
    matrix, starts = starts_of(network, distinct, matrix, rank, leaving=leaving)
    out = np.empty((len(distinct), kept.n), dtype=np.float32)
    search = starts.searches
    chunks = [search[i : i + CHUNK] for i in range(0, len(search), CHUNK)]
    done = 0
    for rows in _search(matrix, chunks, kept, limit_s, workers):
        of, row, before_s = starts.sources(done, len(rows))
        out[of] = rows[row] if not before_s.any() else rows[row] + before_s[:, None]
        done += len(rows)
        progress("travel times", done, len(search))
    along_the_road(network, (distinct, every), out, leaving=leaving)
    if starts.before_s.any() or kept.has_points:
        out[out > limit_s] = np.inf
    return out if len(distinct) == len(back) and (back == np.arange(len(back))).all() else out[back]


def _along_a_curve(network: RoadNetwork) -> NDArray[np.int64]:
    """Order nodes along a Morton curve: neighbors on the ground become neighbors in memory."""
    spans = [network.node_x, network.node_y]
    cells = [((v - v.min()) / max(float(np.ptp(v)), 1e-9) * 65535).astype(np.uint64) for v in spans]
    return np.argsort(_spread(cells[0]) | (_spread(cells[1]) << np.uint64(1)), kind="stable")


def _spread(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Put a zero bit between any two bits of a 16-bit number."""
    for shift, mask in ((8, 0x00FF00FF), (4, 0x0F0F0F0F), (2, 0x33333333), (1, 0x55555555)):
        values = (values | (values << np.uint64(shift))) & np.uint64(mask)
    return values


def default_workers(n_sources: int, n_nodes: int, reached: float) -> int:
    """Return how many processes pay for searches that reach so many of the nodes on average."""
    work = n_sources * (reached + MADE_READY * n_nodes)
    return min(os.cpu_count() or 1, 8) if work >= PARALLEL_FROM else 1


def _search(
    matrix: csr_matrix,
    chunks: list[NDArray[np.int64]],
    kept: KeptTargets,
    limit_s: float,
    workers: int | None,
) -> Iterator[NDArray[np.float32]]:
    if not chunks:
        return
    found = dijkstra(matrix, indices=chunks[0], limit=limit_s)
    yield kept.rows(found)
    chunks, n_nodes = chunks[1:], matrix.shape[0]
    reached = float(np.isfinite(found).sum(axis=1).mean())
    processes = workers or default_workers(sum(map(len, chunks)), n_nodes, reached)
    del found
    if processes <= 1 or len(chunks) <= 1:
        for chunk in chunks:
            yield _one_chunk(matrix, chunk, kept, limit_s)
        return
    parts = (matrix.data, matrix.indices, matrix.indptr, matrix.shape, kept, limit_s)
    # loky's workers do not import the caller's script, so that one without a main guard works too
    with without_ctrl_c():
        pool = ProcessPoolExecutor(processes, initializer=_start, initargs=parts)
        rows = pool.map(_in_worker, chunks)
    done = 0
    try:
        for row in rows:
            done += 1
            yield row
    except (
        BrokenProcessPool
    ):  # a worker was lost, perhaps for want of memory: the rest is worked out here
        for chunk in chunks[done:]:
            yield _one_chunk(matrix, chunk, kept, limit_s)
    finally:
        pool.shutdown(wait=True, kill_workers=True)


def _one_chunk(
    matrix: csr_matrix, chunk: NDArray[np.int64], kept: KeptTargets, limit_s: float
) -> NDArray[np.float32]:
    return kept.rows(dijkstra(matrix, indices=chunk, limit=limit_s))


_worker: dict[str, tuple[csr_matrix, KeptTargets, float]] = {}


def _start(
    data: NDArray[np.float64],
    indices: NDArray[np.int32],
    indptr: NDArray[np.int32],
    shape: tuple[int, int],
    kept: KeptTargets,
    limit_s: float,
) -> None:
    """Keep the network in a worker process, so that it is sent once."""
    _worker["work"] = (csr_matrix((data, indices, indptr), shape=shape), kept, limit_s)


def _in_worker(chunk: NDArray[np.int64]) -> NDArray[np.float32]:
    matrix, kept, limit_s = _worker["work"]
    return _one_chunk(matrix, chunk, kept, limit_s)
