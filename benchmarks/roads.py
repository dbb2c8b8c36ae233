"""Reading roads: the first time, from the compact form, and OSMnx on the same GraphML file."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import networkx as nx
import osmnx as ox

from coresponse.data.roads.frames import edges_frame
from coresponse.data.roads.made import street_grid
from coresponse.data.roads.network import RoadNetwork
from coresponse.data.roads.read import read_roads

T = TypeVar("T")

MANHATTAN = (
    Path(__file__).resolve().parents[2] / "shared" / "data" / "manhattan" / "roads_osm_xml_2019.zip"
)


def cases() -> Iterator[dict[str, Any]]:
    """Read Manhattan (where its file is), a made city of 100,000 crossings, and one of 20,000 beside OSMnx."""
    if MANHATTAN.is_file():
        yield _first_and_cached("OpenStreetMap XML, Manhattan", MANHATTAN)
    with tempfile.TemporaryDirectory(prefix="coresponse-benchmark-") as folder:
        lines = Path(folder) / "lines.parquet"
        edges_frame(street_grid(400, 250, seed=1)).to_parquet(lines)
        yield _first_and_cached("GeoParquet, street grid", lines)
        graph = Path(folder) / "grid.graphml"
        ox.save_graphml(_as_graph(street_grid(200, 100, seed=1)), graph)
        yield _first_and_cached("GraphML, street grid", graph, peer=lambda: ox.load_graphml(graph))


def _first_and_cached(
    case: str, source: Path, peer: Callable[[], object] | None = None
) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="coresponse-benchmark-") as folder:
        cache = Path(folder)
        first_s, network = _timed(lambda: read_roads(source, cache_folder=cache))
        cached_s = statistics.median(
            _timed(lambda: read_roads(source, cache_folder=cache))[0] for _ in range(7)
        )
    result: dict[str, Any] = {
        "case": case,
        "nodes": network.n_nodes,
        "edges": network.n_edges,
        "seconds": round(first_s, 3),
        "cached_seconds": round(cached_s, 4),
    }
    if peer is not None:
        peer_s = statistics.median(_timed(peer)[0] for _ in range(3))
        result |= {
            "peer": "osmnx.load_graphml",
            "peer_seconds": round(peer_s, 3),
            "first_to_peer": round(first_s / peer_s, 2),
            "peer_to_cached": round(peer_s / cached_s, 1),
        }
    return result


def _timed(work: Callable[[], T]) -> tuple[float, T]:
    start = time.perf_counter()
    answer = work()
    return time.perf_counter() - start, answer


def _as_graph(network: RoadNetwork) -> nx.MultiDiGraph[Any]:
    to_degrees = edges_frame(network).to_crs(4326).geometry
    graph: nx.MultiDiGraph[Any] = nx.MultiDiGraph(crs="epsg:4326", simplified=True)
    for u, v, line, length, seconds, code in zip(
        network.edge_from.tolist(),
        network.edge_to.tolist(),
        to_degrees,
        network.length_m.tolist(),
        network.travel_s.tolist(),
        network.road_class.tolist(),
        strict=True,
    ):
        graph.add_node(u, x=line.coords[0][0], y=line.coords[0][1])
        graph.add_edge(
            u, v, length=length, travel_time=seconds, highway=network.road_classes[code], osmid=u
        )
    return graph
