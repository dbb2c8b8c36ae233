"""The report's section on hours: when calls come, and how many responders are on duty and busy then."""

from __future__ import annotations

import numpy as np

from coresponse.data.figures.text import NONE
from coresponse.data.hours import WeekHours
from coresponse.maps.report.content import Part, Picture, ReportTable
from coresponse.maps.report.hours_chart import hours_chart
from coresponse.publish.week_of_calls import HoursPublication

# Hours of a row of the table.
BLOCK_H = 3

HOURS_A_DAY = 24

HEADS = ("Hours", "Calls an hour", "On duty", "Busy", "Busy, share of those on duty")


def hours(told: HoursPublication | None) -> Part | None:
    """Return the section; None where there is nothing to show."""
    if told is None:
        return None
    rows = [_row(told, start) for start in range(0, 24, BLOCK_H)]
    words = "; ".join(
        f"{row[0]}: {row[1]} calls an hour, {row[2]} on duty, {row[3]} busy" for row in rows
    )
    picture = Picture(
        hours_chart(told.calls, told.on_duty, told.busy),
        f"Calls and responders by hour of the day. {words}.",
        f"An average day of the week. {NONE} or a gap: too few calls to show.",
    )
    table = ReportTable(
        "Calls, responders on duty and busy (replay)", HEADS, tuple(rows), (1, 2, 3, 4)
    )
    return Part(
        "hours", "When calls come, and who is on duty", _said(told), (), (picture,), (table,)
    )


def _row(told: HoursPublication, start: int) -> tuple[str, ...]:
    block = slice(start, start + BLOCK_H)
    calls, duty, busy = (
        float(values[block].mean()) for values in (told.calls, told.on_duty, told.busy)
    )
    share = busy / duty if duty > 0 else np.nan
    return (
        f"{start:02d}:00-{start + BLOCK_H:02d}:00",
        _number(calls, 2),
        _number(duty, 1),
        _number(busy, 1),
        NONE if np.isnan(share) else f"{share:.0%}",
    )


def _number(value: float, digits: int) -> str:
    return NONE if np.isnan(value) else f"{value:.{digits}f}"


def _said(told: HoursPublication) -> tuple[str, ...]:
    """Say when most calls come, when nobody is on duty, and when else the fewest are free."""
    said = []
    if np.isfinite(told.calls).all():
        most = int(told.calls.argmax())
        said.append(
            f"Most calls come from {most:02d}:00 to {most + 1:02d}:00: {told.calls[most]:.2f} an "
            f"hour, against {told.calls.mean():.2f} on average."
        )
    open_hours = np.flatnonzero(told.on_duty > 0)
    if 0 < len(open_hours) < HOURS_A_DAY:
        closed = np.setdiff1d(np.arange(HOURS_A_DAY), open_hours)
        week = (day * HOURS_A_DAY + int(hour) for day in range(7) for hour in closed)
        words = WeekHours.of(week).words().replace("daily ", "").replace("; ", " and ")
        said.append(f"Nobody is on duty {words} on any day.")
    free = told.on_duty - told.busy
    if len(open_hours) and np.isfinite(free[open_hours]).all():
        least = int(open_hours[free[open_hours].argmin()])
        said.append(
            f"Fewest responders are free from {least:02d}:00 to {least + 1:02d}:00: "
            f"{free[least]:.1f} of {told.on_duty[least]:.1f} on duty."
        )
    return tuple(said)
