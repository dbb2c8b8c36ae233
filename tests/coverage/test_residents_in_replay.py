"""Figures of groups of residents held against pandas and brute force; bands of gaps against what they promise."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import pdist

from coresponse.coverage.living_areas import LivingAreas
from coresponse.coverage.replay.groups import gini, group_measures
from coresponse.coverage.replay.past import Past
from coresponse.coverage.service.days import DayEffect
from coresponse.data.resident_groups import ResidentGroup

FALLBACK_S, TARGET_S = 3600.0, 900.0
GROUPS = (ResidentGroup("race", "A"), ResidentGroup("race", "B"), ResidentGroup("age", "none"))


def living(rng: np.random.Generator, areas: int) -> LivingAreas:
    """Three crossings an area; the last group has nobody."""
    people = rng.integers(0, 500, (len(GROUPS) + 1, areas)).astype(float)
    people[0] = people[1:].sum(axis=0) + 10
    people[-1] = 0
    return LivingAreas(
        GROUPS, np.repeat(np.arange(areas), 3).astype(np.int32), rng.integers(11, 90, areas), people
    )


def run(node: np.ndarray, response_s: np.ndarray, weeks: float = 26.0) -> Any:
    nowhere = np.full(len(node), -1)
    calls = SimpleNamespace(
        node=node.astype(np.int32),
        n=len(node),
        weeks=weeks,
        district=nowhere,
        call_class=nowhere + 1,
        class_names=("crisis",),
    )
    return SimpleNamespace(scenario=SimpleNamespace(calls=calls), response_s=lambda: response_s)


@given(st.integers(0, 10**6), st.integers(1, 6))
@settings(max_examples=25)
def test_groups_are_means_of_areas_by_who_lives_there(seed: int, areas: int) -> None:
    rng = np.random.default_rng(seed)
    where = living(rng, areas)
    runs = []
    for _ in range(3):
        n = int(rng.integers(areas, 60))
        response = rng.uniform(60, 6000, n)
        response[rng.random(n) < 0.2] = np.nan
        runs.append(run(rng.integers(0, 3 * areas, n), response))
    found = group_measures(runs, where, target_s=TARGET_S, fallback_s=FALLBACK_S)

    calls = pd.concat(
        [pd.DataFrame({"node": r.scenario.calls.node, "s": r.response_s()}) for r in runs]
    )
    calls["area"] = where.area_of_node[calls["node"]]
    calls["wait"] = calls["s"].fillna(np.inf).clip(upper=FALLBACK_S)
    calls["in_time"] = (calls["s"] <= TARGET_S).astype(float)
    by_area = calls.groupby("area")[["wait", "in_time"]].mean()
    people = pd.DataFrame(where.residents.T, columns=where.keys).loc[by_area.index]
    for key, column in (("mean_with_fallback_s", "wait"), ("share_in_time", "in_time")):
        with np.errstate(invalid="ignore"):
            by_hand = people.mul(by_area[column], axis=0).sum() / people.sum()
        assert found.table[key].to_numpy() == pytest.approx(by_hand.to_numpy(), nan_ok=True)
    gap = found.table["mean_with_fallback_s"] - found.table.loc["all", "mean_with_fallback_s"]
    assert found.table["gap_s"].iloc[1:].to_numpy() == pytest.approx(gap.iloc[1:], nan_ok=True)
    assert np.isnan(found.table.loc["age: none", "mean_with_fallback_s"])
    # two people at random: half the mean difference of their waits, over the mean
    part, wait = (people["all"] / people["all"].sum()).to_numpy(), by_area["wait"].to_numpy()
    apart = sum(
        p * q * abs(v - w)
        for p, v in zip(part, wait, strict=True)
        for q, w in zip(part, wait, strict=True)
    )
    assert found.gini == pytest.approx(apart / 2 / (part @ wait), abs=1e-9)


@given(st.lists(st.tuples(st.floats(0.1, 1e4), st.integers(0, 9)), min_size=1, max_size=12))
def test_gini_is_half_the_mean_difference_of_two_people(rows: list[tuple[float, int]]) -> None:
    values, people = (np.array(column, dtype=float) for column in zip(*rows, strict=True))
    each = np.repeat(values, people.astype(int))
    mean_difference = 2 * pdist(each[:, None]).sum() / len(each) ** 2 if len(each) > 1 else 0.0
    by_hand = mean_difference / 2 / each.mean() if len(each) else 0.0
    assert gini(values, people) == pytest.approx(by_hand, abs=1e-9)


def test_the_band_of_a_gap_holds_what_one_history_cannot_tell() -> None:
    """Days differ by place: bands over replications alone would hold the true gap in few of 100 histories."""
    rng = np.random.default_rng(5)
    areas, days, weeks = 4, 120, 30.0
    where = LivingAreas(
        GROUPS[:2],
        np.arange(areas, dtype=np.int32),
        np.full(areas, 50),
        np.array([[10, 10, 10, 10], [8, 1, 1, 0], [2, 9, 9, 10]], float),
    )
    truth = np.array([1500.0, 1200.0, 1000.0, 900.0])
    share = where.share
    gap_s = (share[1:] - share[0]) @ truth
    held, alone = 0, 0
    for _ in range(60):
        n = rng.poisson(10, (days, areas))
        day, area = (np.repeat(grid.ravel(), n.ravel()) for grid in np.indices(n.shape))
        response = (
            truth[area]
            + rng.normal(0, 400, (days, areas))[day, area]
            + rng.normal(0, 300, len(day))
        )
        seen = np.bincount(area, weights=response) / np.bincount(area)
        past = Past((run(area, response),), day, days, DayEffect(0.0, 0.0, 0.0))
        drawn = []
        for _ in range(4):
            at = rng.integers(0, areas, 2000)
            drawn.append(run(at, seen[at] + rng.normal(0, 500, 2000), weeks))
        asked = {"target_s": TARGET_S, "fallback_s": 1e9}
        for given_past in (past, None):
            table = group_measures(drawn, where, **asked, past=given_past).table.iloc[1:]
            holds = bool(((table["gap_s_low"] <= gap_s) & (gap_s <= table["gap_s_high"])).all())
            held += holds and given_past is not None
            alone += holds and given_past is None
    assert held >= 0.93 * 60
    assert alone < held


def test_an_area_without_a_drawn_call_is_left_to_the_others() -> None:
    where = LivingAreas(
        GROUPS[:1],
        np.arange(2, dtype=np.int32),
        np.array([20, 20]),
        np.array([[30.0, 10.0], [5.0, 5.0]]),
    )
    found = group_measures(
        [run(np.zeros(4), np.full(4, 600.0))], where, target_s=TARGET_S, fallback_s=FALLBACK_S
    )
    assert found.table["mean_with_fallback_s"].tolist() == [600.0, 600.0]
    assert found.table["gap_s"].iloc[1] == 0
    # they still live there, and are told
    assert found.living.residents.sum(axis=1).tolist() == [40.0, 10.0]
    assert found.calls_behind == pytest.approx([20.0, 20.0])
    assert where.calls_behind == pytest.approx([20 / 0.75, 40.0])
