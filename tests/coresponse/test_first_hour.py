"""What a planner who has never seen the tool meets first.

Help, check, and what stands in the way of a plan.
"""

from __future__ import annotations

import zipfile
from pathlib import Path

import pandas as pd
import pytest
import typer.main
from typer.testing import CliRunner

from coresponse.cli import main as cli
from coresponse.data.errors import InputError
from coresponse.data.roads.read import read_roads
from coresponse.data.sample_city import sample_folder
from coresponse.study.files import copy_study
from coresponse.study.folder import open_study
from coresponse.study.new import NewStudy, new_study

runner = CliRunner()


@pytest.fixture
def study(tmp_path: Path) -> Path:
    copy_study(sample_folder(), tmp_path / "mytown")
    return tmp_path / "mytown"


def change(study: Path, old: str, new: str) -> None:
    path = study / "study.toml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def check_refuses(study: Path) -> str:
    result = runner.invoke(cli.app, ["check", str(study), "--quiet"])
    assert isinstance(result.exception, InputError), result.output
    assert "Ready. Next" not in result.output
    assert "Roads:" in result.output, "what was read is shown all the same"
    return str(result.exception)


def test_help_breaks_lines_where_the_window_does() -> None:
    group = typer.main.get_command(cli.app)
    commands = list(group.commands.values())  # type: ignore[attr-defined]
    assert len(commands) == 16
    for command in [group, *commands]:
        paragraphs = (command.help or "").split("\n\n")
        assert [part for part in paragraphs if "\n" in part and not part.startswith(" ")] == [], (
            command.name
        )


def test_check_names_what_deployments_and_limits_are_written_with_and_the_next_step(
    study: Path,
) -> None:
    result = runner.invoke(cli.app, ["check", str(study), "--quiet", "--details"])
    assert result.exit_code == 0
    for post in ("P01", "P36", "Made hospital 36 (Inwood)"):
        assert post in result.output
    shown = " ".join(result.output.split())
    assert "Co-responder unit [co_responder_unit] on day_10h, late_10h" in shown
    assert "On-call clinician [on_call_clinician] on always" in shown
    assert f"coresponse plan {study}" in result.output.replace("\n", "")


def test_check_lists_only_some_of_many_posts(study: Path) -> None:
    change(
        study, 'files = [{ file = "posts.csv" }]', 'files = [{ file = "posts.csv" }]\npropose = 30'
    )
    result = runner.invoke(cli.app, ["check", str(study), "--quiet", "--details"])
    assert "Posts: 66 used" in result.output
    assert "and 16 more posts" in result.output


def test_check_refuses_a_study_without_a_call_for_anyone(study: Path) -> None:
    (study / "program.toml").write_text(
        'extends = "mixed"\nname = "mytown"\n'
        + "".join(
            f'[call_classes.{name}]\nnatures = ["ZZ {name}"]\n'
            for name in ("crisis_low", "crisis_high", "welfare")
        ),
        encoding="utf-8",
    )
    change(study, 'preset = "mixed"', 'file = "program.toml"')
    assert "no call is of a class that a responder type may be sent to" in check_refuses(study)


def test_check_refuses_limits_that_name_what_is_not_there_and_says_all_at_once(study: Path) -> None:
    change(
        study, "max_per_post = 2", 'max_per_post = 2\nposts_not = ["P99"]\nroles = { nurse = 3 }'
    )
    change(study, 'goal = "mean_response"', 'goal = "mean_response"\ntarget_min = 60')
    said = check_refuses(study)
    assert "'P99' is not in the study" in said
    assert "'nurse' is not in the study" in said
    assert "must be below the 60 min that a call left to police counts" in said


def test_check_refuses_too_few_calls_to_publish_as_a_plan_does(study: Path) -> None:
    calls = pd.read_parquet(study / "calls.parquet")
    calls[calls["nature"] == "WELFARE CHECK"].head(5).to_parquet(study / "calls.parquet")
    assert "fewer than 11 calls" in check_refuses(study)


def test_a_wrong_program_is_told_with_the_other_faults(tmp_path: Path) -> None:
    start = NewStudy(
        program="nope", calls=(tmp_path / "calls.csv",), roads=tmp_path / "roads.osm", propose=3
    )
    with pytest.raises(
        InputError, match=r"3 faults(?s:.*)'nope'.*ride-along(?s:.*)roads.osm(?s:.*)calls.csv"
    ):
        new_study(tmp_path / "mytown", start)


def test_an_archive_with_two_road_files_says_which_they_are(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "city.zip", "w") as archive:
        for name in ("project.sqlite", "transit.sqlite", "notes.yml"):
            archive.writestr(name, "")
    with pytest.raises(
        InputError, match=r"unpack it and give one of project\.sqlite, transit\.sqlite$"
    ):
        read_roads(tmp_path / "city.zip")


def test_check_with_json_refuses_it_too(study: Path) -> None:
    change(study, "max_per_post = 2", 'posts_must = ["P99"]')
    result = runner.invoke(cli.app, ["check", str(study), "--json"])
    assert isinstance(result.exception, InputError)


def test_the_file_stands_for_its_folder(study: Path) -> None:
    assert open_study(study / "study.toml") == open_study(study)
