"""What a plan is best at.

The cost of waiting, as a non-decreasing function of the response time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


class WaitingCost(Protocol):
    """A non-decreasing cost of waiting."""

    @property
    def unit(self) -> str:
        """Unit of the objective, for people."""

    def __call__(self, seconds: NDArray[np.float64]) -> NDArray[np.float64]:
        """Cost of waiting so long; finite."""


@dataclass(frozen=True)
class MeanTime:
    """The wait itself: p-median, least mean response time (Hakimi 1964)."""

    @property
    def unit(self) -> str:
        """Unit of the objective."""
        return "seconds a call"

    def __call__(self, seconds: NDArray[np.float64]) -> NDArray[np.float64]:
        """Cost of waiting so long."""
        return seconds


@dataclass(frozen=True)
class Late:
    """1 beyond the standard, 0 within it: maximal covering (Church and ReVelle 1974).

    Parameters
    ----------
    target_s
        The standard; a response of just this time is in time.
    """

    target_s: float

    @property
    def unit(self) -> str:
        """Unit of the objective."""
        return "share of calls late"

    def __call__(self, seconds: NDArray[np.float64]) -> NDArray[np.float64]:
        """Cost of waiting so long."""
        return (seconds > self.target_s).astype(np.float64)


@dataclass(frozen=True)
class PoliceContact:
    """Share of calls that are not handled without police, where that stands for the wait.

    See :func:`coresponse.optimize.goals.other_waits.by_police`.

    Parameters
    ----------
    fallback_s
        What a call is worth that is left to police.
    """

    fallback_s: float

    @property
    def unit(self) -> str:
        """Unit of the objective."""
        return "share of calls with police"

    def __call__(self, seconds: NDArray[np.float64]) -> NDArray[np.float64]:
        """Cost of waiting so long."""
        return seconds / self.fallback_s
