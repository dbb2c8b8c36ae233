"""Lists of nearest options change how fast a cost, a cut or an exchange is found, and nothing else."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from coresponse.optimize.envelope import ALWAYS_FREE
from coresponse.optimize.evaluate import Evaluator
from coresponse.optimize.nearest_options import FEWEST, LISTED, NearestOptions, list_nearest

FALLBACK = 900.0


class Plain(Evaluator):
    """The same without lists."""

    near = None  # type: ignore[assignment]


def _pair(seed: int, *, ties: bool, reach: float) -> tuple[Evaluator, Evaluator]:
    """Make costs of a few columns and many options.

    With `ties`, in steps; beyond `reach` they cost as much as nobody.
    """
    rng = np.random.default_rng(seed)
    n, m = 40, 2 * LISTED + 30
    cost = rng.uniform(0, 1000, (n, m))
    cost = np.where(cost > reach, FALLBACK, cost)
    cost = (np.round(cost / 50) * 50 if ties else cost).astype(np.float32).clip(max=FALLBACK)
    weight = rng.uniform(0.5, 1.5, n)
    rate, knots = np.full(m, ALWAYS_FREE), np.array([0.0, ALWAYS_FREE])
    made = [
        kind(cost, np.arange(n), weight / weight.sum(), FALLBACK, (0, 7, 25, n), rate, knots)
        for kind in (Evaluator, Plain)
    ]
    assert made[0].near is not None
    assert made[1].near is None
    assert made[0].near.option.shape == (n, LISTED)
    return made[0], made[1]


def _deployments(seed: int, m: int) -> list[NDArray[np.float64]]:
    rng = np.random.default_rng(seed)
    whole = [rng.multinomial(p, np.full(m, 1 / m)).astype(float) for p in (0, 1, 3, 40)]
    few, many = np.zeros(m), rng.dirichlet(np.full(m, 0.05)) * 12
    few[rng.choice(m, 5, replace=False)] = [0.5, 0.25, 0.25, 0.75, 1.25]
    return [*whole, few, many]


CITIES = [
    (1, False, 1000.0),
    (2, True, 1000.0),
    (3, False, 200.0),
    (4, True, 100.0),
    (5, False, 20.0),
]


@pytest.mark.parametrize(("seed", "ties", "reach"), CITIES)
def test_costs_and_cuts_are_the_same_at_any_deployment(seed: int, ties: bool, reach: float) -> None:
    listed, plain = _pair(seed, ties=ties, reach=reach)
    for x in _deployments(seed, len(plain.rate)):
        assert listed.value(x) == pytest.approx(plain.value(x), rel=1e-9)
        (value, cuts), (expected, others) = listed.cuts(x), plain.cuts(x)
        assert value == pytest.approx(expected, rel=1e-9)
        for z in _deployments(seed + 10, len(x)):
            cost = listed.value(z)
            assert (
                sum(cut.constant - cut.coefficients @ z for cut in cuts) <= cost + 1e-7 * FALLBACK
            )
        for cut, other in zip(cuts, others, strict=True):
            at = cut.constant - cut.coefficients @ x
            assert at == pytest.approx(other.constant - other.coefficients @ x, abs=1e-7 * FALLBACK)


@pytest.mark.parametrize(("seed", "ties", "reach"), CITIES)
def test_exchanges_are_priced_as_they_cost(seed: int, ties: bool, reach: float) -> None:
    listed, plain = _pair(seed, ties=ties, reach=reach)
    for x in _deployments(seed, len(plain.rate))[1:4]:
        (support, change), (other, expected) = listed.exchanges(x), plain.exchanges(x)
        assert support.tolist() == other.tolist()
        np.testing.assert_allclose(change, expected, atol=1e-9 * FALLBACK)
        value = plain.value(x)
        for r, o in np.random.default_rng(seed).integers(0, change.shape, (10, 2)):
            moved = x.copy()
            moved[support[r]] -= 1
            moved[o] += 1
            assert value + change[r, o] == pytest.approx(plain.value(moved), abs=1e-7 * FALLBACK)


@pytest.mark.parametrize("options", [FEWEST, 40, 2 * LISTED, 1000])
@pytest.mark.parametrize("ties", [False, True])
def test_lists_are_those_of_a_stable_sort(options: int, ties: bool) -> None:
    rng = np.random.default_rng(options)
    cost = rng.uniform(0, 1000, (50, options))
    cost = (np.round(cost / 100) * 100 if ties else cost).astype(np.float32)
    cost[0] = FALLBACK
    cost[1], cost[2] = np.sort(cost[1]), np.sort(cost[2])[::-1]
    near = NearestOptions.room_for(*cost.shape)
    list_nearest(cost, np.arange(len(cost)), near.option, near.cost)
    order = np.argsort(cost, axis=1, kind="stable")[:, : near.option.shape[1]]
    np.testing.assert_array_equal(near.option, order)
    np.testing.assert_array_equal(near.cost, np.take_along_axis(cost, order, axis=1))
