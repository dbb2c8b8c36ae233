"""What a sweep varies: values as people write them, names, limits, rows of points."""

from __future__ import annotations

from dataclasses import replace

import pytest

from coresponse.data.errors import InputError
from coresponse.data.limits import Limits
from coresponse.data.programs.cost import annual_cost, call_out_cost
from coresponse.data.programs.load import load_program
from coresponse.data.sample_city import sample_folder
from coresponse.optimize.case import Case
from coresponse.optimize.evaluate_case import evaluation_setup
from coresponse.questions.spent import spent
from coresponse.questions.sweep.ask import asked_for
from coresponse.questions.sweep.axes import axes_of, busy_at, case_at, check_names, limits_at
from coresponse.questions.sweep.grid import Axis
from coresponse.questions.sweep.task import BLOCK, make_grid
from coresponse.questions.sweep.tidy import efficient
from coresponse.questions.sweep.values import parse_dollars, parse_values
from coresponse.study.read import read_study
from coresponse.study.sweep import PhaseInput, SweepInput


@pytest.fixture(scope="module")
def case() -> Case:
    return read_study(sample_folder()).case


@pytest.mark.parametrize(
    ("text", "whole", "numbers", "percent"),
    [
        ("1:4", True, (1, 2, 3, 4), False),
        ("0:10:5", True, (0, 5, 10), False),
        ("3", True, (3,), False),
        ("4, 2, 2", True, (2, 4), False),
        ("1M:2M:250k", False, (1e6, 1.25e6, 1.5e6, 1.75e6, 2e6), False),
        ("$500k, 1.5m", False, (5e5, 1.5e6), False),
        ("80%:120%:10%", False, (0.8, 0.9, 1.0, 1.1, 1.2), True),
        ("0.1:0.7:0.1", False, (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7), False),
    ],
)
def test_values_are_read_as_written(
    text: str, whole: bool, numbers: tuple[float, ...], percent: bool
) -> None:
    found = parse_values(text, whole=whole)
    assert found.numbers == numbers
    assert found.percent is percent


@pytest.mark.parametrize(
    ("text", "whole", "words"),
    [
        ("a:b", True, "not understood"),
        ("-1:3", True, "not understood"),
        ("1:2:3:4", True, "start, an end and a step"),
        ("1M:2M", False, "give the step"),
        ("5:1", True, "upwards"),
        ("1:5:0", True, "above 0"),
        ("1.5", True, "whole numbers"),
        ("50%", True, "whole numbers"),
        ("0:1000000", True, "more than 1,000"),
        ("80%, 1", False, "all of the values with %"),
        ("", True, "not understood"),
    ],
)
def test_values_that_mean_nothing_are_refused(text: str, whole: bool, words: str) -> None:
    with pytest.raises(InputError, match=words):
        parse_values(text, whole=whole)


@pytest.mark.parametrize("preset", ["ride-along", "b-heard", "star"])
def test_unit_is_the_only_type_there_is(preset: str) -> None:
    """The guide's `--vary unit=4:10` was refused where the program calls its units teams or vans."""
    check_names({"unit": "4:10"}, load_program(preset), ())


def test_unit_is_not_any_of_several_types() -> None:
    with pytest.raises(InputError, match="'unit' cannot be varied"):
        check_names({"unit": "4:10"}, load_program("on-call"), ())


def test_short_names_find_what_they_mean(case: Case) -> None:
    given = {
        "unit": "1:2",
        "clinician": "0:1",
        "budget": "1M",
        "roles.clinician": "3",
        "speed.night": "0.8",
    }
    axes = axes_of(given | {"busy.on_call_clinician": "0.1", "standard": "10"}, case)
    assert [axis.name for axis in axes] == [
        "units.co_responder_unit",
        "units.on_call_clinician",
        "budget_per_year",
        "roles.clinician",
        "speed.night",
        "busy.on_call_clinician",
        "target_min",
    ]
    assert [axis.relaxing for axis in axes] == [True, True, True, True, False, False, False]


@pytest.mark.parametrize(
    ("vary", "words"),
    [
        ({"budget": "-1"}, r"^budget: '-1'.* 0 or more.* -- write dollars a year, such as 2.5M"),
        ({"budget_per_year": "x"}, "^budget: .* write dollars a year"),
        ({"budget": "2,750,000"}, "one amount or several -- write one like 2750000 or 2.75M"),
        ({"hours": "-400"}, "^hours: .* write staff hours a week, such as 400"),
        ({"unit": "-1"}, "^units: .* write a count, such as 4"),
        ({"roles.clinician": "-1"}, "^roles: .* write a count"),
        ({"moves": "-1"}, "^moves: .* write a count"),
        ({"standard": "-5"}, "^standard: .* write minutes, such as 20"),
        ({"demand": "-0.1"}, "^demand: .* such as 0.97 for 3% fewer"),
        ({"speed.night": "-0.1"}, "^speed: .* such as 0.9 for 10% slower"),
        ({"busy": "-0.1"}, "^busy: .* write a share, such as 30%"),
        ({"vacancy.clinician": "-10%"}, "^vacancy: .* write a share"),
        ({"wage.clinician": "-3%"}, "^wage: .* such as 97% for 3% less"),
        ({"growth": "-3%"}, "^growth: .* for 3% fewer calls write --vary demand=0.97"),
        ({"988": "-3%"}, "^988: .* write a share"),
        ({"wage": "108%"}, "does not say whose -- write one of: wage.clinician, wage.officer"),
        ({"worst_group": "-3"}, "^worst_group: .* write minutes"),
    ],
)
def test_each_quantity_has_a_cure_of_its_own(vary: dict[str, str], words: str, case: Case) -> None:
    with pytest.raises(InputError, match=words):
        axes_of(vary, case)


@pytest.mark.parametrize(
    ("vary", "words"),
    [
        ({"wizard": "1"}, "cannot be varied -- there are: .*units.co_responder_unit"),
        ({"units.wizard": "1"}, "no such name -- there are: co_responder_unit"),
        ({"speed.noon": "1"}, "there are: day, night"),
        ({"unit": "1", "co_responder_unit": "2"}, "varied twice"),
        ({"busy": "1"}, "below 1"),
        ({"demand": "0"}, "above 0"),
    ],
)
def test_names_and_values_that_are_not_there_are_refused(
    case: Case, vary: dict[str, str], words: str
) -> None:
    with pytest.raises(InputError, match=words):
        axes_of(vary, case)


def test_percent_of_a_budget_is_of_todays(case: Case) -> None:
    unit = annual_cost(case.program, "co_responder_unit", "day_10h").total
    clinician = annual_cost(case.program, "on_call_clinician", "always").total
    priced = 4 * unit + 2 * clinician
    (axis,) = axes_of({"budget": "85%, 100%"}, case)
    # of what today really costs, which pages tell: call-outs as the replay finds them
    assert case.city.today is not None
    replay = evaluation_setup(case).lean().evaluate(case.table, case.city.today, None).replay
    assert replay is not None
    today = spent(case, case.city.today, replay)
    assert today > 1.05 * priced
    # in thousands, and of up to five past calls more: the history is a year
    assert (
        0 <= axis.values[1] - today < 1_000 + 5 * call_out_cost(case.program, "on_call_clinician")
    )
    # dollars that call-outs go into are told in thousands
    assert axis.values[1] % 1_000 == 0
    assert axis.values[0] == pytest.approx(0.85 * axis.values[1])
    with pytest.raises(InputError, match="no \\[today\\]"):
        axes_of({"budget": "85%"}, case.with_(city=replace(case.city, today=None)))


def test_a_setting_changes_its_limits_and_no_others() -> None:
    before = Limits(units={"a": 3, "b": 4}, max_per_post=2, posts_not=("x",))
    setting = {
        "units.a": 7.0,
        "roles.officer": 2.0,
        "budget_per_year": 1e6,
        "moves_at_most": 1.0,
        "demand": 1.2,
    }
    after = limits_at(before, setting)
    assert after == Limits(
        units={"a": 7, "b": 4},
        roles={"officer": 2},
        budget_per_year=1e6,
        moves_at_most=1,
        max_per_post=2,
        posts_not=("x",),
    )
    assert before.units == {"a": 3, "b": 4}


def test_speeds_change_the_periods_that_they_name(case: Case) -> None:
    changed = case_at(case, {"speed": 0.5, "speed.night": 0.8}).world
    for old, new in zip(case.city.periods, changed.periods, strict=True):
        factor = 0.4 if old.name.startswith("night") else 0.5
        assert new.speed_factor == pytest.approx(old.speed_factor * factor)
        assert new.hours == old.hours


def test_stated_busy_shares_leave_the_others_at_their_planning_value(case: Case) -> None:
    assert busy_at({"demand": 1.0}, case.program) is None
    assert busy_at({"busy.co_responder_unit": 0.5}, case.program) == {
        "co_responder_unit": 0.5,
        "on_call_clinician": case.program.responder_types["on_call_clinician"].busy_share.value,
    }


A, B, C = (Axis(name, name, values, relaxing) for name, values, relaxing in (
    ("demand", (0.5, 1.0), False), ("units.a", tuple(range(1, 13)), True), ("units.b", (0, 1, 2), True)
))  # fmt: skip


def test_rows_walk_along_the_first_limit_in_blocks() -> None:
    grid = make_grid((A, B, C), Limits(), nested=False)
    assert len(grid.tasks) == 2 * 12 * 3
    for task in grid.tasks:
        if (task.setting["units.a"] - 1) % BLOCK == 0:
            assert task.start is None
            continue
        assert task.start is not None
        assert grid.tasks[task.start].setting == dict(task.setting) | {
            "units.a": task.setting["units.a"] - 1
        }
        assert task.stays is None


def test_nested_rows_keep_what_was_bought_one_value_below() -> None:
    grid = make_grid((A, B), Limits(), nested=True)
    nested = [task for task in grid.tasks if task.mode == "nested"]
    assert len(nested) == 24
    for task in nested:
        if task.setting["units.a"] > 1:
            assert task.stays is not None
            before = grid.tasks[task.stays]
            assert before.mode == "nested"
            assert before.setting == dict(task.setting) | {"units.a": task.setting["units.a"] - 1}


def test_every_task_comes_after_those_it_needs() -> None:
    phases = (PhaseInput(name="1", units={"a": 1}), PhaseInput(name="2", units={"a": 2}))
    grid = make_grid((A, B, C), Limits(), nested=True, phases=phases)
    assert all(k < i for i, task in enumerate(grid.tasks) for k in task.after)
    toward = [task for task in grid.tasks if task.mode == "phase toward the last"]
    assert all(
        task.only is not None and grid.tasks[task.only].mode == "last phase alone"
        for task in toward
    )


@pytest.mark.parametrize(
    ("axes", "nested", "words"),
    [
        ((), False, "nothing to vary"),
        ((A,), True, "order to buy in"),
        ((B, B, B, B, B), False, "at most 20,000"),
    ],
)
def test_a_sweep_of_nothing_or_too_much_is_refused(
    axes: tuple[Axis, ...], nested: bool, words: str
) -> None:
    with pytest.raises(InputError, match=words):
        make_grid(axes, Limits(), nested=nested)


def test_flags_replace_the_study_s_own_question(case: Case) -> None:
    asked = asked_for(
        case,
        SweepInput(),
        vary=["unit=1:3"],
        nested=True,
        phases=["year 1:budget=2.5M,clinician=2"],
        busy_units="free",
        time_limit_s=5,
    )
    assert asked == SweepInput(
        vary={"unit": "1:3"},
        nested=True,
        phases=(PhaseInput(name="year 1", budget_per_year=2.5e6, units={"on_call_clinician": 2}),),
        busy_units="free",
        time_limit_s=5,
    )


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        ({"vary": ["unit"]}, "write it like unit=1:10"),
        ({"vary": ["unit=1", "unit=2"]}, "given twice"),
        ({"phases": ["budget=1M"]}, "write it like 'year 1:"),
        ({"phases": ["a:unit=1:3"]}, "one value each"),
        ({"phases": ["a:budget=1M,2M"]}, "one value each .* -- write a --phase for each year"),
        ({"phases": ["a:demand=1"]}, "demand is varied with --vary"),
        ({"busy_units": "sometimes"}, "busy_units"),
        ({"phases": ["a:unit=1", "a:unit=2"]}, "same name"),
    ],
)
def test_flags_that_mean_nothing_are_refused(
    case: Case, flags: dict[str, object], words: str
) -> None:
    with pytest.raises(InputError, match=words):
        asked_for(case, SweepInput(), **flags)  # type: ignore[arg-type]


def test_efficient_points_are_those_that_no_other_beats() -> None:
    nan = float("nan")
    cost = [1.0, 2.0, 2.0, 3.0, 4.0, nan, 1.0]
    value = [9.0, 5.0, 6.0, 5.0, 1.0, nan, 9.0]
    assert efficient(cost, value) == [True, True, False, False, True, False, False]


@pytest.mark.parametrize(
    ("text", "dollars"),
    [
        ("2750000", 2.75e6),
        ("$2.75M", 2.75e6),
        ("2,750,000", 2.75e6),
        ("900k", 9e5),
        ("2.5e+06", 2.5e6),
        (".5m", 5e5),
        ("0", 0.0),
    ],
)
def test_amounts_of_dollars_as_people_and_programs_write_them(text: str, dollars: float) -> None:
    assert parse_dollars(text) == dollars


@pytest.mark.parametrize(
    "text",
    ["", "nan", "inf", "-5", "5%", "2,75", "2.7.5M", "3 M", "1e99", "2000000000M", "3M:4M:1M"],
)
def test_what_is_no_amount_of_dollars_is_refused_in_words(text: str) -> None:
    with pytest.raises(InputError, match="dollars"):
        parse_dollars(text)
