"""The report's section on what each budget buys: from a sweep, or why it is missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from coresponse.data.errors import InputError
from coresponse.maps.report.charts import Bought, frontier_chart
from coresponse.maps.report.content import Part, Picture, ReportContent, ReportTable
from coresponse.results.read_sweep import SweepResult

MOST_ROWS = 15

TITLE = "What each budget buys"


def no_frontier() -> Part:
    """Return the section of a report without a sweep: why nothing is drawn, and what to do.

    The study's folder is not named: the same inputs give the same report in any folder.
    """
    why = (
        "Not known yet: this report is of one plan within one set of limits. What more or less "
        "money would buy takes a sweep, "
        "which plans again for each budget."
    )
    how = (
        "To add the chart: coresponse sweep STUDY --vary budget=80%:120%:10%, then coresponse "
        "report STUDY, with the study's "
        "folder for STUDY."
    )
    return Part("frontier", TITLE, (why, how))


def unbeaten(points: Sequence[tuple[float | None, float | None]]) -> list[bool]:
    """Say of each (cost, share) whether no other costs as little and is as good, and is better in one of the two."""
    out = [False] * len(points)
    best = -1.0
    known = [
        (cost, -share, i)
        for i, (cost, share) in enumerate(points)
        if cost is not None and share is not None
    ]
    for _, less, i in sorted(known):
        if -less > best:
            out[i], best = True, -less
    return out


def with_frontier(content: ReportContent, sweep: SweepResult) -> ReportContent:
    """Return the content with a section on what each budget buys, in place of the one that says it is not known.

    Raises
    ------
    InputError
        If the sweep is of another study.
    """
    if sweep.study != content.title:
        raise InputError(
            f"the sweep is of {sweep.study!r}, the plan of {content.title!r} -- sweep this study"
        )
    points = [
        (point, point.cost, point.share_in_time)
        for point in sweep.re_optimized
        if point.cost is not None and point.share_in_time is not None
    ]
    marks = unbeaten([(cost, share) for _, cost, share in points])
    bought = [
        Bought(cost, share * 100, mark)
        for (_, cost, share), mark in zip(points, marks, strict=True)
    ]
    if not bought:
        return content
    marked = [(mark.name, mark.cost, mark.share * 100) for mark in content.marks]
    best = sorted(
        (p for p, mark in zip(points, marks, strict=True) if mark), key=lambda point: point[1]
    )
    step = max(1, -(-len(best) // MOST_ROWS))
    rows = tuple(
        (
            f"${cost:,.0f}",
            f"{share:.1%}",
            _or_unknown(point.mean_with_fallback_min, ".1f"),
            _or_unknown(point.left_to_police_per_week, ",.0f"),
            _or_unknown(point.gap, ".2%"),
        )
        for point, cost, share in best[::step]
    )
    heads = (
        "Cost a year",
        "In time",
        "Mean wait, min",
        "Left to police, a week",
        "Gap of the search",
    )
    axes = "; ".join(axis.title.removesuffix(", at most") for axis in sweep.axes)
    table = ReportTable("Efficient plans: none is as cheap and as good", heads, rows, (1, 2, 3, 4))
    (_, least, low), (_, most, high) = best[0], best[-1]
    alternative = (
        f"Calls in time against cost a year for {len(bought)} plans; efficient ones go from "
        f"{low:.0%} at "
        f"${least / 1e6:,.2f} million to {high:.0%} at ${most / 1e6:,.2f} million."
    )
    marks_words = "".join(
        f" {mark.name} stands at {mark.share:.0%} and ${mark.cost / 1e6:,.2f} million."
        for mark in content.marks
    )
    alternative += marks_words
    said = (
        f"{len(bought)} plans were made, each the best found within its limits (what was varied: "
        f"{axes}). A point that another "
        "one beats in cost and in calls in time is drawn pale. Plans are made for the goal that "
        "the question states: where that "
        "is not calls in time, a good plan may lie below the line."
    )
    basis = (
        "Figures here are queueing's, with units that are busy part of their time, so that they "
        "differ a little from the "
        f"replay's in the rest of this report.{marks_words}"
    )
    part = Part(
        "frontier",
        TITLE,
        (said, basis),
        (),
        (Picture(frontier_chart(bought, marked), alternative),),
        (table,),
    )
    kept = [one for one in content.parts if one.key != "frontier"]
    at = next((i for i, one in enumerate(content.parts) if one.key == "frontier"), len(kept))
    return replace(content, parts=(*kept[:at], part, *kept[at:]))


def _or_unknown(figure: float | None, form: str) -> str:
    return "unknown" if figure is None else format(figure, form)
