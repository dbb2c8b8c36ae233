"""The report of a run: its figures are those of the plan, and a sweep's frontier goes in later."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html import unescape
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pytest
from typer.testing import CliRunner

from coresponse.cli import main as cli
from coresponse.data.errors import InputError, MissingInputError
from coresponse.data.evidence import load_evidence
from coresponse.data.figures.rows import SummaryRow
from coresponse.data.figures.text import percent
from coresponse.data.hours import WEEKS_A_YEAR
from coresponse.data.options import Deployment
from coresponse.data.programs.cost import call_out_cost
from coresponse.data.sample_city import sample_folder
from coresponse.maps.words import UNTOLD, change
from coresponse.publish.city import CityRounding
from coresponse.publish.paired import difference, district_differences
from coresponse.publish.places import District
from coresponse.results.map_page import basis
from coresponse.results.read_sweep import SweepResult
from coresponse.results.report import words as report_words
from coresponse.results.report.again import report_again
from coresponse.results.report.content import SAVED
from coresponse.results.report.districts import gainers
from coresponse.results.report.frontier import with_frontier
from coresponse.study.files import copy_study
from coresponse.study.folder import open_study
from coresponse.study.parts import study_program

runner = CliRunner()


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("report") / "sample"
    copy_study(sample_folder(), folder)
    path = folder / "study.toml"
    text = (
        path.read_text(encoding="utf-8")
        + "\n[judging]\nreplications = 3\nweeks = 2\nholdout_share = 0\n"
    )
    districts = gpd.read_file(folder / "districts.geojson")
    rank = np.arange(len(districts)) / (len(districts) - 1)
    districts.assign(north=rank.round(3), south=1 - rank.round(3)).to_file(folder / "people.gpkg")
    text += '\n[residents]\nfile = "people.gpkg"\ngroups.side = { North = "north", "South & <b>" = "south" }\n'
    path.write_text(text, encoding="utf-8")
    done = runner.invoke(cli.app, ["plan", str(folder), "--quiet"])
    assert done.exit_code == 0, done.output
    assert "report.html" in done.output.replace("\n", "")
    return folder


def plan_json(study: Path) -> dict[str, Any]:
    return dict(json.loads((the_run(study) / "plan.json").read_text(encoding="utf-8")))


def the_run(study: Path) -> Path:
    return next((study / "results").glob("plan-*"))


def test_who_waits_is_told_alike_everywhere(study: Path) -> None:
    told, run = plan_json(study)["residents"], the_run(study)
    table = pd.read_csv(run / "residents.csv")
    assert set(table["deployment"]) == {"plan", "today"}
    page = (run / "report.html").read_text(encoding="utf-8")
    section = page.split('id="waits"')[1].split("</section>")[0]
    assert "They do not tell of service to callers" in section
    assert "<b>" not in section.replace("<b></b>", "")
    for group in told["groups"]:
        plan = group["figures"]["plan"]["mean_with_fallback_s"]
        row = table[(table["group"] == group["group"]) & (table["deployment"] == "plan")].iloc[0]
        assert row["mean_with_fallback_min"] == pytest.approx(plan["mean"] / 60, abs=1e-4)
        assert plan["low"] <= plan["mean"] <= plan["high"]
        assert f">{plan['mean'] / 60:.1f}<" in section
    # two groups that make up all residents: their gaps, weighted, cancel, but for rounding
    people = {g["group"]: g["residents"] for g in told["groups"]}
    north, south = (g for g in told["groups"] if g["grouped_by"])
    gaps = [g["residents"] * g["figures"]["plan"]["gap_s"]["mean"] for g in (north, south)]
    assert abs(sum(gaps)) / people["All residents"] <= 60
    assert north["residents"] + south["residents"] == pytest.approx(people["All residents"], abs=2)
    sheet = openpyxl.load_workbook(run / "plan.xlsx")["Who waits"]
    assert told["words"][0] in [row[0].value for row in sheet.iter_rows()]
    done = runner.invoke(cli.app, ["check", str(study)])
    assert "groups: side: North" in done.output.replace("\n", " ")


def test_the_reports_figures_are_the_plans(study: Path) -> None:
    run = the_run(study)
    page = (run / "report.html").read_text(encoding="utf-8")
    plan = json.loads((run / "plan.json").read_text(encoding="utf-8"))
    replay = plan["judgments"]["plan"]["replay"]
    assert f"{replay['share_in_time']['mean'] * 100:.1f}%" in page
    assert f"{replay['mean_with_fallback_s']['mean'] / 60:.1f} min" in page
    assert f"{percent(replay['share_in_time']['mean'])} of eligible calls would be reached" in page
    # each responder of the plan is in the table of who waits where
    table = page.split("Posts and shifts")[-1].split("</table>")[0]
    numbers = re.findall(r'<td class="number"><bdi>(\d+)</bdi></td>', table)
    assert sum(map(int, numbers[1::2])) == sum(row["count"] for row in plan["deployment"])
    for words in (
        "SYNTHETIC calls",
        "not tested on calls",
        "How sure are we",
        "OpenStreetMap",
        "assumption",
        run.name,
    ):
        assert words in page, words


def test_costs_add_up(study: Path) -> None:
    content = SAVED.validate_json((the_run(study) / "internal" / "report.json").read_bytes())
    (costs,) = [part for part in content.parts if part.key == "costs"]
    *lines, whole, further, found, _ = costs.tables[0].rows

    def dollars(text: str) -> float:
        return float(
            text.split(" (", maxsplit=1)[0].replace("\u2212", "-").replace("$", "").replace(",", "")
        )

    for column in (1, 2):
        total = sum(dollars(line[column]) for line in lines)
        assert total == pytest.approx(dollars(whole[column]), abs=len(lines))
        assert dollars(whole[column]) + dollars(further[column]) == pytest.approx(
            dollars(found[column]), abs=2
        )
    # call-outs from standby are paid as often as the replay has them, not as the program prices
    # them
    plan = json.loads((the_run(study) / "plan.json").read_text(encoding="utf-8"))
    program = study_program(open_study(study))
    kind = program.responder_types["on_call_clinician"]
    days = sum(
        row["count"] * program.shift_patterns[row["shift_pattern"]].hours.count / 24
        for row in plan["deployment"]
        if row["responder_type"] == "on_call_clinician"
    )
    units = pd.read_csv(the_run(study) / "units.csv")
    mine = units[
        (units["deployment"] == "plan") & units["unit"].str.startswith("on_call_clinician")
    ]
    calls = mine["calls_per_week"].sum()
    more = (
        (calls - days * kind.call_outs_per_day.value)
        * WEEKS_A_YEAR
        * call_out_cost(program, "on_call_clinician")
    )
    # units' calls are shown in steps of five past ones
    assert dollars(further[2]) == pytest.approx(more, rel=0.01)
    said = re.search(
        rf"priced with {kind.call_outs_per_day.value:g} call-out in 24 hours on standby, found (\d+\.\d)",
        " ".join(costs.paragraphs),
    )
    assert said is not None
    assert float(said[1]) == pytest.approx(calls / days, abs=0.1)


def test_no_district_with_few_calls_is_in_it(study: Path) -> None:
    content = SAVED.validate_json((the_run(study) / "internal" / "report.json").read_bytes())
    (fair,) = [part for part in content.parts if part.key == "fairness"]
    shown = {row[0] for row in fair.tables[0].rows}
    hidden = pd.read_csv(the_run(study) / "replay_districts.csv")
    names = json.loads((study / "districts.geojson").read_text(encoding="utf-8"))["features"]
    by_id = {
        str(f["properties"].get("district_id")): str(f["properties"].get("name")) for f in names
    }
    blank = hidden[hidden["share_in_time"].isna()]["district_id"].dropna().astype(str)
    assert not shown & {by_id.get(d, d) for d in blank}
    assert shown


def test_a_sweeps_frontier_goes_in_and_a_foreign_one_does_not(study: Path) -> None:
    folder = open_study(study)
    plain = report_again(folder)
    text = plain.read_text(encoding="utf-8")
    assert "Not known yet" in text
    body = re.sub(r"<[^>]+>", " ", unescape(text))
    for raw in (
        "coresponse sweep",
        "coresponse plan",
        "--vary",
        "crisis_low",
        "co_responder_unit",
        "day_10h",
    ):
        assert raw not in body, raw
    assert text.index("What each step brings") < text.index("Annex") < text.index("1. <bdi>")
    assert plain.read_bytes() == (the_run(study) / "report.html").read_bytes()
    sweep = study / "results" / "sweep-0"
    sweep.mkdir()
    point = {
        "mode": "re-optimized", "message": "proven optimal", "deployment": [], "budget_per_year": 1e6, "share_in_time": 0.3,
        "mean_with_fallback_min": 20.0, "left_to_police_per_week": 9.0, "gap": 0.001, "cost_as_called_per_year": 1e6,
        "efficient": True, "fleet": "1 unit",
    }  # fmt: skip
    more = point | {"cost_as_called_per_year": 2e6, "share_in_time": 0.456}
    frontier = {
        "figure": "share_in_time", "title": "Calls in time", "points": [0, 1, 3], "knee": 1, "own": None, "today": None,
        "sentences": ["The next $500,000 a year buy nothing better."],
    }  # fmt: skip
    axes = [{"title": "budget", "name": "budget_per_year", "values": [1e6]}]
    free = point | {"cost_as_called_per_year": None, "gap": None}
    unproven = more | {"cost_as_called_per_year": 3e6, "share_in_time": 0.5, "gap": None}
    unproven["left_to_police_per_week"] = None
    plan = json.loads((the_run(study) / "plan.json").read_text(encoding="utf-8"))
    found = {
        "schema": 3,
        "study": "Sample city",
        "run": "sweep-0",
        "reading": "",
        "axes": axes,
        "points": [point, more, free, unproven],
        "frontier": frontier,
        "provenance": {"inputs_sha256": plan["provenance"]["inputs_sha256"]},
    }
    (sweep / "sweep.json").write_text(json.dumps(found), encoding="utf-8")
    done = runner.invoke(cli.app, ["report", str(study), "--json"])
    assert done.exit_code == 0, done.output
    page = Path(json.loads(done.stdout)["report"]).read_text(encoding="utf-8")
    assert "What each budget buys" in page
    assert "Not known yet" not in page
    # the plan and today are on it, and in its words
    marks = SAVED.validate_json((the_run(study) / "internal" / "report.json").read_bytes()).marks
    assert [mark.name for mark in marks] == ["This report's plan", "Today's deployment"]
    rungs = {rung["name"]: rung for rung in plan_json(study)["ladder"]["rungs"]}
    for mark, name in zip(marks, ("plan", "today"), strict=True):
        share = mark.figures["share_in_time"]
        assert share == pytest.approx(rungs[name]["share_in_time"]["mean"])
        assert mark.cost == pytest.approx(rungs[name]["cost_as_called_per_year"]["mean"])
        assert (
            f"{mark.name} stands at {percent(share)} and ${mark.cost / 1e6:,.2f} million"
            in unescape(page)
        )
    assert "Where gains level off, 1 unit stands at 45.6%" in unescape(page)
    assert "The next $500,000 a year buy nothing better." in unescape(page)
    assert "45.6%" in page
    assert "unknown" in page
    hashes = plan["provenance"]["inputs_sha256"] | {"calls.parquet": "0"}
    other = found | {"provenance": {"inputs_sha256": hashes}}
    (sweep / "sweep.json").write_text(json.dumps(other), encoding="utf-8")
    with pytest.raises(InputError, match=r"other inputs .*calls\.parquet"):
        report_again(folder)
    content = SAVED.validate_json((the_run(study) / "internal" / "report.json").read_bytes())
    with pytest.raises(InputError, match="Elsewhere"):
        with_frontier(content, SweepResult.model_validate(found | {"study": "Elsewhere"}))


def test_without_a_plan_it_says_what_to_do(tmp_path: Path) -> None:
    copy_study(sample_folder(), tmp_path / "bare")
    with pytest.raises(MissingInputError, match="coresponse plan"):
        report_again(open_study(tmp_path / "bare"))


def test_better_and_worse_are_said_only_beyond_chance() -> None:
    row = SummaryRow(
        "In time", "share", 0.42, 0.40, "higher", False, "", (0.39, 0.45), (0.38, 0.43)
    )
    assert change(row) == (UNTOLD, "same")
    # the same calls under both tell them apart although their own bands overlap
    assert change(replace(row, change_band=(0.01, 0.03))) == ("+2 points", "better")
    assert (
        change(
            replace(
                row, plan_band=(0.41, 0.43), today_band=(0.39, 0.40), change_band=(-0.001, 0.04)
            )
        )[1]
        == "same"
    )
    assert change(replace(row, plan_band=(0.41, 0.43), today_band=(0.39, 0.405)))[1] == "better"
    assert change(replace(row, plan_band=None, today_band=None))[1] == "better"


def measures(overall: list[float], districts: list[dict[str, float]]) -> Any:
    return SimpleNamespace(
        samples=tuple(
            SimpleNamespace(
                overall=pd.DataFrame({"w": [whole]}),
                by_district=pd.DataFrame({"w": parts}, dtype=float),
            )
            for whole, parts in zip(overall, districts, strict=True)
        ),
    )


def test_differences_are_taken_call_stream_by_call_stream() -> None:
    # streams differ by hours, deployments by a minute and some seconds: by hand, -60, -61, -59
    today = measures(
        [600, 6000, 60000], [{"A": 100, "B": 5}, {"A": 1000, "B": 6}, {"A": 10, "B": 7}]
    )
    plan = measures([540, 5939, 59941], [{"A": 40, "B": 5}, {"A": 941, "B": 7}, {"A": -51, "B": 6}])
    found = difference(plan, today, ("w",), CityRounding(100, 10.0, exact=True))
    assert found.mean == pytest.approx(-60)
    # Student's t of 2 degrees of freedom, 0.975: 4.3027; spread 1
    assert found.high == pytest.approx(-60 + 4.302653 / np.sqrt(3))
    rows = district_differences(plan, today, "w", ["A", "B", "C"])
    assert rows["mean"]["A"] == pytest.approx(-60)
    # three districts at once: 0.9917 of t with 2 degrees of freedom, 1 - 0.05 / 6
    assert rows["high"]["A"] == pytest.approx(-60 + 7.648854 / np.sqrt(3), rel=1e-5)
    assert rows["low"]["B"] < 0 < rows["high"]["B"]
    assert np.isnan(rows["mean"]["C"])


def test_a_district_gains_or_loses_only_beyond_chance_and_beyond_what_counts() -> None:
    def district(plan: float, low: float, high: float) -> District:
        return District("North", 20.0, plan, low, high, 0.5, 0.5)

    assert district(19.9, -0.12, -0.08).verdict == 0  # sure, but a tenth of a minute
    assert district(18.0, -4.5, 0.5).verdict == 0  # large, but chance could have made it
    assert district(18.0, -2.5, -1.5).verdict == 1
    assert district(22.0, 1.5, 2.5).verdict == -1
    assert gainers([district(18.0, -2.5, -1.5), district(19.9, -0.12, -0.08)]) == (
        "one district would wait less, no district longer; in one district there is no difference "
        "that counts"
    )


def test_lost_rows_stand_in_bands(study: Path) -> None:
    content = SAVED.validate_json((the_run(study) / "internal" / "report.json").read_bytes())
    (data,) = [part for part in content.parts if part.key == "data"]
    lost = data.bullets[0].split("(lost: ")[1].removesuffix(").")
    assert lost
    for reason in lost.split("; "):
        assert re.search(r" (1-10|[\d,]+-[\d,]+|10,001 and more)$", reason), reason


def test_the_sections_stand_in_order_and_every_figure_of_the_brief_has_its_band(
    study: Path,
) -> None:
    content = SAVED.validate_json((the_run(study) / "internal" / "report.json").read_bytes())
    assert [part.key for part in content.parts] == [
        "plan", "figures", "way", "evidence", "hours", "frontier", "fairness", "waits", "people", "costs", "assumed", "sure",
        "data", "provenance",
    ]  # fmt: skip
    assert [part.key for part in content.decision] == ["who", "ladder", "takes", "trust"]
    assert len(content.headlines) == 5
    assert len(content.answer) == 3
    for row in content.headlines:
        assert row.plan_band is not None, row.label
        assert row.plan_band[0] <= (row.plan or 0) <= row.plan_band[1]
        assert row.change_band is not None, row.label
    for part in content.parts:
        assert all(len(picture.alternative) > 20 for picture in part.pictures)


def test_what_is_known_stands_beside_calls_without_an_officer(study: Path) -> None:
    run = the_run(study)
    content = SAVED.validate_json((run / "internal" / "report.json").read_bytes())
    told = json.loads((run / "plan.json").read_text(encoding="utf-8"))
    (known,) = [part for part in content.parts if part.key == "evidence"]
    replay = told["judgments"]["plan"]["replay"]
    assert known.paragraphs[0].startswith(f"{percent(replay['share_without_officer']['mean'])} of")
    (table,) = known.tables
    found = [one for one in load_evidence() if one.topic in {"arrests", "force", "officer_hours"}]
    assert [row[2] for row in table.rows] == [one.says for one in found]
    assert [row[3].startswith("Compared.") for row in table.rows] == [one.compared for one in found]
    assert all(row[4].startswith(one.source) for row, one in zip(table.rows, found, strict=True))
    page = unescape((run / "report.html").read_text(encoding="utf-8"))
    assert "What is known of less police contact" in page


def test_a_plan_of_nobody_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    standards = SimpleNamespace(fallback_min=SimpleNamespace(value=60.0))
    facts = SimpleNamespace(program=SimpleNamespace(standards=standards))
    publication: Any = SimpleNamespace(deployment=Deployment("plan"), facts=facts)
    for name, value in {"_against_today": "", "_how_sure": ""}.items():
        monkeypatch.setattr(report_words, name, lambda *_, value=value: value)
    assert (
        basis(publication)
        == "Within these limits nobody can be on duty, and all calls are left to police."
    )
    assert report_words.answer(publication) == (
        (
            "Within these limits nobody can be on duty: all calls are left to police, each counted "
            "as a wait of 60 minutes."
        ),
    )
