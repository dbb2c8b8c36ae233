"""Show a sweep on the terminal: the best rows, and what is proven."""

from __future__ import annotations

from typing import Any

import pandas as pd
from rich.console import Console
from rich.table import Table
from rich.text import Text

from coresponse.sweep.run import Swept
from coresponse.sweep.tables import notes, proven
from coresponse.sweep.write import SweepRun

MOST_ROWS = 40
_HEADS = ("$ a year", "as called", "mean min", "90% min", "in time", "to police", "worst min")


def show_sweep(swept: Swept, run: SweepRun, console: Console) -> None:
    """Print a short table of a sweep."""
    study = swept.ground.inputs.study
    if study.notice:
        console.print(Text(study.notice, style="bold magenta"))
    axes = [(axis.name, axis.title) for axis in swept.grid.axes]
    for mode in ("re-optimized", "nested"):
        rows = run.frame[run.frame["mode"] == mode]
        if len(rows):
            shown = rows if len(rows) <= MOST_ROWS else rows[rows["efficient"]]
            what = (
                mode
                if len(rows) <= MOST_ROWS
                else f"{mode}: the {len(shown)} efficient of {len(rows)} points"
            )
            console.print(_table(shown, what, axes))
    if len(run.phases):
        console.print(_phases(run.phases))
    counted = f"{len(run.points)} points, {proven(run.points)} proven within their gap, {swept.solved} solved now"
    console.print(Text(f"{counted}. Figures are by queueing, with busy units; times in"))
    console.print(
        Text("minutes, calls left to police a week, as called: dollars with call-outs as found.")
    )
    clash = next((point.answer.clash for point in run.points if point.answer.clash), ())
    if clash:
        console.print(Text("Limits that cannot all be kept, at the first point where it is so:"))
        for line in clash:
            console.print(Text(f"  - {line}"))
    for note in notes(run.points, swept.ground.inputs.program):
        console.print(Text(f"Note: {note}.", style="yellow"))
    console.print(Text(f"Results: {run.folder}"))
    path = swept.ground.inputs.folder.path
    console.print(
        Text(
            f"Pages:   coresponse explore {path} (sliders), coresponse report {path} (what each "
            "budget buys)"
        )
    )


def _table(rows: pd.DataFrame, title: str, axes: list[tuple[str, str]]) -> Table:
    table = Table(title=Text(title), title_justify="left")
    heads = [*(name.partition(".")[2] or name for name, _ in axes), *_HEADS, "gap", "best"]
    for head in heads:
        table.add_column(Text(head), justify="right")
    for _, row in rows.iterrows():
        values = [
            _dollars(row[name]) if name == "budget_per_year" else f"{row[name]:,.6g}"
            for name, _ in axes
        ]
        table.add_row(*values, *_figures(row), _gap(row), "yes" if row["efficient"] else "")
    return table


def _phases(rows: pd.DataFrame) -> Table:
    table = Table(title="phases", title_justify="left")
    for head in ("way", "year", "units", *_HEADS, "start-up"):
        table.add_column(head, justify="left" if head in {"way", "year"} else "right")
    for _, row in rows.iterrows():
        start = "-" if pd.isna(row["start_up"]) else _dollars(row["start_up"])
        table.add_row(
            Text(row["mode"]), Text(row["phase"]), str(row["units"]), *_figures(row), start
        )
    return table


def _figures(row: pd.Series[Any]) -> list[str]:
    if pd.isna(row["cost_per_year"]):
        return [str(row["status"]), *("-" for _ in _HEADS[1:])]
    words = {"mean_with_fallback_min": "{:.1f}", "p90_min": "{:.1f}", "share_in_time": "{:.1%}"}
    words |= {"left_to_police_per_week": "{:,.1f}", "worst_district_mean_min": "{:.1f}"}
    shown = ["-" if pd.isna(row[name]) else word.format(row[name]) for name, word in words.items()]
    return [_dollars(row[name]) for name in ("cost_per_year", "cost_as_called_per_year")] + shown


def _gap(row: pd.Series[Any]) -> str:
    return "-" if pd.isna(row["gap"]) else f"{row['gap']:.2%}"


def _dollars(value: float) -> str:
    return f"${value / 1e6:,.3f}M" if value >= 1e6 else f"${value / 1e3:,.0f}k"
