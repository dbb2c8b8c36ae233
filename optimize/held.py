"""A problem in which some responders stay, or no others may be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from coresponse.optimize.problem import Limit, Problem


def held(
    problem: Problem,
    further: Sequence[Limit] = (),
    within: NDArray[np.integer] | None = None,
    stays: NDArray[np.integer] | None = None,
) -> Problem:
    """Add the responders that stay, and leave out those that may not be.

    Parameters
    ----------
    further
        Limits beyond those of the problem.
    within, stays
        (options,) the most, and the least, of each option; None: any.
    """
    most = problem.most if within is None else np.minimum(problem.most, within)
    limits = [*problem.limits, *further]
    if stays is not None:
        for o in np.flatnonzero(stays):
            row = np.zeros(problem.n_options)
            row[o] = 1.0
            least = float(stays[o])
            name = f"stays: {least:g} x {problem.option_names[o]}"
            limits.append(Limit(name, row, at_least=least))
    return replace(problem, limits=tuple(limits), most=most)
