"""Make the report of a plan found on the page.

Judged in full, and written as a run, as ``coresponse plan`` writes its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from coresponse.app.asked import Asked, in_words, inputs_for, is_study_question
from coresponse.app.ground import fingerprint
from coresponse.app.kept import restored
from coresponse.app.moved import moved_posts
from coresponse.data.errors import InputError
from coresponse.data.progress import Progress, silent
from coresponse.inputs import Inputs, read_inputs
from coresponse.planning import Planned, judge_found, study_table
from coresponse.results import Run, write_run
from coresponse.study import StudyFolder
from coresponse.sweep.axes import table_at, with_speeds

LONGEST_NOTICE = 900


def make_report(
    folder: StudyFolder, asked: Asked, plan: Mapping[str, Any], *, progress: Progress = silent
) -> Run:
    """Judge a plan in full and write it into the study's ``results``.

    The answer to the study's own question is the very run that ``coresponse plan`` writes; any
    other is a run of the kind ``whatif``, whose pages say what it assumes.

    Parameters
    ----------
    plan
        As it was saved: `fingerprint` and `search`.

    Raises
    ------
    InputError
        If the inputs are others than the plan's, or its file was changed.
    """
    if plan.get("fingerprint") != fingerprint(folder):
        raise InputError(
            "the study's files have changed since this plan was made -- start the page again and "
            "find it anew"
        )
    inputs = read_inputs(folder, progress=progress)
    planned = planned_as(inputs, asked, plan.get("search"), progress=progress)
    what_if = (
        None
        if is_study_question(inputs, asked)
        else asked.model_dump(mode="json", exclude_defaults=True)
    )
    return write_run(planned, what_if=what_if, progress=progress)


def planned_as(
    inputs: Inputs, asked: Asked, search: object, *, progress: Progress = silent
) -> Planned:
    """Judge a search that was kept under the question it answered.

    Parameters
    ----------
    inputs
        The study's own.
    """
    said = in_words(inputs, asked)
    changed = inputs_for(inputs, asked)
    study = changed.study
    if said:
        told = f"{study.notice}. " if study.notice else ""
        notice = f"{told}What if: {'; '.join(said)}."
        short = notice if len(notice) <= LONGEST_NOTICE else f"{notice[: LONGEST_NOTICE - 2]} …"
        study = study.model_copy(update={"notice": short})
    solver = study.solver
    if asked.time_limit_s != solver.time_limit_s:
        study = study.model_copy(
            update={"solver": solver.model_copy(update={"time_limit_s": asked.time_limit_s})}
        )
    changed = replace(changed, folder=replace(changed.folder, study=study))
    if asked.moved:
        changed = replace(changed, posts=moved_posts(changed, asked.moved))
    if asked.speed != 1.0:
        changed = with_speeds(changed, (("speed", asked.speed),))
    table = table_at(study_table(changed, progress=progress), {"demand": asked.demand})
    best, rounds = restored(search, changed, table)
    not_unseen = "of what-ifs about calls or busy shares there is nothing recorded" if (
        asked.demand != 1.0 or asked.busy == "stated"
    ) else ""  # fmt: skip
    return judge_found(
        changed, table, best, rounds, demand=asked.demand, not_unseen=not_unseen, progress=progress
    )
