"""What a plan of the page keeps of its search, so that its report can be made later, and be checked when it is."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from coresponse.data.errors import InputError
from coresponse.data.options import Option
from coresponse.optimize.case import Case
from coresponse.optimize.goals.solution import GoalFigure, GoalSolution, Stage
from coresponse.optimize.optimum import BusyRound, BusyRounds, End, Optimum
from coresponse.optimize.solution import Solution, Status
from coresponse.optimize.solved import Solved

# Relative difference up to which a recounted objective is the one that was kept.
SAME = 1e-6

Bought = list[tuple[str, str, str, Annotated[int, Field(gt=0, le=1_000_000)]]]
Number = float | None


class _SavedPart(BaseModel):
    model_config = ConfigDict(extra="forbid")


class SavedStage(_SavedPart):
    """One goal of several in order."""

    goal: str
    value: Number
    bound: Number
    unit: str
    proven: bool


class SavedFigure(_SavedPart):
    """A figure of a goal's answer."""

    name: str
    value: Number
    unit: str
    calls: int | None = None
    may_be_shown: bool = True


class SavedRound(_SavedPart):
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
    call_outs: dict[str, float] = Field(default_factory=dict)
    stages: list[SavedStage] | None = None
    figures: list[SavedFigure] = Field(default_factory=list)


class SavedSearch(_SavedPart):
    """The search of a plan; `end` is absent where busy shares played no part."""

    rounds: Annotated[list[SavedRound], Field(min_length=1, max_length=50)]
    chosen: int = Field(ge=0)
    end: End | None = None


def saved(solved: Solved) -> dict[str, Any]:
    """Return a search as plain data."""
    rounds = solved.rounds
    if rounds is None:
        alone = _saved_round(BusyRound({}, {}, float("nan"), solved.best))
        return SavedSearch(rounds=[alone], chosen=0).model_dump(mode="json")
    turns = [_saved_round(turn) for turn in rounds.rounds]
    told = SavedSearch(rounds=turns, chosen=rounds.chosen, end=rounds.end)
    return told.model_dump(mode="json")


def restored(told: object, case: Case) -> Solved:
    """Return a search from plain data; the plan's limits and objective are counted again.

    Raises
    ------
    InputError
        If it is not what was saved, or the count finds another plan.
    """
    try:
        search = SavedSearch.model_validate(told)
        turns = tuple(_turn(turn, case) for turn in search.rounds)
        chosen = turns[search.chosen]
    except (ValidationError, IndexError, KeyError):
        raise InputError(
            "the plan's file does not hold its search -- find the plan again"
        ) from None
    _recounted(chosen, case)
    if search.end is None:
        return Solved(case, chosen.best)
    rounds = BusyRounds(turns, search.chosen, search.end, 0.0)
    return Solved(case, rounds.best, rounds)


def _saved_round(turn: BusyRound) -> SavedRound:
    solution = turn.best.solution
    goal = solution if isinstance(solution, GoalSolution) else None
    stages = None if goal is None else [
        SavedStage(goal=s.goal, value=_number(s.value), bound=_number(s.bound), unit=s.unit, proven=s.proven)
        for s in goal.stages
    ]  # fmt: skip
    figures = () if goal is None else goal.figures
    return SavedRound(
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
        call_outs=dict(turn.best.call_outs),
        stages=stages,
        figures=[
            SavedFigure(
                name=f.name,
                value=_number(f.value),
                unit=f.unit,
                calls=f.calls,
                may_be_shown=f.may_be_shown,
            )
            for f in figures
        ],
    )


def _turn(told: SavedRound, case: Case) -> BusyRound:
    case = case.with_(call_outs=told.call_outs)
    position = {option: i for i, option in enumerate(case.options)}
    counts = np.zeros(len(case.options), dtype=np.int64)
    for *names, count in told.bought:
        counts[position[Option(*(str(name) for name in names))]] += int(count)
    busy = told.planned_with if any(told.planned_with.values()) else None
    problem = case.problem(busy)
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
        solution = GoalSolution(*plain, stages=stages, figures=figures)
    best = Optimum(problem, solution, case.deployment(counts), call_outs=told.call_outs)
    return BusyRound(dict(told.planned_with), dict(told.measured), _back(told.queueing_cost), best)


def _recounted(turn: BusyRound, case: Case) -> None:
    """Count limits and objective of a plan again, without the solver.

    Raises
    ------
    InputError
        If they are not what was saved.
    """
    problem, solution = turn.best.problem, turn.best.solution
    broken = case.broken(problem, solution.counts)
    found = case.value(problem, solution.counts)
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
