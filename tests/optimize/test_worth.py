from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest

from coresponse.data.errors import InputError
from coresponse.optimize.demand_costs import DemandCosts
from coresponse.optimize.objective import Late, MeanTime, WaitingCost
from coresponse.optimize.problem import Limit, Problem
from coresponse.optimize.recount import recount
from coresponse.optimize.solution import Status, Stop
from coresponse.optimize.solve import solve
from coresponse.optimize.worth import worth_of_posts

EXACT = Stop(60.0, 1e-6)
POSTS = ("p0", "p0", "p1", "p2", "p3", "p4")


def made(seed: int, busy: tuple[float, float] = (0.3, 0.0)) -> Problem:
    rng = np.random.default_rng(seed)
    m, n = 6, 12
    kind = np.array([0, 1, 0, 1, 0, 1])
    return Problem(
        response_s=rng.uniform(60, 1500, (m, n)).astype(np.float32),
        weight=rng.uniform(0.2, 3.0, n),
        fallback_s=1800.0,
        option_type=kind,
        option_names=tuple(f"{post} / {k}" for post, k in zip(POSTS, kind, strict=True)),
        type_names=("a", "b"),
        busy_share=np.array(busy),
        most=np.full(m, 2, dtype=np.int64),
        limits=(
            Limit("units", np.ones(m), at_most=3),
            Limit("b", (kind == 1).astype(float), at_most=1),
        ),
    )


def brute_force(problem: Problem, waiting: WaitingCost, post: str, *, used: bool) -> float:
    here = np.array([p == post for p in POSTS])
    best = np.inf
    for counts in itertools.product(*(range(int(most) + 1) for most in problem.most)):
        x = np.array(counts)
        if bool(x[here].any()) is used and not problem.broken_limits(x):
            best = min(best, recount(problem, waiting, x))
    return best


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("waiting", [MeanTime(), Late(450.0)], ids=["mean", "late"])
def test_forced_out_and_forced_in_cost_what_brute_force_says(
    seed: int, waiting: WaitingCost
) -> None:
    problem = made(seed, (0.3, 0.0) if seed % 2 else (0.0, 0.0))
    plan = solve(problem, waiting, stop=EXACT)
    found = worth_of_posts(problem, waiting, POSTS, plan, stop=EXACT)
    assert {worth.post for worth in found} == set(POSTS)
    assert [worth.chosen for worth in found] == sorted(
        (worth.chosen for worth in found), reverse=True
    )
    for worth in found:
        best = brute_force(problem, waiting, worth.post, used=not worth.chosen)
        assert worth.status is Status.PROVEN
        assert worth.change == pytest.approx(best - plan.objective, abs=1e-4 * plan.objective)
        assert worth.change_at_least == pytest.approx(worth.change, abs=1e-4 * plan.objective)
        there = worth.counts[np.array([p == worth.post for p in POSTS])].any()
        assert there != worth.chosen
        assert not problem.broken_limits(worth.counts)


def test_a_post_that_must_stay_cannot_be_left_out() -> None:
    problem = made(3)
    here = np.array([p == "p2" for p in POSTS])
    problem = replace(
        problem, limits=(*problem.limits, Limit("p2: must", here.astype(float), at_least=1))
    )
    plan = solve(problem, MeanTime(), stop=EXACT)
    (worth,) = worth_of_posts(problem, MeanTime(), POSTS, plan, only=["p2"], stop=EXACT)
    assert worth.chosen
    assert worth.status is Status.INFEASIBLE
    assert worth.change == np.inf
    assert worth.change_at_least == np.inf


def test_without_time_the_range_still_holds_the_truth() -> None:
    problem = made(4)
    plan = solve(problem, MeanTime(), stop=EXACT)
    for worth in worth_of_posts(problem, MeanTime(), POSTS, plan, total_s=0.0, stop=EXACT):
        truth = brute_force(problem, MeanTime(), worth.post, used=not worth.chosen) - plan.objective
        assert worth.change_at_least - 1e-3 <= truth <= worth.change + 1e-3
        assert np.isfinite(worth.change)


def test_costs_of_another_demand_are_refused() -> None:
    costs = DemandCosts.of(made(1), MeanTime())
    with pytest.raises(InputError, match="only limits may differ"):
        solve(made(2), MeanTime(), costs=costs)
    with pytest.raises(InputError, match="only limits may differ"):
        solve(costs.problem, Late(300.0), costs=costs)


def test_wrong_requests_are_refused() -> None:
    problem = made(0)
    plan = solve(problem, MeanTime(), stop=EXACT)
    with pytest.raises(InputError, match="no option is at p9"):
        worth_of_posts(problem, MeanTime(), POSTS, plan, only=["p9"])
    with pytest.raises(InputError, match="nothing was found"):
        worth_of_posts(
            problem, MeanTime(), POSTS, replace(plan, counts=np.empty(0, dtype=np.int64))
        )
