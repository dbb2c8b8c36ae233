"""What a replay measures, each figure with its band over the replications."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coresponse.coverage.agencies import PlaceAgencies
from coresponse.coverage.living import LivingAreas
from coresponse.coverage.measures import lower_quantiles, worst_of
from coresponse.coverage.replay.bands import Interval
from coresponse.coverage.replay.calls_met import CallsMet
from coresponse.coverage.replay.deployment_bands import DeploymentBands
from coresponse.coverage.replay.funnel import FunnelRow, funnel, police_on_scene
from coresponse.coverage.replay.groups import GroupMeasures, group_measures
from coresponse.coverage.replay.officers import OfficerFigures, mean_officer_figures
from coresponse.coverage.replay.past import Past
from coresponse.coverage.replay.rules import Reason
from coresponse.coverage.replay.run import ReplayRun
from coresponse.coverage.replay.units import (
    busy_of_week,
    on_duty_h,
    utilization_by_hour,
)
from coresponse.coverage.replay.unknown import NOTHING, Unknowns
from coresponse.data.districts import Districts
from coresponse.data.hours import Period
from coresponse.data.options import Option
from coresponse.data.programs.model import Program
from coresponse.data.standards import Standard, Target, target_of


@dataclass(frozen=True, eq=False)
class Sample:
    """One replication's figures, kept so that deployments can be compared call stream by call stream.

    Attributes
    ----------
    overall, by_district
        As in :class:`ReplayMeasures`, without bands.
    calls_by_option
        Calls a week that responders of each option were sent to.
    busy_by_type
        Share of their time on duty that responders of each type are on calls.
    """

    overall: pd.DataFrame
    by_district: pd.DataFrame
    calls_by_option: Mapping[Option, float]
    busy_by_type: Mapping[str, float]

    @property
    def calls_by_type(self) -> dict[str, float]:
        """Calls a week that responders of each type were sent to."""
        return self.calls_of(self.calls_by_option)

    def calls_of(self, options: Iterable[Option]) -> dict[str, float]:
        """Return calls a week that responders of each type were sent to, of some options alone."""
        own, out = set(options), dict[str, float]()
        for option, calls in self.calls_by_option.items():
            if option in own:
                out[option.responder_type] = out.get(option.responder_type, 0.0) + calls
        return out


@dataclass(frozen=True, eq=False)
class ReplayMeasures:
    """A deployment's figures in a replay.

    Tables have ``<figure>``, ``<figure>_low`` and ``<figure>_high``: the 95% band of the figure's
    long-run value, from what chance does in the replay and what the history cannot tell
    (:mod:`coresponse.coverage.replay.past`); over replications alone where there is no past.

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
    single_year
        As `overall`, with the wider band in which a single year's figures lie; None without a past.
    by_period, met
        Index: period's name, without bands; what became of each call. Only where areas and times of
        the week are to have figures, else None.
    officers
        What the patrol did; None where police come after drawn times.
    by_group
        Of residents; None where nobody said where they live.
    not_known
        What no history can tell and the bands hold, in words.
    by_area
        As `by_district`, of the areas that have standards of their own, index: their names, and ''
        for calls in none; None where one standard holds for all.
    by_agency
        The same by whose calls they are, index: agencies' names; None where there is one agency.
    """

    name: str
    target_s: Target
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
    single_year: pd.DataFrame | None = None
    by_period: pd.DataFrame | None = None
    met: CallsMet | None = None
    officers: OfficerFigures | None = None
    by_group: GroupMeasures | None = None
    not_known: tuple[str, ...] = ()
    by_area: pd.DataFrame | None = None
    by_agency: pd.DataFrame | None = None
    busy_of_week: NDArray[np.float64] | None = None

    @property
    def calls_by_type(self) -> dict[str, float]:
        """Calls a week that responders of each type are sent to."""
        return _means([sample.calls_by_type for sample in self.samples])

    @property
    def busy_by_type(self) -> dict[str, float]:
        """Share of their time on duty that responders of each type are on calls."""
        return _means([sample.busy_by_type for sample in self.samples])

    @property
    def without_officer(self) -> Interval:
        """Calls a week that were answered without an officer: none in the crew, none first, none asked for."""
        return self.funnel[-1].calls

    @property
    def share_without_officer(self) -> Interval:
        """The same as a share of eligible calls."""
        answered, calls = self.without_officer, self.figure("calls_per_week").mean
        if not calls > 0:
            return Interval(np.nan, np.nan, np.nan, answered.replications)
        ends = (answered.mean / calls, answered.low / calls, min(answered.high / calls, 1.0))
        return Interval(*ends, answered.replications)

    def figure(self, column: str, *, single_year: bool = False) -> Interval:
        """Return an overall figure with its band, of the long run or of a single year.

        Raises
        ------
        ValueError
            If a single year is asked for and there was no past.
        """
        table = self.single_year if single_year else self.overall
        if table is None:
            raise ValueError("without replays of the real calls there is no band of a single year")
        row = table.iloc[0]
        return Interval(
            float(row[column]),
            float(row[f"{column}_low"]),
            float(row[f"{column}_high"]),
            self.replications,
        )


def _means(samples: Sequence[Mapping[str, float]]) -> dict[str, float]:
    names = sorted({name for sample in samples for name in sample})
    return {name: float(np.mean([sample.get(name, 0.0) for sample in samples])) for name in names}


def replay_measures(
    runs: Sequence[ReplayRun],
    program: Program,
    *,
    target_s: Target,
    districts: Districts | None = None,
    ranked: Collection[str] = (),
    past: Past | None = None,
    periods: Sequence[Period] = (),
    living: LivingAreas | None = None,
    unknown: Unknowns = NOTHING,
    agencies: PlaceAgencies | None = None,
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
    past
        Replays of the real calls by the same deployment, so that bands hold what the history cannot
        tell; None: over replications alone, as for runs that replay real calls themselves.
    periods
        Of the week, that are to have figures; then what became of each call is kept, too.
    living
        Where residents live, whose groups are to have figures.
    unknown
        What replications step through, and bands hold.
    agencies
        Whose calls come where; None: there is one agency.
    """
    district_ids = ["", *(districts.frame["district_id"] if districts is not None else [])]
    figures = [_Figures(run, target_s, program.standards.fallback_min.value * 60) for run in runs]
    calls = [run.scenario.calls for run in runs]
    inside = 1 if districts is not None else 0
    districts_of = [
        f.table((c.district + 1) * inside, district_ids)
        for f, c in zip(figures, calls, strict=True)
    ]
    by_class = [f.table(c.call_class, c.class_names) for f, c in zip(figures, calls, strict=True)]
    overall = [
        f.table(np.zeros(c.n, dtype=np.int64), ["all"]) for f, c in zip(figures, calls, strict=True)
    ]
    banded = DeploymentBands(runs, program, past, target_s, unknown)
    district_band, _ = banded.tables(
        districts_of, lambda c: (c.district + 1) * inside, district_ids
    )
    class_band, _ = banded.tables(by_class, lambda c: c.call_class, calls[0].class_names)
    whole, single = banded.tables(overall, lambda c: np.zeros(c.n, dtype=np.int64), ["all"])
    by_area = None
    if isinstance(target_s, Standard):
        names = ["", *(area.name for area in target_s.areas)]
        of_areas = [
            f.table(target_s.area(c.district) + 1, names)
            for f, c in zip(figures, calls, strict=True)
        ]
        by_area, _ = banded.tables(of_areas, lambda c: target_s.area(c.district) + 1, names)
    by_agency = None
    if agencies is not None:
        owners = [*agencies.names, ""]  # of places unknown: the last
        of_agencies = [
            f.table(agencies.of_place[c.node] % len(owners), owners)
            for f, c in zip(figures, calls, strict=True)
        ]
        by_agency, _ = banded.tables(
            of_agencies, lambda c: agencies.of_place[c.node] % len(owners), owners
        )
    work = program.workload
    fallback_s = program.standards.fallback_min.value * 60
    met = CallsMet.of(runs, target_s=target_s, fallback_s=fallback_s) if periods else None
    return ReplayMeasures(
        name=runs[0].fleet.name,
        target_s=target_s,
        replications=len(runs),
        overall=whole,
        by_class=class_band,
        by_district=district_band,
        worst_district=worst_of(district_band, ranked),
        funnel=funnel(runs, program, past=past, unknown=unknown),
        units=banded.units(),
        utilization_by_hour=utilization_by_hour(runs),
        busy_of_week=busy_of_week(runs),
        officer_hours_freed=banded.rate(_freed_h),
        officer_alone_hours=banded.rate(lambda run, _: np.nan_to_num(run.officer_alone_s()) / 3600),
        follow_ups_made=banded.follow_ups(made=True),
        follow_ups_due=banded.follow_ups(made=False),
        single_year=single,
        by_period=None if met is None else met.by_period(periods),
        met=met,
        officers=mean_officer_figures(runs, program),
        by_area=by_area,
        by_agency=by_agency,
        by_group=None
        if living is None
        else group_measures(runs, living, target_s=target_s, fallback_s=fallback_s, past=past),
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
            Sample(whole, parts, *_of_responders(run))
            for whole, parts, run in zip(overall, districts_of, runs, strict=True)
        ),
    )


def _of_responders(run: ReplayRun) -> tuple[dict[Option, float], dict[str, float]]:
    """Return calls a week by option, and busy shares by responder type."""
    sent = run.record.server[run.record.server >= 0]
    calls = np.bincount(sent, minlength=run.fleet.n) / run.scenario.calls.weeks
    on_calls = run.busy_s.sum(axis=1) / 3600 - run.overtime_s / 3600
    on_duty = on_duty_h(run)
    by_calls: dict[Option, float] = {}
    for option, of_server in zip(run.fleet.options, calls.tolist(), strict=True):
        by_calls[option] = by_calls.get(option, 0.0) + of_server
    names = np.array([option.responder_type for option in run.fleet.options])
    by_share = {}
    for name in dict.fromkeys(names.tolist()):
        own = names == name
        by_share[name] = float(on_calls[own].sum() / max(on_duty[own].sum(), 1e-9))
    return by_calls, by_share


def _freed_h(run: ReplayRun, program: Program) -> NDArray[np.float64]:
    """Return (n,) officer hours that each call frees."""
    met, *police = police_on_scene(run, program)
    alone = met & ~np.logical_or.reduce(police)
    work = program.workload
    hours = work.substitution_share.value * work.officer_min.value / 60
    return np.asarray(alone * hours, dtype=np.float64)


@dataclass(frozen=True, eq=False)
class _Figures:
    run: ReplayRun
    target_s: Target
    fallback_s: float

    def table(self, group: NDArray[np.integer], names: Sequence[str]) -> pd.DataFrame:
        """Make one row of figures for each group that has calls; the groups keep their order."""
        run, weeks, n = self.run, self.run.scenario.calls.weeks, len(names)
        order = np.argsort(group, kind="stable")
        bounds = np.searchsorted(group[order], np.arange(n + 1))
        calls = np.diff(bounds)
        inside = order[bounds[0] : bounds[-1]]
        of = np.asarray(group)[inside].astype(np.int64)
        kinds = len(Reason)
        reason = np.bincount(of * kinds + run.record.reason[inside], minlength=n * kinds)
        reason = reason.reshape(n, kinds)
        in_time = np.bincount(of[self.in_time[inside]], minlength=n)
        response = run.response_s()[order]
        rows = [k for k in range(n) if calls[k]]
        waits = [self._waits(response[bounds[k] : bounds[k + 1]]) for k in rows]
        reached, mean, median, p90, with_fallback = np.array(waits).reshape(-1, 5).T
        of_all, none = calls[rows], (Reason.CLOSED, Reason.NOT_IN_DEPLOYMENT)
        lost = {
            "closed": reason[np.ix_(rows, none)],
            "busy": reason[np.ix_(rows, (Reason.BUSY, Reason.GAVE_UP))],
        }
        columns = {
            "calls_per_week": of_all / weeks,
            "reached_per_week": reached / weeks,
            "in_time_per_week": in_time[rows] / weeks,
            **{
                f"{name}_per_week": of_reasons.sum(axis=1) / weeks
                for name, of_reasons in lost.items()
            },
            "out_of_reach_per_week": reason[rows, Reason.OUT_OF_REACH] / weeks,
            "share_reached": reached / of_all,
            "share_in_time": in_time[rows] / of_all,
            "mean_s": mean,
            "median_s": median,
            "p90_s": p90,
            "mean_with_fallback_s": with_fallback,
        }
        # of one array: columns one by one take pandas longer than all the figures
        values = np.column_stack([*columns.values()]).astype(np.float64)
        return pd.DataFrame(values, index=pd.Index([names[k] for k in rows]), columns=list(columns))

    @cached_property
    def in_time(self) -> NDArray[np.bool_]:
        """(n,) whether each call was reached within its standard."""
        calls = self.run.scenario.calls
        within_s = target_of(self.target_s, calls.district, calls.call_class, calls.class_names)
        return np.asarray(self.run.response_s() <= within_s)

    def _waits(self, response_s: NDArray[np.float64]) -> tuple[float, ...]:
        """Return how many of a group were reached, and their mean, median, 90%, and mean with the fallback."""
        reached = response_s[np.isfinite(response_s)]
        at_most_fallback = float(np.minimum(reached, self.fallback_s).sum())
        n, there = len(response_s), len(reached)
        with_fallback = (at_most_fallback + (n - there) * self.fallback_s) / n
        if not there:
            return 0, np.nan, np.nan, np.nan, with_fallback
        median, p90 = lower_quantiles(reached, (0.5, 0.9))
        return there, float(reached.sum()) / there, median, p90, with_fallback
