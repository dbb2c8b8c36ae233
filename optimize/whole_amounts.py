"""What whole responders can cost: limits between two such amounts are the lower one.

A limit in dollars or hours that lies between whole fleets leaves the relaxation parts of a
responder to spend, and the search has to close that gap by trying: hundreds of times slower than
the same fleet by count.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from coresponse.optimize.problem import Problem

MOST_AMOUNTS = 200_000
"""Amounts that are listed: with more, they lie so near each other that little is to be gained."""

STEP = 0.01
"""Amounts this near are the same: a cent."""


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


MOST_GROUPS = 24
"""Groups of options beyond which their sums are no shorter way than the options themselves."""


def alike_in_money(problem: Problem) -> list[NDArray[np.int64]]:
    """Return options that any limit counts alike, where one counts options by different amounts.

    Empty where all limits count responders, and where hardly two options are alike.

    Returns
    -------
    list of numpy.ndarray
        Positions of the options of each group of two or more.
    """
    by_amount = [one.coefficients for one in problem.limits if _is_amount(one.coefficients)]
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
