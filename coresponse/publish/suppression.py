"""Which counts are shown, and as what: primary and secondary suppression, and ranges."""

from __future__ import annotations

import itertools
from bisect import bisect_right

import numpy as np
from numpy.typing import NDArray

from coresponse.coverage.few_calls import MIN_CALLS, keeps_secret

# Lower ends of the ranges that counts are shown in.
RANGES = (0, 11, 26, 51, 101, 251, 501, 1001, 2501, 5001, 10_001)

# Of a part with few calls, and of one with many whose figures would tell of it.
TOO_FEW = "not shown, for few calls"

# Of a part without any: zero is shown (CMS cell-size policy), here as in the ranges of tables and maps.
NO_CALL = "no call"


def count_range(count: float) -> str:
    """Say a count as a range, such as ``101-250``; 1 to 10 as ``1-10``."""
    if count <= 0:
        return "0"
    low, high = range_ends(count)
    return f"{low:,} and more" if high is None else f"{low:,}-{high:,}"


def range_ends(count: float) -> tuple[int, int | None]:
    """Return the ends of a count's range; None where it has no upper one."""
    at = bisect_right(RANGES, count)
    return max(1, RANGES[at - 1]), RANGES[at] - 1 if at < len(RANGES) else None


def least_total(parts: int) -> int:
    """Return the least total whose range leaves as much room for parts of at least 11 as the range 11-25 does.

    25 calls of a week, in the range 11-25, with at least 11 by day and 11 by night, would be 22 to
    25, and 11 to 14 at either: with a share, a count.
    """
    room = RANGES[2] - 1 - MIN_CALLS
    ranges = itertools.pairwise(RANGES[1:])
    return next(
        (lower for lower, above in ranges if above - 1 - MIN_CALLS * parts >= room), RANGES[-1]
    )


def hidden_rows(
    counts: NDArray[np.integer], hide: NDArray[np.bool_], *, min_calls: int = MIN_CALLS
) -> NDArray[np.bool_]:
    """Say which rows of a table must be hidden whole, with every row's and every column's total known.

    Those with a count of 1 to `min_calls` - 1, and, while a column's total less what is shown still
    tells too much of the hidden ones, the smallest of the other rows. As whole rows are hidden, no
    part of a hidden row stands alone in its row or column.

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
    parts = (values > 0).sum(axis=1)
    small = ((values > 0) & (values < min_calls)).any(axis=1)
    # a range of the row that holds hardly more than the least of each part would tell the parts
    tight = np.array(
        [
            n > 1 and total < least_total(n)
            for n, total in zip(parts, values.sum(axis=1), strict=True)
        ],
        bool,
    )
    out = hide | small | (tight & (min_calls == MIN_CALLS))
    for row in np.argsort(values.sum(axis=1), kind="stable"):
        told = any(not _column_is_safe(column[out], min_calls) for column in values.T)
        if not told and _small_ones_may_move(values[out], min_calls):
            break
        out[row] = out[row] or values[row].any()
    return out


def _small_ones_may_move(hidden: NDArray[np.int64], min_calls: int) -> bool:
    """Whether each small count of hidden rows may be another, all totals of rows and columns the same.

    A call moves to it from the row's other columns, and back in another row; or the other way
    round. Where all of a row is in one column and the others have nothing to give, its total tells
    the count.
    """
    below = hidden.sum(axis=0) - hidden  # of the other hidden rows, by column
    beside = hidden.sum(axis=1, keepdims=True) - hidden  # of the row's other columns
    below_beside = below.sum(axis=1, keepdims=True) - below
    may_rise, may_fall = (beside > 0) & (below > 0), below_beside > 0
    small = (hidden > 0) & (hidden < min_calls)
    return bool((may_rise | may_fall)[small].all())


def _column_is_safe(values: NDArray[np.int64], min_calls: int) -> bool:
    there = values[values > 0]
    return not (there < min_calls).any() or keeps_secret(there, min_calls)
