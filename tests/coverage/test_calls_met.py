"""Figures of groups of replayed calls, held against counting one by one; bands of differences against what they promise."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coresponse.coverage.replay.calls_met import paired_differences
from coresponse.coverage.replay.met import CallsMet
from coresponse.data.hours import Period, WeekHours

FALLBACK_S = 3600.0
DAY = WeekHours.of(hour for hour in range(168) if 7 <= hour % 24 < 19)
NIGHT = WeekHours.of(set(range(168)) - set(DAY.hours))


def made(seed: int, *, n: int = 400, replications: int = 4) -> CallsMet:
    """Calls of some replications; one in five is answered by nobody."""
    rng = np.random.default_rng(seed)
    response = rng.uniform(100, 5000, n).astype(np.float32)
    nobody = rng.random(n) < 0.2
    response[nobody] = np.nan
    return CallsMet(
        node=rng.integers(0, 30, n).astype(np.int32),
        district=rng.integers(-1, 3, n).astype(np.int32),
        hour=rng.integers(0, 168, n).astype(np.uint8),
        replication=np.sort(rng.integers(0, replications, n)).astype(np.int16),
        response_s=response,
        in_time=response <= 900,
        post=np.where(nobody, -1, rng.integers(0, 3, n)).astype(np.int32),
        post_ids=("A", "B", "C"),
        fallback_s=FALLBACK_S,
        replications=replications,
    )


@given(st.integers(0, 10**6), st.integers(1, 400))
@settings(max_examples=30, deadline=None)
def test_figures_are_those_of_counting_one_by_one(seed: int, n: int) -> None:
    met = made(seed, n=n)
    groups = 5
    group = np.random.default_rng(seed).integers(-1, groups, n)
    table = met.figures(group, groups, quantiles=True)
    posts = met.main_posts(group, groups)
    for g in range(groups):
        own = [float(r) for r, k in zip(met.response_s, group, strict=True) if k == g]
        there = sorted(r for r in own if r == r)
        row = table.iloc[g]
        assert row["calls"] == len(own)
        if not own:
            assert row.drop("calls").isna().all()
            assert posts[g] == ""
            continue
        wait = [min(r, FALLBACK_S) if r == r else FALLBACK_S for r in own]
        assert row["share_reached"] == pytest.approx(len(there) / len(own))
        assert row["share_in_time"] == pytest.approx(sum(r <= 900 for r in there) / len(own))
        assert row["mean_with_fallback_s"] == pytest.approx(sum(wait) / len(own))
        if there:
            assert row["mean_s"] == pytest.approx(sum(there) / len(there))
            for share, key in ((0.5, "median_s"), (0.9, "p90_s")):
                at_most = np.array(there) <= row[key] * (1 + 1e-9)
                below = np.array(there) < row[key] * (1 - 1e-9)
                assert at_most.mean() >= share - 1e-9
                assert below.mean() < share
        sent = [met.post_ids[p] for p, k in zip(met.post, group, strict=True) if k == g and p >= 0]
        most = max((sent.count(p) for p in set(sent)), default=0)
        assert (sent.count(posts[g]) == most) if sent else posts[g] == ""


def test_times_and_periods_are_parts_of_the_week() -> None:
    met = made(3)
    parts = [met.during(hours) for hours in (DAY, NIGHT)]
    assert sum(len(one.node) for one in parts) == len(met.node)
    periods = (Period("day", DAY), Period("night", NIGHT))
    table = met.by_period(periods)
    assert list(table.index) == ["day", "night"]
    for one, (_, row) in zip(parts, table.iterrows(), strict=True):
        alone = one.figures(np.zeros(len(one.node), int), 1).iloc[0]
        assert row["mean_s"] == pytest.approx(alone["mean_s"])
        assert row["calls"] == len(one.node)


def test_calls_that_nobody_answers_count_as_the_fallback() -> None:
    nobody = made(4).unanswered()
    row = nobody.figures(np.zeros(len(nobody.node), int), 1).iloc[0]
    assert row["mean_with_fallback_s"] == FALLBACK_S
    assert row["share_reached"] == row["share_in_time"] == 0
    assert nobody.main_posts(np.zeros(len(nobody.node), int), 1) == [""]


def test_bands_of_all_groups_hold_at_once_in_19_of_20_cases() -> None:
    """Replications differ by more than their calls do: a band from calls alone would hold far less often."""
    rng = np.random.default_rng(11)
    groups, replications, true_s = 12, 20, 60.0
    held = 0
    for _ in range(300):
        sizes = rng.poisson(8, (replications, groups)) + 1
        group = np.concatenate([np.repeat(np.arange(groups), row) for row in sizes])
        replication = np.repeat(np.arange(replications), sizes.sum(axis=1))
        n = len(group)
        common = rng.normal(0, 40, replications)[replication]
        today = replace(
            made(0, n=n),
            node=np.zeros(n, np.int32),
            replication=replication.astype(np.int16),
            replications=replications,
            response_s=rng.uniform(600, 1800, n).astype(np.float32),
        )
        change = true_s + common + rng.normal(0, 200, n)
        plan = replace(today, response_s=(today.response_s + change).astype(np.float32))
        found = paired_differences(plan, today, group, groups)["mean_with_fallback_s"]
        held += bool(((found["low"] <= true_s) & (true_s <= found["high"])).all())
    assert held >= 0.92 * 300


def test_one_replication_has_no_band_and_other_calls_are_refused() -> None:
    met = made(5, replications=1)
    group = np.zeros(len(met.node), int)
    found = paired_differences(met.unanswered(), met, group, 1)["share_in_time"]
    assert found["mean"].iloc[0] < 0
    assert found[["low", "high"]].isna().all(axis=None)
    with pytest.raises(ValueError, match="did not meet the same calls"):
        paired_differences(met, made(6, replications=1), group, 1)
