"""Floors under districts beside another goal, where the plan that is best by the goal does not keep them in the replay."""

from __future__ import annotations

import numpy as np
from small_cities import UNIT, Judged, case_of, city, in_districts

from coresponse.data.limits import Limits
from coresponse.optimize.goals.goal import Floor
from coresponse.optimize.solve_case import solve
from coresponse.optimize.verdict import Confirmation
from coresponse.questions.plan import confirm


def six_units(seed: int, share: float) -> tuple[Confirmation, Judged]:
    """The least mean wait of nine districts' calls, with a share in time in each of the larger ones."""
    there = in_districts(city(700 + seed, types=1, n_posts=16, streets=13), 3)
    floor = Floor(by="district", share_in_time=share, target_min=14, min_calls=60)
    case = case_of(there, floors=(floor,), seed=seed, limits=Limits(units={UNIT: 6}))
    judged = Judged(case)
    return confirm(case, solve(case), judged.setup, trials=judged.trials), judged


def test_floors_that_no_exchange_of_one_unit_keeps_are_kept() -> None:
    """Two districts fall short of theirs, and an exchange mends one."""
    for share in (0.57, 0.545):
        found, judged = six_units(10, share)
        assert found.plan is not None
        late = np.nanmean(judged.truth.trial(found.plan.counts, 32).promised, axis=0)
        assert late.max() <= 1 - share + 0.01


def test_a_lower_floor_takes_nothing_from_the_goal() -> None:
    """The best by the goal was too close to call, and what kept the lower floor with most room was shown in its place."""
    waits = []
    for share in (0.418, 0.393):
        found, judged = six_units(5, share)
        assert found.plan is not None
        waits.append(float(judged.truth.trial(found.plan.counts, 32).goal.mean()))
    high, low = waits
    assert low <= high + 3.0
