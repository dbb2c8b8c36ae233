"""Rosters, held against code that shares nothing with their model: hour by hour, person by person."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coresponse.data.hours import WeekHours
from coresponse.data.options import Deployment, Option
from coresponse.data.programs.load import load_program
from coresponse.data.programs.model import Program
from coresponse.data.programs.people import people_of
from coresponse.optimize.roster import Line, RosterStatus, find_line, solve_line
from coresponse.optimize.roster_repair import repaired_line
from coresponse.optimize.roster_rules import RosterDuty, RosterRules, duties
from coresponse.questions.roster import roster

RULES = RosterRules(rest_h=10, days_in_a_row=5, hours_a_week=48, weekends_off_share=0.25)
LIBRARY = load_program("mixed").shift_patterns


def library() -> Program:
    """The mixed program, whose units may be on duty on any pattern that ships."""
    program = load_program("mixed")
    kinds = {
        name: kind.model_copy(update={"shift_patterns": tuple(LIBRARY)})
        for name, kind in program.responder_types.items()
    }
    return program.model_copy(update={"responder_types": kinds})


def walked(line: Line) -> list[list[tuple[int, int]]]:
    """Start and end, in hours, of each person's duties over two cycles."""
    n = len(line.weeks)
    people = []
    for person in range(n):
        mine = []
        for week in range(2 * n):
            for day, start, length in line.weeks[(person + week) % n]:
                begin = week * 168 + day * 24 + start
                mine.append((begin, begin + length))
        people.append(sorted(mine))
    return people


def faults(line: Line, seats: np.ndarray, rules: RosterRules) -> list[str]:
    """What a line does not keep, by walking it: `seats` are those to fill in each hour of the week."""
    out = []
    n = len(line.weeks)
    on_duty = np.zeros(2 * n * 168 + 48, dtype=int)
    for mine in walked(line):
        for begin, end in mine:
            on_duty[begin:end] += 1
        if any(after - end < rules.rest_h for (_, end), (after, _) in pairwise(mine)):
            out.append("rest")
        days = sorted({begin // 24 for begin, _ in mine})
        if len(days) < len(mine):
            out.append("two duties a day")
        for k, first in enumerate(days):
            if (
                k + rules.days_in_a_row < len(days)
                and days[k + rules.days_in_a_row] == first + rules.days_in_a_row
            ):
                out.append("days in a row")
        hours = Counter(begin // 168 for begin, end in mine for _ in range(end - begin))
        if max(hours.values(), default=0) > rules.hours_a_week:
            out.append("hours a week")
        free = sum(not {7 * w + 5, 7 * w + 6} & set(days) for w in range(n))
        if free < rules.weekends_off_share * n - 1e-9:
            out.append("weekends")
    middle = on_duty[168 : (2 * n - 1) * 168] if n > 1 else on_duty[168:336]
    # the first hours of the first week are the last week's nights
    if any((part != seats).any() for part in middle.reshape(-1, 168)):
        out.append("seats of an hour")
    return out


def test_fifty_random_plans_can_be_worked_as_their_roster_says() -> None:
    program = library()
    chances = random.Random(4)
    names = [name for name in LIBRARY if not name.startswith("on_call")]
    cured = 0
    for _ in range(50):
        counts = Counter(
            Option(
                chances.choice(["co_responder_unit", "on_call_clinician"]),
                f"P{chances.randint(1, 4)}",
                chances.choice(names),
            )
            for _ in range(chances.randint(1, 7))
        )
        deployment = Deployment.of("plan", counts)
        found = roster(program, deployment)
        staff = people_of(program, deployment)
        for group in found.groups:
            seats = np.zeros(168, dtype=int)
            for option, count in counts.items():
                kind = program.responder_types[option.responder_type]
                call = kind.paid_as == "standby" and group.crew_role == "clinician"
                if call == group.standby:
                    mask = LIBRARY[option.shift_pattern].hours.mask()
                    seats += count * kind.crew.get(group.crew_role, 0) * mask.astype(int)
            assert group.line.weeks, group.line
            assert not faults(group.line, seats, group.line.rules), (counts, group.line)
            cured += bool(group.line.cure)
            if not group.line.cure:
                assert group.line.rules == RosterRules.of(program.staffing)
        for role in staff.roles:
            mine = [group for group in found.groups if group.crew_role == role.crew_role]
            if not any(group.line.cure for group in mine):
                lines = sum(group.line.people for group in mine)
                assert lines + mine[0].relief == role.people
    assert cured < 25


@given(st.sets(st.integers(0, 167), max_size=168))
def test_duties_are_the_hours_of_a_seat_once_each(hours: set[int]) -> None:
    split = duties(WeekHours.of(hours))
    worked = Counter((d.day * 24 + d.start + k) % 168 for d in split for k in range(d.length))
    assert set(worked) == hours
    assert set(worked.values()) <= {1}
    assert all(0 < duty.length <= 12 for duty in split)


def test_around_the_clock_is_two_duties_of_twelve_hours() -> None:
    split = duties(WeekHours.parse("always"))
    assert len(split) == 14
    assert {(d.start, d.length) for d in split} == {(7, 12), (19, 12)}


def test_what_cannot_be_is_proven_and_cured_by_people() -> None:
    seat = dict.fromkeys(duties(WeekHours.parse("always")), 1)
    # 168 hours: two people would have 84 each, three 56
    for people in (1, 2, 3):
        assert solve_line(seat, people, RULES) == (RosterStatus.IMPOSSIBLE, ())
    line = find_line(seat, 2, 1, RULES)
    assert line.weeks
    assert line.cure == f"{line.people - 2} more people"
    assert not faults(line, np.ones(168, dtype=int), RULES)


def test_a_rule_is_given_up_where_no_people_would_do() -> None:
    seat = dict.fromkeys(duties(WeekHours.parse("Sat, Sun 08:00-18:00")), 1)
    never = replace(RULES, weekends_off_share=1.0)
    line = find_line(seat, 2, 1, never)
    assert line.cure == "weekends off: 50% in place of 100%"
    assert line.rules.weekends_off_share == 0.5


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        ((((RosterDuty(0, 14, 10), RosterDuty(1, 7, 10)),)), "rest"),
        ((tuple(RosterDuty(day, 8, 8) for day in range(6)),), "days in a row"),
        ((tuple(RosterDuty(day, 8, 12) for day in range(5)),), "hours a week"),
        (((RosterDuty(5, 8, 8),),), "weekends"),
    ],
)
def test_the_check_itself_finds_what_is_wrong(
    broken: tuple[tuple[RosterDuty, ...], ...], said: str
) -> None:
    weeks = (
        broken
        if isinstance(broken[0], tuple) and broken[0] and isinstance(broken[0][0], tuple)
        else (broken,)
    )
    line = Line(RosterStatus.FOUND, weeks, RULES)  # type: ignore[arg-type]
    assert said in faults(line, np.zeros(168, dtype=int), RULES)
    assert "seats of an hour" in faults(line, np.zeros(168, dtype=int), RULES)


def test_the_same_plan_gives_the_same_roster() -> None:
    wanted = dict.fromkeys(duties(WeekHours.parse("daily 13:00-23:00")), 3)
    assert find_line(wanted, 8, 6, RULES) == find_line(wanted, 8, 6, RULES)


def test_repair_finds_lines_that_keep_the_rules_where_the_integer_program_does() -> None:
    chances = random.Random(11)
    shifts = [duties(LIBRARY[name].hours) for name in ("day_10h", "late_10h", "night_12h")]
    shifts.append(duties(WeekHours.parse("always")))
    missed = 0
    for _ in range(12):
        wanted: Counter[RosterDuty] = Counter()
        for _ in range(chances.randint(1, 4)):
            wanted.update(chances.choice(shifts))
        seats = np.zeros(168, dtype=int)
        for duty, count in wanted.items():
            for hour in range(duty.length):
                seats[(duty.day * 24 + duty.start + hour) % 168] += count
        people = int(seats.sum() / 40) + chances.randint(0, 1)
        weeks = repaired_line(wanted, people, RULES)
        if weeks:
            assert not faults(Line(RosterStatus.FOUND, weeks, RULES), seats, RULES)
            assert repaired_line(wanted, people, RULES) == weeks
        else:
            missed += solve_line(wanted, people, RULES)[0] is RosterStatus.FOUND
    assert missed <= 1


def test_repair_alone_says_that_it_found_nothing_and_names_no_cure() -> None:
    seat = dict.fromkeys(duties(WeekHours.parse("always")), 1)
    line = find_line(seat, 3, 1, RULES, by_repair_alone=True)
    assert (line.status, line.weeks, line.cure) == (RosterStatus.NOT_FOUND, (), "")
    # a day with more seats than there are people, and rules that none can keep
    assert repaired_line({RosterDuty(0, 8, 8): 3}, 2, RULES) == ()
    assert repaired_line({RosterDuty(0, 8, 8): 1}, 1, replace(RULES, hours_a_week=6)) == ()
