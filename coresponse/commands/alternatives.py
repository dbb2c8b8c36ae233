"""``coresponse alternatives``."""

from __future__ import annotations

from typing import Annotated

import typer

from coresponse.commands.common import Exit, JsonFlag, QuietFlag, StudyArgument
from coresponse.terminal import ProgressLine, console


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
    from coresponse.choices import Choices, choices_json, find_choices, write_choices
    from coresponse.inputs import read_inputs
    from coresponse.show import plan_summary, print_json, show_plan
    from coresponse.show_choices import show_choices
    from coresponse.study import open_study

    opened = open_study(folder).with_solver(time_limit_s=time_limit)
    with ProgressLine(quiet=quiet or json) as progress:
        inputs = read_inputs(opened, progress=progress)
        found = find_choices(
            inputs, count=count, differ_in=differ_in, worth=worth, progress=progress
        )
        run = (
            write_choices(found, count=count, differ_in=differ_in)
            if isinstance(found, Choices)
            else None
        )
    if not isinstance(found, Choices) or run is None:
        planned = found.planned if isinstance(found, Choices) else found
        print_json(plan_summary(planned, None)) if json else show_plan(planned, None, console())
        raise typer.Exit(Exit.INFEASIBLE if planned.clash is not None else Exit.NOTHING_FOUND)
    if json:
        print_json(choices_json(found, run.name, {}) | {"folder": str(run.folder)})
    else:
        show_choices(found, run, console())
