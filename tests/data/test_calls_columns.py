"""Dates, places and layers of past calls in the forms in which agencies write them."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coresponse.data.calls.location import parse_locations
from coresponse.data.calls.read import read_calls
from coresponse.data.errors import InputError
from tests.data.call_files import (
    HEADER,
    LAT,
    LON,
    NETWORK,
    PROGRAM,
    check_sums,
    history_of,
    line_of,
    reasons_of,
)


@pytest.mark.parametrize("separator", ["/", "-"])
def test_the_day_goes_first_where_the_dates_say_so(separator: str, tmp_path: Path) -> None:
    days = [
        f"{day:02d}{separator}{month:02d}{separator}2021"
        for day, month in ((3, 7), (14, 7), (25, 7), (31, 8))
    ]
    history = history_of(
        tmp_path,
        [
            line_of(str(i), f"{day} 10:00:00", times=f"{day} 10:05:00,,")
            for i, day in enumerate(days)
        ],
    )
    assert [f"{t:%d %m %H}" for t in history.frame["received_at"]] == [
        "03 07 10",
        "14 07 10",
        "25 07 10",
        "31 08 10",
    ]
    assert (
        history.frame["dispatched_at"] - history.frame["received_at"] == pd.Timedelta(minutes=5)
    ).all()
    assert (
        "calls.csv: the day goes before the month, as its dates tell, and so all times were read"
        in history.notes
    )


def test_the_month_goes_first_where_a_few_dates_are_wrong(tmp_path: Path) -> None:
    days = ["07/03/2021", "07/14/2021", "07/25/2021", "08/31/2021", "31/12/2021", "30/11/2021"]
    history = history_of(
        tmp_path, [line_of(str(i), f"{day} 10:00:00") for i, day in enumerate(days)]
    )
    assert [f"{t:%d %m}" for t in history.frame["received_at"]] == [
        "03 07",
        "14 07",
        "25 07",
        "31 08",
    ]
    assert reasons_of(history)["time of receipt is not understood"] == 2


def test_date_and_time_of_day_in_two_columns(tmp_path: Path) -> None:
    wanted = [
        pd.Timestamp("2021-07-04 04:05:09", tz="UTC"),
        pd.Timestamp("2021-07-05 03:59:00", tz="UTC"),
    ]
    for header, days, clocks in (
        ("Incident Date,Incident Time", ("07/04/2021", "07/04/2021"), ("00:05:09", "23:59:00")),
        ("Date,Time", ("2021-07-04", "2021-07-04"), ("12:05:09 AM", "11:59:00 PM")),
        (
            "received_date,received_time",
            ("2021-07-04T00:00:00.000", "2021-07-04T00:00:00.000"),
            ("00:05:09", "23:59"),
        ),
        (
            "Call Date,Call Time",
            ("07/04/2021 12:00:00 AM", "07/04/2021 12:00:00 AM"),
            ("00:05:09", "23:59:00"),
        ),
    ):
        lines = [f"{i},{days[i]},{clocks[i]},54E1,{LAT},{LON}" for i in (0, 1)]
        history = history_of(tmp_path, lines, header=f"id,{header},nature,lat,lon")
        assert history.frame["received_at"].tolist() == wanted, header
    military = history_of(
        tmp_path, [f"1,2021-07-04,905,54E1,{LAT},{LON}"], header="id,date,time,nature,lat,lon"
    )
    assert military.frame["received_at"].iloc[0] == pd.Timestamp("2021-07-04 13:05", tz="UTC")
    mapped = {"received_date": "day", "received_time": "clock"}
    lines = [
        f"2001-01-01 10:00:00,2021-07-04,00:05:09,54E1,{LAT},{LON}",
        f"2001-01-01 10:00:00,2021-07-04,,54E1,{LAT},{LON}",
    ]
    history = history_of(
        tmp_path, lines, header="received,day,clock,nature,lat,lon", columns=mapped
    )
    assert history.frame["received_at"].tolist() == wanted[:1]
    assert reasons_of(history)["no time of receipt"] == 1


def test_a_history_without_time_of_day_is_refused(tmp_path: Path) -> None:
    lines = [f"{i},07/0{i}/2021,54E1,{LAT},{LON}" for i in (4, 5)]
    with pytest.raises(InputError, match=r"calls\.csv: there is no time of day.*set received_time"):
        history_of(tmp_path, lines, header="id,date,nature,lat,lon")


def test_both_coordinates_in_one_cell(tmp_path: Path) -> None:
    cells = [
        f"POINT ({LON} {LAT})",
        f"({LAT}, {LON})",
        f"1 MAIN ST (REAR), NEW YORK ({LAT}, {LON})",
        "nowhere",
    ]
    lines = [f'{i},2021-07-04 10:00:00,54E1,"{cell}"' for i, cell in enumerate(cells)]
    history = history_of(tmp_path, lines, header="id,received,nature,location")
    assert history.frame["node"].tolist() == [17, 17, 17]
    assert history.set_aside[["reason", "detail"]].to_numpy().tolist() == [["no place", "nowhere"]]


@given(st.floats(-180, 180), st.floats(-90, 90))
def test_locations_in_every_form(x: float, y: float) -> None:
    x, y = round(x, 6), round(y, 6)
    a, b = f"{x:.6f}", f"{y:.6f}"
    forms = [
        f"POINT ({a} {b})",
        f"SRID=4326;Point({a} {b})",
        f"({b}, {a})",
        f"{b},{a}",
        f'{{"coordinates": [{a}, {b}]}}',
    ]
    found_x, found_y = parse_locations(pd.Series([*forms, "", None, "12"]))
    assert found_x[:5].tolist() == [x] * 5
    assert found_y[:5].tolist() == [y] * 5
    assert np.isnan(found_x[5:]).all()
    assert np.isnan(found_y[5:]).all()


def test_a_map_layer_of_calls(tmp_path: Path) -> None:
    points = gpd.GeoDataFrame(
        {
            "event": [1.0, np.nan],
            "received": ["2021-07-04T10:00:00-04:00"] * 2,
            "nature": ["54E1", "75D"],
        },
        geometry=gpd.points_from_xy(NETWORK.node_x[[17, 90]], NETWORK.node_y[[17, 90]]),
        crs=NETWORK.crs,
    ).to_crs(4326)
    points.to_file(tmp_path / "calls.geojson")
    history = read_calls(
        [tmp_path / "calls.geojson"],
        network=NETWORK,
        program=PROGRAM,
        columns={"call_id": "event"},
        timezone="UTC",
    )
    assert history.frame["node"].tolist() == [17, 90]
    assert history.frame["call_id"].tolist() == ["1", "calls.geojson:2"]
    assert (history.frame["received_at"] == pd.Timestamp("2021-07-04 14:00", tz="UTC")).all()


def test_several_files_fold_together_and_same_names_are_told_apart(tmp_path: Path) -> None:
    for year, rows in (
        ("2020", [line_of("E", "2021-07-04 10:01:00"), line_of()]),
        ("2021", [line_of("E"), line_of(received="")]),
    ):
        (tmp_path / year).mkdir()
        (tmp_path / year / "calls.csv").write_text("\n".join([HEADER, *rows]))
    paths = [tmp_path / year / "calls.csv" for year in ("2020", "2021")]
    history = read_calls(paths, network=NETWORK, program=PROGRAM)
    check_sums(history)
    assert history.frame["call_id"].tolist() == ["2020/calls.csv:3", "E"]
    assert history.set_aside[["source", "source_row"]].to_numpy().tolist() == [
        ["2021/calls.csv", 3]
    ]
    assert history.notes == (
        (
            "no time zone given: times are taken as local time without daylight saving -- state it "
            'under [calls], such as timezone = "America/Denver"'
        ),
    )
    with pytest.raises(InputError, match="given twice"):
        read_calls([paths[0], paths[0]], network=NETWORK, program=PROGRAM)


def test_columns_of_the_frame(tmp_path: Path) -> None:
    frame = history_of(
        tmp_path, [line_of("b"), line_of("a"), line_of("c", "2021-07-04 09:00:00")]
    ).frame
    assert frame["call_id"].tolist() == ["c", "a", "b"]  # by time, then by number
    assert {name: str(kind) for name, kind in frame.dtypes.items()} == {
        "call_id": "str",
        **dict.fromkeys(
            [
                "received_at",
                "dispatched_at",
                "en_route_at",
                "arrived_at",
                "left_scene_at",
                "at_facility_at",
                "cleared_at",
            ],
            "datetime64[ns, America/New_York]",
        ),
        **dict.fromkeys(
            ["nature", "channel", "priority", "unit_id", "mental_health", "call_class"], "str"
        ),
        **dict.fromkeys(["x", "y", "snap_m"], "float64"),
        "node": "int32",
    }
