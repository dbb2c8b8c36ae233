"""Bands of one deployment's figures over replications, with or without a past."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coresponse.coverage.replay.bands import Interval, interval_table
from coresponse.coverage.replay.past import Past
from coresponse.coverage.replay.record import ReplayRun
from coresponse.coverage.replay.table_bands import rate_band, seen_bands, two_band_tables
from coresponse.coverage.replay.units import (
    units_table,
)
from coresponse.coverage.replay.unknown import NOTHING, Unknowns
from coresponse.coverage.service.replay_calls import ReplayCalls
from coresponse.data.programs.model import Program
from coresponse.data.standards import Target

NOTHING_ELSE: Mapping[str, Any] = {}


def _per_week(run: ReplayRun, value: float) -> float:
    return float(value / run.scenario.calls.weeks)


@dataclass(frozen=True, eq=False)
class DeploymentBands:
    """Figures of one deployment with their bands, with or without a past."""

    runs: Sequence[ReplayRun]
    program: Program
    past: Past | None
    target_s: Target
    unknown: Unknowns = NOTHING

    @property
    def weeks(self) -> float:
        """Length of a replication."""
        return self.runs[0].scenario.calls.weeks

    def tables(
        self,
        tables: Sequence[pd.DataFrame],
        group: Callable[[ReplayCalls], NDArray[np.integer]],
        names: Sequence[str],
        also: Mapping[str, Callable[[ReplayRun, Program], NDArray[np.float64]]] = NOTHING_ELSE,
    ) -> tuple[pd.DataFrame, pd.DataFrame | None]:
        """Return figures by group with bands of the long run, and of a single year if there is a past.

        Parameters
        ----------
        also
            What else the tables have shares of: by event, (n,) 0 or 1 of a replay's calls.
        """
        if self.past is None:
            # replications may be of the same calls: those of one count, not of all together
            of = np.array(
                [np.bincount(group(r.scenario.calls), minlength=len(names)) for r in self.runs]
            )
            count = dict(zip(names, of.max(axis=0).tolist(), strict=True))
            index = list(dict.fromkeys(str(name) for table in tables for name in table.index))
            return seen_bands(tables, [count[name] for name in index], self.unknown), None
        member = group(self.past.runs[0].scenario.calls)
        return two_band_tables(
            tables,
            self.weeks,
            self.past,
            {name: np.flatnonzero(member == k) for k, name in enumerate(names)},
            target_s=self.target_s,
            fallback_s=self.program.standards.fallback_min.value * 60,
            also={
                name: [value(run, self.program) for run in self.past.runs]
                for name, value in also.items()
            },
        )

    def rate(self, value: Callable[[ReplayRun, Program], NDArray[np.float64]]) -> Interval:
        """Return the band of a sum a week of a value of calls."""
        return rate_band(
            [_per_week(run, float(value(run, self.program).sum())) for run in self.runs],
            self.weeks,
            self.past,
            [value(run, self.program) for run in self.past.runs] if self.past else None,
            unknown=self.unknown,
        )

    def follow_ups(self, *, made: bool) -> Interval:
        """Return the band of visits a week; those made vary as those due do."""
        due = [_per_week(run, run.follow_ups_due) for run in self.runs]
        done = [
            _per_week(run, run.visited_s.sum() / max(run.follow_up_s, 1.0)) for run in self.runs
        ]
        part = float(np.sum(done) / np.sum(due)) if made and any(due) else 1.0
        share = self.program.workload.follow_ups_per_call.value
        of_calls = [
            ((run.record.server >= 0) & (run.scenario.follow_u < share)) * np.float64(part)
            for run in (self.past.runs if self.past else ())
        ]
        values = done if made else due
        return rate_band(values, self.weeks, self.past, of_calls or None, unknown=self.unknown)

    def units(self) -> pd.DataFrame:
        """Make one row a unit; work on calls varies as it does from day to day of the history."""
        tables = [units_table(run) for run in self.runs]
        out = interval_table(tables, unknown=self.unknown)
        if self.past is None:
            return out
        fleet = self.runs[0].fleet
        columns = {str(name): out[name].to_numpy(dtype=np.float64).copy() for name in out}
        drawn = {name: np.stack([t[name].to_numpy() for t in tables]) for name in tables[0]}
        for unit in range(len(out)):
            own = np.append(fleet.unit == unit, values=False)  # the last: nobody was sent
            answered = [own[run.record.server] for run in self.past.runs]
            hours = [
                np.where(mine, run.record.cleared_s - run.record.sent_s, 0.0) / 3600
                for mine, run in zip(answered, self.past.runs, strict=True)
            ]
            on_calls = columns["busy_h_per_week"][unit] - columns["overtime_h_per_week"][unit]
            used = columns["utilization"][unit]
            per_hour = used / on_calls if on_calls > 0 else 0.0
            for name, of_calls in (
                ("calls_per_week", [mine.astype(np.float64) for mine in answered]),
                ("busy_h_per_week", hours),
                ("utilization", [h * per_hour for h in hours]),
            ):
                values = drawn[name][:, unit].tolist()
                if np.isfinite(values).all():
                    found = rate_band(values, self.weeks, self.past, of_calls)
                    most = 1.0 if name == "utilization" else np.inf
                    columns[f"{name}_low"][unit] = found.low
                    columns[f"{name}_high"][unit] = max(min(found.high, most), found.mean)
        return pd.DataFrame(columns, index=out.index)
