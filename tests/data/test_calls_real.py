"""Real exports of two dispatch systems, with their known counts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from pyproj import Transformer

from coresponse.data.calls.history import NOT_ELIGIBLE, CallHistory
from coresponse.data.calls.read import read_calls
from coresponse.data.programs.load import load_program
from coresponse.data.roads.made import street_grid
from coresponse.data.roads.network import RoadNetwork
from coresponse.data.roads.read import read_roads


@pytest.fixture(scope="session")
def manhattan(shared_data: Path) -> RoadNetwork:
    return read_roads(shared_data / "manhattan" / "roads_osm_xml_2019.zip")


@pytest.fixture(scope="session")
def nypd(shared_data: Path, manhattan: RoadNetwork) -> CallHistory:
    path = shared_data / "manhattan" / "calls_nypd_2021-07-04.csv"
    return read_calls(
        [path], network=manhattan, program=load_program("b-heard"), timezone="America/New_York"
    )


@pytest.mark.slow
def test_a_day_of_new_yorks_police(nypd: CallHistory) -> None:
    rows, events, located, placed, eligible = nypd.funnel.steps
    assert (rows.count, events.count, located.count, placed.count, eligible.count) == (
        5225,
        5082,
        5082,
        5080,
        114,
    )
    assert events.reasons == (("further rows of the same event", 143),)
    assert placed.reasons == (("more than 500 m from a road of the network", 2),)
    assert nypd.set_aside["reason"].tolist() == ["more than 500 m from a road of the network"] * 2
    assert nypd.notes == ()
    assert nypd.days == 1.0


def test_the_crisis_calls_are_those_of_the_code_table(nypd: CallHistory, shared_data: Path) -> None:
    raw = pd.read_csv(shared_data / "manhattan" / "calls_nypd_2021-07-04.csv", dtype=str)
    crisis = raw[raw["RADIO_CODE"].isin(["54E1", "54E2", "54E8", "54E9"])]
    assert len(crisis) == 208
    found = nypd.frame[nypd.frame["call_class"] != NOT_ELIGIBLE]
    assert set(found["call_id"]) == set(crisis["CAD_EVNT_ID"])
    assert int(found["arrived_at"].notna().sum()) == 99
    form = "%m/%d/%Y %I:%M:%S %p"
    first = pd.to_datetime(crisis["ADD_TS"], format=form).groupby(crisis["CAD_EVNT_ID"]).min()
    last = pd.to_datetime(crisis["CLOSNG_TS"], format=form).groupby(crisis["CAD_EVNT_ID"]).max()
    ours = found.set_index("call_id").sort_index()
    assert (ours["received_at"].dt.tz_localize(None) == first.sort_index()).all()
    cleared = ours["cleared_at"].dt.tz_localize(None)
    assert (cleared == last.sort_index())[cleared.notna()].all()
    assert cleared.notna().sum() >= 110


def test_feet_and_degrees_put_the_calls_at_the_same_places(
    nypd: CallHistory, shared_data: Path, manhattan: RoadNetwork
) -> None:
    feet = read_calls(
        [shared_data / "manhattan" / "calls_nypd_2021-07-04.csv"],
        network=manhattan,
        program=load_program("b-heard"),
        columns={"x": "GEO_CD_X", "y": "GEO_CD_Y"},
        crs="EPSG:2263",
        timezone="America/New_York",
    )
    both = nypd.frame.merge(feet.frame, on="call_id", suffixes=("", "_feet"))
    assert len(both) == 5080
    away = np.hypot(both["x"] - both["x_feet"], both["y"] - both["y_feet"])
    assert away.max() < 2.0  # the file's feet are whole, and two datums differ by about a meter


def test_nine_months_of_a_county(shared_data: Path) -> None:
    grid = street_grid(320, 300, seed=1, spacing_m=220.0, origin_xy=(437_000.0, 4_425_000.0))
    path = shared_data / "montgomery_pa" / "calls_911.csv.gz"
    history = read_calls(
        [path], network=grid, program=load_program("b-heard"), timezone="America/New_York"
    )
    rows, events, located, placed, eligible = history.funnel.steps
    assert rows.count == events.count == located.count == 99_492
    assert placed.count + placed.lost == 99_492
    assert eligible.count == 0  # the county's natures have no mental-health code
    assert history.unmapped["calls"].sum() == placed.count
    assert len(history.set_aside) == placed.lost

    raw = pd.read_csv(path)
    change = Transformer.from_crs("EPSG:4326", grid.crs, always_xy=True)
    x, y = change.transform(raw["lng"].to_numpy(), raw["lat"].to_numpy())
    beyond_x = np.maximum(np.maximum(grid.node_x.min() - x, x - grid.node_x.max()), 0)
    beyond_y = np.maximum(np.maximum(grid.node_y.min() - y, y - grid.node_y.max()), 0)
    outside = np.hypot(beyond_x, beyond_y)
    aside = set(history.set_aside["source_row"] - 2)
    assert set(np.flatnonzero(outside > 500)) <= aside
    assert not aside & set(np.flatnonzero(outside == 0))
    assert 15 <= (outside > 10_000).sum() <= 19  # Houston, Montgomery in Alabama, ...
    assert set(history.set_aside["reason"]) == {"more than 500 m from a road of the network"}
    assert history.days == pytest.approx(257.69, abs=0.01)
