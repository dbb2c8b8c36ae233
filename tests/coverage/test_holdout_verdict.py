"""A verdict on unseen calls is decided before anything is rounded."""

from __future__ import annotations

from dataclasses import fields
from types import SimpleNamespace
from typing import Any

import pandas as pd

from coresponse.coverage.replay.bands import Interval
from coresponse.questions.holdout import Holdout


def holdout(rounded: Interval, exact: Interval) -> Holdout:
    row = {"share_in_time": 0.4, "calls": 30, "calls_per_week": 7.0}
    nearest: Any = SimpleNamespace(overall=pd.DataFrame([row]))
    evaluations: Any = {"plan": SimpleNamespace(nearest=nearest)}
    known: dict[str, Any] = {
        "plan_days": 70.0,
        "judge_days": 30.0,
        "judge_calls": 30,
        "best": None,
        "evaluations": evaluations,
        "seen": 0.5,
        "wait_less_s": rounded,
        "exact": exact,
    }
    assert set(known) == {field.name for field in fields(Holdout)}
    return Holdout(**known)


def test_a_true_loser_is_told_though_its_rounded_band_holds_0() -> None:
    """At 30 unseen calls 60 of 60 true losers were called "not shown to be worse"."""
    rounded = Interval(0.0, -120.0, 120.0, 30)
    loser = holdout(rounded, Interval(-50.0, -95.0, -5.0, 30)).verdict()
    assert "do not adopt it" in loser
    winner = holdout(rounded, Interval(50.0, 5.0, 95.0, 30)).verdict()
    assert "less than with today's deployment" in winner
    neither = holdout(rounded, Interval(5.0, -95.0, 95.0, 30)).verdict()
    assert "not shown to be better" in neither
    for said in (loser, winner, neither):
        assert "on the days planned on" in said
        assert "5.0" not in said  # nothing exact is told
