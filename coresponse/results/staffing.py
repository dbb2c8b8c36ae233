"""The people that a plan needs, as tables and plain data."""

from __future__ import annotations

from dataclasses import asdict, fields
from typing import Any

import pandas as pd

from coresponse.data.programs.people import People, RolePeople, ShiftSeats
from coresponse.publish.staffing import StaffingPublication

# What is counted of a role, in the order of tables.
COUNTED = tuple(one.name for one in fields(RolePeople) if one.name not in {"crew_role", "title"})


def staffing_frame(told: StaffingPublication) -> pd.DataFrame:
    """Return one row a crew role of each deployment, with whom to hire for the plan."""
    rows = [
        {"deployment": name, **_role(role), **_hired(told, name, role.crew_role)}
        for name, people in _deployments(told)
        for role in people.roles
    ]
    if told.desk is not None:
        rows.append({"deployment": "phone desk", **_role(told.desk), "to_hire": None})
    columns = ["deployment", "crew_role", "title", *COUNTED, "to_hire"]
    frame = pd.DataFrame(rows, columns=columns)
    return frame.astype({"to_hire": "Int64"})


def shifts_frame(told: StaffingPublication) -> pd.DataFrame:
    """Return one row for the seats of a crew role on a shift at a post, of each deployment."""
    names = [one.name for one in fields(ShiftSeats)]
    rows = [
        {"deployment": name, **asdict(seats), "post_name": told.place(seats)}
        for name, shifts in (
            *((name, people.shifts) for name, people in _deployments(told)),
            ("phone desk", told.desk_shifts),
        )
        for seats in shifts
    ]
    return pd.DataFrame(rows, columns=["deployment", names[0], "post_name", *names[1:]])


def staffing_json(told: StaffingPublication) -> dict[str, Any]:
    """Return people by role and shift, and what is said of them."""
    return {
        "words": list(told.sentences),
        "to_hire": {
            "on_duty": dict(told.hire.on_duty),
            "for_leave_and_turnover": dict(told.hire.for_leave),
            "fewer": dict(told.hire.fewer),
            "supervisors": told.hire.supervisors,
        },
        **{
            name: {
                "people": people.people,
                "supervisors": people.supervisors,
                "roles": [_role(role) for role in people.roles],
                "shifts": [asdict(seats) for seats in people.shifts],
            }
            for name, people in _deployments(told)
        },
        **({} if told.desk is None else {"phone_desk": _role(told.desk)}),
    }


# Of the table of people in terminal and report.
STAFFING_HEADS = (
    "Crew role",
    "Seats",
    "Hours a week",
    "FTE on duty",
    "FTE with leave",
    "Positions",
    "Onboarding",
    "People",
    "Today",
    "To hire, with leave",
)


# Columns of that table that the map page has room for.
SHORT = (0, 1, 2, 7, 8, 9)


def short_staffing(told: StaffingPublication) -> tuple[tuple[str, ...], ...]:
    """Return heads and rows of the table of people in brief; nothing where nobody is in place."""
    if not told.plan.roles:
        return ()
    return tuple(tuple(row[k] for k in SHORT) for row in (STAFFING_HEADS, *staffing_cells(told)))


def staffing_cells(told: StaffingPublication) -> list[tuple[str, ...]]:
    """Return the rows of the table of people: each role, then supervisors."""
    today = told.today
    rows = [
        (
            role.title + (" (on call)" if role.standby_h_per_week == role.hours_per_week else ""),
            *_counted(role),
            "" if today is None else str(_now(today, role.crew_role)),
            str(_hired(told, "plan", role.crew_role)["to_hire"]),
        )
        for role in told.plan.roles
    ]
    # of whom the plan needs nobody, so that today's people add up
    rows += [
        (role.title, "0", "0", *("0.00",) * 4, "0", str(role.people), "0")
        for role in (() if today is None else today.roles)
        if told.plan.of(role.crew_role) is None
    ]
    now = "" if today is None else str(today.supervisors)
    led = str(told.plan.supervisors)
    rows.append(("Supervisor", *("",) * 6, led, now, str(told.hire.supervisors)))
    if told.desk is not None:
        rows.append((at_desk(told.desk), *_counted(told.desk), "", ""))
    return rows


def at_desk(role: RolePeople) -> str:
    """Return the title of those who sit at the phone."""
    return f"{role.title} (phone desk)"


def _counted(role: RolePeople) -> tuple[str, ...]:
    return (
        str(role.seats),
        f"{role.hours_per_week:,.0f}",
        f"{role.fte_on_duty:.2f}",
        f"{role.fte_with_leave:.2f}",
        f"{role.positions:.2f}",
        f"{role.onboarding:.2f}",
        str(role.people),
    )


def _now(today: People, crew_role: str) -> int:
    role = today.of(crew_role)
    return 0 if role is None else role.people


def _deployments(told: StaffingPublication) -> list[tuple[str, People]]:
    return [("plan", told.plan), *([] if told.today is None else [("today", told.today)])]


def _role(role: RolePeople) -> dict[str, Any]:
    """Return a role's figures, to a thousandth."""
    return {
        name: round(value, 3) if isinstance(value, float) else value
        for name, value in asdict(role).items()
    }


def _hired(told: StaffingPublication, deployment: str, crew_role: str) -> dict[str, int | None]:
    if deployment != "plan":
        return {"to_hire": None}
    return {"to_hire": told.hire.on_duty[crew_role] + told.hire.for_leave[crew_role]}
