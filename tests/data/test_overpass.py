"""Answers of Overpass: the posts and roads that an extract of the same gives."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import osmium
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Transformer

from coresponse.data.errors import InputError
from coresponse.data.posts_read import read_posts
from coresponse.data.roads.made import street_grid
from coresponse.data.roads.network import RoadNetwork
from coresponse.data.roads.read import read_roads
from coresponse.data.tables.overpass import is_overpass, read_overpass
from tests.data.test_posts_extract import KINDS, ROADS, Place, write_osm

HEAD = {
    "version": 0.6,
    "generator": "Overpass API 0.7.62.1",
    "osm3s": {"timestamp_osm_base": "2026-01-01T00:00:00Z", "copyright": "ODbL"},
}


def answer(osm: Path, form: str) -> dict[str, Any]:
    """Answer with what is in an OpenStreetMap file, as `out center`, `out geom`, `out bb` or `out body; >; out skel` do."""
    elements: list[dict[str, Any]] = []
    places: dict[int, dict[str, float]] = {}
    shapes: dict[int, list[dict[str, float]]] = {}
    for thing in osmium.FileProcessor(str(osm)):
        tags = {tag.k: tag.v for tag in thing.tags}
        element: dict[str, Any] = {"id": thing.id} | ({"tags": tags} if tags else {})
        if thing.is_node():
            places[thing.id] = {"lat": thing.location.lat, "lon": thing.location.lon}
            if tags or form == "skel":
                elements.append(element | {"type": "node"} | places[thing.id])
            continue
        if thing.is_way():
            refs = [node.ref for node in thing.nodes]
            shape = shapes[thing.id] = [places[ref] for ref in refs]
            element |= {"type": "way", "nodes": refs}
        else:
            shape = [at for member in thing.members for at in shapes[member.ref]]
            element |= {"type": "relation"}
        lons, lats = [at["lon"] for at in shape], [at["lat"] for at in shape]
        bounds = {"minlat": min(lats), "minlon": min(lons), "maxlat": max(lats), "maxlon": max(lons)}  # fmt: skip
        if form == "center":
            middle = {"lat": (min(lats) + max(lats)) / 2, "lon": (min(lons) + max(lons)) / 2}
            element["center"] = middle
        elif form == "geom":
            element |= {"geometry": shape} if element["type"] == "way" else {"bounds": bounds}
        elif form == "bb" or element["type"] == "relation":
            element["bounds"] = bounds
        if tags or form == "skel":
            elements.append(element)
    return HEAD | {"elements": elements}


@settings(deadline=None, max_examples=10)
@given(
    st.lists(
        st.tuples(
            st.sampled_from("nwr"),
            st.sampled_from(sorted(KINDS)),
            st.integers(0, ROADS.n_nodes - 1),
        ),
        min_size=1,
        max_size=6,
    ),
    st.sampled_from(["center", "geom", "bb", "skel"]),
)
def test_an_answer_gives_the_posts_of_the_extract(
    tmp_path_factory: pytest.TempPathFactory, places: list[Place], form: str
) -> None:
    folder = tmp_path_factory.mktemp("overpass")
    write_osm(folder / "town.osm", places)
    (folder / "town.json").write_text(json.dumps(answer(folder / "town.osm", form)), "utf-8")
    found = read_posts(folder / "town.json", network=ROADS)
    wanted = read_posts(folder / "town.osm", network=ROADS)
    columns = ["post_id", "name", "kind", "node"]
    pd.testing.assert_frame_equal(found.frame[columns], wanted.frame[columns])


def street_file(network: RoadNetwork, path: Path) -> None:
    back = Transformer.from_crs(network.crs, "EPSG:4326", always_xy=True)
    writer, mutable = osmium.SimpleWriter(str(path)), osmium.osm.mutable
    try:
        for i, (x, y) in enumerate(zip(network.node_x, network.node_y, strict=True), start=1):
            writer.add_node(mutable.Node(id=i, location=back.transform(x, y)))
        ends = zip(network.edge_from.tolist(), network.edge_to.tolist(), strict=True)
        pairs = sorted({(min(a, b), max(a, b)) for a, b in ends})
        for i, (a, b) in enumerate(pairs, start=1):
            tags = {"highway": "residential", "name": f'{i} "A" & B', "maxspeed": "30"}
            if i % 17 == 0:
                tags |= {"highway": "footway"}
            writer.add_way(mutable.Way(id=i, nodes=[a + 1, b + 1], tags=tags))
    finally:
        writer.close()


@pytest.mark.parametrize("form", ["geom", "skel"])
def test_an_answer_gives_the_roads_of_the_extract(form: str, tmp_path: Path) -> None:
    street_file(street_grid(6, 5, seed=7), tmp_path / "roads.osm")
    told = answer(tmp_path / "roads.osm", form)
    (tmp_path / "roads.json").write_text(json.dumps(told), encoding="utf-8")
    wanted = read_roads(tmp_path / "roads.osm", cache_folder=tmp_path / "cache")
    found = read_roads(tmp_path / "roads.json", cache_folder=tmp_path / "cache")
    assert found.n_nodes == wanted.n_nodes
    for name in ("node_x", "node_y", "edge_from", "edge_to", "length_m", "travel_s"):
        np.testing.assert_allclose(getattr(found, name), getattr(wanted, name), atol=0.02)
    assert found.street_names == wanted.street_names


BAD: dict[str, Any] = {
    "no list": {"elements": {"a": 1}},
    "nothing": {"elements": []},
    "no places": {"elements": [{"type": "way", "id": 1, "tags": {"amenity": "police"}}]},
    "not on Earth": {
        "elements": [{"type": "node", "id": 1, "lat": 1e308, "lon": True, "tags": {"amenity": "police"}}]
    },
    "no numbers": {
        "elements": [
            {"type": "node", "id": "1'/><x", "lat": 1, "lon": 1, "tags": {"amenity": "police"}},
            {"type": "way", "id": 2, "nodes": "ab", "geometry": 3, "bounds": [], "tags": [1]},
            7,
        ]
    },
}  # fmt: skip


@pytest.mark.parametrize("what", BAD)
def test_what_is_no_answer_is_refused_in_words(what: str, tmp_path: Path) -> None:
    path = tmp_path / "town.json"
    path.write_text(json.dumps(HEAD | BAD[what]), encoding="utf-8")
    with pytest.raises(InputError, match="Overpass"):
        read_posts(path, network=ROADS)
    with pytest.raises(InputError, match=r"Overpass|no drivable way"):
        read_roads(path, cache_folder=tmp_path / "cache")


def test_markup_in_tags_stays_text(tmp_path: Path) -> None:
    street_file(street_grid(4, 4, seed=1), tmp_path / "roads.osm")
    told = answer(tmp_path / "roads.osm", "skel")
    for element in told["elements"]:
        if element["type"] == "way":
            element["tags"]["name"] = "'/><tag k='highway' v='x'/>\x00\x01<!--"
    (tmp_path / "roads.json").write_text(json.dumps(told), encoding="utf-8")
    found = read_roads(tmp_path / "roads.json", cache_folder=tmp_path / "cache")
    assert set(found.street_names) <= {"", "'/><tag k='highway' v='x'/><!--"}
    wanted = read_roads(tmp_path / "roads.osm", cache_folder=tmp_path / "cache")
    assert (found.n_nodes, found.n_edges) == (wanted.n_nodes, wanted.n_edges)


def test_what_tools_keep_of_an_answer_is_read_as_one(tmp_path: Path) -> None:
    """Saved again by a tool, an answer has no head of its own."""
    path = tmp_path / "stations.json"
    node = {"type": "node", "id": 7, "lat": 40.26, "lon": -76.88}
    tags = {"amenity": "fire_station", "name": "Fire 7"}
    path.write_text(json.dumps({"elements": [node | {"tags": tags}]}), encoding="utf-8")
    table = read_overpass(path, path)
    assert is_overpass(path)
    assert table.frame["post_id"].tolist() == ["osm-n7"]
    assert table.frame["kind"].tolist() == ["station"]
    # a layer of GeoJSON with a property of that name is none
    path.write_text(json.dumps({"type": "FeatureCollection", "elements": [], "features": []}))
    assert not is_overpass(path)
