"""What the goals' engine does in which order."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from coresponse.optimize.goals.demand import Demand, Groups
from coresponse.optimize.goals.excess import ExcessSearch
from coresponse.optimize.goals.goal import Mean, Mix, MixPart, WorstDistrict
from coresponse.optimize.goals.solve import solve_goal
from coresponse.optimize.problem import Problem
from coresponse.optimize.search import Room
from coresponse.optimize.solution import Status, Step, Stop


def towns(made: Callable, busy: float, *, columns: int = 120) -> tuple[Problem, Demand]:
    """Return posts and calls at random places, and four districts by where the calls are."""
    rng = np.random.default_rng(1)
    post, call = rng.random((20, 2)), rng.random((columns, 2))
    drive = np.linalg.norm(post[:, None] - call[None], axis=2) * 900
    problem = made(drive, busy=(busy,), most=2, units=5)
    district = (call[:, 0] > 0.5) * 2 + (call[:, 1] > 0.5)
    calls = (district == np.arange(4)[:, None]).astype(float)
    return problem, Demand(np.ones(columns), Groups(tuple("abcd"), calls, np.full(4, 100)))


@pytest.mark.parametrize("busy", [0.0, 0.3])
def test_there_is_a_bound_before_random_changes_are_tried(
    busy: float, made: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    problem, demand = towns(made, busy)
    steps: list[Step] = []
    bounds: list[float] = []
    kick = ExcessSearch.kick

    def noted(self: ExcessSearch, room: Room, counts: np.ndarray, rng: np.random.Generator) -> None:
        bounds.append(steps[-1].bound)
        kick(self, room, counts, rng)

    monkeypatch.setattr(ExcessSearch, "kick", noted)
    found = solve_goal(
        problem,
        WorstDistrict(),
        demand=demand,
        stop=Stop(60.0, 1e-4),
        watch=steps.append,
        explicit_most=-1.0,
    )
    assert bounds
    assert min(bounds) > 0.5 * found.objective


def test_large_weights_leave_no_estimate_uncut(made: Callable) -> None:
    # cuts are broken by so much beside the estimates, not beside an objective of a thousand times
    # as much: boxes would be closed before their estimates are exact
    problem, demand = towns(made, 0.3, columns=60)
    parts = (MixPart(weight=1000, of=WorstDistrict()), MixPart(weight=1000, of=Mean()))
    found = solve_goal(
        problem, Mix(parts=parts), demand=demand, stop=Stop(600.0, 1e-6), explicit_most=-1.0
    )
    assert found.status is Status.PROVEN
