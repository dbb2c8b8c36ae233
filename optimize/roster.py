"""A roster: a cycle of weeks that shows that a plan's shifts can be worked by the people it has.

All people of a group walk the same line of weeks, each one week behind the next: with as many weeks
as people, every week of the line is somebody's in every week of the calendar. So a line that has
each duty once covers each duty always, and all people get the same nights and weekends.

Baker, K. R. (1976), Workforce allocation in cyclical scheduling problems, Operational Research
Quarterly 27(1), 155-167, is where such cycles are from.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import pulp

from coresponse.optimize.highs_master import any_solution
from coresponse.optimize.roster_repair import repaired_line
from coresponse.optimize.roster_rules import DAYS, RosterDuty, RosterRules

# People that are added, one by one, to find how many would do.
FURTHER_PEOPLE = 6

# The same for those who cannot wait.
AT_ONCE = 2


class RosterStatus(StrEnum):
    """How a search for a line ended."""

    FOUND = "found"
    IMPOSSIBLE = "no line of so many weeks keeps the rules"
    NOT_FOUND = "none was found in the time given"


_STATUS = {
    "feasible": RosterStatus.FOUND,
    "infeasible": RosterStatus.IMPOSSIBLE,
    "nothing": RosterStatus.NOT_FOUND,
}


@dataclass(frozen=True)
class Line:
    """A line of weeks, and how it was found.

    Attributes
    ----------
    weeks
        The duties of each week, by day; as many weeks as people walk it. Empty if none was found.
    cure
        What would do, where the people that there are cannot keep the rules; empty if they can.
    rules
        That the line keeps: the program's, or with the cure's change.
    """

    status: RosterStatus
    weeks: tuple[tuple[RosterDuty, ...], ...]
    rules: RosterRules
    cure: str = ""

    @property
    def people(self) -> int:
        """People who walk it."""
        return len(self.weeks)


def find_line(
    wanted: Mapping[RosterDuty, int],
    people: int,
    at_least: int,
    rules: RosterRules,
    *,
    seconds: float = 60.0,
    by_repair_alone: bool = False,
) -> Line:
    """Find a line of weeks, of as few people as can be, or the smallest cure.

    For each number of people :func:`repaired_line` is tried first, in a hundredth of the time, and
    the integer program where it finds none.

    Parameters
    ----------
    wanted
        Seats of each duty of the week.
    people
        That there are.
    at_least
        Whom the hours take: no line of fewer weeks is looked for.
    seconds
        For each number of people.
    by_repair_alone
        Try no integer program, and name no cure: for those who cannot wait.

    Returns
    -------
    Line
        With the least people up to `people`; else with more people, if up to :data:`FURTHER_PEOPLE`
        more do; else with one rule given up as little as does.
    """
    if by_repair_alone:
        return _repaired(wanted, people, at_least, rules)
    last = RosterStatus.IMPOSSIBLE
    for n in range(max(1, at_least), max(people, at_least) + FURTHER_PEOPLE + 1):
        status, weeks = _line_of(wanted, n, rules, seconds)
        if weeks:
            more = n - people
            cure = f"{more} more {'person' if more == 1 else 'people'}" if more > 0 else ""
            return Line(status, weeks, rules, cure)
        last = status
    for cure, softer in _softer(rules):
        status, weeks = _line_of(wanted, max(people, at_least, 1), softer, seconds)
        if weeks:
            return Line(status, weeks, softer, cure)
    return Line(last, (), rules, "shorter shifts, or fewer hours: no single rule is in the way")


def _repaired(
    wanted: Mapping[RosterDuty, int], people: int, at_least: int, rules: RosterRules
) -> Line:
    first = max(1, at_least)
    for n in range(first, min(people, first + AT_ONCE) + 1):
        if weeks := repaired_line(wanted, n, rules):
            return Line(RosterStatus.FOUND, weeks, rules)
    return Line(RosterStatus.NOT_FOUND, (), rules)


def _line_of(
    wanted: Mapping[RosterDuty, int], people: int, rules: RosterRules, seconds: float
) -> tuple[RosterStatus, tuple[tuple[RosterDuty, ...], ...]]:
    if weeks := repaired_line(wanted, people, rules):
        return RosterStatus.FOUND, weeks
    return solve_line(wanted, people, rules, seconds=seconds)


def solve_line(
    wanted: Mapping[RosterDuty, int], people: int, rules: RosterRules, *, seconds: float = 60.0
) -> tuple[RosterStatus, tuple[tuple[RosterDuty, ...], ...]]:
    """Find a line of as many weeks as people, by an integer program.

    Sets: weeks w of the line (as many as people), duties d of a week. Variables: x[w, d] = 1 if
    week w has duty d; off[w] = 1 if the weekend of week w is free. Constraints: each duty is in as
    many weeks as it has seats; one duty a day; two duties of following days leave `rest_h` between
    them, from Sunday of a week to Monday of the next, from the last week to the first; no more than
    `days_in_a_row` days with duty; no more than `hours_a_week` in a week; so many weekends free. No
    objective: every line that keeps the rules does.

    Returns
    -------
    status
        Found; proven impossible; or the time was over.
    weeks
        Duties by week; empty if none was found.
    """
    kinds = sorted(duty for duty, seats in wanted.items() if seats)
    lp = pulp.LpProblem("roster", pulp.LpMinimize)
    x = {
        (w, duty): lp.add_variable(f"x{w}_{k}", 0, 1, pulp.LpBinary)
        for w in range(people)
        for k, duty in enumerate(kinds)
    }
    for duty in kinds:
        lp += pulp.lpSum(x[w, duty] for w in range(people)) == wanted[duty]
    by_day = [[duty for duty in kinds if duty.day == day] for day in range(DAYS)]
    works = [pulp.lpSum(x[w, d] for d in by_day[day]) for w in range(people) for day in range(DAYS)]
    for on_duty in works:
        lp += on_duty <= 1
    _keep_rest(lp, x, by_day, people, rules.rest_h)
    most = rules.days_in_a_row
    if most < len(works):
        for first in range(len(works)):
            row = [works[(first + k) % len(works)] for k in range(most + 1)]
            lp += pulp.lpSum(row) <= most
    for w in range(people):
        lp += pulp.lpSum(d.length * x[w, d] for d in kinds) <= rules.hours_a_week
    off = [lp.add_variable(f"off{w}", 0, 1, pulp.LpBinary) for w in range(people)]
    for w in range(people):
        for day in (5, 6):
            lp += off[w] + works[w * DAYS + day] <= 1
    lp += pulp.lpSum(off) >= rules.weekends_off(people)
    said, on = any_solution(lp, list(x.values()), seconds)
    status = _STATUS[said]
    if status is not RosterStatus.FOUND:
        return status, ()
    works_on = dict(zip(x, on > 0.5, strict=True))
    weeks = tuple(tuple(duty for duty in kinds if works_on[w, duty]) for w in range(people))
    return status, weeks


def _keep_rest(
    lp: pulp.LpProblem,
    x: Mapping[tuple[int, RosterDuty], pulp.LpVariable],
    by_day: Sequence[Sequence[RosterDuty]],
    people: int,
    rest_h: float,
) -> None:
    """Shut out a duty on the day after one that ends too late for it: one row for all that are too early."""
    for w in range(people):
        for day in range(DAYS):
            week = w if day < DAYS - 1 else (w + 1) % people
            for duty in by_day[day]:
                early = [
                    x[week, after]
                    for after in by_day[(day + 1) % DAYS]
                    if 24 + after.start - duty.start - duty.length < rest_h
                ]
                if early:
                    lp += x[w, duty] + pulp.lpSum(early) <= 1


def _softer(rules: RosterRules) -> list[tuple[str, RosterRules]]:
    """Return the rules with one of them given up, a little before a lot."""
    return [
        *(
            (
                f"weekends off: {share:.0%} in place of {rules.weekends_off_share:.0%}",
                replace(rules, weekends_off_share=share),
            )
            for share in (rules.weekends_off_share / 2, 0.0)
            if rules.weekends_off_share
        ),
        *(
            (f"up to {days} days in a row", replace(rules, days_in_a_row=days))
            for days in (rules.days_in_a_row + 1, rules.days_in_a_row + 2)
        ),
        *(
            (f"{rest:g} h of rest in place of {rules.rest_h:g}", replace(rules, rest_h=rest))
            for rest in (rules.rest_h - 1, rules.rest_h - 2)
            if rest >= 0
        ),
        (
            f"up to {rules.hours_a_week + 12:g} h in a week",
            replace(rules, hours_a_week=rules.hours_a_week + 12),
        ),
    ]
