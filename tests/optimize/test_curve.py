from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest

from coresponse.data.errors import InputError
from coresponse.optimize.curve import marginal_curve
from coresponse.optimize.objective import Late, MeanTime, WaitingCost
from coresponse.optimize.problem import Limit, Problem
from coresponse.optimize.recount import recount
from coresponse.optimize.solution import Status, Stop

EXACT = Stop(60.0, 1e-6)


def three_on_a_line() -> Problem:
    """Posts and calls at 0, 5 and 10; half as many calls in the middle.

    The middle alone, but both ends for two.
    """
    place = np.array([0.0, 5.0, 10.0])
    return Problem(
        response_s=np.abs(place[:, None] - place[None, :]).astype(np.float32),
        weight=np.array([1.0, 0.5, 1.0]),
        fallback_s=100.0,
        option_type=np.zeros(3, dtype=np.int64),
        option_names=("left", "middle", "right"),
        type_names=("unit",),
        busy_share=np.zeros(1),
        most=np.ones(3, dtype=np.int64),
        limits=(Limit("units", np.ones(3), at_most=3),),
    )


def made(seed: int, busy: tuple[float, float] = (0.0, 0.4)) -> Problem:
    rng = np.random.default_rng(seed)
    m, n = 6, 14
    response = rng.uniform(60, 1500, (m, n)).astype(np.float32)
    response[rng.random((m, n)) < 0.15] = np.inf
    kind = np.arange(m) % 2
    return Problem(
        response_s=response,
        weight=rng.uniform(0.2, 3.0, n),
        fallback_s=1800.0,
        option_type=kind,
        option_names=tuple(f"o{o}" for o in range(m)),
        type_names=("a", "b"),
        busy_share=np.array(busy),
        most=np.full(m, 2, dtype=np.int64),
        limits=(
            Limit("units", np.ones(m), at_most=4),
            Limit("budget", np.where(kind == 0, 3.0, 2.0), at_most=9.0, unit="dollars"),
        ),
    )


def brute_force(problem: Problem, waiting: WaitingCost, least: np.ndarray | None = None) -> float:
    best = np.inf
    for counts in itertools.product(*(range(int(most) + 1) for most in problem.most)):
        x = np.array(counts)
        if (least is None or (x >= least).all()) and not problem.broken_limits(x):
            best = min(best, recount(problem, waiting, x))
    return best


def with_units(problem: Problem, value: float) -> Problem:
    limits = tuple(
        replace(limit, at_most=value) if limit.name == "units" else limit
        for limit in problem.limits
    )
    return replace(problem, limits=limits)


def test_re_optimized_moves_and_nested_stays() -> None:
    free = marginal_curve(
        three_on_a_line(), MeanTime(), "units", (1, 2, 3), nested=False, stop=EXACT
    )
    kept = marginal_curve(
        three_on_a_line(), MeanTime(), "units", (1, 2, 3), nested=True, stop=EXACT
    )
    assert [point.objective for point in free] == pytest.approx([4.0, 1.0, 0.0])
    assert [point.objective for point in kept] == pytest.approx([4.0, 2.0, 0.0])
    assert free[1].counts.tolist() == [1, 0, 1]
    assert [point.counts[1] for point in kept] == [1, 1, 1]
    assert [point.saves for point in kept[1:]] == pytest.approx([2.0, 2.0])
    assert np.isnan(kept[0].saves)
    assert {point.status for point in (*free, *kept)} == {Status.PROVEN}


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("waiting", [MeanTime(), Late(500.0)], ids=["mean", "late"])
def test_each_point_is_the_brute_force_optimum(seed: int, waiting: WaitingCost) -> None:
    problem = made(seed, (0.0, 0.4) if seed % 2 else (0.25, 0.4))
    free = marginal_curve(problem, waiting, "units", (0, 1, 2, 3, 4), nested=False, stop=EXACT)
    for point in free:
        assert point.objective == pytest.approx(
            brute_force(with_units(problem, point.value), waiting), rel=1e-5
        )
    kept = marginal_curve(problem, waiting, "units", (0, 1, 2, 3, 4), nested=True, stop=EXACT)
    least = np.zeros(problem.n_options, dtype=np.int64)
    for point in kept:
        best = brute_force(with_units(problem, point.value), waiting, least)
        assert point.objective == pytest.approx(best, rel=1e-5)
        assert (point.counts >= least).all()
        least = point.counts
    for curve in (free, kept):
        assert (np.diff([point.objective for point in curve]) <= 1e-9).all()
    for a, b in zip(free, kept, strict=True):
        assert a.objective <= b.objective * (1 + 1e-6)


def test_what_is_there_today_stays_in_a_nested_curve_and_may_go_in_the_other() -> None:
    problem = three_on_a_line()
    today = np.array([1, 0, 0])
    kept = marginal_curve(
        problem, MeanTime(), "units", (1, 2), nested=True, start=today, stop=EXACT
    )
    assert [point.objective for point in kept] == pytest.approx([5.0, 1.0])
    free = marginal_curve(
        problem, MeanTime(), "units", (1, 2), nested=False, start=today, stop=EXACT
    )
    assert [point.objective for point in free] == pytest.approx([4.0, 1.0])


def test_too_little_for_what_is_there_is_infeasible_and_the_curve_goes_on() -> None:
    problem = three_on_a_line()
    kept = marginal_curve(
        problem, MeanTime(), "units", (1, 2), nested=True, start=np.array([1, 0, 1]), stop=EXACT
    )
    assert [point.status for point in kept] == [Status.INFEASIBLE, Status.PROVEN]
    assert kept[1].objective == pytest.approx(1.0)


def test_any_limit_from_above_can_be_varied() -> None:
    problem = made(3)
    curve = marginal_curve(problem, MeanTime(), "budget", (2.0, 5.0, 9.0), nested=False, stop=EXACT)
    for point in curve:
        limits = (problem.limits[0], replace(problem.limits[1], at_most=point.value))
        best = brute_force(replace(problem, limits=limits), MeanTime())
        assert point.objective == pytest.approx(best, rel=1e-5)


def test_without_time_each_point_still_says_what_it_knows() -> None:
    problem = made(1)
    for point in marginal_curve(
        problem, MeanTime(), "units", (1, 2, 3), nested=False, stop=Stop(0.0, 1e-6)
    ):
        best = brute_force(with_units(problem, point.value), MeanTime())
        assert point.objective >= best * (1 - 1e-6)
        assert point.bound <= best * (1 + 1e-6)


def test_unknown_limits_and_values_above_the_limit_are_refused() -> None:
    problem = three_on_a_line()
    with pytest.raises(InputError, match="there are: units"):
        marginal_curve(problem, MeanTime(), "crews", (1,), nested=False)
    with pytest.raises(InputError, match="largest value"):
        marginal_curve(problem, MeanTime(), "units", (1, 4), nested=False)
