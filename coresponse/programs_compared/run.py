"""Plan one city under several programs with the same budget, and judge each with busy units."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from coresponse.best import Best, not_stopped, target_min, waiting_cost
from coresponse.call_outs import standby_days
from coresponse.coverage.demand import eligible_classes
from coresponse.coverage.queueing.judge import QueueingMeasures, queueing_measures
from coresponse.coverage.response import enumerate_options
from coresponse.coverage.whole_city import WholeCity
from coresponse.data.errors import InputError
from coresponse.data.hours import WEEKS_A_YEAR
from coresponse.data.options import Deployment
from coresponse.data.programs.cost import annual_cost, call_out_cost
from coresponse.data.programs.model import Program
from coresponse.data.progress import Progress, silent
from coresponse.inputs import Inputs
from coresponse.internal import enough_to_publish
from coresponse.judging import fit_models
from coresponse.memory import PLANNING, tell
from coresponse.optimize.build import option_costs
from coresponse.outcomes import OfficerHours, officer_hours
from coresponse.planning import plan_table, study_table
from coresponse.programs_compared.common import Entrant, closed_hours, entrants

WITHIN = 0.01
"""A plan that costs this share more than the budget, as called, keeps it."""

PRICINGS = 8


@dataclass(frozen=True, eq=False)
class Row:
    """A program's figures; None where there is no figure.

    Attributes
    ----------
    entrant
        The program in the city.
    status
        Of the plan, or why there is none.
    deployment
        The plan.
    figures
        See :func:`coresponse.programs_compared.write.programs_frame`.
    officer
        Officer hours a week, as a range.
    notes
        What is not there.
    """

    entrant: Entrant
    status: str
    deployment: Deployment
    figures: Mapping[str, float | None] = field(default_factory=dict)
    officer: OfficerHours | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Compared:
    """Programs side by side.

    Attributes
    ----------
    calls_per_week
        Calls of any class that one of the programs takes: the same for all.
    budget_per_year
        Dollars.
    """

    inputs: Inputs
    budget_per_year: float
    calls_per_week: float
    rows: tuple[Row, ...]


def study_budget(inputs: Inputs) -> float:
    """Return the study's budget, else what today's deployment costs a year.

    Raises
    ------
    InputError
        If there is neither.
    """
    if inputs.study.limits.budget_per_year is not None:
        return inputs.study.limits.budget_per_year
    if inputs.today is None or not inputs.today.size:
        raise InputError(
            "the study has neither a budget nor today's deployment -- give --budget, in dollars a "
            "year, such as --budget 3000000"
        )
    return yearly_cost(inputs.program, inputs.today)


def compare_programs(
    inputs: Inputs,
    names: Sequence[str],
    *,
    budget_per_year: float | None = None,
    time_limit_s: float = 10.0,
    progress: Progress = silent,
) -> Compared:
    """Plan the city under each program.

    Parameters
    ----------
    names
        Presets or program files.
    budget_per_year
        Dollars; default: see :func:`study_budget`.
    time_limit_s
        For each plan; a program takes two, more where standby must be priced again.
    """
    waiting_cost(inputs)
    inputs = replace(inputs, folder=inputs.folder.with_solver(time_limit_s=time_limit_s))
    budget = study_budget(inputs) if budget_per_year is None else budget_per_year
    if not budget > 0:
        raise InputError(f"the budget must be above 0 dollars a year, found {budget:g}")
    listed = entrants(inputs, names, budget)
    classes = {name for one in listed for name in eligible_classes(one.program)}
    past = int(inputs.calls.frame["call_class"].isin(classes).sum())
    whole = WholeCity(past, past / (inputs.calls.days / 7))
    enough_to_publish(past)
    if not past:
        raise InputError(
            f"no call is of a class that one of the programs takes ({', '.join(sorted(classes))})"
        )
    rows = []
    for k, one in enumerate(listed):
        progress("planning under each program", k, len(listed))
        rows.append(_row(one, budget, whole, progress))
    return Compared(inputs, budget, whole.per_week(whole.calls_per_week), tuple(rows))


@dataclass(frozen=True, eq=False)
class _Planned:
    """A plan within the budget, its call-outs priced as found."""

    entrant: Entrant
    best: Best
    judged: QueueingMeasures | None
    cost: float


def _row(entrant: Entrant, budget: float, whole: WholeCity, progress: Progress) -> Row:
    calls = whole.calls_per_week
    try:
        planned = _plan(entrant, budget, progress)
        # with so much more, one more responder fits whichever it is
        options = enumerate_options(planned.entrant.program, entrant.inputs.posts)
        dearest = float(option_costs(options, planned.entrant.program).max())
        more = _plan(entrant, budget + dearest, progress)
    except InputError as error:
        # a program without posts of its kinds, or without calls, is shown as such
        return Row(entrant, f"cannot be planned: {error}", Deployment("plan"), notes=entrant.notes)
    if planned.judged is None:
        said = (
            planned.best.solution.message
            if not planned.best.found
            else "the budget buys not one responder"
        )
        return Row(entrant, said, planned.best.deployment, notes=entrant.notes)
    program, judged = planned.entrant.program, planned.judged
    shown = shown_of(judged, whole)
    served, cost = shown["reached_per_week"], float(round(planned.cost, -3))
    patterns = {option.shift_pattern for option, _ in planned.best.deployment.counts}
    hours = 168 - closed_hours(program, patterns)
    figures: dict[str, float | None] = {
        "units": float(planned.best.deployment.size),
        "cost_per_year": cost,
        "hours_open_per_week": float(hours),
        "eligible_per_week": shown["calls_per_week"],
        "share_eligible": whole.share(judged.figure("calls_per_week") / calls),
        "served_per_week": served,
        "share_served": whole.share(judged.figure("reached_per_week") / calls),
        "left_to_police_per_week": round(whole.per_week(calls) - served, 4),
        "closed_per_week": shown["closed_per_week"],
        "busy_per_week": shown["busy_per_week"],
        "mean_min": shown["mean_s"] / 60,
        "p90_min": shown["p90_s"] / 60,
        "share_eligible_in_time": shown["share_in_time"],
        "share_all_in_time": whole.share(judged.figure("in_time_per_week") / calls),
        "cost_per_call": cost / (served * WEEKS_A_YEAR) if served else None,
        "cost_per_further_call": _further(planned, more),
        "gap": planned.best.solution.gap,
    }
    notes = [*entrant.notes]
    if hours < 168:
        notes.append(f"the plan has nobody on duty in {168 - hours} of the week's 168 hours")
    for name, found in call_outs_per_day(program, planned.best.deployment, judged).items():
        title, before = (
            program.responder_types[name].title,
            entrant.program.responder_types[name].call_outs_per_day,
        )
        notes.append(
            f"{title}: {found:.1f} call-outs a day, as found, are paid for, not the program's "
            f"{before.value:g}"
        )
    if planned.cost > budget * (1 + WITHIN):
        notes.append(f"as called the plan costs ${planned.cost:,.0f} a year, above the budget")
    return Row(
        replace(entrant, program=program),
        str(planned.best.solution.status),
        planned.best.deployment,
        figures,
        officer_hours(program, calls_by_type(judged)),
        tuple(notes),
    )


def shown_of(judged: QueueingMeasures, whole: WholeCity) -> dict[str, float]:
    """Return queueing's figures as they may be shown.

    Programs that take other classes differ in the calls of these.
    """
    row = judged.overall.iloc[0]
    own = WholeCity.of(judged.overall)
    return {
        str(name): (whole if str(name).endswith("_per_week") else own).figure(
            str(name), float(value)
        )
        for name, value in row.items()
    }


def _further(planned: _Planned, more: _Planned) -> float | None:
    """Return dollars for one more call served, from a plan with more money.

    None if that serves no more.
    """
    if planned.judged is None or more.judged is None:
        return None
    calls = (
        more.judged.figure("reached_per_week") - planned.judged.figure("reached_per_week")
    ) * WEEKS_A_YEAR
    dollars = more.cost - planned.cost
    return float(f"{dollars / calls:.3g}") if calls > 0.5 and dollars > 0 else None


def _plan(entrant: Entrant, budget: float, progress: Progress) -> _Planned:
    """Plan within a budget.

    Where standby is called more often than it was priced with, price it so and plan again.
    """
    inputs = _with_budget(entrant.inputs, budget)
    tell(inputs, PLANNING, progress)
    table = study_table(inputs, progress=progress)
    service, _ = fit_models(inputs, inputs.calls)
    for _ in range(PRICINGS):
        best = not_stopped(plan_table(inputs, table, progress=progress)[0])
        program = inputs.program
        if not best.found or not best.deployment.size:
            return _Planned(replace(entrant, program=program), best, None, 0.0)
        judged = queueing_measures(
            table, best.deployment, program, target_s=target_min(inputs) * 60, service=service
        )
        found = call_outs_per_day(program, best.deployment, judged)
        cost = yearly_cost(program, best.deployment) + _unpriced(program, best.deployment, found)
        over = cost / budget
        if not found or over <= 1 + WITHIN:
            break
        # fewer responders will be called more often each
        inputs = replace(
            inputs, program=_priced(program, {name: value * over for name, value in found.items()})
        )
    return _Planned(replace(entrant, program=program), best, judged, cost)


def _with_budget(inputs: Inputs, budget: float) -> Inputs:
    limits = inputs.study.limits.model_copy(update={"budget_per_year": budget})
    return replace(
        inputs,
        folder=replace(inputs.folder, study=inputs.study.model_copy(update={"limits": limits})),
    )


def yearly_cost(program: Program, deployment: Deployment) -> float:
    """Return dollars a year."""
    return sum(
        n * annual_cost(program, o.responder_type, o.shift_pattern).total
        for o, n in deployment.counts
    )


def calls_by_type(judged: QueueingMeasures) -> dict[str, float]:
    """Return calls a week by responder type, as queueing sends them."""
    by_type = judged.units.groupby("responder_type")["calls_per_week"].sum()
    return {str(name): float(calls) for name, calls in by_type.items()}


def call_outs_per_day(
    program: Program, deployment: Deployment, judged: QueueingMeasures
) -> dict[str, float]:
    """Return by type paid as standby its call-outs in 24 hours on duty, as queueing finds them."""
    calls = calls_by_type(judged)
    return {
        name: calls.get(name, 0.0) / days
        for name, days in standby_days(program, deployment).items()
    }


def _unpriced(program: Program, deployment: Deployment, found: Mapping[str, float]) -> float:
    """Return what call-outs cost a year beyond those that are priced.

    Below 0 if there are fewer.
    """
    return sum(
        (found[name] - program.responder_types[name].call_outs_per_day.value)
        * days
        * WEEKS_A_YEAR
        * call_out_cost(program, name)
        for name, days in standby_days(program, deployment).items()
    )


def _priced(program: Program, call_outs: Mapping[str, float]) -> Program:
    types = dict(program.responder_types)
    for name, value in call_outs.items():
        figure = types[name].call_outs_per_day.model_copy(
            update={
                "value": value,
                "low": None,
                "high": None,
                "mark": "derived",
                "source": "queueing of the plan",
            }
        )
        types[name] = types[name].model_copy(update={"call_outs_per_day": figure})
    return program.model_copy(update={"responder_types": types})
