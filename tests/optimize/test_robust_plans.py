"""Robust plans against every deployment there is, on small cases.

The tail against its definition.
"""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from coresponse.data.errors import InputError
from coresponse.optimize.objective import Late, MeanTime, WaitingCost
from coresponse.optimize.problem import Limit, Problem
from coresponse.optimize.recount import recount
from coresponse.optimize.robust import (
    least_regret,
    mean_and_tail,
    side_by_side,
    tail_corners,
    tail_mean,
)
from coresponse.optimize.solution import Status, Stop

EXACT = Stop(60, 1e-6)
UNITS = 3


def futures(seed: int, scenarios: int = 3, options: int = 5) -> list[Problem]:
    """Make scenarios that differ in calls, times and busy shares.

    At most three responders, two of the first type.
    """
    rng = np.random.default_rng(seed)
    base = rng.uniform(100, 1500, (options, 5)).astype(np.float32)
    kind = np.arange(options) % 2
    limits = (
        Limit("three", np.ones(options), at_most=UNITS),
        Limit("first type", (kind == 0).astype(float), at_most=2),
    )
    out = []
    for _ in range(scenarios):
        slower = base * rng.uniform(0.7, 1.6, base.shape).astype(np.float32)
        slower[rng.random(base.shape) < 0.1] = np.inf
        out.append(
            Problem(
                response_s=slower,
                weight=rng.uniform(0.1, 5, 5),
                fallback_s=1800.0,
                option_type=kind,
                option_names=tuple(f"o{i}" for i in range(options)),
                type_names=("a", "b"),
                busy_share=np.array(
                    [rng.choice([0.0, rng.uniform(0.05, 0.6)]), rng.uniform(0.05, 0.6)]
                ),
                most=np.full(options, 2),
                limits=limits,
            )
        )
    return out


def every_cost(problems: list[Problem], waiting: WaitingCost) -> NDArray[np.float64]:
    """Return (deployments, scenarios) costs of all deployments that keep the limits."""
    options = problems[0].n_options
    everyone = [np.array(x) for x in product(range(3), repeat=options) if sum(x) <= UNITS]
    kept = [x for x in everyone if not any(p.broken_limits(x) for p in problems)]
    return np.array([[recount(p, waiting, x) for p in problems] for x in kept])


@pytest.mark.parametrize("waiting", [MeanTime(), Late(600)], ids=["mean", "late"])
@pytest.mark.parametrize("explicit_most", [0, 1e9], ids=["cuts", "written out"])
@pytest.mark.parametrize("seed", [1])
def test_least_worst_regret_is_that_of_the_best_of_all_deployments(
    seed: int, waiting: WaitingCost, explicit_most: float
) -> None:
    problems = futures(seed)
    costs = every_cost(problems, waiting)
    least = costs.min(axis=0)
    true = float((costs - least).max(axis=1).min())
    found = least_regret(problems, waiting, least.tolist(), stop=EXACT, explicit_most=explicit_most)
    assert found.status is Status.PROVEN
    assert found.objective == pytest.approx(true, rel=1e-4, abs=1e-6 * max(1, least.max()))
    assert found.bound <= true + 1e-5 * max(1, least.max())
    assert found.costs == pytest.approx([recount(p, waiting, found.counts) for p in problems])


@pytest.mark.parametrize("explicit_most", [0, 1e9], ids=["cuts", "written out"])
@pytest.mark.parametrize(("tail_weight", "alpha"), [(0.0, 0.5), (1.0, 0.5), (3.0, 0.8), (1.0, 0.0)])
def test_mean_and_tail_is_that_of_the_best_of_all_deployments(
    tail_weight: float, alpha: float, explicit_most: float
) -> None:
    problems, chance = futures(5, scenarios=4), np.array([0.4, 0.3, 0.2, 0.1])
    costs = every_cost(problems, MeanTime())
    true = min(float(chance @ row) + tail_weight * tail_mean(row, chance, alpha) for row in costs)
    found = mean_and_tail(
        problems, MeanTime(), chance.tolist(), tail_weight=tail_weight, alpha=alpha, stop=EXACT,
        explicit_most=explicit_most,
    )  # fmt: skip
    assert found.status is Status.PROVEN
    assert found.objective == pytest.approx(true, rel=1e-5)


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 9), st.floats(0, 100)), min_size=1, max_size=6),
    st.sampled_from([0.0, 0.2, 0.5, 0.75, 0.9]),
)
def test_corners_of_the_tail_give_the_mean_of_the_worst(
    rows: list[tuple[int, float]], alpha: float
) -> None:
    chance = np.array([p for p, _ in rows], dtype=float) / sum(p for p, _ in rows)
    costs = np.array([c for _, c in rows])
    corners = list(tail_corners(chance, alpha))
    assert all(sum(q for _, q in corner) == pytest.approx(1) for corner in corners)
    by_corners = max(sum(q * costs[s] for s, q in corner) for corner in corners)
    # the definition by its minimum: eta + E[(c - eta)+] / (1 - alpha), least at one of the costs
    by_definition = min(eta + chance @ np.maximum(costs - eta, 0) / (1 - alpha) for eta in costs)
    assert by_corners == pytest.approx(by_definition, abs=1e-9)
    assert tail_mean(costs, chance, alpha) == pytest.approx(by_definition, abs=1e-9)


def test_one_scenario_has_no_regret_and_its_own_best_plan() -> None:
    problems = futures(9, scenarios=1)
    costs = every_cost(problems, MeanTime())
    found = least_regret(problems, MeanTime(), [float(costs.min())], stop=EXACT)
    assert found.status is Status.PROVEN
    assert found.objective == pytest.approx(0, abs=1e-3)
    assert found.costs[0] == pytest.approx(costs.min(), rel=1e-6)


def test_limits_of_every_scenario_are_kept() -> None:
    first, second = futures(3, scenarios=2)
    only_one = Problem(**{**vars(second), "limits": (Limit("one", np.ones(5), at_most=1),)})
    found = least_regret([first, only_one], MeanTime(), [0.0, 0.0], stop=EXACT)
    assert found.counts.sum() == 1
    nobody = Problem(**{**vars(second), "limits": (Limit("four", np.ones(5), at_least=4),)})
    assert (
        least_regret([first, nobody], MeanTime(), [0.0, 0.0], stop=EXACT).status
        is Status.INFEASIBLE
    )


def test_scenarios_that_do_not_fit_together_are_refused() -> None:
    first, second = futures(3, scenarios=2)
    with pytest.raises(InputError, match="same options"):
        side_by_side([first, Problem(**{**vars(second), "fallback_s": 900.0})])
    with pytest.raises(InputError, match="at least one"):
        side_by_side([])
    with pytest.raises(InputError, match="as many"):
        least_regret([first, second], MeanTime(), [1.0])
    with pytest.raises(InputError, match="probabilities"):
        mean_and_tail([first, second], MeanTime(), [1.0, 0.0])
    with pytest.raises(InputError, match="alpha"):
        mean_and_tail([first, second], MeanTime(), [1.0, 1.0], alpha=1.0)
    with pytest.raises(InputError, match="corners"):
        list(tail_corners(np.full(24, 1 / 24), 0.5))
