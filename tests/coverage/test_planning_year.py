"""A trend within the history is carried to the planning year, with its error, into demand, replay and bands."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coresponse.coverage.replay.unknown import Unknowns, grows_more, hidden_at
from coresponse.coverage.response import enumerate_options
from coresponse.coverage.service.days import Trend, fit_trend
from coresponse.coverage.service.planning_year import Growth, growth_to
from coresponse.coverage.settings import EvaluationSettings
from coresponse.data.calls.history import CallHistory, Funnel
from coresponse.data.city import City
from coresponse.data.errors import InputError
from coresponse.data.options import Deployment
from coresponse.data.posts_propose import propose_posts
from coresponse.data.programs.load import load_program
from coresponse.data.roads.made import street_grid
from coresponse.optimize.case import Case
from coresponse.optimize.evaluate_case import evaluate, evaluation_setup
from coresponse.publish.history import facts_of
from coresponse.publish.validation import publish_validation
from coresponse.questions.replay import CallsFrom, replay
from coresponse.questions.validate import validate

ROADS = street_grid(8, 8, seed=2)
YEAR = 365.25


def city(*, a_year: float = 0.25, days: int = 731, a_day: float = 6.0, seed: int = 3) -> City:
    """Calls of 2024 and 2025 that grow by so much a year, in logs."""
    rng = np.random.default_rng(seed)
    mean = a_day * np.exp(a_year * (np.arange(days) - days / 2) / YEAR)
    day = np.repeat(np.arange(days), rng.poisson(mean))
    seconds = day * 86_400.0 + np.sort(rng.random(len(day))) * 86_400
    frame = pd.DataFrame(
        {
            "call_id": [f"c{k}" for k in range(len(day))],
            "received_at": pd.Timestamp("2024-01-01", tz="UTC") + pd.to_timedelta(seconds, "s"),
            "nature": "MENTAL HEALTH",
            "call_class": "crisis_low",
            "channel": "",
            "node": rng.integers(0, ROADS.n_nodes, len(day)).astype(np.int32),
        }
    )
    for name in ("dispatched_at", "en_route_at", "arrived_at", "cleared_at"):
        frame[name] = pd.Series(pd.NaT, index=frame.index, dtype="datetime64[ns, UTC]")
    nothing = pd.DataFrame()
    calls = CallHistory(frame, ROADS.crs, "UTC", float(days), Funnel(()), nothing, nothing)
    return City(ROADS, calls, propose_posts(ROADS, 4, seed=1), load_program("ride-along"))


GROWING = city()
CASE = Case(GROWING, evaluation=EvaluationSettings(replications=12, weeks=26))


def units(of: City, n: int = 3) -> Deployment:
    return Deployment("some", tuple((o, 1) for o in enumerate_options(of.program, of.posts)[:n]))


@given(slope=st.floats(-0.4, 0.4), on=st.integers(0, 5), cosine=st.floats(-0.3, 0.3))
@settings(deadline=None, max_examples=40)
def test_the_factor_is_the_mean_rate_of_the_year_over_the_historys(
    slope: float, on: int, cosine: float
) -> None:
    """Two whole years and a whole year: the wave is in both, growth is that of an exponential in closed form."""
    first, days = date(2023, 1, 1), 730
    found = growth_to(2025 + on - 1, Trend(days, slope, 0.1, 0.0, 0.0), first, days)
    begin = (date(2025 + on - 1, 1, 1) - first).days / YEAR
    length = (date(2025 + on, 1, 1) - date(2025 + on - 1, 1, 1)).days / YEAR

    def mean(start: float, span: float) -> float:
        if abs(slope) < 1e-9:
            return 1.0
        return float(np.exp(slope * start) * np.expm1(slope * span) / (slope * span))

    wanted = mean(begin, length) / mean(0.0, days / YEAR)
    assert found.middle == pytest.approx(wanted, rel=1e-5)
    assert found.low < found.middle < found.high
    waved = growth_to(2025 + on - 1, Trend(days, slope, 0.1, cosine, 0.0), first, days)
    assert waved.middle == pytest.approx(wanted, rel=0.02)


def test_the_band_holds_the_true_factor_of_the_next_year() -> None:
    """Two years whose calls grow by -20 to +20% a year, day variance twice the mean, a wave of 10% a year."""
    rng, held, days = np.random.default_rng(5), 0, 731
    time = (np.arange(days + 365) + 0.5) / YEAR
    for _ in range(100):
        slope = rng.normal(0, 0.1)
        mean = 30 * np.exp(slope * time + 0.1 * np.sin(2 * np.pi * (time - rng.random())))
        calls = rng.poisson(mean[:days] * rng.gamma(30, 1 / 30, days)).astype(float)
        trend = fit_trend(calls, np.full(days, calls.mean()))
        found = growth_to(2026, trend, date(2024, 1, 1), days)
        held += found.low <= mean[days:].mean() / mean[:days].mean() <= found.high
    assert held >= 90


def test_a_planning_year_reaches_model_replay_and_bands() -> None:
    """Calls that grow by 28% a year: 2027 has 1.65 times the mean of 2024 and 2025."""
    then = CASE.with_(planning_year=2027)
    growth = then.growth
    assert growth is not None
    time = np.arange(366 + 365 + 365 + 365) / YEAR
    rate = np.exp(0.25 * time)
    true = rate[-365:].mean() / rate[:731].mean()
    assert growth.low < true < growth.high
    # the model
    before, after = (case.table.cells.calls_per_week.sum() for case in (CASE, then))
    assert after == pytest.approx(growth.middle * before)
    # the replay, and its bands
    found, plain = (evaluate(case, units(GROWING)).replay for case in (then, CASE))
    assert found is not None
    assert plain is not None
    calls, as_now = found.figure("calls_per_week"), plain.figure("calls_per_week")
    assert calls.mean == pytest.approx(growth.middle * as_now.mean, rel=0.02)
    assert calls.low <= growth.low * as_now.mean * 1.03
    assert calls.high >= growth.high * as_now.mean * 0.97
    apart = (growth.high - growth.low) * as_now.mean
    assert calls.high - calls.low < 2.5 * apart  # and is no wider than growth and days make it
    year = found.figure("calls_per_week", single_year=True)
    assert year.low < calls.low < calls.high < year.high
    share, before_share = (one.figure("share_in_time") for one in (found, plain))
    assert share.mean < before_share.mean
    # the funnel, rare losses and units carry it, too
    assert found.funnel[0].calls.high - found.funnel[0].calls.low > 0.8 * apart
    assert found.not_known == ("how calls grow until 2027",)
    assert plain.not_known == ()


def test_processes_without_the_calls_carry_the_same_growth() -> None:
    then = CASE.with_(planning_year=2027)
    lean, setup = then.lean(), evaluation_setup(then).lean()
    assert lean.growth == then.growth
    assert lean.demand == then.demand
    found = evaluate(lean, units(GROWING), setup=setup).replay
    growth = then.growth
    assert found is not None
    assert growth is not None
    calls, now = found.figure("calls_per_week"), then.base_cells.calls_per_week.sum()
    # of 12 half years the steps are known to a quarter
    assert calls.low < growth.low * now * 1.05
    assert calls.high > growth.high * now * 0.95
    more = setup.under(lean.world, target_s=then.target_s, demand=1.1 * lean.demand)
    had, has = (sum(s.calls.n for s in one.scenes) for one in (setup, more))
    assert has == pytest.approx(1.1 * had, rel=0.03)


def test_a_short_history_tells_no_trend_and_says_so() -> None:
    short = Case(city(days=200), planning_year=2025)
    assert short.growth == Growth(2025, why_not="200 days of calls tell no trend (360 do)")
    assert short.demand == 1.0
    assert "as many calls as in the history: 200 days" in str(short.growth)
    assert evaluation_setup(short.with_(evaluation=CASE.evaluation)).not_known == ()


def test_notes_say_which_year_figures_are_for() -> None:
    said = [str(note) for note in evaluation_setup(CASE).notes]
    assert any("calls grow by" in note for note in said)
    assert any("a year like the history; in the year after it" in note for note in said)
    then = [str(note) for note in evaluation_setup(CASE.with_(planning_year=2027)).notes]
    assert any("Planned for 2027: +" in note for note in then)
    assert not any("a year like the history" in note for note in then)


def test_what_happened_is_not_said_to_be_planned_for_a_year() -> None:
    """Calls replayed at their own times, and records, are of the years that they were recorded in."""
    kinds: tuple[CallsFrom, ...] = ("drawn", "real")
    then = CASE.with_(planning_year=2027, city=replace(GROWING, notice="SYNTHETIC calls."))
    drawn, real = (
        facts_of(replay(then, {"some": units(GROWING)}, calls=calls).case).notice for calls in kinds
    )
    assert drawn == f"SYNTHETIC calls. {then.growth}."
    assert real == "SYNTHETIC calls."
    today = replace(GROWING, today=units(GROWING))
    held = publish_validation(validate(then.with_(city=today)))
    assert held.facts.notice == ""
    assert "Planned for" not in str(held.sentences)


@pytest.mark.parametrize(
    ("year", "words"), [(2023, "before the calls, which begin in 2024"), (2031, "5 years at most")]
)
def test_years_that_no_trend_reaches_are_refused(year: int, words: str) -> None:
    with pytest.raises(InputError, match=words):
        CASE.with_(planning_year=year).demand  # noqa: B018


@given(
    hidden=st.floats(-5, 5), growth=st.floats(-5, 5), n=st.integers(5, 40), seed=st.integers(0, 99)
)
@settings(deadline=None, max_examples=60)
def test_steps_are_taken_apart(hidden: float, growth: float, n: int, seed: int) -> None:
    noise = 1e-6 * np.random.default_rng(seed).standard_normal(n)
    k = range(n)
    values = np.array(
        [10 + hidden * (hidden_at(i) - 0.5) + growth * (1 if grows_more(i) else -1) for i in k]
    )
    found = Unknowns(hidden=True, growth=True).parts(values + noise)
    assert found.hidden == pytest.approx(abs(hidden) / 2, abs=1e-4)
    assert found.growth == pytest.approx(growth**2, abs=1e-3)
    assert found.chance < 1e-10
    plain = Unknowns().parts(values + noise)
    assert plain == (pytest.approx((values + noise).var(ddof=1)), 0.0, 0.0)


def test_each_four_replications_have_every_step() -> None:
    for start in (0, 4, 1_000_000):
        steps = {(hidden_at(start + k) > 0.5, grows_more(start + k)) for k in range(4)}
        assert len(steps) == 4
    # and so has every fifth, as scenarios with empty seats take them
    for first in range(5):
        assert len({(k % 2, grows_more(k)) for k in range(first, 20, 5)}) == 4
    few = replace(CASE, evaluation=EvaluationSettings(replications=2, weeks=26), planning_year=2027)
    band = evaluate(few, units(GROWING)).replay
    assert band is not None
    assert band.figure("calls_per_week").low < band.figure("calls_per_week").high
