"""Small merged models are left to the solver's own branch and bound where boxes do not close the gap."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import numpy as np
import pytest

from coresponse.coverage.travel import travel_times
from coresponse.data.roads.made import street_grid
from coresponse.optimize import decompose
from coresponse.optimize.objective import Late, MeanTime
from coresponse.optimize.problem import Problem
from coresponse.optimize.solution import Status, Stop
from coresponse.optimize.solve import solve


def covering(made: Callable) -> Problem:
    """Return 10,000 calls on a street grid, 100 posts, 20 units; 222 s reach 99.8% of the calls."""
    network = street_grid(100, 100, seed=10_000)
    rng = np.random.default_rng([10_000, 100])
    demand = rng.choice(network.n_nodes, 10_000, replace=False).astype(np.int32)
    posts = rng.choice(network.n_nodes, 100, replace=False).astype(np.int32)
    travel = travel_times(network, posts, targets=demand)
    weight = rng.uniform(0.5, 1.5, 10_000)
    return made(travel, weight=weight, fallback_s=float(travel.max()) + 60.0, units=20)


def test_covering_near_100_percent_is_proven_where_boxes_leave_it_open(
    made: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    problem, late = covering(made), Late(222.0)
    boxes = solve(problem, late, stop=Stop(600.0, 1e-4, boxes=60))
    assert boxes.status is Status.BEST_FOUND
    monkeypatch.setattr(decompose, "WRITTEN_AFTER", 10)
    found = solve(problem, late, stop=Stop(600.0, 1e-4))
    assert 0 < found.objective < 0.01
    assert found.status is Status.PROVEN
    assert boxes.bound <= found.objective * (1 + 1e-6)


@pytest.mark.parametrize("busy", [(0.0,), (0.0, 0.0), (0.0, 0.4)], ids=str)
def test_what_the_solver_finds_is_the_best_of_all_deployments(
    busy: tuple[float, ...],
    random_small: Callable,
    oracle: SimpleNamespace,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(decompose, "WRITTEN_AFTER", 0)
    for seed in range(700, 730):
        problem, _ = random_small(busy, seed)
        for waiting in (MeanTime(), Late(600.0)):
            solution = solve(problem, waiting, stop=Stop(60.0, 1e-6), starts=1)
            least = oracle.least(problem, waiting)
            if least is None:
                assert solution.status is Status.INFEASIBLE
                continue
            assert solution.status is Status.PROVEN
            assert solution.objective == pytest.approx(least, rel=1e-5, abs=1e-9)
