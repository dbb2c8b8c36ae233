"""The whole model written out in PuLP.

The readable statement, and the oracle for the decomposition.

Sets: columns i, options o, levels k = 1..m_i of column i (its distinct costs d_1 < ... < d_m < f).
Variables: x_o, whole, how many of option o; z_ik >= 0, the chance that nobody within d_k is free.
Minimize the weighted mean of d_1 + sum over k of (d_{k+1} - d_k) * z_ik, with d_{m+1} = f, where

    z_ik >= e^-a - slope(a, b) * (u_ik - a)   for neighboring attainable values a < b of u_ik,
    u_ik = sum over o within d_k of -ln(q_o) * x_o,

subject to the limits. With q = 0 there is one pair (0, infinity) and the line reads z_ik >= 1 - sum
of x_o.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pulp

from coresponse.optimize.cost_columns import BLOCK
from coresponse.optimize.evaluate import Evaluator, evaluator
from coresponse.optimize.limit_rows import counts_within_limits
from coresponse.optimize.objective import WaitingCost
from coresponse.optimize.problem import Problem


def explicit_model(
    problem: Problem, waiting: WaitingCost
) -> tuple[pulp.LpProblem, list[pulp.LpVariable]]:
    """Write the model out.

    Only for small problems: a row for each column, level and pair of values.

    Returns
    -------
    pulp.LpProblem
        To be solved.
    list of pulp.LpVariable
        The counts.
    """
    lp = pulp.LpProblem("explicit", pulp.LpMinimize)
    x = counts_within_limits(lp, problem)
    total = problem.weight.sum()
    terms = []
    for p, (_, part) in enumerate(problem.by_period()):
        share = float(part.weight.sum() / total)
        terms.append(share * mean_cost(lp, x, evaluator(part, waiting, clusters=1), f"p{p}_"))
    lp.setObjective(pulp.lpSum(terms))
    return lp, x


def mean_cost(
    lp: pulp.LpProblem, x: list[pulp.LpVariable], ready: Evaluator, name: str
) -> pulp.LpAffineExpression:
    """Add the chances z of a demand's columns.

    Return its mean cost, exact where it is pressed down and x is whole.
    """
    terms: list[pulp.LpAffineExpression] = []
    knots = ready.knots
    for i, (row, weight) in enumerate(zip(ready.row_of, ready.weight, strict=True)):
        cost = ready.cost[row]
        levels = np.unique(cost[cost < ready.fallback]).astype(float)
        terms.append(
            pulp.LpAffineExpression(
                constant=weight * (levels[0] if len(levels) else ready.fallback)
            )
        )
        for k, d in enumerate(levels):
            end = levels[k + 1] if k + 1 < len(levels) else ready.fallback
            z = lp.add_variable(f"z{name}{i}_{k}", 0, 1)
            u = pulp.LpAffineExpression(
                {x[o]: float(ready.rate[o]) for o in np.flatnonzero(cost <= d)}
            )
            for a, b in pairwise(knots):
                slope = (np.exp(-a) - (0.0 if b == knots[-1] else np.exp(-b))) / (b - a)
                lp += z >= float(np.exp(-a)) - float(slope) * (u - float(a))
            terms.append(float(weight * (end - d)) * z)
    return pulp.lpSum(terms)


def entries(ready: Evaluator) -> float:
    """Estimate the non-zeros of a demand written out.

    Inf if it cannot be, for it has too many values to list.
    """
    if len(ready.knots) < 2:
        return float("inf")
    n = len(ready.weight)
    near, step = np.empty(n), max(1, BLOCK // max(1, ready.n_options))
    for i in range(0, n, step):
        some = slice(i, i + step)
        near[some] = (ready.costs(some) < ready.fallback).sum(axis=1)
    # with many levels each holds all options of those before it
    few = ready.costs(slice(0, 200))
    alike = np.array([len(np.unique(row[row < ready.fallback])) for row in few])
    levels = np.minimum(near, float(alike.mean()) if len(alike) else 0.0)
    return float(((near + 1) * (levels + 1) / 2).sum() * (len(ready.knots) - 1))
