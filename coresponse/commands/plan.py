"""``coresponse plan``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.text import Text

from coresponse.commands.common import Exit, JsonFlag, OptionalStudyArgument, QuietFlag
from coresponse.publish.disclosure import Disclosure
from coresponse.terminal import ProgressLine, console


def plan(
    folder: OptionalStudyArgument = None,
    json: JsonFlag = False,
    quiet: QuietFlag = False,
    time_limit: Annotated[
        float | None,
        typer.Option(min=0.1, help="Seconds for the search; default: as in study.toml."),
    ] = None,
    gap: Annotated[
        float | None, typer.Option(min=0, help="Relative gap that counts as proven.")
    ] = None,
    solver: Annotated[
        str | None, typer.Option(help="A PuLP solver by name: HiGHS, CBC, GUROBI, ...")
    ] = None,
    tiles: Annotated[
        bool | None,
        typer.Option(
            "--tiles/--no-tiles",
            help="Lay the map over online tiles: those of study.toml, or OpenStreetMap's. Whoever opens it then tells that "
            "server what is looked at. Without it, no page makes a request.",
            show_default=False,
        ),
    ] = None,
    tiles_url: Annotated[
        str,
        typer.Option(metavar="URL", help="Other tiles, as https://tiles.example/{z}/{x}/{y}.png."),
    ] = "",
    tiles_attribution: Annotated[
        str, typer.Option(metavar="TEXT", help="Whom to name for --tiles-url.")
    ] = "",
    internal: Annotated[
        bool,
        typer.Option(
            "--internal",
            help="Suppress nothing, for work inside the agency: areas as small as 250 m with their exact numbers of calls, "
            "districts and classes with few calls, exact counts of rows lost. The run, its pages "
            "and its files are marked "
            "INTERNAL; other commands take such a run only if it is named.",
        ),
    ] = False,
    verify: Annotated[
        Path | None,
        typer.Option(metavar="RUN", help="Plan nothing; check that a run of results/ stands up."),
    ] = None,
) -> None:
    """Find the best deployment within the limits of study.toml, and draw it.

    Writes results/RUN with plan.json, plan.gpkg, tables as CSV, and map.html, which opens in any
    browser without a network. The same inputs give the same run; [bold]--verify results/RUN[/bold]
    checks one against its inputs.
    """
    if verify is not None:
        _verify(folder, verify, json=json, quiet=quiet)
    if folder is None:
        raise typer.BadParameter("say which study folder", param_hint="STUDY")
    from coresponse.optimize.solution import Status
    from coresponse.planning import plan_study
    from coresponse.results import write_run
    from coresponse.show import plan_summary, print_json, show_plan
    from coresponse.study import open_study

    if tiles_url and tiles is False:
        raise typer.BadParameter("not together with --no-tiles", param_hint="--tiles-url")
    opened = open_study(folder).with_solver(time_limit_s=time_limit, gap=gap, name=solver)
    opened = opened.with_tiles(wanted=tiles, url=tiles_url, attribution=tiles_attribution)
    with ProgressLine(quiet=quiet or json) as progress:
        planned = plan_study(opened, progress=progress)
        run = (
            write_run(planned, disclosure=Disclosure(internal), progress=progress)
            if planned.found
            else None
        )
    if json:
        print_json(plan_summary(planned, run))
    else:
        show_plan(planned, run, console())
    if planned.solution.interrupted:
        console(stderr=True).print("Stopped: this is the best found until then.")
        raise typer.Exit(Exit.INTERRUPTED)
    codes = {Status.INFEASIBLE: Exit.INFEASIBLE, Status.NOTHING_FOUND: Exit.NOTHING_FOUND}
    raise typer.Exit(codes.get(planned.solution.status, Exit.DONE))


def _verify(folder: Path | None, run: Path, *, json: bool, quiet: bool) -> NoReturn:
    from coresponse.show import print_json
    from coresponse.study import open_study
    from coresponse.verify import find_run, study_of_run, verify_run

    opened = open_study(study_of_run(run) if folder is None else folder)
    with ProgressLine(quiet=quiet or json) as progress:
        found = verify_run(opened, find_run(opened, run), progress=progress)
    if json:
        print_json(found.summary())
    else:
        console().print(Text("\n".join(found.lines())))
    raise typer.Exit(Exit.DONE if found.stands else Exit.NOT_VERIFIED)
