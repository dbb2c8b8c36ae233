"""How a plan was judged, as plain data and tables.

Three judges side by side, the rounds, the funnel, unseen calls.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from coresponse.consistent import Consistent
from coresponse.coverage.replay.bands import Interval
from coresponse.coverage.replay.measures import ReplayMeasures
from coresponse.judging import Judgment
from coresponse.publish.city import CityRounding, shown_figure
from coresponse.publish.disclosure import PUBLIC, Disclosure
from coresponse.publish.plan import published_judgment
from coresponse.publish.rounding import rounded_ends
from coresponse.unseen import Bootstrapped, Unseen, unseen_frame

FIGURES = {
    "share_in_time": ("Reached within the standard", "share"),
    "share_reached": ("Reached at all", "share"),
    "mean_with_fallback_s": ("Mean wait, a call left to police counted", "min"),
    "median_s": ("Median response of reached calls", "min"),
    "mean_s": ("Mean response of reached calls", "min"),
    "p90_s": ("9 of 10 reached calls wait at most", "min"),
    "closed_per_week": ("Left to police: nobody on duty, a week", "per_week"),
    "busy_per_week": ("Left to police: all units busy, a week", "per_week"),
    "out_of_reach_per_week": ("Left to police: out of reach, a week", "per_week"),
}
"""Figures that all three judges give: label and unit."""

JUDGES = ("deterministic", "queueing", "replay")

DEPLOYMENT_TITLES = {
    "plan": "plan",
    "naive": "plan as if units were never busy",
    "today": "today",
}


def number(value: Any) -> float | None:
    """Return a figure as JSON holds it: ten digits, None where there is none."""
    found = float(value)
    return float(f"{found:.10g}") if np.isfinite(found) else None


def overall(table: pd.DataFrame, disclosure: Disclosure = PUBLIC) -> dict[str, float | None]:
    """Return the overall row of a judge's table, rounded as it may be shown unless it is internal."""
    whole = disclosure.city(table)
    return {
        str(key): number(whole.figure(str(key), float(value)))
        for key, value in table.iloc[0].items()
    }


def band_json(band: Interval) -> dict[str, float | None]:
    """Return a figure with its 95% band."""
    return {"mean": number(band.mean), "low": number(band.low), "high": number(band.high)}


def judgments_json(
    judgments: Mapping[str, Judgment], *, disclosure: Disclosure = PUBLIC
) -> dict[str, Any]:
    """Return all deployments' figures, three ways."""
    return {
        name: judgment_json(judgment, disclosure=disclosure) for name, judgment in judgments.items()
    }


def judgment_json(judgment: Judgment, *, disclosure: Disclosure = PUBLIC) -> dict[str, Any]:
    """Return one deployment's figures, three ways."""
    judgment = published_judgment(judgment, disclosure)
    nearest, queueing, replayed = judgment.deterministic, judgment.queueing, judgment.replay
    known = overall(nearest.overall, disclosure)
    out: dict[str, Any] = {"deterministic": known | {"worst_district": nearest.worst_district}}
    if queueing is not None:
        out["queueing"] = overall(queueing.overall, disclosure) | {
            "worst_district": queueing.worst_district,
            "method": queueing.method,
            "busy_share": busy_json(queueing.busy_share, disclosure.city(queueing.overall)),
        }
    if replayed is not None:
        out["replay"] = replay_json(replayed)
    return out | {"notes": list(judgment.notes)}


def busy_json(shares: Mapping[str, float], whole: CityRounding) -> dict[str, float | None]:
    """Return busy shares by responder type, rounded by `whole`."""
    return {name: number(whole.busy(share)) for name, share in shares.items()}


def replay_json(replayed: ReplayMeasures) -> dict[str, Any]:
    """Return a replay's figures, each with its band."""
    figures = [
        column for column in replayed.overall.columns if not column.endswith(("_low", "_high"))
    ]
    return {
        **{column: band_json(replayed.figure(column)) for column in figures},
        "officer_hours_freed_per_week": band_json(replayed.officer_hours_freed),
        "officer_alone_hours_per_week": band_json(replayed.officer_alone_hours),
        "follow_ups_made_per_week": band_json(replayed.follow_ups_made),
        "follow_ups_due_per_week": band_json(replayed.follow_ups_due),
        "worst_district": replayed.worst_district,
        "replications": replayed.replications,
        "funnel": [
            {
                "step": row.step,
                "calls_per_week": band_json(row.calls),
                "lost": [
                    {"reason": reason, "calls_per_week": band_json(band)}
                    for reason, band in row.lost
                ],
            }
            for row in replayed.funnel
        ],
        "sources": list(replayed.sources),
    }


def busy_units_json(rounds: Consistent | None, whole: CityRounding) -> dict[str, Any]:
    """Return how the plan took busy units into account, its costs rounded by `whole`."""
    if rounds is None:
        return {"mode": "free", "rounds": []}
    return {
        "mode": "consistent",
        "end": rounds.end.value,
        "chosen": rounds.chosen,
        "rounds": [
            {
                "planned_with": busy_json(turn.planned_with, whole),
                "measured": busy_json(turn.measured, whole),
                **{
                    name: number(whole.cost(value, turn.best.solution.unit))
                    for name, value in (
                        ("queueing_cost", turn.queueing_cost),
                        ("objective", turn.best.solution.objective),
                        ("bound", turn.best.solution.bound),
                    )
                },
                "status": turn.best.solution.status.value,
                "deployment": [
                    {**option._asdict(), "count": count}
                    for option, count in turn.best.deployment.counts
                ],
            }
            for turn in rounds.rounds
        ],
    }


def unseen_json(unseen: Unseen | None, reason: str, again: Bootstrapped | None) -> dict[str, Any]:
    """Return how a plan does on calls that it has not seen."""
    out: dict[str, Any] = {"verdict": "", "skipped": reason}
    if unseen is not None:
        less = unseen.wait_less_s
        out = {
            "verdict": unseen.verdict(),
            "skipped": "",
            "plan_days": number(unseen.plan_days),
            "judge_days": number(unseen.judge_days),
            "judge_calls": unseen.judge_calls,
            "wait_less_s": None if less is None else band_json(less),
            "seen_share_in_time": number(unseen.seen),
            "figures": unseen_frame(unseen).to_dict(orient="records"),
        }
    if again is not None:
        out["bootstrap"] = {
            "verdict": again.verdict(),
            "wait_less_s": [number(v) for v in again.wait_less_s],
            "share_in_time": [number(v) for v in again.share_in_time],
            "kept_posts": [number(v) for v in again.kept_posts],
        }
    return out


def judgments_frame(judgments: Mapping[str, Judgment]) -> pd.DataFrame:
    """Return a table.

    One row a figure, deployment and judge, with the band where there is one; times in minutes.
    """
    rows = []
    for figure, (label, unit) in FIGURES.items():
        scale = 1 / 60 if unit == "min" else 1.0
        for name, judgment in judgments.items():
            for judge in JUDGES:
                found = judge_figure(judgment, judge, figure)
                if found is not None:
                    values = [round(v * scale, 4) for v in (found.mean, found.low, found.high)]
                    rows.append((label, unit, DEPLOYMENT_TITLES.get(name, name), judge, *values))
    return pd.DataFrame(
        rows, columns=["figure", "unit", "deployment", "judge", "value", "low", "high"]
    )


def judge_figure(judgment: Judgment, judge: str, figure: str) -> Interval | None:
    """Return a judge's overall figure; its band is NaN but for the replay.

    None where the judge does not have it.
    """
    if judge == "replay":
        return None if judgment.replay is None else judgment.replay.figure(figure)
    found = judgment.deterministic if judge == "deterministic" else judgment.queueing
    if found is None or figure not in found.overall:
        return None
    return Interval(shown_figure(found.overall, figure), np.nan, np.nan, 1)


def replay_funnel_frame(judgments: Mapping[str, Judgment]) -> pd.DataFrame:
    """Return the replay's funnel of each deployment.

    One row a step, and one for each reason calls were lost for.
    """
    rows = []
    for name, judgment in judgments.items():
        for step in judgment.replay.funnel if judgment.replay is not None else ():
            title = DEPLOYMENT_TITLES.get(name, name)
            rows.append((title, step.step, "", *_rounded(step.calls)))
            rows += [
                (title, step.step, f"lost: {reason}", *_rounded(lost)) for reason, lost in step.lost
            ]
    return pd.DataFrame(
        rows, columns=["deployment", "step", "lost", "calls_per_week", "low", "high"]
    )


def _rounded(band: Interval) -> tuple[float, float, float]:
    return round(band.mean, 2), round(band.low, 2), round(band.high, 2)


def units_frame(
    judgments: Mapping[str, Judgment], *, disclosure: Disclosure = PUBLIC
) -> pd.DataFrame:
    """Return each unit's work in the replay.

    One row a unit and deployment; see :func:`shown_units`.
    """
    parts = []
    for name, judgment in judgments.items():
        if judgment.replay is not None:
            table = (
                shown_units(judgment, judgment.replay.units, disclosure=disclosure)
                .round(4)
                .rename_axis("unit")
                .reset_index()
            )
            table.insert(0, "deployment", DEPLOYMENT_TITLES.get(name, name))
            parts.append(table)
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def shown_units(judgment: Judgment, table: pd.DataFrame, *, disclosure: Disclosure) -> pd.DataFrame:
    """Blank the rows of units that would go to so few of the past calls that their post's surroundings had few; none if internal.

    Drawn calls come where past ones were, so that what a rarely used unit does is a count of those
    near its post.
    """
    if disclosure.internal or judgment.replay is None:
        return table
    nearest = judgment.deterministic
    past = (
        judgment.replay.units["calls_per_week"]
        * nearest.figure("calls")
        / nearest.figure("calls_per_week")
    )
    shown = ~disclosure.hides(past.round().to_numpy(dtype=np.int64))
    return table.where(pd.Series(shown, index=table.index), np.nan)


def hours_frame(
    judgments: Mapping[str, Judgment], *, disclosure: Disclosure = PUBLIC
) -> pd.DataFrame:
    """Return the share of each unit's time on duty that it is on calls, by hour of the day.

    Columns h00 to h23.
    """
    parts = []
    for name, judgment in judgments.items():
        if judgment.replay is not None:
            table = (
                shown_units(judgment, judgment.replay.utilization_by_hour, disclosure=disclosure)
                .round(4)
                .rename(columns=lambda hour: f"h{int(hour):02d}")
            )
            table = table.rename_axis("unit").reset_index()
            table.insert(0, "deployment", DEPLOYMENT_TITLES.get(name, name))
            parts.append(table)
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def write_judged(
    judgments: Mapping[str, Judgment],
    folder: Path,
    *,
    districts: bool,
    disclosure: Disclosure = PUBLIC,
) -> None:
    """Write the tables of how deployments were judged.

    Internal ones suppress nothing and are marked.
    """
    judgments = {
        name: published_judgment(judgment, disclosure) for name, judgment in judgments.items()
    }
    tables = {
        "judges": judgments_frame(judgments),
        "replay_funnel": replay_funnel_frame(judgments),
        "units": units_frame(judgments, disclosure=disclosure),
        "units_by_hour": hours_frame(judgments, disclosure=disclosure),
        **(
            {"replay_districts": replay_districts_frame(judgments, disclosure=disclosure)}
            if districts
            else {}
        ),
    }
    for name, table in tables.items():
        disclosure.write_table(table, folder / f"{name}.csv")


def replay_districts_frame(
    judgments: Mapping[str, Judgment], *, disclosure: Disclosure = PUBLIC
) -> pd.DataFrame:
    """Return districts' figures in the replay, fit to be published.

    Those with few past calls are blank, unless internal.
    """
    if not judgments:
        return pd.DataFrame()
    seen = next(iter(judgments.values())).deterministic.by_district["calls"]
    shown = set(seen.index[~disclosure.hides(seen.to_numpy())])
    parts = []
    for name, judgment in judgments.items():
        if judgment.replay is None:
            continue
        table = judgment.replay.by_district
        out = pd.DataFrame(
            {
                "district_id": table.index.astype(str),
                "deployment": DEPLOYMENT_TITLES.get(name, name),
            }
        )
        blank = ~table.index.isin(list(shown))
        calls = seen.reindex(table.index, fill_value=0).to_numpy()
        for column in ("share_in_time", "share_reached", "mean_with_fallback_s", "p90_s"):
            scale, label = (
                (1 / 60, column.replace("_s", "_min")) if column.endswith("_s") else (1.0, column)
            )
            figures = [
                table[f"{column}{end}"].to_numpy(dtype=float) for end in ("", "_low", "_high")
            ]
            if not disclosure.internal:
                figures = list(rounded_ends(column, table, calls))
            for end, values in zip(("", "_low", "_high"), figures, strict=True):
                out[f"{label}{end}"] = np.where(blank, np.nan, (values * scale).round(4))
        parts.append(out)
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()
