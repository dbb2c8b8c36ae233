"""Snapping against the distance to every node."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coresponse.data.roads.made import street_grid
from coresponse.data.roads.snap import snap

GRID = street_grid(7, 6, seed=2)
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
    node, distance = snap(GRID, x, y, max_m)
    assert node.dtype == np.int32
    assert node.shape == distance.shape == x.shape
    for i, (px, py) in enumerate(places):
        if not (np.isfinite(px) and np.isfinite(py)):
            assert (node[i], distance[i]) == (-1, np.inf)
            continue
        with np.errstate(over="ignore"):
            to_all = np.hypot(GRID.node_x - px, GRID.node_y - py)
        if to_all.min() > 1e150:  # its square is no number any more
            assert node[i] == -1 or node[i] in range(GRID.n_nodes)
            continue
        assert distance[i] == pytest.approx(to_all.min(), rel=1e-12)
        if node[i] >= 0:
            assert to_all[node[i]] == pytest.approx(to_all.min(), rel=1e-12)
            assert distance[i] <= max_m
        else:
            assert distance[i] > max_m


def test_every_node_is_nearest_to_itself() -> None:
    node, distance = snap(GRID, GRID.node_x, GRID.node_y, 0.0)
    assert node.tolist() == list(range(GRID.n_nodes))
    assert distance.max() == 0.0


def test_beyond_the_bound_the_distance_is_still_told() -> None:
    node, distance = snap(GRID, np.array([WEST - 10_000]), np.array([SOUTH]), 500.0)
    assert node[0] == -1
    assert 9_900 < distance[0] < 10_100


def test_no_place_gets_no_node() -> None:
    node, distance = snap(
        GRID,
        np.array([np.nan, WEST, np.inf, 1e300]),
        np.array([SOUTH, np.nan, SOUTH, SOUTH]),
        np.inf,
    )
    assert node.tolist() == [-1] * 4
    assert np.isinf(distance).all()
