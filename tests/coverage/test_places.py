"""Places that stand for their neighbors: nothing is lost, little is moved, and only where a region is too large."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coresponse.coverage.demand import eligible_classes
from coresponse.coverage.places import MOST_RESPONSES, merge_places, most_places
from coresponse.data.calls.history import NOT_ELIGIBLE, CallHistory, Funnel
from coresponse.data.programs.load import load_program
from coresponse.data.roads.frames import drawn_edges, edges_frame
from coresponse.data.roads.made import street_grid

ROADS = street_grid(20, 15, seed=2)
PROGRAM = load_program("ride-along")
CLASS = eligible_classes(PROGRAM)[0]


def history(node: np.ndarray, eligible: np.ndarray) -> CallHistory:
    frame = pd.DataFrame({"node": node.astype(np.int32), "call_class": np.where(eligible, CLASS, NOT_ELIGIBLE)})
    return CallHistory(frame, ROADS.crs, "UTC", 30.0, Funnel(()), pd.DataFrame(), pd.DataFrame())


def test_few_places_stay_as_they_are() -> None:
    calls = history(np.arange(100), np.ones(100, dtype=bool))
    same, merged = merge_places(calls, PROGRAM, ROADS, at_most=100)
    assert merged is None
    assert same is calls


@settings(deadline=None, max_examples=40)
@given(seed=st.integers(0, 10_000), at_most=st.integers(1, 120))
def test_no_call_is_lost_and_none_is_moved_beyond_its_square(seed: int, at_most: int) -> None:
    rng = np.random.default_rng(seed)
    node = rng.integers(0, ROADS.n_nodes, 600)
    calls = history(node, rng.random(600) < 0.7)
    found, merged = merge_places(calls, PROGRAM, ROADS, at_most=at_most)
    assert merged is not None
    eligible = (calls.frame["call_class"] == CLASS).to_numpy()
    moved = found.frame["node"].to_numpy()
    assert len(found.frame) == 600
    assert len(np.unique(moved[eligible])) <= at_most
    assert merged.places == len(np.unique(moved[eligible]))
    assert merged.crossings == len(np.unique(node[eligible]))
    away = np.hypot(ROADS.node_x[node] - ROADS.node_x[moved], ROADS.node_y[node] - ROADS.node_y[moved])
    assert away.max() <= merged.side_m * np.sqrt(2)
    assert merged.farthest_m == pytest.approx(away[eligible].max())
    # the crossing that stands for others has most calls of those it stands for
    before = np.bincount(node[eligible], minlength=ROADS.n_nodes)
    for place in np.unique(moved[eligible]):
        assert before[place] == before[node[eligible & (moved == place)]].max()
    assert str(merged) in found.notes


def test_the_bound_holds_for_any_mix_of_classes_and_hours() -> None:
    options, periods = 1_000, 4
    places = most_places(PROGRAM, options, periods)
    views = {
        tuple(name in kind.eligible for kind in PROGRAM.responder_types.values()) for name in eligible_classes(PROGRAM)
    }
    assert places * options * periods * len(views) <= MOST_RESPONSES
    assert most_places(PROGRAM, 10**9, 100) == 1_000  # never so few that a plan means nothing


def test_a_map_draws_all_roads_or_the_more_important_ones() -> None:
    drawn, everything = drawn_edges(ROADS)
    assert everything
    assert drawn.equals(edges_frame(ROADS))
    main = int((ROADS.road_class == 0).sum())
    fewer, everything = drawn_edges(ROADS, at_most=main)
    assert not everything
    assert len(fewer) == main
    assert set(fewer["road_class"]) == {"secondary"}
    assert fewer.geometry.length.sum() == pytest.approx(float(ROADS.length_m[ROADS.road_class == 0].sum()), rel=1e-3)
    least, _ = drawn_edges(ROADS, at_most=1)
    assert len(least) == main  # the most important class is always there
