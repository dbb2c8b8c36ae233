"""A figure is the same wherever it is told: on the terminal, in JSON, in tables and on every page."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from coresponse.app.desk import Desk
from coresponse.app.folder_plan import folder_plan, keep_folder_plan
from coresponse.app.plans import PlanStore
from coresponse.app.prepared import prepare
from coresponse.app.question import study_question
from coresponse.app.solving import find
from coresponse.cli import main as cli
from coresponse.data.figures.text import percent
from coresponse.study.folder import open_study


def test_the_least_cost_in_a_scenario_is_that_of_the_table(
    make_study: Callable[[Path], Path], tmp_path: Path
) -> None:
    """The terminal told it to a hundredth of a minute, where the table had steps of five calls."""
    study = make_study(tmp_path / "town")
    done = CliRunner().invoke(cli.app, ["scenarios", str(study), "--only", "demand-up", "--quiet"])
    assert done.exit_code == 0, done.output
    (run,) = (study / "results").glob("scenarios-*")
    figures = pd.read_csv(run / "figures.csv")
    least = figures[figures["keeps_limits"]].groupby("scenario")["cost"].min()
    rows = [re.split(r"\s*[│|]\s*", line.strip("│| ")) for line in done.output.splitlines()]
    told = {row[0]: row for row in rows if len(row) > 3}
    assert least["as-stated"] == pytest.approx(round(least["as-stated"], 1), abs=1e-9)
    assert told["As the study states"][2] == f"{least['as-stated']:,.1f}"
    others = {row[2] for name, row in told.items() if name.startswith("Demand") or "demand" in name}
    assert f"{least['demand-up']:,.1f}" in others


def test_one_plan_has_one_set_of_figures(
    make_study: Callable[[Path], Path], tmp_path: Path
) -> None:
    """Planned, swept to one point, explored, reported, and asked on the what-if page: the same four figures."""
    study = make_study(tmp_path / "town")
    said = {
        words[0]: CliRunner().invoke(cli.app, [*words, str(study), "--quiet"])
        for words in (["plan", "--details"], ["sweep", "--vary", "unit=3"], ["explore"])
    }
    again = CliRunner().invoke(cli.app, ["scenarios", str(study), "--only", "demand-up", "--quiet"])
    assert again.exit_code == 0, again.output
    near = CliRunner().invoke(cli.app, ["alternatives", str(study), "--count", "2", "--quiet"])
    assert near.exit_code == 0, near.output
    said["report"] = CliRunner().invoke(cli.app, ["report", str(study)])
    for done in said.values():
        assert done.exit_code == 0, done.output
    results = study / "results"
    (planned,) = results.glob("plan-*/plan.json")
    rungs = json.loads(planned.read_text(encoding="utf-8"))["ladder"]["rungs"]
    figures = next(rung for rung in rungs if rung["name"] == "plan")
    share, wait, left, cost = (
        figures[key]["mean"]
        for key in (
            "share_in_time",
            "mean_with_fallback_s",
            "left_to_police_per_week",
            "cost_as_called_per_year",
        )
    )

    (swept,) = results.glob("sweep-*/sweep.json")
    told = json.loads(swept.read_text(encoding="utf-8"))
    point = told["points"][told["frontier"]["own"]]
    assert point["share_in_time"] == share
    assert point["mean_with_fallback_min"] * 60 == pytest.approx(wait)
    assert point["left_to_police_per_week"] == pytest.approx(left)
    assert point["cost_as_called_per_year"] == cost

    (explored,) = results.glob("explorer-*/explorer.html")
    content = re.search(
        r'<script type="application/json" id="content">(.*?)</script>',
        explored.read_text(encoding="utf-8"),
        re.DOTALL,
    )
    assert content is not None
    (shown,) = json.loads(content[1])["points"]
    assert shown["share"] == pytest.approx(round(100 * share, 1))
    assert shown["wait"] == pytest.approx(round(wait / 60, 1))
    assert shown["cost"] == round(cost)

    (in_scenarios,) = results.glob("scenarios-*/figures.csv")
    stated = pd.read_csv(in_scenarios).set_index(["plan", "scenario"]).loc["plan", "as-stated"]
    assert stated["share_in_time"] == share
    assert stated["mean_with_fallback_min"] * 60 == pytest.approx(wait)
    assert stated["left_to_police_per_week"] == pytest.approx(left)

    # sentences say which figures are the model's, and what the replay finds
    words = " ".join(near.output.split())
    assert " in the model" in words
    assert f"are reached in time (the plan: {percent(share)})" in words
    assert "in the model" in " ".join(again.output.split())

    (listed,) = results.glob("alternatives-*/alternatives.json")
    in_plan = json.loads(planned.read_text(encoding="utf-8"))["deployment"]
    first, other = json.loads(listed.read_text(encoding="utf-8"))["plans"]
    bought = [{key: row[key] for key in first["deployment"][0]} for row in in_plan]
    assert first["deployment"] == bought
    assert first["share_in_time"] == share
    assert first["mean_with_fallback_s"] == wait
    assert first["cost_as_called_per_year"] == cost
    assert len(set(first["posts"]) ^ set(other["posts"])) >= 2

    prepared = prepare(open_study(study))
    answer = find(Desk(prepared), study_question(prepared.case), watch=lambda _: None)
    assert answer["figures"]["share_in_time"] == share
    assert answer["figures"]["mean_with_fallback_s"] == wait
    assert answer["figures"]["left_per_week"] == pytest.approx(left)
    assert answer["cost_as_called_per_year"] == pytest.approx(cost, abs=0.5)

    # the page lists it on opening, once
    plans = PlanStore(study)
    kept = folder_plan(prepared, plans)
    assert kept is not None
    assert kept["figures"] == answer["figures"]
    assert kept["run"] == planned.parent.name
    keep_folder_plan(prepared, plans)
    keep_folder_plan(prepared, plans)
    assert [plan["name"] for plan in plans.summaries()] == ["The study's plan"]

    text = percent(share)
    (reported,) = results.glob("report-*/report.html")
    for page in (planned.parent / "map.html", planned.parent / "report.html", reported, explored):
        assert text in page.read_text(encoding="utf-8"), page.name
    for words in ("plan", "sweep"):
        assert text in said[words].output, words


def test_a_program_that_is_compared_has_the_figures_of_its_plan(
    make_study: Callable[[Path], Path], tmp_path: Path
) -> None:
    """Side by side, calls were the history's a week, and the replay's everywhere else: 0.9 left to police here, 1.0 there."""
    study = make_study(tmp_path / "town")
    path = study / "study.toml"
    text = path.read_text(encoding="utf-8")
    limits = "[limits]\nbudget_per_year = 1_900_000\n\n"
    path.write_text(re.sub(r"\[limits\][^\[]*", limits, text), encoding="utf-8")
    program = re.search(r'preset = "(.*?)"', text)
    assert program is not None
    planned, compared = (
        CliRunner().invoke(cli.app, [*words, str(study), "--json"])
        for words in (["plan"], ["compare", "--programs", f"{program[1]},b-heard"])
    )
    assert planned.exit_code == compared.exit_code == 0, planned.output + compared.output
    (kept,) = (study / "results").glob("plan-*/plan.json")
    rungs = json.loads(kept.read_text(encoding="utf-8"))["ladder"]["rungs"]
    figures = next(rung for rung in rungs if rung["name"] == "plan")
    mine, other = json.loads(compared.stdout)["programs"]
    told = {key: figures[key]["mean"] for key in figures if isinstance(figures[key], dict)}
    assert mine["share_all_in_time"] == told["share_in_time"]
    # in thousands there
    assert mine["cost_per_year"] == round(told["cost_as_called_per_year"], -3)
    # in steps of five past calls of all that either program takes, and of three digits
    step = 5 / (json.loads(kept.read_text(encoding="utf-8"))["inputs"]["calls"]["days"] / 7)
    left = told["left_to_police_per_week"]
    assert mine["left_to_police_per_week"] == pytest.approx(left, abs=step + 0.05)
    calls = mine["served_per_week"] + mine["left_to_police_per_week"]
    other_calls = other["served_per_week"] + other["left_to_police_per_week"]
    assert calls == pytest.approx(other_calls, rel=0.01)


def test_others_than_a_sized_fleet_are_no_smaller(
    make_study: Callable[[Path], Path], tmp_path: Path
) -> None:
    """The model alone would keep the share with fewer: those plans promise something else."""
    study = make_study(tmp_path / "town")
    path = study / "study.toml"
    stated = re.sub(
        r"\[objective\][^\[]*",
        '[objective]\ngoal = "fewest_units"\nshare = 0.3\ntarget_min = 25\n\n',
        path.read_text(encoding="utf-8"),
    )
    path.write_text(stated, encoding="utf-8")
    planned, near = (
        CliRunner().invoke(cli.app, [*words, str(study), "--json"])
        for words in (["plan"], ["alternatives", "--count", "2"])
    )
    assert planned.exit_code == near.exit_code == 0, planned.output + near.output
    fleets = [
        sorted((row["responder_type"], row["count"]) for row in one["deployment"])
        for one in json.loads(near.stdout)["plans"]
    ]
    totals = [sum(count for _, count in fleet) for fleet in fleets]
    assert totals[0] == sum(row["count"] for row in json.loads(planned.stdout)["deployment"])
    assert len(totals) == 2
    assert totals[1] == totals[0]
