"""Names of every shape: of files, folders, ids, columns and layers, through all readers.

Each is taken as it is, with right totals, or refused in words, and nobody asks the server that some
of them name. ``CORESPONSE_FUZZ_NAMES`` is the number of names (default 320).
"""

from __future__ import annotations

import csv
import json
import os
import socket
import sqlite3
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from itertools import pairwise
from pathlib import Path

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest
import shapely

from coresponse.data.addresses.read import read_addresses
from coresponse.data.calls.read import read_calls
from coresponse.data.district_layers import read_districts
from coresponse.data.errors import CoresponseError
from coresponse.data.ground import read_ground
from coresponse.data.population import read_population
from coresponse.data.posts_read import read_posts
from coresponse.data.programs.load import load_program
from coresponse.data.roads.download import read_polygon
from coresponse.data.roads.made import street_grid
from coresponse.data.roads.read import read_roads
from coresponse.data.toml import check_model
from coresponse.study.settings import Study

NAMES = int(os.environ.get("CORESPONSE_FUZZ_NAMES", "320"))
NETWORK = street_grid(6, 6, seed=2)
PROGRAM = load_program("mixed")
N = 24

PIECES = [
    "!", "/vsicurl/", "/vsizip/", "vsimem", "http://{server}/x", "http%3A%2F%2F{server}", "?url=", "GPKG:", "zip://", "..",
    "%2e%2e", "\t", "\n", "\r", "\x1b[2J", "\x00", "\udcff", "\u202e", "\u2028", "\ufeff", "é", "e\u0301", "\U0001f600",
    "=1+1", "'", '"', "`", "${{7*7}}", "{{}}", "<b>", "&amp;", ",", ";", "|", "#", "%s", "*", "[x]", "~", "$HOME", "CON",
    "nul", " ", ".", "a", "B", "7", "NA", "null", "nan", "0", "-", "call_id", "x", "y", "geometry", "fid", "ogc_fid", "rowid",
    "OBJECTID", "index", "column 1", "A" * 60, "longitude", "SELECT", "a=b", "year=2024", ":memory:", "\\", "C:\\",
]  # fmt: skip


@pytest.fixture(scope="module")
def server() -> Iterator[socket.socket]:
    """A server on this machine; nobody may knock."""
    with socket.socket() as made:
        made.bind(("127.0.0.1", 0))
        made.listen(64)
        made.setblocking(False)
        yield made


def nobody_knocked(server: socket.socket) -> None:
    with suppress(BlockingIOError):
        server.accept()
        raise AssertionError("somebody asked the server")


def drawn(rng: np.random.Generator, address: str) -> str:
    pieces = [PIECES[i].format(server=address) for i in rng.integers(0, len(PIECES), rng.integers(1, 4))]  # fmt: skip
    return "".join(pieces)


def _places(count: int) -> gpd.GeoSeries:
    points = gpd.points_from_xy(np.resize(NETWORK.node_x, count), np.resize(NETWORK.node_y, count))
    return gpd.GeoSeries(points, crs=NETWORK.crs).to_crs(4326)


def _calls(ids: list[str], names: list[str]) -> pd.DataFrame:
    places = _places(len(ids))
    days = pd.date_range("2024-01-01", periods=len(ids), freq="217h").strftime("%Y-%m-%d %H:%M:%S")
    columns: dict[str, object] = {"call_id": ids, "received_at": days, "nature": "WELFARE CHECK"}
    columns |= {"longitude": places.x.round(6), "latitude": places.y.round(6)}
    known = {str(name).casefold() for name in columns} | {"x", "y", "geometry", "fid"}
    more = {name: "1" for name in names if name.strip().casefold() not in known}
    return pd.DataFrame(columns | more)


def _written(table: pd.DataFrame, path: Path, layer: str = "calls") -> None:
    kind = path.name.rpartition(".")[2]
    if kind == "csv":
        # pandas leaves a lone carriage return without quotes, and to all readers it ends a row
        ends = any("\r" in str(text) for text in [*table.columns, *table["call_id"]])
        table.to_csv(path, index=False, quoting=csv.QUOTE_ALL if ends else csv.QUOTE_MINIMAL)
    elif kind == "xlsx":
        table.to_excel(path, index=False)
    elif kind == "parquet":
        table.to_parquet(path)
    else:
        shapes = gpd.GeoDataFrame(
            table.drop(columns=["longitude", "latitude"]), geometry=_places(len(table))
        )
        shapes.to_file(path, layer=layer)


def _some(folder: Path, stem: str, read: str) -> Path:
    """A file that the reader takes, whatever its name."""
    x, y = float(NETWORK.node_x.mean()), float(NETWORK.node_y.mean())
    area = gpd.GeoSeries([shapely.box(x - 300, y - 300, x, y)], crs=NETWORK.crs).to_crs(4326)
    shape = gpd.GeoDataFrame({"population": [70], "full_address": "7 Elm St"}, geometry=area)
    if read == "roads":
        graph = nx.MultiDiGraph(crs="EPSG:4326")
        graph.add_nodes_from((i, {"x": -75 + i / 1000, "y": 40.0}) for i in range(2))
        graph.add_edges_from([(0, 1), (1, 0)])
        path = folder / f"{stem}.json"
        path.write_text(json.dumps(nx.node_link_data(graph, edges="edges")), encoding="utf-8")
        return path
    path = folder / (f"{stem}.csv" if read in {"calls", "posts"} else f"{stem}.geojson")
    if read in {"calls", "posts"}:
        _written(
            _calls([f"C{i}" for i in range(N)], []).assign(post_id=[f"P{i}" for i in range(N)]),
            path,
        )
    else:
        path.write_text(shape.to_json(), encoding="utf-8")
    return path


READERS: dict[str, Callable[[Path], int]] = {
    "calls": lambda path: len(_history(path).frame),
    "posts": lambda path: len(read_posts(path, network=NETWORK).frame),
    "districts": lambda path: len(read_districts(path, network=NETWORK).frame),
    "people": lambda path: round(read_population(path, network=NETWORK).total),
    "water": lambda path: len(read_ground(path, network=NETWORK, what="water")),
    "area": lambda path: 0 if read_polygon(path).is_empty else 1,
    "addresses": lambda path: len(read_addresses(path, NETWORK.crs).streets),
    "roads": lambda path: read_roads(path, cache_folder=path.parent / "none").n_nodes,
}
COUNTS = {
    "calls": N,
    "posts": N,
    "districts": 1,
    "people": 70,
    "water": 1,
    "area": 1,
    "addresses": 1,
    "roads": 2,
}


def _history(path: Path):  # type: ignore[no-untyped-def]
    return read_calls([path], network=NETWORK, program=PROGRAM, timezone="America/New_York")


def _put(source: Path, target: Path) -> bool:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(source.read_bytes())
    except (OSError, ValueError):  # no file of that name can be
        return False
    return True


@pytest.mark.slow
@pytest.mark.parametrize("reader", READERS)
def test_names_of_files_and_folders(
    reader: str, tmp_path: Path, server: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    address = f"127.0.0.1:{server.getsockname()[1]}"
    rng = np.random.default_rng([NAMES, len(reader)])
    source = _some(tmp_path, "source", reader)
    (tmp_path / "secret").mkdir()
    seen: Counter[str] = Counter()
    for number in range(NAMES * 3 // 10 // len(READERS)):
        name = drawn(rng, address)
        folder = Path(f"d{number}")
        path = folder / (name.lstrip("/") + source.suffix)
        if rng.random() < 0.3:
            path = folder / name.lstrip("/") / source.name
        elif rng.random() < 0.2:
            path = Path(name.lstrip("/") + f"{number}{source.suffix}")
        if ".." in path.parts or not _put(source, path):
            continue
        try:
            assert READERS[reader](path) == COUNTS[reader], path
            seen["read"] += 1
        except CoresponseError as error:
            assert str(error).strip()  # noqa: PT017 -- some names are read, some are not
            seen["refused"] += 1
        with suppress(OSError):
            path.unlink()
    assert seen["read"], seen
    assert seen["refused"], seen
    nobody_knocked(server)


@pytest.mark.slow
def test_names_of_members_of_archives(tmp_path: Path, server: socket.socket) -> None:
    address = f"127.0.0.1:{server.getsockname()[1]}"
    rng = np.random.default_rng([NAMES, 1])
    for _ in range(NAMES * 3 // 40):
        reader = list(READERS)[int(rng.integers(len(READERS)))]
        source = _some(tmp_path, "source", reader)
        path = tmp_path / "a.zip"
        name = (drawn(rng, address) + source.suffix).encode("utf-8", "replace").decode()
        name = name.replace("\x00", "")  # the writer would end the name there
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr(name, source.read_bytes())
        try:
            assert READERS[reader](path) == COUNTS[reader], name
        except CoresponseError as error:
            assert "a.zip" in str(error), error  # noqa: PT017
    assert {p.name for p in tmp_path.iterdir()} <= {"a.zip", "source.csv", "source.json", "source.geojson", "none"}  # fmt: skip
    nobody_knocked(server)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["csv", "xlsx", "parquet", "gpkg", "geojson"])
def test_ids_and_names_of_columns(kind: str, tmp_path: Path, server: socket.socket) -> None:
    """Rows are nine days apart: each is a call, whatever its number is."""
    address = f"127.0.0.1:{server.getsockname()[1]}"
    rng = np.random.default_rng([NAMES, len(kind), ord(kind[0])])
    for _ in range(max(2, NAMES * 3 // 20 // 5 // N)):
        names = [drawn(rng, address) for _ in range(N + 4)]
        if kind in {"xlsx", "gpkg"}:
            names = ["".join(c for c in name if c >= " ") for name in names]
        names = [name.encode("utf-8", "replace").decode().replace("\x00", "") for name in names]
        ids, columns = names[:N], list(dict.fromkeys(names[N:]))
        path = tmp_path / f"calls.{kind}"
        try:
            _written(_calls(ids, columns), path)
        except Exception:  # noqa: BLE001 -- a name that this kind of file cannot have
            path.unlink(missing_ok=True)
            _written(_calls(ids, []), path)
        try:
            history = _history(path)
        except CoresponseError as error:
            assert path.name in str(error)  # noqa: PT017
            continue
        finally:
            path.unlink()
        steps = history.funnel.steps
        assert steps[0].count == N
        for before, after in pairwise(steps):
            assert before.count == after.count + after.lost
        if kind in {"parquet", "gpkg"}:  # no quotes, tails and formulas that a text might lose
            assert steps[1].count == N, ids  # 9 days apart: every row is an event
        assert history.frame["call_id"].is_unique
    nobody_knocked(server)


@pytest.mark.slow
def test_names_of_layers(tmp_path: Path, server: socket.socket) -> None:
    address = f"127.0.0.1:{server.getsockname()[1]}"
    rng = np.random.default_rng([NAMES, 2])
    source = tmp_path / "source.gpkg"
    _written(_calls([f"C{i}" for i in range(N)], []), source)
    for _ in range(NAMES * 3 // 40):
        name = drawn(rng, address).encode("utf-8", "replace").decode().replace("\x00", "")
        path = tmp_path / "calls.gpkg"
        path.write_bytes(source.read_bytes())
        with closing(sqlite3.connect(path)) as database, suppress(sqlite3.Error):
            quoted = name.replace('"', '""')
            database.execute(f'ALTER TABLE calls RENAME TO "{quoted}"')
            for table in ("gpkg_contents", "gpkg_geometry_columns", "gpkg_ogr_contents"):
                database.execute(f"UPDATE {table} SET table_name = ?", (name,))
            database.commit()
        try:
            assert len(_history(path).frame) == N, name
        except CoresponseError as error:
            assert "calls.gpkg" in str(error), error  # noqa: PT017
    nobody_knocked(server)


@pytest.mark.slow
def test_names_in_a_study(server: socket.socket) -> None:
    """A path that a study may have is plain, relative and stays inside."""
    address = f"127.0.0.1:{server.getsockname()[1]}"
    rng = np.random.default_rng([NAMES, 3])
    for _ in range(NAMES * 2 // 5):
        name = drawn(rng, address) + ".csv"
        content = {
            "schema": 1,
            "name": "x",
            "roads": {"file": "r.osm"},
            "calls": {"files": [name]},
            "posts": {"propose": 3},
            "program": {"preset": "mixed"},
        }
        try:
            study = check_model(content, Study, subject="study.toml")
        except CoresponseError as error:
            assert str(error).startswith("study.toml: 1 fault\n"), error  # noqa: PT017
            continue
        (path,) = study.calls.files
        assert not any(bad in path for bad in ("!", "\\", ":", "\t", "\n", "\r", "\x00", "\udcff"))
        assert ".." not in Path(path).parts
        assert not Path(path).is_absolute()
    nobody_knocked(server)
