"""Leave out responders whom no call would ever come to, where no limit says how many there may be."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from coresponse.optimize.problem import Problem

# a further responder is needed when all others of its option are busy: at a chance below this it
# moves no objective by more than solvers are told to prove
NO_CHANCE = 1e-9


def without_never_called(problem: Problem) -> Problem:
    """Return the problem without responders that could not change any call's answer.

    In the model a responder of an option with busy share q is called where the n others of the
    option are busy, with chance q ** n. Where that is below :data:`NO_CHANCE`, one more brings
    nothing; without a limit on a type, an answer might otherwise have a thousand of them at one
    post, equally good. Options that a limit asks for, and today's, keep what they may have.
    """
    shares = problem.busy_share if problem.busy_by_period is None else problem.busy_by_period.max(0)
    of_type = 1 + np.floor(np.log(NO_CHANCE) / np.log(np.maximum(shares, NO_CHANCE / 2)))
    most = np.minimum(problem.most, of_type.astype(np.int64)[problem.option_type])
    if problem.today is not None:
        most = np.minimum(problem.most, np.maximum(most, problem.today))
    for limit in problem.limits:
        if limit.at_least is not None:
            most = np.where(limit.coefficients > 0, problem.most, most)
    return problem if (most == problem.most).all() else replace(problem, most=most)
