"""What may be shown of the hours of the week: calls, units on duty, and one day as a film."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coresponse.coverage.replay.one_day import Moments


@dataclass(frozen=True, eq=False)
class HoursPublication:
    """An average day of the week, hour by hour.

    Attributes
    ----------
    calls
        (24,) eligible calls of the history in an hour, rounded to steps of five past calls; NaN
        where too few came.
    on_duty
        (24,) responders of the plan.
    busy
        (24,) of these on calls, by the replay; NaN all through where one unit's work may not be
        shown.
    """

    calls: NDArray[np.float64]
    on_duty: NDArray[np.float64]
    busy: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class WeekPublication:
    """A week, hour by hour from Monday 00:00.

    Attributes
    ----------
    calls
        (168,) eligible calls of the history in an hour, of its block of :attr:`block_h` hours,
        rounded to steps of five past calls; NaN where too few came: an hour of the day is shown on
        all days or on none.
    block_h
        Hours that are taken together; 0 where nothing could be shown.
    days_apart
        Whether each day has its own calls; else all have those of an average day.
    per_week
        Eligible calls a week, for the sentence that says why so little is shown.
    on_duty
        By deployment: (168,) responders.
    busy
        By deployment: (168,) of these on calls, by the replay; not there where one unit's work may
        not be shown.
    """

    calls: NDArray[np.float64]
    block_h: int
    days_apart: bool
    per_week: float
    on_duty: Mapping[str, NDArray[np.float64]]
    busy: Mapping[str, NDArray[np.float64]]


@dataclass(frozen=True, eq=False)
class PublishedRun:
    """What a deployment did on the drawn day.

    Attributes
    ----------
    units
        (units,) `responder_type`, `post_id`; the place in the table is the `server` of `moments`.
    duty
        (units, 24) whether each is on duty in the day's hours.
    moments
        Of the day's calls.
    in_time
        (calls,) whether somebody met the person within the standard.
    """

    units: pd.DataFrame
    duty: NDArray[np.bool_]
    moments: Moments
    in_time: NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class FilmPublication:
    """A drawn day under each deployment.

    Attributes
    ----------
    day
        Of the week.
    start_s
        Its midnight, in seconds since Monday 00:00, from which all times count.
    received_s, node
        (calls,) the drawn calls, those before midnight that are not yet over among them.
    facility_nodes
        Where people are taken to.
    runs
        By the name of the deployment.
    unlike
        Where units are not sent as in the replay, in a sentence; '' where they are.
    """

    day: str
    start_s: float
    received_s: NDArray[np.float64]
    node: NDArray[np.int64]
    facility_nodes: NDArray[np.int64]
    runs: Mapping[str, PublishedRun]
    unlike: str = ""
