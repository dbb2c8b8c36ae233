"""Reading roads from every kind of file, against real files, hand-counted ones, OSMnx and networkx."""

from __future__ import annotations

import bz2
import gzip
import itertools
import json
import re
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any

import geopandas as gpd
import networkx as nx
import numpy as np
import osmnx as ox
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.sparse.csgraph import connected_components, dijkstra
from shapely import LineString

from coresponse.data import unpack
from coresponse.data.errors import (
    CoresponseError,
    InputError,
    MissingInputError,
    UnsupportedInputError,
)
from coresponse.data.roads import osm_file
from coresponse.data.roads.frames import edges_frame
from coresponse.data.roads.graph import from_graph
from coresponse.data.roads.made import street_grid
from coresponse.data.roads.network import RoadNetwork
from coresponse.data.roads.osm_file import drivable
from coresponse.data.roads.read import read_roads

KPH_25_MPH = 25 * 1.609344


def assert_sound(network: RoadNetwork) -> None:
    """What everything downstream relies on."""
    n, m = network.n_nodes, network.n_edges
    parts, _ = connected_components(network.travel_matrix(), directed=True, connection="strong")
    assert parts == 1
    kinds = {
        "node_id": "i8",
        "edge_from": "i4",
        "edge_to": "i4",
        "length_m": "f4",
        "travel_s": "f4",
        "road_class": "i2",
    }
    assert {name: getattr(network, name).dtype.str[1:] for name in kinds} == kinds
    assert (network.travel_s > 0).all()
    assert (network.length_m > 0).all()
    assert network.shape_start.shape == (m + 1,)
    first, last = network.shape_start[:-1], network.shape_start[1:] - 1
    nodes = np.column_stack([network.node_x, network.node_y])
    assert np.abs(network.shape_xy[first] - nodes[network.edge_from]).max() < 0.2
    assert np.abs(network.shape_xy[last] - nodes[network.edge_to]).max() < 0.2
    assert len(set(network.node_id.tolist())) == n
    assert network.report.nodes_read - network.report.nodes_dropped == n
    assert network.report.edges_read - network.report.edges_dropped == m


def edges_by_id(network: RoadNetwork) -> Counter[tuple[int, int]]:
    return Counter(
        zip(
            network.node_id[network.edge_from].tolist(),
            network.node_id[network.edge_to].tolist(),
            strict=True,
        )
    )


# --- real files
# -------------------------------------------------------------------------------------------------------


def test_manhattan_xml_with_a_cut_border(shared_data: Path, tmp_path: Path) -> None:
    network = read_roads(
        shared_data / "manhattan" / "roads_osm_xml_2019.zip", cache_folder=tmp_path
    )
    assert_sound(network)
    report = network.report
    # 16,361 and 38,178 with the ten alleys and driveways among the residential ways, which OSMnx
    # would not bring
    assert report.nodes_read == pytest.approx(16_355, abs=40)
    assert report.edges_read == pytest.approx(38_154, abs=100)
    assert network.n_nodes > 0.97 * report.nodes_read
    assert "cite nodes that the file lacks" in report.notes[0]
    assert network.crs == "EPSG:32618"
    assert "OpenStreetMap" in network.attribution
    assert network.road_classes[0] == "motorway"
    assert 0.7 < report.assumed_speed_share < 0.9
    # the island's corners in UTM 18N, with the bridges
    assert 575_000 < network.node_x.min() < network.node_x.max() < 600_000
    assert 4_500_000 < network.node_y.min() < network.node_y.max() < 4_530_000


def test_manhattan_node_link_json_keeps_all_and_its_paths_are_those_of_networkx(
    shared_data: Path, tmp_path: Path
) -> None:
    path = shared_data / "manhattan" / "roads_hive_wheel.json"
    network = read_roads(path, cache_folder=tmp_path)
    assert_sound(network)
    assert (network.n_nodes, network.n_edges, network.crs) == (4_197, 7_534, "EPSG:32618")
    assert network.report.assumed_speed_share == 0.0
    graph = nx.node_link_graph(json.loads(path.read_text(encoding="utf-8")), edges="links")
    starts = [0, 1_234, 4_000]
    ours = dijkstra(network.travel_matrix(), indices=starts)
    for row, start in zip(ours, starts, strict=True):
        known = nx.single_source_dijkstra_path_length(
            graph, int(network.node_id[start]), weight="travel_time"
        )
        assert row == pytest.approx([known[node] for node in network.node_id.tolist()], rel=1e-5)


def test_harrisburg_pbf(shared_data: Path, tmp_path: Path) -> None:
    network = read_roads(shared_data / "roads_scale" / "harrisburg.osm.pbf", cache_folder=tmp_path)
    assert_sound(network)
    assert network.report.nodes_read == pytest.approx(3_485, abs=20)
    assert network.report.edges_read == pytest.approx(9_549, abs=50)
    assert network.n_nodes > 0.97 * network.report.nodes_read
    assert network.crs == "EPSG:32618"
    assert 0 < network.report.assumed_speed_share < 1


def test_salt_lake_city_parquet_of_undirected_lines(shared_data: Path, tmp_path: Path) -> None:
    path = shared_data / "roads_scale" / "slc_4881.original.parquet"
    network = read_roads(path, cache_folder=tmp_path)
    assert_sound(network)
    lines = gpd.read_parquet(path)
    assert network.report.edges_read == 2 * len(lines)
    assert network.n_nodes > 46_000
    assert network.crs == "EPSG:32612"
    walked = lines.highway.eq("pedestrian")
    both_ways, not_driven = network.report.notes
    assert "no oneway column" in both_ways
    assert not_driven == (
        f"{2 * int(walked.sum())} edges are not for driving and were left out: pedestrian"
    )
    assert network.length_m.sum() == pytest.approx(2 * lines[~walked].length.sum(), rel=1e-3)


# --- one small town in every format
# -----------------------------------------------------------------------------------

TOWN_EDGES = [
    # u, v, highway, maxspeed, one-way, points between
    (11, 12, "primary", "30 mph", False, []),
    (12, 13, "residential", "25 mph", False, [(-76.8790, 40.2612)]),
    (13, 11, "tertiary", None, True, []),
    (13, 14, "residential", "40", False, []),
    (14, 11, "secondary", "35 mph", True, [(-76.8850, 40.2622), (-76.8850, 40.2605)]),
]
TOWN_NODES = {
    11: (-76.8820, 40.2600),
    12: (-76.8795, 40.2600),
    13: (-76.8800, 40.2625),
    14: (-76.8830, 40.2625),
}


def town() -> nx.MultiDiGraph[Any]:
    """Four crossings in Harrisburg, eight directed edges, strongly connected."""
    graph: nx.MultiDiGraph[Any] = nx.MultiDiGraph(crs="epsg:4326", simplified=True)
    for node, (x, y) in TOWN_NODES.items():
        graph.add_node(node, x=x, y=y, street_count=3)
    for osmid, (u, v, highway, maxspeed, oneway, between) in enumerate(TOWN_EDGES):
        points = [TOWN_NODES[u], *between, TOWN_NODES[v]]
        length = sum(
            float(ox.distance.great_circle(a[1], a[0], b[1], b[0]))
            for a, b in itertools.pairwise(points)
        )
        directions = [(u, v, points)] if oneway else [(u, v, points), (v, u, points[::-1])]
        for start, stop, shape in directions:
            tags: dict[str, Any] = {
                "highway": highway,
                "oneway": oneway,
                "osmid": osmid,
                "reversed": shape != points,
            }
            if maxspeed:
                tags["maxspeed"] = maxspeed
            graph.add_edge(start, stop, length=length, geometry=LineString(shape), **tags)
    return graph


def town_table(*, both_directions: bool) -> gpd.GeoDataFrame:
    edges = ox.graph_to_gdfs(town(), nodes=False).reset_index()
    return (
        edges
        if both_directions
        else edges[~edges.reversed].drop(columns=["u", "v", "key", "reversed"])
    )


def as_graphml(folder: Path) -> Path:
    ox.save_graphml(town(), folder / "town.graphml")
    return folder / "town.graphml"


def as_node_link(folder: Path) -> Path:
    content = nx.node_link_data(town(), edges="edges")
    (folder / "town.json").write_text(
        json.dumps(content, default=lambda line: line.wkt), encoding="utf-8"
    )
    return folder / "town.json"


def as_osmnx_geopackage(folder: Path) -> Path:
    ox.save_graph_geopackage(town(), folder / "town.gpkg", directed=True)
    return folder / "town.gpkg"


def as_geopackage_of_lines(folder: Path) -> Path:
    table = town_table(both_directions=False)
    table.to_crs(2272).to_file(
        folder / "lines.gpkg", layer="streets"
    )  # Pennsylvania's state plane, in feet
    return folder / "lines.gpkg"


def as_directed_parquet(folder: Path) -> Path:
    town_table(both_directions=True).to_parquet(folder / "town.parquet")
    return folder / "town.parquet"


def as_parquet_in_web_mercator(folder: Path) -> Path:
    town_table(both_directions=False).drop(columns="length").to_crs(3857).to_parquet(
        folder / "town.geoparquet"
    )
    return folder / "town.geoparquet"


def as_geojson(folder: Path) -> Path:
    town_table(both_directions=False).to_file(folder / "town.geojson")
    return folder / "town.geojson"


def as_shapefile(folder: Path) -> Path:
    town_table(both_directions=False).to_crs(32618).to_file(folder / "town.shp")
    return folder / "town.shp"


def as_zipped_shapefile(folder: Path) -> Path:
    as_shapefile(folder)
    with zipfile.ZipFile(folder / "town.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for suffix in (".shp", ".shx", ".dbf", ".prj", ".cpg"):
            archive.write(folder / f"town{suffix}", f"export/Town{suffix.upper()}")
        archive.writestr("export/Town.shp.xml", "<metadata/>")
    return folder / "town.zip"


def as_gzipped_graphml(folder: Path) -> Path:
    packed = folder / "town.graphml.gz"
    packed.write_bytes(gzip.compress(as_graphml(folder).read_bytes()))
    return packed


WRITERS = [
    as_graphml, as_node_link, as_osmnx_geopackage, as_geopackage_of_lines, as_directed_parquet,
    as_parquet_in_web_mercator, as_geojson, as_shapefile, as_zipped_shapefile, as_gzipped_graphml,
]  # fmt: skip


@pytest.mark.parametrize("write", WRITERS, ids=lambda write: write.__name__)
def test_the_same_town_from_every_format(write: Any, tmp_path: Path) -> None:
    network = read_roads(write(tmp_path), cache_folder=tmp_path / "cache")
    assert_sound(network)
    assert (network.n_nodes, network.n_edges) == (4, 8)
    assert network.crs == "EPSG:32618"
    assert network.road_classes == ("primary", "secondary", "tertiary", "residential")
    kph = {
        "30 mph": 48.28032,
        "25 mph": KPH_25_MPH,
        "35 mph": 56.32704,
        "40": 40.0,
        None: 40.0,
    }  # tertiary: 40
    graph = town()
    expected = sorted(
        (d["length"], d["length"] / (kph[d.get("maxspeed")] / 3.6), d["highway"])
        for *_, d in graph.edges(data=True)
    )
    classes = [network.road_classes[code] for code in network.road_class]
    found = sorted(zip(network.length_m.tolist(), network.travel_s.tolist(), classes, strict=True))
    # the great circle against the ellipsoid's projection: up to 0.3%
    assert [row[0] for row in found] == pytest.approx([row[0] for row in expected], rel=4e-3)
    assert [row[1] for row in found] == pytest.approx([row[1] for row in expected], rel=4e-3)
    assert [row[2] for row in found] == [row[2] for row in expected]
    third = network.length_m[np.array(classes) == "tertiary"].sum()
    assert network.report.assumed_speed_share == pytest.approx(
        third / network.length_m.sum(), rel=1e-4
    )
    assert network.report.source == write(tmp_path).name


@pytest.mark.parametrize(
    "write", [as_graphml, as_node_link, as_directed_parquet], ids=lambda write: write.__name__
)
def test_the_source_s_node_names_are_kept(write: Any, tmp_path: Path) -> None:
    network = read_roads(write(tmp_path), cache_folder=tmp_path / "cache")
    assert edges_by_id(network) == Counter((u, v) for u, v, _ in town().edges)
    for node, x, y in zip(network.node_id, network.node_x, network.node_y, strict=True):
        assert (x, y) == pytest.approx(
            gpd.GeoSeries.from_xy(*zip(TOWN_NODES[int(node)], strict=True), crs=4326)
            .to_crs(32618)
            .get_coordinates()
            .iloc[0]
        )


def test_graphml_of_other_makers_with_names_for_nodes_and_words_for_directions(
    tmp_path: Path,
) -> None:
    graph = nx.relabel_nodes(town(), {node: f"crossing {node}" for node in TOWN_NODES})
    for *_, data in graph.edges(data=True):
        data["geometry"] = data["geometry"].wkt
        data["oneway"] = "yes" if data["oneway"] else "no"
        data["osmid"] = f"way/{data['osmid']}"
    nx.write_graphml(graph, tmp_path / "named.graphml")
    network = read_roads(tmp_path / "named.graphml", cache_folder=tmp_path / "cache")
    assert_sound(network)
    assert (network.n_nodes, network.n_edges) == (4, 8)
    assert sorted(network.node_id) == [0, 1, 2, 3]


def test_edges_that_this_package_wrote_come_back_the_same(tmp_path: Path) -> None:
    grid = street_grid(9, 7, seed=4)
    assert_sound(grid)
    edges_frame(grid).to_parquet(tmp_path / "grid.parquet")
    network = read_roads(tmp_path / "grid.parquet", cache_folder=tmp_path / "cache")
    assert_sound(network)
    assert edges_by_id(network) == edges_by_id(grid)
    assert network.road_classes == grid.road_classes
    ours = dijkstra(network.travel_matrix())[
        np.ix_(np.argsort(network.node_id), np.argsort(network.node_id))
    ]
    np.testing.assert_allclose(ours, dijkstra(grid.travel_matrix()), rtol=1e-6)


# --- OpenStreetMap XML by hand
# ----------------------------------------------------------------------------------------

POINTS = {1: (0, 0), 2: (1, 0), 3: (2, 0), 4: (1, 1), 5: (4, 0), 6: (5, 0), 7: (2, 1), 8: (3, 1)}
STEP = 0.001


def osm_xml(ways: dict[int, tuple[list[int], dict[str, str]]], *, head: str = "") -> str:
    nodes = "".join(
        f'<node id="{i}" lon="{-76.88 + x * STEP:.4f}" lat="{40.26 + y * STEP:.4f}"/>'
        for i, (x, y) in POINTS.items()
    )
    lines = "".join(
        f'<way id="{i}">'
        + "".join(f'<nd ref="{ref}"/>' for ref in refs)
        + "".join(f'<tag k="{k}" v="{v}"/>' for k, v in tags.items())
        + "</way>"
        for i, (refs, tags) in ways.items()
    )
    return f'<?xml version="1.0" encoding="UTF-8"?>{head}<osm version="0.6">{nodes}{lines}</osm>'


ONE_WAY_TOWN = {
    101: (
        [1, 2, 3, 99, 5, 6],
        {"highway": "residential", "maxspeed": "25 mph", "name": "Main &amp; Mill"},
    ),
    102: ([1, 4], {"highway": "primary", "oneway": "yes"}),
    103: ([3, 4], {"highway": "primary", "oneway": "-1"}),
    104: ([1, 5], {"highway": "footway"}),
    105: ([3, 5], {"highway": "residential", "access": "private"}),
    106: ([3, 6], {"highway": "residential", "service": "driveway"}),
}


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


# --- refusals
# ---------------------------------------------------------------------------------------------------------


def put(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


BOMB = '<!DOCTYPE osm [<!ENTITY a "aaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
HTML = "<!DOCTYPE html><html><body>404 Not Found</body></html>"


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("bomb.osm", osm_xml(ONE_WAY_TOWN, head=BOMB), "XML entities"),
        ("late.osm", osm_xml(ONE_WAY_TOWN, head=f"<!-- {'x' * 200_000} -->{BOMB}"), "XML entities"),
        ("wide.xml", osm_xml(ONE_WAY_TOWN, head=BOMB).replace("UTF-8", "UTF-16").encode("utf-16"), "XML entities"),
        ("bomb.graphml", f"<?xml version='1.0'?>{BOMB}<graphml>&b;</graphml>", "XML entities"),
        ("page.json", HTML, "not node-link JSON"),
        ("list.json", "[1, 2]", "not node-link JSON"),
        ("geo.json", '{"type": "FeatureCollection", "features": []}', "not node-link JSON"),
        ("deep.json", "[" * 200_000, "not node-link JSON"),
        ("two.json", '{"directed": false, "nodes": [], "links": []}', "undirected"),
        ("empty.json", '{"directed": true, "nodes": [], "links": []}', "no drivable road"),
        ("page.geojson", HTML, "content is not what the name says"),
        ("remote.gpkg", "<OGRVRTDataSource><OGRVRTLayer name='edges'/></OGRVRTDataSource>", "not what the name says"),
        ("page.osm", "<html><body/></html>", "page.osm"),
        ("short.osm", osm_xml(ONE_WAY_TOWN)[:-40], "not a readable OpenStreetMap file"),
        ("place.osm", osm_xml(ONE_WAY_TOWN).replace('lat="40', 'lat="x', 1), "not a readable OpenStreetMap file"),
        ("walk.osm", osm_xml({1: ([1, 2], {"highway": "footway"})}), "no drivable way"),
        ("noise.osm.pbf", b"\x00\x00\x00\x0d\x0a\x09OSMHeader\x18\x7c", "not a readable OpenStreetMap file"),
        ("noise.graphml", "<graphml><graph>", "not a readable GraphML"),
        ("two.graphml", "<graphml><graph edgedefault='undirected'><node id='1'/></graph></graphml>", "undirected"),
        ("noise.parquet", b"PAR1 no PAR1", "not a readable GeoParquet"),
        ("noise.zip", b"PK\x03\x04 and then nothing", "damaged"),
        ("noise.osm.bz2", b"BZh9 no", "damaged"),
        ("noise.osm.gz", b"\x1f\x8b\x08 no", "damaged"),
        ("noise.npz", b"PK\x03\x04 and then nothing", "damaged road file"),
    ],
)  # fmt: skip
def test_a_bad_file_is_refused_in_words(
    name: str, content: str | bytes, words: str, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match=words) as caught:
        read_roads(put(tmp_path, name, content), cache_folder=tmp_path / "cache")
    assert name in str(caught.value)
    assert not (tmp_path / "cache").exists()


def test_a_missing_or_unknown_file(tmp_path: Path) -> None:
    with pytest.raises(MissingInputError, match=r"gone\.osm"):
        read_roads(tmp_path / "gone.osm", cache_folder=tmp_path)
    with pytest.raises(MissingInputError):
        read_roads(tmp_path, cache_folder=tmp_path)
    with pytest.raises(UnsupportedInputError, match=r"'\.docx' are not read"):
        read_roads(put(tmp_path, "roads.docx", "x"), cache_folder=tmp_path)
    with pytest.raises(UnsupportedInputError, match="no suffix"):
        read_roads(put(tmp_path, "roads", "x"), cache_folder=tmp_path)


def node_link(**changes: Any) -> str:
    content = {
        "directed": True,
        "graph": {},
        "nodes": [{"id": 1, "x": -76.88, "y": 40.26}, {"id": 2, "x": -76.87, "y": 40.26}],
        "links": [{"source": 1, "target": 2}, {"source": 2, "target": 1}],
    }
    return json.dumps({**content, **changes})


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (
            {"nodes": [{"id": 1, "x": None, "y": 40.26}, {"id": 2, "x": 1, "y": 1}]},
            "coordinates are not numbers",
        ),
        (
            {"nodes": [{"id": 1, "x": 10**400, "y": 40.26}, {"id": 2, "x": 1, "y": 1}]},
            "coordinates are not numbers",
        ),
        (
            {"nodes": [{"id": 1, "x": 500_000, "y": 4e6}, {"id": 2, "x": 1, "y": 1}]},
            "is the CRS right",
        ),
        ({"nodes": [{"id": 1, "x": 0, "y": 0}]}, "1 nodes have no x and y, the first is 2"),
        (
            {"nodes": [{"id": 1, "x": 0, "y": 89}, {"id": 2, "x": 0, "y": 88}]},
            "outside the UTM zones",
        ),
        (
            {"graph": {"crs": "EPSG:nonsense"}},
            "CRS of the graph is not understood: 'EPSG:nonsense'",
        ),
        ({"graph": []}, ""),
        ({"links": [{"source": 1, "target": 2}]}, "no two places can be driven between"),
        (
            {"links": [{"source": 1, "target": 2, "geometry": "LINESTRING (1"}]},
            "WKT|Expected|Parse",
        ),
        (
            {"links": [{"source": 1, "target": 2, "highway": "steps"}]},
            "no drivable road in it, only steps",
        ),
        ({"links": ["a"]}, "not node-link JSON"),
        ({"nodes": {"id": 1}}, "not node-link JSON"),
    ],
)
def test_a_bad_graph_is_refused_in_words(
    changes: dict[str, Any], words: str, tmp_path: Path
) -> None:
    path = put(tmp_path, "g.json", node_link(**changes))
    if not words:  # an empty list where a dictionary belongs is harmless
        assert read_roads(path, cache_folder=tmp_path / "cache").n_nodes == 2
        return
    with pytest.raises(InputError, match=words):
        read_roads(path, cache_folder=tmp_path / "cache")


def test_absurd_numbers_on_edges_are_not_taken(tmp_path: Path) -> None:
    links = [
        {
            "source": u,
            "target": v,
            "length": length,
            "travel_time": seconds,
            "maxspeed": 10**400,
            "highway": "primary",
        }
        for u, v, length, seconds in [
            (1, 2, 1e300, 1e300),
            (2, 1, -5, 0),
            (1, 2, 10**400, "soon"),
            (2, 1, None, [3]),
        ]
    ]
    network = read_roads(
        put(tmp_path, "g.json", node_link(links=links)), cache_folder=tmp_path / "cache"
    )
    assert network.length_m == pytest.approx([network.length_m[0]] * 4, rel=1e-5)
    assert 800 < network.length_m[0] < 900
    assert network.travel_s == pytest.approx(network.length_m / (50 / 3.6), rel=1e-5)


def test_archives_with_no_or_two_road_files(tmp_path: Path) -> None:
    for members in ([], ["a.txt"], ["a.osm", "b.osm"]):
        with zipfile.ZipFile(tmp_path / "t.zip", "w") as archive:
            for member in members:
                archive.writestr(member, osm_xml(ONE_WAY_TOWN))
        with pytest.raises(InputError, match="expected one road file in the archive"):
            read_roads(tmp_path / "t.zip", cache_folder=tmp_path / "cache")


def test_names_in_an_archive_are_not_used_as_paths(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "t.zip", "w") as archive:
        archive.writestr("../../outside.osm", osm_xml(ONE_WAY_TOWN))
    before = sorted(tmp_path.parent.iterdir())
    assert read_roads(tmp_path / "t.zip", cache_folder=tmp_path / "cache").n_nodes == 2
    assert sorted(tmp_path.parent.iterdir()) == before


@pytest.mark.parametrize("suffix", [".zip", ".osm.bz2", ".osm.gz"])
def test_a_bomb_is_stopped_before_it_fills_the_disk(
    suffix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unpack, "SMALL", 1 << 19)
    text = osm_xml(ONE_WAY_TOWN) + " " * (8 << 20)
    path = tmp_path / f"t{suffix}"
    if suffix == ".zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("t.osm", text)
    else:
        path.write_bytes(
            {".osm.bz2": bz2.compress, ".osm.gz": gzip.compress}[suffix](text.encode())
        )
    with pytest.raises(InputError, match="unpacks to more than"):
        read_roads(path, cache_folder=tmp_path / "cache")
    monkeypatch.setattr(unpack, "MAX_RATIO", 100_000)
    assert read_roads(path, cache_folder=tmp_path / "cache").n_nodes == 2
    monkeypatch.setattr(unpack, "MAX_BYTES", 1 << 20)
    with pytest.raises(InputError, match="unpacks to more than"):
        read_roads(path, cache_folder=tmp_path / "other")


def test_a_geopackage_of_points_or_of_two_layers_of_lines(tmp_path: Path) -> None:
    table = town_table(both_directions=False)
    table.set_geometry(table.boundary).to_file(tmp_path / "p.gpkg", layer="edges")
    with pytest.raises(InputError, match=r"expected one layer of lines.*MultiPoint"):
        read_roads(tmp_path / "p.gpkg", cache_folder=tmp_path / "cache")
    for layer in ("north", "south"):
        table.to_file(tmp_path / "two.gpkg", layer=layer)
    with pytest.raises(InputError, match=r"expected one layer of lines.*north.*south"):
        read_roads(tmp_path / "two.gpkg", cache_folder=tmp_path / "cache")
    table.to_file(tmp_path / "two.gpkg", layer="roads")
    assert read_roads(tmp_path / "two.gpkg", cache_folder=tmp_path / "cache").n_edges == 8


@pytest.mark.filterwarnings("ignore:'crs' was not provided")
def test_lines_without_a_crs(tmp_path: Path) -> None:
    table = town_table(both_directions=False).set_crs(None, allow_override=True)
    table.to_file(tmp_path / "t.gpkg", layer="edges")
    table.to_parquet(tmp_path / "t.parquet")
    table.to_file(tmp_path / "t.shp")
    for name in ("t.gpkg", "t.parquet", "t.shp"):
        with pytest.raises(InputError, match=rf"{re.escape(name)}.*CRS"):
            read_roads(tmp_path / name, cache_folder=tmp_path / "cache")


def test_runs_between_the_nodes_that_a_file_has() -> None:
    known = dict.fromkeys([1, 2, 3, 4, 5], (0.0, 0.0))
    assert osm_file._runs([1, 2, 9, 3, 9, 9, 4, 5], known) == [[1, 2], [4, 5]]
    assert osm_file._runs([9, 1, 2, 3], known) == [[1, 2, 3]]
    assert osm_file._runs([9, 8], known) == []


SOUND_FILES = {
    "r.osm": osm_xml(ONE_WAY_TOWN).encode(),
    "r.osm.gz": gzip.compress(osm_xml(ONE_WAY_TOWN).encode(), mtime=0),
    "r.json": node_link(graph={"crs": "EPSG:4326"}).encode(),
}


@settings(
    deadline=None,
    max_examples=120,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    name=st.sampled_from(sorted(SOUND_FILES)),
    cut=st.integers(0, 4_000),
    changes=st.lists(st.tuples(st.integers(0, 4_000), st.integers(0, 255)), max_size=4),
)
def test_a_damaged_file_is_read_or_refused_and_nothing_else(
    name: str, cut: int, changes: list[tuple[int, int]], tmp_path: Path
) -> None:
    content = bytearray(SOUND_FILES[name])
    for where, byte in changes:
        content[where % len(content)] = byte
    try:
        network = read_roads(
            put(tmp_path, name, bytes(content[: len(content) - cut])),
            cache_folder=tmp_path / "cache",
        )
    except CoresponseError as error:
        assert name in str(error)  # noqa: PT017 -- a damaged file may also still be readable
    else:
        assert_sound(network)
