"""The hypercube queueing model, exactly (Larson 1974), with like units of a post taken together.

A state says how many units of each station are busy; with one unit a station these are the corners
of a hypercube, 2^N of them. Units that are alike (same post, same type) are interchangeable, so a
station of c units needs c + 1 levels, not 2^c (exact lumping: ties among them are shared equally).

A call goes to the first tie of its dispatch order with a free unit, shared among the free units of
the tie. Service is exponential with a rate of each station's own. Service that depends on the call
is taken as the station's mean over the calls that it answers, found by iteration (Larson's mean
service calibration): exact where the mean is the same for all calls of a station, an approximation
otherwise.

Loss: a call that finds no eligible unit free leaves. Dispatch orders may end early (partial
eligibility); still exact. Queue: first come, first served, without limit; then every call must be
eligible for every unit. Exact: with all units busy, the queue grows and shrinks as a birth-death
chain.

The balance equations are solved by Gauss-Seidel sweeps, each followed by a correction of the levels
(numbers of busy units) so that the flow up between two levels equals the flow down, as the exact
solution has it (aggregation and disaggregation, Takahashi 1975). The error shrinks by a steady
factor with each sweep.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coresponse.coverage.queueing.kernels import (
    arrival_rates,
    balance_levels,
    pattern_shares,
    sweep,
)
from coresponse.coverage.queueing.system import Patterns
from coresponse.data.errors import InputError, SolverError

CHANGE = 1e-14
"""Sweeps end when no state changes by more than this share of the largest one, twice in a row."""

MOST_SWEEPS = 20_000
CALIBRATION = 1e-12


@dataclass(frozen=True, eq=False)
class ExactPart:
    """Exact answer for one part of a system.

    Attributes
    ----------
    busy_share
        (stations,) by unit.
    at_once
        (stations, patterns) share answered at once by the station.
    delayed
        Share of calls that wait (queue), the same for all.
    after_wait
        (stations,) share of waiting calls that the station takes.
    wait_rate_per_h
        Of those that wait.
    states
        Number of them.
    """

    busy_share: NDArray[np.float64]
    at_once: NDArray[np.float64]
    delayed: float
    after_wait: NDArray[np.float64]
    wait_rate_per_h: float
    states: int


def count_states(units: NDArray[np.int64]) -> int:
    """Return the number of states of stations with so many units."""
    out = 1
    for c in units:
        out *= int(c) + 1
    return out


def solve_exact(
    units: NDArray[np.int64],
    patterns: Patterns,
    rate_per_h: NDArray[np.float64],
    work_h: NDArray[np.float64],
    *,
    queue: bool = False,
) -> ExactPart:
    """Solve one part exactly.

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
    queue
        Calls wait instead of being lost.

    Raises
    ------
    InputError
        If calls that wait are not eligible for every unit, or outrun the units.
    """
    n = count_states(units)
    digits = _digits(units, n)
    up, work = arrival_rates(
        digits, units, patterns.order, patterns.tie_end, patterns.length, rate_per_h, work_h
    )
    if queue and (patterns.length < len(units)).any():
        raise InputError(
            "calls can wait in the queueing model only where every unit may be sent to every call "
            "-- leave them to police "
            "alone there, or use the replay, which has no such bound"
        )
    mean_h = work_h.sum(axis=1) / _eligible_rate(units, patterns, rate_per_h)
    probability = np.full(n, 1.0 / n)
    for _ in range(200):
        rate = 1 / mean_h
        probability = _stationary(digits, units, up, rate, probability)
        tail = _tail(units, rate, float(rate_per_h.sum()), probability[-1]) if queue else _NO_TAIL
        share = units * rate / (units @ rate)
        taken = (probability @ up) * tail.scale + tail.delayed * rate_per_h.sum() * share
        spent = (probability @ work) * tail.scale + tail.delayed * work_h.sum(axis=1) * share
        new = np.divide(spent, taken, out=mean_h.copy(), where=taken > 0)
        moved = np.abs(new / mean_h - 1).max()
        mean_h = new
        if moved < CALIBRATION:
            break
    probability = probability * tail.scale
    busy = (probability @ digits + tail.queued * units) / units
    at_once = pattern_shares(
        digits, units, patterns.order, patterns.tie_end, patterns.length, probability
    )
    return ExactPart(busy, at_once, tail.delayed, share, tail.wait_rate_per_h, n)


def _eligible_rate(
    units: NDArray[np.int64], patterns: Patterns, rate_per_h: NDArray[np.float64]
) -> NDArray[np.float64]:
    out = np.zeros(len(units))
    for p in range(patterns.n):
        out[patterns.order[p, : patterns.length[p]]] += rate_per_h[p]
    return out


def _digits(units: NDArray[np.int64], n: int) -> NDArray[np.float64]:
    """Return (states, stations).

    How many units of each station are busy; the last station changes slowest.
    """
    out = np.empty((n, len(units)))
    stride = 1
    for s, c in enumerate(units):
        out[:, s] = (np.arange(n) // stride) % (c + 1)
        stride *= int(c) + 1
    return out


def _stationary(
    digits: NDArray[np.float64],
    units: NDArray[np.int64],
    up: NDArray[np.float64],
    rate: NDArray[np.float64],
    start: NDArray[np.float64],
) -> NDArray[np.float64]:
    probability = np.ascontiguousarray(start)
    level = digits.sum(axis=1).astype(np.int64)
    small = 0
    for _ in range(MOST_SWEEPS):
        before = probability.copy()
        sweep(probability, digits, units, up, rate)
        balance_levels(probability, digits, level, up, rate)
        change = np.abs(probability - before).max()
        small = small + 1 if change < CHANGE * probability.max() else 0
        if small == 2:
            return probability
    raise SolverError(f"the hypercube's balance equations did not settle in {MOST_SWEEPS:,} sweeps")


@dataclass(frozen=True)
class _Tail:
    """States with a queue.

    The scale left for the others, chance of a queue, of having to wait, and the wait's rate.
    """

    scale: float
    queued: float
    delayed: float
    wait_rate_per_h: float


_NO_TAIL = _Tail(1.0, 0.0, 0.0, 0.0)


def _tail(
    units: NDArray[np.int64], rate: NDArray[np.float64], calls: float, all_busy: float
) -> _Tail:
    capacity = float(units @ rate)
    if calls >= capacity:
        raise InputError(
            f"{calls:.3g} calls an hour outrun units that serve {capacity:.3g}: the queue would "
            "grow without end -- add units"
        )
    use = calls / capacity
    scale = 1 / (1 + all_busy * use / (1 - use))
    full = all_busy * scale
    return _Tail(scale, full * use / (1 - use), full / (1 - use), capacity - calls)
