"""The week's shape from few calls and many, how days differ, and growth: against what is true in made cities."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coresponse.coverage.drawn_calls import draw_calls
from coresponse.coverage.service.arrivals import fit_arrivals, shift_blocks
from coresponse.coverage.service.days import (
    DayEffect,
    day_effect,
    degrees_of_freedom,
    fit_trend,
    long_run_variance,
)
from coresponse.coverage.service.week import day_blocks, shares, week_shape
from coresponse.data.calls.history import CallHistory, Funnel
from coresponse.data.hours import WeekHours
from coresponse.data.programs.load import load_program

PROGRAM = load_program("mixed")
HOUR = np.arange(168) % 24
NIGHT = (HOUR >= 23) | (HOUR < 8)
SHIFTS = [WeekHours.parse(text) for text in ("daily 08:00-18:00", "daily 13:00-23:00", "always")]
BLOCKS = day_blocks(SHIFTS)


def true_shape(night_share: float = 0.13) -> np.ndarray:
    day = (1 + 0.35 * np.cos((HOUR - 16) / 12 * np.pi)) * ~NIGHT
    return NIGHT * night_share / NIGHT.sum() + (1 - night_share) * day / day.sum()


def history(counts: np.ndarray, classes: np.ndarray | None = None) -> CallHistory:
    """Make calls at the middle of hours: ``counts`` (weeks, 168)."""
    hour = np.repeat(np.arange(counts.size), counts.ravel())
    received = pd.Timestamp("2024-01-01", tz="UTC") + pd.to_timedelta(hour + 0.5, unit="h")
    frame = pd.DataFrame(
        {
            "call_id": [f"C{k}" for k in range(len(hour))],
            "received_at": received,
            "call_class": "crisis_low" if classes is None else classes,
            "node": np.zeros(len(hour), dtype=np.int32),
        }
    )
    nothing = pd.DataFrame()
    days = counts.shape[0] * 7.0
    return CallHistory(frame, "EPSG:32618", "UTC", days, Funnel(()), nothing, nothing)


def test_the_day_is_cut_where_shifts_begin_and_end() -> None:
    assert BLOCKS.tolist() == [3] * 8 + [0] * 5 + [1] * 5 + [2] * 5 + [3]
    assert day_blocks([WeekHours.parse("always")]).tolist() == [0] * 24
    many = [WeekHours.parse(f"daily {h:02d}:00-{h + 1:02d}:00") for h in range(0, 24, 2)]
    assert len(set(day_blocks(many).tolist())) == 6


@pytest.mark.parametrize(("preset", "begin", "end"), [("b-heard", 9, 1), ("star", 6, 22)])
def test_the_day_is_cut_by_the_shifts_that_can_be_bought(preset: str, begin: int, end: int) -> None:
    """B-HEARD's hours begin at 9; shifts for other programs joined 7 to 12 to one block."""
    blocks = shift_blocks(load_program(preset))
    edges = np.flatnonzero(blocks != np.roll(blocks, 1)).tolist()
    assert {begin, end} <= set(edges)
    assert 4 <= len(edges) <= 6


@pytest.mark.parametrize(("calls", "error"), [(30, 0.07), (100, 0.04), (1_000, 0.015)])
def test_closed_hours_are_drawn_as_seldom_as_they_have_calls(calls: int, error: float) -> None:
    """A true night share of 13% was drawn as 31% from 30 calls, as 27% from 100, as 17% from 1,000."""
    rng, true = np.random.default_rng(1), true_shape()
    found = [
        week_shape(rng.multinomial(calls, true).astype(float), np.full(168, 52.0), blocks=BLOCKS)[
            NIGHT
        ].sum()
        for _ in range(60)
    ]
    assert np.mean(found) == pytest.approx(0.13, abs=0.02)
    assert np.sqrt(np.mean((np.array(found) - 0.13) ** 2)) < error


def test_a_thin_class_borrows_the_shape_of_the_agencys_other_calls() -> None:
    """28 calls, 7% of them in closed hours: 30% were drawn there."""
    rng, true = np.random.default_rng(2), true_shape(0.07)
    others = rng.multinomial(6_000, true).astype(float)
    prior = week_shape(others, np.full(168, 52.0), blocks=BLOCKS)
    alone, borrowed, night = [], [], []
    for _ in range(60):
        few = rng.multinomial(28, true).astype(float)
        exposure = np.full(168, 52.0)
        alone.append(np.abs(week_shape(few, exposure, blocks=BLOCKS) - true).sum())
        shape = week_shape(few, exposure, blocks=BLOCKS, prior=prior)
        borrowed.append(np.abs(shape - true).sum())
        night.append(shape[NIGHT].sum())
    assert np.mean(borrowed) < 0.9 * np.mean(alone)
    assert np.mean(night) == pytest.approx(0.07, abs=0.015)


@pytest.mark.parametrize("a_week", [2.0, 40.0, 300.0])
def test_drawn_shares_are_the_historys_within_its_own_error(a_week: float) -> None:
    rng, true = np.random.default_rng(3), true_shape()
    calls = history(rng.poisson(true * a_week, (52, 168)))
    drawn = draw_calls(fit_arrivals(calls, PROGRAM), weeks=3_000 if a_week < 100 else 400, seed=1)
    hour = (drawn.received_s // 3600).astype(int) % 168
    recorded = calls.frame["received_at"].dt
    there = (recorded.day_of_week * 24 + recorded.hour).to_numpy()
    n = len(there)
    for cell, cells in ((HOUR, 24), (np.arange(168) // 24, 7)):
        share = np.bincount(cell[hour], minlength=cells) / drawn.n
        seen = np.bincount(cell[there], minlength=cells) / n
        error = np.sqrt(np.maximum(share * (1 - share), 1e-4) / n)
        assert (np.abs(share - seen) / error).max() < 3.7
    assert drawn.n / drawn.weeks == pytest.approx(n / 52, rel=0.06)


def test_nothing_crosses_the_edge_of_a_shift() -> None:
    count = np.where(NIGHT, 0.0, 10.0)
    shape = week_shape(count, np.full(168, 52.0), blocks=BLOCKS)
    beside = shape[(HOUR == 7) | (HOUR == 23)]
    assert beside.max() < 0.05 * shape[HOUR == 8].min()


@given(
    counts=st.lists(st.integers(0, 30), min_size=168, max_size=168),
    scale=st.floats(0.5, 60.0),
)
def test_shapes_are_shares_and_hold_at_their_prior_without_calls(
    counts: list[int], scale: float
) -> None:
    count = np.array(counts, dtype=float)
    shape = week_shape(count, np.full(168, scale), blocks=BLOCKS, prior=true_shape() + 1e-6)
    assert shape.sum() == pytest.approx(1)
    assert (shape > 0).all()


def test_shares_are_the_average_over_strengths_by_hand() -> None:
    """Two cells, two strengths: the Dirichlet-multinomial's likelihoods multiplied out."""
    n, m = np.array([3.0, 1.0]), np.array([0.5, 0.5])

    def likelihood(a: float) -> float:
        def rising(x: float, k: int) -> float:
            return float(np.prod([x + i for i in range(k)]))

        return rising(a / 2, 3) * rising(a / 2, 1) / rising(a, 4)

    weight = np.array([likelihood(2.0), likelihood(20.0)])
    weight /= weight.sum()
    by_hand = weight[0] * (3 + 1) / (4 + 2) + weight[1] * (3 + 10) / (4 + 20)
    assert shares(n[None], m, np.array([2.0, 20.0]))[0, 0] == pytest.approx(by_hand)


@pytest.mark.parametrize(("dispersion", "memory"), [(1.0, 0.0), (3.0, 0.0), (3.0, 0.9)])
def test_how_days_differ_is_found_again(dispersion: float, memory: float) -> None:
    true = DayEffect((dispersion - 1) / 48, memory, 9.0)
    rng, found = np.random.default_rng(4), []
    for _ in range(60):
        calls = rng.poisson(48 * true.draw(364, rng)).astype(float)
        found.append(day_effect(calls, np.full(364, calls.mean())))
    assert np.mean([f.variance for f in found]) == pytest.approx(true.variance, abs=0.006)
    if dispersion == 1:
        assert np.mean([f.beyond_chance for f in found]) < 0.12
    else:
        assert all(f.beyond_chance for f in found)
        assert np.median([f.correlation for f in found]) == pytest.approx(memory, abs=0.12)


def test_drawn_days_have_the_effects_mean_variance_and_memory() -> None:
    drawn = DayEffect(0.1, 0.9, 9.0).draw(200_000, np.random.default_rng(5))
    assert drawn.mean() == pytest.approx(1, abs=0.01)
    assert drawn.var() == pytest.approx(0.1, rel=0.05)
    assert np.corrcoef(drawn[:-1], drawn[1:])[0, 1] == pytest.approx(0.9, abs=0.01)


def test_the_long_run_variance_is_that_of_means() -> None:
    """Against what means of histories with memory truly do: an AR(1) of 0.8 varies 9 times as much."""
    rng, days = np.random.default_rng(6), 364
    series = np.zeros((days + 100, 400))
    for d in range(1, len(series)):
        series[d] = 0.8 * series[d - 1] + rng.standard_normal(400)
    series = series[100:]
    told = long_run_variance(series - series.mean(axis=0), degrees_of_freedom(days)).mean()
    assert told == pytest.approx(series.mean(axis=0).var(), rel=0.2)
    assert told > 5 * series.var() / days


def test_growth_and_season_are_told_apart() -> None:
    """176 calls a week grew to 334, and were averaged to 239 without a word."""
    rng = np.random.default_rng(7)
    weekly = np.geomspace(176, 334, 104)
    calls = history(rng.poisson(weekly[:, None] * true_shape()))
    model = fit_arrivals(calls, PROGRAM)
    assert model.trend is not None
    growth, low, high = model.trend.growth
    assert low < (334 / 176) ** 0.5 < high
    assert growth == pytest.approx((334 / 176) ** 0.5, rel=0.05)
    assert any("calls grow by" in note for note in model.notes)
    later, least, most = model.trend.factor(model.trend.days)
    assert least < np.geomspace(334, 334 * (334 / 176) ** 0.5, 52).mean() / weekly.mean() < most
    assert least < later < most
    # a wave that ends high is no growth, and under a year nothing is said of either
    year = np.arange(364) / 365.25
    mean = 40 * np.exp(0.25 * np.sin(2 * np.pi * (year - 0.7)))
    clear = [fit_trend(rng.poisson(mean).astype(float), np.full(364, 40.0)) for _ in range(20)]
    assert sum(trend is not None and trend.clear for trend in clear) <= 3
    assert fit_trend(np.full(200, 5.0), np.full(200, 5.0)) is None
