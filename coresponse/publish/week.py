"""Calls, responders on duty and busy ones by hour of the week, as they may be shown."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from coresponse.coverage.demand import eligible_classes
from coresponse.data.hours import HOURS_A_WEEK
from coresponse.data.options import Deployment
from coresponse.data.programs.model import Program
from coresponse.publish.city import CityRounding
from coresponse.publish.disclosure import Disclosure
from coresponse.publish.hours import DAYS_A_WEEK, HOURS_A_DAY, calls_of_day
from coresponse.publish.measured import EvaluationPublication
from coresponse.publish.suppression import hidden_rows
from coresponse.publish.week_of_calls import WeekPublication
from coresponse.questions.answer import Plan

# Hours taken together: each by itself; where that shows too few of them, three.
BLOCKS_H = (1, 3)

# Hours of an average day taken together, where the days of the week cannot be told apart.
BLOCKS_OF_DAY_H = (1, 3, 6, 12)

# Share of the week's hours that are shown, else something coarser, or nothing: a choice for readers.
ENOUGH_SHOWN = 2 / 3


def publish_week(
    plan: Plan, evaluations: Mapping[str, EvaluationPublication], disclosure: Disclosure
) -> WeekPublication | None:
    """Return the hours of the week under the plan and today; None without recorded calls, or where nobody is in place."""
    city = plan.case.city
    if city.calls.assumed is not None or evaluations["plan"].replay is None:
        return None
    frame = city.calls.frame
    mine = frame[frame["call_class"].isin(eligible_classes(city.program))]["received_at"].dt
    hour = mine.day_of_week.to_numpy() * HOURS_A_DAY + mine.hour.to_numpy()
    counts = np.bincount(hour, minlength=HOURS_A_WEEK).astype(np.int64)
    weeks = max(1.0, round(city.calls.days)) / DAYS_A_WEEK
    calls, block_h, days_apart = calls_of_week(counts, weeks, disclosure)
    rounding = CityRounding(int(counts.sum()), counts.sum() / weeks, exact=disclosure.internal)
    per_week = rounding.per_week(counts.sum() / weeks)
    shown = {name: one for name, one in evaluations.items() if name in ("plan", "today")}
    busy = {
        name: one.replay.busy_of_week
        for name, one in shown.items()
        if one.replay is not None and one.replay.busy_of_week is not None
    }
    duty = {name: on_duty_of_week(plan.case.program, one.deployment) for name, one in shown.items()}
    return WeekPublication(calls, block_h, days_apart, per_week, duty, busy)


def calls_of_week(
    counts: NDArray[np.int64], weeks: float, disclosure: Disclosure
) -> tuple[NDArray[np.float64], int, bool]:
    """Return (168,) calls an hour as they may be shown, the hours that are taken together, and whether days are told apart.

    Rows of a table of hours of the day by days of the week are shown or hidden whole, as if every
    row's and every day's total were known, and what is shown is rounded to steps of five past
    calls. Of a small city the finest such table that can be shown has too few rows: then all days
    have the calls of an average day, hour by hour the report's. NaN all through, and no hours,
    where too little even of those could be shown.

    Parameters
    ----------
    counts
        (168,) past calls.
    weeks
        Length of the history.
    """
    for block_h in BLOCKS_H:
        table = counts.reshape(DAYS_A_WEEK, HOURS_A_DAY // block_h, block_h).sum(axis=2).T
        hide = np.zeros(len(table), dtype=bool)
        if not disclosure.internal:
            hide = hidden_rows(table, disclosure.hides(table.sum(axis=1)))
        if 1 - hide.mean() < ENOUGH_SHOWN:
            continue
        told = np.array(
            [
                [
                    CityRounding(int(n), n / weeks, exact=disclosure.internal).per_week(n / weeks)
                    for n in row
                ]
                for row in table
            ]
        )
        told[hide] = np.nan
        return np.repeat(told.T / block_h, block_h, axis=1).ravel(), block_h, True
    return _of_average_day(counts.reshape(DAYS_A_WEEK, HOURS_A_DAY).sum(axis=0), weeks, disclosure)


def _of_average_day(
    counts: NDArray[np.int64], weeks: float, disclosure: Disclosure
) -> tuple[NDArray[np.float64], int, bool]:
    """Return the same of the average day's (24,) calls; coarser ones only where no single hour is shown."""
    for block_h in BLOCKS_OF_DAY_H:
        table = counts.reshape(HOURS_A_DAY // block_h, block_h).sum(axis=1)
        calls = np.repeat(calls_of_day(table, weeks, disclosure), block_h)
        # beside hours that the report shows, sums of them would tell those that it hides
        if (calls > 0).any() and (np.isfinite(calls).mean() >= ENOUGH_SHOWN or block_h == 1):
            return np.tile(calls, DAYS_A_WEEK), block_h, False
    return np.full(HOURS_A_WEEK, np.nan), 0, False


def on_duty_of_week(program: Program, deployment: Deployment) -> NDArray[np.float64]:
    """Return (168,) responders on duty in each hour of the week."""
    out = np.zeros(HOURS_A_WEEK)
    for option, count in deployment.counts:
        hours = program.shift_patterns[option.shift_pattern].hours
        out += count * program.responder_types[option.responder_type].sessions * hours.mask()
    return out
