"""The workbooks of a plan and of a sweep: their formulas give the totals that everything else shows."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from typer.testing import CliRunner

from coresponse.cli import main as cli
from coresponse.data.hours import WEEKS_A_YEAR
from coresponse.data.programs.cost import annual_cost
from coresponse.data.programs.load import load_program, preset_names
from coresponse.data.tables.workbook import Formula, OutSheet
from coresponse.results.sweep_workbook import _step
from tests.questions.small_study import small_study
from tests.results.spreadsheet import formulas, worked_out

runner = CliRunner()


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A plan and a sweep of the small study, whose posts' names look like formulas."""
    folder = small_study(tmp_path_factory.mktemp("books") / "study")
    posts = pd.read_csv(folder / "posts.csv")
    posts["name"] = "=HYPERLINK(A1) " + posts["name"]
    posts.to_csv(folder / "posts.csv", index=False)
    text = (folder / "study.toml").read_text(encoding="utf-8")
    text = text.replace("on_call_clinician = 3", "on_call_clinician = 2")
    text += "holdout_share = 0\n"  # its last part is [judging]
    (folder / "study.toml").write_text(text, encoding="utf-8")
    for command in (
        ["plan"],
        [
            "sweep",
            "--vary",
            "unit=1:3",
            "--vary",
            "standard=10:20:10",
            "--nested",
            "--busy-units",
            "free",
            "--jobs",
            "1",
        ],
    ):
        done = runner.invoke(cli.app, [command[0], str(folder), *command[1:], "--quiet"])
        assert done.exit_code == 0, done.output
    # a sweep's kept points stand beside it, in a folder of their own
    found = (folder / "results").glob
    return {
        kind: next(run for run in found(f"{kind}-*") if run.name != "sweep-points")
        for kind in ("plan", "sweep")
    }


def rows(path: Path, sheet: str) -> list[list[Any]]:
    book = openpyxl.load_workbook(path, data_only=True)
    return [
        [cell for cell in row if cell is not None]
        for row in book[sheet].iter_rows(values_only=True)
    ]


@pytest.mark.parametrize("name", preset_names())
def test_a_cost_line_is_the_product_of_its_factors(name: str) -> None:
    program = load_program(name)
    for kind, one in program.responder_types.items():
        for shift in one.shift_patterns:
            staff = 0.0
            for line in annual_cost(program, kind, shift).lines:
                product = 1.0
                for factor in line.factors.values():
                    product *= factor
                assert line.per_year == pytest.approx(product)
                if "staff_dollars" in line.factors:
                    assert line.factors["staff_dollars"] == pytest.approx(staff)
                else:
                    staff += line.per_year


def test_formulas_of_the_plan_add_up_to_what_plan_json_says(runs: dict[str, Path]) -> None:
    book = runs["plan"] / "plan.xlsx"
    told = json.loads((runs["plan"] / "plan.json").read_text(encoding="utf-8"))
    staffing = rows(book, "Staffing")
    by_title = {row[0]: row for row in staffing if row}
    for role in told["staffing"]["plan"]["roles"]:
        assert by_title[role["title"]][10] == role["people"]
        assert by_title[role["title"]][8] == pytest.approx(role["positions"], abs=5e-4)
    assert by_title["All"][3] == told["staffing"]["plan"]["people"]
    assert by_title["Supervisors"][1] == told["staffing"]["plan"]["supervisors"]
    cost = {row[0]: row[-1] for row in rows(book, "Cost") if row}
    summary = {row[0]: row for row in rows(book, "Summary") if row}
    found = summary["Cost a year (dollars)"][1]
    assert cost["All, a year, as found"] == pytest.approx(found, abs=0.01)
    (units,) = (row[1] for row in rows(book, "Deployment") if row and row[0] == "All")
    assert units == sum(one["count"] for one in told["deployment"])


@pytest.mark.parametrize(("kind", "least"), [("plan", 30), ("sweep", 3)])
def test_another_spreadsheet_works_out_the_same(
    runs: dict[str, Path], kind: str, least: int, tmp_path: Path
) -> None:
    book = runs[kind] / f"{kind}.xlsx"
    again = worked_out(book, tmp_path)
    assert len(again) >= least
    for sheet, cell, stored in formulas(book):
        assert again[sheet, cell] == pytest.approx(stored, rel=1e-9), (sheet, cell)


def test_names_from_the_posts_are_text_in_every_sheet(runs: dict[str, Path]) -> None:
    book = openpyxl.load_workbook(runs["plan"] / "plan.xlsx")
    texts = [
        cell
        for sheet in book
        for row in sheet.iter_rows()
        for cell in row
        if "HYPERLINK" in str(cell.value)
    ]
    assert texts
    # a duty's cell begins with its clock hours, and is text by that
    assert all(cell.data_type == "s" for cell in texts)
    assert all(cell.quotePrefix or re.match(r"\d\d:00-", str(cell.value)) for cell in texts)


def test_the_frontier_is_the_one_that_is_drawn_of_each_standard_by_itself(
    runs: dict[str, Path],
) -> None:
    """It had nested points among the others, and told what a step from one standard to the next buys."""
    points = pd.read_csv(runs["sweep"] / "points.csv")
    told = json.loads((runs["sweep"] / "sweep.json").read_text(encoding="utf-8"))
    book = runs["sweep"] / "sweep.xlsx"
    assert len(openpyxl.load_workbook(book)["Frontier"]._charts) == 1
    sheet = openpyxl.load_workbook(book, data_only=True)["Frontier"]
    frontier = [row for row in sheet.iter_rows(values_only=True) if isinstance(row[0], int)]
    assert sorted(row[0] for row in frontier) == sorted(told["frontier"]["points"])
    assert set(points.loc[[row[0] for row in frontier], "mode"]) == {"re-optimized"}
    assert [row[8] for row in frontier] == sorted(row[8] for row in frontier)
    assert len({row[8] for row in frontier}) == 2
    for before, row in pairwise((None, *frontier)):
        assert row is not None
        assert row[1] == points.loc[row[0], "cost_as_called_per_year"]
        if before is None or before[8] != row[8]:
            assert row[4:7] == (None, None, None)
        else:
            assert row[4] == pytest.approx(row[1] - before[1])
            assert row[6] is None if row[5] <= 0 else row[6] == pytest.approx(row[4] / row[5])


def test_a_step_that_reaches_no_further_call_has_no_price_of_one() -> None:
    """It was $0 a call, which reads as free."""
    sheet = OutSheet("Frontier")
    sheet.add(0, 1e6, 0.5, 40.0)
    record = {"cost_as_called_per_year": 1.2e6, "in_time_per_week": 40.0}
    dollars, calls, price = _step(sheet, record)
    assert (dollars, calls) == (Formula("B2-B1", 2e5), Formula(f"(D2-D1)*{WEEKS_A_YEAR:.12g}", 0.0))
    assert price is None


def test_money_over_years_of_a_plan_re_adds_in_another_spreadsheet(
    runs: dict[str, Path], tmp_path: Path
) -> None:
    folder = runs["plan"].parents[1]
    text = '[[funding]]\nname = "=Match"\nshare = 0.85\nlast_month = "2028-03"\n'
    (folder / "money.toml").write_text(text, encoding="utf-8")
    done = runner.invoke(cli.app, ["money", str(folder), "--json"])
    assert done.exit_code == 0, done.output
    told = json.loads(done.output)
    run = Path(told["folder"])
    assert "From April 2028 the general fund pays" in " ".join(told["words"])
    table = pd.read_csv(run / "money.csv")
    for year in told["years"]:
        mine = table[table["first_month"] == year["first_month"]].set_index("kind")["dollars"]
        assert mine["cost"].sum() == pytest.approx(year["cost"], abs=0.05)
        assert mine["cost"].sum() - mine["source"] == pytest.approx(mine["general fund"], abs=0.05)
    again = worked_out(run / "money.xlsx", tmp_path)
    for sheet, cell, stored in formulas(run / "money.xlsx"):
        assert again[sheet, cell] == pytest.approx(stored, rel=1e-9)
    shown = runner.invoke(cli.app, ["money", str(folder)])
    assert "the general fund pays" in " ".join(shown.output.split())
