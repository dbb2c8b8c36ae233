"""Speeds fitted to the records of a made city whose true speeds are known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from coresponse.coverage.travel import travel_times
from coresponse.coverage.validation.calibrate import Calibration, calibrate
from coresponse.coverage.validation.drives import seconds_by_group
from coresponse.coverage.validation.fit import Terms, Travels, as_stated, fit_travels
from coresponse.coverage.validation.starts import guess_posts
from tests.conftest import benchmark_module

world = benchmark_module("_recorded_city")
CITY = world.RecordedCity.made()


def calibrated(truth: object, *, n: int, days: int = 60, seed: int = 1) -> Calibration:
    records = CITY.records(truth, n=n, days=days, seed=seed)
    return calibrate(
        CITY.travels(records),
        delay_s=world.DELAY_S,
        periods=3,
        starts_known=True,
        reroute=lambda slower: CITY.rerouted(records, slower),
    )


def off_later(found: Calibration, truth: object, *, seed: int = 900) -> float:
    """Mean turn-out and drive of the calibrated model over the true mean, minus 1, on other calls."""
    records = CITY.records(truth, n=4_000, days=60, seed=seed)
    travels = CITY.travels(records)
    near = np.abs(np.log(records.observed_s / found.fit.median_s(travels))) < np.log(4)
    return float(found.fit.mean_s(travels)[near].sum() / records.observed_s[near].sum() - 1)


def test_drives_by_road_group_add_up_to_the_fastest_path() -> None:
    nodes = np.arange(CITY.network.n_nodes)
    whole = travel_times(CITY.network, CITY.posts.astype(np.int32))
    np.testing.assert_allclose(CITY.seconds.sum(axis=2), whole, rtol=1e-5)
    # a road group that is slower is driven less, and the path is no faster at the roads' own speed
    slow = seconds_by_group(CITY.network, CITY.posts[:1], nodes, slower=(2.0, 1.0, 1.0))
    assert slow[..., 0].sum() < CITY.seconds[:1, :, 0].sum()
    assert (slow.sum(axis=2) >= CITY.seconds[:1].sum(axis=2) - 1e-6).all()


def test_a_city_30_percent_slow_is_found_within_3_points() -> None:
    truth = world.Truth(speed=(0.7, 0.7, 0.7), delay_s=world.DELAY_S, on_the_road=0.0)
    found = calibrated(truth, n=1_000)
    assert found.used
    assert found.speed == pytest.approx(0.7, abs=0.03)
    assert abs(off_later(found, truth)) < 0.03
    assert found.before > 0.2
    assert abs(found.after) < 0.03
    assert "Units drive at 7" in found.words() or "Units drive at 6" in found.words()


@pytest.mark.parametrize(
    ("truth", "n", "error"),
    [
        (world.Truth(speed=(0.9, 0.9, 0.9)), 1_000, 0.03),
        (world.Truth(speed=(0.7, 0.7, 0.7)), 210, 0.07),
        (world.Truth(speed=(0.7, 0.7, 0.7), minutes=True), 1_000, 0.03),
        (world.Truth(speed=(0.6, 0.75, 0.95)), 1_000, 0.03),
        (world.Truth(group_speed=(0.6, 0.75, 0.9)), 1_000, 0.03),
    ],
)
def test_later_days_are_met_with_wrong_stamps_and_units_on_the_road(
    truth: object, n: int, error: float
) -> None:
    assert abs(off_later(calibrated(truth, n=n), truth)) < error


def test_slow_periods_and_slow_road_classes_are_told() -> None:
    by_period = calibrated(world.Truth(speed=(0.6, 0.75, 0.95)), n=1_000).speed
    assert by_period[1] / by_period[0] == pytest.approx(0.75 / 0.6, rel=0.08)
    assert by_period[2] / by_period[0] == pytest.approx(0.95 / 0.6, rel=0.08)
    by_class = calibrated(world.Truth(group_speed=(0.6, 0.75, 0.9)), n=2_000).group_speed
    assert by_class[0] < by_class[2] - 0.15


def test_a_right_model_is_left_alone() -> None:
    right = world.Truth(delay_s=world.DELAY_S, on_the_road=0.0)
    used = [calibrated(right, n=400, seed=100 + k).used for k in range(40)]
    assert sum(used) <= 1
    left = calibrated(right, n=400, seed=100)
    assert left.speed == pytest.approx(1.0)
    assert left.words().startswith("Speeds are as stated: ")


def test_calls_at_the_post_and_beyond_reach_are_left_out() -> None:
    """With the clock en route a call at the post itself has no time to fit; one that no road leads to none either."""
    truth = world.Truth(group_speed=(0.6, 0.75, 0.9))
    records = CITY.records(truth, n=2_000, days=60, seed=1)
    travels = CITY.travels(records)
    stated = travels.stated_s.copy()
    stated[::50], stated[1::50] = 0.0, np.inf
    some = Travels(travels.observed_s, stated, travels.period, travels.day)

    def reroute(slower: np.ndarray) -> np.ndarray:
        return np.asarray(CITY.rerouted(records, slower))

    at_the_post = int((stated.sum(axis=1) == 0).sum())
    assert at_the_post >= 40
    for delay_s, left_out in ((0.0, 40 + at_the_post), (world.DELAY_S, 40)):
        found = calibrate(some, delay_s=delay_s, periods=3, starts_known=True, reroute=reroute)
        assert found.records == 2_000 - left_out
        assert found.used
        assert np.isfinite(found.after)


def test_few_records_change_nothing_and_say_so() -> None:
    found = calibrated(world.Truth(speed=(0.7, 0.7, 0.7)), n=150)
    assert not found.used
    assert "cannot tell from 150 records" in found.words()
    assert not calibrated(world.Truth(speed=(0.7, 0.7, 0.7)), n=400, days=10).used


def test_a_day_of_police_that_started_anywhere_cannot_tell() -> None:
    """Times that the roads do not explain: a day's 1,063 usable travels of a large city's police."""
    rng = np.random.default_rng(1)
    stated = CITY.seconds[rng.integers(0, 8, 1_063), rng.integers(0, 1_600, 1_063)]
    observed = rng.lognormal(6.0, 1.0, 1_063)
    travels = Travels(observed, stated, np.zeros(1_063, dtype=int), np.zeros(1_063, dtype=int))
    found = calibrate(travels, delay_s=120.0, periods=1, starts_known=False)
    assert not found.used
    assert "over 1 days" in found.words()


def test_speeds_that_no_crew_drives_at_are_not_taken() -> None:
    """Posts or units named wrong: 234% of the stated speed met days held out within 1%."""
    records = CITY.records(world.Truth(), n=1_000, days=60, seed=3)
    right = CITY.travels(records)
    wrong = replace(right, stated_s=3 * right.stated_s)
    asked = {"delay_s": world.DELAY_S, "periods": 3, "starts_known": True}
    found = calibrate(wrong, **asked)
    assert found.impossible
    assert not found.used
    assert "which no crew does" in found.words()
    slow = replace(right, stated_s=right.stated_s / 1.6)
    assert calibrate(slow, **asked).used


def test_the_spread_of_drives_makes_the_share_in_time_right() -> None:
    truth = world.Truth(speed=(0.7, 0.7, 0.7), wrong=0.0)
    found = calibrated(truth, n=1_000)
    records = CITY.records(truth, n=20_000, days=60, seed=5)
    mean = found.fit.mean_s(CITY.travels(records))
    rng = np.random.default_rng(6)
    spread = np.interp(rng.random(len(mean)), np.linspace(0, 1, 101), found.spread)
    true = (records.observed_s <= 600).mean()
    assert (mean * spread <= 600).mean() == pytest.approx(true, abs=0.02)
    assert abs((mean <= 600).mean() - true) > 0.03
    assert np.trapezoid(found.spread, np.linspace(0, 1, 101)) == pytest.approx(1)


def test_posts_are_guessed_from_records() -> None:
    records = CITY.records(world.Truth(speed=(0.7, 0.7, 0.7)), n=24 * 40, days=90, seed=5)
    unit = records.unit.astype(str).astype(object)
    found = guess_posts(records.observed_s, unit, CITY.seconds.sum(axis=2)[:, records.node])
    assert len(found) >= 18
    assert np.mean([post == int(u) // 3 for u, post in found.items()]) >= 0.8
    known_post = np.array([u in found for u in unit])
    stated = CITY.seconds[[found.get(u, 0) for u in unit], records.node]
    travels = Travels(records.observed_s, stated, records.period, records.day).part(known_post)
    guessed = calibrate(travels, delay_s=world.DELAY_S, periods=3, starts_known=True)
    known = calibrate(CITY.travels(records), delay_s=world.DELAY_S, periods=3, starts_known=True)
    assert guessed.speed == pytest.approx(known.speed, abs=0.04)


def test_the_fit_is_that_of_another_minimizer() -> None:
    """Without outliers and nearly without a ridge the logs' least squares are SciPy's."""
    from scipy.optimize import least_squares  # noqa: PLC0415

    truth = world.Truth(speed=(0.8, 0.8, 0.8), wrong=0.0, on_the_road=0.0, noise=0.05)
    travels = CITY.travels(CITY.records(truth, n=2_000, days=60, seed=8))
    found = fit_travels(travels, as_stated(120.0, 3, 3), Terms(speed=True, delay=True))

    def rest(at: np.ndarray) -> np.ndarray:
        model = np.exp(at[0]) + np.exp(at[1]) * travels.stated_s.sum(axis=1)
        return np.asarray(np.log(travels.observed_s) - np.log(model))

    peer = np.exp(least_squares(rest, np.log([120.0, 1.0]), loss="huber", f_scale=0.05).x)
    assert found.delay_s == pytest.approx(peer[0], rel=0.02)
    assert found.slower == pytest.approx(peer[1], rel=0.02)
