"""Plan a study: from its inputs to a proven-best deployment and what it does."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from coresponse.coverage.demand import demand_cells
from coresponse.coverage.measures import Measures, measure
from coresponse.coverage.response import ResponseTable, enumerate_options, response_table
from coresponse.data.errors import InputError
from coresponse.data.options import Deployment, Option
from coresponse.data.progress import Progress, silent
from coresponse.inputs import Inputs, read_inputs
from coresponse.optimize.build import problem_from
from coresponse.optimize.explain import Clash, explain
from coresponse.optimize.objective import Late, MeanTime, WaitingCost
from coresponse.optimize.problem import Problem
from coresponse.optimize.solution import Solution, Status, Step, Stop
from coresponse.optimize.solve import solve
from coresponse.study import StudyFolder


@dataclass(frozen=True, eq=False)
class Planned:
    """A planned study.

    Attributes
    ----------
    inputs, table, problem
        What was planned with.
    solution
        With its status.
    plan
        The deployment; empty if nothing was found.
    measures
        By name: ``plan``, and ``today`` if the study has it; empty if nothing was found.
    clash
        Why the limits cannot be kept, if they cannot.
    """

    inputs: Inputs
    table: ResponseTable
    problem: Problem
    solution: Solution
    plan: Deployment
    measures: dict[str, Measures]
    clash: Clash | None = None

    @property
    def found(self) -> bool:
        """Whether there is a plan."""
        return self.solution.status in {Status.PROVEN, Status.BEST_FOUND}

    @property
    def target_s(self) -> float:
        """The response-time standard in seconds."""
        return target_min(self.inputs) * 60


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
            f"the standard of {target:g} min must be below the {fallback:g} min that a call left to police counts -- lower "
            "objective.target_min, or raise standards.fallback_min in a program file of your own"
        )
    return target


def waiting_cost(inputs: Inputs) -> WaitingCost:
    """Return what the study's plan is to be best at."""
    return MeanTime() if inputs.study.objective.goal == "mean_response" else Late(target_min(inputs) * 60)


def plan_study(folder: StudyFolder, *, progress: Progress = silent) -> Planned:
    """Read a study's inputs and find its best deployment.

    Raises
    ------
    CoresponseError
        If an input is wrong or the solver fails; limits that cannot be kept are an answer, not an error.
    """
    return plan_inputs(read_inputs(folder, progress=progress), progress=progress)


def study_table(inputs: Inputs, *, progress: Progress = silent) -> ResponseTable:
    """Work out the response times of all that can be bought."""
    cells = demand_cells(
        inputs.calls, inputs.program, inputs.network, periods=inputs.periods, districts=inputs.districts
    )
    options = enumerate_options(inputs.program, inputs.posts)
    if not options:
        kinds = ", ".join(sorted(set(inputs.posts.frame["kind"])))
        raise InputError(f"no responder type of the program may wait at any post; kinds of post there are: {kinds}")
    reach = inputs.study.objective.reach_limit_min
    return response_table(
        inputs.network, inputs.posts, inputs.program, options, cells, reach_min=reach, progress=progress
    )


def plan_inputs(inputs: Inputs, *, progress: Progress = silent) -> Planned:
    """Find the best deployment for inputs that were read."""
    study = inputs.study
    table = study_table(inputs, progress=progress)
    problem = problem_from(table, inputs.program, inputs.posts, study.limits, today=inputs.today)
    waiting = waiting_cost(inputs)
    stop = Stop(study.solver.time_limit_s, study.solver.gap)
    solution = solve(
        problem, waiting, stop=stop, seed=study.seed, solver=study.solver.name, watch=_watch(progress, waiting, stop)
    )
    if solution.status is Status.INFEASIBLE:
        return Planned(inputs, table, problem, solution, Deployment("plan"), {}, explain(problem))
    plan = _deployment(table.options, solution)
    measures = {}
    if len(solution.counts):
        for deployment in (plan, inputs.today):
            if deployment is not None:
                measures[deployment.name] = measure(
                    table, deployment, target_s=target_min(inputs) * 60, districts=inputs.districts
                )
    return Planned(inputs, table, problem, solution, plan, measures)


def _deployment(options: tuple[Option, ...], solution: Solution) -> Deployment:
    return Deployment.of("plan", {options[i]: int(solution.counts[i]) for i in np.flatnonzero(solution.counts)})


class _watch:  # noqa: N801 - a function with a clock
    """Turn steps of the search into progress: how far the gap has closed, in orders of magnitude."""

    def __init__(self, progress: Progress, waiting: WaitingCost, stop: Stop) -> None:
        self.progress, self.waiting, self.stop = progress, waiting, stop
        self.said = 0.0

    def __call__(self, step: Step) -> None:
        if time.monotonic() - self.said < 0.1:
            return
        self.said = time.monotonic()
        gap = (step.incumbent - step.bound) / max(abs(step.incumbent), 1e-12)
        if not np.isfinite(gap):
            self.progress("searching for the best deployment", 0.0, 1.0)
            return
        done = np.clip(np.log(max(gap, 1e-9)) / np.log(max(self.stop.gap, 1e-9)), 0.0, 1.0)
        self.progress("searching for the best deployment", float(done), 1.0)
