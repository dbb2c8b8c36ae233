"""Solve a placement problem for a goal: the front of the goals."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from coresponse.data.errors import SolverError
from coresponse.optimize.goals.convex_program import TOLERANCE
from coresponse.optimize.goals.demand import Demand
from coresponse.optimize.goals.engine import Outcome, SolveSettings, minimize
from coresponse.optimize.goals.goal import Floor, Goal, Mean, Rank, Tail, only_tail, ranks, weighted
from coresponse.optimize.goals.goal_problem import Box, GoalProblem, ReachedGoal
from coresponse.optimize.goals.master import EXPLICIT_MOST
from coresponse.optimize.goals.tail import TailSearch
from coresponse.optimize.objective import MeanTime
from coresponse.optimize.problem import Problem
from coresponse.optimize.recount import Waits, waits
from coresponse.optimize.solution import Solution, Status, Step, Stop, Watch
from coresponse.optimize.solve import solve

CORE_BOXES, FIRST_BOXES = 400, 20
"""Boxes that the core gets to solve a goal without its floors, which may turn out to be kept, and to begin a tail's search."""

CORE_SHARE = 0.5
"""Share of the time left after which the core leaves the rest to the goal's own program, where boxes take long."""


@dataclass(frozen=True)
class GoalFigure:
    """One figure of an answer, counted again from the definition.

    Attributes
    ----------
    calls
        Observed calls that it is of; absent: all.
    may_be_shown
        Whether these are enough.
    """

    name: str
    value: float
    unit: str
    calls: int | None = None
    may_be_shown: bool = True


@dataclass(frozen=True)
class Stage:
    """One goal of several that are pursued in order.

    Attributes
    ----------
    goal
        Its name, as in a study file.
    value, bound
        What the final deployment makes of it; and what no deployment is below that keeps the goals
        before it.
    proven
        Whether the two met within the gap asked for (and what was given up for later goals).
    """

    goal: str
    value: float
    bound: float
    unit: str
    proven: bool


@dataclass(frozen=True, eq=False)
class GoalSolution(Solution):
    """An answer to a goal.

    Objective, bound and unit are those of the goal, or of the first of several in order.

    Attributes
    ----------
    stages
        The goals in order.
    figures
        Of the deployment: mean, p90, units, and what its goals are about.
    """

    stages: tuple[Stage, ...] = ()
    figures: tuple[GoalFigure, ...] = ()


def _silent(step: Step) -> None:
    del step


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
    watch: Watch = _silent,
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
        If the solver fails, or its answer does not stand up to the recount.
    """
    demand = demand if demand is not None else Demand.of(problem)
    goal_problem = GoalProblem(problem, demand, goal, tuple(floors), standard_s, option_cost)
    goal_problem.check()
    stop = stop or Stop()
    started = time.monotonic()
    settings = SolveSettings(
        started + stop.time_limit_s, stop.gap, solver, seed, watch, started, explicit_most
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
            out = _Pursuit(
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
        _confirm(goal_problem, counts, known)
        stages = [
            self._stage(rank, out, counts, known)
            for rank, out in zip(order, self.outcomes, strict=False)
        ]
        proven = len(stages) == len(order) and all(stage.proven for stage in stages)
        status = Status.PROVEN if proven else Status.BEST_FOUND
        return GoalSolution(
            status, counts, stages[0].value, stages[0].bound, unit, seconds,
            _message(stages, order, self.settings.gap, proven=proven, interrupted=interrupted),
            steps, interrupted, tuple(stages), tuple(figures(goal_problem, counts, known)),
        )  # fmt: skip

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
        return Stage(rank.goal, value, min(bound, value), unit, proven)


def _message(
    stages: Sequence[Stage], order: Sequence[Rank], gap: float, *, proven: bool, interrupted: bool
) -> str:
    if proven:
        return f"proven optimal within {gap:.2%}" + (
            " for each goal in order" if len(order) > 1 else ""
        )
    open_ = next((stage for stage in stages if not stage.proven), None)
    why = "stopped" if interrupted else "the time limit ended the search"
    if open_ is None:
        return f"best found, goal {len(stages) + 1} of {len(order)} was not reached: {why}"
    off = (open_.value - open_.bound) / max(abs(open_.value), 1e-12)
    shown = f"gap {off:.2%}" if np.isfinite(off) else "no bound"
    of = f" for {open_.goal}" if len(order) > 1 else ""
    return f"best found, {shown}{of}: {why}"


def _confirm(goal_problem: GoalProblem, counts: NDArray[np.int64], known: Waits) -> None:
    broken = [
        *goal_problem.problem.broken_limits(counts),
        *goal_problem.broken_floors(counts, known),
    ]
    if broken:
        raise SolverError(f"the solver's answer breaks: {', '.join(broken)}")


def figures(goal_problem: GoalProblem, counts: NDArray[np.int64], known: Waits) -> list[GoalFigure]:
    """Count what a deployment does, from the definition."""
    weight = goal_problem.problem.weight
    out = [
        GoalFigure("responders", float(counts.sum()), "responders"),
        GoalFigure("mean response", known.mean(MeanTime(), weight), "seconds a call"),
        GoalFigure("p90 response", known.quantile(0.9, weight), "seconds"),
    ]
    if goal_problem.option_cost is not None:
        out.append(GoalFigure("cost", float(goal_problem.option_cost @ counts), "dollars a year"))
    for rank in ranks(goal_problem.goal):
        for _, single in weighted(rank):
            if single.goal == "worst_district":
                g, value = max(goal_problem.by_group(single, known), key=lambda item: item[1])
                groups = goal_problem.demand.by(single.by)
                of = int(groups.observed[g]), not groups.hidden[g]
                out.append(
                    GoalFigure(
                        f"worst {single.by}: {groups.names[g]}",
                        value,
                        goal_problem.unit(single),
                        *of,
                    )
                )
            elif single.goal == "tail":
                value = goal_problem.value(single, counts, known)
                out.append(
                    GoalFigure(
                        f"mean of the {1 - single.alpha:.4g} that wait longest",
                        value,
                        "seconds a call",
                    )
                )
    for bound in goal_problem.bounds():
        value = known.mean(bound.waiting, bound.calls)
        out.append(
            GoalFigure(
                bound.name, value, floor_unit(bound.per_unit), bound.observed, bound.may_be_shown
            )
        )
    return out


def floor_unit(per_unit: float) -> str:
    """Return the unit of what a floor bounds."""
    return "share of calls late" if per_unit > 1 else "seconds a call"


@dataclass
class _Enough:
    """Ends a search when its bound shows that nothing worth having is there."""

    cutoff: float
    watch: Watch
    reached: bool = False

    def __call__(self, step: Step) -> None:
        self.watch(step)
        if step.bound >= self.cutoff:
            self.reached = True
            raise KeyboardInterrupt


class _Pursuit:
    """One goal, within limits, floors and the goals held before it."""

    def __init__(
        self,
        goal_problem: GoalProblem,
        rank: Rank,
        held: tuple[ReachedGoal, ...],
        settings: SolveSettings,
        starts: Sequence[NDArray[np.integer]],
    ) -> None:
        self.goal_problem, self.rank, self.held, self.settings = goal_problem, rank, held, settings
        self.starts = list(starts)
        self.tail: Tail | None = only_tail(goal_problem.goal)
        if self.tail is not None and not any(
            single == self.tail
            for one in (rank, *(h.rank for h in held))
            for _, single in weighted(one)
        ):
            self.tail = None

    def out(self) -> Outcome:
        found = self._without_bounds()
        if found is not None:
            return found
        if self.tail is None:
            return self._program(None, np.inf, self.settings)
        return self._tail_search(self._first())

    # ---- by the core ----

    def _without_bounds(self) -> Outcome | None:
        """Let the core solve the goal without floors and goals held.

        None if that does not answer it.
        """
        free = replace_goal(self.goal_problem, self.rank)
        if self.tail is not None or free.waiting(self.rank) is None:
            return None
        bounded = bool(self.held) or any(True for _ in self.goal_problem.bounds())
        if bounded and not self._worth_trying():
            return None
        share = CORE_SHARE if bounded else 1.0
        settings = replace(self.settings, until=time.monotonic() + share * self.settings.left())
        out = self._core(free, None, settings, boxes=CORE_BOXES if bounded else None)
        if not bounded or out.infeasible:
            return out
        if out.counts is None:
            return None
        self.starts.append(out.counts)
        kept = not self.goal_problem.broken_floors(out.counts) and not self._breaks_held(out.counts)
        near = out.value - out.bound <= self.settings.gap * abs(out.value) + 1e-9
        return out if (kept and near) or (out.interrupted and kept) else None

    def _worth_trying(self) -> bool:
        # a goal that follows another is hardly ever at its own best
        return not self.held

    def _breaks_held(self, counts: NDArray[np.integer]) -> bool:
        return any(
            self.goal_problem.value(one.rank, counts)
            > one.at_most + 2 * TOLERANCE * self.goal_problem.row_scale(one)
            for one in self.held
        )

    def _core(
        self,
        free: GoalProblem,
        box: Box | None,
        settings: SolveSettings,
        cutoff: float = np.inf,
        boxes: int | None = None,
    ) -> Outcome:
        ready = free.waiting(self.rank, box)
        assert ready is not None  # noqa: S101 - looked at before
        constant, waiting = ready
        problem = self.goal_problem.problem
        start = next((s for s in reversed(self.starts) if not problem.broken_limits(s)), None)
        stop = Stop(max(0.1, settings.left()), settings.gap, boxes)
        enough = _Enough(cutoff - constant, settings.watch)
        found = solve(
            problem,
            waiting,
            stop=stop,
            seed=settings.seed,
            solver=settings.solver,
            start=start,
            watch=enough,
        )
        steps = [] if box is not None else list(found.steps)
        counts = found.counts if len(found.counts) else None
        bound = np.inf if found.status is Status.INFEASIBLE else found.bound + constant
        return Outcome(
            counts,
            found.objective + constant,
            bound,
            found.interrupted and not enough.reached,
            steps,
        )

    # ---- by the program ----

    def _program(self, box: Box | None, cutoff: float, settings: SolveSettings) -> Outcome:
        statement = self.goal_problem.statement(self.rank, self.held, box)
        return minimize(
            self.goal_problem.problem, statement, settings, starts=self.starts, cutoff=cutoff
        )

    # ---- tails ----

    def _first(self) -> Outcome:
        """Find a deployment to begin a tail's search with: the best mean."""
        if self.held:
            return Outcome()
        bounded = any(True for _ in self.goal_problem.bounds())
        mean = replace_goal(self.goal_problem, Mean())
        settings = replace(
            self.settings,
            until=time.monotonic() + CORE_SHARE * self.settings.left(),
            gap=0.01,
            watch=_silent,
        )
        if bounded:
            own = replace(self.goal_problem, goal=Mean(), floors=self.goal_problem.all_floors())
            return minimize(
                self.goal_problem.problem, own.statement(Mean()), settings, starts=self.starts
            )
        pursuit = _Pursuit(mean, Mean(), (), settings, self.starts)
        return pursuit._core(mean, None, settings, boxes=FIRST_BOXES)

    def _tail_search(self, first: Outcome) -> Outcome:
        out = Outcome(interrupted=first.interrupted)
        if first.infeasible:
            out.bound = np.inf
            return out
        free = replace_goal(self.goal_problem, self.rank)
        bounded = bool(self.held) or any(True for _ in self.goal_problem.bounds())
        by_core = (
            not bounded
            and free.waiting(self.rank, (0.0, self.goal_problem.problem.fallback_s)) is not None
        )
        tail = self.tail
        assert tail is not None  # noqa: S101 - only called for a tail

        def say(stage: str) -> None:
            step = Step(time.monotonic() - self.settings.started, out.value, out.bound, stage)
            out.steps.append(step)
            self.settings.watch(step)

        def judge(counts: NDArray[np.integer]) -> tuple[float, float]:
            known = waits(self.goal_problem.problem, counts)
            at = known.quantile(tail.alpha, self.goal_problem.problem.weight)
            broken = self._breaks_held(counts)
            return (np.inf if broken else self.goal_problem.value(self.rank, counts, known)), at

        def inner(box: Box, cutoff: float, gap: float) -> Outcome:
            if out.counts is not None:
                self.starts = [*self.starts[:1], out.counts]
            settings = replace(self.settings, gap=gap, watch=_silent)
            core = by_core and box[0] < self.goal_problem.problem.fallback_s
            return (
                self._core(free, box, settings, cutoff)
                if core
                else self._program(box, cutoff, settings)
            )

        for counts in (first.counts, *self.starts):
            if counts is not None and not self.goal_problem.problem.broken_limits(counts):
                value, _ = judge(counts)
                if value < out.value and not self.goal_problem.broken_floors(counts):
                    out.value, out.counts = value, counts.astype(np.int64)
        try:
            search = TailSearch(
                self.goal_problem.problem, inner, judge, self.settings.gap, lambda: self.settings.left() <= 0, say, out,
                alone=self.rank == tail,
            )  # fmt: skip
            search.search()
        except KeyboardInterrupt:
            out.interrupted = True
        return out


def replace_goal(goal_problem: GoalProblem, rank: Rank) -> GoalProblem:
    """Return what is asked for one goal alone, without floors."""
    return replace(goal_problem, goal=rank, floors=())
