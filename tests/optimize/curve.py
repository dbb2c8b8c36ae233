"""Any curve of waiting: what a method claims of every non-decreasing cost is held against these."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coresponse.data.errors import InputError


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
