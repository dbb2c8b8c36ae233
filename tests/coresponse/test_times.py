"""Times of the week on the pages and in the files of a real plan.

Recounted call by call, and silent about few calls.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import scipy.optimize
import scipy.sparse as sp
import shapely
from typer.testing import CliRunner

from coresponse.cli import main as cli
from coresponse.data.options import Deployment, Option
from coresponse.data.sample_city import sample_folder
from coresponse.optimize.evaluate_case import evaluation_setup
from coresponse.study.files import copy_study
from coresponse.study.read import LoadedStudy, read_study

runner = CliRunner()


def planned(folder: Path) -> Path:
    """Plan a study quickly; return the run."""
    text = (folder / "study.toml").read_text(encoding="utf-8")
    text = text.replace("[objective]", '[objective]\nbusy_units = "free"')
    if "[judging]" not in text:
        text += "\n[judging]\nreplications = 4\nweeks = 12\nholdout_share = 0\n"
    (folder / "study.toml").write_text(text, encoding="utf-8")
    done = runner.invoke(cli.app, ["plan", str(folder), "--quiet"])
    assert done.exit_code == 0, done.output
    return next((folder / "results").glob("plan-*/plan.json")).parent


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("times") / "sample"
    copy_study(sample_folder(), folder)
    planned(folder)
    return folder


def run_of(study: Path) -> Path:
    return next((study / "results").glob("plan-*/plan.json")).parent


def on_the_page(run: Path) -> dict[str, Any]:
    """Read what the page holds."""
    text = (run / "map.html").read_text(encoding="utf-8")
    found = re.search(
        r'<script type="application/json" id="content">(.*?)</script>', text, re.DOTALL
    )
    assert found is not None
    content: dict[str, Any] = json.loads(found[1])
    return content


@pytest.fixture(scope="module")
def counted(study: Path) -> pd.DataFrame:
    """Every demand cell with its district, hour kind, calls, and the first responder's time under plan and today."""
    inputs = read_study(study)
    return recount(inputs, run_of(study))


def recount(inputs: LoadedStudy, run: Path) -> pd.DataFrame:
    table = inputs.case.table
    cells = table.cells
    bought = {
        "plan": pd.read_csv(run / "deployment.csv"),
        "today": pd.read_csv(inputs.folder.path / "today.csv", dtype=str),
    }
    ids = (
        np.array([*inputs.city.districts.frame["district_id"], ""])
        if inputs.city.districts is not None
        else np.array([""])
    )
    out = pd.DataFrame(
        {
            "district": ids[cells.district],
            "time": [
                "day" if cells.periods[p].name.startswith("day") else "night" for p in cells.period
            ],
            "calls": cells.calls,
            "x": inputs.city.roads.place_xy(cells.node)[0],
            "y": inputs.city.roads.place_xy(cells.node)[1],
            "weight": cells.calls_per_week,
        }
    )
    for name, rows in bought.items():
        wanted = set(
            zip(
                rows["responder_type"],
                rows["post_id"].astype(str),
                rows["shift_pattern"],
                strict=True,
            )
        )
        at = [i for i, option in enumerate(table.options) if tuple(option) in wanted]
        out[name] = np.min(table.response_s[at], axis=0)[table.column].astype(float)
    return out


@pytest.fixture(scope="module")
def replayed(study: Path) -> pd.DataFrame:
    """Every call of all replications of plan and today: district, time of the week, wait and whether in time."""
    case = read_study(study).case
    table = pd.read_csv(run_of(study) / "deployment.csv", dtype={"post_id": str})
    fields = ("responder_type", "post_id", "shift_pattern")
    plan = {Option(*map(str, row[:3])): row[3] for row in table[[*fields, "count"]].to_numpy()}
    assert case.city.today is not None
    assert case.city.districts is not None
    ids = np.array([*case.city.districts.frame["district_id"], ""])
    setup = evaluation_setup(case)
    frames = []
    for name, deployment in (("plan", Deployment.of("plan", plan)), ("today", case.city.today)):
        for run in setup.replay(deployment):
            calls, response_s = run.scenario.calls, run.response_s()
            hour = (calls.received_s // 3600).astype(int) % 24
            wait_s = np.where(np.isfinite(response_s), np.minimum(response_s, 3600.0), 3600.0)
            frames.append(
                pd.DataFrame(
                    {
                        "name": name,
                        "district": ids[calls.district],
                        "time": np.where((hour >= 7) & (hour < 19), "day", "night"),
                        "wait_min": wait_s / 60,
                        "response_min": response_s / 60,
                        "late": 100.0 * ~(response_s <= 15 * 60),
                    }
                )
            )
    return pd.concat(frames, ignore_index=True)


def test_the_pages_figures_by_time_are_those_of_the_replayed_calls(
    study: Path, counted: pd.DataFrame, replayed: pd.DataFrame
) -> None:
    page = on_the_page(run_of(study))
    assert [(p["key"], p["hours"]) for p in page["periods"]] == [
        ("", ""), ("day", "daily 07:00-19:00"), ("night", "daily 19:00-07:00"),
    ]  # fmt: skip
    past = counted.groupby(["district", "time"])["calls"].sum()
    means = replayed.groupby(["district", "time", "name"])[["wait_min", "response_min", "late"]]
    exact = means.mean()
    compared = 0
    for district in page["districts"]:
        for time in ("day", "night"):
            calls = past[district["id"], time]
            assert calls > 100
            for name in ("plan", "today"):
                wait, _, late, response = district["v"][f"{name}@{time}"]
                found = exact.loc[(district["id"], time, name)]
                # rounded so that a share does not tell what it is of: to 1% of 101 calls, 0.5% of
                # 251, 0.1% of 1,001; of the share left to police the wait is put together
                share = 0.51 if calls <= 1000 else 0.051
                assert response == pytest.approx(found["response_min"], abs=0.051)
                assert late == pytest.approx(found["late"], abs=share)
                assert wait == pytest.approx(found["wait_min"], abs=0.16 + share / 100 * 45)
                compared += 1
    assert compared == 4 * len(page["districts"]) > 40


def test_areas_by_time_hold_all_calls_and_enough_of_each_time(
    study: Path, counted: pd.DataFrame
) -> None:
    page = on_the_page(run_of(study))
    assert len(page["timeCells"]) > 50
    for time in ("day", "night"):
        least = sum(
            int(page["bands"][c["band"][time]].split("-")[0].replace(",", ""))
            for c in page["timeCells"]
        )
        assert all(page["bands"][c["band"][time]] != "1-10" for c in page["timeCells"])
        assert (
            11 * len(page["timeCells"]) <= least <= counted[counted["time"] == time]["calls"].sum()
        )
    layer = gpd.read_file(run_of(study) / "plan.gpkg", layer="areas_by_time")
    assert len(layer) == len(page["timeCells"])
    assert {"mean_s_plan@night", "calls_band@day"} <= set(layer.columns)
    assert "calls" not in layer.columns
    places = gpd.read_file(run_of(study) / "plan.gpkg", layer="areas")
    assert layer.union_all().symmetric_difference(places.union_all()).area < 1.0


def could_be(bands: pd.Series, shares: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Return the least and most calls that a band, and shares that are told as k of n, leave possible."""
    ends = []
    for said, row in zip(bands, shares.to_numpy(), strict=True):
        low, _, high = str(said).replace(",", "").partition("-")
        low, high = int(low.removesuffix(" and more")), int(high) if high else 20_000
        n = np.arange(low, high + 1)
        step = min(
            s
            for s in (0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001, 0.0005, 0.0002, 0.0001)
            if s >= 1 / low
        )
        told = np.all(
            [np.abs(np.rint(share * n) / n - share) <= step / 2 + 1e-9 for share in row], axis=0
        )
        ends.append((n[told].min(), n[told].max()))
    return np.array(ends).T.astype(float)


def test_no_count_of_few_calls_can_be_worked_back(study: Path, counted: pd.DataFrame) -> None:
    """Whoever knows where calls came at all, and reads every band and share of page and files, still finds no small count."""
    run = run_of(study)
    page = on_the_page(run)
    layers = {
        name: gpd.read_file(run / "plan.gpkg", layer=name)
        for name in ("areas", "areas_by_time", "districts")
    }
    for layer, rows, key in (
        ("areas", page["cells"], ""),
        ("areas_by_time", page["timeCells"], "night"),
    ):
        column = f"calls_band@{key}" if key else "calls_band"
        told = layers[layer].set_index("cell_id")[column]
        assert all(page["bands"][row["band"][key]] == told[row["id"]] for row in rows)
    points = shapely.points(counted["x"], counted["y"])
    part = counted.assign(
        **{
            name: shapely.STRtree(layers[name].geometry).query_nearest(points, all_matches=False)[1]
            for name in ("areas", "areas_by_time")
        },
        at=counted["district"]
        .map({d: i for i, d in enumerate(layers["districts"]["district_id"])})
        .fillna(-1)  # outside all districts: in an area, and in no row of districts
        .astype(int),
    )
    pieces = part.groupby(["areas", "areas_by_time", "at", "time"])["calls"].sum().reset_index()
    known = [
        (pieces["areas"], "areas", "", "calls_band"),
        (pieces["at"], "districts", "", "calls_band"),
    ]
    known += [
        (pieces["areas_by_time"], "areas_by_time", key, f"calls_band@{key}")
        for key in ("day", "night")
    ]
    rows, low, high, true = [], [], [], []
    for group, layer, key, column in known:
        inside = np.ones(len(pieces), dtype=bool) if not key else (pieces["time"] == key).to_numpy()
        frame = layers[layer]
        inside = inside & (group >= 0).to_numpy()
        member = sp.csr_matrix(
            (inside.astype(float), (group.clip(0).astype(int), np.arange(len(pieces)))),
            (len(frame), len(pieces)),
        )
        wanted = [f"share_in_time_{d}" + (f"@{key}" if key else "") for d in ("plan", "today")]
        least, most = could_be(frame[column], frame[wanted])
        count = member @ pieces["calls"].to_numpy(float)
        assert ((least <= count) & (count <= most)).all()
        rows.append(member)
        low, high, true = [*low, *least], [*high, *most], [*true, *count]
    equations = sp.vstack(rows).tocsr()

    def most_of(group: np.ndarray, least: list[float], most: list[float]) -> float:
        both, ends = sp.vstack([equations, -equations]), np.r_[most, -np.array(least)]
        found = scipy.optimize.linprog(
            -group.astype(float), A_ub=both, b_ub=ends, bounds=(1, None), method="highs"
        )
        assert found.status == 0
        return float(-found.fun)

    few = pieces.groupby(["areas", "time"])["calls"].sum()
    aims = [
        ((pieces["areas"] == area) & (pieces["time"] == time)).to_numpy()
        for area, time in few[few <= 10].index[::40]
    ]
    # what a district holds of the areas that reach over its border
    over = pieces.groupby("areas")["at"].transform("nunique") > 1
    strips = pieces[over].groupby(["areas", "at"])["calls"].sum()
    strips = strips[strips <= 10]
    aims += [
        ((pieces["areas"] == area) & (pieces["at"] == at)).to_numpy()
        for area, at in strips.index[::4]
    ]
    assert len(aims) > 12
    for aim in aims:
        assert most_of(aim, low, high) >= 11
    # whereas one who had the counts themselves would know some to be few
    assert any(most_of(aim, true, true) < 11 for aim in aims)


def test_the_time_control_shows_the_recounted_figures(
    study: Path, replayed: pd.DataFrame, chromium: Any
) -> None:
    page = chromium.new_page(viewport={"width": 1280, "height": 900})
    page.goto((run_of(study) / "map.html").as_uri())
    page.wait_for_selector("body[data-ready=yes]")
    page.locator('input[name="view"][value="district"]').check(force=True)
    names = page.locator("#map_plan .district-name")
    shown = {}
    # by keyboard: from the whole week to the day, to the night
    page.locator('input[name="period"][value=""]').focus()
    for key in ("day", "night"):
        page.keyboard.press("ArrowRight")
        assert page.locator(f'input[name="period"][value="{key}"]').is_checked()
        shown[key] = " ".join(names.all_inner_texts())
    for time, text in shown.items():
        mine = replayed[
            (replayed["district"] == "D07")
            & (replayed["time"] == time)
            & (replayed["name"] == "plan")
        ]
        figures = [float(found) for found in re.findall(r"(\d+\.\d) min", text)]
        assert min(abs(one - mine["wait_min"].mean()) for one in figures) < 0.3
    assert shown["day"] != shown["night"]
    page.close()


def quiet_night(study: Path, folder: Path) -> set[str]:
    """Copy the sample with 4 calls at night in one district; return the ids of its districts."""
    copy_study(sample_folder(), folder)
    inputs = read_study(folder)
    assert inputs.city.districts is not None
    calls = pd.read_parquet(folder / "calls.parquet")
    frame = inputs.city.calls.frame
    district = inputs.city.districts.locate(*inputs.city.roads.place_xy(frame["node"].to_numpy()))
    hour = frame["received_at"].dt.hour
    night = frame[(district == 5) & ((hour >= 19) | (hour < 7))]
    # calls outside all districts would be hidden with it, and have no row on the page
    drop = {*night["call_id"].iloc[4:], *frame["call_id"][district < 0]}
    column = next(
        name
        for name in calls.columns
        if set(map(str, calls[name].head(50))) & set(map(str, frame["call_id"]))
    )
    calls[~calls[column].astype(str).isin({str(one) for one in drop})].to_parquet(
        folder / "calls.parquet", index=False
    )
    return set(inputs.city.districts.frame["district_id"])


def test_a_district_with_few_calls_at_night_is_silent_about_times(
    study: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "quiet"
    quiet_night(study, folder)
    run = planned(folder)
    cells = recount(read_study(folder), run)
    counts = cells.pivot_table(
        index="district", columns="time", values="calls", aggfunc="sum", fill_value=0
    )
    few = set(counts.index[((counts > 0) & (counts < 11)).any(axis=1)])
    assert len(few) == 1
    page = on_the_page(run)
    hidden = {d["id"] for d in page["districts"] if d["v"]["plan@night"][0] is None}
    # the district itself, and another one, or totals less what is shown would give it away; at all
    # times alike
    assert few < hidden
    assert len(hidden) == 2
    for district in page["districts"]:
        values = [value for suffix, row in district["v"].items() if "@" in suffix for value in row]
        assert (
            (district["id"] in hidden)
            == all(value is None for value in values)
            == any(value is None for value in values)
        )
    layer = gpd.read_file(run / "plan.gpkg", layer="districts").set_index("district_id")
    assert set(layer.index[layer["mean_s_plan@night"].isna()]) == hidden
    assert set(layer.index[layer["share_in_time_today@day"].isna()]) == hidden
