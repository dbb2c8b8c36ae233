"""What points tell about each other.

A plan for less is a plan for more, and a bound for more is a bound for less.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import isnan

from coresponse.data.figures.text import number
from coresponse.optimize.solution import Status
from coresponse.questions.sweep.answer import Answer
from coresponse.questions.sweep.grid import Grid, Task

# What the efficient frontier is drawn for.
MEASURES = (
    "mean_with_fallback_min",
    "p90_min",
    "share_in_time",
    "left_to_police_per_week",
    "worst_district_mean_min",
)


@dataclass(frozen=True)
class Point:
    """A point of a sweep as it is reported.

    Attributes
    ----------
    task, answer
        What was asked and found.
    plan_of
        Position of the point whose plan this is, if a plan for less was better than what was found
        here.
    """

    task: Task
    answer: Answer
    plan_of: int | None = None


def tidy(
    grid: Grid, answers: Sequence[Answer], *, comparable: bool, gap: float
) -> tuple[Point, ...]:
    """Let re-optimized points use what their neighbors found.

    Where only limits differ and none is smaller, whatever keeps the smaller limits keeps the
    larger, which can do no worse. Searches stop within a gap, and rounds with busy units promise no
    optimum, so a point may have found something worse; it then takes the other's plan. In the other
    direction, no plan for less is better than the bound for more.

    Parameters
    ----------
    comparable
        Whether all points have one objective (busy shares stated, or units always free), so that
        bounds can be handed down.
    gap
        Relative gap that counts as proven.
    """
    points = [Point(task, answer) for task, answer in zip(grid.tasks, answers, strict=True)]
    position = {
        _place(grid, p.task): i for i, p in enumerate(points) if p.task.mode == "re-optimized"
    }
    for place in sorted(position):
        for below in _neighbors(grid, place, -1):
            _take_plan(points, position[place], position[below], comparable=comparable, gap=gap)
    for place in sorted(position, reverse=True) if comparable else ():
        for above in _neighbors(grid, place, 1):
            _take_bound(points, position[place], points[position[above]].answer, gap)
    return tuple(points)


def _place(grid: Grid, task: Task) -> tuple[int, ...]:
    return tuple(axis.values.index(task.setting[axis.name]) for axis in grid.axes)


def _neighbors(grid: Grid, place: tuple[int, ...], step: int) -> Iterable[tuple[int, ...]]:
    for i, axis in enumerate(grid.axes):
        if axis.relaxing and 0 <= place[i] + step < len(axis.values):
            yield (*place[:i], place[i] + step, *place[i + 1 :])


def _take_plan(points: list[Point], i: int, other: int, *, comparable: bool, gap: float) -> None:
    mine, theirs = points[i], points[other]
    if theirs.answer.score is None or (
        mine.answer.score is not None and mine.answer.score <= theirs.answer.score * (1 + 1e-9)
    ):
        return
    source = other if theirs.plan_of is None else theirs.plan_of
    message = f"the plan for less is better than what was found here: {mine.answer.message}"
    # status, bound and gap stay those of the search within these limits: a bound for less does not
    # hold for more
    own = mine.answer
    taken = replace(
        theirs.answer, status=own.status, objective=own.objective, bound=own.bound, gap=own.gap
    )
    # of the limits that leave it no room, those that hold here, too: the smaller one does not
    binding = tuple(one for one in theirs.answer.binding if one in own.binding)
    taken = replace(taken, message=message, rounds=own.rounds, seconds=own.seconds, binding=binding)
    if comparable:
        taken = _with_gap(replace(taken, objective=theirs.answer.objective), gap)
    elif not own.found:
        taken = replace(taken, status=Status.BEST_FOUND.value)
    points[i] = replace(mine, answer=taken, plan_of=source)


def _take_bound(points: list[Point], i: int, above: Answer, gap: float) -> None:
    mine = points[i].answer
    if not mine.found or above.bound is None or mine.objective is None:
        return
    if mine.bound is not None and above.bound <= mine.bound:
        return
    answer = _with_gap(replace(mine, bound=min(above.bound, mine.objective)), gap)
    if answer.status == Status.PROVEN.value != mine.status:
        answer = replace(answer, message="proven optimal by the bound of a larger limit")
    points[i] = replace(points[i], answer=answer)


def _with_gap(answer: Answer, gap: float) -> Answer:
    """Work out gap and status anew from objective and bound."""
    if answer.objective is None or answer.bound is None:
        return replace(answer, gap=None, status=Status.BEST_FOUND.value)
    bound = min(answer.bound, answer.objective)
    relative = number((answer.objective - bound) / max(abs(answer.objective), 1e-12))
    proven = relative is not None and relative <= gap + 1e-7
    status = Status.PROVEN if proven else Status.BEST_FOUND
    return replace(answer, bound=bound, gap=relative, status=status.value)


def efficient(cost: Sequence[float], value: Sequence[float]) -> list[bool]:
    """Say which points no other beats.

    None costs as little and waits as little; of points alike in both the first.
    """
    out, least = [False] * len(cost), float("inf")
    for i in sorted(
        (i for i in range(len(cost)) if not isnan(value[i])), key=lambda i: (cost[i], value[i], i)
    ):
        if value[i] < least:
            out[i], least = True, value[i]
    return out


def steps(grid: Grid, points: Sequence[Point]) -> Iterable[tuple[str, int, int]]:
    """List (axis, point, next point) for each pair of neighbors of one mode."""
    modes: dict[str, dict[tuple[int, ...], int]] = {}
    for i, point in enumerate(points):
        if point.task.mode in {"re-optimized", "nested"}:
            modes.setdefault(point.task.mode, {})[_place(grid, point.task)] = i
    for position in modes.values():
        for (k, axis), place in itertools.product(enumerate(grid.axes), sorted(position)):
            after = (*place[:k], place[k] + 1, *place[k + 1 :])
            if after in position:
                yield axis.name, position[place], position[after]
