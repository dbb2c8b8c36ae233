"""What a deployment came to in the replay, and what is asked of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from coresponse.optimize.verdict import Counts

# Calls of a first look at a deployment: of near ones the difference is then known to a few
# seconds.
LOOK_CALLS = 16_000.0

# What sums of the same prices in another order may be apart: a budget of exactly a fleet's cost is kept by it.
SUMMED = 1e-9

# Standard errors by which another must be better, on fresh chances, to replace a plan.
BETTER_SE = 2.0

# What a look at a deployment may be wrong by: the standard error of 16,000 calls is half of it.
SPARE = 0.01

# How much what all promises together fall short by counts, beside the worst of them.
SHORT = 0.1

# What a unit of a broken promise or budget counts as, beside any goal.
BROKEN = 1e6


@dataclass(frozen=True, eq=False)
class Trial:
    """What a deployment came to in its first replications.

    Attributes
    ----------
    goals
        (replications, goals) what each of the goals in their order comes to, less is better.
    promised
        (replications, promises) what each promise came to; NaN where it had no call.
    dollars
        (replications,) spent a year.
    calls, busy_h
        (replications, options) calls and hours on calls a week.
    place
        Which of the goals is pursued.
    beyond
        By how much those before it are missed that are held.
    """

    goals: NDArray[np.float64]
    promised: NDArray[np.float64]
    dollars: NDArray[np.float64]
    calls: NDArray[np.float64]
    busy_h: NDArray[np.float64]
    place: int = 0
    beyond: float = 0.0

    @property
    def replications(self) -> int:
        """Number of them."""
        return len(self.goals)

    @property
    def goal(self) -> NDArray[np.float64]:
        """(replications,) what the goal that is pursued comes to."""
        return self.goals[:, self.place]

    def first(self, replications: int) -> Trial:
        """Return the first replications only."""
        if replications >= self.replications:
            return self
        n = replications
        own = (self.promised[:n], self.dollars[:n], self.calls[:n], self.busy_h[:n])
        return Trial(self.goals[:n], *own)

    def then(self, other: Trial) -> Trial:
        """Return these replications, and others behind them."""
        goals = np.concatenate((self.goals, other.goals))
        promised = np.concatenate((self.promised, other.promised))
        dollars = np.concatenate((self.dollars, other.dollars))
        calls = np.concatenate((self.calls, other.calls))
        return Trial(goals, promised, dollars, calls, np.concatenate((self.busy_h, other.busy_h)))


@dataclass(frozen=True, eq=False)
class Asked:
    """What a contest is about.

    Attributes
    ----------
    at_most
        (promises,) of the yardstick.
    scale
        (promises,) what counts as one unit of falling short.
    budget
        Dollars a year; None: any.
    margin
        Whether the least margin over all promises is what counts; else the goal, as long as
        promises are kept.
    together
        Whether the margin is what all that fall short do together, as long as some do: of two
        districts that do, an exchange mends one, and the worst stays as it is.
    """

    at_most: NDArray[np.float64]
    scale: NDArray[np.float64]
    budget: float | None = None
    margin: bool = False
    together: bool = False

    def by_all_short(self) -> Asked:
        """Return the same for what keeps the promises with most room, all that fall short counted as long as some do."""
        return replace(self, margin=True, together=True)

    def by_goal(self, spare: float = SPARE / 2) -> Asked:
        """Return the same for the best by the goal of what keeps the promises, and a little more, so that it is confirmed."""
        return replace(self, at_most=self.at_most - spare * self.scale, margin=False)

    def rank(self, trial: Trial) -> NDArray[np.float64]:
        """Return what a trial comes to."""
        broken = trial.beyond
        if self.budget is not None:
            broken += max(0.0, float(trial.dollars.mean()) / max(self.budget, 1.0) - 1)
        if not len(self.at_most):
            return np.asarray(trial.goal + BROKEN * broken)
        excess = self.excess(trial)
        mean = mean_of(excess)
        if self.margin:
            short = self.together and bool((mean > 0).any())
            counted = mean > 0 if short else np.arange(len(mean)) == np.argmax(mean)
            return np.asarray(np.nan_to_num(excess[:, counted]).sum(axis=1) + BROKEN * broken)
        broken += max(0.0, float(mean.max()))
        return np.asarray(trial.goal + BROKEN * broken)

    def far(self, trial: Trial) -> float:
        """Return what a trial comes to, with a part of what all promises together fall short by.

        Of several districts the worst may stay as it is while one more unit serves another.
        """
        short = np.maximum(mean_of(self.excess(trial)), 0.0).sum() if len(self.at_most) > 1 else 0.0
        return float(self.rank(trial).mean() + SHORT * short)

    def excess(self, trial: Trial) -> NDArray[np.float64]:
        """Return (replications, promises) by how much each falls short, in its unit."""
        return np.asarray((trial.promised - self.at_most) / self.scale)


def mean_of(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return (columns,) means over replications that have a value; -inf where none has."""
    there = np.isfinite(values)
    n = there.sum(axis=0)
    total = np.where(there, values, 0.0).sum(axis=0)
    return np.where(n > 0, total / np.maximum(n, 1), -np.inf)


def standard_error(values: NDArray[np.float64]) -> float:
    """Return the standard error of a mean; inf of fewer than two."""
    n = len(values)
    return float(values.std(ddof=1) / np.sqrt(n)) if n > 1 else float("inf")


def distinct(pool: Iterable[Counts]) -> list[Counts]:
    """Return each deployment once, in order."""
    known: dict[bytes, Counts] = {}
    for counts in pool:
        known.setdefault(counts.astype(np.int64).tobytes(), counts.astype(np.int64))
    return list(known.values())
