"""What the fuzz runs found, each as small as it could be made, so that it stays mended."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet
import pytest
import shapely
from typer.testing import CliRunner

from coresponse.cli import main as cli
from coresponse.coverage.queueing.correction import loss_table
from coresponse.data.calls.read import read_calls
from coresponse.data.calls.times import parse_times, time_zone
from coresponse.data.district_layers import read_districts
from coresponse.data.errors import InputError
from coresponse.data.ground import read_ground
from coresponse.data.population import read_population
from coresponse.data.posts_read import read_posts
from coresponse.data.programs.load import load_program
from coresponse.data.roads.made import street_grid
from coresponse.data.roads.read import read_roads
from coresponse.data.sample_city import sample_folder
from coresponse.data.tables.cells import as_text
from coresponse.data.tables.read import read_table
from coresponse.data.tables.specs import CALLS
from coresponse.data.toml import read_model
from coresponse.study.files import copy_study
from coresponse.study.folder import open_study
from coresponse.study.settings import Study

ROADS = street_grid(4, 4, seed=1)


def test_times_with_broken_offsets_beside_sound_ones() -> None:
    texts = [
        "2024-03-10 05:15:00",
        "2024-03-10T05:15:00+5",
        "2024-03-10T05:15:00 -0500x",
        "2024-03-10 05:15:00-05:00",
    ]
    found = parse_times(pd.Series(texts), time_zone("UTC"))
    assert found.bad.tolist() == [False, True, True, False]
    assert str(found.utc[3])[:19] == "2024-03-10T10:15:00"


@pytest.mark.parametrize("value", [1e19, 1e308, float("inf"), -1e300])
def test_whole_numbers_beyond_what_a_float_tells_apart(value: float) -> None:
    assert as_text(pd.Series([1.0, value, float("nan")])).tolist()[2] == ""
    assert as_text(pd.Series([1.0, 2.0**53, float("nan")])).tolist() == [
        "1",
        "9007199254740992",
        "",
    ]


def test_text_in_parquet_that_is_no_utf8(tmp_path: Path) -> None:
    broken = pa.Array.from_buffers(
        pa.string(),
        1,
        [None, pa.py_buffer(np.array([0, 2], dtype=np.int32)), pa.py_buffer(b"\xff\xfe")],
    )
    pa.parquet.write_table(
        pa.table({"call_id": broken, "received_at": ["2024-01-01"]}), tmp_path / "calls.parquet"
    )
    with pytest.raises(InputError, match="not a readable Parquet file"):
        read_table(tmp_path / "calls.parquet", CALLS)


@pytest.mark.parametrize("most", ["99999999999999999999", "1e308", "1000001"])
def test_more_at_a_post_than_any_number_holds(most: str, tmp_path: Path) -> None:
    x, y = ROADS.node_x[0], ROADS.node_y[0]
    (tmp_path / "posts.csv").write_text(
        f"post_id,x,y,at_most\nA,{x},{y},{most}\n", encoding="utf-8"
    )
    with pytest.raises(InputError, match="row 2, column at_most"):
        read_posts(tmp_path / "posts.csv", network=ROADS, crs=ROADS.crs)


def test_a_district_with_a_corner_that_is_nowhere(tmp_path: Path) -> None:
    ring = "[[-75.0, 40.6], [-75.0, 4268], [-74.9, 40.7], [-75.0, 40.6]]"
    (tmp_path / "d.geojson").write_text(
        '{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {"id": "A"}, '
        '"geometry": '
        f'{{"type": "Polygon", "coordinates": [{ring}]}}}}]}}',
        encoding="utf-8",
    )
    with pytest.raises(
        InputError,
        match=r"cannot be placed on Earth|is not on Earth|not a readable map layer|no district touches",
    ):
        read_districts(tmp_path / "d.geojson", network=ROADS)


@pytest.mark.parametrize("x", [np.nan, np.inf, 1e300])
@pytest.mark.parametrize("suffix", [".parquet", ".gpkg"])
@pytest.mark.parametrize(
    "read", [read_districts, read_population, partial(read_ground, what="water")]
)
def test_a_hole_with_a_corner_that_is_nowhere(
    read: Callable[..., object], suffix: str, x: float, tmp_path: Path
) -> None:
    """Bounds of an area are those of its outer ring."""
    west, south = float(ROADS.node_x.min()), float(ROADS.node_y.min())
    outer = shapely.box(west, south, west + 900, south + 900).exterior.coords
    hole = [(west + 20, south + 20), (west + 50, south + 20), (x, south + 50)]
    path = tmp_path / f"areas{suffix}"
    with np.errstate(invalid="ignore"):
        layer = gpd.GeoDataFrame(
            {"name": ["A"], "population": [100]},
            geometry=[shapely.Polygon(outer, [[*hole, hole[0]]])],
            crs=ROADS.crs,
        )
        layer.to_parquet(path) if suffix == ".parquet" else layer.to_file(path)
    with pytest.raises(InputError, match="row 1: a corner has a coordinate that is not a number"):
        read(path, network=ROADS)


def test_a_hole_beyond_the_pole(tmp_path: Path) -> None:
    lon, lat = (
        gpd.GeoSeries(gpd.points_from_xy(ROADS.node_x[:1], ROADS.node_y[:1]), crs=ROADS.crs)
        .to_crs(4326)
        .get_coordinates()
        .to_numpy()[0]
    )
    outer = shapely.box(lon, lat, lon + 0.01, lat + 0.01).exterior.coords
    hole = [(lon + 0.001, lat + 0.001), (lon + 0.002, lat + 0.001), (lon + 0.001, 372_972.0)]
    layer = gpd.GeoDataFrame(
        {"name": ["A"]}, geometry=[shapely.Polygon(outer, [[*hole, hole[0]]])], crs=4326
    )
    layer.to_file(tmp_path / "water.geojson")
    with pytest.raises(InputError, match="row 1: has a corner that is not on Earth"):
        read_ground(tmp_path / "water.geojson", network=ROADS, what="water")


def test_a_ring_that_does_not_close(tmp_path: Path) -> None:
    ring = "[[-75.0, 40.6], [-75.0, 40.7], [-74.9, 40.7], [-74.9, 40.65]]"
    (tmp_path / "d.geojson").write_text(
        '{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {"id": "A"}, '
        '"geometry": '
        f'{{"type": "Polygon", "coordinates": [{ring}]}}}}]}}',
        encoding="utf-8",
    )
    with pytest.raises(InputError, match=r"d\.geojson"):
        read_districts(tmp_path / "d.geojson", network=ROADS)


def test_a_crs_of_heights(tmp_path: Path) -> None:
    lines = gpd.GeoDataFrame(geometry=[shapely.LineString([(0, 0), (1, 1)])], crs="EPSG:5703")
    lines.to_parquet(tmp_path / "roads.parquet")
    with pytest.raises(InputError, match=r"roads\.parquet"):
        read_roads(tmp_path / "roads.parquet", cache_folder=tmp_path / "cache")


FAR_TOO_MUCH = [
    "[limits]\nunits = { unit = 1" + "0" * 400 + " }",
    "[limits]\nat_least = { unit = 1000001 }",
    "[limits]\nroles = { clinician = 100000000000000000000 }",
    "[limits]\nmax_per_post = 1" + "0" * 400,
    "[limits]\nbudget_per_year = inf",
    "[limits]\nbudget_per_year = 1e308",
    "[limits]\nstaff_hours_per_week = nan",
    "[solver]\ntime_limit_s = inf",
    "[solver]\nbusy_gap = inf",
    "[objective]\ntarget_min = inf",
    "[judging.rules]\npatience_min = 1e308",
    "[judging.rules]\nlast_call_min = inf",
    '[[periods]]\nname = "day"\nhours = "daily 07:00-19:00"\nspeed_factor = inf',
    '[[scenarios]]\nname = "storm"\ndemand = inf',
    '[[sweep.phases]]\nname = "year 1"\nunits = { unit = 1' + "0" * 30 + " }",
]


@pytest.mark.parametrize("part", FAR_TOO_MUCH, ids=[text[:60] for text in FAR_TOO_MUCH])
def test_settings_beyond_what_solvers_and_results_hold(part: str, tmp_path: Path) -> None:
    head = 'schema = 1\nname = "Town"\nroads = { file = "r.npz" }\ncalls = { files = ["c.csv"] }\n'
    head += 'posts = { files = [{ file = "p.csv" }] }\nprogram = { preset = "mixed" }\n'
    path = tmp_path / "study.toml"
    path.write_text(head, encoding="utf-8")
    read_model(path, Study)
    path.write_text(head + part + "\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"study\.toml: 1 fault"):
        read_model(path, Study)


def test_calls_of_which_not_one_is_near_a_road(tmp_path: Path) -> None:
    rows = [
        f"C{i},2024-03-0{i} 05:15:00,CRISIS,{ROADS.node_x[i] + 40},{ROADS.node_y[i] + 40}"
        for i in range(1, 4)
    ]
    (tmp_path / "calls.csv").write_text(
        "\n".join(["call_id,received_at,nature,x,y", *rows]), encoding="utf-8"
    )
    program = load_program("mixed")
    calls = read_calls(
        [tmp_path / "calls.csv"], network=ROADS, program=program, crs=ROADS.crs, snap_max_m=1e-3
    )
    assert len(calls.frame) == 0
    assert (
        calls.set_aside["reason"].tolist() == ["more than 0.001 m from a road of the network"] * 3
    )


@pytest.mark.parametrize("units", [200, 1000])
def test_so_many_units_that_all_of_them_are_never_busy(units: int) -> None:
    free, none_free = loss_table(units, 3.0)
    assert np.isfinite(free).all()
    assert np.isfinite(none_free).all()
    few, _ = loss_table(50, 3.0)
    # the first units' factors hardly feel the others
    assert free[:3] == pytest.approx(few[:3], rel=0.03)


@pytest.mark.parametrize(
    "words",
    [
        "scenarios --tail-weight inf",
        "scenarios --alpha nan",
    ],
)
def test_flags_that_are_no_numbers(words: str, tmp_path: Path) -> None:
    command, *flags = words.split()
    done = CliRunner().invoke(cli.app, [command, str(tmp_path), *flags])
    assert done.exit_code == 2
    assert "Invalid value" in done.output


@pytest.mark.parametrize("budget", ["nan", "inf"])
def test_a_budget_that_is_no_number(budget: str, tmp_path: Path) -> None:
    copy_study(sample_folder(), tmp_path / "sample")
    done = CliRunner().invoke(cli.app, ["compare", str(tmp_path / "sample"), "--budget", budget])
    assert isinstance(done.exception, InputError)
    assert f"'{budget}' is not understood" in str(done.exception)


def test_a_time_limit_without_an_end() -> None:
    with pytest.raises(InputError, match=r"solver: 1 fault"):
        open_study(sample_folder()).with_solver(time_limit_s=float("inf"))
