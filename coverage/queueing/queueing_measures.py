"""What a deployment does by the queueing model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import pandas as pd

from coresponse.coverage.queueing.system import (
    Discipline,
)
from coresponse.data.standards import Target


@dataclass(frozen=True, eq=False)
class QueueingMeasures:
    """A deployment's figures with busy units; tables have one row a group and the columns below.

    `calls` (observed); `calls_per_week`; `reached_per_week`; `in_time_per_week` (within the
    standard); `closed_per_week` (no eligible responder on duty); `out_of_reach_per_week`;
    `busy_per_week` (left to police because all were busy); `share_in_time` and `share_reached` (of
    all calls); `mean_s`, `median_s`, `p90_s` (of reached calls, from the mixture of who comes);
    `mean_with_fallback_s` (a call not reached, or reached later than the fallback, counts as the
    fallback, as in the planner's objective).

    Attributes
    ----------
    name
        Of the deployment.
    target_s
        The standard.
    method
        ``exact`` if every period was.
    overall
        One row, index ``all``.
    by_class, by_district, by_period
        Index: class name; district_id (`''`: outside all districts); period name. Approximate
        answers are not to be trusted for single small districts.
    units
        One row an option and period on duty: `responder_type`, `post_id`, `shift_pattern`,
        `period`, `units`, `hours_per_week`, `busy_share`, `calls_per_week`.
    busy_share
        By responder type in place: share of its time on duty.
    worst_district
        district_id with the longest `mean_with_fallback_s` among those with enough calls; '' if
        none.
    discipline
        What the figures let a call do that finds all eligible units busy.
    note
        Why that is not what the rules say; '' if it is.
    """

    name: str
    target_s: Target
    method: Literal["exact", "approximation"]
    overall: pd.DataFrame
    by_class: pd.DataFrame
    by_district: pd.DataFrame
    by_period: pd.DataFrame
    units: pd.DataFrame
    busy_share: dict[str, float]
    worst_district: str
    discipline: Discipline = "loss"
    note: str = ""

    def calls_by_type(self) -> dict[str, float]:
        """Return calls a week by responder type."""
        by_type = self.units.groupby("responder_type")["calls_per_week"].sum()
        return {str(name): float(calls) for name, calls in by_type.items()}

    def figure(self, column: str) -> float:
        """Return an overall figure."""
        return float(self.overall[column].iloc[0])
