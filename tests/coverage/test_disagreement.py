"""What makes the nearest-free figure differ from the replay's is named by the funnel's step."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from coresponse.coverage.disagreement import (
    BESIDE_QUEUEING,
    VARY,
    WAIT,
    WHY,
    lost_by_step,
    why_fewer_in_time,
    why_not_as_queueing,
)
from coresponse.coverage.replay.bands import Interval

NEAREST = {"calls": 100.0, "reached": 90.0, "in_time": 80.0, "closed": 6.0, "out_of_reach": 4.0}


def nearest(**calls: float) -> Any:
    row = {f"{key}_per_week": value for key, value in (NEAREST | calls).items()}
    return SimpleNamespace(overall=pd.DataFrame([row]), figure=lambda key: row[key], note="")


def replayed(*, busy: float, closed: float, out_of_reach: float, in_time: float) -> Any:
    row = {
        "calls": 100.0,
        "busy": busy,
        "closed": closed,
        "out_of_reach": out_of_reach,
        "reached": 100.0 - busy - closed - out_of_reach,
        "in_time": in_time,
    }
    named = {f"{key}_per_week": Interval(value, value, value, 1) for key, value in row.items()}
    return SimpleNamespace(figure=lambda key: named[key])


@pytest.mark.parametrize(
    ("losses", "step"),
    [
        ({"busy": 30, "closed": 6, "out_of_reach": 4, "in_time": 52}, "busy"),
        # 2% busy, and said to be busy: the loss was closed hours
        ({"busy": 2, "closed": 40, "out_of_reach": 4, "in_time": 48}, "closed"),
        ({"busy": 2, "closed": 6, "out_of_reach": 30, "in_time": 55}, "out_of_reach"),
        ({"busy": 5, "closed": 6, "out_of_reach": 4, "in_time": 50}, "late"),
    ],
)
def test_the_step_that_loses_most_is_named(losses: dict[str, float], step: str) -> None:
    found = replayed(**losses)
    assert why_fewer_in_time(nearest(), found) == WHY[step]
    apart = sum(lost_by_step(nearest(), found).values())
    assert apart == pytest.approx((80 - losses["in_time"]) / 100)


def test_small_differences_are_not_said() -> None:
    assert (
        why_fewer_in_time(nearest(), replayed(busy=3, closed=6, out_of_reach=4, in_time=77)) == ""
    )


@pytest.mark.parametrize(
    ("losses", "vary", "said"),
    [
        ({"busy": 30, "closed": 6, "out_of_reach": 4, "in_time": 55}, False, ("busy", True)),
        ({"busy": 1, "closed": 20, "out_of_reach": 4, "in_time": 71}, True, ("closed", True)),
        # as many find no unit, and yet more are in time: not for shift ends, but drives that vary
        ({"busy": 0, "closed": 6, "out_of_reach": 4, "in_time": 88}, True, VARY),
        ({"busy": 0, "closed": 6, "out_of_reach": 4, "in_time": 88}, False, ("late", False)),
        ({"busy": 5, "closed": 6, "out_of_reach": 4, "in_time": 66}, False, ("late", True)),
        ({"busy": 0, "closed": 0, "out_of_reach": 4, "in_time": 86}, True, ("closed", False)),
    ],
)
def test_what_queueing_leaves_out_is_named(
    losses: dict[str, float], vary: bool, said: tuple[str, bool] | str
) -> None:
    by_queueing = nearest(busy=0.0)
    why = why_not_as_queueing(by_queueing, replayed(**losses), drives_vary=vary)
    assert why == (said if isinstance(said, str) else BESIDE_QUEUEING[said[0]][said[1]])


def test_calls_that_wait_are_named_where_queueing_leaves_them_to_police() -> None:
    """It was said that units meet officers, beside a note that the queueing figures leave such calls out."""
    found = replayed(busy=0, closed=0, out_of_reach=0, in_time=40)
    by_queueing = nearest(busy=28.0, reached=62.0)
    by_queueing.note = "Calls wait for a unit here, but the queueing figures leave them to police"
    assert why_not_as_queueing(by_queueing, found, drives_vary=True) == WAIT
