"""How a goal's program is branched on: by the solver or in boxes, and at which sums of options.

Where the worst of many groups counts, how many units the area of each gets is settled first.
Fractions of a unit spread over all posts of a district. To take one post out moves them to the
next, and the bound hardly rises; whether the district gets one unit or two is what they hide. So
the number of units in each area is halved before any single post's
(:mod:`coresponse.optimize.tree`).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from coresponse.optimize.goals.convex_program import ConvexProgram
from coresponse.optimize.goals.ready import Ready
from coresponse.optimize.problem import Problem

# Averages (districts, floors) that are many.
MANY = 5


def many_averages(statement: ConvexProgram) -> bool:
    """Say whether many averages count."""
    return len(statement.used()) >= MANY


def worst_of_many(statement: ConvexProgram) -> bool:
    """Say whether the largest of many averages is all that counts."""
    return len(statement.objective) == 1 and (
        len(statement.objective[0].largest_of) >= max(2, MANY)
    )


def solver_branches(problem: Problem, statement: ConvexProgram) -> bool:
    """Say whether the solver branches over estimates: for many averages.

    Not for the worst of them alone, which boxes with areas close faster and rows (``cover_search``)
    had their turn at; nor where it counts with busy units: there cuts at every box close the gap
    faster (measured), since a solution of the solver is cut off by too little.
    """
    shares = problem.busy_share if problem.busy_by_period is None else problem.busy_by_period
    worst = any(len(term.largest_of) > 1 for term in statement.objective)
    boxes = worst_of_many(statement) or (worst and bool((shares > 0).any()))
    return many_averages(statement) and not boxes


def areas(
    statement: ConvexProgram, ready: Sequence[Ready], most: NDArray[np.int64]
) -> list[NDArray[np.int64]]:
    """Return options by the average that the first of them takes most off, where the worst of many counts.

    Any grouping gives a valid search; this one needs to know neither districts nor places.

    Parameters
    ----------
    ready
        The statement's averages.
    most
        (options,) most of each.

    Returns
    -------
    list of numpy.ndarray
        Positions of two options or more each; none where it is not the worst of many that counts.
    """
    if not worst_of_many(statement):
        return []
    nobody = np.zeros(len(most))
    gains = [
        sum((w * ready[j].gains(nobody)[1] for j, w in expression.averages.items()), nobody)
        for expression in statement.objective[0].largest_of
    ]
    area = np.argmax(gains, axis=0)
    found = [np.flatnonzero((area == k) & (most > 0)) for k in range(len(gains))]
    return [options for options in found if len(options) > 1]
