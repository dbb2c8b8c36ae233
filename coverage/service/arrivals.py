"""When and where calls come: rates by hour of the week and place, and calls drawn from them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coresponse.coverage.demand import eligible_classes
from coresponse.coverage.few_calls import MIN_CALLS, safe_count
from coresponse.coverage.service.days import A_YEAR, DayEffect, Trend, day_effect, fit_trend
from coresponse.coverage.service.week import day_blocks, week_shape
from coresponse.data.calls.history import CallHistory
from coresponse.data.errors import InputError
from coresponse.data.hours import HOURS_A_WEEK, WHOLE_WEEK, Period, hour_of_week
from coresponse.data.notes import Count, Note
from coresponse.data.programs.model import Program

SHRINK = 10.0
"""Calls worth of belief in the places of all hours against those of a period's own calls."""

ASSUMED = Note(
    "Arrivals: assumed, by residents and a stated rate; days differ by chance alone, there is no "
    "season. Bands run from the low to the high end of the rate's range."
)

CLEAR_SWING = 0.02
"""Growth a year below which nothing is said: less than what any plan could tell."""

WEEK_S = HOURS_A_WEEK * 3600.0


@dataclass(frozen=True, eq=False)
class ArrivalModel:
    """Calls an hour by class and hour of the week, and where they come from.

    Attributes
    ----------
    class_names
        Classes that some responder type may be sent to.
    rate_per_h
        (classes, 168) calls an hour.
    node, district, call_class, period
        (calls,) of the past calls, from which places are drawn.
    period_of_hour
        (168,) int.
    other_per_week
        Calls a week of classes that nobody is sent to; 1 to 10 in all the history are taken as 5,
        since it is shown as it is.
    weeks
        Length of the history.
    notes
        What the history is too short to tell; days that differ by more than chance; growth.
    day
        How days differ; calls are drawn with it.
    trend
        Growth and season; None under a year. Calls are drawn for a year like the history: the
        factor of :meth:`Trend.factor` for a planning year is the caller's to give to
        :func:`draw_calls`.
    """

    class_names: tuple[str, ...]
    rate_per_h: NDArray[np.float64]
    node: NDArray[np.int32]
    district: NDArray[np.int32]
    call_class: NDArray[np.int16]
    period: NDArray[np.int16]
    period_of_hour: NDArray[np.int64]
    other_per_week: float
    weeks: float
    notes: tuple[Note, ...]
    day: DayEffect
    trend: Trend | None


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
    start_s
        Start of that time, seconds since the Monday.
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

    @property
    def n(self) -> int:
        """Number of calls."""
        return len(self.received_s)

    def hours_seen(self) -> NDArray[np.float64]:
        """Return (168,) how often each hour of the week is in the time covered."""
        first = int(self.start_s // 3600)
        hours = first + np.arange(max(round(self.weeks * HOURS_A_WEEK), 1))
        return np.bincount(hours % HOURS_A_WEEK, minlength=HOURS_A_WEEK).astype(np.float64)


def fit_arrivals(
    calls: CallHistory,
    program: Program,
    *,
    periods: Sequence[Period] = (WHOLE_WEEK,),
    district: NDArray[np.integer] | None = None,
) -> ArrivalModel:
    """Fit rates and places to past calls.

    The week's shape starts from that of the agency's other calls on the network, and is drawn
    towards the eligible calls' own, and then each class's own, as far as these are many
    (:mod:`coresponse.coverage.service.week`); the program's shifts cut the day. Places are those of
    past calls of the same class, of the same period as far as these are many.

    Parameters
    ----------
    periods
        They cover the week once.
    district
        (calls,) position of each call's district, -1 outside; None: no districts.

    Raises
    ------
    InputError
        If no call is of a class that a responder type may be sent to.
    """
    names = eligible_classes(program)
    eligible = calls.frame["call_class"].isin(names).to_numpy()
    frame = calls.frame[eligible]
    if frame.empty:
        raise InputError(
            f"no call is of a class that a responder type may be sent to ({', '.join(names)})"
        )
    hour = _hours(frame)
    kind = (
        frame["call_class"]
        .map({name: i for i, name in enumerate(names)})
        .to_numpy()
        .astype(np.int16)
    )
    exposure = _exposure(calls.frame["received_at"])
    weeks = calls.days / 7
    count = np.zeros((len(names), HOURS_A_WEEK))
    np.add.at(count, (kind, hour), 1.0)
    everyone, day, trend = _everyone(calls, frame, hour, exposure, program)
    blocks = _blocks(program)
    shapes = [week_shape(c, exposure, blocks=blocks, prior=everyone) for c in count]
    rate = np.stack([c.sum() / weeks * shape for c, shape in zip(count, shapes, strict=True)])
    of_hour = np.zeros(HOURS_A_WEEK, dtype=np.int64)
    for i, period in enumerate(periods):
        of_hour[list(period.hours.hours)] = i
    return ArrivalModel(
        class_names=names,
        rate_per_h=rate,
        node=frame["node"].to_numpy().astype(np.int32),
        district=(
            np.full(len(frame), -1) if district is None else np.asarray(district)[eligible]
        ).astype(np.int32),
        call_class=kind,
        period=of_hour[hour].astype(np.int16),
        period_of_hour=of_hour,
        other_per_week=safe_count(int((~eligible).sum())) / weeks,
        weeks=weeks,
        notes=(
            tuple(
                _notes(len(frame), calls.days, exposure)
                + _day_notes(day, trend, len(frame) / weeks / 7)
            )
            if calls.assumed is None
            else (ASSUMED,)
        ),
        day=day,
        trend=trend,
    )


def _blocks(program: Program) -> NDArray[np.int64]:
    return day_blocks(pattern.hours for pattern in program.shift_patterns.values())


def _everyone(
    calls: CallHistory,
    frame: pd.DataFrame,
    hour: NDArray[np.int64],
    exposure: NDArray[np.float64],
    program: Program,
) -> tuple[NDArray[np.float64], DayEffect, Trend | None]:
    """Return the shape of all eligible calls, how their days differ, and their trend."""
    blocks = _blocks(program)
    own = np.bincount(hour, minlength=HOURS_A_WEEK).astype(np.float64)
    others = np.bincount(_hours(_others(calls, program)), minlength=HOURS_A_WEEK).astype(np.float64)
    prior = week_shape(others, exposure, blocks=blocks) if others.sum() > 0 else None
    by_day, weekday = _by_day(calls.frame["received_at"], frame["received_at"])
    shape = week_shape(own, exposure, blocks=blocks, prior=prior)
    effect = day_effect(by_day, _day_means(shape, weekday, by_day.sum()))
    dispersion = 1 + effect.variance * by_day.mean()
    shape = week_shape(own, exposure, blocks=blocks, prior=prior, dispersion=dispersion)
    return shape, effect, fit_trend(by_day, _day_means(shape, weekday, by_day.sum()))


def _others(calls: CallHistory, program: Program) -> pd.DataFrame:
    """Return the agency's other calls, of kinds with at least 11: fewer could be worked back from published figures."""
    others = calls.frame[~calls.frame["call_class"].isin(eligible_classes(program))]
    return others[others.groupby("call_class")["call_class"].transform("size") >= MIN_CALLS]


def _day_means(
    shape: NDArray[np.float64], weekday: NDArray[np.int64], total: float
) -> NDArray[np.float64]:
    mean = shape.reshape(7, 24).sum(axis=1)[weekday]
    return np.asarray(mean * total / mean.sum())


def _by_day(
    received: pd.Series, eligible: pd.Series
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return eligible calls of each whole day of the history, and its day of the week."""
    first, days = _whole_days(received)
    day = ((eligible.dt.tz_localize(None) - first) // pd.Timedelta(days=1)).to_numpy(np.int64)
    weekday = (first.day_of_week + np.arange(days)) % 7
    return np.bincount(day, minlength=days).astype(np.float64), weekday


def _whole_days(received: pd.Series) -> tuple[pd.Timestamp, int]:
    wall = received.dt.tz_localize(None)
    first, last = wall.min().floor("D"), wall.max().floor("D") + pd.Timedelta(days=1)
    return first, int((last - first) / pd.Timedelta(days=1))


def _hours(frame: pd.DataFrame) -> NDArray[np.int64]:
    received = frame["received_at"].dt
    return hour_of_week(received.day_of_week.to_numpy(), received.hour.to_numpy())


def _exposure(received: pd.Series) -> NDArray[np.float64]:
    """Count how often each hour of the week was seen, over the whole days of the history."""
    first, days = _whole_days(received)
    day_of_week = (first.day_of_week + np.arange(days)) % 7
    return np.repeat(np.bincount(day_of_week, minlength=7), 24).astype(np.float64)


def _notes(n: int, days: float, exposure: NDArray[np.float64]) -> list[Note]:
    notes = []
    seen = int((exposure.reshape(7, 24).sum(axis=1) > 0).sum())
    if seen < 7:
        notes.append(
            Note(
                "Arrivals: the history has {seen} of 7 days of the week; days are taken to be alike "
                "where none was seen.",
                seen=seen,
            )
        )
    if days < 28:
        notes.append(
            Note(
                "Arrivals: a history of {days} tells little about days of the week.",
                days=_days(days),
            )
        )
    if days < A_YEAR:
        notes.append(Note("Arrivals: a history of {days} gives no season.", days=_days(days)))
    if n < 500:
        notes.append(
            Note(
                "Arrivals: {n} calls are few; the rates by hour are drawn strongly towards those of "
                "the agency's other calls, or towards the average.",
                n=Count(n),
            )
        )
    return notes


def _day_notes(day: DayEffect, trend: Trend | None, calls_a_day: float) -> list[Note]:
    notes = []
    if day.beyond_chance:
        notes.append(
            Note(
                "Arrivals: days differ by more than chance: the variance of a day's calls is "
                "{times:.1f} times their mean; days are drawn so.",
                times=1 + day.variance * calls_a_day,
            )
        )
    if trend is not None and trend.clear and abs(trend.growth[0] - 1) > CLEAR_SWING:
        growth, low, high = (factor - 1 for factor in trend.growth)
        later, least, most = (factor - 1 for factor in trend.factor(trend.days))
        notes.append(
            Note(
                "Arrivals: calls {way} by {growth:.0%} a year (95% band {low:+.0%} to {high:+.0%}). "
                "Figures are for a year like the history; in the year after it, calls would be "
                "{later:+.0%} ({least:+.0%} to {most:+.0%}).",
                way="grow" if growth > 0 else "fall",
                growth=abs(growth),
                low=low,
                high=high,
                later=later,
                least=least,
                most=most,
            )
        )
    return notes


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
    own = np.diff(start)
    cell = kind * n_periods + period
    same_period = rng.random(len(kind)) < own[cell] / (own[cell] + SHRINK)
    low = np.where(same_period, start[cell], start[kind * n_periods])
    high = np.where(same_period, start[cell + 1], start[(kind + 1) * n_periods])
    return np.asarray(order[low + (rng.random(len(kind)) * (high - low)).astype(np.int64)])


def real_calls(
    calls: CallHistory, program: Program, *, district: NDArray[np.integer] | None = None
) -> ReplayCalls:
    """Take the calls as they were, at their own local times.

    Parameters
    ----------
    district
        (calls,) position of each call's district, -1 outside; None: no districts.
    """
    names = eligible_classes(program)
    eligible = calls.frame["call_class"].isin(names).to_numpy()
    frame = calls.frame[eligible]
    wall = frame["received_at"].dt.tz_localize(None)
    monday = (
        (wall.min().floor("D") - pd.Timedelta(days=int(wall.min().day_of_week)))
        if len(wall)
        else pd.NaT
    )
    received = ((wall - monday) / pd.Timedelta(seconds=1)).to_numpy(dtype=np.float64)
    order = np.argsort(received, kind="stable")
    where = np.full(len(frame), -1) if district is None else np.asarray(district)[eligible]
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
        not_eligible=float(safe_count(int((~eligible).sum()))),
        start_s=float(received.min() // 86_400 * 86_400) if len(received) else 0.0,
    )


def _days(days: float) -> str:
    return f"{days:.0f} day{'s' if days >= 1.5 else ''}"
