"""The chords of e^-u, and the values of u that whole responders can add up to.

u is what the responders in place within a time add up to, each -ln of its busy share, and e^-u the
chance that none of them is free.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coresponse.optimize.problem import Problem

# -ln of the busy share of a type that is always free.
#
# E^-40 is 0 beside any gap that is asked for.
ALWAYS_FREE = 40.0

# Places from which the knots around a value of -ln P are found in a step or two.
BINS = 4096

# -ln of a chance of nobody being free (1e-12) that no gap asked for can tell from 0.
NEGLIGIBLE = float(-np.log(1e-12))

# Most values that are listed: with more, tangents serve.
LISTED = 20_000


@dataclass(frozen=True, eq=False)
class Envelope:
    """The chords of e^-u between the values that whole responders can add up to.

    Attributes
    ----------
    knots
        (knots,) those values, ascending from 0; empty if there are too many, and tangents serve.
    chance, slope
        (knots,) e^-knot and minus the slope of the chord to the next knot; the last chord ends at
        0.
    near
        (BINS,) position of a knot at or below the beginning of each equal part of 0 to the last
        knot.
    """

    knots: NDArray[np.float64]
    chance: NDArray[np.float64]
    slope: NDArray[np.float64]
    near: NDArray[np.int64]

    @classmethod
    def of(cls, knots: NDArray[np.float64]) -> Envelope:
        """Lay the chords."""
        if len(knots) < 2:
            return cls(np.empty(0), np.empty(0), np.empty(0), np.zeros(1, dtype=np.int64))
        chance = np.exp(-knots)
        after = np.r_[chance[1:-1], 0.0]  # the envelope ends at 0, which is below what is left
        slope = np.r_[(chance[:-1] - after) / np.diff(knots), 0.0]
        begins = knots[-1] * np.arange(BINS) / BINS
        near = np.clip(np.searchsorted(knots, begins, side="right") - 1, 0, len(knots) - 2)
        return cls(knots, chance, slope, near.astype(np.int64))

    @property
    def arrays(
        self,
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]:
        """In the order that the kernels take them."""
        return self.knots, self.chance, self.slope, self.near


def rates(busy_share: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return what a responder of each type adds to u: -ln of its busy share."""
    with np.errstate(divide="ignore"):
        return np.asarray(np.minimum(-np.log(busy_share), ALWAYS_FREE))


def knots(problem: Problem, busy_share: NDArray[np.float64] | None = None) -> NDArray[np.float64]:
    """List the values of u that whole responders can add up to, until the chance is negligible.

    Chords between neighbors are then the tightest envelope that is exact for whole responders. Of
    types that are busy nearly all the time so many can be needed that the values are too many to
    list; then no more responders are counted than the limits allow. If they still are too many, the
    list is empty, and tangents serve, which are exact where they touch.

    Parameters
    ----------
    busy_share
        (types,) in place of the problem's, where these differ by period.

    Returns
    -------
    numpy.ndarray
        Ascending from 0. The last one closes the envelope: no responders add up to more, or the
        chance before it is negligible.
    """
    shares = problem.busy_share if busy_share is None else busy_share
    rate = rates(shares)[problem.option_type]
    kinds = [(float(one), np.flatnonzero(rate == one)) for one in np.unique(rate)[::-1]]
    if not kinds:
        return np.array([0.0, ALWAYS_FREE])
    listed = _sums([(one, None) for one, _ in kinds])
    if listed is None:
        listed = _sums([(one, _most_of(problem, options)) for one, options in kinds])
    return np.empty(0) if listed is None else listed


def _most_of(problem: Problem, options: NDArray[np.int64]) -> int:
    """Return how many responders of some options the limits allow, at most."""
    most = int(problem.most[options].sum())
    for limit in problem.limits:
        if limit.at_most is None or not (limit.coefficients >= 0).all():
            continue
        least = float(limit.coefficients[options].min())
        if least > 0:
            most = min(most, int(max(limit.at_most, 0.0) / least + 1e-6))
    return most


def _sums(kinds: list[tuple[float, int | None]]) -> NDArray[np.float64] | None:
    """List what responders of some rates add up to, so many of each at most; None if too many."""
    values, beyond = np.zeros(1), np.inf
    for rate, most in kinds:
        enough = int(np.ceil(NEGLIGIBLE / rate))
        steps = np.arange(min(enough, enough if most is None else most) + 1) * rate
        # how many sums are not beyond what is negligible, before they are made
        kept = np.searchsorted(values, NEGLIGIBLE - steps, side="right")
        if kept.sum() > 4 * LISTED:
            return None
        for step, k in zip(steps, kept, strict=True):
            if k < len(values):
                beyond = min(beyond, float(values[k] + step))
        values = np.unique(
            np.concatenate([values[:k] + step for step, k in zip(steps, kept, strict=True)]).round(
                12
            )
        )
        if len(values) > LISTED:
            return None
    beyond = round(beyond, 12) if np.isfinite(beyond) else np.inf
    # where no responders add up to more (or to what rounds to the same), any line from the last
    # value down to 0 will do that is no steeper than e^-u there
    return np.append(values, beyond if values[-1] < beyond < np.inf else values[-1] + 1.0)
