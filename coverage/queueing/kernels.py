"""Compiled inner loops of the exact hypercube.

States are numbered in mixed radix, station 0 fastest.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from coresponse.data.compiled import compiled


@compiled
def arrival_rates(
    digits: NDArray[np.float64],
    units: NDArray[np.int64],
    order: NDArray[np.int64],
    tie_end: NDArray[np.int64],
    length: NDArray[np.int64],
    rate: NDArray[np.float64],
    work: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return (states, stations) calls an hour that each station takes in each state, and the hours of work they bring."""
    n, stations = digits.shape
    up = np.zeros((n, stations))
    load = np.zeros((n, stations))
    for state in range(n):
        for p in range(len(length)):
            k = 0
            while k < length[p]:
                end = tie_end[p, k]
                free = 0.0
                for m in range(k, end):
                    s = order[p, m]
                    free += units[s] - digits[state, s]
                if free > 0:
                    for m in range(k, end):
                        s = order[p, m]
                        share = (units[s] - digits[state, s]) / free
                        up[state, s] += rate[p] * share
                        load[state, s] += work[s, p] * share
                    break
                k = end
    return up, load


@compiled
def pattern_shares(
    digits: NDArray[np.float64],
    units: NDArray[np.int64],
    order: NDArray[np.int64],
    tie_end: NDArray[np.int64],
    length: NDArray[np.int64],
    probability: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return (stations, patterns): chance that the station takes a call of the pattern at once."""
    n, stations = digits.shape
    out = np.zeros((len(length), stations))
    for state in range(n):
        for p in range(len(length)):
            k = 0
            while k < length[p]:
                end = tie_end[p, k]
                free = 0.0
                for m in range(k, end):
                    s = order[p, m]
                    free += units[s] - digits[state, s]
                if free > 0:
                    for m in range(k, end):
                        s = order[p, m]
                        out[p, s] += probability[state] * (units[s] - digits[state, s]) / free
                    break
                k = end
    return out.T.copy()


@compiled
def sweep(
    probability: NDArray[np.float64],
    digits: NDArray[np.float64],
    units: NDArray[np.int64],
    up: NDArray[np.float64],
    rate: NDArray[np.float64],
) -> None:
    """Sweep once up and once down through the balance equations, in place."""
    n, stations = digits.shape
    for step in range(2 * n):
        state = step if step < n else 2 * n - 1 - step
        inflow = 0.0
        outflow = 0.0
        stride = 1
        for s in range(stations):
            busy = digits[state, s]
            outflow += up[state, s] + busy * rate[s]
            if busy > 0:
                inflow += probability[state - stride] * up[state - stride, s]
            if busy < units[s]:
                inflow += probability[state + stride] * (busy + 1) * rate[s]
            stride *= units[s] + 1
        probability[state] = inflow / outflow


@compiled
def balance_levels(
    probability: NDArray[np.float64],
    digits: NDArray[np.float64],
    level: NDArray[np.int64],
    up: NDArray[np.float64],
    rate: NDArray[np.float64],
) -> None:
    """Scale each level, in place, so that the flows between levels balance and all probabilities add up to 1."""
    n, stations = digits.shape
    levels = level.max() + 1
    rising = np.zeros(levels)
    falling = np.zeros(levels)
    for state in range(n):
        for s in range(stations):
            rising[level[state]] += probability[state] * up[state, s]
            falling[level[state]] += probability[state] * digits[state, s] * rate[s]
    scale = np.ones(levels)
    for lv in range(
        1, levels
    ):  # where hundreds of units are never all busy, a level's chance is below the least number
        scale[lv] = scale[lv - 1] * rising[lv - 1] / falling[lv] if falling[lv] > 0 else 0.0
    probability *= scale[level]
    probability /= probability.sum()
