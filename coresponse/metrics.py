"""A plan's figures under the metric names of the field, and the metrics that no plan can give.

The groups follow "Measuring What Matters: Alternative Response Programs" and "Essential Metrics for
Alternative Emergency Response Programs" of the Government Performance Lab, Harvard Kennedy School:
triage and dispatch, program performance, community impact. Only what their public pages say was
read, not the guide for calculating each metric; definitions here are coresponse's own, to be held
against that guide before figures are published under its name.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from coresponse.content import cost_per_year
from coresponse.coverage.replay.bands import Interval
from coresponse.coverage.replay.measures import ReplayMeasures
from coresponse.data.hours import WEEKS_A_YEAR
from coresponse.judged import shown_units
from coresponse.judging import Judgment
from coresponse.planning import Planned, target_min
from coresponse.publish.disclosure import PUBLIC, Disclosure

TRIAGE, PERFORMANCE, IMPACT = "triage and dispatch", "program performance", "community impact"

TOOLKIT = "Measuring What Matters (Government Performance Lab, Harvard Kennedy School)"
AUDIT = "audit of B-HEARD (New York City Comptroller, MG24-060A, 2025)"
COUNCIL = "comparison of alternatives asked for by the Los Angeles council (Westside Today)"
FIELD = "common in the field; coresponse's own words"

NOT_GIVEN = "not given"
COLUMNS = [
    "metric",
    "group",
    "deployment",
    "value",
    "low",
    "high",
    "unit",
    "definition",
    "basis",
    "asked_by",
]


@dataclass(frozen=True)
class Metric:
    """One metric: its name, what it counts, who asks for it, and how a replay gives it.

    Parameters
    ----------
    of
        From a replay and the deployment's dollars a year; None where a plan cannot give the metric,
        and `definition` then says why not and where it comes from.
    """

    name: str
    group: str
    unit: str
    definition: str
    asked_by: str
    of: Callable[[ReplayMeasures, float], Interval] | None = None


def metrics_frame(planned: Planned, *, disclosure: Disclosure = PUBLIC) -> pd.DataFrame:
    """Return all metrics for the plan and for today.

    One row a metric and deployment, and one for each that is not given.

    Bands are 95% over replications and hold the replay's chance only. What a deployment does not
    have is blank, and so is the busiest unit's work where `units.csv` hides it, unless internal.
    """
    target, clock = target_min(planned.inputs), planned.inputs.program.standards.clock
    rows: list[tuple[str | float | None, ...]] = []
    for metric in METRICS:
        told = metric.definition.format(clock=clock, target=f"{target:g}")
        if metric.of is None:
            empty = (None, None, None)
            rows.append(
                (
                    metric.name,
                    metric.group,
                    "",
                    *empty,
                    metric.unit,
                    told,
                    NOT_GIVEN,
                    metric.asked_by,
                )
            )
            continue
        for name in ("plan", "today"):
            judgment = planned.judgments.get(name)
            if judgment is None or judgment.replay is None:
                continue
            cost = cost_per_year(planned.inputs.program, judgment.deployment)
            found = metric.of(judgment.replay, cost)
            if metric.of is _busiest and not _busiest_is_shown(judgment, disclosure=disclosure):
                found = _point(math.nan)
            figures = _rounded(found, metric.unit)
            basis = f"forecast: replay, {judgment.replay.replications} replications"
            rows.append(
                (
                    metric.name,
                    metric.group,
                    name,
                    *figures,
                    metric.unit,
                    told,
                    basis,
                    metric.asked_by,
                )
            )
    frame = pd.DataFrame(rows, columns=COLUMNS)
    return frame.astype({"value": "float64", "low": "float64", "high": "float64"})


def _rounded(found: Interval, unit: str) -> tuple[float | None, ...]:
    digits = {"share": 4, "dollars a year": 0, "dollars": 2}.get(unit, 2)
    return tuple(
        round(v, digits) if math.isfinite(v) else None for v in (found.mean, found.low, found.high)
    )


def _point(value: float) -> Interval:
    """Return a figure without a band: a ratio of two means."""
    return Interval(value, math.nan, math.nan, 1)


def _figure(column: str, scale: float = 1.0) -> Callable[[ReplayMeasures, float], Interval]:
    def of(replay: ReplayMeasures, _: float) -> Interval:
        found = replay.figure(column)
        return Interval(
            found.mean * scale, found.low * scale, found.high * scale, found.replications
        )

    return of


def _step(name: str) -> Callable[[ReplayMeasures, float], Interval]:
    def of(replay: ReplayMeasures, _: float) -> Interval:
        return next(row.calls for row in replay.funnel if row.step == name)

    return of


def _share(
    step: str, whole: str, *, less: bool = False
) -> Callable[[ReplayMeasures, float], Interval]:
    """Return calls of a step as a share of an earlier one's; `less`.

    Of those that did not come so far.
    """

    def of(replay: ReplayMeasures, cost: float) -> Interval:
        part, all_of = (_step(name)(replay, cost).mean for name in (step, whole))
        share = part / all_of if all_of > 0 else math.nan
        return _point(1 - share if less else share)

    return of


def _cost_a_call(replay: ReplayMeasures, cost: float) -> Interval:
    calls = replay.figure("reached_per_week").mean * WEEKS_A_YEAR
    return _point(cost / calls if calls > 0 else math.nan)


def _utilization(replay: ReplayMeasures, _: float) -> Interval:
    return _point(float(replay.units["utilization"].mean()) if len(replay.units) else math.nan)


def _busiest_is_shown(judgment: Judgment, *, disclosure: Disclosure) -> bool:
    """Say so; with the mean of all units, a hidden one's figure would lead to another's."""
    if judgment.replay is None or not judgment.replay.units["utilization"].notna().any():
        return True
    units = judgment.replay.units
    shown = shown_units(judgment, units, disclosure=disclosure)
    return bool(
        shown["utilization"].notna().to_numpy()[int(np.nanargmax(units["utilization"].to_numpy()))]
    )


def _busiest(replay: ReplayMeasures, _: float) -> Interval:
    units = replay.units.dropna(subset=["utilization"]).sort_values("utilization", kind="stable")
    if units.empty:
        return _point(math.nan)
    share, low, high = (
        float(units[f"utilization{end}"].to_numpy()[-1]) for end in ("", "_low", "_high")
    )
    return Interval(share, low, high, replay.replications)


_A_WEEK = "calls a week"
_POLICE = "an officer in the crew, one who secured the scene first, or police asked for by the crew"

METRICS: tuple[Metric, ...] = (
    Metric(
        "Calls for service",
        TRIAGE,
        _A_WEEK,
        "Calls of the classes that the program looks at.",
        FIELD,
        _step("calls"),
    ),
    Metric(
        "Eligible calls",
        TRIAGE,
        _A_WEEK,
        "Calls that a responder type takes.",
        FIELD,
        _step("eligible"),
    ),
    Metric(
        "Percentage of calls that are eligible",
        TRIAGE,
        "share",
        "Eligible calls of all calls.",
        AUDIT,
        _share("eligible", "calls"),
    ),
    Metric(
        "Eligible calls dispatched to the team",
        TRIAGE,
        _A_WEEK,
        "Eligible calls that a responder is sent to.",
        AUDIT,
        _step("sent"),
    ),
    Metric(
        "Percentage of eligible calls handled by the team",
        TRIAGE,
        "share",
        "Eligible calls that a responder arrives at, of all eligible calls.",
        TOOLKIT,
        _figure("share_reached"),
    ),
    Metric(
        "Eligible calls not handled: nobody on duty",
        TRIAGE,
        _A_WEEK,
        "Left to police since no eligible responder is on duty at that hour.",
        AUDIT,
        _figure("closed_per_week"),
    ),
    Metric(
        "Eligible calls not handled: all units busy",
        TRIAGE,
        _A_WEEK,
        "Left to police since all eligible responders on duty are busy, or the wait grew too long.",
        AUDIT,
        _figure("busy_per_week"),
    ),
    Metric(
        "Eligible calls not handled: out of reach",
        TRIAGE,
        _A_WEEK,
        "Left to police since no free responder is within reach.",
        AUDIT,
        _figure("out_of_reach_per_week"),
    ),
    Metric(
        "Average response time",
        PERFORMANCE,
        "min",
        "Calls reached; {clock}.",
        COUNCIL,
        _figure("mean_s", 1 / 60),
    ),
    Metric(
        "Median response time",
        PERFORMANCE,
        "min",
        "Calls reached; {clock}.",
        COUNCIL,
        _figure("median_s", 1 / 60),
    ),
    Metric(
        "90th percentile response time",
        PERFORMANCE,
        "min",
        "Nine of ten calls reached wait at most this; {clock}.",
        FIELD,
        _figure("p90_s", 1 / 60),
    ),
    Metric(
        "Percentage of eligible calls reached within the standard",
        PERFORMANCE,
        "share",
        "Of all eligible calls, within {target} min; {clock}.",
        FIELD,
        _figure("share_in_time"),
    ),
    Metric(
        "Unit utilization",
        PERFORMANCE,
        "share",
        "Time on calls of time on duty: travel, scene, transport and paperwork; mean of the units.",
        FIELD,
        _utilization,
    ),
    Metric(
        "Unit utilization, busiest unit",
        PERFORMANCE,
        "share",
        "As above, of the unit with the most.",
        FIELD,
        _busiest,
    ),
    Metric(
        "Contact rate",
        PERFORMANCE,
        "share",
        "Calls where the person is met, of calls a responder is sent to.",
        TOOLKIT,
        _share("contact", "sent"),
    ),
    Metric(
        "Percentage of contacts with police on scene",
        PERFORMANCE,
        "share",
        f"Contacts with {_POLICE}, of all contacts.",
        TOOLKIT,
        _share("handled without police", "contact", less=True),
    ),
    Metric(
        "Follow-up visits made",
        PERFORMANCE,
        "visits a week",
        "Visits after a call, made in time that no call takes.",
        FIELD,
        lambda replay, _: replay.follow_ups_made,
    ),
    Metric(
        "Follow-up visits due",
        PERFORMANCE,
        "visits a week",
        "What the program's contacts bring with them.",
        FIELD,
        lambda replay, _: replay.follow_ups_due,
    ),
    Metric(
        "Program cost",
        PERFORMANCE,
        "dollars a year",
        "People with relief and overhead, vehicles, supervision, stand-by; start-up is apart.",
        COUNCIL,
        lambda _, cost: _point(cost),
    ),
    Metric(
        "Cost per call handled",
        PERFORMANCE,
        "dollars",
        "Program cost over calls reached in a year.",
        COUNCIL,
        _cost_a_call,
    ),
    Metric(
        "Calls handled without police",
        IMPACT,
        _A_WEEK,
        f"Contacts without {_POLICE}.",
        FIELD,
        _step("handled without police"),
    ),
    Metric(
        "Officer hours freed",
        IMPACT,
        "hours a week",
        "Calls handled without police, times an officer's minutes on such a call, times the share "
        "that an officer would "
        "else have answered.",
        FIELD,
        lambda replay, _: replay.officer_hours_freed,
    ),
    Metric(
        "Officer hours waiting for a clinician",
        IMPACT,
        "hours a week",
        "From an officer's arrival to the clinician's.",
        FIELD,
        lambda replay, _: replay.officer_alone_hours,
    ),
    Metric(
        "Accuracy of call triage",
        TRIAGE,
        "share",
        "A plan takes the call's recorded nature as right. From reviews of calls against what was "
        "found on scene.",
        FIELD,
    ),
    Metric(
        "Time on scene",
        PERFORMANCE,
        "min",
        "Goes into a plan, is none of its results: fitted to recorded calls or taken from "
        "assumptions.csv.",
        FIELD,
    ),
    Metric(
        "Calls resolved in the field",
        IMPACT,
        "share",
        "Depends on what crews do on scene, not on where they wait. From the team's records (RMS).",
        COUNCIL,
    ),
    Metric(
        "Transports to hospital or crisis center",
        IMPACT,
        "share",
        "The program's shares go in as work for units; a plan does not forecast them. From the "
        "team's records.",
        AUDIT,
    ),
    Metric(
        "People connected to services",
        IMPACT,
        "share",
        "Needs follow-up of people, which a plan does not see. From the team's records and its "
        "partners'.",
        TOOLKIT,
    ),
    Metric(
        "Arrests, handcuffing and use of force",
        IMPACT,
        "share",
        "Reported shares have no comparison group; no plan forecasts them. From police records, "
        "with one.",
        COUNCIL,
    ),
    Metric(
        "Injuries to people and responders",
        IMPACT,
        "count",
        "Not in call records. From incident reports.",
        FIELD,
    ),
    Metric(
        "Repeat calls by the same people",
        IMPACT,
        "share",
        "Calls are read without names, on purpose. From the team's records, under its privacy "
        "rules.",
        FIELD,
    ),
    Metric(
        "People served by race, language, age",
        IMPACT,
        "share",
        "Calls are read without people's traits. Districts' figures are in replay_districts.csv.",
        FIELD,
    ),
    Metric(
        "Satisfaction of callers and community",
        IMPACT,
        "score",
        "Not in call records. From surveys.",
        FIELD,
    ),
)
