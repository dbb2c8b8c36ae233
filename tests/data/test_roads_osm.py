"""OpenStreetMap files, and the largest part in which one can drive from anywhere to anywhere.

Against hand-counted files, OSMnx and networkx.
"""

from __future__ import annotations

import bz2
import gzip
import re
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import osmnx as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse.csgraph import dijkstra

from coresponse.data.errors import (
    InputError,
)
from coresponse.data.roads.graph import from_graph
from coresponse.data.roads.osm_file import drivable
from coresponse.data.roads.read import read_roads
from tests.data.road_files import KPH_25_MPH, ONE_WAY_TOWN, STEP, assert_sound, edges_by_id, osm_xml


@pytest.mark.parametrize("packing", ["plain", "bz2", "gz", "zip", "xml"])
def test_osm_xml_with_one_ways_and_a_way_that_leaves_the_file(packing: str, tmp_path: Path) -> None:
    text = osm_xml(ONE_WAY_TOWN).encode()
    path = (
        tmp_path
        / {"plain": "t.osm", "bz2": "t.osm.bz2", "gz": "t.osm.gz", "zip": "t.zip", "xml": "t.xml"}[
            packing
        ]
    )
    if packing == "zip":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("a/b.osm", text)
            archive.writestr("a/README.txt", "roads")
    else:
        path.write_bytes({"bz2": bz2.compress, "gz": gzip.compress}.get(packing, bytes)(text))
    network = read_roads(path, cache_folder=tmp_path / "cache")
    assert_sound(network)
    # 1-2-3 both ways, 1-4-3 one way; the run 5-6 beyond the missing node is an island
    assert edges_by_id(network) == {(1, 3): 2, (3, 1): 1}
    report = network.report
    assert (report.nodes_read, report.edges_read, report.nodes_dropped, report.edges_dropped) == (
        4,
        5,
        2,
        2,
    )
    assert report.notes == ("1 ways cite nodes that the file lacks and were split there",)
    straight = 2 * STEP * np.pi / 180 * 6_371_009 * np.cos(np.radians(40.26))
    back = network.edge_from == np.flatnonzero(network.node_id == 3)[0]
    assert network.length_m[back] == pytest.approx([straight], rel=1e-4)
    assert network.travel_s[back] == pytest.approx([straight / (KPH_25_MPH / 3.6)], rel=1e-4)


def test_osm_roundabout_is_one_way_without_saying_so(tmp_path: Path) -> None:
    ways = {
        201: ([1, 2], {"highway": "residential"}),
        202: ([2, 3, 7, 2], {"highway": "residential", "junction": "roundabout"}),
        203: ([7, 8], {"highway": "residential"}),
    }
    (tmp_path / "round.osm").write_text(osm_xml(ways), encoding="utf-8")
    network = read_roads(tmp_path / "round.osm", cache_folder=tmp_path / "cache")
    assert_sound(network)
    assert edges_by_id(network) == {
        (1, 2): 1,
        (2, 1): 1,
        (2, 7): 1,
        (7, 2): 1,
        (7, 8): 1,
        (8, 7): 1,
    }
    ids = network.node_id.tolist()
    around = network.length_m[
        (network.edge_from == ids.index(2)) & (network.edge_to == ids.index(7))
    ]
    back = network.length_m[(network.edge_from == ids.index(7)) & (network.edge_to == ids.index(2))]
    assert around[0] > 1.2 * back[0]  # by way of node 3


def test_osm_xml_gives_the_network_that_osmnx_gives(tmp_path: Path) -> None:
    ways = {
        1: ([1, 2, 3, 7, 8], {"highway": "secondary", "maxspeed": "50"}),
        2: ([8, 6, 5, 3], {"highway": "tertiary", "oneway": "yes"}),
        3: ([2, 4, 7], {"highway": "residential"}),
    }
    (tmp_path / "t.osm").write_text(osm_xml(ways), encoding="utf-8")
    network = read_roads(tmp_path / "t.osm", cache_folder=tmp_path / "cache")
    graph = ox.truncate.largest_component(ox.graph_from_xml(tmp_path / "t.osm"), strongly=True)
    assert edges_by_id(network) == Counter((u, v) for u, v, _ in graph.edges)
    known = sorted(data["length"] for *_, data in graph.edges(data=True))
    assert sorted(network.length_m) == pytest.approx(known, rel=1e-6)


TAG_VALUES = {
    "highway": [
        "residential",
        "service",
        "services",
        "path",
        "motorway_link",
        "footway",
        "bus_guideway",
        "busway",
        "no",
    ],
    "area": ["yes", "no"],
    "access": ["private", "yes", "customers;private", "permissive"],
    "motor_vehicle": ["no", "yes", "unknown"],
    "motorcar": ["no", "designated"],
    "service": ["alley", "driveway", "parking_aisle", "spur", "drive-through"],
    "name": ["Private Alley"],
}


@given(
    st.fixed_dictionaries(
        {}, optional={key: st.sampled_from(values) for key, values in TAG_VALUES.items()}
    )
)
def test_drivable_is_what_osmnx_asks_overpass_for(tags: dict[str, str]) -> None:
    question = ox._overpass._get_network_filter("drive")
    conditions = re.findall(r'\["(\w+)"(?:!~"([^"]+)")?\]', question)
    assert {key for key, _ in conditions} >= {
        "highway",
        "area",
        "access",
        "motor_vehicle",
        "motorcar",
        "service",
    }
    wanted = all(
        key in tags if not pattern else not re.search(pattern, tags.get(key, ""))
        for key, pattern in conditions
    )
    assert drivable(tags) == wanted


# --- the largest strongly connected part
# ------------------------------------------------------------------------------


def test_largest_strongly_connected_part_by_hand() -> None:
    graph: nx.MultiDiGraph[Any] = nx.MultiDiGraph()
    graph.add_nodes_from(
        (n, {"x": -76.88 + n * STEP, "y": 40.26 + (n % 2) * STEP}) for n in range(9)
    )
    ring = [(0, 1), (1, 2), (2, 3), (3, 0)]  # four nodes, one way around
    dead_end, source, island = [(3, 4)], [(5, 0)], [(6, 7), (7, 8), (8, 6)]
    graph.add_edges_from(ring + dead_end + source + island)
    graph.add_edge(0, 1, length=1_000.0)  # a second, longer way
    network = from_graph(graph, source="hand")
    assert_sound(network)
    assert sorted(network.node_id) == [0, 1, 2, 3]
    assert edges_by_id(network) == {(0, 1): 2, (1, 2): 1, (2, 3): 1, (3, 0): 1}
    report = network.report
    assert (report.nodes_read, report.edges_read, report.nodes_dropped, report.edges_dropped) == (
        9,
        10,
        5,
        5,
    )
    assert network.travel_matrix().nnz == 4  # of the two from 0 to 1 the faster


@settings(deadline=None, max_examples=60)
@given(
    st.integers(2, 9).flatmap(
        lambda n: st.lists(
            st.tuples(st.integers(0, n - 1), st.integers(0, n - 1), st.integers(60, 900)),
            min_size=1,
            max_size=30,
        )
    )
)
def test_part_and_paths_are_those_of_networkx(edges: list[tuple[int, int, int]]) -> None:
    graph: nx.MultiDiGraph[Any] = nx.MultiDiGraph()
    for u, v, seconds in edges:
        graph.add_edge(u, v, travel_time=seconds)
    for node, data in graph.nodes(data=True):
        data.update(x=-76.88 + node * STEP, y=40.26 + (node**2 % 5) * STEP)
    parts = sorted((len(part) for part in nx.strongly_connected_components(graph)), reverse=True)
    if parts[0] < 2:
        with pytest.raises(InputError, match="no two places"):
            from_graph(graph, source="made")
        return
    network = from_graph(graph, source="made")
    assert network.n_nodes == parts[0]
    assert set(network.node_id.tolist()) in [
        set(part) for part in nx.strongly_connected_components(graph)
    ]
    ours = dijkstra(network.travel_matrix())
    for i, start in enumerate(network.node_id.tolist()):
        known = nx.single_source_dijkstra_path_length(graph, start, weight="travel_time")
        assert ours[i] == pytest.approx([known[stop] for stop in network.node_id.tolist()])


def test_an_edge_s_own_time_goes_before_its_speed_that_before_its_limit_that_before_its_class() -> (
    None
):
    graph: nx.MultiDiGraph[Any] = nx.MultiDiGraph(crs="EPSG:32618")
    for n in range(5):
        graph.add_node(n, x=500_000.0 + 360 * n, y=4_500_000.0)
    known: dict[str, Any] = {
        "highway": "residential",
        "maxspeed": "72",
        "speed_kph": 36.0,
        "travel_time": 7.0,
    }
    for n in range(4):
        graph.add_edge(n, n + 1, **known)
        graph.add_edge(n + 1, n, **known)
        known.popitem()  # the time first
    network = from_graph(graph, source="hand")
    seconds = {
        int(min(u, v)): s
        for u, v, s in zip(network.edge_from, network.edge_to, network.travel_s, strict=True)
    }
    assert seconds == pytest.approx({0: 7.0, 1: 36.0, 2: 18.0, 3: 360 / (30 / 3.6)}, rel=1e-3)
    assert network.report.assumed_speed_share == pytest.approx(0.25)
