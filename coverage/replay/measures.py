"""What a replay measures, each figure with its band over the replications."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coresponse.coverage.measures import worst_of
from coresponse.coverage.replay.bands import Interval, interval, interval_table
from coresponse.coverage.replay.funnel import FunnelRow, funnel, police_on_scene
from coresponse.coverage.replay.rules import Reason
from coresponse.coverage.replay.run import ReplayRun
from coresponse.data.districts import Districts
from coresponse.data.programs.model import Program


@dataclass(frozen=True, eq=False)
class Sample:
    """One replication's figures, kept so that deployments can be compared call stream by call stream.

    Attributes
    ----------
    overall, by_district
        As in :class:`ReplayMeasures`, without bands.
    calls_by_type
        Calls a week that responders of each type were sent to.
    """

    overall: pd.DataFrame
    by_district: pd.DataFrame
    calls_by_type: Mapping[str, float]


@dataclass(frozen=True, eq=False)
class ReplayMeasures:
    """A deployment's figures in a replay.

    Tables have ``<figure>``, ``<figure>_low`` and ``<figure>_high``.

    Figures of the tables: `calls_per_week`; `reached_per_week`; `in_time_per_week` (contact within
    the standard); `closed_per_week` (no eligible unit on duty, or none in the deployment);
    `busy_per_week` (all busy, or gave up waiting); `out_of_reach_per_week`; `share_reached`,
    `share_in_time` (of all calls); `mean_s`, `median_s`, `p90_s` (from the call's start to contact,
    of reached calls); `mean_with_fallback_s` (a call not reached, or reached later than the
    fallback, counts as the fallback).

    Attributes
    ----------
    name
        Of the deployment.
    target_s
        The standard.
    replications
        Number of runs behind the bands.
    overall
        One row, index ``all``.
    by_class, by_district
        Index: class name; district_id (`''`: outside all districts).
    worst_district
        district_id with the longest `mean_with_fallback_s` among those with enough calls; '' if
        none.
    funnel
        From calls to calls handled without police.
    units
        Index: unit; `utilization` (share of time on duty on calls; of all sessions of a
        tele-clinician), `busy_h_per_week`, `overtime_h_per_week`, `follow_up_h_per_week`,
        `calls_per_week`.
    utilization_by_hour
        Index: unit; columns 0..23: mean share busy in that hour of the day, NaN where never on
        duty.
    officer_hours_freed
        A week: calls handled without police, times the share that an officer would otherwise have
        answered (below 1), times an officer's time on such a call.
    officer_alone_hours
        A week: officers waiting on scene for a clinician.
    follow_ups_made, follow_ups_due
        A week.
    sources
        Evidence of the figures that go in beside the calls.
    samples
        (replications,) the figures of each; the k-th of two deployments met the same calls and
        chances.
    """

    name: str
    target_s: float
    replications: int
    overall: pd.DataFrame
    by_class: pd.DataFrame
    by_district: pd.DataFrame
    worst_district: str
    funnel: tuple[FunnelRow, ...]
    units: pd.DataFrame
    utilization_by_hour: pd.DataFrame
    officer_hours_freed: Interval
    officer_alone_hours: Interval
    follow_ups_made: Interval
    follow_ups_due: Interval
    sources: tuple[str, ...]
    samples: tuple[Sample, ...] = ()

    def figure(self, column: str) -> Interval:
        """Return an overall figure with its band."""
        row = self.overall.iloc[0]
        return Interval(
            float(row[column]),
            float(row[f"{column}_low"]),
            float(row[f"{column}_high"]),
            self.replications,
        )


def replay_measures(
    runs: Sequence[ReplayRun],
    program: Program,
    *,
    target_s: float,
    districts: Districts | None = None,
    ranked: Collection[str] = (),
) -> ReplayMeasures:
    """Measure the replications of one deployment.

    Parameters
    ----------
    districts
        Those that the calls' districts are positions in; without them all calls count as outside
        (`''`).
    ranked
        district_ids among which the worst is named: those with enough past calls, however many were
        drawn.
    """
    district_ids = ["", *(districts.frame["district_id"] if districts is not None else [])]
    figures = [_Figures(run, target_s, program.standards.fallback_min.value * 60) for run in runs]
    calls = [run.scenario.calls for run in runs]
    inside = 1 if districts is not None else 0
    districts_of = [
        f.table((c.district + 1) * inside, district_ids)
        for f, c in zip(figures, calls, strict=True)
    ]
    by_district = interval_table(districts_of)
    overall = [
        f.table(np.zeros(c.n, dtype=np.int64), ["all"]) for f, c in zip(figures, calls, strict=True)
    ]
    work = program.workload
    return ReplayMeasures(
        name=runs[0].fleet.name,
        target_s=target_s,
        replications=len(runs),
        overall=interval_table(overall),
        by_class=interval_table(
            [f.table(c.call_class, c.class_names) for f, c in zip(figures, calls, strict=True)]
        ),
        by_district=by_district,
        worst_district=worst_of(by_district, ranked),
        funnel=funnel(runs, program),
        units=interval_table([_units(run) for run in runs]),
        utilization_by_hour=_by_hour(runs),
        officer_hours_freed=interval([_freed_h(run, program) for run in runs]),
        officer_alone_hours=interval(
            [_per_week(run, np.nansum(run.officer_alone_s()) / 3600) for run in runs]
        ),
        follow_ups_made=interval(
            [_per_week(run, run.visited_s.sum() / max(run.follow_up_s, 1.0)) for run in runs]
        ),
        follow_ups_due=interval([_per_week(run, run.follow_ups_due) for run in runs]),
        sources=tuple(
            f"{words}: {figure.value:g} [{figure.mark}] {figure.source} "
            f"({figure.year or 'no year'})"
            for words, figure in (
                ("Share of handled calls that free an officer", work.substitution_share),
                ("Officer minutes on a call", work.officer_min),
                ("Follow-up visits a call", work.follow_ups_per_call),
                ("Minutes of a follow-up visit", work.follow_up_min),
            )
        ),
        samples=tuple(
            Sample(whole, parts, _calls_by_type(run))
            for whole, parts, run in zip(overall, districts_of, runs, strict=True)
        ),
    )


def _calls_by_type(run: ReplayRun) -> dict[str, float]:
    sent = run.record.server[run.record.server >= 0]
    found = np.bincount(sent, minlength=run.fleet.n) / run.scenario.calls.weeks
    out: dict[str, float] = {}
    for option, calls in zip(run.fleet.options, found.tolist(), strict=True):
        out[option.responder_type] = out.get(option.responder_type, 0.0) + calls
    return out


def _per_week(run: ReplayRun, value: float) -> float:
    return float(value / run.scenario.calls.weeks)


def _freed_h(run: ReplayRun, program: Program) -> float:
    met, *police = police_on_scene(run, program)
    alone = met & ~np.logical_or.reduce(police)
    work = program.workload
    return _per_week(run, alone.sum() * work.substitution_share.value * work.officer_min.value / 60)


@dataclass(frozen=True, eq=False)
class _Figures:
    run: ReplayRun
    target_s: float
    fallback_s: float

    def table(self, group: NDArray[np.integer], names: Sequence[str]) -> pd.DataFrame:
        """Make one row of figures for each group that has calls; the groups keep their order."""
        order = np.argsort(group, kind="stable")
        bounds = np.searchsorted(group[order], np.arange(len(names) + 1))
        rows = {
            name: self._row(order[bounds[i] : bounds[i + 1]])
            for i, name in enumerate(names)
            if bounds[i + 1] > bounds[i]
        }
        columns = list(self._row(order[:0]))
        return pd.DataFrame.from_dict(rows, orient="index", columns=columns)

    def _row(self, members: NDArray[np.int64]) -> dict[str, float]:
        weeks = self.run.scenario.calls.weeks
        response = self.run.response_s()[members]
        reason = np.bincount(self.run.record.reason[members], minlength=len(Reason))
        reached = response[np.isfinite(response)]
        n, in_time = len(members), int((reached <= self.target_s).sum())
        quantiles = (
            np.quantile(reached, (0.5, 0.9), method="inverted_cdf")
            if len(reached)
            else (np.nan, np.nan)
        )
        spent = float(reached.sum())
        at_most_fallback = float(np.minimum(reached, self.fallback_s).sum())
        return {
            "calls_per_week": n / weeks,
            "reached_per_week": len(reached) / weeks,
            "in_time_per_week": in_time / weeks,
            "closed_per_week": (reason[Reason.CLOSED] + reason[Reason.NOT_IN_DEPLOYMENT]) / weeks,
            "busy_per_week": (reason[Reason.BUSY] + reason[Reason.GAVE_UP]) / weeks,
            "out_of_reach_per_week": reason[Reason.OUT_OF_REACH] / weeks,
            "share_reached": len(reached) / n if n else np.nan,
            "share_in_time": in_time / n if n else np.nan,
            "mean_s": spent / len(reached) if len(reached) else np.nan,
            "median_s": float(quantiles[0]),
            "p90_s": float(quantiles[1]),
            "mean_with_fallback_s": (at_most_fallback + (n - len(reached)) * self.fallback_s) / n
            if n
            else np.nan,
        }


def _units(run: ReplayRun) -> pd.DataFrame:
    """Make one row a unit; sessions of a tele-clinician are taken together."""
    unit, weeks = run.fleet.unit, run.scenario.calls.weeks
    answered = np.bincount(run.record.server[run.record.server >= 0], minlength=run.fleet.n)
    hours = run.fleet.arrays.on_duty[run.fleet.arrays.pattern] @ run.scenario.calls.hours_seen()
    frame = pd.DataFrame(
        {
            "unit": unit,
            "on_duty": hours,
            "busy_h_per_week": run.busy_s.sum(axis=1) / 3600 / weeks,
            "overtime_h_per_week": run.overtime_s / 3600 / weeks,
            "follow_up_h_per_week": run.visited_s / 3600 / weeks,
            "calls_per_week": answered / weeks,
        }
    )
    labels = pd.Series(run.fleet.labels(), dtype=object).groupby(unit).first()
    out = frame.groupby("unit").sum().astype(np.float64)
    on_calls = (out["busy_h_per_week"] - out["overtime_h_per_week"]) * weeks
    out.insert(0, "utilization", on_calls / out.pop("on_duty").replace(0, np.nan))
    return out.set_axis(pd.Index(labels.tolist(), name="unit"), axis="index")


def _by_hour(runs: Sequence[ReplayRun]) -> pd.DataFrame:
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
