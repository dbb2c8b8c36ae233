"""Bands of assumed demand hold what happens at both ends of the rate's range."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from coresponse.coverage.evaluation_setup import drawn_setup
from coresponse.coverage.response import enumerate_options
from coresponse.coverage.settings import EvaluationSettings
from coresponse.data.calls.assumed import assume_calls
from coresponse.data.calls.rate import Rate
from coresponse.data.city import City
from coresponse.data.options import Deployment
from coresponse.data.population import Population
from coresponse.data.posts_propose import propose_posts
from coresponse.data.programs.load import load_program
from coresponse.data.roads.made import street_grid
from coresponse.optimize.case import Case
from coresponse.optimize.evaluate_case import evaluate, evaluation_setup

ROADS = street_grid(14, 14, seed=2)
SETTINGS = EvaluationSettings(replications=3, weeks=4)


def city(rate: Rate) -> City:
    people = Population(np.full(ROADS.n_nodes, 800.0), 196, 0, 0.0, "pop")
    program = load_program("ride-along")
    calls = assume_calls(people, rate, network=ROADS, program=program, made=2_000)
    return City(ROADS, calls, propose_posts(ROADS, 4, seed=1), program)


def three_units(of: City) -> Deployment:
    options = enumerate_options(of.program, of.posts)
    return Deployment("three", tuple((option, 1) for option in options[:3]))


def test_bands_hold_the_figures_at_both_ends() -> None:
    rate = Rate(1_000, 500, 3_000)
    of = city(rate)
    case = Case(of, evaluation=SETTINGS)
    planned = evaluate(case, three_units(of)).replay
    assert planned is not None
    row = planned.overall.iloc[0]
    for end in (rate.low, rate.high):
        alone = replace(rate, planned=end, low=end, high=end)
        at_end = evaluate(Case(city(alone), evaluation=SETTINGS), three_units(of)).replay
        assert at_end is not None
        for figure in ("calls_per_week", "share_in_time", "mean_with_fallback_s"):
            value = float(at_end.overall.iloc[0][figure])
            room = 0.02 * abs(value)  # calls are drawn anew
            assert row[f"{figure}_low"] - room <= value <= row[f"{figure}_high"] + room
    a_week = 800 * ROADS.n_nodes / 100_000 * 7 / 365.25
    assert row["calls_per_week_low"] <= 500 * a_week * 1.05
    assert row["calls_per_week_high"] >= 3_000 * a_week * 0.95
    assert row["calls_per_week"] == pytest.approx(1_000 * a_week, rel=0.1)
    # each step of the funnel and each unit carries it, too
    assert planned.funnel[0].calls.high > 2 * planned.funnel[0].calls.mean
    assert (planned.units["utilization_high"] > planned.units["utilization"]).all()


def test_processes_without_the_calls_have_the_range_at_small_cost() -> None:
    rate = Rate(1_000, 500, 3_000)
    case = Case(city(rate), evaluation=EvaluationSettings(replications=8, weeks=4))
    whole = evaluation_setup(case)
    lean = whole.lean()
    assert [len(end) for end in lean.ends] == [2, 2]
    full, thin = (evaluate(case, three_units(case.city), setup=s).replay for s in (whole, lean))
    assert full is not None
    assert thin is not None
    assert thin.not_known == ("the true rate of calls",)
    for figure in ("calls_per_week", "share_in_time", "mean_with_fallback_s"):
        one, other = full.figure(figure), thin.figure(figure)
        assert other.mean == one.mean
        # at least as wide, since the planned rate's chance is that of more calls than the low end
        # has
        assert other.low <= one.low + 0.05 * one.mean
        assert other.high >= 0.95 * one.high
        assert other.high - other.low <= 1.5 * (one.high - one.low)
    assert thin.figure("share_in_time").high <= 1
    # under an assumption, too: no more replications than these are drawn
    more = lean.under(case.world, target_s=case.target_s, demand=2.0)
    assert [len(end) for end in more.ends] == [2, 2]


def test_a_rate_without_a_range_widens_nothing() -> None:
    of = city(Rate(1_000, 1_000, 1_000))
    setup = drawn_setup(of, SETTINGS, target_s=900, seed=1)
    assert [len(end) for end in setup.ends] == [3, 3]
    for end in setup.ends:
        for scene, same in zip(end, setup.scenes, strict=True):
            assert np.array_equal(scene.calls.received_s, same.calls.received_s)


def test_what_is_assumed_otherwise_keeps_the_range() -> None:
    of = city(Rate(1_000, 500, 3_000))
    setup = drawn_setup(of, SETTINGS, target_s=900, seed=1)
    more = setup.under(of, target_s=900, demand=2.0)
    for end, before in zip(more.ends, setup.ends, strict=True):
        calls, had = (sum(scene.calls.n for scene in part) for part in (end, before))
        assert calls == pytest.approx(2 * had, rel=0.2)
