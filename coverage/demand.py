"""Demand cells: expected calls a week by place, class and period."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coresponse.data.hours import Period


@dataclass(frozen=True, eq=False)
class DemandCells:
    """Expected calls a week by (network node, call class, period).

    Attributes
    ----------
    node
        (n,) int32 position in the road network.
    call_class
        (n,) int16 position in `class_names`.
    period
        (n,) int16 position in `periods`.
    district
        (n,) int32 position in the districts' frame, -1 where in none.
    calls_per_week
        (n,) float64, > 0.
    class_names
        The program's classes that some responder type is eligible for.
    periods
        They cover the week once.
    """

    node: NDArray[np.int32]
    call_class: NDArray[np.int16]
    period: NDArray[np.int16]
    district: NDArray[np.int32]
    calls_per_week: NDArray[np.float64]
    class_names: tuple[str, ...]
    periods: tuple[Period, ...]
