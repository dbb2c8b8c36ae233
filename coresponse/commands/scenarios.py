"""``coresponse scenarios``."""

from __future__ import annotations

from typing import Annotated

import typer

from coresponse.commands.common import Exit, JsonFlag, QuietFlag, StudyArgument, finite
from coresponse.terminal import ProgressLine, console


def scenarios(
    folder: StudyArgument,
    only: Annotated[
        list[str] | None,
        typer.Option(
            "--only",
            metavar="NAME",
            help="A scenario of the study, or one that ships; may be given again.",
        ),
    ] = None,
    tail_weight: Annotated[
        float,
        typer.Option(
            min=0.0,
            callback=finite,
            help="Of the tail, beside the mean, in the second robust plan.",
        ),
    ] = 1.0,
    alpha: Annotated[
        float,
        typer.Option(
            min=0.0, max=0.99, callback=finite, help="The tail is the worst 1 - alpha of scenarios."
        ),
    ] = 0.75,
    time_limit: Annotated[
        float, typer.Option(min=0.1, callback=finite, help="Seconds for each search.")
    ] = 60.0,
    json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> None:
    """Judge plans in scenarios, and find the plan that holds up best in all of them.

    Scenarios are those of study.toml, or, without any, those that ship. Writes
    results/scenarios-... with the regret table (regret.csv), all figures, the plans, and
    scenarios.json.
    """
    from coresponse.best import Best
    from coresponse.inputs import read_inputs
    from coresponse.scenarios.run import judge_scenarios
    from coresponse.scenarios.show import show_scenarios
    from coresponse.scenarios.write import scenarios_json, write_scenarios
    from coresponse.show import print_json
    from coresponse.study import open_study

    opened = open_study(folder)
    with ProgressLine(quiet=quiet or json) as progress:
        inputs = read_inputs(opened, progress=progress)
        judged = judge_scenarios(
            inputs,
            names=only or (),
            tail_weight=tail_weight,
            alpha=alpha,
            time_limit_s=time_limit,
            progress=progress,
        )
        if not isinstance(judged, Best):
            run = write_scenarios(judged)
    if isinstance(judged, Best):
        for line in judged.clash.lines() if judged.clash else [judged.solution.message]:
            console(stderr=True).print(line, markup=False)
        raise typer.Exit(Exit.INFEASIBLE if judged.clash else Exit.NOTHING_FOUND)
    if json:
        print_json(scenarios_json(judged, run))
    else:
        show_scenarios(judged, run, console())
