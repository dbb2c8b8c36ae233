"""Times of the week: which there are, what they are called, and why there are none."""

from __future__ import annotations

import numpy as np
import pytest

from coresponse.coverage.cells import DemandCells
from coresponse.data.hours import Period, WeekHours, split_week
from coresponse.publish.times_of_week import kind_of, times_shown
from coresponse.study.settings import PeriodInput


def cells_of(periods: tuple[Period, ...], calls: list[int]) -> DemandCells:
    n = len(periods)
    return DemandCells(
        node=np.zeros(n, dtype=np.int32),
        call_class=np.zeros(n, dtype=np.int16),
        period=np.arange(n, dtype=np.int16),
        district=np.full(n, -1, dtype=np.int32),
        calls_per_week=np.array(calls, dtype=float),
        calls=np.array(calls),
        class_names=("crisis",),
        class_weight=np.ones(1),
        periods=periods,
        weeks=1.0,
    )


def test_without_own_periods_shifts_are_sorted_into_day_night_and_weekend() -> None:
    office = {
        "office": WeekHours.parse("Mon-Fri 07:00-19:00"),
        "weekend": WeekHours.parse("Sat, Sun 00:00-24:00"),
    }
    periods = split_week((), office)
    times, why = times_shown((), cells_of(periods, [50] * len(periods)))
    assert why == ""
    assert [(t.title, t.hours.words()) for t in times] == [
        ("Day", "Mon-Fri 07:00-19:00"),
        ("Night", "Mon 00:00-07:00; Mon-Thu 19:00-07:00; Fri 19:00-24:00"),
        ("Weekend", "Sat, Sun 00:00-24:00"),
    ]
    assert sum(t.hours.count for t in times) == 168


def test_why_there_are_no_times_is_said() -> None:
    always = split_week((), {"always": WeekHours.parse("always")})
    times, why = times_shown((), cells_of(always, [500]))
    assert times == ()
    assert "do not tell hours of the week apart" in why
    own = tuple(
        PeriodInput(name=n, hours=WeekHours.parse(h))
        for n, h in (("am", "daily 0-12"), ("pm", "daily 12-24"))
    )
    halves = split_week([one.period() for one in own], {})
    times, why = times_shown(own, cells_of(halves, [500, 10]))
    assert times == ()
    assert "too few calls came at one of them (Pm)" in why
    times, _ = times_shown(own, cells_of(halves, [500, 11]))
    assert [t.key for t in times] == ["am", "pm"]


def test_names_that_are_no_address_still_get_keys_of_their_own() -> None:
    names = ("<script>", "(script)", "\u591c")
    own = tuple(
        PeriodInput(name=name, hours=WeekHours.parse(f"daily {8 * i}-{8 * i + 8}"))
        for i, name in enumerate(names)
    )
    thirds = split_week([one.period() for one in own], {})
    times, _ = times_shown(own, cells_of(thirds, [50, 50, 50]))
    assert [t.key for t in times] == ["script", "script-2", "time"]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("daily 09:00-17:00", "Day"),
        ("daily 22:00-06:00", "Night"),
        ("Sat, Sun 09:00-17:00", "Weekend"),
        ("Fri 18:00-24:00", "Night"),
    ],
)
def test_kinds_of_hours(text: str, kind: str) -> None:
    assert kind_of(WeekHours.parse(text)) == kind


@pytest.mark.parametrize(
    ("day", "night", "titles"),
    [
        ("daily 07:00-19:00", "daily 19:00-07:00", ["Day", "Night"]),
        ("daily 06:00-16:00", "daily 16:00-06:00", ["Day", "Evening and night"]),
        ("daily 09:00-01:00", "daily 01:00-09:00", ["Day and evening", "Night"]),
    ],
)
def test_a_time_that_takes_the_evening_says_so(day: str, night: str, titles: list[str]) -> None:
    """A page said "Night" of four in the afternoon."""
    periods = (Period("a", WeekHours.parse(day)), Period("b", WeekHours.parse(night)))
    times, why = times_shown((), cells_of(periods, [50, 50]))
    assert not why
    assert [time.title for time in times] == titles
    assert [time.key for time in times] == ["day", "night"]
