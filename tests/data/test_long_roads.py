"""Calls between two crossings that are far apart are on the network, as far along the road as they are."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from pyproj import Transformer

from coresponse.coverage.travel import travel_times
from coresponse.data.calls.read import read_calls
from coresponse.data.programs.load import load_program
from coresponse.data.roads.points import PIECE_M
from coresponse.data.roads.read import read_roads
from coresponse.data.roads.snap import snap
from coresponse.study.new import NewStudy, new_study
from coresponse.study.read import read_study
from tests.made_roads import X, Y, drawn, village

M_PER_S = 30 / 3.6


def test_a_study_takes_the_calls_of_a_long_road(tmp_path: Path) -> None:
    network = village()
    lines = gpd.GeoDataFrame(geometry=drawn(network), crs=network.crs)
    lines = lines.assign(highway="residential", oneway="no")
    lines.to_file(tmp_path / "roads.gpkg")
    along = np.arange(0, 2_601, 200.0)
    to_degrees = Transformer.from_crs(network.crs, 4326, always_xy=True)
    lon, lat = to_degrees.transform(X + 100 + along, np.full(len(along), Y))
    calls = pd.DataFrame({"nature": "WELFARE CHECK", "lon": lon, "lat": lat})
    calls["received"] = [f"2024-03-{day:02d} 10:00:00" for day in range(1, len(calls) + 1)]
    calls.to_csv(tmp_path / "calls.csv", index=False)
    post = pd.DataFrame({"post_id": ["p"], "name": ["half way"], "lon": lon[6:7], "lat": lat[6:7]})
    post.to_csv(tmp_path / "posts.csv", index=False)
    (tmp_path / "study.toml").write_text(
        'schema = 1\nname = "long road"\n[roads]\nfile = "roads.gpkg"\n[calls]\nfiles = ["calls.csv"]\n'
        'timezone = "America/Denver"\nsnap_max_m = 20.0\n[posts]\nfiles = [{ file = "posts.csv" }]\n'
        '[program]\npreset = "ride-along"\n',
        encoding="utf-8",
    )
    city = read_study(tmp_path).city
    frame, posts = city.calls.frame, city.posts.frame
    assert len(frame) == len(calls)
    assert frame["snap_m"].max() < 1
    assert posts["node"][0] >= city.roads.n_nodes
    at = snap(city.roads, *(frame[name].to_numpy() for name in ("x", "y")), 1.0)[0]
    assert (at == frame["node"]).all()
    far = np.abs(frame["x"].to_numpy() - posts["x"][0])
    seconds = travel_times(city.roads, posts["node"].to_numpy(), targets=at)[0]
    assert seconds == pytest.approx(far / M_PER_S, abs=PIECE_M / M_PER_S)
    a_meter = np.polyfit(far, seconds, 1)[0]
    assert a_meter * 450 == pytest.approx(450 / M_PER_S, abs=PIECE_M / M_PER_S / 2)  # 54 s more


def test_a_small_distance_to_roads_keeps_the_calls_in_the_middle_of_blocks() -> None:
    network = village()
    at = X + 100 + np.array([200.0, 900.0])
    assert (snap(network, at, np.full(2, Y), 20.0)[0] >= network.n_nodes).all()


def test_the_long_road_of_the_field(shared_data: Path, tmp_path: Path) -> None:
    folder = shared_data / "field_cases" / "long_road"
    new_study(
        tmp_path / "st",
        NewStudy(
            program="ride-along",
            calls=(folder / "calls.csv",),
            posts=(str(folder / "posts.csv"),),
            roads=folder / "roads.gpkg",
            timezone="America/Denver",
        ),
    )
    city = read_study(tmp_path / "st").city
    frame = city.calls.frame.sort_values("x")
    assert len(frame) == 14
    drive_s = travel_times(
        city.roads, city.posts.frame["node"].to_numpy(), targets=frame["node"].to_numpy()
    )[0]
    slowest = min(period.speed_factor for period in city.periods)
    crew = city.program.responder_types["co_responder_unit"].speed_factor.value
    minutes = drive_s / slowest / crew / 60
    east = frame["x"].to_numpy() - frame["x"].min()
    on_road = east > 500  # before it are streets of another speed
    a_meter, start = np.polyfit(east[on_road], minutes[on_road], 1)
    assert a_meter * 450 == pytest.approx(0.75, abs=0.02)
    off = minutes[on_road] - (start + a_meter * east[on_road])
    assert np.abs(off).max() < PIECE_M / 2 * a_meter


def test_a_day_of_manhattan_keeps_its_calls_at_a_small_distance(shared_data: Path) -> None:
    folder = shared_data / "manhattan"
    calls = read_calls(
        [folder / "calls_nypd_2021-07-04.csv"],
        network=read_roads(folder / "roads_osm_xml_2019.zip"),
        program=load_program("b-heard"),
        timezone="America/New_York",
        snap_max_m=250.0,
    )
    steps = {step.name: step.count for step in calls.funnel.steps}
    assert (steps["located"], steps["on the network"], steps["eligible"]) == (5_082, 5_077, 114)
