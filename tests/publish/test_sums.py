"""Parts that are shown beside their whole add up to it, to the digit that is shown."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coresponse.coverage.replay.bands import Interval
from coresponse.coverage.replay.funnel_row import FunnelRow
from coresponse.data.figures.sums import adding_up
from coresponse.data.figures.text import dollars, percent, points
from coresponse.data.programs.money import Money, Yearly
from coresponse.publish.disclosure import PUBLIC
from coresponse.publish.measured import ReplayPublication
from coresponse.publish.money import STEP, MoneyPublication

AMOUNTS = st.lists(st.floats(0, 1e7), min_size=1, max_size=8)


@given(AMOUNTS, st.sampled_from([0.1, 1.0, 1_000.0]))
def test_parts_add_up_and_none_moves_by_a_step(values: list[float], step: float) -> None:
    parts = adding_up(values, step)
    assert parts.sum() == pytest.approx(np.rint(sum(values) / step) * step)
    assert (np.abs(parts - values) < step * (1 + 1e-6)).all()


def test_parts_come_to_the_whole_that_is_stated() -> None:
    assert adding_up([1.4, 1.4, 1.4], 1.0, whole=5.0).sum() == 5
    assert adding_up([2.6, 2.6], 1.0, whole=4.0).tolist() == [2.0, 2.0]
    assert adding_up([], 1.0).tolist() == []


def _year(*paid: float) -> Yearly:
    """$4,917,400, of which 1,414,300 come from elsewhere: 4.92 million were 1.41 and 3.50."""
    return Yearly("2027-07", "2028-06", 4_000_450.0, 300_480.0, 200_490.0, 0.0, 415_980.0, 0.0, 0.0,
                  tuple((f"source {k}", dollars) for k, dollars in enumerate(paid)))  # fmt: skip


def test_who_pays_adds_up_to_what_it_costs() -> None:
    for year in (_year(1_414_300.0), _year(700_499.0, 713_801.0), _year()):
        told = MoneyPublication(PUBLIC, "City", "", "plan-1", Money(), (year,))
        (shown,) = told.told
        assert sum(shown.lines.values()) == shown.cost == round(year.cost / STEP) * STEP
        assert sum(shown.paid) + shown.general_fund == shown.cost
    told = MoneyPublication(PUBLIC, "City", "", "plan-1", Money(), (_year(1_414_300.0),))
    assert told.sentences[0] == (
        "The first year, from July 2027, costs $4,917,000: the general fund pays $3,503,000, other "
        "sources $1,414,000."
    )


def _at(value: float) -> Interval:
    return Interval(value, value, value, 1)


def test_calls_of_a_step_are_those_of_the_next_and_the_lost() -> None:
    """16.9 eligible calls less 3.64 and 0.38 were 13.2 and 12.8, and 4.0 are left to police."""
    rows = (
        FunnelRow("calls", _at(18.37), ()),
        FunnelRow("eligible", _at(16.88), (("no type takes it", _at(1.49)),)),
        FunnelRow("on duty", _at(13.24), (("closed", _at(3.64)),)),
        FunnelRow("unit free", _at(12.86), (("busy", _at(0.38)),)),
        FunnelRow("sent", _at(12.86), ()),
        FunnelRow("contact", _at(9.95), (("nobody found", _at(2.91)),)),
        FunnelRow("without police", _at(0.05), (("crew", _at(8.95)), ("secured", _at(0.95)))),
    )
    empty, none = pd.DataFrame(), _at(0.0)
    told = ReplayPublication(
        1, (), rows, empty, empty, 0.0, ("", none), none, none, none, none, empty
    )
    shown = told.told_funnel
    for before, after in pairwise(shown):
        lost = sum(calls for _, calls in after.lost)
        assert before.calls == pytest.approx(after.calls + lost, abs=1e-9)
    by_name = {step.step: step.calls for step in shown}
    assert by_name["eligible"] == 16.9
    assert by_name["eligible"] - by_name["sent"] == pytest.approx(round(3.64 + 0.38, 1))


@pytest.mark.parametrize(
    ("share", "said"),
    [(0.3, "30%"), (0.305, "30.5%"), (1.0, "100%"), (0.0, "0%"), (0.29, "29%"), (0.725, "72.5%"),
     (None, "\u2013"), (float("nan"), "\u2013")],
)  # fmt: skip
def test_a_share_has_one_text(share: float | None, said: str) -> None:
    assert percent(share) == said
    if share is not None and np.isfinite(share):
        assert f"{points(100 * share)}%" == said


def test_half_a_hundredth_of_a_million_is_rounded_as_a_browser_does() -> None:
    """``agencies`` said that $1,055,000 are saved, and $1.05 million: 1.055 is a little less to a computer."""
    assert [dollars(value) for value in (1_055_000, 1_045_000, 1_054_999, -1_055_000)] == [
        "$1.06 million", "$1.05 million", "$1.05 million", "$-1.06 million",
    ]  # fmt: skip
