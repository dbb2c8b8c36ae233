"""Busy shares by period.

Against every deployment, the written-out model, and problems that they contain.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pulp
import pytest
from curve import Curve
from hypothesis import given, settings
from hypothesis import strategies as st

from coresponse.optimize.alternatives import alternatives
from coresponse.optimize.demand_costs import DemandCosts
from coresponse.optimize.explicit import explicit_model
from coresponse.optimize.objective import Late, MeanTime, WaitingCost
from coresponse.optimize.periods import PeriodEvaluator
from coresponse.optimize.problem import Problem
from coresponse.optimize.pulp_solvers import available_solvers
from coresponse.optimize.solution import Status, Stop
from coresponse.optimize.solve import solve

EXACT = Stop(60.0, 1e-6)
WAITING: dict[str, WaitingCost] = {
    "mean": MeanTime(),
    "late": Late(600.0),
    "steps": Curve((300.0, 300.0, 600.0, 600.0, 1100.0), (0.1, 0.3, 0.3, 0.7, 1.0)),
}
SHARES = {
    "quiet and busy": [[0.0, 0.0], [0.4, 0.5]],
    "all differ": [[0.1, 0.5], [0.3, 0.2], [0.6, 0.0]],
    "one type always free": [[0.0, 0.5], [0.0, 0.2]],
    "nights nearly always busy": [[0.2, 0.3], [0.97, 0.9]],
}


def by_period(problem: Problem, shares: list[list[float]], seed: int) -> Problem:
    """Give each column one of the periods at random."""
    return replace(
        problem,
        busy_share=np.full(len(problem.type_names), np.nan),
        busy_by_period=np.array(shares),
        column_period=np.random.default_rng(seed).integers(0, len(shares), problem.n_columns),
    )


def costs(
    problem: Problem, waiting: WaitingCost, deployments: np.ndarray, oracle: SimpleNamespace
) -> np.ndarray:
    """Work out (deployments,) mean costs, each column by the shares of its own period."""
    total = np.zeros(len(deployments))
    for i in range(problem.n_columns):
        alone = replace(
            problem,
            response_s=problem.response_s[:, [i]],
            weight=np.ones(1),
            busy_share=problem.busy_by_period[problem.column_period[i]],
            busy_by_period=None,
            column_period=None,
        )
        total += problem.weight[i] * oracle.objective(alone, waiting, deployments)
    return total / problem.weight.sum()


@pytest.mark.parametrize("waiting", WAITING.values(), ids=WAITING.keys())
@pytest.mark.parametrize("shares", SHARES.values(), ids=SHARES.keys())
def test_the_answer_is_the_best_of_all_deployments(
    shares: list[list[float]], waiting: WaitingCost, random_small: Callable, oracle: SimpleNamespace
) -> None:
    answers = 0
    for seed in range(7000, 7010):
        problem = by_period(random_small((0.1, 0.2), seed)[0], shares, seed)
        x = oracle.all_deployments(problem)
        x = x[oracle.allowed(problem, x)]
        found = solve(problem, waiting, stop=EXACT)
        if not len(x):
            assert found.status is Status.INFEASIBLE
            continue
        answers += 1
        value = costs(problem, waiting, x, oracle)
        assert found.status is Status.PROVEN
        assert found.objective == pytest.approx(value.min(), rel=1e-6, abs=1e-9)
        (row,) = np.flatnonzero((x == found.counts).all(axis=1))
        assert found.objective == pytest.approx(value[row], rel=1e-12)
    assert answers >= 5


def test_a_medium_problem_equals_the_written_out_model_with_any_solver(made: Callable) -> None:
    rng = np.random.default_rng(5)
    m, n = 12, 24
    problem = made(
        rng.uniform(60, 1100, (m, n)), weight=rng.uniform(0.1, 4, n), busy=(np.nan,), most=2, units=4,
        busy_by_period=np.array([[0.2], [0.5]]), column_period=rng.integers(0, 2, n),
    )  # fmt: skip
    lp, _ = explicit_model(problem, MeanTime())
    lp.solve(pulp.HiGHS(msg=False, threads=1, gapRel=1e-7))
    assert lp.sol_status == pulp.LpSolutionOptimal
    for solver in sorted({"HiGHS", "CBC"} & set(available_solvers())):
        found = solve(problem, MeanTime(), stop=Stop(60.0, 1e-5), solver=solver)
        assert found.status is Status.PROVEN
        assert found.objective == pytest.approx(float(pulp.value(lp.objective)), rel=2e-5)


@settings(max_examples=15, deadline=None, derandomize=True)
@given(seed=st.integers(0, 10**6), busy=st.sampled_from([(0.0, 0.0), (0.3, 0.1), (0.0, 0.5)]))
def test_the_same_shares_in_all_periods_are_none_by_period(
    random_small: Callable, seed: int, busy: tuple[float, float]
) -> None:
    problem, _ = random_small(busy, seed)
    varied = by_period(problem, [list(busy)] * 3, seed)
    plain, cut = solve(problem, MeanTime(), stop=EXACT), solve(varied, MeanTime(), stop=EXACT)
    assert cut.status is plain.status
    assert cut.objective == pytest.approx(plain.objective, rel=2e-6)


@pytest.mark.parametrize("shares", SHARES.values(), ids=SHARES.keys())
def test_gains_exchanges_samples_and_cuts_add_up(shares: list[list[float]], made: Callable) -> None:
    rng = np.random.default_rng(3)
    m, n = 7, 30
    plain = made(rng.uniform(30, 1400, (m, n)), kind=np.arange(m) % 2, busy=(0.1, 0.2), most=2)
    problem = by_period(plain, shares, 3)
    ready = DemandCosts.of(problem, MeanTime()).evaluator
    assert isinstance(ready, PeriodEvaluator)
    assert ready.weight.sum() == pytest.approx(1.0)
    counts = rng.integers(0, 3, m).astype(float)
    value, gain = ready.gains(counts)
    assert value == pytest.approx(ready.value(counts))
    one = np.eye(m)
    assert value - gain == pytest.approx([ready.value(counts + one[o]) for o in range(m)], abs=1e-6)
    support, change = ready.exchanges(counts)
    for r, out in enumerate(support):
        for o in range(m):
            if o != out:
                assert change[r, o] == pytest.approx(
                    ready.value(counts - one[out] + one[o]) - value, rel=1e-5, abs=1e-3
                )
    total, cuts = ready.cuts(counts + 0.3)
    assert total == pytest.approx(ready.value(counts + 0.3))
    assert sorted(cut.cluster for cut in cuts) == list(range(ready.n_clusters))
    for _ in range(5):
        other = rng.uniform(0, 2, m)
        claimed = sum(cut.constant - cut.coefficients @ other for cut in cuts)
        assert claimed <= ready.value(other) * (1 + 1e-9)
    few = ready.sampled(10, seed=1)
    assert few.weight.sum() == pytest.approx(1.0)
    assert len(few.weight) < len(ready.weight)


def test_alternatives_know_periods(made: Callable, oracle: SimpleNamespace) -> None:
    rng = np.random.default_rng(8)
    plain = made(
        rng.uniform(60, 1100, (6, 9)), kind=[0, 0, 0, 1, 1, 1], busy=(0.1, 0.2), most=1, units=3
    )
    problem = by_period(plain, [[0.1, 0.4], [0.5, 0.2]], 8)
    x = oracle.all_deployments(problem)
    value = costs(problem, MeanTime(), x, oracle)
    posts = [f"p{o}" for o in range(6)]
    found = alternatives(problem, MeanTime(), posts, count=2, differ_in=2, stop=EXACT).found
    ranked = np.argsort(np.where(oracle.allowed(problem, x), value, np.inf))
    best = x[ranked[0]] > 0
    second = next(row for row in ranked if ((x[row] > 0) != best).sum() >= 2)
    assert [a.solution.objective for a in found] == pytest.approx(
        [value[ranked[0]], value[second]], rel=2e-6
    )


def test_who_is_always_free_is_so_in_all_periods_of_the_columns(random_small: object) -> None:
    problem, _ = random_small((0.0, 0.4), 1)
    assert not problem.all_free
    assert replace(problem, option_type=np.zeros(problem.n_options, dtype=np.int64)).all_free
    assert by_period(problem, [[0.0, 0.0], [0.0, 0.0]], 1).all_free
    assert not by_period(problem, [[0.0, 0.0], [0.0, 0.2]], 1).all_free
    only_first = np.zeros(problem.n_columns, dtype=np.int64)
    some = by_period(problem, [[0.0, 0.0], [0.0, 0.2]], 1)
    assert replace(some, column_period=only_first).all_free
