"""Figures of a whole city and their bands, as they are shown."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coresponse.coverage.replay.bands import Interval
from coresponse.coverage.replay.replay_measures import Sample
from coresponse.data.figures.rows import SummaryRow
from coresponse.data.options import Deployment, Option
from coresponse.data.programs.cost import yearly_cost
from coresponse.data.programs.load import load_program
from coresponse.optimize.goals.goal import Mean
from coresponse.publish.city import CityRounding
from coresponse.publish.frontier import publish_frontier
from coresponse.publish.rounding import WAIT
from coresponse.publish.summary import cost_row, of_more_calls, publish_costs
from coresponse.publish.sweep import over_budget

TOWN = CityRounding(266, 266 / (90 / 7))
"""266 calls in 90 days."""


@pytest.mark.parametrize(
    ("name", "found", "told"),
    [
        ("share_in_time", (0.6715, -0.16, 1.5), (0.68, 0.0, 1.0)),
        ("share_in_time", (0.6715, 0.661, 0.682), (0.68, 0.66, 0.70)),
        (WAIT, (1409.0, 1380.0, 1430.0), (1440.0, 1368.0, 1440.0)),
        ("p90_s", (372.8, 371.0, 374.6), (372.0, 360.0, 384.0)),
    ],
)
def test_bands_reach_outwards_and_hold_what_is_shown(
    name: str, found: tuple[float, float, float], told: tuple[float, float, float]
) -> None:
    band = TOWN.interval(name, Interval(*found, 20))
    assert (band.mean, band.low, band.high) == pytest.approx(told)


@given(st.floats(0.5, 10.49), st.floats(0, 10.49), st.floats(0.5, 10.49))
def test_one_to_ten_past_calls_a_week_look_all_the_same(
    mean: float, low: float, high: float
) -> None:
    week = 7 / 90
    told = TOWN.interval(
        "busy_per_week", Interval(mean * week, min(low, mean) * week, max(high, mean) * week, 20)
    )
    assert (told.mean, told.low, told.high) == pytest.approx((5 * week, 0, 10 * week))


def test_a_bound_is_told_apart_only_where_it_is_farther_than_a_step() -> None:
    """A plan "proven optimal within 0.50%; objective 17.7 minutes, and no deployment is below 17.4"."""
    step = TOWN.cost(1_000.0, "seconds a call") - TOWN.cost(1_000.0 - 72, "seconds a call")
    assert step > 0
    for value in np.arange(1_000.0, 1_200.0, 0.7):
        objective, bound = TOWN.cost_and_bound(value, 0.996 * value, "seconds a call")
        assert bound == objective == TOWN.cost(value, "seconds a call")
        objective, bound = TOWN.cost_and_bound(value, 0.8 * value, "seconds a call")
        assert bound == TOWN.cost(0.8 * value, "seconds a call") < objective
    assert TOWN.cost_and_bound(7.0, 7.0, "responders") == (7.0, 7.0)
    assert TOWN.cost_and_bound(1_000.0, -math.inf, "seconds a call")[1] == -math.inf


def test_the_history_s_length_is_told_in_days_only() -> None:
    longer = CityRounding(266, 266 / (90.2 / 7))
    shorter = CityRounding(266, 266 / (89.8 / 7))
    one = Interval(10.0, 9.0, 11.0, 20)
    assert longer.interval("lost_per_week", one) == shorter.interval("lost_per_week", one)


def test_no_figure_has_a_digit_that_is_not_shown() -> None:
    """25.25% was 25.2% on the map, and 25.3% on the what-if page: browsers and workbooks round ties another way."""
    many = CityRounding(100_000, 100_000 / 52)
    for share in np.linspace(0.25, 0.26, 41):
        assert many.replayed("share_in_time", share) * 1000 == pytest.approx(
            round(many.replayed("share_in_time", share) * 1000), abs=1e-9
        )
    for wait_s in np.linspace(600, 660, 41):
        for key in (WAIT, "mean_s", "p90_s"):
            tenths = many.replayed(key, wait_s) / 6
            assert tenths == pytest.approx(round(tenths), abs=1e-9)


def test_a_city_of_many_calls_is_shown_as_finely_as_pages_do() -> None:
    many = CityRounding(100_000, 100_000 / 52)
    told = many.interval("share_in_time", Interval(0.67154, 0.67011, 0.67297, 20))
    assert (told.mean, told.low, told.high) == pytest.approx((0.672, 0.67, 0.673))


@pytest.mark.parametrize("name", ["share_in_time", "mean_s", "p90_s", "busy_per_week", WAIT])
def test_what_is_not_there_stays_so(name: str) -> None:
    none = TOWN.interval(name, Interval(math.nan, math.nan, math.nan, 0))
    assert all(math.isnan(end) for end in (none.mean, none.low, none.high))
    alone = TOWN.interval(name, Interval(0.5, math.nan, math.nan, 1))  # one replication has no band
    assert math.isfinite(alone.mean)
    assert math.isnan(alone.low)
    assert math.isnan(alone.high)


def test_busy_shares_are_as_far_from_exact_as_the_calls_that_make_units_busy() -> None:
    """A share of 0.138 to a thousandth, with known service times, told the calls that were served to one of 130."""
    for share in (0.138, 0.0821, 0.5, 0.93):
        alike = {TOWN.busy(share * calls / 266) for calls in (265, 266, 267)}
        told = [TOWN.busy(share * (1 + calls / 266)) for calls in range(-40, 41)]
        assert len(set(told)) <= 81 / 4
        assert max(alike) - min(alike) <= share * 11 / 266 + 1e-9
    assert TOWN.busy(0.0) == 0
    assert TOWN.busy(1.24, at_least=0.0) == 1.25
    assert TOWN.busy(2.4e-13, at_least=0.0) == 0
    assert CityRounding(10_000, 200.0).busy(0.1376540935) == 0.138


def test_a_deployment_with_nobody_on_standby_costs_what_was_planned_to_the_dollar() -> None:
    program = load_program("mixed")
    unit = Option("co_responder_unit", "P1", "day_10h")
    deployments = {
        "plan": Deployment.of("plan", {unit: 2, Option("on_call_clinician", "P1", "always"): 1}),
        "today": Deployment.of("today", {unit: 1}),
    }
    clinician = Option("on_call_clinician", "P1", "always")
    sample = Sample(pd.DataFrame(), pd.DataFrame(), {clinician: 9.3, unit: 20.0}, {})
    found = SimpleNamespace(replay=SimpleNamespace(samples=[sample] * 2), queueing=None)
    plan: Any = SimpleNamespace(
        case=SimpleNamespace(
            program=program,
            city=SimpleNamespace(today=deployments["today"]),
            limits=SimpleNamespace(budget_per_year=None),
            yearly_cost=lambda one: yearly_cost(program, one),
        ),
        deployment=deployments["plan"],
        table=SimpleNamespace(cells=None),
        evaluations=dict.fromkeys(deployments, found),
    )
    rounded: Any = SimpleNamespace(city=lambda _: TOWN)
    costs = publish_costs(plan, rounded)
    today = costs.found["today"]
    assert today.mean == costs.planned["today"] == yearly_cost(program, deployments["today"])
    assert today.mean % 1000
    assert costs.found["plan"].mean % 1000 == 0
    row = cost_row(costs, plan.case)
    assert row.note.endswith("; a budget limits this")
    plan.case.limits.budget_per_year = costs.found["plan"].mean / 2
    assert cost_row(costs, plan.case).note.endswith(
        "; more than the budget: no plan was found that keeps it"
    )
    for shown, band in ((row.plan, row.plan_band), (row.today, row.today_band)):
        assert shown is not None
        assert band is not None
        assert band[0] <= shown <= band[1]


def test_what_more_money_buys_says_against_what() -> None:
    frame = pd.DataFrame(
        {
            "point": [0, 1], "mode": "re-optimized", "score": [10.0, 8.0], "efficient": True,
            "cost_as_called_per_year": [1.8e6, 2.3e6], "share_in_time": [0.55, 0.6],
            "mean_with_fallback_min": [20.0, 18.0], "fleet": ["3 units", "4 units"],
        }
    )  # fmt: skip
    today = {
        "cost_as_called_per_year": 2e6, "share_in_time": 0.5, "mean_with_fallback_min": 21.0,
    }  # fmt: skip
    told = publish_frontier(frame, Mean(), None, today, one_city=True).sentences
    assert told == (
        (
            "Against today's deployment, the next $500,000 a year buy 10 points more calls in time, 3.0 min less mean "
            "wait: 4 units, for $300,000 a year more."
        ),
        (
            "Against today's deployment, a 10% cut, planned anew, brings 5 points more calls in time, "
            "1.0 min less mean wait: 3 units, for $200,000 a year less."
        ),
    )
    like_today = {"share_in_time": [0.5, 0.6], "mean_with_fallback_min": [21.0, 21.0]}
    told = publish_frontier(
        frame.assign(**like_today), Mean(), None, today, one_city=True
    ).sentences
    assert "buy 10 points more calls in time, the same mean wait: 4 units, for" in told[0]
    assert "brings as many calls in time, the same mean wait: 3 units, for" in told[1]
    (own,) = publish_frontier(frame, Mean(), 0, today, one_city=True).sentences
    assert own.startswith("Against the plan of the study's own limits, the next $500,000 a year")


def test_money_buys_the_best_plan_also_where_the_goal_is_alike_as_it_is_shown() -> None:
    """Of few calls goals are shown in steps: it said that money buys nothing, and that a cut brings the worst of those alike."""
    frame = pd.DataFrame(
        {
            "point": range(4), "mode": "re-optimized", "score": 8.0, "efficient": True,
            "cost_as_called_per_year": [1.6e6, 1.7e6, 2e6, 2.3e6],
            "share_in_time": [0.55, 0.58, 0.6, 0.62],
            "mean_with_fallback_min": [20.0, 19.0, 18.0, 17.0], "fleet": ["A", "B", "C", "D"],
        }
    )  # fmt: skip
    more, less = publish_frontier(frame, Mean(), 2, {}, one_city=True).sentences
    assert more.endswith(
        "2 points more calls in time, 1.0 min less mean wait: D, for $300,000 a year more."
    )
    assert less.endswith(
        "2 points fewer calls in time, 1.0 min more mean wait: B, for $300,000 a year less."
    )
    (far, _) = publish_frontier(
        frame.assign(cost_as_called_per_year=[1.6e6, 1.7e6, 2e6, 2.9e6]),
        Mean(),
        2,
        {},
        one_city=True,
    ).sentences
    assert (
        "none of these plans is better for $500,000 a year more; the next better one brings" in far
    )


def test_longer_times_of_reached_calls_are_explained_beside_a_shorter_wait() -> None:
    def row(plan: float | None, today: float | None) -> SummaryRow:
        return SummaryRow("", "min", plan, today)

    better, worse, left, none = row(20, 25), row(44, 41), row(900, 4000), row(44, None)
    assert of_more_calls(worse, better, left) == (
        "more than today: calls that were left to police are now reached, later than most"
    )
    for told in ((better, better, left), (worse, worse, left), (worse, better, worse)):
        assert not of_more_calls(*told)
    assert not of_more_calls(none, better, left)
    assert not of_more_calls(worse, better, none)


def test_plans_that_spend_more_than_their_budget_are_named() -> None:
    """A budget of $400,000 bought $564,000 of call-outs and standby, and nothing said so."""
    points: Any = [
        SimpleNamespace(task=SimpleNamespace(limits=SimpleNamespace(budget_per_year=one)))
        for one in (None, 0.0, 4e5, 6e5, 1e6)
    ]
    frame = pd.DataFrame({"cost_as_called_per_year": [9e6, 0.0, 5.64e5, 6.03e5, None]})
    (said,) = over_budget(points, frame)
    assert said.startswith(
        "At 1 point the plan spends more than its budget, at most $564,000 of $400,000"
    )
    assert over_budget(points[3:], frame[3:]) == []


def test_the_only_class_of_a_city_is_told_as_the_city_is() -> None:
    """111 calls, all of one class: the class's 28.8% and 38.3 min were 29.0% and 38.5, the headline's 30.0% and 39.0."""
    city = CityRounding(111, 777.0)
    ends = {"": 1.0, "_low": 0.99, "_high": 1.01}
    exact = {"share_in_time": 0.2881, "share_reached": 0.4731, "mean_s": 853.6, WAIT: 2300.7}
    table = pd.DataFrame(
        {
            f"{key}{end}": [value * by] * 2
            for key, value in exact.items()
            for end, by in ends.items()
        }
    )
    calls = np.array([111, 60])
    for key, value in exact.items():
        told = city.groups(key, table, calls)
        assert told[0] == city.figure(key, value)
        band = [float(end[0]) for end in city.groups_with_ends(key, table, calls)]
        one = city.interval(key, Interval(value, value * 0.99, value * 1.01, 20))
        assert band == [one.mean, one.low, one.high]
        assert city.group_steps(key, calls)[0] == city.step(key)
    assert city.groups("share_in_time", table, calls)[1] == pytest.approx(0.28)
    assert CityRounding(111, 777.0, exact=True).groups(WAIT, table, calls)[0] == 2300.7
