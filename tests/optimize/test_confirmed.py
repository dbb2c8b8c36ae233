"""When a promise counts as kept, and what a plan's units and the ladder tell."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from small_cities import CLINICIAN, UNIT, Judged, case_of, city

from coresponse.data.city import City
from coresponse.data.limits import Limits
from coresponse.data.options import Deployment, Option
from coresponse.data.programs.cost import weekly_staff_hours
from coresponse.optimize.confirm import check
from coresponse.optimize.goals.goal import FewestUnits, Floor, LeastCost
from coresponse.optimize.ladder import ladder
from coresponse.optimize.marginal import marginal_use
from coresponse.optimize.solve_case import solve
from coresponse.optimize.verdict import Verdict
from coresponse.questions.plan import confirm


def with_today(there: City) -> City:
    """All of today's units at one post."""
    return replace(there, today=Deployment.of("today", {Option(UNIT, "P0", "always"): 3}))


@pytest.mark.parametrize(
    ("above", "verdict"), [(-0.03, Verdict.YES), (0.0, Verdict.CLOSE), (0.03, Verdict.NO)]
)
def test_a_promise_is_kept_broken_or_too_close_to_call(above: float, verdict: Verdict) -> None:
    there, counts = city(3, types=1), np.array([1, 1, 1, 0, 0, 0])
    asked_for = case_of(there, goal=FewestUnits(share=0.5))
    counts = counts[: len(asked_for.options)]
    own = Judged(asked_for).trials.fresh().trial(counts, 128)
    reached = 1 - float(own.promised.mean())
    judged = Judged(case_of(there, goal=FewestUnits(share=reached + above)))
    fresh = judged.trials.fresh()
    found = check(fresh, counts, fresh.asked())
    assert found.verdict is verdict
    assert found.worst is not None
    assert found.worst.mean == pytest.approx(reached, abs=0.01)
    assert found.replications == (128 if verdict is Verdict.CLOSE else found.replications)


def test_a_floor_that_the_model_keeps_is_confirmed_by_the_replay_or_not_said() -> None:
    floor = Floor(by="class", share_in_time=0.3, min_calls=0)
    case = case_of(city(4), limits=Limits(units={UNIT: 4, CLINICIAN: 1}), floors=(floor,))
    judged = Judged(case)
    found = confirm(case, solve(case), judged.setup, trials=judged.trials)
    assert found.plan is not None
    late = judged.truth.trial(found.plan.counts, 64).promised.mean(axis=0)
    assert len(late) == 2
    assert (late <= 0.7 + 0.01).all()


def test_the_least_cost_says_what_a_cheaper_fleet_would_reach() -> None:
    case = case_of(city(3, types=1), goal=LeastCost(share=0.6), limits=Limits(units={UNIT: 5}))
    judged = Judged(case)
    found = confirm(case, solve(case), judged.setup, trials=judged.trials)
    assert found.plan is not None
    assert found.plan.counts.sum() > 1
    assert found.less is not None
    assert found.less.dollars < found.plan.dollars
    assert found.less.verdict is not Verdict.YES


def test_units_that_serve_hardly_anyone_are_named() -> None:
    judged = Judged(case_of(city(2)))  # few calls
    counts = np.zeros(len(judged.case.options), dtype=np.int64)
    counts[np.array([o.responder_type == UNIT for o in judged.case.options])] = 3
    use = marginal_use(judged.trials, counts)
    assert use.turns_at is not None
    assert use.turns_at.counts.sum() < counts.sum()
    served = [step.served_per_week for step in use.steps]
    assert served[0] - served[-1] == pytest.approx(sum(step.fewer_per_week for step in use.steps))
    assert sum(unit.count * unit.calls_per_week for unit in use.units) == pytest.approx(served[0])
    few = np.minimum(counts, 1) * (np.arange(len(counts)) == 0)
    assert marginal_use(judged.trials, few).turns_at is None


def test_of_a_large_fleet_several_units_are_left_out_at_once() -> None:
    """Of 719 responders that nothing limited, 40 were looked at, and "without them" named 679."""
    judged = Judged(case_of(city(2)))
    counts = np.zeros(len(judged.case.options), dtype=np.int64)
    counts[np.array([o.responder_type == UNIT for o in judged.case.options])] = 30
    use = marginal_use(judged.trials, counts, most=20)
    assert use.turns_at is not None
    assert use.turns_at.counts.sum() <= 0.2 * counts.sum()
    assert use.turns_at.served_per_week >= 0.9 * use.steps[0].served_per_week
    sizes = [int(step.counts.sum()) for step in use.steps]
    assert len(set(np.diff(sizes).tolist())) == 1


def test_the_ladder_tells_moving_from_buying() -> None:
    case = case_of(with_today(city(5)), limits=Limits(units={UNIT: 5, CLINICIAN: 2}))
    judged = Judged(case)
    plan = solve(case).deployment
    rungs = ladder(case, plan, judged.setup, trials=judged.trials)
    assert [rung.name for rung in rungs.rungs] == ["today", "rearranged", "plan"]
    today, moved = rungs["today"], rungs["rearranged"]
    assert moved.deployment.by_type() == today.deployment.by_type()
    assert moved.dollars <= today.dollars * 1.001
    assert moved.staff_hours_per_week <= weekly_staff_hours(case.program, today.deployment) + 1e-6
    waits = [rung.evaluation.replay.figure("mean_with_fallback_s").mean for rung in rungs.rungs]  # type: ignore[union-attr]
    assert waits[0] > waits[1] > waits[2]
    assert "rearranged" not in ladder(case_of(city(5)), plan, judged.setup)


def test_staff_who_stand_where_the_limits_allow_nobody_are_moved_all_the_same() -> None:
    limits = Limits(units={UNIT: 5, CLINICIAN: 2}, max_per_post=2)  # today three stand at one post
    case = case_of(with_today(city(5)), limits=limits)
    judged = Judged(case)
    rungs = ladder(case, solve(case).deployment, judged.setup, trials=judged.trials)
    today, moved = rungs["today"], rungs["rearranged"]
    assert moved.deployment.by_type() == today.deployment.by_type()
    posts = [option.post_id for option, n in moved.deployment.counts for _ in range(n)]
    assert max(map(posts.count, posts)) <= 2
    waits = [rung.evaluation.replay.figure("mean_with_fallback_s").mean for rung in rungs.rungs]  # type: ignore[union-attr]
    assert waits[0] > waits[1]
