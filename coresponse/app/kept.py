"""What a plan of the page keeps of its search, so that its report can be made later, and be checked when it is."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from coresponse.best import Best, as_deployment, goal_problem_of, plain_goal, waiting_cost
from coresponse.consistent import Consistent, End, Round
from coresponse.coverage.response import ResponseTable
from coresponse.data.errors import InputError
from coresponse.data.options import Option
from coresponse.inputs import Inputs
from coresponse.optimize.build import problem_from
from coresponse.optimize.goals.goal import ranks
from coresponse.optimize.goals.solve import GoalFigure, GoalSolution, Stage
from coresponse.optimize.recount import recount
from coresponse.optimize.solution import Solution, Status

SAME = 1e-6
"""Relative difference up to which a recounted objective is the one that was kept."""

Bought = list[tuple[str, str, str, Annotated[int, Field(gt=0, le=1_000_000)]]]
Number = float | None


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid")


class KeptStage(_Part):
    """One goal of several in order."""

    goal: str
    value: Number
    bound: Number
    unit: str
    proven: bool


class KeptFigure(_Part):
    """A figure of a goal's answer."""

    name: str
    value: Number
    unit: str
    calls: int | None = None
    may_be_shown: bool = True


class KeptRound(_Part):
    """One turn of planning with busy units.

    A plan for units that are always free, or of stated shares, has one.
    """

    planned_with: dict[str, float]
    measured: dict[str, float]
    queueing_cost: Number
    bought: Bought
    status: Status
    objective: Number
    bound: Number
    unit: str
    message: str
    interrupted: bool
    stages: list[KeptStage] | None = None
    figures: list[KeptFigure] = Field(default_factory=list)


class Kept(_Part):
    """The search of a plan; `end` is absent where busy shares played no part."""

    rounds: Annotated[list[KeptRound], Field(min_length=1, max_length=50)]
    chosen: int = Field(ge=0)
    end: End | None = None


def kept(best: Best, rounds: Consistent | None) -> dict[str, Any]:
    """Return a search as plain data."""
    if rounds is None:
        alone = _kept_round(Round({}, {}, float("nan"), best))
        return Kept(rounds=[alone], chosen=0).model_dump(mode="json")
    turns = [_kept_round(turn) for turn in rounds.rounds]
    return Kept(rounds=turns, chosen=rounds.chosen, end=rounds.end).model_dump(mode="json")


def restored(told: object, inputs: Inputs, table: ResponseTable) -> tuple[Best, Consistent | None]:
    """Return a search from plain data; the plan's limits and objective are counted again.

    Raises
    ------
    InputError
        If it is not what was kept, or the count finds another plan.
    """
    try:
        search = Kept.model_validate(told)
        turns = tuple(_turn(turn, inputs, table) for turn in search.rounds)
        chosen = turns[search.chosen]
    except (ValidationError, IndexError, KeyError):
        raise InputError(
            "the plan's file does not hold its search -- find the plan again"
        ) from None
    _recounted(chosen, inputs, table)
    if search.end is None:
        return chosen.best, None
    rounds = Consistent(turns, search.chosen, search.end, 0.0)
    return rounds.best, rounds


def _kept_round(turn: Round) -> KeptRound:
    solution = turn.best.solution
    goal = solution if isinstance(solution, GoalSolution) else None
    stages = None if goal is None else [
        KeptStage(goal=s.goal, value=_number(s.value), bound=_number(s.bound), unit=s.unit, proven=s.proven)
        for s in goal.stages
    ]  # fmt: skip
    figures = () if goal is None else goal.figures
    return KeptRound(
        planned_with=turn.planned_with,
        measured=turn.measured,
        queueing_cost=_number(turn.queueing_cost),
        bought=[(*option, count) for option, count in turn.best.deployment.counts],
        status=solution.status,
        objective=_number(solution.objective),
        bound=_number(solution.bound),
        unit=solution.unit,
        message=solution.message,
        interrupted=solution.interrupted,
        stages=stages,
        figures=[
            KeptFigure(
                name=f.name,
                value=_number(f.value),
                unit=f.unit,
                calls=f.calls,
                may_be_shown=f.may_be_shown,
            )
            for f in figures
        ],
    )


def _turn(told: KeptRound, inputs: Inputs, table: ResponseTable) -> Round:
    position = {option: i for i, option in enumerate(table.options)}
    counts = np.zeros(len(table.options), dtype=np.int64)
    for *names, count in told.bought:
        counts[position[Option(*(str(name) for name in names))]] += int(count)
    busy = told.planned_with if any(told.planned_with.values()) else None
    problem = problem_from(
        table,
        inputs.program,
        inputs.posts,
        inputs.study.limits,
        today=inputs.today,
        busy_share=busy,
    )
    objective = float("inf") if told.objective is None else told.objective
    bound = float("-inf") if told.bound is None else told.bound
    plain = (
        told.status,
        counts,
        objective,
        bound,
        told.unit,
        0.0,
        told.message,
        (),
        told.interrupted,
    )
    solution = Solution(*plain)
    if told.stages is not None:
        stages = tuple(
            Stage(s.goal, _back(s.value), _back(s.bound), s.unit, s.proven) for s in told.stages
        )
        figures = tuple(
            GoalFigure(f.name, _back(f.value), f.unit, f.calls, f.may_be_shown)
            for f in told.figures
        )
        solution = GoalSolution(*plain, stages, figures)
    best = Best(problem, solution, as_deployment(table.options, counts))
    return Round(dict(told.planned_with), dict(told.measured), _back(told.queueing_cost), best)


def _recounted(turn: Round, inputs: Inputs, table: ResponseTable) -> None:
    """Count limits and objective of a plan again, without the solver.

    Raises
    ------
    InputError
        If they are not what was kept.
    """
    problem, solution = turn.best.problem, turn.best.solution
    broken = problem.broken_limits(solution.counts)
    if plain_goal(inputs):
        found = recount(problem, waiting_cost(inputs), solution.counts)
    else:
        asked = goal_problem_of(inputs, table, problem)
        found = asked.value(ranks(asked.goal)[0], solution.counts)
        broken += asked.broken_floors(solution.counts)
    if broken or not abs(found - solution.objective) <= SAME * max(1.0, abs(found)):
        why = (
            f"it breaks {', '.join(broken)}"
            if broken
            else f"its objective is {found:.6g}, not {solution.objective:.6g}"
        )
        raise InputError(f"the plan's file was changed: {why} -- find the plan again")


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _back(value: float | None) -> float:
    return float("nan") if value is None else value
