"""When and where calls come: rates by hour of the week and place, and calls drawn from them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coresponse.coverage.demand import eligible_classes, has_shares, rows_by_class
from coresponse.coverage.few_calls import MIN_CALLS, safe_count
from coresponse.coverage.service.arrival_model import ArrivalModel
from coresponse.coverage.service.arrival_notes import notes_of_days, notes_of_history
from coresponse.coverage.service.days import DayEffect, Trend, day_effect, fit_trend
from coresponse.coverage.service.week import day_blocks, week_shape
from coresponse.data.calls.history import CallHistory
from coresponse.data.errors import InputError
from coresponse.data.hours import HOURS_A_WEEK, WHOLE_WEEK, Period, WeekHours, hour_of_week
from coresponse.data.known_city import KnownCity
from coresponse.data.notes import Note
from coresponse.data.programs.model import Program

ASSUMED = Note(
    "Arrivals: assumed, by residents and a stated rate; days differ by chance alone, there is no "
    "season. Bands run from the low to the high end of the rate's range."
)


def fitted_arrivals(city: KnownCity) -> ArrivalModel:
    """Fit when and where the calls of a city come."""
    district = city.district_of(city.calls)
    return fit_arrivals(city.calls, city.program, periods=city.periods, district=district)


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
    rows = calls.frame.assign(position=np.arange(len(calls.frame)))
    frame = rows_by_class(rows, program, names)
    if frame.empty:
        raise InputError(
            f"no call is of a class that a responder type may be sent to ({', '.join(names)})"
        )
    hour = _hours(frame)
    kind = pd.Index(names).get_indexer(pd.Index(frame["call_class"])).astype(np.int16)
    exposure = _exposure(calls.frame["received_at"])
    weeks = calls.days / 7
    everyone, day, trend = _everyone(calls, frame, hour, exposure, program)
    blocks = shift_blocks(program)

    def rates(share: str) -> NDArray[np.float64]:
        count = np.zeros((len(names), HOURS_A_WEEK))
        np.add.at(count, (kind, hour), frame[share].to_numpy())
        shapes = [week_shape(c, exposure, blocks=blocks, prior=everyone) for c in count]
        return np.stack([c.sum() / weeks * s for c, s in zip(count, shapes, strict=True)])

    shares, ends = None, None
    if has_shares(program, calls.frame):
        shares = frame[["low", "high"]].to_numpy(dtype=np.float64)
        ends = np.stack([rates("low"), rates("high")])
    position = frame["position"].to_numpy()
    of_hour, eligible = _period_of_hour(periods), float(frame["middle"].sum())
    notes: tuple[Note, ...] = (ASSUMED,)
    if calls.assumed is None:
        notes = (
            *notes_of_history(round(eligible), calls.days, exposure),
            *notes_of_days(day, trend, eligible / weeks / 7),
        )
    return ArrivalModel(
        class_names=names,
        rate_per_h=rates("middle") if ends is None else ends.mean(axis=0),
        node=frame["node"].to_numpy().astype(np.int32),
        district=(
            np.full(len(frame), -1) if district is None else np.asarray(district)[position]
        ).astype(np.int32),
        call_class=kind,
        period=of_hour[hour].astype(np.int16),
        period_of_hour=of_hour,
        other_per_week=safe_count(round(len(calls.frame) - eligible)) / weeks,
        weeks=weeks,
        notes=notes,
        day=day,
        trend=trend,
        share_ends=shares,
        rate_ends=ends,
        row=position.astype(np.int64),
        first_day=_whole_days(calls.frame["received_at"])[0].date(),
    )


def _period_of_hour(periods: Sequence[Period]) -> NDArray[np.int64]:
    """Return (168,) the position of each hour's period."""
    of_hour = np.zeros(HOURS_A_WEEK, dtype=np.int64)
    for i, period in enumerate(periods):
        of_hour[list(period.hours.hours)] = i
    return of_hour


def shift_blocks(program: Program) -> NDArray[np.int64]:
    """Return (24,) the block of each hour; none crosses where a program's responders open or close.

    A program also holds shifts for others to choose from: joined by length alone, a block of theirs
    could be half within closed hours, whose few calls would then be drawn like those beside them.
    """
    kinds = program.responder_types.values()
    used = {name for kind in kinds for name in kind.shift_patterns}
    every = program.shift_patterns
    open_h = {hour for name in used for hour in every[name].hours.hours}
    return day_blocks((one.hours for one in every.values()), WeekHours(tuple(sorted(open_h))))


def _everyone(
    calls: CallHistory,
    frame: pd.DataFrame,
    hour: NDArray[np.int64],
    exposure: NDArray[np.float64],
    program: Program,
) -> tuple[NDArray[np.float64], DayEffect, Trend | None]:
    """Return the shape of all eligible calls, how their days differ, and their trend."""
    blocks = shift_blocks(program)
    own = np.zeros(HOURS_A_WEEK)
    np.add.at(own, hour, frame["middle"].to_numpy())
    others = np.bincount(_hours(_others(calls, program)), minlength=HOURS_A_WEEK).astype(np.float64)
    prior = week_shape(others, exposure, blocks=blocks) if others.sum() > 0 else None
    # whatever part of them is of a class: all of it comes on the same days
    apart = frame.drop_duplicates("position")
    by_day, weekday = _by_day(calls.frame["received_at"], apart["received_at"])
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
