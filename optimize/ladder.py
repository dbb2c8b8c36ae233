"""The ladder: today; today's staff at the best posts and hours; the plan.

So that what comes of other posts and hours is not credited to what is bought.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from coresponse.coverage.evaluate import EvaluationSetup
from coresponse.coverage.evaluation import Evaluation
from coresponse.data.limits import Limits
from coresponse.data.options import Deployment
from coresponse.data.programs.cost import weekly_staff_hours
from coresponse.data.progress import Progress, silent
from coresponse.optimize.case import Case
from coresponse.optimize.contest import halve, search
from coresponse.optimize.goals.goal import FewestUnits, LeastCost, ShareInTime, singles
from coresponse.optimize.placing import Placer
from coresponse.optimize.problem import Limit
from coresponse.optimize.trials import Trials
from coresponse.optimize.verdict import Counts, Ladder, Rung

# Limits on posts hold for today's staff as well; those on money and counts are today's own.
KEPT = ("max_per_post", "posts_must", "posts_may", "posts_not")

# Today's staff at other posts and hours, and what it does there.
Moved = tuple[Deployment, Evaluation]


def ladder(
    case: Case,
    plan: Deployment,
    setup: EvaluationSetup,
    *,
    trials: Trials | None = None,
    known: Mapping[str, Evaluation] | None = None,
    again: Callable[[], Moved] | None = None,
    progress: Progress = silent,
) -> Ladder:
    """Evaluate today, today's staff rearranged, and a plan, all on the same chances.

    Parameters
    ----------
    known
        Evaluations by rung that were made before on the same setup.
    again
        What gives today's staff rearranged, if it was begun before; default: :func:`moved`.
    """
    trials = trials or Trials.of(case, setup)
    deployments, done = {"plan": plan}, dict(known or {})
    today = case.city.today
    if today is not None and today.size:
        progress("today's staff at the best posts and hours", 0, 1)
        other, done["rearranged"] = moved(case, trials) if again is None else again()
        deployments = {"today": today, "rearranged": other, "plan": plan}
    fresh = trials.fresh()
    rungs = []
    for name, deployment in deployments.items():
        evaluation = done.get(name) or setup.evaluate(case.table, deployment, None)
        trial = fresh.trial(case.counts(deployment), len(setup.scenes))
        hours = weekly_staff_hours(case.program, deployment)
        rungs.append(Rung(name, deployment, evaluation, float(trial.dollars.mean()), hours))
    return Ladder(tuple(rungs))


def moved(case: Case, trials: Trials) -> Moved:
    """Return today's staff at the best posts and hours, as the replay chooses, evaluated."""
    again = case.deployment(rearranged(case, trials), "rearranged")
    return again, trials.setup.evaluate(case.table, again, None)


def rearranged(case: Case, trials: Trials) -> Counts:
    """Return today's staff at the best posts and hours, as the replay chooses.

    As many responders of each type as today, for no more hours of staff; today itself if nothing
    found is better, be it that it stands where the limits on posts would allow nobody.
    """
    today = case.city.today
    counts = case.counts(today or Deployment("today"))
    asks = todays_case(case)
    placer = Placer.of(asks, trials.yardstick)
    other = trials.asking(asks)
    allowed = placer.keeps_limits(counts)
    trial = other.trial(counts, 2)
    busy = other.yardstick.busy_share(counts, trial.busy_h.mean(axis=0))
    starts = (counts, placer.least()) if allowed else (placer.least(),)
    pool = [counts] if allowed else []
    for factor in (0.75, 1.0, 1.25):
        costs = placer.busy({name: share * factor for name, share in busy.items()})
        pool += [placer.improved(costs, start) for start in starts]
    pool = [c for c in pool if placer.keeps_limits(c) and c.sum() <= counts.sum()]
    if not pool:
        return counts
    asked = other.asked()
    best = search(other, placer, asked, pool, busy, climbed=40)
    return best if allowed else halve(other, [best, counts], asked)[0]


def todays_case(case: Case) -> Case:
    """Return the question what today's staff could do elsewhere and at other hours.

    The goal is the case's; where that is to need little, it is the share in time that is promised.
    """
    today = case.city.today or Deployment("today")
    goal = case.goal
    for single in singles(case.goal):
        if isinstance(single, FewestUnits | LeastCost):
            goal = ShareInTime(target_min=single.target_min)
    kept = {name: getattr(case.limits, name) for name in KEPT}
    hours = weekly_staff_hours(case.program, today)
    types = case.program.responder_types
    units = {name: today.by_type().get(name, 0) for name in types}
    limits = Limits.model_validate(kept | {"units": units, "staff_hours_per_week": hours})
    cost = case.option_cost
    spent = float(cost @ case.counts(today))
    name = f"today's ${spent + case.desk_cost:,.0f} a year"
    dollars = Limit(name, np.asarray(cost), at_most=spent * (1 + 1e-9))
    return case.with_(
        limits=limits, goal=goal, floors=(), stays=None, within=None, further=(dollars,)
    )
