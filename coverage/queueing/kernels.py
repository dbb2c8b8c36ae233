"""Compiled inner loops of the exact hypercube and of its approximation.

States are numbered in mixed radix, station 0 fastest. Which stations are full (all their units
busy) is a set of stations, written as a number whose bit s stands for station s.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from coresponse.data.compiled import compiled, compiled_lean


@compiled_lean
def add_over_subsets(values: NDArray[np.float64]) -> None:
    """Replace values[m], in place, by the sum over all subsets of the set m (fast zeta transform)."""
    bit = 1
    while bit < len(values):
        for start in range(bit, len(values), 2 * bit):
            for m in range(start, start + bit):
                values[m] += values[m - bit]
        bit *= 2


@compiled_lean
def add_over_supersets(values: NDArray[np.float64]) -> None:
    """Replace values[m], in place, by the sum over all sets that hold the set m."""
    bit = 1
    while bit < len(values):
        for start in range(0, len(values), 2 * bit):
            for m in range(start, start + bit):
                values[m] += values[m + bit]
        bit *= 2


@compiled_lean
def add_calls(
    out: NDArray[np.float64],
    sent: NDArray[np.float64],
    full: NDArray[np.int64],
    busy: NDArray[np.int32],
    units: NDArray[np.int64],
    tie: NDArray[np.int64],
) -> None:
    """Add to `out` (states, stations) the calls that one tie gets in each state, shared by free units.

    Parameters
    ----------
    sent
        (2^stations,) calls an hour that come to the tie when this set of stations is full.
    """
    for state in range(len(full)):
        rate = sent[full[state]]
        if rate == 0:
            continue
        free = 0
        for s in tie:
            free += units[s] - busy[state, s]
        if free > 0:
            for s in tie:
                out[state, s] += rate * (units[s] - busy[state, s]) / free


@compiled_lean
def free_shares(
    out: NDArray[np.float64],
    probability: NDArray[np.float64],
    full: NDArray[np.int64],
    busy: NDArray[np.int32],
    units: NDArray[np.int64],
    tie: NDArray[np.int64],
    station: int,
) -> None:
    """Add to `out` (2^stations,) each state's chance times the station's share of the tie's free units."""
    for state in range(len(full)):
        mine = units[station] - busy[state, station]
        if mine > 0:
            free = 0
            for s in tie:
                free += units[s] - busy[state, s]
            out[full[state]] += probability[state] * mine / free


@compiled_lean
def sweep(
    probability: NDArray[np.float64],
    busy: NDArray[np.int32],
    units: NDArray[np.int64],
    stride: NDArray[np.int64],
    came: NDArray[np.float64],
    rate: NDArray[np.float64],
    out_rate: NDArray[np.float64],
) -> None:
    """Sweep once up and once down through the balance equations, in place.

    Parameters
    ----------
    came
        (states, stations) rate at which the state is entered from the one with one busy unit less.
    out_rate
        (states,) rate at which the state is left.
    """
    n, stations = busy.shape
    for step in range(2 * n):
        state = step if step < n else 2 * n - 1 - step
        inflow = 0.0
        for s in range(stations):
            b = busy[state, s]
            if b > 0:
                inflow += probability[state - stride[s]] * came[state, s]
            if b < units[s]:
                inflow += probability[state + stride[s]] * (b + 1) * rate[s]
        probability[state] = inflow / out_rate[state]


@compiled_lean
def sweep_single(
    probability: NDArray[np.float64],
    came: NDArray[np.float64],
    rate: NDArray[np.float64],
    out_rate: NDArray[np.float64],
) -> None:
    """As :func:`sweep`, where every station has one unit: a neighbor differs in one bit."""
    n, stations = came.shape
    for step in range(2 * n):
        state = step if step < n else 2 * n - 1 - step
        inflow = 0.0
        for s in range(stations):
            if state >> s & 1:
                inflow += probability[state ^ (1 << s)] * came[state, s]
            else:
                inflow += probability[state ^ (1 << s)] * rate[s]
        probability[state] = inflow / out_rate[state]


@compiled
def balance_levels(
    probability: NDArray[np.float64],
    level: NDArray[np.int64],
    up_rate: NDArray[np.float64],
    out_rate: NDArray[np.float64],
) -> None:
    """Scale each level, in place, so that the flows between levels balance and all probabilities add up to 1."""
    levels = 0
    for state in range(len(level)):  # numba's max takes half a second to compile
        levels = max(levels, level[state] + 1)
    rising = np.zeros(levels)
    falling = np.zeros(levels)
    for state in range(len(level)):
        rising[level[state]] += probability[state] * up_rate[state]
        falling[level[state]] += probability[state] * (out_rate[state] - up_rate[state])
    scale = np.ones(levels)
    # where hundreds of units are never all busy, a level's chance is below the least number
    for lv in range(1, levels):
        scale[lv] = scale[lv - 1] * rising[lv - 1] / falling[lv] if falling[lv] > 0 else 0.0
    total = 0.0
    for state in range(len(level)):
        probability[state] *= scale[level[state]]
        total += probability[state]
    for state in range(len(level)):
        probability[state] /= total


@compiled
def ask_in_order(
    out: NDArray[np.float64],
    left: NDArray[np.float64],
    units: NDArray[np.int64],
    order: NDArray[np.int64],
    tie_end: NDArray[np.int64],
    length: NDArray[np.int64],
    busy: NDArray[np.float64],
    free: NDArray[np.float64],
    none_free: NDArray[np.float64],
) -> None:
    """Ask the stations of each pattern in their order, tie by tie; like units one after the other, in an order that favors none.

    Parameters
    ----------
    out
        (stations, patterns) zeros, to which the chance that the station answers is added.
    left
        (patterns,) is set to the chance that nobody does.
    order, tie_end, length
        As in :class:`~coresponse.coverage.queueing.system.Patterns`.
    free, none_free
        (units,), (units + 1,) corrections by how many units were asked before (``correction.py``).
    """
    for p in range(len(length)):
        k, asked, all_busy = 0, 0, 1.0
        while k < length[p]:
            end = tie_end[p, k]
            size, work, weight, none = 0, 0.0, 0.0, 1.0
            for j in range(k, end):
                s = order[p, j]
                size += units[s]
                work += units[s] * busy[s]
                weight += units[s] * (1.0 - busy[s])
                none *= busy[s] ** units[s]
            mean_busy = work / size
            mass, power = 0.0, all_busy
            for i in range(size):
                mass += free[asked + i] * power * (1.0 - mean_busy)
                power *= mean_busy
            for j in range(k, end):
                s = order[p, j]
                out[s, p] += units[s] * (1.0 - busy[s]) * (mass / weight)
            all_busy *= none
            asked += size
            k = end
        left[p] = all_busy * none_free[asked]
