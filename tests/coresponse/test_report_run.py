"""The report of a run: its figures are those of the plan, and a sweep's frontier goes in later."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from coresponse import cli
from coresponse.data.errors import InputError, MissingInputError
from coresponse.data.sample_city import sample_folder
from coresponse.new import copy_study
from coresponse.report_again import report_again, with_frontier
from coresponse.reporting import SAVED
from coresponse.study import open_study

runner = CliRunner()


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("report") / "sample"
    copy_study(sample_folder(), folder)
    path = folder / "study.toml"
    text = path.read_text(encoding="utf-8") + "\n[judging]\nreplications = 3\nweeks = 2\nholdout_share = 0\n"
    path.write_text(text, encoding="utf-8")
    done = runner.invoke(cli.app, ["plan", str(folder), "--quiet"])
    assert done.exit_code == 0, done.output
    assert "report.html" in done.output.replace("\n", "")
    return folder


def the_run(study: Path) -> Path:
    return next((study / "results").glob("plan-*"))


def test_the_reports_figures_are_the_plans(study: Path) -> None:
    run = the_run(study)
    page = (run / "report.html").read_text(encoding="utf-8")
    plan = json.loads((run / "plan.json").read_text(encoding="utf-8"))
    replay = plan["judgments"]["plan"]["replay"]
    assert f"{replay['share_in_time']['mean'] * 100:.1f} %" in page
    assert f"{replay['mean_with_fallback_s']['mean'] / 60:.1f} min" in page
    assert f"about {replay['share_in_time']['mean'] * 100:.0f} of 100" in page
    # each responder of the plan is in the table of who waits where
    table = page.split("Who waits where")[-1].split("</table>")[0]
    numbers = re.findall(r'<td class="number"><bdi>(\d+)</bdi></td>', table)
    assert sum(map(int, numbers[::2])) == sum(row["count"] for row in plan["deployment"])
    for words in (
        "SYNTHETIC calls",
        "not tried on calls",
        "Judged three ways",
        "OpenStreetMap",
        "assumption",
        run.name,
    ):
        assert words in page, words


def test_costs_add_up(study: Path) -> None:
    content = SAVED.validate_json((the_run(study) / "internal" / "report.json").read_bytes())
    (costs,) = [part for part in content.parts if part.key == "costs"]
    *lines, whole, _ = costs.tables[0].rows
    for column in (1, 2):
        total = sum(float(line[column].strip("$").replace(",", "")) for line in lines)
        assert total == pytest.approx(float(whole[column].strip("$").replace(",", "")), abs=len(lines))


def test_no_district_with_few_calls_is_in_it(study: Path) -> None:
    content = SAVED.validate_json((the_run(study) / "internal" / "report.json").read_bytes())
    (fair,) = [part for part in content.parts if part.key == "fairness"]
    shown = {row[0] for row in fair.tables[0].rows}
    hidden = pd.read_csv(the_run(study) / "replay_districts.csv")
    names = json.loads((study / "districts.geojson").read_text(encoding="utf-8"))["features"]
    by_id = {str(f["properties"].get("district_id")): str(f["properties"].get("name")) for f in names}
    blank = hidden[hidden["share_in_time"].isna()]["district_id"].dropna().astype(str)
    assert not shown & {by_id.get(d, d) for d in blank}
    assert shown


def test_a_sweeps_frontier_goes_in_and_a_foreign_one_does_not(study: Path) -> None:
    folder = open_study(study)
    plain = report_again(folder)
    assert plain.read_bytes() == (the_run(study) / "report.html").read_bytes()
    sweep = study / "results" / "sweep-0"
    sweep.mkdir()
    point = {
        "mode": "re-optimized", "share_in_time": 0.3, "mean_with_fallback_min": 20.0, "left_to_police_per_week": 9.0,
        "gap": 0.001, "cost_as_called_per_year": 1e6, "efficient": True,
    }  # fmt: skip
    more = point | {"cost_as_called_per_year": 2e6, "share_in_time": 0.456}
    axes = [{"title": "budget", "name": "budget_per_year"}]
    free = point | {"cost_as_called_per_year": None, "gap": None}
    unproven = more | {"cost_as_called_per_year": 3e6, "share_in_time": 0.5, "gap": None}
    plan = json.loads((the_run(study) / "plan.json").read_text(encoding="utf-8"))
    found = {
        "study": "Sample city",
        "axes": axes,
        "points": [point, more, free, unproven],
        "provenance": {"inputs_sha256": plan["provenance"]["inputs_sha256"]},
    }
    (sweep / "sweep.json").write_text(json.dumps(found), encoding="utf-8")
    done = runner.invoke(cli.app, ["report", str(study), "--json"])
    assert done.exit_code == 0, done.output
    page = Path(json.loads(done.stdout)["report"]).read_text(encoding="utf-8")
    assert "What each budget buys" in page
    assert "45.6%" in page
    assert "unknown" in page
    hashes = plan["provenance"]["inputs_sha256"] | {"calls.parquet": "0"}
    other = found | {"provenance": {"inputs_sha256": hashes}}
    (sweep / "sweep.json").write_text(json.dumps(other), encoding="utf-8")
    with pytest.raises(InputError, match=r"other inputs .*calls\.parquet"):
        report_again(folder)
    content = SAVED.validate_json((the_run(study) / "internal" / "report.json").read_bytes())
    with pytest.raises(InputError, match="Elsewhere"):
        with_frontier(content, found | {"study": "Elsewhere"})


def test_without_a_plan_it_says_what_to_do(tmp_path: Path) -> None:
    copy_study(sample_folder(), tmp_path / "bare")
    with pytest.raises(MissingInputError, match="coresponse plan"):
        report_again(open_study(tmp_path / "bare"))
