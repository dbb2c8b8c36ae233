"""Solve a queueing system: part by part, exactly where that is affordable."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from coresponse.coverage.queueing.hypercube import ExactPart, count_states, solve_exact
from coresponse.coverage.queueing.jarvis import ApproximatePart, solve_approximate
from coresponse.coverage.queueing.system import (
    NoQueueError,
    Patterns,
    QueueAnswer,
    QueueSystem,
    components,
    dispatch_patterns,
)
from coresponse.data.errors import InputError

# Parts with at most this many states are solved exactly: seventeen units at seventeen posts, more
# where units share posts.
#
# Such a part takes about 1.5 s of one core, one of fourteen units 0.15 s
# (``benchmarks/queueing.py``).
EXACT_STATES = 1 << 17

# twenty units: each one more doubles them, and 8 MB for every vector that is held
MOST_STATES = 1 << 20


def solve_queue(
    system: QueueSystem,
    *,
    method: Literal["auto", "exact", "approximation"] = "auto",
    exact_states: int = EXACT_STATES,
) -> QueueAnswer:
    """Say what a system's units do.

    The system is first split into parts that share no demand, which is exact.

    Parameters
    ----------
    method
        ``auto``: exact for parts with at most `exact_states` states, the approximation above that.

    Raises
    ------
    NoQueueError
        If calls wait (queue) and not every unit of a part may be sent to all its calls, or they
        outrun the units, or the part is too large for the exact model.
    InputError
        If `method` is ``exact`` and a part is too large for it.
    """
    stations = len(system.units)
    patterns = dispatch_patterns(system.response_s, system.later)
    rate = patterns.total(system.rate_per_h)
    work = np.zeros((stations, patterns.n))
    for s in range(stations):
        work[s] = patterns.total(
            np.where(np.isfinite(system.response_s[s]), system.rate_per_h * system.service_h[s], 0)
        )
    served = np.flatnonzero(patterns.length > 0)
    part_of = components(patterns, stations)
    busy = np.zeros(stations)
    at_once, after_wait = np.zeros((stations, patterns.n)), np.zeros((stations, patterns.n))
    delayed, wait_rate = np.zeros(patterns.n), np.zeros(patterns.n)
    states, exact = 0, True
    for part in np.unique(part_of[patterns.order[served, 0]]) if len(served) else ():
        here = np.flatnonzero(part_of == part)
        some = served[part_of[patterns.order[served, 0]] == part]
        answer = _solve_part(
            system,
            here,
            _within(patterns, some, here),
            rate[some],
            work[np.ix_(here, some)],
            method,
            exact_states,
        )
        busy[here] = answer.busy_share
        at_once[np.ix_(here, some)] = answer.at_once
        if isinstance(answer, ExactPart):
            states += answer.states
            delayed[some], wait_rate[some] = answer.delayed, answer.wait_rate_per_h
            after_wait[np.ix_(here, some)] = answer.delayed * answer.after_wait[:, None]
        else:
            exact = False
    dispatch = (at_once + after_wait)[:, patterns.of_row]
    return QueueAnswer(
        system=system,
        method="exact" if exact else "approximation",
        busy_share=busy,
        dispatch=dispatch,
        lost=np.clip(1 - dispatch.sum(axis=0), 0.0, 1.0),
        delayed=delayed[patterns.of_row],
        wait_rate_per_h=wait_rate[patterns.of_row],
        after_wait=after_wait[:, patterns.of_row],
        states=states,
    )


def _within(patterns: Patterns, some: NDArray[np.int64], here: NDArray[np.int64]) -> Patterns:
    """Cut patterns down to the stations of one part, which are the only ones in them."""
    number = np.zeros(patterns.order.shape[1], dtype=np.int64)
    number[here] = np.arange(len(here))
    return Patterns(
        of_row=np.arange(len(some)),
        order=np.ascontiguousarray(number[patterns.order[some, : len(here)]]),
        tie_end=np.ascontiguousarray(patterns.tie_end[some, : len(here)]),
        length=patterns.length[some],
    )


def _solve_part(
    system: QueueSystem,
    here: NDArray[np.int64],
    patterns: Patterns,
    rate: NDArray[np.float64],
    work: NDArray[np.float64],
    method: str,
    exact_states: int,
) -> ExactPart | ApproximatePart:
    units = system.units[here]
    states = count_states(units)
    if method == "exact" and states > MOST_STATES:
        raise InputError(
            f"{int(units.sum())} units that share calls have {states:,} states, too many for the "
            f"exact queueing model (at most {MOST_STATES:,}) -- use the approximation or the replay"
        )
    if method == "exact" or (method == "auto" and states <= exact_states):
        return solve_exact(units, patterns, rate, work, queue=system.discipline == "queue")
    if system.discipline == "queue":
        raise NoQueueError(
            "the queueing approximation is for calls that do not wait -- use the exact model or "
            "the replay",
            "the units are too many for the exact model",
        )
    return solve_approximate(units, patterns, rate, work)
