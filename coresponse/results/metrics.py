"""A plan's figures under the metric names of the field, and the metrics that no plan can give.

``data/metrics.toml`` describes them. Only what the Government Performance Lab's public pages say
was read, not its guide for calculating each metric: definitions are to be held against that guide
before figures are published under its name.
"""

from __future__ import annotations

import math

import pandas as pd

from coresponse.coverage.replay.bands import Interval
from coresponse.data.hours import WEEKS_A_YEAR
from coresponse.data.metrics import metrics
from coresponse.publish.measured import EvaluationPublication, ReplayPublication
from coresponse.publish.plan_publication import PlanPublication

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

_DIGITS = {"share": 4, "dollars a year": 0}


def metrics_frame(publication: PlanPublication) -> pd.DataFrame:
    """Return all metrics for the plan and for today, one row a metric and deployment, and one for each that is not given.

    Intervals are 95% over replications and hold the replay's chance only. What a deployment does
    not have, or what is not shown elsewhere, is blank.
    """
    facts = publication.facts
    rows: list[tuple[str | float | None, ...]] = []
    for metric in metrics():
        about = metric.definition.format(clock=facts.program.standards.clock, target=facts.standard)
        end = (metric.unit, about)
        if not metric.given_by:
            row = (metric.name, metric.group, "", None, None, None, *end, NOT_GIVEN)
            rows.append((*row, metric.asked_by))
            continue
        for name in publication.deployments:
            one = publication.evaluations.get(name)
            if one is None or one.replay is None:
                continue
            cost = publication.shown.costs.found[name].mean
            found = _given(metric.given_by, one, one.replay, cost)
            digits = _DIGITS.get(metric.unit, 2)
            values = (
                round(v, digits) if math.isfinite(v) else None
                for v in (found.mean, found.low, found.high)
            )
            basis = f"forecast: replay, {one.replay.replications} replications"
            rows.append((metric.name, metric.group, name, *values, *end, basis, metric.asked_by))
    frame = pd.DataFrame(rows, columns=COLUMNS)
    return frame.astype({"value": "float64", "low": "float64", "high": "float64"})


def _given(of: str, one: EvaluationPublication, replay: ReplayPublication, cost: float) -> Interval:
    """Return a metric's figure.

    `step: NAME` calls of a step of the funnel; `share: NAME / NAME` of an earlier one's, `; less`
    of those that did not come so far; `figure: KEY` a figure of all calls; else by its own name.
    """
    what, _, rest = of.partition(": ")
    if what == "step":
        return _step(replay, rest)
    if what == "figure":
        found = one.figures["replay"][rest]
        scale = 1 / 60 if rest.endswith("_s") else 1.0
        ends = (found.mean * scale, found.low * scale, found.high * scale)
        return Interval(*ends, found.replications)
    if what == "share":
        part, whole = rest.removesuffix("; less").split(" / ")
        mine, all_of = (_step(replay, name).mean for name in (part, whole))
        share = mine / all_of if all_of > 0 else math.nan
        return _point(1 - share if rest.endswith("; less") else share)
    reached = one.figures["replay"]["reached_per_week"].mean * WEEKS_A_YEAR
    own = {
        "mean_utilization": _point(replay.mean_utilization),
        "busiest_utilization": replay.busiest[1],
        "follow_ups_made": replay.follow_ups_made,
        "follow_ups_due": replay.follow_ups_due,
        "officer_hours_freed": replay.officer_hours_freed,
        "officer_alone_hours": replay.officer_alone_hours,
        "cost_per_year": _point(cost),
        "cost_per_call": _point(cost / reached if reached > 0 else math.nan),
    }
    return own[what]


def _step(replay: ReplayPublication, name: str) -> Interval:
    return next(row.calls for row in replay.funnel if row.step == name)


def _point(value: float) -> Interval:
    """Return a figure without an interval: a ratio of two means."""
    return Interval(value, math.nan, math.nan, 1)
