"""Compiled kernels: the gain of adding any option to a deployment, and the cuts of the decomposition.

For a column with costs c_o of its options and cost f of the fallback, let P(c) be the chance that nobody within cost c is
free. The expected cost is E = f - (integral over c from 0 to f of (1 - P)), and

* adding one responder with busy share q at cost c_o saves (1 - q) * integral from c_o to f of P;
* where P is replaced by the slope of its convex envelope, the same integral gives the subgradient of E: the cut.

So one sweep over a column's breakpoints, then one look-up an option, does both, for any cost of waiting and any mix of types.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from coresponse.data.compiled import compiled


@compiled
def levels(  # noqa: C901
    cost: NDArray[np.float32], fallback: float, support: NDArray[np.int64], u: NDArray[np.float64],
    knots: NDArray[np.float64], at: NDArray[np.float64], slope: NDArray[np.float64], value: NDArray[np.float64],
) -> int:  # fmt: skip
    """Fill one column's breakpoints: from at[j] on, `value[j]` is P's envelope and `slope[j]` minus its derivative by u.

    `u` is what each of `support` adds to -ln P; `knots` are the values of u that whole responders can add up to. Returns
    the number of breakpoints; beyond the last P counts as 0.
    """
    n = 0
    last = len(knots) - 1
    full = knots[last] if last >= 0 else np.inf
    gathered = 0.0
    for j in range(len(support)):
        c = cost[support[j]]
        if c >= fallback or (gathered >= full and c >= at[n]):
            continue
        k = n
        while k > 0 and at[k] > c:
            at[k + 1] = at[k]
            slope[k + 1] = slope[k]
            k -= 1
        at[k + 1] = c
        slope[k + 1] = u[j]  # for now: what this responder adds
        gathered += u[j]
        n += 1
        # whoever stands behind enough others never matters
        while n > 1 and gathered - slope[n] >= full:
            gathered -= slope[n]
            n -= 1
    at[0] = -np.inf
    total = 0.0
    knot = 0
    for k in range(n + 1):
        if k > 0:
            total += slope[k]
        if last < 0:  # too many knots to list: the tangent
            value[k] = np.exp(-total)
            slope[k] = value[k]
        elif total >= knots[last] - 1e-9:
            value[k] = 0.0
            slope[k] = 0.0
        else:
            while knot < last - 1 and total >= knots[knot + 1] - 1e-9:
                knot += 1
            low, high = np.exp(-knots[knot]), np.exp(-knots[knot + 1])
            if knot + 1 == last:
                high = 0.0  # the envelope ends at 0, which is below what is left
            s = (low - high) / (knots[knot + 1] - knots[knot])
            value[k] = max(low - s * max(total - knots[knot], 0.0), 0.0)
            slope[k] = s
        if value[k] <= 0.0:
            return k + 1
    return n + 1


@compiled
def sweep(  # noqa: C901 - one pass over the data, kept in one loop
    cost: NDArray[np.float32], weight: NDArray[np.float64], fallback: float, support: NDArray[np.int64],
    u: NDArray[np.float64], knots: NDArray[np.float64], by_slope: bool, out: NDArray[np.float64],
) -> float:  # fmt: skip
    """Add to `out` each option's integral of P (or of its slope) from its cost to the fallback; return the total cost.

    Parameters
    ----------
    cost
        (columns, options) of one cluster.
    weight
        (columns,).
    support, u
        Options in place and what each adds to -ln P.
    out
        (options,) float64, added to.
    """
    size = len(support) + 2
    at = np.empty(size)
    slope = np.empty(size)
    value = np.empty(size)
    tail = np.empty(size)
    total = 0.0
    m = cost.shape[1]
    for i in range(cost.shape[0]):
        row = cost[i]
        n = levels(row, fallback, support, u, knots, at, slope, value)
        f = slope if by_slope else value
        w = weight[i]
        end = fallback
        expected = 0.0
        tail[n] = 0.0
        for k in range(n - 1, -1, -1):
            begin = at[k] if k > 0 else 0.0
            tail[k] = tail[k + 1] + f[k] * (end - begin)
            expected += value[k] * (end - begin)
            end = begin
        total += w * expected
        # levels of one height are one: with responders who are always free the slope is the same up to where it ends
        flat = n
        while flat > 1 and f[flat - 1] == 0.0:
            flat -= 1
        edge = fallback if flat == n else at[flat]
        first = w * f[0]
        alike = True
        for k in range(1, flat):
            if f[k] != f[0]:
                alike = False
                break
        if alike:
            for o in range(m):
                out[o] += first * max(edge - row[o], 0.0)
        else:
            for o in range(m):
                c = row[o]
                if c >= fallback:
                    continue
                k = 0
                while k + 1 < n and at[k + 1] <= c:
                    k += 1
                stop = at[k + 1] if k + 1 < n else fallback
                out[o] += w * (tail[k + 1] + f[k] * (stop - c))
    return total


@compiled
def exchanges(
    cost: NDArray[np.float32], weight: NDArray[np.float64], fallback: float, support: NDArray[np.int64],
    counts: NDArray[np.float64], gain: NDArray[np.float64], loss: NDArray[np.float64], extra: NDArray[np.float64],
) -> None:  # fmt: skip
    """Add up what every exchange of one responder for another would change, all types being always free.

    Exchanging support[r] for option o changes the cost by loss[r] - gain[o] - extra[r, o] (Resende and Werneck 2007, after
    Whitaker 1983).

    Parameters
    ----------
    support, counts
        Options in place, and how many.
    gain, loss, extra
        (options,), (support,), (support, options) float64, added to.
    """
    m = cost.shape[1]
    for i in range(cost.shape[0]):
        row = cost[i]
        w = weight[i]
        d1, d2, r1 = fallback, fallback, -1
        for j in range(len(support)):
            c = row[support[j]]
            if c < d1:
                d2 = c if counts[j] > 1.0 else d1
                d1, r1 = c, j
            elif c < d2:
                d2 = c
        if r1 < 0:
            for o in range(m):
                gain[o] += w * max(fallback - row[o], 0.0)
            continue
        loss[r1] += w * (d2 - d1)
        mine = extra[r1]
        for o in range(m):
            c = row[o]
            gain[o] += w * max(d1 - c, 0.0)
            mine[o] += w * max(d2 - max(c, d1), 0.0)
