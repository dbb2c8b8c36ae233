"""Units of times and speeds in road files, missing one-way columns, old graphs."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import networkx as nx
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from coresponse.data.errors import InputError
from coresponse.data.roads.graph import from_graph
from coresponse.data.roads.lines import from_lines
from coresponse.data.roads.made import street_grid
from coresponse.data.roads.network import RoadNetwork
from coresponse.data.roads.read import read_roads

GRID = street_grid(6, 5, seed=1)


def streets(**columns: object) -> gpd.GeoDataFrame:
    """The grid's streets, each once."""
    once = GRID.edge_from < GRID.edge_to
    lines = [
        shapely.LineString([(GRID.node_x[a], GRID.node_y[a]), (GRID.node_x[b], GRID.node_y[b])])
        for a, b in zip(GRID.edge_from[once], GRID.edge_to[once], strict=True)
    ]
    frame = gpd.GeoDataFrame({"highway": "residential"}, index=range(len(lines)), geometry=lines, crs=GRID.crs)  # fmt: skip
    return frame.assign(**columns)


def kph(network: RoadNetwork) -> np.ndarray:
    return network.length_m / network.travel_s * 3.6


@pytest.mark.parametrize(
    ("seconds_in_it", "unit"), [(60.0, "minutes"), (3600.0, "hours"), (0.001, "milliseconds")]
)
def test_times_in_another_unit_are_told_and_worked_out(seconds_in_it: float, unit: str) -> None:
    lines = streets(oneway="no")
    lines["travel_time"] = lines.length / (30 / 3.6) / seconds_in_it
    network = from_lines(lines, source="roads.gpkg")
    assert kph(network) == pytest.approx(30, rel=0.01)
    (note,) = network.report.notes
    assert f"they look like {unit}" in note
    assert "worked out from length and speed" in note
    assert network.report.assumed_speed_share == 1


def test_sound_times_stay_as_they_are() -> None:
    lines = streets(oneway="no")
    lines["travel_time"] = lines.length / (18 / 3.6)  # a jam
    network = from_lines(lines, source="roads.gpkg")
    assert kph(network) == pytest.approx(18, rel=0.01)
    assert network.report.notes == ()


@pytest.mark.parametrize(
    ("speed", "right", "told"),
    [(8.33, 30, "they look like m/s"), (30, 30, ""), (50, 50, ""), (140, 30, "cannot be km/h")],
)
def test_speeds_are_held_against_the_classes(speed: float, right: float, told: str) -> None:
    network = from_lines(streets(oneway="no", speed_kph=speed), source="roads.gpkg")
    assert kph(network) == pytest.approx(right, rel=0.01)
    assert told in " ".join(network.report.notes)
    assert bool(network.report.notes) == bool(told)


def test_limits_of_roads_without_a_class_are_believed() -> None:
    lines = streets(oneway="no", maxspeed=110).drop(columns="highway")
    network = from_lines(lines, source="roads.gpkg")
    assert kph(network) == pytest.approx(110, rel=0.01)
    assert network.report.notes == ()


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({}, "there is no oneway column"),
        ({"oneway": ""}, "the oneway column is blank"),
        ({"highway": "motorway"}, "motorways and their ramps"),
    ],
)
def test_a_missing_oneway_column_is_told(columns: dict[str, object], said: str) -> None:
    (note,) = from_lines(streets(**columns), source="roads.gpkg").report.notes
    assert said in note
    assert "are read as two-way" in note


def test_nothing_is_said_where_oneway_is_there_or_edges_have_directions() -> None:
    assert from_lines(streets(oneway="no"), source="a").report.notes == ()
    both = streets(u=GRID.edge_from[GRID.edge_from < GRID.edge_to], v=GRID.edge_to[GRID.edge_from < GRID.edge_to])  # fmt: skip
    back = both.rename(columns={"u": "v", "v": "u"}).set_geometry(both.geometry.reverse())
    frame = gpd.GeoDataFrame(gpd.pd.concat([both, back], ignore_index=True), crs=GRID.crs)
    assert from_lines(frame, source="a").report.notes == ()


def graph(crs: object) -> nx.MultiDiGraph:
    made = nx.MultiDiGraph(crs=crs)
    made.add_nodes_from([(1, {"x": -105.0, "y": 40.0}), (2, {"x": -104.99, "y": 40.0})])
    made.add_edges_from([(1, 2, {"length": 852.0}), (2, 1, {"length": 852.0})])
    return made


@pytest.mark.parametrize(
    "crs",
    [
        "{'init': 'epsg:4326'}", '{"init": "epsg:4326"}', {"init": "epsg:4326"}, "+init=epsg:4326",
        "epsg:4326", "EPSG:4326", "WGS84", None, "",
    ],
)  # fmt: skip
def test_every_way_a_graph_says_degrees_is_read(crs: object) -> None:
    found = from_graph(graph(crs), source="roads.graphml")
    assert found.crs == "EPSG:32613"
    assert found.length_m == pytest.approx(852)


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(st.text(max_size=300))
def test_no_crs_of_a_graph_gives_an_error_of_a_library(text: str) -> None:
    said = "roads.graphml: "
    try:
        from_graph(graph(text), source="roads.graphml")
    except InputError as error:
        said = str(error)
    assert said.startswith("roads.graphml: ")


def test_an_old_graph_in_a_file(tmp_path: Path) -> None:
    path = tmp_path / "roads.graphml"
    nx.write_graphml(graph("{'init': 'epsg:32613'}"), path)
    text = (
        path.read_text(encoding="utf-8")
        .replace("-105.0", "500000.0")
        .replace("-104.99", "500852.0")
    )
    path.write_text(text.replace(">40.0<", ">4428000.0<"), encoding="utf-8")
    assert read_roads(path, cache_folder=tmp_path).crs == "EPSG:32613"
