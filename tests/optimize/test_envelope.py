"""What whole responders add up to: listed where that can be done, however busy they are."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable

import numpy as np
import pytest

from coresponse.optimize.demand_costs import DemandCosts
from coresponse.optimize.envelope import ALWAYS_FREE, Envelope, knots
from coresponse.optimize.objective import MeanTime
from coresponse.optimize.problem import Problem
from coresponse.optimize.solution import Status, Stop
from coresponse.optimize.solve import solve


def of_shares(made: Callable, *busy: float, **more: object) -> Problem:
    kind = np.arange(len(busy))
    return made(np.full((len(busy), 1), 100.0), kind=kind, busy=busy, **more)


def test_shares_near_one_are_counted_before_they_are_listed(made: Callable) -> None:
    # the sums of all that two such types need are 508 million
    problem = of_shares(made, 0.9985, 0.999, most=[20_000, 30_000])
    tracemalloc.start()
    try:
        assert not len(knots(problem))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 20e6


def test_no_more_responders_are_listed_than_the_limits_allow(made: Callable) -> None:
    problem = of_shares(made, 0.9985, 0.999, most=[900, 900], units=3)
    a, b = -np.log(0.9985), -np.log(0.999)
    sums = sorted({0, a, b, 2 * a, a + b, 2 * b, 3 * a, 2 * a + b, a + 2 * b, 3 * b})
    listed = knots(problem)
    assert set(np.round(sums, 9)) <= set(np.round(listed, 9))
    assert len(listed) <= 17  # up to three of each, and the one that closes
    # below what responders leave, exact where they stand, and convex
    envelope = Envelope.of(listed)
    assert envelope.chance[:-1] == pytest.approx(np.exp(-listed[:-1]))
    assert (np.diff(envelope.slope) <= 1e-15).all()


def test_shares_alike_and_types_without_options_add_no_values(made: Callable) -> None:
    alone = knots(of_shares(made, 0.3))
    assert (knots(of_shares(made, 0.3, 0.3, 0.3)) == alone).all()
    unused = made(np.full((1, 1), 100.0), kind=[0], busy=(0.3, 0.9985, 0.999))
    assert (knots(unused) == alone).all()
    assert knots(of_shares(made, 0.0)).tolist() == [0.0, ALWAYS_FREE]


@pytest.mark.parametrize("busy", [(1e-6,), (1e-12,), (1e-6, 0.001), (1e-4, 0.1)], ids=str)
def test_values_that_round_to_what_is_negligible_are_listed_once(
    busy: tuple[float, ...], made: Callable
) -> None:
    # two of 1e-6 leave 1e-12, which is where values count as negligible: by one sum or another
    assert (np.diff(knots(of_shares(made, *busy, most=9))) > 0).all()


@pytest.mark.parametrize("busy", [(0.9985, 0.999), (0.99999,)], ids=["two types", "one type"])
def test_types_that_are_hardly_ever_free_are_proven(
    busy: tuple[float, ...], made: Callable, oracle: object
) -> None:
    rng = np.random.default_rng(3)
    kind = np.arange(4) % len(busy)
    problem = made(
        rng.uniform(60, 1100, (4, 8)), kind=kind, busy=busy, most=3, units=4, fallback_s=1200.0
    )
    solution = solve(problem, MeanTime(), stop=Stop(60.0, 1e-7))
    assert solution.status is Status.PROVEN
    assert solution.objective == pytest.approx(oracle.least(problem, MeanTime()), rel=1e-9)


def test_costs_kept_for_fewer_responders_serve_more(made: Callable, oracle: object) -> None:
    response = np.random.default_rng(5).uniform(60, 1100, (4, 8)).astype(np.float32)

    def at_most(units: int) -> Problem:
        small = made(response, kind=[0, 1, 0, 1], busy=(0.9985, 0.999), most=3, units=units)
        return Problem(
            **{name: getattr(small, name) for name in ("option_names", "type_names", "most")},
            limits=small.limits, fallback_s=small.fallback_s, response_s=few.response_s,
            weight=few.weight, option_type=few.option_type, busy_share=few.busy_share,
        )  # fmt: skip

    few = made(response, kind=[0, 1, 0, 1], busy=(0.9985, 0.999), most=3, units=1)
    costs = DemandCosts.of(few, MeanTime())
    for units in (3, 5):
        problem = at_most(units)
        solution = solve(problem, MeanTime(), stop=Stop(60.0, 1e-7), costs=costs)
        assert solution.status is Status.PROVEN
        assert solution.objective == pytest.approx(oracle.least(problem, MeanTime()), rel=1e-9)
