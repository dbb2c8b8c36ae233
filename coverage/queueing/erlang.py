"""Erlang's formulas: a fleet of like responders that serves calls from anywhere."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from coresponse.data.errors import InputError


def erlang_b(offered_load: float, units: int) -> float:
    """Return the share of calls that find all units busy and are lost (M/G/N/N; Erlang 1917).

    By the recursion B(0) = 1, B(n) = a B(n-1) / (n + a B(n-1)).

    Parameters
    ----------
    offered_load
        a: calls an hour times mean service hours.
    units
        N, 0 or more.
    """
    _check(offered_load, units)
    blocked = 1.0
    for n in range(1, units + 1):
        blocked = offered_load * blocked / (n + offered_load * blocked)
    return blocked


def erlang_c(offered_load: float, units: int) -> float:
    """Return the share of calls that must wait, if calls wait and none is lost (M/M/N).

    1 if the load outruns the units.
    """
    _check(offered_load, units)
    if offered_load >= units:
        return 1.0
    lost = erlang_b(offered_load, units)
    use = offered_load / units
    return lost / (1 - use * (1 - lost))


def loss_states(offered_load: float, units: int) -> NDArray[np.float64]:
    """Return (units + 1,) probabilities that n units are busy in M/G/N/N.

    P_n proportional to a^n / n!.
    """
    _check(offered_load, units)
    weight = np.ones(units + 1)
    for n in range(1, units + 1):
        weight[n] = weight[n - 1] * offered_load / n
        if weight[n] > 1e200:
            weight /= weight[n]
    return np.asarray(weight / weight.sum())


def _check(offered_load: float, units: int) -> None:
    if not (np.isfinite(offered_load) and offered_load >= 0) or units < 0:
        raise InputError(
            f"offered load and units must be 0 or more, found {offered_load} and {units}"
        )
