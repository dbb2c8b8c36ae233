"""What replays of a deployment measured."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coresponse.coverage.replay.bands import Interval
from coresponse.coverage.replay.funnel_row import FunnelRow
from coresponse.coverage.replay.group_measures import GroupMeasures
from coresponse.coverage.replay.met import CallsMet
from coresponse.coverage.replay.officer_figures import OfficerFigures
from coresponse.data.options import Option
from coresponse.data.standards import Target


@dataclass(frozen=True, eq=False)
class Sample:
    """One replication's figures, kept so that deployments can be compared call stream by call stream.

    Attributes
    ----------
    overall, by_district
        As in :class:`ReplayMeasures`, without bands; `overall` with `without_officer_per_week`.
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
    `share_in_time` (of all calls), and of all calls together `share_without_officer`; `mean_s`,
    `median_s`, `p90_s` (from the call's start to contact, of reached calls);
    `mean_with_fallback_s` (a call not reached, or reached later than the fallback, counts as the
    fallback).

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
        """The same as a share of eligible calls, with a share's own band."""
        return self.figure("share_without_officer")

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
