"""What is assumed otherwise than the study says: wages, vacancies, hours, growth, 988."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from coresponse.cli import main as cli
from coresponse.cli.compare import both
from coresponse.data.errors import InputError
from coresponse.data.hours import WeekHours
from coresponse.data.programs.cost import annual_cost
from coresponse.data.programs.load import load_program
from coresponse.optimize.case import Case
from coresponse.optimize.evaluate_case import evaluation_setup
from coresponse.questions.assumed import assuming, assuming_each, several
from coresponse.questions.compare.entrants import compared_programs
from coresponse.questions.sweep.assumed import calls_less, windows
from coresponse.questions.sweep.axes import axes_of, case_at, check_names
from coresponse.questions.sweep.base import replayed_as, same_question
from coresponse.study import read as reading
from coresponse.study.read import read_study
from tests.questions.eight_questions import budget_study
from tests.questions.small_study import small_study

MIXED = load_program("mixed")
runner = CliRunner()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_study(tmp_path_factory.mktemp("assumed") / "study")


@pytest.fixture(scope="module")
def case(folder: Path) -> Case:
    return read_study(folder).case


def at(case: Case, **vary: str) -> Case:
    axes = axes_of({name.replace("__", "."): text for name, text in vary.items()}, case)
    return case_at(case, {axis.name: axis.values[0] for axis in axes})


def test_wages_raise_the_lines_of_one_role(case: Case) -> None:
    raised = at(case, wage__clinician="108%").program
    before, after = (
        annual_cost(program, "co_responder_unit", "day_10h").lines for program in (MIXED, raised)
    )
    assert after[0].per_year == before[0].per_year  # the officer's
    assert after[1].per_year == pytest.approx(1.08 * before[1].per_year)


def test_empty_positions_cost_the_premium_of_overtime(case: Case) -> None:
    some = at(case, vacancy__clinician="40%").program
    before, after = (
        annual_cost(program, "co_responder_unit", "day_10h") for program in (MIXED, some)
    )
    (overtime,) = (line for line in after.lines if "overtime" in line.what)
    hours = 70 * 365.25 / 7
    assert overtime.per_year == pytest.approx(hours * 58 * 0.4 * 0.5)
    assert after.total == pytest.approx(before.total + overtime.per_year * (1 + 1.15 / 9 + 0.08))


def test_nothing_may_stand_before_percents(case: Case) -> None:
    (axis,) = axes_of({"vacancy.clinician": "0:40%:10%"}, case)
    assert axis.values == pytest.approx((0, 0.1, 0.2, 0.3, 0.4))
    assert axis.title == "Behavioral-health clinician, empty positions"


def test_growth_and_demand_multiply(case: Case) -> None:
    assert at(case, growth="3%", demand="1.2").factors.demand == pytest.approx(1.236)
    both = at(case, growth="3%", demand="1.2").table.cells.calls_per_week.sum()
    assert both == pytest.approx(1.236 * case.table.cells.calls_per_week.sum())


def test_988_takes_what_it_ends_and_does_not_send_on(case: Case) -> None:
    assert calls_less(MIXED, 0.33) == {"crisis_low": pytest.approx(1 - 0.33 * 0.82 * 0.95)}
    less = at(case, **{"988": "33%"})
    cells, before = less.table.cells, case.table.cells
    names = np.array(cells.class_names)[cells.call_class]
    ratio = cells.calls_per_week / before.calls_per_week
    assert ratio[names == "crisis_low"] == pytest.approx(1 - 0.33 * 0.82 * 0.95)
    assert ratio[names != "crisis_low"] == pytest.approx(1)


def test_the_replay_draws_fewer_calls_of_the_class_too(case: Case) -> None:
    few = case.with_(evaluation=case.evaluation.model_copy(update={"replications": 2, "weeks": 40}))
    setups = [evaluation_setup(one) for one in (few, at(few, **{"988": "33%"}))]
    assert all(one.drawn is not None for one in setups)
    plain, less = (one.drawn.arrivals for one in setups if one.drawn is not None)
    k = plain.class_names.index("crisis_low")
    factor = np.where(np.arange(len(plain.class_names)) == k, 1 - 0.33 * 0.82 * 0.95, 1.0)
    assert less.rate_per_h == pytest.approx(plain.rate_per_h * factor[:, None])


def test_points_with_other_calls_or_hours_are_other_questions(case: Case) -> None:
    less, day = at(case, **{"988": "33%"}), at(case, hours="day")
    assert replayed_as(less) != replayed_as(case) == replayed_as(day)
    assert not same_question(less, case)
    assert not same_question(day, case)
    assert not same_question(at(case, wage__clinician="108%"), case)
    assert same_question(case.with_(), case)


def test_hours_shut_out_shifts_that_reach_beyond_them(case: Case) -> None:
    day = at(case, hours="day")
    (only,) = day.further
    patterns = {
        o.shift_pattern for o, out in zip(day.options, only.coefficients, strict=True) if not out
    }
    assert patterns == {"day_10h"}
    assert only.at_most == 0
    assert not any(at(case, hours="always").further[0].coefficients)
    both = dict(windows("day+evening, always", MIXED))
    assert both["day+evening"].count == 7 * 17  # 06:00-16:00 and 13:00-23:00
    assert both["always"].count == 168
    (twice,) = axes_of({"hours": "day,day, always"}, case)
    assert (twice.name, twice.title) == ("open.day, always", "open (1 day, 2 always)")
    assert twice.values == (1.0, 2.0)
    (axis,) = axes_of({"hours": "day,evening,always"}, case)
    assert (axis.values, axis.title) == ((1, 2, 3), "open (1 day, 2 evening, 3 always)")
    assert axes_of({"hours": "200:600:200"}, case)[0].name == "staff_hours_per_week"


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("wage.clinican", "108%", "there are: clinician, officer"),
        ("wages", "108%", "there are: .*growth, 988, wage.clinician"),
        ("wage.clinician", "8%", "write 108%"),
        ("vacancy.clinician", "100%", "a share from 0 to below 1"),
        ("988", "133%", "a share from 0 to below 1"),
        ("growth", "300", "such as 3%"),
        ("hours", "dya,always", "there are: always, day_10h, late_10h"),
        ("speed.dusk", "0.8", "there are: day, night"),
    ],
)
def test_a_wrong_name_or_value_is_refused_with_those_there_are(
    name: str, text: str, said: str
) -> None:
    with pytest.raises(InputError, match=said):
        check_names({name: text}, MIXED, ["day", "night"])


@pytest.mark.parametrize("command", ["plan", "sweep", "compare"])
def test_it_is_refused_before_roads_and_calls_are_read(
    folder: Path, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def not_yet(*_: Any, **__: Any) -> None:
        raise AssertionError("inputs were read")

    monkeypatch.setattr(reading, "read_roads", not_yet)
    done = runner.invoke(cli.app, [command, str(folder), "--quiet", "--vary", "wage.nurse=108%"])
    assert isinstance(done.exception, InputError)
    assert "clinician, officer" in str(done.exception)
    if command == "compare":
        done = runner.invoke(cli.app, [command, str(folder), "--programs", "star,stra"])
        assert "presets: b-heard" in str(done.exception)


def test_a_plan_takes_one_value_and_says_what_it_assumes(case: Case) -> None:
    with pytest.raises(InputError, match="plan takes one value of unit"):
        assuming(case, ["units.co_responder_unit=1:3"])
    one = assuming(case, ["wage.clinician=108%", "988=33%", "standard=20", "hours=day"])
    notice = one.case.city.notice
    for part in ("108% of today's wage", "988 takes 33%", "26% fewer", "20 min", "open day"):
        assert part in notice
    assert one.case.target_s == 1200
    assert one.no_holdout
    same = assuming(case, [])
    assert same.case is case
    assert not same.no_holdout


def test_several_values_are_planned_one_by_one(tmp_path: Path) -> None:
    folder = budget_study(tmp_path / "study")
    assert several(["standard=10:30:5"])
    assert several(["wage.clinician=100%", "hours=day,always"])
    assert not several(["standard=20", "growth=3%", "hours=day+evening"])
    asked = ["--standard", "10:30:10", "--vary", "unit=2", "--vary", "clinician=0"]
    done = runner.invoke(cli.app, ["plan", str(folder), *asked, "--quiet", "--json"])
    assert done.exit_code == 0, done.output
    told = json.loads(done.output)
    shares = [point["share_in_time"] for point in told["points"]]
    assert [point["target_min"] for point in told["points"]] == [10, 20, 30]
    assert shares == sorted(shares)
    assert shares[0] < shares[-1]
    for flag in ("--internal", "--gap=0.1", "--solver=CBC"):
        refused = runner.invoke(cli.app, ["plan", str(folder), "--growth", "0,3%", flag])
        assert "planned as a sweep, which takes no" in str(refused.exception)


def test_programs_are_compared_at_each_value(case: Case) -> None:
    each = assuming_each(case, ["standard=10:30:10", "growth=3%"])
    assert [one.case.target_s for one in each] == [600, 1200, 1800]
    assert {one.case.factors.demand for one in each} == {1.03}
    assert [one.said for one in each] == [
        f"a standard of {minutes} min; calls grow by 3.0%" for minutes in (10, 20, 30)
    ]
    by_hours = assuming_each(case, ["hours=day,always"])
    assert [one.hours.count for one in by_hours if one.hours is not None] == [70, 168]
    assert not any(one.case.further for one in by_hours)
    assert assuming_each(case, [])[0].case is case
    with pytest.raises(InputError, match="at most 24"):
        assuming_each(case, ["standard=10:30:1", "growth=0,3%"])
    day = by_hours[0].hours
    assert both(None, day) == both(day, None) == day
    with pytest.raises(InputError, match="no hour in common"):
        both(WeekHours.parse("daily 00:00-04:00"), day)


def test_a_class_for_988_must_be_known(case: Case) -> None:
    classes = {k: v for k, v in MIXED.call_classes.items() if k != "crisis_low"}
    kinds = {
        name: kind.model_copy(update={"eligible": ("welfare",)})
        for name, kind in MIXED.responder_types.items()
    }
    program = MIXED.model_copy(update={"call_classes": classes, "responder_types": kinds})
    with pytest.raises(InputError, match="there are: welfare"):
        calls_less(program, 0.33)
    assert replace(case.factors, vacancy={"nurse": 0.1}).unknown(case.city)[0][:2] == (
        "vacancy",
        "nurse",
    )


def test_programs_are_named_as_people_write_them() -> None:
    assert compared_programs("B-HEARD, Ride along,CAHOOTS , on_call") == (
        "b-heard", "ride-along", "cahoots", "on-call",
    )  # fmt: skip
