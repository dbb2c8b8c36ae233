"""Measures against the same figures worked out call by call in pandas, and against what must always hold."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import box

from coresponse.coverage.cells import DemandCells, ResponseTable
from coresponse.coverage.measures import (
    Measures,
    assign,
    compare,
    lower_quantiles,
    measure,
    weighted_quantiles,
)
from coresponse.data.districts import Districts
from coresponse.data.hours import Period, WeekHours
from coresponse.data.options import Deployment, Option

PERIODS = (
    Period("day", WeekHours.parse("daily 08:00-20:00")),
    Period("night", WeekHours.parse("daily 20:00-08:00")),
)
CLASSES = ("crisis", "welfare", "unused")
OPTIONS = tuple(
    sorted(
        Option(kind, post, pattern)
        for kind, pattern in (("team", "always"), ("team", "day"), ("unit", "day"))
        for post in ("p1", "p2", "p3", "p4")
    )
)
FALLBACK_S = 3600.0
TARGET_S = 900.0
PARTS = ("by_class", "by_district", "by_period")


def districts(*ids: str) -> Districts:
    """Districts by name; where they lie does not matter here."""
    frame = gpd.GeoDataFrame(
        {"district_id": list(ids), "name": list(ids), "population": np.nan},
        geometry=[box(i, 0, i + 1, 1) for i in range(len(ids))],
        crs="EPSG:32618",
    )
    return Districts(frame)


def cells(rows: pd.DataFrame, *, weeks: float = 4.0) -> DemandCells:
    """Demand cells from columns node, call_class, period, district, calls (positions)."""
    return DemandCells(
        node=rows["node"].to_numpy(dtype=np.int32),
        call_class=rows["call_class"].to_numpy(dtype=np.int16),
        period=rows["period"].to_numpy(dtype=np.int16),
        district=rows["district"].to_numpy(dtype=np.int32),
        calls_per_week=rows["calls"].to_numpy() / weeks,
        calls=rows["calls"].to_numpy(dtype=np.int64),
        class_names=CLASSES,
        class_weight=np.array([1.0, 2.0, 1.0]),
        periods=PERIODS,
        weeks=weeks,
    )


def random_table(seed: int) -> ResponseTable:
    """Whole minutes, so that ties are common; some responders take longer than the fallback."""
    rng = np.random.default_rng(seed)
    n, columns = int(rng.integers(1, 40)), int(rng.integers(1, 12))
    rows = pd.DataFrame(
        {
            "node": 0,
            "call_class": rng.integers(0, 2, n),
            "period": rng.integers(0, 2, n),
            "district": rng.integers(-1, 3, n),
            "calls": rng.integers(1, 15, n),
        }
    )
    groups = sorted({(o.responder_type, o.shift_pattern) for o in OPTIONS})
    group = np.array(
        [groups.index((o.responder_type, o.shift_pattern)) for o in OPTIONS], dtype=np.int32
    )
    serves = rng.random((len(groups), columns)) < 0.7
    response = 60.0 * rng.integers(3, 80, (len(OPTIONS), columns))
    response[rng.random(response.shape) < 0.3] = np.inf
    response[~serves[group]] = np.inf
    return ResponseTable(
        options=OPTIONS,
        cells=cells(rows),
        column=rng.integers(0, columns, n).astype(np.int32),
        response_s=response.astype(np.float32),
        group=group,
        serves=serves,
        column_node=np.zeros(columns, dtype=np.int32),
        fallback_s=FALLBACK_S,
    )


tables = st.integers(0, 10_000).map(random_table)
deployments = st.dictionaries(st.sampled_from(OPTIONS), st.integers(1, 3), max_size=6).map(
    lambda counts: Deployment.of("plan", counts)
)


def call_by_call(table: ResponseTable, deployment: Deployment) -> pd.DataFrame:
    """One row an observed call, with the response of whoever gets there first."""
    place = {option: i for i, option in enumerate(table.options)}
    rows = []
    for c in range(table.cells.n):
        column = table.column[c]
        times = [float(table.response_s[place[o], column]) for o, _ in deployment.counts]
        there = [bool(table.serves[table.group[place[o]], column]) for o, _ in deployment.counts]
        row = {
            "by_class": CLASSES[table.cells.call_class[c]],
            "by_period": PERIODS[table.cells.period[c]].name,
            "by_district": ["", "a", "b", "c"][table.cells.district[c] + 1],
            "response_s": min(times, default=np.inf),
            "on_duty": any(there),
        }
        rows += [row] * int(table.cells.calls[c])
    return pd.DataFrame(rows)


def figures(calls: pd.DataFrame, weeks: float) -> dict[str, float]:
    """Figures of some calls, each by its definition."""
    n = len(calls)
    reached = calls.loc[calls["response_s"] < np.inf, "response_s"].sort_values().to_list()
    missed = calls[calls["response_s"] == np.inf]
    in_time = int((calls["response_s"] <= TARGET_S).sum())
    return {
        "calls": n,
        "calls_per_week": n / weeks,
        "reached_per_week": len(reached) / weeks,
        "in_time_per_week": in_time / weeks,
        "closed_per_week": int((~missed["on_duty"]).sum()) / weeks,
        "out_of_reach_per_week": int(missed["on_duty"].sum()) / weeks,
        "share_reached": len(reached) / n,
        "share_in_time": in_time / n,
        "mean_s": float(np.mean(reached)) if reached else np.nan,
        # the k-th of m sorted times, k the least whole number of at least half (nine tenths) of m
        "median_s": reached[-(-len(reached) // 2) - 1] if reached else np.nan,
        "p90_s": reached[-(-9 * len(reached) // 10) - 1] if reached else np.nan,
        "mean_with_fallback_s": float(np.mean(np.minimum(calls["response_s"], FALLBACK_S))),
    }


@settings(max_examples=80, deadline=None)
@given(tables, deployments)
def test_figures_are_those_of_the_calls_one_by_one(
    table: ResponseTable, deployment: Deployment
) -> None:
    found = measure(table, deployment, target_s=TARGET_S, districts=districts("a", "b", "c"))
    calls = call_by_call(table, deployment)
    everything = pd.DataFrame([figures(calls, table.cells.weeks)], index=["all"])
    pd.testing.assert_frame_equal(found.overall, everything, check_dtype=False)
    for part in PARTS:
        expected = pd.DataFrame(
            {key: figures(rows, table.cells.weeks) for key, rows in calls.groupby(part)}
        ).T
        frame = getattr(found, part)
        pd.testing.assert_frame_equal(
            frame.sort_index(), expected[frame.columns], check_dtype=False, check_names=False
        )
    assert found.figure("mean_s") == pytest.approx(
        figures(calls, table.cells.weeks)["mean_s"], nan_ok=True
    )


@settings(max_examples=50, deadline=None)
@given(tables, deployments)
def test_groups_add_up_to_all(table: ResponseTable, deployment: Deployment) -> None:
    found = measure(table, deployment, target_s=TARGET_S, districts=districts("a", "b", "c"))
    flows = ["reached_per_week", "closed_per_week", "out_of_reach_per_week"]
    for part in PARTS:
        frame = getattr(found, part)
        for column in ["calls", "calls_per_week", "in_time_per_week", *flows]:
            assert frame[column].sum() == pytest.approx(found.figure(column))
        np.testing.assert_allclose(frame[flows].sum(axis=1), frame["calls_per_week"])


@settings(max_examples=80, deadline=None)
@given(tables, deployments, st.sampled_from(OPTIONS))
def test_one_more_responder_never_makes_it_worse(
    table: ResponseTable, deployment: Deployment, option: Option
) -> None:
    more = Deployment.of("more", [*deployment.counts, (option, 1)])
    before, after = (
        measure(table, d, target_s=TARGET_S, districts=districts("a", "b", "c"))
        for d in (deployment, more)
    )
    for part in ("overall", *PARTS):
        old, new = getattr(before, part), getattr(after, part)
        assert (new["mean_with_fallback_s"] <= old["mean_with_fallback_s"] + 1e-9).all()
        assert (new["share_in_time"] >= old["share_in_time"] - 1e-12).all()
        assert (new["share_reached"] >= old["share_reached"] - 1e-12).all()


@settings(max_examples=50, deadline=None)
@given(tables, deployments, st.permutations(["p1", "p2", "p3", "p4"]))
def test_names_of_posts_do_not_matter(
    table: ResponseTable, deployment: Deployment, names: list[str]
) -> None:
    new_name = dict(zip(("p1", "p2", "p3", "p4"), names, strict=True))
    renamed = [option._replace(post_id=new_name[option.post_id]) for option in OPTIONS]
    order = sorted(range(len(renamed)), key=renamed.__getitem__)
    other = replace(
        table,
        options=tuple(renamed[i] for i in order),
        response_s=table.response_s[order],
        group=table.group[order],
    )
    moved = Deployment.of(
        "plan", [(o._replace(post_id=new_name[o.post_id]), n) for o, n in deployment.counts]
    )
    here, there = (
        measure(t, d, target_s=TARGET_S) for t, d in ((table, deployment), (other, moved))
    )
    for part in ("overall", *PARTS):
        pd.testing.assert_frame_equal(getattr(here, part), getattr(there, part))


def small_table() -> ResponseTable:
    """Four calls: near p1, far from p1, by night, and of a class that the unit does not take."""
    rows = pd.DataFrame(
        {
            "node": [0, 1, 0, 0],
            "call_class": [0, 0, 0, 1],
            "period": [0, 0, 1, 0],
            "district": [0, 1, 1, 0],
            "calls": [20, 12, 40, 28],
        }
    )
    inf = np.inf
    return ResponseTable(
        options=(
            Option("team", "p2", "always"),
            Option("unit", "p1", "day"),
            Option("unit", "p2", "day"),
        ),
        cells=cells(rows),
        column=np.arange(4, dtype=np.int32),
        response_s=np.array(
            [[600, 1200, 600, 900], [300, inf, inf, inf], [600, 1200, inf, inf]], dtype=np.float32
        ),
        group=np.array([0, 1, 1], dtype=np.int32),
        serves=np.array([[True, True, True, True], [True, True, False, False]]),
        column_node=np.array([0, 1, 0, 0], dtype=np.int32),
        fallback_s=FALLBACK_S,
    )


def test_closed_and_out_of_reach_by_hand() -> None:
    table = small_table()
    unit = Deployment.of("unit", {Option("unit", "p1", "day"): 1})
    found = measure(table, unit, target_s=300.0, districts=districts("a", "b"))
    assert found.figure("reached_per_week") == 5.0  # 20 calls in 4 weeks
    # 12: on duty and eligible, but not there within the limit
    assert found.figure("out_of_reach_per_week") == 3.0
    assert found.figure("closed_per_week") == 17.0  # 40 by night and 28 of the other class
    assert found.figure("share_in_time") == 0.2  # 300 s is just in time
    assert found.figure("mean_with_fallback_s") == 0.2 * 300 + 0.8 * 3600
    assert list(found.by_class.index) == ["crisis", "welfare"]  # no row for a class without calls
    assert list(found.by_period.index) == ["day", "night"]
    assert found.by_district["closed_per_week"].to_dict() == {"a": 7.0, "b": 10.0}


def test_who_comes_first_and_of_several_alike_the_first_named() -> None:
    table = small_table()
    everyone = Deployment.of("all", dict.fromkeys(table.options, 1))
    served = assign(table, everyone)
    assert served.option.tolist() == [1, 0, 0, 0]
    assert served.response_s.tolist() == [300, 1200, 600, 900]
    assert served.on_duty.all()
    units = assign(table, Deployment.of("units", {table.options[1]: 1, table.options[2]: 2}))
    assert units.option.tolist() == [1, 2, -1, -1]
    assert units.response_s.tolist() == [300, 1200, np.inf, np.inf]
    assert units.on_duty.tolist() == [True, True, False, False]


def test_nobody_in_place_leaves_all_to_police() -> None:
    found = measure(small_table(), Deployment("nobody"), target_s=TARGET_S)
    assert found.figure("closed_per_week") == found.figure("calls_per_week") == 25.0
    assert found.figure("mean_with_fallback_s") == FALLBACK_S
    assert found.figure("share_in_time") == 0
    assert np.isnan(found.figure("mean_s"))
    assert np.isnan(found.figure("p90_s"))


def by_district(calls: list[int], response_s: list[float]) -> Measures:
    """Measures of districts (the first: outside) with so many calls, each reached so soon."""
    n = len(calls)
    rows = pd.DataFrame(
        {"node": 0, "call_class": 0, "period": 0, "district": np.arange(n) - 1, "calls": calls}
    )
    option = Option("team", "p1", "always")
    table = ResponseTable(
        options=(option,),
        cells=cells(rows),
        column=np.arange(n, dtype=np.int32),
        response_s=np.array([response_s], dtype=np.float32),
        group=np.zeros(1, dtype=np.int32),
        serves=np.ones((1, n), dtype=bool),
        column_node=np.zeros(n, dtype=np.int32),
        fallback_s=FALLBACK_S,
    )
    names = districts(*"abcd"[: n - 1])
    return measure(table, Deployment.of("plan", {option: 1}), target_s=TARGET_S, districts=names)


def test_the_worst_district_has_enough_calls_and_is_a_district() -> None:
    # outside: slowest of all; a: 10 calls are too few, and b, hidden with it, would say how many;
    # district c has enough
    assert by_district([90, 10, 11, 50], [np.inf, 3000, 1200, 600]).worst_district == "c"
    assert by_district([90, 11, 11, 50], [np.inf, 3000, 1200, 600]).worst_district == "a"
    assert by_district([90, 11, 11, 50], [60, 3000, 1200, np.inf]).worst_district == "c"
    assert by_district([90, 10, 10, 10], [60, 3000, 1200, 600]).worst_district == ""


def test_two_deployments_side_by_side() -> None:
    before, after = (
        by_district([5, 20, 30], [600, 1200, np.inf]),
        by_district([5, 20, 30], [600, 900, 1500]),
    )
    table = compare(before, after)
    assert list(table.index) == ["", "a", "b"]
    assert table["calls"].to_list() == [5, 20, 30]
    assert table["calls_per_week"].to_list() == [1.25, 5.0, 7.5]
    assert table["mean_with_fallback_s_before"].to_list() == [600, 1200, 3600]
    assert table["mean_with_fallback_s_change"].to_list() == [0, -300, -2100]
    assert table["share_in_time_after"].to_list() == [1, 1, 0]
    assert table["share_in_time_change"].to_list() == [0, 1, 0]
    assert table["p90_s_change"].to_list()[:2] == [0, -300]
    assert table["p90_s_change"].isna().to_list() == [
        False,
        False,
        True,
    ]  # nobody was reached in b before
    assert table.loc["b", "p90_s_after"] == 1500


@given(
    st.lists(st.tuples(st.integers(0, 50), st.integers(1, 9)), min_size=1, max_size=30),
    st.sampled_from([0.1, 0.5, 0.9, 1.0]),
)
def test_a_quantile_is_the_least_value_with_that_share_at_or_below(
    pairs: list[tuple[int, int]], share: float
) -> None:
    values, weights = np.array(pairs, dtype=float).T
    (found,) = weighted_quantiles(values, weights / 7, (share,))
    at_or_below = [(v, int(weights[values <= v].sum())) for v in sorted(set(values))]
    tenths = round(share * 10)
    assert found == next(
        v for v, weight in at_or_below if 10 * weight >= tenths * int(weights.sum())
    )


def test_without_districts_every_call_counts_as_outside() -> None:
    table = small_table()  # its cells lie in districts
    found = measure(table, Deployment.of("unit", {table.options[0]: 1}), target_s=TARGET_S)
    assert list(found.by_district.index) == [""]
    assert found.by_district.loc["", "calls"] == table.cells.calls.sum()
    assert found.worst_district == ""


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=120))
@settings(max_examples=100, deadline=None)
def test_lower_quantiles_are_numpys(values: list[float]) -> None:
    shares, found = (0.1, 0.5, 0.9, 1.0), np.array(values)
    assert lower_quantiles(found, shares) == [
        float(np.quantile(found, share, method="inverted_cdf")) for share in shares
    ]
