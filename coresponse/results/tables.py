"""Evaluations as tables and plain data: judges side by side, funnel, units, districts, classes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from coresponse.coverage.replay.bands import Interval
from coresponse.data.figures.dictionary import figure
from coresponse.data.figures.rows import RowUnit
from coresponse.data.figures.text import TOO_CLOSE, banded, number, percent
from coresponse.data.words import at_start
from coresponse.publish.disclosure import PUBLIC, Disclosure
from coresponse.publish.facts import HistoryPublication
from coresponse.publish.measured import (
    GROUP_FIGURES,
    JUDGES,
    REPLAYED_BY_DISTRICT,
    EvaluationPublication,
    ReplayPublication,
)
from coresponse.publish.places import DistrictsPublication
from coresponse.publish.suppression import NO_CALL, TOO_FEW
from coresponse.results.runs import interval_json, numbers

Evaluations = Mapping[str, EvaluationPublication]

# Figures that all three judges give, in the order of tables.
JUDGED = (
    "share_in_time",
    "share_reached",
    "mean_with_fallback_s",
    "median_s",
    "mean_s",
    "p90_s",
    "closed_per_week",
    "busy_per_week",
    "out_of_reach_per_week",
)

DEPLOYMENT_TITLES = {
    "plan": "plan",
    "naive": "plan as if units were never busy",
    "today": "today",
}

VERDICTS = {1: "shorter", -1: "longer", 0: TOO_CLOSE}


def title_of(deployment: str) -> str:
    """Return what a deployment is called in tables."""
    return DEPLOYMENT_TITLES.get(deployment, deployment)


def evaluations_json(evaluations: Evaluations) -> dict[str, Any]:
    """Return all deployments' figures, three ways."""
    return {name: evaluation_json(one) for name, one in evaluations.items()}


def evaluation_json(one: EvaluationPublication) -> dict[str, Any]:
    """Return one deployment's figures, three ways."""
    out: dict[str, Any] = {"deterministic": nearest_json(one)}
    if "queueing" in one.figures:
        out["queueing"] = _judge_json(one, "queueing") | {
            "method": one.method,
            "busy_share": numbers(one.busy_share),
        }
    if one.replay is not None:
        out["replay"] = _replay_json(one, one.replay)
    return out | {"notes": list(one.notes)}


def nearest_json(one: EvaluationPublication) -> dict[str, Any]:
    """Return a deployment's figures if the nearest is always free."""
    return _judge_json(one, "deterministic")


def _judge_json(one: EvaluationPublication, judge: str) -> dict[str, Any]:
    told = {key: number(found.mean) for key, found in one.figures[judge].items()}
    return told | {"worst_district": one.worst_district[judge]}


def _officers_json(replay: ReplayPublication) -> dict[str, Any]:
    if replay.officers is None:
        return {}
    told = {key: number(value) for key, value in asdict(replay.officers).items()}
    # the patrol's officers alone: whether a call met one at all is the funnel's to say
    del told["without_officer_share"]
    return {"officers": told}


def _replay_json(one: EvaluationPublication, replay: ReplayPublication) -> dict[str, Any]:
    return {
        **{key: interval_json(found) for key, found in one.figures["replay"].items()},
        "officer_hours_freed_per_week": interval_json(replay.officer_hours_freed),
        "officer_alone_hours_per_week": interval_json(replay.officer_alone_hours),
        **_officers_json(replay),
        "follow_ups_made_per_week": interval_json(replay.follow_ups_made),
        "follow_ups_due_per_week": interval_json(replay.follow_ups_due),
        "single_year": {key: interval_json(found) for key, found in one.single_year.items()},
        "worst_district": one.worst_district["replay"],
        "replications": replay.replications,
        "funnel": [
            {
                "step": row.step,
                "calls_per_week": interval_json(row.calls),
                "lost": [
                    {"reason": reason, "calls_per_week": interval_json(lost)}
                    for reason, lost in row.lost
                ],
            }
            for row in replay.funnel
        ],
        "sources": list(replay.sources),
    }


def judges_frame(evaluations: Evaluations) -> pd.DataFrame:
    """Return one row a figure, deployment and judge; times in minutes.

    Where there are bands, `low` and `high` are the long run's, `year_low` and `year_high` those of
    one single year.
    """
    rows = []
    for key in JUDGED:
        known = figure(key)
        for name, one in evaluations.items():
            for judge in JUDGES:
                found = one.figure(judge, key)
                if found is not None:
                    year = one.single_year.get(key) if judge == "replay" else None
                    wide = (np.nan, np.nan) if year is None else (year.low, year.high)
                    ends = (found.mean, found.low, found.high, *wide)
                    values = [round(v * known.scale, 4) for v in ends]
                    rows.append((known.title, known.shown_unit, title_of(name), judge, *values))
    columns = ["figure", "unit", "deployment", "judge", "value", "low", "high"]
    columns += ["year_low", "year_high"]
    return pd.DataFrame(rows, columns=columns)


JUDGE_HEADS = ("", "If the nearest were always free", "Queueing", "Replay")


def judges_rows(evaluations: Evaluations) -> tuple[tuple[str, ...], ...]:
    """Return the headline by all judges as text, beneath :data:`JUDGE_HEADS`."""
    return tuple(
        (
            f"{at_start(title_of(name))}: {label}",
            *(_told(one.figure(judge, key), key) for judge in JUDGES),
        )
        for name, one in evaluations.items()
        for label, key in (("in time", "share_in_time"), ("mean wait", "mean_with_fallback_s"))
    )


def _told(found: Interval | None, key: str) -> str:
    known = figure(key)
    unit: RowUnit = "min" if known.unit == "s" else "share"
    if found is None:
        return banded(None, unit, None)
    ends = (found.low * known.scale, found.high * known.scale)
    return banded(found.mean * known.scale, unit, None if np.isnan(found.low) else ends)


def bands_in_words(one: EvaluationPublication, whose: str) -> str:
    """Say which band is which, with those of a single year; empty where there is none."""
    keys = ("share_in_time", "mean_with_fallback_s", "share_reached")
    if not all(key in one.single_year for key in keys):
        return ""
    share, wait, reached = (one.single_year[key] for key in keys)
    return (
        "Bands hold the long-run figure in 95 of 100 cases. One single year varies more: of "
        f"{whose} calls, {percent(share.low)} to {percent(share.high)} in time, a mean wait of "
        f"{wait.low / 60:.1f} to {wait.high / 60:.1f} min, {percent(reached.low)} to "
        f"{percent(reached.high)} reached."
    )


def replay_funnel_frame(evaluations: Evaluations) -> pd.DataFrame:
    """Return the replay's funnel of each deployment: one row a step, and one for each reason of a loss."""
    rows = []
    for name, one in evaluations.items():
        for step in one.replay.funnel if one.replay is not None else ():
            rows.append((title_of(name), step.step, "", *_cents(step.calls)))
            rows += [
                (title_of(name), step.step, f"lost: {reason}", *_cents(lost))
                for reason, lost in step.lost
            ]
    columns = ["deployment", "step", "lost", "calls_per_week", "low", "high"]
    return pd.DataFrame(rows, columns=columns)


def _cents(found: Interval) -> tuple[float, float, float]:
    return round(found.mean, 2), round(found.low, 2), round(found.high, 2)


def _stacked(parts: Mapping[str, pd.DataFrame], index: str) -> pd.DataFrame:
    """Return tables of several deployments under each other."""
    frames = []
    for name, table in parts.items():
        frame = table.round(4).rename_axis(index).reset_index()
        frame.insert(0, "deployment", title_of(name))
        frames.append(frame)
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()


def _replays(evaluations: Evaluations) -> dict[str, ReplayPublication]:
    return {name: one.replay for name, one in evaluations.items() if one.replay is not None}


def units_frame(evaluations: Evaluations) -> pd.DataFrame:
    """Return each unit's work in the replay, one row a unit and deployment."""
    return _stacked({name: one.units for name, one in _replays(evaluations).items()}, "unit")


def hours_frame(evaluations: Evaluations) -> pd.DataFrame:
    """Return the share of each unit's time on duty that it is on calls, by hour of the day.

    Columns h00 to h23.
    """
    tables = {
        name: one.utilization_by_hour.rename(columns=lambda hour: f"h{int(hour):02d}")
        for name, one in _replays(evaluations).items()
    }
    return _stacked(tables, "unit")


def replay_districts_frame(evaluations: Evaluations) -> pd.DataFrame:
    """Return districts' figures in the replay; those with few past calls are blank."""
    parts = []
    for name, one in _replays(evaluations).items():
        table = one.by_district
        out = pd.DataFrame({"district_id": table.index, "deployment": title_of(name)})
        for key in REPLAYED_BY_DISTRICT:
            known = figure(key)
            for end in ("", "_low", "_high"):
                values = table[f"{key}{end}"].to_numpy() * known.scale
                out[f"{known.shown_key}{end}"] = values.round(4)
        parts.append(out)
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def groups_frame(evaluations: Evaluations, part: str, label: str) -> pd.DataFrame:
    """Return nearest-free figures of classes, districts, periods, or all calls, of all deployments."""
    frames = []
    for name, one in evaluations.items():
        table = one.groups[part]
        out = pd.DataFrame({label: table.index.astype(str), "deployment": name})
        for column in ("calls_band", "calls"):
            if column in table:
                out[column] = table[column].to_numpy()
        for key in GROUP_FIGURES:
            known, values = figure(key), table[key].to_numpy(dtype=float)
            minutes = known.unit == "s"
            out[known.shown_key] = (values / 60).round(2) if minutes else values.round(4)
        frames.append(out)
    return pd.concat(frames, ignore_index=True)


MINUTES = (
    "wait_today_min",
    "wait_plan_min",
    "wait_change_min",
    "wait_change_low_min",
    "wait_change_high_min",
)
SHARES = ("share_in_time_today", "share_in_time_plan")


def changes_frame(districts: DistrictsPublication | None) -> pd.DataFrame | None:
    """Return each district today beside the plan, as the replay has it; None without such a pair.

    Returns
    -------
    pandas.DataFrame
        `district_id`, `name`; mean wait in minutes today, under the plan, and the change with a
        band that holds for all districts together; shares in time; `wait_would_be`: ``shorter``,
        ``longer``, or ``no difference that counts``. Districts that may not be shown, or that no
        call came from, have blanks and say so.
    """
    if districts is None or districts.compared is None:
        return None
    rows = []
    for key, name in districts.names.items():
        one = districts.compared.get(key)
        if one is None:
            why = NO_CALL if key in districts.no_calls else TOO_FEW
            rows.append((key, name, *[np.nan] * (len(MINUTES) + len(SHARES)), why))
            continue
        minutes = [
            round(value, 2) for value in (one.today, one.plan, one.change, one.low, one.high)
        ]
        shares = [round(value, 4) for value in (one.share_today, one.share_plan)]
        rows.append((key, name, *minutes, *shares, VERDICTS[one.verdict]))
    return pd.DataFrame(rows, columns=["district_id", "name", *MINUTES, *SHARES, "wait_would_be"])


def changes_json(districts: DistrictsPublication | None) -> list[dict[str, Any]]:
    """Return the same as plain data; empty without the table."""
    frame = changes_frame(districts)
    return [
        {str(key): value if isinstance(value, str) else number(value) for key, value in row.items()}
        for row in ([] if frame is None else frame.to_dict(orient="records"))
    ]


def funnel_frame(history: HistoryPublication) -> pd.DataFrame:
    """Return what became of the rows of the calls."""
    return pd.DataFrame(
        [
            {"step": s.name, "count": s.count, "lost": s.lost, "reason": why, "reason_count": n}
            for s in history.funnel
            for why, n in (s.reasons or (("", 0),))
        ]
    )


def history_json(history: HistoryPublication) -> dict[str, Any]:
    """Return what was read of past calls."""
    return {
        "funnel": [
            {"step": s.name, "count": s.count, "lost": s.lost, "reasons": dict(s.reasons)}
            for s in history.funnel
        ],
        "days": history.days,
        "timezone": history.timezone,
        "notes": list(history.notes),
        "set_aside": history.set_aside,
    }


def write_evaluations(
    evaluations: Evaluations, folder: Path, *, districts: bool, disclosure: Disclosure = PUBLIC
) -> None:
    """Write the tables of how deployments do by all judges."""
    tables = {
        "judges": judges_frame(evaluations),
        "replay_funnel": replay_funnel_frame(evaluations),
        "units": units_frame(evaluations),
        "units_by_hour": hours_frame(evaluations),
        **({"replay_districts": replay_districts_frame(evaluations)} if districts else {}),
    }
    for name, table in tables.items():
        disclosure.write_table(table, folder / f"{name}.csv")
