"""Goals that whole-number rows settle: the fewest units above floors, and the worst of many groups.

Fewest units or dollars: the linear objective is minimized over the rows of
:mod:`coresponse.optimize.goals.cover_rows`, once.

The worst group: for a value v, is there a deployment with which no group's average is above v? The
range between the bound and the best known is bisected by the relaxation. Then it is asked of whole
deployments, from above: what keeps a value just below the best known is the next best, and where
nothing does, the search is over. A second thread bisects from below, for whoever runs out of time
before that. Anything linear in counts and averages keeps the gap of the relaxed program, for it
holds for mixtures of deployments; rows that hold only for those with which no group is above v do
not.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from coresponse.optimize.goals.convex_program import TOLERANCE, ConvexProgram, Expression
from coresponse.optimize.goals.cover_rows import CoverRows, RowAnswer
from coresponse.optimize.goals.excess import KICKS, ExcessSearch
from coresponse.optimize.goals.local import Local
from coresponse.optimize.goals.outcome import Outcome, SolveSettings
from coresponse.optimize.goals.ready import Ready
from coresponse.optimize.problem import Problem
from coresponse.optimize.solution import Step

# Relative gap at which the solver stops where any deployment will do.
FIRST_FOUND = 0.99

# Entries of the rows (600 rows of 100 options are 60,000, 800 of 300 are 240,000) from which the
# solver's own search settles no value in a minute (measured): boxes with cuts then come further.
LARGE = 150_000

# Gaps asked for within which only the search from above still asks.
NEARLY = 10.0

# Seconds after which whoever watches is told again.
TELL_S = 1.0

# Share of the value to which the relaxation is bisected.
ROUGH = 0.002


def alone(expression: Expression) -> tuple[int, float] | None:
    """Return the average that an expression is a multiple of, and the multiple."""
    if (
        expression.linear is not None
        or expression.moved
        or expression.constant
        or len(expression.averages) != 1
    ):
        return None
    ((j, weight),) = expression.averages.items()
    return (j, weight) if weight > 0 else None


def worst_of(program: ConvexProgram) -> dict[int, float] | None:
    """Return averages, each with its weight, the largest of which is the objective; None if it is not."""
    if len(program.objective) != 1:
        return None
    (term,) = program.objective
    parts = [alone(expression) for expression in term.largest_of]
    if term.weight <= 0 or any(part is None for part in parts):
        return None
    return {part[0]: term.weight * part[1] for part in parts if part is not None}


def bounds_of(program: ConvexProgram) -> NDArray[np.float64] | None:
    """Return (averages,) bounds that a program's rows say; None if they say anything else."""
    at_most = np.full(len(program.averages), np.inf)
    for row in program.rows:
        single = alone(row.total[0].largest_of[0]) if len(row.total) == 1 else None
        if single is None or len(row.total[0].largest_of) != 1:
            return None
        j, weight = single
        # other methods and the recount keep rows to the tolerance; a part of it is the solver's
        bound = (row.at_most + 0.8 * TOLERANCE * row.scale) / (row.total[0].weight * weight)
        at_most[j] = min(at_most[j], bound)
    return at_most


@dataclass
class CoverSearch:
    """A search by rows.

    Attributes
    ----------
    program
        Whose rows bound averages, one each.
    ready
        Its averages.
    out
        The best so far.
    """

    problem: Problem
    program: ConvexProgram
    ready: tuple[Ready, ...]
    at_most: NDArray[np.float64]
    settings: SolveSettings
    out: Outcome = field(default_factory=Outcome)

    def begin(self, starts: Sequence[NDArray[np.integer]]) -> None:
        """Find a first deployment by local search."""
        self.local = Local(self.problem, self.program, self.ready)
        for start in [*starts, np.zeros(self.problem.n_options)]:
            counts = self.local.repaired(start.astype(np.float64))
            if counts is not None:
                self._offer(counts, "first deployment")
        self._search_locally(kicks=0)

    def _search_locally(self, kicks: int) -> None:
        search = ExcessSearch.of(self.problem, self.program, self.ready)
        if search is None:
            return
        for found in search.better(self.out.counts, self.settings, kicks=kicks):
            self._offer(found, "local search")
            if self.closed():
                return

    def fewest(self, linear: NDArray[np.float64], starts: Sequence[NDArray[np.integer]]) -> Outcome:
        """Minimize a linear objective above floors."""
        try:
            self.begin(starts)
            rows = CoverRows(self.problem, self.ready, linear, self.settings)
            gap = 0.9 * self.settings.gap
            self._raise_bound(rows.relax(self.at_most, self._enough()).bound)
            if not self.closed():
                self._search_locally(KICKS)
            if not self.closed():
                found = rows.least(self.at_most, gap, self._enough())
                if found.said == "yes":
                    self._offer(found.counts, "rows")
                self._raise_bound(found.bound)
        except KeyboardInterrupt:
            self.out.interrupted = True
        return self.out

    def _enough(self) -> float:
        """Return the bound above which nothing worth having is left."""
        value, gap = self.out.value, 0.9 * self.settings.gap
        return value - (1 - 1e-6 if self.program.whole else gap * abs(value))

    def worst(self, of: dict[int, float], starts: Sequence[NDArray[np.integer]]) -> Outcome:
        """Minimize the largest of some averages, each times its weight."""
        try:
            self.begin(starts)
            if self.out.counts is None:
                return self.out
            self._bisect(of)
        except KeyboardInterrupt:
            self.out.interrupted = True
        return self.out

    def _bisect(self, of: dict[int, float]) -> None:
        ones = np.ones(self.problem.n_options)
        rows = CoverRows(self.problem, self.ready, ones, self.settings)
        self._raise_bound(0.0)
        high = self.out.value
        while high - self.out.bound > ROUGH * self.out.value and self.settings.left() > 0:
            value = 0.5 * (self.out.bound + high)
            said = rows.relax(self.within(of, value)).said
            if said == "no":
                self._raise_bound(value)
            elif said == "yes":
                high = value
        if len(rows.cuts) * self.problem.n_options > LARGE:
            return
        self._from_above(of, rows)

    def _from_above(self, of: dict[int, float], rows: CoverRows) -> None:
        """Ask for anything worth having until nothing is, and for a bound beside it.

        The bound is taken where the search from above ends without a proof, so that what is proven, and
        what is found, does not depend on which thread is faster.
        """
        if self.settings.solver.lower() != "highs":
            # others are programs under one clock
            while self._better(of, lambda at_most: rows.least(at_most, FIRST_FOUND)):
                pass
            return
        stopped = threading.Event()
        rows.settings = replace(self.settings, stopped=stopped)
        below = _FromBelow(self, of, replace(rows, cuts=list(rows.cuts)))

        with ThreadPoolExecutor(2) as pool:

            def asked(at_most: NDArray[np.float64]) -> RowAnswer:
                running = pool.submit(rows.least, at_most, FIRST_FOUND)
                while not wait([running], TELL_S).done:
                    self._tell(below.bound)
                return running.result()

            beside = pool.submit(below.search)
            try:
                while self._better(of, asked):
                    pass
            finally:
                stopped.set()
            beside.result()
        if not self.closed():
            self._raise_bound(below.bound)

    def _better(
        self, of: dict[int, float], asked: Callable[[NDArray[np.float64]], RowAnswer]
    ) -> bool:
        """Find a deployment that is better by the gap asked for; False if none was found."""
        if self.closed() or self.settings.left() <= 0:
            return False
        before = self.out.value
        value = before - 0.9 * self.settings.gap * abs(before)
        found = asked(self.within(of, value))
        if found.said == "no":
            self._raise_bound(value)
        elif found.said == "yes":
            self._offer(found.counts, "rows")
            self._search_locally(kicks=0)
        return self.out.value < before

    def _tell(self, bound: float) -> None:
        """Show whoever watches how far the search is."""
        seconds = time.monotonic() - self.settings.started
        self.settings.watch(Step(seconds, self.out.value, max(bound, self.out.bound), "rows"))

    def within(self, of: dict[int, float], value: float) -> NDArray[np.float64]:
        """Return bounds on the averages that keep all rows and a value."""
        at_most = self.at_most.copy()
        for j, weight in of.items():
            at_most[j] = min(at_most[j], value / weight)
        return at_most

    def closed(self) -> bool:
        """Whether bound and best meet within the gap asked for, or there is nothing to find."""
        out = self.out
        near = self.settings.gap * abs(out.value) + 1e-9
        return out.bound == np.inf or (np.isfinite(out.value) and out.value - out.bound <= near)

    def _offer(self, counts: NDArray[np.float64], stage: str) -> None:
        over, value = self.local.merit(counts)
        whole = np.round(counts).astype(np.int64)
        if over > 0 or self.problem.broken_limits(whole):
            return
        self.out.offer(whole, value, stage, self.settings)

    def _raise_bound(self, bound: float) -> None:
        if self.program.whole and np.isfinite(bound):
            bound = float(np.ceil(bound - 1e-6))
        self.out.raise_bound(bound, "rows", self.settings)


@dataclass
class _FromBelow:
    """A bisection beside the search from above, with rows of its own.

    Attributes
    ----------
    bound
        No deployment has a lower value.
    """

    search_above: CoverSearch
    of: dict[int, float]
    rows: CoverRows
    bound: float = field(init=False)

    def __post_init__(self) -> None:
        self.bound = self.search_above.out.bound

    def search(self) -> None:
        """Bisect until stopped, or until what is left is for the search from above."""
        high, settings = self.search_above.out.value, self.rows.settings
        while settings.left() > 0:
            high = min(high, self.search_above.out.value)
            if high - self.bound < NEARLY * settings.gap * high:
                return
            value = 0.5 * (high + self.bound)
            said = self.rows.least(self.search_above.within(self.of, value), FIRST_FOUND).said
            if said == "open":
                return
            if said == "no":
                self.bound = value
            else:
                high = value
