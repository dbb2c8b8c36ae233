"""`new` reads what it is given, tells what it made of it, decides by evidence, and says all faults at once."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from pyproj import Transformer
from typer.testing import CliRunner

from coresponse.cli import main as cli
from coresponse.data.errors import InputError, Proposal
from coresponse.data.roads.cache import save_network
from coresponse.data.roads.made import street_grid
from coresponse.data.roads.propose_crs import propose_crs
from coresponse.study.new import NewStudy, new_study
from coresponse.study.read import read_study

runner = CliRunner()
ROADS = street_grid(12, 10, seed=3, spacing_m=150.0, origin_xy=(583_000.0, 4_506_000.0))
LONG_ISLAND_FEET = "EPSG:2263"


def moved(x: np.ndarray, y: np.ndarray, crs: str) -> tuple[np.ndarray, np.ndarray]:
    there = Transformer.from_crs(ROADS.crs, crs, always_xy=True)
    return there.transform(x, y)  # type: ignore[no-any-return]


def files(folder: Path, crs: str = LONG_ISLAND_FEET) -> NewStudy:
    """Roads, 60 calls and 4 posts, their places in a CRS that nobody states."""
    save_network(ROADS, folder / "roads.npz")
    at = np.arange(60) * 2 % ROADS.n_nodes
    x, y = moved(ROADS.node_x[at] + 20, ROADS.node_y[at], crs)
    received = np.datetime64("2024-01-01T08:10", "s") + np.arange(60) * 40_000
    calls = pd.DataFrame({"event_id": np.arange(60) + 500, "received": received.astype(str)})
    calls["code"] = np.resize(["5150", "CW", "PARK"], 60)
    calls["description"] = np.resize(["MENTAL CASE", "CHECK WELFARE", "PARKING"], 60)
    calls.assign(x_coord=x, y_coord=y).to_csv(folder / "calls.csv", index=False)
    x, y = moved(ROADS.node_x[[3, 40, 77, 101]], ROADS.node_y[[3, 40, 77, 101]], crs)
    posts = pd.DataFrame({"station_id": [1, 2, 3, 4], "name": list("ABCD")})
    posts.assign(easting=x, northing=y).to_csv(folder / "stations.csv", index=False)
    return NewStudy(
        program="ride-along",
        calls=(folder / "calls.csv",),
        posts=(f"station={folder / 'stations.csv'}",),
        roads=folder / "roads.npz",
        timezone="America/New_York",
    )


def new(folder: Path, start: NewStudy, *more: str) -> object:
    arguments = ["new", str(folder), "--program", start.program, "--roads", str(start.roads)]
    arguments += ["--calls", str(start.calls[0]), "--posts", start.posts[0]]
    return runner.invoke(cli.app, [*arguments, "--timezone", "America/New_York", *more])


@pytest.mark.parametrize("crs", [LONG_ISLAND_FEET, "EPSG:32618", "EPSG:32118"])
def test_the_crs_that_puts_places_on_the_roads_is_found(crs: str) -> None:
    x, y = moved(ROADS.node_x + 15, ROADS.node_y, crs)
    found = propose_crs(np.asarray(x), np.asarray(y), ROADS)
    assert found is not None
    back = Transformer.from_crs(found.code, ROADS.crs, always_xy=True).transform(x, y)
    assert np.hypot(back[0] - ROADS.node_x - 15, back[1] - ROADS.node_y).max() < 2
    assert found.code == {"EPSG:32618": "EPSG:26918"}.get(crs, crs)  # NAD83's, of the same grid
    assert found.median_m < 20


def test_degrees_under_a_stated_crs_are_told_with_the_crs_to_state(tmp_path: Path) -> None:
    start = files(tmp_path, "EPSG:4326")
    x, y = moved(ROADS.node_x + 15, ROADS.node_y, "EPSG:4326")
    found = propose_crs(np.asarray(x), np.asarray(y), ROADS)
    assert found is not None
    assert found.code == "EPSG:4326"
    result = new(tmp_path / "city", start, "--yes", "--crs", LONG_ISLAND_FEET)
    assert "crs = \"EPSG:4326\", in place of 'EPSG:2263'" in str(result.exception)  # type: ignore[attr-defined]
    assert new(tmp_path / "city", start, "--yes", "--crs", "EPSG:4326").exit_code == 0  # type: ignore[attr-defined]


def test_nothing_is_proposed_for_places_of_nowhere() -> None:
    rng = np.random.default_rng(1)
    assert propose_crs(rng.uniform(0, 50, 40), rng.uniform(0, 50, 40), ROADS) is None
    assert propose_crs(np.full(3, np.nan), np.full(3, np.nan), ROADS) is None


def test_new_decides_the_crs_and_says_so(tmp_path: Path) -> None:
    start = files(tmp_path)
    result = new(tmp_path / "city", start, "--yes")
    assert result.exit_code == 0, (result.output, result.exception)  # type: ignore[attr-defined]
    shown = " ".join(result.output.split())  # type: ignore[attr-defined]
    assert shown.count('crs = "EPSG:2263"') == 2
    assert "Read calls.csv: 60 rows; call_id from 'event_id' (500)" in shown
    assert "nature_words from 'description' (MENTAL CASE)" in shown
    assert "5150 (MENTAL CASE) 20" in shown
    written = (tmp_path / "city" / "study.toml").read_text(encoding="utf-8")
    assert written.count('"EPSG:2263"') == 2
    city = read_study(tmp_path / "city").city
    assert len(city.calls.frame) == 60
    assert len(city.posts.frame) == 4


def test_a_planner_who_does_not_agree_is_told_the_line_to_write(tmp_path: Path) -> None:
    start, asked = files(tmp_path), list[Proposal]()

    def never(proposal: Proposal) -> bool:
        asked.append(proposal)
        return False

    with pytest.raises(InputError) as refused:
        new_study(tmp_path / "city", start, ask=never)
    said = str(refused.value)
    assert said.startswith("2 inputs cannot be used:")
    assert 'under [calls] write crs = "EPSG:2263"' in said
    assert "in the entry of stations.csv" in said
    assert {proposal.file for proposal in asked} == {"calls.csv", "stations.csv"}
    assert not (tmp_path / "city").exists()


def test_the_planners_crs_is_never_exchanged_but_the_right_one_is_told(tmp_path: Path) -> None:
    start = files(tmp_path)
    stated = NewStudy(**{**vars(start), "crs": "EPSG:32618"})
    with pytest.raises(InputError, match=r'"EPSG:2263", in place of \'EPSG:32618\''):
        new_study(tmp_path / "city", stated)


def test_faults_of_all_files_come_in_one_message(tmp_path: Path) -> None:
    start = files(tmp_path, "EPSG:4326")
    pd.DataFrame({"a": [1], "b": [2]}).to_csv(tmp_path / "stations.csv", index=False)
    (tmp_path / "beats.geojson").write_text("{}", encoding="utf-8")
    calls = pd.read_csv(tmp_path / "calls.csv").drop(columns="code")
    calls = calls.drop(columns="description").assign(received="soon")
    calls.to_csv(tmp_path / "calls.csv", index=False)
    wrong = NewStudy(**{**vars(start), "districts": tmp_path / "beats.geojson"})
    with pytest.raises(InputError) as refused:
        new_study(tmp_path / "city", wrong)
    said = str(refused.value)
    assert said.startswith("3 inputs cannot be used:")
    for name in ("stations.csv", "beats.geojson", "calls.csv"):
        assert name in said
    assert "nature" in said
    assert not (tmp_path / "city").exists()


def test_a_study_is_begun_again_only_if_that_is_asked_for(tmp_path: Path) -> None:
    start = files(tmp_path, "EPSG:4326")
    study = tmp_path / "city"
    new_study(study, start)
    (study / "results").mkdir()
    (study / "results" / "kept.txt").write_text("here", encoding="utf-8")
    with pytest.raises(InputError, match="--force"):
        new_study(study, start)
    (study / "inputs" / "old.csv").write_text("a", encoding="utf-8")
    new_study(study, start, force=True)
    assert not (study / "inputs" / "old.csv").exists()
    assert (study / "results" / "kept.txt").is_file()
    other = tmp_path / "other"
    other.mkdir()
    (other / "diary.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(InputError, match="not empty -- choose another folder, or remove it"):
        new_study(other, start, force=True)
    assert (other / "diary.txt").is_file()


def test_check_tells_of_many_calls_that_are_set_aside(tmp_path: Path) -> None:
    start = files(tmp_path, "EPSG:4326")
    new_study(tmp_path / "city", start)
    path = tmp_path / "city" / "inputs" / "calls.csv"
    calls = pd.read_csv(path)
    calls.loc[:40, "x_coord"] += 0.2
    calls.to_csv(path, index=False)
    result = runner.invoke(cli.app, ["check", str(tmp_path / "city"), "-q"])
    shown = " ".join(result.output.split())
    assert "Ready. Next" not in shown
    assert "68% of the calls are set aside (more than 500 m from a road of the network)" in shown


def test_check_shows_natures_by_class_with_their_words(tmp_path: Path) -> None:
    start = files(tmp_path, "EPSG:4326")
    new_study(tmp_path / "city", start)
    shown = " ".join(
        runner.invoke(cli.app, ["check", str(tmp_path / "city"), "-q", "--details"]).output.split()
    )
    assert "Natures, and the call class that takes them" in shown
    taken, untaken = shown.split("Natures in no call class:")
    assert "PARK (PARKING) 20" in untaken
    assert "PARK" not in taken.split("Natures, and")[1]


def test_calls_of_which_none_is_on_the_roads_are_refused_with_what_to_look_at(
    tmp_path: Path,
) -> None:
    start = files(tmp_path, "EPSG:4326")
    calls = pd.read_csv(tmp_path / "calls.csv")
    calls.assign(x_coord=calls["x_coord"] + 0.3).to_csv(tmp_path / "calls.csv", index=False)
    with pytest.raises(InputError, match=r"calls\.csv: not one of 60 calls is on the roads.*row 2.* m from"):  # fmt: skip
        new_study(tmp_path / "city", start)
    assert not (tmp_path / "city").exists()


def test_one_fault_that_stops_several_checks_is_said_once(tmp_path: Path) -> None:
    start = files(tmp_path, "EPSG:4326")
    calls = pd.read_csv(tmp_path / "calls.csv").assign(code="ZZZ", description="NONE")
    calls.to_csv(tmp_path / "calls.csv", index=False)
    new_study(tmp_path / "city", start)
    result = runner.invoke(cli.app, ["check", str(tmp_path / "city"), "-q"])
    assert str(result.exception).count("no call is of a class") == 1
