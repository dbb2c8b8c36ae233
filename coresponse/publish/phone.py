"""What a desk of clinicians on the phone does, as it may be shown."""

from __future__ import annotations

import pandas as pd

from coresponse.coverage.demand import eligible_classes
from coresponse.coverage.phone_stage import PhoneAnswer
from coresponse.data.programs.people import desk_people
from coresponse.optimize.case import Case
from coresponse.publish.city import CityRounding
from coresponse.publish.disclosure import Disclosure
from coresponse.publish.staffing import PhonePublication, TriageRate

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
