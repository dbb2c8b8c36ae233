"""Fewest units and least dollars that reach every call, against every deployment and by hand."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from coresponse.optimize.goals.demand import Demand, Groups
from coresponse.optimize.goals.goal import FewestUnits, Floor, LeastCost, PCenter
from coresponse.optimize.goals.goal_problem import GoalProblem
from coresponse.optimize.goals.least_cover import reach_of
from coresponse.optimize.goals.solve import solve_goal
from coresponse.optimize.problem import Limit, Problem
from coresponse.optimize.solution import Status, Stop

EXACT = Stop(60.0, 1e-6)


def by_hand(problem: Problem, reach_s: np.ndarray, cost: np.ndarray) -> float:
    """Cost the cheapest of all deployments within the limits with somebody within reach of each call."""
    near = problem.response_s.astype(float) <= reach_s
    best = np.inf
    for counts in itertools.product(*(range(int(most) + 1) for most in problem.most)):
        x = np.array(counts)
        if not problem.broken_limits(x) and (x @ near)[problem.weight > 0].all():
            best = min(best, float(cost @ x))
    return best


@pytest.mark.parametrize("seed", range(150))
def test_it_is_the_least_of_all_deployments(made: Callable, seed: int) -> None:
    rng = np.random.default_rng(seed)
    m, n = int(rng.integers(1, 7)), int(rng.integers(1, 12))
    response = rng.choice([120.0, 500.0, 700.0, np.inf], (m, n), p=[0.25, 0.2, 0.45, 0.1])
    cost = rng.integers(1, 9, m) * 1000.0 + (rng.random(m) if seed % 2 else 0)
    most = rng.integers(0, 3, m)
    limits = [Limit("units", np.ones(m), at_most=int(rng.integers(1, 6)))]
    if seed % 3 == 0:
        limits.append(Limit("budget", cost, at_most=float(rng.uniform(1, 3) * cost.mean())))
    if seed % 5 == 0:
        limits.append(Limit("kept", np.eye(m)[0], at_least=1.0))
    problem = replace(made(response), most=most, limits=tuple(limits))
    half = rng.random(n) < 0.5
    groups = np.stack([np.where(half, problem.weight, 0), np.where(half, 0, problem.weight)])
    demand = Demand(problem.weight, Groups(("a", "b"), groups, np.array([20, 20])))
    goal = (LeastCost if seed % 2 else FewestUnits)(share=1.0, target_min=10)
    floors = ()
    reach_s = np.full(n, 600.0)
    if seed % 4 == 1 and half.any():
        floors = (Floor(by="district", only=("a",), share_in_time=1.0, target_min=5),)
        reach_s[half] = 300.0
    dollars = cost if seed % 2 else np.ones(m)
    asked = GoalProblem(problem, demand, goal, floors, None, cost)
    stated = reach_of(problem, asked.statement(goal))
    assert stated is not None  # set covering answers it
    assert (stated == reach_s).all()
    found = solve_goal(problem, goal, demand=demand, floors=floors, option_cost=cost, stop=EXACT)
    best = by_hand(problem, reach_s, dollars)
    assert found.status is (Status.PROVEN if np.isfinite(best) else Status.INFEASIBLE)
    if np.isfinite(best):
        assert found.objective == pytest.approx(best, rel=1e-6)


def test_halves_of_responders_are_no_answer(made: Callable) -> None:
    """Of three posts that reach two calls each, halves would do: 1.5 units; 2 are needed."""
    problem = made(np.array([[100, 100, 900], [900, 100, 100], [100, 900, 100.0]]))
    found = solve_goal(problem, FewestUnits(share=1.0, target_min=5), stop=EXACT)
    assert (found.status, found.objective, found.bound) == (Status.PROVEN, 2.0, 2.0)


def test_one_post_in_reach_of_all_is_an_answer_at_once(made: Callable) -> None:
    """Where every post reaches every call nothing is left out of a solution with somebody in it."""
    problem = made(np.array([[100.0]]))
    for goal in (FewestUnits(share=1.0, target_min=5), PCenter()):
        found = solve_goal(problem, goal, stop=EXACT)
        assert found.status is Status.PROVEN
        assert found.counts.tolist() == [1]


def test_other_questions_are_left_to_other_methods(made: Callable) -> None:
    problem = made(np.where(np.random.default_rng(1).random((4, 6)) < 0.6, 100.0, 900.0))

    def reach(problem: Problem, share: float = 1.0, **more: object) -> object:
        goal = FewestUnits(share=share, target_min=5)
        asked = GoalProblem(problem, Demand.of(problem), goal, **more)
        return reach_of(problem, asked.statement(goal))

    assert reach(problem) is not None
    assert reach(problem, share=0.999) is None
    assert reach(problem, floors=(Floor(by="all", mean_at_most_min=20),)) is None
    assert reach(replace(problem, busy_share=np.array([0.2]))) is None
    # of calls that are a millionth of all, floors are kept without them, too
    assert reach(replace(problem, weight=np.array([1e7, 1, 1, 1, 1, 1]))) is None
