"""Whether a deployment's shifts can be worked: a line of weeks for each crew role, on duty and on call apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil

from coresponse.data.hours import WeekHours
from coresponse.data.options import Deployment
from coresponse.data.programs.model import Program
from coresponse.data.programs.people import (
    SLACK,
    People,
    ShiftSeats,
    desk_people,
    people_for_week,
    people_of,
)
from coresponse.data.progress import Progress, silent
from coresponse.optimize.roster import Line, find_line
from coresponse.optimize.roster_rules import RosterDuty, RosterRules, duties


@dataclass(frozen=True)
class Group:
    """People of one crew role who walk one line, and the seats that they fill.

    Attributes
    ----------
    standby
        Whether they are on call.
    seats
        By duty: post, type and shift of each.
    line
        The weeks; empty if no line was found.
    relief
        People of the role beyond those on lines: they cover leave, sick days, training and
        turnover.
    desk
        Whether they sit at the phone.
    """

    crew_role: str
    standby: bool
    seats: dict[RosterDuty, tuple[ShiftSeats, ...]]
    line: Line
    relief: int
    desk: bool = False

    @property
    def hours_per_week(self) -> float:
        """Hours on duty of all of them."""
        return float(sum(duty.length * len(seats) for duty, seats in self.seats.items()))


@dataclass(frozen=True, eq=False)
class Roster:
    """A roster of a deployment.

    Attributes
    ----------
    program, deployment, people
        Whose.
    rules
        What everybody's weeks keep.
    groups
        By crew role, on duty before on call; the desk of clinicians on the phone last.
    """

    program: Program
    deployment: Deployment
    people: People
    rules: RosterRules
    groups: tuple[Group, ...]

    @property
    def found(self) -> bool:
        """Whether the people that the plan takes can work it."""
        return all(group.line.weeks and not group.line.cure for group in self.groups)


def roster(
    program: Program,
    deployment: Deployment,
    *,
    desk: Sequence[ShiftSeats] = (),
    seconds: float = 60.0,
    by_repair_alone: bool = False,
    progress: Progress = silent,
) -> Roster:
    """Find a roster of a deployment, by :func:`coresponse.optimize.roster.find_line`.

    Parameters
    ----------
    desk
        Seats of clinicians on the phone, whose people come beside the deployment's.
    seconds
        For each number of people of a role.
    by_repair_alone
        Find it at once or not at all.
    """
    people, rules = people_of(program, deployment), RosterRules.of(program.staffing)

    def line_of(seats: Mapping[RosterDuty, tuple[ShiftSeats, ...]], there: int) -> Line:
        wanted = {duty: len(at) for duty, at in seats.items()}
        hours = float(sum(duty.length * n for duty, n in wanted.items()))
        least = ceil(people_for_week(program, hours) - SLACK)
        return find_line(
            wanted, there, least, rules, seconds=seconds, by_repair_alone=by_repair_alone
        )

    groups: list[Group] = []
    for role in people.roles:
        left = role.people
        for standby in (False, True):
            progress("finding rosters", len(groups), 2 * len(people.roles))
            seats = _seats(program, people, role.crew_role, standby=standby)
            if not seats:
                continue
            line = line_of(seats, max(left, 0))
            left -= line.people
            groups.append(Group(role.crew_role, standby, seats, line, 0))
        # those who are left over relieve all lines of the role
        mine = [k for k, group in enumerate(groups) if group.crew_role == role.crew_role]
        for k in mine:
            groups[k] = replace(groups[k], relief=max(left, 0))
    if desk:
        seats = _by_duty((one, WeekHours.parse(one.hours)) for one in desk)
        hours, most = sum(one.hours_per_week for one in desk), max(one.seats for one in desk)
        there = desk_people(program, hours, most).people
        line = line_of(seats, there)
        relief = max(there - line.people, 0)
        groups.append(Group(desk[0].crew_role, False, seats, line, relief, desk=True))
    return Roster(program, deployment, people, rules, tuple(groups))


def _seats(
    program: Program, people: People, crew_role: str, *, standby: bool
) -> dict[RosterDuty, tuple[ShiftSeats, ...]]:
    return _by_duty(
        (seat, program.shift_patterns[seat.shift_pattern].hours)
        for seat in people.shifts
        if seat.crew_role == crew_role and seat.standby == standby
    )


def _by_duty(
    seats: Iterable[tuple[ShiftSeats, WeekHours]],
) -> dict[RosterDuty, tuple[ShiftSeats, ...]]:
    found: dict[RosterDuty, list[ShiftSeats]] = {}
    for seat, hours in seats:
        for duty in duties(hours):
            found.setdefault(duty, []).extend([seat] * seat.seats)
    return {duty: tuple(found[duty]) for duty in sorted(found)}


def weeks_of(group: Group) -> tuple[tuple[tuple[RosterDuty, ShiftSeats], ...], ...]:
    """Return a group's line with the seat of each duty: seats of a duty go to its weeks in their order."""
    taken: Counter[RosterDuty] = Counter()
    out = []
    for week in group.line.weeks:
        row = []
        for duty in week:
            row.append((duty, group.seats[duty][taken[duty]]))
            taken[duty] += 1
        out.append(tuple(row))
    return tuple(out)
