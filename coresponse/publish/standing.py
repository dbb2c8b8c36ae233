"""What the plan shown is, as it may be shown: the model's, another chosen in the replay, or a confirmed one.

The model's status is told by :mod:`coresponse.publish.search`, of the model's deployment; no
sentence here says that something is proven, for what the replay finds nobody can prove.
"""

from __future__ import annotations

from functools import partial

import numpy as np
from scipy.special import stdtrit

from coresponse.coverage.replay.bands import Interval
from coresponse.data.figures.dictionary import figure
from coresponse.data.options import Deployment
from coresponse.data.programs.fleet import fleet_words, limit_words
from coresponse.data.programs.model import Program
from coresponse.optimize.chosen import Choice
from coresponse.optimize.goals.goal import FewestUnits, LeastCost, singles
from coresponse.optimize.solution import PLACED
from coresponse.optimize.verdict import Checked, Reached, Verdict
from coresponse.publish.call_outs import dollar_step
from coresponse.publish.certainty import CheckedPublication, ReachedPublication, StandingPublication
from coresponse.publish.city import CityRounding
from coresponse.questions.answer import Plan

# The figure that each kind of promise is rounded as, and how many of its units are one of the promise's.
OF_KIND = {
    "share": ("share_in_time", 1.0),
    "minutes": ("mean_with_fallback_s", 60.0),
    "dollars": ("cost_as_called_per_year", 1.0),
}


def publish_standing(plan: Plan, rounding: CityRounding) -> StandingPublication:
    """Return what the plan shown is, as it may be shown."""
    model, choice, confirmation = plan.best.deployment, plan.choice, plan.confirmation
    told = partial(_checked, program=plan.case.program, rounding=rounding)
    if confirmation is not None:
        shown = confirmation.plan or confirmation.closest
        return StandingPublication(
            plan.standing,
            plan.is_models,
            model,
            confirmation.candidates,
            plan=None if shown is None else told(shown),
            less=None if confirmation.less is None else told(confirmation.less),
            lesser=confirmation.lesser,
            checked=tuple(told(one) for one in confirmation.checked),
            binding=tuple(limit_words(plan.case.program, one) for one in confirmation.binding),
            in_time=confirmation.in_time,
        )
    if choice is not None:
        budget = plan.case.limits.budget_per_year
        over = budget is not None and choice.model_dollars > budget and not choice.is_models
        return StandingPublication(
            plan.standing,
            plan.is_models,
            model,
            choice.candidates,
            better_by=None if choice.is_models else _gain(choice, choice.unit, rounding),
            unit=choice.unit,
            later=choice.later,
            binding=tuple(limit_words(plan.case.program, one) for one in choice.binding),
            over_budget=_dollars(plan.case.program, model, choice.model_dollars, rounding, up=True)
            if over
            else None,
        )
    return StandingPublication(
        plan.standing,
        plan.is_models,
        model,
        not_tried=_not_tried(plan),
        placed=plan.solution.message == PLACED,
    )


def _not_tried(plan: Plan) -> str:
    case = plan.case
    promised = case.floors or any(
        isinstance(g, FewestUnits | LeastCost) for g in singles(case.goal)
    )
    if not plan.found or not promised:
        return ""
    why = (
        "the search was stopped"
        if plan.solution.interrupted
        else "it was planned for units that are always free, or busy as stated"
    )
    return f"What is asked was not confirmed in the replay: {why}."


def _gain(choice: Choice, unit: str, rounding: CityRounding) -> Interval:
    """Round the gain as the goal is rounded, its band outwards."""
    n = choice.replications
    half = float(stdtrit(max(n - 1, 1), 0.975)) * choice.better_by_se if n > 1 else float("nan")
    mean = choice.better_by
    found, step = Interval(mean, mean - half, mean + half, n), rounding.cost_step(unit)
    if rounding.exact or step:
        return rounding.stepped(found, step, at_least=-np.inf)
    mean, low, high = (rounding.cost(v, unit) for v in (found.mean, found.low, found.high))
    return Interval(mean, low, high, n)


def _dollars(
    program: Program,
    deployment: Deployment,
    value: float,
    rounding: CityRounding,
    *,
    up: bool = False,
) -> float:
    """Round dollars with call-outs to what five past calls come to; upwards what is more than a budget."""
    step = dollar_step(program, deployment, rounding)
    if not step:
        return value
    return float((np.ceil if up else np.rint)(value / step) * step)


def _checked(one: Checked, program: Program, rounding: CityRounding) -> CheckedPublication:
    step = dollar_step(program, one.deployment, rounding)
    reached = tuple(_reached(r, rounding, one.replications, step) for r in one.reached)
    worst = one.worst
    place = 0 if worst is None else next(i for i, r in enumerate(one.reached) if r is worst)
    return CheckedPublication(
        one.deployment,
        fleet_words(program, one.deployment),
        one.verdict,
        _dollars(program, one.deployment, one.dollars, rounding),
        one.replications,
        reached,
        place,
    )


def _with_verdict(told: Interval, one: Reached, scale: float) -> Interval:
    """Return a figure and its band as they agree with the verdict, which exact ones gave and which is told anyway.

    Rounded outwards, the band of what is not reached could hold what is asked, and that of what is
    confirmed end short of it.
    """
    asked, at_least = one.promised * scale, one.kind == "share"
    if one.verdict is Verdict.CLOSE:
        return told
    above = (one.verdict is Verdict.YES) == at_least
    limit = np.maximum if above else np.minimum
    mean, low, high = (float(limit(end, asked)) for end in (told.mean, told.low, told.high))
    # a floor under a group is kept where its mean is: its band may hold less
    low, high = (told.low, told.high) if one.calls is not None else (low, high)
    return Interval(mean, low, high, told.replications)


def _reached(
    one: Reached, rounding: CityRounding, replications: int, dollar_step: float
) -> ReachedPublication:
    if not (one.may_be_shown or rounding.exact):
        return ReachedPublication(one.name, one.kind, one.promised, None, None)
    key, scale = OF_KIND[one.kind]
    half = float(stdtrit(max(replications - 1, 1), 0.975)) * one.standard_error
    mean, low, high = (scale * v for v in (one.mean, one.mean - half, one.mean + half))
    exact = Interval(mean, low, high, replications)
    of = rounding if one.calls is None else CityRounding(one.calls, float("nan"), rounding.exact)
    most = 1.0 if one.kind == "share" else np.inf
    step = dollar_step if one.kind == "dollars" else of.step(figure(key).key)
    told = _with_verdict(of.stepped(exact, step, at_most=most), one, scale)
    return ReachedPublication(
        one.name,
        one.kind,
        one.promised,
        Interval(told.mean / scale, told.low / scale, told.high / scale, replications),
        one.verdict,
    )
