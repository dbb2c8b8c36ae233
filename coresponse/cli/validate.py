"""``coresponse validate``."""

from __future__ import annotations

from typing import Annotated

import typer

from coresponse.cli.common import DetailsFlag, JsonFlag, QuietFlag, StudyArgument
from coresponse.cli.terminal import ProgressLine, console, print_json


def validate(
    folder: StudyArgument,
    json: JsonFlag = False,
    quiet: QuietFlag = False,
    details: DetailsFlag = False,
    internal: Annotated[
        bool,
        typer.Option(
            "--internal",
            help="Hide and round nothing, for work inside the agency: groups of few records and "
            "exact counts are shown. The run, its page and its files are marked INTERNAL.",
        ),
    ] = False,
) -> None:
    r"""Hold the model against the records, the response times that you had.

    Replays today's deployment through the history, at the real calls' own times, and sets its
    times beside the recorded ones of the units that answered: all together, by district, hour,
    unit and call class. Says whether the model fits, is off and by how much, or that the records
    cannot tell, and why; and which travel speeds would fit, judged on days that they were not
    fitted to. Changes nothing in the study.

    Needs today's deployment, the columns arrived_at and unit_id in the calls, and which of these
    units are today's crews. In study.toml:

      \[today]
      file = "today.csv"
      units = { "CRT-1" = "station-4", "CRT-*" = "" }

    Writes results/validate-... with validation.html, validation.json and tables.
    """
    from coresponse.cli.show_validation import show_validation
    from coresponse.data.errors import InputError
    from coresponse.publish.disclosure import Disclosure
    from coresponse.publish.validation import before_validation, publish_validation
    from coresponse.questions.validate import cannot_tell
    from coresponse.questions.validate import validate as hold_against_records
    from coresponse.results.validation import validation_json, write_validation
    from coresponse.study.folder import open_study
    from coresponse.study.read import read_study

    with ProgressLine(quiet=quiet or json) as progress:
        study = read_study(open_study(folder), progress=progress)
        reasons = cannot_tell(study.stated_case)
        if "assumed" in reasons:
            said = before_validation(reasons).rstrip(".")
            raise InputError(f"{said} -- name their files under [calls] once there are any")
        if "no deployment" in reasons:
            said = before_validation(reasons).rstrip(".")
            raise InputError(
                f"{said} -- file = a table of responder_type, post_id, shift_pattern, count"
            )
        found = hold_against_records(study.stated_case, progress=progress)
        told = publish_validation(found, Disclosure(internal))
        run = write_validation(told, study.folder.results, study.hashes)
    if json:
        print_json(validation_json(told, run.name, study.hashes) | {"folder": str(run.folder)})
    else:
        show_validation(told, run, console(), details=details)
