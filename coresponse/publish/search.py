"""How an answer was found, as it may be shown: status, objective and bound, rounds with busy units."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

from coresponse.data.programs.model import Program
from coresponse.optimize.clash import Clash
from coresponse.optimize.goals.solution import GoalFigure, GoalSolution
from coresponse.optimize.optimum import BusyRounds
from coresponse.optimize.solution import Solution
from coresponse.publish.call_outs import told_busy
from coresponse.publish.certainty import RoundPublication, SearchPublication, StagePublication
from coresponse.publish.city import CityRounding

DOLLARS = "dollars a year"

# What a round is, where pages count them.
ROUNDS = "each made for units as busy as the one before found them, the first for units always free"


def publish_search(
    solution: Solution,
    rounding: CityRounding,
    *,
    clash: Clash | None = None,
    rounds: BusyRounds | None = None,
    program: Program | None = None,
    busy_share: Mapping[str, float] | None = None,
    desk_cost: float = 0.0,
    dollar_step: float = 0.0,
) -> SearchPublication:
    """Return how an answer was found as it may be shown.

    Parameters
    ----------
    program
        Whose units the rounds are of; None without any.
    busy_share
        That the model took; where there are rounds, it is the chosen one's.
    desk_cost
        Dollars a year of clinicians on the phone: the model minimizes those of responders, and all
        dollars are told.
    dollar_step
        What dollars of the model are rounded to multiples of; 0 where its prices follow from no
        calls. Under a budget, call-outs are priced as the replay finds them.
    """
    solution = _with_dollars(solution, desk_cost, dollar_step)
    goal = solution if isinstance(solution, GoalSolution) else None
    turns: tuple[RoundPublication, ...] = ()
    shares = {name: rounding.busy(share) for name, share in (busy_share or {}).items()}
    if rounds is not None and program is not None:
        turns = tuple(_rounds(rounds, program, rounding, desk_cost, dollar_step))
        shares = dict(turns[rounds.chosen].planned_with) if busy_share else {}
    told, bound = rounding.cost_and_bound(solution.objective, solution.bound, solution.unit)
    return SearchPublication(
        status=solution.status,
        message=solution.message,
        objective=told,
        bound=bound,
        gap=solution.gap,
        unit=solution.unit,
        seconds=solution.seconds,
        interrupted=solution.interrupted,
        stages=()
        if goal is None
        else tuple(
            StagePublication(
                s.goal,
                *rounding.cost_and_bound(s.value, s.bound, s.unit),
                s.unit,
                s.proven,
            )
            for s in goal.stages
        ),
        figures=None
        if goal is None
        else tuple((f.name, _goal_figure(f, rounding), f.unit) for f in goal.figures),
        clash=() if clash is None else tuple(clash.lines()),
        rounds=turns,
        chosen=0 if rounds is None else rounds.chosen,
        end=None if rounds is None else rounds.end,
        busy_share=shares,
    )


def _with_dollars(solution: Solution, more: float, step: float) -> Solution:
    """Return an answer whose dollars, of goal and figures, are so many more, to multiples of a step."""

    def told(dollars: float) -> float:
        if not step or not math.isfinite(dollars):
            return dollars + more
        return round((dollars + more) / step) * step

    if solution.unit == DOLLARS:
        objective, bound = told(solution.objective), told(solution.bound)
        solution = replace(solution, objective=objective, bound=bound)
    if not isinstance(solution, GoalSolution):
        return solution
    stages = (
        replace(s, value=told(s.value), bound=told(s.bound)) if s.unit == DOLLARS else s
        for s in solution.stages
    )
    figures = (
        replace(f, value=told(f.value)) if f.unit == DOLLARS else f for f in solution.figures
    )
    return replace(solution, stages=tuple(stages), figures=tuple(figures))


def _rounds(
    found: BusyRounds,
    program: Program,
    rounding: CityRounding,
    desk_cost: float,
    dollar_step: float,
) -> list[RoundPublication]:
    out: list[RoundPublication] = []
    for turn in found.rounds:
        solution = _with_dollars(turn.best.solution, desk_cost, dollar_step)
        # a round is planned with what the one before measured, and told as that is
        planned = (
            dict(out[-1].measured)
            if out
            else {name: rounding.busy(share) for name, share in turn.planned_with.items()}
        )
        in_place = {name: turn.measured[name] for name in turn.best.deployment.by_type()}
        # what is not in place stays as busy as it was thought to be
        measured = planned | told_busy(in_place, program, turn.best.deployment, rounding)
        unit = solution.unit
        cost = rounding.cost(turn.queueing_cost, unit)
        objective, bound = rounding.cost_and_bound(solution.objective, solution.bound, unit)
        told, bought = solution.status.value, turn.best.deployment
        out.append(RoundPublication(planned, measured, cost, objective, bound, told, bought))
    return out


def _goal_figure(figure: GoalFigure, rounding: CityRounding) -> float | None:
    """Return a figure of a goal; that of a district or class of few calls is not shown."""
    if rounding.exact:
        return figure.value
    if not figure.may_be_shown:
        return None
    of = rounding if figure.calls is None else CityRounding(figure.calls, float("nan"))
    return of.cost(figure.value, figure.unit)
