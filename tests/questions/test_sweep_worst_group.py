"""The price of fairness as a sweep: floors under every group of residents, against the mean wait."""

from __future__ import annotations

import pytest

from coresponse.data.errors import InputError
from coresponse.optimize.goals.goal import Floor
from coresponse.optimize.optimize_once import optimize_once
from coresponse.questions.sweep.axes import axes_of, case_at, limits_at
from coresponse.questions.sweep.base import same_question
from tests.optimize.test_groups_in_plans import asked, by_hand


def test_a_floor_under_every_group_costs_mean_wait() -> None:
    case = asked(3, busy="free")
    free = optimize_once(case).solution
    worst = max(by_hand(case, free.counts).values()) / 60
    text = f"{worst * 0.97:.6g}, {worst + 1:.6g}"
    (axis,) = axes_of({"worst_group": text}, case)
    assert axis.name == "worst_group_min"
    assert axis.relaxing
    tight, loose = (case_at(case, {axis.name: value}) for value in axis.values)
    assert tight.floors == (Floor(by="group", mean_at_most_min=axis.values[0]),)
    assert limits_at(case.limits, {axis.name: 20.0}) == case.limits
    assert not same_question(tight, loose)
    fair, same = (optimize_once(one).solution for one in (tight, loose))
    assert same.objective == pytest.approx(free.objective, rel=1e-6)
    if fair.counts.sum():
        assert fair.objective >= free.objective * (1 - 1e-9)
        assert max(by_hand(case, fair.counts).values()) / 60 <= axis.values[0] + 1e-3
    with pytest.raises(InputError, match="above 0"):
        axes_of({"worst_group": "0:3:1"}, case)
