"""The map page's hours of the week, from their publication."""

from __future__ import annotations

from coresponse.maps.week import WeekHoursShown
from coresponse.publish.week import WeekPublication

NOTE = (
    "Calls of the past, by the hour they came; responders on calls by the replay, work past the "
    "end of a shift and drives home not counted. An hour of the day is shown on all days or on none."
)


def hours_of_week(told: WeekPublication | None) -> WeekHoursShown | None:
    """Return the hours as the page draws them."""
    if told is None:
        return None
    blocks = "" if told.block_h == 1 else f" Calls are means of {told.block_h} hours."
    return WeekHoursShown(
        calls=tuple(told.calls.tolist()),
        on_duty={name: tuple(values.tolist()) for name, values in told.on_duty.items()},
        busy={name: tuple(values.tolist()) for name, values in told.busy.items()},
        note=f"{NOTE}{blocks}",
    )
