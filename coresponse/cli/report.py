"""``coresponse report``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from coresponse.cli.common import JsonFlag, StudyArgument


def report(
    folder: StudyArgument,
    run: Annotated[
        Path | None, typer.Option(help="A plan of results/; default: the newest.")
    ] = None,
    sweep: Annotated[
        Path | None, typer.Option(help="A sweep of results/; default: the newest, if there is one.")
    ] = None,
    json: JsonFlag = False,
) -> None:
    """Write the council's report of a plan, with what a sweep found about each budget.

    Every plan has its report.html already; this one adds the newest sweep. One page that opens
    without a network: a brief on top, then what stands behind it. Print it from the browser for a
    PDF on A4 or Letter.
    """
    from coresponse.results.report.again import report_again
    from coresponse.study.folder import open_study

    page = report_again(open_study(folder), run=run, sweep=sweep)
    if json:
        from coresponse.cli.terminal import print_json

        print_json({"report": str(page)})
    else:
        typer.echo(f"Report: {page}")
