"""Recorded stretches before the drive beside the program's figures: call-taking where a unit was free, and turn-out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coresponse.coverage.replay.record import ReplayRun
from coresponse.coverage.validation.calibrate import (
    FOLDS,
    GAIN_ERRORS,
    GAIN_SHARE,
    LEAST_DAYS,
    LEAST_RECORDS,
    deviance,
    gain_over_days,
)
from coresponse.coverage.validation.fit import LEAST_SCALE, NORMAL_MAD, WITHIN
from coresponse.coverage.validation.records import LONGEST_S, TravelRecords
from coresponse.coverage.validation.validate import positions
from coresponse.data.calls.history import CallHistory


@dataclass(frozen=True)
class DelayFit:
    """A stretch of time before the drive.

    Attributes
    ----------
    used
        Whether days that it was not fitted to bear it out.
    stated_s, fitted_s
        The program's mean, and the records'.
    records
        Behind it.
    spread
        Standard deviation of the logarithm, wrong stamps apart; 0 where records are too few.
    """

    used: bool
    stated_s: float
    fitted_s: float
    records: int
    spread: float = 0.0


def fitted_call_taking(
    calls: CallHistory, records: TravelRecords, runs: Sequence[ReplayRun], *, stated_s: float
) -> DelayFit | None:
    """Fit call-taking to the calls that replays of today's deployment answer at once.

    A wait for a free unit lies between receipt and dispatch, too: calls that waited in any replay
    are left out.

    Returns
    -------
    DelayFit or None
        None without times of dispatch.
    """
    frame = calls.frame.iloc[records.row]
    seconds = (frame["dispatched_at"] - frame["received_at"]).dt.total_seconds()
    observed = np.asarray(seconds, dtype=np.float64)
    at = positions(calls, runs[0])[records.row]
    told = runs[0].scenario.calls.received_s + stated_s
    waited = np.zeros(len(told), dtype=bool)
    for run in runs:
        waited |= ~(run.record.sent_s <= told + 1.0)
    good = np.isfinite(observed) & (observed > 0) & (observed < LONGEST_S) & (at >= 0)
    good &= ~waited[at.clip(min=0)]
    return fit_stage(observed[good], records.day[good], stated_s) if good.any() else None


def fitted_turn_out(
    calls: CallHistory, records: TravelRecords, mine: NDArray[np.bool_], *, stated_s: float
) -> DelayFit | None:
    """Fit turn-out to the times from dispatch to en route, where records have these.

    Parameters
    ----------
    mine
        (n,) which records are of the type.
    """
    if records.clock != "en_route_at":
        return None
    frame = calls.frame.iloc[records.row[mine]]
    seconds = (frame["en_route_at"] - frame["dispatched_at"]).dt.total_seconds()
    observed = np.asarray(seconds, dtype=np.float64)
    good = np.isfinite(observed) & (observed > 0) & (observed < LONGEST_S)
    return fit_stage(observed[good], records.day[mine][good], stated_s) if good.any() else None


def fit_stage(observed_s: NDArray[np.float64], day: NDArray[np.int64], stated_s: float) -> DelayFit:
    """Fit the mean of a stage so that wrong stamps do not move it; keep the stated one unless other days speak against it.

    Parameters
    ----------
    observed_s
        (n,) recorded seconds, above 0.
    day
        (n,) days of the calls.
    """
    n, days = len(observed_s), len(np.unique(day))
    if n < LEAST_RECORDS or days < LEAST_DAYS:
        return DelayFit(False, stated_s, stated_s, n)
    fitted = np.empty(n)
    for k in range(FOLDS):
        there = day % FOLDS == k
        if there.any():
            fitted[there] = robust_mean(observed_s[~there])
    near = _near(observed_s)
    stated = np.maximum(np.full(n, stated_s), 1.0)  # a stated 0 would be beaten by anything
    less = (deviance(observed_s, stated) - deviance(observed_s, fitted))[near]
    gain, sure = gain_over_days(less, deviance(observed_s, stated)[near], day[near])
    used = sure > GAIN_ERRORS and gain > GAIN_SHARE
    log = np.log(observed_s)
    spread = NORMAL_MAD * float(np.median(np.abs(log - np.median(log))))
    return DelayFit(used, stated_s, robust_mean(observed_s), n, spread)


def robust_mean(observed_s: NDArray[np.float64]) -> float:
    """Return the mean of the records within three scales of their middle, on logs."""
    return float(observed_s[_near(observed_s)].mean())


def _near(observed_s: NDArray[np.float64]) -> NDArray[np.bool_]:
    log = np.log(observed_s)
    rest = np.abs(log - np.median(log))
    scale = max(NORMAL_MAD * float(np.median(rest)), LEAST_SCALE)
    return np.asarray(rest <= WITHIN * scale)
