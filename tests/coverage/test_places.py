"""Places that stand for their neighbors.

Nothing is lost, little is moved, and only where a region is too large.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coresponse.coverage import places
from coresponse.coverage.demand import demand_cells, eligible_classes
from coresponse.coverage.places import FEWEST_COLUMNS, merge_places
from coresponse.coverage.response import column_count
from coresponse.data.calls.history import NOT_ELIGIBLE, CallHistory, Funnel
from coresponse.data.hours import split_week
from coresponse.data.programs.load import load_program
from coresponse.data.roads.frames import drawn_edges, edges_frame
from coresponse.data.roads.made import street_grid

ROADS = street_grid(20, 15, seed=2)
PROGRAM = load_program("ride-along")
PERIODS = split_week((), {name: pattern.hours for name, pattern in PROGRAM.shift_patterns.items()})
CLASS = eligible_classes(PROGRAM)[0]


def history(node: np.ndarray, eligible: np.ndarray, seed: int = 0) -> CallHistory:
    hours = np.random.default_rng(seed).integers(0, 90 * 24, len(node))
    received = pd.Series(
        np.datetime64("2024-01-01", "ns") + hours.astype("timedelta64[h]")
    ).dt.tz_localize("UTC")
    kind = np.where(eligible, CLASS, NOT_ELIGIBLE)
    frame = pd.DataFrame(
        {"node": node.astype(np.int32), "call_class": kind, "received_at": received}
    )
    return CallHistory(frame, ROADS.crs, "UTC", 90.0, Funnel(()), pd.DataFrame(), pd.DataFrame())


def test_few_places_stay_as_they_are() -> None:
    calls = history(np.arange(100), np.ones(100, dtype=bool))
    for most in (10**9, FEWEST_COLUMNS):
        same, merged = merge_places(calls, PROGRAM, ROADS, periods=PERIODS, n_options=1, most=most)
        assert merged is None
        assert same is calls


@settings(deadline=None, max_examples=40)
@given(seed=st.integers(0, 10_000), columns=st.integers(4, 250))
def test_no_call_is_lost_and_none_is_moved_beyond_its_square(seed: int, columns: int) -> None:
    rng = np.random.default_rng(seed)
    node = rng.integers(0, ROADS.n_nodes, 900)
    calls = history(node, rng.random(900) < 0.7, seed)
    before = demand_cells(calls, PROGRAM, ROADS, periods=PERIODS)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(places, "FEWEST_COLUMNS", 1)
        found, merged = merge_places(
            calls, PROGRAM, ROADS, periods=PERIODS, n_options=10, most=columns * 10
        )
    assert merged is not None
    after = demand_cells(found, PROGRAM, ROADS, periods=PERIODS)
    assert column_count(PROGRAM, after) <= columns < column_count(PROGRAM, before)
    assert after.calls.sum() == before.calls.sum()
    for kind in ("call_class", "period"):
        assert (
            np.bincount(getattr(after, kind), after.calls)
            == np.bincount(getattr(before, kind), before.calls)
        ).all()
    eligible = (calls.frame["call_class"] == CLASS).to_numpy()
    moved = found.frame["node"].to_numpy()
    assert merged.after == len(np.unique(moved[eligible]))
    assert merged.before == len(np.unique(node[eligible]))
    away = np.hypot(
        ROADS.node_x[node] - ROADS.node_x[moved], ROADS.node_y[node] - ROADS.node_y[moved]
    )
    assert away.max() <= merged.side_m * np.sqrt(2)
    assert merged.farthest_m == pytest.approx(away[eligible].max())
    # the crossing that stands for others has most calls of those it stands for
    there = np.bincount(node[eligible], minlength=ROADS.n_nodes)
    for place in np.unique(moved[eligible]):
        assert there[place] == there[node[eligible & (moved == place)]].max()
    assert str(merged) in found.notes


def test_a_map_draws_all_roads_or_the_more_important_ones() -> None:
    drawn, everything = drawn_edges(ROADS)
    assert everything
    assert drawn.equals(edges_frame(ROADS))
    main = int((ROADS.road_class == 0).sum())
    fewer, everything = drawn_edges(ROADS, at_most=main)
    assert not everything
    assert len(fewer) == main
    assert set(fewer["road_class"]) == {"secondary"}
    assert fewer.geometry.length.sum() == pytest.approx(
        float(ROADS.length_m[ROADS.road_class == 0].sum()), rel=1e-3
    )
    least, _ = drawn_edges(ROADS, at_most=1)
    assert len(least) == main  # the most important class is always there
