"""A sweep's points as they may be shown.

Two of them differ in few calls, which exact figures would tell of.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from coresponse.coverage.replay.bands import Interval
from coresponse.data.figures.dictionary import Publication, figure_of_column
from coresponse.data.figures.text import dollars, number
from coresponse.data.limits import Limits
from coresponse.data.programs.model import Program
from coresponse.data.words import counted
from coresponse.optimize.solution import Status
from coresponse.publish.answers import PointPublication, SweepPublication
from coresponse.publish.call_outs import NONE_KEEPS, told_busy, told_calls, told_dollars
from coresponse.publish.city import CityRounding
from coresponse.publish.disclosure import PUBLIC
from coresponse.publish.frontier import publish_frontier
from coresponse.publish.history import facts_of
from coresponse.publish.not_known import not_known_words
from coresponse.publish.rounding import WAIT
from coresponse.publish.rungs import LEFT
from coresponse.questions.compare.comparison import WITHIN
from coresponse.questions.standing import Standing
from coresponse.questions.sweep.answer import Answer
from coresponse.questions.sweep.axes import busy_at, case_at
from coresponse.questions.sweep.grid import Task
from coresponse.questions.sweep.point import CALLS_OF_WORST, OF_WORST
from coresponse.questions.sweep.tables import (
    Sweep,
    notes,
    phases_frame,
    points_frame,
    steps_frame,
    sweep_points,
)
from coresponse.questions.sweep.tidy import Point


def publish_sweep(swept: Sweep) -> SweepPublication:
    """Return a sweep as it may be shown.

    Raises
    ------
    InputError
        If it rests on so few calls that every figure would tell of them.
    """
    case = swept.base.case
    calls = int(case.table.cells.calls.sum())
    PUBLIC.refuse_few(calls)
    points = sweep_points(swept)
    frame = _rounded(swept, points, points_frame(swept.grid, points, swept.case), calls)
    told = [_told(swept, point, calls) for point in points]
    return SweepPublication(
        facts=facts_of(swept.case),
        grid=swept.grid,
        points=tuple(
            _point(swept, key, one, calls) for key, one in zip(swept.keys, points, strict=True)
        ),
        frame=frame,
        steps=steps_frame(swept.grid, points, frame),
        phases=phases_frame(points, frame, swept.case),
        frontier=publish_frontier(
            frame,
            case.goal,
            swept.own,
            _today(swept, calls),
            one_city=all(axis.relaxing for axis in swept.grid.axes),
        ),
        notes=(*over_budget(points, frame), *notes(told, swept.case.program)),
        busy=case.busy,
        versions=swept.base.versions,
        solved=swept.solved,
        not_known=not_known_words(
            list(dict.fromkeys(what for point in points for what in point.answer.not_known))
        ),
    )


def over_budget(points: Sequence[Point], frame: pd.DataFrame) -> list[str]:
    """Say where plans spend more than their budget.

    Every plan is held against its budget in the replay; of those that were tried in time, none may
    have kept it.

    Parameters
    ----------
    frame
        The points as they are shown, in their order.
    """
    asked = [(point.task.limits.budget_per_year, row) for row, point in enumerate(points)]
    spent = frame["cost_as_called_per_year"].astype("float64").to_numpy()
    over = [
        (spent[row] / budget if budget else np.inf, float(spent[row]), budget)
        for budget, row in asked
        if budget is not None and spent[row] > budget * (1 + WITHIN)
    ]
    if not over:
        return []
    _, most, budget = max(over)
    said = (
        f"At {counted(len(over), 'point')} the plan spends more than its budget, at most "
        f"{dollars(most)} of {dollars(budget)}: {NONE_KEEPS}"
    )
    return [said]


def _today(swept: Sweep, calls: int) -> dict[str, Any]:
    """Return today's deployment as a row of the table; empty if it is not known."""
    if swept.today is None:
        return {}
    task = Task("today", dict.fromkeys((axis.name for axis in swept.grid.axes), np.nan), Limits())
    points = [Point(task, swept.today)]
    frame = points_frame(swept.grid, points, swept.case)
    return dict(_rounded(swept, points, frame, calls).iloc[0])


def _point(swept: Sweep, key: str, point: Point, calls: int) -> PointPublication:
    answer = point.answer
    shares = dict(answer.planned_busy_share)
    if busy_at(point.task.setting, swept.case.program) is None:
        # stated shares tell nothing of calls; measured ones do
        shares = told_busy(
            shares, _program_at(swept, point), answer.deployment, _rounding(calls, answer)
        )
    return PointPublication(
        key,
        answer.message,
        tuple(answer.clash),
        answer.rounds,
        shares,
        answer.deployment,
        answer.bought,
        answer.found,
        answer.status == Status.PROVEN.value,
        answer.standing == Standing.NOT_CONFIRMED.value,
    )


def _rounded(
    swept: Sweep, points: Sequence[Point], frame: pd.DataFrame, calls: int
) -> pd.DataFrame:
    stated = {axis.name for axis in swept.grid.axes}
    out = frame.copy()
    for i, point in enumerate(points):
        city = _rounding(calls, point.answer)
        for column in map(str, frame.columns):
            value: Any = frame.loc[i, column]
            if pd.notna(value) and column not in stated:
                out.loc[i, column] = _shown(city, column, value, point.answer.unit)
        for judge, figures in (
            ("", point.answer.figures),
            ("_if_free", point.answer.figures_if_free),
        ):
            out.loc[i, f"worst_district_mean_min{judge}"] = worst_min(figures, city)
        told = _told(swept, point, calls).answer
        for name, share in told.busy_share.items():
            out.loc[i, f"busy_share_{name}"] = share
        if point.answer.found:
            out.loc[i, "cost_as_called_per_year"] = number(
                told_dollars(
                    _program_at(swept, point),
                    point.answer.deployment,
                    point.answer.calls_per_week,
                    city,
                    planned=float(frame["cost_per_year"].iloc[i]),
                    budget=point.task.limits.budget_per_year,
                )
            )
        for column, value in _shown_ends(city, dict(frame.iloc[i])).items():
            out.loc[i, column] = value
    for free in ("", "_if_free"):
        # each loss as it is shown, added up
        parts = out[[f"{name}{free}" for name in LEFT]]
        out[f"left_to_police_per_week{free}"] = parts.sum(axis=1, min_count=1)
    return out


def worst_min(figures: Mapping[str, float | None], city: CityRounding) -> float:
    """Return the wait of the district that waits longest as tables of districts show it; NaN where none does."""
    found = {key: figures.get(name) for name, key in OF_WORST.items()}
    if found[WAIT] is None:
        return np.nan
    table = pd.DataFrame({key: [value] for key, value in found.items()}, dtype=np.float64)
    calls = np.array([figures.get(CALLS_OF_WORST) or 0.0])
    return number(city.groups(WAIT, table, calls)[0] / 60) or 0.0


def _shown_ends(rounding: CityRounding, row: Mapping[Any, Any]) -> dict[str, float]:
    """Return the ends of ranges rounded outwards, as those of bands."""
    out: dict[str, float] = {}
    for low in [name for name in map(str, row) if name.endswith("_low")]:
        column, high = low.removesuffix("_low"), f"{low.removesuffix('_low')}_high"
        figure = figure_of_column(column)
        scale = 60.0 if figure.unit == "s" else 1.0
        mean = row.get(column, (row[low] + row[high]) / 2)
        if pd.notna(row[low]) and pd.notna(mean):
            ends = [float(end) * scale for end in (mean, row[low], row[high])]
            one = rounding.interval(figure.key, Interval(ends[0], ends[1], ends[2], 2))
            out |= {low: number(one.low / scale) or 0.0, high: number(one.high / scale) or 0.0}
    return out


def _program_at(swept: Sweep, point: Point) -> Program:
    # today's deployment is at no value of an axis
    setting = {name: value for name, value in point.task.setting.items() if np.isfinite(value)}
    return case_at(swept.case, setting).program


def _told(swept: Sweep, point: Point, calls: int) -> Point:
    """Return a point with what its responder types do as it may be shown."""
    answer, rounding = point.answer, _rounding(calls, point.answer)
    if not answer.found:
        return point
    shares = told_busy(answer.busy_share, _program_at(swept, point), answer.deployment, rounding)
    sent = told_calls(answer.calls_per_week, rounding)
    return replace(point, answer=replace(answer, busy_share=shares, calls_per_week=sent))


def _rounding(calls: int, answer: Answer) -> CityRounding:
    """Return what rounds a point's figures, as those of a plan are: by the calls that were planned with."""
    return CityRounding(calls, answer.figures_if_free.get("calls_per_week") or 0.0)


def _shown(rounding: CityRounding, column: str, value: Any, unit: str) -> Any:
    figure = figure_of_column(column)
    if figure.publication is Publication.COST:
        return number(rounding.cost(value, unit))
    if figure.publication in {Publication.FREE, Publication.PUBLISHED, Publication.THOUSANDS}:
        return value
    if figure.publication is Publication.BUSY_SHARE:
        return rounding.busy(float(value))
    scale = 60.0 if figure.unit == "s" else 1.0
    value = float(value) * scale
    # by replay, as a plan's: see coresponse.publish.paired.total
    return number(rounding.replayed(figure.key, value) / scale)
