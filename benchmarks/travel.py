"""Travel times.

16 sources at a time along a curve, beside one plain SciPy call and NetworkX, on a made city.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import networkx as nx
import numpy as np
from numpy.typing import NDArray
from scipy.sparse.csgraph import dijkstra

from coresponse.coverage.travel import travel_times
from coresponse.data.roads.made import street_grid
from coresponse.data.roads.network import RoadNetwork

COLUMNS, ROWS = 400, 250
LIMIT_S = 1800.0
SHORT_LIMIT_S = 600.0
"""The made city is 48 by 30 km, so that 30 minutes still reach much of it.

A limit of 10 minutes shows what a limit saves.
"""
NETWORKX_SOURCES = 3

Question = tuple[int, int | None, float, bool]
"""Sources, targets (none: all nodes), limit in seconds, nodes in random order or row by row.
"""

CASES: tuple[Question, ...] = (
    (100, None, np.inf, False),
    (100, None, np.inf, True),
    (100, None, LIMIT_S, False),
    (100, None, SHORT_LIMIT_S, False),
    (1000, 20_000, LIMIT_S, False),
    (1000, 20_000, LIMIT_S, True),
    (1000, 20_000, SHORT_LIMIT_S, False),
)


def cases() -> Iterator[dict[str, Any]]:
    """Answer each question in a process of its own, so that its memory is its own."""
    for case, (sources, targets, limit_s, shuffled) in enumerate(CASES):
        ours, default, peer = (_measured(case, way) for way in ("one", "default", "scipy"))
        what = "all 100,000 nodes" if targets is None else f"{targets:,} targets"
        limit = "no limit" if np.isinf(limit_s) else f"limit {limit_s:.0f} s"
        numbered = "nodes in random order" if shuffled else "nodes row by row"
        row = {
            "case": f"{sources:,} posts to {what}, {limit}, {numbered}",
            "seconds": round(ours["seconds"], 2),
            "seconds_default_workers": round(default["seconds"], 2),
            "share_reached": round(ours["share_reached"], 3),
            "peak_mb": round(ours["peak_mb"]),
        }
        yield row | {
            "peer": "scipy dijkstra, one call",
            "peer_seconds": round(peer["seconds"], 2),
            "peer_peak_mb": round(peer["peak_mb"]),
            "ratio": round(peer["seconds"] / ours["seconds"], 2),
        }
        if targets is None and not shuffled:
            slow = _measured(case, "networkx")
            yield row | {
                "peer": f"networkx, {NETWORKX_SOURCES} sources scaled up to {sources}",
                "peer_seconds": round(slow["seconds"], 1),
                "ratio": round(slow["seconds"] / ours["seconds"], 1),
            }


def _measured(case: int, way: str) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.travel", str(case), way], capture_output=True, check=True
    )
    found: dict[str, float] = json.loads(done.stdout)
    return found


def _answer(case: int, way: str) -> dict[str, float]:
    sources, targets, limit_s, shuffled = CASES[case]
    network = street_grid(COLUMNS, ROWS, seed=1)
    rng = np.random.default_rng(2)
    if shuffled:
        network = _renumbered(network, rng.permutation(network.n_nodes))
    start = rng.choice(network.n_nodes, sources, replace=False).astype(np.int32)
    stop = (
        None
        if targets is None
        else rng.choice(network.n_nodes, targets, replace=False).astype(np.int32)
    )
    if way == "networkx":
        seconds, share = _networkx(network, start[:NETWORKX_SOURCES], limit_s)
        return {
            "seconds": seconds * sources / NETWORKX_SOURCES,
            "share_reached": share,
            "peak_mb": _peak_mb(),
        }
    work: Callable[[], NDArray[np.floating]]
    if way == "scipy":

        def work() -> NDArray[np.floating]:
            found = dijkstra(network.travel_matrix(), indices=start, limit=limit_s)
            return np.asarray(found if stop is None else found[:, stop])
    else:

        def work() -> NDArray[np.floating]:
            workers = 1 if way == "one" else None
            return travel_times(network, start, targets=stop, limit_s=limit_s, workers=workers)

    begin = time.perf_counter()
    found = work()
    seconds = time.perf_counter() - begin
    return {
        "seconds": seconds,
        "share_reached": float(np.isfinite(found).mean()),
        "peak_mb": _peak_mb(),
    }


def _renumbered(network: RoadNetwork, number: NDArray[np.int64]) -> RoadNetwork:
    """Give each node another number."""
    old = np.argsort(number)
    return replace(
        network,
        node_id=network.node_id[old],
        node_x=network.node_x[old],
        node_y=network.node_y[old],
        edge_from=number[network.edge_from].astype(np.int32),
        edge_to=number[network.edge_to].astype(np.int32),
    )


def _networkx(
    network: RoadNetwork, sources: NDArray[np.int32], limit_s: float
) -> tuple[float, float]:
    graph: nx.DiGraph[Any] = nx.DiGraph()
    edges = zip(
        network.edge_from.tolist(), network.edge_to.tolist(), network.travel_s.tolist(), strict=True
    )
    graph.add_weighted_edges_from(edges)
    cutoff = None if np.isinf(limit_s) else limit_s
    begin = time.perf_counter()
    reached = [
        len(nx.single_source_dijkstra_path_length(graph, source, cutoff=cutoff))
        for source in sources.tolist()
    ]
    return time.perf_counter() - begin, sum(reached) / network.n_nodes / len(sources)


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    print(json.dumps(_answer(int(sys.argv[1]), sys.argv[2])))
