"""Answer a question of the page.

The best deployment and its figures, or the figures of one that is given.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coresponse.app.desk import Desk, figures_of
from coresponse.app.question import Question
from coresponse.app.saved_search import saved
from coresponse.data.figures.text import number
from coresponse.data.progress import Progress, silent
from coresponse.optimize.case import Case
from coresponse.optimize.optimize_once import FEW_STARTS, optimize_once
from coresponse.optimize.optimum import Optimum
from coresponse.optimize.settings import REPLAY_S
from coresponse.optimize.solution import Status, Step, Stop, Watch
from coresponse.optimize.solve_case import Effort, solve_as_spent
from coresponse.optimize.solved import Solved
from coresponse.optimize.trials import Trials
from coresponse.questions.answer import Plan
from coresponse.questions.plan import choose_plan

# Seconds of search for a stop that came before there was anything to keep.
STOPPED_S = 2.0


class StoppedError(Exception):
    """The search was stopped before it found anything."""


def find(
    desk: Desk, question: Question, *, watch: Watch, progress: Progress = silent
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
    case = desk.case(question, progress)
    until = began + question.time_limit_s + REPLAY_S
    trials = Trials.of(case, desk.setup(case, progress), until=until)
    solved = _PageSearch(desk, case, trials, question, watch, progress).run()
    best = solved.best
    if desk.stopping and best.solution.status is Status.NOTHING_FOUND:
        raise StoppedError
    by_replay = case.busy == "consistent" and not desk.stopping
    plan = choose_plan(solved, trials, progress=progress) if by_replay else Plan(solved)
    progress("working out its figures", 0, 1)
    rounds = 1 if solved.rounds is None else len(solved.rounds.rounds)
    standing = plan.standing
    found = _answer(best) | {"rounds": rounds, "standing": str(standing)}
    found["in_model"] = standing.in_model(found["message"] or found["status"])
    found["seconds"] = round(time.monotonic() - began, 2)
    found["stopped"] = desk.stopping and best.solution.status is not Status.PROVEN
    if not best.found:
        return found | {"found": False}
    figures = figures_of(case, plan.deployment, trials.setup)
    return found | {"search": saved(solved), "found": True} | figures


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
        self.desk, self.case, self.trials, self.question = desk, case, trials, question
        self.watch, self.progress = watch, progress
        self.began = time.monotonic()
        self.naive: Optimum | None = None
        self.round = 0

    def run(self) -> Solved:
        """Search as the question says: once, or in rounds until plan and busy shares agree."""
        solver = self.case.solver
        effort = Effort(self.question.time_limit_s, solver.gap, solver.gap_with(busy=True))
        return solve_as_spent(
            self.case,
            self.trials,
            effort=effort,
            once_at=lambda priced: partial(self.once, priced),
            progress=self.progress,
        )

    def once(
        self,
        priced: Case,
        busy: Mapping[str, float] | None,
        start: NDArray[np.int64] | None,
        stop: Stop,
        starts: int,
    ) -> Optimum:
        """Search once; a stop ends it with the best found, and nothing more is searched for."""
        if self.desk.stopping and self.naive is not None:
            nothing = replace(self.naive.solution, status=Status.NOTHING_FOUND, interrupted=True)
            return replace(self.naive, solution=nothing)
        found = self._searched(priced, busy, start, stop, starts)
        self.naive = self.naive or found
        return found

    def _searched(
        self,
        priced: Case,
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
                priced,
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
                priced,
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
