"""Parts as they are shown beside their whole: they add up to it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def adding_up(
    values: Sequence[float] | NDArray[np.float64], step: float, *, whole: float | None = None
) -> NDArray[np.float64]:
    """Round parts to multiples of a step so that they add up (largest remainder; Hamilton).

    Rounded each by itself, 1.414 and 3.503 are 1.41 and 3.50, and their sum 4.92.

    Parameters
    ----------
    whole
        What they add up to, near their sum and a multiple of the step; default: their sum, rounded.
    """
    parts = np.round(np.asarray(values, dtype=np.float64) / step, 9)
    floors = np.floor(parts)
    if not len(parts):
        return floors
    total = np.rint(parts.sum() if whole is None else whole / step)
    left = int(total - floors.sum())
    each, further = divmod(left, len(parts))
    floors += each
    floors[np.argsort(np.floor(parts) - parts, kind="stable")[:further]] += 1
    return np.asarray(np.round(floors * step, 9))
