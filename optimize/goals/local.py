"""Good deployments for a goal, fast and without proof.

Repair what breaks a bound, then exchange one for another.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coresponse.optimize.goals.convex_program import (
    TOLERANCE,
    Constraint,
    ConvexProgram,
    Expression,
    Term,
)
from coresponse.optimize.goals.ready import Ready
from coresponse.optimize.problem import Problem

# How far bounds are exceeded, and the objective: less is better, the first counts first.
Merit = tuple[float, float]


@dataclass(frozen=True, eq=False)
class Local:
    """Local search for one statement."""

    problem: Problem
    statement: ConvexProgram
    ready: Sequence[Ready]

    def moved(self, counts: NDArray[np.float64]) -> float:
        """Count today's responders that are moved or removed."""
        today = self.problem.today
        return float(np.maximum(today - counts, 0).sum()) if today is not None else 0.0

    def merit(self, counts: NDArray[np.float64]) -> Merit:
        """Judge a deployment."""
        used = self.statement.used()
        values = [ready.value(counts) if j in used else 0.0 for j, ready in enumerate(self.ready)]
        moved = self.moved(counts)
        return self.statement.over(counts, values, moved), self.statement.value(
            counts, values, moved
        )

    def fits(self, counts: NDArray[np.float64]) -> bool:
        """Whether a deployment keeps all limits from above."""
        if (counts > self.problem.most).any():
            return False
        return all(
            limit.at_most is None
            or limit.coefficients @ counts <= limit.at_most + 1e-7 * max(1.0, abs(limit.at_most))
            for limit in self.problem.limits
        )

    def keeps(self, counts: NDArray[np.float64]) -> bool:
        """Whether a deployment keeps all limits."""
        return not self.problem.broken_limits(np.round(counts).astype(np.int64))

    def repaired(self, start: NDArray[np.float64]) -> NDArray[np.float64] | None:
        """Add responders until limits from below and bounds are kept.

        None if that does not work out.
        """
        if start.shape != self.problem.most.shape or not self.fits(start):
            return None
        counts = start.copy()
        for _ in range(int(self.problem.most.sum()) + 1):
            short = self._short_of(counts)
            over, _ = self.merit(counts)
            if not short.any() and over <= 0:
                return counts if self.keeps(counts) else None
            gain = short if short.any() else self._gain(counts)
            for o in np.argsort(-gain, kind="stable"):
                if gain[o] <= 0:
                    return None
                counts[o] += 1
                if self.fits(counts):
                    break
                counts[o] -= 1
        return None

    def _short_of(self, counts: NDArray[np.float64]) -> NDArray[np.float64]:
        """Say how many limits from below one more of each option would help with."""
        out = np.zeros(len(counts))
        for limit in self.problem.limits:
            if limit.at_least is not None and limit.coefficients @ counts < limit.at_least - 1e-9:
                out += limit.coefficients > 0
        if not self.problem.keeps_today(counts) and self.problem.today is not None:
            out += counts < self.problem.today
        return out

    def _gain(self, counts: NDArray[np.float64]) -> NDArray[np.float64]:
        """Say how much one more of each option takes off the exceeded bounds, for what it adds to the objective."""
        found = {j: self.ready[j].gains(counts) for j in _averages(self.statement.rows)}
        values = [found[j][0] if j in found else 0.0 for j in range(len(self.ready))]
        moved = self.moved(counts)
        gain = np.zeros(len(counts))
        for row in self.statement.rows:
            if row.over(counts, values, moved) <= 0:
                continue
            for term in row.total:
                worst = max(term.largest_of, key=lambda e: e.value(counts, values, moved))
                for j, weight in worst.averages.items():
                    gain += term.weight * weight / row.scale * found[j][1]
        price = np.zeros(len(counts))
        for term in self.statement.objective:
            if len(term.largest_of) == 1 and term.largest_of[0].linear is not None:
                price += term.weight * term.largest_of[0].linear
        return gain / np.maximum(price, 1e-9) if (price > 0).all() else gain

    def improved(
        self, start: NDArray[np.float64], *, stop: Callable[[], bool]
    ) -> NDArray[np.float64]:
        """Add, take away and exchange one responder as long as that helps.

        What one more of each option does to every average is priced in one sweep, so all exchanges
        of a responder cost as much as a few evaluations.
        """
        best, merit = start.copy(), self.merit(start)
        again = True
        while again:
            again = False
            for out in (None, *np.flatnonzero(best > 0)):
                if stop():
                    return best
                base = best.copy()
                if out is not None:
                    if best[out] <= 0:
                        continue
                    base[out] -= 1
                found, other = self._best_next_to(base)
                if (
                    found is not None
                    and other[0] <= merit[0]
                    and other[1] < merit[1] - 1e-9 * abs(merit[1]) - 1e-12
                ):
                    best, merit, again = found, other, True
        return best

    def kicked(
        self, best: NDArray[np.float64], rng: np.random.Generator
    ) -> NDArray[np.float64] | None:
        """Exchange a few responders at random; None if that keeps no limit."""
        trial = best.copy()
        placed = np.flatnonzero(trial)
        if not len(placed):
            return None
        for out in rng.choice(
            placed, size=min(len(placed), int(rng.integers(1, 4))), replace=False
        ):
            trial[out] -= 1
            fits = np.flatnonzero(self._may_add(trial))
            if len(fits):
                trial[rng.choice(fits)] += 1
        return self.repaired(trial)

    def _may_add(self, counts: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Say of which options one more keeps all limits from above."""
        fits = counts < self.problem.most
        for limit in self.problem.limits:
            if limit.at_most is not None:
                slack = 1e-7 * max(1.0, abs(limit.at_most))
                fits &= limit.coefficients @ counts + limit.coefficients <= limit.at_most + slack
        return np.asarray(fits)

    def _best_next_to(self, base: NDArray[np.float64]) -> tuple[NDArray[np.float64] | None, Merit]:
        """Return the best of a deployment and all with one more responder that keep the limits."""
        used = self.statement.used()
        found = {j: self.ready[j].gains(base) for j in used}
        nothing = np.zeros(len(base))
        # the last entry: nobody more
        values = [
            np.append(found[j][0] - found[j][1], found[j][0])
            if j in used
            else np.append(nothing, 0.0)
            for j in range(len(self.ready))
        ]
        today = self.problem.today
        moved = np.full(len(base) + 1, self.moved(base))
        if today is not None:
            moved[:-1] -= base < today
        over = sum(
            (_over(row, base, values, moved) for row in self.statement.rows),
            np.zeros(len(base) + 1),
        )
        value = sum(
            (_term(term, base, values, moved) for term in self.statement.objective),
            np.zeros(len(base) + 1),
        )
        may = np.append(self._may_add(base), True) & (value < np.inf)
        for o in np.lexsort((value, over)):
            if may[o]:
                trial = base.copy()
                if o < len(base):
                    trial[o] += 1
                if self.keeps(trial):
                    return trial, self.merit(trial)
        return None, (np.inf, np.inf)


def _expression(
    e: Expression,
    base: NDArray[np.float64],
    values: Sequence[NDArray[np.float64]],
    moved: NDArray[np.float64],
) -> NDArray[np.float64]:
    out = e.constant + e.moved * moved
    if e.linear is not None:
        out = out + float(e.linear @ base) + np.append(e.linear, 0.0)
    for j, weight in e.averages.items():
        out = out + weight * values[j]
    return np.asarray(out)


def _term(
    term: Term,
    base: NDArray[np.float64],
    values: Sequence[NDArray[np.float64]],
    moved: NDArray[np.float64],
) -> NDArray[np.float64]:
    return np.asarray(
        term.weight
        * np.max([_expression(e, base, values, moved) for e in term.largest_of], axis=0),
        dtype=np.float64,
    )


def _over(
    row: Constraint,
    base: NDArray[np.float64],
    values: Sequence[NDArray[np.float64]],
    moved: NDArray[np.float64],
) -> NDArray[np.float64]:
    total = sum((_term(term, base, values, moved) for term in row.total), np.zeros(len(base) + 1))
    return np.asarray(np.maximum(0.0, (total - row.at_most) / row.scale - TOLERANCE))


def _averages(rows: Sequence[Constraint]) -> set[int]:
    return {j for row in rows for term in row.total for e in term.largest_of for j in e.averages}
