"""A verdict on unseen calls is decided before anything is rounded."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from coresponse.coverage.replay.bands import Interval
from coresponse.publish.holdout import _proven
from coresponse.publish.measured import HoldoutPublication, Proven

FREE = Interval(0.4, 0.4, 0.4, 1)
ROUNDED = Interval(0.0, -120.0, 120.0, 30)


def verdict(proven: Proven) -> str:
    plan: Any = SimpleNamespace(figures={"deterministic": {"share_in_time": FREE}})
    return HoldoutPublication(70.0, 30.0, 30, {"plan": plan}, 0.5, ROUNDED, proven).verdict()


@pytest.mark.parametrize(
    ("exact", "proven", "words"),
    [
        (Interval(-50.0, -95.0, -5.0, 30), "worse", "do not adopt it"),
        (Interval(50.0, 5.0, 95.0, 30), "better", "less than with today's deployment"),
        (Interval(5.0, -95.0, 95.0, 30), "neither", "not shown to be better"),
    ],
)
def test_a_true_loser_is_told_though_its_rounded_band_holds_0(
    exact: Interval, proven: Proven, words: str
) -> None:
    """At 30 unseen calls 60 of 60 true losers were called "not shown to be worse"."""
    assert _proven(exact) == proven
    said = verdict(proven)
    assert words in said
    assert "50% on the days it was made from" in said
