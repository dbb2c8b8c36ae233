"""What a sweep and a comparison come to, in a sentence: only what their tables hold."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from coresponse.data.figures.text import dollars
from coresponse.publish.compare import ComparisonPublication
from coresponse.publish.sweep import SweepPublication
from coresponse.questions.sweep.axes import Axis

SHARES = (0.8, 0.9)
"""Of calls in time, which councils ask for (Washington State: 80%)."""

NEEDED = ("share_in_time", "left_to_police_per_week", "cost_as_called_per_year")
PERCENT = {"wage", "vacancy", "growth", "988", "busy"}


def sweep_sentences(publication: SweepPublication) -> tuple[str, ...]:
    """Say what the ends of a sweep along one axis come to, and where shares are first reached."""
    frame = publication.frame
    axes = [axis for axis in publication.axes if len(axis.values) > 1]
    if len(axes) != 1 or not set(NEEDED) <= set(frame.columns):
        return ()
    rows = frame[frame["mode"] == "re-optimized"].dropna(subset=list(NEEDED))
    if len(rows) < 2:
        return ()
    (axis,) = axes
    if axis.name.startswith("open."):
        said = f"Hours: {axis.title}."
        return (_ends(axis, rows, _target(publication)), said)
    return (_ends(axis, rows, _target(publication)), *_reached(axis, rows, _target(publication)))


def _target(publication: SweepPublication) -> str:
    for axis in publication.axes:
        if axis.name == "target_min":
            return "the standard" if len(axis.values) > 1 else f"{min(axis.values):g} min"
    return f"{publication.facts.target_min:g} min"


def _ends(axis: Axis, rows: pd.DataFrame, target: str) -> str:
    first, last = rows.iloc[0], rows.iloc[-1]
    before, after = (_value(axis, row[axis.name]) for row in (first, last))
    in_time, left, cost = (
        f"{one}{unit}, not {other}" if one != other else f"{one}{unit}, as before"
        for one, other, unit in (
            (f"{last[NEEDED[0]]:.1%}", f"{first[NEEDED[0]]:.1%}", " of calls"),
            (f"{last[NEEDED[1]]:,.0f}", f"{first[NEEDED[1]]:,.0f}", " a week"),
            (dollars(last[NEEDED[2]]), dollars(first[NEEDED[2]]), " a year"),
        )
    )
    title = axis.title.split(" (")[0] if axis.name.startswith("open.") else axis.title
    return (
        f"With {after} in place of {before} ({title}): {in_time}, are reached within {target}; {left}, are left to "
        f"police; it costs {cost}."
    )


def _reached(axis: Axis, rows: pd.DataFrame, target: str) -> Iterator[str]:
    if not axis.relaxing:
        return
    for share in SHARES:
        enough = rows[rows[NEEDED[0]] >= share]
        if len(enough) and len(enough) < len(rows):
            first = enough.iloc[0]
            yield (
                f"{share:.0%} of calls within {target} are first reached with {_value(axis, first[axis.name])} "
                f"({axis.title}), for {dollars(first[NEEDED[2]])} a year."
            )


def _value(axis: Axis, value: Any) -> str:
    head, _, tail = axis.name.partition(".")
    if head == "open":
        return tail.split(",")[int(value) - 1].strip()
    if head in PERCENT:
        return f"{value:.4g}" if head == "busy" else f"{100 * value:.4g}%"
    if head == "budget_per_year":
        return f"${value:,.0f}"
    return f"{value:,.12g}"


def comparison_sentences(publication: ComparisonPublication) -> tuple[str, ...]:
    """Say which program serves the most calls, and which reaches the most in time."""
    frame = publication.frame()
    needed = {"served_per_week", "share_all_in_time"}
    if not needed <= set(frame.columns) or not frame["served_per_week"].notna().any():
        return ()
    most, soonest = (
        frame.iloc[int(frame[name].astype("float64").fillna(-1.0).to_numpy().argmax())]
        for name in ("served_per_week", "share_all_in_time")
    )
    target = publication.facts.target_min
    return (
        (
            f"For {dollars(publication.budget_per_year)} a year {most['program']} serves the most calls "
            f"({most['served_per_week']:,.0f} a week), and {soonest['program']} reaches the most of all calls within "
            f"{target:g} min ({soonest['share_all_in_time']:.1%})."
        ),
    )
