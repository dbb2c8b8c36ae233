"""Sweeps and the what-if page work without the recorded calls, and still tell how far figures go with what nobody knows."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from coresponse.cli import show_sweep
from coresponse.coverage.response import enumerate_options
from coresponse.coverage.settings import EvaluationSettings
from coresponse.data.city import City
from coresponse.data.options import Deployment
from coresponse.data.programs.load import load_program
from coresponse.optimize.case import Case
from coresponse.optimize.evaluate_case import evaluation_setup
from coresponse.publish.disclosure import PUBLIC
from coresponse.publish.sweep import _shown_ends
from coresponse.publish.what_if import publish_what_if
from coresponse.questions.sweep.answer import Answer, Kept
from coresponse.questions.sweep.base import sweep_base
from coresponse.questions.sweep.point import today_answer
from coresponse.questions.sweep.tables import _ends
from coresponse.study.sweep import SweepInput
from tests.coverage.test_planning_year import city

SHARE = """extends = "b-heard"
name = "own"
[call_classes.crisis_low.natures]
"WELFARE*" = { share = [0.1, 0.6] }
"MENTAL*" = {}
"""


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    """Two years of 12 calls a day, nine in ten of them welfare checks that hide an unknown share of crisis calls."""
    file = tmp_path_factory.mktemp("own") / "program.toml"
    file.write_text(SHARE)
    made, program = city(a_year=0.0, a_day=12.0), load_program(file)
    n = len(made.calls.frame)
    nature = np.where(np.arange(n) % 10 == 0, "MENTAL HEALTH", "WELFARE CHECK")
    frame = made.calls.frame.assign(nature=nature)
    options = enumerate_options(program, made.posts)
    today = Deployment("today", tuple((o, 2) for o in options[:2]))
    own = City(made.roads, replace(made.calls, frame=frame), made.posts, program, today=today)
    return Case(own, evaluation=EvaluationSettings(replications=8, weeks=10))


@pytest.fixture(scope="module")
def answer(case: Case) -> Answer:
    found = today_answer(sweep_base(case, SweepInput(), [{}]))
    assert found is not None
    return found


def test_points_of_a_sweep_hold_both_ends_of_a_share(case: Case, answer: Answer) -> None:
    assert answer.not_known == ("how many calls codes hide",)
    low, high = answer.ranges["calls_per_week"]
    for hidden in (0.0, 1.0):
        a_week = case.base_cells.at(hidden).calls_per_week.sum()
        assert low <= a_week <= high
    assert high > 2.5 * low
    # with all hidden calls there, and with hardly any, what is in time is within the range
    share = answer.ranges["share_in_time"]
    assert 0 <= share[0] < answer.figures["share_in_time"] < share[1] <= 1  # type: ignore[operator]


def test_ranges_are_tabled_kept_and_rounded_outwards(
    case: Case, answer: Answer, tmp_path: Path
) -> None:
    columns = _ends(answer.ranges)
    assert set(columns) == {
        f"{name}_{end}"
        for name in ("share_in_time", "mean_with_fallback_min", "calls_per_week")
        for end in ("low", "high")
    }
    row = columns | {"share_in_time": answer.figures["share_in_time"]}
    shown = _shown_ends(PUBLIC.city(case.table.cells), row)
    assert shown["share_in_time_low"] <= answer.ranges["share_in_time"][0]
    assert shown["share_in_time_high"] >= answer.ranges["share_in_time"][1]
    Kept(tmp_path).write("key", answer)
    again = Kept(tmp_path).read("key")
    assert again is not None
    assert (again.ranges, again.not_known) == (answer.ranges, answer.not_known)


def test_the_range_of_a_share_in_the_terminal_has_the_form_of_shares() -> None:
    row = pd.Series({"share_in_time_low": 0.375, "share_in_time_high": 0.83})
    assert show_sweep._range(row, "share_in_time") == "\n37.5-83%"


def test_the_what_if_page_says_the_range(case: Case) -> None:
    setup = evaluation_setup(case).lean()
    assert setup.past == ()
    today = case.city.today
    assert today is not None
    lean = case.lean()
    found = setup.evaluate(lean.table, today, None, keep_calls=True)
    told = publish_what_if(lean, found)
    assert told["range"].startswith("Range: ")
    # the ends that are said hold the exact ones
    assert found.replay is not None
    exact = found.replay.figure("share_in_time")
    low, high = map(float, re.findall(r"([0-9.]+)%", told["range"]))
    assert low / 100 <= exact.low < exact.high <= high / 100
    assert told["range"].endswith("for nobody knows how many calls codes hide.")
    sure = case.with_(city=replace(case.city, program=load_program("b-heard")))
    plain = evaluation_setup(sure).lean()
    assert (
        publish_what_if(sure, plain.evaluate(sure.table, today, None, keep_calls=True))["range"]
        == ""
    )
