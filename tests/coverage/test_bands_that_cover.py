"""Bands hold the truth as often as they say: what one history cannot tell, few events, days that stay alike."""

from __future__ import annotations

import os
from types import SimpleNamespace
from typing import cast

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from coresponse.coverage.drawn_calls import draw_calls
from coresponse.coverage.replay.measures import replay_measures
from coresponse.coverage.replay.past import (
    Past,
    count_band,
    quantile_daily,
    rate_daily,
    ratio_daily,
)
from coresponse.coverage.replay.record import ReplayRun, scenario
from coresponse.coverage.replay.rules import Rules
from coresponse.coverage.replay.run import replay
from coresponse.coverage.replay.table_bands import seen_bands
from coresponse.coverage.service.days import DayEffect
from coresponse.coverage.service.real_calls import real_calls
from tests.conftest import benchmark_module

NONE = DayEffect(0.0, 0.0, 0.0)


benchmark_module("benchmarks._replay_world")
bands = benchmark_module("benchmarks.bands")
TRIALS = int(os.environ.get("COVERAGE_TRIALS", "8"))


@pytest.mark.slow
@pytest.mark.parametrize("dispersion", [1.0, 3.0])
def test_bands_cover_in_thin_worlds(dispersion: float) -> None:
    """``python -m benchmarks bands`` has the table; replications alone held the truth in half of cases."""
    found = bands.coverage_of(bands.World("thin", 42, dispersion), TRIALS)
    held = {which: np.mean(list(found[which].values())) for which in ("truth", "single_year")}
    assert min(held.values()) >= 0.90
    assert np.mean(list(found["replications_only"].values())) < 0.75


def test_a_year_that_is_replayed_has_a_wider_band_than_the_truth() -> None:
    city = bands.MadeCity.of(bands.World("w", 42, 3.0))
    told, _ = bands.told(city, city.drawn(weeks=30, seed=3), 7)
    for _, truth, single in told.values():
        assert single.low <= truth.low <= truth.mean <= truth.high <= single.high


@pytest.mark.parametrize(("memory", "days"), [(0.0, 30), (0.0, 109), (0.9, 109), (0.9, 364)])
def test_days_that_stay_alike_are_not_taken_as_independent(memory: float, days: int) -> None:
    """A ratio over unseen days: with days taken as independent the band held it in 0.4 to 0.88 at memory 0.9."""
    rng, held = np.random.default_rng(1), 0
    for _ in range(300):
        level = DayEffect(0.1, memory, 9.0).draw(days, rng) - 1
        calls = rng.poisson(12, days)
        day = np.repeat(np.arange(days), calls)
        less = 60 + 300 * level[day] + 200 * rng.standard_normal(len(day))
        past = Past((), day, days, NONE)
        x, n = past.daily([less]), past.daily([np.ones(len(day))])
        held += abs(x.sum() / n.sum() - 60) <= past.half_width(ratio_daily(x, n))
    assert held >= 0.90 * 300


def test_the_error_of_a_ratio_is_the_cluster_robust_one_where_days_are_apart() -> None:
    rng = np.random.default_rng(2)
    day = np.sort(rng.integers(0, 400, 6_000))
    value = rng.exponential(1, 6_000)
    past = Past((), day, 400, NONE)
    x, n = past.daily([value]), past.daily([np.ones(6_000)])
    rest = np.bincount(day, weights=value - value.mean(), minlength=400)
    by_hand = (rest**2).sum() * 400 / 399 / 6_000**2
    assert past.variance(ratio_daily(x, n)) >= by_hand * (1 - 1e-9)
    assert past.variance(ratio_daily(x, n)) == pytest.approx(by_hand, rel=0.6)


def test_the_error_of_a_quantile_is_that_of_samples() -> None:
    rng, told, found = np.random.default_rng(3), [], []
    for _ in range(300):
        value = rng.lognormal(0, 0.5, 2_000)
        past = Past((), np.repeat(np.arange(200), 10), 200, NONE)
        daily = quantile_daily(past, [value], 0.9)
        told.append(float(daily.var(ddof=1)) / 200)
        found.append(np.quantile(value, 0.9))
    assert np.sqrt(np.mean(told)) == pytest.approx(np.std(found), rel=0.12)


@pytest.mark.parametrize("days", [1, 2, 4])
def test_a_history_of_few_days_has_the_bands_of_calls_that_come_by_chance(days: int) -> None:
    """Of 111 calls in a day 47% were reached, 47.0% to 47.6% by a band of no width, and 0 to 1,860 a week came."""
    rng = np.random.default_rng(4)
    n = 400 * days
    received_s = rng.uniform(0, 86_400 * days, n)
    calls = SimpleNamespace(received_s=received_s, start_s=0.0, weeks=days / 7)
    run = SimpleNamespace(scenario=SimpleNamespace(calls=calls))
    past = Past.of([cast("ReplayRun", run)], NONE)
    reached, all_calls = (rng.random(n) < 0.47).astype(np.float64), np.ones(n)
    of_share = past.variance(ratio_daily(past.daily([reached]), past.daily([all_calls])))
    assert np.sqrt(of_share) == pytest.approx(np.sqrt(0.47 * 0.53 / n), rel=0.35)
    of_rate = past.variance(rate_daily(past, past.daily([all_calls])))
    assert np.sqrt(of_rate) == pytest.approx(7 * np.sqrt(n) / days, rel=0.35)


@given(events=st.integers(0, 60), cluster=st.floats(1.0, 3.0))
def test_bands_of_counts_are_garwoods(events: int, cluster: float) -> None:
    low, high = count_band(float(events))
    if events:
        assert stats.poisson.sf(events - 1, low) == pytest.approx(0.025)
    else:
        assert low == 0
    assert stats.poisson.cdf(events, high) == pytest.approx(0.025)
    assert count_band(events * cluster, cluster) == pytest.approx((low * cluster, high * cluster))


def test_what_no_replication_saw_has_a_band() -> None:
    """A share of 0 in 20 of 20 replications was told as 0 to 0."""
    tables = [
        pd.DataFrame(
            {"share_reached": [1.0, 0.5], "share_in_time": [0.0, 0.4 + 0.01 * k]}, index=["A", "B"]
        )
        for k in range(5)
    ]
    found = seen_bands(tables, [300, 300])
    assert found.loc["A", "share_in_time_low"] == 0
    assert found.loc["A", "share_in_time_high"] == pytest.approx(3.689 / 300, rel=1e-3)
    assert found.loc["A", "share_reached_low"] == pytest.approx(1 - 3.689 / 300, rel=1e-3)
    assert found.loc["A", "share_reached_high"] == 1
    assert found.loc["B", "share_in_time_high"] < 0.5


def test_few_events_of_one_replication_have_a_band() -> None:
    past = Past((), np.repeat(np.arange(60), 2), 60, NONE)
    year = past.few([3.0], 52.0)
    assert 0 < year.truth.low < 3 / 52 < year.truth.high


def test_few_events_of_the_history_have_the_band_of_few() -> None:
    """Units for ten times the calls: next to none is lost, and its band is not 0 to 0."""
    world = bands.World("calm", 42)
    city = bands.MadeCity.of(world)
    past_scene = city.drawn(weeks=26, seed=11)
    known = bands.history(past_scene)
    model = bands.fit_arrivals(known, city.program)
    calm = bands.MadeCity.of(bands.World("busy", 334)).fleet  # three times the units
    drawn = [
        scenario(draw_calls(model, weeks=26, seed=k), city.service, city.police, seed=50 + k)
        for k in range(5)
    ]
    real = real_calls(known, city.program)
    past = [scenario(real, city.service, city.police, seed=90 + k) for k in range(3)]
    runs = replay(calm, [*drawn, *past], city.roads, city.program, Rules(), workers=1)
    found = replay_measures(
        runs[:5], city.program, target_s=900.0, past=Past.of(runs[5:], model.day)
    )
    rare = found.figure("out_of_reach_per_week")
    assert rare.mean == 0
    assert rare.low == 0
    assert 0 < rare.high < 0.2
    assert found.figure("busy_per_week").high > 0
    total = found.funnel[0].calls
    assert total.low < total.mean < total.high
    again = replay_measures(
        runs[:5], city.program, target_s=900.0, past=Past.of(runs[5:], model.day)
    )
    pd.testing.assert_frame_equal(again.overall, found.overall)
