"""A machine that is slow or busy finds the same, as long as it has the time.

Searches are bounded by counted work.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from coresponse.optimize.goals.demand import Demand, Groups
from coresponse.optimize.goals.goal import Floor, Goal, Lexicographic, Mean, Tail, WorstDistrict
from coresponse.optimize.goals.solve import solve_goal
from coresponse.optimize.objective import MeanTime
from coresponse.optimize.problem import Problem
from coresponse.optimize.solution import Status, Stop
from coresponse.optimize.solve import solve

LIMIT_S, SLOWER = 600.0, 60.0
WIDE = Stop(LIMIT_S, 0.01)
"""Within so wide a gap there are many answers: another way of searching comes to another."""


@pytest.fixture
def slower(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Let all work seem to take so many times as long, from when it is called.

    Its processor time, of which a machine that others keep busy takes no more.
    """

    def slow_down() -> None:
        began, worked = time.monotonic(), time.process_time()
        monkeypatch.setattr(
            time, "monotonic", lambda: began + SLOWER * (time.process_time() - worked)
        )

    return slow_down


def city(made: Callable[..., Problem], seed: int) -> tuple[Problem, Demand]:
    """Draw posts and calls in a plane, with six districts from west to east."""
    rng = np.random.default_rng(seed)
    posts, calls = rng.uniform(0, 900, (20, 2)), rng.uniform(0, 900, (200, 2))
    response = np.linalg.norm(posts[:, None] - calls[None], axis=2) + 60
    weight = rng.uniform(0.2, 4, len(calls))
    by = np.where((calls[:, 0] // 150).astype(int) == np.arange(6)[:, None], weight, 0.0)
    problem = made(response, weight=weight, units=5, fallback_s=1500.0)
    return problem, Demand(weight, Groups(tuple("abcdef"), by, np.full(6, 50)))


@pytest.mark.parametrize(
    ("goal", "floors"),
    [
        (Mean(), (Floor(share_in_time=0.3, target_min=4),)),
        (WorstDistrict(), ()),
        (Tail(alpha=0.8), ()),
        (Lexicographic(order=(WorstDistrict(), Mean())), ()),
    ],
)
def test_goals(
    goal: Goal, floors: tuple[Floor, ...], made: Callable[..., Problem], slower: Callable[[], None]
) -> None:
    problem, demand = city(made, 3)
    here = solve_goal(problem, goal, demand=demand, floors=floors, stop=WIDE, explicit_most=0.0)
    slower()
    there = solve_goal(problem, goal, demand=demand, floors=floors, stop=WIDE, explicit_most=0.0)
    assert here.status is there.status is Status.PROVEN
    assert there.counts.tolist() == here.counts.tolist()
    assert there.bound == here.bound


def test_the_core(made: Callable[..., Problem], slower: Callable[[], None]) -> None:
    problem, _ = city(made, 4)
    busy = replace(problem, busy_share=np.full_like(problem.busy_share, 0.3))
    here = solve(busy, MeanTime(), stop=WIDE)
    slower()
    there = solve(busy, MeanTime(), stop=WIDE)
    assert here.status is there.status is Status.PROVEN
    assert (there.counts.tolist(), there.bound) == (here.counts.tolist(), here.bound)
    assert [step.stage for step in there.steps] == [step.stage for step in here.steps]
