"""Posts from files, proposed by the tool, and from OpenStreetMap."""

from __future__ import annotations

import itertools
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import requests
import shapely
from osmnx._errors import InsufficientResponseError
from pyproj import Transformer
from scipy.sparse.csgraph import dijkstra

from coresponse.data import posts_osm
from coresponse.data.errors import InputError
from coresponse.data.posts import Posts
from coresponse.data.posts_osm import area_of, download_posts, save_posts
from coresponse.data.posts_propose import propose_posts
from coresponse.data.posts_read import ASIDE_COLUMNS, COLUMNS, combine_posts, read_posts
from coresponse.data.roads.made import street_grid
from coresponse.data.roads.network import RoadNetwork
from coresponse.data.words import in_order

NETWORK = street_grid(12, 10, seed=3, spacing_m=150.0, origin_xy=(583_000.0, 4_506_000.0))
MANHATTAN = street_grid(75, 160, seed=1, spacing_m=120.0, origin_xy=(582_500.0, 4_505_500.0))


def _at(node: int) -> str:
    to_degrees = Transformer.from_crs(NETWORK.crs, "EPSG:4326", always_xy=True)
    lon, lat = to_degrees.transform(NETWORK.node_x[node], NETWORK.node_y[node])
    return f"{lon:.7f},{lat:.7f}"


def _read(folder: Path, header: str, *lines: str, name: str = "stations.csv", **how: str) -> Posts:
    (folder / name).write_text("\n".join([header, *lines]) + "\n")
    return read_posts(folder / name, network=NETWORK, **how)


def test_the_stations_and_hospitals_of_manhattan(shared_data: Path) -> None:
    stations = read_posts(
        shared_data / "manhattan" / "ems_stations.csv", network=MANHATTAN, kind="station"
    )
    assert len(stations.frame) == 8
    assert stations.set_aside.empty
    # by the station's own number where it has one, else by row: row 10 is not station 10
    numbers = ["station-4", "station-7", "station-8", "station-10", "station-13", "station-16"]
    assert stations.frame["post_id"].tolist() == [
        "ems_stations-row-9",
        "ems_stations-row-10",
        *numbers,
    ]
    assert stations.frame["at_most"].tolist() == [5] * 8
    assert stations.frame["name"].tolist()[2] == "Pier 36, South St, New York, NY 10002, USA"
    hospitals = read_posts(shared_data / "manhattan" / "hospitals.csv", network=MANHATTAN)
    assert len(hospitals.frame) == 10
    assert set(hospitals.frame["kind"]) == {"hospitals"}
    assert hospitals.frame["at_most"].isna().all()
    both = combine_posts([stations, hospitals])
    assert len(both.frame) == 18
    assert both.frame["post_id"].tolist() == in_order(both.frame["post_id"])
    assert both.frame["post_id"].is_unique
    assert tuple(both.frame.columns) == COLUMNS
    kinds = {
        "node": "int32",
        "at_most": "Int64",
        "x": "float64",
        "y": "float64",
        "snap_m": "float64",
        "kind": "str",
    }
    assert {name: str(both.frame[name].dtype) for name in kinds} == kinds


def test_posts_are_placed_on_the_nearest_node(tmp_path: Path) -> None:
    posts = _read(tmp_path, "id,name,type,lon,lat", f"P2,Second,clinic,{_at(5)}", f"P1,,,{_at(77)}")
    assert posts.frame[["post_id", "name", "kind", "node"]].to_numpy().tolist() == [
        ["P1", "P1", "stations", 77],
        ["P2", "Second", "clinic", 5],
    ]
    assert posts.frame["snap_m"].max() < 0.05
    np.testing.assert_allclose(posts.frame["x"], NETWORK.node_x[[77, 5]], atol=0.05)
    assert posts.crs == NETWORK.crs


def test_posts_that_cannot_be_used_are_set_aside_with_the_reason(tmp_path: Path) -> None:
    far = "-74.1000000,40.7000000"
    posts = _read(
        tmp_path,
        "id,name,lon,lat",
        f"A,first,{far}",
        f"A,second,{_at(5)}",
        f"A,third,{_at(6)}",
        "B,nowhere,,",
        "C,zero,0,0",
        f"D,broken,{_at(7)},and,more",
        f"E,good,{_at(8)}",
    )
    assert posts.frame["name"].tolist() == [
        "second",
        "good",
    ]  # the far A does not stand in the way of the good one
    assert tuple(posts.set_aside.columns) == ASIDE_COLUMNS
    island = "more than 500 m from a road of the network (an island, or off the map)"
    assert posts.set_aside[["source_row", "post_id", "reason"]].to_numpy().tolist() == [
        [2, "A", island],
        [4, "A", "same post_id as an earlier row"],
        [5, "B", "no place"],
        [6, "C", "place at 0, 0"],
        [7, "", "row could not be split into columns"],
    ]
    assert posts.set_aside["detail"].iloc[0].endswith(" m")
    assert set(posts.set_aside["source"]) == {"stations.csv"}


def test_the_same_id_in_two_files_is_refused(tmp_path: Path) -> None:
    first = _read(tmp_path, "id,lon,lat", f"A,{_at(1)}", f"B,{_at(2)}")
    second = _read(tmp_path, "id,lon,lat", f"B,{_at(3)}", f"A,{_at(3)}", name="more.csv")
    with pytest.raises(
        InputError, match=r"2 faults\n.*post A: is in two files.*\n.*post B: is in two files"
    ):
        combine_posts([first, second])
    numbers = [
        _read(tmp_path, "number,lon,lat", f"1,{_at(1)}", name=name)
        for name in ("fire.csv", "police.csv")
    ]
    assert combine_posts(numbers).frame["post_id"].tolist() == ["fire-1", "police-1"]


def test_no_usable_post_says_why(tmp_path: Path) -> None:
    empty = _read(tmp_path, "id,lon,lat", "A,0,0", "B,,", "C,0,0")
    with pytest.raises(InputError, match=r"no post is usable \(2 x place at 0, 0; 1 x no place\)"):
        combine_posts([empty])


def test_every_wrong_count_is_named(tmp_path: Path) -> None:
    rows = [
        f"{name},{_at(i)},{count}"
        for i, (name, count) in enumerate(
            zip("ABCDEF", ["3", "0", "-1", "2.5", "x", "4.0"], strict=True)
        )
    ]
    with pytest.raises(InputError) as caught:
        _read(tmp_path, "id,lon,lat,capacity", *rows)
    message = str(caught.value)
    assert message.startswith("stations.csv: 4 faults")
    for row, count in ((3, "0"), (4, "-1"), (5, "2.5"), (6, "x")):
        assert (
            f"row {row}, column capacity: '{count}' is not a whole number of 1 or more" in message
        )
    good = _read(tmp_path, "id,lon,lat,capacity", rows[0], rows[5], f"G,{_at(9)},")
    assert good.frame["at_most"].tolist()[:2] == [3, 4]
    assert good.frame["at_most"].isna().tolist() == [False, False, True]


def test_posts_of_another_city_and_wrong_columns_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="km from the roads"):
        _read(tmp_path, "id,lon,lat", "A,-104.99,39.74")
    with pytest.raises(InputError, match="did you mean 'long itude'"):
        _read(tmp_path, "id,long itude,lat", f"A,{_at(1)}", columns={"longitude": "lonng itude"})  # type: ignore[arg-type]


def _times(network: RoadNetwork) -> np.ndarray:
    return np.asarray(dijkstra(network.travel_matrix()))


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_proposed_posts_reach_all_within_twice_the_best_possible(count: int) -> None:
    network = street_grid(5, 4, seed=2)
    times = _times(network)
    np.testing.assert_allclose(times, times.T, rtol=1e-6)
    best = min(
        times[list(chosen)].min(axis=0).max() for chosen in itertools.combinations(range(20), count)
    )
    for seed in range(8):
        nodes = propose_posts(network, count, seed=seed).frame["node"].to_numpy()
        assert len(set(nodes)) == count
        assert times[nodes].min(axis=0).max() <= 2 * best * (1 + 1e-9)


def test_proposed_posts_depend_on_the_seed_only() -> None:
    first, same, other = (propose_posts(NETWORK, 11, seed=seed) for seed in (1, 1, 2))
    pd.testing.assert_frame_equal(first.frame, same.frame)
    assert first.frame["node"].tolist() != other.frame["node"].tolist()
    assert first.frame["post_id"].tolist()[:2] == ["proposed-01", "proposed-02"]
    np.testing.assert_array_equal(first.frame["x"], NETWORK.node_x[first.frame["node"]])
    mixed = combine_posts([first, propose_posts(NETWORK, 2, seed=1, kind="street")])
    assert len(mixed.frame) == 13


def test_each_next_post_is_the_node_worst_reached() -> None:
    nodes = propose_posts(NETWORK, 5, seed=3).frame["node"].tolist()
    times = _times(NETWORK)
    for i in range(1, 5):
        reached = times[nodes[:i]].min(axis=0)
        assert reached[nodes[i]] == pytest.approx(reached.max())


def test_as_many_posts_as_nodes_and_no_more() -> None:
    network = street_grid(3, 2, seed=1)
    assert sorted(propose_posts(network, 6, seed=1).frame["node"]) == list(range(6))
    for count in (0, 7):
        with pytest.raises(
            InputError, match=f"cannot propose {count} posts on a network of 6 nodes"
        ):
            propose_posts(network, count, seed=1)


def _osm() -> gpd.GeoDataFrame:
    area = area_of(NETWORK)
    west, south, east, north = area.bounds
    building = shapely.box(west, south, (west + east) / 2, (south + north) / 2)
    index = pd.MultiIndex.from_tuples(
        [("node", 12), ("way", 12), ("node", 3), ("relation", 9)], names=["element", "id"]
    )
    return gpd.GeoDataFrame(
        {
            "amenity": ["hospital", "police", None, "clinic"],
            "name": ["General", None, "Base", "Walk-in"],
        },
        geometry=[area.centroid, building, area.representative_point(), area.centroid],
        index=index,
        crs=4326,
    )


def test_posts_from_openstreetmap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[dict[str, object]] = []

    def answer(polygon: shapely.Polygon, tags: dict[str, object]) -> gpd.GeoDataFrame:
        assert polygon.equals(area_of(NETWORK))
        asked.append(tags)
        return _osm()

    monkeypatch.setattr(posts_osm.ox, "features_from_polygon", answer)
    posts = download_posts(area_of(NETWORK))
    assert posts.drop(columns="geometry").to_numpy().tolist() == [
        ["osm-n3", "Base", "station"],
        ["osm-n12", "General", "hospital"],
        ["osm-r9", "Walk-in", "clinic"],
        ["osm-w12", "unnamed", "station"],
    ]
    assert (posts.geom_type == "Point").all()
    assert asked[0]["amenity"] == ["clinic", "fire_station", "hospital", "police", "townhall"]
    save_posts(posts, tmp_path / "posts.gpkg")
    read = read_posts(tmp_path / "posts.gpkg", network=NETWORK)
    assert (
        read.frame[["post_id", "kind"]].to_numpy().tolist()
        == posts[["post_id", "kind"]].to_numpy().tolist()
    )


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (InsufficientResponseError("no data"), "OpenStreetMap finds nothing there"),
        (requests.ConnectionError("no route"), "OpenStreetMap cannot be reached"),
    ],
)
def test_faults_of_the_download_are_told_in_words(
    monkeypatch: pytest.MonkeyPatch, error: Exception, words: str
) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(posts_osm.ox, "features_from_polygon", fail)
    with pytest.raises(InputError, match=rf"{words}.* give the posts as a file \(--posts FILE\)"):
        download_posts(area_of(NETWORK))


def test_the_area_of_a_network_holds_its_nodes() -> None:
    to_degrees = Transformer.from_crs(NETWORK.crs, "EPSG:4326", always_xy=True)
    lon, lat = to_degrees.transform(NETWORK.node_x, NETWORK.node_y)
    assert shapely.covers(area_of(NETWORK).buffer(1e-7), shapely.points(lon, lat)).all()
    with pytest.raises(InputError, match="no area"):
        area_of(street_grid(2, 1, seed=1))
