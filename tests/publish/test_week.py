"""Hours of the week: what is shown of them, held against an attacker who knows all totals."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coresponse.coverage.replay.replay_measures import ReplayMeasures
from coresponse.coverage.replay.units import busy_of_week, utilization_by_hour
from coresponse.data.options import Deployment, Option
from coresponse.maps.week import WEEKDAYS, block_means, week_payload
from coresponse.publish.city import CityRounding
from coresponse.publish.disclosure import INTERNAL, PUBLIC
from coresponse.publish.hours import calls_of_day
from coresponse.publish.replay import _of_week
from coresponse.publish.week import calls_of_week, on_duty_of_week
from coresponse.publish.week_of_calls import WeekPublication
from coresponse.results.week import hours_of_week
from tests.coverage.test_one_day import RULES, played
from tests.recorded_city import PLANNED, PROGRAM

WEEKS = 52.0


def table_of(values: np.ndarray, block_h: int) -> np.ndarray:
    return values.reshape(7, 24 // block_h, block_h).sum(axis=2).T


def test_full_hours_are_shown_in_steps_of_five_past_calls() -> None:
    counts = np.random.default_rng(1).integers(40, 90, 168)
    calls, block_h, _ = calls_of_week(counts, WEEKS, PUBLIC)
    assert block_h == 1
    past = calls * WEEKS
    # calls a week have three digits
    assert past / 5 == pytest.approx(np.rint(past / 5), abs=0.06)
    assert np.abs(past - counts).max() <= 2.8
    exact, _, _ = calls_of_week(counts, WEEKS, INTERNAL)
    assert exact * WEEKS == pytest.approx(counts)


def test_hours_with_few_calls_hide_their_hour_on_all_days_and_a_second_one() -> None:
    counts = np.full(168, 60)
    counts[24 + 4] = 3  # Tuesday 04:00
    calls, block_h, _ = calls_of_week(counts, WEEKS, PUBLIC)
    assert block_h == 1
    hidden = np.isnan(calls.reshape(7, 24))
    assert hidden[:, 4].all()
    assert (hidden.all(axis=0) == hidden.any(axis=0)).all(), "on all days or on none"
    assert hidden.any(axis=0).sum() >= 2, "one row alone would follow from the days' totals"


def test_where_hours_are_thin_three_are_taken_together_and_else_days() -> None:
    calls, block_h, _ = calls_of_week(np.full(168, 8), WEEKS, PUBLIC)
    assert block_h == 3
    assert np.isfinite(calls).all()
    assert calls.sum() == pytest.approx(168 * 8 / WEEKS, rel=0.05)
    calls, block_h, days_apart = calls_of_week(np.full(168, 2), WEEKS, PUBLIC)
    assert (block_h, days_apart) == (1, False)
    assert (calls.reshape(7, 24) == calls[:24]).all(), "an average day, on each"
    assert calls.sum() == pytest.approx(168 * 2 / WEEKS, rel=0.1)
    calls, block_h, _ = calls_of_week(np.full(168, 1), WEEKS, PUBLIC)
    assert block_h == 3
    assert calls.sum() == pytest.approx(168 / WEEKS, rel=0.1)
    calls, block_h, _ = calls_of_week(np.r_[np.ones(9, int), np.zeros(159, int)], WEEKS, PUBLIC)
    assert block_h == 0
    assert np.isnan(calls).all()


@given(st.lists(st.integers(0, 3), min_size=168, max_size=168))
def test_an_average_day_is_the_reports_and_no_sum_of_hours_stands_beside_hours(
    counts: list[int],
) -> None:
    past = np.array(counts)
    calls, block_h, days_apart = calls_of_week(past, WEEKS, PUBLIC)
    if days_apart or not block_h:
        return
    of_day = past.reshape(7, 24).sum(axis=0)
    report = calls_of_day(of_day, WEEKS, PUBLIC)
    if block_h == 1:
        np.testing.assert_array_equal(calls.reshape(7, 24), np.tile(report, (7, 1)))
    else:
        assert not (report > 0).any()
    shown = np.isfinite(calls[:24]).reshape(-1, block_h)
    table = of_day.reshape(-1, block_h).sum(axis=1)
    assert not ((table > 0) & (table < 11) & shown.any(axis=1)).any()


@given(st.lists(st.integers(0, 40), min_size=168, max_size=168))
def test_no_cell_with_one_to_ten_calls_is_ever_shown(counts: list[int]) -> None:
    past = np.array(counts)
    calls, block_h, days_apart = calls_of_week(past, WEEKS, PUBLIC)
    if not days_apart:
        return
    table = table_of(past, block_h)
    shown = np.isfinite(table_of(calls, block_h))
    assert not ((table > 0) & (table < 11) & shown).any()
    assert (shown.all(axis=1) == shown.any(axis=1)).all()


def test_work_past_the_end_of_a_shift_is_not_of_those_on_duty() -> None:
    """The map's hours and the report's, units on duty times their busy shares, are one figure."""
    run, _ = played(RULES[0])
    arrays = run.fleet.arrays
    on_duty = arrays.on_duty.copy()
    on_duty[:, ::2] = False
    off = replace(run, fleet=replace(run.fleet, arrays=arrays._replace(on_duty=on_duty)))
    busy = busy_of_week([off])
    assert not busy[::2].any()
    assert busy[1::2] == pytest.approx(busy_of_week([run])[1::2])
    of_a_day = np.nansum(utilization_by_hour([off]).to_numpy(), axis=0)
    assert busy.reshape(7, 24).mean(axis=0) == pytest.approx(of_a_day)


def test_on_duty_and_on_calls_add_up_to_the_weeks_hours() -> None:
    run, _ = played(RULES[0])
    busy = busy_of_week([run])
    assert busy.sum() == pytest.approx(run.busy_s.sum() / 3600)
    duty = on_duty_of_week(PROGRAM, PLANNED)
    assert duty.tolist() == [4.0] * 168
    other = Deployment.of("plan", {Option(*PLANNED.counts[0][0]): 2})
    assert on_duty_of_week(PROGRAM, other).tolist() == [2.0] * 168


def test_responders_on_calls_are_rounded_as_hours_of_five_calls() -> None:
    busy = np.linspace(0, 4, 168)
    rounding = CityRounding(1_000, 1_000 / WEEKS)
    told = _of_week(busy, rounding)
    assert told is not None
    assert np.abs(told - busy).max() <= 0.05 + 1e-9
    few = CityRounding(60, 60 / 5)
    told = _of_week(busy, few)
    assert told is not None
    assert len(np.unique(told)) <= 5
    assert _of_week(None, rounding) is None
    assert "busy_of_week" in ReplayMeasures.__dataclass_fields__


def test_the_page_has_tenths_and_gaps() -> None:
    calls = np.r_[np.nan, np.full(167, 1.234)]
    ones: Any = {"plan": np.ones(168)}
    shown = hours_of_week(WeekPublication(calls, 3, True, 207.0, ones, {}))
    assert shown is not None
    assert "3 hours" in shown.note
    told = week_payload(shown)
    assert told is not None
    assert told["calls"][:2] == [None, 1.2]
    assert told["busy"] == {}
    means = block_means(shown.calls, WEEKDAYS)
    assert np.isnan(means[0])
    assert means[1:] == pytest.approx([1.234] * 7)
    assert hours_of_week(None) is None


def test_of_a_small_city_the_note_says_why_so_little_is_shown() -> None:
    few = WeekPublication(np.full(168, 0.07), 1, False, 11.8, {"plan": np.ones(168)}, {})
    shown = hours_of_week(few)
    assert shown is not None
    assert "an average day on each day: with 11.8 a week" in shown.note
    told = week_payload(shown)
    assert told is not None
    assert told["calls"][0] == 0.07, "a tenth would be the same at all hours"
    none = hours_of_week(replace(few, calls=np.full(168, np.nan), block_h=0))
    assert none is not None
    assert none.note.startswith("Calls by hour are not shown: with 11.8 a week")


def test_no_week_has_no_payload() -> None:
    assert week_payload(None) is None
