"""Deployments with a responder within reach of every call: set covering (Toregas et al. 1971).

Only as many rows as are needed are ever written: calls that a solution leaves out are added to it
(as Chen and Chen 2009 do), and few calls at the edges decide.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pulp
from numpy.typing import NDArray

from coresponse.optimize.goals.outcome import SolveSettings
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


@dataclass
class EveryCall:
    """Deployments that reach every call of a problem, whole or relaxed.

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
        self._asked: tuple[float, Master] | None = None

    def relaxed(self, time_s: float) -> bool:
        """Whether even fractions of responders cannot do it."""
        near = self.near(time_s)
        if not near.any(axis=0).all():
            return True
        master = self._master(time_s, near)
        while self.settings.left() > 0:
            answer = master.relax(self.settings.left())
            if answer.status != "optimal":
                return answer.status == "infeasible"
            if not self.added(master, near, answer.counts):
                return False
        return False

    def covering(self, time_s: float) -> Answer:
        """Find a deployment."""
        nothing = np.empty(0, dtype=np.int64)
        near = self.near(time_s)
        if not near.any(axis=0).all():
            return "no", nothing
        master = self._master(time_s, near)
        while self.settings.left() > 0:
            answer = master.solve(self.settings.left(), FIRST_FOUND)
            if answer.status == "infeasible":
                return "no", nothing
            if not len(answer.counts):
                break
            if not self.added(master, near, answer.counts):
                counts = np.round(answer.counts).astype(np.int64)
                return ("open" if self.problem.broken_limits(counts) else "yes"), counts
        return "open", nothing

    def near(self, within_s: float | NDArray[np.float64]) -> NDArray[np.bool_]:
        """Return (options, columns) who is within reach of which calls that need somebody."""
        if np.ndim(within_s) == 0 and within_s >= self.problem.fallback_s:
            # all are within the fallback when nobody comes
            return np.empty((self.problem.n_options, 0), dtype=np.bool_)
        near = self.problem.response_s <= within_s
        near[self.problem.most == 0] = False
        return near if len(self.columns) == near.shape[1] else near[:, self.columns]

    def _master(self, time_s: float, near: NDArray[np.bool_]) -> Master:
        """Return a model with the rows that are known; that of the last time if it is the same."""
        if self._asked is not None and self._asked[0] == time_s:
            return self._asked[1]
        rows = self.rows if near.shape[1] else []
        master = self.stated(near, np.ones(self.problem.n_options), rows)
        self._asked = time_s, master
        return master

    def stated(
        self, near: NDArray[np.bool_], cost: NDArray[np.float64], rows: Sequence[int] = ()
    ) -> Master:
        """State the cheapest cover, with rows for some of the calls."""
        lp = pulp.LpProblem("covering", pulp.LpMinimize)
        x = counts_within_limits(lp, self.problem)
        lp.setObjective(pulp.LpAffineExpression(dict(zip(x, cost.tolist(), strict=True))))
        master = master_of(Model(lp, x, []), self.settings.solver, stopped=self.settings.stopped)
        for row in rows:
            master.add_cover(np.flatnonzero(near[:, row]))
        return master

    def added(self, master: Master, near: NDArray[np.bool_], counts: NDArray[np.float64]) -> int:
        """Add rows of calls that a solution leaves out; return how many."""
        there = np.flatnonzero(counts > 1e-9)
        reached = counts[there] @ near[there]
        short = np.flatnonzero(reached < 1 - 1e-6)
        # among those reached least, those with the fewest posts near: their rows imply others
        few = near[:, short].sum(axis=0)
        for row in short[np.lexsort((few, np.round(reached[short], 3)))][:ADDED]:
            self.rows.append(int(row))
            master.add_cover(np.flatnonzero(near[:, row]))
        return min(len(short), ADDED)
