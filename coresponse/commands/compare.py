"""``coresponse compare``."""

from __future__ import annotations

from typing import Annotated

import typer

from coresponse.commands.common import Exit, JsonFlag, QuietFlag, StudyArgument, dollars, finite
from coresponse.terminal import ProgressLine, console


def compare(
    folder: StudyArgument,
    programs: Annotated[
        str,
        typer.Option(
            metavar="NAME,NAME,...",
            help="Presets or program files, two or more, separated by commas.",
        ),
    ] = "ride-along,on-call,mixed,star,cahoots,b-heard",
    budget: Annotated[
        float | None,
        typer.Option(
            parser=dollars,
            metavar="DOLLARS",
            help="Dollars a year for each, such as 2.5M or 900k; default: the study's limit, else what today's costs.",
        ),
    ] = None,
    time_limit: Annotated[
        float, typer.Option(min=0.1, callback=finite, help="Seconds for each plan.")
    ] = 10.0,
    json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> None:
    """Plan the same city, calls and budget under several crisis programs, side by side.

    The programs bring crews, hours and the calls that they take; standards, wages and classes of
    calls are the study's. What a program does not have is said, and nothing is put in its place.
    Writes results/compare-... with programs.csv and compare.json.
    """
    from coresponse.inputs import read_inputs
    from coresponse.programs_compared.common import compared_programs
    from coresponse.programs_compared.run import compare_programs
    from coresponse.programs_compared.show import show_compared
    from coresponse.programs_compared.write import compare_json, write_compared
    from coresponse.show import print_json
    from coresponse.study import open_study

    names = compared_programs(programs)
    opened = open_study(folder)
    with ProgressLine(quiet=quiet or json) as progress:
        inputs = read_inputs(opened, progress=progress)
        compared = compare_programs(
            inputs, names, budget_per_year=budget, time_limit_s=time_limit, progress=progress
        )
        run = write_compared(compared)
    if json:
        print_json(compare_json(compared, run))
    else:
        show_compared(compared, run, console())
    planned = any(row.figures for row in compared.rows)
    raise typer.Exit(Exit.DONE if planned else Exit.INFEASIBLE)
