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
from coresponse.coverage.evaluate import EvaluationSetup
from coresponse.data.figures.text import number
from coresponse.data.options import Deployment, Option
from coresponse.data.progress import Progress, silent
from coresponse.optimize.case import Case
from coresponse.optimize.optimize_once import FEW_STARTS, optimize_once
from coresponse.optimize.optimum import Optimum
from coresponse.optimize.settings import REPLAY_S
from coresponse.optimize.solution import PLACED, Status, Step, Stop, Watch
from coresponse.optimize.solve_case import Effort, solve
from coresponse.optimize.solved import Solved
from coresponse.optimize.spending import CallOutPrices
from coresponse.optimize.trials import Trials
from coresponse.publish.what_if import publish_what_if
from coresponse.questions.answer import Plan
from coresponse.questions.plan import choose_plan

# Seconds of search for a stop that came before there was anything to keep.
STOPPED_S = 2.0

# Response tables of travel speeds or figures that a worker keeps, the study's own among them.
KEPT_TABLES = 4

Bought = Sequence[tuple[str, str, str, int]]


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
        until = began + question.time_limit_s + REPLAY_S
        trials = Trials.of(case, self.setup(case, progress), until=until)
        solved = _PageSearch(self, case, trials, question, watch, progress).run()
        best = solved.best
        if self.stopping and best.solution.status is Status.NOTHING_FOUND:
            raise StoppedError
        by_replay = case.busy == "consistent" and not self.stopping
        plan = choose_plan(solved, trials, progress=progress) if by_replay else Plan(solved)
        progress("working out its figures", 0, 1)
        rounds = 1 if solved.rounds is None else len(solved.rounds.rounds)
        standing = plan.standing
        found = _answer(best) | {"rounds": rounds, "standing": str(standing)}
        found["in_model"] = standing.in_model(found["message"] or found["status"])
        found["seconds"] = round(time.monotonic() - began, 2)
        found["stopped"] = self.stopping and best.solution.status is not Status.PROVEN
        if not best.found:
            return found | {"found": False}
        figures = _figures(case, plan.deployment, trials.setup)
        return found | {"search": saved(solved), "found": True} | figures

    def evaluate(
        self, question: Question, bought: Bought, progress: Progress = silent
    ) -> dict[str, Any]:
        """Work out the figures of a deployment that is given, under the question's assumptions."""
        case = self.case(question, progress)
        deployment = Deployment.of("plan", [(Option(*row[:3]), row[3]) for row in bought])
        progress("working out its figures", 0, 1)
        said = {
            "status": "as placed",
            "standing": "",
            "message": PLACED,
            "clash": [],
            "rounds": 0,
            "objective": None,
            "bound": None,
            "gap": None,
            "unit": "",
            "stopped": False,
            "seconds": 0.0,
        }
        return said | {"found": True} | _figures(case, deployment, self.setup(case, progress))

    def case(self, question: Question, progress: Progress = silent) -> Case:
        """Return the case of a question, with its response times."""
        case = case_for(self.study.case, question)
        case.work_out_table(progress)
        case.memo.trim("table", KEPT_TABLES)
        return case

    def setup(self, case: Case, progress: Progress = silent) -> EvaluationSetup:
        """Return the replay of a question, on the chances that the study's own plan meets."""
        own = self.study.setup
        same = case.city.program == self.study.case.city.program
        return own.under(
            case.world,
            target_s=case.standard,
            demand=case.demand,
            service=own.service if same else case.service,
            progress=progress,
        )


def _figures(case: Case, deployment: Deployment, setup: EvaluationSetup) -> dict[str, Any]:
    return publish_what_if(case, setup.evaluate(case.table, deployment, None, keep_calls=True))


class _PageSearch:
    """One question's search: rounds share its time and its stop."""

    def __init__(
        self,
        desk: Desk,
        case: Case,
        trials: Trials,
        question: Question,
        watch: Watch,
        progress: Progress,
    ) -> None:
        self.desk, self.case, self.question = desk, case, question
        self.priced = CallOutPrices(case, trials)
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
                self.priced.case(start),
                busy_share=busy,
                start=start,
                stop=replace(stop, seconds=self.left()),
                starts=starts,
                watch=self._watched,
            )
        except KeyboardInterrupt:
            # the stop came before or after the search proper: a moment's search has a plan
            self.desk.searching = False
            return optimize_once(
                self.priced.case(None),
                busy_share=busy,
                start=start,
                stop=replace(stop, seconds=min(self.left(), STOPPED_S)),
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
