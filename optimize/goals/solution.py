"""An answer to a goal, with figures counted again from the definition."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coresponse.data.errors import SolverError
from coresponse.optimize.goals.goal import PCenter, Rank, Tail, WorstDistrict, ranks, weighted
from coresponse.optimize.goals.goal_problem import GoalProblem
from coresponse.optimize.objective import MeanTime
from coresponse.optimize.recount import Waits
from coresponse.optimize.solution import Solution


@dataclass(frozen=True)
class GoalFigure:
    """One figure of an answer, counted again from the definition.

    Attributes
    ----------
    calls
        Observed calls that it is of; absent: all.
    may_be_shown
        Whether these are enough.
    """

    name: str
    value: float
    unit: str
    calls: int | None = None
    may_be_shown: bool = True


@dataclass(frozen=True)
class Stage:
    """One goal of several that are pursued in order.

    Attributes
    ----------
    goal
        Its name, as in a study file.
    value, bound
        What the final deployment makes of it; and what no deployment is below that keeps the goals
        before it.
    proven
        Whether the two met within the gap asked for (and what was given up for later goals).
    """

    goal: str
    value: float
    bound: float
    unit: str
    proven: bool


@dataclass(frozen=True, eq=False)
class GoalSolution(Solution):
    """An answer to a goal.

    Objective, bound and unit are those of the goal, or of the first of several in order. Those of
    the pool are of the last one.

    Attributes
    ----------
    stages
        The goals in order.
    figures
        Of the deployment: mean, p90, units, and what its goals are about.
    """

    stages: tuple[Stage, ...] = ()
    figures: tuple[GoalFigure, ...] = ()


def message_of(
    stages: Sequence[Stage], order: Sequence[Rank], gap: float, *, proven: bool, interrupted: bool
) -> str:
    """Say what the stages together mean."""
    if proven:
        return f"proven optimal within {gap:.2%}" + (
            " for each goal in order" if len(order) > 1 else ""
        )
    open_ = next((stage for stage in stages if not stage.proven), None)
    why = "stopped" if interrupted else "the time limit ended the search"
    if open_ is None:
        return f"best found, goal {len(stages) + 1} of {len(order)} was not reached: {why}"
    off = (open_.value - open_.bound) / max(abs(open_.value), 1e-12)
    shown = f"gap {off:.2%}" if np.isfinite(off) else "no bound"
    of = f" for {open_.goal}" if len(order) > 1 else ""
    return f"best found, {shown}{of}: {why}"


def confirm(goal_problem: GoalProblem, counts: NDArray[np.int64], known: Waits) -> None:
    """Check that a deployment keeps all limits and floors.

    Raises
    ------
    SolverError
        If it does not.
    """
    broken = [
        *goal_problem.problem.broken_limits(counts),
        *goal_problem.broken_floors(counts, known),
    ]
    if broken:
        raise SolverError(f"the solver's answer breaks: {', '.join(broken)}")


def figures(goal_problem: GoalProblem, counts: NDArray[np.int64], known: Waits) -> list[GoalFigure]:
    """Count what a deployment does, from the definition."""
    weight = goal_problem.problem.weight
    out = [
        GoalFigure("responders", float(counts.sum()), "responders"),
        GoalFigure("mean response", known.mean(MeanTime(), weight), "seconds a call"),
        GoalFigure("p90 response", known.quantile(0.9, weight), "seconds"),
    ]
    if goal_problem.option_cost is not None:
        out.append(GoalFigure("cost", float(goal_problem.option_cost @ counts), "dollars a year"))
    for rank in ranks(goal_problem.goal):
        for _, single in weighted(rank):
            if isinstance(single, WorstDistrict):
                g, value = max(goal_problem.by_group(single, known), key=lambda item: item[1])
                groups = goal_problem.demand.by(single.by)
                of = int(groups.observed[g]), not groups.hidden[g]
                out.append(
                    GoalFigure(
                        f"{'largest gap,' if single.of == 'gap' else 'worst'} {single.by}: "
                        f"{groups.names[g]}",
                        value,
                        goal_problem.unit(single),
                        *of,
                    )
                )
            elif isinstance(single, PCenter):
                value = goal_problem.value(single, counts, known)
                whom = "" if single.share == 1 else f" for {single.share:.4g} of them"
                each = "" if single.within == "all" else f" in each {single.within}"
                out.append(
                    GoalFigure(f"calls have a responder within{whom}{each}", value, "seconds")
                )
            elif isinstance(single, Tail):
                value = goal_problem.value(single, counts, known)
                out.append(
                    GoalFigure(
                        f"mean of the {1 - single.alpha:.4g} that wait longest",
                        value,
                        "seconds a call",
                    )
                )
    for bound in goal_problem.bounds():
        value = bound.cost.mean(known)
        out.append(
            GoalFigure(
                bound.name, value, floor_unit(bound.per_unit), bound.observed, bound.may_be_shown
            )
        )
    return out


def floor_unit(per_unit: float) -> str:
    """Return the unit of what a floor bounds."""
    return "share of calls late" if per_unit > 1 else "seconds a call"
