"""Heaps: one time on a call recorded again and again, as systems make them that close calls at a set time.

Recorders who round make heaps, too, but at every round time. So the records of a minute or two are
set beside what the times around it have, and beside other times that are as round: 60 minutes beside
55 and 65, 45 and 75, 30 and 90, 120. More than :data:`TIMES` as many is a heap.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

# Sooner hardly any system closes a call, and a heap moves the mean by little.
SOONEST_S = 1740

# Half an hour is where recorders who round have their tallest heap: where any sign of rounding shows, one from here on.
SOONEST_ROUNDED_S = 2400

# Times at full five minutes, half an hour apart, have up to a fourth more records than those around them where nobody
# rounds; where a fourth of the records is rounded they have twice as many.
ROUNDED = 1.25

# Records there from which that tells: the error of fewer is as large.
LEAST_ROUND = 20

_FIVE_MIN_S, _HALF_HOUR_S, _HALF_MIN_S = 300, 1800, 30

# A heap at one time; one that drifts by seconds, of records that are stamped in whole minutes.
WIDTHS_S = (60, 120)

# A heap has more than so many times the records that the times around it and like it lead one to
# expect.
#
# Lower, and recorders who round to hours only when calls are long are taken for a system; higher, and
# 5% at one hour are missed where all others are rounded to five minutes.
TIMES = 1.75

# Standard errors beyond that: some hundred times are looked at in each sample. At 4, one in 20
# honest samples of 60 to 300 records lost some.
SURE = 5.0

# Spread of logs over which records are smoothed: wider than the step from one round time to the next
# but for the shortest, narrower than times on a call are spread.
SMOOTH = 0.2

# Steps of each grid to times as round.
PEERS = np.array([-3, -2, -1, 1, 2, 3])

# The next of them on either side.
NEXT = slice(2, 4)

# Times with less than an eighth of the records expected tell little of one with more.
LIKE = 8.0

# Share of records above which heaps are how all times were recorded.
MOST = 0.3

# Of logs, in which the smooth density is worked out.
_STEP = 0.01


def heaped(seconds: NDArray[np.float64], least: float) -> NDArray[np.bool_]:
    """Find records in excess at one time, within two minutes.

    Of a heap so many are left as the times around it and like it lead one to expect: honest records
    are among them, and nothing tells which.

    Parameters
    ----------
    seconds
        (n,) ascending times on a call, above 0.
    least
        Records from which a heap is one.
    """
    odd = np.zeros(len(seconds), dtype=bool)
    if len(seconds) < least:
        return odd
    whole = np.rint(seconds).astype(np.int64)
    size = int(whole[-1]) + 2 * WIDTHS_S[-1] + 1
    meant = _expected(whole, size)
    soonest = SOONEST_ROUNDED_S if _rounds(whole, meant) else SOONEST_S
    heaps = np.zeros(size, dtype=bool)  # seconds of heaps: no peers of others
    for width in WIDTHS_S:
        while (heap := _heap(whole[~odd], meant, heaps, width, least, soonest)) is not None:
            start, left = heap
            heaps[start : start + width] = True
            rest = np.flatnonzero(~odd)
            inside = rest[(whole[rest] >= start) & (whole[rest] < start + width)]
            trimmed = odd.copy()
            trimmed[_in_excess(inside, whole, left)] = True
            # what is expected there, once more, by the times that are not the heap's
            meant = _expected(whole[~trimmed], size)
            left = round(_honest(start, whole[~odd], meant, heaps, width))
            odd[_in_excess(inside, whole, left)] = True
    return odd if odd.sum() <= MOST * len(odd) else np.zeros_like(odd)


def _expected(whole: NDArray[np.int64], size: int) -> NDArray[np.float64]:
    """Return (size,) how many records are expected below each second, from their smooth distribution."""
    places = np.log(np.maximum(whole, 1)) / _STEP
    bins = np.bincount(np.rint(places).astype(np.int64)).astype(np.float64)
    reach = int(4 * SMOOTH / _STEP)
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) * _STEP / SMOOTH) ** 2)
    below = np.cumsum(np.convolve(bins, kernel / kernel.sum()))
    edge = np.exp((np.arange(len(below)) - reach + 0.5) * _STEP)
    return np.asarray(np.interp(np.arange(size), edge, below, left=0.0), dtype=np.float64)


def _rounds(whole: NDArray[np.int64], meant: NDArray[np.float64]) -> bool:
    """Whether recorders round, by the times at full five minutes but half an hour and what a system may have closed."""
    upto = np.r_[0, np.cumsum(np.bincount(whole, minlength=len(meant)))]
    full = np.arange(_FIVE_MIN_S, len(meant) - _HALF_MIN_S, _FIVE_MIN_S)
    full = full[full % _HALF_HOUR_S != 0]  # systems close calls at half and full hours
    low, high = full - _HALF_MIN_S, full + _HALF_MIN_S
    there, expected = (upto[high] - upto[low]).sum(), (meant[high] - meant[low]).sum()
    return bool(expected < LEAST_ROUND or there > ROUNDED * expected)


def _heap(
    whole: NDArray[np.int64],
    meant: NDArray[np.float64],
    heaps: NDArray[np.bool_],
    width: int,
    least: float,
    soonest: int,
) -> tuple[int, int] | None:
    """Return the start of the steepest heap and how many of its records are none; None: no heap."""
    upto = np.r_[0, np.cumsum(np.bincount(whole, minlength=len(meant)))]
    # from the same second to the same second: a window counts what `meant` expects there
    starts = np.unique(whole[whole >= soonest])
    found = upto[starts + width] - upto[starts]
    plain = meant[starts + width] - meant[starts]
    maybe = (found - plain >= least) & (found > TIMES * plain + SURE * np.sqrt(plain))
    best: tuple[float, int, int] | None = None
    for start, count in zip(starts[maybe], found[maybe], strict=True):
        honest = _honest(int(start), whole, meant, heaps, width)
        surely = count > TIMES * honest + SURE * np.sqrt(honest) and count - honest >= least
        if surely and (best is None or count / honest > best[0]):
            best = (count / honest, int(start), round(honest))
    return None if best is None else best[1:]


def _honest(
    start: int,
    whole: NDArray[np.int64],
    meant: NDArray[np.float64],
    heaps: NDArray[np.bool_],
    width: int,
) -> float:
    """Return how many records to expect from a start on: by the times around it, or the grid that has most."""
    upto = np.r_[0, np.cumsum(np.bincount(whole, minlength=len(meant)))]
    low, high = np.searchsorted(whole, (start, start + width))
    value, count = np.unique(whole[low:high], return_counts=True)
    top = int(value[count.argmax()])
    grids = _divisors(top)
    steps = np.unique(np.r_[grids[grids >= width], width, WIDTHS_S[-1]])
    peer = start + steps[:, None] * PEERS
    known = (peer > 0) & (peer + width < len(meant))
    at = np.where(known, peer, 0)
    known &= ~(heaps[at] | heaps[at + width - 1])
    found = np.where(known, upto[at + width] - upto[at], 0).astype(np.float64)
    smooth = np.where(known, meant[at + width] - meant[at], 0.0)
    here = float(meant[start + width] - meant[start])

    def lead_to_expect(
        found: NDArray[np.float64], smooth: NDArray[np.float64], chance: float
    ) -> float:
        # the largest of many grids would be so by chance: each counts less its chance
        worth = np.minimum(here / np.maximum(smooth, 1e-12), LIKE)
        return float(((found - chance * np.sqrt(found)) * worth).max())

    # all peers of a grid together; the next ones alone, where rounding is coarser from a time on
    together = lead_to_expect(found.sum(axis=1), smooth.sum(axis=1), 1.0)
    return max(here, together, lead_to_expect(found[:, NEXT], smooth[:, NEXT], 1.5))


def _divisors(value: int) -> NDArray[np.int64]:
    small = np.arange(1, int(value**0.5) + 1)
    small = small[value % small == 0]
    return np.unique(np.r_[small, value // small])


def _in_excess(inside: NDArray[np.int64], whole: NDArray[np.int64], left: int) -> NDArray[np.int64]:
    """Choose the records of a heap but those left: at its commonest second, or else all over it."""
    value, count = np.unique(whole[inside], return_counts=True)
    same = inside[whole[inside] == value[count.argmax()]]
    chosen = same if 2 * len(same) > len(inside) else inside
    excess = min(len(chosen), len(inside) - left)
    return chosen[np.linspace(0, len(chosen) - 1, excess).round().astype(np.int64)]
