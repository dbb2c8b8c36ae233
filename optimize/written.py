"""Small merged models, written out in full and left to the solver's own branch and bound.

With a step cost most columns are alike, and a city of 100,000 comes down to a few thousand. Written
out, such a model is one that the solver presolves, cuts and branches on as a whole, which closes
gaps that boxes of counts do not (where nearly all calls are in time, every post is as good as its
neighbors).
"""

from __future__ import annotations

from collections.abc import Iterator

import pulp

from coresponse.optimize.evaluate import Evaluator
from coresponse.optimize.explicit import entries, mean_cost
from coresponse.optimize.limit_rows import counts_within_limits
from coresponse.optimize.masters import Master, Model
from coresponse.optimize.periods import PeriodEvaluator
from coresponse.optimize.problem import Problem
from coresponse.optimize.pulp_solvers import master_of

# Non-zeros up to which a model is written out: about a second of work.
WRITTEN_MOST = 200_000


def is_small(ready: Evaluator) -> bool:
    """Whether a model is worth writing out.

    Where responders are busy at times it is not: chords make it larger than what they close.
    """
    return ready.all_free and bool(sum(entries(part) for part in _parts(ready)) <= WRITTEN_MOST)


def written_out(problem: Problem, ready: Evaluator, solver: str) -> Master:
    """Write a model out and hand it to a solver."""
    lp = pulp.LpProblem("written", pulp.LpMinimize)
    x = counts_within_limits(lp, problem)
    parts = [mean_cost(lp, x, part, f"p{p}_") for p, part in enumerate(_parts(ready))]
    lp.setObjective(pulp.lpSum(parts))
    return master_of(Model(lp, x, []), solver, tight=True)


def _parts(ready: Evaluator) -> Iterator[Evaluator]:
    if isinstance(ready, PeriodEvaluator):
        yield from ready.parts
    else:
        yield ready
