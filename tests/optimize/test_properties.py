"""What must hold for every problem."""

from __future__ import annotations

import itertools
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from curve import Curve
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from coresponse.optimize.demand_costs import DemandCosts
from coresponse.optimize.envelope import knots
from coresponse.optimize.evaluate import Evaluator, evaluator
from coresponse.optimize.objective import Late, MeanTime, WaitingCost
from coresponse.optimize.problem import Limit, Problem
from coresponse.optimize.solution import Status, Stop
from coresponse.optimize.solve import solve

EXACT = Stop(60.0, 1e-7)
FALLBACK_S = 1000.0
SHARES = (0.0, 0.1, 0.25, 0.5, 0.9)
BUSY = st.sampled_from([(0.0,), (0.4,), (0.0, 0.3), (0.2, 0.45), (0.5, 0.25), (0.0, 0.1, 0.6)])
WAITING = st.sampled_from([MeanTime(), Late(500.0), Curve((200.0, 200.0, 800.0), (0.0, 0.25, 1.0))])
SECONDS = st.one_of(st.integers(0, 12).map(lambda k: 100.0 * k), st.just(np.inf))

many = settings(max_examples=40, deadline=None, derandomize=True)
few = settings(max_examples=20, deadline=None, derandomize=True)


@st.composite
def problems(
    draw: st.DrawFn, busy: st.SearchStrategy[tuple[float, ...]] = BUSY, most: int = 2
) -> Problem:
    """Draw a problem with a limit on all responders."""
    shares = draw(busy)
    m, n = draw(st.integers(1, 6)), draw(st.integers(1, 8))
    response = draw(st.lists(st.lists(SECONDS, min_size=n, max_size=n), min_size=m, max_size=m))
    weight = draw(st.lists(st.integers(1, 9), min_size=n, max_size=n))
    units = draw(st.integers(0, 4))
    return Problem(
        response_s=np.array(response, dtype=np.float32),
        weight=np.array(weight, dtype=np.float64),
        fallback_s=FALLBACK_S,
        option_type=np.arange(m) % len(shares),
        option_names=tuple(f"o{o}" for o in range(m)),
        type_names=tuple(f"t{t}" for t in range(len(shares))),
        busy_share=np.array(shares),
        most=np.full(m, most, dtype=np.int64),
        limits=(Limit("units", np.ones(m), at_most=units),),
    )


def with_units(problem: Problem, units: float) -> Problem:
    return replace(problem, limits=(replace(problem.limits[0], at_most=units),))


def proven(problem: Problem, waiting: WaitingCost) -> float:
    solution = solve(problem, waiting, stop=EXACT)
    assert solution.status is Status.PROVEN
    return solution.objective


def same(value: float) -> object:
    return pytest.approx(value, rel=2e-6, abs=1e-8)


@many
@given(problem=problems(), waiting=WAITING)
def test_one_more_responder_never_hurts(problem: Problem, waiting: WaitingCost) -> None:
    units = problem.limits[0].at_most
    assert (
        proven(with_units(problem, units + 1), waiting)
        <= proven(problem, waiting) * (1 + 1e-6) + 1e-9
    )


@many
@given(problem=problems(), waiting=WAITING, seed=st.integers(0, 1000))
def test_relabelled_options_and_columns_change_nothing(
    problem: Problem, waiting: WaitingCost, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    o, i = rng.permutation(problem.n_options), rng.permutation(problem.n_columns)
    limits = tuple(replace(limit, coefficients=limit.coefficients[o]) for limit in problem.limits)
    other = replace(
        problem,
        response_s=problem.response_s[o][:, i],
        weight=problem.weight[i],
        option_type=problem.option_type[o],
        most=problem.most[o],
        limits=limits,
    )
    assert proven(other, waiting) == same(proven(problem, waiting))


@many
@given(problem=problems(), waiting=WAITING, part=st.floats(0.05, 0.95), data=st.data())
def test_a_column_split_in_two_changes_nothing(
    problem: Problem, waiting: WaitingCost, part: float, data: st.DataObject
) -> None:
    i = data.draw(st.integers(0, problem.n_columns - 1))
    weight = np.append(problem.weight, problem.weight[i] * part)
    weight[i] *= 1 - part
    other = replace(
        problem, response_s=np.c_[problem.response_s, problem.response_s[:, i]], weight=weight
    )
    assert proven(other, waiting) == same(proven(problem, waiting))


@few
@given(problem=problems(), waiting=WAITING, factor=st.sampled_from([1e-6, 0.3, 7.0, 1e6]))
def test_weights_count_only_against_each_other(
    problem: Problem, waiting: WaitingCost, factor: float
) -> None:
    assert proven(replace(problem, weight=problem.weight * factor), waiting) == same(
        proven(problem, waiting)
    )


@few
@given(problem=problems(), waiting=WAITING)
def test_what_was_learnt_under_other_limits_changes_nothing(
    problem: Problem, waiting: WaitingCost
) -> None:
    costs = DemandCosts.of(problem, waiting)
    for units in (3, 1, 4, 2, 0):
        limited = with_units(problem, units)
        again = solve(limited, waiting, stop=EXACT, costs=costs)
        assert again.status is Status.PROVEN
        assert again.objective == same(proven(limited, waiting))


# ---- the field's models as special cases ----


def subsets(problem: Problem) -> list[tuple[int, ...]]:
    p = min(int(problem.limits[0].at_most), problem.n_options)
    return list(itertools.combinations(range(problem.n_options), p))


@many
@given(problem=problems(st.just((0.0,)), most=1))
def test_always_free_is_the_p_median(problem: Problem) -> None:
    d = np.minimum(problem.response_s, FALLBACK_S).tolist()
    best = min(
        sum(w * min([FALLBACK_S, *(d[o][i] for o in chosen)]) for i, w in enumerate(problem.weight))
        for chosen in subsets(problem)
    )
    assert proven(problem, MeanTime()) == same(best / problem.weight.sum())


@many
@given(problem=problems(st.just((0.0,)), most=1), target=st.integers(0, 9).map(lambda k: 100.0 * k))
def test_a_step_is_maximal_covering(problem: Problem, target: float) -> None:
    within = problem.response_s <= target
    covered = max(
        float(problem.weight @ within[list(chosen)].any(axis=0)) for chosen in subsets(problem)
    )
    assert proven(problem, Late(target)) == same(1 - covered / problem.weight.sum())


@few
@given(
    problem=problems(st.sampled_from([(0.2,), (0.5,), (0.8,)])),
    target=st.integers(0, 9).map(lambda k: 100.0 * k),
)
def test_a_step_with_busy_responders_is_expected_covering(problem: Problem, target: float) -> None:
    """MEXCLP: with k responders within the standard a call is in time with 1 - q^k."""
    q, p = float(problem.busy_share[0]), int(problem.limits[0].at_most)
    within = (problem.response_s <= target).astype(int)
    crews = itertools.combinations_with_replacement(
        range(problem.n_options), min(p, 2 * problem.n_options)
    )
    best = 0.0
    for crew in crews:
        counts = np.bincount(np.array(crew, dtype=int), minlength=problem.n_options)
        if counts.max(initial=0) <= 2:
            best = max(best, float(problem.weight @ (1 - q ** (counts @ within))))
    assert proven(problem, Late(target)) == same(1 - best / problem.weight.sum())


@many
@given(problem=problems(st.just((0.0,)), most=1))
def test_a_large_fallback_is_set_covering(problem: Problem) -> None:
    reached = np.isfinite(problem.response_s)
    assume(reached.any(axis=0).all())
    sizes = range(1, problem.n_options + 1)
    fewest = next(
        p
        for p in sizes
        if any(
            reached[list(c)].any(axis=0).all()
            for c in itertools.combinations(range(problem.n_options), p)
        )
    )
    far = replace(problem, fallback_s=1e7)
    enough = solve(with_units(far, fewest), MeanTime(), stop=EXACT)
    assert reached[enough.counts > 0].any(axis=0).all()
    assert enough.objective <= 1200
    short = solve(with_units(far, fewest - 1), MeanTime(), stop=EXACT)
    assert not reached[short.counts > 0].any(axis=0).all()
    assert short.objective >= 1e7 * problem.weight.min() / problem.weight.sum()


# ---- the evaluator: costs, gains, exchanges, cuts ----


def made_evaluator(
    seed: int, busy: tuple[float, ...], waiting: WaitingCost, clusters: int
) -> Evaluator:
    rng = np.random.default_rng(seed)
    m, n = 8, 20
    response = rng.integers(0, 13, (m, n)) * 100.0
    response[rng.random((m, n)) < 0.15] = np.inf
    problem = Problem(
        response_s=response.astype(np.float32),
        weight=rng.uniform(0.1, 3, n),
        fallback_s=FALLBACK_S,
        option_type=np.arange(m) % len(busy),
        option_names=tuple(f"o{o}" for o in range(m)),
        type_names=tuple(f"t{t}" for t in range(len(busy))),
        busy_share=np.array(busy),
        most=np.full(m, 3),
    )
    return evaluator(problem, waiting, clusters=clusters)


def true_costs(ready: Evaluator, oracle: SimpleNamespace, deployments: np.ndarray) -> np.ndarray:
    """(deployments, clusters) from the oracle."""
    busy = np.where(ready.rate >= 40, 0.0, np.exp(-ready.rate))
    cost = (
        oracle.expected_costs(ready.cost.T.astype(float), ready.fallback, busy, deployments)
        * ready.weight
    )
    return np.stack([cost[:, a:b].sum(axis=1) for a, b in itertools.pairwise(ready.bounds)], axis=1)


MIXES = [
    (0.0,),
    (0.4,),
    (0.0, 0.3),
    (0.2, 0.45),
    (0.5, 0.25),
    (0.95, 0.9),
    (0.9, 0.91, 0.93, 0.95, 0.97, 0.6),
]
COSTS = [MeanTime(), Late(500.0), Curve((200.0, 200.0, 800.0), (0.0, 0.25, 1.0))]
mixes = pytest.mark.parametrize("busy", MIXES, ids=str)
costs = pytest.mark.parametrize("waiting", COSTS, ids=lambda waiting: type(waiting).__name__)


@mixes
@costs
def test_cuts_hold_everywhere_and_touch_where_they_were_made(
    busy: tuple[float, ...], waiting: WaitingCost, oracle: SimpleNamespace
) -> None:
    rng = np.random.default_rng(3)
    ready = made_evaluator(1, busy, waiting, clusters=4)
    whole = rng.integers(0, 4, (150, 8)) * (rng.random((150, 8)) < rng.random((150, 1)))
    truth = true_costs(ready, oracle, whole)
    slack = 1e-9 * max(1.0, ready.fallback)
    points = [
        *whole[:15],
        *rng.uniform(0, 2, (15, 8)) * (rng.random((15, 8)) < 0.5),
        *(whole[:10] + rng.integers(-1, 2, (10, 8)) * 1e-7).clip(0),
        *(0.5 * (whole[:10] + whole[10:20])),
    ]
    for number, point in enumerate(points):
        at = np.asarray(point, dtype=np.float64)
        value, cuts = ready.cuts(at)
        assert [cut.cluster for cut in cuts] == list(range(4))
        says = np.stack([cut.constant - whole @ cut.coefficients for cut in cuts], axis=1)
        assert (says <= truth + slack).all()
        assert sum(cut.constant - cut.coefficients @ at for cut in cuts) == pytest.approx(
            value, rel=1e-9, abs=slack
        )
        assert value == pytest.approx(ready.value(at), rel=1e-9, abs=slack)
        if number < 15:
            assert says[number] == pytest.approx(truth[number], rel=1e-7, abs=slack)


@mixes
def test_cuts_made_at_whole_counts_hold_at_fractional_ones(busy: tuple[float, ...]) -> None:
    """The envelope is convex: a plane that touches it at one point is nowhere above it."""
    rng = np.random.default_rng(5)
    ready = made_evaluator(2, busy, MeanTime(), clusters=3)
    between = rng.uniform(0, 2, (40, 8)) * (rng.random((40, 8)) < 0.6)
    value = np.array([ready.value(x) for x in between])
    for at in rng.integers(0, 3, (20, 8)).astype(float):
        _, cuts = ready.cuts(at)
        says = sum(cut.constant - between @ cut.coefficients for cut in cuts)
        assert (says <= value + 1e-6).all()


@mixes
@costs
def test_costs_and_gains_are_those_of_the_oracle(
    busy: tuple[float, ...], waiting: WaitingCost, oracle: SimpleNamespace
) -> None:
    rng = np.random.default_rng(8)
    ready = made_evaluator(4, busy, waiting, clusters=5)
    for counts in rng.integers(0, 3, (12, 8)) * (rng.random((12, 8)) < 0.5):
        with_one_more = counts + np.eye(8, dtype=int)
        truth = true_costs(ready, oracle, np.vstack([counts, with_one_more])).sum(axis=1)
        value, gain = ready.gains(counts.astype(float))
        assert value == pytest.approx(truth[0], rel=1e-9, abs=1e-9)
        assert ready.value(counts.astype(float)) == pytest.approx(truth[0], rel=1e-9, abs=1e-9)
        assert gain == pytest.approx(truth[0] - truth[1:], rel=1e-7, abs=1e-7)


@costs
@pytest.mark.parametrize("busy", [(0.0,), (0.0, 0.0)], ids=str)
def test_exchanges_are_those_of_the_oracle(
    busy: tuple[float, ...], waiting: WaitingCost, oracle: SimpleNamespace
) -> None:
    rng = np.random.default_rng(9)
    ready = made_evaluator(6, busy, waiting, clusters=3)
    assert ready.all_free
    for counts in rng.integers(0, 3, (8, 8)) * (rng.random((8, 8)) < 0.6):
        support, change = ready.exchanges(counts.astype(float))
        assert support.tolist() == np.flatnonzero(counts).tolist()
        now = true_costs(ready, oracle, counts[None]).sum()
        for r, out in enumerate(support):
            after = counts + np.eye(8, dtype=int)
            after[:, out] -= 1
            keep = np.arange(8) != out
            truth = true_costs(ready, oracle, after).sum(axis=1) - now
            assert change[r][keep] == pytest.approx(truth[keep], rel=1e-9, abs=1e-9)


@few
@given(problem=problems(), waiting=WAITING)
def test_columns_that_cost_alike_are_merged_and_change_nothing(
    problem: Problem, waiting: WaitingCost
) -> None:
    twice = replace(
        problem,
        response_s=np.tile(problem.response_s, 2),
        weight=np.concatenate([problem.weight, 2 * problem.weight]),
    )
    one, two = evaluator(problem, waiting), evaluator(twice, waiting)
    assert two.weight.shape == one.weight.shape
    assert two.weight.sum() == pytest.approx(1.0)
    for counts in np.eye(problem.n_options):
        assert two.value(counts) == pytest.approx(one.value(counts), rel=1e-9, abs=1e-9)


@many
@given(shares=st.lists(st.sampled_from(SHARES), min_size=1, max_size=3), data=st.data())
def test_whatever_whole_responders_add_up_to_is_a_knot(
    shares: list[float], data: st.DataObject
) -> None:
    problem = Problem(
        response_s=np.zeros((len(shares), 1), dtype=np.float32),
        weight=np.ones(1),
        fallback_s=1.0,
        option_type=np.arange(len(shares)),
        option_names=tuple(f"o{t}" for t in range(len(shares))),
        type_names=tuple(f"t{t}" for t in range(len(shares))),
        busy_share=np.array(shares),
        most=np.full(len(shares), 6),
    )
    listed = knots(problem)
    assert listed[0] == 0.0
    assert (np.diff(listed) > 0).all()
    busy = [(q, data.draw(st.integers(0, 6))) for q in shares if q > 0]
    u = -sum(k * np.log(q) for q, k in busy)
    assert u > -np.log(1e-12) or np.abs(listed - u).min() < 1e-9
