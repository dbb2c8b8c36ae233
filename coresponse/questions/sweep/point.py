"""Solve one point of a sweep."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace

import pandas as pd

from coresponse.coverage.measures import Measures, measure
from coresponse.coverage.queueing.judge import QueueingMeasures
from coresponse.data.errors import InputError
from coresponse.data.figures.text import number
from coresponse.data.options import Deployment, Option
from coresponse.optimize.case import Case
from coresponse.optimize.solve_case import Effort, Solved, queueing, solve
from coresponse.questions.sweep.answer import Answer
from coresponse.questions.sweep.axes import case_at
from coresponse.questions.sweep.base import SweepBase
from coresponse.questions.sweep.task import Task
from coresponse.study.provenance import versions

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


def solve_request(base: SweepBase, request: Request) -> Answer:
    """Find the best deployment at one point, and its figures.

    Raises
    ------
    InputError
        If the limits are wrong, or this worker has other versions than the sweep was begun with.
    SolverError
        If the solver fails, or was stopped.
    """
    if base.versions != versions():
        other = {
            k: (v, versions().get(k)) for k, v in base.versions.items() if versions().get(k) != v
        }
        raise InputError(
            f"a worker has other versions than this machine, {other} -- install the same on both"
        )
    began = time.monotonic()
    case = case_of(base, request)
    solver, settings = case.solver, base.settings
    start = None if request.start is None else case.counts(_deployment(request.start))
    effort = Effort(
        settings.time_limit_s,
        solver.gap,
        max(solver.gap, settings.busy_gap),
        starts=settings.starts,
        most_rounds=MOST_ROUNDS,
        rough=True,
    )
    solved = solve(case, effort=effort, start=start, name="point")
    solved.best.not_stopped()
    return replace(answer_of(solved), seconds=round(time.monotonic() - began, 3))


def case_of(base: SweepBase, request: Request) -> Case:
    """Return the case of a point."""
    task = request.task
    case = case_at(base.case, task.setting).with_(limits=task.limits)
    return case.with_(
        stays=None if request.stays is None else _deployment(request.stays),
        within=None if request.only is None else _deployment(request.only),
    )


def answer_of(solved: Solved) -> Answer:
    """Put an answer of the optimizer into plain data, with its figures."""
    case, best, turn = solved.case, solved.best, solved.round
    solution = best.solution
    # where units are always free, or as busy as stated, the objective itself is what points are best
    # at; so it is for goals that queueing does not judge
    by_queueing = turn is not None and case.waiting is not None and case.busy == "consistent"
    plain = Answer(
        status=solution.status.value,
        message=solution.message,
        objective=number(solution.objective),
        bound=number(solution.bound),
        gap=number(solution.gap),
        unit=solution.unit,
        score=number(turn.queueing_cost if by_queueing and turn else solution.objective),
        clash=tuple(best.clash.lines()) if best.clash else (),
    )
    if not best.found:
        return plain
    districts = case.city.districts
    free = measure(case.table, best.deployment, target_s=case.target_s, districts=districts)
    busy = queueing(case, best.deployment) if best.deployment.size else None
    told = {} if turn is None else turn.planned_with
    measured = free if busy is None else busy
    return replace(
        plain,
        bought=tuple((*option, count) for option, count in best.deployment.counts),
        planned_busy_share=_numbers(told),
        busy_share={} if busy is None else _numbers(busy.busy_share),
        calls_per_week={} if busy is None else _numbers(busy.calls_by_type()),
        rounds=1 if solved.rounds is None else len(solved.rounds.rounds),
        figures=_figures(measured),
        figures_if_free=_figures(free),
        worst_district=measured.worst_district,
    )


def _deployment(bought: Bought) -> Deployment:
    return Deployment.of("point", [(Option(*row[:3]), row[3]) for row in bought])


def _figures(measured: Measures | QueueingMeasures) -> dict[str, float | None]:
    row = measured.overall.iloc[0]
    out = {name: number(row[name]) if name in row else 0.0 for name in _FIGURES}
    worst = measured.worst_district
    out["worst_district_mean_s"] = (
        number(_of_district(measured.by_district, worst)) if worst else None
    )
    return out


def _of_district(table: pd.DataFrame, district: str) -> float:
    return float(table["mean_with_fallback_s"].loc[[district]].iloc[0])


def _numbers(shares: Mapping[str, float]) -> dict[str, float]:
    return {name: number(share) or 0.0 for name, share in sorted(shares.items())}
