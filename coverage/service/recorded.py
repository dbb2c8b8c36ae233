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
"""Share of records above the fence, or heaped at one long time, from which they are closed by the
system, not by crews.

Fewer are taken for the long tail that such times have, and kept."""

LEAST_ODD = 5

AUTO_CLOSE_S = 2 * 3600.0
"""Systems close calls after 2, 4, 6, 8 or 12 hours; shorter times that repeat are stamps in round
minutes."""

HEAP_WIDTH = 1.2
"""From the first to the last time of a heap: a system that looks every half hour closes calls within as
much.

Stamps in half hours have one of their own in each such stretch from two hours on."""

HEAP_TIMES = 3.0
"""A heap has more than so many times the records of the stretches before and after it: a long tail
falls, and a second kind of call is spread wider."""

BY_CHANCE = 2
"""Records that a stretch may have fewer by chance: of 100 samples of 60 to 600 without a heap, one or
two then seem to have one, if stamped in half hours."""


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
    odd = _heaped(kept) | _above(kept)
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


def _heaped(kept: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Find long times that are recorded again and again, though hardly any are a little shorter or longer."""
    odd = np.zeros(len(kept), dtype=bool)
    least = max(LEAST_ODD, TOO_MANY * len(kept))
    while True:
        rest = np.flatnonzero(~odd)
        times = kept[rest]
        first = np.unique(times[times >= AUTO_CLOSE_S])
        edges = np.searchsorted(times, first * HEAP_WIDTH ** np.arange(-1.0, 3.0)[:, None])
        before, inside, after = np.diff(edges, axis=0)
        many = (inside >= least) & (inside > HEAP_TIMES * (np.maximum(before, after) + BY_CHANCE))
        if not many.any():
            return odd
        at = int(np.argmax(np.where(many, inside, 0)))
        heap = rest[edges[1, at] : edges[2, at]]
        value, count = np.unique(kept[heap], return_counts=True)
        # of a heap at the very same time no other record is taken
        same = kept[heap] == value[count.argmax()]
        odd[heap[same] if 2 * same.sum() > len(heap) else heap] = True


def equal_parts(seconds: NDArray[np.float64], parts: int) -> NDArray[np.float64]:
    """Return (parts,) means of equally likely parts of a sorted sample, from short to long.

    Drawn as often, they have the sample's mean exactly, and its quantiles to within a part: one
    long record weighs as one record, not as a line up to it.
    """
    n = len(seconds)
    total = np.r_[0.0, np.cumsum(seconds)]
    edge = np.linspace(0, n, parts + 1)
    return np.diff(np.interp(edge, np.arange(n + 1), total)) * (parts / n)
