"""``coresponse check``."""

from __future__ import annotations

from rich.text import Text

from coresponse.cli.common import DetailsFlag, JsonFlag, QuietFlag, StudyArgument
from coresponse.cli.terminal import ProgressLine, console, more_in_details, print_json


def check(
    folder: StudyArgument,
    json: JsonFlag = False,
    quiet: QuietFlag = False,
    details: DetailsFlag = False,
) -> None:
    """Read a study's inputs and say what is in them and what is wrong with them.

    Shows what became of every row of the calls, and what is worth a look; with --details the
    natures that each call class takes, and the names that study.toml and deployments may use.
    Changes nothing.
    """
    from coresponse.cli.show_inputs import hindrances, show_inputs
    from coresponse.cli.show_validation import show_records
    from coresponse.publish.disclosure import INTERNAL, PUBLIC
    from coresponse.publish.history import facts_of, publish_history
    from coresponse.study.folder import open_study
    from coresponse.study.read import read_study

    with ProgressLine(quiet=quiet or json) as progress:
        study = read_study(open_study(folder), progress=progress)
        case = study.case
    found = hindrances(case.city)
    if json:
        from coresponse.results.plan import inputs_json

        history = publish_history(case.city, INTERNAL)
        print_json(inputs_json(facts_of(case), history))
    else:
        show_inputs(case.city, case.notice, console(), details=details)
        for said in found:
            console().print(Text(f"Look at this first: {said}.", style="bold yellow"))
    case.check(lambda: PUBLIC.refuse_few(int(case.base_cells.calls.sum())))
    if not json:
        show_records(study, console())
        clear = "The rest can be used for planning" if found else "Ready"
        style = "yellow" if found else "green"
        console().print(
            Text(f"{clear}. Next: coresponse plan {folder}", style=style), soft_wrap=True
        )
        if not details:
            more_in_details(console(), "Columns, natures, posts and all notes")
