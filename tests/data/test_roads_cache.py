"""The compact form of a network on disk, and when it is used."""

from __future__ import annotations

import dataclasses
import os
import pickle
import stat
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapely import LineString

from coresponse.data.errors import CoresponseError, InputError
from coresponse.data.roads import cache, read
from coresponse.data.roads.cache import cache_path, default_cache_folder, load_network, save_network
from coresponse.data.roads.frames import edges_frame, nodes_frame
from coresponse.data.roads.made import street_grid
from coresponse.data.roads.network import RoadNetwork, RoadReport
from coresponse.data.roads.read import read_roads

ARRAYS = [
    "node_id", "node_x", "node_y", "edge_from", "edge_to", "length_m", "travel_s", "road_class", "shape_start", "shape_xy",
]  # fmt: skip
GRID = street_grid(5, 4, seed=3)


def assert_same(one: RoadNetwork, other: RoadNetwork) -> None:
    for name in ARRAYS:
        left, right = getattr(one, name), getattr(other, name)
        assert left.dtype == right.dtype, name
        np.testing.assert_array_equal(left, right, err_msg=name)
    words = ("crs", "road_classes", "attribution", "report")
    assert [getattr(one, name) for name in words] == [getattr(other, name) for name in words]


@pytest.fixture
def source(tmp_path: Path) -> Path:
    edges_frame(GRID).to_parquet(tmp_path / "grid.parquet")
    return tmp_path / "grid.parquet"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "cache"


def no_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> Any:
        raise AssertionError("the source was read again")

    monkeypatch.setattr(read, "_reader", refuse)


def test_round_trip(tmp_path: Path) -> None:
    report = RoadReport("grün.osm", 30, 40, 10, 5, 0.25, ("one note", "straße"))
    network = dataclasses.replace(
        GRID, report=report, attribution="© OpenStreetMap", road_classes=("größer", "b")
    )
    path = tmp_path / "new" / "folder" / "roads.npz"
    save_network(network, path)
    assert_same(load_network(path), network)
    assert_same(read_roads(path, cache_folder=tmp_path / "unused"), network)
    assert not (tmp_path / "unused").exists()
    assert [p.name for p in path.parent.iterdir()] == ["roads.npz"]


@pytest.mark.skipif(os.name != "posix", reason="permission bits are POSIX")
def test_whoever_may_read_the_folder_may_read_the_roads(tmp_path: Path) -> None:
    (tmp_path / "plain").touch()
    save_network(GRID, tmp_path / "roads.npz")
    assert stat.S_IMODE((tmp_path / "roads.npz").stat().st_mode) == stat.S_IMODE(
        (tmp_path / "plain").stat().st_mode
    )


def test_a_second_reading_is_from_the_cache_and_the_same(
    source: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stages: list[tuple[str, float, float]] = []
    first = read_roads(source, cache_folder=folder, progress=lambda *stage: stages.append(stage))
    assert [done for _, done, _ in stages] == [0, 1]
    assert len(list(folder.iterdir())) == 1
    no_reading(monkeypatch)
    assert_same(read_roads(source, cache_folder=folder), first)
    copy = source.with_name("copy.parquet")
    copy.write_bytes(source.read_bytes())
    again = read_roads(copy, cache_folder=folder)
    assert again.report == dataclasses.replace(first.report, source="copy.parquet")


def test_changed_bytes_are_another_cache_file(source: Path, folder: Path) -> None:
    before = cache_path(source, folder)
    assert before.parent == folder
    first = read_roads(source, cache_folder=folder)
    edges_frame(street_grid(5, 5, seed=3)).to_parquet(source)
    assert cache_path(source, folder) != before
    assert read_roads(source, cache_folder=folder).n_nodes == 25 != first.n_nodes
    assert len(list(folder.iterdir())) == 2


def test_a_newer_reader_or_another_kind_of_file_is_another_cache_file(
    source: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = cache_path(source, folder)
    twin = source.with_suffix(".json")
    twin.write_bytes(source.read_bytes())
    assert cache_path(twin, folder) != before
    monkeypatch.setattr(cache, "READER", cache.READER + 1)
    assert cache_path(source, folder) != before


def test_a_shapefile_s_attributes_and_crs_count(tmp_path: Path, folder: Path) -> None:
    corners = [(600_000.0, 4_700_000.0), (600_300.0, 4_700_000.0), (600_300.0, 4_700_300.0)]
    lines = [LineString([corners[i], corners[i - 2]]) for i in range(3)]
    path = tmp_path / "t.shp"
    seen = set()
    for oneway, crs, edges in [("no", 32618, 6), ("yes", 32618, 3), ("yes", 32617, 3)]:
        gpd.GeoDataFrame({"oneway": [oneway] * 3}, geometry=lines, crs=crs).to_file(path)
        network = read_roads(path, cache_folder=folder)
        assert (network.n_edges, network.crs) == (edges, f"EPSG:{crs}")
        seen.add(path.read_bytes())
    assert len(seen) == 1  # the shapes themselves never changed
    assert len(list(folder.iterdir())) == 3


def test_what_a_database_has_not_merged_counts(tmp_path: Path, folder: Path) -> None:
    path = tmp_path / "t.gpkg"
    path.write_bytes(b"SQLite format 3\x00")
    plain = cache_path(path, folder)
    unmerged = tmp_path / "t.gpkg-wal"
    unmerged.touch()
    assert cache_path(path, folder) == plain
    unmerged.write_bytes(b"a change")
    assert cache_path(path, folder) != plain


@pytest.mark.parametrize("kept", [0, 1, 100, -1, -200])
def test_a_cut_cache_file_is_rebuilt(kept: int, source: Path, folder: Path) -> None:
    first = read_roads(source, cache_folder=folder)
    (path,) = folder.iterdir()
    whole = path.read_bytes()
    path.write_bytes(whole[:kept])
    assert_same(read_roads(source, cache_folder=folder), first)
    assert path.read_bytes() == whole


def test_a_cache_that_cannot_be_written_costs_only_time(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("not a folder", encoding="utf-8")
    first = read_roads(source, cache_folder=tmp_path / "file" / "cache")
    assert_same(read_roads(source, cache_folder=tmp_path / "file" / "cache"), first)
    closed = tmp_path / "closed"
    closed.mkdir()
    damaged = cache_path(source, closed)
    damaged.write_bytes(b"no archive")

    def refuse(*_: Any, **__: Any) -> None:
        raise PermissionError("read-only")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", refuse)
        patch.setattr(read, "save_network", refuse)
        assert_same(read_roads(source, cache_folder=closed), first)
    assert damaged.read_bytes() == b"no archive"


def test_a_failed_writing_leaves_nothing_behind(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.mkdir()
    (folder / "roads.npz").write_bytes(b"older")

    def full(*_: Any) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="no space"):
        save_network(GRID, folder / "roads.npz")
    assert [(p.name, p.read_bytes()) for p in folder.iterdir()] == [("roads.npz", b"older")]


def test_the_default_folder_is_the_user_s(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, source: Path
) -> None:
    monkeypatch.setattr(read, "default_cache_folder", lambda: tmp_path / "mine")
    read_roads(source)
    assert len(list((tmp_path / "mine").iterdir())) == 1
    assert default_cache_folder().parts[-2:] == ("coresponse", "roads")


# --- files that are not what they should be
# ---------------------------------------------------------------------------


def contents(path: Path) -> dict[str, Any]:
    with np.load(path) as file:
        return {name: file[name] for name in file.files}


class Trap:
    """Would write a file where it is unpickled."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Any, ...]:
        return (Path.touch, (self.mark,))


def test_pickles_are_refused_and_never_run(tmp_path: Path) -> None:
    mark, path = tmp_path / "mark", tmp_path / "roads.npz"
    save_network(GRID, path)
    arrays = contents(path)
    arrays["node_x"] = np.array([Trap(mark)] * GRID.n_nodes, dtype=object)
    np.savez(path, **arrays)
    with pytest.raises(InputError, match="damaged road file"):
        load_network(path)
    path.write_bytes(pickle.dumps(Trap(mark)))
    with pytest.raises(InputError, match="damaged road file"):
        load_network(path)
    assert not mark.exists()


WRONG: dict[str, Any] = {
    "a node that is not there": ("edge_to", lambda a: np.where(np.arange(a.size) == 3, 20, a).astype(a.dtype)),
    "a negative node": ("edge_from", lambda a: np.where(np.arange(a.size) == 3, -1, a).astype(a.dtype)),
    "a time of zero": ("travel_s", lambda a: np.where(np.arange(a.size) == 3, 0, a).astype(a.dtype)),
    "no time": ("travel_s", lambda a: np.where(np.arange(a.size) == 3, np.nan, a).astype(a.dtype)),
    "an endless time": ("travel_s", lambda a: np.where(np.arange(a.size) == 3, np.inf, a).astype(a.dtype)),
    "a length of zero": ("length_m", lambda a: 0 * a),
    "no place": ("node_x", lambda a: np.where(np.arange(a.size) == 3, np.nan, a)),
    "no shape": ("shape_xy", lambda a: np.full_like(a, np.nan)),
    "a class without a name": ("road_class", lambda a: a + np.int16(1)),
    "shapes that end early": ("shape_start", lambda a: np.minimum(a, a[-1] - 1)),
    "a shape of one point": ("shape_start", lambda a: np.where(np.arange(a.size) == 1, 1, a)),
    "too few": ("length_m", lambda a: a[:-1]),
    "other kind of number": ("edge_from", lambda a: a.astype(float)),
    "text": ("edge_to", lambda a: a.astype(str)),
    "a number alone": ("node_id", lambda _: np.int64(3)),
    "three dimensions": ("shape_xy", lambda a: np.column_stack([a, a[:, 0]])),
    "words that are not JSON": ("words", lambda a: a[:-1]),
    "words that are a list": ("words", lambda _: np.frombuffer(b"[]", dtype=np.uint8)),
    "a later format": ("words", lambda a: np.frombuffer(a.tobytes().replace(b'"format": 1', b'"format": 9'), dtype=np.uint8)),
    "a CRS that is no text": ("words", lambda a: np.frombuffer(a.tobytes().replace(b'"EPSG:32618"', b"3"), dtype=np.uint8)),
    "a report of other columns": ("words", lambda a: np.frombuffer(a.tobytes().replace(b"edges_read", b"x"), dtype=np.uint8)),
}  # fmt: skip


@pytest.mark.parametrize("fault", WRONG)
def test_a_file_that_contradicts_itself(fault: str, tmp_path: Path) -> None:
    path = tmp_path / "roads.npz"
    save_network(GRID, path)
    arrays = contents(path)
    name, change = WRONG[fault]
    changed = change(arrays[name])
    assert not np.array_equal(changed, arrays[name]) or changed.dtype != arrays[name].dtype
    np.savez(path, **{**arrays, name: changed})
    with pytest.raises(InputError, match=r"roads\.npz"):
        load_network(path)


def test_a_file_without_a_column_or_of_another_kind(tmp_path: Path) -> None:
    path = tmp_path / "roads.npz"
    save_network(GRID, path)
    arrays = contents(path)
    np.savez(path, **{name: array for name, array in arrays.items() if name != "travel_s"})
    with pytest.raises(InputError, match="damaged"):
        load_network(path)
    with path.open("wb") as file:
        np.save(file, arrays["node_x"])
    with pytest.raises(InputError, match="damaged"):
        load_network(path)
    with pytest.raises(FileNotFoundError):
        load_network(tmp_path / "gone.npz")


@settings(
    deadline=None,
    max_examples=150,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    cut=st.integers(0, 6_000),
    changes=st.lists(st.tuples(st.integers(0, 20_000), st.integers(0, 255)), max_size=3),
)
def test_a_damaged_file_is_refused_or_still_whole(
    cut: int, changes: list[tuple[int, int]], tmp_path: Path
) -> None:
    path = tmp_path / "sound.npz"
    if not path.exists():
        save_network(GRID, path)
    content = bytearray(path.read_bytes())
    for where, byte in changes:
        content[where % len(content)] = byte
    damaged = tmp_path / "damaged.npz"
    damaged.write_bytes(content[: len(content) - min(cut, len(content))])
    try:
        network = load_network(damaged)
    except CoresponseError:
        return
    assert_same(network, GRID)  # every array has a checksum


# --- frames and the made grid
# -----------------------------------------------------------------------------------------


def test_frames_have_the_network_s_shapes() -> None:
    edges, nodes = edges_frame(GRID), nodes_frame(GRID)
    assert (len(edges), len(nodes)) == (GRID.n_edges, GRID.n_nodes)
    np.testing.assert_allclose(edges.length, GRID.length_m, rtol=1e-5)
    np.testing.assert_array_equal(nodes.geometry.x, GRID.node_x)
    assert set(edges.road_class) == {"secondary", "residential"}
    assert edges.crs == nodes.crs == "EPSG:32618"


def test_the_made_grid_is_a_grid_and_repeats() -> None:
    assert (GRID.n_nodes, GRID.n_edges) == (20, 2 * (4 * 4 + 5 * 3))
    assert_same(GRID, street_grid(5, 4, seed=3))
    degree = np.bincount(GRID.edge_from, minlength=20)
    assert sorted(degree) == [2] * 4 + [3] * 10 + [4] * 6
    kph = GRID.length_m / GRID.travel_s * 3.6
    assert 28 * 0.79 < kph.min() < kph.max() < 55 * 1.21


def test_of_parallel_edges_the_fastest_counts() -> None:
    def column(*values: float, kind: Any) -> np.ndarray[Any, Any]:
        return np.array(values, dtype=kind)

    network = dataclasses.replace(
        GRID,
        edge_from=column(0, 0, 1, 1, 0, kind=np.int32),
        edge_to=column(1, 1, 0, 1, 1, kind=np.int32),
        travel_s=column(9, 4, 5, 1, 7, kind=np.float32),
    )
    matrix = network.travel_matrix()
    assert matrix.shape == (20, 20)
    assert {
        (int(i), int(j)): float(matrix[i, j]) for i, j in zip(*matrix.nonzero(), strict=True)
    } == {
        (0, 1): 4.0,
        (1, 0): 5.0,
    }
