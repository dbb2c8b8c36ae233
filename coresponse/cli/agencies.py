"""``coresponse agencies``."""

from __future__ import annotations

from typing import Annotated

import typer

from coresponse.cli.common import DetailsFlag, Exit, JsonFlag, QuietFlag, StudyArgument, finite
from coresponse.cli.terminal import ProgressLine, console, print_json


def agencies(
    folder: StudyArgument,
    time_limit: Annotated[
        float, typer.Option(min=0.1, callback=finite, help="Seconds for each search.")
    ] = 10.0,
    json: JsonFlag = False,
    quiet: QuietFlag = False,
    details: DetailsFlag = False,
) -> None:
    r"""Plan several agencies each alone and all together, and say what sharing saves whom.

    Agencies, whose posts and districts are, and how units are shared stand under \[agencies] of study.toml; what
    each may use under \[limits.agencies], else it is what its units of today cost. An agency that is worse off together
    than alone is named, with the smallest change that mends it. Writes results/agencies-... with
    agencies.csv, costs.csv and agencies.json.
    """
    from coresponse.cli.show_agencies import show_agencies
    from coresponse.publish.agencies import publish_agencies
    from coresponse.questions.agencies.run import agencies_together
    from coresponse.results.agencies import agencies_json, write_agencies
    from coresponse.study.folder import open_study
    from coresponse.study.read import read_study

    opened = open_study(folder)
    with ProgressLine(quiet=quiet or json) as progress:
        study = read_study(opened, progress=progress)
        found = agencies_together(study.case, time_limit_s=time_limit, progress=progress)
        told = publish_agencies(found)
        run = write_agencies(told, study.folder.results, study.hashes)
    if json:
        print_json(agencies_json(told, run.name, study.hashes))
    else:
        show_agencies(told, run, console(), details=details)
    raise typer.Exit(Exit.DONE if "together" in found.ways else Exit.INFEASIBLE)
