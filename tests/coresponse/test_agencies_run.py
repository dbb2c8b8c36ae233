"""A county of three agencies, made as the walk-through makes it: from files to what each saves."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from coresponse.cli.main import app
from coresponse.publish.agencies import TITLES
from coresponse.study.read import read_study
from scripts.make_county import AGENCIES, make_county

runner = CliRunner()


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = make_county(tmp_path_factory.mktemp("county") / "county", calls=500)
    with (folder / "study.toml").open("a", encoding="utf-8") as stated:
        stated.write("\n[judging]\nreplications = 4\nweeks = 3\nholdout_share = 0\n")
    stations = pd.read_csv(folder / "stations.csv")  # one each and a second in the middle
    kept = stations["post_id"].str.endswith("1") | (stations["post_id"] == "R2")
    stations[kept].to_csv(folder / "stations.csv", index=False)
    today = pd.read_csv(folder / "today.csv")
    today.assign(count=[1, 1, 1]).to_csv(folder / "today.csv", index=False)
    return folder


@pytest.fixture(scope="module")
def run(county: Path) -> tuple[str, Path]:
    done = runner.invoke(
        app, ["agencies", str(county), "--quiet", "--details", "--time-limit", "600"], env={"COLUMNS": "80"}
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    return done.stdout, next((county / "results").glob("agencies-*"))


def test_the_study_says_whose_everything_is(county: Path) -> None:
    city = read_study(county).city
    assert city.agencies is not None
    assert city.agencies.names == AGENCIES
    assert [len(city.agencies.posts_of(k)) for k in range(3)] == [1, 2, 1]
    assert city.agencies.of_district == (0, 0, 1, 1, 2, 2)


def test_files_and_terminal_say_the_same(run: tuple[str, Path]) -> None:
    said, folder = run
    told = json.loads((folder / "agencies.json").read_text())
    plain = " ".join(said.split())
    for sentence in told["says"]:
        assert sentence in plain
    figures = pd.read_csv(folder / "agencies.csv")
    assert set(figures["agency"]) == {"all", *AGENCIES}
    for way in told["ways"]:
        assert TITLES[way["way"]] == way["title"]
        rows = figures[figures["way"] == way["way"]].set_index("agency")
        assert rows["units"]["all"] == rows["units"][list(AGENCIES)].sum()
        assert sum(one["count"] for one in way["deployment"]) == rows["units"]["all"]
        for name in AGENCIES:
            assert f"{rows['mean_with_fallback_min'][name]:.1f}" in said
    costs = pd.read_csv(folder / "costs.csv")
    for (way, by), part in costs.groupby(["way", "split_by"]):
        total = figures[(figures["way"] == way) & (figures["agency"] == "all")]
        assert part["pays_per_year"].sum() == total["cost_as_called_per_year"].iloc[0], (way, by)
    assert not any(line.rstrip().endswith("…") for line in said.splitlines())
    names = {path.name for path in folder.iterdir()}
    assert names == {
        "agencies.csv", "costs.csv", "answered.csv", "deployments.csv", "assumptions.csv", "agencies.json",
    }  # fmt: skip


def test_the_same_again_is_the_same_run(county: Path, run: tuple[str, Path]) -> None:
    _, folder = run
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    done = runner.invoke(app, ["agencies", str(county), "--json", "--time-limit", "600"])
    assert done.exit_code == 0
    assert json.loads(done.stdout) == json.loads(before["agencies.json"])
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_a_study_of_one_agency_is_told_what_to_write(tmp_path: Path, county: Path) -> None:
    other = make_county(tmp_path / "one", calls=300)
    stated = (other / "study.toml").read_text()
    (other / "study.toml").write_text(
        stated.split("[agencies]")[0] + "[objective]\ntarget_min = 30\n"
    )
    done = runner.invoke(app, ["agencies", str(other), "--quiet"])
    assert done.exit_code != 0
