"""A program with clinicians on the phone, through every file that tells dollars: one cost, from one source."""

from __future__ import annotations

import json
from collections import Counter
from html import unescape
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from typer.testing import CliRunner

from coresponse.cli import main as cli
from tests.questions.eight_questions import budget_study
from tests.results.spreadsheet import formulas, worked_out
from tests.results.test_workbooks import rows

runner = CliRunner()
DESK = '[phone]\nhours = "daily 08:00-22:00"\nclinicians = 2\n[phone.first]\ncrisis_low = { "*" = 0.4 }\n'
DOLLARS = 2 * 98 * 365.25 / 7 * 58 * (1 + 1.15 / 9)
"""196 hours a week at $58, and supervision."""


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = budget_study(tmp_path_factory.mktemp("phone") / "study")
    (folder / "program.toml").write_text(f'extends = "mixed"\nname = "own"\n{DESK}')
    text = (folder / "study.toml").read_text(encoding="utf-8")
    text = text.replace('preset = "mixed"', 'file = "program.toml"').replace(
        '"free"', '"consistent"'
    )
    text = text.replace("[limits]", "[limits]\nbudget_per_year = 2_900_000")
    (folder / "study.toml").write_text(text, encoding="utf-8")
    (folder / "money.toml").write_text("in_service = [0.5, 1.0]\nwage_growth = 0.0\n")
    (folder / "said.txt").write_text(said(folder, "plan", "--details"), encoding="utf-8")
    return folder


def said(folder: Path, command: str, *flags: str) -> str:
    done = runner.invoke(cli.app, [command, str(folder), *flags])
    assert done.exit_code == 0, (done.output, done.exception)
    return done.output


def told(study: Path) -> tuple[Path, dict[str, Any]]:
    (run,) = (study / "results").glob("plan-*")
    return run, json.loads((run / "plan.json").read_text(encoding="utf-8"))


def test_the_plan_keeps_its_budget_with_the_desk_in_it(study: Path) -> None:
    run, plan = told(study)
    desk = plan["phone"]
    assert desk["hours_per_week"] == 196
    assert desk["cost_per_year"] == pytest.approx(DOLLARS, abs=0.01)
    rungs = {r["name"]: r["cost_as_called_per_year"]["mean"] for r in plan["ladder"]["rungs"]}
    assert DOLLARS < rungs["plan"] <= 2_900_000
    # two units and two clinicians are today's
    assert rungs["today"] > DOLLARS + 2 * 660_000
    report = unescape((run / "report.html").read_text(encoding="utf-8"))
    assert "Clinicians on the phone: supervision" in report
    assert f"${rungs['plan']:,.0f}" in report
    assert desk["over_triage"] == {"value": 0.2, "low": 0.05, "high": 0.4}
    assert any(
        "(under-triage)" in word and "(5% to 40%)" in word for word in plan["staffing"]["words"]
    )
    assert plan["staffing"]["phone_desk"]["people"] == desk["staff"]["people"] == 7
    staffing = pd.read_csv(run / "staffing.csv")
    assert staffing.set_index("deployment").loc["phone desk", "people"] == 7
    page = unescape((run / "map.html").read_text(encoding="utf-8"))
    assert "Who to hire, by role" in page
    assert plan["staffing"]["words"][0] in page
    assert "(phone desk)" in page


def test_the_workbooks_formulas_come_to_the_same(study: Path, tmp_path: Path) -> None:
    run, plan = told(study)
    rungs = {r["name"]: r["cost_as_called_per_year"]["mean"] for r in plan["ladder"]["rungs"]}
    cost = [row for row in rows(run / "plan.xlsx", "Cost") if row]
    ends = [row[-1] for row in cost if row[0] == "All, a year, as found"]
    assert ends == pytest.approx([rungs["plan"], rungs["today"]], abs=0.01)
    lines = [row[-1] for row in cost if row[0] == "Clinicians on the phone"]
    assert sum(lines) == pytest.approx(2 * DOLLARS)
    again = worked_out(run / "plan.xlsx", tmp_path)
    for sheet, cell, stored in formulas(run / "plan.xlsx"):
        assert again[sheet, cell] == pytest.approx(stored, rel=1e-9), (sheet, cell)


def test_how_busy_units_are_is_told_of_the_plan_that_is_shown(study: Path) -> None:
    """It was told of the model's plan: clinicians whom that plan does not have were busy 0% of the time."""
    _, plan = told(study)
    output = " ".join((study / "said.txt").read_text(encoding="utf-8").split())
    shares = plan["judgments"]["plan"]["queueing"]["busy_share"]
    assert len(shares) == 2
    for name, share in shares.items():
        words = name.replace("co_responder", "co-responder").replace("on_call", "on-call")
        assert f"{words.replace('_', ' ')}s are busy {share:.0%} of the time" in output
    assert "By queueing, " in output


def test_money_over_years_pays_it_and_says_when_hiring_begins(study: Path) -> None:
    _, plan = told(study)
    rungs = {r["name"]: r["cost_as_called_per_year"]["mean"] for r in plan["ladder"]["rungs"]}
    years = json.loads(said(study, "money", "--json"))["years"]
    assert [year["phone"] for year in years] == pytest.approx([DOLLARS] * len(years), abs=0.01)
    runs = sum(years[1][key] for key in ("staff", "call_outs", "phone"))
    runs += years[1]["vehicles"] / 1.025
    # a plan has one cost, also where fewer are called out than was priced
    assert runs == pytest.approx(rungs["plan"], abs=1_000)
    assert all(year["hiring_from"] or not year["hired"] for year in years)


def test_the_roster_asks_for_the_same_people_as_the_plan(study: Path) -> None:
    _, plan = told(study)
    first = plan["staffing"]["words"][0]
    assert first.endswith("The phone desk takes 7 clinicians and 1 supervisor beside them.")
    output = " ".join(said(study, "roster", "--quiet").split())
    assert output.startswith(first)
    assert "6 clinicians at the phone desk can work the plan's shifts" in output
    assert "plus 1 clinician for relief" in output
    (run,) = (study / "results").glob("roster-*")
    (desk,) = [
        line for line in json.loads((run / "roster.json").read_text())["lines"] if line["desk"]
    ]
    # two seats by day and two late, every day of the week, an hour each once
    worked = Counter((duty["day"], duty["start"]) for week in desk["weeks"] for duty in week)
    assert worked == {(day, start): 2 for day in range(7) for start in (8, 15)}
    assert {duty["length"] for week in desk["weeks"] for duty in week} == {7}


def test_the_plans_workbook_has_the_same_weeks_as_its_roster(study: Path) -> None:
    said(study, "roster", "--quiet")
    run, plan = told(study)
    assert plan["phone"]["shifts"] == {"daily 08:00-15:00": 2, "daily 15:00-22:00": 2}
    (other,) = (study / "results").glob("roster-*")
    lines = openpyxl.load_workbook(other / "roster.xlsx").sheetnames[1:]
    assert len(lines) == 4
    for name in lines:
        here = rows(run / "plan.xlsx", name.replace("Line", "Roster"))
        assert here == rows(other / "roster.xlsx", name)
    seats = [row for row in rows(run / "plan.xlsx", "Roster") if row[:1] == ["Phone desk"]]
    assert [row[2:5] for row in seats] == [
        ["daily 08:00-15:00", 2, 98],
        ["daily 15:00-22:00", 2, 98],
    ]
    shifts = pd.read_csv(run / "shifts.csv")
    assert shifts[shifts["deployment"] == "phone desk"]["seats"].sum() == 4


def test_a_sweeps_point_that_asks_the_same_costs_the_same(study: Path) -> None:
    points = json.loads(
        said(study, "sweep", "--vary", "budget=2.9M", "--jobs", "1", "--quiet", "--json")
    )
    _, plan = told(study)
    rungs = {r["name"]: r["cost_as_called_per_year"]["mean"] for r in plan["ladder"]["rungs"]}
    costs = {row["mode"]: row["cost_as_called_per_year"] for row in points["points"]}
    # the point that asks what the study asks has its plan, and its dollars
    assert costs["re-optimized"] == pytest.approx(rungs["plan"], abs=1_000)
