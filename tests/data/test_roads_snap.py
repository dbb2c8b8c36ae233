"""Snapping against the distance to every road, by another library."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from coresponse.data.roads.made import street_grid
from coresponse.data.roads.points import AT_CROSSING_M, PIECE_M
from coresponse.data.roads.snap import NO_ADDRESSES_M, snap, snap_to_crossing
from tests.made_roads import LENGTH_M, X, Y, drawn, some_one_way, village

GRID = street_grid(7, 6, seed=2)
LINES = drawn(GRID)
WEST, SOUTH = 500_000.0, 4_500_000.0

near = st.tuples(st.floats(WEST - 300, WEST + 1_200), st.floats(SOUTH - 300, SOUTH + 1_000))
wild = st.tuples(st.floats(), st.floats())


@settings(deadline=None)
@given(st.lists(near | wild, max_size=12), st.floats(0, 500) | st.just(float("inf")))
def test_snap_against_brute_force(places: list[tuple[float, float]], max_m: float) -> None:
    x, y = (
        np.array(values, dtype=float)
        for values in (zip(*places, strict=True) if places else ([], []))
    )
    place, distance = snap(GRID, x, y, max_m)
    assert place.dtype == np.int32
    assert place.shape == distance.shape == x.shape
    for i, (px, py) in enumerate(places):
        if not (np.isfinite(px) and np.isfinite(py)):
            assert (place[i], distance[i]) == (-1, np.inf)
        elif max(abs(px), abs(py)) > 1e7:  # farther than anything on Earth
            assert place[i] == -1
            assert distance[i] > 2e6
        else:
            to_roads = shapely.distance(LINES, shapely.Point(px, py)).min()
            assert distance[i] == pytest.approx(to_roads, rel=1e-9, abs=1e-6)
            assert (place[i] >= 0) == (distance[i] <= max_m)


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 50), st.integers(0, 2**32 - 1), st.sampled_from((300.0, 700.0)))
def test_a_place_is_on_its_road_and_near_where_it_is(seed: int, at: int, spacing_m: float) -> None:
    roads = some_one_way(seed, spacing_m=spacing_m)
    rng = np.random.default_rng(at)
    line = drawn(roads)[rng.integers(roads.n_edges)]
    spot = line.interpolate(rng.random(), normalized=True)
    place, distance = snap(roads, np.array([spot.x]), np.array([spot.y]), 1.0)
    x, y = roads.place_xy(place)
    stands = shapely.Point(x[0], y[0])
    assert distance[0] < 1e-6
    assert shapely.distance(line, stands) < 1e-6 or place[0] < roads.n_nodes
    assert shapely.distance(spot, stands) <= PIECE_M / 2 + 1e-6


def test_every_node_is_nearest_to_itself() -> None:
    for roads in (GRID, village(), village("yes")):
        place, distance = snap(roads, roads.node_x, roads.node_y, 1e-6)
        assert place.tolist() == list(range(roads.n_nodes))
        assert distance.max() < 1e-6


@settings(deadline=None, max_examples=50)
@given(seed=st.integers(0, 2**32 - 1), max_m=st.sampled_from([1.0, 60.0, 500.0, np.inf]))
def test_a_place_alone_is_put_where_it_is_put_among_many(seed: int, max_m: float) -> None:
    rng = np.random.default_rng(seed)
    classes = ("motorway", "residential")
    kind = rng.integers(0, 2, GRID.n_edges).astype(np.int16)
    roads = replace(GRID, road_classes=classes, road_class=kind)
    wide, high = np.ptp(GRID.node_x), np.ptp(GRID.node_y)
    x = GRID.node_x.min() + wide * rng.uniform(-0.5, 1.5, 12)
    y = GRID.node_y.min() + high * rng.uniform(-0.5, 1.5, 12)
    place, distance = snap(roads, x, y, max_m)
    alone = [snap(roads, x[i : i + 1], y[i : i + 1], max_m) for i in range(len(x))]
    assert [int(one[0][0]) for one in alone] == place.tolist()
    assert [float(one[1][0]) for one in alone] == pytest.approx(distance.tolist(), abs=1e-6)


def test_beyond_the_bound_the_distance_is_still_told() -> None:
    place, distance = snap(GRID, np.array([WEST - 10_000]), np.array([SOUTH]), 500.0)
    assert place[0] == -1
    assert 9_900 < distance[0] < 10_100


def test_no_place_gets_no_node() -> None:
    place, distance = snap(
        GRID,
        np.array([np.nan, WEST, np.inf, 1e300]),
        np.array([SOUTH, np.nan, SOUTH, SOUTH]),
        np.inf,
    )
    assert place.tolist() == [-1] * 4
    assert distance[[0, 1, 2]].tolist() == [np.inf] * 3
    assert distance[3] > 1e200


def test_on_a_one_way_road_only_what_is_at_the_crossing_is_at_the_crossing() -> None:
    roads = village("yes")
    end = X + LENGTH_M
    at = np.array([end - AT_CROSSING_M + 1, end - AT_CROSSING_M - 1, end - 70])
    place, _ = snap(roads, at, np.full(3, Y), 1.0)
    assert place[0] < roads.n_nodes <= place[1] == place[2]
    assert snap_to_crossing(roads, at, np.full(3, Y), 1.0).tolist() == [place[0]] * 3


def test_a_house_beside_a_motorway_is_on_its_street() -> None:
    plain = village()
    middle = np.array([line.interpolate(0.5, normalized=True).y for line in drawn(plain)])
    classes = ("motorway", "residential")
    kind = np.where(np.abs(middle - Y) + (plain.length_m < 1_000) < 1, 0, 1).astype(np.int16)
    motorway = replace(plain, road_classes=classes, road_class=kind)
    x, off = np.full(3, X + 250), np.array([0.0, -4.0, -20.0])  # the street is 24 m south there
    _, to_any = snap(plain, x, Y + off, 500.0)
    _, to_street = snap(motorway, x, Y + off, 500.0)
    assert to_any == pytest.approx([0, 4, 4], abs=1)
    assert to_street == pytest.approx([24, 20, 4], abs=1)
    assert NO_ADDRESSES_M > 24
    _, on_it = snap(motorway, np.array([X + 1_350]), np.array([Y]), 500.0)
    assert on_it[0] == pytest.approx(0.0, abs=1e-6)
