"""A replay as it may be shown.

Its calls are drawn from past ones with a known seed, so that its means are counts of those.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coresponse.coverage.replay.bands import Interval
from coresponse.coverage.replay.funnel_row import FunnelRow
from coresponse.coverage.replay.officer_figures import OfficerFigures
from coresponse.coverage.replay.replay_measures import ReplayMeasures
from coresponse.publish.city import CityRounding
from coresponse.publish.rounding import STEPS

# Hours that an officer may wait on scene at a call, about.
ON_SCENE_H = 0.5

# Hours that a unit is on a call, about.
ON_A_CALL_H = 1.0

ENDS = ("", "_low", "_high")


def rounded_replay(found: ReplayMeasures, rounding: CityRounding) -> ReplayMeasures:
    """Round a replay's figures of the whole city and of units, in steps that some past calls are needed for.

    Thousands of calls are drawn from a few hundred past ones: two deployments that differ in one
    post differ in the draws around it, and those tell the past calls there to less than one.

    Parameters
    ----------
    rounding
        Of the past calls that others are drawn from, or that are replayed themselves.

    Returns
    -------
    ReplayMeasures
        Intervals reach outwards and the funnel adds up. `by_class`, `by_district` and `samples` are
        as they were: what follows from them is rounded by its own calls.
    """
    if rounding.exact:
        return found
    overall = _overall(found.overall, rounding)
    steps = _funnel(found.funnel, rounding, eligible=float(overall["calls_per_week"].iloc[0]))
    return replace(
        found,
        overall=overall,
        funnel=steps,
        units=_units(found.units, rounding),
        utilization_by_hour=_by_hour(found.utilization_by_hour, rounding),
        busy_of_week=_of_week(found.busy_of_week, rounding),
        officer_hours_freed=_freed(found, steps),
        officer_alone_hours=rounding.stepped(
            found.officer_alone_hours, rounding.calls_step * ON_SCENE_H
        ),
        follow_ups_made=rounding.interval("follow_ups_made_per_week", found.follow_ups_made),
        follow_ups_due=rounding.interval("follow_ups_due_per_week", found.follow_ups_due),
        officers=None if found.officers is None else _officers(found.officers, rounding),
        single_year=None if found.single_year is None else _overall(found.single_year, rounding),
    )


def _interval(row: pd.Series[float], key: str) -> Interval:
    mean, low, high = (float(row[key + end]) for end in ENDS)
    return Interval(mean, low, high, 1)


def keys_of(table: pd.DataFrame) -> list[str]:
    """Return the figures of a table, without the ends of their intervals."""
    return [name for name in map(str, table.columns) if not name.endswith(("_low", "_high"))]


def _overall(table: pd.DataFrame, rounding: CityRounding) -> pd.DataFrame:
    row = table.iloc[0]
    out: dict[str, float] = {}
    for key in keys_of(table):
        found = _interval(row, key)
        one = rounding.interval(key, found)
        out |= {key: one.mean, f"{key}_low": one.low, f"{key}_high": one.high}
    return pd.DataFrame([out], index=table.index)


def _funnel(
    rows: Sequence[FunnelRow], rounding: CityRounding, *, eligible: float
) -> tuple[FunnelRow, ...]:
    """Round the last step and each loss; each earlier step is the next with what was lost before that.

    Parts that are rounded each by itself need not add up to their sum as it is rounded: what is
    over goes to the largest loss behind the answer to the calls, which no other figure tells, or
    else to the last step.

    Parameters
    ----------
    eligible
        Calls a week as the figures tell them: the funnel's step of that name has no other number.
    """
    steps = [row.step for row in rows]
    rounded = [
        [(why, rounding.interval("lost_per_week", one)) for why, one in row.lost] for row in rows
    ]
    ends = [rounding.interval("calls_per_week", row.calls) for row in rows]
    first = steps.index("eligible")
    lost = sum(one.mean for losses in rounded[first + 1 :] for _, one in losses)
    over = eligible - ends[-1].mean - lost
    behind = [
        (one.mean, k, i)
        for k in range(steps.index("sent") + 1, len(rows))
        for i, (_, one) in enumerate(rounded[k])
        if one.mean + over > 0
    ]
    mean = ends[-1].mean
    if behind:
        _, k, i = max(behind)
        why, one = rounded[k][i]
        rounded[k][i] = (why, _holding(one, one.mean + over))
    else:
        mean = max(mean + over, 0.0)
    out: list[FunnelRow] = []
    for k in range(len(rows) - 1, -1, -1):
        if out:
            mean += sum(one.mean for _, one in out[-1].lost)
        out.append(FunnelRow(steps[k], _holding(ends[k], mean), tuple(rounded[k])))
    return tuple(reversed(out))


def _holding(found: Interval, mean: float) -> Interval:
    """Return an interval with another mean, which it holds."""
    low, high = float(np.minimum(found.low, mean)), float(np.maximum(found.high, mean))
    return replace(found, mean=mean, low=low, high=high)


def _freed(found: ReplayMeasures, steps: Sequence[FunnelRow]) -> Interval:
    """Return officer hours freed: so many for each call handled without police."""
    before, after = found.funnel[-1].calls, steps[-1].calls
    hours = float(f"{found.officer_hours_freed.mean / before.mean:.6g}") if before.mean > 0 else 0.0
    return Interval(after.mean * hours, after.low * hours, after.high * hours, before.replications)


def _officers(found: OfficerFigures, rounding: CityRounding) -> OfficerFigures:
    """Round officers' waits to half a minute, and their hours as those of so many calls."""
    step = rounding.calls_step * ON_A_CALL_H

    def hours(value: float) -> float:
        return rounding.stepped(Interval(value, value, value, 1), step).mean

    def minutes(value: float) -> float:
        return round(value * 2) / 2 if np.isfinite(value) else np.nan

    return OfficerFigures(
        busy_share=round(found.busy_share, 2),
        with_clinicians_h_per_week=hours(found.with_clinicians_h_per_week),
        alone_h_per_week=hours(found.alone_h_per_week),
        wait_min=minutes(found.wait_min),
        own_wait_min=minutes(found.own_wait_min),
        clinician_waits_min=minutes(found.clinician_waits_min),
        without_officer_share=rounding.share(found.without_officer_share),
    )


def _units(table: pd.DataFrame, rounding: CityRounding) -> pd.DataFrame:
    """Round each unit's calls as calls, its hours as those of so many calls, its utilization as these of its hours on duty."""
    hours = rounding.calls_step * ON_A_CALL_H
    rows = []
    for row in table.to_dict("records"):
        on_calls = row["busy_h_per_week"] - row["overtime_h_per_week"]
        on_duty = on_calls / row["utilization"] if row["utilization"] > 0 else np.inf
        out = dict(row)
        for key in keys_of(table):
            mean, low, high = (float(row[key + end]) for end in ENDS)
            one = Interval(mean, low, high, 1)
            if key == "utilization":
                one = rounding.stepped(one, _share_step(hours, on_duty), at_most=1.0)
            elif key == "calls_per_week":
                one = rounding.interval(key, one)
            else:
                one = rounding.stepped(one, hours)
            out |= zip((key + end for end in ENDS), (one.mean, one.low, one.high), strict=True)
        rows.append(out)
    return pd.DataFrame(rows, index=table.index, columns=table.columns)


def _by_hour(table: pd.DataFrame, rounding: CityRounding) -> pd.DataFrame:
    # an hour of the day has at most seven hours on duty a week
    step = _share_step(rounding.calls_step * ON_A_CALL_H, 7.0)
    return (table / step).round() * step


def _of_week(
    busy: NDArray[np.float64] | None, rounding: CityRounding
) -> NDArray[np.float64] | None:
    """Round units on calls in an hour of the week: as the hours of so many calls, and no finer than a tenth."""
    if busy is None:
        return None
    step = max(0.1, round(rounding.calls_step * ON_A_CALL_H, 1))
    return np.round(np.rint(busy / step) * step, 1)


def _share_step(hours: float, of: float) -> float:
    """Return the finest step that is worth so many hours; the coarsest if none is."""
    return min((step for step in STEPS if step * of >= hours), default=STEPS[0])
