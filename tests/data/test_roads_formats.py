"""Roads from every kind of file: real ones, and one small town in every format."""

from __future__ import annotations

import gzip
import json
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any

import geopandas as gpd
import networkx as nx
import numpy as np
import osmnx as ox
import pytest
from scipy.sparse.csgraph import dijkstra

from coresponse.data.roads.frames import edges_frame
from coresponse.data.roads.made import street_grid
from coresponse.data.roads.read import read_roads
from tests.data.road_files import (
    KPH_25_MPH,
    TOWN_NODES,
    assert_sound,
    edges_by_id,
    town,
    town_table,
)

# --- real files
# -------------------------------------------------------------------------------------------------------


@pytest.mark.slow
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
    # Pennsylvania's state plane, in feet
    table.to_crs(2272).to_file(folder / "lines.gpkg", layer="streets")
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
