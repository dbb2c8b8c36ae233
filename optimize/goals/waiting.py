"""Costs of waiting that goals are made of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coresponse.optimize.objective import WaitingCost

# A range [from, to) of seconds in which the quantile of a tail lies.
QuantileRange = tuple[float, float]


@dataclass(frozen=True)
class Excess:
    """What a wait is above `beyond_s`, if it is `from_s` or more; else nothing.

    Parameters
    ----------
    beyond_s, from_s
        The first is at most the second.
    """

    beyond_s: float
    from_s: float

    @property
    def unit(self) -> str:
        """Unit of the objective."""
        return "seconds a call"

    def __call__(self, seconds: NDArray[np.float64]) -> NDArray[np.float64]:
        """Cost of waiting so long."""
        return np.asarray(
            np.where(seconds >= self.from_s, seconds - self.beyond_s, 0.0), dtype=np.float64
        )


@dataclass(frozen=True)
class Sum:
    """Weighted sum of costs of waiting.

    Parameters
    ----------
    parts
        (weight, cost), weights 0 or more.
    """

    parts: tuple[tuple[float, WaitingCost], ...]

    @property
    def unit(self) -> str:
        """Unit of the objective."""
        return "weighted sum"

    def __call__(self, seconds: NDArray[np.float64]) -> NDArray[np.float64]:
        """Cost of waiting so long."""
        return np.asarray(
            sum(weight * waiting(seconds) for weight, waiting in self.parts), dtype=np.float64
        )
