"""The times of the week that pages tell apart, such as day, night and weekend."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coresponse.coverage.cells import DemandCells
from coresponse.coverage.few_calls import MIN_CALLS
from coresponse.data.hours import HOURS_A_WEEK, Period, WeekHours

# More cannot be chosen from at a glance.
MOST_TIMES = 6

KINDS = ("Day", "Night", "Weekend")

DAY_BEGINS, DAY_ENDS = 7, 19


@dataclass(frozen=True, eq=False)
class Time:
    """A time of the week, made up of whole periods of the plan.

    Attributes
    ----------
    key
        Of the page's address: small letters, digits, _ and -.
    title
        Shown to people.
    hours
        The hours it covers.
    inside
        (demand cells,) bool: which demand falls into it.
    """

    key: str
    title: str
    hours: WeekHours
    inside: NDArray[np.bool_]


def times_shown(
    planned: Sequence[Period], cells: DemandCells, *, min_calls: int = MIN_CALLS
) -> tuple[tuple[Time, ...], str]:
    """Return the times that can be shown of a plan's demand; if none can, why.

    The planner's own periods if there are two to six; else what the shifts tell apart, as day
    (07:00-19:00), night and weekend by where most of the hours lie.

    Parameters
    ----------
    planned
        The planner's periods; the demand's periods are parts of them.
    min_calls
        Observed calls that each time needs.

    Returns
    -------
    times : tuple of Time
        None, or at least two, each with at least `min_calls` observed calls.
    why : str
        '' if there are times.
    """
    own = 2 <= len(planned) <= MOST_TIMES
    groups: dict[str, list[int]] = {
        title: [] for title in ([_titled(one.name) for one in planned] if own else KINDS)
    }
    for i, period in enumerate(cells.periods):
        groups[_own_title(planned, period) if own else kind_of(period.hours)].append(i)
    groups = {title: members for title, members in groups.items() if members}
    if len(groups) < 2:
        return (
            (),
            (
                "Times of the week cannot be chosen: the plan's shifts and periods do not tell "
                "hours of the week apart."
            ),
        )
    out: list[Time] = []
    for title, members in groups.items():
        inside = np.isin(cells.period, members)
        if cells.calls[inside].sum() < min_calls:
            return (
                (),
                f"Times of the week cannot be chosen: too few calls came at one of them ({title}).",
            )
        hours = WeekHours.of(hour for i in members for hour in cells.periods[i].hours.hours)
        key = _key(title, [time.key for time in out])
        out.append(Time(key, title if own else _with_evening(title, hours), hours, inside))
    return tuple(out), ""


def kind_of(hours: WeekHours) -> str:
    """Say whether hours are mostly weekend, day or night."""
    of_week = np.asarray(hours.hours)
    if np.mean(of_week >= HOURS_A_WEEK - 48) >= 2 / 3:
        return "Weekend"
    of_day = of_week % 24
    return "Day" if np.mean((of_day >= DAY_BEGINS) & (of_day < DAY_ENDS)) > 0.5 else "Night"


def _with_evening(title: str, hours: WeekHours) -> str:
    """Return a title that says where the evening goes, if not as people think: a night from 16:00, a day until 01:00."""
    of_day = np.asarray(hours.hours) % 24
    if title == "Night" and ((of_day >= 12) & (of_day < DAY_ENDS)).any():
        return "Evening and night"
    if title == "Day" and (of_day >= DAY_ENDS).any():
        return "Day and evening"
    return title


def _own_title(planned: Sequence[Period], period: Period) -> str:
    return _titled(next(own.name for own in planned if own.hours.contains(period.hours)))


def _titled(name: str) -> str:
    return name[:1].upper() + name[1:]


def _key(title: str, taken: Sequence[str]) -> str:
    key = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:30] or "time"
    while key in taken:
        key += "-2"
    return key
