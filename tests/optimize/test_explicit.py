"""The model written out in PuLP and solved whole, against the decomposition."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pulp
import pytest
from curve import Curve

from coresponse.optimize.explicit import explicit_model
from coresponse.optimize.objective import Late, MeanTime, WaitingCost
from coresponse.optimize.problem import Limit, Problem
from coresponse.optimize.solution import Status, Stop
from coresponse.optimize.solve import solve

EXACT = Stop(120.0, 1e-6)
STEPS = Curve((300.0, 300.0, 700.0, 700.0), (0.0, 0.4, 0.4, 1.0))


def medium(made: object, seed: int, n: int, busy: tuple[float, ...]) -> Problem:
    """Draw 12 options and n columns in a plane, with a limit on all responders, a budget and a post that must be used."""
    rng = np.random.default_rng(seed)
    kind = np.arange(12) % len(busy)
    here, there = rng.uniform(0, 900, (12, 2)), rng.uniform(0, 900, (n, 2))
    response = np.linalg.norm(here[:, None] - there[None], axis=2) * (1 + 0.25 * kind)[:, None] + 60
    response[rng.random((12, n)) < 0.1] = np.inf
    limits = (
        Limit("budget", np.where(kind == 0, 3.0, 2.0), at_most=9.0),
        Limit("must", (np.arange(12) == 5).astype(float), at_least=1),
    )
    return made(
        response,
        weight=rng.uniform(0.2, 4, n),
        kind=kind,
        busy=busy,
        most=2,
        limits=limits,
        units=4,
        fallback_s=1500.0,
    )


def optimum(problem: Problem, waiting: WaitingCost) -> tuple[float, np.ndarray]:
    lp, counts = explicit_model(problem, waiting)
    lp.solve(pulp.HiGHS(msg=False, threads=1, gapRel=1e-8))
    assert lp.sol_status == pulp.LpSolutionOptimal
    return float(pulp.value(lp.objective)), np.array([round(x.varValue) for x in counts])


@pytest.mark.parametrize(
    ("busy", "waiting", "n"),
    [
        ((0.0,), MeanTime(), 30),
        ((0.0,), Late(400.0), 30),
        ((0.0,), STEPS, 30),
        ((0.0, 0.0), MeanTime(), 30),
        ((0.3,), Late(400.0), 30),
        ((0.3,), STEPS, 30),
        ((0.1,), MeanTime(), 30),
        ((0.3, 0.1), Late(400.0), 30),
        ((0.0, 0.1), STEPS, 30),
        ((0.0, 0.1), MeanTime(), 12),
    ],
    ids=lambda value: type(value).__name__ if hasattr(value, "unit") else str(value),
)
@pytest.mark.parametrize("seed", range(2))
def test_the_written_out_model_has_the_same_optimum(
    busy: tuple[float, ...],
    waiting: WaitingCost,
    n: int,
    seed: int,
    made: object,
    oracle: SimpleNamespace,
) -> None:
    problem = medium(made, seed, n, busy)
    whole, counts = optimum(problem, waiting)
    solution = solve(problem, waiting, stop=EXACT)
    assert solution.status is Status.PROVEN
    assert solution.objective == pytest.approx(whole, rel=2e-6)
    # what the explicit model claims for its own deployment is true
    assert oracle.allowed(problem, counts).all()
    assert oracle.objective(problem, waiting, counts)[0] == pytest.approx(whole, rel=1e-5)


def test_the_written_out_model_of_tiny_cases(line: Problem, two_towns: Problem) -> None:
    value, counts = optimum(line, MeanTime())
    assert value == pytest.approx(0.0, abs=1e-9)
    assert counts.tolist() == [1, 1, 1]
    value, counts = optimum(two_towns, MeanTime())
    assert value == pytest.approx(40.0)
    assert counts.tolist() == [1, 1]


def test_the_written_out_model_of_impossible_limits_is_infeasible(made: object) -> None:
    problem = made([[1.0], [2.0]], units=1, limits=(Limit("least", np.ones(2), at_least=2),))
    lp, _ = explicit_model(problem, MeanTime())
    lp.solve(pulp.HiGHS(msg=False))
    assert lp.sol_status == pulp.LpSolutionInfeasible
    assert solve(problem, MeanTime()).status is Status.INFEASIBLE
