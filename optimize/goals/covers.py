"""Covers: options of which any deployment worth having uses at least one.

Let a mean E(x) have to stay within a bound b, because a floor says so or because a better
deployment is known already. If E > b even with every option outside a set S in place at its most,
then the sum of x over S is at least 1, for E never rises with x. The relaxed program knows less: it
spreads fractions over near and far options, each a little. So covers that its solution breaks raise
its bound, most of all where the worst of many districts counts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coresponse.optimize.goals.convex_program import TOLERANCE, ConvexProgram, Expression
from coresponse.optimize.goals.ready import Ready

# A cover that is short by less is not worth a row.
BROKEN = 1e-4


@dataclass(frozen=True, eq=False)
class Ceiling:
    """An average that has to stay within a bound."""

    ready: Ready
    at_most: float


def ceilings(statement: ConvexProgram, ready: tuple[Ready, ...], incumbent: float) -> list[Ceiling]:
    """List averages that are bounded by a row, or by the best value known where the objective is the largest of several."""
    totals = [(row.total, row.at_most + 2 * TOLERANCE * row.scale) for row in statement.rows]
    if np.isfinite(incumbent) and any(len(term.largest_of) > 1 for term in statement.objective):
        totals.append((statement.objective, incumbent + 2 * TOLERANCE * abs(incumbent)))
    out = []
    for total, at_most in totals:
        if len(total) != 1 or total[0].weight <= 0:
            continue
        for expression in total[0].largest_of:
            found = _alone(expression)
            if found is not None:
                j, weight = found
                out.append(
                    Ceiling(ready[j], (at_most / total[0].weight - expression.constant) / weight)
                )
    return out


def _alone(expression: Expression) -> tuple[int, float] | None:
    if expression.linear is not None or expression.moved or len(expression.averages) != 1:
        return None
    ((j, weight),) = expression.averages.items()
    return (j, weight) if weight > 0 else None


def broken_covers(
    ceiling: Ceiling,
    most: NDArray[np.int64],
    fractional: NDArray[np.float64],
    stop: Callable[[], bool],
) -> Iterator[NDArray[np.int64]]:
    """Find covers that a fractional deployment does not keep.

    Parameters
    ----------
    most
        (options,) most of each option.

    Yields
    ------
    numpy.ndarray
        Positions of options.
    """
    alone, gain = ceiling.ready.gains(np.zeros(len(most)))
    if alone <= ceiling.at_most:
        return
    seen: set[bytes] = set()
    for use in (gain, gain / (0.2 + fractional)):
        if stop():
            return
        outside = _grown(ceiling, most, np.zeros(len(most), dtype=np.bool_), use)
        for _ in range(2):
            _, more = ceiling.ready.gains(np.where(outside, most, 0).astype(np.float64))
            outside = _grown(ceiling, most, outside, more / (0.2 + fractional))
        cover = np.flatnonzero(~outside & (most > 0))
        if cover.tobytes() not in seen and fractional[cover].sum() < 1 - BROKEN:
            seen.add(cover.tobytes())
            yield cover


def _grown(
    ceiling: Ceiling, most: NDArray[np.int64], outside: NDArray[np.bool_], use: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Add as many options as leave the average above its bound, those of least use first."""
    rest = np.flatnonzero(~outside)
    order = rest[np.argsort(use[rest], kind="stable")]
    low, high = 0, len(order)
    while low < high:
        middle = (low + high + 1) // 2
        trial = outside.copy()
        trial[order[:middle]] = True
        if ceiling.ready.value(np.where(trial, most, 0).astype(np.float64)) > ceiling.at_most:
            low = middle
        else:
            high = middle - 1
    grown = outside.copy()
    grown[order[:low]] = True
    return grown
