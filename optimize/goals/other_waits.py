"""Problems of other waits: of responders who are always free, and of chances of police."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from coresponse.data.errors import InputError
from coresponse.optimize.problem import Problem


def always_free(problem: Problem) -> Problem:
    """Return a problem in which whoever is in place is free."""
    nobody = np.zeros(len(problem.type_names))
    return replace(problem, busy_share=nobody, busy_by_period=None, column_period=None)


def by_police(problem: Problem, wait: float = 0.0) -> Problem:
    """Return a problem whose waits are chances of police at a call, as shares of the fallback.

    A call goes to the crew in reach that brings police least often, and to police where none is
    free.

    Parameters
    ----------
    wait
        How much of a reached call's own wait is added, so that of crews alike the nearer is better.

    Raises
    ------
    InputError
        If the problem does not say how often police come, or they always do.
    """
    if problem.police_share is None:
        raise InputError("least police: how often crews come with police is not known")
    if (problem.police_share >= 1).all():
        raise InputError(
            "least_police: every crew of the program has an officer in it or goes after one, so "
            "that no plan has less police than another -- plan with a program that has crews "
            "without"
        )
    reached = np.isfinite(problem.response_s)
    share = np.broadcast_to(problem.police_share[:, None], reached.shape)
    seconds = share * problem.fallback_s
    if wait:
        seconds = seconds + wait * np.minimum(problem.response_s, problem.fallback_s)
    response = np.where(reached, seconds, np.inf).astype(np.float32)
    return replace(problem, response_s=response)
