"""Counts that may be shown: small ones are hidden so that totals do not give them away."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

MIN_CALLS = 11
"""Counts of 1 to 10 are not shown (CMS cell-size policy, resdac.org 2024); zero is."""

BANDS = (0, 11, 26, 51, 101, 251, 501, 1001, 2501, 5001, 10_001)
"""Lower ends of the bands that counts are shown in."""


def hidden(counts: Sequence[int] | NDArray[np.integer], *, min_calls: int = MIN_CALLS) -> NDArray[np.bool_]:
    """Say which counts of a list with a known total must be hidden.

    Those of 1 to `min_calls` - 1, and, if the hidden ones add up to less than `min_calls` (so that total less the rest tells
    too much), the smallest of the others until they do.

    Returns
    -------
    numpy.ndarray
        (n,) bool. The hidden counts are none, or at least two that add up to `min_calls` or more; if the list cannot give that,
        every count but zero is hidden, and the total must be too (see :func:`total_hidden`).
    """
    values = np.asarray(counts, dtype=np.int64)
    hide = (values > 0) & (values < min_calls)
    if not hide.any():
        return hide
    for i in np.argsort(values, kind="stable"):
        if hide.sum() >= 2 and values[hide].sum() >= min_calls:
            break
        if values[i] > 0:
            hide[i] = True
    return hide


def total_hidden(counts: Sequence[int] | NDArray[np.integer], *, min_calls: int = MIN_CALLS) -> bool:
    """Whether even the total of a list must be hidden: it would give away a single small count, or is small itself."""
    values = np.asarray(counts, dtype=np.int64)
    hide = hidden(values, min_calls=min_calls)
    return bool(hide.any()) and (hide.sum() < 2 or values[hide].sum() < min_calls)


def band(count: float) -> str:
    """Say a count as a band, such as ``101-250``; 1 to 10 as ``1-10``."""
    if count <= 0:
        return "0"
    lower = [b for b in BANDS if b <= count][-1]
    if lower == 0:
        return "1-10"
    above = [b for b in BANDS if b > count]
    return f"{lower:,}-{above[0] - 1:,}" if above else f"{lower:,} and more"
