"""Which charts a sweep gets."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from coresponse.data.figures.dictionary import figure
from coresponse.maps.sweep_charts import (
    MOST_LINES,
    ChartLine,
    Quantity,
    grid_charts,
    line_charts,
    phase_charts,
    scatter_charts,
)
from coresponse.questions.sweep.grid import PERCENT, Axis, Grid, value_text
from coresponse.questions.sweep.tidy import MEASURES

_COST = Quantity("cost_as_called_per_year", "dollars a year, call-outs as found", "dollars")


def _measure(key: str) -> Quantity:
    known = figure(key)
    minutes = ", min" if known.unit == "s" else ""
    kind = "share" if known.unit == "share" else "number"
    return Quantity(key, f"{known.title}{minutes}", kind)


_YS = [_measure(key) for key in MEASURES]


def write_charts(
    grid: Grid, points: pd.DataFrame, phases: pd.DataFrame, name: str, notice: str, folder: Path
) -> None:
    """Write the charts that fit what was varied: frontier, curves, grid, phases."""
    note = "Figures by replay." + (f" {notice}" if notice else "")
    # without districts none is the worst
    ys = [one for one in _YS if points[one.column].notna().any()]
    swept = points[points["mode"].isin(["re-optimized", "nested"])].dropna(subset=["score"])
    limits = [axis for axis in grid.axes if axis.relaxing]
    fixed = len(limits) == len(grid.axes)
    if limits and fixed and len(swept):
        lines = [
            ChartLine(f"{mode}, efficient", swept[(swept["mode"] == mode) & swept["efficient"]])
            for mode in ("re-optimized", "nested")
            if (swept["mode"] == mode).any()
        ]
        scatter_charts(
            folder / "frontier.svg", f"{name}: what a budget buys", _COST, ys, swept, lines, note
        )
    if grid.axes and len(swept):
        _curves(grid, swept, ys, name, note, folder)
    if len(grid.axes) == 2 and len(swept):
        x, y = (_quantity(axis) for axis in grid.axes)
        best = swept[swept["mode"] == "re-optimized"]
        grid_charts(folder / "grid.svg", f"{name}: both at once", x, y, ys, best, note)
    if len(phases):
        titles = {"phase": "year by year", "phase toward the last": "toward the last year's best"}
        lines = [ChartLine(title, phases[phases["mode"] == mode]) for mode, title in titles.items()]
        lines = [line for line in lines if len(line.rows)]
        ys = [
            *ys,
            Quantity("spent_that_year", "spent that year with start-up, dollars", "dollars"),
        ]
        phase_charts(folder / "phases.svg", f"{name}: an expansion", ys, lines, "phase", note)


def _curves(
    grid: Grid, swept: pd.DataFrame, ys: list[Quantity], name: str, note: str, folder: Path
) -> None:
    along = grid.axes[grid.row_axis or 0]
    others = [axis for axis in grid.axes if axis is not along]
    lines = []
    for mode in ("re-optimized", "nested"):
        mine = swept[swept["mode"] == mode]
        if not len(mine):
            continue
        if not others:
            lines.append(ChartLine(mode, mine))
            continue
        groups = list(mine.groupby([axis.name for axis in others]))
        # more lines than can be told apart: the ends and some between
        step = max(1, -(-len(groups) // (MOST_LINES - 1)))
        shown = groups[::step] + ([groups[-1]] if (len(groups) - 1) % step else [])
        for values, rows in shown:
            words = ", ".join(
                f"{axis.title} {value_text(axis.name, v)}"
                for axis, v in zip(others, values, strict=True)
            )
            lines.append(ChartLine(words if mode == "re-optimized" else f"{words}, nested", rows))
    line_charts(folder / "curves.svg", f"{name}: {along.title}", _quantity(along), ys, lines, note)


def _quantity(axis: Axis) -> Quantity:
    kind = (
        "dollars"
        if axis.name == "budget_per_year"
        else "share"
        if axis.name.partition(".")[0] in PERCENT | {"busy"}
        else "number"
    )
    return Quantity(axis.name, axis.title, kind)
