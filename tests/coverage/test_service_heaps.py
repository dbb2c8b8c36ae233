"""Calls that a system closed at a set time are found among honest records, and honest round times are left alone."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coresponse.coverage.service.heaps import heaped
from coresponse.coverage.service.recorded import usable_times

N = 2_000


def rounded(seconds: np.ndarray, minutes: np.ndarray | int) -> np.ndarray:
    step = 60 * np.asarray(minutes)
    return np.asarray(np.maximum(np.round(seconds / step), 1) * step)


def habits(seconds: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Round as recorders of a city do, each in a way of his own, and half of them not at all."""
    minutes = rng.choice([1, 5, 10, 15, 30], len(seconds), p=[0.4, 0.2, 0.1, 0.2, 0.1])
    own = rounded(seconds, minutes)
    return np.asarray(np.where(rng.random(len(seconds)) < 0.5, np.round(seconds), own))


def coarser(seconds: np.ndarray) -> np.ndarray:
    return rounded(seconds, np.select([seconds < 3600, seconds < 7200], [5, 15], 30))


HONEST: dict[str, Callable[[np.ndarray, np.random.Generator], np.ndarray]] = {
    "seconds": lambda s, rng: np.round(s),
    "1 min": lambda s, rng: rounded(s, 1),
    "5 min": lambda s, rng: rounded(s, 5),
    "15 min": lambda s, rng: rounded(s, 15),
    "30 min": lambda s, rng: rounded(s, 30),
    "up to 15 min": lambda s, rng: np.ceil(s / 900) * 900,
    "tenths of hours": lambda s, rng: np.maximum(np.round(s / 360), 1) * 360,
    "hundredths of hours": lambda s, rng: np.maximum(np.round(s / 36), 1) * 36,
    "habits": habits,
    "coarser from an hour on": lambda s, rng: coarser(s),
    "two kinds of call": lambda s, rng: np.round(np.where(rng.random(len(s)) < 0.3, s * 4, s)),
}


@pytest.mark.parametrize("stamps", HONEST)
def test_hardly_an_honest_history_loses_a_fiftieth_of_its_records(stamps: str) -> None:
    """One in a hundred may: a tail that is rounded coarsely can look like a heap by chance."""
    beyond, moved = 0, 0.0
    for seed in range(100):
        rng = np.random.default_rng(seed)
        n, median_min, spread = (
            (1_000, 2_500)[seed % 2],
            rng.uniform(15, 90),
            rng.uniform(0.35, 0.9),
        )
        times = HONEST[stamps](rng.lognormal(np.log(median_min * 60), spread, n), rng)
        found = usable_times(times)
        kept = times[(times >= 30) & (times <= 12 * 3600)]
        off = abs(found.seconds.mean() / kept.mean() - 1)
        beyond += int(found.closed_late > 0.02 * n or off > 0.02)
        moved = max(moved, off)
    assert beyond <= 1
    assert moved < 0.1


@pytest.mark.parametrize("stamps", HONEST)
def test_of_honest_samples_at_most_one_in_thirty_loses_any(stamps: str) -> None:
    lost, any_lost, samples = 0.0, 0, 0
    for seed in range(60):
        rng = np.random.default_rng(seed)
        n = (60, 150, 300, 1_000)[seed % 4]
        median, spread = ((25, 0.6), (45, 0.8), (60, 0.4))[seed % 3]
        times = HONEST[stamps](rng.lognormal(np.log(median * 60), spread, n), rng)
        times = np.sort(times[(times >= 30) & (times <= 12 * 3600)])
        odd = heaped(times, max(5, 0.01 * len(times)))
        samples += 1
        any_lost += int(odd.any())
        lost += float(odd.mean())
    assert any_lost <= 2
    assert lost / samples <= 0.003


@pytest.mark.parametrize("stamps", ["seconds", "1 min"])
@settings(max_examples=50)
@given(
    hour=st.sampled_from([1.0, 1.2, 1.5, 2.0, 3.0, 4.0]),
    drift_s=st.sampled_from([0, 3, 20, 59]),
    seed=st.integers(0, 10**6),
)
def test_5_percent_closed_at_one_time_are_found(
    stamps: str, hour: float, drift_s: int, seed: int
) -> None:
    """Below 2 h they were missed."""
    rng = np.random.default_rng(seed)
    good = rng.lognormal(np.log(1_800), 0.6, N)
    closed = rng.random(N) < 0.05
    times = np.where(closed, hour * 3600 + np.round(rng.uniform(0, drift_s, N)), good)
    found = usable_times(HONEST[stamps](times, rng))
    usual = usable_times(HONEST[stamps](good[~closed], rng))
    assert found.closed_late - usual.closed_late == pytest.approx(closed.sum(), rel=0.45)
    # what is drawn is what was there without them
    assert found.seconds.mean() == pytest.approx(good[~closed].mean(), rel=0.02)


@pytest.mark.parametrize(("stamps", "n"), [("seconds", 3_000), ("1 min", 5_000)])
def test_5_percent_closed_at_half_an_hour_are_found_where_there_are_many(
    stamps: str, n: int
) -> None:
    """Recorders who round have their tallest heap there, so that it takes more records than at an hour."""
    for seed in range(6):
        rng = np.random.default_rng(seed)
        good = rng.lognormal(np.log(1_800), 0.6, n)
        closed = rng.random(n) < 0.05
        found = usable_times(HONEST[stamps](np.where(closed, 1_800.0, good), rng))
        assert found.closed_late == pytest.approx(closed.sum(), rel=0.2)


@pytest.mark.parametrize("stamps", ["habits", "15 min", "30 min", "up to 15 min"])
def test_honest_half_hours_are_left_alone(stamps: str) -> None:
    lost = []
    for seed in range(40):
        rng = np.random.default_rng(seed)
        good = rng.lognormal(np.log((20, 30, 45)[seed % 3] * 60), 0.6, 1_500)
        found = usable_times(HONEST[stamps](good, rng))
        lost.append(found.closed_late / 1_500)
    assert np.count_nonzero(lost) <= 2
    assert max(lost) <= 0.03


@pytest.mark.parametrize(("stamps", "n"), [("5 min", 9_000), ("habits", 9_000), ("30 min", 9_000)])
def test_among_rounded_records_a_heap_is_found_where_it_stands_out(stamps: str, n: int) -> None:
    rng = np.random.default_rng(4)
    good = rng.lognormal(np.log(1_800), 0.6, n)
    hour = {"5 min": 1.0, "habits": 1.5, "30 min": 3.0}[stamps]
    closed = rng.random(n) < 0.05
    times = np.where(closed, hour * 3600, HONEST[stamps](good, rng))
    found = usable_times(times)
    assert found.closed_late == pytest.approx(closed.sum(), rel=0.3)
    honest = HONEST[stamps](good[~closed], rng)
    assert found.seconds.mean() == pytest.approx(honest.mean(), rel=0.025)


def test_two_heaps_an_hour_apart_do_not_hide_each_other() -> None:
    rng = np.random.default_rng(5)
    good = np.round(rng.lognormal(np.log(1_500), 0.6, N))
    closed = rng.choice([0, 3600, 7200], N, p=[0.9, 0.05, 0.05])
    found = usable_times(np.where(closed > 0, closed, good).astype(np.float64))
    assert found.closed_late == pytest.approx((closed > 0).sum(), rel=0.15)


def test_times_of_few_values_are_how_they_were_recorded() -> None:
    times = np.repeat([17.0, 31.0, 53.0], 100) * 60
    assert usable_times(times).closed_late == 0
    assert usable_times(np.full(400, 1_800.0)).closed_late == 0


def test_a_heap_leaves_as_many_as_its_neighbors_have() -> None:
    minutes = np.repeat(np.arange(20, 101), 20)
    heap = np.r_[minutes, np.full(100, 60)] * 60.0
    found = usable_times(heap)
    assert (found.seconds == 3600).sum() == pytest.approx(20, abs=8)
    assert (found.seconds != 3600).sum() == 80 * 20
