"""``coresponse plan``."""

from __future__ import annotations

from typing import Annotated

import typer

from coresponse.commands.common import Exit, JsonFlag, QuietFlag, StudyArgument
from coresponse.terminal import ProgressLine, console


def plan(
    folder: StudyArgument,
    json: JsonFlag = False,
    quiet: QuietFlag = False,
    time_limit: Annotated[
        float | None, typer.Option(min=0.1, help="Seconds for the search; default: as in study.toml.")
    ] = None,
    gap: Annotated[float | None, typer.Option(min=0, help="Relative gap that counts as proven.")] = None,
    solver: Annotated[str | None, typer.Option(help="A PuLP solver by name: HiGHS, CBC, GUROBI, ...")] = None,
) -> None:
    """Find the best deployment within the limits of study.toml, and draw it.

    Writes results/RUN with plan.json, plan.gpkg, tables as CSV, and map.html, which opens in any browser without a
    network. The same inputs give the same run.
    """
    from coresponse.optimize.solution import Status
    from coresponse.planning import plan_study
    from coresponse.results import write_run
    from coresponse.show import plan_summary, print_json, show_plan
    from coresponse.study import open_study

    opened = open_study(folder).with_solver(time_limit_s=time_limit, gap=gap, name=solver)
    with ProgressLine(quiet=quiet or json) as progress:
        planned = plan_study(opened, progress=progress)
        run = write_run(planned, progress=progress) if planned.found else None
    if json:
        print_json(plan_summary(planned, run))
    else:
        show_plan(planned, run, console())
    codes = {Status.INFEASIBLE: Exit.INFEASIBLE, Status.NOTHING_FOUND: Exit.NOTHING_FOUND}
    raise typer.Exit(codes.get(planned.solution.status, Exit.DONE))
