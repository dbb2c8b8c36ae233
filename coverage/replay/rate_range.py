"""Bands of a city whose demand is assumed: from what happens at the low end of the rate to what happens at the high end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from coresponse.coverage.replay.bands import Interval
from coresponse.coverage.replay.funnel_row import FunnelRow
from coresponse.coverage.replay.group_measures import GroupMeasures
from coresponse.coverage.replay.replay_measures import ReplayMeasures


def over_range(planned: ReplayMeasures, ends: Sequence[ReplayMeasures]) -> ReplayMeasures:
    """Return the figures at the planned rate, with bands that also hold those at the ends of its range.

    Each band runs from the lowest to the highest that the bands of the planned, low and high rate
    reach: nobody knows the rate, so no chance can be given to its values. An end with fewer
    replications than the planned rate has is given the planned rate's band around its own mean.

    Parameters
    ----------
    planned
        At the rate that is planned with.
    ends
        Of the same deployment, at the low and at the high end of the rate's range.
    """
    thin = any(end.replications < planned.replications for end in ends)

    def table(name: str) -> pd.DataFrame:
        return _table(getattr(planned, name), [getattr(end, name) for end in ends], thin=thin)

    def band(name: str) -> Interval:
        return _interval(getattr(planned, name), [getattr(end, name) for end in ends], thin=thin)

    return replace(
        planned,
        overall=table("overall"),
        by_class=table("by_class"),
        by_district=table("by_district"),
        units=table("units"),
        officer_hours_freed=band("officer_hours_freed"),
        officer_alone_hours=band("officer_alone_hours"),
        follow_ups_made=band("follow_ups_made"),
        follow_ups_due=band("follow_ups_due"),
        by_group=_groups(planned, ends, thin=thin),
        by_area=None if planned.by_area is None else table("by_area"),
        by_agency=None if planned.by_agency is None else table("by_agency"),
        funnel=tuple(
            _row(row, [end.funnel[k] for end in ends], thin=thin)
            for k, row in enumerate(planned.funnel)
        ),
    )


def _groups(
    planned: ReplayMeasures, ends: Sequence[ReplayMeasures], *, thin: bool
) -> GroupMeasures | None:
    if planned.by_group is None:
        return None
    tables = [end.by_group.table for end in ends if end.by_group is not None]
    return replace(planned.by_group, table=_table(planned.by_group.table, tables, thin=thin))


def _table(table: pd.DataFrame, ends: Sequence[pd.DataFrame], *, thin: bool) -> pd.DataFrame:
    out = table.copy()
    aligned = [end.reindex(table.index) for end in ends]
    for column in table.columns:
        for suffix, outer in (("_low", np.fmin), ("_high", np.fmax)):
            if f"{column}{suffix}" not in table.columns:
                continue
            values = out[f"{column}{suffix}"].to_numpy(dtype=np.float64)
            room = values - out[column].to_numpy(dtype=np.float64)
            for end in aligned:
                own = end[column].to_numpy(dtype=np.float64)  # where it has no band
                band = own + room if thin else end[f"{column}{suffix}"].to_numpy(dtype=np.float64)
                values = outer(outer(values, own), band)
            least, most = (0.0, 1.0 if column.startswith("share_") else np.inf)
            out[f"{column}{suffix}"] = values.clip(least, most) if thin else values
    return out


def _interval(one: Interval, ends: Sequence[Interval], *, thin: bool) -> Interval:
    low, high = one.low, one.high
    for end in ends:
        ends_low, ends_high = end.low, end.high
        if thin:
            ends_low = max(end.mean - (one.mean - one.low), 0.0)
            ends_high = end.mean + (one.high - one.mean)
        low = float(np.fmin(low, np.fmin(ends_low, end.mean)))
        high = float(np.fmax(high, np.fmax(ends_high, end.mean)))
    return Interval(one.mean, low, high, one.replications)


def _row(row: FunnelRow, ends: Sequence[FunnelRow], *, thin: bool) -> FunnelRow:
    lost = tuple(
        (
            reason,
            _interval(
                one,
                [dict(end.lost)[reason] for end in ends if reason in dict(end.lost)],
                thin=thin,
            ),
        )
        for reason, one in row.lost
    )
    calls = _interval(row.calls, [end.calls for end in ends], thin=thin)
    return FunnelRow(row.step, calls, lost)
