"""Drives between points along roads against NetworkX on roads that are truly split there."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from coresponse.coverage.replay.ways import ways_home
from coresponse.coverage.travel import Direction, nearest_of, travel_times
from coresponse.coverage.validation.drives import seconds_by_group
from coresponse.data.roads.network import RoadNetwork
from coresponse.data.roads.points import AT_CROSSING_M, PIECE_M
from coresponse.data.roads.snap import snap
from tests.made_roads import LENGTH_M, X, Y, drawn, some_one_way, split_graph, village


def by_networkx(roads: RoadNetwork, xy: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return (n, n) seconds between places on roads: each edge is split where they are."""
    graph = split_graph(roads, xy)
    out = np.full((len(xy), len(xy)), np.inf)
    for i in range(len(xy)):
        found = nx.single_source_dijkstra_path_length(graph, f"p{i}", weight="seconds")
        out[i] = [found.get(f"p{j}", np.inf) for j in range(len(xy))]
    return out


@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, 40),
    st.integers(0, 2**32 - 1),
    st.sampled_from(("from_sources", "to_sources")),
    st.sampled_from((np.inf, 90.0, 240.0)),
)
def test_drives_between_points_are_those_of_split_roads(
    seed: int, at: int, direction: Direction, limit_s: float
) -> None:
    roads = some_one_way(seed)
    rng = np.random.default_rng(at)
    inner = roads.n_nodes + rng.integers(0, roads.points.n, 8)
    places = np.unique(np.r_[inner, rng.integers(0, roads.n_nodes, 4)]).astype(np.int32)
    truth = by_networkx(roads, np.column_stack(roads.place_xy(places)))
    sources = rng.permutation(np.r_[places, places[:2]])
    found = travel_times(roads, sources, targets=places, limit_s=limit_s, direction=direction)
    truth = truth if direction == "from_sources" else truth.T
    truth = truth[np.searchsorted(places, sources)]
    border = np.isclose(truth, limit_s, rtol=0, atol=1e-3) & np.isfinite(truth)
    expected = np.where(truth <= limit_s, truth, np.inf)
    np.testing.assert_allclose(found[~border], expected[~border], rtol=1e-5, atol=1e-3)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 40), st.integers(0, 2**32 - 1))
def test_the_nearest_facility_is_that_of_split_roads(seed: int, at: int) -> None:
    roads = some_one_way(seed)
    rng = np.random.default_rng(at)
    every = np.r_[roads.n_nodes + rng.integers(0, roads.points.n, 8), rng.integers(0, 6, 3)]
    every = np.unique(every).astype(np.int32)
    facilities = rng.permutation(every)[:3]
    truth = by_networkx(roads, np.column_stack(roads.place_xy(every)))
    truth = truth[:, np.searchsorted(every, facilities)]
    which, seconds = nearest_of(roads, facilities, every)
    np.testing.assert_allclose(seconds, truth.min(axis=1), rtol=1e-5, atol=1e-3)
    reached = np.isfinite(seconds)
    taken = truth[np.arange(len(every)), which]
    np.testing.assert_allclose(taken[reached], truth.min(axis=1)[reached], rtol=1e-5, atol=1e-3)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 40), st.integers(0, 2**32 - 1))
def test_a_drive_to_a_place_is_off_by_less_than_75_m(seed: int, at: int) -> None:
    roads = some_one_way(seed, kept=0.8)
    rng = np.random.default_rng(at)
    edge, share = rng.integers(0, roads.n_edges, 10), rng.random(10)
    spots = shapely.line_interpolate_point(drawn(roads)[edge], share, normalized=True)
    xy = shapely.get_coordinates(spots)
    length = roads.length_m[edge]
    away = np.minimum(share, 1 - share) * length > AT_CROSSING_M + 0.1  # else it is at the crossing
    xy, edge = xy[away], edge[away]
    place, _ = snap(roads, *xy.T, 1.0)
    truth = by_networkx(roads, xy)
    found = travel_times(roads, place, targets=place)
    pace = (roads.travel_s / roads.length_m)[edge]
    off = PIECE_M / 2 * (pace[:, None] + pace[None, :])
    ends = np.sort(np.column_stack([roads.edge_from[edge], roads.edge_to[edge]]), axis=1)
    # who is ahead of whom on one street cannot be told within a piece
    one_street = (ends[:, None] == ends[None]).all(axis=2)
    apart = np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1)) > PIECE_M
    held = apart | ~one_street
    assert (np.isfinite(found) == np.isfinite(truth))[held].all()
    held &= np.isfinite(truth)
    assert (np.abs(found[held] - truth[held]) <= off[held] + 0.01).all()


def test_the_drive_to_a_place_on_a_one_way_road_enters_from_its_start() -> None:
    roads = village("yes")
    west, east = (
        int(snap(roads, np.array([x]), np.array([Y]), 1.0)[0][0]) for x in (X + 100, X + LENGTH_M)
    )
    spot, _ = snap(roads, np.array([X + LENGTH_M - 75.0]), np.array([Y]), 1.0)
    out = travel_times(roads, np.array([west, east], dtype=np.int32), targets=spot)[:, 0]
    back = travel_times(
        roads, np.array([west, east], dtype=np.int32), targets=spot, direction="to_sources"
    )[:, 0]
    whole = travel_times(roads, np.array([east], dtype=np.int32), targets=np.array([west]))[0, 0]
    m_per_s = 30 / 3.6
    assert out[0] == pytest.approx((LENGTH_M - 175) / m_per_s, abs=75 / m_per_s)
    assert out[1] == pytest.approx(whole + out[0], rel=1e-5)
    assert back[1] == pytest.approx(75 / m_per_s, abs=75 / m_per_s)
    assert back[0] == pytest.approx(whole + back[1], rel=1e-5)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 40), st.integers(0, 2**32 - 1))
def test_paths_by_class_of_road_and_ways_home_take_as_long(seed: int, at: int) -> None:
    roads = some_one_way(seed, kept=0.9)
    rng = np.random.default_rng(at)
    every = roads.n_nodes + roads.points.n
    posts, places, taken = (rng.choice(every, n, replace=False) for n in (3, 12, 2))
    places = np.sort(places)
    out = travel_times(roads, posts, targets=places)
    home = travel_times(roads, posts, targets=places, direction="to_sources")
    assert seconds_by_group(roads, posts, places).sum(axis=2) == pytest.approx(out, rel=1e-4)
    ways = ways_home(roads, posts, places, taken)
    assert ways.home_s[:, ways.of_place] == pytest.approx(home, rel=1e-5)
    between = travel_times(roads, places, targets=places)
    assert ways.out_s[ways.of_place] == pytest.approx(between, rel=1e-4, abs=1e-3)
    assert (ways.of_facility >= 0).all()
