"""Figures of groups (areas, districts, classes, times), rounded by the range of their calls."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coresponse.data.figures.dictionary import Publication, figure
from coresponse.publish.suppression import RANGES

Calls = NDArray[np.integer] | NDArray[np.float64]

# What shares are rounded to multiples of.
#
# None is finer than pages, tables and workbooks show: a tie such as 25.25% is 25.2% to one program
# and 25.3% to another.
STEPS = (0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001)

# Times are shown to a tenth of a minute where calls are many: dispatch clocks tell no less
# apart.
SHOWN_S = 6.0

# What a call left to police counts as, about: programs state it, an hour as a rule.
LEFT_S = 3600.0

# The figure that counts calls left to police.
#
# With the mean of those reached it tells their share.
WAIT = "mean_with_fallback_s"

_SHARE_STEP = np.array([min(step for step in STEPS if step >= 1 / lower) for lower in RANGES[1:]])

# what one call makes of a mean that is 10 minutes nearer, or ten calls that are a minute nearer
_MEAN_STEP_S = np.array(
    [max(SHOWN_S, float(np.ceil(600.0 / lower / SHOWN_S)) * SHOWN_S) for lower in RANGES[1:]]
)


def step_of(key: str, calls: Calls) -> NDArray[np.float64]:
    """Return what a figure is rounded to multiples of, by the range of its calls."""
    publication = figure(key).publication
    share: NDArray[np.float64] = _SHARE_STEP[_range_of(calls)]
    match publication:
        case Publication.SHARE:
            return share
        case Publication.QUANTILE:
            return np.array([quantile_step_s(count) for count in calls])
        case Publication.MEAN_TIME:
            return np.asarray(_MEAN_STEP_S[_range_of(calls)], dtype=np.float64)
        case Publication.MEAN_WAIT:
            return np.maximum(np.ceil(share * LEFT_S / SHOWN_S - 1e-9) * SHOWN_S, SHOWN_S)
    raise ValueError(f"{key} of a group of calls is not published ({publication})")


def rounded(key: str, table: pd.DataFrame, calls: Calls) -> NDArray[np.float64]:
    """Round a figure of a table of measures as the dictionary says.

    A time of reached calls is not there if the share reached is shown as 0: it would tell that
    there are some.
    """
    values = table[key].to_numpy(dtype=np.float64)
    publication = figure(key).publication
    if publication is Publication.MEAN_WAIT:
        return wait_s(table, calls)
    if publication is Publication.SHARE:
        return shares(values, calls)
    if publication is Publication.TENTH:
        return np.round(values, 1)
    out = nearest(values, step_of(key, calls))
    reached = shares(table["share_reached"].to_numpy(dtype=np.float64), calls) > 0
    return np.where(reached, out, np.nan)


def rounded_ends(
    key: str, table: pd.DataFrame, calls: Calls
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Round a figure of districts, and the ends of its 95% interval outwards.

    Parameters
    ----------
    table
        (n,) figures with `_low` and `_high`; `share_reached` and `mean_s` among them.
    calls
        (n,) past calls.
    """
    mean, step = rounded(key, table, calls), step_of(key, calls)
    most = 1.0 if figure(key).publication is Publication.SHARE else np.inf

    def end(name: str, outwards: Callable[..., NDArray[np.float64]]) -> NDArray[np.float64]:
        slack = 1e-9 if outwards is np.floor else -1e-9
        steps = outwards(table[f"{key}_{name}"].to_numpy(dtype=np.float64) / step + slack)
        return np.asarray(np.clip(steps * step, 0.0, most))

    return mean, np.minimum(end("low", np.floor), mean), np.maximum(end("high", np.ceil), mean)


def shares(values: NDArray[np.float64], calls: Calls) -> NDArray[np.float64]:
    """Round shares so far that they tell no more of how many calls they are of than the range does.

    A share such as 0.8571 would say that there are 14, or 21. With steps no finer than one by the
    lower end of the range, every count of the range can give every rounded share: calls n give
    shares 1/n apart, so that one lies within half a step of each multiple. So whoever takes areas
    from districts that they overlap has ranges to do it with, not counts.

    Parameters
    ----------
    values
        (n,) 0 to 1, NaN where there is none.
    calls
        (n,) observed calls; shares of 1 to 10 calls must not be shown at all.
    """
    out: NDArray[np.float64] = np.round(nearest(values, _SHARE_STEP[_range_of(calls)]), 4)
    return out


def means_s(values: NDArray[np.float64], calls: Calls) -> NDArray[np.float64]:
    """Round means of reached calls.

    To a minute for 11 to 25 calls, 0.4 for up to 50, 0.2 for up to 100, else to a tenth.

    The means of one area under dozens of plans, as a budget explorer has them, are as many
    equations in the calls at its few crossings: to a tenth of a minute, whole numbers could solve
    them.
    """
    return nearest(values, _MEAN_STEP_S[_range_of(calls)])


def wait_s(table: pd.DataFrame, calls: Calls) -> NDArray[np.float64]:
    """Return mean waits, calls left to police counted, put together from the share reached and the mean as they are shown.

    Such a mean is share x mean + (1 - share) x fallback. Rounded by itself to a tenth of a minute
    it would tell share and counts: 11 calls of which 4 are left to police wait almost 6 minutes
    longer than if 3 are. By how much longer a call left to police waits, the fallback less the
    mean, is rounded as the mean is: to a tenth it would tell the mean more finely than the mean
    itself does.

    Parameters
    ----------
    table
        (n,) `share_reached`, `mean_s` (NaN where none is reached) and `mean_with_fallback_s`.
    calls
        (n,) observed calls.
    """
    reached, mean, wait = (
        table[name].to_numpy(dtype=np.float64) for name in ("share_reached", "mean_s", WAIT)
    )
    with np.errstate(invalid="ignore", divide="ignore"):
        # by what a call left to police waits longer than one reached
        further = np.where(reached < 1, (wait - mean) / (1 - reached), 0.0)
    there = shares(reached, calls)
    some = np.isfinite(mean) & (there > 0)
    put_together = means_s(mean, calls) + (1 - there) * means_s(further, calls)
    nobody = np.where(np.isfinite(mean), mean + further, wait)
    return np.where(some, tenths(put_together), tenths(nobody))


def tenths(time_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """Round times to a tenth of a minute."""
    return nearest(time_s, SHOWN_S)


def quantile_step_s(calls: float) -> float:
    """Return the step of a median or a 9th of ten.

    A call at any of several crossings could have what is shown.
    """
    return next(
        (step for most, step in ((50, 60.0), (250, 30.0), (1000, 12.0)) if calls <= most), SHOWN_S
    )


def nearest(values: NDArray[np.float64], step: NDArray[np.float64] | float) -> NDArray[np.float64]:
    """Return the nearest multiples of a step."""
    # what lies in the middle does so after sums in any order
    steps: NDArray[np.float64] = np.round(values / step, 6)
    return np.rint(steps) * step


def _range_of(calls: Calls) -> NDArray[np.int64]:
    at = np.searchsorted(RANGES, calls, side="right") - 2
    return np.clip(at, 0, None).astype(np.int64)
