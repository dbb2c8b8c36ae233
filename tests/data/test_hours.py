"""Hours of the week and the split of the week into periods."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coresponse.data.errors import InputError
from coresponse.data.hours import ALWAYS, HOURS_A_WEEK, Period, WeekHours, hour_of_week, split_week

week_hours = st.sets(st.integers(0, HOURS_A_WEEK - 1)).map(WeekHours.of)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("always", 168),
        ("24/7", 168),
        ("daily 09:00-01:00", 7 * 16),
        ("Mon-Fri 10:00-18:00", 40),
        ("mon-fri 10-18", 40),
        ("Fri-Mon 00:00-24:00", 96),
        ("Sat, Sun 12:00-20:00; Mon 12:00-13:00", 17),
        ("daily 00:00-24:00", 168),
    ],
)
def test_hours_a_week(text: str, count: int) -> None:
    assert WeekHours.parse(text).count == count


def test_a_span_past_midnight_on_sunday_runs_into_monday() -> None:
    assert WeekHours.parse("Sun 23:00-01:00").hours == (0, 167)


def test_friday_evening_is_where_the_calendar_has_it() -> None:
    assert WeekHours.parse("Fri 18:00-20:00").hours == (4 * 24 + 18, 4 * 24 + 19)


@pytest.mark.parametrize(
    "text", ["", "Mon", "Mon 10:30-12:00", "Funday 10-12", "Mon 25-26", "Mon 10-12 Tue 10-12"]
)
def test_what_is_not_understood_is_refused(text: str) -> None:
    with pytest.raises(InputError, match=r"not understood|hours 0 to 24"):
        WeekHours.parse(text)


@given(st.dictionaries(st.sampled_from("abcd"), week_hours, max_size=4))
def test_each_pattern_is_a_union_of_periods(patterns: dict[str, WeekHours]) -> None:
    periods = split_week((), patterns)
    cover = np.sum([period.hours.mask() for period in periods], axis=0)
    assert (cover == 1).all()
    for hours in patterns.values():
        for period in periods:
            inside = set(period.hours.hours) & set(hours.hours)
            assert not inside or hours.contains(period.hours)
    # coarsest: two periods of one planner's period differ in who is on duty
    duty = [
        tuple(hours.contains(period.hours) for hours in patterns.values()) for period in periods
    ]
    assert len(set(duty)) == len(duty)


def test_the_planners_periods_keep_their_speed_and_name_when_split() -> None:
    day = Period("day", WeekHours.parse("daily 08:00-20:00"), 0.8)
    night = Period("night", WeekHours.parse("daily 20:00-08:00"))
    periods = split_week((day, night), {"office": WeekHours.parse("Mon-Fri 08:00-20:00")})
    assert [(period.name, period.hours.count, period.speed_factor) for period in periods] == [
        ("night", 84, 1.0),
        ("day, office", 60, 0.8),
        ("day, nobody on duty", 24, 0.8),
    ]


def test_periods_must_cover_the_week_once() -> None:
    with pytest.raises(InputError, match="mon 08:00 is in 0 -- add one for the rest: hours = "):
        split_week((Period("night", WeekHours.parse("daily 20:00-08:00")),), {})
    with pytest.raises(InputError, match="is in 2"):
        split_week((Period("all", ALWAYS), Period("more", WeekHours.parse("Tue 1-2"))), {})


def test_hour_of_week() -> None:
    assert hour_of_week(np.array([0, 6]), np.array([0, 23])).tolist() == [0, 167]


@given(st.sets(st.integers(0, 167)))
def test_words_are_read_back_as_the_same_hours(hours: set[int]) -> None:
    of_week = WeekHours.of(hours)
    words = of_week.words()
    assert (WeekHours.parse(words) if words else WeekHours(())) == of_week


@pytest.mark.parametrize(
    "text",
    [
        "always",
        "daily 19:00-07:00",
        "Mon-Fri 07:00-19:00",
        "Mon-Fri 10:00-18:00; Sat, Sun 12:00-20:00",
        "daily 00:00-08:00",
    ],
)
def test_words_are_those_that_people_write(text: str) -> None:
    assert WeekHours.parse(text).words() == text
