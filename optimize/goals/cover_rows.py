"""Averages that have to stay within bounds, as rows over whole counts that see past fractions.

Let a mean E(x) have to be at most v. For any deployment A with b = E(A) - v > 0, and g_o what one
more of option o takes off E(A), every whole x that keeps the bound has

    sum over o of min(g_o, b) * x_o >= b                                   (Wolsey 1982)

since E never rises with x and each responder takes off less the more there are. The same holds for
any cut E(x) >= c - a . x with a >= 0, which asks for a . x >= c - v. What is larger than the right
side is cut down to it: whoever alone would do counts as one, not as more. The relaxed program,
which fills a district by fractions of posts that are each better than it needs, cannot do so here.

A row is kept as E(A) and g: for another v it is cut down anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pulp
from numpy.typing import NDArray

from coresponse.optimize.goals.outcome import SolveSettings
from coresponse.optimize.goals.ready import Ready
from coresponse.optimize.limit_rows import counts_within_limits
from coresponse.optimize.masters import Master, Model
from coresponse.optimize.problem import Problem
from coresponse.optimize.pulp_solvers import master_of

# A row that is short by less is not worth adding to a relaxation.
BROKEN = 1e-3

# Deployments that are tried as A for an average at a fractional solution.
PREFIXES = 24

# Orders in which options are put into A: by what they are used for over this power of their
# gain.
POWERS = (0.5, 1.0)

# Rows that are kept from one bound to the next: those found last.
KEPT = 600

# A bound is kept by a whole deployment that exceeds it by no more, in fallbacks.
KEPT_TO = 1e-7

# By which coefficients are rounded up: rows hold in spite of rounding.
LOOSE = 1e-9

# Most rounds of rows at one bound.
ROUNDS = 200


@dataclass(frozen=True, eq=False)
class _Cut:
    """E_j(x) >= constant - coefficients . x for every whole x."""

    average: int
    constant: float
    coefficients: NDArray[np.float64]

    def row(self, at_most: float) -> NDArray[np.float64] | None:
        """Return the coefficients of a row with right side 1; None if the bound asks for nothing."""
        short = self.constant - at_most
        if short <= 1e-9:
            return None
        return np.minimum(self.coefficients / short * (1 + LOOSE) + LOOSE, 1.0)


@dataclass(frozen=True, eq=False)
class RowAnswer:
    """What is known of one set of bounds.

    Attributes
    ----------
    said
        ``yes``, ``no``, or ``open`` where time ended before it was known.
    bound
        No deployment that keeps the bounds has a lower objective.
    counts
        (options,) that keep them; of a relaxation, fractions that keep all rows found.
    """

    said: str
    bound: float
    counts: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))


_NO = RowAnswer("no", np.inf)


@dataclass
class CoverRows:
    """The least linear objective whose averages stay within bounds.

    Attributes
    ----------
    ready
        The averages.
    linear
        (options,) objective.
    cuts
        Found so far.
    """

    problem: Problem
    ready: Sequence[Ready]
    linear: NDArray[np.float64]
    settings: SolveSettings
    cuts: list[_Cut] = field(default_factory=list)

    def relax(self, at_most: NDArray[np.float64], enough: float = np.inf) -> RowAnswer:
        """Minimize over fractions within bounds on the averages; see :meth:`least`."""
        return self._relaxed(self._master(at_most), at_most, enough)

    def least(self, at_most: NDArray[np.float64], gap: float, enough: float = np.inf) -> RowAnswer:
        """Minimize within bounds on the averages.

        Parameters
        ----------
        at_most
            (averages,) bounds.
        gap
            Relative gap at which the solver may stop.
        enough
            A bound above this ends the search: nothing worth having is there.
        """
        master = self._master(at_most)
        found = self._relaxed(master, at_most, enough)
        bound = found.bound
        if found.said != "yes":
            return found
        seen: set[bytes] = set()
        while self.settings.left() > 0 and bound <= enough:
            answer = master.solve(self.settings.left(), gap)
            if answer.status == "infeasible":
                return _NO
            bound = max(bound, answer.bound)
            if not len(answer.counts) or answer.counts.tobytes() in seen:
                break
            seen.add(answer.counts.tobytes())
            if not self._cut_off(master, answer.counts, at_most):
                return RowAnswer("yes", bound, answer.counts)
        return RowAnswer("open", bound)

    def _relaxed(self, master: Master, at_most: NDArray[np.float64], enough: float) -> RowAnswer:
        bound = -np.inf
        for _ in range(ROUNDS):
            answer = master.relax(max(self.settings.left(), 0.1))
            if answer.status == "infeasible":
                return _NO
            if answer.status != "optimal":
                break
            bound = max(bound, answer.bound)
            if bound > enough or self.settings.left() <= 0:
                break
            if not self._separate(master, answer.counts, at_most):
                return RowAnswer("yes", bound, answer.counts)
        else:
            return RowAnswer("yes", bound, answer.counts)
        return RowAnswer("open", bound)

    def _master(self, at_most: NDArray[np.float64]) -> Master:
        lp = pulp.LpProblem("covers", pulp.LpMinimize)
        x = counts_within_limits(lp, self.problem)
        there = np.flatnonzero(self.linear)
        lp.setObjective(pulp.LpAffineExpression({x[o]: float(self.linear[o]) for o in there}))
        master = master_of(
            Model(lp, x, []), self.settings.solver, tight=True, stopped=self.settings.stopped
        )
        self.cuts = self.cuts[-KEPT:]
        for cut in self.cuts:
            self._add(master, cut.row(at_most[cut.average]))
        return master

    def _add(self, master: Master, row: NDArray[np.float64] | None) -> None:
        if row is not None:
            there = np.flatnonzero((row > 2 * LOOSE) & (self.problem.most > 0))
            master.add_cover(there, row[there])

    def _take(self, master: Master, cut: _Cut, at_most: float) -> None:
        self.cuts.append(cut)
        self._add(master, cut.row(at_most))

    def _separate(
        self, master: Master, x: NDArray[np.float64], at_most: NDArray[np.float64]
    ) -> int:
        """Add rows that a fractional solution breaks, the most broken of each average."""
        added = 0
        for j, ready in enumerate(self.ready):
            best, worst = None, 1 - BROKEN
            for cut in self._tried(j, ready, x, float(at_most[j])):
                row = cut.row(float(at_most[j]))
                if row is not None and float(row @ x) < worst:
                    best, worst = cut, float(row @ x)
            if best is not None:
                self._take(master, best, float(at_most[j]))
                added += 1
        return added

    def _tried(self, j: int, ready: Ready, x: NDArray[np.float64], at_most: float) -> list[_Cut]:
        """Return cuts at the solution itself and at whole deployments that use what it uses most."""
        cuts = ready.cuts(x)[1]
        constant = sum(cut.constant for cut in cuts)
        out = [_Cut(j, constant, np.sum([cut.coefficients for cut in cuts], axis=0))]
        for power in POWERS:
            out += self._grown(j, ready, x, at_most, power)
        return out

    def _grown(
        self, j: int, ready: Ready, x: NDArray[np.float64], at_most: float, power: float
    ) -> list[_Cut]:
        """Add options to nobody, one by one, those first that a row would count most beside what they would leave."""
        counts = np.zeros(len(x))
        value, gain = ready.gains(counts)
        out = [_Cut(j, value, gain)]
        closed = self.problem.most <= 0
        while True:
            short = value - at_most
            # an option is worth putting into A if the row counts it for more than its part of b
            counted = np.minimum(gain, short) * x
            use = np.where(closed, 0.0, counted / np.maximum(gain, 1e-12) ** power)
            o = int(np.argmax(use))
            if use[o] <= 1e-9 or len(out) > PREFIXES:
                return out
            trial = counts.copy()
            trial[o] += 1
            after, later = ready.gains(trial)
            if after <= at_most + 1e-9:
                closed[o] = True
                continue
            closed[o] = trial[o] >= self.problem.most[o]
            counts, value, gain = trial, after, later
            out.append(_Cut(j, value, gain))

    def _cut_off(
        self, master: Master, counts: NDArray[np.float64], at_most: NDArray[np.float64]
    ) -> int:
        """Add rows that a whole deployment breaks; return how many averages exceed their bounds."""
        over = 0
        for j, ready in enumerate(self.ready):
            value, cuts = ready.cuts(counts)
            if value <= at_most[j] + KEPT_TO:
                continue
            over += 1
            constant = sum(cut.constant for cut in cuts)
            linear = np.sum([cut.coefficients for cut in cuts], axis=0)
            self._take(master, _Cut(j, constant, linear), float(at_most[j]))
            alone, gain = ready.gains(counts)
            self._take(master, _Cut(j, alone, gain), float(at_most[j]))
        return over
