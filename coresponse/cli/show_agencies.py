"""Show agencies alone and together on the terminal."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
from rich.console import Console
from rich.text import Text

from coresponse.cli.tables import print_table
from coresponse.cli.terminal import more_in_details, print_notes, print_paths
from coresponse.data.figures.text import NONE, dollars, percent
from coresponse.publish.answers import ALL, AgenciesPublication
from coresponse.results.agencies import agencies_sentences
from coresponse.results.runs import Run, must_be


def show_agencies(
    publication: AgenciesPublication, run: Run, console: Console, *, details: bool = False
) -> None:
    """Print what sharing comes to, a table of waits by agency and way, and who pays and saves what."""
    must_be(publication, AgenciesPublication)
    if publication.facts.notice:
        console.print(Text(publication.facts.notice, style="bold magenta"))
    for sentence in agencies_sentences(publication):
        console.print(Text(sentence))
    _by_way(publication, console, "mean_with_fallback_min", "Mean wait, min", "{:.1f}".format)
    _costs(publication, console, details=details)
    if details:
        within = publication.facts.standard
        _by_way(publication, console, "share_in_time", f"Reached within {within}", percent)
        _by_way(publication, console, "units", "Responders at its posts", "{:,.0f}".format)
        _answered(publication, console)
        for way in publication.ways:
            if way.status:
                console.print(Text(f"{way.title}: {way.status}."))
    notes = [f"{name}: {why}" for name, why in publication.not_found.items()]
    if publication.hidden:
        notes.append(f"Too few past calls to be shown: {', '.join(publication.hidden)}")
    print_notes(console, notes, details=details)
    print_paths(console, {"Results": run.folder})
    if not details:
        more_in_details(
            console, "Shares in time, who has how many units, and whose units answer whose calls"
        )


def _by_way(
    publication: AgenciesPublication,
    console: Console,
    key: str,
    title: str,
    form: Callable[[float], str],
) -> None:
    """Print a row an agency and a column a way."""
    rows = []
    for agency in (*publication.names, ALL):
        cells = (publication.row(way.name, agency)[key] for way in publication.ways)
        name = "All together" if agency == ALL else agency
        rows.append([name, *(NONE if pd.isna(cell) else form(cell) for cell in cells)])
    heads = ("Agency", *(way.title for way in publication.ways))
    print_table(console, title, heads, rows, sections=(len(rows) - 2,))


def _costs(publication: AgenciesPublication, console: Console, *, details: bool) -> None:
    """Print who pays what: of the cheapest way that leaves nobody worse off; all ways with details."""
    there = [name for name in ("for-less", "nobody-worse", "together") if publication.way(name)]
    costs = publication.costs
    for name in there if details else there[:1]:
        way = publication.way(name)
        part = costs[costs["way"] == name]
        if way is None or part.empty:
            continue
        splits = list(dict.fromkeys(part["split_by"]))
        heads = [
            "Agency",
            "Alone",
            *(f"By {by}" for by in splits),
            *(f"Saves by {by}" for by in splits),
        ]
        rows = []
        for agency in publication.names:
            own = part[part["agency"] == agency].set_index("split_by")
            pays, saves = own["pays_per_year"], own["saves_per_year"]
            rows.append(
                [
                    agency,
                    _dollars(own["alone_per_year"].iloc[0]),
                    *(_dollars(pays[by]) for by in splits),
                    *(_dollars(saves[by]) for by in splits),
                ]
            )
        title = f"Who pays what a year: {way.title.lower()}, {dollars(way.cost_per_year)}"
        print_table(console, title, heads, rows)


def _dollars(value: float) -> str:
    return f"{'-' if value < 0 else ''}${abs(value):,.0f}"


def _answered(publication: AgenciesPublication, console: Console) -> None:
    """Print whose units answer whose calls in the last way that was planned."""
    way = publication.ways[-1]
    frame = publication.answered[publication.answered["way"] == way.name]
    if frame.empty:
        return
    table = frame.pivot_table(index="units_of", columns="calls_of", values="answered_per_week")
    rows = [
        [str(name), *(f"{value:,.1f}" for value in row)]
        for name, row in zip(table.index, table.to_numpy(), strict=True)
    ]
    heads = ("Units of", *(f"calls of {name}" for name in table.columns))
    print_table(console, f"Calls a week that units answer: {way.title.lower()}", heads, rows)
