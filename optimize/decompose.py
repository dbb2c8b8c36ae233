"""The exact method: local search from above, closed-form cuts from below, branch and bound on what is left.

The master holds the counts and one cost estimate a cluster of columns. At a trial deployment, whole or fractional, each
cluster's cost has a tangent plane in closed form (:meth:`Evaluator.cuts`), which bounds it from below everywhere. Rounds:

1. local search gives an incumbent;
2. the relaxed master and cuts at points between its solution and the incumbent (in-out stabilization, Ben-Ameur and Neto 2007)
   raise the bound;
3. an option whose reduced cost would lift the bound over the incumbent cannot be in a better deployment: its count is fixed;
4. the whole-number master is solved, its solution evaluated exactly, cut off, and improved, until bound and incumbent meet.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from coresponse.data.errors import SolverError
from coresponse.optimize.evaluate import Cut, Evaluator
from coresponse.optimize.problem import Problem
from coresponse.optimize.pulp_solvers import Master, make_master
from coresponse.optimize.search import Room, improve, several_starts
from coresponse.optimize.solution import Step, Stop, Watch

ROUNDS = 400
"""Most rounds of the relaxed master."""


@dataclass
class Search:
    """One run: the incumbent, the bound, and the clock."""

    problem: Problem
    evaluator: Evaluator
    stop: Stop
    watch: Watch
    solver: str
    seed: int
    starts: int
    started: float = field(default_factory=time.monotonic)
    counts: NDArray[np.float64] | None = None
    value: float = np.inf
    bound: float = -np.inf
    infeasible: bool = False
    steps: list[Step] = field(default_factory=list)
    cuts: list[Cut] = field(default_factory=list)

    def seconds(self) -> float:
        """Return the time taken so far."""
        return time.monotonic() - self.started

    def left(self) -> float:
        """Return the time left."""
        return self.stop.time_limit_s - self.seconds()

    def out_of_time(self) -> bool:
        """Whether the time is up."""
        return self.left() <= 0

    def closed(self) -> bool:
        """Whether bound and incumbent meet within the gap asked for."""
        return np.isfinite(self.value) and self.value - self.bound <= self.stop.gap * abs(self.value) + 1e-12

    def offer(self, counts: NDArray[np.float64], value: float, stage: str) -> None:
        """Take a deployment as incumbent if it is better."""
        if value < self.value:
            self.value, self.counts = value, counts.copy()
            self.say(stage)

    def raise_bound(self, bound: float, stage: str) -> None:
        """Take a bound if it is higher; it is never above the incumbent by more than rounding."""
        if bound > self.bound:
            if bound > self.value + 1e-6 * max(1.0, abs(self.value)):
                self.verify_cuts()
            self.bound = min(bound, self.value)
            self.say(stage)

    def say(self, stage: str) -> None:
        """Report a step."""
        step = Step(self.seconds(), self.value, self.bound, stage)
        self.steps.append(step)
        self.watch(step)

    def verify_cuts(self) -> None:
        """Check that no cut lies above the incumbent's own cost: a bound above the incumbent is only then a proof.

        Raises
        ------
        SolverError
            If one does: the answer would be a false proof.
        """
        if self.counts is None:
            return
        _, at = self.evaluator.cuts(self.counts)
        cost = np.array([cut.constant - cut.coefficients @ self.counts for cut in at])
        for cut in self.cuts:
            claimed = cut.constant - cut.coefficients @ self.counts
            if claimed > cost[cut.cluster] + 1e-6 * max(1.0, abs(cost[cut.cluster])):
                raise SolverError("a cut lies above the cost that it bounds: please report this study as a fault")


def run(search: Search) -> None:
    """Search until bound and incumbent meet, the time is up, or Ctrl-C; the state is in `search`."""
    master = make_master(search.problem, search.evaluator.n_clusters, search.solver)
    room = Room.of(search.problem)
    start = _feasible(search, master, room)
    if start is None:
        return
    search.offer(start, search.evaluator.value(start), "first deployment")
    share = 0.3 * max(search.left(), 0.0)
    value, counts = several_starts(
        search.evaluator, room, start, seed=search.seed, starts=search.starts, seconds=share, stop=search.out_of_time
    )
    search.offer(counts, value, "local search")
    reduced = _relaxation(search, master, room, start)
    if not search.closed() and not search.out_of_time():
        free = _fix(search, master, reduced)
        _branch(search, master, room, free)


def _feasible(search: Search, master: Master, room: Room) -> NDArray[np.float64] | None:
    """Find any deployment that keeps the limits; the empty one if it does."""
    nobody = np.zeros(search.problem.n_options)
    if room.holds(nobody):
        return nobody
    answer = master.solve(search.left(), 0.0)
    if answer.status == "infeasible":
        search.infeasible = True
    return answer.counts if len(answer.counts) else None


def _relaxation(search: Search, master: Master, room: Room, start: NDArray[np.float64]) -> NDArray[np.float64]:
    """Raise the bound by cuts at fractional deployments; return the reduced costs behind the bound."""
    points = [start] if search.counts is None else [start, search.counts]
    for point in points:
        _cut_at(search, master, point)
    inner = search.counts if search.counts is not None else start
    reduced = np.zeros(search.problem.n_options)
    stalled = 0
    for round_number in range(ROUNDS):
        answer = master.relax(search.left())
        if answer.status != "optimal":
            search.infeasible = answer.status == "infeasible"
            break
        before = search.bound
        if answer.bound >= search.bound:
            reduced = answer.reduced_costs
        search.raise_bound(answer.bound, "cuts")
        if search.closed() or search.out_of_time():
            break
        mix = 0.5 if stalled < 2 else 1.0
        point = mix * answer.counts + (1 - mix) * inner
        value = _cut_at(search, master, point)
        inner = 0.5 * inner + 0.5 * point
        gained = (search.bound - before) / max(abs(search.value), 1e-12)
        stalled = stalled + 1 if gained < search.stop.gap / 20 else 0
        if mix >= 1.0 and (value - answer.bound <= 1e-7 * max(1.0, abs(value)) or stalled > 8):
            break
        if round_number % 5 == 4:
            _round(search, room, answer.counts)
    return reduced


def _cut_at(search: Search, master: Master, point: NDArray[np.float64]) -> float:
    value, cuts = search.evaluator.cuts(point)
    master.add(cuts)
    search.cuts += cuts
    return value


def _round(search: Search, room: Room, fractional: NDArray[np.float64]) -> None:
    """Try the largest parts of a fractional deployment as a whole one."""
    counts = np.floor(fractional + 1e-6)
    rest = fractional - counts
    for o in np.argsort(-rest, kind="stable"):
        if rest[o] <= 1e-6:
            break
        if room.may_add(counts)[o]:
            counts[o] += 1
    if room.holds(counts):
        value = search.evaluator.value(counts)
        if value < search.value:
            value, counts = improve(search.evaluator, room, counts, stop=search.out_of_time)
            search.offer(counts, value, "rounding")


def _fix(search: Search, master: Master, reduced: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Fix counts that no better deployment can have; return which options stay free.

    An option at 0 in the relaxation with reduced cost r: any deployment with one of it costs at least bound + r.
    """
    most = search.problem.most.copy()
    least = np.zeros_like(most)
    room = search.value * (1 - search.stop.gap * 0.1) - search.bound
    with np.errstate(divide="ignore", invalid="ignore"):
        steps = np.floor(np.where(reduced > 1e-9, room / reduced, np.inf) + 1e-6)
        back = np.floor(np.where(reduced < -1e-9, room / -reduced, np.inf) + 1e-6)
    # only if the relaxation rests on it: a positive reduced cost belongs to a count at its lower bound 0, a negative to its upper
    most = np.minimum(most, np.where(np.isfinite(steps), np.maximum(steps, 0), most)).astype(np.int64)
    least = np.where(np.isfinite(back), np.maximum(search.problem.most - back, 0), 0).astype(np.int64)
    if search.counts is not None:
        # the incumbent stays possible, so that fixing can never make the master claim infeasibility
        most = np.maximum(most, search.counts.astype(np.int64))
        least = np.minimum(least, search.counts.astype(np.int64))
    master.bound_options(most, least)
    return np.asarray(most > least)


def _branch(search: Search, master: Master, room: Room, free: NDArray[np.bool_]) -> None:
    """Solve the whole-number master, cut off its solution at its true cost, and again."""
    search.say(f"branch and bound, {int(free.sum())} of {len(free)} options free")
    while not search.closed() and not search.out_of_time():
        # a rough proof is enough while the estimates are far from the true costs
        own = search.stop.gap * 0.2
        answer = master.solve(search.left(), own)
        if answer.status == "infeasible":
            # every deployment but those no better than the incumbent was excluded
            search.raise_bound(search.value, "branch and bound")
            return
        search.raise_bound(answer.bound, "branch and bound")
        if not len(answer.counts):
            return
        value = _cut_at(search, master, answer.counts)
        if room.holds(answer.counts):
            search.offer(answer.counts, value, "branch and bound")
        if value < search.value * 1.02 and not search.closed():
            better, counts = improve(search.evaluator, room, answer.counts, stop=search.out_of_time)
            if (counts != answer.counts).any():
                _cut_at(search, master, counts)
                search.offer(counts, better, "local search")
        if answer.objective >= value - 1e-9 * max(1.0, abs(value)) and answer.status == "optimal":
            # the master's estimate is exact at its own optimum: nothing is left to cut
            search.raise_bound(answer.bound, "branch and bound")
            return
