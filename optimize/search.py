"""Local search: a good deployment fast, by adding what saves most and exchanging what is worth least."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coresponse.optimize.evaluate import Evaluator
from coresponse.optimize.problem import Problem


@dataclass(frozen=True, eq=False)
class Room:
    """How much room the limits leave."""

    coefficients: NDArray[np.float64]
    at_least: NDArray[np.float64]
    at_most: NDArray[np.float64]
    most: NDArray[np.int64]
    problem: Problem

    @classmethod
    def of(cls, problem: Problem) -> Room:
        """Gather a problem's limits."""
        m = problem.n_options
        rows = [limit.coefficients for limit in problem.limits]
        low = [-np.inf if limit.at_least is None else limit.at_least for limit in problem.limits]
        high = [np.inf if limit.at_most is None else limit.at_most for limit in problem.limits]
        matrix = np.array(rows, dtype=np.float64).reshape(len(rows), m)
        return cls(matrix, np.array(low, dtype=np.float64), np.array(high, dtype=np.float64), problem.most, problem)

    def may_add(self, counts: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Say of which options one more keeps all limits from above and breaks none from below that holds."""
        used = self.coefficients @ counts
        after = used[:, None] + self.coefficients
        slack = 1e-7 * np.maximum(1.0, np.abs(used))[:, None]
        fits = (after <= self.at_most[:, None] + slack) & (
            (after >= self.at_least[:, None] - slack) | (self.coefficients >= 0)
        )
        return np.asarray(fits.all(axis=0) & (counts < self.most))

    def fits(self, counts: NDArray[np.float64]) -> bool:
        """Whether a deployment keeps all limits from above."""
        used = self.coefficients @ counts
        slack = 1e-7 * np.maximum(1.0, np.abs(used))
        return bool((used <= self.at_most + slack).all() and (counts <= self.most).all())

    def holds(self, counts: NDArray[np.float64]) -> bool:
        """Whether a deployment keeps all limits."""
        used = self.coefficients @ counts
        slack = 1e-7 * np.maximum(1.0, np.abs(used))
        return bool(
            (used <= self.at_most + slack).all()
            and (used >= self.at_least - slack).all()
            and (counts <= self.most).all()
            and self.problem.keeps_today(counts)
        )


def improve(
    evaluator: Evaluator,
    room: Room,
    counts: NDArray[np.float64],
    *,
    stop: Callable[[], bool],
    order: NDArray[np.int64] | None = None,
) -> tuple[float, NDArray[np.float64]]:
    """Add what fits and exchange one for one until nothing helps or it is time to stop.

    Parameters
    ----------
    counts
        A deployment that keeps the limits.
    order
        In which options in place are tried for exchange; default: by position.

    Returns
    -------
    float
        Cost.
    numpy.ndarray
        Counts.
    """
    counts = counts.copy()
    value = _fill(evaluator, room, counts, stop)
    if evaluator.all_free:
        return _exchange(evaluator, room, counts, value, stop)
    rank = np.arange(len(counts)) if order is None else order
    improved = True
    while improved and not stop():
        improved = False
        for out in rank[counts[rank] > 0]:
            if stop():
                break
            counts[out] -= 1
            without, gain = evaluator.gains(counts)
            gain = np.where(room.may_add(counts), gain, -np.inf)
            gain[out] = -np.inf
            best = int(np.argmax(gain))
            if without - gain[best] < value * (1 - 1e-9) - 1e-12:
                counts[best] += 1
                if room.holds(counts):
                    value = _fill(evaluator, room, counts, stop)
                    improved = True
                    continue
                counts[best] -= 1
            counts[out] += 1
    return value, counts


def _exchange(
    evaluator: Evaluator, room: Room, counts: NDArray[np.float64], value: float, stop: Callable[[], bool]
) -> tuple[float, NDArray[np.float64]]:
    """Make the best exchange, as long as one helps; each round looks at all of them in one pass over the costs."""
    while not stop():
        support, change = evaluator.exchanges(counts)
        made = False
        for flat in np.argsort(change, axis=None)[:50]:
            r, o = np.unravel_index(flat, change.shape)
            if change[r, o] >= -1e-9 * abs(value) - 1e-12:
                break
            trial = counts.copy()
            trial[support[r]] -= 1
            trial[o] += 1
            if room.holds(trial):
                counts[:] = trial
                value = _fill(evaluator, room, counts, stop)
                made = True
                break
        if not made:
            break
    return value, counts


def _fill(evaluator: Evaluator, room: Room, counts: NDArray[np.float64], stop: Callable[[], bool]) -> float:
    """Add the option that saves most while one fits; changes `counts`, returns the cost."""
    while True:
        value, gain = evaluator.gains(counts)
        gain = np.where(room.may_add(counts), gain, 0.0)
        best = int(np.argmax(gain))
        if gain[best] <= abs(value) * 1e-12 or stop():
            return value
        counts[best] += 1


def several_starts(
    evaluator: Evaluator,
    room: Room,
    start: NDArray[np.float64],
    *,
    seed: int,
    starts: int,
    seconds: float,
    stop: Callable[[], bool],
) -> tuple[float, NDArray[np.float64]]:
    """Improve from a start and from random changes of the best so far; the best of all."""
    rng = np.random.default_rng(seed)
    until = time.monotonic() + seconds
    value, best = improve(evaluator, room, start, stop=stop)
    for _ in range(starts - 1):
        if stop() or time.monotonic() > until:
            break
        trial = best.copy()
        placed = np.flatnonzero(trial)
        kick = int(rng.integers(1, max(2, len(placed) // 4) + 1))
        for out in rng.choice(placed, size=min(kick, len(placed)), replace=False) if len(placed) else ():
            trial[out] -= 1
            fits = np.flatnonzero(room.may_add(trial))
            if len(fits):
                trial[rng.choice(fits)] += 1
        if not room.holds(trial):
            continue
        found, trial = improve(evaluator, room, trial, stop=stop, order=rng.permutation(len(trial)))
        if found < value * (1 - 1e-9):
            value, best = found, trial
    return value, best
