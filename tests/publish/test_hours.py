"""Calls, responders on duty and busy ones by hour: what adds up, and what is not shown."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from coresponse.data.hours import WeekHours
from coresponse.data.options import Deployment, Option
from coresponse.data.programs.load import load_program
from coresponse.publish.disclosure import INTERNAL, PUBLIC
from coresponse.publish.hours import on_duty, publish_hours

PROGRAM = load_program("mixed")
UNIT = "co_responder_unit"


def shift_of(kind: str) -> str:
    return PROGRAM.responder_types[kind].shift_patterns[0]


def plan(per_hour: list[int], deployment: Deployment) -> Any:
    """A made plan of a history of ten weeks, with so many calls at each hour of the day."""
    at = [
        pd.Timestamp("2024-01-01") + pd.Timedelta(days=i % 70, hours=hour)
        for hour, n in enumerate(per_hour)
        for i in range(n)
    ]
    frame = pd.DataFrame({"received_at": at, "call_class": "crisis_low"})
    calls = SimpleNamespace(frame=frame, assumed=None, days=70.0)
    city = SimpleNamespace(calls=calls, program=PROGRAM)
    return SimpleNamespace(case=SimpleNamespace(city=city, program=PROGRAM), deployment=deployment)


def replay(*busy: float) -> Any:
    shift = shift_of(UNIT)
    names = [f"{UNIT} {k + 1} at P{k} ({shift})" for k in range(len(busy))]
    table = pd.DataFrame(np.repeat(np.array(busy)[:, None], 24, axis=1), index=names)
    return SimpleNamespace(utilization_by_hour=table)


DEPLOYMENT = Deployment.of(
    "plan", [(Option(UNIT, post, shift_of(UNIT)), 1) for post in ("P0", "P1")]
)


def test_responders_on_duty_add_up_to_the_weeks_hours() -> None:
    hours = PROGRAM.shift_patterns[shift_of(UNIT)].hours
    assert on_duty(PROGRAM, DEPLOYMENT).sum() * 7 == pytest.approx(2 * len(hours.hours))
    pattern = replace_hours("Mon 00:00-12:00")
    day = on_duty(pattern, Deployment.of("plan", [(Option(UNIT, "P0", shift_of(UNIT)), 7)]))
    assert day.tolist() == [1.0] * 12 + [0.0] * 12


def replace_hours(text: str) -> Any:
    name = shift_of(UNIT)
    patterns = dict(PROGRAM.shift_patterns)
    patterns[name] = patterns[name].model_copy(update={"hours": WeekHours.parse(text)})
    return PROGRAM.model_copy(update={"shift_patterns": patterns})


def test_calls_by_hour_are_those_of_the_history_and_busy_ones_are_the_replays() -> None:
    found = publish_hours(plan([70] * 24, DEPLOYMENT), replay(0.5, 0.25), INTERNAL)
    assert found is not None
    assert found.calls == pytest.approx([1.0] * 24)
    assert found.busy == pytest.approx(0.75 * found.on_duty / 2)
    public = publish_hours(plan([72] * 24, DEPLOYMENT), replay(0.5, 0.25), PUBLIC)
    assert public is not None
    assert public.calls == pytest.approx([1.0] * 24), "rounded to steps of five past calls"


def test_hours_with_few_calls_and_what_would_give_them_away_are_not_shown() -> None:
    found = publish_hours(plan([70] * 23 + [4], DEPLOYMENT), replay(0.5, 0.5), PUBLIC)
    assert found is not None
    assert np.isnan(found.calls[23])
    assert np.isnan(found.calls).sum() >= 2, "one alone would follow from the total"


def test_busy_responders_are_not_shown_where_one_unit_is_hidden() -> None:
    found = publish_hours(plan([70] * 24, DEPLOYMENT), replay(0.5, np.nan), PUBLIC)
    assert found is not None
    assert np.isnan(found.busy).all()


def test_without_recorded_calls_or_responders_there_is_nothing() -> None:
    made = plan([70] * 24, DEPLOYMENT)
    assert publish_hours(made, None, PUBLIC) is None
    made.case.city.calls.assumed = "assumed"
    assert publish_hours(made, replay(0.5, 0.5), PUBLIC) is None
