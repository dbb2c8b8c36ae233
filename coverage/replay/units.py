"""What each unit does in a replay: its calls, hours and utilization."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coresponse.coverage.replay.run import ReplayRun


def on_duty_h(run: ReplayRun) -> NDArray[np.float64]:
    """Return (servers,) hours on duty in the run."""
    arrays = run.fleet.arrays
    hours = arrays.on_duty[arrays.pattern] @ run.scenario.calls.hours_seen()
    return np.asarray(hours, dtype=np.float64)


def units_table(run: ReplayRun) -> pd.DataFrame:
    """Make one row a unit; sessions of a tele-clinician are taken together."""
    unit, weeks = run.fleet.unit, run.scenario.calls.weeks
    answered = np.bincount(run.record.server[run.record.server >= 0], minlength=run.fleet.n)
    frame = pd.DataFrame(
        {
            "unit": unit,
            "on_duty": on_duty_h(run),
            "busy_h_per_week": run.busy_s.sum(axis=1) / 3600 / weeks,
            "overtime_h_per_week": run.overtime_s / 3600 / weeks,
            "follow_up_h_per_week": run.visited_s / 3600 / weeks,
            "calls_per_week": answered / weeks,
        }
    )
    labels = pd.Series(run.fleet.labels(), dtype=object)
    if len(np.unique(unit)) == len(unit) and (np.diff(unit) > 0).all():
        out = frame.set_index("unit").astype(np.float64)  # no unit has further sessions
    else:
        labels = labels.groupby(unit).first()
        out = frame.groupby("unit").sum().astype(np.float64)
    on_calls = (out["busy_h_per_week"] - out["overtime_h_per_week"]) * weeks
    out.insert(0, "utilization", on_calls / out.pop("on_duty").replace(0, np.nan))
    return out.set_axis(pd.Index(labels.tolist(), name="unit"), axis="index")


def utilization_by_hour(runs: Sequence[ReplayRun]) -> pd.DataFrame:
    """Return one row a unit: mean share busy by hour of the day, NaN where never on duty."""
    fleet = runs[0].fleet
    n_units = int(fleet.unit.max(initial=-1)) + 1
    busy, on_duty = np.zeros((n_units, 24)), np.zeros((n_units, 24))
    for run in runs:
        on = fleet.arrays.on_duty[fleet.arrays.pattern]
        np.add.at(busy, fleet.unit, np.where(on, run.busy_s, 0.0).reshape(-1, 7, 24).sum(axis=1))
        np.add.at(
            on_duty,
            fleet.unit,
            (on * run.scenario.calls.hours_seen() * 3600).reshape(-1, 7, 24).sum(axis=1),
        )
    share = np.divide(busy, on_duty, out=np.full_like(busy, np.nan), where=on_duty > 0)
    first = np.unique(fleet.unit, return_index=True)[1]
    return pd.DataFrame(share, index=pd.Index([fleet.labels()[i] for i in first], name="unit"))


def busy_of_week(runs: Sequence[ReplayRun]) -> NDArray[np.float64]:
    """Return (168,) units on duty and on calls in each hour of the week, the mean over all that were replayed.

    Work past the end of a shift does not count, as in :func:`utilization_by_hour`: who does it is not on duty.
    """
    on = runs[0].fleet.arrays.on_duty[runs[0].fleet.arrays.pattern]
    busy_s = np.sum([np.where(on, run.busy_s, 0.0).sum(axis=0) for run in runs], axis=0)
    seen_s = 3600 * np.sum([run.scenario.calls.hours_seen() for run in runs], axis=0)
    out: NDArray[np.float64] = np.divide(
        busy_s, seen_s, out=np.zeros(len(busy_s)), where=seen_s > 0
    )
    return out
