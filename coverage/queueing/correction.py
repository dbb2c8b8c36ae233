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
