"""The ladder as it may be shown: today; today's staff at the best posts and hours; the plan; and what the last units are for."""

from __future__ import annotations

from coresponse.data.programs.fleet import fleet_words
from coresponse.data.words import in_text, listed, plural
from coresponse.optimize.verdict import Rung
from coresponse.publish.call_outs import dollar_step, told_cost
from coresponse.publish.disclosure import Disclosure
from coresponse.publish.evaluation import publish_evaluation
from coresponse.publish.paired import total
from coresponse.publish.rungs import LEFT, LadderPublication, RungPublication
from coresponse.questions.answer import Plan


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
