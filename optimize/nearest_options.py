"""Each column's nearest options, nearest first.

Where responders are always free, all that its cost depends on.

Once the responders in place along a column's list add up to one, nobody behind them matters to it,
nor does any option there. So a sweep reads a few dozen entries in place of all options; a column
whose list ends too early is read in full.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coresponse.data.compiled import compiled
from coresponse.optimize.kernels import exchanges_of, integrals, levels

# Options a column's list holds.
#
# At most, enough where one in eighty is used; at least; between these half of all.
LISTED, FEWEST = 160, 16

# Options from which lists are worth their making.
WORTH_LISTING = 16

# Share of a column's calls that is not worth looking for a responder.
CLOSED = 1e-10


@dataclass(frozen=True, eq=False)
class NearestOptions:
    """Lists of the nearest options.

    Attributes
    ----------
    option
        (columns, listed) int32, nearest first.
    cost
        (columns, listed) float32, of reaching the column from each.
    """

    option: NDArray[np.int32]
    cost: NDArray[np.float32]

    @classmethod
    def room_for(cls, columns: int, options: int) -> NearestOptions:
        """Make room for the lists of so many columns."""
        shape = (columns, min(LISTED, max(FEWEST, options // 2)))
        return cls(np.empty(shape, dtype=np.int32), np.empty(shape, dtype=np.float32))

    def part(self, rows: slice) -> NearestOptions:
        """Return the lists of some columns."""
        return NearestOptions(self.option[rows], self.cost[rows])


@compiled
def list_nearest(
    cost: NDArray[np.float32], row_of: NDArray[np.int64], option: NDArray[np.int32], near_cost: NDArray[np.float32]
) -> None:  # fmt: skip
    """Fill (columns, listed) lists from (rows, options) costs; of equal ones the first comes first.

    By plain insertion: once a list is full few options are nearer than its last, and numpy's
    partition and argsort take 7 seconds to compile where this loop takes half of one.
    """
    m = cost.shape[1]
    n, listed = option.shape
    for i in range(n):
        row, nearest, reached = cost[row_of[i]], option[i], near_cost[i]
        for o in range(m):
            c = row[o]
            if o >= listed and c >= reached[listed - 1]:
                continue
            j = min(o, listed - 1)
            while j > 0 and reached[j - 1] > c:
                reached[j], nearest[j] = reached[j - 1], nearest[j - 1]
                j -= 1
            reached[j], nearest[j] = c, o


@compiled
def near_sweeps(  # noqa: C901, PLR0912
    option: NDArray[np.int32], near_cost: NDArray[np.float32], cost: NDArray[np.float32], row_of: NDArray[np.int64],
    weight: NDArray[np.float64], fallback: float, bounds: NDArray[np.int64], counts: NDArray[np.float64],
    support: NDArray[np.int64], u: NDArray[np.float64], knots: NDArray[np.float64], chance: NDArray[np.float64],
    chord: NDArray[np.float64], near: NDArray[np.int64], by_slope: bool, first: int, last: int,
    total: NDArray[np.float64], out: NDArray[np.float64],
) -> None:  # fmt: skip
    """Do as :func:`kernels.sweeps` does, responders being always free.

    The envelope has one chord then, from nobody to one: a column's cost is that of giving each
    responder, nearest first, the share of its calls that the count says, and P's integral from an
    option on ends where the shares add up to one.

    Parameters
    ----------
    option, near_cost
        (columns, listed).
    counts
        (options,); whole ones unless `by_slope`, or `out` has no options.
    """
    m = out.shape[1]
    listed = option.shape[1]
    size = support.shape[1] + 2
    at, slope, value = np.empty(size), np.empty(size), np.empty(size)
    one = np.empty(m)
    scale = 1.0 / knots[1] if by_slope else 1.0
    for k in range(first, last):
        spent = 0.0
        mine = out[k]
        for i in range(bounds[k], bounds[k + 1]):
            w = weight[i]
            rest, expected, end = 1.0, 0.0, -1.0
            j = 0
            while j < listed:
                c = near_cost[i, j]
                if c >= fallback:
                    end = fallback
                    break
                x = counts[option[i, j]]
                if x > 0.0:
                    if x >= rest - CLOSED:
                        end = c
                        break
                    expected += x * c
                    rest -= x
                j += 1
            if end < 0.0 and listed == cost.shape[1]:
                end = fallback
            if end >= 0.0:
                spent += w * (expected + rest * end)
                if m > 0:
                    w *= scale
                    for b in range(j):
                        mine[option[i, b]] += w * (end - near_cost[i, b])
                continue
            row = cost[row_of[i]]
            n = levels(
                row, fallback, support[k], u[k], knots, chance, chord, near, at, slope, value
            )
            end = fallback
            for b in range(n - 1, -1, -1):
                begin = at[b] if b > 0 else 0.0
                spent += w * value[b] * (end - begin)
                end = begin
            if m > 0:
                integrals(row, fallback, n, at, slope if by_slope else value, one)
                for o in range(m):
                    mine[o] += w * one[o]
        total[k] = spent


@compiled
def near_exchanges(  # noqa: C901, PLR0912
    option: NDArray[np.int32], near_cost: NDArray[np.float32], cost: NDArray[np.float32], row_of: NDArray[np.int64],
    weight: NDArray[np.float64], fallback: float, support: NDArray[np.int64], placed: NDArray[np.float64],
    place: NDArray[np.int64], gain: NDArray[np.float64], loss: NDArray[np.float64], extra: NDArray[np.float64],
) -> None:  # fmt: skip
    """Do as :func:`kernels.exchanges` does, reading each list up to the second responder.

    Parameters
    ----------
    placed
        (support,) counts of those in place.
    place
        (options,) position in `support`, -1 for options not in place.
    """
    listed = option.shape[1]
    for i in range(option.shape[0]):
        d1, d2, r1 = -1.0, -1.0, -1
        j = 0
        while j < listed:
            c = near_cost[i, j]
            if c >= fallback:
                d2 = fallback
                if r1 < 0:
                    d1 = fallback
                break
            r = place[option[i, j]]
            if r >= 0:
                if r1 < 0:
                    d1, r1 = c, r
                    if placed[r] > 1.0:
                        d2 = c
                        break
                else:
                    d2 = c
                    break
            j += 1
        if d2 < 0.0:
            exchanges_of(cost[row_of[i]], weight[i], fallback, support, placed, gain, loss, extra)
            continue
        w = weight[i]
        if r1 < 0:
            for b in range(j):
                gain[option[i, b]] += w * (d1 - near_cost[i, b])
            continue
        loss[r1] += w * (d2 - d1)
        mine = extra[r1]
        for b in range(j):
            o = option[i, b]
            c = near_cost[i, b]
            if c < d1:
                gain[o] += w * (d1 - c)
                mine[o] += w * (d2 - d1)
            else:
                mine[o] += w * (d2 - c)
