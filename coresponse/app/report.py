"""Make the report of a plan found on the page.

Judged in full, and written as a run, as ``coresponse plan`` writes its own.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from coresponse.app.desk import Bought
from coresponse.app.prepared import fingerprint
from coresponse.app.question import LIMITS, Question, case_for, in_words, is_study_question
from coresponse.app.saved_search import restored
from coresponse.data.errors import InputError
from coresponse.data.options import Deployment, Option
from coresponse.data.progress import Progress, silent
from coresponse.data.words import and_said
from coresponse.optimize.case import Case
from coresponse.optimize.evaluate_case import evaluation_setup
from coresponse.optimize.optimum import Optimum
from coresponse.optimize.solution import PLACED, Solution, Status
from coresponse.optimize.solved import Solved
from coresponse.optimize.trials import Trials
from coresponse.publish.plan import publish_plan
from coresponse.questions.answer import Plan
from coresponse.questions.plan import evaluate_solved
from coresponse.questions.plan import plan as plan_case
from coresponse.results.plan import write_plan
from coresponse.results.runs import Run
from coresponse.study.folder import StudyFolder
from coresponse.study.read import read_study

# a notice stands above every page; past this it would fill the first screen of a phone
LONGEST_NOTICE = 900


def make_report(
    folder: StudyFolder,
    question: Question,
    plan: Mapping[str, Any],
    *,
    progress: Progress = silent,
) -> Run:
    """Evaluate a plan in full and write it into the study's ``results``.

    The answer to the study's own question is the very run that ``coresponse plan`` writes; any
    other is a run of the kind ``whatif``, whose pages say what it assumes.

    Parameters
    ----------
    plan
        As it was saved: `fingerprint`, and `search`, or `bought` where a person placed it.

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
    study = read_study(folder, progress=progress)
    if plan.get("search"):
        found = plan_of(study.case, question, plan["search"], progress=progress)
    else:
        found = placed(study.case, question, plan.get("bought") or [], progress=progress)
    what_if = (
        None
        if plan.get("search") and is_study_question(study.case, question)
        else question.model_dump(mode="json", exclude_defaults=True)
    )
    return write_plan(
        publish_plan(found),
        study.folder.results,
        study.hashes,
        what_if=what_if,
        progress=progress,
    )


def plan_of(
    study_case: Case, question: Question, search: object, *, progress: Progress = silent
) -> Plan:
    """Choose and confirm from a search that was saved under the question it answered, and evaluate.

    The study's own question is planned anew: its call-outs come from the replay, which the page's
    search does without, and the run is that of ``coresponse plan``.
    """
    case = _noticed(case_for(study_case, question), in_words(study_case, question))
    limit = {"time_limit_s": question.time_limit_s}
    case = case.with_(solver=case.solver.model_copy(update=limit))
    case.work_out_table(progress)
    not_recorded = "what-ifs about calls or busy shares have no records to judge by"
    assumed = question.demand != 1.0 or question.busy == "stated"
    solved = restored(search, case)
    if is_study_question(study_case, question) and not solved.best.solution.interrupted:
        return plan_case(case, progress=progress)
    trials = None
    if case.busy == "consistent" and solved.found:
        trials = Trials.of(case, evaluation_setup(case, progress=progress))
    return evaluate_solved(
        solved, no_holdout=not_recorded if assumed else "", trials=trials, progress=progress
    )


def placed(
    study_case: Case, question: Question, bought: Bought, *, progress: Progress = silent
) -> Plan:
    """Evaluate a deployment that a person placed: nothing is searched for, chosen or proven.

    Raises
    ------
    InputError
        If nobody is placed, or someone where nobody may be bought.
    """
    free = {
        name: Question.model_fields[name].get_default(call_default_factory=True) for name in LIMITS
    }
    case = case_for(study_case, question.model_copy(update=free))
    case = _noticed(case, ("responders as placed by hand", *in_words(study_case, question)))
    case.work_out_table(progress)
    deployment = Deployment.of("plan", [(Option(*row[:3]), int(row[3])) for row in bought])
    case.table.rows(deployment)  # names what cannot be bought
    if not deployment.size:
        raise InputError("nobody is placed -- put a responder at a post first")
    problem, counts = case.problem(), case.counts(deployment)
    value = case.value(problem, counts)
    solution = Solution(
        Status.BEST_FOUND, counts, value, -math.inf, case.objective_unit, 0.0, PLACED,
        interrupted=True,
    )  # fmt: skip
    return evaluate_solved(
        Solved(case, Optimum(problem, solution, deployment)),
        no_holdout="the plan was placed by hand, not planned from calls",
        progress=progress,
    )


def _noticed(case: Case, said: Sequence[str]) -> Case:
    """Return the case with what it assumes on every page."""
    if not said:
        return case
    notice = and_said(case.city.notice, f"What if: {'; '.join(said)}.")
    short = notice if len(notice) <= LONGEST_NOTICE else f"{notice[: LONGEST_NOTICE - 2]} …"
    return case.with_(city=replace(case.city, notice=short))
