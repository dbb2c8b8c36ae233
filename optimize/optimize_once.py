"""One search for a case: the best deployment for units that are as busy as told."""

from __future__ import annotations

import time
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from coresponse.data.progress import DETAIL, Progress, silent
from coresponse.optimize.case import Case
from coresponse.optimize.ever_called import without_never_called
from coresponse.optimize.explain import explain
from coresponse.optimize.goals.goal_problem import GoalProblem
from coresponse.optimize.goals.solve_for import solve_for
from coresponse.optimize.optimum import Optimum
from coresponse.optimize.solution import Status, Step, Stop, Watch

# Starts of the local search where nothing is known of the answer.
STARTS = 24

# Starts where the answer of a round or of a neighbor is there to begin with.
FEW_STARTS = 2


def optimize_once(
    case: Case,
    *,
    busy_share: Mapping[str, float] | None = None,
    stop: Stop | None = None,
    starts: int = STARTS,
    start: NDArray[np.integer] | None = None,
    name: str = "plan",
    watch: Watch | None = None,
    progress: Progress = silent,
) -> Optimum:
    """Find the best deployment of a case, for units that are as busy as told.

    Parameters
    ----------
    busy_share
        By responder type; default: every responder is always free.
    stop
        Default: the case's time limit and gap.
    starts, start
        Of :func:`coresponse.optimize.solve.solve`; goals that are no mean cost use the start alone.
    name
        Of the deployment.
    watch
        Sees each step of the search; default: `progress` shows how the gap closes.
    """
    problem, solver = case.problem(busy_share), case.solver
    stop = stop or Stop(solver.time_limit_s, solver.gap)
    watch = watch or GapProgress(progress, stop)
    goal = case.waiting or case.statement(problem)
    searched = without_never_called(problem)
    solution = solve_for(
        searched,
        goal,
        stop=stop,
        seed=case.seed,
        solver=solver.name,
        starts=starts,
        start=None if start is None else np.minimum(start, searched.most),
        watch=watch,
    )
    clash = None
    if solution.status is Status.INFEASIBLE:
        stated = goal if isinstance(goal, GoalProblem) else None
        clash = explain(problem, stated, solver=solver.name) if stated else explain(problem)
    deployment = case.deployment(solution.counts, name)
    return Optimum(problem, solution, deployment, clash, case.factors.call_outs)


class GapProgress:
    """Turn steps of the search into progress: how far the gap has closed, in orders of magnitude."""

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
