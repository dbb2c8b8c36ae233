"""Limits that are made of past calls are told to the dollar: they are made of no exact counts."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coresponse.coverage.few_calls import no_fewer, told_share
from coresponse.optimize.clash import Clash, GiveWay
from coresponse.optimize.goals.goal import Floor
from coresponse.publish.agencies import _level


def test_a_share_of_a_budget_tells_no_count_of_one_to_ten() -> None:
    """An agency of 7 of 312 calls had 33,654 of 1,500,000 dollars to plan with, and was told so."""
    told = {tuple(told_share(np.array([260, 45, few]))) for few in range(1, 11)}
    assert len(told) == 1
    assert told_share(np.array([260, 45, 0]))[2] == 0
    assert told_share(np.array([263, 12, 25])).sum() == pytest.approx(1)


@given(st.floats(0.01, 5_000))
def test_what_a_limit_is_made_of_is_no_less_and_the_same_for_one_to_ten(calls: float) -> None:
    told = no_fewer(calls)
    assert told >= calls - 1e-6
    assert told % 5 == 0
    assert told == 10 if calls <= 10 else told < calls + 5
    assert no_fewer(0.0) == 0


@pytest.mark.parametrize("late", range(1, 12))
def test_what_has_to_give_way_tells_no_share_of_few_calls(late: int) -> None:
    """24.27 points short of 97% were 8 of 11 calls."""
    by = 100 * (late / 11 - 0.03)
    one = GiveWay("district D: at least 97%", by, "percentage points", of_calls=True)
    amount = float(one.words.split("at most ")[1].split()[0])
    assert amount % 10 == 0
    assert by <= amount < by + 10
    of_dollars = GiveWay("budget", 138_456.39, "dollars a year")
    (line,) = Clash((of_dollars,)).lines()
    assert line == "budget: would have to give way by 138,456.39 dollars a year"


def test_a_floor_under_an_agency_is_told_as_its_figures_are() -> None:
    exact = Floor(by="agency", only=("South",), mean_at_most_min=23.4)
    assert _level(exact, None) == "no worse than alone (too few calls to show)"
    assert _level(exact, 14) == "mean wait of at most 24.0 min"
    assert _level(exact, 20_000) == "mean wait of at most 23.4 min"
    share: Any = SimpleNamespace(mean_at_most_min=None, share_in_time=0.8571)
    assert _level(share, 14) == "at least 80% in time"
