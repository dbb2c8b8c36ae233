"""Made files of every format, broken in thousands of ways.

Each is read with right totals, or refused in words.
"""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import networkx as nx
import numpy as np
import osmium
import pandas as pd
import pytest
import shapely

from coresponse.data.calls.read import read_calls
from coresponse.data.deployments import read_deployment
from coresponse.data.district_layers import read_districts
from coresponse.data.ground import read_ground, surroundings
from coresponse.data.population import read_population
from coresponse.data.posts import Posts
from coresponse.data.posts_read import read_posts
from coresponse.data.programs.load import load_program
from coresponse.data.programs.model import Program
from coresponse.data.roads.cache import load_network, save_network
from coresponse.data.roads.frames import edges_frame
from coresponse.data.roads.made import street_grid
from coresponse.data.roads.network import RoadNetwork
from coresponse.data.roads.read import read_roads
from coresponse.data.sample_city import sample_folder
from coresponse.data.tables.read import read_table
from coresponse.data.tables.specs import CALLS
from coresponse.data.toml import read_model
from coresponse.study.settings import Study
from tests.fuzz.sound import sound_history, sound_network, sound_posts


@pytest.fixture(scope="module")
def network() -> RoadNetwork:
    return street_grid(5, 4, seed=5)


@pytest.fixture(scope="module")
def places(network: RoadNetwork) -> gpd.GeoDataFrame:
    points = gpd.GeoSeries(
        gpd.points_from_xy(network.node_x[:12], network.node_y[:12]), crs=network.crs
    ).to_crs(4326)
    days = pd.date_range("2024-03-09 22:15", periods=12, freq="7h")
    return gpd.GeoDataFrame(
        {
            "call_id": [f"C{i // 2}" for i in range(12)],
            "received_at": days.strftime("%Y-%m-%d %H:%M:%S"),
            "arrived_at": (days + pd.Timedelta("9min")).strftime("%Y-%m-%d %H:%M:%S"),
            "nature": ["MENTAL HEALTH CRISIS", "PARKING", "Wohlbefinden prüfen"] * 4,
            "priority": [1, 2, 3] * 4,
        },
        geometry=points,
    )


def calls_table(places: gpd.GeoDataFrame) -> pd.DataFrame:
    table = pd.DataFrame(places.drop(columns="geometry"))
    return table.assign(longitude=places.geometry.x.round(6), latitude=places.geometry.y.round(6))


def graph_of(network: RoadNetwork) -> nx.MultiDiGraph[Any]:
    graph: nx.MultiDiGraph[Any] = nx.MultiDiGraph(crs=network.crs, simplified=True)
    for node, (x, y) in enumerate(zip(network.node_x, network.node_y, strict=True)):
        graph.add_node(node, x=float(x), y=float(y))
    for u, v, metres in zip(network.edge_from, network.edge_to, network.length_m, strict=True):
        graph.add_edge(
            int(u),
            int(v),
            length=float(metres),
            highway="residential",
            maxspeed="25 mph",
            oneway=False,
        )
    return graph


def osm_of(network: RoadNetwork, path: Path) -> None:
    points = gpd.GeoSeries(
        gpd.points_from_xy(network.node_x, network.node_y), crs=network.crs
    ).to_crs(4326)
    writer = osmium.SimpleWriter(str(path))
    try:
        for i, point in enumerate(points, start=1):
            writer.add_node(osmium.osm.mutable.Node(id=i, location=(point.x, point.y), version=1))
        pairs = [
            (u + 1, v + 1)
            for u, v in zip(network.edge_from.tolist(), network.edge_to.tolist(), strict=True)
            if u < v
        ]
        for i, pair in enumerate(pairs, start=1):
            tags = {"highway": "residential", "maxspeed": "30", "name": f"Straße {i}"}
            writer.add_way(
                osmium.osm.mutable.Way(
                    id=i, nodes=[*pair, 999] if i == 3 else list(pair), tags=tags, version=1
                )
            )
    finally:
        writer.close()


def written(save: Callable[[Path], object], suffix: str, folder: Path) -> bytes:
    path = folder / f"seed{suffix}"
    save(path)
    return path.read_bytes()


def zipped(names: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in names.items():
            archive.writestr(name, content)
    return out.getvalue()


def road_seeds(network: RoadNetwork, folder: Path) -> dict[str, bytes]:
    lines = edges_frame(network)
    lines = gpd.GeoDataFrame(
        lines[lines["edge_from"] < lines["edge_to"]][["road_class", "geometry"]]
    )
    shape = folder / "roads.shp"
    lines.to_file(shape)
    return {
        ".graphml": written(
            lambda path: nx.write_graphml(graph_of(network), path), ".graphml", folder
        ),
        ".json": json.dumps(nx.node_link_data(graph_of(network), edges="edges")).encode(),
        ".osm": written(lambda path: osm_of(network, path), ".osm", folder),
        ".osm.pbf": written(lambda path: osm_of(network, path), ".osm.pbf", folder),
        ".gpkg": written(lambda path: lines.to_file(path, layer="roads"), ".gpkg", folder),
        ".parquet": written(lines.to_parquet, ".parquet", folder),
        ".geojson": written(lambda path: lines.to_crs(4326).to_file(path), ".geojson", folder),
        ".zip": zipped({part.name: part.read_bytes() for part in sorted(folder.glob("roads.*"))}),
        ".npz": written(lambda path: save_network(network, path), ".npz", folder),
    }


ROADS = {
    ".graphml": 0.05, ".json": 0.08, ".osm": 0.02, ".osm.pbf": 0.05, ".gpkg": 0.01, ".parquet": 0.05, ".geojson": 0.015,
    ".zip": 0.008, ".npz": 0.08,
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("suffix", ROADS)
def test_broken_roads(suffix: str, network: RoadNetwork, hammer: Any, tmp_path: Path) -> None:
    seed = road_seeds(network, tmp_path)[suffix]

    def read(path: Path) -> None:
        found = (
            load_network(path)
            if suffix == ".npz"
            else read_roads(path, cache_folder=tmp_path / "none" / "cache")
        )
        sound_network(found)

    (tmp_path / "none").write_text("a file, so that no cache is kept", encoding="utf-8")
    tally = hammer(
        f"roads {suffix}", seed, suffix, read, ROADS[suffix], inside=suffix in {".zip", ".npz"}
    )
    assert tally.refused > 0


def call_seeds(places: gpd.GeoDataFrame, folder: Path) -> dict[str, bytes]:
    table = calls_table(places)
    text = table.to_csv(index=False).encode()
    quoted = b"Report of the day\r\n\r\n" + table.to_csv(
        index=False, sep=";", quoting=1, lineterminator="\r\n"
    ).encode("cp1252")
    return {
        ".csv": text,
        ".quoted.csv": quoted,
        ".txt": table.to_csv(index=False, sep="\t").encode("utf-16"),
        ".csv.gz": gzip.compress(text),
        ".zip": zipped({"export/calls.csv": text, "readme.txt": b"words"}),
        ".xlsx": written(lambda path: table.to_excel(path, index=False), ".xlsx", folder),
        ".parquet": written(table.to_parquet, ".parquet", folder),
        ".geo.parquet": written(places.to_parquet, ".geo.parquet", folder),
        ".gpkg": written(places.to_file, ".gpkg", folder),
        ".geojson": written(places.to_file, ".geojson", folder),
        ".json": written(lambda path: table.to_json(path, orient="records"), ".json", folder),
    }


SHARE = {
    ".csv": 0.006, ".quoted.csv": 0.005, ".txt": 0.003, ".csv.gz": 0.003, ".zip": 0.002, ".xlsx": 0.008, ".parquet": 0.02,
    ".geo.parquet": 0.01, ".gpkg": 0.006, ".geojson": 0.004, ".json": 0.006,
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("suffix", SHARE)
def test_broken_calls(
    suffix: str,
    network: RoadNetwork,
    program: Program,
    places: gpd.GeoDataFrame,
    hammer: Any,
    tmp_path: Path,
) -> None:
    seed = call_seeds(places, tmp_path)[suffix]

    def read(path: Path) -> None:
        sound_history(
            read_calls([path], network=network, program=program, timezone="America/New_York"),
            network,
        )

    inside = suffix in {".csv.gz", ".zip", ".xlsx"}
    hammer(f"calls {suffix}", seed, suffix, read, SHARE[suffix], inside=inside)


@pytest.mark.slow
@pytest.mark.parametrize("suffix", [".csv", ".quoted.csv"])
def test_broken_tables(suffix: str, places: gpd.GeoDataFrame, hammer: Any, tmp_path: Path) -> None:
    """The reader below all others.

    Every row that it finds has a number of its own, and none is both read and bad.
    """

    def read(path: Path) -> None:
        table = read_table(path, CALLS, may_be_empty=True)
        rows, bad = table.rows.tolist(), table.bad_rows["source_row"].tolist()
        assert len(table.frame) == len(rows) == len(set(rows))
        assert rows == sorted(rows)
        assert not set(rows) & set(bad)
        assert len(bad) == len(set(bad))
        lines = sum(path.read_bytes().count(end) for end in (b"\n", b"\r", b"\x00")) + 1
        assert len(rows) + len(bad) <= lines
        no_header = "column 1" in table.frame  # then the first row is one of data
        assert not rows or min(rows) >= (1 if no_header else 2)
        assert all(isinstance(cell, str) for cell in table.frame.to_numpy().ravel())

    hammer(f"table {suffix}", call_seeds(places, tmp_path)[suffix], suffix, read, 0.07)


@pytest.mark.slow
def test_broken_posts(
    network: RoadNetwork, places: gpd.GeoDataFrame, hammer: Any, tmp_path: Path
) -> None:
    table = calls_table(places).rename(columns={"call_id": "post_id", "nature": "name"})
    table = table.assign(
        post_id=[f"P{i}" for i in range(12)], kind="station", at_most=[1, 2, None] * 4
    )
    for suffix, seed in {".csv": table.to_csv(index=False).encode(), ".xlsx": None}.items():
        content = seed or written(lambda path: table.to_excel(path, index=False), ".xlsx", tmp_path)

        def read(path: Path) -> None:
            sound_posts(read_posts(path, network=network), network)

        hammer(
            f"posts {suffix}",
            content,
            suffix,
            read,
            0.01 if suffix == ".csv" else 0.005,
            inside=suffix == ".xlsx",
        )


@pytest.mark.slow
def test_broken_districts(network: RoadNetwork, hammer: Any, tmp_path: Path) -> None:
    x, y = float(network.node_x.mean()), float(network.node_y.mean())
    shapes = [shapely.box(x - 400, y - 400, x, y + 400), shapely.box(x, y - 400, x + 400, y + 400)]
    layer = gpd.GeoDataFrame(
        {"precinct": [1, 2], "name": ["A", "B"], "population": [100, 50]},
        geometry=shapes,
        crs=network.crs,
    )

    def read(path: Path) -> None:
        found = read_districts(path, network=network)
        assert found.frame["district_id"].is_unique
        assert found.frame.geometry.is_valid.all()
        assert (found.frame["population"].dropna() > 0).all()
        inside = found.locate(network.node_x, network.node_y)
        assert ((inside >= -1) & (inside < len(found.frame))).all()

    content = written(lambda path: layer.to_crs(4326).to_file(path), ".geojson", tmp_path)
    hammer("districts .geojson", content, ".geojson", read, 0.008)
    hammer(
        "districts .parquet",
        written(layer.to_parquet, ".parquet", tmp_path),
        ".parquet",
        read,
        0.015,
    )


@pytest.mark.slow
def test_broken_residents(network: RoadNetwork, hammer: Any, tmp_path: Path) -> None:
    x, y = float(network.node_x.mean()), float(network.node_y.mean())
    shapes = [shapely.box(x - 400, y - 400, x, y + 400), shapely.box(x, y - 400, x + 400, y + 400)]
    layer = gpd.GeoDataFrame(
        {"geoid": ["1", "2"], "POP20": [100, 50]}, geometry=shapes, crs=network.crs
    )

    def read(path: Path) -> None:
        found = read_population(path, network=network)
        assert np.isfinite(found.residents).all()
        assert (found.residents >= 0).all()
        assert found.total > 0
        assert 0 <= found.outside <= found.rows

    content = written(lambda path: layer.to_crs(4326).to_file(path), ".geojson", tmp_path)
    hammer("residents .geojson", content, ".geojson", read, 0.006)
    parquet = written(layer.to_parquet, ".parquet", tmp_path)
    hammer("residents .parquet", parquet, ".parquet", read, 0.006)
    table = pd.DataFrame({"residents": [100, 50], "x": [-75.0, -75.0], "y": [40.6, 40.6]})
    csv = written(lambda path: table.to_csv(path, index=False), ".csv", tmp_path)
    hammer("residents .csv", csv, ".csv", read, 0.006)


@pytest.mark.slow
def test_broken_ground(network: RoadNetwork, hammer: Any, tmp_path: Path) -> None:
    x, y = float(network.node_x.mean()), float(network.node_y.mean())
    lake = shapely.box(x - 400, y - 400, x, y + 400).difference(
        shapely.box(x - 300, y - 100, x - 200, y + 100)
    )
    parts = shapely.GeometryCollection([shapely.Point(x, y), shapely.box(x, y, x + 200, y + 300)])
    layer = gpd.GeoDataFrame({"name": ["A", "B"]}, geometry=[lake, parts], crs=network.crs)

    def read(path: Path) -> None:
        found = read_ground(path, network=network, what="water")
        west, south, east, north = surroundings(network)
        assert len(found) == 1
        assert found.geometry.is_valid.all()
        assert 0 < found.area.sum() <= (east - west) * (north - south) * 1.001

    content = written(lambda path: layer.to_crs(4326).to_file(path), ".geojson", tmp_path)
    hammer("water .geojson", content, ".geojson", read, 0.008)
    hammer(
        "water .parquet", written(layer.to_parquet, ".parquet", tmp_path), ".parquet", read, 0.01
    )


@pytest.mark.slow
def test_broken_settings(hammer: Any) -> None:
    study = (sample_folder() / "study.toml").read_bytes()
    hammer("study.toml", study, ".toml", lambda path: read_model(path, Study), 0.16)
    preset = (
        Path(str(load_program.__code__.co_filename)).resolve().parents[1] / "presets" / "star.toml"
    )
    hammer("program.toml", preset.read_bytes(), ".toml", load_program, 0.12)


@pytest.mark.slow
def test_broken_deployments(network: RoadNetwork, program: Program, hammer: Any) -> None:
    frame = pd.DataFrame(
        {
            "post_id": ["P1", "P2"],
            "name": "",
            "kind": "station",
            "x": 0.0,
            "y": 0.0,
            "snap_m": 0.0,
            "node": [0, 1],
        }
    )
    posts = Posts(
        frame.assign(at_most=pd.array([pd.NA, pd.NA], dtype="Int64")), network.crs, pd.DataFrame()
    )
    rows = "responder_type,post_id,shift_pattern,count\nco_responder_unit,P1,day_10h,2\non_call_clinician,P2,always,1\n"

    def read(path: Path) -> None:
        found = read_deployment(path, posts, program)
        assert all(count > 0 for _, count in found.counts)
        assert found.size == sum(count for _, count in found.counts)

    hammer("deployment .csv", rows.encode(), ".csv", read, 0.1)
