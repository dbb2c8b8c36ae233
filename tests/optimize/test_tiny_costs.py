"""Objectives that are next to nothing are proven, too: solvers' tolerances are absolute, ours are not."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import numpy as np
import pytest

from coresponse.optimize.objective import Late, MeanTime
from coresponse.optimize.problem import Limit
from coresponse.optimize.solution import Status, Stop
from coresponse.optimize.solve import solve

STANDARD_S = 220.0


@pytest.mark.parametrize("seed", [7, 9, 28, 38])
def test_a_late_share_of_one_in_ten_million_is_proven(seed: int, made: Callable) -> None:
    rng = np.random.default_rng(seed)
    posts, calls = rng.random((40, 2)), rng.random((400, 2))
    drive = np.linalg.norm(posts[:, None] - calls[None], axis=2) * 1000
    weight = np.ones(400)
    weight[rng.random(400) < 0.5] = 10.0 ** rng.uniform(-8, -5)
    weight = np.where(weight == 1, 1, weight * rng.uniform(0.5, 2, 400))
    units = int(rng.integers(10, 16))
    solution = solve(
        made(drive, weight=weight, fallback_s=3000.0, units=units),
        Late(STANDARD_S),
        stop=Stop(60.0, 1e-4),
    )
    assert solution.objective < 1e-7
    assert solution.status is Status.PROVEN
    assert solution.objective - solution.bound <= 1.1e-4 * solution.objective


@pytest.mark.parametrize("busy", [(0.0,), (0.0, 0.3), (0.4,)], ids=str)
@pytest.mark.parametrize("weight", [1e-12, 1e-7, 1e-4])
def test_tiny_costs_are_the_least_of_all_deployments(
    weight: float, busy: tuple[float, ...], made: Callable, oracle: SimpleNamespace
) -> None:
    # one call is next to the first post and makes up nearly all weight; the others decide
    for seed in range(4):
        rng = np.random.default_rng([seed, 5])
        response = rng.uniform(1, 1100, (6, 9))
        response[:, 0] = 0.0
        weights = np.r_[1.0, rng.uniform(0.2, 2, 8) * weight]
        kind = np.arange(6) % len(busy)
        must = Limit("first", (np.arange(6) == 0).astype(float), at_least=1)
        problem = made(
            response, weight=weights, kind=kind, busy=busy, most=2, units=3, limits=(must,)
        )
        for waiting in (MeanTime(), Late(400.0)):
            solution = solve(problem, waiting, stop=Stop(60.0, 1e-6))
            assert solution.status is Status.PROVEN
            least = oracle.least(problem, waiting)
            assert solution.objective == pytest.approx(least, rel=2e-6)
            assert solution.bound <= least * (1 + 1e-6)
