"""GraphML as each OSMnx and networkx writes it gives the network of the graph in memory."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeAlias

import networkx as nx
import numpy as np
import osmnx as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString

from coresponse.data.roads.graph import from_graph
from coresponse.data.roads.network import RoadNetwork
from coresponse.data.roads.read import read_roads

Graph: TypeAlias = "nx.MultiDiGraph[Any]"
LON, LAT, STEP = -76.88, 40.26, 0.002


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    """A ring that all can drive around, and further streets; values as OSMnx has them."""
    n = draw(st.integers(3, 7))
    ids = draw(st.lists(st.integers(1, 10**10), min_size=n, max_size=n, unique=True))
    made: Graph = nx.MultiDiGraph(crs="epsg:4326", created_with="OSMnx")
    for i, node in enumerate(ids):
        made.add_node(node, x=LON + STEP * (i % 3), y=LAT + STEP * (i // 3), street_count=3)
    pairs = list(zip(ids, [*ids[1:], ids[0]], strict=True))
    pairs += draw(st.lists(st.sampled_from([(a, b) for a in ids for b in ids if a != b]), max_size=6))  # fmt: skip
    for number, (a, b) in enumerate(pairs):
        ends = [(made.nodes[node]["x"], made.nodes[node]["y"]) for node in (a, b)]
        data: dict[str, Any] = {
            "osmid": draw(st.sampled_from([number + 1, [number + 1, 99]])),
            "highway": draw(st.sampled_from(["residential", "primary", ["tertiary", "residential"]])),
            "length": draw(st.integers(50, 900)) + 0.25,
            "oneway": draw(st.booleans()),
        }  # fmt: skip
        if limit := draw(st.sampled_from([None, "25 mph", "40", ["30 mph", "20 mph"]])):
            data["maxspeed"] = limit
        if draw(st.booleans()):
            data["geometry"] = LineString([ends[0], (ends[0][0] + 1e-4, ends[1][1]), ends[1]])
        if draw(st.booleans()):
            data["name"] = draw(st.sampled_from(["Main St", "A & <B>", ["One", "Two"]]))
        made.add_edge(a, b, **data)
    return made


def old_osmnx(graph: Graph, path: Path) -> None:
    """0.10 to 0.15: all values as text, the CRS as the text of a dictionary."""
    out: Graph = nx.MultiDiGraph(crs=str({"init": "epsg:4326"}), name="unnamed")
    for node, data in graph.nodes(data=True):
        out.add_node(node, **{key: str(value) for key, value in data.items()}, osmid=str(node))
    for a, b, data in graph.edges(data=True):
        text = {k: v.wkt if isinstance(v, LineString) else str(v) for k, v in data.items()}
        out.add_edge(a, b, **text)
    nx.write_graphml(out, path)


def networkx_typed(graph: Graph, path: Path) -> None:
    """By networkx itself: numbers as numbers, lists and shapes as text."""
    out: Graph = nx.MultiDiGraph(crs="EPSG:4326")
    out.add_nodes_from(graph.nodes(data=True))
    for a, b, data in graph.edges(data=True):
        plain = {k: v.wkt if isinstance(v, LineString) else v for k, v in data.items()}
        out.add_edge(a, b, **{k: str(v) if isinstance(v, list) else v for k, v in plain.items()})
    nx.write_graphml(out, path)


WRITERS = {
    "today's OSMnx": ox.save_graphml,
    "old OSMnx": old_osmnx,
    "networkx": networkx_typed,
}


def drives(network: RoadNetwork) -> list[tuple[Any, ...]]:
    at = network.node_id
    names = [network.street_names[i] if i >= 0 else "" for i in network.street_name]
    names = names or [""] * network.n_edges
    rows = zip(
        at[network.edge_from].tolist(),
        at[network.edge_to].tolist(),
        np.round(network.length_m, 2).tolist(),
        np.round(network.travel_s, 2).tolist(),
        network.road_class.tolist(),
        np.diff(network.shape_start).tolist(),
        names,
        strict=True,
    )
    return sorted(rows)


@pytest.mark.parametrize("maker", WRITERS)
@settings(deadline=None, max_examples=12)
@given(graphs())
def test_a_graph_in_a_file_gives_the_network_of_the_graph(
    tmp_path_factory: pytest.TempPathFactory, maker: str, graph: Graph
) -> None:
    folder = tmp_path_factory.mktemp("graphs")
    WRITERS[maker](graph, folder / "roads.graphml")
    found = read_roads(folder / "roads.graphml", cache_folder=folder / "cache")
    wanted = from_graph(graph, source="memory")
    assert found.crs == wanted.crs
    assert found.road_classes == wanted.road_classes
    assert drives(found) == drives(wanted)
