"""``coresponse explore``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from coresponse.cli.common import JsonFlag, QuietFlag, StudyArgument
from coresponse.cli.terminal import ProgressLine, print_json


def explore(
    folder: StudyArgument,
    sweep: Annotated[
        Path | None, typer.Option(help="A sweep of results/; default: the newest.")
    ] = None,
    internal: Annotated[
        bool,
        typer.Option(
            "--internal",
            help="Draw areas as small as 250 m, however few their calls; mark the page INTERNAL.",
        ),
    ] = False,
    json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> None:
    """Write the budget explorer: sliders over a sweep's plans, with map, figures and frontier.

    One page that opens without a network. The address keeps what is chosen, so that a view can be
    shared, and a button saves the picture. Run [bold]coresponse sweep[/bold] first.
    """
    from coresponse.publish.disclosure import Disclosure
    from coresponse.results.explorer import write_study_explorer
    from coresponse.study.folder import open_study
    from coresponse.study.read import read_study

    with ProgressLine(quiet=quiet or json) as progress:
        study = read_study(open_study(folder), progress=progress)
        page = write_study_explorer(
            study, sweep=sweep, disclosure=Disclosure(internal), progress=progress
        )
    if json:
        print_json({"explorer": str(page)})
    else:
        typer.echo(f"Explorer: {page}")
