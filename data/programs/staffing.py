"""What it takes to keep a seat filled: paid and absent hours, overtime, call-backs, supervision."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import BaseModel, ConfigDict, Field

from coresponse.data.programs.roles import HOURS_OF_PEOPLE, amounts_out_of_range
from coresponse.data.sourced import Sourced, SourcedNumber


def _assumed(value: float, source: str, low: float, high: float) -> SourcedNumber:
    return SourcedNumber(
        value=value, low=low, high=high, mark="assumption", source=source, year=2026
    )


# Within which rules of pay lie; what lies beyond is a slip of the keyboard.
RANGES = {
    "paid_hours_per_year": HOURS_OF_PEOPLE,
    "people_per_supervisor": (1.0, 1000.0),
    "overtime_pay_factor": (1.0, 10.0),
    "call_back_pay_factor": (1.0, 10.0),
    "supervisor_pay_factor": (1.0, 10.0),
    "call_back_hours_at_least": (0.0, 24.0),
}


class Staffing(BaseModel):
    """Rules of pay and presence that all roles of a program share."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    paid_hours_per_year: Sourced = Field(
        default=SourcedNumber(
            value=2080,
            mark="fact",
            source="40 hours a week; the year that 382 absent hours are taken from (Local "
            "Government Performance Center)",
            year=2023,
        ),
        description="Hours a year that one full-time person is paid for.",
    )
    absent_hours_per_year: dict[str, Sourced] = Field(
        default_factory=dict,
        description="Paid hours away from duty by reason, such as vacation, sick leave, holidays, "
        "training, court. If given, paid hours less these must be the program's "
        "productive_hours_per_year.",
    )
    overtime_pay_factor: Sourced = Field(
        default=_assumed(1.5, "planning default: time and a half", 1.5, 2.0),
        description="Pay for an hour of overtime relative to a regular one.",
    )
    call_back_hours_at_least: Sourced = Field(
        default=_assumed(
            2.0,
            "planning default; San Mateo County (2019 agreement, elr-smcgov.org) and Sonoma County "
            "(sonomacounty.ca.gov): 2 h",
            2.0,
            4.0,
        ),
        description="A clinician on standby who is called out is paid at least this many hours.",
    )
    call_back_pay_factor: Sourced = Field(
        default=_assumed(
            1.5, "planning default; Sonoma County: 1.5 times (sonomacounty.ca.gov)", 1.0, 2.0
        ),
        description="Pay for an hour of a call-out relative to a regular one.",
    )
    people_per_supervisor: Sourced = Field(
        default=_assumed(
            9.0,
            "planning default: one supervisor to 8-10 people; Naperville has 5 officers to a "
            "sergeant (2025)",
            5.0,
            10.0,
        ),
        description="People whom one supervisor leads.",
    )
    supervisor_pay_factor: Sourced = Field(
        default=_assumed(1.15, "planning default", 1.05, 1.3),
        description="A supervisor's pay relative to that of the people led.",
    )

    rest_h: Sourced = Field(
        default=_assumed(
            10.0, "planning default: no source; put your own agreement's here", 8.0, 12.0
        ),
        description="Hours between the end of a person's duty and the start of the next one, at "
        "most 12.",
    )
    most_days_in_a_row: Sourced = Field(
        default=_assumed(
            5.0, "planning default: no source; put your own agreement's here", 4.0, 7.0
        ),
        description="Days in a row on which a person is on duty, at most.",
    )
    most_hours_a_week: Sourced = Field(
        default=_assumed(48.0, "planning default: four shifts of 12 h", 40.0, 60.0),
        description="Hours on duty in one calendar week of a person, at most.",
    )
    weekends_off_share: Sourced = Field(
        default=_assumed(0.25, "planning default: one weekend in four", 0.0, 0.5),
        description="Share of weekends (Saturday and Sunday) on which a person is not on duty, at "
        "least.",
    )

    @property
    def supervision_share(self) -> float:
        """Cost of supervision as a share of staff cost."""
        return self.supervisor_pay_factor.value / self.people_per_supervisor.value

    def faults(self, productive_hours: float) -> Iterator[str]:
        """Say what contradicts itself."""
        yield from (f"staffing: {fault}" for fault in amounts_out_of_range(self, RANGES))
        if not 0 <= self.rest_h.value <= 12:
            yield "staffing: rest_h must be from 0 to 12"
        if self.most_days_in_a_row.value < 1 or self.most_hours_a_week.value <= 0:
            yield "staffing: most_days_in_a_row and most_hours_a_week must be 1 or more"
        if not 0 <= self.weekends_off_share.value <= 1:
            yield "staffing: weekends_off_share must be in [0, 1]"
        absent = sum(hours.value for hours in self.absent_hours_per_year.values())
        left = self.paid_hours_per_year.value - absent
        if self.absent_hours_per_year and abs(left - productive_hours) > 0.5:
            yield (
                f"staffing: {self.paid_hours_per_year.value:,.0f} paid hours less {absent:,.0f} "
                f"absent are {left:,.0f}, but "
                f"productive_hours_per_year is {productive_hours:,.0f} -- state {left:,.0f} there"
            )
