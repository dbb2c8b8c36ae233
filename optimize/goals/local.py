"""Good deployments for a goal, fast and without proof: repair what breaks a bound, then exchange one for another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coresponse.optimize.goals.averages import Ready
from coresponse.optimize.goals.statement import Row, Statement
from coresponse.optimize.problem import Problem

Merit = tuple[float, float]
"""How far bounds are exceeded, and the objective: less is better, the first counts first."""


@dataclass(frozen=True, eq=False)
class Local:
    """Local search for one statement."""

    problem: Problem
    statement: Statement
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
        return self.statement.over(counts, values, moved), self.statement.value(counts, values, moved)

    def fits(self, counts: NDArray[np.float64]) -> bool:
        """Whether a deployment keeps all limits from above."""
        if (counts > self.problem.most).any():
            return False
        return all(
            limit.at_most is None or limit.coefficients @ counts <= limit.at_most + 1e-7 * max(1.0, abs(limit.at_most))
            for limit in self.problem.limits
        )

    def keeps(self, counts: NDArray[np.float64]) -> bool:
        """Whether a deployment keeps all limits."""
        return not self.problem.broken_limits(np.round(counts).astype(np.int64))

    def repaired(self, start: NDArray[np.float64]) -> NDArray[np.float64] | None:
        """Add responders until limits from below and bounds are kept; None if that does not work out."""
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

    def improved(self, start: NDArray[np.float64], *, seed: int, stop: Callable[[], bool]) -> NDArray[np.float64]:
        """Add, take away and exchange one responder as long as that helps."""
        rng = np.random.default_rng(seed)
        best, merit = start.copy(), self.merit(start)
        again = True
        while again and not stop():
            again = False
            for trial in self._neighbors(best, rng):
                if stop():
                    break
                if not (self.fits(trial) and self.keeps(trial)):
                    continue
                other = self.merit(trial)
                if other[0] <= merit[0] and other[1] < merit[1] - 1e-9 * abs(merit[1]) - 1e-12:
                    best, merit, again = trial, other, True
                    break
        return best

    def _neighbors(self, counts: NDArray[np.float64], rng: np.random.Generator):  # type: ignore[no-untyped-def]
        placed, n = np.flatnonzero(counts > 0), len(counts)
        for o in rng.permutation(placed):
            yield _changed(counts, o, None)
        for o in rng.permutation(n):
            if counts[o] < self.problem.most[o]:
                yield _changed(counts, None, o)
        for flat in rng.permutation(len(placed) * n):
            out, into = placed[flat // n], flat % n
            if out != into and counts[into] < self.problem.most[into]:
                yield _changed(counts, out, into)


def _changed(counts: NDArray[np.float64], out: int | None, into: int | None) -> NDArray[np.float64]:
    trial = counts.copy()
    if out is not None:
        trial[out] -= 1
    if into is not None:
        trial[into] += 1
    return trial


def _averages(rows: Sequence[Row]) -> set[int]:
    return {j for row in rows for term in row.total for e in term.largest_of for j in e.averages}
