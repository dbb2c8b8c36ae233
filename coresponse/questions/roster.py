"""Whether a deployment's shifts can be worked: a line of weeks for each crew role, on duty and on call apart."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from math import ceil

from coresponse.data.options import Deployment
from coresponse.data.programs.model import Program
from coresponse.data.programs.people import SLACK, People, ShiftSeats, people_for_week, people_of
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
    wanted
        Seats by duty.
    seats
        Where these are: post, type and shift of each seat of a duty.
    line
        The weeks; empty if no line was found.
    relief
        People of the role beyond those on lines: they cover leave, sick days, training and
        turnover.
    """

    crew_role: str
    standby: bool
    wanted: dict[RosterDuty, int]
    seats: dict[RosterDuty, tuple[ShiftSeats, ...]]
    line: Line
    relief: int

    @property
    def hours_per_week(self) -> float:
        """Hours on duty of all of them."""
        return float(sum(duty.length * seats for duty, seats in self.wanted.items()))


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
        By crew role, on duty before on call.
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
    program: Program, deployment: Deployment, *, seconds: float = 60.0, progress: Progress = silent
) -> Roster:
    """Find a roster of a deployment, by :func:`coresponse.optimize.roster.find_line`.

    Parameters
    ----------
    seconds
        For each number of people of a role.
    """
    people, rules = people_of(program, deployment), RosterRules.of(program.staffing)
    groups: list[Group] = []
    for role in people.roles:
        left = role.people
        for standby in (False, True):
            progress("finding rosters", len(groups), 2 * len(people.roles))
            seats = _seats(program, people, role.crew_role, standby=standby)
            if not seats:
                continue
            wanted = {duty: len(at) for duty, at in seats.items()}
            hours = float(sum(duty.length * n for duty, n in wanted.items()))
            least = ceil(people_for_week(program, hours) - SLACK)
            line = find_line(wanted, max(left, 0), least, rules, seconds=seconds)
            left -= line.people
            groups.append(Group(role.crew_role, standby, wanted, seats, line, 0))
        # those who are left over relieve all lines of the role
        mine = [k for k, group in enumerate(groups) if group.crew_role == role.crew_role]
        for k in mine:
            first = groups[k]
            groups[k] = Group(
                first.crew_role, first.standby, first.wanted, first.seats, first.line, max(left, 0)
            )
    return Roster(program, deployment, people, rules, tuple(groups))


def _seats(
    program: Program, people: People, crew_role: str, *, standby: bool
) -> dict[RosterDuty, tuple[ShiftSeats, ...]]:
    found: dict[RosterDuty, list[ShiftSeats]] = {}
    for seat in people.shifts:
        if seat.crew_role != crew_role or seat.standby != standby:
            continue
        for duty in duties(program.shift_patterns[seat.shift_pattern].hours):
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
