"""What a search hands over beside its answer: near-best, different deployments, each with its true objective."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import numpy as np
import pytest

from coresponse.optimize.deployment_pool import NEAR_BEST, POOLED, DeploymentPool
from coresponse.optimize.goals.demand import Demand, Groups
from coresponse.optimize.goals.goal import (
    Floor,
    Lexicographic,
    Mean,
    PCenter,
    ShareInTime,
    Tail,
    WorstDistrict,
)
from coresponse.optimize.goals.goal_problem import GoalProblem
from coresponse.optimize.goals.solve import solve_goal
from coresponse.optimize.objective import Late, MeanTime
from coresponse.optimize.problem import Problem
from coresponse.optimize.recount import recount
from coresponse.optimize.solution import Solution, Stop
from coresponse.optimize.solve import solve

EXACT = Stop(60.0, 1e-6)


def check(problem: Problem, solution: Solution, value: Callable[[np.ndarray], float]) -> None:
    pool = solution.pool
    assert 1 <= len(pool) <= POOLED
    assert (pool[0][0] == solution.counts).all()
    assert len({counts.tobytes() for counts, _ in pool}) == len(pool)
    objectives = [objective for _, objective in pool[1:]]
    assert objectives == sorted(objectives)
    for counts, objective in pool:
        assert problem.broken_limits(counts) == []
        assert objective == pytest.approx(value(counts), rel=1e-5, abs=1e-6)
        assert objective <= min(o for _, o in pool) * (1 + NEAR_BEST) + 1e-9


@pytest.mark.parametrize("busy", [(0.0,), (0.0, 0.3), (0.4,)], ids=str)
def test_all_in_the_pool_keep_the_limits_and_cost_what_it_says(
    busy: tuple[float, ...], random_small: Callable, oracle: SimpleNamespace
) -> None:
    sizes = []
    for seed in range(900, 912):
        problem, _ = random_small(busy, seed)
        for waiting in (MeanTime(), Late(600.0)):
            solution = solve(problem, waiting, stop=EXACT)
            if not len(solution.counts):
                assert solution.pool == ()
                continue
            check(problem, solution, lambda c, w=waiting, p=problem: recount(p, w, c))
            sizes.append(len(solution.pool))
    assert max(sizes) > 1


def test_the_best_exchanges_of_the_answer_are_in_it(made: Callable) -> None:
    rng = np.random.default_rng(4)
    place, calls = rng.random((15, 2)), rng.random((60, 2))
    drive = np.linalg.norm(place[:, None] - calls[None], axis=2) * 900
    problem = made(drive, units=4)
    solution = solve(problem, MeanTime(), stop=EXACT)
    there = {counts.tobytes(): objective for counts, objective in solution.pool}
    for out in np.flatnonzero(solution.counts):
        for into in range(15):
            other = solution.counts.copy()
            other[out] -= 1
            other[into] += 1
            cost = recount(problem, MeanTime(), other)
            if problem.broken_limits(other) or cost >= max(there.values()):
                continue
            assert there[other.tobytes()] == pytest.approx(cost, rel=1e-6)


@pytest.mark.parametrize(
    ("goal", "floors"),
    [
        (Mean(), (Floor(share_in_time=0.5),)),
        (ShareInTime(), (Floor(by="all", mean_at_most_min=14.0),)),
        (WorstDistrict(), ()),
        (Tail(alpha=0.8), ()),
        (PCenter(), ()),
        (Lexicographic(order=(WorstDistrict(), Mean()), give=0.1), ()),
    ],
    ids=["mean", "share", "worst", "tail", "center", "in order"],
)
def test_goals_hand_over_what_keeps_their_floors(
    goal: object, floors: tuple[Floor, ...], made: Callable
) -> None:
    rng = np.random.default_rng(6)
    place, calls = rng.random((10, 2)), rng.random((40, 2))
    drive = np.linalg.norm(place[:, None] - calls[None], axis=2) * 1200
    problem = made(drive, busy=(0.2,), most=2, units=5)
    groups = np.array([calls[:, 0] < 0.5, calls[:, 0] >= 0.5]).astype(float)
    demand = Demand(np.ones(40), Groups(("west", "east"), groups, np.array([20, 20])))
    solution = solve_goal(
        problem, goal, demand=demand, floors=floors, standard_s=600.0, stop=Stop(60.0, 1e-4)
    )
    asked = GoalProblem(problem, demand, goal, floors, 600.0)
    last = goal.order[-1] if isinstance(goal, Lexicographic) else goal
    check(problem, solution, lambda counts: asked.value(last, counts))
    assert not any(asked.broken_floors(counts) for counts, _ in solution.pool)


def test_a_pool_is_bounded_and_keeps_the_best() -> None:
    pool = DeploymentPool()
    values = np.random.default_rng(1).permutation(2000)
    for value in values:
        pool.offer(np.array([value]), 1000.0 + value / 100)
    best = pool.best(np.array([3]))
    assert [int(counts[0]) for counts, _ in best] == [3, 0, 1, 2, *range(4, POOLED)]
