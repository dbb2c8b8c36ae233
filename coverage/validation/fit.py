"""One model of recorded travels, fitted so that wrong stamps do not move it.

A record's time is o = a + b e^period sum over road groups e^group m, where m are the stated seconds
of the drive on each group of roads, and a is the time from the clock's start to the first turn of
the wheels. Logs are fitted: Huber's loss first, then Tukey's biweight (Huber 1981; Beaton, Tukey
1974), the scale the median absolute residual; parameters are drawn towards the stated ones.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

# Scales from which a record counts less, and not at all.
HUBER, TUKEY = 1.5, 4.0

# weights of records settle within five to ten rounds; each solves a small problem
ROUNDS = 12

# How far each may lie from what is stated, in logs: half of cities within two thirds of it.
#
# Speeds of the whole city may be far off, of one period beside the others hardly.
SPREAD_DELAY, SPREAD_SPEED, SPREAD_PERIOD, SPREAD_GROUP = 0.7, 1.0, 0.15, 0.25

# Scales within which records tell the mean.
WITHIN = 3.0

# the trimmed spread moves by less than a percent after three
SPREAD_ROUNDS = 5

# Standard deviation over mean size of a normal value around its middle.
OF_SIZE = 1.2533

# standard deviation over median absolute deviation of a normal value
NORMAL_MAD = 1.4826
# records that agree within 2% would make outliers of all others
LEAST_SCALE = 0.02


@dataclass(frozen=True, eq=False)
class Travels:
    """Recorded travels beside their modeled drives, all (n, ...).

    Attributes
    ----------
    observed_s
        (n,) recorded seconds, above 0.
    stated_s
        (n, groups) seconds of the drive as stated: type and period factors are in it.
    period
        (n,) position of the call's period.
    day
        (n,) day of the history.
    """

    observed_s: NDArray[np.float64]
    stated_s: NDArray[np.float64]
    period: NDArray[np.int64]
    day: NDArray[np.int64]

    @property
    def n(self) -> int:
        """Number of travels."""
        return len(self.observed_s)

    def part(self, keep: NDArray[np.bool_]) -> Travels:
        """Return some of them."""
        return Travels(
            self.observed_s[keep], self.stated_s[keep], self.period[keep], self.day[keep]
        )


@dataclass(frozen=True)
class Terms:
    """What of the model is fitted; the rest stays as stated."""

    speed: bool = False
    delay: bool = False
    periods: bool = False
    groups: bool = False


@dataclass(frozen=True, eq=False)
class Fit:
    """A fitted model.

    Attributes
    ----------
    terms
        What was fitted.
    delay_s
        a, of the median.
    slower
        b: how many times as long as stated drives take, of the median.
    period, group
        Factors on drives of each period and road group.
    mean
        Mean over median of recorded times.
    scale
        Of the logs' residuals.
    """

    terms: Terms
    delay_s: float
    slower: float
    period: NDArray[np.float64]
    group: NDArray[np.float64]
    mean: float = 1.0
    scale: float = 0.0

    def median_s(self, travels: Travels) -> NDArray[np.float64]:
        """Return (n,) modeled times, as the middle of records."""
        drive = travels.stated_s @ self.group
        return np.asarray(self.delay_s + self.slower * self.period[travels.period] * drive)

    def mean_s(self, travels: Travels) -> NDArray[np.float64]:
        """Return (n,) modeled times, as the mean of records."""
        return self.mean * self.median_s(travels)


def as_stated(delay_s: float, periods: int, groups: int) -> Fit:
    """Return the model with nothing fitted."""
    return Fit(Terms(), delay_s, 1.0, np.ones(periods), np.ones(groups))


def fit_travels(travels: Travels, stated: Fit, terms: Terms) -> Fit:
    """Fit some terms to records."""
    if not terms.speed:
        return stated
    at = replace(stated, terms=terms)
    for tukey in (False, True):
        for _ in range(ROUNDS):
            rest = np.log(travels.observed_s) - np.log(at.median_s(travels))
            scale = max(NORMAL_MAD * float(np.median(np.abs(rest))), LEAST_SCALE)
            at, moved = _step(travels, stated, at, rest, _weight(rest / scale, tukey=tukey), scale)
            if moved < 1e-6:
                break
    predicted = at.median_s(travels)
    rest = np.log(travels.observed_s / predicted)
    scale = max(NORMAL_MAD * float(np.median(np.abs(rest))), LEAST_SCALE)
    near = np.abs(rest) <= WITHIN * scale
    mean = float(travels.observed_s[near].sum() / predicted[near].sum()) if near.any() else 1.0
    return replace(at, mean=mean, scale=scale)


def spreads(travels: Travels, fit: Fit) -> tuple[float, float]:
    """Return how much delays and drives vary: standard deviations of their logarithms.

    One chance of a call stretches both. A share s of a time is drive, so that the logarithm of
    recorded over modeled time varies by about a (1 - s) + b s; a and b are the least squares of its
    size, records beyond three times that left out as wrong stamps. With one spread for both, where
    drives alone vary, a true share in time of 0.495 came out as 0.464.
    """
    from scipy.optimize import nnls  # noqa: PLC0415 - takes 0.1 s, and comes last of a plan

    median = fit.median_s(travels)
    rest = np.log(travels.observed_s / median)
    size = np.abs(rest - np.median(rest)) * OF_SIZE
    share = 1 - fit.delay_s / median
    design = np.column_stack([1 - share, share])
    typical = np.full(travels.n, NORMAL_MAD * float(np.median(size)) / OF_SIZE)
    found = np.zeros(2)
    for _ in range(SPREAD_ROUNDS):
        near = size <= WITHIN * OF_SIZE * np.maximum(typical, LEAST_SCALE)
        found = nnls(design[near], size[near])[0]
        typical = design @ found
    return float(found[0]), float(found[1])


def _weight(rest: NDArray[np.float64], *, tukey: bool) -> NDArray[np.float64]:
    if tukey:
        return np.asarray(np.clip(1 - (rest / TUKEY) ** 2, 0, None) ** 2)
    return np.asarray(HUBER / np.maximum(np.abs(rest), HUBER))


def _step(
    travels: Travels,
    stated: Fit,
    at: Fit,
    rest: NDArray[np.float64],
    weight: NDArray[np.float64],
    scale: float,
) -> tuple[Fit, float]:
    """Take one Gauss-Newton step of the weighted squares and the ridge; return how far it went."""
    terms = at.terms
    predicted = at.median_s(travels)
    drive = predicted - at.delay_s
    columns, now, spread = [drive / predicted], [np.log(at.slower)], [SPREAD_SPEED]
    if terms.delay:
        columns.append(np.full(travels.n, at.delay_s) / predicted)
        now.append(np.log(at.delay_s / stated.delay_s))
        spread.append(SPREAD_DELAY)
    if terms.periods:
        for k in range(len(at.period)):
            columns.append(np.where(travels.period == k, drive / predicted, 0.0))
            now.append(np.log(at.period[k]))
            spread.append(SPREAD_PERIOD)
    if terms.groups:
        speed = at.slower * at.period[travels.period]
        for c in range(len(at.group)):
            columns.append(speed * at.group[c] * travels.stated_s[:, c] / predicted)
            now.append(np.log(at.group[c]))
            spread.append(SPREAD_GROUP)
    design, where, ridge = np.column_stack(columns), np.array(now), np.array(spread) ** -2.0
    curve = design.T @ (design * weight[:, None]) / scale**2 + np.diag(ridge)
    slope = design.T @ (weight * rest) / scale**2 - ridge * where
    step = np.clip(np.linalg.solve(curve, slope), -0.5, 0.5)
    to = list(np.exp(where + step))
    slower, delay, period, group = to.pop(0), at.delay_s, at.period, at.group
    if terms.delay:
        delay = stated.delay_s * to.pop(0)
    if terms.periods:
        period, to = np.array(to[: len(period)]), to[len(period) :]
    if terms.groups:
        group = np.array(to)
    found = replace(at, slower=float(slower), delay_s=float(delay), period=period, group=group)
    return found, float(np.abs(step).max())
