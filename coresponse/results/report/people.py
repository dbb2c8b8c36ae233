"""The report's section on people: whom the plan takes, by crew role and by shift."""

from __future__ import annotations

from coresponse.maps.report.content import Part, ReportTable
from coresponse.publish.plan_publication import PlanPublication
from coresponse.publish.staffing import StaffingPublication
from coresponse.results.staffing import STAFFING_HEADS, staffing_cells

ROUNDING = (
    "FTE on duty: hours a year over the paid hours of one person. FTE with leave: over the hours "
    "that one person is there. Positions: as many are funded that enough are filled. Onboarding: "
    "paid, and not yet on the street. People: positions and onboarding rounded up, each role by "
    "itself. Costs count hours that are worked, not people rounded up; empty positions' hours are "
    "worked as overtime. Hours on call are not hours of work: a person on call by night may have a "
    "desk by day."
)


def people(publication: PlanPublication) -> Part | None:
    """Return the section; None if nobody is in place."""
    told = publication.staffing
    if not told.plan.roles:
        return None
    table = ReportTable(
        "People, by crew role",
        STAFFING_HEADS,
        tuple(staffing_cells(told)),
        tuple(range(1, len(STAFFING_HEADS))),
        ROUNDING,
    )
    return Part("people", "The people it takes", told.sentences, tables=(table, _shifts(told)))


def _shifts(told: StaffingPublication) -> ReportTable:
    roles = {role.crew_role: role.title for role in told.plan.roles}
    rows = tuple(
        (
            told.post_names[seat.post_id],
            roles[seat.crew_role],
            told.titles[seat.shift_pattern],
            seat.hours,
            str(seat.seats),
            f"{seat.hours_per_week:,.0f}",
        )
        for seat in told.plan.shifts
    )
    heads = ("Post", "Crew role", "Shift", "Clock hours", "Seats", "Hours a week")
    return ReportTable("Who is on duty when", heads, rows, (4, 5))
