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

The balance equations are never written down as a matrix. A neighbor of a state has one busy unit
more or less, so its number is known, and what is kept is a number a state and station. Two
structures make that cheap. Who is sent depends on a state only through the set of full stations:
the calls that a tie gets are sums over subsets of that set, and what a call gets are sums over
supersets, both by fast zeta transforms (Yates 1937), whatever the number of different dispatch
orders. And levels (numbers of busy units) only meet their neighbors: each Gauss-Seidel sweep is
followed by a correction of the levels so that the flow up between two levels equals the flow down,
as the exact solution has it (aggregation and disaggregation, Takahashi 1975; Hua et al. 2026, arXiv
2603.03019, iterate over levels, too). The error shrinks by a steady factor with each sweep, and the
mean service is calibrated every few sweeps, not after they have settled.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coresponse.coverage.queueing.kernels import (
    add_calls,
    add_over_subsets,
    add_over_supersets,
    balance_levels,
    free_shares,
    sweep,
    sweep_single,
)
from coresponse.coverage.queueing.system import NoQueueError, Patterns
from coresponse.data.errors import SolverError

# Sweeps end when no state changes by more than this share of the largest one.
CHANGE = 1e-14

# Between two calibrations: enough to shrink the error some thirtyfold, as one calibration does.
SWEEPS_A_ROUND = 8

# systems settle in tens of rounds; those with shares near 1 were seen to take some hundreds
MOST_ROUNDS = 2_500
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
    NoQueueError
        If calls that wait are not eligible for every unit, or outrun the units.
    """
    if queue and (patterns.length < len(units)).any():
        raise NoQueueError(
            "calls can wait in the queueing model only where every unit may be sent to every call "
            "-- leave them to police alone there, or use the replay, which has no such bound",
            "some units may be sent only to some of the calls that they share with others",
        )
    states, asked = _States.of(units), _asked_ties(patterns)
    up = _calls_by_state(states, asked, rate_per_h)
    up_rate, came = up.sum(axis=1), _came_from(states, up)
    mean_h = work_h.sum(axis=1) / _eligible_rate(units, patterns, rate_per_h)
    probability = np.full(states.n, 1.0 / states.n)
    for _ in range(MOST_ROUNDS):
        rate = 1 / mean_h
        change = _sweep_some(states, probability, came, up_rate, rate)
        tail = _tail(units, rate, float(rate_per_h.sum()), probability[-1]) if queue else _NO_TAIL
        at_once = _pattern_shares(states, asked, probability * tail.scale, patterns.n)
        after_wait = units * rate / (units @ rate)
        taken = at_once @ rate_per_h + tail.delayed * rate_per_h.sum() * after_wait
        service_h = work_h / rate_per_h
        spent = (at_once * work_h).sum(axis=1) + tail.delayed * after_wait * (
            service_h @ rate_per_h
        )
        new = np.divide(spent, taken, out=mean_h.copy(), where=taken > 0)
        moved = np.abs(new / mean_h - 1).max()
        if change < CHANGE and moved < CALIBRATION:
            break
        mean_h = new
    else:
        raise SolverError(
            f"the hypercube's balance equations did not settle in {MOST_ROUNDS:,} rounds"
        )
    busy = (probability * tail.scale @ states.busy + tail.queued * units) / units
    return ExactPart(busy, at_once, tail.delayed, after_wait, tail.wait_rate_per_h, states.n)


def _eligible_rate(
    units: NDArray[np.int64], patterns: Patterns, rate_per_h: NDArray[np.float64]
) -> NDArray[np.float64]:
    out = np.zeros(len(units))
    for p in range(patterns.n):
        out[patterns.order[p, : patterns.length[p]]] += rate_per_h[p]
    return out


@dataclass(frozen=True, eq=False)
class _States:
    """The states: (n, stations) busy units; (n,) set of full stations, number of busy units."""

    units: NDArray[np.int64]
    stride: NDArray[np.int64]
    busy: NDArray[np.int32]
    full: NDArray[np.int64]
    level: NDArray[np.int64]

    @property
    def n(self) -> int:
        return len(self.full)

    @classmethod
    def of(cls, units: NDArray[np.int64]) -> _States:
        stride = np.concatenate([[1], np.cumprod(units + 1)[:-1]]).astype(np.int64)
        number = np.arange(count_states(units))
        busy = (number[:, None] // stride % (units + 1)).astype(np.int32)
        full = (busy == units) @ (1 << np.arange(len(units)))
        return cls(units, stride, busy, full, busy.sum(axis=1, dtype=np.int64))


@dataclass(frozen=True, eq=False)
class _Tie:
    """Stations that are asked together, and by whom: set of stations that are full by then, pattern."""

    stations: NDArray[np.int64]
    before: NDArray[np.int64]
    pattern: NDArray[np.int64]


def _asked_ties(patterns: Patterns) -> list[_Tie]:
    asked: dict[tuple[int, ...], list[tuple[int, int]]] = {}
    for p in range(patterns.n):
        order, ends = patterns.order[p].tolist(), patterns.tie_end[p].tolist()
        k, before = 0, 0
        while k < patterns.length[p]:
            stations = tuple(sorted(order[k : ends[k]]))
            asked.setdefault(stations, []).append((before, p))
            for s in stations:
                before |= 1 << s
            k = ends[k]
    return [
        _Tie(np.array(stations), *np.array(by, dtype=np.int64).T.copy())
        for stations, by in asked.items()
    ]


def _calls_by_state(
    states: _States, asked: list[_Tie], rate_per_h: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return (states, stations) calls an hour that each station takes in each state."""
    up = np.zeros((states.n, len(states.units)))
    for tie in asked:
        sent = np.zeros(1 << len(states.units))
        np.add.at(sent, tie.before, rate_per_h[tie.pattern])
        add_over_subsets(sent)
        add_calls(up, sent, states.full, states.busy, states.units, tie.stations)
    return up


def _came_from(states: _States, up: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return (states, stations) rates at which states are entered by a call for the station."""
    came = np.zeros_like(up)
    for s, stride in enumerate(states.stride):
        some = np.flatnonzero(states.busy[:, s] > 0)
        came[some, s] = up[some - stride, s]
    return came


def _pattern_shares(
    states: _States, asked: list[_Tie], probability: NDArray[np.float64], patterns: int
) -> NDArray[np.float64]:
    """Return (stations, patterns): chance that the station takes a call of the pattern at once."""
    out = np.zeros((len(states.units), patterns))
    for tie in asked:
        for s in tie.stations:
            share = np.zeros(1 << len(states.units))
            free_shares(share, probability, states.full, states.busy, states.units, tie.stations, s)
            add_over_supersets(share)
            out[s, tie.pattern] += share[tie.before]
    return out


def _sweep_some(
    states: _States,
    probability: NDArray[np.float64],
    came: NDArray[np.float64],
    up_rate: NDArray[np.float64],
    rate: NDArray[np.float64],
) -> float:
    """Sweep a few times, in place; return the last sweep's largest change as a share of the largest chance."""
    out_rate = up_rate + states.busy @ rate
    single = bool((states.units == 1).all())
    for _ in range(SWEEPS_A_ROUND):
        before = probability.copy()
        if single:
            sweep_single(probability, came, rate, out_rate)
        else:
            sweep(probability, states.busy, states.units, states.stride, came, rate, out_rate)
        balance_levels(probability, states.level, up_rate, out_rate)
    return float(np.abs(probability - before).max() / probability.max())


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
        raise NoQueueError(
            f"{calls:.3g} calls an hour outrun units that serve {capacity:.3g}: the queue would "
            "grow without end -- add units",
            "calls outrun the units in some hours",
        )
    use = calls / capacity
    scale = 1 / (1 + all_busy * use / (1 - use))
    full = all_busy * scale
    return _Tail(scale, full * use / (1 - use), full / (1 - use), capacity - calls)
