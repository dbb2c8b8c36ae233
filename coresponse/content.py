"""What a plan shows to people: the map's content and the tables, fit to be published."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd

from coresponse import __version__
from coresponse.coverage.area import map_cells
from coresponse.coverage.measures import Measures
from coresponse.coverage.suppress import band, hidden, total_hidden
from coresponse.data.hours import WEEKS_A_YEAR
from coresponse.data.options import Deployment
from coresponse.data.posts import Posts
from coresponse.data.programs.cost import annual_cost
from coresponse.data.programs.model import Program
from coresponse.data.roads.frames import edges_frame
from coresponse.inputs import Inputs
from coresponse.maps.content import MapContent, SummaryRow
from coresponse.planning import Planned, target_min

ENOUGH_DAYS = 28
"""Fewer days of calls do not even tell the days of the week apart."""

UNRANKED = "too few calls to show"


def map_content(planned: Planned) -> MapContent:
    """Gather what the map page of a plan draws."""
    inputs = planned.inputs
    program, study = inputs.program, inputs.study
    return MapContent(
        title=study.name,
        clock=program.standards.clock,
        target_min=target_min(inputs),
        plan=planned.plan,
        today=inputs.today,
        posts=posts_frame(inputs.posts),
        responder_titles={name: kind.title for name, kind in program.responder_types.items()},
        pattern_titles={name: pattern.title for name, pattern in program.shift_patterns.items()},
        roads=edges_frame(inputs.network),
        cells=cells_frame(planned),
        districts=districts_frame(planned),
        summary=summary(planned),
        question=question(planned),
        answer=answer(planned),
        notices=tuple(notice for notice in (study.notice, little_data(inputs)) if notice),
        attribution=tuple(text for text in (inputs.network.attribution,) if text),
        provenance=provenance_lines(planned),
    )


def little_data(inputs: Inputs) -> str:
    """Say so if the history is too short to stand for a year; '' if it is not."""
    days = round(inputs.calls.days)
    if inputs.calls.days >= ENOUGH_DAYS:
        return ""
    return f"Only {days} day{'s' if days > 1 else ''} of calls: figures a year are rough, weeks and seasons unknown"


def posts_frame(posts: Posts) -> gpd.GeoDataFrame:
    """Return posts as points in the network's CRS."""
    frame = posts.frame
    points = gpd.points_from_xy(frame["x"], frame["y"])
    return gpd.GeoDataFrame(frame[["post_id", "name", "kind"]].copy(), geometry=points, crs=posts.crs)


def cells_frame(planned: Planned) -> gpd.GeoDataFrame:
    """Return areas of at least 11 calls with their service under the plan and today."""
    return map_cells(planned.table, planned.inputs.network, _deployments(planned), target_s=planned.target_s)


def _deployments(planned: Planned) -> dict[str, Deployment]:
    today = {"today": planned.inputs.today} if planned.inputs.today is not None else {}
    return {"plan": planned.plan, **today}


def districts_frame(planned: Planned) -> gpd.GeoDataFrame | None:
    """Return districts with their figures; those with too few calls to be shown have none."""
    districts = planned.inputs.districts
    if districts is None:
        return None
    frame = districts.frame.copy()
    index = pd.Index(frame["district_id"])
    calls = planned.measures["plan"].by_district["calls"].reindex(index, fill_value=0).to_numpy().astype(np.int64)
    # calls outside all districts are one more part of the total
    outside = int(planned.measures["plan"].by_district["calls"].get("", 0))
    hide = hidden([*calls.tolist(), outside])[:-1]
    if total_hidden([*calls.tolist(), outside]):
        hide = calls > 0
    frame["calls_band"] = [UNRANKED if h else band(int(c)) for h, c in zip(hide, calls, strict=True)]
    for name, measures in planned.measures.items():
        table = measures.by_district.reindex(index)
        for figure in ("mean_s", "p90_s", "share_in_time", "share_reached", "mean_with_fallback_s"):
            frame[f"{figure}_{name}"] = np.where(hide, np.nan, table[figure].to_numpy(dtype=float))
    return frame


def summary(planned: Planned) -> tuple[SummaryRow, ...]:
    """Return the figures of the plan beside today's."""

    def row(
        label: str,
        unit: str,
        column: str,
        scale: float = 1.0,
        *,
        better: str = "lower",
        headline: bool = False,
        note: str = "",
    ) -> SummaryRow:
        values = [
            planned.measures[name].figure(column) * scale if name in planned.measures else None
            for name in ("plan", "today")
        ]
        shown = [None if value is None or np.isnan(value) else float(value) for value in values]
        return SummaryRow(label, unit, shown[0], shown[1], better, headline, note)  # type: ignore[arg-type]

    program = planned.inputs.program
    target = target_min(planned.inputs)
    fallback = program.standards.fallback_min.value
    costs = [cost_per_year(program, deployment) for deployment in _deployments(planned).values()]
    today_cost = costs[1] if len(costs) > 1 else None
    free = "if the nearest responder is always free"
    return (
        row(
            "Calls reached within the standard",
            "share",
            "share_in_time",
            better="higher",
            headline=True,
            note=f"{target:g} min; {free}",
        ),
        row(
            "Mean wait",
            "min",
            "mean_with_fallback_s",
            1 / 60,
            headline=True,
            note=f"a call left to police counts {fallback:g} min",
        ),
        row("9 of 10 reached calls wait at most", "min", "p90_s", 1 / 60, headline=True),
        row(
            "Calls left to police, a year",
            "count",
            "closed_per_week",
            WEEKS_A_YEAR,
            headline=True,
            note="nobody on duty",
        ),
        row("Median response of reached calls", "min", "median_s", 1 / 60),
        row("Mean response of reached calls", "min", "mean_s", 1 / 60),
        row("On duty but out of reach, a year", "count", "out_of_reach_per_week", WEEKS_A_YEAR),
        row("Eligible calls a week", "per_week", "calls_per_week", better="neither"),
        SummaryRow("Cost a year", "dollars", costs[0], today_cost, "lower"),
    )


def cost_per_year(program: Program, deployment: Deployment) -> float:
    """Return the dollars a year that a deployment costs."""
    return sum(
        count * annual_cost(program, option.responder_type, option.shift_pattern).total
        for option, count in deployment.counts
    )


def question(planned: Planned) -> str:
    """Say what was asked."""
    inputs = planned.inputs
    parts = []
    for name, count in inputs.study.limits.units.items():
        kind = inputs.program.responder_types[name]
        parts.append(f"{count} x {kind.title}")
    have = " and ".join(parts) if parts else "the responders that the limits allow"
    aim = {
        "mean_response": "calls wait as little as possible",
        "share_in_time": f"as many calls as possible are reached within {target_min(inputs):g} min",
    }[inputs.study.objective.goal]
    return f"Where and when should {have} be on duty so that {aim}?"


def answer(planned: Planned) -> str:
    """Say in a sentence or two what was found."""
    plan = planned.measures["plan"]
    share = f"{plan.figure('share_in_time'):.0%} of eligible calls are reached within {plan.target_s / 60:g} min"
    mean = f"the mean wait is {plan.figure('mean_with_fallback_s') / 60:.1f} min"
    text = f"With the plan {share} and {mean}"
    today = planned.measures.get("today")
    if today is not None:
        was_share, was_mean = today.figure("share_in_time"), today.figure("mean_with_fallback_s") / 60
        text += f"; with today's deployment it is {was_share:.0%} and {was_mean:.1f} min"
    return f"{text}. The plan is {planned.solution.message}; figures suppose that the nearest responder is free."


def provenance_lines(planned: Planned) -> tuple[str, ...]:
    """Say what the page rests on."""
    inputs, solution = planned.inputs, planned.solution
    frame = inputs.calls.frame
    first, last = frame["received_at"].min(), frame["received_at"].max()
    roads = inputs.network.report
    return (
        f"Calls: {len(frame):,} on the network from {first:%Y-%m-%d} to {last:%Y-%m-%d} ({inputs.calls.timezone}).",
        f"Roads: {roads.source}; {roads.assumed_speed_share:.0%} of their length with assumed speeds, no delay at signals.",
        f"Program: {inputs.program.title}. Assumptions with their sources: assumptions.csv.",
        (
            f"Solver: {inputs.study.solver.name}, {solution.status.value}, objective {solution.objective:.4g} "
            f"{solution.unit}, bound {solution.bound:.4g}. coresponse {__version__}, seed {inputs.study.seed}."
        ),
    )


def measures_frame(measures: dict[str, Measures], part: str, label: str) -> pd.DataFrame:
    """Return one part of the measures of all deployments as a table fit to be published.

    Counts of 1 to 10 and what would give them away are blank, as are the figures of those rows; other counts are shown as calls
    a week, rounded, and in bands.
    """
    frames = []
    for name, found in measures.items():
        table = getattr(found, part)
        hide = hidden(table["calls"].to_numpy())
        if total_hidden(table["calls"].to_numpy()):
            hide = table["calls"].to_numpy() > 0
        out = pd.DataFrame({label: table.index.astype(str), "deployment": name})
        out["calls_band"] = [UNRANKED if h else band(c) for h, c in zip(hide, table["calls"], strict=True)]
        for column in ("share_in_time", "share_reached"):
            out[column] = np.where(hide, np.nan, table[column].to_numpy().round(4))
        for column in ("mean_s", "median_s", "p90_s", "mean_with_fallback_s"):
            out[column.replace("_s", "_min")] = np.where(hide, np.nan, (table[column].to_numpy() / 60).round(2))
        frames.append(out)
    return pd.concat(frames, ignore_index=True)
