"""``coresponse roster``."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from coresponse.cli.common import Exit, JsonFlag, QuietFlag, StudyArgument
from coresponse.cli.terminal import ProgressLine, console, print_json


def roster(
    folder: StudyArgument,
    run: Annotated[
        Path | None, typer.Option(help="A plan of results/; default: the newest.")
    ] = None,
    first_monday: Annotated[
        dt.datetime | None,
        typer.Option(
            "--from",
            formats=["%Y-%m-%d"],
            help="The Monday on which the cycle begins; then a calendar is written, too.",
        ),
    ] = None,
    json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> None:
    """Show that a plan can be worked: a cycle of weeks for each crew role, with rest and weekends.

    Rules are the program's (staffing.rest_h, most_days_in_a_row, most_hours_a_week,
    weekends_off_share). Where the people that the plan has cannot keep them, the smallest cure is
    named. Writes results/roster-... with roster.xlsx, roster.json and, with --from, roster.ics.
    """
    from coresponse.publish.roster import publish_roster
    from coresponse.questions.roster import roster as find_roster
    from coresponse.results.planned import planned_deployment, program_of, staffing_of
    from coresponse.results.roster import roster_json, write_roster
    from coresponse.study.folder import open_study

    if first_monday is not None and first_monday.weekday() != 0:
        raise typer.BadParameter(f"{first_monday:%Y-%m-%d} is not a Monday", param_hint="--from")
    opened = open_study(folder)
    planned = planned_deployment(opened, run)
    with ProgressLine(quiet=quiet or json) as progress:
        program = program_of(opened, planned)
        staffing = staffing_of(program, planned)
        found = find_roster(
            program, planned.deployment, desk=staffing.desk_shifts, progress=progress
        )
        told = publish_roster(
            found,
            name=opened.study.name,
            notice=planned.notice,
            run=planned.run,
            post_names=planned.post_names,
            disclosure=planned.disclosure,
        )
        day = None if first_monday is None else first_monday.date()
        written = write_roster(told, opened.results, day)
    if json:
        print_json(roster_json(told) | {"run": written.name, "folder": str(written.folder)})
    else:
        for sentence in (staffing.sentences[0], *told.sentences):
            console().print(Text(sentence))
        console().print(Text(f"Roster:  {written.file('roster.xlsx')}"))
        if day is not None:
            console().print(Text(f"Calendar: {written.file('roster.ics')}"))
    raise typer.Exit(Exit.DONE if told.found else Exit.INFEASIBLE)
