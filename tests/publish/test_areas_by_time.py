"""Areas by time of the week.

Figures recounted by hand, enough calls at every time, none of the map's areas cut in two.
"""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from coresponse.coverage.cells import DemandCells, ResponseTable
from coresponse.coverage.measures import measure
from coresponse.data.hours import Period, WeekHours
from coresponse.data.options import Deployment, Option
from coresponse.data.roads.made import street_grid
from coresponse.publish.areas import map_cells, map_cells_by_time
from coresponse.publish.disclosure import INTERNAL, PUBLIC

CITY = street_grid(12, 10, seed=4, spacing_m=300.0)
OPTIONS = tuple(Option("team", f"p{i}", "always") for i in range(3))
PERIODS = (
    Period("early", WeekHours.parse("daily 07:00-12:00")),
    Period("late", WeekHours.parse("daily 12:00-19:00")),
    Period("night", WeekHours.parse("daily 19:00-07:00")),
)
PLAN = Deployment.of("plan", {OPTIONS[0]: 2, OPTIONS[1]: 1})


def table(seed: int, *, most: int = 9, nights: int = 2) -> ResponseTable:
    """Random demand at three periods, the night with fewer calls."""
    rng = np.random.default_rng(seed)
    n = 250
    keys = np.unique(rng.integers(0, 120 * 3, n))
    node, period = (keys // 3).astype(np.int32), (keys % 3).astype(np.int16)
    calls = np.where(
        period == 2, rng.integers(1, nights + 1, len(keys)), rng.integers(1, most + 1, len(keys))
    )
    cells = DemandCells(
        node=node,
        call_class=np.zeros(len(keys), dtype=np.int16),
        period=period,
        district=np.full(len(keys), -1, dtype=np.int32),
        calls_per_week=calls / 3,
        calls=calls.astype(np.int64),
        class_names=("crisis",),
        class_weight=np.ones(1),
        periods=PERIODS,
        weeks=3.0,
    )
    response = rng.uniform(120, 2400, (3, len(keys)))
    response[:, rng.random(len(keys)) < 0.2] = np.inf
    return ResponseTable(
        options=OPTIONS,
        cells=cells,
        column=np.arange(len(keys), dtype=np.int32),
        response_s=response.astype(np.float32),
        group=np.zeros(3, dtype=np.int32),
        serves=np.ones((1, len(keys)), dtype=bool),
        column_node=node,
        fallback_s=3600.0,
    )


def times(made: ResponseTable) -> dict[str, NDArray[np.bool_]]:
    return {"day": made.cells.period < 2, "night": made.cells.period == 2}


@pytest.mark.parametrize("seed", range(3))
def test_figures_are_those_of_the_calls_inside_at_that_time(seed: int) -> None:
    made = table(seed)
    frame = map_cells_by_time(
        made, CITY, {"plan": PLAN}, times(made), target_s=900.0, disclosure=INTERNAL, min_calls=11
    )
    assert len(frame) > 3
    points = shapely.points(CITY.node_x[made.cells.node], CITY.node_y[made.cells.node])
    first = np.min(made.response_s[:2], axis=0)
    counted = 0
    for _, row in frame.iterrows():
        there = shapely.intersects(row.geometry.buffer(-1e-6), points)
        for key, inside in times(made).items():
            mine = there & inside
            calls, weight = made.cells.calls[mine], made.cells.calls_per_week[mine]
            counted += int(calls.sum())
            assert calls.sum() >= 11
            low, _, high = row[f"calls_band@{key}"].partition("-")
            assert int(low) <= calls.sum() <= int(high)
            reached = np.isfinite(first[mine])
            mean = np.average(first[mine][reached], weights=weight[reached])
            assert row[f"mean_s_plan@{key}"] == pytest.approx(mean)
            assert row[f"share_in_time_plan@{key}"] == pytest.approx(
                np.average(first[mine] <= 900, weights=weight)
            )
            within = 2 * (made.response_s[0][mine] <= 900) + (made.response_s[1][mine] <= 900)
            assert row[f"depth_plan@{key}"] == pytest.approx(np.average(within, weights=weight))
    assert counted == made.cells.calls.sum()


def test_figures_for_publication_are_those_rounded_by_the_calls_at_that_time() -> None:
    made = table(0)
    exact, shown = (
        map_cells_by_time(
            made,
            CITY,
            {"plan": PLAN},
            times(made),
            target_s=900.0,
            disclosure=disclosure,
            min_calls=11,
        )
        for disclosure in (INTERNAL, PUBLIC)
    )
    for key in ("day", "night"):
        step = shown[f"calls_band@{key}"].map(
            {"11-25": 0.1, "26-50": 0.05, "51-100": 0.02, "101-250": 0.01}
        )
        for figure in ("share_in_time", "share_reached"):
            values = shown[f"{figure}_plan@{key}"]
            assert ((values - exact[f"{figure}_plan@{key}"]).abs() <= step / 2 + 1e-9).all()
            np.testing.assert_allclose(values / step, np.rint(values / step), atol=1e-6)
        step_s = shown[f"calls_band@{key}"].map(
            {"11-25": 60, "26-50": 24, "51-100": 12, "101-250": 6}
        )
        assert (shown[f"mean_s_plan@{key}"] % step_s == 0).all()
        assert (
            (shown[f"mean_s_plan@{key}"] - exact[f"mean_s_plan@{key}"]).abs() <= step_s / 2
        ).all()
        assert (
            (shown[f"depth_plan@{key}"] - exact[f"depth_plan@{key}"]).abs() <= 0.05 + 1e-9
        ).all()


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 12), st.integers(1, 6))
def test_every_area_of_the_map_lies_in_one_of_them(seed: int, most: int, nights: int) -> None:
    made = table(seed, most=most, nights=nights)
    small = map_cells(made, CITY, {"plan": PLAN}, target_s=900.0)
    large = map_cells_by_time(made, CITY, {"plan": PLAN}, times(made), target_s=900.0)
    if large.empty:
        assert min(made.cells.calls[inside].sum() for inside in times(made).values()) < 11
        return
    for shape in small.geometry:
        share = shapely.area(shapely.intersection(shape, large.geometry.to_numpy())) / shapely.area(
            shape
        )
        assert np.sort(share)[-1] == pytest.approx(1)
        assert share.sum() == pytest.approx(1)


def test_a_time_with_too_few_calls_in_all_has_no_areas() -> None:
    made = table(1)
    few = made.cells.period == 2
    few[np.flatnonzero(few)[5:]] = False
    assert map_cells_by_time(
        made, CITY, {"plan": PLAN}, {"day": ~few, "night": few}, target_s=900.0
    ).empty


def test_measures_within_a_time_are_those_of_a_table_of_it_alone() -> None:
    made = table(2)
    whole = measure(made, PLAN, target_s=900.0)
    for i, period in enumerate(PERIODS):
        found = measure(made, PLAN, target_s=900.0, within=made.cells.period == i)
        assert found.overall.iloc[0].to_dict() == pytest.approx(
            whole.by_period.loc[period.name].to_dict(), nan_ok=True
        )
        assert list(found.by_period.index) == [period.name]
