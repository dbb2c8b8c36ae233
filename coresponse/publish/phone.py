"""What a desk of clinicians on the phone does, as it may be shown."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

import pandas as pd

from coresponse.coverage.phone_stage import PhoneAnswer, phone_of_city
from coresponse.data.figures.text import dollars
from coresponse.data.hours import WEEKS_A_YEAR
from coresponse.data.programs.model import Program
from coresponse.optimize.case import Case
from coresponse.publish.city import CityRounding
from coresponse.publish.disclosure import Disclosure

HOURS_STEP = 5.0
"""Hours a week: the desk's follow from counts of calls by hour."""

FLOWS = (
    "calls",
    "straight_to_field",
    "hung_up",
    "ended",
    "passed_on",
    "came_later",
    "field",
    "field_low",
    "field_high",
)


@dataclass(frozen=True, eq=False)
class PhonePublication:
    """A desk's week, rounded as counts of calls are.

    Attributes
    ----------
    flows
        Calls a week by name: `calls` (eligible ones, before the phone), `straight_to_field`, `hung_up`,
        `ended` for good, `passed_on`, `came_later`, `field` with `field_low` and `field_high`.
    hours_per_week, most_at_once
        Of clinicians at the desk.
    mean_wait_s, share_in_time, within_s
        Mean wait of its callers; share answered within the standard.
    people, positions
        Of the crew role that the desk takes, leave covered.
    cost_per_year
        Of their hours; beside the plan's cost, and in no limit of it.
    """

    crew_role: str
    flows: dict[str, float]
    hours_per_week: float
    most_at_once: int
    mean_wait_s: float
    share_in_time: float
    within_s: float
    positions: float
    people: int
    cost_per_year: float

    @property
    def sentences(self) -> tuple[str, ...]:
        """Say what the phone takes, and what the desk is."""
        flows = self.flows
        took = flows["ended"] + flows["passed_on"] + flows["came_later"]
        taken = (
            f"Clinicians on the phone answer {took:,.0f} of {flows['calls']:,.0f} eligible calls a week first and end "
            f"{flows['ended']:,.0f} for good; {flows['field']:,.0f} ({flows['field_low']:,.0f} to "
            f"{flows['field_high']:,.0f}) come to the field, {flows['came_later']:,.0f} of them later after all."
        )
        people = f"{self.people} {'person' if self.people == 1 else 'people'}"
        desk = (
            f"Their desk takes {self.hours_per_week:,.0f} hours a week, at most {self.most_at_once} at once: {people} "
            f"more ({self.crew_role.replace('_', ' ')}), {dollars(self.cost_per_year)} a year beside the plan's cost. "
            f"{self.share_in_time:.0%} of its callers are answered within {self.within_s:g} s, after "
            f"{self.mean_wait_s:.0f} s on average."
        )
        return taken, desk


def publish_phone(case: Case, disclosure: Disclosure) -> PhonePublication | None:
    """Return what the program's desk does, as it may be shown; None without one."""
    stage = case.program.phone
    answer = phone_of_city(case.city)
    if stage is None or answer is None:
        return None
    desk, rounding = answer.by_hour, disclosure.city(case.base_cells)
    hours = answer.clinician_hours_per_week
    if not disclosure.internal:
        hours = ceil(hours / HOURS_STEP) * HOURS_STEP
    open_ = desk[desk["clinicians"] > 0]
    positions = hours * WEEKS_A_YEAR / case.program.productive_hours_per_year.value
    return PhonePublication(
        crew_role=stage.crew_role,
        flows=_flows(answer, rounding),
        hours_per_week=hours,
        most_at_once=int(desk["clinicians"].max()),
        mean_wait_s=float(round(_mean(open_, "mean_wait_s"))),
        share_in_time=rounding.share(_mean(open_, "share_in_time")),
        within_s=stage.within_s.value,
        positions=round(positions, 2),
        people=ceil(positions),
        cost_per_year=desk_cost(case.program, hours),
    )


def desk_cost(program: Program, hours_per_week: float) -> float:
    """Return dollars a year of a desk's hours, with supervision as crews have it.

    Raises
    ------
    ValueError
        If the program has no phone stage.
    """
    if program.phone is None:
        raise ValueError("the program has no phone stage")
    role = program.crew_roles[program.phone.crew_role]
    pay = hours_per_week * WEEKS_A_YEAR * role.cost_per_hour.value
    return round(pay * (1 + program.staffing.supervision_share))


def _flows(answer: PhoneAnswer, rounding: CityRounding) -> dict[str, float]:
    total = answer.flows.sum()
    return {name: rounding.per_week(float(total[name])) for name in FLOWS}


def _mean(desk: pd.DataFrame, column: str) -> float:
    """Return the mean of a figure over the desk's callers."""
    calls = desk["calls"].to_numpy()
    return float(calls @ desk[column].to_numpy() / calls.sum()) if calls.sum() else 0.0
