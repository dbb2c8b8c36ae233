"""The map page's hours of the week, from their publication."""

from __future__ import annotations

from coresponse.data.figures.text import figure_text
from coresponse.maps.week import WeekHoursShown
from coresponse.publish.week_of_calls import WeekPublication

RESTS = (
    "Responders on calls are by the replay; work past the end of a shift and drives home are not "
    "counted."
)


def hours_of_week(told: WeekPublication | None) -> WeekHoursShown | None:
    """Return the hours as the page draws them."""
    if told is None:
        return None
    return WeekHoursShown(
        calls=tuple(told.calls.tolist()),
        on_duty={name: tuple(values.tolist()) for name, values in told.on_duty.items()},
        busy={name: tuple(values.tolist()) for name, values in told.busy.items()},
        note=f"{_of_calls(told)} {RESTS}",
    )


def _of_calls(told: WeekPublication) -> str:
    """Say what the calls are of, and of a small city why so little is shown."""
    a_week = figure_text(told.per_week, "per_week")
    if not told.block_h:
        return f"Calls by hour are not shown: with {a_week}, too few came at any time of day."
    taken = "" if told.block_h == 1 else f", as means of {told.block_h} hours"
    if told.days_apart:
        return (
            f"Calls are past ones, by the hour they came{taken}. An hour of the day is shown on "
            "all days or on none."
        )
    return (
        f"Calls are past ones, those of an average day on each day{taken}: with {a_week}, too few "
        "came to tell the days of the week apart."
    )
