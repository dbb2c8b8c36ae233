"""The explorer of a sweep, from the command line: what it shows is what the sweep found."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from coresponse.cli import main as cli
from coresponse.data.errors import InputError
from coresponse.data.figures.text import percent
from coresponse.data.sample_city import sample_folder
from coresponse.results.explorer import _slider, explorer_content, ladder_of_plan
from coresponse.results.read_sweep import SweepResult, SweptAxis
from coresponse.study.files import copy_study
from coresponse.study.folder import open_study
from coresponse.study.read import read_study
from coresponse.study.read_back import PLAN_SCHEMA

runner = CliRunner()


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("explore") / "sample"
    copy_study(sample_folder(), folder)
    with (folder / "study.toml").open("a", encoding="utf-8") as stated:
        stated.write("\n[judging]\nreplications = 2\nweeks = 4\n")
    varied = [
        "--vary",
        "units.co_responder_unit=1:2",
        "--vary",
        "units.on_call_clinician=0, 2",
        "--busy-units",
        "free",
    ]
    done = runner.invoke(cli.app, ["sweep", str(folder), *varied, "--jobs", "1", "--quiet"])
    assert done.exit_code == 0, done.output
    return folder


def test_the_explorer_shows_the_sweeps_points(study: Path) -> None:
    done = runner.invoke(cli.app, ["explore", str(study), "--json"])
    assert done.exit_code == 0, done.output
    page = Path(json.loads(done.stdout)["explorer"]).read_text(encoding="utf-8")
    sweep = json.loads(
        next((study / "results").glob("sweep-*/sweep.json")).read_text(encoding="utf-8")
    )
    content = explorer_content(read_study(open_study(study)), SweepResult.model_validate(sweep))
    assert [len(s.values) for s in content.sliders] == [2, 2]
    for point in content.points:
        row = next(
            r for r in sweep["points"]
            if all(r[s.key] == s.values[p] for s, p in zip(content.sliders, point.at, strict=True))
            and r["mode"] == "re-optimized"
        )  # fmt: skip
        assert point.share_in_time == row["share_in_time"]
        assert point.efficient is row["efficient"]
        assert point.cost_per_year == row["cost_as_called_per_year"]
        assert point.deployment.size == sum(o["count"] for o in row["deployment"])
        assert percent(point.share_in_time) in page
    frontier = sweep["frontier"]
    assert content.frontier.figure == "wait"
    assert [point.efficient for point in content.points].count(True) == len(frontier["points"])
    assert content.frontier.today is not None
    assert content.frontier.today.cost_per_year == frontier["today"]["cost_as_called_per_year"]
    # the same inputs give the same bytes
    again = runner.invoke(cli.app, ["explore", str(study), "--json"])
    assert Path(json.loads(again.stdout)["explorer"]).read_text(encoding="utf-8") == page


def test_the_ladder_of_the_newest_plan_stands_on_the_frontier(study: Path) -> None:
    hashes = read_study(open_study(study)).hashes
    rungs = [
        {
            "name": name,
            "responders": f"{k} units",
            "share_in_time": {"mean": 0.2 * k},
            "mean_with_fallback_s": {"mean": 600.0 / k},
            "left_to_police_per_week": None,
            "cost_as_called_per_year": {"mean": 1e6 * k},
        }
        for k, name in enumerate(("today", "rearranged", "plan"), start=1)
    ]
    told = {
        "schema": PLAN_SCHEMA,
        "run": "plan-made",
        "deployment": [],
        "status": {},
        "measures": {},
        "provenance": {"inputs_sha256": dict(hashes), "versions": {}, "solver": {}},
        "ladder": {"rungs": rungs},
    }
    run = study / "results" / "plan-made"
    run.mkdir()

    def found(**changes: object) -> dict[str, tuple[float | None, ...]]:
        (run / "plan.json").write_text(json.dumps(told | changes), encoding="utf-8")
        ladder = ladder_of_plan(run, hashes)
        return {
            name: (one.cost_per_year, one.share_in_time, one.mean_wait_min)
            for name, one in ladder.items()
        }

    try:
        assert found()["rearranged"] == (2e6, 0.4, 5.0)
        assert list(found()) == ["today", "rearranged", "plan"]
        # of other inputs, of another version, damaged: the explorer does without
        other = {"inputs_sha256": {"calls.csv": "0" * 64}, "versions": {}, "solver": {}}
        assert found(provenance=other) == {}
        assert found(schema=PLAN_SCHEMA + 1) == {}
        assert found(ladder={"rungs": [{"name": "plan"}, 3]}) == {}
        assert ladder_of_plan(None, hashes) == {}
    finally:
        shutil.rmtree(run)


def test_a_sweep_of_other_inputs_is_refused(study: Path, tmp_path: Path) -> None:
    inputs = read_study(open_study(study))
    sweep = json.loads(
        next((study / "results").glob("sweep-*/sweep.json")).read_text(encoding="utf-8")
    )
    with pytest.raises(InputError, match="Elsewhere"):
        explorer_content(inputs, SweepResult.model_validate(sweep | {"study": "Elsewhere"}))
    told = sweep["provenance"] | {
        "inputs_sha256": sweep["provenance"]["inputs_sha256"] | {"posts.csv": "0"}
    }
    with pytest.raises(InputError, match=r"posts\.csv changed"):
        explorer_content(inputs, SweepResult.model_validate(sweep | {"provenance": told}))
    copy_study(sample_folder(), tmp_path / "bare")
    done = runner.invoke(cli.app, ["explore", str(tmp_path / "bare")])
    assert "coresponse sweep" in str(done.exception)


@pytest.mark.parametrize(
    ("name", "values", "texts"),
    [
        ("988", [0.0, 0.125], ("0%", "12.5%")),  # it said 0.13
        ("wage.clinician", [1.0, 1.085], ("100%", "108.5%")),
        ("open.day, day+late", [1.0, 2.0], ("day", "day+late")),  # it said 1 and 2
        ("open.day", [4.0], ("4",)),
        ("budget_per_year", [2_566_800.0, 2_567_900.0], ("$2,566,800", "$2,567,900")),
        ("busy", [0.1], ("0.1",)),
    ],
)
def test_sliders_have_the_values_that_the_terminal_says(
    name: str, values: list[float], texts: tuple[str, ...]
) -> None:
    slider = _slider(SweptAxis(name=name, title="budget, dollars a year", values=values))
    assert slider.texts == texts
    assert slider.title == "Budget a year"
