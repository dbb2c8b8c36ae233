"""What is meant for showing holds no call's own place or time.

Every file is read as an attacker would.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pyproj
import pytest
import scipy.spatial
import shapely
from numpy.typing import NDArray
from typer.testing import CliRunner

from coresponse.cli import main as cli

TEXTS = {".csv", ".json", ".geojson", ".html", ".svg", ".txt", ".md", ".toml"}
NUMBER = re.compile(r"-?\d+\.\d+|-?\d+")
MOMENT = re.compile(r"(20\d\d-\d\d-\d\d)[T ](\d\d:\d\d)")
NEAR_M = 0.5
COUNTS = {"calls", "reason_count", "lost", "judge_calls", "calls_band"}

Points = NDArray[np.float64]


@pytest.fixture(scope="module")
def study(make_study: Callable[[Path], Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A town whose calls came from beside the roads, some of a rare nature, with every kind of result."""
    folder = make_study(tmp_path_factory.mktemp("private") / "town")
    calls = pd.read_csv(folder / "calls.csv")
    rng = np.random.default_rng(8)
    calls["x"] += rng.uniform(5, 40, len(calls)).round(2)
    calls["y"] -= rng.uniform(5, 40, len(calls)).round(2)
    calls.loc[3, "nature"] = "RARE NATURE"
    calls.loc[[10, 11], "x"] += 90_000  # beyond all roads
    calls.to_csv(folder / "calls.csv", index=False)
    west, south, east, north = (
        calls["x"].min() - 99,
        calls["y"].min() - 99,
        calls["x"].quantile(0.9),
        calls["y"].max() + 99,
    )
    boxes = [
        shapely.box(west, south, east - 300, north),
        shapely.box(east - 300, south, east + 999, north),
    ]
    districts = gpd.GeoDataFrame(
        {"district_id": ["A", "B"], "name": ["West", "East"]}, geometry=boxes, crs="EPSG:32618"
    )
    districts.to_file(folder / "districts.gpkg", driver="GPKG")
    text = (folder / "study.toml").read_text(encoding="utf-8")
    text = text.replace("[program]", '[districts]\nfile = "districts.gpkg"\n[program]')
    text += '\n[[periods]]\nname = "day"\nhours = "daily 07:00-19:00"\n[[periods]]\nname = "night"\nhours = "daily 19:00-07:00"\n'
    (folder / "study.toml").write_text(text, encoding="utf-8")
    for command in (
        ["plan"], ["sweep", "--vary", "units.co_responder_unit=2:3", "--busy-units", "free", "--jobs", "1"], ["report"],
        ["explore"], ["replay"], ["alternatives"], ["scenarios", "--only", "demand-up", "--time-limit", "5"],
    ):  # fmt: skip
        quiet = [] if command == ["report"] else ["--quiet"]
        done = CliRunner().invoke(cli.app, [command[0], str(folder), *command[1:], *quiet])
        assert done.exit_code == 0, (command, done.output, done.exception)
    return folder


def public(study: Path) -> list[Path]:
    """List what is meant for showing.

    All but ``internal`` folders, and what a sweep keeps to go on with.
    """
    inner = {"internal", "sweep-points", ".cache"}
    found = [
        path
        for path in (study / "results").rglob("*")
        if path.is_file() and not inner & set(path.parts)
    ]
    assert {path.suffix for path in found} >= {
        ".csv",
        ".json",
        ".geojson",
        ".html",
        ".gpkg",
        ".parquet",
        ".svg",
    }
    return found


def pairs(text: str) -> Points:
    """All neighboring numbers, both ways round."""
    numbers = np.array([float(one) for one in NUMBER.findall(text)])
    if len(numbers) < 2:
        return np.empty((0, 2))
    both = np.column_stack([numbers[:-1], numbers[1:]])
    return np.vstack([both, both[:, ::-1]])


def page_points(text: str) -> Points:
    """All places on a map page, whose coordinates are steps from one to the next."""
    found = re.search(
        r'<script type="application/json" id="content">(.*?)</script>', text, re.DOTALL
    )
    content = json.loads(found[1]) if found else {}
    if "origin" not in content:
        return np.empty((0, 2))
    out = [np.empty((0, 2))]

    def walk(part: Any) -> None:
        if isinstance(part, dict):
            for one in part.values():
                walk(one)
        elif isinstance(part, list):
            if len(part) >= 2 and len(part) % 2 == 0 and all(isinstance(one, int) for one in part):
                steps = np.array(part, dtype=float).reshape(-1, 2)
                out.append(np.cumsum(steps, axis=0) * content["step"] + np.array(content["origin"]))
            else:
                for one in part:
                    walk(one)

    walk(content)
    return np.vstack(out)


def readings(path: Path) -> Iterator[tuple[str, Points]]:
    """Yield whatever could be a place in a file: (where, points)."""
    if path.suffix in TEXTS:
        text = path.read_text(encoding="utf-8")
        yield "numbers", pairs(text)
        yield "page", page_points(text)
    elif path.suffix == ".parquet":
        try:
            frame: pd.DataFrame = gpd.read_parquet(path)
        except ValueError:
            frame = pd.read_parquet(path)
        yield from table_readings(frame)
    elif path.suffix == ".gpkg":
        for layer, _ in pyogrio.list_layers(path):
            yield from table_readings(pyogrio.read_dataframe(path, layer=layer))


def table_readings(frame: pd.DataFrame) -> Iterator[tuple[str, Points]]:
    if isinstance(frame, gpd.GeoDataFrame):
        yield "shapes", shapely.get_coordinates(frame.geometry.to_numpy())
    plain = frame.drop(columns="geometry", errors="ignore")
    yield "attributes", pairs(plain.to_csv(index=False))


def own_places(study: Path) -> tuple[Points, Points]:
    """Return the calls' own places, in meters and in degrees (longitude, latitude)."""
    calls = pd.read_csv(study / "calls.csv")
    metric = calls[["x", "y"]].to_numpy(dtype=float)
    to_degrees = pyproj.Transformer.from_crs("EPSG:32618", "EPSG:4326", always_xy=True)
    return metric, np.column_stack(to_degrees.transform(metric[:, 0], metric[:, 1]))


def found_in(points: Points, study: Path) -> int:
    """Count the calls whose own place is among points, in meters or degrees."""
    metric, degrees = own_places(study)
    if not len(points):
        return 0
    tree = scipy.spatial.KDTree(points)
    near = [
        tree.query(places, distance_upper_bound=bound)[0]
        for places, bound in ((metric, NEAR_M), (degrees, NEAR_M / 111_000))
    ]
    return int(sum(np.isfinite(found).sum() for found in near))


def test_the_attack_finds_places_where_they_are(study: Path, tmp_path: Path) -> None:
    calls = pd.read_csv(study / "calls.csv")
    text = (study / "calls.csv").read_text(encoding="utf-8")
    assert found_in(pairs(text), study) > 0.95 * len(calls)
    _, degrees = own_places(study)
    points = gpd.GeoDataFrame(
        {"n": range(len(calls))}, geometry=gpd.points_from_xy(*degrees.T), crs="EPSG:4326"
    )
    points.to_file(tmp_path / "leak.gpkg", driver="GPKG")
    ((where, found), _) = readings(tmp_path / "leak.gpkg")
    assert where == "shapes"
    assert found_in(found, study) == len(calls)
    assert MOMENT.search(text)


def test_no_call_s_place_is_in_what_is_shown(study: Path) -> None:
    for path in public(study):
        for where, points in readings(path):
            # corners of streets and areas lie somewhere, and a call may be near one by chance
            chance = 0.02 if where == "page" else 0.0
            assert found_in(points, study) <= chance * 400, (path, where)


def test_no_call_s_time_is_in_what_is_shown(study: Path) -> None:
    calls = pd.read_csv(study / "calls.csv")
    moments = {str(one)[:16].replace("T", " ") for one in calls["received_at"]}
    utc = pd.to_datetime(calls["received_at"])
    local = utc.dt.tz_localize("America/New_York", nonexistent="shift_forward", ambiguous=True)
    seconds = {int(one.timestamp()) for one in (*utc, *local)}
    for path in public(study):
        text = (
            path.read_text(encoding="utf-8")
            if path.suffix in TEXTS
            else path.read_bytes().decode("latin-1")
        )
        assert not {f"{day} {clock}" for day, clock in MOMENT.findall(text)} & moments, path
        if path.suffix in TEXTS:
            whole = {int(one) for one in re.findall(r"(?<![\d.])\d{10}(?!\d)", text)}
            assert not whole & seconds, path


def test_no_id_of_a_call_and_no_rare_nature_is_in_what_is_shown(study: Path) -> None:
    for path in public(study):
        content = path.read_bytes()
        assert b"RARE NATURE" not in content, path
        assert not re.search(rb"\bC\d{3}\b", content) or path.suffix in {
            ".parquet",
            ".gpkg",
            ".html",
        }, path


def test_no_count_of_1_to_10_calls_is_in_a_table(study: Path) -> None:
    for path in public(study):
        if path.suffix == ".csv":
            frame = pd.read_csv(path, dtype=str)
            for column in frame.columns.intersection(list(COUNTS)):
                small = (
                    frame[column]
                    .dropna()
                    .str.fullmatch(
                        r"([1-9]|10)(\.0+)?" + ("|1-10" if column == "calls_band" else "")
                    )
                )
                assert not small.any(), (path, column)
        if path.suffix == ".json":
            small = [
                key
                for key, value in leaves(json.loads(path.read_text(encoding="utf-8")))
                if value in range(1, 11)
            ]
            told = [key for key in small if {"funnel", "set_aside"} & set(key) or key[-1] in COUNTS]
            # posts are no calls, and a replay's calls a week are drawn
            assert not [key for key in told if not {"posts", "judgments"} & set(key)], path


def test_every_column_of_a_run_is_in_the_dictionary(study: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "results.md").read_text(encoding="utf-8")
    told = set(re.findall(r"`([a-z_0-9]+)`", page)) | {f"h{hour:02d}" for hour in range(24)}
    for path in public(study):
        if (
            not path.parent.name.startswith("plan-")
            or path.suffix not in {".csv", ".parquet"}
            or path.stem == "metrics"
        ):
            continue
        frame = pd.read_csv(path, nrows=1) if path.suffix == ".csv" else pd.read_parquet(path)
        for column in frame.columns.drop("geometry", errors="ignore"):
            name = str(column).partition("@")[0]
            plain = re.sub(r"_(low|high)(?=_min$|$)", "", name)
            assert {name, plain, re.sub("_(plan|today)$", "", plain)} & told, (path.name, column)


def coarse(name: str, value: float, calls: int) -> bool:
    """Whether a figure of the whole city is so coarse that it takes some five calls to move it by a step."""
    if name.endswith(("_s", "_min")):
        return abs(value * (10 if name.endswith("_min") else 1 / 6) % 1 + 0.5) % 1 == pytest.approx(
            0.5, abs=1e-6
        )
    step = next(step for step in (0.005, 0.01, 0.02, 0.05, 0.1) if step * calls >= 5 or step == 0.1)
    return abs(value / step + 0.5) % 1 == pytest.approx(0.5, abs=1e-6)


def whole_city_figures(study: Path) -> Iterator[tuple[Path, str, float]]:
    """Yield what follows from past calls exactly, of all eligible calls.

    Whatever but the replay's figures, by its name.
    """
    for path in public(study):
        if path.suffix == ".json":
            for key, value in leaves(json.loads(path.read_text(encoding="utf-8"))):
                drawn = {"replay", "bootstrap", "wait_less_s", "district_changes"} & set(key)
                seconds = (
                    key[-1] in {"objective", "bound", "queueing_cost", "worse_by", "score"}
                    and value
                )
                if isinstance(value, float) and not drawn:
                    yield (
                        path,
                        f"{key[-1]}_s" if seconds else key[-1].removesuffix("_queueing"),
                        value,
                    )
        if path.name in {"judges.csv", "points.csv", "plans.csv"} or path.parts[-2:][0].startswith(
            "scenarios-"
        ):
            frame = pd.read_csv(path) if path.suffix == ".csv" else pd.DataFrame()
            if path.name == "judges.csv":
                frame = frame[(frame["judge"] != "replay") & frame["unit"].isin(["min", "share"])]
                for row in frame.itertuples():
                    yield path, "x_min" if row.unit == "min" else "share_x", float(row.value)
            for name in frame.columns.intersection(
                ["share_in_time", "share_reached", "p90_min", "mean_with_fallback_min"]
            ):
                for value in frame[name].dropna():
                    yield path, str(name), float(value)


def test_two_plans_do_not_tell_of_the_calls_that_they_differ_by(study: Path) -> None:
    calls = int(
        pd.read_csv(study / "calls.csv")["nature"]
        .isin(["MENTAL HEALTH CRISIS", "WELFARE CHECK"])
        .sum()
    )
    seen = set()
    for path, name, value in whole_city_figures(study):
        if name.startswith(("share_in_time", "share_reached", "share_x")) or re.search(
            r"^(mean|median|p90|objective|bound|queueing_cost|worse_by|score|x).*_(s|min)$",
            name.removesuffix("_if_free"),
        ):
            seen.add((path.name, name))
            assert coarse(name.removesuffix("_if_free"), value, calls), (path, name, value)
    assert {file for file, _ in seen} >= {
        "plan.json",
        "judges.csv",
        "sweep.json",
        "alternatives.json",
        "points.csv",
    }
    assert len(seen) > 25


def leaves(part: Any, at: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    inner = (
        part.items()
        if isinstance(part, dict)
        else enumerate(part)
        if isinstance(part, list)
        else None
    )
    if inner is None:
        yield at, part
    else:
        for key, value in inner:
            yield from leaves(value, (*at, str(key)))
