"""How days differ: by more than chance, alike from day to day, growing, with a season.

Calls of a day are Poisson around the weekday's mean times a day effect G of mean 1: variance v, and
correlation rho from one day to the next (a doubly stochastic Poisson process; Cox 1955).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaincinv, ndtr, stdtrit

DAYS_A_YEAR = 365.25

# Days from which a history is taken to hold every season, and a trend can be told from one.
A_YEAR = 360

# Parameters that weekday means are worth after they were drawn together.
#
# Residuals of D days are too small by D / (D - this).
FITTED_PARAMETERS = 4.5

# One-sided 95% point of the normal distribution.
BEYOND_CHANCE = 1.645

# Growth a year in logs that is believed before the calls are seen: two thirds of agencies within 10%.
SLOPE_SPREAD = 0.10

# The same for the swing of the year.
SEASON_SPREAD = 0.15

# memory of a few days is told by the first lags; later ones are noise in a year of days
_LAGS = 3


@dataclass(frozen=True)
class DayEffect:
    """The effect that makes days differ by more than chance.

    Attributes
    ----------
    variance
        Of G; 0: days differ by chance alone.
    correlation
        Of G from one day to the next.
    z
        How far the variance is beyond chance, in standard errors.
    """

    variance: float
    correlation: float
    z: float

    @property
    def beyond_chance(self) -> bool:
        """Whether days differ by more than chance would."""
        return self.z > BEYOND_CHANCE

    def draw(self, days: int, rng: np.random.Generator) -> NDArray[np.float64]:
        """Draw (days,) effects: gamma, tied from day to day by a Gaussian copula."""
        if self.variance <= 0:
            return np.ones(days)
        noise = rng.standard_normal(days)
        level = noise.copy()
        own = np.sqrt(1 - self.correlation**2)
        for d in range(1, days):
            level[d] = self.correlation * level[d - 1] + own * noise[d]
        chance = np.clip(ndtr(level), 1e-12, 1 - 1e-12)
        return np.asarray(gammaincinv(1 / self.variance, chance) * self.variance)


def day_effect(calls: NDArray[np.float64], mean: NDArray[np.float64]) -> DayEffect:
    """Fit the day effect by moments.

    v = ([D / (D - p)] sum (n - mu)^2 - sum n) / sum mu^2; rho by least squares of the residuals'
    products over lags 1 to 3, which are v rho^lag times the products of the means.

    Parameters
    ----------
    calls
        (D,) counts by day.
    mean
        (D,) fitted means.
    """
    days = len(calls)
    square = float((mean**2).sum())
    if days <= FITTED_PARAMETERS + 1 or square <= 0:
        return DayEffect(0.0, 0.0, 0.0)
    rest = calls - mean
    more = days / (days - FITTED_PARAMETERS) * float((rest**2).sum()) - float(calls.sum())
    z = more / np.sqrt(2 * square)
    variance = max(0.0, more / square)
    if variance <= 0 or z < 2:  # the products of a variance that may be none tell nothing
        return DayEffect(variance, 0.0, float(z))
    lags = np.arange(1, _LAGS + 1)
    seen = np.array(
        [(rest[:-lag] * rest[lag:]).sum() / (mean[:-lag] * mean[lag:]).sum() for lag in lags]
    )
    tried = np.arange(0, 100) / 100
    error = ((seen[None] - variance * tried[:, None] ** lags[None]) ** 2).sum(axis=1)
    return DayEffect(variance, float(tried[error.argmin()]), float(z))


@dataclass(frozen=True)
class Trend:
    """Growth and season of a history of a year or more.

    Attributes
    ----------
    days
        Of the history.
    slope, reach
        Growth a year in logs, and half its 95% band.
    cosine, sine
        The wave of the year in logs, from the first day of the history.
    """

    days: int
    slope: float
    reach: float
    cosine: float
    sine: float

    @property
    def clear(self) -> bool:
        """Whether growth or decline is beyond chance."""
        return abs(self.slope) > self.reach

    @property
    def growth(self) -> tuple[float, float, float]:
        """Calls a year later as a factor on now, and its 95% band."""
        low, mid, high = (float(np.exp(self.slope + k * self.reach)) for k in (-1, 0, 1))
        return mid, low, high

    def factor(self, from_day: float, days: int = 365) -> tuple[float, float, float]:
        """Return the mean rate of a stated time as a factor on the history's mean rate, and its 95% band.

        Parameters
        ----------
        from_day
            Start of that time, in days since the start of the history: the year after it starts at
            its `days`.
        days
            Length of that time.
        """
        low, mid, high = (
            self.factor_at(self.slope + k * self.reach, from_day, days) for k in (-1, 0, 1)
        )
        return mid, min(low, high), max(low, high)

    def factor_at(self, slope: float, from_day: float, days: int = 365) -> float:
        """Return the same factor if calls grew by another slope a year in logs."""
        return self._mean(from_day, days, slope) / self._mean(0.0, self.days, slope)

    def _mean(self, from_day: float, days: int, slope: float) -> float:
        year = (from_day + np.arange(days) + 0.5) / DAYS_A_YEAR
        wave = self.cosine * np.cos(2 * np.pi * year) + self.sine * np.sin(2 * np.pi * year)
        return float(np.exp(slope * (year - self.days / DAYS_A_YEAR / 2) + wave).mean())


def fit_trend(calls: NDArray[np.float64], mean: NDArray[np.float64]) -> Trend | None:
    """Fit growth and season to day counts; None under a year.

    A quasi-Poisson regression of the counts on weekday means times exp(level + slope t + one wave a
    year), slope and wave drawn towards 0 (:data:`SLOPE_SPREAD`, :data:`SEASON_SPREAD`), the
    likelihood divided by the larger of Pearson's dispersion and the residuals' long-run variance.
    The wave is always there: a slope alone takes a summer at the end for growth.

    Parameters
    ----------
    calls
        (D,) counts by day.
    mean
        (D,) weekday means.
    """
    days = len(calls)
    if days < A_YEAR or calls.sum() <= 0:
        return None
    year = (np.arange(days) + 0.5) / DAYS_A_YEAR
    wave = 2 * np.pi * year
    design = np.column_stack([np.ones(days), year - year.mean(), np.cos(wave), np.sin(wave)])
    precision = np.diag([1e-6, SLOPE_SPREAD**-2, SEASON_SPREAD**-2, SEASON_SPREAD**-2])
    dispersion, at = 1.0, np.zeros(4)
    for _ in range(4):  # the dispersion depends on the fit, and settles at once
        at = _ridge_poisson(calls, mean, design, precision, dispersion, at)
        dispersion = _dispersion(calls, mean * np.exp(design @ at))
    fitted = mean * np.exp(design @ at)
    information = design.T @ (design * (fitted / dispersion)[:, None]) + precision
    spread = float(np.sqrt(np.linalg.inv(information)[1, 1]))
    reach = float(stdtrit(degrees_of_freedom(days), 0.975)) * spread
    return Trend(days, float(at[1]), reach, float(at[2]), float(at[3]))


def _ridge_poisson(
    calls: NDArray[np.float64],
    mean: NDArray[np.float64],
    design: NDArray[np.float64],
    precision: NDArray[np.float64],
    dispersion: float,
    start: NDArray[np.float64],
) -> NDArray[np.float64]:
    at = start.copy()
    for _ in range(50):
        fitted = mean * np.exp(np.clip(design @ at, -5, 5))
        slope = design.T @ ((calls - fitted) / dispersion) - precision @ at
        curve = design.T @ (design * (fitted / dispersion)[:, None]) + precision
        step = np.linalg.solve(curve, slope)
        at = at + np.clip(step, -1, 1)
        if np.abs(step).max() < 1e-10:
            break
    return at


def _dispersion(calls: NDArray[np.float64], fitted: NDArray[np.float64]) -> float:
    safe = np.maximum(fitted, 1e-9)
    pearson = float(((calls - safe) ** 2 / safe).sum() / max(len(calls) - FITTED_PARAMETERS - 3, 1))
    rest = (calls - safe) / np.sqrt(safe)
    long_run = long_run_variance(rest[:, None], degrees_of_freedom(len(calls)))[0]
    return max(1.0, pearson, float(long_run) * len(calls))


def degrees_of_freedom(days: int, share: float = 0.4) -> int:
    """Return how many cosines the long-run variance of so many days is told by: share D^(2/3), at least 4."""
    return max(4, int(share * days ** (2 / 3)))


def long_run_variance(values: NDArray[np.float64], nu: int) -> NDArray[np.float64]:
    """Return the variance of the mean of daily values that are alike from day to day.

    Equal-weighted cosines (Lazarus, Lewis, Stock, Watson 2018): L_j = sqrt(2 / D) sum u_d cos(pi j
    (d - 1/2) / D) for j = 1..nu, variance = mean(L_j^2) / D.

    Parameters
    ----------
    values
        (D, k), each column around 0.
    nu
        From :func:`degrees_of_freedom`.

    Returns
    -------
    numpy.ndarray
        (k,) variances of the means of the columns.
    """
    days = len(values)
    return np.asarray(((_cosines(days, nu) @ values) ** 2).mean(axis=0) / days)


@lru_cache(maxsize=4)  # of a history and its parts, for each of a thousand bands
def _cosines(days: int, nu: int) -> NDArray[np.float64]:
    wave = np.cos(np.pi * np.outer(np.arange(1, nu + 1), np.arange(days) + 0.5) / days)
    return np.asarray(np.sqrt(2 / days) * wave)


def persistence(values: NDArray[np.float64]) -> float:
    """Return how alike neighboring days are in what is not noise of single days, 0 to 1.

    Least squares of each autocovariance on the one before, over :data:`_LAGS` lags: noise of single
    days is in none of them. 0 where the first is within chance.

    Parameters
    ----------
    values
        (D,) around 0.
    """
    days = len(values)
    if days < 2 * (_LAGS + 2) or not (values**2).any():
        return 0.0
    lags = np.array([values[: days - k] @ values[k:] for k in range(1, _LAGS + 2)])
    if lags[0] < 2 / np.sqrt(days) * (values @ values):
        return 0.0
    return float(np.clip((lags[1:] @ lags[:-1]) / (lags[:-1] @ lags[:-1]), 0.0, 0.99))
