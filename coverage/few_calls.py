"""Groups of too few calls: 1 to 10, and what would give their number away.

They are not ranked, since chance would choose among them, and not told apart: calls are people.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

# Counts of 1 to 10 are not shown (CMS cell-size policy, resdac.org 2024); zero is.
MIN_CALLS = 11

# What a count of 1 to 10 counts as where a total or a forecast that is shown would give it
# away.
STANDS_FOR_SMALL = 5


def hidden(
    counts: Sequence[int] | NDArray[np.integer], *, min_calls: int = MIN_CALLS
) -> NDArray[np.bool_]:
    """Say which counts of a list with a known total must be hidden.

    Those of 1 to `min_calls` - 1, and, while the total less what is shown still tells too much of
    them, the smallest of the others, together with those equal to it (to hide one of two alike
    would say that the other hidden ones differ).

    Returns
    -------
    numpy.ndarray
        (n,) bool. The hidden counts are none, or at least two, each of which could still be
        anything from 1 to `min_calls` - 1; if the list cannot give that, every count but zero is
        hidden, and the total must be too (see :func:`total_hidden`).
    """
    values = np.asarray(counts, dtype=np.int64)
    hide = (values > 0) & (values < min_calls)
    if not hide.any():
        return hide
    for value in np.unique(values[values >= min_calls]):
        if keeps_secret(values[hide], min_calls):
            break
        hide |= values == value
    return hide


def total_hidden(
    counts: Sequence[int] | NDArray[np.integer], *, min_calls: int = MIN_CALLS
) -> bool:
    """Whether even the total of a list must be hidden.

    It would give away small counts, or is small itself.
    """
    values = np.asarray(counts, dtype=np.int64)
    hide = hidden(values, min_calls=min_calls)
    return bool(hide.any()) and not keeps_secret(values[hide], min_calls)


def hidden_parts(counts: Sequence[int] | NDArray[np.integer]) -> NDArray[np.bool_]:
    """Say which parts of a known total have no figures.

    Those that :func:`hidden` says; all, if these would be given away.
    """
    values = np.asarray(counts, dtype=np.int64)
    return values > 0 if total_hidden(values) else hidden(values)


def safe_count(count: int) -> int:
    """Return a count that a forecast may be made with.

    1 to 10 are :data:`STANDS_FOR_SMALL`, so that none can be worked back.
    """
    return STANDS_FOR_SMALL if 0 < count < MIN_CALLS else count


def told_share(counts: NDArray[np.integer]) -> NDArray[np.float64]:
    """Return shares of counts that a limit may be made of, which is told to the dollar: of multiples of five calls.

    1 to 10 count as :data:`STANDS_FOR_SMALL`.
    """
    few = (counts > 0) & (counts < MIN_CALLS)
    fives = np.maximum(np.rint(counts / STANDS_FOR_SMALL), counts > 0) * STANDS_FOR_SMALL
    told = np.where(few, STANDS_FOR_SMALL, fives).astype(np.float64)
    return np.asarray(told / max(told.sum(), 1.0))


def no_fewer(past_calls: float) -> float:
    """Return a number of past calls that is no less, and that a limit may be made of: a multiple of five, 10 for 1 to 10."""
    if past_calls < 1e-9:
        return 0.0
    least = max(past_calls, MIN_CALLS - 1.0)
    return float(np.ceil(least / STANDS_FOR_SMALL - 1e-9) * STANDS_FOR_SMALL)


def keeps_secret(values: NDArray[np.int64], min_calls: int) -> bool:
    """Whether hidden counts stay unknown to one who knows how many they are and what they add up to.

    None is zero, since zeros are shown: with the others at 1 each, one could be as much as the sum
    less their number. And if all are small, a sum as large as can be would say that each is as
    large as can be. A single small count never stays unknown.
    """
    total, number = int(values.sum()), len(values)
    all_largest = bool((values == min_calls - 1).all())
    return total - number >= max(1, min_calls - 2) and not all_largest
