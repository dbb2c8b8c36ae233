"""Speeds that fit the records: what is stated is kept unless days that were not fitted speak against it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from coresponse.coverage.validation.fit import (
    Fit,
    Terms,
    Travels,
    as_stated,
    fit_travels,
    spreads,
)

# Parts of the days: each is judged by what was fitted to the other four.
FOLDS = 5

# Records from which one factor, factors by period and by road class were told in trials.
LEAST_RECORDS, LEAST_DAYS = 200, 15
PERIOD_RECORDS, GROUP_RECORDS = 400, 1_000

# A step is taken if its gain is beyond two standard errors over days, and more than this of the
# loss.
#
# Of 100 right models none was changed so.
GAIN_ERRORS = 2.0
GAIN_SHARE = 0.01

# Ninth over first decile of modeled drives from which a delay can be told from a speed.
WIDE_DRIVES = 2.5

# Records this many times the model, or so many times under, judge nothing: they are other calls'
# stamps.
FAR_OFF = 4.0

# Rounds of new fastest paths at fitted speeds of road classes.
REROUTED = 3

QUANTILES = np.linspace(0.0, 1.0, 101)


# Speeds over stated ones that crews drive at: from a city in snow to lights and sirens on roads stated
# with traffic. What lies beyond is of wrong posts, or of police taken for crews: these fit days held
# out as well as right ones do.
POSSIBLE = (0.3, 1.75)


@dataclass(frozen=True, eq=False)
class Calibration:
    """Speeds and delay that reproduce the records, and how much better they are.

    Attributes
    ----------
    used
        Whether anything is changed: days not fitted are met better, at speeds that crews can drive.
    fit
        The model.
    speed
        (periods,) factors on the stated speeds.
    group_speed
        By :data:`~coresponse.coverage.validation.drives.ROAD_GROUPS`, on top of it.
    delay_s
        From the clock's start to the first turn of the wheels.
    spread
        (101,) quantiles of recorded over modeled times, of mean 1: without it the share in time and
        slow responses stay wrong.
    log_spreads
        Standard deviations of the logarithms of the delay and of the drive, wrong stamps apart:
        what a replay draws them with.
    records, days
        Behind it.
    before, after
        Recorded over modeled mean minus 1 on days not fitted: as stated, and calibrated.
    steps
        What was tried, whether it was taken, and why.
    """

    used: bool
    fit: Fit
    speed: NDArray[np.float64]
    group_speed: NDArray[np.float64]
    delay_s: float
    spread: NDArray[np.float64]
    log_spreads: tuple[float, float]
    records: int
    days: int
    before: float
    after: float
    steps: tuple[str, ...]

    @property
    def impossible(self) -> bool:
        """Whether records would have units drive as no crew does: posts or units are named wrong."""
        groups = self.group_speed if self.fit.terms.groups else np.ones(1)
        each = np.outer(self.speed, groups)
        return self.fit.terms.speed and bool(each.min() < POSSIBLE[0] or each.max() > POSSIBLE[1])

    def words(self) -> str:
        """Say what came out, in a sentence."""
        if self.impossible:
            return (
                "Speeds are as stated: by the records units would drive at "
                f"{self.speed.mean():.0%} of them, which no crew does."
            )
        if not self.used:
            return f"Speeds are as stated: {self.steps[-1]}."
        mean = float(self.speed.mean())
        told = f"Units drive at {mean:.0%} of the stated speed"
        if mean < 1:
            told += f" (the model is {1 - mean:.0%} fast)"
        return (
            f"{told}; on days not fitted, recorded times are {self.after:+.0%} of the calibrated "
            f"model's and {self.before:+.0%} of the stated one's ({self.records:,} records, "
            f"{self.days:,} days)."
        )


def calibrate(
    travels: Travels,
    *,
    delay_s: float,
    periods: int,
    starts_known: bool,
    reroute: Callable[[NDArray[np.float64]], NDArray[np.float64]] | None = None,
) -> Calibration:
    """Fit speeds step by step, each judged on days that it was not fitted to.

    As stated; one speed; delay and speed; by period or by road class. The loss is the gamma
    deviance of mean predictions, o/p - ln(o/p) - 1.

    Parameters
    ----------
    delay_s
        The program's time from the clock's start to the first turn of the wheels; 0 with the clock
        en route.
    periods
        Number of periods.
    starts_known
        Whether the posts that units started from are known or guessed: else a delay cannot be told
        from speed.
    reroute
        Makes (n, groups) stated seconds for factors on the times of road groups.
    """
    stated = as_stated(delay_s, periods, travels.stated_s.shape[1])
    drive_s = travels.stated_s.sum(axis=1)
    # a call at the post itself has no drive, and with the clock en route nothing to fit
    keep = np.asarray(np.isfinite(drive_s) & (drive_s + delay_s > 0))
    travels = travels.part(keep)
    days = len(np.unique(travels.day))
    if travels.n < LEAST_RECORDS or days < LEAST_DAYS:
        why = (
            f"cannot tell from {travels.n:,} records over {days:,} days; {LEAST_RECORDS} over "
            f"{LEAST_DAYS} days are needed"
        )
        return _result(travels, stated, stated, (why,), travels.n > 0)
    judged = _near(travels, fit_travels(travels, stated, Terms(speed=True)))
    best, terms, steps = stated, Terms(), []
    for name, more in _ladder(travels, stated, starts_known=starts_known):
        tried = replace(terms, **dict.fromkeys(more, True))
        gain, sure = _gain(travels, judged, stated, terms, tried)
        taken = sure > GAIN_ERRORS and gain > GAIN_SHARE
        steps.append(
            f"{name}: {'taken' if taken else 'not taken'}, {gain:.1%} less loss on days not fitted "
            f"({sure:.1f} standard errors)"
        )
        if taken:
            terms = tried
    best = fit_travels(travels, stated, terms)
    if terms.groups and reroute is not None:
        for _ in range(REROUTED):
            travels = replace(travels, stated_s=reroute(best.group)[keep])
            best = fit_travels(travels, stated, terms)
    return _result(travels, stated, best, tuple(steps), used=terms != Terms())


def _ladder(
    travels: Travels, stated: Fit, *, starts_known: bool
) -> list[tuple[str, tuple[str, ...]]]:
    steps: list[tuple[str, tuple[str, ...]]] = [("one speed", ("speed",))]
    drive = travels.stated_s.sum(axis=1)
    low, high = np.quantile(drive, (0.1, 0.9))
    wide = high >= WIDE_DRIVES * max(low, 1.0)
    if starts_known and stated.delay_s > 0 and wide and travels.n >= 1.5 * LEAST_RECORDS:
        steps.append(("delay and speed", ("speed", "delay")))
    if len(stated.period) > 1 and travels.n >= PERIOD_RECORDS:
        steps.append(("speeds by period", ("speed", "periods")))
    driven = (travels.stated_s.sum(axis=0) > 0.02 * drive.sum()).sum()
    if driven > 1 and travels.n >= GROUP_RECORDS:
        steps.append(("speeds by road class", ("speed", "groups")))
    return steps


def _near(travels: Travels, fit: Fit) -> NDArray[np.bool_]:
    ratio = travels.observed_s / fit.median_s(travels)
    return np.asarray((ratio > 1 / FAR_OFF) & (ratio < FAR_OFF))


def _held_out(travels: Travels, stated: Fit, terms: Terms) -> NDArray[np.float64]:
    """Return (n,) modeled means, each from days other than its own fifth."""
    if not terms.speed:
        return stated.mean_s(travels)
    out = np.empty(travels.n)
    fold = travels.day % FOLDS
    for k in np.unique(fold):
        there = fold == k
        fit = fit_travels(travels.part(~there), stated, terms)
        out[there] = fit.mean_s(travels.part(there))
    return out


def _gain(
    travels: Travels, judged: NDArray[np.bool_], stated: Fit, terms: Terms, tried: Terms
) -> tuple[float, float]:
    """Return the share of the loss that is gained, and how many standard errors over days it is."""
    before, after = (
        deviance(travels.observed_s, _held_out(travels, stated, which))[judged]
        for which in (terms, tried)
    )
    return gain_over_days(before - after, before, travels.day[judged])


def gain_over_days(
    less: NDArray[np.float64], before: NDArray[np.float64], day: NDArray[np.int64]
) -> tuple[float, float]:
    """Return the share of a loss that is gained, and how many standard errors over days that is."""
    by_day, n = np.bincount(day, weights=less), np.bincount(day)
    error = float(np.sqrt(((by_day - less.mean() * n) ** 2).sum()))
    # records that are all as modeled leave nothing to gain
    return float(less.sum() / max(before.sum(), 1e-6)), float(less.sum() / max(error, 1e-9))


def deviance(observed: NDArray[np.float64], mean: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the gamma deviance of each mean."""
    ratio = observed / mean
    return np.asarray(ratio - np.log(ratio) - 1)


def _result(
    travels: Travels, stated: Fit, best: Fit, steps: tuple[str, ...], used: bool
) -> Calibration:
    spread, log_spreads = np.ones(len(QUANTILES)), (0.0, 0.0)
    before = after = float("nan")
    if travels.n:
        near = _near(travels, best)
        observed = travels.observed_s[near]
        modeled = best.mean_s(travels)[near]
        spread = np.quantile(observed / modeled, QUANTILES)
        spread = spread / float(np.trapezoid(spread, QUANTILES))
        log_spreads = spreads(travels, best)
        terms = best.terms
        before = float(observed.sum() / stated.mean_s(travels)[near].sum() - 1)
        after = float(observed.sum() / _held_out(travels, stated, terms)[near].sum() - 1)
    found = Calibration(
        used=used and best.terms.speed,
        fit=best,
        speed=1 / (best.slower * best.mean * best.period),
        group_speed=1 / best.group,
        delay_s=best.delay_s * best.mean,
        spread=np.asarray(spread),
        log_spreads=log_spreads,
        records=travels.n,
        days=len(np.unique(travels.day)),
        before=before,
        after=after,
        steps=steps,
    )
    return replace(found, used=found.used and not found.impossible)
