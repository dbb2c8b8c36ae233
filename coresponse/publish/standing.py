"""What the plan shown is, as it may be shown: the model's, another chosen in the replay, or a confirmed one.

The model's status is told by :mod:`coresponse.publish.search`, of the model's deployment; no
sentence here says that something is proven, for what the replay finds nobody can prove.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
from scipy.special import stdtrit

from coresponse.coverage.replay.bands import Interval
from coresponse.data.figures.dictionary import figure
from coresponse.data.options import Deployment
from coresponse.data.programs.fleet import fleet_words, limit_words
from coresponse.data.programs.model import Program
from coresponse.data.words import counted
from coresponse.optimize.chosen import Choice
from coresponse.optimize.goals.goal import FewestUnits, LeastCost, singles
from coresponse.optimize.solution import PLACED
from coresponse.optimize.verdict import FORMATS, Checked, Reached, Verdict
from coresponse.publish.call_outs import dollar_step
from coresponse.publish.city import CityRounding
from coresponse.questions.answer import Plan
from coresponse.questions.standing import Standing

# The figure that each kind of promise is rounded as, and how many of its units are one of the promise's.
OF_KIND = {
    "share": ("share_in_time", 1.0),
    "minutes": ("mean_with_fallback_s", 60.0),
    "dollars": ("cost_as_called_per_year", 1.0),
}


@dataclass(frozen=True)
class ReachedPublication:
    """What one promise comes to in the replay.

    Attributes
    ----------
    name, kind, promised
        Of the promise; share, minutes or dollars.
    found, verdict
        With its 95% band; None where it is of too few calls to show.
    """

    name: str
    kind: str
    promised: float
    found: Interval | None
    verdict: Verdict | None

    def words(self, *, headline: bool) -> str:
        """Say what is reached, and what is asked.

        Parameters
        ----------
        headline
            Whether the page tells the deployment's own figure: it is of fewer replications, and two
            means of one plan would differ in the last digit. Only the range is told then.
        """
        show = FORMATS[self.kind].format
        if self.found is None:
            return f"{self.name}: too few calls to show"
        reached, low, high = map(self._text, (self.found.mean, self.found.low, self.found.high))
        # narrower than the figure's own band, which holds what one history cannot tell as well
        band = f" (by chance alone {low} to {high})" if low != high else ""
        if headline and band:
            reached, band = f"{low} to {high}", " by chance alone"
        # the name says whose it is and what is asked, the latter once more
        whose, _, what = self.name.rpartition(": ")
        of = {"share": " in time", "minutes": " of mean response", "dollars": " a year"}[self.kind]
        within = what[what.find(" within ") :] if " within " in what else of
        asked = "at least" if self.kind == "share" else "at most"
        return f"{whose} {reached}{band}{within} where {asked} {show(self.promised)} is asked"

    def _text(self, value: float) -> str:
        """Return a figure as text; one that misses what is asked by less than figures are rounded to says so."""
        show = FORMATS[self.kind].format
        if self.verdict is Verdict.NO and show(value) == show(self.promised):
            return f"just {'under' if self.kind == 'share' else 'over'} {show(value)}"
        return show(value)


@dataclass(frozen=True, eq=False)
class CheckedPublication:
    """A deployment that was held against what is promised."""

    deployment: Deployment
    fleet: str
    verdict: Verdict
    dollars: float
    replications: int
    reached: tuple[ReachedPublication, ...]
    worst: int

    def words(self, *, headline: bool = False) -> str:
        """Say what the promise farthest from being kept comes to, and whether all are kept."""
        if not self.reached:
            return f"{self.fleet}: {self.verdict}"
        return f"{self.fleet}: {self.reached[self.worst].words(headline=headline)}, {self.verdict}"


@dataclass(frozen=True, eq=False)
class StandingPublication:
    """What the plan shown is.

    Attributes
    ----------
    standing
        The model's, chosen, confirmed, or nothing confirmed.
    is_models
        Whether it is the model's deployment.
    model
        The deployment that status, objective and bound of the search are of.
    candidates
        Deployments that were tried out in the replay; 0 where it did not choose.
    better_by, unit
        Of a chosen plan: by how much its goal is less than that of the model's plan in the replay,
        with its 95% band, in the goal's unit.
    binding
        Limits that leave no room for one more responder.
    plan, less
        What was held against the promise: the plan, and the best smaller or cheaper found.
    lesser
        Which of the two that is.
    checked
        All that were, in the order of the search.
    in_time
        Whether the search in the replay came to its end.
    over_budget
        What the model's plan would spend a year if that is more than the budget.
    not_tried
        Why a promise was not held against the replay.
    placed
        Whether a planner placed it by hand.
    """

    standing: Standing
    is_models: bool
    model: Deployment
    candidates: int = 0
    better_by: Interval | None = None
    unit: str = ""
    binding: tuple[str, ...] = ()
    plan: CheckedPublication | None = None
    less: CheckedPublication | None = None
    lesser: str = "smaller"
    checked: tuple[CheckedPublication, ...] = ()
    in_time: bool = True
    over_budget: float | None = None
    not_tried: str = ""
    placed: bool = False

    @property
    def whose(self) -> str:
        """Say whose the model's status is: this plan's, or another deployment's."""
        return "this plan" if self.is_models else "another deployment than the plan shown"

    @property
    def sentences(self) -> tuple[str, ...]:
        """Say what the plan is."""
        return tuple(self._said())

    def _said(self) -> Iterator[str]:
        many = counted(self.candidates, "deployment")
        if self.standing in {Standing.CONFIRMED, Standing.NOT_CONFIRMED}:
            yield from self._promised(many)
        elif self.standing is Standing.CHOSEN:
            yield f"The replay chose this plan, the best of {many}, over the model's own{self._better()}."
        elif self.candidates > 1:
            yield f"The replay confirms the model's plan: none of {many} tried was better beyond chance."
        elif self.placed:
            yield "The plan was placed by hand; it was chosen neither by the model nor by the replay."
        else:
            yield "The plan is the model's; no other was tried in the replay."
        if self.not_tried:
            yield self.not_tried
        if self.binding:
            yield f"These limits leave no room for one more responder: {'; '.join(self.binding)}."

    def _promised(self, many: str) -> Iterator[str]:
        if self.standing is Standing.NOT_CONFIRMED:
            yield "Not confirmed: no deployment tried meets the target in the replay."
            if self.plan is not None:
                yield f"The plan shown is the closest found: {self.plan.words(headline=True)}."
        elif self.plan is not None:
            yield f"Confirmed in {self.plan.replications} replications: {self.plan.words(headline=True)}."
        if self.less is not None:
            yield f"The best {self.lesser} one found: {self.less.words()}."
        yield f"{many} were replayed; a better placement may exist."
        if not self.in_time:
            yield "The time limit ended the search in the replay: more time may find a better plan."

    def _better(self) -> str:
        if self.over_budget is not None:
            return f"; that one would spend ${self.over_budget:,.0f} a year, more than the budget"
        if self.better_by is None:
            return ""
        if not self.better_by.mean:
            return ": better beyond chance, but by less than figures are rounded to"
        return f": better by {_in(self.unit, self.better_by)}"


def _in(unit: str, found: Interval) -> str:
    """Say a gain with its band, in the goal's unit as people say it."""
    scale, word, digits = {
        "share of calls late": (100.0, "points of calls in time", 1),
        "share of calls with police": (100.0, "points of calls without police", 1),
        "seconds a call": (1.0, "seconds a call", 0),
    }.get(unit, (1.0, unit, 2))
    mean, low, high = (f"{v * scale:,.{digits}f}" for v in (found.mean, found.low, found.high))
    band = f" (95% band {low} to {high})" if np.isfinite(found.low) else ""
    return f"{mean} {word}{band}"


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
            better_by=None if choice.is_models else _gain(choice, plan.solution.unit, rounding),
            unit=plan.solution.unit,
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
