"""Points along roads: directions of one road found, loops too, and split roads with the drives of the whole."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse.csgraph import dijkstra

from coresponse.data.roads.frames import edges_frame
from coresponse.data.roads.lines import from_lines
from coresponse.data.roads.network import RoadNetwork
from coresponse.data.roads.points import PIECE_M
from coresponse.data.roads.snap import snap
from coresponse.data.roads.split import split_at
from tests.made_roads import X, Y, drawn, some_one_way, village


def drawn_backwards(network: RoadNetwork) -> dict[int, int]:
    """Return by edge the one that is drawn the same from end to start, tried one by one."""
    lines = drawn(network)
    out = {}
    for one in range(network.n_edges):
        for other in range(network.n_edges):
            ends = (network.edge_from[one], network.edge_to[one])
            back = shapely.reverse(lines[other])
            turned = ends == (network.edge_to[other], network.edge_from[other])
            if turned and one != other and lines[one].equals_exact(back, 1.0):
                out[one] = other
    return out


@pytest.mark.parametrize("roads", [village(), village("yes"), some_one_way(3), some_one_way(8)])
def test_the_two_directions_of_a_road_share_its_points(roads: RoadNetwork) -> None:
    points = roads.points
    pairs = drawn_backwards(roads)
    found = dict(zip(points.edge.tolist(), points.against.tolist(), strict=True))
    assert {e: a for e, a in found.items() if a >= 0} == {e: a for e, a in pairs.items() if e < a}
    assert len(points.edge) == roads.n_edges - len(pairs) // 2
    every = roads.n_nodes + np.arange(points.n)
    road, share = points.position(every)
    assert points.place(road, share).tolist() == every.tolist()
    assert points.length_m[points.pieces > 1].min(initial=np.inf) > PIECE_M


def test_a_loop_is_driven_both_ways() -> None:
    street = shapely.LineString([(X, Y), (X + 300, Y)])
    loop = shapely.LineString([(X + 300, Y), (X + 500, Y + 100), (X + 500, Y - 100), (X + 300, Y)])
    frame = gpd.GeoDataFrame(geometry=[street, loop], crs="EPSG:32613")
    roads = from_lines(frame.assign(highway="residential", oneway="no"), source="made")
    assert (roads.points.against >= 0).all()
    assert len(roads.points.edge) == 2


def test_two_carriageways_are_two_roads() -> None:
    ahead = shapely.LineString([(X, Y), (X + 300, Y + 15), (X + 600, Y)])
    back = shapely.LineString([(X + 600, Y), (X + 300, Y - 15), (X, Y)])
    frame = gpd.GeoDataFrame(geometry=[ahead, back], crs="EPSG:32613")
    roads = from_lines(frame.assign(highway="primary", oneway="yes"), source="made")
    assert (roads.points.against < 0).all()
    place, _ = snap(roads, np.full(2, X + 300.0), Y + np.array([20.0, -20.0]), 50.0)
    assert place[0] != place[1]


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 30), st.integers(0, 2**32 - 1))
def test_split_roads_have_the_drives_of_the_whole(seed: int, at: int) -> None:
    roads = some_one_way(seed)
    rng = np.random.default_rng(at)
    places = rng.integers(0, roads.n_nodes + roads.points.n, 30)
    split, node = split_at(roads, places)
    n = roads.n_nodes
    assert (node[places < n] == places[places < n]).all()
    assert split.n_nodes == n + len(np.unique(places[places >= n]))
    whole = dijkstra(roads.travel_matrix(), indices=np.arange(n))
    assert dijkstra(split.travel_matrix(), indices=np.arange(n))[:, :n] == pytest.approx(
        whole, rel=1e-5
    )
    assert split.length_m.sum() == pytest.approx(roads.length_m.sum(), rel=1e-5)
    assert np.column_stack([split.node_x[node], split.node_y[node]]) == pytest.approx(
        np.column_stack(roads.place_xy(places))
    )


def test_pieces_of_a_street_keep_its_name() -> None:
    plain = village()
    position = (np.arange(plain.n_edges) % 2).astype(np.int32)
    named = replace(plain, street_name=position, street_names=("High Street", "Mill Lane"))
    split, _ = split_at(named, plain.n_nodes + np.arange(plain.points.n))
    assert split.n_edges > named.n_edges
    told, before = (edges_frame(r).groupby("name")["length_m"].sum() for r in (split, named))
    assert told.to_dict() == pytest.approx(before.to_dict(), rel=1e-3)


def test_roads_without_points_are_left_as_they_are() -> None:
    roads = village()
    same, node = split_at(roads, np.array([3, 0, 3]))
    assert same is roads
    assert node.tolist() == [3, 0, 3]


def test_the_crossing_of_a_point_is_the_nearer_end_of_its_road() -> None:
    roads = village()
    x = X + 100 + np.array([0.0, 400.0, 2_200.0, 2_600.0])
    place, _ = snap(roads, x, np.full(4, Y), 1.0)
    node = roads.crossing(place)
    assert (node < roads.n_nodes).all()
    assert roads.node_x[node] == pytest.approx(X + 100 + np.array([0, 0, 2_600, 2_600]), abs=1)
