"""Honest tests of a plan: optimize on one part of the history, judge on the rest."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coresponse.coverage.replay.bands import Interval, interval
from coresponse.coverage.replay.past import Past, ratio_daily
from coresponse.coverage.replay.record import ReplayRun
from coresponse.coverage.service.days import DayEffect
from coresponse.data.calls.history import CallHistory
from coresponse.data.errors import InputError

# each day of the week twice: once to plan on, once to judge on
FEWEST_DAYS = 14

# Weeks from which whole weeks are drawn again; of fewer too few are ever left out.
WEEKS_TO_DRAW = 8


def split_by_time(calls: CallHistory, *, share: float = 0.7) -> tuple[CallHistory, CallHistory]:
    """Split a history at a midnight: the first part to plan with, the rest to judge on.

    Parameters
    ----------
    share
        Of the days, in the first part.

    Raises
    ------
    InputError
        If the history is too short for either part to tell anything, or a part has no call.
    """
    day = _day(calls)
    days = int(day.iloc[-1] + 1) if len(day) else 0
    if not 0 < share < 1:
        raise InputError(f"the share of days to plan with must be between 0 and 1, not {share:g}")
    if days < FEWEST_DAYS:
        raise InputError(
            f"a plan can be judged on unseen calls only with {FEWEST_DAYS} days of history; there "
            f"{'is 1 day' if days == 1 else f'are {days} days'}"
        )
    cut = min(max(round(share * days), 1), days - 1)
    parts = (day < cut).to_numpy(), (day >= cut).to_numpy()
    first, rest = (
        replace(calls, frame=calls.frame[part].reset_index(drop=True), days=float(length))
        for part, length in zip(parts, (cut, days - cut), strict=True)
    )
    if first.frame.empty or rest.frame.empty:
        raise InputError("a part of the history has no call")
    return first, rest


def bootstrap_days(
    calls: CallHistory, *, samples: int, seed: int
) -> Iterator[tuple[CallHistory, CallHistory]]:
    """Yield histories made of days drawn with replacement, each with the days that were not drawn (about 37%).

    Weeks are drawn whole, so that days which are alike stay together (a block bootstrap; Kunsch
    1989), where there are :data:`WEEKS_TO_DRAW` of them; else single days, among the same days of
    the week. A call of a day drawn k times counts k times; its times stay, its `call_id` gets
    ``#k``. Days left out keep their own dates.

    Raises
    ------
    InputError
        If the history is too short.
    """
    day = _day(calls).to_numpy()
    days = int(day.max(initial=-1)) + 1
    if days < FEWEST_DAYS:
        raise InputError(f"a bootstrap of days needs {FEWEST_DAYS} days of history, found {days}")
    rng = np.random.default_rng(seed)
    for _ in range(samples):
        times = _times_drawn(days, rng)
        yield (
            _repeated(calls, times[day], float(days)),
            _kept(calls, times[day] == 0, float((times == 0).sum())),
        )


def _times_drawn(days: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Return (days,) how often each day is drawn; as many of each day of the week as there are."""
    times = np.zeros(days, dtype=np.int64)
    weeks, rest = divmod(days, 7)
    if weeks < WEEKS_TO_DRAW:
        for group in (np.arange(w, days, 7) for w in range(7)):
            times += np.bincount(rng.choice(group, len(group)), minlength=days)
        return times
    for length, count in ((7, weeks), (rest, 1)):
        start = 7 * rng.integers(0, weeks, count)
        times += np.bincount((start[:, None] + np.arange(length)).ravel(), minlength=days)
    return times


def _repeated(calls: CallHistory, times: NDArray[np.int64], days: float) -> CallHistory:
    at = np.repeat(np.arange(len(times)), times)
    copy = np.arange(len(at)) - np.repeat(np.cumsum(times) - times, times)
    frame = calls.frame.iloc[at].reset_index(drop=True)
    again = pd.Series(np.where(copy > 0, "#" + pd.Series(copy + 1).astype(str), ""))
    return replace(calls, frame=frame.assign(call_id=frame["call_id"] + again), days=days)


def _kept(calls: CallHistory, keep: NDArray[np.bool_], days: float) -> CallHistory:
    return replace(calls, frame=calls.frame[keep].reset_index(drop=True), days=max(days, 1.0))


def _day(calls: CallHistory) -> pd.Series[int]:
    """Return each call's day, counted from the first call's date in local time."""
    date = calls.frame["received_at"].dt.tz_localize(None).dt.floor("D")
    return pd.Series(((date - date.min()) / pd.Timedelta(days=1)).round().astype(int))


def less_wait(
    plan: Sequence[ReplayRun], today: Sequence[ReplayRun], *, fallback_s: float
) -> Interval:
    """Return by how many seconds a call waits less under the plan, with a band over days.

    The same calls meet the same chances under both. The ratio of summed differences to calls has
    the long-run variance of its daily values (:mod:`coresponse.coverage.replay.past`): days that
    stay alike for weeks count for fewer.

    Parameters
    ----------
    plan, today
        Replays of the same real calls.
    """
    waits = [np.mean([_wait_s(run, fallback_s) for run in runs], axis=0) for runs in (plan, today)]
    past = Past.of(plan, DayEffect(0.0, 0.0, 0.0))
    less, calls = past.daily([waits[1] - waits[0]]), past.daily([np.ones(len(waits[0]))])
    ratio = float(less.sum() / calls.sum())
    if int((calls > 0).sum()) < 2:
        return interval([ratio])
    half = past.half_width(ratio_daily(less, calls))
    return Interval(ratio, ratio - half, ratio + half, past.days)


def _wait_s(run: ReplayRun, fallback_s: float) -> NDArray[np.float64]:
    response = run.response_s()
    return np.where(np.isnan(response), fallback_s, np.minimum(response, fallback_s))
