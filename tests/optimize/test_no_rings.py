"""What a search took is let go of by counting: Python seldom looks for rings, and one would hold a region's costs."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest
from small_cities import case_of, city, in_districts

from coresponse.optimize.goals.goal import (
    FewestUnits,
    Goal,
    LeastCost,
    Lexicographic,
    Mean,
    PCenter,
    ShareInTime,
    Tail,
    WorstDistrict,
)
from coresponse.optimize.objective import MeanTime
from coresponse.optimize.robust import least_regret, mean_and_tail
from coresponse.optimize.solution import Stop
from coresponse.optimize.solve_case import solve

LARGE = ("Problem", "Evaluator", "PeriodEvaluator", "CostColumns", "Ready")
"""What holds costs of all options and columns."""


@pytest.fixture(autouse=True)
def _nobody_looks_for_rings() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def large() -> list[str]:
    return sorted(name for one in gc.get_objects() if (name := type(one).__name__) in LARGE)


def test_of_a_search_for_several_scenarios_nothing_large_is_left() -> None:
    case = case_of(city(5, types=1))
    problems = [case.problem({"co_responder_unit": q}) for q in (0.2, 0.3)]
    before = large()
    stop = Stop(20, 1e-4)
    for asked in (
        lambda: least_regret(problems, MeanTime(), [0.0, 0.0], stop=stop),
        lambda: mean_and_tail(problems, MeanTime(), [0.5, 0.5], stop=stop),
    ):
        asked()
        assert large() == before


@pytest.mark.parametrize("busy", ["free", {"co_responder_unit": 0.3}])
@pytest.mark.parametrize(
    "goal",
    [
        Mean(), Tail(), WorstDistrict(), PCenter(), ShareInTime(), FewestUnits(share=0.5),
        FewestUnits(share=0.4, within="district"), LeastCost(share=0.4),
        Lexicographic(order=(WorstDistrict(), Mean()), give=0.05),
    ],
    ids=str,
)  # fmt: skip
def test_of_a_search_nothing_large_is_left(goal: Goal, busy: object) -> None:
    case = case_of(in_districts(city(5, types=1), 2), goal=goal, busy=busy)
    case.work_out_table()
    before = large()
    solve(case)
    assert large() == before
