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

    Those of 1 to `min_calls` - 1, and, while the total less what is shown still tells too much of them, the smallest of the
    others, together with those equal to it (to hide one of two alike would say that the other hidden ones differ).

    Returns
    -------
    numpy.ndarray
        (n,) bool. The hidden counts are none, or at least two, each of which could still be anything from 1 to `min_calls` - 1;
        if the list cannot give that, every count but zero is hidden, and the total must be too (see :func:`total_hidden`).
    """
    values = np.asarray(counts, dtype=np.int64)
    hide = (values > 0) & (values < min_calls)
    if not hide.any():
        return hide
    for value in np.unique(values[values >= min_calls]):
        if _keeps_secret(values[hide], min_calls):
            break
        hide |= values == value
    return hide


def total_hidden(counts: Sequence[int] | NDArray[np.integer], *, min_calls: int = MIN_CALLS) -> bool:
    """Whether even the total of a list must be hidden: it would give away small counts, or is small itself."""
    values = np.asarray(counts, dtype=np.int64)
    hide = hidden(values, min_calls=min_calls)
    return bool(hide.any()) and not _keeps_secret(values[hide], min_calls)


def hidden_rows(
    counts: NDArray[np.integer], hide: NDArray[np.bool_], *, min_calls: int = MIN_CALLS
) -> NDArray[np.bool_]:
    """Say which rows of a table must be hidden whole, with every row's and every column's total known.

    Those with a count of 1 to `min_calls` - 1, and, while a column's total less what is shown still tells too much of the hidden
    ones, the smallest of the other rows. As whole rows are hidden, no part of a hidden row stands alone in its row or column.

    Parameters
    ----------
    counts
        (n, columns).
    hide
        (n,) rows that are hidden already.

    Returns
    -------
    numpy.ndarray
        (n,) bool.
    """
    values = np.asarray(counts, dtype=np.int64)
    out = hide | ((values > 0) & (values < min_calls)).any(axis=1)
    for row in np.argsort(values.sum(axis=1), kind="stable"):
        if all(_column_is_safe(column[out], min_calls) for column in values.T):
            break
        out[row] = out[row] or values[row].any()
    return out


def _column_is_safe(values: NDArray[np.int64], min_calls: int) -> bool:
    there = values[values > 0]
    return not (there < min_calls).any() or _keeps_secret(there, min_calls)


def _keeps_secret(values: NDArray[np.int64], min_calls: int) -> bool:
    """Whether hidden counts stay unknown to one who knows how many they are and what they add up to.

    None is zero, since zeros are shown: with the others at 1 each, one could be as much as the sum less their number. And if all
    are small, a sum as large as can be would say that each is as large as can be. A single small count never stays unknown.
    """
    total, number = int(values.sum()), len(values)
    all_largest = bool((values == min_calls - 1).all())
    return total - number >= max(1, min_calls - 2) and not all_largest


def band(count: float) -> str:
    """Say a count as a band, such as ``101-250``; 1 to 10 as ``1-10``."""
    if count <= 0:
        return "0"
    lower = [b for b in BANDS if b <= count][-1]
    if lower == 0:
        return "1-10"
    above = [b for b in BANDS if b > count]
    return f"{lower:,}-{above[0] - 1:,}" if above else f"{lower:,} and more"
