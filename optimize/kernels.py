"""Compiled kernels.

The gain of adding any option to a deployment, all exchanges, and the cuts of the decomposition.

For a column with costs c_o of its options and cost f of the fallback, let P(c) be the chance that
nobody within cost c is free. The expected cost is E = f - (integral over c from 0 to f of (1 - P)),
and

* adding one responder with busy share q at cost c_o saves (1 - q) * G(c_o), with G(c) the integral
  from c to f of P;
* where P is replaced by the slope of its convex envelope, the same integral gives the subgradient
  of E: the cut.

So one sweep over a column's breakpoints, then one look-up an option, does both, for any cost of
waiting and any mix of types. P never rises with c, so G is convex and piecewise linear: the largest
of the lines through its pieces. That turns the look-up into a few multiplications an option, side
by side and without a branch.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from coresponse.data.compiled import compiled, compiled_lean_part


@compiled_lean_part
def levels(  # noqa: C901
    cost: NDArray[np.float32], fallback: float, support: NDArray[np.int64], u: NDArray[np.float64],
    knots: NDArray[np.float64], chance: NDArray[np.float64], chord: NDArray[np.float64], near: NDArray[np.int64],
    at: NDArray[np.float64], slope: NDArray[np.float64], value: NDArray[np.float64],
) -> int:  # fmt: skip
    """Fill one column's breakpoints.

    From at[j] on, `value[j]` is P's envelope and `slope[j]` minus its derivative by u.

    `u` is what each of `support` adds to -ln P; `knots`, `chance`, `chord` and `near` are an
    :class:`Envelope`. Returns the number of breakpoints; beyond the last P counts as 0.
    """
    n = 0
    last = len(knots) - 1
    full = knots[last] if last >= 0 else np.inf
    bins = len(near) / full
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
        elif total >= full - 1e-9:
            value[k] = 0.0
            slope[k] = 0.0
        else:
            knot = max(knot, near[int(total * bins)])
            while knot < last - 1 and total >= knots[knot + 1] - 1e-9:
                knot += 1
            value[k] = max(chance[knot] - chord[knot] * max(total - knots[knot], 0.0), 0.0)
            slope[k] = chord[knot]
        if value[k] <= 0.0:
            return k + 1
    return n + 1


@compiled_lean_part
def integrals(
    row: NDArray[np.float32], fallback: float, n: int, at: NDArray[np.float64], f: NDArray[np.float64],
    out: NDArray[np.float64],
) -> None:  # fmt: skip
    """Set `out` to each option's integral of the non-increasing step function f from its cost to the fallback."""
    m = len(row)
    last = n - 1
    while last > 0 and f[last] <= 0.0:
        last -= 1
    end = at[last + 1] if last + 1 < n else fallback
    height = f[last]
    top = height * end
    for o in range(m):
        v = top - height * row[o]
        out[o] = max(0.0, v)
    tail = 0.0
    for k in range(last - 1, -1, -1):
        begin = at[k + 1]
        tail += height * (end - begin)
        end = begin
        if f[k] == height:
            continue  # levels of one height are one
        height = f[k]
        top = tail + height * end
        for o in range(m):
            v = top - height * row[o]
            out[o] = max(out[o], v)


@compiled
def sweeps(
    cost: NDArray[np.float32], row_of: NDArray[np.int64], weight: NDArray[np.float64], fallback: float,
    bounds: NDArray[np.int64], support: NDArray[np.int64], u: NDArray[np.float64], knots: NDArray[np.float64],
    chance: NDArray[np.float64], chord: NDArray[np.float64], near: NDArray[np.int64], by_slope: bool, first: int, last: int,
    total: NDArray[np.float64], out: NDArray[np.float64],
) -> None:  # fmt: skip
    """Set clusters first to last - 1 of `total` to their cost, and add to `out` each option's integral of P or of its slope.

    Parameters
    ----------
    cost, row_of
        (rows, options), and (columns,) the row that holds a column's costs.
    weight
        (columns,).
    bounds
        Cluster k holds the columns bounds[k]:bounds[k+1].
    support, u
        (clusters, placed) options in place, near ones first, and what each adds to -ln P.
    total, out
        (clusters,) and (clusters, options) float64; without options only the cost is counted.
    """
    m = out.shape[1]
    size = support.shape[1] + 2
    at, slope, value = np.empty(size), np.empty(size), np.empty(size)
    one = np.empty(m)
    for k in range(first, last):
        spent = 0.0
        mine = out[k]
        for i in range(bounds[k], bounds[k + 1]):
            row = cost[row_of[i]]
            n = levels(
                row, fallback, support[k], u[k], knots, chance, chord, near, at, slope, value
            )
            w = weight[i]
            end = fallback
            expected = 0.0
            for j in range(n - 1, -1, -1):
                begin = at[j] if j > 0 else 0.0
                expected += value[j] * (end - begin)
                end = begin
            spent += w * expected
            if m > 0:
                integrals(row, fallback, n, at, slope if by_slope else value, one)
                for o in range(m):
                    mine[o] += w * one[o]
        total[k] = spent


@compiled_lean_part
def exchanges_of(
    row: NDArray[np.float32], w: float, fallback: float, support: NDArray[np.int64], counts: NDArray[np.float64],
    gain: NDArray[np.float64], loss: NDArray[np.float64], extra: NDArray[np.float64],
) -> None:  # fmt: skip
    """Add one column's part to what :func:`exchanges` adds up."""
    m = len(row)
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
        return
    loss[r1] += w * (d2 - d1)
    mine = extra[r1]
    for o in range(m):
        c = row[o]
        gain[o] += w * max(d1 - c, 0.0)
        mine[o] += w * max(d2 - max(c, d1), 0.0)


@compiled
def exchanges(
    cost: NDArray[np.float32], row_of: NDArray[np.int64], weight: NDArray[np.float64], fallback: float,
    support: NDArray[np.int64], counts: NDArray[np.float64], gain: NDArray[np.float64], loss: NDArray[np.float64],
    extra: NDArray[np.float64],
) -> None:  # fmt: skip
    """Add up what every exchange of one responder for another would change, all types being always free.

    Exchanging support[r] for option o changes the cost by loss[r] - gain[o] - extra[r, o] (Resende
    and Werneck 2007, after Whitaker 1983).

    Parameters
    ----------
    support, counts
        Options in place, and how many.
    gain, loss, extra
        (options,), (support,), (support, options) float64, added to.
    """
    for i in range(len(weight)):
        exchanges_of(cost[row_of[i]], weight[i], fallback, support, counts, gain, loss, extra)


@compiled
def busy_exchanges(
    cost: NDArray[np.float32], row_of: NDArray[np.int64], weight: NDArray[np.float64], fallback: float,
    support: NDArray[np.int64], u: NDArray[np.float64], knots: NDArray[np.float64], chance: NDArray[np.float64],
    chord: NDArray[np.float64], near: NDArray[np.int64], gain: NDArray[np.float64], loss: NDArray[np.float64],
    extra: NDArray[np.float64],
) -> None:  # fmt: skip
    """Add up what every exchange needs, responders being busy at times.

    Without one responder of busy share q at cost c_r, P is P / q from c_r on. So the cost rises by
    (1/q - 1) G(c_r), and one more at c_o then saves (1 - q_o) * (G(c_o) + (1/q - 1) * min(G(c_o),
    G(c_r))), as G never rises.

    Parameters
    ----------
    gain, loss, extra
        (options,), (support,), (support, options) float64: sums of G(c_o), G(c_r) and the smaller
        of both, added to.
    """
    m = cost.shape[1]
    size = len(support) + 2
    at, slope, value = np.empty(size), np.empty(size), np.empty(size)
    one = np.empty(m)
    for i in range(len(weight)):
        row = cost[row_of[i]]
        n = levels(row, fallback, support, u, knots, chance, chord, near, at, slope, value)
        integrals(row, fallback, n, at, value, one)
        w = weight[i]
        for o in range(m):
            one[o] *= w
            gain[o] += one[o]
        for j in range(len(support)):
            most = one[support[j]]
            if most <= 0.0:
                continue
            loss[j] += most
            mine = extra[j]
            for o in range(m):
                v = one[o]
                mine[o] += min(most, v)
