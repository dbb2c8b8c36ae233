"""Plan a study.

From its inputs to a proven deployment, and what it does when units are busy and calls are new.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from coresponse.best import Best, best_deployment, plain_goal, target_min, waiting_cost
from coresponse.consistent import Consistent, consistent, queueing_cost
from coresponse.coverage.measures import Measures
from coresponse.coverage.queueing.judge import QueueingMeasures, queueing_measures
from coresponse.coverage.response import ResponseTable, response_table
from coresponse.coverage.whole_city import WholeCity, whole_city
from coresponse.data.errors import InputError
from coresponse.data.options import Deployment
from coresponse.data.progress import Progress, silent
from coresponse.inputs import Inputs, read_inputs
from coresponse.judging import Judge, Judgment, drawn_judge, fit_models, judge_all
from coresponse.memory import PLANNING, tell
from coresponse.optimize.explain import Clash
from coresponse.optimize.problem import Problem
from coresponse.optimize.solution import Solution, Stop, Watch
from coresponse.ready import study_cells, study_options
from coresponse.study import StudyFolder
from coresponse.unseen import Bootstrapped, Unseen, bootstrap, judge_unseen

__all__ = [
    "Best",
    "Planned",
    "best_deployment",
    "judge_found",
    "plan_inputs",
    "plan_study",
    "study_table",
    "target_min",
    "waiting_cost",
]

FEW_STARTS = 2
"""Starts of the local search in later rounds, which begin with the answer of the round before."""

QUICK_STATES = 1_024
"""States up to which a round's queueing is exact; its final figures have more."""


@dataclass(frozen=True, eq=False)
class Planned:
    """A planned study.

    Attributes
    ----------
    inputs, table
        What was planned with.
    best
        The plan: problem, solution with its status, deployment.
    consistent
        The rounds with busy units; None where the study plans with units that are always free, or
        nothing was found.
    judgments
        By name: ``plan``; ``today`` if the study has it; ``naive``, the plan for units that are
        always free, if it is another. Empty if nothing was found.
    judge_notes
        What service times, arrivals and replay rest on.
    unseen
        The test on calls that a plan has not seen; None, and `unseen_reason` says why.
    bootstrapped
        If asked for.
    """

    inputs: Inputs
    table: ResponseTable
    best: Best
    consistent: Consistent | None = None
    judgments: Mapping[str, Judgment] = field(default_factory=dict)
    judge_notes: tuple[str, ...] = ()
    unseen: Unseen | None = None
    unseen_reason: str = ""
    bootstrapped: Bootstrapped | None = None

    @property
    def found(self) -> bool:
        """Whether there is a plan."""
        return self.best.found

    @property
    def problem(self) -> Problem:
        """What was asked of the optimizer."""
        return self.best.problem

    @property
    def solution(self) -> Solution:
        """The optimizer's answer."""
        return self.best.solution

    @property
    def plan(self) -> Deployment:
        """The plan; empty if nothing was found."""
        return self.best.deployment

    @property
    def clash(self) -> Clash | None:
        """Why the limits cannot be kept, if they cannot."""
        return self.best.clash

    @property
    def measures(self) -> dict[str, Measures]:
        """Figures if the nearest is always free: ``plan``, and ``today`` if the study has it."""
        return {
            name: self.judgments[name].deterministic
            for name in ("plan", "today")
            if name in self.judgments
        }

    @property
    def target_s(self) -> float:
        """The response-time standard in seconds."""
        return target_min(self.inputs) * 60

    def shown(self, *, internal: bool = False) -> Planned:
        """Return it with the replays' figures as they may be shown; unchanged if internal."""
        judgments = {
            name: judgment.shown(internal=internal) for name, judgment in self.judgments.items()
        }
        return self if internal else replace(self, judgments=judgments)

    def whole_city(self, *, internal: bool = False) -> WholeCity:
        """Return what rounds figures of all eligible calls as they may be shown.

        If internal, nothing is rounded.
        """
        return whole_city(self.table.cells, internal=internal)

    @property
    def planned_busy_share(self) -> dict[str, float] | None:
        """Busy share by responder type that the plan was made with; None: always free."""
        if self.consistent is None:
            return None
        told = self.consistent.rounds[self.consistent.chosen].planned_with
        return told if any(told.values()) else None


def plan_study(folder: StudyFolder, *, progress: Progress = silent) -> Planned:
    """Read a study's inputs and find its best deployment.

    Raises
    ------
    CoresponseError
        If an input is wrong or the solver fails; limits that cannot be kept are an answer, not an
        error.
    """
    return plan_inputs(read_inputs(folder, progress=progress), progress=progress)


def study_table(inputs: Inputs, *, progress: Progress = silent) -> ResponseTable:
    """Work out the response times of all that can be bought."""
    cells, options = study_cells(inputs), study_options(inputs)
    reach = inputs.study.objective.reach_limit_min
    return response_table(
        inputs.network,
        inputs.posts,
        inputs.program,
        options,
        cells,
        reach_min=reach,
        progress=progress,
    )


def plan_inputs(inputs: Inputs, *, progress: Progress = silent) -> Planned:
    """Find the best deployment for inputs that were read, and judge it."""
    tell(inputs, PLANNING, progress)
    table = study_table(inputs, progress=progress)
    best, rounds = plan_table(inputs, table, progress=progress)
    return judge_found(inputs, table, best, rounds, progress=progress)


def judge_found(
    inputs: Inputs,
    table: ResponseTable,
    best: Best,
    rounds: Consistent | None,
    *,
    demand: float = 1.0,
    not_unseen: str = "",
    progress: Progress = silent,
) -> Planned:
    """Judge a plan that was found: by queueing, in the replay, and on calls that it has not seen.

    Parameters
    ----------
    demand
        Factor on the calls of the history, which `table` has too.
    not_unseen
        Why it is not tried on calls that it has not seen, nor on samples of days; default: it is,
        if the study says so.
    """
    if not best.found:
        return Planned(inputs, table, best, rounds)
    judge = drawn_judge(inputs, demand=demand, progress=progress)
    judgments = judge_plans(judge, table, best, rounds, progress=progress)
    planned = Planned(inputs, table, best, rounds, judgments, judge.notes)
    if not_unseen:
        return replace(planned, unseen_reason=not_unseen)
    unseen, reason = _unseen(planned, judge, progress)
    samples = inputs.study.judging.bootstrap
    again = None
    if samples and not best.solution.interrupted:
        again = bootstrap(
            inputs,
            table,
            best.deployment,
            busy_share=planned.planned_busy_share,
            samples=samples,
            progress=progress,
        )
    return replace(planned, unseen=unseen, unseen_reason=reason, bootstrapped=again)


def plan_table(
    inputs: Inputs, table: ResponseTable, *, watch: Watch | None = None, progress: Progress = silent
) -> tuple[Best, Consistent | None]:
    """Find the plan on a table.

    Once for units that are always free, then with busy units if the study says so.

    The study's time limit holds for all rounds together.
    """
    began = time.monotonic()
    solver = inputs.study.solver
    naive = best_deployment(inputs, table, watch=watch, progress=progress)
    if (
        inputs.study.objective.busy_units == "free"
        or not naive.deployment.size
        or naive.solution.interrupted
    ):
        return naive, None
    service, _ = fit_models(inputs, inputs.calls)
    target_s = target_min(inputs) * 60

    def judge(deployment: Deployment) -> QueueingMeasures:
        progress("how busy the units are", 0, 1)
        return queueing_measures(
            table,
            deployment,
            inputs.program,
            target_s=target_s,
            service=service,
            exact_states=QUICK_STATES,
        )

    def solve_with(
        busy_share: Mapping[str, float], start: NDArray[np.int64], seconds: float
    ) -> Best:
        gap = max(solver.busy_gap, solver.gap)
        return best_deployment(
            inputs,
            table,
            busy_share=busy_share,
            stop=Stop(seconds, gap),
            starts=FEW_STARTS,
            start=start,
            watch=watch,
            progress=progress,
        )

    rounds = consistent(
        naive,
        solve_with,
        judge,
        _cost(inputs, table),
        seconds=solver.time_limit_s - (time.monotonic() - began),
    )
    return rounds.best, rounds


def _cost(inputs: Inputs, table: ResponseTable) -> Callable[[QueueingMeasures], float]:
    """Return what tells rounds apart.

    The goal's cost by queueing; for goals that are no mean cost, the latest is the best.
    """
    if not plain_goal(inputs):
        return lambda _: 0.0
    waiting = waiting_cost(inputs)
    return lambda measures: queueing_cost(measures, table.cells, waiting)


def judge_plans(
    judge: Judge,
    table: ResponseTable,
    best: Best,
    rounds: Consistent | None,
    *,
    progress: Progress = silent,
) -> dict[str, Judgment]:
    """Judge the plan, today's deployment, and the naive plan where it is another."""
    deployments = {"plan": best.deployment}
    if judge.inputs.today is not None:
        deployments["today"] = judge.inputs.today
    if rounds is not None and rounds.naive.deployment != best.deployment:
        deployments["naive"] = rounds.naive.deployment
    return judge_all(judge, table, deployments, progress=progress)


def _unseen(planned: Planned, judge: Judge, progress: Progress) -> tuple[Unseen | None, str]:
    settings = planned.inputs.study.judging
    if not settings.holdout_share:
        return None, "not asked for (judging.holdout_share = 0)"
    if planned.solution.interrupted:
        return None, "the search was stopped"
    try:
        found = judge_unseen(
            planned.inputs,
            planned.table,
            busy_share=planned.planned_busy_share,
            drives=judge.drives,
            progress=progress,
        )
    except InputError as error:
        return None, str(error)
    return found, ""
