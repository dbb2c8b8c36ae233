"""The hypercube's approximation for larger fleets (Jarvis 1985), by stations, with ties and orders that end early.

Each unit is busy a share rho of its time. The chance that the units before it in a call's dispatch
order are busy and it is free is the product of their shares, corrected by Q for not being
independent (Larson 1975). Where every call may go to every unit, these chances are scaled to what
Erlang's formula leaves. Where an order ends after k units, the call is lost with the like-corrected
chance that these k are busy, and both are scaled so that each call is answered or lost. Then a unit
is busy for the work of the calls it answers, and so on until nothing moves.

Ties are shared in proportion to free
units, as the mean over the orders in which tied units could be asked. Service may depend on unit
and call.

Where not to trust it: p90 (it jumps from one post's drive to the next), single zones, and units
that are hardly ever sent; :data:`ERRORS` has the bounds.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coresponse.coverage.queueing.correction import loss_table
from coresponse.coverage.queueing.erlang import erlang_b
from coresponse.coverage.queueing.kernels import ask_in_order
from coresponse.coverage.queueing.system import Patterns
from coresponse.data.errors import SolverError

# busy shares, whose own error beside the exact model is a million times this
CHANGE = 1e-10

MOST_ROUNDS = 2_000


@dataclass(frozen=True, eq=False)
class ApproximatePart:
    """Approximate answer for one part of a system.

    Attributes
    ----------
    busy_share
        (stations,) by unit.
    at_once
        (stations, patterns) share answered by the station.
    rounds
        Until it settled.
    """

    busy_share: NDArray[np.float64]
    at_once: NDArray[np.float64]
    rounds: int


def solve_approximate(
    units: NDArray[np.int64],
    patterns: Patterns,
    rate_per_h: NDArray[np.float64],
    work_h: NDArray[np.float64],
) -> ApproximatePart:
    """Solve one part of a loss system.

    Parameters
    ----------
    units
        (stations,).
    patterns
        Each has at least one station.
    rate_per_h
        (patterns,) calls an hour, > 0.
    work_h
        (stations, patterns) calls an hour times mean service hours.
    """
    fleet = int(units.sum())
    total = float(rate_per_h.sum())
    service_h = work_h / rate_per_h
    mean_h = float(service_h[patterns.order[:, 0], np.arange(patterns.n)] @ rate_per_h) / total
    open_to_all = bool((patterns.length == len(units)).all())
    busy = np.full(len(units), 0.5 * min(1.0, total * mean_h / fleet))
    for k in range(1, MOST_ROUNDS + 1):
        at_once, left = _shares(units, patterns, busy, *loss_table(fleet, total * mean_h))
        if open_to_all:
            at_once *= (1 - erlang_b(total * mean_h, fleet)) / at_once.sum(axis=0)
        else:
            at_once /= at_once.sum(axis=0) + left
        # what the unit would be offered if it were free all the time
        offered = (at_once * work_h).sum(axis=1) / units / (1 - busy)
        new = 0.5 * busy + 0.5 * offered / (1 + offered)
        answered = at_once * rate_per_h
        mean_h = float((answered * service_h).sum() / answered.sum())
        moved = np.abs(new - busy).max()
        busy = new
        if moved < CHANGE:
            return ApproximatePart(busy, at_once, k)
    raise SolverError(f"the queueing approximation did not settle in {MOST_ROUNDS:,} rounds")


def _shares(
    units: NDArray[np.int64],
    patterns: Patterns,
    busy: NDArray[np.float64],
    free: NDArray[np.float64],
    none_free: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return (stations, patterns) chances that the station answers, and (patterns,) that nobody does, not yet scaled."""
    out, left = np.zeros((len(units), patterns.n)), np.empty(patterns.n)
    ask_in_order(
        out,
        left,
        units,
        patterns.order,
        patterns.tie_end,
        patterns.length,
        busy,
        free,
        none_free,
    )
    return out, left
