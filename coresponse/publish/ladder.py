"""The ladder as it may be shown: today; today's staff at the best posts and hours; the plan; and what the last units are for."""

from __future__ import annotations

from dataclasses import dataclass

from coresponse.coverage.replay.bands import Interval
from coresponse.data.figures.rows import RowUnit
from coresponse.data.figures.text import figure_text
from coresponse.data.programs.fleet import fleet_words
from coresponse.data.words import in_text, listed, plural
from coresponse.optimize.verdict import Rung
from coresponse.publish.call_outs import dollar_step, told_cost
from coresponse.publish.disclosure import Disclosure
from coresponse.publish.evaluation import publish_evaluation
from coresponse.publish.paired import total
from coresponse.publish.summary import LEFT
from coresponse.questions.answer import Plan

TITLES = {
    "today": "Today",
    "rearranged": "Today's staff at the best posts and hours",
    "plan": "The plan",
}

HEADS = ("", "In time", "Mean wait", "Left to police a week", "Responders", "Cost a year")


@dataclass(frozen=True)
class RungPublication:
    """One rung, by the replay; figures are None where nobody is in place.

    Attributes
    ----------
    name, fleet
        Which, and its responders.
    share_in_time, wait_s, left_to_police
        Share; seconds; calls a week.
    dollars
        A year, call-outs as found.
    """

    name: str
    fleet: str
    share_in_time: Interval | None
    wait_s: Interval | None
    left_to_police: Interval | None
    dollars: Interval

    @property
    def cells(self) -> tuple[str, ...]:
        """Its row of the table, beneath :data:`HEADS`."""
        return (
            TITLES[self.name],
            _cell(self.share_in_time, "share"),
            _cell(self.wait_s, "min", 1 / 60),
            _cell(self.left_to_police, "per_week").removesuffix(" a week"),
            self.fleet,
            _cell(self.dollars, "dollars").removesuffix(" a year"),
        )


@dataclass(frozen=True)
class LadderPublication:
    """The rungs, and in a sentence what the plan's last units are for; empty where all serve some."""

    rungs: tuple[RungPublication, ...]
    last_units: str = ""


def publish_ladder(plan: Plan, disclosure: Disclosure) -> LadderPublication | None:
    """Return the ladder as it may be shown; None where the replay chose nothing."""
    if plan.ladder is None:
        return None
    rungs = tuple(_rung(plan, rung, disclosure) for rung in plan.ladder.rungs)
    return LadderPublication(rungs, _last_units(plan, disclosure))


def _rung(plan: Plan, rung: Rung, disclosure: Disclosure) -> RungPublication:
    program, replay = plan.case.program, rung.evaluation.replay
    rounding = disclosure.city(rung.evaluation.nearest.overall)
    one = publish_evaluation(rung.evaluation, program, disclosure)
    return RungPublication(
        rung.name,
        fleet_words(program, rung.deployment),
        one.figure("replay", "share_in_time"),
        one.figure("replay", "mean_with_fallback_s"),
        None if replay is None else total(replay, LEFT, rounding),
        told_cost(
            program,
            rung.deployment,
            replay,
            rounding,
            planned=plan.case.yearly_cost(rung.deployment),
            budget=plan.case.limits.budget_per_year,
        ),
    )


def _last_units(plan: Plan, disclosure: Disclosure) -> str:
    """Say how few calls the least used units serve, if they serve hardly any."""
    use = plan.use
    if use is None or use.turns_at is None:
        return ""
    steps = use.steps[: use.steps.index(use.turns_at) + 1]
    rounding = disclosure.city(plan.evaluations["plan"].nearest.overall)
    units = int((steps[0].counts - use.turns_at.counts).sum())
    calls = rounding.per_week(max(0.0, steps[0].served_per_week - use.turns_at.served_per_week))
    step = dollar_step(plan.case.program, plan.deployment, rounding)
    saved = sum(one.dollars_saved for one in steps)
    saved = round(saved / step) * step if step else saved
    who = "The last unit serves" if units == 1 else f"The last {units} units serve"
    more = f"{round(calls):,} more calls" if round(calls) != 1 else "1 more call"
    without = fleet_words(plan.case.program, plan.case.deployment(use.turns_at.counts))
    return (
        f"{who} {more if round(calls) else 'no more calls'} a week, for ${saved:,.0f} a year. "
        f"Without {'it' if units == 1 else 'them'}: {without}.{without_limits(plan)}"
    )


def without_limits(plan: Plan) -> str:
    """Say that a plan takes all that is of any use, where nothing says how many there may be."""
    limits = plan.case.limits
    if limits.roles or limits.staff_hours_per_week is not None:
        return ""
    if limits.budget_per_year is not None or limits.agencies:
        return ""
    there = {option.responder_type for option, count in plan.deployment.counts if count}
    types = plan.case.program.responder_types
    free = sorted(plural(in_text(types[name].title)) for name in there - set(limits.units))
    if not free:
        return ""
    return (
        f" Nothing limits how many {listed(free)} there may be: set a number or a budget, or ask "
        "for the fewest units."
    )


def _cell(found: Interval | None, unit: RowUnit, scale: float = 1.0) -> str:
    """Return a figure without its band, which plan.json has: the table is read at a glance."""
    return figure_text(None if found is None else found.mean * scale, unit)
