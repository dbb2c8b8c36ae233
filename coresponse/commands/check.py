"""``coresponse check``."""

from __future__ import annotations

from rich.text import Text

from coresponse.commands.common import JsonFlag, QuietFlag, StudyArgument
from coresponse.publish.disclosure import INTERNAL
from coresponse.terminal import ProgressLine, console


def check(folder: StudyArgument, json: JsonFlag = False, quiet: QuietFlag = False) -> None:
    """Read a study's inputs and say what is in them and what is wrong with them.

    Shows what became of every row of the calls, the natures that no call class takes, the names
    that study.toml and deployments may use, and what the roads' speeds rest on. Changes nothing.
    """
    from coresponse.inputs import read_inputs
    from coresponse.ready import check_ready
    from coresponse.results import inputs_json
    from coresponse.show import print_json, show_inputs
    from coresponse.study import open_study

    with ProgressLine(quiet=quiet or json) as progress:
        inputs = read_inputs(open_study(folder), progress=progress)
    if json:
        print_json(inputs_json(inputs, disclosure=INTERNAL))
    else:
        show_inputs(inputs, console())
    check_ready(inputs)
    if not json:
        console().print(
            Text(f"Nothing stands in the way of planning: coresponse plan {folder}", style="green")
        )
