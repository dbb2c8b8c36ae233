"""``coresponse money``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from coresponse.cli.common import JsonFlag, StudyArgument
from coresponse.cli.terminal import console, print_json


def money(
    folder: StudyArgument,
    run: Annotated[
        Path | None, typer.Option(help="A plan of results/; default: the newest.")
    ] = None,
    file: Annotated[
        Path | None,
        typer.Option(help="Growth, sources of money, years; default: money.toml of the study."),
    ] = None,
    json: JsonFlag = False,
) -> None:
    """Say what a plan costs year by year, who pays, and what is left for the general fund.

    Reads the newest plan and money.toml: fiscal years, growth of wages and prices, sources with
    shares, caps and end dates, billing, what comes into service when. Without that file all is the
    general fund's. Writes results/money-... with money.xlsx, money.csv and money.json.
    """
    from coresponse.publish.money import LINES, publish_money
    from coresponse.results.money import money_json, write_money
    from coresponse.results.planned import money_of, planned_deployment, program_of
    from coresponse.study.folder import open_study
    from coresponse.study.money import study_money

    opened = open_study(folder)
    planned, stated = planned_deployment(opened, run), study_money(opened, file)
    years = money_of(program_of(opened, planned), stated, planned)
    study = opened.study
    told = publish_money(
        years,
        stated,
        name=study.name,
        notice=planned.notice,
        run=planned.run,
        disclosure=planned.disclosure,
    )
    written = write_money(told, opened.results)
    if json:
        print_json(money_json(told) | {"run": written.name, "folder": str(written.folder)})
        return
    for sentence in told.sentences:
        console().print(Text(sentence))
    table = Table(title="Money by fiscal year, in thousand dollars", title_justify="left")
    table.add_column("")
    for year in told.years:
        table.add_column(f"{year.first} to {year.last}", justify="right")
    shown = told.told
    for key, title in LINES.items():
        _row(table, title, [year.lines[key] for year in shown])
    _row(table, "All that is spent", [year.cost for year in shown])
    for k, (name, _) in enumerate(told.years[0].paid):
        _row(table, name, [-year.paid[k] for year in shown])
    _row(table, "General fund", [year.general_fund for year in shown])
    console().print(table)
    console().print(Text(f"Money: {written.file('money.xlsx')}"))


def _row(table: Table, title: str, values: list[float]) -> None:
    table.add_row(Text(title), *(f"{round(value / 1000) + 0:,d}" for value in values))
