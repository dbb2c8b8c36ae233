"""Counts of a model in PuLP, and the rows of its limits: what every statement begins with."""

from __future__ import annotations

import numpy as np
import pulp

from coresponse.optimize.problem import Problem


def counts_within_limits(lp: pulp.LpProblem, problem: Problem) -> list[pulp.LpVariable]:
    """Add the counts and all that limits them; return the counts."""
    x = [
        lp.add_variable(f"x{o:06d}", 0, int(problem.most[o]), pulp.LpInteger)
        for o in range(problem.n_options)
    ]
    # a variable that is in no constraint would be left out of the model
    lp += pulp.lpSum(x) >= 0, "all_options"
    for i, limit in enumerate(problem.limits):
        used = pulp.LpAffineExpression(
            {x[o]: float(limit.coefficients[o]) for o in np.flatnonzero(limit.coefficients)}
        )
        if limit.at_most is not None:
            lp += used <= limit.at_most, f"at_most_{i}"
        if limit.at_least is not None:
            lp += used >= limit.at_least, f"at_least_{i}"
    if problem.moves_at_most is not None and problem.today is not None:
        kept = []
        for o in np.flatnonzero(problem.today):
            kept.append(lp.add_variable(f"kept{o:06d}", 0, int(problem.today[o])))
            lp += kept[-1] <= x[o], f"kept_{o}"
        lp += pulp.lpSum(kept) >= int(problem.today.sum()) - problem.moves_at_most, "moves"
    return x
