"""The report's section on what each budget buys: from a sweep, or why it is missing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from coresponse.data.errors import InputError
from coresponse.data.figures.text import columns_alike, millions, percent, points
from coresponse.maps.report.charts import Bought, frontier_chart
from coresponse.maps.report.content import Mark, Part, Picture, ReportContent, ReportTable

if TYPE_CHECKING:  # its rows take a tenth of a second to load, and most reports have no sweep
    from coresponse.results.read_sweep import SweepResult, SweptPoint

MOST_ROWS = 15

TITLE = "What each budget buys"


def no_frontier() -> Part:
    """Return the section of a report without a sweep: why nothing is drawn."""
    why = (
        "Not known yet: this report is of one plan within one set of limits. What more or less "
        "money would buy takes a sweep, which plans again for each budget."
    )
    return Part("frontier", TITLE, (why,))


def with_frontier(content: ReportContent, sweep: SweepResult) -> ReportContent:
    """Return the content with a section on what each budget buys, in place of the one that says it is not known.

    Raises
    ------
    InputError
        If the sweep is of another study.
    """
    if sweep.study != content.title:
        raise InputError(
            f"the sweep belongs to {sweep.study!r}, the plan to {content.title!r} -- sweep this "
            "study"
        )
    key, title = sweep.frontier.figure, sweep.frontier.title
    drawn = [
        (point, point.cost, value)
        for point in sweep.re_optimized
        if point.cost is not None and (value := getattr(point, key)) is not None
    ]
    best = sorted((one for one in drawn if one[0].efficient), key=lambda one: one[1])
    if not best:
        return content
    scale, unit = (100, "%") if key.startswith("share_") else (1, " min")
    bought = [Bought(cost, value * scale, point.efficient) for point, cost, value in drawn]
    marked = list(_marked(sweep, content.marks, scale))
    (_, least, first), (_, most, last) = best[0], best[-1]
    alternative = (
        f"{title} against cost a year for {len(bought)} plans; efficient ones go from "
        f"{_figure(first * scale, unit)} at ${millions(least)} million to {_figure(last * scale, unit)} "
        f"at ${millions(most)} million."
    )
    alternative += "".join(
        f" {name} stands at {_figure(value, unit)} and ${millions(cost)} million."
        for name, cost, value in marked
    )
    chart = frontier_chart(bought, marked, figure=f"{title.partition(',')[0]},{unit}")
    axes = "; ".join(axis.title.removesuffix(", at most") for axis in sweep.axes)
    said = (
        f"{len(bought)} plans were made, each the best found within its limits (what was varied: "
        f"{axes}). A plan is efficient if no other is both cheaper and better by the "
        "study's goal; the others are drawn pale. Figures are the replay's, as in the rest of this "
        "report."
    )
    part = Part(
        "frontier",
        TITLE,
        (*sweep.frontier.sentences, said),
        (),
        (Picture(chart, alternative),),
        (_table([point for point, _, _ in best]),),
    )
    return _in_its_place(content, part)


def _figure(value: float, unit: str) -> str:
    """Return a figure as tables have it: percent whole where they are, minutes to a tenth."""
    return f"{points(value)}%" if unit == "%" else f"{value:,.1f}{unit}"


def _in_its_place(content: ReportContent, part: Part) -> ReportContent:
    """Put a section where the one of its key stands, or last."""
    kept = [one for one in content.parts if one.key != part.key]
    at = next((i for i, one in enumerate(content.parts) if one.key == part.key), len(kept))
    return replace(content, parts=(*kept[:at], part, *kept[at:]))


def _marked(
    sweep: SweepResult, marks: Sequence[Mark], scale: float
) -> Iterator[tuple[str, float, float]]:
    """Return what stands among the points: the report's plan, today, and where money begins to buy less."""
    key = sweep.frontier.figure
    for mark in marks:
        if key in mark.figures:
            yield mark.name, mark.cost, mark.figures[key] * scale
    knee = sweep.frontier.knee
    if knee is not None:
        point = sweep.points[knee]
        value = getattr(point, key)
        same = any(mark.cost == point.cost for mark in marks)
        if point.cost is not None and value is not None and not same:
            yield f"Where gains level off, {point.fleet}", point.cost, value * scale


def _table(best: Sequence[SweptPoint]) -> ReportTable:
    step = max(1, -(-len(best) // MOST_ROWS))
    rows = columns_alike(
        (
            point.fleet,
            f"${point.cost:,.0f}",
            "unknown" if point.share_in_time is None else percent(point.share_in_time),
            _or_unknown(point.mean_with_fallback_min, ".1f"),
            _or_unknown(point.left_to_police_per_week, ",.1f"),
        )
        for point in best[::step]
    )
    heads = ("Responders", "Cost a year", "In time", "Mean wait, min", "Left to police, a week")
    title = "Efficient plans: no other plan is both cheaper and better"
    return ReportTable(title, heads, tuple(rows), (1, 2, 3, 4))


def _or_unknown(figure: float | None, form: str) -> str:
    return "unknown" if figure is None else format(figure, form)
