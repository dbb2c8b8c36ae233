"""Correction factors: how far busy units are from being busy independently of each other.

With N like units, each busy a share r, the chance that k given units are busy and one further given
unit is free is Q_k r^k (1 - r). Larson (1975) derived Q for calls that wait, Jarvis (1985) for
calls that are lost. Q_k is above 1 where the load is small and k large, and is not to be clipped.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from coresponse.coverage.queueing.erlang import loss_states
from coresponse.data.errors import InputError

# close to the smallest double: quotients of such numbers are noise
NEVER = 1e-280


def loss_factors(units: int, offered_load: float) -> NDArray[np.float64]:
    """Return Q_0 .. Q_{N-1} where calls that find all units busy are lost.

    Q_k r^k (1 - r) = sum_m P_m C(N-k-1, m-k) / C(N, m), P_m the Erlang loss states, r = a (1 - P_N)
    / N.
    """
    free, _ = loss_table(units, offered_load)
    return free


def loss_table(units: int, offered_load: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the correction factors of a loss system, and those for lists that end.

    Returns
    -------
    free
        (N,) Q_k: k given units are busy and one further given unit is free.
    none_free
        (N + 1,) G_k: k given units are busy whatever the others do, as a multiple of r^k; this is
        what a call needs that only k units may serve.
    """
    if units < 1:
        raise InputError(f"a fleet needs at least one unit, found {units}")
    if offered_load <= 0:  # the limit of an idle fleet; any row's first unit is free
        return np.ones(units), np.ones(units + 1)
    p = loss_states(offered_load, units)
    r = offered_load * (1 - p[-1]) / units
    busy = np.empty(units + 1)
    for k in range(units + 1):
        # chance that k given units are among m busy ones: C(N-k, m-k) / C(N, m) = (m)_k / (N)_k
        share, total = 1.0, 0.0
        for i in range(k):
            share *= (k - i) / (units - i)
        for m in range(k, units + 1):
            total += p[m] * share
            share *= (m + 1) / (m + 1 - k)
        busy[k] = total
    power = r ** np.arange(units + 1)
    # so many units are busy at once never: whatever the factor, its product with r^k is nothing
    told = (power > NEVER) & (busy > NEVER)
    free, none_free = np.ones(units), np.ones(units + 1)
    np.divide(busy[:-1] - busy[1:], power[:-1] * (1 - r), out=free, where=told[:-1])
    np.divide(busy, power, out=none_free, where=told)
    return free, none_free


def delay_factors(units: int, load_per_unit: float) -> NDArray[np.float64]:
    """Return Q_0 ..

    Q_{N-1} where calls wait in one queue (Larson 1975; Urban Operations Research, 5.5.3).

    Q_k = P_0 sum_m (N-k-1)! (N-m) N^m rho^(m-k) / ((m-k)! N! (1 - rho)), m = k .. N-1.

    Parameters
    ----------
    load_per_unit
        rho = a / N, below 1.

    Raises
    ------
    InputError
        If the load outruns the units.
    """
    if units < 1 or not 0 <= load_per_unit < 1:
        raise InputError(
            f"a queue of {units} units needs a load per unit in [0, 1), found {load_per_unit:.3g} "
            "-- add units"
        )
    if load_per_unit == 0:
        return np.ones(units)
    a = units * load_per_unit
    weight = np.ones(units + 1)  # a^m / m!
    for m in range(1, units + 1):
        weight[m] = weight[m - 1] * a / m
    p0 = 1 / (weight[:-1].sum() + weight[-1] / (1 - load_per_unit))
    out = np.empty(units)
    for k in range(units):
        # P_m C(N-k-1, m-k) / C(N, m), summed over the states in which one further unit is free
        share, total = 1.0, 0.0
        for i in range(k):
            share *= (k - i) / (units - i)
        for m in range(k, units):
            total += p0 * weight[m] * share * (units - m) / (units - k)
            share *= (m + 1) / (m + 1 - k)
        out[k] = total / (load_per_unit**k * (1 - load_per_unit))
    return out
