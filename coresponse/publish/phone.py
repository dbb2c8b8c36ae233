"""What a desk of clinicians on the phone does, as it may be shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from coresponse.coverage.demand import eligible_classes
from coresponse.coverage.phone_stage import PhoneAnswer
from coresponse.data.figures.text import dollars
from coresponse.data.programs.people import RolePeople, desk_people
from coresponse.data.sourced import SourcedNumber
from coresponse.optimize.case import Case
from coresponse.publish.city import CityRounding
from coresponse.publish.disclosure import Disclosure

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
    "passed_on_needlessly",
)


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
            "week first and end "
            f"{flows['ended']:,.0f} for good; {flows['field']:,.0f} ({flows['field_low']:,.0f} to "
            f"{flows['field_high']:,.0f}) come to the field, {flows['came_later']:,.0f} of them "
            "later after all."
        )
        triage = (
            f"Of calls ended on the phone {self.under_triage} come later after all (under-triage); "
            "of "
            f"{flows['passed_on']:,.0f} passed on {self.over_triage} could have ended there "
            "(over-triage)."
        )
        count, role = self.staff.people, self.staff.crew_role.replace("_", " ")
        people = f"{count} {'person' if count == 1 else 'people'}"
        seats = "; ".join(f"{seats} {hours}" for hours, seats in self.shifts.items())
        desk = (
            f"Their desk takes {self.hours_per_week:,.0f} hours a week ({seats}): {people} "
            f"more ({role}), {dollars(self.cost_per_year)} a year, which is in every cost and "
            f"budget here. {self.share_in_time:.0%} of its callers are answered within "
            f"{self.within_s:g} s, after "
            f"{self.mean_wait_s:.0f} s on average."
        )
        return taken, triage, desk


def publish_phone(case: Case, disclosure: Disclosure) -> PhonePublication | None:
    """Return what the program's desk does, as it may be shown; None without one."""
    stage, answer = case.program.phone, case.phone
    if stage is None or answer is None:
        return None
    desk, rounding = answer.by_hour, disclosure.city(case.base_cells)
    hours = answer.clinician_hours_per_week
    open_ = desk[desk["clinicians"] > 0]
    most = int(desk["clinicians"].max())
    return PhonePublication(
        flows=_flows(answer, eligible_classes(case.program), rounding),
        under_triage=TriageRate.of(stage.under_triage_share),
        over_triage=TriageRate.of(stage.over_triage_share),
        hours_per_week=hours,
        most_at_once=most,
        shifts=dict(answer.shifts),
        mean_wait_s=float(round(_mean(open_, "mean_wait_s"))),
        share_in_time=rounding.share(_mean(open_, "share_in_time")),
        within_s=stage.within_s.value,
        staff=desk_people(case.program, hours, most),
        cost_per_year=round(case.desk_cost, 2),
    )


def _flows(
    answer: PhoneAnswer, classes: tuple[str, ...], rounding: CityRounding
) -> dict[str, float]:
    """Return the week's calls of classes that a responder takes: the funnel begins with the same."""
    mine = answer.flows.index.get_level_values("call_class").isin(classes)
    total = answer.flows[mine].sum()
    return {name: rounding.per_week(float(total[name])) for name in FLOWS}


def _mean(desk: pd.DataFrame, column: str) -> float:
    """Return the mean of a figure over the desk's callers."""
    calls = desk["calls"].to_numpy()
    return float(calls @ desk[column].to_numpy() / calls.sum()) if calls.sum() else 0.0
