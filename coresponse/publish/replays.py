"""Deployments that were replayed side by side, as they may be shown."""

from __future__ import annotations

from coresponse.publish.answers import ReplaysPublication
from coresponse.publish.disclosure import PUBLIC
from coresponse.publish.evaluation import publish_evaluation
from coresponse.publish.history import facts_of, publish_history
from coresponse.questions.replay import Replays


def publish_replays(found: Replays) -> ReplaysPublication:
    """Return replayed deployments as they may be shown.

    Raises
    ------
    InputError
        If they rest on so few calls that every figure would tell of them.
    """
    PUBLIC.refuse_few(int(found.case.table.cells.calls.sum()))
    return ReplaysPublication(
        facts=facts_of(found.case),
        history=publish_history(found.case.city),
        evaluations={
            name: publish_evaluation(one, found.case.program)
            for name, one in found.evaluations.items()
        },
        settings=found.case.evaluation,
        rules=found.setup.rules,
        of_history=found.setup.of_history,
        model_notes=tuple(PUBLIC.notes(found.setup.notes)),
    )
