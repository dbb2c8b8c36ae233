"""Demand cells against a pandas groupby and the calendar."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import box

from coresponse.coverage.demand import demand_cells, eligible_classes
from coresponse.data.calls.history import NOT_ELIGIBLE, CallHistory, Funnel
from coresponse.data.districts import Districts
from coresponse.data.errors import InputError
from coresponse.data.hours import WHOLE_WEEK, Period, WeekHours, split_week
from coresponse.data.programs.load import load_program
from coresponse.data.roads.made import street_grid

CITY = street_grid(4, 3, seed=1)
EACH_HOUR = tuple(Period(f"hour {h}", WeekHours((h,))) for h in range(168))
CLASSES = ("crisis_low", "crisis_high", "welfare", "intoxication", "disturbance", NOT_ELIGIBLE)


def history(
    frame: pd.DataFrame, *, zone: str = "America/New_York", days: float = 70.0
) -> CallHistory:
    """Past calls from the columns `received_at` (UTC), `call_class`, `node`."""
    node = frame["node"].to_numpy().astype(np.int32)
    nowhere = pd.Series(pd.NaT, index=frame.index, dtype=f"datetime64[ns, {zone}]")
    full = pd.DataFrame(
        {
            "call_id": [f"c{i}" for i in range(len(frame))],
            "received_at": pd.to_datetime(frame["received_at"], utc=True).dt.tz_convert(zone),
            "dispatched_at": nowhere,
            "arrived_at": nowhere,
            "cleared_at": nowhere,
            "nature": "",
            "channel": "",
            "priority": "",
            "call_class": frame["call_class"],
            "x": CITY.node_x[node],
            "y": CITY.node_y[node],
            "snap_m": 0.0,
            "node": node,
        }
    )
    nothing = pd.DataFrame()
    return CallHistory(full, CITY.crs, zone, days, Funnel(()), nothing, nothing)


def random_calls(seed: int, n: int = 400) -> pd.DataFrame:
    """Calls over two years, so over four changes of the clocks."""
    rng = np.random.default_rng(seed)
    seconds = rng.integers(0, 2 * 365 * 86_400, n)
    return pd.DataFrame(
        {
            "received_at": pd.Timestamp("2024-01-01", tz="UTC")
            + pd.to_timedelta(seconds, unit="s"),
            "call_class": rng.choice(CLASSES, n),
            "node": rng.integers(0, CITY.n_nodes, n),
        }
    )


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("preset", ["ride-along", "star"])
def test_cells_are_those_of_a_groupby(seed: int, preset: str) -> None:
    program = load_program(preset)
    patterns = {name: pattern.hours for name, pattern in program.shift_patterns.items()}
    night = Period("night", WeekHours.parse("daily 20:00-06:00"), 1.2)
    day = Period("day", WeekHours.parse("daily 06:00-20:00"))
    periods = split_week((night, day), patterns)
    calls = history(random_calls(seed))
    cells = demand_cells(calls, program, CITY, periods=periods)

    used = {name for kind in program.responder_types.values() for name in kind.eligible}
    frame = calls.frame[calls.frame["call_class"].isin(used)].copy()
    zone = ZoneInfo("America/New_York")
    local = [datetime.fromtimestamp(t.timestamp(), tz=zone) for t in frame["received_at"]]
    frame["period"] = [
        next(p.name for p in periods if t.weekday() * 24 + t.hour in p.hours.hours) for t in local
    ]
    expected = frame.groupby(["node", "call_class", "period"]).size().to_dict()
    found = {
        (int(node), cells.class_names[kind], cells.periods[period].name): int(count)
        for node, kind, period, count in zip(
            cells.node, cells.call_class, cells.period, cells.calls, strict=True
        )
    }
    assert found == expected
    assert cells.n == len(expected)
    assert cells.calls.sum() == len(frame) < len(calls.frame)
    assert set(cells.class_names) == used
    assert cells.weeks == 10
    np.testing.assert_allclose(cells.calls_per_week, cells.calls / 10)
    assert (cells.district == -1).all()


def test_calls_a_week_by_hand() -> None:
    rows = [("2025-06-02 16:00", "welfare", 5)] * 6 + [("2025-06-03 16:00", "welfare", 5)] * 3
    calls = history(pd.DataFrame(rows, columns=["received_at", "call_class", "node"]), days=21.0)
    cells = demand_cells(calls, load_program("ride-along"), CITY, periods=(WHOLE_WEEK,))
    assert (cells.node.tolist(), cells.calls.tolist(), cells.calls_per_week.tolist()) == (
        [5],
        [9],
        [3.0],
    )
    assert cells.class_names[cells.call_class[0]] == "welfare"


@pytest.mark.parametrize(
    ("utc", "hour"),
    [
        (
            "2025-03-09 06:59:59",
            6 * 24 + 1,
        ),  # Sunday 01:59:59 in New York, a second before the clocks go forward
        ("2025-03-09 07:00:00", 6 * 24 + 3),  # 03:00:00: there is no 02:xx
        ("2025-11-02 05:30:00", 6 * 24 + 1),  # 01:30 in summer time
        ("2025-11-02 06:30:00", 6 * 24 + 1),  # 01:30 again
        ("2025-11-02 07:00:00", 6 * 24 + 2),
        ("2025-07-07 03:59:00", 6 * 24 + 23),  # Sunday night where the call is, Monday in UTC
        ("2025-07-07 04:00:00", 0),
        ("2025-01-06 04:30:00", 6 * 24 + 23),  # an hour later in winter
    ],
)
def test_the_hour_is_that_of_the_wall_clock(utc: str, hour: int) -> None:
    calls = history(pd.DataFrame({"received_at": [utc], "call_class": ["welfare"], "node": [0]}))
    cells = demand_cells(calls, load_program("ride-along"), CITY, periods=EACH_HOUR)
    assert cells.period.tolist() == [hour]


def test_classes_that_nobody_is_eligible_for_are_left_out() -> None:
    assert eligible_classes(load_program("b-heard")) == ("crisis_low",)
    assert eligible_classes(load_program("star")) == (
        "crisis_low",
        "welfare",
        "intoxication",
        "disturbance",
    )
    calls = history(random_calls(9))
    cells = demand_cells(calls, load_program("b-heard"), CITY, periods=(WHOLE_WEEK,))
    assert cells.calls.sum() == (calls.frame["call_class"] == "crisis_low").sum()


def test_no_call_for_anyone_is_an_error_that_says_which_classes_count() -> None:
    frame = random_calls(2)
    frame["call_class"] = NOT_ELIGIBLE
    with pytest.raises(InputError, match=r"crisis_low, crisis_high, welfare"):
        demand_cells(history(frame), load_program("ride-along"), CITY, periods=(WHOLE_WEEK,))


def test_the_weight_of_a_class_counts_in_the_objective_only(tmp_path: Path) -> None:
    file = tmp_path / "program.toml"
    file.write_text(
        'extends = "ride-along"\nname = "heavy"\n[call_classes.crisis_high]\nweight = 3\n'
    )
    calls = history(random_calls(3))
    plain = demand_cells(calls, load_program("ride-along"), CITY, periods=(WHOLE_WEEK,))
    heavy = demand_cells(calls, load_program(file), CITY, periods=(WHOLE_WEEK,))
    high = heavy.call_class == heavy.class_names.index("crisis_high")
    assert 0 < high.sum() < heavy.n
    np.testing.assert_array_equal(heavy.calls_per_week, plain.calls_per_week)
    np.testing.assert_allclose(plain.objective_weight, plain.calls_per_week)
    np.testing.assert_allclose(heavy.objective_weight, heavy.calls_per_week * np.where(high, 3, 1))


def test_each_cell_is_in_the_district_of_its_place() -> None:
    west, east = CITY.node_x.min() - 1, CITY.node_x.max() + 1
    south, north = CITY.node_y.min() - 1, CITY.node_y.max() + 1
    third = (east - west) / 3
    frame = gpd.GeoDataFrame(
        {"district_id": ["a", "b"], "name": ["A", "B"], "population": [1.0, 2.0]},
        geometry=[
            box(west + third, south, west + 2 * third, north),
            box(west + 2 * third, south, east, north),
        ],
        crs=CITY.crs,
    )
    cells = demand_cells(
        history(random_calls(5)),
        load_program("star"),
        CITY,
        periods=(WHOLE_WEEK,),
        districts=Districts(frame),
    )
    expected = np.floor((CITY.node_x[cells.node] - west) / third).astype(int) - 1
    np.testing.assert_array_equal(cells.district, expected)
    assert set(cells.district.tolist()) == {-1, 0, 1}
