"""Solve a placement problem for a goal: the front of the goals."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from coresponse.data.errors import SolverError
from coresponse.optimize.deployment_pool import Pooled
from coresponse.optimize.goals.demand import Demand
from coresponse.optimize.goals.goal import Floor, Goal, Rank, ranks, study_name, weighted
from coresponse.optimize.goals.goal_problem import GoalProblem, ReachedGoal
from coresponse.optimize.goals.outcome import EXPLICIT_MOST, Outcome, SolveSettings
from coresponse.optimize.goals.pursuit import Pursuit
from coresponse.optimize.goals.solution import GoalSolution, Stage, confirm, figures, message_of
from coresponse.optimize.problem import Problem
from coresponse.optimize.recount import Waits, waits
from coresponse.optimize.solution import Status, Stop, Watch, unwatched


def solve_goal(
    problem: Problem,
    goal: Goal,
    *,
    demand: Demand | None = None,
    floors: Sequence[Floor] = (),
    standard_s: float | None = None,
    option_cost: NDArray[np.float64] | None = None,
    stop: Stop | None = None,
    seed: int = 1,
    solver: str = "HiGHS",
    watch: Watch = unwatched,
    start: NDArray[np.integer] | None = None,
    explicit_most: float = EXPLICIT_MOST,
) -> GoalSolution:
    """Find the best deployment for a goal within limits and above floors.

    Goals that are one mean cost of waiting go to the core
    (:func:`coresponse.optimize.solve.solve`). All others are convex programs in the counts and in
    averages of the one model (:mod:`coresponse.optimize.goals.convex_program`), written out in PuLP
    where that is small, else approached by the core's cuts; a tail is searched for by where it
    begins (:mod:`coresponse.optimize.goals.tail`).

    Parameters
    ----------
    problem, goal
        What to choose from and what for.
    demand
        Calls by column, district and class; default: the problem's weights, neither districts nor
        classes.
    floors
        That must be kept whatever the goal.
    standard_s
        The standard in seconds where a goal or floor names none.
    option_cost
        (options,) dollars a year of one responder of each option, for the goal of least cost.
    stop
        Time limit over all goals, and gap.
    seed
        Of local search.
    solver
        ``HiGHS``, ``CBC``, or another PuLP solver's name.
    watch
        Called with each step; Ctrl-C ends the search with the best found.
    start
        (options,) counts to begin with.
    explicit_most
        Averages with more non-zeros than this in all are approached by cuts, not written out.

    Returns
    -------
    GoalSolution
        Every figure in it is counted again from the definition.

    Raises
    ------
    InputError
        If the goal asks for what is not known: a standard, costs, districts.
    SolverError
        If the solver fails, or its answer is not borne out by the recount.
    """
    demand = demand if demand is not None else Demand.of(problem)
    goal_problem = GoalProblem(problem, demand, goal, tuple(floors), standard_s, option_cost)
    goal_problem.check()
    stop = stop or Stop()
    started = time.monotonic()
    settings = SolveSettings(
        started + stop.seconds, stop.gap, solver, seed, watch, started, explicit_most
    )
    run = _InOrder(goal_problem, settings, [] if start is None else [start])
    run.pursue()
    return run.solution()


class _InOrder:
    """Pursues goals one after the other, holding those that were reached."""

    def __init__(
        self, goal_problem: GoalProblem, settings: SolveSettings, starts: list[NDArray[np.integer]]
    ) -> None:
        self.goal_problem, self.settings, self.starts = goal_problem, settings, starts
        self.held: list[ReachedGoal] = []
        self.outcomes: list[Outcome] = []

    def pursue(self) -> None:
        give = getattr(self.goal_problem.goal, "give", 0.0)
        for rank in ranks(self.goal_problem.goal):
            out = Pursuit(
                self.goal_problem, rank, tuple(self.held), self.settings, self.starts
            ).out()
            if out.counts is None and self.outcomes:
                # the deployment that the goals before it found keeps all of it
                out = replace(
                    out,
                    counts=self.outcomes[-1].counts,
                    bound=-np.inf if out.infeasible else out.bound,
                )
            self.outcomes.append(out)
            if out.counts is None:
                return
            self.starts = [out.counts]
            value = self.goal_problem.value(rank, out.counts)
            self.held.append(ReachedGoal(rank, value + give * abs(value)))
            if out.interrupted:
                return

    def solution(self) -> GoalSolution:
        goal_problem, first = self.goal_problem, self.outcomes[0]
        order = ranks(goal_problem.goal)
        unit = goal_problem.unit(order[0])
        seconds = time.monotonic() - self.settings.started
        steps = tuple(step for out in self.outcomes for step in out.steps)
        interrupted = any(out.interrupted for out in self.outcomes)
        if first.counts is None:
            status = Status.INFEASIBLE if first.infeasible else Status.NOTHING_FOUND
            message = (
                "no deployment keeps all limits and floors"
                if first.infeasible
                else "no deployment was found in time; allow more time"
            )
            nobody = np.empty(0, dtype=np.int64)
            return GoalSolution(
                status, nobody, np.inf, first.bound, unit, seconds, message, steps, interrupted
            )
        counts = self.outcomes[-1].counts
        assert counts is not None  # noqa: S101 - later goals begin with what the first found
        known = waits(goal_problem.problem, counts)
        confirm(goal_problem, counts, known)
        stages = [
            self._stage(rank, out, counts, known)
            for rank, out in zip(order, self.outcomes, strict=False)
        ]
        proven = len(stages) == len(order) and all(stage.proven for stage in stages)
        status = Status.PROVEN if proven else Status.BEST_FOUND
        return GoalSolution(
            status, counts, stages[0].value, stages[0].bound, unit, seconds,
            message_of(stages, order, self.settings.gap, proven=proven, interrupted=interrupted),
            steps, interrupted, tuple(stages), tuple(figures(goal_problem, counts, known)),
            pool=self._pool(counts),
        )  # fmt: skip

    def _pool(self, counts: NDArray[np.int64]) -> Pooled:
        """Return what the last goal's search came across that keeps all limits and floors."""
        return tuple(
            (other, value)
            for other, value in self.outcomes[-1].pool.best(counts)
            if not (self.goal_problem.problem.broken_limits(other) or self._breaks_floors(other))
        )

    def _breaks_floors(self, counts: NDArray[np.int64]) -> bool:
        bounded = any(True for _ in self.goal_problem.bounds())
        return bounded and bool(self.goal_problem.broken_floors(counts))

    def _stage(self, rank: Rank, out: Outcome, counts: NDArray[np.int64], known: Waits) -> Stage:
        unit = self.goal_problem.unit(rank)
        value = self.goal_problem.value(rank, counts, known)
        own = self.goal_problem.value(rank, out.counts) if out.counts is not None else np.inf
        scale = sum(weight * self.goal_problem.scale(single) for weight, single in weighted(rank))
        # costs are held in 32 bits, the recount is not
        if abs(own - out.value) > 1e-5 * max(1.0, abs(own)) + 1e-6 * scale and np.isfinite(
            out.value
        ):
            raise SolverError(
                f"the solver says {out.value:.6g}, the recount {own:.6g}: please report this study"
            )
        bound = min(out.bound, own)
        proven = own - bound <= (self.settings.gap + 1e-6) * abs(own) + 1e-7 * max(1.0, scale)
        return Stage(study_name(rank), value, min(bound, value), unit, proven)
