"""Areas that a map may show: each with enough calls, together all calls, nowhere twice."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from coresponse.coverage.area import SMALLEST_M, Area, areas, responders_within
from coresponse.coverage.cells import DemandCells, ResponseTable
from coresponse.coverage.measures import assign
from coresponse.data.hours import WHOLE_WEEK
from coresponse.data.options import Deployment, Option
from coresponse.data.roads.made import street_grid
from coresponse.publish.areas import map_cells
from coresponse.publish.disclosure import INTERNAL
from coresponse.publish.suppression import count_range

Places = tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]


@st.composite
def places(draw: st.DrawFn) -> Places:
    """Clusters and lone places, some just on the lines between squares."""
    n = draw(st.integers(1, 60))
    rng = np.random.default_rng(draw(st.integers(0, 100_000)))
    spread = draw(st.sampled_from([10.0, 800.0, 20_000.0]))
    x, y = rng.normal(0, spread, (2, n)) + rng.integers(-3, 4, (2, n)) * draw(
        st.sampled_from([0.0, 1000.0, 9000.0])
    )
    if draw(st.booleans()):
        x, y = np.round(x / SMALLEST_M) * SMALLEST_M, np.round(y / SMALLEST_M) * SMALLEST_M
    offset = draw(st.sampled_from([(0.0, 0.0), (500_000.0, 4_500_000.0), (-123.4, 77.7)]))
    return x + offset[0], y + offset[1], rng.integers(1, draw(st.sampled_from([2, 6, 40])), n)


def check(
    parts: list[Area], x: NDArray[np.float64], y: NDArray[np.float64], calls: NDArray[np.int64]
) -> None:
    """Enough calls each, all calls once, each place inside its own area, no ground twice."""
    assert sorted(i for part in parts for i in part.members) == list(range(len(x)))
    assert all(calls[list(part.members)].sum() >= 11 for part in parts)
    for part in parts:
        west, south, side = np.array(part.squares).T
        for i in part.members:
            assert (
                (west <= x[i]) & (x[i] < west + side) & (south <= y[i]) & (y[i] < south + side)
            ).sum() == 1
    squares = [square for part in parts for square in part.squares]
    for (w1, s1, a1), (w2, s2, a2) in itertools.combinations(squares, 2):
        assert min(w1 + a1, w2 + a2) <= max(w1, w2) or min(s1 + a1, s2 + a2) <= max(s1, s2)
    assert all(side >= SMALLEST_M for _, _, side in squares)


@settings(max_examples=150, deadline=None)
@given(places())
def test_areas_keep_what_they_promise(given_places: Places) -> None:
    x, y, calls = given_places
    parts = areas(x, y, calls)
    if calls.sum() < 11:
        assert parts == []
    else:
        check(parts, x, y, calls)


@pytest.mark.parametrize("min_calls", [1, 11, 30])
def test_a_dense_city_is_divided_and_a_higher_bar_makes_fewer_areas(min_calls: int) -> None:
    rng = np.random.default_rng(1)
    x, y = rng.uniform(0, 8000, (2, 600))
    calls = rng.integers(1, 12, 600)
    parts = areas(x, y, calls, min_calls=min_calls)
    assert min(calls[list(part.members)].sum() for part in parts) >= min_calls
    assert sum(calls[list(part.members)].sum() for part in parts) == calls.sum()
    assert len(parts) > 50
    assert len(parts) >= len(areas(x, y, calls, min_calls=min_calls + 5))


def test_too_few_calls_make_no_area_and_just_enough_make_one() -> None:
    x, y = np.array([0.0, 100.0]), np.array([0.0, 40.0])
    assert areas(x, y, np.array([4, 6])) == []
    (one,) = areas(x, y, np.array([4, 7]))
    assert sorted(one.members) == [0, 1]


def test_a_lone_call_far_away_joins_an_area() -> None:
    rng = np.random.default_rng(2)
    x = np.append(rng.uniform(0, 2000, 40), 90_000.0)
    y = np.append(rng.uniform(0, 2000, 40), -70_000.0)
    calls = np.append(np.full(40, 5), 1)
    parts = areas(x, y, calls)
    check(parts, x, y, calls)
    (its_own,) = [part for part in parts if 40 in part.members]
    assert len(its_own.members) > 1
    assert len(parts) > 5


@pytest.mark.parametrize(
    ("lone_x", "lone_y", "joined"),
    [(1900.0, 100.0, [[0, 2], [1]]), (1900.0, 1900.0, [[0], [1, 2]])],
)
def test_a_quarter_with_too_few_joins_its_neighbor(
    lone_x: float, lone_y: float, joined: list[list[int]]
) -> None:
    # quarters of a 2 km square: southwest and northwest have enough; the lone call is in the
    # southeast, or the northeast
    x, y = np.array([100.0, 100.0, lone_x]), np.array([100.0, 1900.0, lone_y])
    parts = areas(x, y, np.array([20, 20, 1]), smallest_m=1000.0)
    assert sorted(sorted(part.members) for part in parts) == joined


CITY = street_grid(12, 10, seed=4, spacing_m=300.0)
OPTIONS = tuple(Option("team", f"p{i}", "always") for i in range(3))


def table(seed: int = 0, n: int = 150, most: int = 9) -> ResponseTable:
    """Two classes, at random places; columns are node and class; the third post reaches little."""
    rng = np.random.default_rng(seed)
    pairs = sorted(
        {
            (int(a), int(b))
            for a, b in zip(rng.integers(0, 120, n), rng.integers(0, 2, n), strict=True)
        }
    )
    node, kind = (np.array(values) for values in zip(*pairs, strict=True))
    calls = rng.integers(1, most, len(pairs))
    cells = DemandCells(
        node=node.astype(np.int32),
        call_class=kind.astype(np.int16),
        period=np.zeros(len(pairs), dtype=np.int16),
        district=np.full(len(pairs), -1, dtype=np.int32),
        calls_per_week=calls / 3,
        calls=calls,
        class_names=("crisis", "welfare"),
        class_weight=np.ones(2),
        periods=(WHOLE_WEEK,),
        weeks=3.0,
    )
    response = rng.uniform(120, 2400, (3, len(pairs)))
    response[:, rng.random(len(pairs)) < 0.3] = np.inf
    response[2, rng.random(len(pairs)) < 0.7] = np.inf
    return ResponseTable(
        options=OPTIONS,
        cells=cells,
        column=np.arange(len(pairs), dtype=np.int32),
        response_s=response.astype(np.float32),
        group=np.zeros(3, dtype=np.int32),
        serves=np.ones((1, len(pairs)), dtype=bool),
        column_node=node.astype(np.int32),
        fallback_s=3600.0,
    )


PLAN = Deployment.of("plan", {OPTIONS[0]: 2, OPTIONS[1]: 1})
TODAY = Deployment.of("today", {OPTIONS[2]: 1})
FIGURES = (
    "mean_s",
    "share_in_time",
    "share_reached",
    "depth",
    "mean_with_fallback_s",
    "post",
)


@pytest.mark.parametrize("seed", range(3))
def test_figures_of_each_area_are_those_of_its_cells(seed: int) -> None:
    made = table(seed)
    frame = map_cells(
        made,
        CITY,
        {"plan": PLAN, "today": TODAY},
        target_s=900.0,
        disclosure=INTERNAL,
        min_calls=11,
    )
    x, y = CITY.node_x[made.cells.node], CITY.node_y[made.cells.node]
    assert len(frame) > 5
    taken = np.zeros(made.cells.n, dtype=int)
    for row in frame.itertuples():
        inside = shapely.contains_xy(row.geometry, x, y)
        taken += inside
        weight = made.cells.calls_per_week[inside]
        assert row.calls == made.cells.calls[inside].sum() >= 11
        assert row.calls_band == count_range(row.calls)
        for name, deployment in (("plan", PLAN), ("today", TODAY)):
            there = [made.options.index(option) for option, _ in deployment.counts]
            times = made.response_s[there][:, inside].astype(float)
            best = times.min(axis=0)
            reached = np.isfinite(best)
            mean_s = np.average(best[reached], weights=weight[reached]) if reached.any() else np.nan
            assert getattr(row, f"mean_s_{name}") == pytest.approx(mean_s, nan_ok=True)
            wait = np.average(np.minimum(best, made.fallback_s), weights=weight)
            assert getattr(row, f"mean_with_fallback_s_{name}") == pytest.approx(wait)
            share = pytest.approx(weight[best <= 900].sum() / weight.sum())
            assert getattr(row, f"share_in_time_{name}") == share
            assert getattr(row, f"share_reached_{name}") == pytest.approx(
                weight[reached].sum() / weight.sum()
            )
            units = np.array([count for _, count in deployment.counts])
            depth = np.average(units @ (times <= 900), weights=weight)
            assert getattr(row, f"depth_{name}") == pytest.approx(depth)
            by_post: dict[str, float] = {}
            for who, how_many in zip(times.argmin(axis=0)[reached], weight[reached], strict=True):
                post = made.options[there[who]].post_id
                by_post[post] = by_post.get(post, 0.0) + how_many
            most = max(by_post.values(), default=0.0)
            chosen = getattr(row, f"post_{name}")
            assert by_post[chosen] == pytest.approx(most) if by_post else chosen == ""
    assert (taken == 1).all()
    assert frame["calls"].sum() == made.cells.calls.sum()
    assert frame["cell_id"].is_unique
    assert frame.crs == CITY.crs


def test_what_is_published_has_no_raw_counts() -> None:
    frame = map_cells(table(), CITY, {"plan": PLAN}, target_s=900.0)
    assert list(frame.columns) == [
        "cell_id",
        "calls_band",
        "geometry",
        *(f"{figure}_plan" for figure in FIGURES),
    ]
    assert set(frame["calls_band"]) <= {"11-25", "26-50", "51-100", "101-250"}
    internal = map_cells(
        table(), CITY, {"plan": PLAN}, target_s=900.0, disclosure=INTERNAL, min_calls=11
    )
    assert set(internal.columns) - set(frame.columns) == {"calls"}


def test_too_few_calls_in_all_make_an_empty_map() -> None:
    few = table(n=3, most=2)
    assert few.cells.calls.sum() < 11
    frame = map_cells(few, CITY, {"plan": PLAN}, target_s=900.0)
    assert frame.empty
    assert frame.crs == CITY.crs


def test_nobody_in_place_is_shown_as_such() -> None:
    frame = map_cells(table(), CITY, {"plan": Deployment("nobody")}, target_s=900.0)
    assert frame["mean_s_plan"].isna().all()
    assert (frame["share_reached_plan"] == 0).all()
    assert (frame["post_plan"] == "").all()
    assert (assign(table(), Deployment("nobody")).option == -1).all()


def test_responders_within_the_standard_count_each_unit() -> None:
    made = table()
    found = responders_within(made, PLAN, 900.0)
    expected = 2 * (made.response_s[0] <= 900) + (made.response_s[1] <= 900)
    np.testing.assert_array_equal(found, expected)
    assert set(found) == {0, 1, 2, 3}
