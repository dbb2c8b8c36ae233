"""The fixed point of busy units: solve, measure busy shares by queueing, solve again, until both agree.

A plan for units that are always free sends them where calls are and leaves no backup. Here the
optimizer is told how busy each responder type is, and the answer's own busy shares are measured, in
turns, as Daskin's (1983) busy fraction asks for.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from coresponse.coverage.cells import DemandCells
from coresponse.coverage.queueing.queueing_measures import QueueingMeasures
from coresponse.data.options import Deployment
from coresponse.optimize.objective import Late, WaitingCost
from coresponse.optimize.optimum import BusyRound, BusyRounds, End, Optimum
from coresponse.optimize.solution import Status

# Busy shares this near to those planned with are the same.
#
# Queueing itself is no closer to a city.
AGREE = 0.005

# where rounds go to and fro between two plans, more of them bring no third: the better one is
# taken, by what queueing finds of it
MOST_ROUNDS = 8

# Where searches end by time each has half of what is left, so that another can follow; but not
# less than this.
MOMENT_S = 1.0

# Solve with busy shares, from the counts of the round before, in so many seconds.
SolveWith = Callable[[Mapping[str, float], NDArray[np.int64], float], Optimum]


def busy_fixed_point(
    naive: Optimum,
    solve_with: SolveWith,
    measure: Callable[[Deployment], QueueingMeasures],
    cost: Callable[[QueueingMeasures], float],
    *,
    seconds: float,
    most_rounds: int = MOST_ROUNDS,
    agree: float = AGREE,
) -> BusyRounds:
    """Take turns until the deployment repeats or busy shares no longer move.

    Keep the best by queueing.

    Parameters
    ----------
    naive
        The answer for units that are always free.
    measure, cost
        Queueing's figures of a deployment, and their cost of waiting.
    seconds
        For all further rounds together.
    """
    began = time.monotonic()
    rounds = [_round(dict.fromkeys(naive.problem.type_names, 0.0), naive, measure, cost)]
    end = End.ROUNDS
    for _ in range(most_rounds):
        last = rounds[-1]
        left = seconds - (time.monotonic() - began)
        if left <= 0:
            end = End.TIME
            break
        found = solve_with(last.measured, last.best.solution.counts, max(0.5 * left, MOMENT_S))
        if not found.found:
            impossible = found.solution.status is Status.INFEASIBLE
            end = (
                End.NONE if impossible else End.STOPPED if found.solution.interrupted else End.TIME
            )
            break
        same = [
            k
            for k, r in enumerate(rounds)
            if np.array_equal(r.best.solution.counts, found.solution.counts)
        ]
        rounds.append(_round(last.measured, found, measure, cost))
        if found.solution.interrupted:
            end = End.STOPPED
        elif same and same[-1] < len(rounds) - 2:
            end = End.CYCLE
        elif same or _near(rounds[-1], agree):
            end = End.AGREE
        else:
            continue
        break
    # of rounds that are alike by queueing the latest: it was planned with shares nearer to its own
    least = min(r.queueing_cost for r in rounds)
    chosen = max(k for k, r in enumerate(rounds) if r.queueing_cost <= least * (1 + 1e-9))
    return BusyRounds(tuple(rounds), chosen, end, time.monotonic() - began)


def _round(
    planned_with: dict[str, float],
    best: Optimum,
    measure: Callable[[Deployment], QueueingMeasures],
    cost: Callable[[QueueingMeasures], float],
) -> BusyRound:
    found = measure(best.deployment)
    # a type that is not used stays as busy as it was thought to be, so that it is not free for the
    # asking
    measured = planned_with | found.busy_share
    return BusyRound(dict(planned_with), measured, cost(found), best)


def _near(turn: BusyRound, agree: float) -> bool:
    return all(
        abs(turn.measured[name] - turn.planned_with[name]) <= agree for name in turn.measured
    )


def queueing_cost(measures: QueueingMeasures, cells: DemandCells, waiting: WaitingCost) -> float:
    """Return the mean cost of waiting with busy units, in the goal's unit, calls weighted by class as in the objective."""
    table = measures.by_class
    weight = np.array([cells.class_weight[cells.class_names.index(name)] for name in table.index])
    weight = weight * table["calls_per_week"].to_numpy()
    cost = (
        1 - table["share_in_time"] if isinstance(waiting, Late) else table["mean_with_fallback_s"]
    )
    return float(weight @ cost.to_numpy() / weight.sum())
