"""The people that a deployment takes, added up by hand."""

from __future__ import annotations

from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coresponse.data.errors import InputError
from coresponse.data.options import Deployment, Option
from coresponse.data.programs.cost import staff_needed
from coresponse.data.programs.load import load_program
from coresponse.data.programs.model import Program
from coresponse.data.programs.people import people_of, to_hire
from coresponse.data.toml import check_model
from coresponse.questions.roster import roster

MIXED = load_program("mixed")


def stated(**roles: dict[str, float]) -> Program:
    content = MIXED.model_dump(by_alias=True)
    for name, figures in roles.items():
        for key, value in figures.items():
            content["crew_roles"][name][key] = value
    return check_model(content, Program, subject="mixed")


def units(**counts: int) -> Deployment:
    """Responders of the mixed program by shift pattern; those around the clock are on call."""
    return Deployment.of(
        "plan",
        {
            Option(
                "on_call_clinician" if shift == "always" else "co_responder_unit", "P1", shift
            ): count
            for shift, count in counts.items()
        },
    )


def test_one_seat_around_the_clock_takes_five_people_and_a_sixth_who_learns() -> None:
    people = people_of(MIXED, units(always=1))
    (clinician,) = people.roles
    # 8,766 h a year (leap years counted): over 2,080 paid hours 4.21, over 1,698 of presence 5.16
    assert clinician.hours_per_week == clinician.standby_h_per_week == 168
    assert clinician.fte_on_duty == pytest.approx(8766 / 2080)
    assert clinician.fte_with_leave == pytest.approx(8766 / 1698)
    assert clinician.positions == pytest.approx(8766 / 1698)
    # a fifth leaves each year, and the new one is on the street after two months
    assert clinician.leavers_per_year == pytest.approx(0.2 * 8766 / 1698)
    assert clinician.onboarding == pytest.approx(0.2 * 8766 / 1698 * 2 / 12)
    assert clinician.training_h_per_year == pytest.approx(0.2 * 8766 / 1698 * 40)
    assert (clinician.people_on_duty, clinician.people, people.supervisors) == (5, 6, 1)


def test_a_week_of_forty_hours_is_one_person_s() -> None:
    """2,080 paid hours are 52 weeks of 40 h: the year's further day takes no second person."""
    week = MIXED.model_copy(
        update={
            "responder_types": {
                name: kind.model_copy(update={"shift_patterns": ("weekdays_8h",)})
                for name, kind in MIXED.responder_types.items()
            }
        }
    )
    plan = Deployment.of("plan", {Option("co_responder_unit", "P1", "weekdays_8h"): 1})
    people = people_of(week, plan)
    assert [(role.people_on_duty, role.people) for role in people.roles] == [(1, 2), (1, 2)]
    found = roster(week, plan)
    assert found.found
    assert [(group.line.people, group.relief) for group in found.groups] == [(1, 1), (1, 1)]


@pytest.mark.parametrize(
    ("where", "value", "said"),
    [
        ("crew_roles.clinician.cost_per_hour", -5, "cost_per_hour must be from 0 to 100,000"),
        ("crew_roles.clinician.cost_per_hour", 1e308, "cost_per_hour must be from 0 to"),
        ("crew_roles.clinician.standby_per_hour", 1e300, "standby_per_hour must be from 0 to"),
        ("crew_roles.clinician.training_h", 1e300, "training_h must be from 0 to 8,784"),
        ("productive_hours_per_year", 0, "productive_hours_per_year must be from 100 to 8,784"),
        ("productive_hours_per_year", 1e9, "productive_hours_per_year must be from 100"),
        ("staffing.paid_hours_per_year", 1, "paid_hours_per_year must be from 100"),
        ("staffing.people_per_supervisor", 1e-9, "people_per_supervisor must be from 1"),
        ("staffing.supervisor_pay_factor", 1e12, "supervisor_pay_factor must be from 1 to 10"),
        ("shift_patterns.day_10h.relief_factor", 1e9, "relief_factor must be 1 or more, at most"),
        ("responder_types.co_responder_unit.start_up", 1e300, "start_up must be from 0 to"),
        ("responder_types.co_responder_unit.vehicle_per_hour", -1, "vehicle_per_hour must be from"),
        ("responder_types.co_responder_unit.overhead_share", -2, "overhead_share must be from 0"),
    ],
)
def test_prices_and_hours_that_nobody_means_are_refused(
    where: str, value: float, said: str
) -> None:
    content = MIXED.model_dump(by_alias=True)
    *way, last = where.split(".")
    branch = content
    for part in way:
        branch = branch[part]
    branch[last] = value
    with pytest.raises(InputError, match=said):
        check_model(content, Program, subject="mixed")


def test_empty_positions_are_funded_beyond_those_that_are_filled() -> None:
    program = stated(clinician={"vacancy_share": 0.6, "turnover_share": 0.0})
    (clinician,) = people_of(program, units(always=1)).roles
    assert clinician.positions == pytest.approx(8766 / 1698 / 0.4)
    assert clinician.vacant == pytest.approx(8766 / 1698 / 0.4 * 0.6)
    assert clinician.positions - clinician.vacant == pytest.approx(clinician.fte_with_leave)
    assert (clinician.onboarding, clinician.people) == (0, 13)


def test_each_role_is_rounded_up_by_itself() -> None:
    people = people_of(MIXED, units(day_10h=1, always=1))
    officer, clinician = people.roles
    day = 70 * 8766 / 168 / 1698
    assert officer.positions == pytest.approx(day)
    assert clinician.positions == pytest.approx(day + 8766 / 1698)
    assert officer.people == ceil(day * (1 + 0.2 / 6)) == 3
    assert clinician.people == 8
    assert [(seat.crew_role, seat.seats, seat.hours) for seat in people.shifts] == [
        ("officer", 1, "daily 06:00-16:00"),
        ("clinician", 1, "daily 06:00-16:00"),
        ("clinician", 1, "always"),
    ]
    assert [seat.standby for seat in people.shifts] == [False, False, True]


def test_whom_to_hire_is_what_the_plan_has_beyond_today() -> None:
    today, plan = people_of(MIXED, units(day_10h=2)), people_of(MIXED, units(day_10h=1, always=2))
    hire = to_hire(plan, today)
    officers, clinicians = (
        plan.of(role).people - today.of(role).people  # type: ignore[union-attr]
        for role in ("officer", "clinician")
    )
    assert hire.fewer == {"officer": -officers, "clinician": 0}
    assert hire.on_duty["clinician"] + hire.for_leave["clinician"] == clinicians
    assert to_hire(plan, None).fewer == {"officer": 0, "clinician": 0}
    gone = to_hire(people_of(MIXED, units()), today)
    assert gone.fewer == {role.crew_role: role.people for role in today.roles}


@given(
    st.dictionaries(st.sampled_from(["day_10h", "late_10h", "always"]), st.integers(1, 9)),
    st.dictionaries(st.sampled_from(["day_10h", "late_10h", "always"]), st.integers(1, 9)),
    st.floats(0, 0.9),
)
def test_people_add_up_whatever_is_in_place(
    mine: dict[str, int], theirs: dict[str, int], vacancy: float
) -> None:
    program = stated(clinician={"vacancy_share": vacancy})
    plan, today = people_of(program, units(**mine)), people_of(program, units(**theirs))
    for role in plan.roles:
        need = sum(
            count * staff_needed(program, o.responder_type, o.shift_pattern).get(role.crew_role, 0)
            for o, count in units(**mine).counts
        )
        assert role.positions == pytest.approx(need)
        assert role.people_on_duty <= role.people
        assert role.positions + role.onboarding <= role.people + 1e-6
        assert role.people < role.positions + role.onboarding + 1
        mine_seats = [seat for seat in plan.shifts if seat.crew_role == role.crew_role]
        assert role.seats == sum(seat.seats for seat in mine_seats)
        assert role.hours_per_week == pytest.approx(sum(s.hours_per_week for s in mine_seats))
    hire = to_hire(plan, today)
    for name in hire.on_duty:
        now, then = (one.of(name) for one in (today, plan))
        change = (then.people if then else 0) - (now.people if now else 0)
        assert hire.on_duty[name] + hire.for_leave[name] - hire.fewer[name] == change
        assert min(hire.on_duty[name], hire.for_leave[name], hire.fewer[name]) >= 0


@pytest.mark.parametrize(
    ("figures", "said"),
    [
        ({"turnover_share": 1.0}, "turnover_share must be in"),
        ({"onboarding_months": -1}, "onboarding_months must be 0 or more"),
        ({"turnover_share": 0.9, "onboarding_months": 14}, "nobody would be on the street"),
    ],
)
def test_what_nobody_could_staff_is_refused(figures: dict[str, float], said: str) -> None:
    with pytest.raises(InputError, match=said):
        stated(clinician=figures)


@pytest.mark.parametrize(
    ("rule", "value", "said"),
    [
        ("rest_h", 13, "rest_h must be from 0 to 12"),
        ("most_days_in_a_row", 0, "must be 1 or more"),
        ("most_hours_a_week", 0, "must be 1 or more"),
        ("weekends_off_share", 1.5, "weekends_off_share must be in"),
    ],
)
def test_rules_of_a_roster_that_nobody_could_keep_are_refused(
    rule: str, value: float, said: str
) -> None:
    content = MIXED.model_dump(by_alias=True)
    content["staffing"][rule] = value
    with pytest.raises(InputError, match=said):
        check_model(content, Program, subject="mixed")
