"""Show a sweep on the terminal: what it comes to, the best points, and, with details, every figure."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
from rich.console import Console
from rich.text import Text

from coresponse.cli.tables import print_table
from coresponse.cli.terminal import more_in_details, print_notes, print_paths
from coresponse.data.figures.text import columns_alike, millions, percent
from coresponse.data.programs.fleet import limit_words
from coresponse.data.words import at_start, counted, people_and_leads
from coresponse.publish.answers import SweepPublication
from coresponse.questions.sweep.grid import value_text
from coresponse.results.runs import Run, must_be
from coresponse.results.sentences import sweep_sentences

# Points of the first table: with its sentences they fill a window of 40 lines.
MOST_ROWS = 12

MOST_ROWS_IN_DETAIL = 40

SENTENCES = 3

_FEW = ("Cost a year", "In time", "Mean wait", "To police a week")
_HEADS = (*_FEW, "9 of 10 within", "No officer", "Worst district")
_FIGURES = {
    "share_in_time": percent,
    "mean_with_fallback_min": "{:.1f} min".format,
    "left_to_police_per_week": "{:,.1f}".format,
    "p90_min": "{:.1f} min".format,
    "share_without_officer": percent,
    "worst_district_mean_min": "{:.1f} min".format,
}


def show_sweep(
    publication: SweepPublication,
    run: Run,
    study: Path,
    console: Console,
    *,
    details: bool = False,
) -> None:
    """Print what a sweep comes to, one table and where the files are; with details, all of it."""
    must_be(publication, SweepPublication)
    if publication.facts.notice:
        console.print(Text(publication.facts.notice, style="bold magenta"))
    said = (*sweep_sentences(publication), *publication.frontier.sentences)
    for sentence in said if details else said[:SENTENCES]:
        console.print(Text(sentence))
    if len(publication.phases):
        _phases(publication.phases, console, details=details)
    _points(publication, "re-optimized", console, details=details)
    if details:
        _points(publication, "nested", console, details=details)
    for text in _standing(publication, details=details):
        console.print(text)
    print_notes(console, publication.notes, details=details)
    print_paths(
        console,
        {
            "Results": run.folder,
            "Explorer": f"coresponse explore {study}",
            "Report": f"coresponse report {study}",
        },
    )
    if not details:
        more_in_details(console, "All points and figures")


def _standing(publication: SweepPublication, *, details: bool) -> Iterator[Text]:
    """Say how far the points are proven, where limits clash, and what the figures are."""
    n = len(publication.points)
    proven = sum(point.proven for point in publication.points)
    if details or proven < n:
        yield Text(
            f"{counted(n, 'point')}, {publication.solved} solved now; in the model, {proven} "
            "proven within the gap asked for."
        )
    if unconfirmed := sum(point.unconfirmed for point in publication.points):
        said = "no plan is confirmed to meet the target; the closest is shown"
        yield Text(f"At {unconfirmed} of them {said}.", style="yellow")
    if publication.not_known:
        yield Text(f"In second lines, the range: {publication.not_known}.", style="yellow")
    clash = next((point.clash for point in publication.points if point.clash), ())
    if clash:
        yield Text("Limits that cannot all be kept, at the first point where they clash:")
        for line in clash:
            yield Text(f"  - {line}")
    if details:
        yield Text(
            "Figures are the replay's, as in coresponse plan; cost includes call-outs as often as "
            "they come. No officer: calls answered without one. *: no other point is both cheaper "
            "and better by the study's goal."
        )


def _points(publication: SweepPublication, mode: str, console: Console, *, details: bool) -> None:
    frame = publication.frame
    rows = frame[frame["mode"] == mode]
    if not len(rows):
        return
    shown, what = _chosen(rows, MOST_ROWS_IN_DETAIL if details else MOST_ROWS)
    title = {"re-optimized": "Best plan at each point", "nested": "Keeping what was bought"}[mode]
    axes = publication.axes
    binding = [_also_binding(str(row["binding"]), publication) for _, row in shown.iterrows()]
    everywhere = len(set(binding)) == 1
    # else rows are alike, and nobody is told why
    also = not everywhere
    heads = [*(at_start(axis.title.split(" (")[0]) for axis in axes), "Responders"]
    heads += [*(_HEADS if details else _FEW), *(["Also at its limit"] if also else [])]
    cells = [
        [
            *(value_text(axis.name, row[axis.name]) for axis in axes),
            str(row["fleet"]),
            *_figures(row, len(_HEADS if details else _FEW)),
            *([binds] if also else []),
        ]
        for (_, row), binds in zip(shown.iterrows(), binding, strict=True)
    ]
    for row, efficient in zip(cells, shown["efficient"], strict=True):
        row[len(axes) + 1] += " *" if efficient else "  "
    words = {len(axes), *([len(heads) - 1] if also else [])}
    print_table(console, f"{title}{what} (replay)", heads, columns_alike(cells), words=words)
    if everywhere and binding[0]:
        console.print(
            Text(
                "At every point these limits, beside what is varied, leave no room for one more "
                f"responder: {binding[0]}."
            )
        )
    if not details:
        console.print(Text("*: no other plan is both cheaper and better", style="dim"))


def _chosen(rows: pd.DataFrame, most: int) -> tuple[pd.DataFrame, str]:
    """Choose the points that are listed, and say which they are if not all."""
    if len(rows) <= most:
        return rows, ""
    best = rows[rows["efficient"]]
    best = best if len(best) else rows
    step = -(-len(best) // most)
    return best.iloc[::step], f", {len(best.iloc[::step])} of {len(rows)}"


def _also_binding(binding: str, publication: SweepPublication) -> str:
    """Return the limits that rule out one more responder, but those that are varied."""
    varied = {axis.title.partition(",")[0].casefold() for axis in publication.axes}
    named = (one for one in binding.split("; ") if one)
    program = publication.facts.program
    return "; ".join(
        limit_words(program, one) for one in named if one.partition(":")[0].casefold() not in varied
    )


def _phases(rows: pd.DataFrame, console: Console, *, details: bool) -> None:
    heads = ("Year", "Way", "Units", *(_HEADS if details else _FEW), "Start-up", "To hire")
    heads = tuple(head for head in heads if head != "No officer")
    cells = [
        [
            str(row["phase"]),
            str(row["mode"]),
            str(row["units"]),
            *_figures(row, len(heads) - 5),
            "-" if pd.isna(row["start_up"]) else _dollars(row["start_up"]),
            _hire(row),
        ]
        for _, row in rows.iterrows()
    ]
    print_table(console, "Phases (replay)", heads, columns_alike(cells), words=(0, 1))


def _hire(row: pd.Series[Any]) -> str:
    """Say how many people are hired, and how many months ahead of the year."""
    if pd.isna(row["people_to_hire"]):
        return "-"
    new = people_and_leads(int(row["people_to_hire"]), int(row["supervisors_to_hire"]), "person")
    ahead = f", {row['onboarding_months']:g} months ahead" if row["people_to_hire"] else ""
    return f"{new}{ahead}"


def _figures(row: pd.Series[Any], count: int) -> list[str]:
    if pd.isna(row["cost_per_year"]):
        return [str(row["status"]), *("-" for _ in range(count - 1))]
    shown = [
        "-" if pd.isna(row[name]) else form(row[name]) + _range(row, name)
        for name, form in _FIGURES.items()
        if name in row.index
    ]
    return [_dollars(row["cost_as_called_per_year"]), *shown][:count]


def _range(row: pd.Series[Any], name: str) -> str:
    """Return a second line with how far a figure goes with what nobody knows, such as ``55.2-68%``; '' if all is known."""
    low, high = row.get(f"{name}_low"), row.get(f"{name}_high")
    if low is None or high is None or pd.isna(low) or pd.isna(high):
        return ""
    if name.startswith("share_"):
        return f"\n{percent(low, signs=False)}-{percent(high)}"
    return f"\n{low:.1f}-{high:.1f}"


def _dollars(value: float) -> str:
    return f"${millions(value)}M" if value >= 999_500 else f"${value / 1e3:,.0f}k"
