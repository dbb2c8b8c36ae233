"""The calls that a replay meets: drawn from rates and places, or as they were."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coresponse.coverage.demand import eligible_classes, has_shares, rows_by_class
from coresponse.coverage.few_calls import safe_count
from coresponse.coverage.service.arrivals import ArrivalModel
from coresponse.data.calls.history import CallHistory
from coresponse.data.hours import HOURS_A_WEEK
from coresponse.data.programs.model import Program

# Calls worth of belief in the places of all hours against those of a period's own calls.
SHRINK = 10.0

# Of which calls of a history are taken to be hidden ones.
HIDDEN_SEED = 20_826

# Of which calls of a history are taken not to end on the phone.
KEPT_SEED = 20_827


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


def real_calls(
    calls: CallHistory,
    program: Program,
    *,
    district: NDArray[np.integer] | None = None,
    kept: NDArray[np.floating] | None = None,
) -> ReplayCalls:
    """Take the calls as they were, at their own local times.

    Parameters
    ----------
    district
        (calls,) position of each call's district, -1 outside; None: no districts.
    kept
        (calls, classes) share of each call that comes to the field, by class that it may be of:
        others end on the phone. Which ones do is drawn, the same in all replays. None: all come.
    """
    names = eligible_classes(program)
    frame = _one_class_each(calls, program, names)
    not_eligible = float(safe_count(len(calls.frame) - len(frame)))
    if kept is not None:
        at, kind = frame["position"].to_numpy(), frame["call_class"].map(names.index).to_numpy(int)
        chance = np.random.default_rng(KEPT_SEED).random(len(calls.frame))
        frame = frame[chance[at] < kept[at, kind]]
    position = frame["position"].to_numpy()
    wall = frame["received_at"].dt.tz_localize(None)
    monday = (
        (wall.min().floor("D") - pd.Timedelta(days=int(wall.min().day_of_week)))
        if len(wall)
        else pd.NaT
    )
    received = ((wall - monday) / pd.Timedelta(seconds=1)).to_numpy(dtype=np.float64)
    order = np.argsort(received, kind="stable")
    where = np.full(len(frame), -1) if district is None else np.asarray(district)[position]
    return ReplayCalls(
        class_names=names,
        received_s=received[order],
        node=frame["node"].to_numpy().astype(np.int32)[order],
        district=where.astype(np.int32)[order],
        call_class=frame["call_class"]
        .map({name: i for i, name in enumerate(names)})
        .to_numpy()
        .astype(np.int16)[order],
        call_id=frame["call_id"].to_numpy(dtype=object)[order],
        weeks=calls.days / 7,
        not_eligible=not_eligible,
        start_s=float(received.min() // 86_400 * 86_400) if len(received) else 0.0,
        row=position[order],
    )


def _one_class_each(calls: CallHistory, program: Program, names: tuple[str, ...]) -> pd.DataFrame:
    """Return the eligible calls, each with its class: a call that is of one by a share is drawn into it, or is left out.

    Nobody knows which of them are; whichever are drawn, they are the same in all replays.
    """
    frame = calls.frame.assign(position=np.arange(len(calls.frame)))
    rows = rows_by_class(frame, program, names)
    if not has_shares(program, frame):
        return rows
    chance = np.random.default_rng(HIDDEN_SEED).random(len(frame))[rows["position"]]
    upto = rows.groupby("position")["middle"].cumsum()
    return rows[(chance < upto) & (chance >= upto - rows["middle"])]
