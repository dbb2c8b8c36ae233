"""One goal of several in order, pursued by whichever method suits it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from coresponse.optimize.goals.averages import prepare
from coresponse.optimize.goals.branching import MANY
from coresponse.optimize.goals.center import CenterSearch
from coresponse.optimize.goals.convex_program import TOLERANCE, ConvexProgram
from coresponse.optimize.goals.cover_search import CoverSearch, bounds_of, worst_of
from coresponse.optimize.goals.engine import minimize
from coresponse.optimize.goals.every_call import Answer, EveryCall
from coresponse.optimize.goals.goal import Mean, PCenter, Rank, Tail, only_tail, weighted
from coresponse.optimize.goals.goal_problem import GoalProblem, ReachedGoal, Stating
from coresponse.optimize.goals.least_cover import LeastCover, reach_of
from coresponse.optimize.goals.outcome import Outcome, SolveSettings
from coresponse.optimize.goals.tail import TailSearch
from coresponse.optimize.goals.waiting import QuantileRange
from coresponse.optimize.recount import waits
from coresponse.optimize.solution import Status, Step, Stop, Watch, unwatched
from coresponse.optimize.solve import STARTS, solve

# Boxes that the core gets to solve a goal without its floors, which may turn out to be kept, and
# to begin a tail's search.
CORE_BOXES, FIRST_BOXES = 400, 20

# Share of the time left after which the core leaves the rest to the goal's own program, where
# boxes take long.
CORE_SHARE = 0.5


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


class Pursuit:
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
        self.bound = -np.inf
        self.tail: Tail | None = only_tail(goal_problem.goal)
        if self.tail is not None and not any(
            single == self.tail
            for one in (rank, *(h.rank for h in held))
            for _, single in weighted(one)
        ):
            self.tail = None

    def out(self) -> Outcome:
        """Pursue it."""
        if isinstance(self.rank, PCenter):
            return self._center(self.rank)
        found = self._without_bounds()
        if found is not None:
            return found
        if self.tail is None:
            return (
                self._for_every_call()
                or self._by_rows()
                or self._program(None, np.inf, self.settings)
            )
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
        box: QuantileRange | None,
        settings: SolveSettings,
        cutoff: float = np.inf,
        boxes: int | None = None,
        starts: int = STARTS,
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
            starts=starts,
            start=start,
            watch=enough,
        )
        steps = [] if box is not None else list(found.steps)
        counts = found.counts if len(found.counts) else None
        bound = np.inf if found.status is Status.INFEASIBLE else found.bound + constant
        interrupted = found.interrupted and not enough.reached
        out = Outcome(counts, found.objective + constant, bound, interrupted, steps)
        for other, value in found.pool:
            out.pool.offer(other, value + constant)
        return out

    # ---- by whole-number rows ----

    def _for_every_call(self) -> Outcome | None:
        """Search by set covering where all is asked that each call is reached; None if that does not answer it."""
        problem = self.goal_problem.problem
        program = self.goal_problem.statement(self.rank, self.held)
        linear, reach_s = program.linear_cost(problem.n_options), reach_of(problem, program)
        if linear is None or linear[0] or reach_s is None:
            return None
        out = LeastCover(problem, reach_s, linear[1], self.settings).search()
        if out.counts is not None or out.infeasible or out.interrupted:
            return out
        self.bound = out.bound
        return None

    def _by_rows(self) -> Outcome | None:
        """Search by rows where many averages count; None if that does not answer it."""
        problem = self.goal_problem.problem
        program = self.goal_problem.statement(self.rank, self.held)
        at_most = bounds_of(program)
        cost, of = program.linear_cost(problem.n_options), worst_of(program)
        linear = None if cost is None or cost[0] else cost[1]
        if len(program.used()) < MANY or at_most is None or (linear is None and of is None):
            return None
        if not problem.all_free:
            return None
        ready = prepare(problem, program.averages, few=True)
        if sum(one.entries for one in ready) <= self.settings.explicit_most:
            return None
        search = CoverSearch(problem, program, ready, at_most, self.settings)
        if linear is not None:
            out = search.fewest(linear, self.starts)
        else:
            assert of is not None  # noqa: S101 - looked at above
            out = search.worst(of, self.starts)
        if search.closed() or out.interrupted or self.settings.left() <= 0:
            return out
        if out.counts is not None:
            self.starts.append(out.counts)
        self.bound = out.bound
        return None

    # ---- by the program ----

    def _program(
        self, box: QuantileRange | None, cutoff: float, settings: SolveSettings
    ) -> Outcome:
        statement = self.goal_problem.statement(self.rank, self.held, box)
        return minimize(
            self.goal_problem.problem,
            statement,
            settings,
            starts=self.starts,
            cutoff=cutoff,
            bound=self.bound,
        )

    # ---- p-center ----

    def _center(self, rank: PCenter) -> Outcome:
        problem, fallback = self.goal_problem.problem, self._fallback_s
        response = np.unique(problem.response_s[problem.most > 0])
        times = np.append(response[response < fallback].astype(np.float64), fallback)
        bounded = bool(self.held) or any(True for _ in self.goal_problem.bounds())
        calls = np.sum(self.goal_problem.centered(rank), axis=0)
        every = EveryCall(problem, np.flatnonzero(calls > 0), self.settings)
        all_calls = rank.share == 1

        def covering(time_s: float) -> Answer:
            if all_calls and not bounded:
                return every.covering(time_s)
            stating = Stating(self.goal_problem, None)
            held = [row for one in self.held for row in stating.held_rows(one)]
            rows = [*stating.floor_rows(), *held, *stating.center_rows(rank, time_s)]
            settings = replace(self.settings, watch=unwatched)
            program = ConvexProgram(tuple(stating.averages), (), tuple(rows))
            found = minimize(problem, program, settings, starts=self.starts)
            if found.interrupted:
                raise KeyboardInterrupt
            if found.counts is None:
                return "no" if found.infeasible else "open", np.empty(0, dtype=np.int64)
            return "yes", found.counts

        def relaxed(time_s: float) -> bool:
            return all_calls and every.relaxed(time_s)

        def value(counts: NDArray[np.integer]) -> float:
            return self.goal_problem.value(rank, counts)

        search = CenterSearch(times, covering, relaxed, value, self.settings)
        return search.search(self._that_keep_all(*self.starts))

    @property
    def _fallback_s(self) -> float:
        return float(self.goal_problem.problem.fallback_s)

    def _that_keep_all(self, *some: NDArray[np.integer] | None) -> list[NDArray[np.int64]]:
        return [x.astype(np.int64) for x in some if x is not None and self._keeps_all(x)]

    def _keeps_all(self, counts: NDArray[np.integer]) -> bool:
        broken = self.goal_problem.problem.broken_limits(counts)
        return not (broken or self._breaks_held(counts) or self.goal_problem.broken_floors(counts))

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
            watch=unwatched,
        )
        if bounded:
            own = replace(self.goal_problem, goal=Mean(), floors=self.goal_problem.all_floors())
            return minimize(
                self.goal_problem.problem, own.statement(Mean()), settings, starts=self.starts
            )
        pursuit = Pursuit(mean, Mean(), (), settings, self.starts)
        return pursuit._core(mean, None, settings, boxes=FIRST_BOXES)

    def _tail_search(self, first: Outcome) -> Outcome:
        out = Outcome(interrupted=first.interrupted)
        if first.infeasible:
            out.bound = np.inf
            return out
        free, fallback_s = replace_goal(self.goal_problem, self.rank), self._fallback_s
        bounded = bool(self.held) or any(True for _ in self.goal_problem.bounds())
        by_core = not bounded and free.waiting(self.rank, (0.0, fallback_s)) is not None
        tail = self.tail
        assert tail is not None  # noqa: S101 - only called for a tail

        def judge(counts: NDArray[np.integer]) -> tuple[float, float]:
            known = waits(self.goal_problem.problem, counts)
            at = known.quantile(tail.alpha, self.goal_problem.problem.weight)
            broken = self._breaks_held(counts)
            value = np.inf if broken else self.goal_problem.value(self.rank, counts, known)
            out.pool.offer(counts, value)
            return value, at

        def inner(box: QuantileRange, cutoff: float, gap: float, boxes: int | None) -> Outcome:
            if out.counts is not None:
                self.starts = [*self.starts[:1], out.counts]
            if by_core and box[0] < fallback_s:
                # the gap is that of the whole, of which the core minimizes what is beyond the box
                wider = _wider(out.value, box[0]) if self.rank == tail else 1.0
                settings = replace(self.settings, gap=gap * wider, watch=unwatched)
                return self._core(free, box, settings, cutoff, boxes, starts=1)
            return self._program(box, cutoff, replace(self.settings, gap=gap, watch=unwatched))

        for counts in self._that_keep_all(first.counts, *self.starts):
            value, _ = judge(counts)
            if value < out.value:
                out.value, out.counts = value, counts
        try:
            search = TailSearch(
                self.goal_problem.problem, inner, judge, self.settings.gap, lambda: self.settings.left() <= 0,
                lambda stage: out.tell(stage, self.settings), out,
                alone=self.rank == tail,
            )  # fmt: skip
            search.search()
        except KeyboardInterrupt:
            out.interrupted = True
        return out


def _wider(value: float, begins_s: float) -> float:
    """Return how many times a tail's mean is what it has beyond where a range begins, at most 10."""
    return value / max(value - begins_s, 0.1 * value) if 0 < value < np.inf else 1.0


def replace_goal(goal_problem: GoalProblem, rank: Rank) -> GoalProblem:
    """Return what is asked for one goal alone, without floors."""
    return replace(goal_problem, goal=rank, floors=())
