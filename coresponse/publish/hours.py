"""Calls, responders on duty and busy ones by hour of the day, as they may be shown."""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from coresponse.coverage.demand import eligible_classes
from coresponse.data.hours import HOURS_A_WEEK
from coresponse.data.options import Deployment
from coresponse.data.programs.model import Program
from coresponse.publish.city import CityRounding
from coresponse.publish.disclosure import Disclosure
from coresponse.publish.measured import ReplayPublication
from coresponse.publish.week_of_calls import HoursPublication
from coresponse.questions.answer import Plan

HOURS_A_DAY, DAYS_A_WEEK = 24, 7


def publish_hours(
    plan: Plan, replay: ReplayPublication | None, disclosure: Disclosure
) -> HoursPublication | None:
    """Return the hours of a plan; None without recorded calls, or where nobody is in place."""
    city = plan.case.city
    if city.calls.assumed is not None or replay is None:
        return None
    frame = city.calls.frame
    mine = frame[frame["call_class"].isin(eligible_classes(city.program))]
    counts = np.bincount(mine["received_at"].dt.hour, minlength=HOURS_A_DAY).astype(np.int64)
    weeks = max(1.0, round(city.calls.days)) / DAYS_A_WEEK
    program = plan.case.program
    return HoursPublication(
        calls_of_day(counts, weeks, disclosure),
        on_duty(program, plan.deployment),
        _busy(program, replay),
    )


def calls_of_day(
    counts: NDArray[np.int64], weeks: float, disclosure: Disclosure
) -> NDArray[np.float64]:
    """Return calls in an hour of an average day, of a day's (n,) equal parts, as they may be shown.

    Parameters
    ----------
    counts
        (n,) past calls of all days.
    weeks
        Length of the history.
    """
    a_week = [
        CityRounding(int(n), n / weeks, exact=disclosure.internal).per_week(n / weeks)
        for n in counts
    ]
    hours = HOURS_A_DAY / len(counts)
    return np.where(disclosure.hides(counts), np.nan, np.array(a_week) / DAYS_A_WEEK / hours)


def on_duty(program: Program, deployment: Deployment) -> NDArray[np.float64]:
    """Return (24,) responders on duty in an hour of the day, on average over the week."""
    out = np.zeros(HOURS_A_DAY)
    for option, count in deployment.counts:
        out += count * _share_of_days(program, option.shift_pattern)
    return out


def _share_of_days(program: Program, shift_pattern: str) -> NDArray[np.float64]:
    """Return (24,) the share of the week's days on which a shift covers an hour of the day."""
    week = np.zeros(HOURS_A_WEEK)
    week[list(program.shift_patterns[shift_pattern].hours.hours)] = 1.0
    return np.asarray(week.reshape(DAYS_A_WEEK, HOURS_A_DAY).mean(axis=0))


def _busy(program: Program, replay: ReplayPublication) -> NDArray[np.float64]:
    table = replay.utilization_by_hour
    if table.isna().all(axis=1).any():  # a unit is not shown: the sum would tell it
        return np.full(HOURS_A_DAY, np.nan)
    out = np.zeros(HOURS_A_DAY)
    for label, row in table.iterrows():
        found = re.search(r"\((\w+)\)$", str(label))
        if found is None or found[1] not in program.shift_patterns:
            return np.full(HOURS_A_DAY, np.nan)
        share = row.to_numpy(dtype=np.float64)
        out += np.nan_to_num(share) * _share_of_days(program, found[1])
    return out
