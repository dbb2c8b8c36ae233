"""What one responder costs: staff hours, people, dollars a year, line by line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from coresponse.data.hours import WEEKS_A_YEAR
from coresponse.data.options import Deployment
from coresponse.data.programs.model import Program


@dataclass(frozen=True)
class CostLine:
    """One line of a cost.

    Attributes
    ----------
    what
        What for.
    per_year
        Dollars.
    formula
        How it was worked out, in words.
    factors
        The same as numbers by name: `per_year` is their product. ``staff_dollars`` is the sum of
        the lines of staff above.
    """

    what: str
    per_year: float
    formula: str
    factors: Mapping[str, float]


@dataclass(frozen=True)
class CostLines:
    """The yearly cost of one responder, and what it costs once to start."""

    lines: tuple[CostLine, ...]
    start_up: float

    @property
    def total(self) -> float:
        """Dollars a year."""
        return sum(line.per_year for line in self.lines)


def seat_hours_per_week(program: Program, shift_pattern: str) -> float:
    """Hours a week that one seat of a crew is paid for.

    Hours on duty times the pattern's relief factor.
    """
    pattern = program.shift_patterns[shift_pattern]
    return pattern.hours.count * (pattern.relief_factor.value if pattern.relief_factor else 1.0)


def staff_hours_per_week(program: Program, responder_type: str, shift_pattern: str) -> float:
    """Staff hours a week that one responder needs: a seat's hours times crew."""
    crew = sum(program.responder_types[responder_type].crew.values())
    return seat_hours_per_week(program, shift_pattern) * crew


def relief_factor(program: Program, crew_role: str, shift_pattern: str) -> float:
    """Positions that must be funded to keep one seat filled.

    A seat's hours a year over the hours a year that one person is there, over the share of
    positions that are filled: 24 hours a day at 1,698 hours a year give 5.16 (Local Government
    Performance Center), with every tenth position empty 5.74.
    """
    hours = seat_hours_per_week(program, shift_pattern) * WEEKS_A_YEAR
    filled = 1 - program.crew_roles[crew_role].vacancy_share.value
    return hours / program.productive_hours_per_year.value / filled


def staff_needed(program: Program, responder_type: str, shift_pattern: str) -> dict[str, float]:
    """Positions by crew role that one responder needs, as full-time equivalents.

    Crew times relief factor.
    """
    crew = program.responder_types[responder_type].crew
    return {
        role: count * relief_factor(program, role, shift_pattern) for role, count in crew.items()
    }


def call_out_pay(program: Program, crew_role: str) -> tuple[float, str]:
    """Return dollars that one call-out from standby is paid, and how that was worked out.

    Regular pay times the call-back factor, for the mean service time or the least that is paid,
    whichever is longer.
    """
    staffing, rate = program.staffing, program.crew_roles[crew_role].cost_per_hour.value
    paid_h = max(staffing.call_back_hours_at_least.value, program.service_min() / 60)
    factor = staffing.call_back_pay_factor.value
    return paid_h * factor * rate, f"{paid_h:.3g} h x {factor:g} x ${rate:g}"


def call_out_cost(program: Program, responder_type: str) -> float:
    """Return what one more call-out of a type paid as standby costs, with its share of overhead.

    0 for other types.
    """
    kind = program.responder_types[responder_type]
    if kind.paid_as != "standby":
        return 0.0
    paid = sum(
        count * call_out_pay(program, role)[0]
        for role, count in kind.crew.items()
        if program.crew_roles[role].standby_per_hour is not None
    )
    return paid * (1 + program.staffing.supervision_share + kind.overhead_share.value)


def annual_cost(program: Program, responder_type: str, shift_pattern: str) -> CostLines:
    """Work out what one responder costs a year.

    Staff by role at the loaded hourly cost, and overtime where positions stand empty; a type paid
    as standby: its standby pay, and call-backs. Supervision and other overhead as shares of that,
    and the vehicle by hours on duty. Start-up is apart: it is paid once.
    """
    kind = program.responder_types[responder_type]
    lines = [
        line
        for role in kind.crew
        for line in _staff_lines(program, responder_type, role, shift_pattern)
    ]
    staff_cost = sum(line.per_year for line in lines)
    share = kind.overhead_share.value
    hours = program.shift_patterns[shift_pattern].hours.count * WEEKS_A_YEAR
    lines += [
        _supervision(program, staff_cost),
        CostLine(
            "medical direction, licenses, training",
            staff_cost * share,
            f"{share:.0%} of staff",
            {"staff_dollars": staff_cost, "times": share},
        ),
        CostLine(
            "vehicle",
            hours * kind.vehicle_per_hour.value,
            f"{hours:,.0f} h x ${kind.vehicle_per_hour.value:g}",
            _hours(1, hours / WEEKS_A_YEAR, kind.vehicle_per_hour.value),
        ),
    ]
    return CostLines(tuple(lines), kind.start_up.value)


def desk_lines(program: Program, hours_per_week: float) -> tuple[CostLine, ...]:
    """Work out what clinicians on the phone cost a year: their hours, and supervision as crews have it.

    The desk is there whoever is on the street: its dollars are in the cost of every deployment of a
    case, today's too, for all meet the calls that it leaves.

    Parameters
    ----------
    hours_per_week
        Paid at the desk; 0: there is none, and no line.
    """
    if program.phone is None or not hours_per_week:
        return ()
    paid = tuple(_shift_lines(program, program.phone.crew_role, 1, hours_per_week))
    return (*paid, _supervision(program, sum(line.per_year for line in paid)))


def desk_cost(program: Program, hours_per_week: float) -> float:
    """Return dollars a year of :func:`desk_lines`."""
    return sum(line.per_year for line in desk_lines(program, hours_per_week))


def yearly_cost(program: Program, deployment: Deployment) -> float:
    """Return dollars a year of a deployment, without start-up; call-outs as the program prices them."""
    return sum(
        n * annual_cost(program, o.responder_type, o.shift_pattern).total
        for o, n in deployment.counts
    )


def weekly_staff_hours(program: Program, deployment: Deployment) -> float:
    """Return staff hours a week of a deployment."""
    return sum(
        n * staff_hours_per_week(program, o.responder_type, o.shift_pattern)
        for o, n in deployment.counts
    )


def _staff_lines(
    program: Program, responder_type: str, crew_role: str, shift_pattern: str
) -> Iterator[CostLine]:
    kind, role = program.responder_types[responder_type], program.crew_roles[crew_role]
    count, rate = kind.crew[crew_role], role.cost_per_hour.value
    week = seat_hours_per_week(program, shift_pattern)
    hours = count * week * WEEKS_A_YEAR
    seats = f"{count} x {week:g} h a week x {WEEKS_A_YEAR:.2f} weeks"
    times = _hours(count, week, rate)
    if kind.paid_as == "standby" and role.standby_per_hour is not None:
        standby = role.standby_per_hour.value
        yield CostLine(
            f"{role.title} on standby",
            hours * standby,
            f"{seats} x ${standby:g}",
            _hours(count, week, standby),
        )
        call_outs = hours / 24 * kind.call_outs_per_day.value
        pay, words = call_out_pay(program, crew_role)
        yield CostLine(
            f"{role.title}, call-backs",
            call_outs * pay,
            f"{call_outs:,.0f} call-outs x {words}",
            times | {"times": kind.call_outs_per_day.value / 24 * pay / rate if rate else 0.0},
        )
        return
    yield from _shift_lines(program, crew_role, count, week)


def _shift_lines(
    program: Program, crew_role: str, seats: int, hours_per_week: float
) -> Iterator[CostLine]:
    """Yield regular pay of some seats, and the overtime of those whose positions stand empty."""
    role, staffing = program.crew_roles[crew_role], program.staffing
    rate, hours = role.cost_per_hour.value, seats * hours_per_week * WEEKS_A_YEAR
    words = f"{seats} x {hours_per_week:g} h a week x {WEEKS_A_YEAR:.2f} weeks x ${rate:g}"
    times = _hours(seats, hours_per_week, rate)
    yield CostLine(role.title, hours * rate, words, times)
    empty = role.vacancy_share.value
    if empty:
        # the regular pay of an empty position is not spent; what is added is the premium of the
        # overtime
        extra = staffing.overtime_pay_factor.value - 1
        yield CostLine(
            f"{role.title}, overtime for vacancies",
            hours * empty * extra * rate,
            f"{empty:.0%} of {hours:,.0f} h x ${rate:g} x {extra:g}",
            times | {"times": empty * extra},
        )


def _supervision(program: Program, staff_cost: float) -> CostLine:
    staffing = program.staffing
    span, factor = staffing.people_per_supervisor.value, staffing.supervisor_pay_factor.value
    return CostLine(
        "supervision",
        staff_cost * staffing.supervision_share,
        f"{factor:g} of staff pay / {span:g} people",
        {"staff_dollars": staff_cost, "times": staffing.supervision_share},
    )


def _hours(seats: int, hours_per_week: float, dollars_per_hour: float) -> dict[str, float]:
    return {
        "seats": seats,
        "hours_per_week": hours_per_week,
        "weeks_per_year": WEEKS_A_YEAR,
        "dollars_per_hour": dollars_per_hour,
    }
