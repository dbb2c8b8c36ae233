"""The marginal curve: what each further unit, person or dollar buys."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from coresponse.data.errors import InputError
from coresponse.optimize.demand_costs import DemandCosts
from coresponse.optimize.objective import WaitingCost
from coresponse.optimize.problem import Limit, Problem
from coresponse.optimize.solution import Solution, Status, Step, Stop, Watch
from coresponse.optimize.solve import solve


@dataclass(frozen=True, eq=False)
class CurvePoint:
    """The best that can be done with one value of a limit.

    Attributes
    ----------
    value
        Of the limit, in its unit.
    nested
        Whether all that was bought at smaller values had to stay.
    solution
        The answer, with its status, objective, bound and gap.
    saves
        By how much the objective is below that of the next smaller value; nan for the first.
    """

    value: float
    nested: bool
    solution: Solution
    saves: float

    @property
    def status(self) -> Status:
        """The truth about the answer."""
        return self.solution.status

    @property
    def counts(self) -> NDArray[np.int64]:
        """(options,) counts; empty if nothing was found."""
        return self.solution.counts

    @property
    def objective(self) -> float:
        """Mean cost of waiting; inf if nothing was found."""
        return self.solution.objective

    @property
    def bound(self) -> float:
        """No deployment within the limits has a lower objective."""
        return self.solution.bound

    @property
    def gap(self) -> float:
        """Relative gap between objective and bound."""
        return self.solution.gap


def _silent(step: Step) -> None:
    del step


def marginal_curve(
    problem: Problem,
    waiting: WaitingCost,
    limit_name: str,
    values: Sequence[float],
    *,
    nested: bool,
    start: NDArray[np.integer] | None = None,
    stop: Stop | None = None,
    seed: int = 1,
    solver: str = "HiGHS",
    watch: Watch = _silent,
) -> tuple[CurvePoint, ...]:
    """Solve a problem for each of several values of one of its limits from above.

    Re-optimized, each value is a problem of its own: the best that a city could do with so much.
    Nested, what is bought with less stays bought: the best order of growth, one step at a time.

    Parameters
    ----------
    problem, waiting
        Stated for the largest value: the most of an option may depend on the limit.
    limit_name
        Of the limit that is varied.
    values
        Solved in ascending order; repeats once.
    nested
        Whether what is bought stays bought.
    start
        (options,) counts that are there already, such as today's. Nested: they stay, too.
        Re-optimized: where to begin.
    stop
        For each value.

    Returns
    -------
    tuple of CurvePoint
        One a value, ascending. Ctrl-C ends the curve at the value it is at.

    Raises
    ------
    InputError
        If there is no such limit, or a value is above it.
    """
    limit = _limit(problem, limit_name, values)
    stop = stop or Stop()
    costs = DemandCosts.of(problem, waiting)
    there = None if start is None else start.astype(np.int64)
    points: list[CurvePoint] = []
    before = np.nan
    for value in sorted(set(values)):
        stated = _with_value(problem, limit, float(value), there if nested else None)
        found = solve(
            stated,
            waiting,
            stop=stop,
            seed=seed,
            solver=solver,
            watch=watch,
            start=there,
            costs=costs,
        )
        points.append(CurvePoint(float(value), nested, found, before - found.objective))
        if len(found.counts):
            there, before = found.counts, found.objective
        if found.interrupted:
            break
    return tuple(points if nested else _bounded(points, stop))


def _limit(problem: Problem, name: str, values: Sequence[float]) -> Limit:
    bounded = {limit.name: limit for limit in problem.limits if limit.at_most is not None}
    if name not in bounded:
        raise InputError(
            f"no limit {name!r} from above -- there are: {', '.join(bounded) or 'none'}"
        )
    limit = bounded[name]
    top = max(values, default=0.0)
    if limit.at_most is not None and top > limit.at_most:
        raise InputError(
            f"limit {name!r}: {top:g} is above it -- state the problem for the largest value"
        )
    return limit


def _with_value(
    problem: Problem, limit: Limit, value: float, kept: NDArray[np.int64] | None
) -> Problem:
    varied = replace(limit, name=f"{limit.name}, here {value:g}", at_most=value)
    limits = [varied if other is limit else other for other in problem.limits]
    for o in np.flatnonzero(kept) if kept is not None else ():
        row = np.zeros(problem.n_options)
        row[o] = 1.0
        least = float(kept[o]) if kept is not None else 0.0
        limits.append(Limit(f"stays: {least:g} x {problem.option_names[o]}", row, at_least=least))
    return replace(problem, limits=tuple(limits))


def _bounded(points: list[CurvePoint], stop: Stop) -> list[CurvePoint]:
    """Hand bounds down.

    Whatever keeps a smaller limit keeps a larger one, so a bound of the larger holds for the
    smaller.
    """
    out: list[CurvePoint] = []
    bound = -np.inf
    for point in reversed(points):
        solution = point.solution
        if solution.status in {Status.PROVEN, Status.BEST_FOUND}:
            bound = max(bound, solution.bound)
            solution = replace(solution, bound=min(bound, solution.objective))
            if solution.gap <= stop.gap and solution.status is Status.BEST_FOUND:
                message = f"proven optimal within {stop.gap:.2%}, by the bound of a larger value"
                solution = replace(solution, status=Status.PROVEN, message=message)
        out.append(replace(point, solution=solution))
    return out[::-1]
