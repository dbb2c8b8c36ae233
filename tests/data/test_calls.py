"""Past calls: each row becomes part of a call or is set aside with its reason."""

from __future__ import annotations

import itertools
import tempfile
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Transformer

from coresponse.data.calls.history import NOT_ELIGIBLE, CallHistory
from coresponse.data.calls.location import parse_locations
from coresponse.data.calls.read import read_calls
from coresponse.data.errors import InputError
from coresponse.data.programs.load import load_program
from coresponse.data.roads.made import street_grid
from coresponse.data.roads.network import RoadNetwork

PROGRAM = load_program("b-heard")
NETWORK = street_grid(12, 10, seed=3, spacing_m=150.0, origin_xy=(583_000.0, 4_506_000.0))
HEADER = "event_id,received,dispatched,arrived,cleared,nature,lat,lon"
FAR = "more than 500 m from a road"


def _degrees(network: RoadNetwork, x: float, y: float) -> tuple[str, str]:
    lon, lat = Transformer.from_crs(network.crs, "EPSG:4326", always_xy=True).transform(x, y)
    return f"{lat:.7f}", f"{lon:.7f}"


LAT, LON = _degrees(NETWORK, NETWORK.node_x[17], NETWORK.node_y[17])
OTHER_LAT, OTHER_LON = _degrees(NETWORK, NETWORK.node_x[90], NETWORK.node_y[90])
FAR_LAT, FAR_LON = _degrees(NETWORK, NETWORK.node_x[0] - 2000, NETWORK.node_y[0])


def _read(
    folder: Path,
    lines: Sequence[str],
    *,
    header: str = HEADER,
    name: str = "calls.csv",
    **how: object,
) -> CallHistory:
    path = folder / name
    path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    return read_calls(
        [path], network=NETWORK, program=PROGRAM, **{"timezone": "America/New_York", **how}
    )  # type: ignore[arg-type]


def _row(
    call_id: str = "",
    received: str = "2021-07-04 10:00:00",
    nature: str = "54E1",
    lat: str = LAT,
    lon: str = LON,
    times: str = ",,",
) -> str:
    return f"{call_id},{received},{times},{nature},{lat},{lon}"


def _reasons(history: CallHistory) -> dict[str, int]:
    return {reason: count for step in history.funnel.steps for reason, count in step.reasons}


def _check_sums(history: CallHistory) -> None:
    steps = history.funnel.steps
    assert [step.name for step in steps] == [
        "rows",
        "events",
        "located",
        "on the network",
        "eligible",
    ]
    for before, step in itertools.pairwise(steps):
        assert step.count + step.lost == before.count
    for step in steps:
        assert sum(count for _, count in step.reasons) == step.lost
        assert all(count > 0 for _, count in step.reasons)
    broken = dict(steps[1].reasons).get("row could not be split into columns", 0)
    assert len(history.set_aside) == steps[2].lost + steps[3].lost + broken
    assert Counter(history.set_aside["reason"]) == Counter(
        {
            reason: n
            for step in steps[1:4]
            for reason, n in step.reasons
            if reason != "further rows of the same event"
        }
    )
    assert len(history.frame) == steps[3].count
    assert int((history.frame["call_class"] != NOT_ELIGIBLE).sum()) == steps[4].count
    assert history.unmapped["calls"].sum() == steps[4].lost


def test_each_reason_with_row_and_detail(tmp_path: Path) -> None:
    history = _read(
        tmp_path,
        [
            _row("good"),
            _row("a", received=""),
            _row("b", received="yesterday"),
            _row("c", received="1066-10-14 09:00:00"),
            _row("d", lat="0", lon="0.0"),
            _row("e", lat="", lon=""),
            _row("f", lat="n/a"),
            _row("g", lat="95", lon="-361"),
            _row("h", lat=FAR_LAT, lon=FAR_LON),
            _row("i") + ",more",
            _row("j", nature="75D"),
        ],
    )
    _check_sums(history)
    assert [
        (row.source_row, row.call_id, row.reason, row.detail)
        for row in history.set_aside.itertuples()
    ] == [
        (3, "a", "no time of receipt", ""),
        (4, "b", "time of receipt is not understood", "yesterday"),
        (5, "c", "time of receipt is not understood", "1066-10-14 09:00:00"),
        (6, "d", "place at 0, 0", "0.0, 0"),
        (7, "e", "no place", ", "),
        (8, "f", "no place", f"{LON}, n/a"),
        (9, "g", "place is not on Earth", "-361, 95"),
        (10, "h", FAR, "2,000 m"),
        (11, "", "row could not be split into columns", "9 columns in place of 8"),
    ]
    assert set(history.set_aside["source"]) == {"calls.csv"}
    assert history.unmapped.to_dict("list") == {"nature": ["75D"], "calls": [1]}
    assert [step.count for step in history.funnel.steps] == [11, 10, 3, 2, 1]
    good = history.frame.set_index("call_id").loc["good"]
    assert (good["node"], good["call_class"]) == (17, "crisis_low")
    assert good["x"] == pytest.approx(NETWORK.node_x[17], abs=0.02)
    assert good["y"] == pytest.approx(NETWORK.node_y[17], abs=0.02)
    assert good["snap_m"] < 0.03
    assert good["received_at"] == pd.Timestamp("2021-07-04 14:00:00", tz="UTC")


def test_the_snap_distance_is_the_planners(tmp_path: Path) -> None:
    rows = [_row("near"), _row("far", lat=FAR_LAT, lon=FAR_LON)]
    assert len(_read(tmp_path, rows, snap_max_m=2500).frame) == 2
    assert _read(tmp_path, rows, snap_max_m=50).set_aside["reason"].tolist() == [
        "more than 50 m from a road"
    ]


def test_rows_of_one_event_fold_into_first_and_last(tmp_path: Path) -> None:
    history = _read(
        tmp_path,
        [
            _row(
                "E",
                "2021-07-04 10:02:00",
                "",
                "",
                "",
                "2021-07-04 10:03:00,2021-07-04 10:20:00,2021-07-04 10:30:00",
            ),
            _row(
                "E",
                "2021-07-04 10:00:00",
                "",
                "0",
                "0",
                "2021-07-04 10:05:00,2021-07-04 10:10:00,2021-07-04 11:30:00",
            ),
            _row("E", "2021-07-04 10:01:00", "54E2", OTHER_LAT, OTHER_LON, ",,"),
            _row("E", "2021-07-04 10:04:00", "75D", LAT, LON, ",,"),
            _row("", "2021-07-04 12:00:00"),
            _row("", "2021-07-04 12:00:00"),
        ],
    )
    _check_sums(history)
    assert [step.count for step in history.funnel.steps] == [6, 3, 3, 3, 3]
    assert history.frame["call_id"].tolist() == [
        "E",
        "calls.csv:6",
        "calls.csv:7",
    ]  # without id: a call each
    event = history.frame.iloc[0]
    times = [
        event[name].strftime("%H:%M")
        for name in ("received_at", "dispatched_at", "arrived_at", "cleared_at")
    ]
    assert times == ["10:00", "10:03", "10:10", "11:30"]
    assert event["nature"] == "54E2"  # of the earliest row that has one
    assert event["node"] == 90  # of the earliest row with a usable place


def test_a_number_used_again_weeks_later_is_another_event(tmp_path: Path) -> None:
    rows = [
        _row("1", "2021-01-04 10:00:00"),
        _row("1", "2021-01-04 10:30:00"),
        _row("1", "2022-01-03 09:00:00"),
    ]
    history = _read(tmp_path, rows)
    _check_sums(history)
    assert history.frame["call_id"].tolist() == ["1", "1#2"]
    assert history.days == pytest.approx(363 + 23 / 24)
    assert history.notes == (
        "3 rows share an event number with rows more than a week or 2,000 m away: counted as 2 calls",
        "no call between 2021-01-04 and 2022-01-03: rates are too low if calls are missing",
    )


def test_contradicting_times_are_blanked_and_counted(tmp_path: Path) -> None:
    def times(sent: str, there: str, free: str) -> str:
        return ",".join(f"2021-07-{text}" if text else "" for text in (sent, there, free))

    history = _read(
        tmp_path,
        [
            _row("a", times=times("04 09:59:59", "04 10:10:00", "04 11:00:00")),
            _row("b", times=times("04 10:05:00", "04 10:04:59", "04 11:00:00")),
            _row("c", times=times("04 10:05:00", "04 10:10:00", "04 10:09:59")),
            _row("d", times=times("04 10:05:00", "04 10:10:00", "06 10:00:01")),
            _row("e", times=times("04 10:00:00", "04 10:00:00", "06 10:00:00")),
            _row("f", times=times("", "04 09:00:00", "04 09:30:00")),
            _row("g", times="soon,,"),
        ],
    )
    known = history.frame.set_index("call_id")[
        ["dispatched_at", "arrived_at", "cleared_at"]
    ].notna()
    assert {name: row.tolist() for name, row in known.iterrows()} == {
        "a": [False, True, True],
        "b": [True, False, True],
        "c": [True, True, False],
        "d": [True, True, False],
        "e": [True, True, True],
        "f": [False, False, False],
        "g": [False, False, False],
    }
    assert set(history.notes) == {
        "calls.csv: 1 values of dispatched are not times; left blank",
        "1 calls with a time blanked: dispatched before received",
        "2 calls with a time blanked: arrived before sent",
        "2 calls with a time blanked: cleared before arrived",
        "1 calls with a time blanked: cleared more than 48 hours later",
    }
    assert len(history.frame) == 7  # the calls stay


def test_when_a_unit_drove_off_is_read_and_blanked_where_it_cannot_be(tmp_path: Path) -> None:
    """A column of it was not read at all: turn-out and drive could not be told apart from a file."""
    header = HEADER.replace("dispatched,", "dispatched,Time EnRoute,")
    rows = [
        f"{name},2024-03-04 10:00:00,2024-03-04 10:02:00,{left},2024-03-04 10:10:00,,54E1,{LAT},{LON}"
        for name, left in (("a", "2024-03-04 10:03:30"), ("b", "2024-03-04 10:01:00"),
                           ("c", "2024-03-04 10:11:00"), ("d", ""))
    ]  # fmt: skip
    history = _read(tmp_path, rows, header=header)
    frame = history.frame.set_index("call_id")
    turn_out_s = (frame["en_route_at"] - frame["dispatched_at"]).dt.total_seconds()
    assert turn_out_s["a"] == 90
    assert frame["en_route_at"].notna().tolist() == [True, False, False, False]
    assert frame["arrived_at"].notna().all()
    assert "2 calls with a time blanked: en route before sent or after arrived" in history.notes
    assert _read(tmp_path, [_row("e")]).frame["en_route_at"].isna().all()


def test_a_file_with_swapped_columns_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"look swapped -- exchange"):
        _read(tmp_path, [_row(str(i), lat=LON, lon=LAT) for i in range(3)])
    history = _read(
        tmp_path, [_row("swapped", lat=LON, lon=LAT), _row("a"), _row("b")]
    )  # one row is only one row
    assert len(history.frame) == 2


def test_sentinels_for_no_place_do_not_make_a_file_look_swapped(tmp_path: Path) -> None:
    history = _read(tmp_path, [_row("a"), *(_row(str(i), lat="999", lon="999") for i in range(5))])
    assert len(history.frame) == 1
    assert _reasons(history)["place is not on Earth"] == 5


def test_feet_need_their_crs(tmp_path: Path) -> None:
    to_feet = Transformer.from_crs(NETWORK.crs, "EPSG:2263", always_xy=True)
    x, y = to_feet.transform(NETWORK.node_x, NETWORK.node_y)
    lines = [f"{i},2021-07-04 10:00:00,54E1,{x[i]:.2f},{y[i]:.2f}" for i in range(NETWORK.n_nodes)]
    header = "event_id,received,nature,geo_cd_x,geo_cd_y"
    with pytest.raises(
        InputError, match=r"'geo_cd_x' and 'geo_cd_y' are not degrees -- give their CRS"
    ):
        _read(tmp_path, lines, header=header)
    with pytest.raises(InputError, match=r"CRS 'feet' is not understood"):
        _read(tmp_path, lines, header=header, crs="feet")
    feet = _read(tmp_path, lines, header=header, crs="EPSG:2263")
    assert feet.frame["node"].tolist() == feet.frame["call_id"].astype(int).tolist()
    degrees = [
        _row(str(i), lat=lat, lon=lon)
        for i in range(NETWORK.n_nodes)
        for lat, lon in [_degrees(NETWORK, NETWORK.node_x[i], NETWORK.node_y[i])]
    ]
    same = _read(tmp_path, degrees)
    np.testing.assert_allclose(feet.frame[["x", "y"]], same.frame[["x", "y"]], atol=0.02)


def test_calls_of_another_city_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"km from the roads -- is the CRS right"):
        _read(
            tmp_path,
            [
                _row("1", lat="39.74", lon="-104.99"),
                _row("2", lat="39.75", lon="-105.0"),
                _row("3"),
            ],
        )
    assert (
        len(_read(tmp_path, [_row("1", lat="39.74", lon="-104.99"), _row("2"), _row("3")]).frame)
        == 2
    )


def test_a_file_of_nothing_usable_says_why(tmp_path: Path) -> None:
    with pytest.raises(
        InputError,
        match=r"not one of 2 rows .* most: no time of receipt \(calls.csv, row 2\) -- map received_at",
    ):
        _read(tmp_path, [_row("1", received=""), _row("2", received="")])
    with pytest.raises(InputError, match="no file of calls is given"):
        read_calls([], network=NETWORK, program=PROGRAM)


@pytest.mark.parametrize("separator", ["/", "-"])
def test_the_day_goes_first_where_the_dates_say_so(separator: str, tmp_path: Path) -> None:
    days = [
        f"{day:02d}{separator}{month:02d}{separator}2021"
        for day, month in ((3, 7), (14, 7), (25, 7), (31, 8))
    ]
    history = _read(
        tmp_path,
        [_row(str(i), f"{day} 10:00:00", times=f"{day} 10:05:00,,") for i, day in enumerate(days)],
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
    history = _read(tmp_path, [_row(str(i), f"{day} 10:00:00") for i, day in enumerate(days)])
    assert [f"{t:%d %m}" for t in history.frame["received_at"]] == [
        "03 07",
        "14 07",
        "25 07",
        "31 08",
    ]
    assert _reasons(history)["time of receipt is not understood"] == 2


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
        history = _read(tmp_path, lines, header=f"id,{header},nature,lat,lon")
        assert history.frame["received_at"].tolist() == wanted, header
    military = _read(
        tmp_path, [f"1,2021-07-04,905,54E1,{LAT},{LON}"], header="id,date,time,nature,lat,lon"
    )
    assert military.frame["received_at"].iloc[0] == pd.Timestamp("2021-07-04 13:05", tz="UTC")
    mapped = {"received_date": "day", "received_time": "clock"}
    lines = [
        f"2001-01-01 10:00:00,2021-07-04,00:05:09,54E1,{LAT},{LON}",
        f"2001-01-01 10:00:00,2021-07-04,,54E1,{LAT},{LON}",
    ]
    history = _read(tmp_path, lines, header="received,day,clock,nature,lat,lon", columns=mapped)
    assert history.frame["received_at"].tolist() == wanted[:1]
    assert _reasons(history)["no time of receipt"] == 1


def test_a_history_without_time_of_day_is_refused(tmp_path: Path) -> None:
    lines = [f"{i},07/0{i}/2021,54E1,{LAT},{LON}" for i in (4, 5)]
    with pytest.raises(InputError, match=r"calls\.csv: there is no time of day.*map received_time"):
        _read(tmp_path, lines, header="id,date,nature,lat,lon")


def test_both_coordinates_in_one_cell(tmp_path: Path) -> None:
    cells = [
        f"POINT ({LON} {LAT})",
        f"({LAT}, {LON})",
        f"1 MAIN ST (REAR), NEW YORK ({LAT}, {LON})",
        "nowhere",
    ]
    lines = [f'{i},2021-07-04 10:00:00,54E1,"{cell}"' for i, cell in enumerate(cells)]
    history = _read(tmp_path, lines, header="id,received,nature,location")
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
        ("2020", [_row("E", "2021-07-04 10:01:00"), _row()]),
        ("2021", [_row("E"), _row(received="")]),
    ):
        (tmp_path / year).mkdir()
        (tmp_path / year / "calls.csv").write_text("\n".join([HEADER, *rows]))
    paths = [tmp_path / year / "calls.csv" for year in ("2020", "2021")]
    history = read_calls(paths, network=NETWORK, program=PROGRAM)
    _check_sums(history)
    assert history.frame["call_id"].tolist() == ["2020/calls.csv:3", "E"]
    assert history.set_aside[["source", "source_row"]].to_numpy().tolist() == [
        ["2021/calls.csv", 3]
    ]
    assert history.notes == (
        "no time zone given: times are taken as local time without daylight saving",
    )
    with pytest.raises(InputError, match="given twice"):
        read_calls([paths[0], paths[0]], network=NETWORK, program=PROGRAM)


def test_columns_of_the_frame(tmp_path: Path) -> None:
    frame = _read(tmp_path, [_row("b"), _row("a"), _row("c", "2021-07-04 09:00:00")]).frame
    assert frame["call_id"].tolist() == ["c", "a", "b"]  # by time, then by number
    assert {name: str(kind) for name, kind in frame.dtypes.items()} == {
        "call_id": "str",
        **dict.fromkeys(
            ["received_at", "dispatched_at", "en_route_at", "arrived_at", "cleared_at"],
            "datetime64[ns, America/New_York]",
        ),
        **dict.fromkeys(["nature", "channel", "priority", "unit_id", "call_class"], "str"),
        **dict.fromkeys(["x", "y", "snap_m"], "float64"),
        "node": "int32",
    }


START = datetime(2021, 7, 4, 10)  # noqa: DTZ001 - local time of the file
TIMES = {
    **{
        f"{START + timedelta(minutes=m):%Y-%m-%d %H:%M:%S}": START + timedelta(minutes=m)
        for m in (0, 1, 90)
    },
    "2021-08-20 10:00:00": datetime(2021, 8, 20, 10),  # noqa: DTZ001
    "": None,
    "2021-02-30 10:00:00": None,
    "soon": None,
}
OFF_ROAD = _degrees(NETWORK, NETWORK.node_x[0] - 600, NETWORK.node_y[0])
PLACES = {
    (LAT, LON): "",
    (OTHER_LAT, OTHER_LON): "",
    OFF_ROAD: FAR,
    ("0", "0"): "place at 0, 0",
    ("", LON): "no place",
    ("999", "999"): "place is not on Earth",
}
dirty_row = st.tuples(
    st.sampled_from(["A", "B", "C", "D", ""]),
    st.sampled_from(sorted(TIMES)),
    st.sampled_from(["54E1", "75D", "WELFARE CHECK", ""]),
    st.sampled_from(sorted(PLACES)),
    st.sampled_from([False] * 9 + [True]),
)
DirtyRow = tuple[str, str, str, tuple[str, str], bool]
GOOD: DirtyRow = ("good", "2021-07-04 10:00:00", "54E1", (LAT, LON), False)


def _line(row: DirtyRow) -> str:
    call_id, received, nature, (lat, lon), broken = row
    return _row(call_id, received, nature, lat, lon) + (",9,9" if broken else "")


def _events(rows: list[DirtyRow]) -> list[list[DirtyRow]]:
    """Rows of each event, by a plain reading of the rules.

    Same number, no week between neighbors in time; all places here lie within 2 km.
    """
    events: list[list[DirtyRow]] = []
    by_id: dict[str, list[DirtyRow]] = {}
    for row in rows:
        if row[0]:
            by_id.setdefault(row[0], []).append(row)
        else:
            events.append([row])
    for several in by_id.values():
        timed = sorted((row for row in several if TIMES[row[1]]), key=lambda row: row[1])
        untimed = [row for row in several if not TIMES[row[1]]]
        parts: list[list[DirtyRow]] = []
        for row in timed:
            when = TIMES[row[1]]
            last = TIMES[parts[-1][-1][1]] if parts else None
            if when and last and when - last <= timedelta(days=7):
                parts[-1].append(row)
            else:
                parts.append([row])
        if parts:
            parts[-1] += untimed  # a row without time belongs to the last event of its number
        events += parts or [untimed]
    return events


def _fate(event: list[DirtyRow]) -> str:
    """The reason for which an event is lost, or its nature's fate."""
    if not any(TIMES[row[1]] for row in event):
        return (
            "time of receipt is not understood"
            if any(row[1] for row in event)
            else "no time of receipt"
        )

    def order(row: DirtyRow) -> tuple[object, ...]:
        reason = PLACES[row[3]].replace(FAR, "")
        x, y = (float(v or "nan") if reason == "" else 0.0 for v in (row[3][1], row[3][0]))
        return (TIMES[row[1]] is None, row[1] if TIMES[row[1]] else "", reason, row[2], x, y)

    ordered = sorted(event, key=order)
    usable = [row for row in ordered if PLACES[row[3]] in {"", FAR}]
    if reason := PLACES[(usable or ordered)[0][3]]:
        return reason
    nature = next((row[2] for row in ordered if row[2]), "")
    return (
        "eligible"
        if nature == "54E1" or nature == "WELFARE CHECK"
        else "nature is in no call class"
    )


@settings(max_examples=30, deadline=None)
@given(st.lists(dirty_row, max_size=12))
def test_nothing_is_lost_on_the_way(rows: list[DirtyRow]) -> None:
    rows = [GOOD, *rows]
    with tempfile.TemporaryDirectory() as folder:
        history = _read(Path(folder), [_line(row) for row in rows])
    _check_sums(history)
    whole = [row for row in rows if not row[4]]
    fates = Counter(_fate(event) for event in _events(whole))
    expected = Counter({reason: count for reason, count in fates.items() if reason != "eligible"})
    expected["row could not be split into columns"] = len(rows) - len(whole)
    expected["further rows of the same event"] = len(whole) - sum(fates.values())
    assert Counter(_reasons(history)) == +expected
    assert history.funnel.steps[0].count == len(rows)
    assert history.funnel.steps[-1].count == fates["eligible"]


@settings(max_examples=15, deadline=None)
@given(
    st.lists(dirty_row.filter(lambda row: row[0] != "" and not row[4]), min_size=2, max_size=10),
    st.randoms(),
)
def test_the_order_of_the_rows_does_not_matter(rows: list[DirtyRow], random: object) -> None:
    rows = [GOOD, *rows]
    shuffled = list(rows)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    with tempfile.TemporaryDirectory() as folder:
        first = _read(Path(folder), [_line(row) for row in rows])
        second = _read(Path(folder), [_line(row) for row in shuffled])
    pd.testing.assert_frame_equal(first.frame, second.frame)
    assert first.funnel == second.funnel
    columns = ["call_id", "reason"]
    assert sorted(first.set_aside[columns].to_numpy().tolist()) == sorted(
        second.set_aside[columns].to_numpy().tolist()
    )
