"""``coresponse sweep``."""

from __future__ import annotations

from typing import Annotated

import typer

from coresponse.cli.assumptions import (
    GrowthFlag,
    StandardFlag,
    To988Flag,
    refuse_wrong_names,
    stated_flags,
)
from coresponse.cli.common import DetailsFlag, Exit, JsonFlag, QuietFlag, StudyArgument
from coresponse.cli.terminal import ProgressLine, console, print_json


def sweep(
    folder: StudyArgument,
    vary: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=VALUES",
            help="What is varied, in place of \\[sweep] in study.toml; may be repeated. unit=1:10, clinician=0:5, "
            "budget=80%:120%:10% (of today's), budget=1M:3M:250k, hours=200:600:50, "
            "standard=10:30:5, demand=0.8:1.4:0.1, "
            "speed=0.7:1.1:0.1, busy=0:0.6:0.1, roles.clinician=4:12, wage.clinician=100%:108%:4%, "
            "vacancy.clinician=0:40%:10%, hours=day,evening,always.",
        ),
    ] = None,
    to_988: To988Flag = None,
    growth: GrowthFlag = None,
    standard: StandardFlag = None,
    nested: Annotated[
        bool | None,
        typer.Option(
            "--nested/--no-nested", help="Also let what is bought stay bought, step by step."
        ),
    ] = None,
    phase: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME:LIMIT=VALUE,...",
            help="A year of an expansion, in order; may be repeated: 'year 1:budget=2.2M', 'year "
            "2:unit=8,clinician=3'.",
        ),
    ] = None,
    busy_units: Annotated[
        str | None,
        typer.Option(
            help="consistent: plan with how busy units will be; free: the nearest is always free, "
            "far faster."
        ),
    ] = None,
    jobs: Annotated[
        int | None, typer.Option(min=1, help="Processes; default: one a processor.")
    ] = None,
    scheduler: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS", help="Solve on a Dask cluster, such as tcp://10.0.0.5:8786."
        ),
    ] = None,
    time_limit: Annotated[
        float | None, typer.Option(min=0.1, help="Seconds for the search at one point.")
    ] = None,
    json: JsonFlag = False,
    quiet: QuietFlag = False,
    details: DetailsFlag = False,
) -> None:
    """Find the best deployment at every value of limits and assumptions: what the next dollar buys.

    Writes results/sweep-... with points.csv and points.parquet, steps.csv (the worth of each step),
    charts, and sweep.json. Each finished point is kept: the same command goes on where it was
    stopped.
    """
    from coresponse.cli.show_sweep import show_sweep
    from coresponse.publish.sweep import publish_sweep
    from coresponse.questions.sweep.ask import asked_for
    from coresponse.questions.sweep.run import sweep as run_sweep
    from coresponse.results.sweep import sweep_json, write_sweep
    from coresponse.study.folder import open_study
    from coresponse.study.provenance import sweep_identity, versions
    from coresponse.study.read import read_study

    opened = open_study(folder)
    varied = stated_flags(vary, to_988, growth, standard)
    refuse_wrong_names(opened, varied)
    with ProgressLine(quiet=quiet or json) as progress:
        study = read_study(opened, progress=progress)
        settings = asked_for(
            study.case,
            study.settings.sweep,
            vary=varied,
            nested=nested,
            phases=phase,
            busy_units=busy_units,
            time_limit_s=time_limit,
        )
        asked = study.settings.model_copy(update={"sweep": settings})
        busy = settings.busy_units or asked.objective.busy_units
        swept = run_sweep(
            study.case,
            settings=settings,
            identity=sweep_identity(asked, study.hashes, busy, versions()),
            keep_in=study.folder.results / "sweep-points",
            jobs=jobs,
            scheduler=scheduler,
            progress=progress,
        )
        told = publish_sweep(swept)
        objective = asked.objective.model_dump(mode="json")
        run = write_sweep(told, study.folder.results, study.hashes, objective)
    if json:
        print_json(sweep_json(told, run.name, study.hashes, objective))
    else:
        show_sweep(told, run, study.folder.path, console(), details=details)
    found = any(point.found for point in told.points)
    raise typer.Exit(Exit.DONE if found else Exit.INFEASIBLE)
