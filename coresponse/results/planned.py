"""A plan of ``results/`` as it was written: what it puts where."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from coresponse.data.errors import InputError, MissingInputError
from coresponse.data.options import Deployment, Option
from coresponse.data.programs.model import Program
from coresponse.publish.disclosure import Disclosure, of_run
from coresponse.results.replay import newest_run
from coresponse.study.folder import StudyFolder
from coresponse.study.read import study_program
from coresponse.study.read_back import PLAN_FILE, read_plan_file


@dataclass(frozen=True, eq=False)
class Planned:
    """What a run put where.

    Attributes
    ----------
    run
        Its name.
    post_names
        By post.
    """

    run: str
    deployment: Deployment
    post_names: Mapping[str, str]
    disclosure: Disclosure


def planned_deployment(folder: StudyFolder, run: Path | None) -> Planned:
    """Read the deployment of a run; None: of the newest plan.

    Raises
    ------
    MissingInputError
        If there is no plan.
    InputError
        If its file is damaged, or names what the study's program does not have.
    """
    if run is not None and not run.is_dir():
        run = folder.results / run
    path = newest_run(folder) if run is None else run
    if path is None:
        raise MissingInputError(f"{folder.results} holds no plan -- run coresponse plan first")
    told = read_plan_file(path)
    program = study_program(folder)
    try:
        rows = [
            (Option(*(str(row[key]) for key in Option._fields)), int(row["count"]))
            for row in told["deployment"]
        ]
        names = {str(row["post_id"]): str(row["post_name"]) for row in told["deployment"]}
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(
            f"{path / PLAN_FILE}: damaged: deployment ({error}) -- plan again"
        ) from error
    _refuse_unknown(program, rows, path)
    return Planned(str(told["run"]), Deployment.of("plan", rows), names, of_run(told))


def _refuse_unknown(program: Program, rows: list[tuple[Option, int]], path: Path) -> None:
    for option, count in rows:
        kind = program.responder_types.get(option.responder_type)
        if (
            kind is None
            or option.shift_pattern not in kind.shift_patterns
            or not 0 < count <= 10_000
        ):
            raise InputError(
                f"{path / PLAN_FILE}: {count} x {option.responder_type} on {option.shift_pattern} is not of the study's "
                "program -- plan again"
            )
