"""Road files that are damaged, hostile or no roads at all are refused in words."""

from __future__ import annotations

import bz2
import gzip
import json
import re
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coresponse.data import unpack
from coresponse.data.errors import (
    CoresponseError,
    InputError,
    MissingInputError,
    UnsupportedInputError,
)
from coresponse.data.roads import osm_file
from coresponse.data.roads.read import read_roads
from tests.data.road_files import ONE_WAY_TOWN, assert_sound, osm_xml, put, town_table

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
    with pytest.raises(UnsupportedInputError, match=r"'\.docx' are not supported"):
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
            "is the CRS right\\? Export the file again in degrees",
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
            "shape of the edge from 1 to 2 is not a line: .* -- save the graph again",
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
