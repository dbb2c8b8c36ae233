"""``coresponse plan``, and ``coresponse demo``, which plans the sample city."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer
from rich.text import Text

from coresponse.cli.assumptions import (
    GrowthFlag,
    StandardFlag,
    To988Flag,
    VaryFlag,
    refuse_wrong_names,
    stated_flags,
)
from coresponse.cli.common import DetailsFlag, Exit, JsonFlag, OptionalStudyArgument, QuietFlag
from coresponse.cli.sweep import sweep
from coresponse.cli.terminal import ProgressLine, console, print_json
from coresponse.data.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coresponse.data.progress import Progress
    from coresponse.publish.disclosure import Disclosure
    from coresponse.publish.plan_publication import PlanPublication
    from coresponse.questions.answer import Plan
    from coresponse.results.runs import Run
    from coresponse.study.folder import StudyFolder


def plan(
    folder: OptionalStudyArgument = None,
    json: JsonFlag = False,
    quiet: QuietFlag = False,
    details: DetailsFlag = False,
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
    vary: VaryFlag = None,
    to_988: To988Flag = None,
    growth: GrowthFlag = None,
    standard: StandardFlag = None,
    open_browser: Annotated[
        bool, typer.Option("--open", help="Open the map in the browser when it is drawn.")
    ] = False,
    internal: Annotated[
        bool,
        typer.Option(
            "--internal",
            help="Suppress nothing, for work inside the agency: areas as small as 250 m with "
            "their exact numbers of calls, districts and classes with few calls, exact "
            "counts of rows lost. The run, its pages and its files are marked INTERNAL; "
            "other commands take such a run only if it is named.",
        ),
    ] = False,
    verify: Annotated[
        Path | None,
        typer.Option(
            metavar="RUN", help="Plan nothing; verify a run of results/ against its inputs."
        ),
    ] = None,
) -> None:
    """Find the best deployment within the limits of study.toml, and draw it.

    Writes results/RUN with plan.json, plan.gpkg, tables as CSV, and map.html, which opens in any
    browser without a network. The same inputs give the same run; [bold]--verify results/RUN[/bold]
    checks one against its inputs. With --vary, --988, --growth or --standard the question is
    another than the study's, and the run is called whatif. Several values of one, such as
    --standard 10:30:5, are planned one by one, as coresponse sweep does.
    """
    if verify is not None:
        _verify(folder, verify, json=json, quiet=quiet)
    if folder is None:
        raise typer.BadParameter("say which study folder", param_hint="STUDY")
    from coresponse.coverage.ahead import to_compile
    from coresponse.study.beside import Beside, copies

    with ExitStack() as beside:
        beside.enter_context(copies())
        beside.enter_context(Beside(to_compile()))  # begins before the packages below are loaded
        from coresponse.cli.show_plan import plan_summary, show_plan
        from coresponse.publish.disclosure import Disclosure
        from coresponse.questions.assumed import several
        from coresponse.study.folder import open_study

        opened = open_study(folder).with_solver(time_limit_s=time_limit, gap=gap, name=solver)
        otherwise = stated_flags(vary, to_988, growth, standard)
        refuse_wrong_names(opened, otherwise)
        if several(otherwise):
            _refuse_in_sweep(internal=internal, gap=gap, solver=solver)
            beside.close()  # it has workers of its own
            sweep(folder, otherwise, time_limit=time_limit, json=json, quiet=quiet)
        with ProgressLine(quiet=quiet or json) as progress:
            told, run, ends = _planned(opened, otherwise, Disclosure(internal), progress)
    if json:
        print_json(plan_summary(told, run))
    else:
        show_plan(told, run, console(), details=details)
    if open_browser and run is not None:
        import webbrowser

        webbrowser.open((run.folder / "map.html").resolve().as_uri())
    if ends is Exit.INTERRUPTED:
        console(stderr=True).print("Stopped: this is the best found until then.")
    raise typer.Exit(ends)


def _planned(
    opened: StudyFolder, otherwise: Sequence[str], disclosure: Disclosure, progress: Progress
) -> tuple[PlanPublication, Run | None, Exit]:
    """Plan, publish and write.

    What was planned with goes before the pages come: of a region it is a gigabyte.
    """
    from coresponse.data.spare_memory import give_back
    from coresponse.publish.plan import publish_plan
    from coresponse.questions.assumed import assuming
    from coresponse.questions.plan import plan as find_plan
    from coresponse.results.map_page import ground_beside
    from coresponse.results.plan import write_plan
    from coresponse.study.beside import Beside
    from coresponse.study.read import read_study

    study = read_study(opened, progress=progress)
    question, roads = assuming(study.case, otherwise), study.case.city.roads
    with Beside({"ground": lambda: ground_beside(roads)}) as drawn:
        planned = find_plan(question.case, no_holdout=question.no_holdout, progress=progress)
        told, ends = publish_plan(planned, disclosure), _ends(planned)
        if not planned.found:
            return told, None, ends
        results, hashes = study.folder.results, study.hashes
        what_if = {"vary": question.stated} if question.stated else None
        del planned, question, study
        give_back()
        ground = drawn.take("ground")
        run = write_plan(told, results, hashes, what_if=what_if, ground=ground, progress=progress)
        return told, run, ends


def _ends(planned: Plan) -> Exit:
    """Return the exit code that says what came of it."""
    from coresponse.optimize.solution import Status

    if planned.solution.interrupted:
        return Exit.INTERRUPTED
    if planned.nothing_confirmed:
        return Exit.NOTHING_FOUND
    codes = {Status.INFEASIBLE: Exit.INFEASIBLE, Status.NOTHING_FOUND: Exit.NOTHING_FOUND}
    return codes.get(planned.solution.status, Exit.DONE)


def _refuse_in_sweep(**flags: object) -> None:
    given = [f"--{name}" for name, value in flags.items() if value]
    if given:
        raise InputError(
            f"several values are planned as a sweep, which takes no {', '.join(given)} -- plan "
            "with one value of each"
        )


def _verify(folder: Path | None, run: Path, *, json: bool, quiet: bool) -> NoReturn:
    from coresponse.results.runs import find_run, study_of_run
    from coresponse.results.verify import verify_run
    from coresponse.study.folder import open_study

    opened = open_study(study_of_run(run) if folder is None else folder)
    with ProgressLine(quiet=quiet or json) as progress:
        found = verify_run(opened, find_run(opened, run), progress=progress)
    if json:
        print_json(found.summary())
    else:
        console().print(Text("\n".join(found.lines())))
    raise typer.Exit(Exit.DONE if found.stands else Exit.NOT_VERIFIED)


def demo(
    out: Annotated[
        Path, typer.Option(help="Where to put the sample study and its results.")
    ] = Path("coresponse-demo"),
    json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> None:
    """Plan the bundled sample city, offline, in under a minute.

    The roads are Manhattan's, from OpenStreetMap; the calls are SYNTHETIC. The folder is an
    ordinary study: change its study.toml and run [bold]coresponse plan[/bold] on it to try things
    out.
    """
    from coresponse.data.sample_city import sample_folder
    from coresponse.study.files import copy_study

    copy_study(sample_folder(), out)
    plan(out, json=json, quiet=quiet)
