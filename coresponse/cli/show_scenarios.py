"""Show plans in scenarios on the terminal."""

from __future__ import annotations

import pandas as pd
from rich.console import Console
from rich.text import Text

from coresponse.cli.tables import print_table
from coresponse.cli.terminal import more_in_details, print_notes, print_paths
from coresponse.data.figures.text import columns_alike, figure_text
from coresponse.publish.answers import ScenariosPublication
from coresponse.results.runs import Run, must_be
from coresponse.results.sentences import regret_unit, scenarios_sentences

_SHOWN = {
    "today": "Today",
    "plan": "Plan",
    "least-regret": "Least regret",
    "mean-and-tail": "Mean and tail",
}


def show_scenarios(
    publication: ScenariosPublication, run: Run, console: Console, *, details: bool = False
) -> None:
    """Print how plans hold up, and one row a scenario: the least cost, and how far each plan is from it."""
    must_be(publication, ScenariosPublication)
    if publication.facts.notice:
        console.print(Text(publication.facts.notice, style="bold magenta"))
    for sentence in scenarios_sentences(publication):
        console.print(Text(sentence))
    plans = [one for one in publication.candidates if one.name in _SHOWN]
    regret = publication.regret.set_index("plan")
    scale, unit = regret_unit(publication)
    rows = [
        [
            world.title,
            f"{world.calls_per_week:,.1f}",
            _number(world.least, scale),
            *(_number(regret.loc[one.name, world.name], scale) for one in plans),
        ]
        for world in publication.scenarios
    ]
    rows.append(
        ["Worst", "", "", *(_number(regret.loc[one.name, "worst_regret"], scale) for one in plans)]
    )
    heads = ("Scenario", "Calls a week", "Least", *(_SHOWN[one.name] for one in plans))
    title = f"How far each plan is from the least, {unit} (model)"
    print_table(console, title, heads, rows, sections=(len(rows) - 2,))
    if any("-" in row[3:] for row in rows):
        console.print(Text("-: the plan breaks a limit that holds in that scenario", style="dim"))
    if details:
        _replayed(publication, console)
        for one in plans:
            if one.message is not None:
                console.print(Text(f"{one.title}: {one.message}."))
    print_notes(console, [f"Not judged: {line}" for line in publication.dropped], details=details)
    print_paths(console, {"Results": run.folder})
    if not details:
        more_in_details(console, "Every plan's figures by replay")


def _replayed(publication: ScenariosPublication, console: Console) -> None:
    """Print what each plan does in each scenario, by replay."""
    titles = {one.name: one.title for one in publication.scenarios}
    plans = {one.name: _SHOWN.get(one.name, "Own best") for one in publication.candidates}
    frame = publication.figures.dropna(subset=["share_in_time"])
    rows = [
        [
            titles[row["scenario"]],
            plans[row["plan"]],
            figure_text(row["share_in_time"], "share"),
            figure_text(row["mean_with_fallback_min"], "min"),
            figure_text(row["left_to_police_per_week"], "per_week").removesuffix(" a week"),
        ]
        for name in titles
        for _, row in frame[frame["scenario"] == name].iterrows()
        if row["plan"] in _SHOWN or row["plan"] == f"best-{name}"
    ]
    heads = ("Scenario", "Plan", "In time", "Mean wait", "Left to police a week")
    print_table(console, "What each plan does (replay)", heads, columns_alike(rows), words=(0, 1))


def _number(value: object, scale: float) -> str:
    return "-" if pd.isna(value) else f"{float(value) * scale:,.1f}"  # type: ignore[call-overload, arg-type]
