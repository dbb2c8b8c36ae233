"""The people that a deployment needs: seats by role and shift, full-time equivalents, people to hire."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil

from coresponse.data.hours import WEEKS_A_YEAR, WeekHours
from coresponse.data.options import Deployment
from coresponse.data.programs.cost import seat_hours_per_week, staff_needed
from coresponse.data.programs.model import Program

# Weeks that paid hours a year are those of: 2,080 are 40 hours a week. For the year's further day nobody is hired.
PAID_WEEKS = 52

# A sum of shares that is a whole number but for rounding is that number of people.
SLACK = 1e-9


@dataclass(frozen=True)
class ShiftSeats:
    """Seats of one crew role on one shift pattern at one post.

    Attributes
    ----------
    seats
        Places in crews, over all units of the type there.
    hours
        The clock hours, such as ``daily 07:00-15:00``.
    hours_per_week
        Paid for all seats together, the pattern's own overlap counted.
    standby
        Whether these are hours on call, paid as standby.
    """

    post_id: str
    responder_type: str
    crew_role: str
    shift_pattern: str
    seats: int
    hours: str
    hours_per_week: float
    standby: bool


@dataclass(frozen=True)
class RolePeople:
    """What one crew role takes, from hours on duty to whole people.

    Attributes
    ----------
    seats
        Places in crews.
    hours_per_week
        Paid on duty, or on call.
    standby_h_per_week
        Of those, on call.
    fte_on_duty
        Full-time equivalents if nobody were ever away: hours a year over paid hours of one person.
    fte_with_leave
        The same over the hours that one person is there: leave, sick days and training are covered.
    positions
        Funded, so that as many are filled although some stand empty.
    onboarding
        People who are paid but not yet on the street, on average over a year.
    people_on_duty
        Paid weeks that the hours of a week fill, rounded up to people.
    people
        Positions and those in onboarding, rounded up to people.
    vacant
        Of `positions`, how many stand empty.
    leavers_per_year
        People who leave in a year and are replaced.
    training_h_per_year
        Hours of crisis training for those who replace them.
    """

    crew_role: str
    title: str
    seats: int
    hours_per_week: float
    standby_h_per_week: float
    fte_on_duty: float
    fte_with_leave: float
    positions: float
    onboarding: float
    people_on_duty: int
    people: int
    vacant: float
    leavers_per_year: float
    training_h_per_year: float


@dataclass(frozen=True)
class People:
    """The people that a deployment needs.

    Attributes
    ----------
    shifts
        Seats by post, role and shift.
    roles
        By crew role, in the program's order.
    supervisors
        Rounded up, one to the program's `people_per_supervisor`.
    """

    shifts: tuple[ShiftSeats, ...]
    roles: tuple[RolePeople, ...]
    supervisors: int

    @property
    def people(self) -> int:
        """All of them without supervisors."""
        return sum(role.people for role in self.roles)

    def of(self, crew_role: str) -> RolePeople | None:
        """Return a role's people; None if the deployment has no seat of it."""
        return next((role for role in self.roles if role.crew_role == crew_role), None)


@dataclass(frozen=True)
class ToHire:
    """People whom a plan has beyond another deployment, by crew role.

    Attributes
    ----------
    on_duty
        Whom the hours on duty alone take.
    for_leave
        More for leave, empty positions, turnover and onboarding.
    fewer
        People whom the plan no longer needs.
    supervisors
        More of them than today.
    """

    on_duty: Mapping[str, int]
    for_leave: Mapping[str, int]
    fewer: Mapping[str, int]
    supervisors: int


def people_of(program: Program, deployment: Deployment) -> People:
    """Return the people that a deployment needs.

    Hours on duty over paid hours are full-time equivalents; the relief factor, of
    :func:`coresponse.data.programs.cost.relief_factor`, adds leave and empty positions; turnover
    times onboarding adds those who are paid and not yet on the street. Each role is rounded up by
    itself: an officer's spare hours are no clinician's.
    """
    shifts = tuple(
        ShiftSeats(
            post_id=option.post_id,
            responder_type=option.responder_type,
            crew_role=role,
            shift_pattern=option.shift_pattern,
            seats=count * crew,
            hours=program.shift_patterns[option.shift_pattern].hours.words(),
            hours_per_week=count * crew * seat_hours_per_week(program, option.shift_pattern),
            standby=_on_standby(program, option.responder_type, role),
        )
        for option, count in deployment.counts
        for role, crew in program.responder_types[option.responder_type].crew.items()
    )
    positions = dict.fromkeys(program.crew_roles, 0.0)
    for option, count in deployment.counts:
        need = staff_needed(program, option.responder_type, option.shift_pattern)
        for role, fte in need.items():
            positions[role] += count * fte
    roles = tuple(
        _role(program, role, [seat for seat in shifts if seat.crew_role == role], funded)
        for role, funded in positions.items()
        if funded
    )
    led = sum(role.people for role in roles)
    return People(shifts, roles, _up(led / program.staffing.people_per_supervisor.value))


def desk_people(program: Program, hours_per_week: float, most_at_once: int) -> RolePeople:
    """Return the people that a desk of clinicians on the phone needs, counted as crews' are.

    Raises
    ------
    ValueError
        If the program has no phone stage.
    """
    if program.phone is None:
        raise ValueError("the program has no phone stage")
    role = program.phone.crew_role
    seats = ShiftSeats("", "", role, "", most_at_once, "", hours_per_week, standby=False)
    filled = 1 - program.crew_roles[role].vacancy_share.value
    year = hours_per_week * WEEKS_A_YEAR
    return _role(program, role, [seats], year / program.productive_hours_per_year.value / filled)


def desk_seats(program: Program, shifts: Mapping[str, int]) -> tuple[ShiftSeats, ...]:
    """Return the seats of a desk of clinicians on the phone, at no post and of no type.

    Parameters
    ----------
    shifts
        Seats by the hours of a shift, in words.

    Raises
    ------
    InputError
        If hours are not understood.
    ValueError
        If the program has no phone stage.
    """
    if program.phone is None:
        raise ValueError("the program has no phone stage")
    role = program.phone.crew_role
    return tuple(
        ShiftSeats(
            "", "", role, "", n, hours, n * float(WeekHours.parse(hours).count), standby=False
        )
        for hours, n in shifts.items()
    )


def people_for_week(program: Program, hours_per_week: float) -> float:
    """Return how many people's paid weeks so many hours a week are, if nobody were ever away."""
    return hours_per_week * PAID_WEEKS / program.staffing.paid_hours_per_year.value


def to_hire(plan: People, today: People | None) -> ToHire:
    """Return whom a plan has beyond today's deployment, or all of them where that is not known."""
    on_duty: dict[str, int] = {}
    for_leave: dict[str, int] = {}
    fewer: dict[str, int] = {}
    names = [role.crew_role for role in plan.roles]
    if today is not None:
        names += [role.crew_role for role in today.roles if role.crew_role not in names]
    for name in names:
        now, then = (None if one is None else one.of(name) for one in (today, plan))
        more = _count(then, "people") - _count(now, "people")
        duty = _count(then, "people_on_duty") - _count(now, "people_on_duty")
        # rounding up may add a person to one and not to the other: whom the hours take comes first
        on_duty[name] = max(0, min(duty, more))
        for_leave[name] = max(0, more) - on_duty[name]
        fewer[name] = max(0, -more)
    led = plan.supervisors - (0 if today is None else today.supervisors)
    return ToHire(on_duty, for_leave, fewer, max(0, led))


def _role(program: Program, name: str, seats: list[ShiftSeats], positions: float) -> RolePeople:
    role, staffing = program.crew_roles[name], program.staffing
    week = sum(seat.hours_per_week for seat in seats)
    year = week * WEEKS_A_YEAR
    turnover = role.turnover_share.value
    onboarding = positions * turnover * role.onboarding_months.value / 12
    # where one person is there for longer than paid hours, none is needed for leave
    on_duty = min(year / staffing.paid_hours_per_year.value, positions)
    return RolePeople(
        crew_role=name,
        title=role.title,
        seats=sum(seat.seats for seat in seats),
        hours_per_week=week,
        standby_h_per_week=sum(seat.hours_per_week for seat in seats if seat.standby),
        fte_on_duty=on_duty,
        fte_with_leave=year / program.productive_hours_per_year.value,
        positions=positions,
        onboarding=onboarding,
        people_on_duty=_up(min(people_for_week(program, week), positions)),
        people=_up(positions + onboarding),
        vacant=positions * role.vacancy_share.value,
        leavers_per_year=positions * turnover,
        training_h_per_year=positions * turnover * role.training_h.value,
    )


def _on_standby(program: Program, responder_type: str, crew_role: str) -> bool:
    paid_as = program.responder_types[responder_type].paid_as
    return paid_as == "standby" and program.crew_roles[crew_role].standby_per_hour is not None


def _count(role: RolePeople | None, what: str) -> int:
    return 0 if role is None else int(getattr(role, what))


def _up(value: float) -> int:
    return ceil(value - SLACK)
