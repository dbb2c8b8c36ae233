"""The best deployment on a response table that is there.

What `plan` solves once, and sweeps and rounds many times.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coresponse.coverage.response import ResponseTable
from coresponse.data.errors import InputError
from coresponse.data.limits import Limits
from coresponse.data.options import Deployment, Option
from coresponse.data.progress import DETAIL, Progress, silent
from coresponse.inputs import Inputs
from coresponse.optimize.build import option_costs, problem_from
from coresponse.optimize.demand_costs import DemandCosts
from coresponse.optimize.explain import Clash, explain
from coresponse.optimize.goals.demand import demand_from
from coresponse.optimize.goals.goal import Mean, ShareInTime, ranks
from coresponse.optimize.goals.goal_problem import GoalProblem, unit_of
from coresponse.optimize.goals.solve import solve_goal
from coresponse.optimize.objective import Late, MeanTime, WaitingCost
from coresponse.optimize.problem import Problem
from coresponse.optimize.solution import Solution, Status, Step, Stop, Watch
from coresponse.optimize.solve import solve

STARTS = 24
"""Starts of the local search where nothing is known of the answer."""


@dataclass(frozen=True, eq=False)
class Best:
    """An answer of the optimizer.

    Attributes
    ----------
    problem, solution
        What was asked, and the answer with its status.
    deployment
        Empty if nothing was found.
    clash
        Why the limits cannot be kept, if they cannot.
    """

    problem: Problem
    solution: Solution
    deployment: Deployment
    clash: Clash | None = None

    @property
    def found(self) -> bool:
        """Whether there is a deployment."""
        return self.solution.status in {Status.PROVEN, Status.BEST_FOUND}


def target_min(inputs: Inputs) -> float:
    """Return the study's standard, else its program's.

    Raises
    ------
    InputError
        If a call left to police would count as reached in time.
    """
    target = inputs.study.objective.target_min or inputs.program.standards.target_min.value
    fallback = inputs.program.standards.fallback_min.value
    if target >= fallback:
        raise InputError(
            f"the standard of {target:g} min must be below the {fallback:g} min that a call left "
            "to police counts -- lower "
            "objective.target_min, or raise standards.fallback_min in a program file of your own"
        )
    return target


def waiting_cost(inputs: Inputs) -> WaitingCost:
    """Return the mean cost of waiting that the study's plan is to be best at.

    Raises
    ------
    InputError
        If the goal is not one mean cost, or has floors under it.
    """
    objective = inputs.study.objective
    if isinstance(objective.goal, Mean) and not objective.floors:
        return MeanTime()
    if isinstance(objective.goal, ShareInTime) and not objective.floors:
        return Late((objective.goal.target_min or target_min(inputs)) * 60)
    refused = f"objective.goal = {objective.goal.goal!r}" + (
        " with floors" if objective.floors else ""
    )
    raise InputError(
        f"{refused} is a goal for coresponse plan; here mean_response or share_in_time, without "
        "floors, can be used"
    )


def not_stopped(best: Best) -> Best:
    """Return an answer; where Ctrl-C ended its search, end what would go on with it.

    Raises
    ------
    KeyboardInterrupt
        If the search was stopped.
    """
    if best.solution.interrupted:
        raise KeyboardInterrupt
    return best


def plain_goal(inputs: Inputs) -> bool:
    """Whether the study's goal is one mean cost of waiting, without floors under it."""
    objective = inputs.study.objective
    return isinstance(objective.goal, Mean | ShareInTime) and not objective.floors


def best_deployment(
    inputs: Inputs,
    table: ResponseTable,
    *,
    limits: Limits | None = None,
    waiting: WaitingCost | None = None,
    busy_share: Mapping[str, float] | None = None,
    stop: Stop | None = None,
    starts: int = STARTS,
    start: NDArray[np.integer] | None = None,
    costs: DemandCosts | None = None,
    name: str = "plan",
    watch: Watch | None = None,
    progress: Progress = silent,
) -> Best:
    """Find the best deployment on a table.

    Parameters
    ----------
    limits, waiting, stop
        Default: the study's. With `waiting` the study's goal and floors are passed over.
    busy_share
        By responder type; default: every responder is always free.
    starts, start, costs
        Of :func:`coresponse.optimize.solve.solve`.
    name
        Of the deployment.
    watch
        Sees each step of the search; default: `progress` shows how the gap closes.
    """
    study = inputs.study
    problem = problem_from(
        table,
        inputs.program,
        inputs.posts,
        study.limits if limits is None else limits,
        today=inputs.today,
        busy_share=busy_share,
    )
    stop = stop or Stop(study.solver.time_limit_s, study.solver.gap)
    seen = watch or GapProgress(progress, stop)
    if waiting is None and not plain_goal(inputs):
        return _best_at_goal(inputs, table, problem, stop=stop, start=start, name=name, watch=seen)
    solution = solve(
        problem,
        waiting_cost(inputs) if waiting is None else waiting,
        stop=stop,
        seed=study.seed,
        solver=study.solver.name,
        starts=starts,
        start=start,
        costs=costs,
        watch=seen,
    )
    clash = explain(problem) if solution.status is Status.INFEASIBLE else None
    return Best(problem, solution, as_deployment(table.options, solution.counts, name), clash)


def _best_at_goal(
    inputs: Inputs,
    table: ResponseTable,
    problem: Problem,
    *,
    stop: Stop,
    start: NDArray[np.integer] | None,
    name: str,
    watch: Watch,
) -> Best:
    solver = inputs.study.solver
    goal_problem = goal_problem_of(inputs, table, problem)
    solution = solve_goal(
        problem,
        goal_problem.goal,
        demand=goal_problem.demand,
        floors=goal_problem.floors,
        standard_s=goal_problem.standard_s,
        option_cost=goal_problem.option_cost,
        stop=stop,
        seed=inputs.study.seed,
        solver=solver.name,
        start=start,
        watch=watch,
    )
    clash = (
        explain(problem, goal_problem, solver=solver.name)
        if solution.status is Status.INFEASIBLE
        else None
    )
    return Best(problem, solution, as_deployment(table.options, solution.counts, name), clash)


def objective_unit(inputs: Inputs) -> str:
    """Return the unit in which a search for the study's goal tells its best and its bound.

    Empty if it changes with the goals.
    """
    if plain_goal(inputs):
        return waiting_cost(inputs).unit
    units = {unit_of(rank) for rank in ranks(inputs.study.objective.goal)}
    return units.pop() if len(units) == 1 else ""


def goal_problem_of(inputs: Inputs, table: ResponseTable, problem: Problem) -> GoalProblem:
    """State the study's goal and floors over a problem.

    It also counts from the definition what a deployment makes of them.
    """
    objective = inputs.study.objective
    return GoalProblem(
        problem,
        demand_from(table, problem, inputs.districts),
        objective.goal,
        objective.floors,
        target_min(inputs) * 60,
        option_costs(table.options, inputs.program),
    )


def as_deployment(
    options: tuple[Option, ...], counts: NDArray[np.integer], name: str = "plan"
) -> Deployment:
    """Turn counts by option into a deployment; no counts give an empty one."""
    return Deployment.of(name, {options[i]: int(counts[i]) for i in np.flatnonzero(counts)})


class GapProgress:
    """Turn steps of the search into progress.

    How far the gap has closed, in orders of magnitude.
    """

    def __init__(
        self, progress: Progress, stop: Stop, stage: str = "searching for the best deployment"
    ) -> None:
        self.progress, self.stop, self.stage = progress, stop, stage
        self.said = 0.0

    def __call__(self, step: Step) -> None:
        """Show a step, ten times a second at most."""
        if time.monotonic() - self.said < 0.1:
            return
        self.said = time.monotonic()
        gap = (step.incumbent - step.bound) / max(abs(step.incumbent), 1e-12)
        if not np.isfinite(gap):
            self.progress(self.stage, 0.0, 1.0)
            return
        done = np.clip(np.log(max(gap, 1e-9)) / np.log(max(self.stop.gap, 1e-9)), 0.0, 1.0)
        detail = f"{DETAIL}best {step.incumbent:.5g}, bound {step.bound:.5g}, gap {gap:.2%}"
        self.progress(self.stage + detail, float(done), 1.0)
