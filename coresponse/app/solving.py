"""Answer a question of the page.

The best deployment and its figures, or the figures of one that is given.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coresponse.app.asked import Asked, inputs_for, stated_busy
from coresponse.app.figures import of_travel, service_of
from coresponse.app.ground import Ground
from coresponse.app.kept import kept
from coresponse.app.moved import with_moved
from coresponse.best import STARTS, Best, best_deployment, plain_goal, target_min, waiting_cost
from coresponse.call_outs import cost_as_found, further_cost
from coresponse.consistent import Consistent, End, Round, consistent, queueing_cost
from coresponse.coverage.area import map_cells
from coresponse.coverage.measures import Measures, measure
from coresponse.coverage.queueing.judge import QueueingMeasures, queueing_measures
from coresponse.coverage.response import ResponseTable, response_table
from coresponse.coverage.suppress import band, hidden_parts, shown_share, shown_wait_s
from coresponse.coverage.whole_city import WholeCity
from coresponse.data.options import Deployment, Option
from coresponse.data.programs.cost import annual_cost, staff_hours_per_week
from coresponse.data.programs.model import Program
from coresponse.data.progress import Progress, silent
from coresponse.inputs import Inputs
from coresponse.judged import busy_json
from coresponse.optimize.solution import Status, Step, Stop, Watch
from coresponse.sweep.axes import table_at, with_speeds

QUICK_STATES = 1_024
"""States up to which queueing is exact on the page, where nobody likes to wait.

A plan's own run has more.
"""

FEW_STARTS = 2
STOPPED_S = 2.0
"""Seconds of search for a stop that came before there was anything to keep."""

KEPT_TABLES = 3
"""Response tables of other travel speeds or figures that a worker keeps."""

Changes = tuple[float, tuple[tuple[str, float], ...]]
"""What of a question changes response times: speed, and figures of the program."""

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
    """Answers questions about one study; it keeps response tables of other speeds and figures.

    Attributes
    ----------
    stopping
        Set when the person asked to stop: what was found so far is then the answer.
    searching
        Whether the optimizer runs, which an interrupt ends with the best found.
    """

    ground: Ground
    stopping: bool = False
    searching: bool = False
    tables: OrderedDict[Changes, ResponseTable] = field(default_factory=OrderedDict)

    def find(self, asked: Asked, *, watch: Watch, progress: Progress = silent) -> dict[str, Any]:
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
        inputs = inputs_for(self.ground.inputs, asked)
        table = self.table(asked, progress)
        best, rounds = _Search(self, inputs, table, asked, watch, progress).run()
        if self.stopping and best.solution.status is Status.NOTHING_FOUND:
            raise StoppedError
        progress("working out its figures", 0, 1)
        found = _answer(best) | {"rounds": 1 if rounds is None else len(rounds.rounds)}
        found["seconds"] = round(time.monotonic() - began, 2)
        found["stopped"] = self.stopping and best.solution.status is not Status.PROVEN
        if not best.found:
            return found | {"found": False}
        found["search"] = kept(best, rounds)
        return found | {"found": True} | self._figures(inputs, table, best.deployment)

    def judge(self, asked: Asked, bought: Bought, progress: Progress = silent) -> dict[str, Any]:
        """Work out the figures of a deployment that is given, under the question's assumptions."""
        inputs = inputs_for(self.ground.inputs, asked)
        table = self.table(asked, progress)
        deployment = Deployment.of("plan", [(Option(*row[:3]), row[3]) for row in bought])
        progress("working out its figures", 0, 1)
        said = {
            "status": "as placed",
            "message": "as placed, not searched for",
            "clash": [],
            "rounds": 0,
        }
        empty = {
            "objective": None,
            "bound": None,
            "gap": None,
            "unit": "",
            "stopped": False,
            "seconds": 0.0,
        }
        return said | empty | {"found": True} | self._figures(inputs, table, deployment)

    def table(self, asked: Asked, progress: Progress = silent) -> ResponseTable:
        """Return the response times under a question's speeds, figures, moved posts and demand."""
        inputs = inputs_for(self.ground.inputs, asked)
        table = with_moved(inputs, self._response(asked, inputs, progress), asked.moved)
        return table_at(table, {"demand": asked.demand})

    def _response(self, asked: Asked, inputs: Inputs, progress: Progress) -> ResponseTable:
        """Return response times with the study's own posts, at a question's speed and figures."""
        ground = self.ground
        changes = (asked.speed, of_travel(asked.figures))
        if changes == (1.0, ()):
            return ground.table
        if changes not in self.tables:
            faster = with_speeds(inputs, (("speed", asked.speed),))
            self.tables[changes] = response_table(
                faster.network,
                faster.posts,
                faster.program,
                ground.table.options,
                replace(ground.table.cells, periods=faster.periods),
                reach_min=faster.study.objective.reach_limit_min,
                progress=progress,
            )
            while len(self.tables) > KEPT_TABLES:
                self.tables.popitem(last=False)
        self.tables.move_to_end(changes)
        return self.tables[changes]

    def queueing(
        self, inputs: Inputs, table: ResponseTable, deployment: Deployment
    ) -> QueueingMeasures:
        """Work out figures with busy units."""
        of_service = inputs.program is not self.ground.inputs.program
        return queueing_measures(
            table,
            deployment,
            inputs.program,
            target_s=target_min(inputs) * 60,
            service=service_of(self.ground.service, inputs.program)
            if of_service
            else self.ground.service,
            districts=inputs.districts,
            exact_states=QUICK_STATES,
        )

    def _figures(
        self, inputs: Inputs, table: ResponseTable, deployment: Deployment
    ) -> dict[str, Any]:
        target_s = target_min(inputs) * 60
        free = measure(table, deployment, target_s=target_s, districts=inputs.districts)
        busy = self.queueing(inputs, table, deployment) if deployment.size else None
        judged: Measures | QueueingMeasures = free if busy is None else busy
        areas = map_cells(table, inputs.network, {"plan": deployment}, target_s=target_s)
        program = inputs.program
        priced = [
            (o, n, annual_cost(program, o.responder_type, o.shift_pattern).total)
            for o, n in deployment.counts
        ]
        cost = sum(n * cost for _, n, cost in priced)
        hours = [
            n * staff_hours_per_week(program, o.responder_type, o.shift_pattern)
            for o, n in deployment.counts
        ]
        return {
            "bought": [[*option, count] for option, count in deployment.counts],
            "figures": _overall(judged),
            "figures_if_free": _overall(free),
            "busy_share": {}
            if busy is None
            else busy_json(busy.busy_share, WholeCity.of(busy.overall)),
            "cost_per_year": _number(cost),
            "cost_as_called_per_year": None
            if busy is None
            else _number(cost_as_found(cost, _further_cost(program, busy, deployment))),
            "staff_hours_per_week": _number(sum(hours)),
            "districts": _districts(inputs, judged),
            "worst_district": judged.worst_district,
            "target_min": target_s / 60,
            "areas": {
                name: [_number(v) for v in areas[f"{name}_plan"]]
                for name in ("mean_s", "share_in_time", "depth")
            },
        }


class _Search:
    """One question's search: rounds share its time and its stop."""

    def __init__(
        self,
        desk: Desk,
        inputs: Inputs,
        table: ResponseTable,
        asked: Asked,
        watch: Watch,
        progress: Progress,
    ) -> None:
        self.desk, self.inputs, self.table, self.asked = desk, inputs, table, asked
        self.watch, self.progress = watch, progress
        self.began = time.monotonic()
        self.round = 0

    def run(self) -> tuple[Best, Consistent | None]:
        """Search as the question says: once, or in rounds until plan and busy shares agree."""
        asked = self.asked
        if asked.busy == "stated":
            return self._stated()
        naive = self.solve(None)
        if asked.busy == "free" or not naive.deployment.size or self.desk.stopping:
            return naive, None
        rounds = consistent(
            naive,
            lambda busy, start, _: self.again(naive, busy, start),
            self.judge,
            self.cost,
            seconds=self.left(),
        )
        return rounds.best, rounds

    def _stated(self) -> tuple[Best, Consistent | None]:
        """Search once, with busy shares that a person stated."""
        stated = stated_busy(self.asked, self.inputs.program)
        best = self.solve(stated)
        if not best.deployment.size:
            return best, None
        found = self.judge(best.deployment)
        turn = Round(stated, stated | found.busy_share, self.cost(found), best)
        return best, Consistent((turn,), 0, End.STATED, 0.0)

    def left(self) -> float:
        """Return the seconds that are left."""
        return max(0.1, self.asked.time_limit_s - (time.monotonic() - self.began))

    def solve(
        self, busy: Mapping[str, float] | None, start: NDArray[np.int64] | None = None
    ) -> Best:
        """Search once; a stop ends it with the best found."""
        self.round += 1
        said = (
            "units always free"
            if busy is None
            else "units as busy as found"
            if start is not None
            else "busy units"
        )
        self.progress(f"searching for the best deployment, round {self.round}: {said}", 0, 1)
        solver = self.inputs.study.solver
        gap = max(solver.busy_gap, solver.gap) if busy else solver.gap
        starts = STARTS if start is None else FEW_STARTS
        self.desk.searching = True
        try:
            return self._best(busy, start, Stop(self.left(), gap), starts, self._watched)
        except (
            KeyboardInterrupt
        ):  # the stop came before or after the search proper: a moment's search has a plan
            self.desk.searching = False
            return self._best(
                busy, start, Stop(min(self.left(), STOPPED_S), gap), FEW_STARTS, self.watch
            )
        finally:
            self.desk.searching = False

    def again(self, naive: Best, busy: Mapping[str, float], start: NDArray[np.int64]) -> Best:
        """Search with busy shares that were measured.

        Nothing more is searched for once it was stopped.
        """
        if self.desk.stopping:
            return replace(
                naive,
                solution=replace(naive.solution, status=Status.NOTHING_FOUND, interrupted=True),
            )
        return self.solve(busy, start)

    def judge(self, deployment: Deployment) -> QueueingMeasures:
        """Measure how busy the units of a deployment are."""
        self.progress("working out how busy the units are", 0, 1)
        return self.desk.queueing(self.inputs, self.table, deployment)

    def cost(self, found: QueueingMeasures) -> float:
        """Return what tells rounds apart.

        For goals that are no mean cost the latest is the best.
        """
        if not plain_goal(self.inputs):
            return 0.0
        return queueing_cost(found, self.table.cells, waiting_cost(self.inputs))

    def _watched(self, step: Step) -> None:
        self.watch(step)
        if self.desk.stopping:
            raise KeyboardInterrupt

    def _best(
        self,
        busy: Mapping[str, float] | None,
        start: NDArray[np.int64] | None,
        stop: Stop,
        starts: int,
        watch: Watch,
    ) -> Best:
        return best_deployment(
            self.inputs,
            self.table,
            busy_share=busy,
            stop=stop,
            start=start,
            starts=starts,
            watch=watch,
        )


def _answer(best: Best) -> dict[str, Any]:
    solution = best.solution
    return {
        "status": solution.status.value,
        "message": solution.message,
        "objective": _number(solution.objective),
        "bound": _number(solution.bound),
        "gap": _number(solution.gap),
        "unit": solution.unit,
        "clash": best.clash.lines() if best.clash else [],
    }


def _overall(judged: Measures | QueueingMeasures) -> dict[str, float | None]:
    row, whole = judged.overall.iloc[0], WholeCity.of(judged.overall)
    out = {
        name: _number(whole.figure(name, float(row[name]))) if name in row else None
        for name in _FIGURES
    }
    left = sum(whole.figure(name, float(row[name])) for name in _LEFT if name in row)
    return out | {"left_per_week": _number(left)}


def _further_cost(program: Program, busy: QueueingMeasures, deployment: Deployment) -> float:
    """Return what call-outs from standby, as many as queueing finds, cost a year beyond those that are priced.

    Shown to a thousand dollars: single calls are not told apart.
    """
    by_type = busy.units.groupby("responder_type")["calls_per_week"].sum()
    return further_cost(
        program, deployment, {str(name): float(found) for name, found in by_type.items()}
    )


def _districts(inputs: Inputs, judged: Measures | QueueingMeasures) -> list[dict[str, Any]]:
    """Return districts with their figures.

    Those with so few calls that one could be picked out have none.
    """
    if inputs.districts is None:
        return []
    table = judged.by_district
    calls = table["calls"].to_numpy().astype(np.int64)
    hide = hidden_parts(calls)
    shares = shown_share(table["share_in_time"].to_numpy(float), calls)
    waits = shown_wait_s(table, calls)
    rows = []
    for name, hid, count, share, wait in zip(table.index, hide, calls, shares, waits, strict=True):
        if name != "":
            figures = (None, None) if hid else (_number(share), _number(wait))
            said = "too few to show" if hid else band(int(count))
            rows.append(
                {"id": str(name), "calls": said, "share_in_time": figures[0], "wait_s": figures[1]}
            )
    return rows


def _number(value: Any) -> float | None:
    number = float(value)
    return float(f"{number:.7g}") if np.isfinite(number) else None
