"""Recorded times on a call, with what is no time on a call set aside: clicks, and calls closed by nobody."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coresponse.coverage.service.heaps import heaped

# Shorter records are two buttons pressed one after the other, not a call: nobody is looked for in
# half a minute.
SHORTEST_S = 30.0

# Longer records are taken for calls that were not closed in time: longer than a shift.
LONGEST_S = 12 * 3600.0

# Spreads of logs above the median from which times are suspect: one in 4,000 of a lognormal's lies
# there.
FENCE = 3.5

# Of logs; times on a call vary by at least this.
LEAST_SPREAD = 0.3

# Share of records above the fence, or heaped at one long time, from which they are closed by the
# system, not by crews.
#
# Fewer are taken for the long tail that such times have, and kept.
TOO_MANY = 0.01

# fewer records alike to the second come by chance where few are kept
LEAST_ODD = 5

# From here on heaps may be minutes wide; shorter ones within two minutes are found apart
# (:mod:`coresponse.coverage.service.heaps`).
WIDE_FROM_S = 2 * 3600.0

# From the first to the last time of a wide heap: a system that looks every half hour closes calls
# within as much.
#
# Stamps in half hours have one of their own in each such stretch from two hours on.
HEAP_WIDTH = 1.2

# A heap has more than so many times the records of the stretches before and after it: a long tail
# falls, and a second kind of call is spread wider.
HEAP_TIMES = 3.0

# Records that a stretch may have fewer by chance: of 100 samples of 60 to 600 without a heap, one or
# two then seem to have one, if stamped in half hours.
BY_CHANCE = 2


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
    odd = heaped(kept, max(LEAST_ODD, TOO_MANY * len(kept)))
    odd[~odd] = _wide_heaps(kept[~odd])
    odd |= _above(kept)
    return RecordedTimes(kept[~odd], clicks, int(odd.sum()), too_long)


def _above(kept: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Find times above the fence, if they are more than a long tail has."""
    if len(kept) < LEAST_ODD:
        return np.zeros(len(kept), dtype=bool)
    value, count = np.unique(kept, return_counts=True)
    # of times rounded to half an hour, half may be the same: each is spread to its neighbors
    share = (np.cumsum(count) - count / 2) / len(kept)
    middle, upper = np.interp((0.5, 0.75), share, np.log(value))
    spread = max(float(upper - middle) / 0.6745, LEAST_SPREAD)  # the quartile of a normal
    above = np.log(kept) > middle + FENCE * spread
    many = above.sum() >= max(LEAST_ODD, TOO_MANY * len(kept))
    return np.asarray(above & many)


def _wide_heaps(kept: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Find long times that are recorded again and again, though hardly any are a little shorter or longer."""
    odd = np.zeros(len(kept), dtype=bool)
    least = max(LEAST_ODD, TOO_MANY * len(kept))
    while True:
        rest = np.flatnonzero(~odd)
        times = kept[rest]
        first = np.unique(times[times >= WIDE_FROM_S])
        edges = np.searchsorted(times, first * HEAP_WIDTH ** np.arange(-1.0, 3.0)[:, None])
        before, inside, after = np.diff(edges, axis=0)
        many = (inside >= least) & (inside > HEAP_TIMES * (np.maximum(before, after) + BY_CHANCE))
        heaps = [slice(*edges[1:3, k]) for k in np.argsort(-inside, kind="stable") if many[k]]
        wide = next((heap for heap in heaps if _of_many_times(times[heap])), None)
        if wide is None:
            return odd
        odd[rest[wide]] = True


def _of_many_times(times: NDArray[np.float64]) -> bool:
    """Whether no time makes up half of them: one that does may be how recorders round."""
    return bool(2 * np.unique(times, return_counts=True)[1].max() <= len(times))


def equal_parts(seconds: NDArray[np.float64], parts: int) -> NDArray[np.float64]:
    """Return (parts,) means of equally likely parts of a sorted sample, from short to long.

    Drawn as often, they have the sample's mean exactly, and its quantiles to within a part: one
    long record weighs as one record, not as a line up to it.
    """
    n = len(seconds)
    total = np.r_[0.0, np.cumsum(seconds)]
    edge = np.linspace(0, n, parts + 1)
    return np.diff(np.interp(edge, np.arange(n + 1), total)) * (parts / n)
