"""What responders of one type or agency do may be a count of few calls: nobody can work it back from dollars and busy shares."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from coresponse.coverage.call_outs import further_cost
from coresponse.coverage.replay.replay_measures import Sample
from coresponse.data.hours import WEEKS_A_YEAR
from coresponse.data.options import Deployment, Option
from coresponse.data.programs.cost import call_out_cost, yearly_cost
from coresponse.data.programs.load import load_program
from coresponse.data.programs.throughput import time_on_a_call_min
from coresponse.optimize.goals.solution import GoalFigure, GoalSolution, Stage
from coresponse.optimize.solution import Status
from coresponse.publish.call_outs import (
    dollar_step,
    model_dollar_step,
    told_busy,
    told_call_outs,
    told_cost,
    told_dollars,
)
from coresponse.publish.city import CityRounding
from coresponse.publish.search import DOLLARS, publish_search

PROGRAM = load_program("mixed")
CLINICIAN = "on_call_clinician"
ONE = Option(CLINICIAN, "P1", "always")
PLACED = Deployment.of("plan", [(ONE, 1), (Option("co_responder_unit", "P2", "day_10h"), 1)])
DAYS = 90
TOWN = CityRounding(310, 310 / (DAYS / 7))
"""310 calls in 90 days."""

PLANNED = yearly_cost(PROGRAM, PLACED)


def weekly(past: float) -> float:
    return past * 7 / DAYS


def replay_of(past: float, spread: float = 0.3) -> Any:
    """Replications in which the clinician goes to about so many of the past calls."""
    samples = [
        Sample(pd.DataFrame(), pd.DataFrame(), {ONE: weekly(past) * k}, {})
        for k in (1 - spread, 1.0, 1 + spread)
    ]
    return SimpleNamespace(samples=samples)


def test_dollars_of_one_to_ten_call_outs_look_all_the_same() -> None:
    """To $1,000 each past call of 90 days was told: it stands for four a year."""
    assert weekly(1) * WEEKS_A_YEAR * call_out_cost(PROGRAM, CLINICIAN) > 500
    told = {
        told_dollars(PROGRAM, PLACED, {CLINICIAN: weekly(n)}, TOWN, planned=PLANNED)
        for n in range(1, 11)
    }
    assert len(told) == 1
    bands = {told_cost(PROGRAM, PLACED, replay_of(n), TOWN, planned=PLANNED) for n in range(1, 11)}
    assert len(bands) == 1
    (band,) = bands
    for n in (0, 10):
        exact = PLANNED + further_cost(PROGRAM, PLACED, {CLINICIAN: weekly(n)})
        assert band.low - 1 <= exact <= band.high + 1
    outs = {told_call_outs(PROGRAM, PLACED, replay_of(n), TOWN) for n in range(1, 11)}
    assert len(outs) == 1


@pytest.mark.parametrize("past", [12, 40, 133, 290])
def test_dollars_of_more_are_told_in_steps_of_five(past: int) -> None:
    told = [
        told_dollars(PROGRAM, PLACED, {CLINICIAN: weekly(n)}, TOWN, planned=PLANNED)
        for n in range(past, past + 50)
    ]
    assert len(set(told)) <= 11
    exact = [
        PLANNED + further_cost(PROGRAM, PLACED, {CLINICIAN: weekly(n)})
        for n in range(past, past + 50)
    ]
    step = dollar_step(PROGRAM, PLACED, TOWN)
    assert np.abs(np.subtract(told, exact)).max() <= step
    assert step >= 5 * weekly(1) * WEEKS_A_YEAR * call_out_cost(PROGRAM, CLINICIAN)
    band = told_cost(PROGRAM, PLACED, replay_of(past), TOWN, planned=PLANNED)
    assert band.low <= band.mean <= band.high


def test_a_budget_that_is_kept_is_kept_as_it_is_shown() -> None:
    calls = {CLINICIAN: weekly(38)}
    exact = PLANNED + further_cost(PROGRAM, PLACED, calls)
    free = told_dollars(PROGRAM, PLACED, calls, TOWN, planned=PLANNED)
    assert free > exact + 1_000
    kept = told_dollars(
        PROGRAM, PLACED, calls, TOWN, planned=PLANNED, budget=np.ceil(exact / 1_000) * 1_000
    )
    assert exact <= kept < exact + 1_000
    # one that is broken is shown as that
    assert told_dollars(PROGRAM, PLACED, calls, TOWN, planned=PLANNED, budget=exact - 1) == free


def test_a_busy_share_of_one_to_ten_calls_looks_always_the_same() -> None:
    """A type for one rare class was busy 0.3% of its time with 5 calls, 0.5% with 9."""
    of_a_call, hours = time_on_a_call_min(PROGRAM, CLINICIAN) / 60, 168.0
    told = {
        told_busy({CLINICIAN: weekly(n) * of_a_call / hours}, PROGRAM, PLACED, TOWN)[CLINICIAN]
        for n in range(1, 11)
    }
    assert len(told) == 1
    many = [
        told_busy({CLINICIAN: weekly(n) * of_a_call / hours}, PROGRAM, PLACED, TOWN)[CLINICIAN]
        for n in range(100, 150)
    ]
    assert len(set(many)) <= 11
    assert many[25] == pytest.approx(weekly(125) * of_a_call / hours, abs=0.01)
    # a share that was stated, of nobody in place, follows from no calls
    assert told_busy({CLINICIAN: 0.2}, PROGRAM, Deployment("none"), TOWN) == {CLINICIAN: 0.2}


def test_without_standby_there_are_rates_and_hours_alone() -> None:
    units = Deployment.of("plan", [(Option("co_responder_unit", "P2", "day_10h"), 2)])
    planned = yearly_cost(PROGRAM, units)
    told = told_cost(PROGRAM, units, replay_of(20), TOWN, planned=planned)
    assert (told.mean, told.low, told.high) == (planned, planned, planned)


def test_the_models_dollars_under_a_budget_are_told_in_steps_of_five_calls() -> None:
    """There call-outs are priced as the replay finds them, to the cent."""

    def told(dollars: float, budget: float | None) -> float:
        case: Any = SimpleNamespace(limits=SimpleNamespace(budget_per_year=budget), program=PROGRAM)
        figure = GoalFigure("cost", dollars, DOLLARS)
        solution = GoalSolution(
            counts=np.zeros(1, dtype=np.int64), objective=dollars, bound=dollars, status=Status.PROVEN, seconds=0.0,
            message="", unit=DOLLARS, stages=(Stage("least_cost", dollars, dollars, DOLLARS, True),), figures=(figure,),
        )  # fmt: skip
        found = publish_search(solution, TOWN, dollar_step=model_dollar_step(case, TOWN))
        assert found.figures is not None
        (stage,) = found.stages
        assert found.figures[0][1] == found.objective == found.bound == stage.value == stage.bound
        return found.objective

    step = dollar_step(PROGRAM, PLACED, TOWN)
    assert told(1_234_567.89, None) == 1_234_567.89
    assert {told(1_234_567.89 + k, 2e6) % step for k in range(0, 20_000, 777)} == {0.0}
