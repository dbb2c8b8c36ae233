"""The objective of a deployment, counted again without any of the solver's shortcuts."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from coresponse.optimize.objective import WaitingCost
from coresponse.optimize.problem import Problem


def recount(problem: Problem, waiting: WaitingCost, counts: NDArray[np.integer]) -> float:
    """Work out the mean cost of waiting of a deployment.

    For each column: responders in the order of their cost; each is free with its share, the next takes the call if it is
    not; nobody free means the fallback. This is the definition, not the optimizer's formula: reliability p-median
    (Snyder and Daskin 2005), p-median where all busy shares are 0.

    Returns
    -------
    float
        Weighted mean over the columns, in the unit of the waiting cost.
    """
    fallback = float(waiting(np.array([problem.fallback_s], dtype=np.float64))[0])
    there = np.flatnonzero(counts)
    seconds = np.minimum(problem.response_s[there].astype(np.float64), problem.fallback_s)
    cost = waiting(seconds)
    busy = problem.busy_share[problem.option_type[there]] ** counts[there]
    order = np.argsort(cost, axis=0, kind="stable")
    cost = np.take_along_axis(cost, order, axis=0)
    nobody_yet = np.ones(problem.n_columns)
    total = np.zeros(problem.n_columns)
    for k in range(len(there)):
        all_busy = busy[order[k]]
        total += nobody_yet * (1 - all_busy) * np.minimum(cost[k], fallback)
        nobody_yet = nobody_yet * all_busy
    total += nobody_yet * fallback
    return float(problem.weight @ total / problem.weight.sum())
