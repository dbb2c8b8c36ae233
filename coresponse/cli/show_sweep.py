"""Show a sweep on the terminal: the best rows, and what is proven."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
from rich.console import Console
from rich.table import Table
from rich.text import Text

from coresponse.publish.sweep import SweepPublication
from coresponse.results.runs import Run, must_be
from coresponse.results.sentences import sweep_sentences

MOST_ROWS = 40
_HEADS = ("$ a year", "mean min", "90% min", "in time", "to police", "no officer", "worst min")


def show_sweep(publication: SweepPublication, run: Run, study: Path, console: Console) -> None:
    """Print a short table of a sweep."""
    must_be(publication, SweepPublication)
    if publication.facts.notice:
        console.print(Text(publication.facts.notice, style="bold magenta"))
    for sentence in sweep_sentences(publication):
        console.print(Text(sentence))
    axes = [(axis.name, axis.title) for axis in publication.axes]
    for mode in ("re-optimized", "nested"):
        rows = publication.frame[publication.frame["mode"] == mode]
        if len(rows):
            shown = rows if len(rows) <= MOST_ROWS else rows[rows["efficient"]]
            what = (
                mode
                if len(rows) <= MOST_ROWS
                else f"{mode}: the {len(shown)} efficient of {len(rows)} points"
            )
            console.print(_table(shown, what, axes))
    if len(publication.phases):
        console.print(_phases(publication.phases))
    for text in _beneath(publication):
        console.print(text)
    console.print(Text(f"Results: {run.folder}"))
    console.print(
        Text(
            f"Pages:   coresponse explore {study} (sliders), coresponse report {study} (what each "
            "budget buys)"
        )
    )


def _beneath(publication: SweepPublication) -> Iterator[Text]:
    """Say how the points stand, what the figures are, and what more or less money comes to."""
    proven = sum(point.proven for point in publication.points)
    n = len(publication.points)
    counted = f"{n} point{'s' * (n != 1)}, {publication.solved} solved now"
    yield Text(f"{counted}; in the model, {proven} proven within their gap.")
    unconfirmed = sum(point.unconfirmed for point in publication.points)
    if unconfirmed:
        said = "nothing is confirmed to keep what is asked; what comes nearest to it is shown"
        yield Text(f"At {unconfirmed} of them {said}.", style="yellow")
    yield Text(
        "Figures are by replay, as those of coresponse plan. Times in minutes, calls left to police a week, "
        "no officer: calls answered without one, "
        "dollars with call-outs as found, which a budget limits. best: no other point is as cheap and does as well "
        "by the study's goal."
    )
    for sentence in publication.frontier.sentences:
        yield Text(sentence, style="bold")
    clash = next((point.clash for point in publication.points if point.clash), ())
    if clash:
        yield Text("Limits that cannot all be kept, at the first point where it is so:")
        for line in clash:
            yield Text(f"  - {line}")
    for note in publication.notes:
        yield Text(f"Note: {note}.", style="yellow")


def _table(rows: pd.DataFrame, title: str, axes: list[tuple[str, str]]) -> Table:
    table = Table(title=Text(title), title_justify="left")
    binding = [_also_binding(str(row["binding"]), axes) for _, row in rows.iterrows()]
    heads = [*(name.partition(".")[2] or name for name, _ in axes), "responders", *_HEADS, "best"]
    for head in heads:
        table.add_column(Text(head), justify="left" if head == "responders" else "right")
    everywhere = len(set(binding)) == 1
    if everywhere and binding[0]:
        table.caption = Text(f"No room at any point for one more: {binding[0]}.")
        table.caption_justify = "left"
    if not everywhere:
        table.add_column(Text("also binds"))
    for (_, row), binds in zip(rows.iterrows(), binding, strict=True):
        values = [
            _dollars(row[name]) if name == "budget_per_year" else f"{row[name]:,.6g}"
            for name, _ in axes
        ]
        table.add_row(
            *values, Text(str(row["fleet"])), *_figures(row), "yes" if row["efficient"] else "",
            *([] if everywhere else [Text(binds)]),
        )  # fmt: skip
    return table


def _also_binding(binding: str, axes: list[tuple[str, str]]) -> str:
    """Return the limits that leave no room for one more, but those that are varied."""
    varied = {
        part for name, _ in axes for part in (name, name.partition(".")[2], name.split("_")[0])
    }
    return "; ".join(one for one in binding.split("; ") if one.partition(":")[0] not in varied)


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
    words |= {"left_to_police_per_week": "{:,.1f}", "share_without_officer": "{:.1%}"}
    words |= {"worst_district_mean_min": "{:.1f}"}
    shown = ["-" if pd.isna(row[name]) else word.format(row[name]) for name, word in words.items()]
    return [_dollars(row["cost_as_called_per_year"]), *shown]


def _dollars(value: float) -> str:
    return f"${value / 1e6:,.3f}M" if value >= 1e6 else f"${value / 1e3:,.0f}k"
