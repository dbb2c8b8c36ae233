"""Plans nearly as good, and what posts are worth, from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from coresponse.cli import main as cli
from coresponse.data.sample_city import sample_folder
from coresponse.study.files import copy_study

runner = CliRunner()
FEW = ("P05", "P07", "P12", "P19", "P24")


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the sample with five posts that may be used, so that every answer is there in a moment."""
    folder = tmp_path_factory.mktemp("choices") / "sample"
    copy_study(sample_folder(), folder)
    path = folder / "study.toml"
    text = path.read_text(encoding="utf-8").replace(
        "[objective]", '[objective]\nbusy_units = "free"'
    )
    text = text.replace("[limits]", f"[limits]\nposts_may = {list(FEW)}")
    # what is compared is the model's: a short replay tells beside it what calls meet
    path.write_text(f"{text}\n[judging]\nreplications = 2\nweeks = 2\n", encoding="utf-8")
    return folder


def test_alternatives_differ_and_are_never_better_and_posts_have_their_worth(study: Path) -> None:
    done = runner.invoke(cli.app, ["alternatives", str(study), "--worth", "--count", "3", "--json"])
    assert done.exit_code == 0, done.output
    said = json.loads(done.stdout)
    plans = said["plans"]
    assert [plan["status"] for plan in plans] == ["proven optimal"] * 3
    objectives = [plan["objective"] for plan in plans]
    assert objectives == sorted(objectives)
    for plan in plans[1:]:
        assert len(set(plan["posts"]) ^ set(plans[0]["posts"])) >= 2
    worth = {post["post_id"]: post for post in said["posts"]}
    assert {post for post in worth if worth[post]["in_plan"]} == set(plans[0]["posts"])
    for post in FEW:
        assert worth[post]["objective_rises_by"] is None or worth[post]["objective_rises_by"] >= 0
    # the best plan without a post is among the alternatives' lower bounds: no alternative that
    # leaves it is better
    for plan in plans[1:]:
        for post in plan["posts_left"]:
            assert worth[post]["objective_rises_by"] <= plan["worse_by"] + 1e-6
    folder = Path(said["folder"])
    table = pd.read_csv(folder / "posts.csv")
    assert set(table["post_id"]) == set(worth)
    assert (folder / "deployment_plan_2.csv").is_file()
    shown = runner.invoke(cli.app, ["replay", str(study), "--deployment", str(folder / "deployment_plan_2.csv"),
                                    "--replications", "2", "--weeks", "1", "--quiet"])  # fmt: skip
    assert shown.exit_code == 0, shown.output
    assert "deployment_plan_2" in shown.output


def test_limits_that_clash_are_an_answer_here_too(study: Path, tmp_path: Path) -> None:
    folder = tmp_path / "clash"
    copy_study(sample_folder(), folder)
    path = folder / "study.toml"
    text = path.read_text(encoding="utf-8").replace(
        "[limits]", '[limits]\nbudget_per_year = 1\nposts_must = ["P05"]'
    )
    path.write_text(text, encoding="utf-8")
    done = runner.invoke(cli.app, ["alternatives", str(folder), "--quiet"])
    assert done.exit_code == 4, done.output
    assert "budget" in done.output
