"""What a validation leaves behind: tables, JSON, and a page that opens without a network, whatever names hold."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from typer.testing import CliRunner, Result

from coresponse.cli import main as cli
from coresponse.data.sample_city import sample_folder
from coresponse.maps.report.content import Part, RecordsContent
from coresponse.maps.report.page import records_page
from coresponse.study.files import copy_study
from tests.questions.small_study import without_today

HOSTILE = '<script>window.harm=1</script>"><svg onload=window.harm=1>${1}\u202e</title>'

runner = CliRunner()


def invoke(*arguments: str | Path, code: int = 0) -> Result:
    result = runner.invoke(cli.app, [str(argument) for argument in arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        with pytest.raises(SystemExit) as caught, cli.errors_for_people():
            raise result.exception
        assert caught.value.code == code, result.output
        return result
    assert result.exit_code == code, result.output
    return result


def study_with_units(folder: Path) -> Path:
    """Return the sample with a crew of today's named at some of its calls, and fewer of them."""
    copy_study(sample_folder(), folder)
    calls = pd.read_parquet(folder / "calls.parquet").iloc[::8]
    unit = pd.Series("4A12", index=calls.index)
    unit[calls["nature"].str.contains("CRISIS")] = "CRT-1"
    calls.assign(unit_id=unit).to_parquet(folder / "calls.parquet", index=False)
    stated = (folder / "study.toml").read_text(encoding="utf-8")
    named = stated.replace('"CRU-5*" = "P05", "CRU-13*" = "P13"', '"CRT-*" = "P05"')
    assert named != stated
    (folder / "study.toml").write_text(named, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    study = study_with_units(tmp_path_factory.mktemp("validate") / "study")
    with pytest.MonkeyPatch.context() as narrow:
        narrow.setenv("COLUMNS", "80")
        told = invoke("validate", study, "--quiet")
    (study.parent / "said.txt").write_text(told.output, encoding="utf-8")
    assert "The model is off: recorded times are " in told.output
    assert "SYNTHETIC calls" in told.output
    (folder,) = (study / "results").glob("validate-*")
    return folder


def test_it_leaves_tables_json_and_a_page(run: Path) -> None:
    names = {path.name for path in run.iterdir()}
    assert names == {
        "validation.html", "validation.json", "validation.csv", "set_aside.csv", "speeds.csv",
        "crews.csv",
    }  # fmt: skip
    told = json.loads((run / "validation.json").read_text(encoding="utf-8"))
    assert told["schema"] == 1
    assert told["verdict"] == "off"
    # arrivals from all over town named as one crew at one post: no speed of theirs is taken
    assert not told["calibration"]["better_than_stated"]
    assert "no crew drives as these records would have it" in told["says"][-1]
    assert {row["applies_to"] for row in told["calibration"]["speeds"]}
    with (run / "validation.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["grouped_by"] for row in rows} == {"all", "district", "hour", "class", "unit"}
    assert all(row["group"] for row in rows if row["grouped_by"] != "all")
    # no count of 1 to 10, nor any exact one
    assert all("-" in row["records_band"] or "more" in row["records_band"] for row in rows)


def test_the_answer_fits_a_screen_of_80_columns(run: Path) -> None:
    lines = (run.parents[2] / "said.txt").read_text(encoding="utf-8").splitlines()
    assert all(len(line) <= 80 or line.startswith(("Page:", "Results:")) for line in lines)
    assert len(lines) <= 30
    assert sum(line.startswith("┏") for line in lines) == 1
    assert lines[-1].endswith("--details")


def test_the_same_study_gives_the_same_bytes(run: Path) -> None:
    before = {path.name: path.read_bytes() for path in run.iterdir()}
    told = invoke("validate", run.parents[1], "--json")
    assert json.loads(told.stdout)["folder"] == str(run)
    assert {path.name: path.read_bytes() for path in run.iterdir()} == before


def test_the_page_is_self_contained_and_runs_nothing(run: Path) -> None:
    page = (run / "validation.html").read_text(encoding="utf-8")
    assert page.startswith("<!DOCTYPE html>")
    assert "default-src &#39;none&#39;" in page
    assert "<script" not in page
    assert "http:" not in page.replace("http-equiv", "")
    assert "https:" not in page
    for title in ("Recorded against modeled", "By district", "By hour of the day"):
        assert title in page


def test_names_are_text_on_the_page() -> None:
    part = Part("a", HOSTILE, (HOSTILE,))
    page = records_page(RecordsContent(HOSTILE, HOSTILE, (HOSTILE,), (part,), (HOSTILE,), "run"))
    assert "<script" not in page
    assert "<svg" not in page
    assert "\u202e" not in page


def test_the_page_has_no_serious_faults_for_screen_readers(
    run: Path, chromium: Any, serious_faults: Callable[[Any], list[tuple[str, list[str]]]]
) -> None:
    page = chromium.new_page()
    page.goto((run / "validation.html").as_uri())
    assert serious_faults(page) == []
    page.set_viewport_size({"width": 360, "height": 700})
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.close()


def test_the_sample_fits_its_records(tmp_path: Path) -> None:
    study = tmp_path / "study"
    copy_study(sample_folder(), study)
    told = json.loads(invoke("validate", study, "--json").stdout)
    assert told["verdict"] == "fits"
    everything = told["records"][0]
    assert everything["records_band"] == "501-1,000"
    # the sample's records were made with drives to crossings, 3.6% shorter than to places along
    # roads
    assert abs(everything["recorded_over_modeled"]) < 0.05
    assert not told["calibration"]["better_than_stated"]
    assert {row["stands_out"] for row in told["records"]} == {"no"}
    assert (Path(told["folder"]) / "validation.html").is_file()


def test_calls_without_units_say_that_nobody_can_tell(tmp_path: Path) -> None:
    study = tmp_path / "study"
    copy_study(sample_folder(), study)
    calls = pd.read_parquet(study / "calls.parquet").iloc[::20].drop(columns="unit_id")
    stated = (study / "study.toml").read_text(encoding="utf-8").splitlines()
    named = [line for line in stated if not line.startswith('units = { "CRU')]
    (study / "study.toml").write_text("\n".join(named), encoding="utf-8")
    calls.to_parquet(study / "calls.parquet", index=False)
    told = json.loads(invoke("validate", study, "--json").stdout)
    assert told["verdict"] == "cannot tell"
    assert "no column says which unit answered" in told["says"][0]
    assert told["calibration"] is None


def test_wrong_inputs_have_exit_code_3(tmp_path: Path) -> None:
    study = tmp_path / "study"
    copy_study(sample_folder(), study)
    stated = (study / "study.toml").read_text(encoding="utf-8")
    named = stated.replace('"CRU-5*" = "P05"', '"CRU-5*" = "nowhere"')
    (study / "study.toml").write_text(named, encoding="utf-8")
    told = invoke("validate", study, code=3)
    assert told.exception is not None
    assert "neither a post nor a responder type" in str(told.exception)
    bare = without_today(stated)
    assert bare != stated
    (study / "study.toml").write_text(bare, encoding="utf-8")
    told = invoke("validate", study, code=3)
    assert "give today's deployment, whose units they record" in str(told.exception)
    invoke("validate", tmp_path / "nothing", code=3)
    invoke("validate", code=2)


def test_check_says_how_the_model_compares_with_the_records(tmp_path: Path) -> None:
    study = study_with_units(tmp_path / "study")
    at_once = invoke("check", study, "--quiet").output
    assert "The model is off: recorded times" in at_once
    invoke("validate", study, "--quiet")
    # what was found is taken from the run of the same inputs
    assert invoke("check", study, "--quiet").output == at_once
    # other inputs, other records: what was found no longer holds
    stated = (study / "study.toml").read_text(encoding="utf-8")
    (study / "study.toml").write_text(stated.replace('"CRT-*" = "P05"', ""), encoding="utf-8")
    told = invoke("check", study, "--quiet").output
    assert "say which units in the calls are today's crews" in " ".join(told.split())


def test_an_internal_validation_hides_nothing_and_is_marked(tmp_path: Path) -> None:
    study = study_with_units(tmp_path / "study")
    told = invoke("validate", study, "--quiet", "--internal").output
    assert "INTERNAL, not for publication" in told
    (folder,) = (study / "results").iterdir()
    assert folder.name.startswith("INTERNAL-validate-")
    assert all(path.name.startswith("INTERNAL-") for path in folder.iterdir())
    page = (folder / "INTERNAL-validation.html").read_text(encoding="utf-8")
    assert "<strong>INTERNAL</strong> not for publication" in page
    found = json.loads((folder / "INTERNAL-validation.json").read_text(encoding="utf-8"))
    assert found["publication"] == "INTERNAL, not for publication"
    assert found["records"][0]["records_band"].replace(",", "").isdigit()
    with (folder / "INTERNAL-validation.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert {row["publication"] for row in rows} == {"INTERNAL, not for publication"}
