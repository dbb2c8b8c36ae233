"""What tables and pages show of a plan: a figure beside today's, a time of the week."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from coresponse.data.figures.dictionary import Better

RowUnit = Literal["min", "share", "count", "per_week", "dollars"]

Ends = tuple[float, float]


@dataclass(frozen=True)
class SummaryRow:
    """One figure, for the plan and for today.

    Parameters
    ----------
    label
        Shown to people, such as ``Mean response time``.
    unit
        ``min`` (values in minutes), ``share`` (0..1, shown in percent), ``count``, ``per_week``,
        ``dollars`` (a year).
    plan, today
        None where there is none.
    better
        Which way is good.
    headline
        Shown large at the top; four at most look well.
    note
        A few words below the figure.
    plan_band, today_band
        95% bands in the figure's unit.
    change_band
        95% band of the change from today to the plan, where both met the same calls.
    """

    label: str
    unit: RowUnit
    plan: float | None
    today: float | None = None
    better: Better = "lower"
    headline: bool = False
    note: str = ""
    plan_band: Ends | None = None
    today_band: Ends | None = None
    change_band: Ends | None = None


@dataclass(frozen=True)
class MapPeriod:
    """A time of the week with columns of its own such as ``mean_s_plan@night``.

    Parameters
    ----------
    key
        Of the page's address: small letters, digits, _ and -.
    title, hours
        Shown to people, such as ``Night`` and ``daily 19:00-07:00``.
    on_duty, partly_on_duty
        Shift patterns whose responders are there all of this time, or some of it; those of no other
        pattern are.
    """

    key: str
    title: str
    hours: str = ""
    on_duty: frozenset[str] = frozenset()
    partly_on_duty: frozenset[str] = frozenset()


@dataclass(frozen=True, eq=False)
class GroupsOnMap:
    """Where groups of residents live, by areas of a map.

    Attributes
    ----------
    titles
        Of the groups.
    whole
        (groups,) share (0..1) of each among all residents.
    shares
        (areas, groups) share of each among an area's residents; NaN: not shown.
    shares_by_time
        The same of the areas that the times of the week have; None where there are no times.
    """

    titles: tuple[str, ...]
    whole: tuple[float, ...]
    shares: NDArray[np.float64]
    shares_by_time: NDArray[np.float64] | None = None
