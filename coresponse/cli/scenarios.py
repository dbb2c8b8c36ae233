"""``coresponse scenarios``."""

from __future__ import annotations

from typing import Annotated

import typer

from coresponse.cli.common import DetailsFlag, Exit, JsonFlag, QuietFlag, StudyArgument, finite
from coresponse.cli.terminal import ProgressLine, console, print_json


def scenarios(
    folder: StudyArgument,
    only: Annotated[
        list[str] | None,
        typer.Option(
            "--only",
            metavar="NAME",
            help="A scenario of the study, or one that ships; may be repeated.",
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
    details: DetailsFlag = False,
) -> None:
    """Judge plans in scenarios, and find the plan that holds up best in all of them.

    Scenarios are those of study.toml, or, without any, those that ship. Writes
    results/scenarios-... with the regret table (regret.csv), all figures, the plans, and
    scenarios.json.
    """
    from coresponse.cli.show_scenarios import show_scenarios
    from coresponse.publish.scenarios import publish_scenarios
    from coresponse.questions.scenarios.results import ScenarioResults
    from coresponse.questions.scenarios.run import scenarios as judge_scenarios
    from coresponse.results.scenarios import scenarios_json, write_scenarios
    from coresponse.study.folder import open_study
    from coresponse.study.read import read_study

    opened = open_study(folder)
    with ProgressLine(quiet=quiet or json) as progress:
        study = read_study(opened, progress=progress)
        found = judge_scenarios(
            study.case,
            study.settings.scenarios,
            names=only or (),
            tail_weight=tail_weight,
            alpha=alpha,
            time_limit_s=time_limit,
            progress=progress,
        )
        if isinstance(found, ScenarioResults):
            told = publish_scenarios(found)
            run = write_scenarios(told, study.folder.results, study.hashes)
    if not isinstance(found, ScenarioResults):
        for line in found.clash.lines() if found.clash else [found.solution.message]:
            console(stderr=True).print(line, markup=False)
        raise typer.Exit(Exit.INFEASIBLE if found.clash else Exit.NOTHING_FOUND)
    if json:
        print_json(scenarios_json(told, run.name, study.hashes))
    else:
        show_scenarios(told, run, console(), details=details)
