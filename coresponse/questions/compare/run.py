"""Plan one city under several programs with the same budget, each with busy units and call-outs as found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from coresponse.coverage.call_outs import further_cost, standby_days
from coresponse.coverage.demand import eligible_classes
from coresponse.coverage.queueing.judge import QueueingMeasures
from coresponse.data.errors import InputError
from coresponse.data.programs.cost import yearly_cost
from coresponse.data.programs.model import Program
from coresponse.data.progress import Progress, silent
from coresponse.optimize.case import Case
from coresponse.optimize.optimize_once import Optimum
from coresponse.optimize.solve_case import queueing, solve
from coresponse.questions.compare.entrants import Entrant, entrants
from coresponse.study.memory import PLANNING, tell

WITHIN = 0.01
"""A plan that costs this share more than the budget, as called, keeps it."""

PRICINGS = 8


@dataclass(frozen=True, eq=False)
class PlanWithin:
    """A plan within a budget, its call-outs priced as found.

    Attributes
    ----------
    case
        With the program as call-outs are priced in it.
    best
        The optimizer's answer.
    busy
        Its figures with busy units; None if there is nothing in place.
    cost
        Dollars a year, call-outs as queueing finds them.
    """

    case: Case
    best: Optimum
    busy: QueueingMeasures | None
    cost: float


@dataclass(frozen=True, eq=False)
class ProgramPlan:
    """What a program does in the city.

    Attributes
    ----------
    entrant
        The program in the city.
    plan, more
        Within the budget, and with so much more that one more responder fits, whichever it is; None
        if the program cannot be planned.
    why_not
        Why there is no plan; empty if there is one.
    """

    entrant: Entrant
    plan: PlanWithin | None
    more: PlanWithin | None
    why_not: str = ""


@dataclass(frozen=True, eq=False)
class Comparison:
    """Programs side by side.

    Attributes
    ----------
    case
        The study's own question.
    budget_per_year
        Dollars.
    past_calls
        Recorded calls of any class that one of the programs takes: the same for all.
    programs
        One an entrant, in the order asked for.
    """

    case: Case
    budget_per_year: float
    past_calls: int
    programs: tuple[ProgramPlan, ...]

    @property
    def calls_per_week(self) -> float:
        """Calls a week of any class that one of the programs takes."""
        return self.past_calls / (self.case.city.calls.days / 7)


def budget_of(case: Case) -> float:
    """Return the case's budget, else what today's deployment costs a year.

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
    return yearly_cost(case.program, today)


def compare(
    case: Case,
    programs: Sequence[str],
    *,
    budget_per_year: float | None = None,
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
    time_limit_s
        For each plan; a program takes two, more where standby must be priced again.
    """
    case = case.with_(solver=case.solver.model_copy(update={"time_limit_s": time_limit_s}))
    budget = budget_of(case) if budget_per_year is None else budget_per_year
    if not budget > 0:
        raise InputError(f"the budget must be above 0 dollars a year, found {budget:g}")
    listed = entrants(case, programs, budget)
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
    return Comparison(case, budget, past, tuple(found))


def _program_plan(entrant: Entrant, budget: float, progress: Progress) -> ProgramPlan:
    try:
        plan = _plan_within(entrant.case, budget, progress)
        # with so much more, one more responder fits whichever it is
        dearest = float(plan.case.option_cost.max())
        more = _plan_within(entrant.case, budget + dearest, progress)
    except InputError as error:
        # a program without posts of its kinds, or without calls, is shown as such
        return ProgramPlan(entrant, None, None, f"cannot be planned: {error}")
    why_not = ""
    if plan.busy is None:
        said = plan.best.solution.message
        why_not = said if not plan.best.found else "the budget buys not one responder"
    return ProgramPlan(entrant, plan, more, why_not)


def _plan_within(case: Case, budget: float, progress: Progress) -> PlanWithin:
    """Plan within a budget.

    Where standby is called more often than it was priced with, price it so and plan again.
    """
    case = case.with_(budget_per_year=budget)
    tell(case, PLANNING, progress)
    case.work_out_table(progress)
    for _ in range(PRICINGS):
        best = solve(case, progress=progress).best.not_stopped()
        program = case.program
        if not best.found or not best.deployment.size:
            return PlanWithin(case, best, None, 0.0)
        busy = queueing(case, best.deployment)
        found = call_outs_per_day(case, best, busy)
        further = further_cost(program, best.deployment, busy.calls_by_type())
        cost = yearly_cost(program, best.deployment) + further
        over = cost / budget
        if not found or over <= 1 + WITHIN:
            break
        # fewer responders will be called more often each
        priced = _priced(program, {name: value * over for name, value in found.items()})
        case = case.with_(city=case.city.with_program(priced))
    return PlanWithin(case, best, busy, cost)


def call_outs_per_day(case: Case, best: Optimum, busy: QueueingMeasures) -> dict[str, float]:
    """Return by type paid as standby its call-outs in 24 hours on duty, as queueing finds them."""
    calls = busy.calls_by_type()
    return {
        name: calls.get(name, 0.0) / days
        for name, days in standby_days(case.program, best.deployment).items()
    }


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
