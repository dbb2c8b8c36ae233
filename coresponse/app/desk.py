"""Answer a question of the page about a deployment that is given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from coresponse.app.prepared import PreparedStudy
from coresponse.app.question import Question, case_for
from coresponse.coverage.evaluate import EvaluationSetup
from coresponse.data.options import Deployment, Option
from coresponse.data.progress import Progress, silent
from coresponse.optimize.case import Case
from coresponse.optimize.solution import PLACED
from coresponse.publish.what_if import publish_what_if

# Response tables of travel speeds or figures that a worker keeps, the study's own among them.
KEPT_TABLES = 4
Bought = Sequence[tuple[str, str, str, int]]


@dataclass
class Desk:
    """Answers questions about one study.

    Attributes
    ----------
    study
        That it is about.
    stopping
        Set when the person asked to stop: what was found so far is then the answer.
    searching
        Whether the optimizer runs, which an interrupt ends with the best found.
    """

    study: PreparedStudy
    stopping: bool = False
    searching: bool = False

    def evaluate(
        self, question: Question, bought: Bought, progress: Progress = silent
    ) -> dict[str, Any]:
        """Work out the figures of a deployment that is given, under the question's assumptions."""
        case = self.case(question, progress)
        deployment = Deployment.of("plan", [(Option(*row[:3]), row[3]) for row in bought])
        progress("working out its figures", 0, 1)
        said = {
            "status": "as placed",
            "standing": "",
            "message": PLACED,
            "clash": [],
            "rounds": 0,
            "objective": None,
            "bound": None,
            "gap": None,
            "unit": "",
            "stopped": False,
            "seconds": 0.0,
        }
        return said | {"found": True} | figures_of(case, deployment, self.setup(case, progress))

    def case(self, question: Question, progress: Progress = silent) -> Case:
        """Return the case of a question, with its response times."""
        case = case_for(self.study.case, question)
        case.work_out_table(progress)
        case.memo.trim("table", KEPT_TABLES)
        return case

    def setup(self, case: Case, progress: Progress = silent) -> EvaluationSetup:
        """Return the replay of a question, on the chances that the study's own plan meets."""
        own = self.study.setup
        same = case.city.program == self.study.case.city.program
        return own.under(
            case.world,
            target_s=case.standard,
            demand=case.demand,
            service=own.service if same else case.service,
            progress=progress,
        )


def figures_of(case: Case, deployment: Deployment, setup: EvaluationSetup) -> dict[str, Any]:
    """Return a deployment's figures in a case, as the page may show them."""
    return publish_what_if(case, setup.evaluate(case.table, deployment, None, keep_calls=True))
