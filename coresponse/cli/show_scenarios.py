"""Show plans in scenarios on the terminal."""

from __future__ import annotations

import pandas as pd
from rich.console import Console
from rich.table import Table
from rich.text import Text

from coresponse.publish.scenarios import ScenariosPublication
from coresponse.results.runs import Run, must_be

_SHOWN = ("today", "plan", "least-regret", "mean-and-tail")


def show_scenarios(publication: ScenariosPublication, run: Run, console: Console) -> None:
    """Print one row a scenario: the least cost, and how much longer each plan makes people wait."""
    must_be(publication, ScenariosPublication)
    if publication.facts.notice:
        console.print(Text(publication.facts.notice, style="bold magenta"))
    plans = [one for one in publication.candidates if one.name in _SHOWN]
    table = Table(title=Text(f"Regret, {publication.unit}"), title_justify="left")
    table.add_column("scenario")
    for head in ("calls a week", "least", *(one.name for one in plans)):
        table.add_column(Text(head), justify="right")
    regret = publication.regret.set_index("plan")
    for world in publication.scenarios:
        cells = [_number(regret.loc[one.name, world.name]) for one in plans]
        table.add_row(
            Text(world.title), f"{world.calls_per_week:,.0f}", f"{world.least:,.2f}", *cells
        )
    table.add_section()
    table.add_row(
        "worst", "", "", *(_number(regret.loc[one.name, "worst_regret"]) for one in plans)
    )
    console.print(table)
    for one in plans:
        if one.message is not None:
            console.print(Text(f"{one.title}: {one.message}."))
    for line in publication.dropped:
        console.print(Text(f"Not judged: {line}.", style="yellow"))
    console.print(
        Text(
            "- : the plan breaks limits that hold in the scenario. Costs and regret are the model's; "
            "what each plan does in each scenario, by replay, is in figures.csv."
        )
    )
    console.print(Text(f"Results: {run.folder}"))


def _number(value: object) -> str:
    return "-" if pd.isna(value) else f"{float(value):,.2f}"  # type: ignore[call-overload, arg-type]
