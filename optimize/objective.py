"""What a plan is best at.

The cost of waiting, as a non-decreasing function of the response time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from coresponse.data.errors import InputError


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

    See :func:`coresponse.optimize.goals.averages.by_police`.

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


@dataclass(frozen=True)
class Curve:
    """Any non-decreasing curve through points.

    Several standards, decay, lost survival (Erkut et al. 2008).

    Straight between points, level before the first and after the last. Two points at one time make
    a step; the time itself has the cost of the first.

    Parameters
    ----------
    seconds, cost
        The points, both non-decreasing.
    """

    seconds: tuple[float, ...]
    cost: tuple[float, ...]

    def __post_init__(self) -> None:
        s, c = np.array(self.seconds), np.array(self.cost)
        if (
            len(s) != len(c)
            or not len(s)
            or (np.diff(s) < 0).any()
            or (np.diff(c) < 0).any()
            or not np.isfinite(c).all()
        ):
            raise InputError("a cost curve needs as many costs as times, both non-decreasing")

    @property
    def unit(self) -> str:
        """Unit of the objective."""
        return "cost a call"

    def __call__(self, seconds: NDArray[np.float64]) -> NDArray[np.float64]:
        """Cost of waiting so long."""
        s, c = np.array(self.seconds), np.array(self.cost)
        after = np.searchsorted(s, seconds, side="left")
        inner = np.clip(after, 1, len(s) - 1) if len(s) > 1 else np.zeros_like(after)
        left, right = inner - 1, inner
        span = np.where(s[right] > s[left], s[right] - s[left], 1.0)
        along = np.clip((seconds - s[left]) / span, 0, 1)
        value = c[left] + along * (c[right] - c[left])
        return np.asarray(
            np.where(after == 0, c[0], np.where(after == len(s), c[-1], value)), dtype=np.float64
        )
