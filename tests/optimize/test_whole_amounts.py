"""Limits in dollars, tightened to what whole responders add up to: against trying all fleets."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coresponse.optimize.whole_amounts import largest_whole_amount

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
