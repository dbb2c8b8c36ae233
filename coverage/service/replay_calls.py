"""The calls that a replay meets: drawn from rates and places, or as they were."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coresponse.coverage.service.arrival_model import ArrivalModel
from coresponse.data.hours import HOURS_A_WEEK

# Calls worth of belief in the places of all hours against those of a period's own calls.
SHRINK = 10.0


@dataclass(frozen=True, eq=False)
class ReplayCalls:
    """Calls with a time, a place and a class, in order of time.

    Attributes
    ----------
    received_s
        (n,) float64 ascending, seconds since a Monday 00:00 local time.
    node, district
        (n,) int32.
    call_class
        (n,) int16 position in `class_names`.
    call_id
        (n,) str for real calls; None for drawn ones.
    weeks
        Length of time that they cover.
    not_eligible
        Calls in that time of classes that nobody is sent to; 1 to 10 past ones are taken as 5.
    by_phone
        Further calls in that time that clinicians on the phone end for good.
    start_s
        Start of that time, seconds since the Monday.
    row
        (n,) row of the history of each real call; None for drawn ones.
    """

    class_names: tuple[str, ...]
    received_s: NDArray[np.float64]
    node: NDArray[np.int32]
    district: NDArray[np.int32]
    call_class: NDArray[np.int16]
    call_id: NDArray[np.object_] | None
    weeks: float
    not_eligible: float
    start_s: float = 0.0
    by_phone: float = 0.0
    row: NDArray[np.int64] | None = None

    @property
    def n(self) -> int:
        """Number of calls."""
        return len(self.received_s)

    def hours_seen(self) -> NDArray[np.float64]:
        """Return (168,) how often each hour of the week is in the time covered."""
        first = int(self.start_s // 3600)
        hours = first + np.arange(max(round(self.weeks * HOURS_A_WEEK), 1))
        return np.bincount(hours % HOURS_A_WEEK, minlength=HOURS_A_WEEK).astype(np.float64)


def draw_calls(
    model: ArrivalModel, *, weeks: int, seed: int, demand_factor: float = 1.0
) -> ReplayCalls:
    """Draw calls: a Poisson number each hour, at uniform times in it, at places of past calls.

    All rates of a day share that day's effect: days differ as they did in the history.

    Parameters
    ----------
    weeks
        Length of the drawn time.
    demand_factor
        Multiplies all rates.
    """
    rng = np.random.default_rng(seed)
    n_classes = len(model.class_names)
    effect = np.repeat(model.day.draw(weeks * 7, rng), 24).reshape(1, weeks, HOURS_A_WEEK)
    rate = model.rate_per_h[:, None, :] * demand_factor * effect
    counts = rng.poisson(rate, (n_classes, weeks, HOURS_A_WEEK))
    kind, week, hour = (
        np.repeat(axis.ravel(), counts.ravel()) for axis in np.indices(counts.shape)
    )
    received = (week * HOURS_A_WEEK + hour + rng.random(len(kind))) * 3600
    order = np.argsort(received, kind="stable")
    kind, hour, received = kind[order], hour[order], received[order]
    past = _draw_past(model, kind, model.period_of_hour[hour], rng)
    return ReplayCalls(
        class_names=model.class_names,
        received_s=received,
        node=model.node[past],
        district=model.district[past],
        call_class=kind.astype(np.int16),
        call_id=None,
        weeks=float(weeks),
        not_eligible=model.other_per_week * weeks * demand_factor,
        by_phone=model.by_phone_per_week * weeks * demand_factor,
    )


def _draw_past(
    model: ArrivalModel,
    kind: NDArray[np.int64],
    period: NDArray[np.int64],
    rng: np.random.Generator,
) -> NDArray[np.int64]:
    """Draw a past call whose place is used, for each new call."""
    n_periods = int(model.period_of_hour.max()) + 1
    order = np.lexsort((model.period, model.call_class))
    key = model.call_class[order].astype(np.int64) * n_periods + model.period[order]
    start = np.searchsorted(key, np.arange(len(model.class_names) * n_periods + 1))
    share = None if model.share_ends is None else model.share_ends.mean(axis=1)[order]
    upto = np.arange(len(order) + 1.0) if share is None else np.r_[0.0, np.cumsum(share)]
    first = upto[start]  # calls, or shares of calls, before each cell's
    own = np.diff(first)
    cell = kind * n_periods + period
    same_period = rng.random(len(kind)) < own[cell] / (own[cell] + SHRINK)
    low = np.where(same_period, first[cell], first[kind * n_periods])
    high = np.where(same_period, first[cell + 1], first[(kind + 1) * n_periods])
    on = rng.random(len(kind)) * (high - low)
    if share is None:
        return np.asarray(order[low.astype(np.int64) + on.astype(np.int64)])
    found = np.searchsorted(upto, low + on, side="right")
    return np.asarray(order[found.clip(1, len(order)) - 1])
