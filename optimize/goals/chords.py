"""What averages are at most over a box of counts, by the chords of e^-u (:mod:`coresponse.optimize.goals.differences`)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coresponse.optimize.evaluate import Evaluator
from coresponse.optimize.problem import Limit

# Entries of costs that chords are laid over at a time: some 60 MB on the way.
BLOCK = 1 << 20

Box = tuple[NDArray[np.int64], NDArray[np.int64]]


@dataclass(frozen=True, eq=False)
class Chord:
    """An average is at most constant + coefficients . x for every deployment of a box."""

    constant: float
    coefficients: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class ChordsOf:
    """Lays chords over one demand's average."""

    ready: Evaluator
    factor: float
    limits: tuple[Limit, ...]

    def over(self, box: Box) -> Chord:
        """Return what the average is at most over a box."""
        n, m = len(self.ready.weight), self.ready.n_options
        step = max(1, BLOCK // max(1, m))
        constant, coefficients = 0.0, np.zeros(m)
        for first in range(0, n, step):
            part = slice(first, first + step)
            one, each = self._part(part, box)
            constant, coefficients = constant + one, coefficients + each
        return Chord(self.factor * constant, self.factor * coefficients)

    def _part(self, rows: slice, box: Box) -> tuple[float, NDArray[np.float64]]:
        """Return the chord's constant and coefficients of some columns.

        The mean cost of a column is d_1 + sum over k of (d_{k+1} - d_k) * e^-u_k, where u_k is what
        responders within d_k add up to, and the last step ends at the fallback.
        """
        cost, weight, rate = self.ready.costs(rows), self.ready.weight[rows], self.ready.rate
        order = np.argsort(cost, axis=1, kind="stable")
        d = np.take_along_axis(cost, order, axis=1).astype(np.float64)
        steps = np.diff(d, axis=1, append=self.ready.fallback)
        low, high = self._reach(order, box)
        there = np.exp(-low)
        apart = high - low
        slope = np.divide(
            there - np.exp(-high), apart, out=np.zeros_like(apart), where=apart > 1e-12
        )
        constant = float(weight @ (d[:, 0] + (steps * (there + slope * low)).sum(axis=1)))
        # an option counts in all steps from its own on
        falls = weight[:, None] * np.cumsum((steps * slope)[:, ::-1], axis=1)[:, ::-1]
        by_option = np.bincount(order.ravel(), weights=falls.ravel(), minlength=len(rate))
        return constant, -rate * by_option

    def _reach(
        self, order: NDArray[np.int64], box: Box
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return (columns, steps) the least and the largest that responders within each step's time add up to."""
        least, most = box
        rate = self.ready.rate
        low = np.cumsum((rate * least)[order], axis=1)
        free = rate * (most - least)
        more = np.cumsum(free[order], axis=1)
        for limit in self.limits:
            c = limit.coefficients
            left = max(0.0, float(limit.at_most or 0.0) - float(c @ least))
            counted = c > 0
            # as many as what is left of the limit buys of the option that adds most for it
            worth = np.zeros(len(c))
            worth[counted] = np.where(free[counted] > 0, rate[counted] / c[counted], 0.0)
            bought = left * np.maximum.accumulate(worth[order], axis=1)
            others = np.cumsum(np.where(counted, 0.0, free)[order], axis=1)
            more = np.minimum(more, bought + others)
        return low, low + more
