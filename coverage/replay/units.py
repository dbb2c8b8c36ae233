"""What each unit does in a replay: its calls, hours and utilization."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coresponse.coverage.replay.record import ReplayRun


def on_duty_h(run: ReplayRun) -> NDArray[np.float64]:
    """Return (servers,) hours on duty in the run."""
    arrays = run.fleet.arrays
    hours = arrays.on_duty[arrays.pattern] @ run.scenario.calls.hours_seen()
    return np.asarray(hours, dtype=np.float64)


def units_table(run: ReplayRun) -> pd.DataFrame:
    """Make one row a unit; sessions of a tele-clinician are taken together."""
    weeks = run.scenario.calls.weeks
    units, first, of = np.unique(run.fleet.unit, return_index=True, return_inverse=True)
    answered = np.bincount(run.record.server[run.record.server >= 0], minlength=run.fleet.n)

    def together(of_servers: NDArray[np.floating]) -> NDArray[np.float64]:
        total = np.bincount(of, weights=of_servers, minlength=len(units))
        return total.astype(np.float64)  # of nobody, whole numbers come out

    on_duty = together(on_duty_h(run))
    columns = {
        "busy_h_per_week": together(run.busy_s.sum(axis=1) / 3600 / weeks),
        "overtime_h_per_week": together(run.overtime_s / 3600 / weeks),
        "follow_up_h_per_week": together(run.visited_s / 3600 / weeks),
        "calls_per_week": together(answered / weeks),
    }
    on_calls = (columns["busy_h_per_week"] - columns["overtime_h_per_week"]) * weeks
    used = np.divide(on_calls, on_duty, out=np.full(len(units), np.nan), where=on_duty != 0)
    labels = run.fleet.labels()
    index = pd.Index([labels[i] for i in first], name="unit")
    return pd.DataFrame({"utilization": used, **columns}, index=index)


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
