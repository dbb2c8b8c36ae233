"""The people that a plan needs, as they may be shown: they follow from rates and hours, and tell nothing of calls."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil

from coresponse.data.figures.text import dollars
from coresponse.data.options import Deployment
from coresponse.data.programs.model import Program
from coresponse.data.programs.people import (
    SLACK,
    People,
    RolePeople,
    ShiftSeats,
    ToHire,
    people_of,
    to_hire,
)
from coresponse.data.sourced import SourcedNumber
from coresponse.data.words import counted

PHONE_DESK = "Phone desk"

# A role's name of so few letters, such as ``emt``, is taken to be an abbreviation.
SHORT_NAME = 4


@dataclass(frozen=True, eq=False)
class StaffingPublication:
    """The people that a plan needs, beside today's.

    Attributes
    ----------
    plan, today
        People by role and shift; today None where it is not known.
    hire
        Whom the plan has beyond today's.
    post_names
        By post.
    titles
        Of responder types and shift patterns, by name.
    phone
        What is said of the desk of clinicians on the phone.
    desk, desk_shifts
        Its people, who come beside the plan's, None without one; and their seats, at no post.
    people_per_supervisor
        Of the program: supervisors are rounded up, those of the desk for themselves.
    """

    plan: People
    today: People | None
    hire: ToHire
    post_names: dict[str, str]
    titles: dict[str, str]
    phone: tuple[str, ...] = ()
    desk: RolePeople | None = None
    desk_shifts: tuple[ShiftSeats, ...] = ()
    people_per_supervisor: float = 1.0

    @property
    def sentences(self) -> tuple[str, ...]:
        """Say whom to hire, who supervises, and who is not on the street yet."""
        further = filter(None, (self._fewer(), self._all(), self._training()))
        return (self._hire(), *further, *self.phone)

    def place(self, seats: ShiftSeats) -> str:
        """Return the name of the post of seats, or the desk's."""
        return self.post_names[seats.post_id] if seats.post_id else PHONE_DESK

    def _hire(self) -> str:
        if self.desk is None:
            return self._crews()
        desk = _people({self.desk.crew_role: self.desk.people})
        led = counted(_up(self.desk.people / self.people_per_supervisor), "supervisor")
        return f"{self._crews()} The phone desk takes {desk} and {led} beside them."

    def _crews(self) -> str:
        """Say whom to hire for crews."""
        hire = self.hire
        new, relief = sum(hire.on_duty.values()), sum(hire.for_leave.values())
        if not sum(role.people for role in self.plan.roles) and not self.desk:
            return "The plan has nobody in place: there is nobody to hire."
        led = counted(hire.supervisors, "supervisor") if hire.supervisors else ""
        if not new + relief and led:
            return f"You need to hire {led}: today's crews can staff the plan."
        if not new + relief:
            return (
                "You need to hire nobody for crews: today's people can staff the plan."
                if self.today and self.desk
                else "You need to hire nobody: today's people can staff the plan."
            )
        if not new:
            more = f", and {led}" if led else ""
            return f"You need to hire {_people(hire.for_leave)} for leave and turnover{more}."
        parts = [
            *([f"{relief:,} more for leave and turnover"] if relief else []),
            *([led] if led else []),
        ]
        more = f"; {', and '.join(parts)}" if parts else ""
        return f"You need to hire {_people(hire.on_duty)}{more}."

    def _fewer(self) -> str:
        gone = sum(self.hire.fewer.values())
        return f"The plan takes {_people(self.hire.fewer)} fewer than today." if gone else ""

    def _all(self) -> str:
        counts = {role.crew_role: role.people for role in self.plan.roles}
        if not sum(counts.values()):
            return ""
        led = self.plan.supervisors
        text = f"All in all the plan takes {_people(counts)} and {counted(led, 'supervisor')}"
        now = ""
        if self.today is not None:
            leads = counted(self.today.supervisors, "supervisor")
            now = f"; today's deployment takes {self.today.people} and {leads}"
        return f"{text}{now}.{self._on_call()}"

    def _on_call(self) -> str:
        hours = sum(role.hours_per_week for role in self.plan.roles)
        waiting = sum(role.standby_h_per_week for role in self.plan.roles)
        if not waiting:
            return ""
        return (
            f" Of {hours:,.0f} paid hours a week {waiting:,.0f} are on call: people with other "
            "work may take those, and then fewer are hired."
        )

    def _training(self) -> str:
        roles = self.plan.roles
        leave = sum(role.leavers_per_year for role in roles)
        if leave < 0.05:
            return ""
        off = sum(role.onboarding for role in roles)
        hours = sum(role.training_h_per_year for role in roles)
        return (
            f"About {leave:.1f} people leave and are replaced each year: {hours:,.0f} hours of "
            "crisis training, "
            f"and {off:.1f} people on average are learning the work and not yet on the street."
        )


def publish_staffing(
    program: Program,
    post_names: Mapping[str, str],
    plan: Deployment,
    today: Deployment | None,
) -> StaffingPublication:
    """Return the people of a plan and of today's deployment as they may be shown."""
    mine = people_of(program, plan)
    theirs = None if today is None else people_of(program, today)
    kinds = {name: kind.title for name, kind in program.responder_types.items()}
    return StaffingPublication(
        plan=mine,
        today=theirs,
        hire=to_hire(mine, theirs),
        post_names=dict(post_names),
        titles=kinds | {name: shift.title for name, shift in program.shift_patterns.items()},
        people_per_supervisor=program.staffing.people_per_supervisor.value,
    )


def _up(value: float) -> int:
    return ceil(value - SLACK)


def role_words(crew_role: str, count: int) -> str:
    """Return ``9 clinicians``, ``1 EMT`` for a crew role by its name."""
    name = crew_role.upper() if len(crew_role) < SHORT_NAME else crew_role.replace("_", " ")
    return counted(count, name)


def _people(by_role: Mapping[str, int]) -> str:
    counts = {role: n for role, n in by_role.items() if n}
    if len(counts) == 1:
        ((role, count),) = counts.items()
        return role_words(role, count)
    parts = ", ".join(role_words(role, count) for role, count in counts.items())
    return f"{sum(counts.values()):,} people ({parts})"


@dataclass(frozen=True)
class TriageRate:
    """A rate of the phone stage with its range, shares.

    Attributes
    ----------
    low, high
        The value itself where the program states no range.
    """

    value: float
    low: float
    high: float

    @classmethod
    def of(cls, figure: SourcedNumber) -> TriageRate:
        """Take a program's figure."""
        low, high = (figure.value if end is None else end for end in (figure.low, figure.high))
        return cls(figure.value, low, high)

    def __str__(self) -> str:
        """Say it, and its range if there is one."""
        ends = f" ({self.low:.0%} to {self.high:.0%})" if self.high > self.low else ""
        return f"{self.value:.0%}{ends}"


@dataclass(frozen=True, eq=False)
class PhonePublication:
    """A desk's week, rounded as counts of calls are.

    Attributes
    ----------
    flows
        Calls a week by name: `calls` (eligible ones, before the phone), `straight_to_field`, `hung_up`,
        `ended` for good, `passed_on`, `came_later`, `field` with `field_low` and `field_high`,
        `passed_on_needlessly` of those passed on.
    under_triage, over_triage
        Share of calls ended on the phone that come to the field later after all; share of those
        passed on that could have ended there.
    hours_per_week, most_at_once
        Of clinicians at the desk.
    shifts
        Seats by the hours of a shift, in words, on all its days.
    mean_wait_s, share_in_time, within_s
        Mean wait of its callers; share answered within the standard.
    staff
        The people of the crew role that the desk takes, counted as crews' are.
    cost_per_year
        Of their hours: in the cost of every deployment, and in its budget.
    """

    flows: dict[str, float]
    under_triage: TriageRate
    over_triage: TriageRate
    hours_per_week: float
    most_at_once: int
    shifts: Mapping[str, int]
    mean_wait_s: float
    share_in_time: float
    within_s: float
    staff: RolePeople
    cost_per_year: float

    @property
    def sentences(self) -> tuple[str, ...]:
        """Say what the phone takes, and what the desk is."""
        flows = self.flows
        took = flows["ended"] + flows["passed_on"] + flows["came_later"]
        taken = (
            f"Clinicians on the phone answer {took:,.0f} of {flows['calls']:,.0f} eligible calls a "
            f"week first and end {flows['ended']:,.0f} for good; {flows['field']:,.0f} "
            f"({flows['field_low']:,.0f} to {flows['field_high']:,.0f}) come to the field, "
            f"{flows['came_later']:,.0f} of them later after all."
        )
        triage = (
            f"Of calls ended on the phone {self.under_triage} come later after all (under-triage); "
            f"of {flows['passed_on']:,.0f} passed on {self.over_triage} could have ended there "
            "(over-triage)."
        )
        count, role = self.staff.people, self.staff.crew_role.replace("_", " ")
        people = f"{count} {'person' if count == 1 else 'people'}"
        seats = "; ".join(f"{seats} {hours}" for hours, seats in self.shifts.items())
        desk = (
            f"Their desk takes {self.hours_per_week:,.0f} hours a week ({seats}): {people} more "
            f"({role}), {dollars(self.cost_per_year)} a year, which is in every cost and budget "
            f"here. {self.share_in_time:.0%} of its callers are answered within {self.within_s:g} "
            f"s, after {self.mean_wait_s:.0f} s on average."
        )
        return taken, triage, desk
