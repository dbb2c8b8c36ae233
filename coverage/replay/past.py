"""What one history cannot tell: how far figures would be off had its days come otherwise.

The real calls are replayed at their own times. A figure's daily values over these replays show how
its mean over the history varies: by their long-run variance, so that days that stay alike for weeks
count for fewer (:mod:`coresponse.coverage.service.days`). That is the error of everything fitted to
the days, arrivals and service alike, without drawing days again: a block bootstrap took fifteen
times as long and covered less.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtri, stdtrit

from coresponse.coverage.replay.bands import CONFIDENCE, Interval, interval
from coresponse.coverage.replay.record import ReplayRun
from coresponse.coverage.replay.unknown import NOTHING, Unknowns, Values
from coresponse.coverage.service.days import (
    DayEffect,
    degrees_of_freedom,
    long_run_variance,
    persistence,
)

WEEKS_A_YEAR = 52

# Correlation of day effects from which only the slowest waves tell a mean's error.
SLOW_DAYS = 0.5

SLOW_SHARE = 0.2

# Events in the history's own replay below which a rate's band is that of counts, not of a mean.
FEW_EVENTS = 10.0

# Variance over mean that so few events are given: they come in pairs (one busy hour, two calls lost).
CLUSTERED = 2.0

# a few years of few events may look even by chance, which would make a band too narrow
LEAST_CLUSTERED = 1.5

TAIL = (1 - CONFIDENCE) / 2

# Days below which a history does not tell how days differ: the cosines of a long-run variance are
# at least four.
FEW_DAYS = 5

# Parts that the calls of so few days are dealt into, in place of days.
PARTS = 100

# Half the step of probability over which a quantile's density is taken.
_SPARSITY_STEP = 0.05


@dataclass(frozen=True)
class Year:
    """A figure's two bands.

    Attributes
    ----------
    truth
        Where the figure's long-run value lies: chance of the replay and what the history cannot
        tell.
    single
        Where the figure of one single year lies.
    """

    truth: Interval
    single: Interval


@dataclass(frozen=True, eq=False)
class Past:
    """Replays of the real calls by one deployment, and their days.

    Attributes
    ----------
    runs
        Of the same calls, with service drawn anew.
    day
        (n,) day of each call, from the first.
    days
        Of the history; of fewer than :data:`FEW_DAYS` the calls are dealt by chance into
        :data:`PARTS` parts, which stand for days: bands hold that calls come by chance.
    effect
        How days differ.
    demand
        Factor on the history's calls that figures are asked for; rates vary with it.
    unknown
        What replications of drawn calls step through (:mod:`coresponse.coverage.replay.unknown`): bands
        hold at any share of hidden calls within its range, and what growth leaves open.
    parts_a_day
        What `days` has to a day of the history.
    """

    runs: tuple[ReplayRun, ...]
    day: NDArray[np.int64]
    days: int
    effect: DayEffect
    demand: float = 1.0
    unknown: Unknowns = NOTHING
    parts_a_day: float = 1.0

    @classmethod
    def of(
        cls,
        runs: Sequence[ReplayRun],
        effect: DayEffect,
        *,
        demand: float = 1.0,
        unknown: Unknowns = NOTHING,
    ) -> Past:
        """Take replays of the real calls (:func:`coresponse.coverage.service.real_calls.real_calls`)."""
        calls = runs[0].scenario.calls
        day = ((calls.received_s - calls.start_s) // 86_400).astype(np.int64)
        days = max(int(day.max(initial=0)) + 1, round(calls.weeks * 7))
        if days >= FEW_DAYS:
            return cls(tuple(runs), day, days, effect, demand, unknown)
        dealt = np.random.default_rng(0).integers(0, PARTS, len(day))
        apart = replace(effect, correlation=0.0)
        return cls(tuple(runs), dealt, PARTS, apart, demand, unknown, PARTS / days)

    @property
    def nu(self) -> int:
        """Degrees of freedom of its errors."""
        slow = self.effect.correlation >= SLOW_DAYS
        return degrees_of_freedom(self.days, SLOW_SHARE) if slow else degrees_of_freedom(self.days)

    def part(self, members: NDArray[np.int64]) -> Past:
        """Return the same days with some of the calls; `runs` stay whole."""
        return replace(self, day=self.day[members])

    def daily(self, values: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
        """Return (days, replays) sums by day of a value of calls, one array a replay."""
        return np.stack(
            [np.bincount(self.day, weights=each, minlength=self.days) for each in values], axis=1
        )

    def variance(self, daily: NDArray[np.float64]) -> float:
        """Return the variance of the mean of (days, replays) values around 0: long-run, or of days apart if larger.

        Mean over the replays of each one's own: what chance does with service over one history is
        also what fitting service to that history's records leaves open.
        """
        long_run = long_run_variance(daily, self.nu)
        return float(np.maximum(long_run, daily.var(axis=0, ddof=1) / self.days).mean())

    def half_width(self, daily: NDArray[np.float64]) -> float:
        """Return half the 95% band of the mean of (days, 1) values around 0, by their own memory.

        For figures of the history itself, such as differences on unseen days. Where days stay alike
        the variance is at least that of an autoregression with the same memory: a few slow waves of
        a short history tell too little of it.
        """
        each = daily[:, 0]
        memory = persistence(each)
        own = replace(self, effect=replace(self.effect, correlation=memory))
        variance = own.variance(daily)
        if memory >= SLOW_DAYS:
            lag = float(each[:-1] @ each[1:]) / self.days
            sum_of_lags = float(each @ each) / self.days + 2 * lag / (1 - memory)
            variance = max(variance, sum_of_lags / self.days)
        return float(stdtrit(own.nu, 1 - TAIL) * np.sqrt(variance))

    def two_bands(self, values: Values, daily: NDArray[np.float64], weeks: float) -> Year:
        """Return the bands of a figure.

        Parameters
        ----------
        values
            Of replications of drawn calls.
        daily
            (days, replays) the figure's daily values over the history, around 0.
        weeks
            Length of a replication.
        """
        center = interval(values)
        found = np.asarray(values, dtype=np.float64)
        found = found[np.isfinite(found)]
        if len(found) < 2 or not np.isfinite(center.mean):
            return Year(center, center)
        chance, hidden, growth = self.unknown.parts(values)
        year = chance * weeks / WEEKS_A_YEAR
        m = self.variance(daily)
        if self.effect.correlation >= SLOW_DAYS:
            m = max(m, year * WEEKS_A_YEAR * 7 / self.days)
        t = float(stdtrit(self.nu, 1 - TAIL))
        of_mean = m + chance / len(found) + growth
        truth = t * np.sqrt(of_mean) + hidden
        single = t * np.sqrt(of_mean + year) + hidden
        return Year(
            *(
                Interval(center.mean, center.mean - h, center.mean + h, len(found))
                for h in (truth, single)
            )
        )

    def few(self, events: Values, weeks: float) -> Year:
        """Return the bands of a rate a week of events of which the history has next to none.

        X events in T weeks, m at a time, are a Poisson count X / m: the band is that of Garwood
        (1936), widened by what the history cannot tell of the number of calls.

        Parameters
        ----------
        events
            Events in each replication of drawn calls.
        weeks
            Length of a replication.
        """
        found = np.asarray(events, dtype=np.float64)
        total, span = float(found.sum()), weeks * len(found)
        cluster = CLUSTERED
        if total >= FEW_EVENTS and len(found) > 1:
            cluster = max(LEAST_CLUSTERED, float(found.var(ddof=1)) / float(found.mean()))
        calls = np.bincount(self.day, minlength=self.days).astype(np.float64)
        mean = max(float(calls.mean()), 1e-9)
        apart = np.sqrt(self.variance((calls - mean)[:, None])) / mean
        wide = float(np.exp(3 * stdtrit(self.nu, 1 - TAIL) * apart))
        low, high = count_band(total, cluster)
        rate = total / span
        _, hidden, growth = self.unknown.parts(found)
        open_half = hidden + float(stdtrit(self.nu, 1 - TAIL)) * np.sqrt(growth)
        wide *= 1 + open_half / max(float(found.mean()), 1e-9)
        truth = Interval(rate, low / span / wide, high / span * wide, len(found))
        low, high = count_band(rate * WEEKS_A_YEAR, cluster)
        single = Interval(
            rate,
            min(low / WEEKS_A_YEAR / wide, truth.low),
            max(high / WEEKS_A_YEAR * wide, truth.high),
            len(found),
        )
        return Year(truth, single)


def count_band(events: float, cluster: float = 1.0) -> tuple[float, float]:
    """Return the 95% band of a mean count of which so many events were seen, `cluster` at a time.

    With none seen the upper end is 3.7 clusters (two-sided 95%; the rule of three is its one-sided
    kin).
    """
    x = events / cluster
    low = float(chdtri(2 * x, 1 - TAIL)) / 2 if x > 0 else 0.0
    return cluster * low, cluster * float(chdtri(2 * x + 2, TAIL)) / 2


def ratio_daily(above: NDArray[np.float64], below: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the daily values, around 0, of a ratio of sums: (x - theta n) / mean n."""
    total = below.sum(axis=0)
    safe = np.where(total > 0, total, 1.0)
    out = (above - above.sum(axis=0) / safe * below) / (safe / len(below))
    return np.asarray(np.where(total > 0, out, 0.0))


def rate_daily(past: Past, daily: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the daily values, around 0, of a rate a week."""
    return np.asarray(7 * past.demand * past.parts_a_day * (daily - daily.mean(axis=0)))


def quantile_daily(
    past: Past, values: Sequence[NDArray[np.float64]], probability: float
) -> NDArray[np.float64]:
    """Return the daily values, around 0, of a quantile of a value of calls; NaN: a call has none.

    A quantile's error is that of the share below it, over the density there (Bahadur 1966).
    """
    known = np.concatenate([v[np.isfinite(v)] for v in values])
    if len(known) < 2:
        return np.zeros((past.days, 1))
    low, high = (np.clip(probability + k * _SPARSITY_STEP, 0.0, 1.0) for k in (-1, 1))
    at, left, right = np.quantile(known, (probability, low, high))
    sparsity = float(right - left) / float(high - low)
    above = [np.where(np.isfinite(v), v > at, 0.0) for v in values]
    there = [np.isfinite(v).astype(np.float64) for v in values]
    return ratio_daily(past.daily(above), past.daily(there)) * sparsity
