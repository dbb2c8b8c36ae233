"""Show plans in scenarios on the terminal."""

from __future__ import annotations

import pandas as pd
from rich.console import Console
from rich.table import Table
from rich.text import Text

from coresponse.scenarios.run import Judged
from coresponse.scenarios.write import ScenarioRun, unit

_SHOWN = ("today", "plan", "least-regret", "mean-and-tail")


def show_scenarios(judged: Judged, run: ScenarioRun, console: Console) -> None:
    """Print one row a scenario: the least cost, and how much longer each plan makes people wait."""
    study = judged.inputs.study
    if study.notice:
        console.print(Text(study.notice, style="bold magenta"))
    per, words = unit(judged)
    plans = [one for one in judged.candidates if one.name in _SHOWN]
    table = Table(title=Text(f"Regret, {words}"), title_justify="left")
    table.add_column("scenario")
    for head in ("calls a week", "least", *(one.name for one in plans)):
        table.add_column(Text(head), justify="right")
    regret = run.regret.set_index("plan")
    for s, world in enumerate(judged.worlds):
        calls = float(world.table.cells.calls_per_week.sum())
        cells = [_number(regret.loc[one.name, world.name]) for one in plans]
        table.add_row(Text(world.title), f"{calls:,.0f}", f"{judged.least[s] / per:,.2f}", *cells)
    table.add_section()
    table.add_row(
        "worst", "", "", *(_number(regret.loc[one.name, "worst_regret"]) for one in plans)
    )
    console.print(table)
    for one in plans:
        if one.solution is not None:
            console.print(Text(f"{one.title}: {one.solution.message}."))
    for line in judged.dropped:
        console.print(Text(f"Not judged: {line}.", style="yellow"))
    console.print(
        Text(
            "- : the plan breaks limits that hold in the scenario. Figures by queueing: "
            "figures.csv."
        )
    )
    console.print(Text(f"Results: {run.folder}"))


def _number(value: object) -> str:
    return "-" if pd.isna(value) else f"{float(value):,.2f}"  # type: ignore[call-overload, arg-type]
