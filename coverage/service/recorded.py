"""Recorded times on a call, with what is no time on a call set aside: clicks, and calls closed by nobody."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SHORTEST_S = 30.0
"""Shorter records are two buttons pressed one after the other, not a call: nobody is looked for in
half a minute."""

LONGEST_S = 12 * 3600.0
"""Longer records are taken for calls that were not closed in time: longer than a shift."""

FENCE = 3.5
"""Spreads of logs above the median from which times are suspect: one in 4,000 of a lognormal's lies
there."""

LEAST_SPREAD = 0.3
"""Of logs; times on a call vary by at least this."""

TOO_MANY = 0.01
"""Share of records above the fence, or at one same long time, from which they are closed by the
system, not by crews.

Fewer are taken for the long tail that such times have, and kept."""

LEAST_ODD = 5

AUTO_CLOSE_S = 3 * 3600.0
"""Systems close calls after 4, 6, 8 or 12 hours; shorter times that repeat are stamps in round
minutes."""

NEIGHBORS = 0.1
"""Same times are many if they are more than all others within this share of them."""


@dataclass(frozen=True, eq=False)
class RecordedTimes:
    """Times on calls that can be used, and how many were set aside.

    Attributes
    ----------
    seconds
        Ascending.
    clicks, closed_late, too_long
        Under :data:`SHORTEST_S`; closed by the system; above :data:`LONGEST_S`.
    """

    seconds: NDArray[np.float64]
    clicks: int
    closed_late: int
    too_long: int

    @property
    def n(self) -> int:
        """Records that can be used."""
        return len(self.seconds)


def usable_times(seconds: NDArray[np.float64]) -> RecordedTimes:
    """Sort out recorded times from arrival to clearing.

    Parameters
    ----------
    seconds
        Of one class; NaN and not above 0 are no records.
    """
    found = np.sort(seconds[seconds > 0])
    clicks, too_long = int((found < SHORTEST_S).sum()), int((found > LONGEST_S).sum())
    kept = found[(found >= SHORTEST_S) & (found <= LONGEST_S)]
    odd = _same(kept) | _above(kept)
    return RecordedTimes(kept[~odd], clicks, int(odd.sum()), too_long)


def _above(kept: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Find times above the fence, if they are more than a long tail has."""
    if len(kept) < LEAST_ODD:
        return np.zeros(len(kept), dtype=bool)
    middle, upper = np.quantile(np.log(kept), (0.5, 0.75))
    spread = max(float(upper - middle) / 0.6745, LEAST_SPREAD)  # the quartile of a normal
    above = np.log(kept) > middle + FENCE * spread
    many = above.sum() >= max(LEAST_ODD, TOO_MANY * len(kept))
    return np.asarray(above & many)


def _same(kept: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Find one same long time that is recorded again and again."""
    value, count = np.unique(kept, return_counts=True)
    many = (value >= AUTO_CLOSE_S) & (count >= max(LEAST_ODD, TOO_MANY * len(kept)))
    for at in np.flatnonzero(many):
        low, high = np.searchsorted(kept, value[at] * np.array([1 - NEIGHBORS, 1 + NEIGHBORS]))
        many[at] = 2 * count[at] > high - low
    return np.isin(kept, value[many])


def equal_parts(seconds: NDArray[np.float64], parts: int) -> NDArray[np.float64]:
    """Return (parts,) means of equally likely parts of a sorted sample, from short to long.

    Drawn as often, they have the sample's mean exactly, and its quantiles to within a part: one
    long record weighs as one record, not as a line up to it.
    """
    n = len(seconds)
    total = np.r_[0.0, np.cumsum(seconds)]
    edge = np.linspace(0, n, parts + 1)
    return np.diff(np.interp(edge, np.arange(n + 1), total)) * (parts / n)
