"""What a replay measures, each figure with its band over the replications."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coresponse.coverage.living_areas import LivingAreas
from coresponse.coverage.measures import lower_quantiles, worst_of
from coresponse.coverage.replay.deployment_bands import DeploymentBands
from coresponse.coverage.replay.funnel import funnel, police_on_scene
from coresponse.coverage.replay.groups import group_measures
from coresponse.coverage.replay.met import CallsMet
from coresponse.coverage.replay.officers import mean_officer_figures
from coresponse.coverage.replay.past import Past
from coresponse.coverage.replay.record import ReplayRun
from coresponse.coverage.replay.replay_measures import ReplayMeasures, Sample
from coresponse.coverage.replay.rules import Reason
from coresponse.coverage.replay.units import (
    busy_of_week,
    on_duty_h,
    utilization_by_hour,
)
from coresponse.coverage.replay.unknown import NOTHING, Unknowns
from coresponse.coverage.service.replay_calls import ReplayCalls
from coresponse.coverage.table_agencies import PlaceAgencies
from coresponse.data.districts import Districts
from coresponse.data.hours import Period
from coresponse.data.options import Option
from coresponse.data.programs.model import Program
from coresponse.data.standards import Standard, Target, target_of


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
    fallback_s = program.standards.fallback_min.value * 60
    figures = [_Figures(run, target_s, fallback_s) for run in runs]
    banded = DeploymentBands(runs, program, past, target_s, unknown)

    def each(groups: _CallGroups) -> list[pd.DataFrame]:
        return [one.table(groups.of(one.run.scenario.calls), groups.names) for one in figures]

    def over_all(groups: _CallGroups | None) -> pd.DataFrame | None:
        return None if groups is None else banded.tables(each(groups), groups.of, groups.names)[0]

    alike, by_district = _alike(), _by_district(districts)
    overall, districts_of = each(alike), each(by_district)
    overall = [
        table.assign(
            share_without_officer=float(_alone(run, program).sum()) / max(run.scenario.calls.n, 1)
        )
        for run, table in zip(runs, overall, strict=True)
    ]
    whole, single = banded.tables(overall, alike.of, alike.names, also={"without_officer": _alone})
    district_band, _ = banded.tables(districts_of, by_district.of, by_district.names)
    by_class = _CallGroups(lambda c: c.call_class, runs[0].scenario.calls.class_names)
    class_band, _ = banded.tables(each(by_class), by_class.of, by_class.names)
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
        by_area=over_all(_by_area(target_s)),
        by_agency=over_all(_by_agency(agencies)),
        by_group=None
        if living is None
        else group_measures(runs, living, target_s=target_s, fallback_s=fallback_s, past=past),
        sources=_sources(program),
        samples=tuple(
            Sample(
                whole.assign(
                    without_officer_per_week=whole["share_without_officer"]
                    * whole["calls_per_week"]
                ),
                parts,
                *_of_responders(run),
            )
            for whole, parts, run in zip(overall, districts_of, runs, strict=True)
        ),
    )


@dataclass(frozen=True, eq=False)
class _CallGroups:
    """What calls are told apart by: the position of each call's group in their names."""

    of: Callable[[ReplayCalls], NDArray[np.integer]]
    names: Sequence[str]


def _alike() -> _CallGroups:
    return _CallGroups(lambda calls: np.zeros(calls.n, dtype=np.int64), ["all"])


def _by_district(districts: Districts | None) -> _CallGroups:
    if districts is None:
        return _CallGroups(lambda calls: np.zeros_like(calls.district), [""])
    ids = ["", *districts.frame["district_id"]]
    return _CallGroups(lambda calls: calls.district + 1, ids)


def _by_area(target_s: Target) -> _CallGroups | None:
    """Areas with standards of their own; None: one holds for all calls."""
    if not isinstance(target_s, Standard):
        return None
    names = ["", *(area.name for area in target_s.areas)]
    return _CallGroups(lambda calls: target_s.area(calls.district) + 1, names)


def _by_agency(agencies: PlaceAgencies | None) -> _CallGroups | None:
    if agencies is None:
        return None
    owners = [*agencies.names, ""]  # of places unknown: the last
    return _CallGroups(lambda calls: agencies.of_place[calls.node] % len(owners), owners)


def _sources(program: Program) -> tuple[str, ...]:
    """Say what figures of officers and follow-up visits rest on."""
    work = program.workload
    stated = (
        ("Share of handled calls that free an officer", work.substitution_share),
        ("Officer minutes on a call", work.officer_min),
        ("Follow-up visits a call", work.follow_ups_per_call),
        ("Minutes of a follow-up visit", work.follow_up_min),
    )
    return tuple(
        f"{words}: {figure.value:g} [{figure.mark}] {figure.source} ({figure.year or 'no year'})"
        for words, figure in stated
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


def _alone(run: ReplayRun, program: Program) -> NDArray[np.float64]:
    """Return (n,) 1 for each call that was answered without an officer."""
    met, *police = police_on_scene(run, program)
    return np.asarray(met & ~np.logical_or.reduce(police), dtype=np.float64)


def _freed_h(run: ReplayRun, program: Program) -> NDArray[np.float64]:
    """Return (n,) officer hours that each call frees."""
    work = program.workload
    hours = work.substitution_share.value * work.officer_min.value / 60
    return np.asarray(_alone(run, program) * hours, dtype=np.float64)


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
