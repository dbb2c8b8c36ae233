"""What whole responders can cost: limits between two such amounts are the lower one.

A limit in dollars or hours that lies between whole fleets leaves the relaxation parts of a
responder to spend, and the search has to close that gap by trying: hundreds of times slower than
the same fleet by count.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coresponse.optimize.problem import Problem

# Amounts that are listed: with more, they lie so near each other that little is to be gained.
MOST_AMOUNTS = 200_000

# Amounts this near are the same: a cent.
STEP = 0.01


def largest_whole_amount(
    prices: NDArray[np.float64], most: NDArray[np.integer], at_most: float
) -> float:
    """Return the most that whole responders can add up to within a limit.

    A bounded knapsack over distinct prices (Martello and Toth 1990, ch. 3), by listing what can be
    reached.

    Parameters
    ----------
    prices
        (options,) what a responder of each option counts, 0 or more.
    most
        (options,) most responders of each.
    at_most
        The limit.

    Returns
    -------
    float
        At most the limit; the limit itself where there are too many amounts to list, or a price is
        below 0.
    """
    if not np.isfinite(at_most) or at_most < 0 or (prices < 0).any():
        return at_most
    steps = np.round(prices / STEP).astype(np.int64)
    # rounding may make a sum a cent too large a responder: such sums still count as within
    slack = int(most.sum().clip(1, 1000)) // 2 + 1
    bound = int(np.floor(at_most / STEP)) + slack
    reached = np.zeros(1, dtype=np.int64)
    for price in np.unique(steps[steps > 0])[::-1]:
        count = min(int(most[steps == price].sum()), bound // int(price))
        if count * len(reached) > 4 * MOST_AMOUNTS:
            return at_most
        sums = (reached[:, None] + price * np.arange(count + 1)).ravel()
        reached = np.unique(sums[sums <= bound])
        if len(reached) > MOST_AMOUNTS:
            return at_most
    return float(min(at_most, (reached[-1] + slack) * STEP))


@dataclass
class WholeCosts:
    """An objective in dollars: no deployment costs what lies between two whole amounts.

    Attributes
    ----------
    constant
        Dollars that any deployment costs.
    prices
        (options,) dollars of a responder; empty where the objective is not of that form.
    most
        (options,) most responders of each.
    """

    constant: float
    prices: NDArray[np.float64]
    most: NDArray[np.int64]
    _known: tuple[float, float] = (np.inf, np.inf)

    def cutoff(self, worth: float) -> float:
        """Return the bound from which a box holds no deployment that costs less than `worth`."""
        if not len(self.prices) or not np.isfinite(worth):
            return worth
        if worth != self._known[0]:
            largest = largest_whole_amount(self.prices, self.most, worth - self.constant)
            # relaxations are exact to about a ten-millionth
            above = self.constant + largest + 1e-7 * abs(largest) + STEP
            self._known = worth, min(worth, above)
        return self._known[1]


# Groups of options beyond which their sums are no shorter way than the options themselves.
MOST_GROUPS = 24


def alike_in_money(
    problem: Problem, objective: NDArray[np.float64] | None = None
) -> list[NDArray[np.int64]]:
    """Return options that any limit counts alike, where one counts options by different amounts.

    Empty where all limits count responders, and where hardly two options are alike.

    Parameters
    ----------
    objective
        (options,) what a responder of each option counts in the objective, which then is a limit
        like the others: no more than the best known.

    Returns
    -------
    list of numpy.ndarray
        Positions of the options of each group of two or more.
    """
    counted = [one.coefficients for one in problem.limits]
    counted += [] if objective is None else [objective]
    by_amount = [one for one in counted if _is_amount(one)]
    if not by_amount:
        return []
    keys = np.vstack([problem.option_type, *by_amount]).T
    _, group = np.unique(keys, axis=0, return_inverse=True)
    sizes = np.bincount(group.ravel())
    if len(sizes) > MOST_GROUPS:
        return []
    return [np.flatnonzero(group.ravel() == k) for k in np.flatnonzero(sizes > 1)]


def _is_amount(coefficients: NDArray[np.float64]) -> bool:
    """Whether a limit counts options by two or more different amounts."""
    return len(np.unique(coefficients[coefficients > 0])) > 1
