"""The plan that ``coresponse plan`` left in the study's folder, as the page shows plans."""

from __future__ import annotations

from typing import Any

from coresponse.app.desk import Desk
from coresponse.app.plans import PlanStore
from coresponse.app.prepared import PreparedStudy
from coresponse.app.question import study_question
from coresponse.data.errors import CoresponseError
from coresponse.results.planned import planned_deployment
from coresponse.results.replay import newest_run

NAME = "The study's plan"


def keep_folder_plan(study: PreparedStudy, plans: PlanStore) -> None:
    """Keep the newest plan of the study's results among the page's plans, once.

    A plan of other inputs than the study has now, or one that cannot be read, is passed over: it
    stands among the reports.
    """
    try:
        content = folder_plan(study, plans)
        if content is not None:
            plans.add(content, NAME)
    except (CoresponseError, OSError):
        return


def folder_plan(study: PreparedStudy, plans: PlanStore) -> dict[str, Any] | None:
    """Return the newest plan of the study's results; None if there is none of these inputs, or it is kept already.

    Raises
    ------
    InputError
        If its file is damaged.
    """
    run = newest_run(study.folder)
    if run is None or any(plan.get("run") == run.name for plan in plans.summaries()):
        return None
    planned = planned_deployment(study.folder, run)
    if planned.told.get("provenance", {}).get("inputs_sha256") != dict(study.hashes):
        return None
    question = study_question(study.case)
    bought = [(*option, count) for option, count in planned.deployment.counts]
    found = Desk(study).evaluate(question, bought)
    return {
        "fingerprint": study.fingerprint,
        "asked": question.model_dump(mode="json"),
        **found,
        "status": "planned",
        "message": "found by coresponse plan",
        "run": run.name,
    }
