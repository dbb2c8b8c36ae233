"""``sweep.xlsx``: a sweep's points, its frontier with a chart, and what the next dollar buys."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from coresponse.data.errors import CoresponseError
from coresponse.data.figures.dictionary import figure, figure_of_column
from coresponse.data.hours import WEEKS_A_YEAR
from coresponse.data.tables.workbook import (
    HUNDREDTHS,
    MONEY,
    PERCENT,
    WHOLE,
    Cell,
    Formula,
    OutSheet,
    Points,
    write_workbook,
)
from coresponse.data.words import listed
from coresponse.publish.answers import SweepPublication
from coresponse.publish.disclosure import PUBLIC
from coresponse.questions.sweep.grid import Axis
from coresponse.results.assumptions_sheet import assumptions_sheet, titled

COST, IN_TIME, CALLS = "cost_as_called_per_year", "share_in_time", "in_time_per_week"
SHOWN = {"share": PERCENT, "dollars": MONEY, "count": WHOLE, "s": WHOLE}


def write_sweep_workbook(publication: SweepPublication, path: Path) -> None:
    """Write a sweep's workbook: frontier with a chart, points, steps, assumptions."""
    titles = {axis.name: axis.title for axis in publication.axes}
    sheets = [
        _frontier(publication),
        _table(publication, "Points", publication.frame, titles),
        _table(publication, "Steps", publication.steps, titles),
        assumptions_sheet(publication.facts, PUBLIC),
    ]
    write_workbook(sheets, path)


def _frontier(publication: SweepPublication) -> OutSheet:
    """Return the frontier that terminal and pages draw, and what each step along it buys.

    Each city has its own: what an assumption changes, no money buys.
    """
    formats = {2: MONEY, 3: PERCENT, 4: HUNDREDTHS, 5: MONEY, 6: HUNDREDTHS, 7: MONEY}
    sheet = titled(
        publication.facts, PUBLIC, "Frontier", 10, 20, 22, 22, 20, 24, 26, 30, formats=formats
    )
    assumed = [axis for axis in publication.axes if not axis.relaxing]
    of = (
        f"with the same {listed([_short(axis) for axis in assumed])}" if assumed else "of the sweep"
    )
    sheet.add(
        f"No other point {of} is both cheaper and better by the study's goal than one of these."
    )
    sheet.add(
        "Point", figure(COST).title, figure(IN_TIME).title, "Reached within it, a week",
        "Dollars beyond the point before", "Calls in time beyond it, a year",
        "Dollars for a further call in time", *(axis.title for axis in publication.axes), bold=True,
    )  # fmt: skip
    if not {COST, IN_TIME, CALLS} <= set(publication.frame.columns):
        return sheet
    names = [axis.name for axis in assumed]
    rows = publication.frame.loc[list(publication.frontier.points)].dropna(subset=[COST, IN_TIME])
    rows = rows.sort_values([*names, COST, IN_TIME, "point"], kind="stable")
    numbers: list[int] = []
    before: list[Any] | None = None
    for record in rows.to_dict("records"):
        city = [record[name] for name in names]
        told = (record["point"], record[COST], record[IN_TIME], record[CALLS])
        step = _step(sheet, record) if city == before else (None, None, None)
        varied = (_cell(record[axis.name]) for axis in publication.axes)
        numbers.append(sheet.add(*told, *step, *varied))
        before = city
    if numbers:
        title = f"{publication.facts.name}: what a budget buys"
        heads = figure(COST).title, figure(IN_TIME).title
        sheet.charts.append(Points(title, *heads, 2, 3, numbers[0], numbers[-1]))
    return sheet


def _step(sheet: OutSheet, record: Mapping[Hashable, Any]) -> tuple[Cell, Cell, Cell]:
    """Return what the next row's point has beyond that of the last: dollars, calls in time, dollars for one.

    No dollars where no further call is reached.
    """
    k = len(sheet.rows) + 1
    more = record[COST] - sheet.value(2, k - 1)
    calls = (record[CALLS] - sheet.value(4, k - 1)) * WEEKS_A_YEAR
    return (
        Formula(f"B{k}-B{k - 1}", more),
        Formula(f"(D{k}-D{k - 1})*{WEEKS_A_YEAR:.12g}", calls),
        Formula(f"E{k}/F{k}", more / calls) if more > 0 and calls > 0 else None,
    )


def _short(axis: Axis) -> str:
    return axis.title.partition(",")[0].partition(" (")[0]


def _table(
    publication: SweepPublication, title: str, frame: pd.DataFrame, titles: dict[str, str]
) -> OutSheet:
    names = [str(name) for name in frame.columns]
    formats = {
        i: shown
        for i, name in enumerate(names, start=1)
        if name not in titles and (shown := SHOWN.get(_unit(name)))
    }
    sheet = titled(publication.facts, PUBLIC, title, *(20,) * len(names), formats=formats)
    sheet.add(*(titles.get(name, name) for name in names), bold=True)
    for row in frame.itertuples(index=False):
        sheet.add(*map(_cell, row))
    return sheet


def _unit(column: str) -> str:
    try:
        return figure_of_column(column).unit
    except CoresponseError:
        return ""  # an axis, which the planner named


def _cell(value: Any) -> Cell:
    if value is None or pd.isna(value):
        return None
    if isinstance(value, str | bool):
        return value
    if hasattr(value, "item"):
        value = value.item()
    return value if isinstance(value, bool | int) else float(value)
