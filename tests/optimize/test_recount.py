from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from curve import Curve

from coresponse.optimize import recount as recounting
from coresponse.optimize.objective import Late, MeanTime, WaitingCost
from coresponse.optimize.problem import Problem
from coresponse.optimize.recount import recount, waits

WAITING = [MeanTime(), Late(600.0), Curve((300.0, 300.0, 900.0), (0.0, 0.2, 1.0))]


def test_hand_cases(line: Problem, two_towns: Problem) -> None:
    assert recount(line, MeanTime(), np.array([0, 0, 0])) == 100.0
    assert recount(line, MeanTime(), np.array([0, 1, 0])) == pytest.approx(4.0)
    assert recount(line, MeanTime(), np.array([1, 0, 1])) == pytest.approx(1.0)
    assert recount(line, Late(4.0), np.array([1, 0, 0])) == pytest.approx(1.5 / 2.5)
    assert recount(two_towns, MeanTime(), np.array([2, 0])) == pytest.approx(45.0)
    assert recount(two_towns, MeanTime(), np.array([1, 1])) == pytest.approx(40.0)


def test_nobody_is_worse_than_the_fallback(made: object) -> None:
    problem = made([[5000.0, np.inf, 100.0]], fallback_s=1000.0, busy=(0.25,))
    assert recount(problem, MeanTime(), np.array([1])) == pytest.approx(
        (1000 + 1000 + 0.75 * 100 + 0.25 * 1000) / 3
    )


@pytest.mark.parametrize(
    "busy", [(0.0,), (0.35,), (0.0, 0.4), (0.2, 0.45), (0.0, 0.3, 0.6)], ids=str
)
@pytest.mark.parametrize("waiting", WAITING, ids=lambda waiting: type(waiting).__name__)
def test_the_recount_is_the_oracle(
    busy: tuple[float, ...], waiting: WaitingCost, random_small: object, oracle: SimpleNamespace
) -> None:
    for seed in range(6):
        problem, _ = random_small(busy, seed)
        deployments = oracle.all_deployments(problem)[::7]
        expected = oracle.objective(problem, waiting, deployments)
        assert [recount(problem, waiting, x) for x in deployments] == pytest.approx(
            expected, rel=1e-12
        )


@pytest.mark.parametrize("answers", [1, 12, 40], ids=["a column", "some", "some and a rest"])
def test_blocks_of_any_size_give_the_same_waits(
    answers: int, random_small: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    problem, _ = random_small((0.2, 0.45), 3)
    by_period = replace(
        problem,
        busy_share=np.full(2, np.nan),
        busy_by_period=np.array([[0.1, 0.4], [0.3, 0.2]]),
        column_period=np.arange(problem.n_columns) % 2,
    )
    counts = np.arange(problem.n_options) % 3
    whole = [waits(one, counts) for one in (problem, by_period)]
    monkeypatch.setattr(recounting, "BLOCK", answers)
    for one, expected in zip((problem, by_period), whole, strict=True):
        found = waits(one, counts)
        assert (found.seconds == expected.seconds).all()
        assert (found.chance == expected.chance).all()


def test_the_oracle_is_what_chance_says(made: object, oracle: SimpleNamespace) -> None:
    """Draw who is free 200,000 times and send the nearest who is."""
    rng = np.random.default_rng(4)
    kind = np.array([0, 1, 0, 1])
    busy = np.array([0.3, 0.6])
    response = rng.uniform(60, 1000, (4, 5))
    response[1, :2] = np.inf
    problem = made(response, weight=rng.uniform(1, 3, 5), kind=kind, busy=busy, most=2)
    counts = np.array([1, 2, 1, 1])
    crew = np.repeat(np.arange(4), counts)
    draws = 200_000
    free = rng.random((draws, len(crew))) >= busy[kind[crew]]
    waits = np.where(free[:, :, None], problem.response_s[crew][None], np.inf).min(axis=1)
    each = np.minimum(waits, problem.fallback_s) @ problem.weight / problem.weight.sum()
    error = each.std() / np.sqrt(draws)
    assert oracle.objective(problem, MeanTime(), counts)[0] == pytest.approx(
        each.mean(), abs=4 * error
    )
    assert recount(problem, MeanTime(), counts) == pytest.approx(each.mean(), abs=4 * error)
    assert error < 1.0
