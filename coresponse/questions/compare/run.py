"""Plan one city under several programs with the same budget, each chosen by the replay, which prices call-outs as they come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from time import monotonic

import numpy as np

from coresponse.coverage.demand import eligible_classes
from coresponse.coverage.evaluate import EvaluationSetup
from coresponse.data.errors import InputError
from coresponse.data.hours import WeekHours
from coresponse.data.progress import Progress, silent
from coresponse.optimize.case import Case
from coresponse.optimize.evaluate_case import evaluation_setup
from coresponse.optimize.factors import demand_factor
from coresponse.optimize.settings import REPLAY_S
from coresponse.optimize.trials import Trials
from coresponse.questions.compare.comparison import Comparison, PlanWithin, ProgramPlan
from coresponse.questions.compare.entrants import (
    Entrant,
    closed_throughout,
    entrants,
    open_within,
)
from coresponse.questions.plan import find_plan
from coresponse.questions.spent import spent, spent_today
from coresponse.study.memory import PLANNING, tell

NOT_ONE = "the budget buys not one responder"


def budget_of(case: Case, *, progress: Progress = silent) -> float:
    """Return the case's budget, else what today's deployment costs a year, call-outs as the replay finds them.

    Raises
    ------
    InputError
        If there is neither.
    """
    if case.limits.budget_per_year is not None:
        return case.limits.budget_per_year
    today = case.city.today
    if today is None or not today.size:
        raise InputError(
            "the study has neither a budget nor today's deployment -- give --budget, in dollars a "
            "year, such as --budget 3000000"
        )
    return spent_today(case, today, progress=progress)


def compare(
    case: Case,
    programs: Sequence[str],
    *,
    budget_per_year: float | None = None,
    hours: WeekHours | None = None,
    time_limit_s: float = 10.0,
    progress: Progress = silent,
) -> Comparison:
    """Plan the city under each program.

    Parameters
    ----------
    programs
        Presets or program files.
    budget_per_year
        Dollars; default: see :func:`budget_of`.
    hours
        Within which responders may be on duty; None: those of each program's shifts.
    time_limit_s
        For each search; a program takes two.
    """
    case = case.with_(solver=case.solver.model_copy(update={"time_limit_s": time_limit_s}))
    budget = budget_of(case, progress=progress) if budget_per_year is None else budget_per_year
    if not budget > 0:
        raise InputError(f"the budget must be above 0 dollars a year, found {budget:g}")
    listed = entrants(case, programs, budget)
    if hours is not None:
        listed = tuple(open_within(one, hours) for one in listed)
    classes = {name for one in listed for name in eligible_classes(one.program)}
    past = int(case.city.calls.frame["call_class"].isin(classes).sum())
    if not past:
        raise InputError(
            f"no call is of a class that one of the programs takes ({', '.join(sorted(classes))})"
        )
    found = []
    for k, one in enumerate(listed):
        progress("planning under each program", k, len(listed))
        found.append(_program_plan(one, budget, progress))
    calls = _calls_by_class(listed)
    desk = listed[0].case.phone
    ended = 0.0
    if desk is not None:
        mine = desk.flows.index.get_level_values("call_class").isin(list(calls))
        ended = float(desk.flows.loc[mine, "ended"].sum())
    return Comparison(case, budget, past, sum(calls.values()), ended, tuple(found))


def _calls_by_class(listed: Sequence[Entrant]) -> dict[str, float]:
    """Return calls a week that come to the field, by class that one of the programs takes."""
    out: dict[str, float] = {}
    for case in (one.case for one in listed):
        had = set(case.city.calls.frame["call_class"])
        if had.isdisjoint(eligible_classes(case.program)):
            continue  # it cannot be planned
        cells, factors = case.base_cells, replace(case.factors, by_phone=case.by_phone)
        calls = cells.calls_per_week * demand_factor(case.city, cells, factors)
        by_class = np.bincount(cells.call_class, weights=calls, minlength=len(cells.class_names))
        out |= dict(zip(cells.class_names, by_class.tolist(), strict=True))
    return out


def _program_plan(entrant: Entrant, budget: float, progress: Progress) -> ProgramPlan:
    try:
        setup = evaluation_setup(entrant.case, progress=progress).lean()
        plan = _plan_within(entrant.case, budget, setup, progress)
        # with so much more, one more responder fits whichever it is
        dearest = float(entrant.case.option_cost.max())
        more = _plan_within(entrant.case, budget + dearest, setup, progress)
    except InputError as error:
        # a program without posts of its kinds, or without calls, is shown as such
        return ProgramPlan(entrant, None, None, f"cannot be planned: {error}")
    why_not = ""
    if plan.replay is None:
        said = plan.plan.solution.message
        why_not = said if not plan.plan.found else NOT_ONE
        if closed_throughout(entrant.case):
            why_not = "no shift of the program lies within the stated hours"
    return ProgramPlan(entrant, plan, more, why_not)


def _plan_within(
    case: Case, budget: float, setup: EvaluationSetup, progress: Progress
) -> PlanWithin:
    """Plan within a budget, which is dollars that will be spent."""
    case = case.with_(budget_per_year=budget)
    tell(case, PLANNING, progress)
    case.work_out_table(progress)
    until = monotonic() + case.solver.time_limit_s + REPLAY_S
    found = find_plan(case, Trials.of(case, setup, until=until), progress=progress)
    found.best.not_stopped()
    if not found.found or not found.deployment.size:
        return PlanWithin(found, None, 0.0)
    replay = setup.evaluate(case.table, found.deployment, None).replay
    return PlanWithin(
        found, replay, 0.0 if replay is None else spent(case, found.deployment, replay)
    )
