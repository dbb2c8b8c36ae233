"""Solve a goal's program.

A good deployment from above, cuts and branch and bound from below, a proof or an honest gap.

1. A greedy start, improved by exchanges, gives an incumbent.
2. Averages that are too large to write out are approached by cuts at points between the relaxed
   program's solution and the incumbent (in-out stabilization; Ben-Ameur and Neto 2007).
3. Where averages are few, or the worst of many is all that counts, branch and bound with cuts at
   every box; in the second case how many units each group's area gets is settled first. Else, where
   averages are many (districts, floors), the program with whole counts is solved, cuts are added at
   its solution where estimates are below the true averages, and it is solved again (Benders 1962;
   cuts in closed form as in the core). Its bound holds at any time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import cast

import numpy as np
from numpy.typing import NDArray

from coresponse.optimize.cuts import Cut
from coresponse.optimize.evaluate import Evaluator
from coresponse.optimize.goals import branching
from coresponse.optimize.goals.averages import prepare
from coresponse.optimize.goals.convex_program import ConvexProgram
from coresponse.optimize.goals.covers import broken_covers, ceilings
from coresponse.optimize.goals.differences import DifferenceSearch
from coresponse.optimize.goals.excess import KICKS, ExcessSearch
from coresponse.optimize.goals.local import Local
from coresponse.optimize.goals.master import program
from coresponse.optimize.goals.outcome import Outcome, SolveSettings
from coresponse.optimize.goals.ready import Ready
from coresponse.optimize.masters import MasterAnswer, WarmMaster
from coresponse.optimize.problem import Problem
from coresponse.optimize.pulp_solvers import master_of
from coresponse.optimize.tree import Tree
from coresponse.optimize.whole_amounts import WholeCosts, alike_in_money
from coresponse.optimize.work_limit import WorkLimit

# Most rounds of the relaxed program.
ROUNDS = 300

# Rounds without progress after which the relaxation is left as it is.
STALLED = 6

# Nodes that HiGHS may go through in one solve of a program with estimates, at first.
RESOLVE_NODES = 500

# Share of the time left that such a solve gets of a solver whose nodes cannot be counted.
RESOLVE_SHARE = 0.4

# Random changes of the first deployment that local search begins from.
RANDOM_CHANGES = 16

# Entries that local search goes through at first and after a rounding, and covers: seconds.
BEGINNING, ROUNDING, COVERING = 1e9, 2e8, 1e9

# Least number of passes over all entries in them.
FEWEST = 20

# Passes over an average's entries for one cover: a bisection that grows a set of options three times.
COVER_PASSES = 30

# Deployments in a row that exchanges made no better, after which only one of so many is tried.
IN_VAIN = 8

# A cut that lies above an estimate by more than this is new: averages are between 0 and 1.
NEW = 1e-9


def minimize(
    problem: Problem,
    statement: ConvexProgram,
    settings: SolveSettings,
    *,
    starts: Sequence[NDArray[np.integer]] = (),
    cutoff: float = np.inf,
    ready: tuple[Ready, ...] | None = None,
    bound: float = -np.inf,
) -> Outcome:
    """Minimize a statement's objective within its rows and the problem's limits.

    Parameters
    ----------
    starts
        Deployments to begin with; those that break a limit or a row are repaired or passed over.
    cutoff
        A bound of this or more ends the search: nothing worth having is there.
    ready
        The statement's averages, if they are prepared already.
    bound
        No deployment has a lower objective, as another search knows.
    """
    if ready is None:
        ready = prepare(problem, statement.averages, few=branching.many_averages(statement))
    run = _CutSearch(problem, statement, settings, cutoff, ready)
    run.out.bound = bound
    try:
        run.begin(starts)
        run.search()
    except KeyboardInterrupt:
        run.out.interrupted = True
    return run.out


@dataclass
class _CutSearch:
    problem: Problem
    statement: ConvexProgram
    settings: SolveSettings
    cutoff: float
    ready: tuple[Ready, ...]
    out: Outcome = field(default_factory=Outcome)
    in_vain: int = 0

    def begin(self, starts: Sequence[NDArray[np.integer]]) -> None:
        self.local = Local(self.problem, self.statement, self.ready)
        if not self.statement.objective:
            # any deployment will do
            self.out.bound = max(self.out.bound, 0.0)
        used = self.statement.used()
        self.entries = sum(ready.size for j, ready in enumerate(self.ready) if j in used)
        for start in [*starts, np.zeros(self.problem.n_options)]:
            counts = self.local.repaired(start.astype(np.float64))
            if counts is not None:
                self.offer(counts, "first deployment")
        self.beginning = self.work_limit(BEGINNING)
        self.excess = ExcessSearch.of(self.problem, self.statement, self.ready)
        if self.excess is not None:
            self.exchange(self.excess, 0)
        elif self.out.counts is not None:
            self.improve(self.out.counts.astype(np.float64), self.beginning)

    def search(self) -> None:
        if self.closed():
            return
        if not self.statement.convex:
            self.kick(self.beginning)
            DifferenceSearch(self).search()
            return
        stated = program(self.problem, self.statement, self.ready, self.settings.explicit_most)
        self.lazy = stated.lazy
        self.master = master_of(stated.model, self.settings.solver, tight=True)
        # a bound first: random changes are worth little while nobody knows how far off they are
        if self.lazy and not self.relaxations():
            return
        self.kick(self.beginning)
        if self.closed():
            return
        # of the worst of many halving at areas passes covers sooner than they are found
        if self.lazy and not branching.worst_of_many(self.statement) and not self.covers():
            return
        self.branch()

    # ---- state ----

    def closed(self) -> bool:
        out = self.out
        near = self.settings.gap * abs(out.value) + 1e-9
        met = np.isfinite(out.value) and out.value - out.bound <= near
        return bool(met or out.bound >= self.cutoff)

    def done(self) -> bool:
        return self.closed() or self.settings.left() <= 0

    def work_limit(self, work: float) -> WorkLimit:
        """Allow so much work, or a few passes if these are more."""
        settings = self.settings  # of self, which holds a limit, it would make a ring
        return WorkLimit(max(work, FEWEST * self.entries), lambda: settings.left() <= 0)

    def offer(self, counts: NDArray[np.float64], stage: str) -> None:
        over, value = self.local.merit(counts)
        whole = np.round(counts).astype(np.int64)
        if over > 0 or self.problem.broken_limits(whole):
            return
        self.out.offer(whole, value, stage, self.settings)

    def raise_bound(self, bound: float, stage: str) -> None:
        if self.statement.whole and np.isfinite(bound):
            bound = float(np.ceil(bound - 1e-6))
        self.out.raise_bound(bound, stage, self.settings)

    def improve(self, counts: NDArray[np.float64], work_limit: WorkLimit) -> None:
        self.offer(
            self.local.improved(counts, stop=lambda: not work_limit.take(self.entries)),
            "local search",
        )

    def exchange(self, search: ExcessSearch, kicks: int) -> None:
        for found in search.better(self.out.counts, self.settings, kicks=kicks):
            self.offer(found, "local search")
            if self.closed():
                return

    def kick(self, work_limit: WorkLimit) -> None:
        """Improve random changes of the best so far."""
        if self.excess is not None:
            # to do with fewer is mostly impossible, and the bound says it sooner
            self.exchange(self.excess, 1 if self.excess.worst is None else KICKS)
            return
        rng = np.random.default_rng(self.settings.seed)
        for _ in range(RANDOM_CHANGES if self.statement.used() else 0):
            if self.out.counts is None or work_limit.spent:
                return
            trial = self.local.kicked(self.out.counts.astype(np.float64), rng)
            if trial is not None:
                self.improve(trial, work_limit)

    # ---- bounds ----

    def relaxations(self) -> bool:
        """Raise the bound by cuts; False if that settled it."""
        inner = self.out.counts.astype(np.float64) if self.out.counts is not None else None
        if inner is not None:
            self.cut_at(inner, None)
        stalled = 0
        for _ in range(ROUNDS):
            answer = self.master.relax(max(self.settings.left(), 0.1))
            if answer.status == "infeasible":
                self.nothing_left()
                return False
            if answer.status != "optimal":
                return True
            before = self.out.bound
            self.raise_bound(answer.bound, "cuts")
            if self.done():
                return False
            new = 0
            if inner is not None and stalled < 3:
                inner = 0.5 * (inner + answer.counts)
                new = self.cut_at(inner, answer)
            if not new and not self.cut_at(answer.counts, answer):
                break
            gained = self.out.bound - before
            room = self.out.value - self.out.bound
            room = room if np.isfinite(room) else abs(self.out.bound)
            stalled = stalled + 1 if gained < 0.005 * room else 0
            if stalled > STALLED:
                break
        return True

    def covers(self) -> bool:
        """Raise the bound by covers; False if that settled it."""
        work_limit = self.work_limit(COVERING)
        for _ in range(ROUNDS):
            answer = self.master.relax(max(self.settings.left(), 0.1))
            if answer.status == "infeasible":
                self.nothing_left()
                return False
            if answer.status != "optimal":
                return True
            self.raise_bound(answer.bound, "covers")
            if self.done():
                return False
            spent = work_limit.spent
            found = [] if spent else self.broken(answer.counts, work_limit)
            for cover in found:
                self.master.add_cover(cover)
            if not found and (spent or not self.cut_at(answer.counts, answer)):
                break
        if isinstance(self.master, WarmMaster):
            self.master.purge()
        return True

    def broken(self, counts: NDArray[np.float64], work_limit: WorkLimit) -> list[NDArray[np.int64]]:
        """Return covers that a fractional deployment breaks."""
        return [
            cover
            for ceiling in ceilings(self.statement, self.ready, self.out.value)
            for cover in broken_covers(
                ceiling,
                self.problem.most,
                counts,
                lambda size=ceiling.ready.size: not work_limit.take(COVER_PASSES * size),  # type: ignore[misc]
            )
        ]

    def cuts(self, counts: NDArray[np.float64]) -> list[Cut]:
        """Return the cuts of all estimates; a cut's cluster is the position of its estimate."""
        return [
            Cut(first + cut.cluster, cut.constant, cut.coefficients)
            for j, first in self.lazy.items()
            for cut in self.ready[j].cuts(counts)[1]
        ]

    def cut_at(self, counts: NDArray[np.float64], answer: MasterAnswer | None) -> int:
        """Add cuts of all estimates that are below the averages at a deployment.

        Return how many.
        """
        new = self.cuts(counts)
        if answer is not None:
            x, z = answer.counts, answer.estimates
            new = [cut for cut in new if cut.constant - cut.coefficients @ x > z[cut.cluster] + NEW]
        self.master.add(new)
        return len(new)

    def branch(self) -> None:
        """Branch and bound.

        By the solver where all is written out or many averages count, else with cuts at every box.
        """
        if (
            isinstance(self.master, WarmMaster)
            and self.lazy
            and not branching.solver_branches(self.problem, self.statement)
        ):
            self.resolve(until_found=True)
            if not self.done() and self.out.counts is not None:
                self.boxes(self.master)
            return
        self.resolve(until_found=False)

    def boxes(self, master: WarmMaster) -> None:
        """Search boxes of counts, the one with the lowest bound first, with cuts at every box."""
        cost = self.statement.linear_cost(self.problem.n_options)
        whole = WholeCosts(*(cost or (0.0, np.empty(0))), self.problem.most)
        groups = [
            *alike_in_money(self.problem, None if cost is None else cost[1]),
            *branching.areas(self.statement, self.ready, self.problem.most),
        ]
        master.add_totals(groups)
        tree = Tree(
            master,
            cast("Evaluator", _Judge(self)),
            cutoff=lambda: whole.cutoff(self.worth_having()),
            offer=lambda counts, value: self.offer(counts, "branch and bound"),  # noqa: ARG005 - judged by its merit
            heed=self.heed,
            report=lambda bound, nodes: self.raise_bound(bound, f"branch and bound, {nodes} boxes"),
            out_of_time=self.done,
            note=lambda cuts: None,  # noqa: ARG005 - they are in the master
            totals=len(groups),
        )
        highest = np.append(self.problem.most, [self.problem.most[one].sum() for one in groups])
        master.purge()
        left = tree.search(np.zeros_like(highest), highest, self.out.bound)
        # counts and boxes were dropped at the cutoff, and no lower bound was kept of them: beyond
        # it nothing costs less than what is worth having
        worth = self.worth_having()
        left = worth if left >= whole.cutoff(worth) else min(left, worth)
        self.raise_bound(left, f"branch and bound, {tree.nodes} boxes")

    def worth_having(self) -> float:
        """Return the value below which a deployment would be worth having.

        The best known, less the gap asked for.
        """
        value = self.out.value
        step = (
            1 - 1e-4 if self.statement.whole else max(self.settings.gap * abs(value) * 0.99, 1e-10)
        )
        return min(value - step, self.cutoff)

    def heed(self, fractional: NDArray[np.float64]) -> None:
        """Round a fractional deployment by size, repair it, and take it if it is better."""
        counts = np.floor(fractional + 1e-6)
        rest = fractional - counts
        for o in np.argsort(-rest, kind="stable"):
            if rest[o] <= 1e-6:
                break
            counts[o] += 1
            if not self.local.fits(counts):
                counts[o] -= 1
        repaired = self.local.repaired(counts)
        if repaired is None:
            return
        self.offer(repaired, "rounding")
        self.polish(repaired, 1.05)

    def polish(self, counts: NDArray[np.float64], near: float) -> None:
        """Improve a deployment, if it is near the best or wherever excesses say how."""
        if self.excess is not None:
            self.in_vain += 1
            if self.in_vain > IN_VAIN and self.in_vain % IN_VAIN:
                return
            better = self.excess.towards(counts, self.out.value, self.settings)
            if better is not None:
                self.in_vain = 0
                self.offer(better, "local search")
        elif self.local.merit(counts)[1] < near * self.out.value:
            self.improve(counts, self.work_limit(ROUNDING))

    def resolve(self, *, until_found: bool) -> None:
        """Solve with whole counts, cut off what is underestimated, and again."""
        nodes = RESOLVE_NODES
        while not (self.done() or (until_found and self.out.counts is not None)):
            rough = 0.2 * self.relative_gap() if self.lazy else 0.0
            gap = max(self.settings.gap * 0.2, min(rough, 0.01))
            start = self.out.counts.astype(np.float64) if self.out.counts is not None else None
            # where estimates are still rough, to cut at what the solver found is worth more than to
            # prove it
            rough_is_enough = bool(self.lazy) and start is not None
            share = (
                RESOLVE_SHARE
                if rough_is_enough and not isinstance(self.master, WarmMaster)
                else 1.0
            )
            answer = self.master.solve(
                share * self.settings.left(), gap, start, nodes=nodes if rough_is_enough else None
            )
            if answer.status == "infeasible":
                self.nothing_left()
                return
            self.raise_bound(answer.bound, "branch and bound")
            if not len(answer.counts):
                return
            self.offer(answer.counts, "branch and bound")
            new = self.cut_at(answer.counts, answer)
            if self.lazy and self.out.counts is not None:
                self.polish(answer.counts, 1.1)
            if not new and answer.status == "optimal" and gap <= self.settings.gap * 0.21:
                # the program is exact at its own solution; what is left is the solver's tolerance
                return
            if not new:
                nodes *= 4

    def relative_gap(self) -> float:
        if not np.isfinite(self.out.value):
            return 0.01
        return (self.out.value - self.out.bound) / max(abs(self.out.value), 1e-12)

    def nothing_left(self) -> None:
        """No deployment keeps all rows, or none but those found."""
        self.raise_bound(np.inf, "branch and bound")


@dataclass
class _Judge:
    """What the tree asks of an evaluator."""

    run: _CutSearch

    def value(self, counts: NDArray[np.float64]) -> float:
        """Return the objective of a deployment."""
        return self.run.local.merit(counts)[1]

    def cuts(self, counts: NDArray[np.float64]) -> tuple[float, list[Cut]]:
        """Return the objective of a (fractional) deployment, and a cut for each estimate."""
        over, value = self.run.local.merit(counts)
        # where bounds are exceeded, more cuts are worth it whatever the objective
        return (np.inf if over > 0 else value), self.run.cuts(counts)
