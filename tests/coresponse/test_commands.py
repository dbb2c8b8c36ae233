"""The commands as a planner uses them, on the sample and on real trial data."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from typer.testing import CliRunner, Result

from coresponse.cli import main as cli
from coresponse.data.errors import InputError
from coresponse.data.roads.cache import save_network
from coresponse.data.roads.made import street_grid
from coresponse.data.sample_city import sample_folder
from coresponse.questions.plan import plan
from coresponse.study.files import copy_study
from coresponse.study.folder import open_study
from coresponse.study.read import read_study

runner = CliRunner()


def invoke(*arguments: str | Path, code: int = 0) -> Result:
    """Run a command as the entry point does, errors and exit codes included."""
    result = runner.invoke(cli.app, [str(argument) for argument in arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        with pytest.raises(SystemExit) as caught, cli.errors_for_people():
            raise result.exception
        assert caught.value.code == code, result.output
        return result
    assert result.exit_code == code, result.output
    return result


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo") / "sample"
    invoke("demo", "--out", folder, "--quiet")
    return folder


def the_run(study: Path) -> Path:
    (run,) = (study / "results").iterdir()
    return run


def sample_study(folder: Path) -> Path:
    copy_study(sample_folder(), folder)
    return folder


def replay_shortly(study: Path) -> None:
    """What is read, and proven of the model, hangs on no replay."""
    with (study / "study.toml").open("a", encoding="utf-8") as stated:
        stated.write("\n[judging]\nreplications = 2\nweeks = 2\n")


def test_the_demo_plans_the_sample_to_a_proof(demo: Path) -> None:
    result = json.loads((the_run(demo) / "plan.json").read_text(encoding="utf-8"))
    assert result["status"]["status"] == "proven optimal"
    rounds = result["busy_units"]["rounds"]
    assert rounds[0]["status"] == "proven optimal"
    assert rounds[0]["objective"] - rounds[0]["bound"] <= 1e-4 * rounds[0]["objective"]
    assert result["status"]["gap"] <= 0.005  # busy_gap: busy shares are known no better
    assert "SYNTHETIC" in result["notice"]
    # the naive plan's objective is its mean wait if the nearest is free; the plan's own counts busy
    # units
    naive, chosen = rounds[0], result["busy_units"]["chosen"]
    found = result["judgments"]["naive"]["deterministic"]["mean_with_fallback_s"]
    assert found == pytest.approx(naive["objective"], rel=1e-5)
    assert result["status"]["objective"] == rounds[chosen]["objective"] > naive["objective"]
    assert (
        result["measures"]["plan"]["mean_with_fallback_s"]
        < result["measures"]["today"]["mean_with_fallback_s"]
    )
    assert (
        sum(
            row["count"]
            for row in result["deployment"]
            if row["responder_type"] == "co_responder_unit"
        )
        <= 6
    )
    assert (
        sum(
            row["count"]
            for row in result["deployment"]
            if row["responder_type"] == "on_call_clinician"
        )
        <= 3
    )


def test_the_run_leaves_files_that_open(demo: Path) -> None:
    run = the_run(demo)
    posts = gpd.read_file(run / "plan.gpkg", layer="posts")
    plan = pd.read_csv(run / "deployment.csv")
    assert posts["responders_plan"].sum() == plan["count"].sum()
    areas = gpd.read_file(run / "plan.gpkg", layer="areas")
    assert {"calls_band", "mean_s_plan", "mean_s_today"} <= set(areas.columns)
    assert "calls" not in areas.columns
    for layer in ("posts", "areas", "districts"):
        packed, parquet = (
            gpd.read_file(run / "plan.gpkg", layer=layer),
            gpd.read_parquet(run / f"{layer}.parquet"),
        )
        degrees = gpd.read_file(run / f"{layer}.geojson")
        assert len(packed) == len(parquet) == len(degrees)
        assert set(packed.columns) == set(parquet.columns) == set(degrees.columns)
        assert degrees.crs == "EPSG:4326"
        assert (
            degrees.to_crs(parquet.crs).geometry.centroid.distance(parquet.geometry.centroid).max()
            < 1.0
        )
    for name in ("figures", "districts", "classes", "periods", "funnel", "assumptions"):
        assert len(pd.read_csv(run / f"{name}.csv"))
    page = (run / "map.html").read_text(encoding="utf-8")
    assert "SYNTHETIC calls" in page
    assert "OpenStreetMap contributors" in page


def test_no_file_for_showing_holds_a_calls_own_place_or_number(demo: Path) -> None:
    calls = pd.read_parquet(demo / "calls.parquet")
    run = the_run(demo)
    shown = "".join(
        path.read_text(encoding="utf-8")
        for path in run.iterdir()
        if path.suffix in {".html", ".json", ".csv"}
    )
    for row in calls.sample(200, random_state=1).itertuples():
        assert row.call_id not in shown
        assert f"{row.longitude:.5f}" not in shown


@pytest.fixture(scope="module")
def again(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Result]:
    """What the demo plans, planned once more in another folder, and what was printed."""
    study = sample_study(tmp_path_factory.mktemp("again") / "another name")
    return study, invoke("plan", study, "--json")


def test_the_same_inputs_give_the_same_bytes(demo: Path, again: tuple[Path, Result]) -> None:
    first, second = the_run(demo), the_run(again[0])
    assert first.name == second.name
    for path in sorted(first.rglob("*")):
        if path.is_file() and path.name != "timing.json":
            assert path.read_bytes() == (second / path.relative_to(first)).read_bytes(), path.name


def test_check_shows_the_funnel(demo: Path) -> None:
    shown = invoke("check", demo).output
    assert "19,000" in shown
    assert "17,400" in shown
    assert "NOISE COMPLAINT 900" in shown
    data = json.loads(invoke("check", demo, "--json").stdout)
    assert [step["count"] for step in data["calls"]["funnel"]] == [
        19000,
        19000,
        19000,
        19000,
        17400,
    ]


def test_plan_json_is_json_and_nothing_else(again: tuple[Path, Result]) -> None:
    data = json.loads(again[1].stdout)
    assert data["status"] == "proven optimal"
    assert data["figures"]["Mean wait"]["plan"] < data["figures"]["Mean wait"]["today"]


def test_limits_that_clash_are_an_answer(demo: Path, tmp_path: Path) -> None:
    study = sample_study(tmp_path / "clash")
    text = (study / "study.toml").read_text(encoding="utf-8")
    text = text.replace(
        "max_per_post = 2",
        "max_per_post = 2\nbudget_per_year = 100000\nat_least = { co_responder_unit = 2 }",
    )
    (study / "study.toml").write_text(text, encoding="utf-8")
    shown = " ".join(invoke("plan", study, "--quiet", code=4).output.split())
    assert "Infeasible" in shown
    assert "budget: at most $100,000 a year: would have to give way by" in shown
    assert "Co-responder unit: at least 2: would have to give way by 2.00 responders" in shown


def test_all_faults_of_a_study_file_are_said_at_once(demo: Path, tmp_path: Path) -> None:
    study = sample_study(tmp_path / "bad")
    text = (study / "study.toml").read_text(encoding="utf-8")
    text = text.replace("seed = 1", "seed = -1\ntypo = 3").replace(
        'file = "roads.json"', 'file = "../roads.json"'
    )
    (study / "study.toml").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match="3 faults") as caught:
        open_study(study)
    for word in ("seed", "typo", "roads.file", "inside its folder"):
        assert word in str(caught.value)
    invoke("plan", study, code=3)


def test_a_standard_that_police_alone_would_meet_is_refused(demo: Path, tmp_path: Path) -> None:
    study = sample_study(tmp_path / "long")
    text = (study / "study.toml").read_text(encoding="utf-8")
    (study / "study.toml").write_text(
        text.replace("[objective]", "[objective]\ntarget_min = 60"), encoding="utf-8"
    )
    case = read_study(study).case
    with pytest.raises(InputError, match="must be below the 60 min"):
        plan(case)


def test_a_folder_without_a_study_says_how_to_make_one(tmp_path: Path) -> None:
    invoke("plan", tmp_path, code=3)


def test_new_says_everything_that_is_missing(tmp_path: Path) -> None:
    invoke("new", tmp_path / "x", "--program", "star", "--calls", tmp_path / "no.csv", code=3)
    assert not (tmp_path / "x").exists()


def test_the_manhattan_day_from_files_to_a_proven_plan(shared_data: Path, tmp_path: Path) -> None:
    data, study = shared_data / "manhattan", tmp_path / "manhattan"
    invoke(
        "new", study, "--program", "b-heard", "--roads", data / "roads_osm_xml_2019.zip",
        "--calls", data / "calls_nypd_2021-07-04.csv", "--posts", f"station={data / 'ems_stations.csv'}",
        "--posts", f"hospital={data / 'hospitals.csv'}", "--districts", data / "nypd_precincts.geojson",
        "--timezone", "America/New_York",
    )  # fmt: skip
    found = json.loads(invoke("check", study, "--json").stdout)
    funnel = {step["step"]: step for step in found["calls"]["funnel"]}
    assert funnel["rows"]["count"] == 5225
    assert funnel["events"]["count"] == 5082
    assert funnel["eligible"]["count"] == 114
    assert funnel["on the network"]["reasons"] == {"more than 500 m from a road of the network": 2}
    assert found["posts"]["used"] == 18
    replay_shortly(study)
    answer = json.loads(invoke("plan", study, "--json").stdout)
    assert answer["status"] == "proven optimal"
    assert sum(row["count"] for row in answer["deployment"]) == 6
    aside = pd.read_csv(the_run(study) / "internal" / "set_aside.csv")
    assert list(aside["reason"]) == ["more than 500 m from a road of the network"] * 2


def test_montgomery_countys_calls_as_a_volume_trial(shared_data: Path, tmp_path: Path) -> None:
    # UTM 18N of longitude -75.75 to -74.95, latitude 39.95 to 40.52
    roads = street_grid(130, 120, seed=3, spacing_m=530, origin_xy=(436_000.0, 4_422_000.0))
    save_network(roads, tmp_path / "roads.npz")
    program = tmp_path / "county.toml"
    program.write_text(
        'extends = "star"\nname = "county"\n[call_classes.crisis_low]\nnatures = ["EMS: OVERDOSE*", "EMS: UNKNOWN MEDICAL*"]\n'
        '[call_classes.welfare]\nnatures = ["EMS: UNCONSCIOUS*", "EMS: ALTERED MENTAL*"]\n'
    )
    study = tmp_path / "county"
    invoke(
        "new", study, "--program", program, "--roads", tmp_path / "roads.npz", "--propose", "40",
        "--calls", shared_data / "montgomery_pa" / "calls_911.csv.gz", "--timezone", "America/New_York",
    )  # fmt: skip
    replay_shortly(study)
    answer = json.loads(invoke("plan", study, "--json").stdout)
    # what is printed may be published: totals are about, small counts in bands
    assert answer["inputs"]["calls"]["funnel"][0]["count"] == "about 99,000"
    exact = pd.read_csv(Path(answer["folder"]) / "internal" / "funnel.csv")
    steps = exact.drop_duplicates("step").to_dict(orient="records")
    assert steps[0]["count"] == 99_492
    for before, after in pairwise(steps):
        assert after["count"] + after["lost"] == before["count"]
        assert exact.loc[exact["step"] == after["step"], "reason_count"].sum() == after["lost"]
    assert steps[-1]["count"] > 5_000
    assert answer["status"] == "proven optimal"


def test_help_leaves_no_table_of_study_toml_out() -> None:
    """What stands in brackets is markup to the terminal, unless a backslash says that it is not."""
    for command in cli.app.registered_commands:
        assert command.callback is not None
        told = command.callback.__doc__ or ""
        tables = re.sub(r"\[/?bold\]", "", told)
        assert not re.search(r"(?<!\\)\[[a-z.]+\]", tables), f"{command.callback.__name__}: {told}"
    assert "[agencies]" in invoke("agencies", "--help").output
