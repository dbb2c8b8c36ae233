"""Write a roster: a workbook, and a calendar if a first Monday is given."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from coresponse.data.tables.workbook import Cell, Formula, OutSheet, at, write_workbook
from coresponse.data.tables.write import whole_file
from coresponse.publish.disclosure import MARK
from coresponse.publish.roster import DAY_NAMES, DutyPublication, LinePublication, RosterPublication
from coresponse.results.calendar import Event, calendar
from coresponse.results.runs import Run, must_be, run_folder, write_json

SCHEMA = 1

WALKED = (
    "Person 1 begins with week 1 of a line, person 2 with week 2, and so on; then each goes on to "
    "the next."
)


def roster_json(publication: RosterPublication) -> dict[str, Any]:
    """Return a roster as plain data."""
    return {
        **publication.disclosure.mark,
        "schema": SCHEMA,
        "study": publication.name,
        "notice": publication.notice,
        "plan": publication.run,
        "found": publication.found,
        "words": list(publication.sentences),
        "rules": list(publication.rules),
        "lines": [asdict(line) for line in publication.lines],
    }


def write_roster(
    publication: RosterPublication, results: Path, first_monday: dt.date | None
) -> Run:
    """Write a roster.

    Parameters
    ----------
    results
        Folder that the run's folder is made in.
    first_monday
        On which the first person begins the first week of a line; None: no calendar is written.

    Raises
    ------
    InputError
        If the folder cannot be written.
    TypeError
        If it was not published.
    """
    must_be(publication, RosterPublication)
    told = roster_json(publication)
    text = json.dumps([told, str(first_monday)], sort_keys=True)
    kind = publication.disclosure.kind_of_run("roster")
    name = f"{kind}-{hashlib.sha256(text.encode()).hexdigest()[:10]}"
    with run_folder(results / name) as folder:
        write_json({**told, "run": name}, folder / "roster.json")
        write_workbook([_summary(publication), *line_sheets(publication)], folder / "roster.xlsx")
        if first_monday is not None:
            title = f"{publication.name}: roster"
            events = _events(publication, first_monday)
            with whole_file(folder / "roster.ics") as file:
                file.write(calendar(title, events).encode("utf-8", errors="replace"))
        publication.disclosure.rename_files(folder)
    return Run(name, results / name, publication.disclosure)


def _summary(publication: RosterPublication) -> OutSheet:
    sheet = OutSheet("Summary", (40, 12, 12, 16, 16, 40))
    sheet.add(f"{publication.name}: roster of {publication.run}", bold=True)
    for text in (publication.notice, *publication.disclosure.mark.values()):
        if text:
            sheet.add(text, bold=True)
    for sentence in (*publication.sentences, "", "Every week keeps:", *publication.rules):
        sheet.add(sentence)
    sheet.add()
    sheet.add(
        "Line", "People", "Relief", "Hours a week", "Weekends off", "What it takes", bold=True
    )
    for line in publication.lines:
        sheet.add(
            line.title, line.people, line.relief, line.hours_per_week, line.weekends_off, line.cure
        )
    sheet.add()
    sheet.add(WALKED)
    return sheet


def line_sheets(publication: RosterPublication, name: str = "Line") -> Iterator[OutSheet]:
    """Return a sheet of weeks for each line that was found."""
    for k, line in enumerate(publication.lines, start=1):
        if not line.weeks:
            continue
        sheet = OutSheet(f"{name} {k}", (10, *(22,) * 7, 12))
        sheet.add(line.title, bold=True)
        if publication.disclosure.internal:
            sheet.add(MARK, bold=True)
        sheet.add("Week", *DAY_NAMES, "Hours", bold=True)
        first = last = len(sheet.rows) + 1
        for number, week in enumerate(line.weeks, start=1):
            cells: list[Cell] = [None] * 7
            for duty in week:
                cells[duty.day] = f"{duty.hours} {publication.post_names[duty.post_id]}"
            last = sheet.add(number, *cells, sum(duty.length for duty in week))
        counts = (
            Formula(
                f"COUNTA({at(day + 2, first)}:{at(day + 2, last)})",
                sum(duty.day == day for week in line.weeks for duty in week),
            )
            for day in range(7)
        )
        sheet.add("On duty", *counts, sheet.total(9, first, last), bold=True)
        yield sheet


def _events(publication: RosterPublication, first_monday: dt.date) -> Iterator[Event]:
    for line in publication.lines:
        n = line.people
        for person in range(n):
            for week, duties in enumerate(line.weeks):
                for duty in duties:
                    yield _event(publication, line, duty, first_monday, person, (week - person) % n)


def _event(
    publication: RosterPublication,
    line: LinePublication,
    duty: DutyPublication,
    first_monday: dt.date,
    person: int,
    weeks_later: int,
) -> Event:
    day = first_monday + dt.timedelta(days=7 * weeks_later + duty.day)
    start = dt.datetime.combine(day, dt.time(duty.start))
    key = f"{line.crew_role}-{'call' if line.standby else 'desk' if line.desk else 'duty'}-{person + 1}-{start:%Y%m%d%H}"
    return Event(
        f"{key}@{publication.run}.coresponse",
        f"{line.title} {person + 1}",
        publication.post_names[duty.post_id],
        start,
        duty.length,
        line.people,
    )
