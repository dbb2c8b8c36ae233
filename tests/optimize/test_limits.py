"""From a study's limits to the coefficients of the placement problem, and what is refused."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import pytest

from coresponse.coverage.cells import DemandCells, ResponseTable
from coresponse.data.errors import InputError
from coresponse.data.hours import Period, WeekHours
from coresponse.data.limits import Limits
from coresponse.data.options import Deployment, Option
from coresponse.data.posts import Posts
from coresponse.data.programs.load import load_program
from coresponse.data.programs.model import Program
from coresponse.optimize.build import check_limits, option_costs, problem_from
from coresponse.optimize.objective import MeanTime
from coresponse.optimize.problem import Limit, Problem
from coresponse.optimize.solution import Status
from coresponse.optimize.solve import solve

UNIT, CALL = "co_responder_unit", "on_call_clinician"
DAY, LATE, ALWAYS = "day_10h", "late_10h", "always"
OPTIONS = tuple(
    sorted(
        Option(kind, post, shift)
        for kind, shift in ((UNIT, DAY), (UNIT, LATE), (CALL, ALWAYS))
        for post in "ABC"
    )
)
UNITS = np.array([option.responder_type == UNIT for option in OPTIONS])
AT = np.array([option.post_id for option in OPTIONS])
TODAY = Deployment.of("today", {Option(UNIT, "A", DAY): 2, Option(CALL, "C", ALWAYS): 1})


@pytest.fixture(scope="module")
def mixed() -> Program:
    return load_program("mixed")


def posts(**at_most: int) -> Posts:
    names = ["A", "B", "C"]
    frame = pd.DataFrame(
        {
            "post_id": names,
            "name": names,
            "kind": "station",
            "x": 0.0,
            "y": 0.0,
            "snap_m": 0.0,
            "node": np.arange(3, dtype=np.int32),
            "at_most": pd.array([at_most.get(name, pd.NA) for name in names], dtype="Int64"),
        }
    )
    return Posts(frame, "EPSG:32618", pd.DataFrame())


def table() -> ResponseTable:
    """Three cells of two columns.

    2 and 3 calls a week in the second, whose class counts double, 5 in the first.
    """
    cells = DemandCells(
        node=np.array([0, 1, 1], dtype=np.int32),
        call_class=np.array([0, 1, 1], dtype=np.int16),
        period=np.zeros(3, dtype=np.int16),
        district=np.full(3, -1, dtype=np.int32),
        calls_per_week=np.array([5.0, 2.0, 3.0]),
        calls=np.array([50, 20, 30]),
        class_names=("crisis_low", "crisis_high"),
        class_weight=np.array([1.0, 2.0]),
        periods=(Period("always", WeekHours.parse("always")),),
        weeks=10.0,
    )
    response = np.arange(len(OPTIONS) * 2, dtype=np.float32).reshape(-1, 2) * 60 + 60
    response[0, 1] = np.inf
    return ResponseTable(
        options=OPTIONS,
        cells=cells,
        column=np.array([0, 1, 1], dtype=np.int32),
        response_s=response,
        group=np.zeros(len(OPTIONS), dtype=np.int32),
        serves=np.ones((1, 2), dtype=np.bool_),
        column_node=np.array([0, 1], dtype=np.int32),
        fallback_s=3600.0,
    )


def stated(
    program: Program, limits: Mapping[str, object], today: Deployment | None = None, **at_most: int
) -> Problem:
    return problem_from(table(), program, posts(**at_most), Limits(**limits), today=today)


def only(problem: Problem) -> Limit:
    (limit,) = problem.limits
    return limit


def by_option(limit: Limit) -> dict[tuple[str, str, str], float]:
    return {tuple(o): c for o, c in zip(OPTIONS, limit.coefficients.tolist(), strict=True) if c}


def test_what_is_not_a_limit_is_taken_over(mixed: Program) -> None:
    given = table()
    problem = problem_from(given, mixed, posts(), Limits(), busy_share={CALL: 0.2})
    assert problem.response_s is given.response_s
    assert problem.weight.tolist() == [5.0, 10.0]
    assert problem.fallback_s == 3600.0
    assert problem.type_names == (UNIT, CALL)
    assert problem.option_type.tolist() == np.where(UNITS, 0, 1).tolist()
    assert problem.option_names[0] == "co_responder_unit / A / day_10h"
    assert problem.busy_share.tolist() == [0.0, 0.2]
    assert problem.limits == ()
    assert problem.moves_at_most is None
    assert (problem.most >= 1000).all()


def test_units_and_at_least_count_responders_of_a_type(mixed: Program) -> None:
    limit = only(stated(mixed, {"units": {UNIT: 4}}))
    assert limit.coefficients.tolist() == UNITS.astype(float).tolist()
    assert (limit.at_least, limit.at_most) == (None, 4)
    limit = only(stated(mixed, {"at_least": {CALL: 2}}))
    assert limit.coefficients.tolist() == (~UNITS).astype(float).tolist()
    assert (limit.at_least, limit.at_most) == (2, None)


def test_units_also_bound_each_option(mixed: Program) -> None:
    problem = stated(mixed, {"units": {UNIT: 4, CALL: 0}})
    assert problem.most.tolist() == np.where(UNITS, 4, 0).tolist()


def test_roles_count_people_on_the_roster(mixed: Program) -> None:
    """10 h x 7 days need 70 x 365.25 / 7 = 3,652.5 h a year of each role.

    One person works 1,698.
    """
    limit = only(stated(mixed, {"roles": {"officer": 7}}))
    assert limit.unit == "people"
    assert (limit.at_least, limit.at_most) == (None, 7)
    assert limit.coefficients == pytest.approx(np.where(UNITS, 3652.5 / 1698, 0.0))
    limit = only(stated(mixed, {"roles": {"clinician": 7}}))
    assert limit.coefficients == pytest.approx(np.where(UNITS, 3652.5, 168 * 365.25 / 7) / 1698)


def test_staff_hours_are_hours_on_duty_times_crew(mixed: Program) -> None:
    limit = only(stated(mixed, {"staff_hours_per_week": 500}))
    assert limit.coefficients.tolist() == np.where(UNITS, 2 * 70, 168).tolist()
    assert limit.at_most == 500
    assert limit.unit == "staff hours a week"


def test_the_budget_counts_staff_overhead_and_vehicle(mixed: Program) -> None:
    """Units: $85 + $58 an hour with 1.15 / 9 for supervision and 8%, and $8.

    On call: $5, a call-out a day at 2 h x 1.5, $1.
    """
    over = 1 + 1.15 / 9 + 0.08
    unit = 3652.5 * ((85 + 58) * over + 8)
    hours = 168 * 365.25 / 7
    on_call = (hours * 5 + 365.25 * 2 * 1.5 * 58) * over + hours * 1
    limit = only(stated(mixed, {"budget_per_year": 2_000_000}))
    assert limit.coefficients == pytest.approx(np.where(UNITS, unit, on_call))
    # tightened to what whole responders can cost: no deployment spends what lies between
    whole = [a * unit + b * on_call for a in range(5) for b in range(60)]
    most = max(cost for cost in whole if cost <= 2_000_000)
    # half a cent a responder is left for rounding, of a thousand responders at most
    assert most <= limit.at_most <= most + 5.01
    assert limit.name == "budget: at most $2,000,000 a year"
    assert limit.unit == "dollars a year"
    assert option_costs(OPTIONS, mixed) == pytest.approx(limit.coefficients)


def test_most_at_a_post_counts_all_types_and_the_tighter_of_two_caps_holds(mixed: Program) -> None:
    problem = stated(mixed, {"max_per_post": 2}, A=1, B=5)
    bounds = {limit.name[5]: limit.at_most for limit in problem.limits}
    assert bounds == {"A": 1, "B": 2, "C": 2}
    for limit in problem.limits:
        assert limit.coefficients.tolist() == (limit.name[5] == AT).astype(float).tolist()
        assert limit.at_least is None
    assert problem.most.tolist() == [bounds[post] for post in AT]


def test_a_posts_own_cap_holds_without_a_limit(mixed: Program) -> None:
    problem = stated(mixed, {}, B=1)
    limit = only(problem)
    assert limit.coefficients.tolist() == (AT == "B").astype(float).tolist()
    assert limit.at_most == 1
    assert problem.most.tolist() == [1 if post == "B" else 1000 for post in AT]


def test_posts_that_must_get_somebody_of_any_type(mixed: Program) -> None:
    problem = stated(mixed, {"posts_must": ("C",)})
    limit = only(problem)
    assert limit.coefficients.tolist() == (AT == "C").astype(float).tolist()
    assert (limit.at_least, limit.at_most) == (1, None)
    assert (problem.most > 0).all()


@pytest.mark.parametrize(
    ("limits", "usable"),
    [
        ({"posts_not": ("B",)}, "AC"),
        ({"posts_may": ("B",)}, "B"),
        ({"posts_may": ("B",), "posts_must": ("C",)}, "BC"),
        ({"posts_may": ("A", "B"), "posts_not": ("B",)}, "A"),
    ],
)
def test_posts_that_may_not_get_nobody(
    mixed: Program, limits: Mapping[str, object], usable: str
) -> None:
    problem = stated(mixed, limits)
    assert sorted(set(AT[problem.most > 0])) == list(usable)


def test_keep_today_is_a_lower_bound_on_each_option_in_place(mixed: Program) -> None:
    problem = stated(mixed, {"keep_today": True}, TODAY)
    found = [(by_option(limit), limit.at_least, limit.at_most) for limit in problem.limits]
    assert found == [({(UNIT, "A", DAY): 1.0}, 2, None), ({(CALL, "C", ALWAYS): 1.0}, 1, None)]


def test_today_alone_limits_nothing(mixed: Program) -> None:
    problem = stated(mixed, {}, TODAY)
    assert problem.limits == ()
    assert problem.moves_at_most is None


def test_moves_count_who_leaves_and_not_who_comes(mixed: Program) -> None:
    problem = stated(mixed, {"moves_at_most": 1}, TODAY)
    assert problem.moves_at_most == 1
    assert problem.today is not None
    a, c = OPTIONS.index(Option(UNIT, "A", DAY)), OPTIONS.index(Option(CALL, "C", ALWAYS))
    expected = np.zeros(len(OPTIONS), dtype=np.int64)
    expected[[a, c]] = (2, 1)
    assert problem.today.tolist() == expected.tolist()
    for change, kept in (
        ((0, 0), True),
        ((-1, 0), True),
        ((-1, 3), True),
        ((-1, -1), False),
        ((-2, 0), False),
    ):
        counts = expected.copy()
        counts[[a, c]] += change
        counts[3] += 5
        assert problem.keeps_today(counts) is kept
        assert (problem.broken_limits(counts) == []) is kept


def test_a_deployment_is_told_every_limit_that_it_breaks(mixed: Program) -> None:
    problem = stated(mixed, {"units": {UNIT: 1}, "posts_must": ("C",), "moves_at_most": 0}, TODAY)
    counts = np.zeros(len(OPTIONS), dtype=np.int64)
    counts[[o for o, option in enumerate(OPTIONS) if option[:2] == (UNIT, "B")]] = 1
    assert problem.broken_limits(counts) == [
        "Co-responder unit: at most 1",
        "post C: must be used",
        "moves: at most 0",
    ]
    counts[:] = 0
    counts[0] = 2
    assert "most of an option" in problem.broken_limits(counts)


def test_a_limit_met_to_the_cent_is_kept() -> None:
    cost = np.array([1_234_567.1, 0.7])
    assert Limit("budget", cost, at_most=3 * 1_234_567.1 + 2 * 0.7).holds(np.array([3, 2]))
    assert not Limit("budget", cost, at_most=3 * 1_234_567.1).holds(np.array([3, 10]))
    assert Limit("tenths", np.array([0.1]), at_least=0.3, at_most=0.3).holds(np.array([3]))


def test_the_plan_keeps_every_limit_of_a_study(mixed: Program) -> None:
    limits = {
        "units": {UNIT: 3},
        "at_least": {CALL: 1},
        "roles": {"clinician": 13},
        "budget_per_year": 1_400_000,
        "max_per_post": 2,
        "posts_must": ("B",),
        "posts_not": ("C",),
    }
    problem = stated(mixed, limits)
    solution = solve(problem, MeanTime())
    assert solution.status is Status.PROVEN
    plan = {option: int(k) for option, k in zip(OPTIONS, solution.counts, strict=True) if k}
    units = sum(k for option, k in plan.items() if option.responder_type == UNIT)
    on_call = sum(k for option, k in plan.items() if option.responder_type == CALL)
    assert units <= 3
    assert on_call >= 1
    assert (units * 3652.5 + on_call * 168 * 365.25 / 7) / 1698 <= 13
    assert units * 3652.5 * 162.44 + on_call * 168 * 365.25 / 7 * 6.4 <= 1_400_000
    for post in "ABC":
        here = sum(k for option, k in plan.items() if option.post_id == post)
        assert {"A": here <= 2, "B": 1 <= here <= 2, "C": here == 0}[post]


# ---- what is refused ----


def test_every_unknown_name_is_in_one_message(mixed: Program) -> None:
    limits = Limits(
        units={"helicopter": 1},
        at_least={"horse": 1},
        roles={"wizard": 2},
        posts_must=("nowhere", "A"),
        posts_may=("elsewhere",),
        posts_not=("overthere", "A"),
        keep_today=True,
    )
    with pytest.raises(InputError) as caught:
        problem_from(table(), mixed, posts(), limits)
    message = str(caught.value)
    for name in ("helicopter", "horse", "wizard", "nowhere", "elsewhere", "overthere"):
        assert message.count(repr(name)) == 1
    for key in ("units", "at_least", "roles", "posts_must", "posts_may", "posts_not", "keep_today"):
        assert f"limits.{key}" in message
    assert "'A' is also in posts_not" in message
    assert "there are: co_responder_unit, on_call_clinician" in message
    assert "there are: A, B, C" in message
    assert message.startswith("limits: 8 faults")


@pytest.mark.parametrize("key", ["units", "at_least"])
def test_counts_below_zero_are_refused(mixed: Program, key: str) -> None:
    with pytest.raises(InputError, match="co_responder_unit = -1 is below 0"):
        check_limits(Limits(**{key: {UNIT: -1}}), mixed, posts(), None)


@pytest.mark.parametrize("limits", [{"keep_today": True}, {"moves_at_most": 0}])
def test_limits_on_today_need_today(mixed: Program, limits: Mapping[str, object]) -> None:
    with pytest.raises(InputError, match="today's deployment is not in the study"):
        check_limits(Limits(**limits), mixed, posts(), None)
    check_limits(Limits(**limits), mixed, posts(), TODAY)


def test_limits_without_a_fault_pass(mixed: Program) -> None:
    limits = Limits(
        units={UNIT: 0},
        at_least={CALL: 1},
        roles={"clinician": 3, "officer": 0},
        posts_must=("A",),
        posts_not=("B",),
    )
    check_limits(limits, mixed, posts(), None)


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"weight": np.array([1.0, 0.0])}, "weights must be above 0"),
        ({"weight": np.array([1.0, np.nan])}, "weights must be above 0"),
        ({"weight": np.ones(3)}, "wrong shape of weight"),
        ({"response_s": np.array([[1, np.nan], [2, 3]], dtype=np.float32)}, "response times"),
        ({"response_s": np.array([[1, -1], [2, 3]], dtype=np.float32)}, "response times"),
        ({"busy_share": np.array([1.0])}, "busy shares"),
        ({"busy_share": np.array([-0.1])}, "busy shares"),
        ({"busy_share": np.array([np.nan])}, "busy shares"),
        ({"busy_share": np.array([0.1, 0.2])}, "wrong shape of busy_share"),
        ({"fallback_s": 0.0}, "fallback"),
        ({"fallback_s": np.inf}, "fallback"),
        ({"most": np.array([1, -1])}, "most of an option"),
        ({"most": np.array([1])}, "wrong shape of most"),
        ({"option_type": np.zeros(3, dtype=np.int64)}, "wrong shape of option_type"),
        ({"limits": (Limit("short", np.ones(1), at_most=1),)}, "wrong shape of limits"),
        ({"moves_at_most": 1}, "today's counts"),
        ({"moves_at_most": 1, "today": np.zeros(3, dtype=np.int64)}, "today's counts"),
    ],
)
def test_a_problem_that_makes_no_sense_is_refused(change: Mapping[str, object], match: str) -> None:
    sound = {
        "response_s": np.array([[1, np.inf], [2, 3]], dtype=np.float32),
        "weight": np.ones(2),
        "fallback_s": 10.0,
        "option_type": np.zeros(2, dtype=np.int64),
        "option_names": ("a", "b"),
        "type_names": ("t",),
        "busy_share": np.array([0.0]),
        "most": np.ones(2, dtype=np.int64),
    }
    Problem(**sound)
    with pytest.raises(InputError, match=match):
        Problem(**(sound | change))
