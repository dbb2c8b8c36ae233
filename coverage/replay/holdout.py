"""Honest tests of a plan: optimize on one part of the history, judge on the rest."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas as pd

from coresponse.data.calls.history import CallHistory
from coresponse.data.errors import InputError

FEWEST_DAYS = 14


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

    Days are drawn among the same days of the week, so that weeks keep their shape. A call of a day
    drawn k times counts k times; its times stay, its `call_id` gets ``#k``. Days left out keep
    their own dates.

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
    weekdays = [np.arange(w, days, 7) for w in range(7)]
    for _ in range(samples):
        times = np.zeros(days, dtype=np.int64)
        for group in weekdays:
            times += np.bincount(rng.choice(group, len(group)), minlength=days)
        yield (
            _repeated(calls, times[day], float(days)),
            _kept(calls, times[day] == 0, float((times == 0).sum())),
        )


def _repeated(calls: CallHistory, times: np.ndarray, days: float) -> CallHistory:
    at = np.repeat(np.arange(len(times)), times)
    copy = np.arange(len(at)) - np.repeat(np.cumsum(times) - times, times)
    frame = calls.frame.iloc[at].reset_index(drop=True)
    again = pd.Series(np.where(copy > 0, "#" + pd.Series(copy + 1).astype(str), ""))
    return replace(calls, frame=frame.assign(call_id=frame["call_id"] + again), days=days)


def _kept(calls: CallHistory, keep: np.ndarray, days: float) -> CallHistory:
    return replace(calls, frame=calls.frame[keep].reset_index(drop=True), days=max(days, 1.0))


def _day(calls: CallHistory) -> pd.Series[int]:
    """Return each call's day, counted from the first call's date in local time."""
    date = calls.frame["received_at"].dt.tz_localize(None).dt.floor("D")
    return pd.Series(((date - date.min()) / pd.Timedelta(days=1)).round().astype(int))
