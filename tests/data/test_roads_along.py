"""Places on a long road are on the network, as far along it as they are."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Transformer
from scipy.sparse.csgraph import connected_components, dijkstra

from coresponse.data.roads.along import FAR_M, PIECE_M, far_places, points_along
from coresponse.data.roads.frames import edges_frame
from coresponse.data.roads.lines import from_lines
from coresponse.data.roads.network import RoadNetwork
from coresponse.data.roads.snap import snap
from coresponse.study.read import read_study

X, Y = 500_000.0, 4_430_000.0
LENGTH_M = 2_700.0


def village(oneway: str = "no") -> RoadNetwork:
    """Two squares of streets, and a bent road of 2.7 km between them."""
    lines = []
    for x in (X, X + LENGTH_M):
        corners = [(x, Y), (x + 100, Y), (x + 100, Y + 100), (x, Y + 100), (x, Y)]
        lines += [shapely.LineString(pair) for pair in pairwise(corners)]
    road = shapely.LineString([(X + 100, Y), (X + 1_350, Y), (X + LENGTH_M, Y)])
    back = shapely.LineString([(X + LENGTH_M, Y), (X + 1_350, Y - 200), (X + 100, Y)])
    frame = gpd.GeoDataFrame(geometry=[*lines, road, back], crs="EPSG:32613")
    frame["highway"], frame["oneway"] = "residential", ["no"] * len(lines) + [oneway, oneway]
    return from_lines(frame, source="made")


def drawn(network: RoadNetwork) -> list[shapely.LineString]:
    starts = network.shape_start
    return [shapely.LineString(network.shape_xy[a:b]) for a, b in pairwise(starts.tolist())]


def places(at: list[float]) -> np.ndarray:
    return np.column_stack([X + 100 + np.array(at), np.full(len(at), Y)])


def same_drives(before: RoadNetwork, after: RoadNetwork) -> None:
    n = before.n_nodes
    assert np.array_equal(before.node_id, after.node_id[:n])
    drives = [dijkstra(network.travel_matrix(), indices=np.arange(n))[:, :n] for network in (before, after)]  # fmt: skip
    assert drives[0] == pytest.approx(drives[1], rel=1e-5)
    parts, _ = connected_components(after.travel_matrix(), directed=True, connection="strong")
    assert parts == 1
    assert after.length_m.sum() == pytest.approx(before.length_m.sum(), rel=1e-5)
    assert (np.diff(after.shape_start) >= 2).all()
    starts = after.shape_xy[after.shape_start[:-1]]
    ends = after.shape_xy[after.shape_start[1:] - 1]
    assert (
        np.abs(starts - np.column_stack([after.node_x, after.node_y])[after.edge_from]).max() < 0.2
    )
    assert np.abs(ends - np.column_stack([after.node_x, after.node_y])[after.edge_to]).max() < 0.2


def test_a_call_along_the_road_is_as_far_to_drive() -> None:
    before = village()
    at = places([500, 950, 1_400])
    node, distance = snap(before, at[:, 0], at[:, 1], 500.0)
    after = points_along(before, far_places(at[:, 0], at[:, 1], distance, 500.0), 500.0)
    assert after is not None
    same_drives(before, after)
    node, distance = snap(after, at[:, 0], at[:, 1], 500.0)
    assert (node >= before.n_nodes).all()
    assert distance.max() <= PIECE_M / 2
    start = int(snap(before, np.array([X + 100]), np.array([Y]), 1.0)[0][0])
    seconds = dijkstra(after.travel_matrix(), indices=start)[node]
    m_per_s = 30 / 3.6
    assert seconds == pytest.approx(
        np.array([500, 950, 1_400]) / m_per_s, abs=PIECE_M / 2 / m_per_s
    )
    assert "points were put along 2 long roads" in after.report.notes[-1]
    report = after.report
    assert report.nodes_read - report.nodes_dropped == after.n_nodes
    assert report.edges_read - report.edges_dropped == after.n_edges


def test_pieces_of_a_street_keep_its_name() -> None:
    plain = village()
    position = (np.arange(plain.n_edges) % 2).astype(np.int32)
    named = replace(plain, street_name=position, street_names=("High Street", "Mill Lane"))
    after = points_along(named, places([700]), 500.0)
    assert after is not None
    assert after.n_edges > named.n_edges
    assert len(after.street_name) == after.n_edges
    told = edges_frame(after).groupby("name")["length_m"].sum()
    assert told.to_dict() == pytest.approx(
        edges_frame(named).groupby("name")["length_m"].sum().to_dict(), rel=1e-3
    )


def test_a_one_way_road_stays_one_way() -> None:
    before = village(oneway="yes")
    after = points_along(before, places([700]), 500.0)
    assert after is not None
    same_drives(before, after)


def test_nothing_is_done_where_no_place_needs_it() -> None:
    network = village()
    x, y = network.node_x, network.node_y + 300
    assert len(far_places(x, y, snap(network, x, y, 500.0)[1], 500.0)) == 0
    assert points_along(network, np.empty((0, 2)), 500.0) is None
    off = np.array([[X + 1_300, Y + 40_000]])
    assert points_along(network, off, 500.0) is None


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 2_600), st.floats(-300, 300)), min_size=1, max_size=8))
def test_every_place_near_a_road_comes_near_a_point(found: list[tuple[float, float]]) -> None:
    before = village()
    at = np.array([(X + 100 + along, Y + aside) for along, aside in found])
    _, distance = snap(before, at[:, 0], at[:, 1], 500.0)
    after = points_along(before, far_places(at[:, 0], at[:, 1], distance, 500.0), 500.0)
    far = distance > FAR_M
    if after is None:
        assert not far.any()
        return
    same_drives(before, after)
    lines = shapely.union_all(drawn(before))
    road = shapely.distance(lines, shapely.points(at))
    _, now = snap(after, at[:, 0], at[:, 1], 500.0)
    assert (now[far] <= np.hypot(road[far], PIECE_M / 2) + 1).all()


def test_a_study_takes_the_calls_of_a_long_road(tmp_path: Path) -> None:
    network = village()
    lines = gpd.GeoDataFrame(geometry=drawn(network), crs=network.crs)
    lines = lines.assign(highway="residential", oneway="no")
    lines.to_file(tmp_path / "roads.gpkg")
    at = places(list(np.arange(0, 2_601, 200.0)))
    lon, lat = Transformer.from_crs(network.crs, 4326, always_xy=True).transform(*at.T)
    calls = pd.DataFrame({"nature": "WELFARE CHECK", "lon": lon, "lat": lat})
    calls["received"] = [f"2024-03-{day:02d} 10:00:00" for day in range(1, len(calls) + 1)]
    calls.to_csv(tmp_path / "calls.csv", index=False)
    (tmp_path / "study.toml").write_text(
        'schema = 1\nname = "long road"\n[roads]\nfile = "roads.gpkg"\n[calls]\nfiles = ["calls.csv"]\n'
        'timezone = "America/Denver"\n[posts]\npropose = 2\n[program]\npreset = "ride-along"\n',
        encoding="utf-8",
    )
    city = read_study(tmp_path).city
    assert len(city.calls.frame) == len(calls)
    assert city.calls.frame["snap_m"].max() <= PIECE_M / 2 + 1
    assert any("points were put along" in note for note in city.roads.report.notes)


def test_a_small_distance_to_roads_keeps_the_calls_in_the_middle_of_blocks() -> None:
    before = village()
    at = places([200, 900])
    assert snap(before, at[:, 0], at[:, 1], 150.0)[0].tolist() == [-1, -1]
    _, distance = snap(before, at[:, 0], at[:, 1], 150.0)
    after = points_along(before, far_places(at[:, 0], at[:, 1], distance, 150.0), 150.0)
    assert after is not None
    assert (snap(after, at[:, 0], at[:, 1], 150.0)[0] >= 0).all()
