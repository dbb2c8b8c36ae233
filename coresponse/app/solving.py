"""Answer a question of the page.

The best deployment and its figures, or the figures of one that is given.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coresponse.app.prepared import PreparedStudy
from coresponse.app.question import Question, case_for
from coresponse.app.saved_search import saved
from coresponse.coverage.call_outs import cost_as_found, further_cost
from coresponse.coverage.measures import Measures, measure
from coresponse.coverage.queueing.judge import QueueingMeasures
from coresponse.data.districts import Districts
from coresponse.data.figures.text import number
from coresponse.data.options import Deployment, Option
from coresponse.data.programs.cost import weekly_staff_hours, yearly_cost
from coresponse.data.progress import Progress, silent
from coresponse.optimize.case import Case
from coresponse.optimize.optimize_once import FEW_STARTS, Optimum, optimize_once
from coresponse.optimize.solution import Status, Step, Stop, Watch
from coresponse.optimize.solve_case import QUICK_STATES, Effort, Solved, queueing, solve
from coresponse.publish.areas import map_cells
from coresponse.publish.disclosure import PUBLIC
from coresponse.publish.rounding import WAIT, rounded
from coresponse.publish.suppression import count_range
from coresponse.results.runs import numbers

STOPPED_S = 2.0
"""Seconds of search for a stop that came before there was anything to keep."""

KEPT_TABLES = 4
"""Response tables of travel speeds or figures that a worker keeps, the study's own among them."""

Bought = Sequence[tuple[str, str, str, int]]

_FIGURES = (
    "share_in_time",
    "mean_with_fallback_s",
    "mean_s",
    "p90_s",
    "share_reached",
    "calls_per_week",
)
_LEFT = ("closed_per_week", "busy_per_week", "out_of_reach_per_week")


class StoppedError(Exception):
    """The search was stopped before it found anything."""


@dataclass
class Desk:
    """Answers questions about one study.

    Attributes
    ----------
    study
        That it is about.
    stopping
        Set when the person asked to stop: what was found so far is then the answer.
    searching
        Whether the optimizer runs, which an interrupt ends with the best found.
    """

    study: PreparedStudy
    stopping: bool = False
    searching: bool = False

    def find(
        self, question: Question, *, watch: Watch, progress: Progress = silent
    ) -> dict[str, Any]:
        """Find the best deployment.

        Raises
        ------
        InputError
            If the question is not one.
        SolverError
            If the solver fails.
        StoppedError
            If it was stopped before anything was found.
        """
        began = time.monotonic()
        case = self.case(question, progress)
        solved = _Search(self, case, question, watch, progress).run()
        best = solved.best
        if self.stopping and best.solution.status is Status.NOTHING_FOUND:
            raise StoppedError
        progress("working out its figures", 0, 1)
        rounds = 1 if solved.rounds is None else len(solved.rounds.rounds)
        found = _answer(best) | {"rounds": rounds}
        found["seconds"] = round(time.monotonic() - began, 2)
        found["stopped"] = self.stopping and best.solution.status is not Status.PROVEN
        if not best.found:
            return found | {"found": False}
        return found | {"search": saved(solved), "found": True} | _figures(case, best.deployment)

    def evaluate(
        self, question: Question, bought: Bought, progress: Progress = silent
    ) -> dict[str, Any]:
        """Work out the figures of a deployment that is given, under the question's assumptions."""
        case = self.case(question, progress)
        deployment = Deployment.of("plan", [(Option(*row[:3]), row[3]) for row in bought])
        progress("working out its figures", 0, 1)
        said = {
            "status": "as placed",
            "message": "as placed, not searched for",
            "clash": [],
            "rounds": 0,
            "objective": None,
            "bound": None,
            "gap": None,
            "unit": "",
            "stopped": False,
            "seconds": 0.0,
        }
        return said | {"found": True} | _figures(case, deployment)

    def case(self, question: Question, progress: Progress = silent) -> Case:
        """Return the case of a question, with its response times."""
        case = case_for(self.study.case, question)
        case.work_out_table(progress)
        case.memo.trim("table", KEPT_TABLES)
        return case


class _Search:
    """One question's search: rounds share its time and its stop."""

    def __init__(
        self,
        desk: Desk,
        case: Case,
        question: Question,
        watch: Watch,
        progress: Progress,
    ) -> None:
        self.desk, self.case, self.question = desk, case, question
        self.watch, self.progress = watch, progress
        self.began = time.monotonic()
        self.naive: Optimum | None = None
        self.round = 0

    def run(self) -> Solved:
        """Search as the question says: once, or in rounds until plan and busy shares agree."""
        solver = self.case.solver
        effort = Effort(self.question.time_limit_s, solver.gap, solver.gap_with(busy=True))
        return solve(self.case, effort=effort, once=self.once, progress=self.progress)

    def once(
        self,
        busy: Mapping[str, float] | None,
        start: NDArray[np.int64] | None,
        stop: Stop,
        starts: int,
    ) -> Optimum:
        """Search once; a stop ends it with the best found, and nothing more is searched for."""
        if self.desk.stopping and self.naive is not None:
            nothing = replace(self.naive.solution, status=Status.NOTHING_FOUND, interrupted=True)
            return replace(self.naive, solution=nothing)
        found = self._searched(busy, start, stop, starts)
        self.naive = self.naive or found
        return found

    def _searched(
        self,
        busy: Mapping[str, float] | None,
        start: NDArray[np.int64] | None,
        stop: Stop,
        starts: int,
    ) -> Optimum:
        self.round += 1
        said = (
            "units always free"
            if busy is None
            else "units as busy as found"
            if start is not None
            else "busy units"
        )
        self.progress(f"searching for the best deployment, round {self.round}: {said}", 0, 1)
        self.desk.searching = True
        try:
            return optimize_once(
                self.case,
                busy_share=busy,
                start=start,
                stop=replace(stop, time_limit_s=self.left()),
                starts=starts,
                watch=self._watched,
            )
        except KeyboardInterrupt:
            # the stop came before or after the search proper: a moment's search has a plan
            self.desk.searching = False
            return optimize_once(
                self.case,
                busy_share=busy,
                start=start,
                stop=replace(stop, time_limit_s=min(self.left(), STOPPED_S)),
                starts=FEW_STARTS,
                watch=self.watch,
            )
        finally:
            self.desk.searching = False

    def left(self) -> float:
        """Return the seconds that are left."""
        return max(0.1, self.question.time_limit_s - (time.monotonic() - self.began))

    def _watched(self, step: Step) -> None:
        self.watch(step)
        if self.desk.stopping:
            raise KeyboardInterrupt


def _figures(case: Case, deployment: Deployment) -> dict[str, Any]:
    districts, program = case.city.districts, case.program
    free = measure(case.table, deployment, target_s=case.target_s, districts=districts)
    busy = queueing(case, deployment, exact_states=QUICK_STATES) if deployment.size else None
    measured: Measures | QueueingMeasures = free if busy is None else busy
    areas = map_cells(case.table, case.city.roads, {"plan": deployment}, target_s=case.target_s)
    cost = yearly_cost(program, deployment)
    as_called = None
    if busy is not None:
        further = further_cost(program, deployment, busy.calls_by_type())
        as_called = number(cost_as_found(cost, further), 7)
    return {
        "bought": [[*option, count] for option, count in deployment.counts],
        "figures": _overall(measured),
        "figures_if_free": _overall(free),
        "busy_share": {}
        if busy is None
        else numbers({n: PUBLIC.city(busy.overall).busy(v) for n, v in busy.busy_share.items()}),
        "cost_per_year": number(cost, 7),
        "cost_as_called_per_year": as_called,
        "staff_hours_per_week": number(weekly_staff_hours(program, deployment), 7),
        "districts": _districts(districts, measured),
        "worst_district": measured.worst_district,
        "target_min": case.target_s / 60,
        "areas": {
            name: [number(v, 7) for v in areas[f"{name}_plan"]]
            for name in ("mean_s", "share_in_time", "depth")
        },
    }


def _answer(best: Optimum) -> dict[str, Any]:
    solution = best.solution
    return {
        "status": solution.status.value,
        "message": solution.message,
        "objective": number(solution.objective, 7),
        "bound": number(solution.bound, 7),
        "gap": number(solution.gap, 7),
        "unit": solution.unit,
        "clash": best.clash.lines() if best.clash else [],
    }


def _overall(measured: Measures | QueueingMeasures) -> dict[str, float | None]:
    row, whole = measured.overall.iloc[0], PUBLIC.city(measured.overall)
    out = {
        name: number(whole.figure(name, float(row[name])), 7) if name in row else None
        for name in _FIGURES
    }
    left = sum(whole.figure(name, float(row[name])) for name in _LEFT if name in row)
    return out | {"left_per_week": number(left, 7)}


def _districts(
    districts: Districts | None, measured: Measures | QueueingMeasures
) -> list[dict[str, Any]]:
    """Return districts with their figures.

    Those with so few calls that one could be picked out have none.
    """
    if districts is None:
        return []
    table = measured.by_district
    calls = table["calls"].to_numpy().astype(np.int64)
    hide = PUBLIC.hides(calls)
    shares, waits = (rounded(key, table, calls) for key in ("share_in_time", WAIT))
    rows = []
    for name, hid, count, share, wait in zip(table.index, hide, calls, shares, waits, strict=True):
        if name != "":
            figures = (None, None) if hid else (number(share, 7), number(wait, 7))
            said = "too few to show" if hid else count_range(int(count))
            rows.append(
                {"id": str(name), "calls": said, "share_in_time": figures[0], "wait_s": figures[1]}
            )
    return rows
