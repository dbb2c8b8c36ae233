"""Make averages ready to be evaluated, each of evaluators of the core."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from coresponse.optimize.evaluate import evaluator
from coresponse.optimize.explicit import entries
from coresponse.optimize.goals.convex_program import Average
from coresponse.optimize.goals.other_waits import always_free, by_police
from coresponse.optimize.goals.ready import Piece, Ready
from coresponse.optimize.problem import Problem

# Clusters of columns, over all averages.
CLUSTERS = 150

# The same where the solver branches.
#
# It goes through more boxes with fewer than it loses by weaker cuts.
FEW_CLUSTERS = 20


def prepare(
    problem: Problem, averages: Sequence[Average], *, few: bool = False
) -> tuple[Ready, ...]:
    """Prepare averages for evaluation, with few clusters or many.

    Columns that all options cost alike are merged.
    """
    columns = [int((average.calls > 0).sum()) for average in averages]
    together, least = (FEW_CLUSTERS, 1) if few else (CLUSTERS, 4)
    return tuple(
        _ready(problem, average, max(least, round(together * size / max(1, sum(columns)))))
        for average, size in zip(averages, columns, strict=True)
    )


def _ready(problem: Problem, average: Average, clusters: int) -> Ready:
    pieces = []
    total, scale = float(average.calls.sum()), average.scale(problem)
    if average.in_place:
        problem = always_free(problem)
    if average.of_police:
        problem = by_police(problem)
    for columns, part in problem.by_period():
        calls = average.calls[columns]
        there = np.flatnonzero(calls > 0)
        if not len(there):
            continue
        # the very same array if nothing is left out: response times are the bulk of a problem
        response = part.response_s if len(there) == part.n_columns else part.response_s[:, there]
        bare = replace(
            part,
            response_s=response,
            weight=calls[there],
            limits=(),
            today=None,
            moves_at_most=None,
        )
        ready = evaluator(bare, average.waiting, clusters=clusters)
        pieces.append(Piece(ready, float(calls[there].sum()) / total / scale, entries(ready)))
    return Ready(tuple(pieces))
