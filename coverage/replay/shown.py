"""A replay as it may be shown.

Its calls are drawn from past ones with a known seed, so that its means are counts of those.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coresponse.coverage.replay.bands import Band
from coresponse.coverage.replay.funnel import FunnelRow
from coresponse.coverage.replay.measures import ReplayMeasures
from coresponse.coverage.suppress import STEPS, shown, step_of
from coresponse.coverage.whole_city import WholeCity

ON_SCENE_H = 0.5
"""Hours that an officer may wait on scene at a call, about."""

ON_A_CALL_H = 1.0
"""Hours that a unit is on a call, about."""


def shown_replay(found: ReplayMeasures, whole: WholeCity) -> ReplayMeasures:
    """Round a replay's figures of the whole city and of units, in steps that some past calls are needed for.

    Thousands of calls are drawn from a few hundred past ones: two deployments that differ in one
    post differ in the draws around it, and those tell the past calls there to less than one.

    Parameters
    ----------
    whole
        Of the past calls that others are drawn from, or that are replayed themselves.

    Returns
    -------
    ReplayMeasures
        Bands reach outwards and the funnel adds up. `by_class` and `by_district` are as they were,
        to be rounded by their own calls. What was rounded before is returned as it is.
    """
    if whole.exact or found.rounds is not None:
        return found
    steps = _funnel(found.funnel, whole)
    return replace(
        found,
        overall=_overall(found.overall, whole),
        funnel=steps,
        units=_units(found.units, whole),
        utilization_by_hour=_by_hour(found.utilization_by_hour, whole),
        officer_hours_freed=_freed(found, steps),
        officer_alone_hours=whole.stepped(found.officer_alone_hours, whole.calls_step * ON_SCENE_H),
        follow_ups_made=whole.band("visits_per_week", found.follow_ups_made),
        follow_ups_due=whole.band("visits_per_week", found.follow_ups_due),
        rounds=whole,
        single_year=None if found.single_year is None else _overall(found.single_year, whole),
    )


def shown_band(
    figure: str, table: pd.DataFrame, calls: NDArray[np.integer]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Round a figure of districts, and the ends of its band outwards, by their past calls.

    Parameters
    ----------
    table
        (n,) figures with their bands; `share_reached` and `mean_s` among them.
    calls
        (n,) past calls.
    """
    mean = shown(figure, table, calls)
    step = step_of(figure, calls)
    low = np.floor(table[f"{figure}_low"].to_numpy(dtype=np.float64) / step + 1e-9) * step
    high = np.ceil(table[f"{figure}_high"].to_numpy(dtype=np.float64) / step - 1e-9) * step
    most = 1.0 if figure.startswith("share_") else np.inf
    return (
        mean,
        np.minimum(np.clip(low, 0.0, most), mean),
        np.maximum(np.clip(high, 0.0, most), mean),
    )


def _overall(table: pd.DataFrame, whole: WholeCity) -> pd.DataFrame:
    row = table.iloc[0]
    out: dict[str, float] = {}
    for name in (
        str(column) for column in table.columns if not str(column).endswith(("_low", "_high"))
    ):
        one = whole.band(name, Band(row[name], row[f"{name}_low"], row[f"{name}_high"], 1))
        out |= {name: one.mean, f"{name}_low": one.low, f"{name}_high": one.high}
    return pd.DataFrame([out], index=table.index)


def _funnel(rows: Sequence[FunnelRow], whole: WholeCity) -> tuple[FunnelRow, ...]:
    """Round the last step and each loss.

    Each earlier step is the next with what was lost before that.
    """
    out: list[FunnelRow] = []
    for row in reversed(rows):
        calls = whole.band("calls_per_week", row.calls)
        if out:
            mean = out[-1].calls.mean + sum(lost.mean for _, lost in out[-1].lost)
            calls = replace(
                calls, mean=mean, low=np.minimum(calls.low, mean), high=np.maximum(calls.high, mean)
            )
        out.append(
            FunnelRow(
                row.step,
                calls,
                tuple((why, whole.band("lost_per_week", lost)) for why, lost in row.lost),
            )
        )
    return tuple(reversed(out))


def _freed(found: ReplayMeasures, steps: Sequence[FunnelRow]) -> Band:
    """Return officer hours freed: so many for each call handled without police."""
    before, after = found.funnel[-1].calls, steps[-1].calls
    hours = float(f"{found.officer_hours_freed.mean / before.mean:.6g}") if before.mean > 0 else 0.0
    return Band(after.mean * hours, after.low * hours, after.high * hours, before.replications)


def _units(table: pd.DataFrame, whole: WholeCity) -> pd.DataFrame:
    """Round each unit's calls as calls, its hours as those of so many calls, its utilization as these of its hours on duty."""
    out = table.copy()
    hours = whole.calls_step * ON_A_CALL_H
    for unit, row in table.iterrows():
        on_calls = row["busy_h_per_week"] - row["overtime_h_per_week"]
        on_duty = on_calls / row["utilization"] if row["utilization"] > 0 else np.inf
        for name in (
            str(column) for column in table.columns if not str(column).endswith(("_low", "_high"))
        ):
            one = Band(row[name], row[f"{name}_low"], row[f"{name}_high"], 1)
            if name == "utilization":
                one = whole.stepped(one, _share_step(hours, on_duty), at_most=1.0)
            else:
                one = (
                    whole.band(name, one) if name == "calls_per_week" else whole.stepped(one, hours)
                )
            out.loc[unit, [name, f"{name}_low", f"{name}_high"]] = [one.mean, one.low, one.high]
    return out


def _by_hour(table: pd.DataFrame, whole: WholeCity) -> pd.DataFrame:
    step = _share_step(whole.calls_step * ON_A_CALL_H, 7.0)
    return (table / step).round() * step


def _share_step(hours: float, of: float) -> float:
    """Return the finest step that is worth so many hours; the coarsest if none is."""
    return min((step for step in STEPS if step * of >= hours), default=STEPS[0])
