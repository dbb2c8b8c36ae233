"""Fewest units and least dollars that reach a share in each of nine districts: more units serve the worst, not the largest."""

from __future__ import annotations

import numpy as np
import pytest
from small_cities import UNIT, Judged, case_of, city, in_districts

from coresponse.data.limits import Limits
from coresponse.optimize.goals.goal import FewestUnits, LeastCost
from coresponse.optimize.solve_case import solve
from coresponse.optimize.verdict import Confirmation
from coresponse.questions.plan import confirm

SHARE = 0.3


def sized(seed: int, goal: type[FewestUnits | LeastCost]) -> tuple[Confirmation, Judged]:
    there = in_districts(city(300 + seed, types=1, n_posts=14, streets=13), 3)
    asked = goal(share=SHARE, target_min=14, within="district")
    judged = Judged(case_of(there, goal=asked, seed=seed, limits=Limits(units={UNIT: 14})))
    return confirm(judged.case, solve(judged.case), judged.setup), judged


@pytest.mark.parametrize(
    ("seed", "units"),
    [(2, 7), (6, 6), (4, 12)],
    ids=["placed by calls nothing kept it", "six units", "the model finds nothing"],
)
def test_both_goals_find_the_fleet_that_keeps_the_share_in_each_district(
    seed: int, units: int
) -> None:
    # each unit costs the same: what is fewest costs least
    for goal in (FewestUnits, LeastCost):
        found, judged = sized(seed, goal)
        assert found.plan is not None
        assert found.plan.counts.sum() <= units
        late = np.nanmean(judged.truth.trial(found.plan.counts, 32).promised, axis=0)
        assert late.max() <= 1 - SHARE + 0.02


def test_no_unit_is_added_for_two_districts_that_an_exchange_mends_one_after_the_other() -> None:
    """By the worst district alone the search ended at seven units, and eight were confirmed."""
    there = in_districts(city(702, types=1, n_posts=16, streets=13), 3)
    goal = FewestUnits(share=0.65, target_min=14, within="district")
    judged = Judged(case_of(there, goal=goal, seed=2, limits=Limits(units={UNIT: 14})))
    found = confirm(judged.case, solve(judged.case), judged.setup, trials=judged.trials)
    assert found.plan is not None
    assert found.plan.counts.sum() == 7
    late = np.nanmean(judged.truth.trial(found.plan.counts, 32).promised, axis=0)
    assert late.max() <= 1 - 0.65 + 0.02
