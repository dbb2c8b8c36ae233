"""The exact method.

Local search from above, closed-form cuts from below, branch and bound on what is left.

The master holds the counts and one cost estimate a cluster of columns. At a trial deployment, whole
or fractional, each cluster's cost has a tangent plane in closed form (:meth:`Evaluator.cuts`),
which bounds it from below everywhere. Rounds:

1. local search gives an incumbent;
2. the relaxed master and cuts at points between its solution and the incumbent (in-out
   stabilization, Ben-Ameur and Neto 2007)
   raise the bound;
3. an option whose reduced cost would lift the bound over the incumbent cannot be in a better
   deployment: its count is fixed;
4. branch and bound on the relaxed master, with cuts and fixing at every box
   (:mod:`coresponse.optimize.tree`).
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from coresponse.data.errors import SolverError
from coresponse.optimize.cuts import Cut
from coresponse.optimize.deployment_pool import POOLED, DeploymentPool
from coresponse.optimize.evaluate import Evaluator
from coresponse.optimize.masters import Master, MasterAnswer, WarmMaster
from coresponse.optimize.problem import Problem
from coresponse.optimize.pulp_solvers import make_master
from coresponse.optimize.search import (
    Room,
    improve,
    improve_fast,
    least_of,
    look_around,
    several_starts,
)
from coresponse.optimize.solution import Step, Stop, Watch
from coresponse.optimize.tree import Tree, broken
from coresponse.optimize.whole_amounts import alike_in_money
from coresponse.optimize.work_limit import WorkLimit
from coresponse.optimize.written import is_small, written_out

# Most rounds of the relaxed master.
ROUNDS = 400

# Rounds without progress after which the relaxation is left as it is.
STALLED = 8

# Roundings after which better deployments are looked for near the best.
AROUND_EVERY = 4

# Entries of costs that local search goes through before the relaxation and, each time, near the
# best.
STARTING, AROUND = 5e9, 4e9


# Boxes after which a small model is written out for the solver.
#
# Measured on covering 100,000 x 100: where boxes close the gap at all, they mostly do so in fewer,
# and in a quarter of the solver's time.
WRITTEN_AFTER = 100

# Costs below this are searched in a unit of their own.
#
# Solvers keep rows to an absolute tolerance of 1e-7: where all but one call in a million is reached
# in time, that is a tenth of what is to be minimized, and bounds would end short of the answer.
TINY = 1e-2


@dataclass
class Search:
    """One run: the incumbent, the bound, and the clock.

    Costs are in multiples of `unit`, which is 1 but for tiny ones; those of steps are true ones.
    """

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
    unit: float = 1.0
    ended: str = ""
    """Why the search ended before it was closed, if not for its time."""
    steps: list[Step] = field(default_factory=list)
    pool: DeploymentPool = field(default_factory=DeploymentPool)
    cuts: list[tuple[int, float, NDArray[np.int64], NDArray[np.float64]]] = field(
        default_factory=list
    )

    def seconds(self) -> float:
        """Return the time taken so far."""
        return time.monotonic() - self.started

    def left(self) -> float:
        """Return the time left."""
        return self.stop.seconds - self.seconds()

    def out_of_time(self) -> bool:
        """Whether the time is up."""
        return self.left() <= 0

    def work_limit(self, work: float) -> WorkLimit:
        """Allow so much work."""
        return WorkLimit(work, self.out_of_time)

    def closed(self) -> bool:
        """Whether bound and incumbent meet within the gap asked for."""
        return (
            np.isfinite(self.value)
            and self.value - self.bound <= self.stop.gap * abs(self.value) + 1e-12
        )

    def cutoff(self) -> float:
        """Return the cost below which a deployment would be worth having.

        The incumbent's, less the gap asked for.
        """
        return self.value - max(self.stop.gap * abs(self.value) * 0.99, 1e-12)

    def offer(self, counts: NDArray[np.float64], value: float, stage: str) -> None:
        """Take a deployment as incumbent if it is better."""
        self.note(counts, value)
        if value < self.value:
            self.value, self.counts = value, counts.copy()
            self.say(stage)

    def note(self, counts: NDArray[np.float64], value: float) -> None:
        """Take a deployment that keeps the limits into the pool."""
        self.pool.offer(counts, value * self.unit)

    def note_exchanges(self, room: Room) -> None:
        """Take the best exchanges of one responder of the incumbent into the pool."""
        if self.counts is None or not self.counts.any():
            return
        support, change = self.evaluator.exchanges(self.counts)
        for flat in least_of(change, 4 * POOLED):
            r, o = np.unravel_index(flat, change.shape)
            trial = self.counts.copy()
            trial[support[r]] -= 1
            trial[o] += 1
            if room.holds(trial):
                self.note(trial, self.value + float(change[r, o]))

    def raise_bound(self, bound: float, stage: str) -> None:
        """Take a bound if it is higher; it is never above the incumbent by more than rounding."""
        if bound > self.bound:
            if bound > self.value + 1e-6 * max(1.0, abs(self.value)):
                self.verify_cuts()
            self.bound = min(bound, self.value)
            self.say(stage)

    def say(self, stage: str) -> None:
        """Report a step."""
        step = Step(self.seconds(), self.value * self.unit, self.bound * self.unit, stage)
        self.steps.append(step)
        self.watch(step)

    def take_unit(self) -> None:
        """Measure costs by the incumbent's if that is tiny; there must be no cuts yet."""
        if 0 < self.value < TINY:
            self.unit, self.value = self.value, 1.0
            self.bound /= self.unit
            self.evaluator = self.evaluator.scaled(1 / self.unit)

    def keep(self, cuts: list[Cut]) -> None:
        """Remember cuts, for :meth:`verify_cuts`: what is not 0 of them, which is a small part."""
        for cut in cuts:
            there = np.flatnonzero(cut.coefficients)
            self.cuts.append((cut.cluster, cut.constant, there, cut.coefficients[there]))

    def verify_cuts(self) -> None:
        """Check that no cut lies above the incumbent's own cost.

        A bound above the incumbent is only then a proof.

        Raises
        ------
        SolverError
            If one does: the answer would be a false proof.
        """
        if self.counts is None:
            return
        _, at = self.evaluator.cuts(self.counts)
        cost = np.array([cut.constant - cut.coefficients @ self.counts for cut in at])
        for cluster, constant, there, coefficients in self.cuts:
            claimed = constant - coefficients @ self.counts[there]
            if claimed > cost[cluster] + 1e-6 * max(1.0, abs(cost[cluster])):
                raise SolverError(
                    "a cut lies above the cost that it bounds: please report this study as a fault"
                )


def run(search: Search) -> None:
    """Search until bound and incumbent meet, the time is up, or Ctrl-C.

    The state is in `search`.
    """
    master = make_master(search.problem, search.evaluator.n_clusters, search.solver)
    room = Room.of(search.problem)
    start = _feasible(search, master, room)
    if start is None:
        return
    search.offer(start, search.evaluator.value(start), "first deployment")
    value, counts = several_starts(
        search.evaluator,
        room,
        start,
        seed=search.seed,
        starts=search.starts,
        work_limit=search.work_limit(STARTING),
        note=search.note,
    )
    search.offer(counts, value, "local search")
    search.take_unit()
    answer = _relaxation(search, master, room)
    if answer is None or search.closed() or search.out_of_time():
        return
    if isinstance(master, WarmMaster):
        _search_boxes(search, master, room)
    else:
        _resolve(search, master, room)


def _search_written(search: Search, room: Room) -> None:
    """Let the solver branch on the model written out."""
    master = written_out(search.problem, search.evaluator, search.solver)
    answer = master.solve(search.left(), search.stop.gap * 0.9, search.counts)
    if len(answer.counts) and room.holds(answer.counts):
        search.offer(answer.counts, search.evaluator.value(answer.counts), "branch and bound")
    search.raise_bound(min(answer.bound, search.value), "branch and bound")


def _search_boxes(search: Search, master: WarmMaster, room: Room) -> None:
    """Branch and bound with cuts at every box."""
    master.purge()
    groups = alike_in_money(search.problem)
    master.add_totals(groups)
    heeded = 0

    def heed(counts: NDArray[np.float64]) -> None:
        nonlocal heeded
        heeded += 1
        _round(search, room, counts)
        if heeded % AROUND_EVERY == 0:
            _look_around(search, room, counts)

    most = np.inf if search.stop.boxes is None else search.stop.boxes
    small = most > WRITTEN_AFTER and is_small(search.evaluator)
    tree = Tree(
        master,
        search.evaluator,
        cutoff=search.cutoff,
        offer=lambda counts, value: _polish(search, room, counts, value),
        heed=heed,
        report=lambda bound, nodes: search.raise_bound(bound, f"branch and bound, {nodes} boxes"),
        out_of_time=search.out_of_time,
        note=search.keep,
        most_nodes=WRITTEN_AFTER if small else most,
        totals=len(groups),
    )
    highest = np.append(search.problem.most, [search.problem.most[one].sum() for one in groups])
    left = tree.search(np.zeros_like(highest), highest, search.bound)
    # counts and boxes were dropped at the cutoff, and no lower bound was kept of them
    search.raise_bound(min(left, search.cutoff()), f"branch and bound, {tree.nodes} boxes")
    if search.closed() or search.out_of_time():
        return
    if small:
        _search_written(search, room)
    else:
        search.ended = f"{tree.nodes} boxes were all it was to look at"


def _feasible(search: Search, master: Master, room: Room) -> NDArray[np.float64] | None:
    """Find any deployment that keeps the limits; the empty one if it does."""
    nobody = np.zeros(search.problem.n_options)
    if room.holds(nobody):
        return nobody
    answer = master.solve(search.left(), 0.0)
    if answer.status == "infeasible":
        search.infeasible = True
    return answer.counts if len(answer.counts) else None


def _relaxation(search: Search, master: Master, room: Room) -> MasterAnswer | None:
    """Raise the bound by cuts between the relaxed master's solution and a point inside, until both agree."""
    inner = search.counts if search.counts is not None else np.zeros(search.problem.n_options)
    _cut_at(search, master, inner, None)
    answer: MasterAnswer | None = None
    stalled = 0
    for number in range(ROUNDS):
        answer = master.relax(max(search.left(), 0.1))
        if answer.status != "optimal":
            search.infeasible = answer.status == "infeasible" and search.counts is None
            return None
        before = search.bound
        search.raise_bound(answer.bound, "cuts")
        if search.closed() or search.out_of_time():
            break
        outside = stalled >= 2
        point = answer.counts if outside else 0.5 * (answer.counts + inner)
        value = _cut_at(search, master, point, answer)
        inner = 0.5 * (inner + point)
        close = 0.02 * (search.cutoff() - answer.bound)
        if outside and value - answer.bound <= max(close, 1e-9 * abs(value)):
            break
        stalled = (
            stalled + 1 if search.bound - before < 0.005 * (search.value - search.bound) else 0
        )
        if stalled > STALLED:
            break
        if number % 8 == 7:
            _round(search, room, answer.counts)
    if answer is not None:
        _round(search, room, answer.counts)
        _look_around(search, room, answer.counts)
    return answer


def _cut_at(
    search: Search, master: Master, point: NDArray[np.float64], answer: MasterAnswer | None
) -> float:
    value, cuts = search.evaluator.cuts(point)
    useful = cuts if answer is None else broken(cuts, answer)
    master.add(useful)
    search.keep(useful)
    return value


def _polish(search: Search, room: Room, counts: NDArray[np.float64], value: float) -> None:
    """Take a whole deployment that the tree found, and improve it."""
    if not room.holds(counts):
        return
    search.offer(counts, value, "branch and bound")
    if value < search.value * 1.01:
        value, counts = improve(search.evaluator, room, counts, stop=search.out_of_time)
        search.offer(counts, value, "local search")


def _round(search: Search, room: Room, fractional: NDArray[np.float64]) -> None:
    """Round a fractional deployment, once by size and once by lot, and improve what comes out."""
    rng = np.random.default_rng(len(search.steps))
    base = np.floor(fractional + 1e-6)
    rest = fractional - base
    for keys in (-rest, -rest * rng.random(len(rest))):
        counts = base.copy()
        for o in np.argsort(keys, kind="stable"):
            if rest[o] <= 1e-6:
                break
            counts[o] += 1
            if not room.fits(counts):
                counts[o] -= 1
        if room.holds(counts):
            value, counts = improve_fast(
                search.evaluator,
                room,
                counts,
                fractional,
                seed=len(search.steps),
                stop=search.out_of_time,
            )
            search.offer(counts, value, "rounding")


def _look_around(search: Search, room: Room, fractional: NDArray[np.float64]) -> None:
    """Look for a better deployment near the best and a relaxed one, where an exchange is cheap to price.

    Not where little is to be looked for: what a part of a larger search needs is its bound.
    """
    if search.counts is None or search.closed() or search.evaluator.near is None:
        return
    if search.starts <= 1:
        return
    value, counts = look_around(
        search.evaluator,
        room,
        search.counts,
        fractional,
        seed=len(search.steps),
        work_limit=search.work_limit(AROUND),
    )
    search.offer(counts, value, "local search")


def _resolve(search: Search, master: Master, room: Room) -> None:
    """Let the solver branch.

    Solve the whole-number master, cut off its solution at its true cost, and again.

    For solvers that start anew each time.
    """
    # a rough proof is enough while the estimates are far from the true costs
    own = search.stop.gap * 0.2
    while not search.closed() and not search.out_of_time():
        stood = (len(search.cuts), search.bound, search.value)
        answer = master.solve(search.left(), own)
        if answer.status == "infeasible":
            # every deployment but those no better than the incumbent was excluded
            search.raise_bound(search.value, "branch and bound")
            return
        search.raise_bound(answer.bound, "branch and bound")
        if not len(answer.counts):
            return
        value = _cut_at(search, master, answer.counts, answer)
        if room.holds(answer.counts):
            search.offer(answer.counts, value, "branch and bound")
        if value < search.value * 1.02 and not search.closed():
            better, counts = improve(search.evaluator, room, answer.counts, stop=search.out_of_time)
            search.offer(counts, better, "local search")
        if answer.objective >= value - 1e-9 * max(1.0, abs(value)) and answer.status == "optimal":
            # the master's estimate is exact at its own optimum: nothing is left to cut
            search.raise_bound(answer.bound, "branch and bound")
            return
        if (len(search.cuts), search.bound, search.value) == stood:
            if own <= 0.0:
                search.ended = f"{search.solver} came back to a deployment that no cut changes"
                return
            own = 0.0  # as sharp as the solver can
