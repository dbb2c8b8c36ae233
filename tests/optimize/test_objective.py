from __future__ import annotations

import numpy as np
import pytest
from curve import Curve
from hypothesis import given, settings
from hypothesis import strategies as st

from coresponse.data.errors import InputError
from coresponse.optimize.cost_columns import CostBlocks
from coresponse.optimize.objective import Late, MeanTime


def test_mean_time_is_the_wait_itself() -> None:
    assert MeanTime()(np.array([0.0, 12.5])).tolist() == [0.0, 12.5]


def test_just_on_the_standard_is_in_time() -> None:
    assert Late(600.0)(np.array([0.0, 600.0, 600.001, 9999.0])).tolist() == [0.0, 0.0, 1.0, 1.0]


def test_a_curve_is_level_outside_and_straight_between_its_points() -> None:
    curve = Curve((100.0, 300.0, 400.0), (2.0, 4.0, 10.0))
    seconds = np.array([0.0, 100.0, 150.0, 300.0, 350.0, 400.0, 1e9])
    assert curve(seconds).tolist() == [2.0, 2.0, 2.5, 4.0, 7.0, 10.0, 10.0]


def test_two_points_at_one_time_are_a_step_and_the_time_itself_has_the_first_cost() -> None:
    curve = Curve((60.0, 60.0, 120.0, 120.0), (0.0, 1.0, 1.0, 5.0))
    assert curve(np.array([0.0, 60.0, 60.5, 120.0, 121.0])).tolist() == [0.0, 0.0, 1.0, 1.0, 5.0]


def test_a_step_at_the_very_first_or_last_point_and_a_single_point() -> None:
    assert Curve((60.0, 60.0), (0.0, 1.0))(np.array([59.0, 60.0, 61.0])).tolist() == [0.0, 0.0, 1.0]
    assert Curve((60.0,), (3.0,))(np.array([0.0, 60.0, 99.0])).tolist() == [3.0, 3.0, 3.0]


def test_one_step_is_late() -> None:
    seconds = np.linspace(0, 1200, 97)
    assert (Curve((600.0, 600.0), (0.0, 1.0))(seconds) == Late(600.0)(seconds)).all()


@settings(deadline=None, derandomize=True)
@given(
    points=st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 100)), min_size=1, max_size=8),
    seconds=st.lists(st.integers(0, 2500), min_size=1, max_size=20),
)
def test_a_curve_without_steps_interpolates_and_never_falls(
    points: list[tuple[int, int]], seconds: list[int]
) -> None:
    times = sorted({float(s) for s, _ in points})
    costs = sorted(float(c) for _, c in points)[: len(times)]
    at = np.sort(np.array(seconds, dtype=np.float64))
    value = Curve(tuple(times), tuple(costs))(at)
    assert value == pytest.approx(np.interp(at, times, costs), rel=1e-12, abs=1e-12)
    assert (np.diff(value) >= -1e-12).all()


@pytest.mark.parametrize(
    ("seconds", "cost"),
    [
        ((), ()),
        ((1.0, 2.0), (1.0,)),
        ((2.0, 1.0), (0.0, 1.0)),
        ((1.0, 2.0), (1.0, 0.0)),
        ((1.0, 2.0), (0.0, np.inf)),
        ((1.0, 2.0), (np.nan, 1.0)),
    ],
)
def test_what_is_no_curve_is_refused(seconds: tuple[float, ...], cost: tuple[float, ...]) -> None:
    with pytest.raises(InputError, match="non-decreasing"):
        Curve(seconds, cost)


def test_each_cost_says_its_unit() -> None:
    units = [waiting.unit for waiting in (MeanTime(), Late(1.0), Curve((1.0,), (1.0,)))]
    assert units == ["seconds a call", "share of calls late", "cost a call"]


def test_nobody_costs_more_than_the_fallback() -> None:
    response = np.array([[10, 900, np.inf], [1000, 1200, 5000]], dtype=np.float32)
    blocks = CostBlocks(response, 1000.0, MeanTime())
    cost = blocks.of(slice(None))
    assert blocks.fallback == 1000.0
    assert cost.dtype == np.float32
    assert cost.tolist() == [[10.0, 1000.0], [900.0, 1000.0], [1000.0, 1000.0]]
    late = CostBlocks(response, 1000.0, Late(500.0))
    assert late.fallback == 1.0
    assert late.of(slice(None)).tolist() == [[0.0, 1.0], [1.0, 1.0], [1.0, 1.0]]
