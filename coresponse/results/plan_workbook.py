"""``plan.xlsx``: a plan for those who keep the books, with formulas that add up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import takewhile
from pathlib import Path

from coresponse.coverage.replay.bands import Interval
from coresponse.data.deployments import deployment_frame
from coresponse.data.hours import WEEKS_A_YEAR
from coresponse.data.options import by_name
from coresponse.data.programs.cost import CostLine, annual_cost, desk_lines
from coresponse.data.programs.model import Program
from coresponse.data.programs.people import SLACK, RolePeople
from coresponse.data.tables.workbook import (
    HUNDREDTHS,
    MONEY,
    PERCENT,
    WHOLE,
    Cell,
    Formula,
    OutSheet,
    at,
    write_workbook,
)
from coresponse.publish.plan_publication import PlanPublication
from coresponse.publish.roster import publish_roster
from coresponse.publish.rungs import HEADS, TITLES
from coresponse.questions.roster import roster as find_roster
from coresponse.results.assumptions_sheet import assumptions_sheet, titled
from coresponse.results.plan_agencies import agencies_sheets
from coresponse.results.report.costs import DESK, FURTHER
from coresponse.results.report.words import answer
from coresponse.results.residents import residents_sheets
from coresponse.results.roster import WALKED, line_sheets
from coresponse.results.staffing import at_desk
from coresponse.results.standards import standards_sheets

# Columns of a cost line whose product is its dollars.
FACTORS = (
    "seats",
    "hours_per_week",
    "weeks_per_year",
    "dollars_per_hour",
    "staff_dollars",
    "times",
)

SHOWN = {"share": PERCENT, "min": "0.0", "dollars": MONEY, "per_week": "#,##0.0", "count": WHOLE}


def write_plan_workbook(publication: PlanPublication, run: str, path: Path) -> None:
    """Write a plan's workbook: summary, ladder, deployment, staffing, roster, cost, assumptions."""
    sheets = [
        _summary(publication, run),
        *_ladder(publication),
        _deployment(publication),
        _staffing(publication),
        *_roster(publication, run),
        _cost(publication),
        *agencies_sheets(publication),
        *standards_sheets(publication),
        *residents_sheets(publication),
        assumptions_sheet(publication.facts, publication.disclosure),
    ]
    write_workbook(sheets, path)


def _sheet(
    publication: PlanPublication, title: str, *widths: float, formats: dict[int, str] | None = None
) -> OutSheet:
    return titled(publication.facts, publication.disclosure, title, *widths, formats=formats)


def _summary(publication: PlanPublication, run: str) -> OutSheet:
    sheet = _sheet(publication, "Summary", 70, 16, 16, 16, 16, 16, 16, 50)
    sheet.add(f"Run {run}")
    for sentence in (
        *answer(publication),
        *publication.staffing.sentences,
        *publication.standing.sentences[1:],
        publication.in_model,
    ):
        sheet.add(sentence)
    sheet.add()
    sheet.add("Figure", "Plan", "low", "high", "Today", "low", "high", "What it is", bold=True)
    for row in publication.shown.summary:
        mine, theirs = row.plan_band or (None, None), row.today_band or (None, None)
        sheet.add(
            f"{row.label} ({row.unit})",
            row.plan,
            *mine,
            row.today,
            *theirs,
            row.note,
            shown=SHOWN[row.unit],
        )
    sheet.add("low and high: where the figure lies in 95 of 100 cases.")
    return sheet


def _ladder(publication: PlanPublication) -> Iterator[OutSheet]:
    ladder = publication.shown.ladder
    if ladder is None:
        return
    formats = {2: PERCENT, 3: "0.0", 4: "#,##0.0", 6: MONEY}
    sheet = _sheet(publication, "Ladder", 42, 12, 16, 22, 50, 16, formats=formats)
    sheet.add("Rung", HEADS[1], "Mean wait, min", *HEADS[3:], bold=True)
    for rung in ladder.rungs:
        sheet.add(
            TITLES[rung.name],
            _mean(rung.share_in_time),
            _mean(rung.wait_s, 1 / 60),
            _mean(rung.left_to_police),
            rung.fleet,
            rung.dollars.mean,
        )
    if ladder.last_units:
        sheet.add(ladder.last_units)
    yield sheet


def _mean(found: Interval | None, scale: float = 1.0) -> float | None:
    return None if found is None else found.mean * scale


def _deployment(publication: PlanPublication) -> OutSheet:
    facts = publication.facts
    sheet = _sheet(publication, "Deployment", 26, 12, 40, 26, 34, 9, 9)
    sheet.add("Responder", "Post", "Name", "Shift", "Clock hours", "Plan", "Today", bold=True)
    counts = {name: one.as_dict() for name, one in publication.deployments.items()}
    options = sorted({option for one in counts.values() for option in one}, key=by_name)
    names = {
        post: name
        for one in publication.deployments.values()
        for post, name in deployment_frame(one, facts.posts)[["post_id", "post_name"]].to_numpy()
    }
    first = last = len(sheet.rows) + 1
    for option in options:
        pattern = facts.program.shift_patterns[option.shift_pattern]
        last = sheet.add(
            facts.program.responder_types[option.responder_type].title,
            option.post_id,
            names[option.post_id],
            pattern.title,
            pattern.hours.words(),
            counts["plan"].get(option, 0),
            counts["today"].get(option, 0) if "today" in counts else None,
        )
    totals = (sheet.total(column, first, last) for column in (6, 7))
    sheet.add("All", None, None, None, None, *totals, bold=True)
    return sheet


def _staffing(publication: PlanPublication) -> OutSheet:
    """Full-time equivalents as formulas over hours: change a rate and see who is needed."""
    program, told = publication.facts.program, publication.staffing
    formats = dict.fromkeys(range(4, 10), HUNDREDTHS) | {3: WHOLE}
    sheet = _sheet(publication, "Staffing", 40, 10, 14, *(16,) * 11, formats=formats)
    for sentence in told.sentences:
        sheet.add(sentence)
    staffing = program.staffing
    rates = {
        "Weeks a year": WEEKS_A_YEAR,
        "Paid hours of one person, a year": staffing.paid_hours_per_year.value,
        "Hours that one person is there, a year": program.productive_hours_per_year.value,
        "People per supervisor": staffing.people_per_supervisor.value,
    }
    *rate_cells, span = (
        f"$B${sheet.add(name, value, shown=HUNDREDTHS)}" for name, value in rates.items()
    )
    sheet.add()
    sheet.add(
        "Crew role", "Seats", "Hours a week", "FTE on duty", "FTE with leave", "Vacancy",
        "Turnover a year", "Onboarding, months", "Positions", "Onboarding", "People", "Today",
        "To hire, with leave", "Training, hours a year", bold=True,
    )  # fmt: skip
    first = last = len(sheet.rows) + 1
    for role in told.plan.roles:
        now = None if told.today is None else told.today.of(role.crew_role)
        today = 0 if now is None else now.people
        last = _role_row(sheet, program, role, role.title, rate_cells, today)
    totals = (sheet.total(column, first, last) for column in range(9, 15))
    row = sheet.add("All", *(None,) * 7, *totals, bold=True)
    led = Formula(f"ROUNDUP({at(11, row)}/{span}-{SLACK:.9f},0)", told.plan.supervisors)
    sheet.add("Supervisors", *(None,) * 9, led)
    if told.desk is not None:
        _role_row(sheet, program, told.desk, at_desk(told.desk), rate_cells, None)
    return sheet


def _role_row(
    sheet: OutSheet,
    program: Program,
    role: RolePeople,
    title: str,
    rates: Sequence[str],
    today: int | None,
) -> int:
    """Add a role's row; today None where nobody says how many there are."""
    rates_of, (weeks, paid, there) = program.crew_roles[role.crew_role], rates
    k = len(sheet.rows) + 1
    more = None if today is None else Formula(f"MAX(K{k}-L{k},0)", max(role.people - today, 0))
    return sheet.add(
        title,
        role.seats,
        role.hours_per_week,
        Formula(f"MIN(C{k}*{weeks}/{paid},I{k})", role.fte_on_duty),
        Formula(f"C{k}*{weeks}/{there}", role.fte_with_leave),
        rates_of.vacancy_share.value,
        rates_of.turnover_share.value,
        rates_of.onboarding_months.value,
        Formula(f"E{k}/(1-F{k})", role.positions),
        Formula(f"I{k}*G{k}*H{k}/12", role.onboarding),
        Formula(f"ROUNDUP(I{k}+J{k}-{SLACK:.9f},0)", role.people),
        today,
        more,
        Formula(f"I{k}*G{k}*{rates_of.training_h.value:.12g}", role.training_h_per_year),
    )


def _roster(publication: PlanPublication, run: str) -> Iterator[OutSheet]:
    """Seats to fill each week, and who works which week."""
    told, program = publication.staffing, publication.facts.program
    roster = publish_roster(
        find_roster(program, publication.deployment, desk=told.desk_shifts, by_repair_alone=True),
        name=publication.facts.name,
        notice=publication.facts.notice,
        run=run,
        post_names=told.post_names,
        disclosure=publication.disclosure,
    )
    sheet = _sheet(publication, "Roster", 40, 30, 26, 34, 9, 14, 10)
    for sentence in (*roster.sentences, "", "Every week keeps:", *roster.rules, WALKED, ""):
        sheet.add(sentence)
    sheet.add("Seats to fill each week; who works which week is on the sheets that follow.")
    sheet.add(
        "Post", "Crew role", "Shift", "Clock hours", "Seats", "Hours a week", "On call", bold=True
    )
    first = last = len(sheet.rows) + 1
    for seat in (*told.plan.shifts, *told.desk_shifts):
        last = sheet.add(
            told.place(seat),
            program.crew_roles[seat.crew_role].title,
            told.titles.get(seat.shift_pattern),
            seat.hours,
            seat.seats,
            seat.hours_per_week,
            "yes" if seat.standby else "no",
        )
    totals = (sheet.total(column, first, last) for column in (5, 6))
    sheet.add("All", None, None, None, *totals, bold=True)
    yield sheet
    yield from line_sheets(roster, "Roster")


def _cost(publication: PlanPublication) -> OutSheet:
    formats = {4: WHOLE, 5: WHOLE, 6: HUNDREDTHS, 7: HUNDREDTHS, 8: HUNDREDTHS}
    formats |= {9: MONEY, 10: "0.0000", 11: MONEY, 12: MONEY}
    sheet = _sheet(
        publication, "Cost", 26, 26, 42, 8, 8, 14, 14, 16, 16, 10, 18, 18, formats=formats
    )
    sheet.add("A line's dollars are the product of what stands before them, times the units.")
    for name in publication.deployments:
        _cost_of(publication, name, sheet)
    return sheet


def _cost_of(publication: PlanPublication, name: str, sheet: OutSheet) -> None:
    """Add a deployment's cost lines, their sum, and what the replay finds beyond."""
    program, told = publication.facts.program, publication.shown.costs
    sheet.add()
    sheet.add({"plan": "The plan", "today": "Today"}[name], bold=True)
    sheet.add(
        "Responder", "Shift", "Line", "Units", "Seats", "Hours a week", "Weeks a year",
        "Dollars an hour", "Staff dollars", "Times", "Dollars of a unit", "Dollars", bold=True,
    )  # fmt: skip
    units: dict[tuple[str, str], int] = {}
    for option, count in publication.deployments[name].counts:
        key = (option.responder_type, option.shift_pattern)
        units[key] = units.get(key, 0) + count
    first = last = len(sheet.rows) + 1
    start_up = 0.0
    for (responder_type, shift_pattern), count in units.items():
        cost = annual_cost(program, responder_type, shift_pattern)
        start_up += count * cost.start_up
        titles = (
            program.responder_types[responder_type].title,
            program.shift_patterns[shift_pattern].clock_title,
        )
        last = _cost_lines(sheet, titles, count, cost.lines)
    if publication.phone is not None:
        hours = publication.phone.hours_per_week
        last = _cost_lines(sheet, (DESK, None), 1, desk_lines(program, hours)) or last
    blank = (None,) * 8
    total = sheet.add(
        "All, a year, as planned", *blank, None, None, sheet.total(12, first, last), bold=True
    )
    if told.standby:
        further = round(told.found[name].mean - told.planned[name], 2)
        more = sheet.add(FURTHER, *blank, None, None, further)
        found = Formula(f"L{total}+L{more}", sheet.value(12, total) + further)
        sheet.add("All, a year, as found", *blank, None, None, found, bold=True)
    sheet.add("Once, to start", *blank, None, None, start_up)


def _cost_lines(
    sheet: OutSheet, titles: tuple[Cell, Cell], count: int, lines: Sequence[CostLine]
) -> int:
    """Add a unit's lines, and return the row of the last; 0 if there is none."""
    staff, last = len(sheet.rows) + 1, 0
    # all lines of a unit up to the first that is a share of staff pay
    paid = sum(1 for _ in takewhile(lambda line: "staff_dollars" not in line.factors, lines))
    for line in lines:
        k = len(sheet.rows) + 1
        factors: list[Cell] = [line.factors.get(factor) for factor in FACTORS]
        if "staff_dollars" in line.factors:
            factors[4] = sheet.total(11, staff, staff + paid - 1)
        last = sheet.add(
            *titles,
            line.what,
            count,
            *factors,
            Formula(f"PRODUCT(E{k}:J{k})", line.per_year),
            Formula(f"D{k}*K{k}", count * line.per_year),
        )
    return last
