"""What a plan shows to people: the map's content and the tables, fit to be published."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coresponse import __version__
from coresponse.call_outs import further_costs, standby_days
from coresponse.coverage.measures import Measures
from coresponse.coverage.replay.bands import Interval
from coresponse.coverage.replay.bands import interval as replay_interval
from coresponse.data.calls.history import ON_THE_NETWORK
from coresponse.data.hours import WEEKS_A_YEAR
from coresponse.data.options import Deployment
from coresponse.data.posts import Posts
from coresponse.data.programs.cost import annual_cost
from coresponse.data.programs.model import Program
from coresponse.data.roads.frames import drawn_edges
from coresponse.inputs import Inputs
from coresponse.judged import judge_figure
from coresponse.maps.content import MapContent, SummaryRow, Unit
from coresponse.optimize.goals.goal import (
    FewestUnits,
    LeastCost,
    PCenter,
    Rank,
    ShareInTime,
    Tail,
    WorstDistrict,
    ranks,
    weighted,
)
from coresponse.paired import difference, total
from coresponse.planning import Planned, target_min
from coresponse.publish.areas import map_cells
from coresponse.publish.city import shown_figure
from coresponse.publish.disclosure import PUBLIC, Disclosure
from coresponse.publish.funnel import shown_funnel
from coresponse.publish.plan import published
from coresponse.publish.rounding import rounded
from coresponse.publish.times import ShownTimes, district_times, shown_times

ENOUGH_DAYS = 28
"""Fewer days of calls do not even tell the days of the week apart."""


def map_content(planned: Planned, *, disclosure: Disclosure = PUBLIC) -> MapContent:
    """Gather what the map page of a plan draws; an internal one suppresses nothing."""
    planned = published(planned, disclosure)
    inputs = planned.inputs
    program, study = inputs.program, inputs.study
    roads, all_roads = drawn_edges(inputs.network)
    times = shown_times(planned, _deployments(planned), disclosure)
    return MapContent(
        title=study.name,
        clock=program.standards.clock,
        target_min=target_min(inputs),
        plan=planned.plan,
        today=inputs.today,
        posts=posts_frame(inputs.posts),
        responder_titles={name: kind.title for name, kind in program.responder_types.items()},
        pattern_titles={name: pattern.title for name, pattern in program.shift_patterns.items()},
        roads=roads,
        beside_roads_m=150.0 if all_roads else 750.0,
        water=inputs.water,
        parks=inputs.parks,
        cells=cells_frame(planned, disclosure=disclosure),
        districts=districts_frame(planned, times, disclosure=disclosure),
        periods=times.periods,
        cells_by_time=times.cells_by_time,
        by_time=times.by_time,
        no_periods=times.no_periods,
        summary=summary(planned),
        question=question(planned),
        answer=answer(planned),
        basis=basis(planned),
        notices=tuple(notice for notice in (study.notice, little_data(inputs)) if notice),
        internal=disclosure.internal,
        attribution=tuple(
            text for text in (inputs.network.attribution, study.roads.attribution) if text
        ),
        provenance=(
            *provenance_lines(planned, disclosure=disclosure),
            *(() if all_roads else ("Only the main roads are drawn.",)),
        ),
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
    return gpd.GeoDataFrame(
        frame[["post_id", "name", "kind"]].copy(), geometry=points, crs=posts.crs
    )


def cells_frame(planned: Planned, *, disclosure: Disclosure = PUBLIC) -> gpd.GeoDataFrame:
    """Return areas of at least 11 calls with their service under the plan and today.

    Internal ones have at least 1 call, and say how many.
    """
    return map_cells(
        planned.table,
        planned.inputs.network,
        _deployments(planned),
        target_s=planned.target_s,
        disclosure=disclosure,
    )


def _deployments(planned: Planned) -> dict[str, Deployment]:
    today = {"today": planned.inputs.today} if planned.inputs.today is not None else {}
    return {"plan": planned.plan, **today}


def districts_frame(
    planned: Planned, times: ShownTimes, *, disclosure: Disclosure = PUBLIC
) -> gpd.GeoDataFrame | None:
    """Return districts with their figures, by time too.

    Those with too few calls to be shown have none, unless internal.
    """
    districts = planned.inputs.districts
    if districts is None:
        return None
    frame = districts.frame.copy()
    index = pd.Index(frame["district_id"])
    calls = (
        planned.measures["plan"]
        .by_district["calls"]
        .reindex(index, fill_value=0)
        .to_numpy()
        .astype(np.int64)
    )
    # calls outside all districts are one more part of the total
    outside = int(planned.measures["plan"].by_district["calls"].get("", 0))
    hide = disclosure.hides([*calls.tolist(), outside])[:-1]
    if disclosure.internal:
        frame["calls"] = calls
    frame["calls_band"] = disclosure.ranges(calls, hide)
    for name, measures in planned.measures.items():
        table = measures.by_district.reindex(index)
        for figure in ("mean_s", "p90_s", "share_in_time", "share_reached", "mean_with_fallback_s"):
            values = (
                table[figure].to_numpy(dtype=float)
                if disclosure.internal
                else rounded(figure, table, calls)
            )
            frame[f"{figure}_{name}"] = np.where(hide, np.nan, values)
    for column, values in district_times(times, index, hide, disclosure).items():
        frame[column] = values
    return frame


def summary(planned: Planned) -> tuple[SummaryRow, ...]:
    """Return the figures of the plan beside today's.

    Those of the replay, with the other judges' beneath.
    """
    program = planned.inputs.program
    target = target_min(planned.inputs)
    fallback = program.standards.fallback_min.value
    costs = [cost_per_year(program, deployment) for deployment in _deployments(planned).values()]
    row = _Rows(planned)
    left = "Left to police"
    return (
        row.of(
            "Calls reached within the standard",
            "share",
            "share_in_time",
            better="higher",
            headline=True,
            note=f"{target:g} min; of all eligible calls, units busy as they will be",
        ),
        row.of(
            "Mean wait",
            "min",
            "mean_with_fallback_s",
            headline=True,
            note=f"a call left to police counts {fallback:g} min",
        ),
        row.of("9 of 10 reached calls wait at most", "min", "p90_s", headline=True),
        row.of(
            f"{left}, a year",
            "count",
            LEFT,
            headline=True,
            note="closed hours, all units busy, or out of reach",
        ),
        row.of(f"{left}: nobody on duty, a year", "count", ("closed_per_week",)),
        row.of(f"{left}: all units busy, a year", "count", ("busy_per_week",)),
        row.of(f"{left}: out of reach, a year", "count", ("out_of_reach_per_week",)),
        row.of("Median response of reached calls", "min", "median_s"),
        row.of("Mean response of reached calls", "min", "mean_s"),
        row.of(
            "Within the standard by queueing",
            "share",
            "share_in_time",
            better="higher",
            judge="queueing",
        ),
        row.of(
            "Within the standard if the nearest were always free",
            "share",
            "share_in_time",
            better="higher",
            judge="deterministic",
        ),
        row.of("Eligible calls a week", "per_week", ("calls_per_week",), better="neither"),
        SummaryRow(
            "Cost a year", "dollars", costs[0], costs[1] if len(costs) > 1 else None, "lower"
        ),
        *row.cost_as_found(costs),
    )


LEFT = ("closed_per_week", "busy_per_week", "out_of_reach_per_week")


@dataclass(frozen=True, eq=False)
class _Rows:
    """Makes rows of figures: the plan's and today's, by one judge."""

    planned: Planned

    def of(
        self,
        label: str,
        unit: Unit,
        column: str | tuple[str, ...],
        *,
        better: Literal["lower", "higher", "neither"] = "lower",
        judge: str = "replay",
        headline: bool = False,
        note: str = "",
    ) -> SummaryRow:
        """Make a row; several columns are added up."""
        scale = {"min": 1 / 60, "count": WEEKS_A_YEAR}.get(unit, 1.0)
        plan, today = (self._figure(name, column, judge, scale) for name in ("plan", "today"))
        apart = self._change(column, scale) if judge == "replay" else None
        return SummaryRow(
            label, unit, plan[0], today[0], better, headline, note, plan[1], today[1], apart
        )

    def cost_as_found(self, planned: list[float]) -> tuple[SummaryRow, ...]:
        """Return the cost with as many call-outs from standby as the replay finds.

        Nothing if no type is paid as standby.
        """
        program = self.planned.inputs.program
        deployments = list(_deployments(self.planned).items())
        if not any(standby_days(program, deployment) for _, deployment in deployments):
            return ()
        found: list[list[float]] = []
        for (name, deployment), cost in zip(deployments, planned, strict=True):
            replayed = self.planned.judgments[name].replay
            further = [0.0] if replayed is None else further_costs(program, deployment, replayed)
            found.append([cost + more for more in further])
        bands = [replay_interval(costs) for costs in found]
        paired = len(found) > 1 and len(found[0]) == len(found[1])
        apart = replay_interval(np.subtract(found[0], found[1])) if paired else None
        return (
            SummaryRow(
                "Cost a year, call-outs as found",
                "dollars",
                round(bands[0].mean, -3),
                round(bands[1].mean, -3) if len(bands) > 1 else None,
                "lower",
                False,
                "as many from standby as the replay finds",
                _ends(bands[0]),
                _ends(bands[1]) if len(bands) > 1 else None,
                None if apart is None else _ends(apart),
            ),
        )

    def _change(self, column: str | tuple[str, ...], scale: float) -> tuple[float, float] | None:
        plan, today = (self.planned.judgments.get(name) for name in ("plan", "today"))
        if plan is None or today is None or plan.replay is None or today.replay is None:
            return None
        return _ends(
            difference(plan.replay, today.replay, (column,) if isinstance(column, str) else column),
            scale,
        )

    def _figure(
        self, name: str, column: str | tuple[str, ...], judge: str, scale: float
    ) -> tuple[float | None, tuple[float, float] | None]:
        judgment = self.planned.judgments.get(name)
        if judgment is None:
            return None, None
        columns = (column,) if isinstance(column, str) else column
        if judge == "replay" and judgment.replay is not None and judgment.replay.samples:
            whole = total(judgment.replay, columns)
            return (
                (float(whole.mean * scale), _ends(whole, scale))
                if np.isfinite(whole.mean)
                else (None, None)
            )
        if not judgment.deployment.size:
            judge = "deterministic"
        found = [band for c in columns if (band := judge_figure(judgment, judge, c)) is not None]
        value = sum(band.mean for band in found) * scale
        if not found or np.isnan(value):
            return None, None
        if len(found) > 1 or np.isnan(found[0].low):
            return float(value), None
        return float(value), (found[0].low * scale, found[0].high * scale)


def _ends(band: Interval, scale: float = 1.0) -> tuple[float, float] | None:
    return (band.low * scale, band.high * scale) if np.isfinite(band.low) else None


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
        title = kind.title[:1].lower() + kind.title[1:] if kind.title[1:2].islower() else kind.title
        parts.append(f"{count} {title}{'' if count == 1 else 's'}")
    have = (
        " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)
        if parts
        else "the responders that the limits allow"
    )
    return f"Where and when should {have} be on duty so that {aim(inputs)}?"


def aim(inputs: Inputs) -> str:
    """Say what the plan is to be best at, after the words ``so that``."""
    objective = inputs.study.objective
    target = target_min(inputs)
    words = " and then ".join(_aim(rank, target) for rank in ranks(objective.goal))
    if objective.floors:
        words += ", with a floor under every " + " and ".join(
            dict.fromkeys(floor.by for floor in objective.floors)
        )
    return words.replace("every all", "all calls")


def _aim(rank: Rank, target: float) -> str:
    parts = []
    for _, goal in weighted(rank):
        within = f"{getattr(goal, 'target_min', None) or target:g} min"
        where = {"all": "calls", "district": "each district's calls", "class": "each class's calls"}
        if isinstance(goal, FewestUnits | LeastCost):
            least = (
                "as few of them as possible" if isinstance(goal, FewestUnits) else "the least money"
            )
            parts.append(f"{least} reach {goal.share:.0%} of {where[goal.within]} within {within}")
        elif isinstance(goal, WorstDistrict):
            parts.append(f"the {goal.by} that is served worst is served as well as possible")
        elif isinstance(goal, Tail):
            parts.append(
                f"the {1 - goal.alpha:.0%} of calls that wait longest wait as little as possible"
            )
        elif isinstance(goal, PCenter):
            share = "all" if goal.share == 1 else f"{goal.share:.0%}"
            parts.append(f"{share} of {where[goal.within]} have a responder as near as possible")
        elif isinstance(goal, ShareInTime):
            parts.append(f"as many calls as possible are reached within {within}")
        else:
            parts.append("calls wait as little as possible")
    return ", weighed against: ".join(parts)


def answer(planned: Planned) -> str:
    """Say in a sentence what was found."""
    plan = headline(planned, "plan")
    target = target_min(planned.inputs)
    text = (
        f"With the plan {plan.share:.0%} of eligible calls are reached within {target:g} min and "
        "the mean wait is "
        f"{plan.wait_min:.1f} min"
    )
    if "today" in planned.judgments:
        today = headline(planned, "today")
        text += f"; with today's deployment it is {today.share:.0%} and {today.wait_min:.1f} min"
    return f"{text}."


def basis(planned: Planned) -> str:
    """Say what the answer rests on: the judge of its figures, and the search."""
    if not planned.plan.size:
        return "Within these limits nobody can be on duty, and all calls are left to police."
    judgment = planned.judgments["plan"]
    free = shown_figure(judgment.deterministic.overall, "share_in_time")
    judge = (
        "These figures come from a replay in which units are busy as they will be; if the nearest "
        "were always free, "
        f"{free:.0%} would be reached in time. "
    )
    return f"{judge if judgment.replay is not None else ''}The plan is {planned.solution.message}{_with_busy(planned)}."


def _with_busy(planned: Planned) -> str:
    """Say what busy shares the plan was made with."""
    busy = planned.planned_busy_share
    if not busy:
        return " for units that are always free"
    titles = planned.inputs.program.responder_types
    used = {option.responder_type for option, _ in planned.plan.counts}
    listed = ", ".join(
        f"{titles[name].title} {share:.0%}" for name, share in busy.items() if name in used
    )
    return f" for units taken to be busy part of their time ({listed})"


@dataclass(frozen=True)
class Headline:
    """Share of calls reached within the standard, and mean wait, by replay (deterministic where nobody is in place)."""

    share: float
    wait_min: float


HEADLINE = ("share_in_time", "mean_with_fallback_s")


def headline(planned: Planned, name: str) -> Headline:
    """Return a deployment's headline figures."""
    judgment = planned.judgments[name]
    if judgment.replay is None:
        share, wait = (shown_figure(judgment.deterministic.overall, figure) for figure in HEADLINE)
    else:
        share, wait = (judgment.replay.figure(figure).mean for figure in HEADLINE)
    return Headline(share, wait / 60)


def provenance_lines(planned: Planned, *, disclosure: Disclosure = PUBLIC) -> tuple[str, ...]:
    """Say what the page rests on."""
    inputs, solution = planned.inputs, planned.solution
    steps = shown_funnel(inputs.calls.funnel.steps, disclosure)
    located = next(
        (step.count for step in steps if step.name == ON_THE_NETWORK), len(inputs.calls.frame)
    )
    count = located if isinstance(located, str) else f"{located:,}"
    frame = inputs.calls.frame
    first, last = frame["received_at"].min(), frame["received_at"].max()
    roads = inputs.network.report
    whole = disclosure.city(planned.table.cells)
    objective, bound = (
        whole.cost(value, solution.unit) for value in (solution.objective, solution.bound)
    )
    return (
        (
            f"Calls: {count} on the network from {first:%Y-%m-%d} to {last:%Y-%m-%d} "
            f"({inputs.calls.timezone})."
        ),
        (
            f"Roads: {roads.source}; {roads.assumed_speed_share:.0%} of their length with assumed "
            "speeds, no delay at signals."
        ),
        f"Program: {inputs.program.title}. Assumptions with their sources: assumptions.csv.",
        (
            f"Solver: {inputs.study.solver.name}, {solution.status.value}, objective "
            f"{objective:.4g} "
            f"{solution.unit}, bound {bound:.4g}. coresponse {__version__}, seed "
            f"{inputs.study.seed}."
        ),
    )


def measures_frame(
    measures: dict[str, Measures], part: str, label: str, *, disclosure: Disclosure = PUBLIC
) -> pd.DataFrame:
    """Return one part of the measures of all deployments as a table fit to be published, or an internal one.

    Counts of 1 to 10 and what would give them away are blank, as are the figures of those rows;
    other counts are shown in bands. An internal table holds all figures and the counts themselves
    (`calls`), and says what it is.
    """
    frames = []
    for name, found in measures.items():
        table = getattr(found, part)
        calls = table["calls"].to_numpy().astype(np.int64)
        hide = disclosure.hides(calls)
        out = pd.DataFrame({label: table.index.astype(str), "deployment": name})
        out["calls_band"] = disclosure.ranges(calls, hide)
        if disclosure.internal:
            out["calls"] = calls
        for column in (
            "share_in_time",
            "share_reached",
            "mean_s",
            "median_s",
            "p90_s",
            "mean_with_fallback_s",
        ):
            values = (
                table[column].to_numpy(dtype=float)
                if disclosure.internal
                else _shown_part(part, column, table)
            )
            minutes = column.endswith("_s")
            out[column.replace("_s", "_min") if minutes else column] = np.where(
                hide, np.nan, (values / 60).round(2) if minutes else values.round(4)
            )
        frames.append(out)
    return pd.concat(frames, ignore_index=True)


def _shown_part(part: str, column: str, table: pd.DataFrame) -> NDArray[np.float64]:
    """Round figures of classes, periods or districts by the bands of their calls.

    Those of the whole city as everywhere.
    """
    if part == "overall":
        return np.array([shown_figure(table, column)])
    return rounded(column, table, table["calls"].to_numpy())
