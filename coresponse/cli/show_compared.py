"""Show programs side by side on the terminal: a row a program."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pandas as pd
from rich.console import Console
from rich.text import Text

from coresponse.cli.tables import print_table
from coresponse.cli.terminal import more_in_details, print_notes, print_paths
from coresponse.data.figures.text import columns_alike, percent
from coresponse.publish.answers import ComparisonPublication
from coresponse.results.runs import Run, must_be
from coresponse.results.sentences import comparison_sentences

# Head, figure, and how it is said.
Column = tuple[str, str, Callable[[float], str]]

_FEW: tuple[Column, ...] = (
    ("Responders", "units", "{:,.0f}".format),
    ("Cost a year", "cost_per_year", "${:,.0f}".format),
    ("Calls served a week", "served_per_week", "{:,.1f}".format),
    ("All calls in time", "share_all_in_time", percent),
    ("Mean response, min", "mean_min", "{:.1f}".format),
    ("$ a call served", "cost_per_call", "{:,.0f}".format),
)
_MORE: tuple[Column, ...] = (
    ("Hours open a week", "hours_open_per_week", "{:,.0f}".format),
    ("Calls eligible", "share_eligible", percent),
    ("Left to police a week", "left_to_police_per_week", "{:,.1f}".format),
    ("No officer", "share_without_officer", percent),
    ("No officer, calls a week", "without_officer_per_week", "{:,.1f}".format),
    ("9 of 10 within, min", "p90_min", "{:.1f}".format),
    ("Eligible calls in time", "share_eligible_in_time", percent),
    ("Officer hours saved a week", "officer_hours_planned", "{:,.1f}".format),
    ("of these at least", "officer_hours_low", "{:,.1f}".format),
    ("at most", "officer_hours_high", "{:,.1f}".format),
    ("$ a further call served", "cost_per_further_call", "{:,.0f}".format),
    ("Gap in the model", "gap", "{:.2%}".format),
)


# Figures of the table that sets comparisons beside each other.
_BESIDE = ("served_per_week", "share_all_in_time", "cost_per_call")


def show_side_by_side(
    words: Sequence[str], publications: Sequence[ComparisonPublication], console: Console
) -> None:
    """Print in one table each what the programs come to under each assumption."""
    programs = [one.name for one in publications[0].programs]
    for key in _BESIDE:
        title, form = next((title, form) for title, name, form in _FEW if name == key)
        rows = []
        for said, publication in zip(words, publications, strict=True):
            frame = publication.frame()
            values = frame[key] if key in frame else [None] * len(programs)
            cells = ("-" if pd.isna(value) else form(value) for value in values)
            rows.append([said, *cells])
        print_table(console, title, ("What if", *programs), columns_alike(rows))


def show_comparison(
    publication: ComparisonPublication, run: Run, console: Console, *, details: bool = False
) -> None:
    """Print which program does most, one table, and what each program does not have."""
    must_be(publication, ComparisonPublication)
    frame = publication.frame()
    if publication.facts.notice:
        console.print(Text(publication.facts.notice, style="bold magenta"))
    for sentence in comparison_sentences(publication):
        console.print(Text(sentence))
    title = f"${publication.budget_per_year:,.0f} a year, {publication.calls_per_week:,.0f} calls a week"
    _figures(publication, frame, title, _FEW, console)
    if details:
        _figures(publication, frame, "Further figures", _MORE, console)
    if publication.phone:
        console.print(Text(publication.phone))
    for row in publication.programs:
        if not row.figures:
            console.print(Text(f"{row.name}: {row.status}", style="yellow"))
    notes = [f"{row.name}: {note}" for row in publication.programs for note in row.notes]
    print_notes(console, notes, details=details)
    if details:
        console.print(Text(_officer_hours(publication)))
    print_paths(console, {"Results": run.folder})
    if not details:
        more_in_details(console, "All figures and notes")


def _figures(
    publication: ComparisonPublication,
    frame: pd.DataFrame,
    title: str,
    columns: tuple[Column, ...],
    console: Console,
) -> None:
    rows = [[one.name] for one in publication.programs]
    for _, name, form in columns:
        values = frame[name] if name in frame else [None] * len(rows)
        for row, value in zip(rows, values, strict=True):
            row.append("-" if pd.isna(value) else form(value))
    print_table(console, title, ("Program", *(head for head, _, _ in columns)), columns_alike(rows))


def _officer_hours(publication: ComparisonPublication) -> str:
    share = publication.facts.program.workload.substitution_share
    low, high = (share.value if end is None else end for end in (share.low, share.high))
    return (
        f"Officer hours suppose that {share.value:.0%} ({low:.0%} to {high:.0%}) of calls handled "
        f"without police would have taken an officer [{share.mark}]. Arrests, force and enrollment "
        "are not forecast; evidence.csv quotes what is known of them."
    )
