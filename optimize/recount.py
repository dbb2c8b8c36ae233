"""What a deployment does, counted again without any of the solver's shortcuts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coresponse.data.errors import InputError
from coresponse.optimize.objective import WaitingCost
from coresponse.optimize.problem import Problem

# Shares of calls that differ by less are the same.
SAME = 1e-12

# Answers that are worked out at a time: 8 MB each of what is needed on the way.
BLOCK = 1 << 20


@dataclass(frozen=True, eq=False)
class Waits:
    """How long calls wait, and how likely that is.

    Attributes
    ----------
    seconds
        (answers, columns) float64, ascending in each column: the responders in place, then the
        fallback.
    chance
        (answers, columns) of being what a call of the column gets; each column adds up to 1.
    """

    seconds: NDArray[np.float64]
    chance: NDArray[np.float64]

    def mean(self, waiting: WaitingCost, weight: NDArray[np.float64]) -> float:
        """Return the mean cost of waiting of calls that are weighted by column."""
        return float(weight @ (self.chance * waiting(self.seconds)).sum(axis=0) / weight.sum())

    def quantile(self, share: float, weight: NDArray[np.float64]) -> float:
        """Return the least time within which the share of calls is answered."""
        seconds, mass = self._sorted(weight)
        k = int(np.searchsorted(np.cumsum(mass), share - SAME))
        return float(seconds[min(k, len(seconds) - 1)])

    def tail_mean(self, alpha: float, weight: NDArray[np.float64]) -> float:
        """Return the mean wait of the 1 - alpha of calls that wait longest.

        Conditional value at risk (Rockafellar and Uryasev 2000).
        """
        seconds, mass = self._sorted(weight)
        before = np.r_[0.0, np.cumsum(mass)[:-1]]
        kept = np.clip(before + mass - alpha, 0.0, mass)
        return float(kept @ seconds / kept.sum())

    def _sorted(
        self, weight: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        seconds, mass = self.seconds.ravel(), (self.chance * (weight / weight.sum())).ravel()
        order = np.argsort(seconds, kind="stable")
        return seconds[order], mass[order]


def waits(problem: Problem, counts: NDArray[np.integer]) -> Waits:
    """Work out how long calls wait for a deployment.

    For each column: responders in the order of their response; each is free with its share, the
    next takes the call if it is not; nobody free means the fallback. This is the definition, not
    the optimizer's formula: reliability p-median (Snyder and Daskin 2005), p-median where all busy
    shares are 0.

    Raises
    ------
    InputError
        If the counts are not those of the problem's options.
    """
    if counts.shape != (problem.n_options,):
        raise InputError(
            f"a deployment of {problem.n_options} options was expected, found {counts.shape}"
        )
    there, n = np.flatnonzero(counts), problem.n_columns
    busy_share, count = problem.option_busy(there), counts[there][:, None]
    seconds = np.full((len(there) + 1, n), float(problem.fallback_s))
    chance = np.empty_like(seconds)
    step = max(1, BLOCK // len(seconds))
    for some in (slice(i, i + step) for i in range(0, n, step)):
        response = np.minimum(
            problem.response_s[there, some].astype(np.float64), problem.fallback_s
        )
        share = busy_share if busy_share.shape[1] == 1 else busy_share[:, some]
        busy = np.broadcast_to(share**count, response.shape)
        order = np.argsort(response, axis=0, kind="stable")
        seconds[:-1, some] = np.take_along_axis(response, order, axis=0)
        busy = np.take_along_axis(busy, order, axis=0)
        nobody_yet = np.ones(response.shape[1])
        for k in range(len(there)):
            chance[k, some] = nobody_yet * (1 - busy[k])
            nobody_yet = nobody_yet * busy[k]
        chance[-1, some] = nobody_yet
    return Waits(seconds, chance)


def recount(
    problem: Problem,
    waiting: WaitingCost,
    counts: NDArray[np.integer],
    *,
    weight: NDArray[np.float64] | None = None,
) -> float:
    """Work out the mean cost of waiting of a deployment.

    Parameters
    ----------
    weight
        (columns,) of the calls to count, 0 or more; default: the problem's.

    Returns
    -------
    float
        Weighted mean over the columns, in the unit of the waiting cost.
    """
    return waits(problem, counts).mean(waiting, problem.weight if weight is None else weight)
