"""What ``--internal`` lifts and marks, and that nothing is lifted without it.

Read from the pages and files themselves.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from typer.testing import CliRunner

from coresponse.cli import main as cli
from coresponse.data.roads.cache import save_network
from coresponse.data.roads.made import street_grid
from coresponse.publish.disclosure import COLUMN, MARK, PREFIX

STUDY = """schema = 1
name = "Small town"
[roads]
file = "roads.npz"
[calls]
files = ["calls.csv"]
timezone = "America/New_York"
crs = "EPSG:32618"
[posts]
files = [{ file = "posts.csv", crs = "EPSG:32618" }]
[program]
preset = "ride-along"
[districts]
file = "districts.geojson"
[today]
file = "today.csv"
[limits]
units = { co_responder_unit = 2 }
[judging]
replications = 2
weeks = 1
holdout_share = 0.0
"""
FEW = 5
TILES = ()
runner = CliRunner()


def town(folder: Path) -> Path:
    """300 calls in the west, 5 in the east; three rows without a place."""
    folder.mkdir()
    roads = street_grid(14, 14, seed=4)
    save_network(roads, folder / "roads.npz")
    rng = np.random.default_rng(4)
    middle = float(np.quantile(roads.node_x, 0.7))
    west, east = (
        np.flatnonzero(side) for side in (roads.node_x < middle - 60, roads.node_x > middle + 60)
    )
    at = np.r_[rng.choice(west, 300), rng.choice(east, FEW)]
    received = np.datetime64("2024-01-01", "s") + np.sort(rng.integers(0, 90 * 86_400, len(at)))
    calls = pd.DataFrame(
        {
            "call_id": [f"C{i}" for i in range(len(at))],
            "received_at": np.datetime_as_string(received),
        }
    )
    calls["nature"] = "MENTAL HEALTH CRISIS"
    calls = calls.assign(x=roads.node_x[at].round(2), y=roads.node_y[at].round(2))
    lost = calls.head(3).assign(call_id=["L1", "L2", "L3"], x=np.nan)
    pd.concat([calls, lost]).to_csv(folder / "calls.csv", index=False)
    where = [int(west[0]), int(west[-1]), int(east[0])]
    posts = pd.DataFrame(
        {"post_id": ["P0", "P1", "P2"], "name": ["A", "B", "C"], "kind": "station"}
    )
    posts.assign(x=roads.node_x[where], y=roads.node_y[where]).to_csv(
        folder / "posts.csv", index=False
    )
    today = "responder_type,post_id,shift_pattern,count\nco_responder_unit,P1,day_10h,1\n"
    (folder / "today.csv").write_text(today, encoding="utf-8")
    low, high = roads.node_y.min() - 50, roads.node_y.max() + 50
    cut = float(np.median(roads.node_x[west]))
    edges = [roads.node_x.min() - 50, cut, middle, roads.node_x.max() + 50]
    shapes = [shapely.box(a, low, b, high) for a, b in pairwise(edges)]
    districts = gpd.GeoDataFrame({"district_id": ["W", "M", "E"], "name": ["West", "Middle", "East"]}, geometry=shapes,
                                 crs=roads.crs)  # fmt: skip
    districts.to_crs("EPSG:4326").to_file(folder / "districts.geojson")
    (folder / "study.toml").write_text(STUDY, encoding="utf-8")
    return folder


def done(*arguments: str | Path) -> str:
    result = runner.invoke(cli.app, [str(argument) for argument in arguments])
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = town(tmp_path_factory.mktemp("internal") / "town")
    done("plan", folder, "--quiet")
    assert MARK in done("plan", folder, "--internal", *TILES, "--quiet")
    return folder


@pytest.fixture(scope="module")
def public(study: Path) -> Path:
    (run,) = (study / "results").glob("plan-*")
    return run


@pytest.fixture(scope="module")
def internal(study: Path) -> Path:
    (run,) = (study / "results").glob(f"{PREFIX}plan-*")
    return run


def tables(run: Path) -> Iterator[tuple[str, pd.DataFrame]]:
    """Every table and layer of a run that is meant for showing, by file and layer."""
    for path in sorted(run.glob("*.csv")):
        yield path.name, pd.read_csv(path)
    for path in sorted(run.glob("*.parquet")):
        yield path.name, gpd.read_parquet(path)
    for path in sorted(run.glob("*.geojson")):
        yield path.name, gpd.read_file(path)
    for path in run.glob("*.gpkg"):
        for layer in pyogrio.list_layers(path)[:, 0]:
            if layer != "layer_styles":
                yield f"{path.name} {layer}", pyogrio.read_dataframe(path, layer=layer)


def page_data(page: Path) -> dict[str, Any]:
    found = re.search(
        r'<script type="application/json" id="content">(.*?)</script>',
        page.read_text(encoding="utf-8"),
    )
    assert found
    return dict(json.loads(found[1]))


def test_without_the_flag_small_counts_are_nowhere(public: Path) -> None:
    for name, table in tables(public):
        assert COLUMN not in table, name
        assert "calls" not in table, name
        for column in (c for c in table if str(c).startswith("calls_band")):
            assert "1-10" not in set(table[column]), name
    districts = (
        pd.read_csv(public / "districts.csv").query("deployment == 'plan'").set_index("district_id")
    )
    assert districts.loc["E"].drop(["deployment", "calls_band"]).isna().all()
    assert districts["mean_min"].isna().sum() == 2  # with one more, or the total would give it away
    for page in ("map.html", "report.html"):
        assert "INTERNAL" not in (public / page).read_text(encoding="utf-8")
    assert all("calls" not in cell for cell in page_data(public / "map.html")["cells"])
    plan = json.loads((public / "plan.json").read_text(encoding="utf-8"))
    assert COLUMN not in plan
    funnel = pd.read_csv(public / "funnel.csv").dropna()
    assert funnel.loc[
        funnel["reason"] == "no place", ["lost", "reason_count"]
    ].to_numpy().tolist() == [["1-10"] * 2]
    assert [
        step["lost"] for step in plan["inputs"]["calls"]["funnel"] if "no place" in step["reasons"]
    ] == ["1-10"]
    exact = pd.read_csv(public / "internal" / "funnel.csv").dropna()
    assert exact.loc[exact["reason"] == "no place", "lost"].tolist() == [3]
    assert set(funnel["count"]) != set(exact["count"])


def test_who_gains_and_who_loses_is_in_every_kind_of_file_but_for_few_calls(
    public: Path, internal: Path
) -> None:
    figures = ["wait_change_min", "wait_change_low_min", "wait_change_high_min"]
    for run, prefix, shown in ((public, "", 1), (internal, PREFIX, 3)):
        table = pd.read_csv(run / f"{prefix}district_changes.csv").set_index("district_id")
        assert list(table.index) == ["E", "M", "W"]
        assert table["wait_change_min"].notna().sum() == shown
        assert pd.isna(table.loc["E", "wait_change_min"]) == (run == public)
        assert set(table["wait_would_be"][table["wait_change_min"].isna()]) <= {
            "not shown, for few calls"
        }
        # the change is that of the two waits, within rounding, and those are the replay's
        change = table["wait_plan_min"] - table["wait_today_min"]
        assert (change - table["wait_change_min"]).dropna().abs().max() < 0.02
        banded = table[
            figures
        ].dropna()  # where the replay drew calls in one week only, there is no band
        assert len(banded) >= shown - 1
        assert len(banded) >= 1
        assert (
            (banded[figures[1]] <= banded[figures[0]]) & (banded[figures[0]] <= banded[figures[2]])
        ).all()
        replayed = pd.read_csv(run / f"{prefix}replay_districts.csv").set_index(
            ["deployment", "district_id"]
        )
        for district in table.dropna().index:
            for name in ("plan", "today"):
                wait = replayed.loc[(name, district), "mean_with_fallback_min"]
                assert table.loc[district, f"wait_{name}_min"] == pytest.approx(wait, abs=0.006)
        told = json.loads((run / "plan.json").read_text(encoding="utf-8"))["district_changes"]
        assert [row["wait_change_min"] for row in told] == table["wait_change_min"].astype(
            object
        ).where(table["wait_change_min"].notna(), None).tolist()
        layers = (
            gpd.read_parquet(run / f"{prefix}districts.parquet"),
            gpd.read_file(run / f"{prefix}plan.gpkg", layer="districts"),
            gpd.read_file(run / f"{prefix}districts.geojson"),
        )
        for layer in layers:
            found = layer.set_index("district_id").loc[table.index]
            pd.testing.assert_frame_equal(
                found[figures].astype(float), table[figures], check_names=False
            )
            assert found["wait_would_be"].tolist() == table["wait_would_be"].tolist()


def test_with_it_every_file_says_so(internal: Path, public: Path) -> None:
    names = {path.name for path in internal.iterdir()}
    assert {name for name in names if not name.startswith(PREFIX)} == {"plan.json", "internal"}
    assert {name.removeprefix(PREFIX) for name in names} == {path.name for path in public.iterdir()}
    for name, table in tables(internal):
        assert set(table[COLUMN]) == {MARK}, name
    assert next(iter(json.loads((internal / "plan.json").read_text(encoding="utf-8")).items())) == (
        COLUMN,
        MARK,
    )
    for page in ("map", "report"):
        text = (internal / f"{PREFIX}{page}.html").read_text(encoding="utf-8")
        assert "<title>INTERNAL: " in text
        assert '<li class="internal"><strong>INTERNAL</strong> not for publication</li>' in text
        assert '<div class="stamp" aria-hidden="true">INTERNAL</div>' in text
        assert '@top-center { content: "INTERNAL' in text


def test_what_it_lifts(internal: Path) -> None:
    cells = page_data(internal / f"{PREFIX}map.html")["cells"]
    assert sum(cell["calls"] for cell in cells) == 300 + FEW
    assert min(cell["calls"] for cell in cells) < 11
    assert "Areas hold at least 11 calls" not in (internal / f"{PREFIX}map.html").read_text(
        encoding="utf-8"
    )
    areas = gpd.read_parquet(internal / f"{PREFIX}areas.parquet")
    assert areas["calls"].sum() == 300 + FEW
    districts = (
        pd.read_csv(internal / f"{PREFIX}districts.csv")
        .query("deployment == 'plan'")
        .set_index("district_id")
    )
    assert districts.loc["E", "calls"] == FEW
    assert districts["mean_min"].notna().all()
    assert (
        gpd.read_file(internal / f"{PREFIX}plan.gpkg", layer="districts")
        .set_index("district_id")
        .loc["E", "calls"]
        == FEW
    )
    replayed = pd.read_csv(internal / f"{PREFIX}replay_districts.csv").set_index("district_id")
    assert "E" in replayed.index
    table = (
        (internal / f"{PREFIX}map.html")
        .read_text(encoding="utf-8")
        .split('id="head_districts"')[1]
        .split("</table>")[0]
    )
    assert re.search(rf"East</bdi></th><td[^>]*><bdi>{FEW}</bdi>", table)
    assert "no place 3" in (internal / f"{PREFIX}report.html").read_text(encoding="utf-8")
    funnel = pd.read_csv(internal / f"{PREFIX}funnel.csv").dropna()
    assert funnel.loc[funnel["reason"] == "no place", "reason_count"].tolist() == [3]


def test_qgis_opens_an_internal_package(internal: Path) -> None:
    with sqlite3.connect(internal / f"{PREFIX}plan.gpkg") as package:
        styled = {name for (name,) in package.execute("SELECT f_table_name FROM layer_styles")}
    assert {"posts", "areas", "districts"} <= styled


def test_a_report_is_internal_if_its_run_is_and_never_by_itself(
    study: Path, internal: Path, public: Path
) -> None:
    page = Path(json.loads(done("report", study, "--json"))["report"])
    assert page.name == "report.html"
    assert page.parent.name.startswith("report-")
    text = page.read_text(encoding="utf-8")
    assert "INTERNAL" not in text
    assert public.name in text
    page = Path(json.loads(done("report", study, "--run", internal, "--json"))["report"])
    assert page.name == f"{PREFIX}report.html"
    assert page.parent.name.startswith(f"{PREFIX}report-")
    assert "<strong>INTERNAL</strong> not for publication" in page.read_text(encoding="utf-8")


def test_a_replay_of_an_internal_run_is_fit_to_be_published(study: Path, internal: Path) -> None:
    folder = Path(
        json.loads(done("replay", study, "--run", internal, "--json", "--quiet"))["folder"]
    )
    for name, table in tables(folder):
        assert COLUMN not in table, name
    assert "E" not in set(pd.read_csv(folder / "replay_districts.csv").dropna()["district_id"])


def test_an_internal_run_states_one_exact_objective_everywhere(
    study: Path, internal: Path, public: Path
) -> None:
    printed = json.loads(done("plan", study, "--internal", "--json", "--quiet"))
    exact, rounded = (
        json.loads((run / "plan.json").read_text(encoding="utf-8"))["status"]
        for run in (internal, public)
    )
    assert (printed["objective"], printed["bound"]) == (exact["objective"], exact["bound"])
    assert exact["objective"] != rounded["objective"]
    page = (internal / f"{PREFIX}report.html").read_text(encoding="utf-8")
    said = set(re.findall(r"objective ([\d,.]+) minutes a call", page))
    assert said == {f"{exact['objective'] / 60:,.6g}"}


def test_all_judges_of_an_internal_run_are_exact(internal: Path, public: Path) -> None:
    for run, prefix, shown in ((internal, PREFIX, True), (public, "", False)):
        told = json.loads((run / "plan.json").read_text(encoding="utf-8"))["judgments"]["plan"]
        table = pd.read_csv(run / f"{prefix}judges.csv")
        mine = table[(table["deployment"] == "plan") & table["figure"].str.contains("standard")]
        by_judge = mine.set_index("judge")["value"]
        for judge in ("deterministic", "queueing"):
            assert by_judge[judge] == pytest.approx(told[judge]["share_in_time"], abs=5e-5)
            # a rounded share of 300 calls is a multiple of 2%
            steps = told[judge]["share_in_time"] / 0.02
            assert (abs(steps - round(steps)) > 1e-6) == shown


def test_an_internal_run_can_be_verified(internal: Path) -> None:
    assert ": verified." in done("plan", "--verify", internal, "--quiet")


def test_the_help_says_what_it_lifts() -> None:
    text = " ".join(re.sub(r"[^\w\s.,-]", " ", done("plan", "--help")).split())
    assert "--internal" in text
    for words in ("Suppress nothing", "250 m", "exact", "INTERNAL"):
        assert words in text
