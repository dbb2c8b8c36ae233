"""Streets keep their names, from each kind of file to the network and back from the cache."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import networkx as nx
import numpy as np
import pytest
from shapely import LineString

from coresponse.data.roads.cache import load_network, save_network
from coresponse.data.roads.frames import drawn_edges, edges_frame
from coresponse.data.roads.network import RoadNetwork
from coresponse.data.roads.read import read_roads
from coresponse.data.roads.street_names import LONGEST, street_name
from coresponse.data.sample_city import sample_folder

WAYS = [("Elm Street", None, (0, 1)), (None, "US 22", (0, 2)), (None, None, (0, 3))]
PLACES = [(-76.0, 40.0), (-76.0, 40.01), (-76.01, 40.0), (-75.99, 40.0)]
SEEN = {"Elm Street", "US 22", ""}


def names_of(network: RoadNetwork) -> dict[str, int]:
    found = edges_frame(network)["name"]
    return {str(name): int(count) for name, count in found.value_counts().items()}


def as_osm(path: Path) -> None:
    nodes = "".join(f"<node id='{i + 1}' lon='{x}' lat='{y}'/>" for i, (x, y) in enumerate(PLACES))
    ways = ""
    for i, (name, ref, ends) in enumerate(WAYS):
        tags = {"highway": "residential", "name": name, "ref": ref}
        ways += f"<way id='{i + 1}'>" + "".join(f"<nd ref='{end + 1}'/>" for end in ends)
        ways += "".join(f"<tag k='{k}' v='{v}'/>" for k, v in tags.items() if v) + "</way>"
    path.write_text(f"<osm version='0.6'>{nodes}{ways}</osm>", encoding="utf-8")


def as_lines(path: Path) -> None:
    gpd.GeoDataFrame(
        {"NAME": [w[0] for w in WAYS], "ref": [w[1] for w in WAYS], "oneway": ["no"] * 3},
        geometry=[LineString([PLACES[i] for i in w[2]]) for w in WAYS],
        crs="EPSG:4326",
    ).to_file(path)


def as_graphml(path: Path) -> None:
    graph = nx.MultiDiGraph(crs="EPSG:4326")
    for i, (x, y) in enumerate(PLACES):
        graph.add_node(i, x=x, y=y)
    for name, ref, (u, v) in WAYS:
        told = {"ref": ref, "name": f"['{name}', 'Elm Court']" if name else None}
        for a, b in ((u, v), (v, u)):
            graph.add_edge(a, b, length=1000.0, **{k: t for k, t in told.items() if t})
    nx.write_graphml(graph, path)


@pytest.mark.parametrize(
    ("suffix", "write"),
    [("osm", as_osm), ("gpkg", as_lines), ("shp", as_lines), ("graphml", as_graphml)],
)
def test_each_kind_of_file_brings_its_names(tmp_path: Path, suffix: str, write) -> None:  # type: ignore[no-untyped-def]
    write(tmp_path / f"roads.{suffix}")
    network = read_roads(tmp_path / f"roads.{suffix}", cache_folder=tmp_path / "cache")
    assert names_of(network) == dict.fromkeys(SEEN, 2)
    assert network.street_names == ("", "Elm Street", "US 22")
    again = read_roads(tmp_path / f"roads.{suffix}", cache_folder=tmp_path / "cache")
    assert names_of(again) == names_of(network)


def test_roads_without_names_have_none(tmp_path: Path) -> None:
    as_lines(tmp_path / "roads.gpkg")
    lines = gpd.read_file(tmp_path / "roads.gpkg").drop(columns=["NAME", "ref"])
    lines.to_file(tmp_path / "plain.gpkg")
    network = read_roads(tmp_path / "plain.gpkg", cache_folder=tmp_path / "cache")
    assert network.street_names == ()
    assert "name" not in edges_frame(network)
    save_network(network, tmp_path / "plain.npz")
    assert load_network(tmp_path / "plain.npz").street_name.size == 0


@pytest.mark.parametrize(
    ("name", "ref", "told"),
    [
        (["Broadway", "Main Street"], None, "Broadway"),
        ("['Broadway', 'Main Street']", None, "Broadway"),
        ("[Broadway", "I 83", "I 83"),
        ("", "US 1;US 9", "US 1"),
        (float("nan"), None, ""),
        ("  Main \n Street ", None, "Main Street"),
        ("x" * (LONGEST + 1), "PA 441", "PA 441"),
        ("[" * 500, None, ""),
        ([], 7, ""),
    ],
)
def test_one_name_is_told(name: object, ref: object, told: str) -> None:
    assert street_name(name, ref) == told


def test_main_roads_alone_keep_their_names(tmp_path: Path) -> None:
    as_osm(tmp_path / "roads.osm")
    text = (tmp_path / "roads.osm").read_text(encoding="utf-8")
    text = text.replace("residential", "primary", 1)
    (tmp_path / "roads.osm").write_text(text, encoding="utf-8")
    network = read_roads(tmp_path / "roads.osm", cache_folder=tmp_path / "cache")
    drawn, whole = drawn_edges(network, at_most=2)
    assert not whole
    assert set(drawn["name"]) == {"Elm Street"}


def test_the_sample_has_named_streets() -> None:
    links = json.loads((sample_folder() / "roads.json").read_text(encoding="utf-8"))["links"]
    names = np.array([link.get("name", "") for link in links])
    assert (names != "").mean() > 0.9
    assert {"Broadway", "5th Avenue", "West 125th Street", "Malcolm X Boulevard"} & set(names)
    assert (names == "Broadway").sum() > 150
