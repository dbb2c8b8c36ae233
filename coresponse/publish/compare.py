"""Programs side by side as they may be shown."""

from __future__ import annotations

import numpy as np

from coresponse.coverage.officer_hours import officer_hours
from coresponse.coverage.replay.replay_measures import ReplayMeasures
from coresponse.data.figures.text import dollars
from coresponse.data.hours import WEEKS_A_YEAR
from coresponse.data.options import Deployment
from coresponse.publish.answers import ComparisonPublication, ProgramPublication
from coresponse.publish.call_outs import told_call_outs, told_calls, told_cost
from coresponse.publish.city import CityRounding
from coresponse.publish.disclosure import PUBLIC
from coresponse.publish.history import facts_of
from coresponse.questions.compare.comparison import WITHIN, Comparison, PlanWithin, ProgramPlan
from coresponse.questions.compare.entrants import closed_hours, program_hours


def publish_comparison(found: Comparison) -> ComparisonPublication:
    """Return programs side by side as they may be shown.

    Raises
    ------
    InputError
        If they rest on so few calls that every figure would tell of them.
    """
    PUBLIC.refuse_few(found.past_calls)
    drawn = _drawn(found)
    rounding = CityRounding(found.past_calls, found.calls_per_week)
    return ComparisonPublication(
        facts_of(found.case),
        found.budget_per_year,
        rounding.per_week(rounding.calls_per_week * drawn, at_most=np.inf),
        _phone(found, rounding),
        tuple(_program(one, found.budget_per_year, rounding, drawn) for one in found.programs),
    )


def _drawn(found: Comparison) -> float:
    """Return calls of the replay over the history's, of the program that takes most: its figures are those of its own plan."""
    by_calls = {}
    for one in found.programs:
        if one.plan is not None and one.plan.replay is not None:
            past = float(one.plan.plan.table.cells.calls_per_week.sum())
            by_calls[past] = one.plan.replay.figure("calls_per_week").mean / past
    return by_calls[max(by_calls)] if by_calls else 1.0


def _phone(found: Comparison, rounding: CityRounding) -> str:
    cost = found.case.desk_cost
    if not cost:
        return ""
    return (
        "Beside each program clinicians on the phone end "
        f"{rounding.per_week(found.by_phone_per_week):,.0f} further calls a "
        f"week, for {dollars(cost)} a year, which is in each one's cost and budget."
    )


def _program(
    one: ProgramPlan, budget: float, rounding: CityRounding, drawn: float
) -> ProgramPublication:
    entrant, plan = one.entrant, one.plan
    if plan is None or plan.replay is None or one.more is None:
        bought = Deployment("plan") if plan is None else plan.plan.deployment
        return ProgramPublication(
            entrant.name, entrant.program, one.why_not, bought, {}, None, entrant.notes
        )
    program, hours = plan.plan.case.program, _open_hours(plan)
    notes = [*entrant.notes]
    if plan.plan.nothing_confirmed:
        notes.append("no plan is confirmed to meet the target; the closest is shown")
    if hours < program_hours(program):  # that the program has no shift for is said of the program
        notes.append(f"the plan has nobody on duty in {168 - hours} of the week's 168 hours")
    own = PUBLIC.city(plan.plan.table.cells)
    found = told_call_outs(program, plan.plan.deployment, plan.replay, own)
    notes += [f"{one.words()}, which are paid for" for one in found if one.far]
    if plan.cost > budget * (1 + WITHIN):
        notes.append(f"the plan costs ${_cost(plan):,.0f} a year, above the budget")
    return ProgramPublication(
        entrant.name,
        program,
        _status(plan),
        plan.plan.deployment,
        _figures(plan, plan.replay, one.more, hours, rounding, drawn, budget),
        officer_hours(program, told_calls(plan.replay.calls_by_type, own)),
        tuple(notes),
    )


def _status(plan: PlanWithin) -> str:
    return plan.plan.standing.told(str(plan.plan.solution.status))


def _open_hours(plan: PlanWithin) -> int:
    patterns = {option.shift_pattern for option, _ in plan.plan.deployment.counts}
    return 168 - closed_hours(plan.plan.case.program, patterns)


def _figures(
    plan: PlanWithin,
    replay: ReplayMeasures,
    more: PlanWithin,
    hours: int,
    rounding: CityRounding,
    drawn: float,
    budget: float,
) -> dict[str, float | None]:
    """Return a program's figures; calls a week are rounded by all programs' calls.

    Programs that take other classes differ in the calls of these.
    """
    calls, cells = rounding.calls_per_week * drawn, plan.plan.table.cells
    own = PUBLIC.city(cells)
    eligible = float(cells.calls_per_week.sum()) * drawn
    # programs' replays draw other calls: what becomes of calls is each one's own, how many there are
    # is the same for all, as the widest program's replay drew them, so that all add up to the same
    usual = eligible / max(replay.figure("calls_per_week").mean, 1e-9)

    def a_week(value: float) -> float:
        # a replay may draw more calls than there were
        return rounding.per_week(value, at_most=np.inf)

    def told(key: str) -> float:
        if key == "busy_per_week":
            return rounding.figure(key, replay.figure(key).mean * usual)
        if key.endswith("_per_week"):
            return a_week(replay.figure(key).mean * usual)
        return own.figure(key, replay.figure(key).mean)

    def without_officer(of: float) -> float:
        return replay.without_officer.mean * usual / of

    def of_all(key: str) -> float:
        return rounding.share(replay.figure(key).mean * usual / calls)

    served, cost = told("reached_per_week"), _cost(plan, budget)
    return {
        "units": float(plan.plan.deployment.size),
        "cost_per_year": cost,
        "hours_open_per_week": float(hours),
        "eligible_per_week": told("calls_per_week"),
        "share_eligible": rounding.share(eligible / calls),
        "served_per_week": served,
        "share_served": of_all("reached_per_week"),
        "left_to_police_per_week": a_week(calls - replay.figure("reached_per_week").mean * usual),
        "without_officer_per_week": a_week(without_officer(1.0)),
        "share_without_officer": rounding.share(without_officer(calls)),
        "closed_per_week": told("closed_per_week"),
        "busy_per_week": told("busy_per_week"),
        "mean_min": told("mean_s") / 60,
        "p90_min": told("p90_s") / 60,
        "share_eligible_in_time": told("share_in_time"),
        "share_all_in_time": of_all("in_time_per_week"),
        "cost_per_call": cost / (served * WEEKS_A_YEAR) if served else None,
        "cost_per_further_call": _further(plan, more, rounding),
        "gap": plan.plan.gap,
    }


def _cost(plan: PlanWithin, budget: float | None = None) -> float:
    """Return what a plan costs a year, to $1,000: as a plan's own pages have it."""
    case, deployment = plan.plan.case, plan.plan.deployment
    found = told_cost(
        case.program,
        deployment,
        plan.replay,
        PUBLIC.city(plan.plan.table.cells),
        planned=case.yearly_cost(deployment),
        budget=budget,
    )
    return float(round(found.mean, -3))


def _further(plan: PlanWithin, more: PlanWithin, rounding: CityRounding) -> float | None:
    """Return dollars for one more call served, from a plan with more money, as both are told.

    None if that serves no more: exact, the difference would count the calls around one post.
    """
    if plan.replay is None or more.replay is None:
        return None
    mine, theirs = (
        rounding.per_week(one.figure("reached_per_week").mean, at_most=np.inf)
        for one in (plan.replay, more.replay)
    )
    calls, dollars = (theirs - mine) * WEEKS_A_YEAR, _cost(more) - _cost(plan)
    return float(f"{dollars / calls:.3g}") if calls > 0.5 and dollars > 0 else None
