"""Responders that nobody would ever call are not searched for, and nothing is lost by that."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from coresponse.optimize.ever_called import without_never_called
from coresponse.optimize.objective import MeanTime
from coresponse.optimize.problem import Limit, Problem

BUSY = {
    "always free": (0.0,),
    "hardly ever busy": (1e-6, 1e-4),
    "one type always free": (0.0, 0.3),
    "often busy": (0.6,),
}


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("busy", BUSY.values(), ids=BUSY.keys())
def test_the_best_of_all_deployments_is_as_good_among_those_of_use(
    busy: tuple[float, ...],
    seed: int,
    random_small: Callable[..., tuple[Problem, object]],
    oracle: SimpleNamespace,
) -> None:
    problem, _ = random_small(busy, 7000 + seed)
    problem = replace(problem, most=np.where(problem.most > 0, problem.most + 2, 0))
    searched = without_never_called(problem)
    assert (searched.most <= problem.most).all()
    best, found = oracle.least(problem, MeanTime()), oracle.least(searched, MeanTime())
    if best is None:
        assert found is None
    else:
        assert found == pytest.approx(best, rel=1e-8)


def test_nobody_stands_behind_one_who_is_always_free(made: Callable[..., Problem]) -> None:
    """A city without a limit on clinicians was told to hire a thousand for one post."""
    problem = made([[60.0], [90.0]], kind=[0, 1], busy=(0.0, 0.01), most=1000)
    assert without_never_called(problem).most.tolist() == [1, 5]  # .01 ** 5 is less than 1e-9


def test_what_a_limit_asks_for_may_stand_where_it_is_not_needed(
    made: Callable[..., Problem],
) -> None:
    of_today = made([[60.0], [90.0]], most=50, today=np.array([0, 9]))
    assert without_never_called(of_today).most.tolist() == [1, 9]
    asked = Limit("at least 7 at the first", np.array([1.0, 0.0]), at_least=7)
    assert without_never_called(made([[60.0], [90.0]], most=50, limits=[asked])).most.tolist() == [
        50,
        1,
    ]
