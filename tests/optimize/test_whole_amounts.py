"""Limits in dollars, tightened to what whole responders add up to: against trying all fleets."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coresponse.optimize.goals.goal import LeastCost
from coresponse.optimize.goals.solve import solve_goal
from coresponse.optimize.objective import Late, MeanTime
from coresponse.optimize.problem import Limit, Problem
from coresponse.optimize.solution import Status, Stop
from coresponse.optimize.solve import solve
from coresponse.optimize.whole_amounts import WholeCosts, alike_in_money, largest_whole_amount

PRICES = st.lists(st.integers(1, 500_000), min_size=1, max_size=3, unique=True)


@settings(deadline=None, max_examples=60)
@given(PRICES, st.lists(st.integers(0, 4), min_size=3, max_size=3), st.integers(0, 2_000_000))
def test_no_fleet_costs_more_within_the_limit(
    cents: list[int], most: list[int], bound: int
) -> None:
    prices, counts = np.array(cents) / 7, np.array(most[: len(cents)])
    at_most = bound / 7
    fleets = itertools.product(*(range(n + 1) for n in counts))
    within = [sum(p * n for p, n in zip(prices, fleet, strict=True)) for fleet in fleets]
    best = max(amount for amount in within if amount <= at_most + 1e-9)
    found = largest_whole_amount(prices, counts, at_most)
    assert best - 1e-9 <= found <= at_most
    # all but a cent a responder of what lies between two amounts is gone
    assert found <= best + 0.01 * (counts.sum() + 2) or found == at_most


def test_a_limit_between_fleets_becomes_the_lower_fleet() -> None:
    found = largest_whole_amount(np.array([660_000.0]), np.array([1000]), 2_500_000.0)
    assert found == pytest.approx(3 * 660_000.0, abs=10)


def test_a_limit_on_amounts_below_zero_stays() -> None:
    assert largest_whole_amount(np.array([-1.0, 3.0]), np.array([2, 2]), 4.0) == 4.0


def two_prices(at_most: float) -> Problem:
    """Thirty posts with a fast, dear option and a slow, cheap one each, under a limit in dollars."""
    rng = np.random.default_rng(1)
    at, places = rng.uniform(0, 10, (30, 2)), rng.uniform(0, 10, (200, 2))
    post, kind = np.arange(60) // 2, np.arange(60) % 2
    apart = np.hypot(*(at[post][:, None] - places[None]).transpose(2, 0, 1))
    return Problem(
        response_s=(90 * apart + np.where(kind == 1, 600, 60)[:, None]).astype(np.float32),
        weight=rng.uniform(0.2, 3.0, 200),
        fallback_s=3600.0,
        option_type=kind,
        option_names=tuple(map(str, range(60))),
        type_names=("fast", "slow"),
        busy_share=np.array([0.6, 0.4]),
        most=np.full(60, 2, dtype=np.int64),
        limits=(Limit("budget", np.where(kind == 0, 660.0, 210.0), at_most=at_most),),
    )


def test_what_a_budget_buys_is_settled_before_where_it_stands() -> None:
    """Halved at single options it was open after 2,700 boxes: parts of responders were bought all over."""
    found = solve(two_prices(2890.0), MeanTime(), stop=Stop(600.0, 1e-3, boxes=300))
    assert found.status is Status.PROVEN, found.message


def test_only_options_that_all_limits_count_alike_are_summed() -> None:
    problem = two_prices(2890.0)
    fast, slow = alike_in_money(problem)
    assert fast.tolist() == list(range(0, 60, 2))
    assert slow.tolist() == list(range(1, 60, 2))
    by_count = replace(problem, limits=(Limit("units", np.ones(60), at_most=4),))
    assert alike_in_money(by_count) == []
    each_its_own = Limit("rent", np.linspace(1.0, 2.0, 60), at_most=4)
    assert alike_in_money(replace(problem, limits=(each_its_own,))) == []


def least_cost_by_fleets(problem: Problem, price: np.ndarray, promised: float) -> float:
    """Go through all fleets of two kinds, each placed by itself as well as can be."""
    best = np.inf
    for fleet in itertools.product(range(5), range(7)):
        dollars = float(np.dot(fleet, [660.0, 210.0]))
        if dollars >= best:
            continue
        limits = tuple(
            Limit(f"kind {k}", (problem.option_type == k).astype(float), at_most=n)
            for k, n in enumerate(fleet)
        )
        placed = solve(replace(problem, limits=limits), Late(600.0), stop=Stop(60.0, 1e-6))
        if placed.objective <= 1 - promised:
            best = dollars
    return best


@pytest.mark.parametrize("promised", [0.35, 0.5, 0.6])
def test_the_least_cost_is_that_of_all_fleets_gone_through(promised: float) -> None:
    problem = replace(two_prices(1e9), limits=(), busy_share=np.array([0.5, 0.2]))
    price = np.where(problem.option_type == 0, 660.0, 210.0)
    found = solve_goal(
        problem,
        LeastCost(share=promised, target_min=10.0),
        option_cost=price,
        stop=Stop(60.0, 1e-4),
        explicit_most=-1.0,
    )
    assert found.status is Status.PROVEN, found.message
    assert found.bound <= found.objective <= found.bound * (1 + 1e-4)
    assert found.objective == pytest.approx(least_cost_by_fleets(problem, price, promised))


@settings(deadline=None, max_examples=60)
@given(PRICES, st.lists(st.integers(0, 4), min_size=3, max_size=3), st.integers(1, 2_000_000))
def test_a_box_is_cut_off_only_where_nothing_is_worth_having(
    cents: list[int], most: list[int], bound: int
) -> None:
    prices, counts = np.array(cents) / 7, np.array(most[: len(cents)])
    worth = bound / 7
    cutoff = WholeCosts(100.0, prices, counts).cutoff(worth)
    assert cutoff <= worth
    fleets = itertools.product(*(range(n + 1) for n in counts))
    costs = [100.0 + sum(p * n for p, n in zip(prices, fleet, strict=True)) for fleet in fleets]
    assert all(cost < cutoff for cost in costs if cost < worth - 1e-9)
