"""Residents on the roads, and the calls that are assumed of them."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from coresponse.data.calls.assumed import (
    PEAK_H,
    TROUGH_SHARE,
    assume_calls,
    day_shape,
)
from coresponse.data.calls.rate import Rate
from coresponse.data.errors import InputError
from coresponse.data.population import Population, read_population
from coresponse.data.programs.load import load_program
from coresponse.data.roads.made import street_grid

NETWORK = street_grid(12, 10, seed=3, spacing_m=150.0, origin_xy=(583_000.0, 4_506_000.0))
X, Y = NETWORK.node_x, NETWORK.node_y
MIDDLE = float(np.median(X))
PROGRAM = load_program("ride-along")


def halves(column: str = "POP2000") -> gpd.GeoDataFrame:
    """West with 3,000 and east with 1,000 residents, and an island far off with 500."""
    low, high = Y.min() - 90, Y.max() + 90
    areas = [
        shapely.box(X.min() - 90, low, MIDDLE, high),
        shapely.box(MIDDLE, low, X.max() + 90, high),
        shapely.box(X.max() + 9_000, low, X.max() + 9_900, high),
    ]
    return gpd.GeoDataFrame({column: [3000, 1000, 500]}, geometry=areas, crs=NETWORK.crs)


@pytest.mark.parametrize("name", ["a.gpkg", "a.geojson", "a.shp", "a.parquet"])
def test_residents_of_areas_live_along_their_roads(tmp_path: Path, name: str) -> None:
    frame = halves()
    if name.endswith("parquet"):
        frame.to_parquet(tmp_path / name)
    else:
        frame.to_crs(4326).to_file(tmp_path / name)
    found = read_population(tmp_path / name, network=NETWORK)
    assert found.total == pytest.approx(4000)
    assert found.residents[MIDDLE > X].sum() == pytest.approx(3000)
    assert (found.rows, found.outside, found.residents_outside) == (3, 1, 500)
    # no crossing without roads, none with all
    assert 0 < found.residents.max() < 200


@pytest.mark.parametrize("column", ["P1_001N", "B01003_001E", "TOTPOP", "Total Population", "pop"])
def test_columns_of_censuses_are_known(tmp_path: Path, column: str) -> None:
    halves(column).to_file(tmp_path / "blocks.gpkg")
    assert read_population(tmp_path / "blocks.gpkg", network=NETWORK).column == column


def test_points_with_residents_go_to_the_nearest_crossing(tmp_path: Path) -> None:
    at = [5, 5, 40]
    degrees = gpd.points_from_xy(X[at], Y[at], crs=NETWORK.crs).to_crs(4326)
    lon, lat = degrees.x, degrees.y
    frame = pd.DataFrame({"residents": ["1,200", "30", ""], "lat": lat, "lon": lon})
    frame.to_csv(tmp_path / "people.csv", index=False)
    found = read_population(tmp_path / "people.csv", network=NETWORK)
    assert found.residents[5] == 1230
    assert found.total == 1230


def test_what_an_office_does_not_tell_is_no_negative_number(tmp_path: Path) -> None:
    frame = halves()
    frame["POP2000"] = [3000, -666666666, 10]
    frame.to_file(tmp_path / "blocks.gpkg")
    assert read_population(tmp_path / "blocks.gpkg", network=NETWORK).total == 3000


def test_an_area_without_a_crossing_goes_to_the_nearest(tmp_path: Path) -> None:
    x, y = X[7] + 40, Y[7] + 40
    gpd.GeoDataFrame(
        {"pop": [12]}, geometry=[shapely.box(x, y, x + 5, y + 5)], crs=NETWORK.crs
    ).to_file(tmp_path / "block.gpkg")
    assert read_population(tmp_path / "block.gpkg", network=NETWORK).residents[7] == 12


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (["a", "b", "c"], "does not hold residents"),
        ([1, 2, 9e9], "residents in a row"),
        ([0, 0, 500], "nobody lives near the roads"),
    ],
)
def test_what_holds_no_residents_is_told(tmp_path: Path, values: list[object], said: str) -> None:
    frame = halves()
    frame["POP2000"] = values
    frame.to_file(tmp_path / "blocks.gpkg")
    with pytest.raises(InputError, match=said):
        read_population(tmp_path / "blocks.gpkg", network=NETWORK)


def test_a_file_without_residents_names_its_columns(tmp_path: Path) -> None:
    halves("households").to_file(tmp_path / "blocks.gpkg")
    with pytest.raises(InputError, match=r"residents: no column found.*households"):
        read_population(tmp_path / "blocks.gpkg", network=NETWORK)
    found = read_population(tmp_path / "blocks.gpkg", network=NETWORK, column="households")
    assert found.total == 4000


def everywhere(people: np.ndarray) -> Population:
    return Population(people, rows=len(people), outside=0, residents_outside=0.0, column="pop")


def test_assumed_calls_come_as_often_as_the_rate_says() -> None:
    people = everywhere(np.where(MIDDLE > X, 500.0, 100.0))
    calls = assume_calls(people, Rate(), network=NETWORK, program=PROGRAM)
    a_year = len(calls.frame) / calls.days * 365.25
    assert a_year == pytest.approx(883 * people.total / 100_000)
    west = (calls.frame["x"] < MIDDLE).mean()
    assert west == pytest.approx(people.residents[MIDDLE > X].sum() / people.total, abs=1e-3)
    assert calls.assumed is not None
    assert str(calls.assumed).startswith("ASSUMED DEMAND")
    assert calls.frame["received_at"].is_monotonic_increasing
    assert calls.frame["call_id"].is_unique


def test_hours_days_and_classes_are_as_assumed() -> None:
    people = everywhere(np.full(NETWORK.n_nodes, 50.0))
    shares = {"crisis_low": 0.5, "crisis_high": 0.3, "welfare": 0.2}
    calls = assume_calls(
        people, Rate(), network=NETWORK, program=PROGRAM, class_shares=shares, timezone="Asia/Tokyo"
    ).frame
    received = calls["received_at"].dt
    by_hour = received.hour.value_counts(normalize=True).sort_index().to_numpy()
    assert np.abs(by_hour - day_shape()).max() < 1e-3
    assert np.abs(received.day_of_week.value_counts(normalize=True) - 1 / 7).max() < 1e-3
    found = calls["call_class"].value_counts(normalize=True)
    assert {name: round(found[name], 2) for name in shares} == shares
    # no class, hour and half of the city are tied to each other
    late = received.hour >= 12
    for name in shares:
        part = late[calls["call_class"] == name].mean()
        assert part == pytest.approx(late.mean(), abs=0.02)
    assert (late[calls["x"] < MIDDLE]).mean() == pytest.approx(late.mean(), abs=0.02)


def test_calls_come_at_the_hours_that_the_program_states() -> None:
    people = everywhere(np.full(NETWORK.n_nodes, 50.0))
    for hours in (24, 168):
        stated = np.arange(hours) % 5.0
        program = PROGRAM.model_copy(update={"calls_by_hour": tuple(stated)})
        received = assume_calls(people, Rate(), network=NETWORK, program=program).frame[
            "received_at"
        ]
        hour = received.dt.hour + (received.dt.day_of_week * 24 if hours == 168 else 0)
        found = np.bincount(hour, minlength=hours) / len(hour)
        assert np.abs(found - stated / stated.sum()).max() < 1e-3
    for wrong, said in (
        ([1.0] * 23, "23 numbers"),
        ([0.0] * 24, "0 or more"),
        ([-1.0] * 24, "0 or more"),
    ):
        fields = PROGRAM.model_dump(by_alias=True) | {"calls_by_hour": wrong}
        with pytest.raises(ValueError, match=said):
            type(PROGRAM).model_validate(fields)


@pytest.mark.parametrize("share", [0.0, 0.25, 0.9])
def test_calls_come_from_places_of_assembly_as_much_as_is_said(share: float) -> None:
    people = everywhere(np.where(MIDDLE > X, 500.0, 0.0))
    there = np.flatnonzero(MIDDLE <= X)[[0, 0, 1, 2]]
    frame = assume_calls(
        people, Rate(), network=NETWORK, program=PROGRAM, gathering=there, gathering_share=share
    ).frame
    found = np.bincount(frame["node"], minlength=NETWORK.n_nodes) / len(frame)
    assert found[there].sum() - found[there[0]] == pytest.approx(share, abs=1e-3)
    assert found[there[0]] == pytest.approx(share / 2, abs=1e-3)


def test_the_day_has_its_peak_and_trough() -> None:
    shape = day_shape()
    assert int(shape.argmax()) == int(PEAK_H)
    assert int(shape.argmin()) == 4
    assert shape.min() / shape.max() == pytest.approx(TROUGH_SHARE)


def test_classes_that_nobody_takes_are_refused() -> None:
    people = everywhere(np.full(NETWORK.n_nodes, 50.0))
    with pytest.raises(InputError, match="robbery -- classes that a responder type"):
        assume_calls(people, Rate(), network=NETWORK, program=PROGRAM, class_shares={"robbery": 1})


@settings(max_examples=30, deadline=None)
@given(st.data())
def test_calls_are_only_where_people_live(data: st.DataObject) -> None:
    n = NETWORK.n_nodes
    people = np.array(
        data.draw(st.lists(st.sampled_from([0.0, 1.0, 250.0]), min_size=n, max_size=n))
    )
    if not people.sum():
        people[data.draw(st.integers(0, n - 1))] = 1.0
    calls = assume_calls(everywhere(people), Rate(), network=NETWORK, program=PROGRAM, made=500)
    seen = np.bincount(calls.frame["node"], minlength=n)
    assert not seen[people == 0].any()
    # by no more than rounding to whole calls
    assert np.abs(seen - 500 * people / people.sum()).max() <= 1 + 1e-9
