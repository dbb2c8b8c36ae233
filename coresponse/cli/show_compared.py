"""Show programs side by side on the terminal: a column a program."""

from __future__ import annotations

import pandas as pd
from rich.console import Console
from rich.table import Table
from rich.text import Text

from coresponse.publish.compare import ComparisonPublication
from coresponse.results.runs import Run, must_be
from coresponse.results.sentences import comparison_sentences

_LINES = (
    ("responders", "units", "{:,.0f}"),
    ("$ a year", "cost_per_year", "{:,.0f}"),
    ("hours open a week", "hours_open_per_week", "{:,.0f}"),
    ("calls eligible", "share_eligible", "{:.1%}"),
    ("calls served a week", "served_per_week", "{:,.1f}"),
    ("calls left to police a week", "left_to_police_per_week", "{:,.1f}"),
    ("answered without an officer", "share_without_officer", "{:.1%}"),
    ("  calls a week", "without_officer_per_week", "{:,.1f}"),
    ("mean response, min", "mean_min", "{:.1f}"),
    ("90% within, min", "p90_min", "{:.1f}"),
    ("eligible calls in time", "share_eligible_in_time", "{:.1%}"),
    ("all calls in time", "share_all_in_time", "{:.1%}"),
    ("officer hours freed a week", "officer_hours_planned", "{:,.1f}"),
    ("  low", "officer_hours_low", "{:,.1f}"),
    ("  high", "officer_hours_high", "{:,.1f}"),
    ("$ a call served", "cost_per_call", "{:,.0f}"),
    ("$ a further call served", "cost_per_further_call", "{:,.0f}"),
    ("gap in the model", "gap", "{:.2%}"),
)


def show_comparison(publication: ComparisonPublication, run: Run, console: Console) -> None:
    """Print a short table, and what each program does not have."""
    must_be(publication, ComparisonPublication)
    frame = publication.frame()
    if publication.facts.notice:
        console.print(Text(publication.facts.notice, style="bold magenta"))
    for sentence in comparison_sentences(publication):
        console.print(Text(sentence))
    title = f"${publication.budget_per_year:,.0f} a year, {publication.calls_per_week:,.0f} calls a week"
    table = Table(title=Text(title), title_justify="left")
    table.add_column("")
    for row in publication.programs:
        table.add_column(Text(row.name), justify="right")
    for words, name, form in _LINES:
        column = frame[name] if name in frame else [None] * len(publication.programs)
        table.add_row(words, *("-" if pd.isna(value) else form.format(value) for value in column))
    console.print(table)
    for row in publication.programs:
        if not row.figures:
            console.print(Text(f"{row.name}: {row.status}", style="yellow"))
        for note in row.notes:
            console.print(Text(f"{row.name}: {note}."))
    share = publication.facts.program.workload.substitution_share
    low, high = (share.value if end is None else end for end in (share.low, share.high))
    console.print(
        Text(
            f"Officer hours suppose that {share.value:.0%} ({low:.0%} to {high:.0%}) of calls "
            "handled without police would have "
            f"taken an officer [{share.mark}]. What is known of arrests, force and enrolment: "
            "evidence.csv; nothing is worked "
            "out from it."
        )
    )
    console.print(Text(f"Results: {run.folder}"))
