"""``coresponse alternatives``."""

from __future__ import annotations

from typing import Annotated

import typer

from coresponse.cli.common import DetailsFlag, Exit, JsonFlag, QuietFlag, StudyArgument
from coresponse.cli.terminal import ProgressLine, console, print_json


def alternatives(
    folder: StudyArgument,
    count: Annotated[int, typer.Option(min=1, max=50, help="Plans in all, the best first.")] = 3,
    differ_in: Annotated[
        int, typer.Option(min=1, help="Posts in which any two plans differ at least.")
    ] = 2,
    worth: Annotated[
        bool,
        typer.Option(
            "--worth", help="Also what each post is worth: the plan without it, or with it."
        ),
    ] = False,
    json: JsonFlag = False,
    quiet: QuietFlag = False,
    details: DetailsFlag = False,
    time_limit: Annotated[
        float | None,
        typer.Option(min=0.1, help="Seconds for each search; default: as in study.toml."),
    ] = None,
) -> None:
    """Find plans nearly as good as the best that use other posts, and what each post is worth.

    For when a post falls through, a landlord asks for more, or a council member asks "why not
    there": each answer is the best that there is under its condition, proven or with its gap.
    Writes results/alternatives-... with the deployments as CSV, ready for [bold]coresponse replay
    --deployment[/bold].
    """
    from coresponse.cli.show_alternatives import show_near_best
    from coresponse.cli.show_plan import plan_summary, show_plan
    from coresponse.publish.near_best import publish_near_best
    from coresponse.publish.plan import publish_plan
    from coresponse.questions.alternatives import alternatives as find_alternatives
    from coresponse.questions.near_best import NearBest
    from coresponse.results.alternatives import near_best_json, write_near_best
    from coresponse.study.folder import open_study
    from coresponse.study.read import read_study

    opened = open_study(folder).with_solver(time_limit_s=time_limit)
    with ProgressLine(quiet=quiet or json) as progress:
        study = read_study(opened, progress=progress)
        found = find_alternatives(
            study.case, count=count, differ_in=differ_in, worth=worth, progress=progress
        )
        if isinstance(found, NearBest):
            told = publish_near_best(found)
            run = write_near_best(
                told, study.folder.results, study.hashes, count=count, differ_in=differ_in
            )
    if not isinstance(found, NearBest):
        none = publish_plan(found)
        print_json(plan_summary(none, None)) if json else show_plan(none, None, console())
        raise typer.Exit(Exit.INFEASIBLE if none.search.clash else Exit.NOTHING_FOUND)
    if json:
        print_json(near_best_json(told, run.name, {}) | {"folder": str(run.folder)})
    else:
        show_near_best(told, run, console(), details=details)
