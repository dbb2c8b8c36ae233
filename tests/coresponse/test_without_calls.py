"""A city without recorded calls: from roads and residents to a plan whose every page says so."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from typer.testing import CliRunner

from coresponse.cli import main as cli
from coresponse.data.errors import InputError
from coresponse.data.roads.cache import save_network
from coresponse.data.roads.made import street_grid
from coresponse.questions.replay import replay
from coresponse.study.read import read_study

runner = CliRunner()
ROADS = street_grid(14, 14, seed=2)


def run(*arguments: object) -> str:
    result = runner.invoke(cli.app, [str(argument) for argument in arguments])
    assert result.exit_code == 0, (result.output, result.exception)
    return result.output


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("town")
    save_network(ROADS, folder / "roads.npz")
    x, y = np.unique(np.round(ROADS.node_x, -2)), np.unique(np.round(ROADS.node_y, -2))
    blocks = [shapely.box(a, b, a + 400, b + 400) for a in x[::4].tolist() for b in y[::4].tolist()]
    frame = gpd.GeoDataFrame(
        {"POP20": [40_000 // len(blocks)] * len(blocks)}, geometry=blocks, crs=ROADS.crs
    )
    frame.to_crs(4326).to_file(folder / "blocks.geojson")
    made = folder / "study"
    run(
        "new", made, "--program", "ride-along", "--roads", folder / "roads.npz", "--propose", 5,
        "--population", folder / "blocks.geojson", "--rate", "1000 (500 to 2000) per 100k a year",
    )  # fmt: skip
    with (made / "study.toml").open("a", encoding="utf-8") as file:
        file.write("[judging]\nreplications = 2\nweeks = 2\n")
    return made


def test_check_says_what_is_assumed(study: Path) -> None:
    said = " ".join(run("check", study, "-q").split())
    assert "ASSUMED DEMAND, no recorded calls: 1,000 calls a year per 100,000 residents" in said
    assert "(500 to 2,000)" in said


def test_validate_says_that_there_are_no_records_before_it_asks_for_more(study: Path) -> None:
    refused = runner.invoke(cli.app, ["validate", str(study)])
    assert refused.exit_code != 0
    assert str(refused.exception) == (
        "Cannot tell whether the model fits the records: demand is assumed, and there are none -- "
        "name their files under [calls] once there are any"
    )


def test_a_plan_says_on_every_page_that_demand_is_assumed(study: Path) -> None:
    answer = json.loads(run("plan", study, "--json"))
    folder = Path(answer["folder"])
    told = json.loads((folder / "plan.json").read_text(encoding="utf-8"))
    assert told["notice"].startswith("ASSUMED DEMAND")
    for page in ("map.html", "report.html"):
        assert "ASSUMED DEMAND" in (folder / page).read_text(encoding="utf-8")
    assert "no calls are recorded: demand is assumed" in json.dumps(told)
    share = told["judgments"]["plan"]["replay"]["mean_with_fallback_s"]
    assert share["low"] < share["mean"] < share["high"]
    assert "verified" in run("plan", study, "--verify", folder, "-q").lower()


def test_recorded_calls_cannot_be_replayed_where_there_are_none(study: Path) -> None:
    case = read_study(study).case
    with pytest.raises(InputError, match="no calls are recorded"):
        replay(case, {}, calls="real")


def test_when_calls_come_the_same_study_takes_them(study: Path, tmp_path: Path) -> None:
    at = np.random.default_rng(1).integers(0, ROADS.n_nodes, 300)
    received = np.datetime64("2024-01-01", "s") + np.arange(300) * 90_000
    pd.DataFrame(
        {
            "call_id": [f"C{i}" for i in range(300)],
            "received_at": np.datetime_as_string(received),
            "nature": "MENTAL HEALTH CRISIS",
            "x": ROADS.node_x[at],
            "y": ROADS.node_y[at],
        }
    ).to_csv(study / "inputs" / "calls.csv", index=False)
    path = study / "study.toml"
    before = path.read_text(encoding="utf-8")
    now = before.replace("# files =", "files =").replace("[calls]", f'[calls]\ncrs = "{ROADS.crs}"')
    path.write_text(now, encoding="utf-8")
    try:
        assert read_study(study).city.calls.assumed is None
        said = " ".join(run("check", study, "-q", "--details").split())
    finally:
        path.write_text(before, encoding="utf-8")
    assert "ASSUMED DEMAND" not in said
    assert "a year per 100,000 residents" in said
    assert "Published rates: 883" in said


def test_what_is_missing_for_a_start_is_told(tmp_path: Path) -> None:
    save_network(ROADS, tmp_path / "roads.npz")
    arguments = ["new", tmp_path / "x", "--program", "star", "--roads", tmp_path / "roads.npz"]
    result = runner.invoke(cli.app, [*map(str, arguments), "--rate", "900", "--propose", "3"])
    assert isinstance(result.exception, InputError)
    assert "--population FILE" in str(result.exception)
    assert "2 faults" in str(result.exception)
