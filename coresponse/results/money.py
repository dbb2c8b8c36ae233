"""Write money over years: a table, a workbook whose formulas add up, plain data."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pandas as pd

from coresponse.data.tables.workbook import MONEY, WHOLE, Formula, OutSheet, at, write_workbook
from coresponse.publish.money import LINES, MoneyPublication
from coresponse.results.runs import Run, must_be, run_folder, write_json

SCHEMA = 1


def money_frame(publication: MoneyPublication) -> pd.DataFrame:
    """Return one row a line of each fiscal year: cost lines, sources, and the general fund."""
    rows = []
    for year in publication.years:
        told = [("cost", key, getattr(year, key)) for key in LINES]
        told += [("source", name, dollars) for name, dollars in year.paid]
        told.append(("general fund", "general fund", year.general_fund))
        rows += [
            (year.first, year.last, kind, line, round(dollars, 2)) for kind, line, dollars in told
        ]
    return pd.DataFrame(rows, columns=["first_month", "last_month", "kind", "line", "dollars"])


def money_json(publication: MoneyPublication) -> dict[str, Any]:
    """Return money over years as plain data."""
    return {
        **publication.disclosure.mark,
        "schema": SCHEMA,
        "study": publication.name,
        "notice": publication.notice,
        "plan": publication.run,
        "words": list(publication.sentences),
        "stated": publication.money.model_dump(mode="json"),
        "years": [
            {
                "first_month": year.first,
                "last_month": year.last,
                **{key: round(getattr(year, key), 2) for key in LINES},
                "cost": round(year.cost, 2),
                "paid": {name: round(dollars, 2) for name, dollars in year.paid},
                "general_fund": round(year.general_fund, 2),
                "hired": year.hired,
                "supervisors_hired": year.supervisors,
                "hiring_from": year.hiring_from,
            }
            for year in publication.years
        ],
    }


def write_money(publication: MoneyPublication, results: Path) -> Run:
    """Write money over years.

    Raises
    ------
    InputError
        If the folder cannot be written.
    TypeError
        If it was not published.
    """
    must_be(publication, MoneyPublication)
    told, disclosure = money_json(publication), publication.disclosure
    digest = hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:10]
    name = f"{disclosure.kind_of_run('money')}-{digest}"
    with run_folder(results / name) as folder:
        write_json({**told, "run": name}, folder / "money.json")
        disclosure.write_table(money_frame(publication), folder / "money.csv")
        write_workbook([_years(publication), _assumed(publication)], folder / "money.xlsx")
        disclosure.rename_files(folder)
    return Run(name, results / name, disclosure)


def _sheet(publication: MoneyPublication, title: str, *widths: float) -> OutSheet:
    formats = dict.fromkeys(range(2, 40), MONEY) if title == "Years" else {}
    sheet = OutSheet(title, widths, formats)
    sheet.add(f"{publication.name}: money of {publication.run}", bold=True)
    for text in (publication.notice, *publication.disclosure.mark.values()):
        if text:
            sheet.add(text, bold=True)
    return sheet


def _years(publication: MoneyPublication) -> OutSheet:
    years = publication.years
    sheet = _sheet(publication, "Years", 52, *(20,) * len(years))
    for sentence in publication.sentences:
        sheet.add(sentence)
    sheet.add()
    sheet.add("Fiscal year", *(f"{year.first} to {year.last}" for year in years), bold=True)
    first = len(sheet.rows) + 1
    for key, title in LINES.items():
        sheet.add(title, *(getattr(year, key) for year in years))
    last = len(sheet.rows)
    columns = range(2, len(years) + 2)
    cost = sheet.add(
        "All that is spent", *(sheet.total(c, first, last) for c in columns), bold=True
    )
    paid = len(sheet.rows) + 1
    for k, (name, _) in enumerate(years[0].paid):
        sheet.add(name, *(year.paid[k][1] for year in years))
    end = len(sheet.rows)
    left = [
        Formula(
            f"{at(c, cost)}-SUM({at(c, paid)}:{at(c, end)})" if end >= paid else at(c, cost),
            year.general_fund,
        )
        for c, year in zip(columns, years, strict=True)
    ]
    sheet.add("General fund", *left, bold=True)
    sheet.add("People who are new that year", *(year.hired for year in years), shown=WHOLE)
    sheet.add("Supervisors beside them", *(year.supervisors for year in years), shown=WHOLE)
    sheet.add("Hiring begins by", *(year.hiring_from for year in years))
    return sheet


def _assumed(publication: MoneyPublication) -> OutSheet:
    """Return every figure that was stated or assumed, with its mark and source."""
    sheet = _sheet(publication, "Assumptions", 46, 16, 14, 70, 10)
    sheet.add("Figure", "Value", "Mark", "Source", "Year", bold=True)
    stated, own = publication.money.model_dump(mode="json"), publication.money.model_fields_set
    for key, value in stated.items():
        if key != "funding":
            _figure(sheet, key, value, *(() if key in own else ("assumption", "planning default")))
    for one in stated["funding"]:
        for key, value in one.items():
            if key != "name" and value is not None:
                _figure(sheet, f"{one['name']}: {key}", value)
    return sheet


def _figure(
    sheet: OutSheet, key: str, value: Any, mark: str = "planner", source: str | None = None
) -> None:
    """Add a figure's row: with its own mark and source where it has them."""
    title = key.replace("_", " ")
    if isinstance(value, dict):
        sheet.add(title, value["value"], value["mark"], value["source"], value["year"])
    elif value is not None:
        text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
        sheet.add(title, text, mark, source)
