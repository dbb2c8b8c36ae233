"""How far the farthest call is: the p-center, by bisection over the response times.

For a time T the question is a set covering problem: is there a deployment with a responder within T
of every call (Minieka 1970)? If there is one for T and none for the next smaller response time, T
is the least. Only as many rows as are needed are ever written: calls that a solution leaves out are
added to it (as Chen and Chen 2009 do), and few calls at the edges decide. The linear relaxation is
asked first, which settles most times; then whole deployments, from its bound upward.

Where a share of the calls will do (partial p-center; Daskin and Owen 1999), or floors and goals
held stand beside it, each question goes to the goals' engine.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import pulp
from numpy.typing import NDArray

from coresponse.optimize.goals.outcome import Outcome, SolveSettings
from coresponse.optimize.limit_rows import counts_within_limits
from coresponse.optimize.masters import Master, Model
from coresponse.optimize.problem import Problem
from coresponse.optimize.pulp_solvers import master_of

# Rows that are added at a time: the calls that a solution reaches least.
ADDED = 40

# Relative gap at which the solver stops: the first deployment that keeps all rows will do.
FIRST_FOUND = 0.99

# ``yes`` with a deployment, ``no``, or ``open`` where time ended before it was known.
Answer = tuple[str, NDArray[np.int64]]

# Says whether a deployment has a responder within so many seconds of the calls.
Covering = Callable[[float], Answer]


@dataclass
class CenterSearch:
    """A bisection over response times.

    Attributes
    ----------
    times_s
        (times,) response times below the fallback, then the fallback, ascending.
    covering
        Whether a time can be reached.
    relaxed
        Whether it can be ruled out without looking at whole deployments.
    value
        The goal of a deployment, one of the times.
    out
        The best so far.
    """

    times_s: NDArray[np.float64]
    covering: Covering
    relaxed: Callable[[float], bool]
    value: Callable[[NDArray[np.integer]], float]
    settings: SolveSettings
    out: Outcome = field(default_factory=Outcome)

    def search(self, starts: Sequence[NDArray[np.integer]]) -> Outcome:
        """Find the least time; Ctrl-C leaves what is known."""
        for start in starts:
            self._offer(start.astype(np.int64), "first deployment")
        try:
            self._bisect()
        except KeyboardInterrupt:
            self.out.interrupted = True
        return self.out

    def _bisect(self) -> None:
        # whether anything keeps the limits at all: everything is within the fallback
        low, high = 0, len(self.times_s) - 1
        if self.out.counts is None and not self._whole(high):
            return
        high = self._position()
        while low < high and not self._over():
            middle = (low + high) // 2
            if self.relaxed(float(self.times_s[middle])):
                low = middle + 1
                self._raise_bound(low)
            else:
                high = middle
        # the relaxation is mostly right: times just above its bound first, then twice as far each
        # time
        step = 1
        while low < (high := self._position()) and not self._over():
            middle = min(low + step - 1, (low + high) // 2)
            said = self._whole(middle)
            if said is None:
                return
            if said:
                continue
            low, step = middle + 1, 2 * step
            self._raise_bound(low)
        if low >= self._position():
            self._raise_bound(self._position())

    def _whole(self, position: int) -> bool | None:
        """Ask for a deployment; None if time ended before that was known."""
        said, counts = self.covering(float(self.times_s[position]))
        if said == "yes":
            self._offer(counts, "covering")
            return True
        if said == "open":
            return None
        if position == len(self.times_s) - 1:
            self.out.bound = np.inf
        return False

    def _over(self) -> bool:
        return self.settings.left() <= 0

    def _position(self) -> int:
        return int(np.searchsorted(self.times_s, self.out.value))

    def _offer(self, counts: NDArray[np.int64], stage: str) -> None:
        self.out.offer(counts, self.value(counts), stage, self.settings)

    def _raise_bound(self, position: int) -> None:
        self.out.raise_bound(float(self.times_s[position]), "covering", self.settings)


@dataclass
class EveryCall:
    """Whether every call of a problem can have a responder within a time, whole or relaxed.

    Attributes
    ----------
    columns
        Positions of the columns with calls.
    rows
        Those whose rows are written: they are kept from one time to the next.
    """

    problem: Problem
    columns: NDArray[np.int64]
    settings: SolveSettings
    rows: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        usable = self.problem.most > 0
        response = self.problem.response_s[:, self.columns]
        self.response_s = np.where(usable[:, None], response, np.inf).astype(np.float32)
        self._asked: tuple[float, Master] | None = None

    def relaxed(self, time_s: float) -> bool:
        """Whether even fractions of responders cannot do it."""
        near = self._near(time_s)
        if not near.any(axis=0).all():
            return True
        master = self._master(time_s, near)
        while self.settings.left() > 0:
            answer = master.relax(self.settings.left())
            if answer.status != "optimal":
                return answer.status == "infeasible"
            if not self._added(master, near, answer.counts):
                return False
        return False

    def covering(self, time_s: float) -> Answer:
        """Find a deployment."""
        nothing = np.empty(0, dtype=np.int64)
        near = self._near(time_s)
        if not near.any(axis=0).all():
            return "no", nothing
        master = self._master(time_s, near)
        while self.settings.left() > 0:
            answer = master.solve(self.settings.left(), FIRST_FOUND)
            if answer.status == "infeasible":
                return "no", nothing
            if not len(answer.counts):
                break
            if not self._added(master, near, answer.counts):
                counts = answer.counts.astype(np.int64)
                return ("open" if self.problem.broken_limits(counts) else "yes"), counts
        return "open", nothing

    def _near(self, time_s: float) -> NDArray[np.bool_]:
        # everything is within the fallback
        if time_s >= self.problem.fallback_s:
            return np.ones(self.response_s.shape, dtype=np.bool_)
        return np.asarray(self.response_s <= time_s)

    def _master(self, time_s: float, near: NDArray[np.bool_]) -> Master:
        """Return a model with the rows that are known; that of the last time if it is the same."""
        if self._asked is not None and self._asked[0] == time_s:
            return self._asked[1]
        lp = pulp.LpProblem("covering", pulp.LpMinimize)
        x = counts_within_limits(lp, self.problem)
        lp.setObjective(pulp.lpSum(x))
        master = master_of(Model(lp, x, []), self.settings.solver)
        if time_s < self.problem.fallback_s:
            for row in self.rows:
                master.add_cover(np.flatnonzero(near[:, row]))
        self._asked = time_s, master
        return master

    def _added(self, master: Master, near: NDArray[np.bool_], counts: NDArray[np.float64]) -> int:
        """Add rows of calls that a solution leaves out; return how many."""
        if not near.shape[1] or near.all():
            return 0
        there = np.flatnonzero(counts > 1e-9)
        reached = counts[there] @ near[there]
        short = np.flatnonzero(reached < 1 - 1e-6)
        # among those reached least, those with the fewest posts near: their rows imply others
        few = near[:, short].sum(axis=0)
        for row in short[np.lexsort((few, np.round(reached[short], 3)))][:ADDED]:
            self.rows.append(int(row))
            master.add_cover(np.flatnonzero(near[:, row]))
        return min(len(short), ADDED)
