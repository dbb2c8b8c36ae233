"""What one responder costs: staff hours, people, dollars a year, line by line."""

from __future__ import annotations

from dataclasses import dataclass

from coresponse.data.hours import WEEKS_A_YEAR
from coresponse.data.programs.model import Program


@dataclass(frozen=True)
class CostLine:
    """One line of a cost: what for, dollars a year, and how it was worked out."""

    what: str
    per_year: float
    formula: str


@dataclass(frozen=True)
class CostLines:
    """The yearly cost of one responder, and what it costs once to start."""

    lines: tuple[CostLine, ...]
    start_up: float

    @property
    def total(self) -> float:
        """Dollars a year."""
        return sum(line.per_year for line in self.lines)


def staff_hours_per_week(program: Program, responder_type: str, shift_pattern: str) -> float:
    """Staff hours a week that one responder needs: hours on duty times crew."""
    crew = sum(program.responder_types[responder_type].crew.values())
    return float(program.shift_patterns[shift_pattern].hours.count * crew)


def staff_needed(program: Program, responder_type: str, shift_pattern: str) -> dict[str, float]:
    """People by crew role that one responder needs on the roster, as full-time equivalents.

    Hours on duty a year, times crew, over the hours a year that one person is there (24 hours a day at 1,698
    hours a year give 5.16).
    """
    hours = program.shift_patterns[shift_pattern].hours.count * WEEKS_A_YEAR
    per_person = program.productive_hours_per_year.value
    return {role: count * hours / per_person for role, count in program.responder_types[responder_type].crew.items()}


def annual_cost(program: Program, responder_type: str, shift_pattern: str) -> CostLines:
    """Work out what one responder costs a year.

    Staff by role at the loaded hourly cost (a type paid as standby: at its standby pay), supervision and other
    overhead as a share of it, and the vehicle by hours on duty.
    """
    kind = program.responder_types[responder_type]
    week = program.shift_patterns[shift_pattern].hours.count
    hours = week * WEEKS_A_YEAR
    lines: list[CostLine] = []
    for role, count in kind.crew.items():
        staff = program.crew_roles[role]
        rate = staff.cost_per_hour.value
        words = ""
        if kind.paid_as == "standby" and staff.standby_per_hour is not None:
            rate, words = staff.standby_per_hour.value, " on standby"
        formula = f"{count} x {week} h a week x {WEEKS_A_YEAR:.2f} weeks x ${rate:g}"
        lines.append(CostLine(f"{staff.title}{words}", count * hours * rate, formula))
    staff_cost = sum(line.per_year for line in lines)
    share = kind.overhead_share.value
    lines += [
        CostLine("supervision and overhead", staff_cost * share, f"{share:.0%} of staff"),
        CostLine("vehicle", hours * kind.vehicle_per_hour.value, f"{hours:,.0f} h x ${kind.vehicle_per_hour.value:g}"),
    ]
    return CostLines(tuple(lines), kind.start_up.value)
