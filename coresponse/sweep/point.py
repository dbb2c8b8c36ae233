"""Solve one point of a sweep."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coresponse.best import Best, as_deployment, not_stopped, target_min, waiting_cost
from coresponse.consistent import consistent, queueing_cost
from coresponse.coverage.measures import Measures, measure
from coresponse.coverage.queueing.judge import QueueingMeasures, queueing_measures
from coresponse.coverage.queueing.solve import EXACT_STATES
from coresponse.coverage.response import ResponseTable
from coresponse.data.errors import InputError
from coresponse.data.options import Deployment, Option
from coresponse.inputs import Inputs
from coresponse.optimize.build import problem_from
from coresponse.optimize.explain import explain
from coresponse.optimize.problem import Limit, Problem
from coresponse.optimize.solution import Status, Stop
from coresponse.optimize.solve import solve
from coresponse.provenance import versions
from coresponse.sweep.answer import Answer, number
from coresponse.sweep.axes import busy_at, inputs_at, speeds_at, table_at
from coresponse.sweep.ground import Ground
from coresponse.sweep.task import Task

QUICK_STATES = 1_024
"""States up to which a round's queueing is exact; final figures have more."""

FEW_STARTS = 2
"""Starts of the local search where the answer of a round or a neighbor is there to begin with."""

MOST_ROUNDS = 4

_FIGURES = (
    "calls_per_week",
    "reached_per_week",
    "in_time_per_week",
    "closed_per_week",
    "out_of_reach_per_week",
    "busy_per_week",
    "share_reached",
    "share_in_time",
    "mean_s",
    "median_s",
    "p90_s",
    "mean_with_fallback_s",
)

Bought = tuple[tuple[str, str, str, int], ...]


@dataclass(frozen=True)
class Request:
    """A task with the answers that it needs."""

    task: Task
    start: Bought | None = None
    stays: Bought | None = None
    only: Bought | None = None


def solve_request(ground: Ground, request: Request) -> Answer:
    """Find the best deployment at one point, and its figures.

    Raises
    ------
    InputError
        If the limits are wrong, or this worker has other versions than the sweep was begun with.
    SolverError
        If the solver fails, or was stopped.
    """
    if ground.versions != versions():
        other = {
            k: (v, versions().get(k)) for k, v in ground.versions.items() if versions().get(k) != v
        }
        raise InputError(
            f"a worker has other versions than this machine, {other} -- install the same on both"
        )
    began = time.monotonic()
    point = _Point(ground, request)
    stated = busy_at(request.task.setting, ground.inputs.program)
    # a plan with stated busy shares is judged by them: there is nothing to be measured and told
    # again
    measured = stated is None and ground.busy_units == "consistent"
    # where rounds follow, the first is only their beginning: it may neither take their time nor be
    # closer than they are
    naive = point.solve(
        stated or {}, point.seconds / (3 if measured else 1), point.start, rough=measured
    )
    rounds = None
    if measured and naive.deployment.size:
        rounds = consistent(
            naive,
            lambda busy, counts, seconds: point.solve(busy, seconds, counts, few=True),
            point.judge,
            point.queueing_cost,
            seconds=point.seconds - (time.monotonic() - began),
            most_rounds=MOST_ROUNDS,
        )
    best = naive if rounds is None else rounds.best
    answer = point.answer(best)
    if rounds is not None:
        turn = rounds.rounds[rounds.chosen]
        answer = replace(answer, score=number(turn.queueing_cost), rounds=len(rounds.rounds))
        answer = replace(answer, planned_busy_share=_numbers(turn.planned_with))
    elif stated is not None:
        answer = replace(answer, planned_busy_share=_numbers(stated))
    return replace(answer, seconds=round(time.monotonic() - began, 3))


class _Point:
    """One point's table and limits, ready to be solved with any busy shares."""

    def __init__(self, ground: Ground, request: Request) -> None:
        setting = request.task.setting
        self.ground, self.request = ground, request
        self.inputs: Inputs = inputs_at(ground.inputs, setting)
        self.table: ResponseTable = table_at(ground.tables[speeds_at(setting)], setting)
        self.waiting = waiting_cost(self.inputs)
        self.target_s = target_min(self.inputs) * 60
        self.seconds = ground.inputs.study.sweep.time_limit_s
        self.start = None if request.start is None else self._counts(request.start)

    def solve(
        self,
        busy: Mapping[str, float],
        seconds: float,
        start: NDArray[np.int64] | None,
        *,
        few: bool = False,
        rough: bool = False,
    ) -> Best:
        """Find the best deployment for busy shares by type."""
        problem, solver, sweep = (
            self._problem(busy),
            self.inputs.study.solver,
            self.inputs.study.sweep,
        )
        is_busy = rough or any(share > 0 for share in busy.values())
        solution = solve(
            problem,
            self.waiting,
            stop=Stop(seconds, max(solver.gap, sweep.busy_gap) if is_busy else solver.gap),
            seed=self.inputs.study.seed,
            solver=solver.name,
            starts=FEW_STARTS if few else sweep.starts,
            start=start,
        )
        clash = explain(problem) if solution.status is Status.INFEASIBLE else None
        deployment = as_deployment(self.table.options, solution.counts, "point")
        return not_stopped(Best(problem, solution, deployment, clash))

    def judge(self, deployment: Deployment) -> QueueingMeasures:
        """Work out figures with busy units, quickly."""
        return self._queueing(deployment, QUICK_STATES)

    def queueing_cost(self, measures: QueueingMeasures) -> float:
        """Return the mean cost of waiting by queueing."""
        return queueing_cost(measures, self.table.cells, self.waiting)

    def answer(self, best: Best) -> Answer:
        """Put an answer of the optimizer into plain data, with its figures."""
        solution = best.solution
        plain = Answer(
            status=solution.status.value,
            message=solution.message,
            objective=number(solution.objective),
            bound=number(solution.bound),
            gap=number(solution.gap),
            unit=solution.unit,
            score=number(solution.objective),
            clash=tuple(best.clash.lines()) if best.clash else (),
        )
        if not best.found:
            return plain
        districts = self.inputs.districts
        free = measure(self.table, best.deployment, target_s=self.target_s, districts=districts)
        busy = self._queueing(best.deployment, EXACT_STATES) if best.deployment.size else None
        judged = free if busy is None else busy
        return replace(
            plain,
            bought=tuple((*option, count) for option, count in best.deployment.counts),
            busy_share={} if busy is None else _numbers(busy.busy_share),
            calls_per_week={} if busy is None else _numbers(_calls_by_type(busy)),
            figures=_figures(judged),
            figures_if_free=_figures(free),
            worst_district=judged.worst_district,
        )

    def _queueing(self, deployment: Deployment, exact_states: int) -> QueueingMeasures:
        return queueing_measures(
            self.table,
            deployment,
            self.inputs.program,
            target_s=self.target_s,
            service=self.ground.service,
            districts=self.inputs.districts,
            exact_states=exact_states,
        )

    def _problem(self, busy: Mapping[str, float]) -> Problem:
        inputs, request = self.inputs, self.request
        problem = problem_from(
            self.table,
            inputs.program,
            inputs.posts,
            request.task.limits,
            today=inputs.today,
            busy_share=busy,
        )
        most, limits = problem.most, list(problem.limits)
        if request.only is not None:
            most = np.minimum(most, self._counts(request.only))
        stays = None if request.stays is None else self._counts(request.stays)
        for o in np.flatnonzero(stays) if stays is not None else ():
            row = np.zeros(problem.n_options)
            row[o] = 1.0
            least = float(stays[o]) if stays is not None else 0.0
            limits.append(
                Limit(f"stays: {least:g} x {problem.option_names[o]}", row, at_least=least)
            )
        return replace(problem, most=most, limits=tuple(limits))

    def _counts(self, bought: Bought) -> NDArray[np.int64]:
        there = {Option(*row[:3]): row[3] for row in bought}
        return np.array([there.get(option, 0) for option in self.table.options], dtype=np.int64)


def _figures(judged: Measures | QueueingMeasures) -> dict[str, float | None]:
    row = judged.overall.iloc[0]
    out = {name: number(row[name]) if name in row else 0.0 for name in _FIGURES}
    worst = judged.worst_district
    out["worst_district_mean_s"] = (
        number(_of_district(judged.by_district, worst)) if worst else None
    )
    return out


def _of_district(table: pd.DataFrame, district: str) -> float:
    return float(table["mean_with_fallback_s"].loc[[district]].iloc[0])


def _calls_by_type(busy: QueueingMeasures) -> dict[str, float]:
    by_type = busy.units.groupby("responder_type")["calls_per_week"].sum()
    return {str(name): float(calls) for name, calls in by_type.items()}


def _numbers(shares: Mapping[str, float]) -> dict[str, float]:
    return {name: number(share) or 0.0 for name, share in sorted(shares.items())}
