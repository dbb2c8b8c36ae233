"""Past calls: each row becomes part of a call or is set aside with its reason."""

from __future__ import annotations

import tempfile
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Transformer

from coresponse.data.calls.read import read_calls
from coresponse.data.errors import InputError
from tests.data.call_files import (
    FAR,
    FAR_LAT,
    FAR_LON,
    HEADER,
    LAT,
    LON,
    NETWORK,
    OTHER_LAT,
    OTHER_LON,
    PROGRAM,
    check_sums,
    degrees,
    history_of,
    line_of,
    reasons_of,
)


def test_each_reason_with_row_and_detail(tmp_path: Path) -> None:
    history = history_of(
        tmp_path,
        [
            line_of("good"),
            line_of("a", received=""),
            line_of("b", received="yesterday"),
            line_of("c", received="1066-10-14 09:00:00"),
            line_of("d", lat="0", lon="0.0"),
            line_of("e", lat="", lon=""),
            line_of("f", lat="n/a"),
            line_of("g", lat="95", lon="-361"),
            line_of("h", lat=FAR_LAT, lon=FAR_LON),
            line_of("i") + ",more",
            line_of("j", nature="75D"),
        ],
    )
    check_sums(history)
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
    rows = [line_of("near"), line_of("far", lat=FAR_LAT, lon=FAR_LON)]
    assert len(history_of(tmp_path, rows, snap_max_m=2500).frame) == 2
    assert history_of(tmp_path, rows, snap_max_m=50).set_aside["reason"].tolist() == [
        "more than 50 m from a road of the network"
    ]


def test_rows_of_one_event_fold_into_first_and_last(tmp_path: Path) -> None:
    history = history_of(
        tmp_path,
        [
            line_of(
                "E",
                "2021-07-04 10:02:00",
                "",
                "",
                "",
                "2021-07-04 10:03:00,2021-07-04 10:20:00,2021-07-04 10:30:00",
            ),
            line_of(
                "E",
                "2021-07-04 10:00:00",
                "",
                "0",
                "0",
                "2021-07-04 10:05:00,2021-07-04 10:10:00,2021-07-04 11:30:00",
            ),
            line_of("E", "2021-07-04 10:01:00", "54E2", OTHER_LAT, OTHER_LON, ",,"),
            line_of("E", "2021-07-04 10:04:00", "75D", LAT, LON, ",,"),
            line_of("", "2021-07-04 12:00:00"),
            line_of("", "2021-07-04 12:00:00"),
        ],
    )
    check_sums(history)
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
        line_of("1", "2021-01-04 10:00:00"),
        line_of("1", "2021-01-04 10:30:00"),
        line_of("1", "2022-01-03 09:00:00"),
    ]
    history = history_of(tmp_path, rows)
    check_sums(history)
    assert history.frame["call_id"].tolist() == ["1", "1#2"]
    assert history.days == pytest.approx(363 + 23 / 24)
    assert history.notes == (
        "3 rows share an event number with rows more than a week or 2,000 m away: counted as 2 calls",
        "no call between 2021-01-04 and 2022-01-03: rates are too low if calls are missing",
    )


def test_contradicting_times_are_blanked_and_counted(tmp_path: Path) -> None:
    def times(sent: str, there: str, free: str) -> str:
        return ",".join(f"2021-07-{text}" if text else "" for text in (sent, there, free))

    history = history_of(
        tmp_path,
        [
            line_of("a", times=times("04 09:59:59", "04 10:10:00", "04 11:00:00")),
            line_of("b", times=times("04 10:05:00", "04 10:04:59", "04 11:00:00")),
            line_of("c", times=times("04 10:05:00", "04 10:10:00", "04 10:09:59")),
            line_of("d", times=times("04 10:05:00", "04 10:10:00", "06 10:00:01")),
            line_of("e", times=times("04 10:00:00", "04 10:00:00", "06 10:00:00")),
            line_of("f", times=times("", "04 09:00:00", "04 09:30:00")),
            line_of("g", times="soon,,"),
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
        "calls.csv: 1 value of dispatched cannot be read as times; left blank",
        "1 call with a time blanked: dispatched before received",
        "2 calls with a time blanked: arrived before sent",
        "2 calls with a time blanked: cleared before arrived",
        "1 call with a time blanked: cleared more than 48 hours later",
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
    history = history_of(tmp_path, rows, header=header)
    frame = history.frame.set_index("call_id")
    turn_out_s = (frame["en_route_at"] - frame["dispatched_at"]).dt.total_seconds()
    assert turn_out_s["a"] == 90
    assert frame["en_route_at"].notna().tolist() == [True, False, False, False]
    assert frame["arrived_at"].notna().all()
    assert "2 calls with a time blanked: en route before sent or after arrived" in history.notes
    assert history_of(tmp_path, [line_of("e")]).frame["en_route_at"].isna().all()


def test_a_file_with_swapped_columns_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"look swapped -- exchange"):
        history_of(tmp_path, [line_of(str(i), lat=LON, lon=LAT) for i in range(3)])
    # one row is only one row
    history = history_of(
        tmp_path, [line_of("swapped", lat=LON, lon=LAT), line_of("a"), line_of("b")]
    )
    assert len(history.frame) == 2


def test_sentinels_for_no_place_do_not_make_a_file_look_swapped(tmp_path: Path) -> None:
    history = history_of(
        tmp_path, [line_of("a"), *(line_of(str(i), lat="999", lon="999") for i in range(5))]
    )
    assert len(history.frame) == 1
    assert reasons_of(history)["place is not on Earth"] == 5


def test_feet_need_their_crs(tmp_path: Path) -> None:
    to_feet = Transformer.from_crs(NETWORK.crs, "EPSG:2263", always_xy=True)
    x, y = to_feet.transform(NETWORK.node_x, NETWORK.node_y)
    lines = [f"{i},2021-07-04 10:00:00,54E1,{x[i]:.2f},{y[i]:.2f}" for i in range(NETWORK.n_nodes)]
    header = "event_id,received,nature,geo_cd_x,geo_cd_y"
    with pytest.raises(
        InputError, match=r"'geo_cd_x' and 'geo_cd_y' are not degrees -- give their CRS"
    ):
        history_of(tmp_path, lines, header=header)
    with pytest.raises(InputError, match=r"CRS 'feet' is not understood"):
        history_of(tmp_path, lines, header=header, crs="feet")
    feet = history_of(tmp_path, lines, header=header, crs="EPSG:2263")
    assert feet.frame["node"].tolist() == feet.frame["call_id"].astype(int).tolist()
    lines = [
        line_of(str(i), lat=lat, lon=lon)
        for i in range(NETWORK.n_nodes)
        for lat, lon in [degrees(NETWORK, NETWORK.node_x[i], NETWORK.node_y[i])]
    ]
    same = history_of(tmp_path, lines)
    np.testing.assert_allclose(feet.frame[["x", "y"]], same.frame[["x", "y"]], atol=0.02)


def test_calls_of_another_city_are_refused(tmp_path: Path) -> None:
    with pytest.raises(
        InputError,
        match=r"km from the roads, at latitude 39.7\d, longitude -10\d.\d\d; the roads are around latitude 40.7",
    ):
        history_of(
            tmp_path,
            [
                line_of("1", lat="39.74", lon="-104.99"),
                line_of("2", lat="39.75", lon="-105.0"),
                line_of("3"),
            ],
        )
    assert (
        len(
            history_of(
                tmp_path, [line_of("1", lat="39.74", lon="-104.99"), line_of("2"), line_of("3")]
            ).frame
        )
        == 2
    )


def test_a_file_of_nothing_usable_says_why(tmp_path: Path) -> None:
    with pytest.raises(
        InputError,
        match=r"not one of 2 rows .* most: no time of receipt \(calls.csv, row 2\) -- set received_at",
    ):
        history_of(tmp_path, [line_of("1", received=""), line_of("2", received="")])
    with pytest.raises(InputError, match="no file of calls is given"):
        read_calls([], network=NETWORK, program=PROGRAM)


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
OFF_ROAD = degrees(NETWORK, NETWORK.node_x[0] - 600, NETWORK.node_y[0])
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
    return line_of(call_id, received, nature, lat, lon) + (",9,9" if broken else "")


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
        history = history_of(Path(folder), [_line(row) for row in rows])
    check_sums(history)
    whole = [row for row in rows if not row[4]]
    fates = Counter(_fate(event) for event in _events(whole))
    expected = Counter({reason: count for reason, count in fates.items() if reason != "eligible"})
    expected["row could not be split into columns"] = len(rows) - len(whole)
    expected["further rows of the same event"] = len(whole) - sum(fates.values())
    assert Counter(reasons_of(history)) == +expected
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
        first = history_of(Path(folder), [_line(row) for row in rows])
        second = history_of(Path(folder), [_line(row) for row in shuffled])
    pd.testing.assert_frame_equal(first.frame, second.frame)
    assert first.funnel == second.funnel
    columns = ["call_id", "reason"]
    assert sorted(first.set_aside[columns].to_numpy().tolist()) == sorted(
        second.set_aside[columns].to_numpy().tolist()
    )
