"""Counts that may be shown: small ones are hidden so that totals do not give them away."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

MIN_CALLS = 11
"""Counts of 1 to 10 are not shown (CMS cell-size policy, resdac.org 2024); zero is."""

STANDS_FOR_SMALL = 5
"""What a count of 1 to 10 counts as where a total or a forecast that is shown would give it away."""

BANDS = (0, 11, 26, 51, 101, 251, 501, 1001, 2501, 5001, 10_001)
"""Lower ends of the bands that counts are shown in."""

STEPS = (0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001, 0.0005, 0.0002, 0.0001)
"""What shares are rounded to multiples of."""

_STEP_OF_BAND = np.array([min(step for step in STEPS if step >= 1 / lower) for lower in BANDS[1:]])

SHOWN_S = 6.0
"""Times are shown to a tenth of a minute where calls are many."""

_MEAN_STEP_S = np.array(
    [max(SHOWN_S, float(np.ceil(600.0 / lower / SHOWN_S)) * SHOWN_S) for lower in BANDS[1:]]
)
"""What one call makes of a mean that is 10 minutes nearer, or ten calls that are a minute nearer."""

QUANTILES = frozenset({"median_s", "p90_s"})
"""Figures that are one call's own response time."""

LEFT_S = 3600.0
"""What a call left to police counts as, about: programs state it, an hour as a rule."""

WAIT = "mean_with_fallback_s"
"""The figure that counts calls left to police.

With the mean of those reached it tells their share.
"""


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
        if _keeps_secret(values[hide], min_calls):
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
    return bool(hide.any()) and not _keeps_secret(values[hide], min_calls)


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
    # a band of the row that holds hardly more than the least of each part would tell the parts
    tight = np.array(
        [
            n > 1 and total < least_total(n)
            for n, total in zip(parts, values.sum(axis=1), strict=True)
        ],
        bool,
    )
    out = hide | small | (tight & (min_calls == MIN_CALLS))
    for row in np.argsort(values.sum(axis=1), kind="stable"):
        if all(_column_is_safe(column[out], min_calls) for column in values.T):
            break
        out[row] = out[row] or values[row].any()
    return out


def least_total(parts: int) -> int:
    """Return the least total whose band leaves as much room for parts of at least 11 as the band 11-25 does.

    25 calls of a week, in the band 11-25, with at least 11 by day and 11 by night, would be 22 to
    25, and 11 to 14 at either: with a share, a count.
    """
    room = BANDS[2] - 1 - MIN_CALLS
    bands = itertools.pairwise(BANDS[1:])
    return next(
        (lower for lower, above in bands if above - 1 - MIN_CALLS * parts >= room), BANDS[-1]
    )


def _column_is_safe(values: NDArray[np.int64], min_calls: int) -> bool:
    there = values[values > 0]
    return not (there < min_calls).any() or _keeps_secret(there, min_calls)


def _keeps_secret(values: NDArray[np.int64], min_calls: int) -> bool:
    """Whether hidden counts stay unknown to one who knows how many they are and what they add up to.

    None is zero, since zeros are shown: with the others at 1 each, one could be as much as the sum
    less their number. And if all are small, a sum as large as can be would say that each is as
    large as can be. A single small count never stays unknown.
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


def shown_share(
    share: NDArray[np.float64], calls: NDArray[np.integer] | NDArray[np.float64]
) -> NDArray[np.float64]:
    """Round shares so far that they tell no more of how many calls they are of than the band does.

    A share such as 0.8571 would say that there are 14, or 21. With steps no finer than one by the
    lower end of the band, every count of the band can give every rounded share: calls n give shares
    1/n apart, so that one lies within half a step of each multiple. So whoever takes areas from
    districts that they overlap has bands to do it with, not counts.

    Parameters
    ----------
    share
        (n,) 0 to 1, NaN where there is none.
    calls
        (n,) observed calls; shares of 1 to 10 calls must not be shown at all.
    """
    rounded: NDArray[np.float64] = np.round(_to(share, _STEP_OF_BAND[_of_band(calls)]), 4)
    return rounded


def shown_wait_s(
    table: pd.DataFrame, calls: NDArray[np.integer] | NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return mean waits, calls left to police counted, put together from the share reached and the mean as they are shown.

    Such a mean is share x mean + (1 - share) x fallback. Rounded by itself to a tenth of a minute
    it would tell share and counts: 11 calls of which 4 are left to police wait almost 6 minutes
    longer than if 3 are.

    Parameters
    ----------
    table
        (n,) `share_reached`, `mean_s` (NaN where none is reached) and `mean_with_fallback_s`.
    calls
        (n,) observed calls.
    """
    share, mean, wait = (
        table[name].to_numpy(dtype=np.float64) for name in ("share_reached", "mean_s", WAIT)
    )
    with np.errstate(invalid="ignore", divide="ignore"):
        # by what a call left to police waits longer than one reached
        further = np.where(share < 1, (wait - mean) / (1 - share), 0.0)
    there = shown_share(share, calls)
    some = np.isfinite(mean) & (there > 0)
    put_together = shown_mean_s(mean, calls) + (1 - there) * shown_s(further)
    nobody = np.where(np.isfinite(mean), mean + further, wait)
    return np.where(some, shown_s(put_together), shown_s(nobody))


def step_of(figure: str, calls: NDArray[np.integer] | NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the step of a figure by the band of its calls.

    A share, a mean wait, a mean or a quantile.
    """
    step: NDArray[np.float64] = _STEP_OF_BAND[_of_band(calls)]
    if figure.startswith("share_"):
        return step
    if figure in QUANTILES:
        return np.array([quantile_step_s(count) for count in calls])
    wait = np.ceil(step * LEFT_S / SHOWN_S - 1e-9) * SHOWN_S
    return np.maximum(wait, SHOWN_S) if figure == WAIT else _MEAN_STEP_S[_of_band(calls)]


def _of_band(calls: NDArray[np.integer] | NDArray[np.float64]) -> NDArray[np.int64]:
    return np.clip(np.searchsorted(BANDS, calls, side="right") - 2, 0, None).astype(np.int64)


def _to(values: NDArray[np.float64], step: NDArray[np.float64] | float) -> NDArray[np.float64]:
    steps: NDArray[np.float64] = np.round(
        values / step, 6
    )  # what lies in the middle does so after sums in any order
    return np.rint(steps) * step


def shown_s(time_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """Round times to a tenth of a minute: nobody needs more."""
    return _to(time_s, SHOWN_S)


def shown_mean_s(
    time_s: NDArray[np.float64], calls: NDArray[np.integer] | NDArray[np.float64]
) -> NDArray[np.float64]:
    """Round means of reached calls.

    To a minute for 11 to 25 calls, 0.4 for up to 50, 0.2 for up to 100, else to a tenth.

    The means of one area under dozens of plans, as a budget explorer has them, are as many
    equations in the calls at its few crossings: to a tenth of a minute, whole numbers could solve
    them.
    """
    return _to(time_s, _MEAN_STEP_S[_of_band(calls)])


def quantile_step_s(calls: float) -> float:
    """Return the step of a median or a 9th of ten.

    A call at any of several crossings could have what is shown.
    """
    return next(
        (step for most, step in ((50, 60.0), (250, 30.0), (1000, 12.0)) if calls <= most), SHOWN_S
    )


def shown(
    figure: str, table: pd.DataFrame, calls: NDArray[np.integer] | NDArray[np.float64]
) -> NDArray[np.float64]:
    """Round a figure of a table of measures as its name asks.

    A share, a mean wait or a time in seconds.

    A time of reached calls is not there if the share reached is shown as 0: it would tell that
    there are some.
    """
    values = table[figure].to_numpy(dtype=np.float64)
    if figure.startswith("share_"):
        return shown_share(values, calls)
    if figure == WAIT:
        return shown_wait_s(table, calls)
    rounded = (
        _to(values, step_of(figure, calls)) if figure in QUANTILES else shown_mean_s(values, calls)
    )
    return np.where(
        shown_share(table["share_reached"].to_numpy(dtype=np.float64), calls) > 0, rounded, np.nan
    )
