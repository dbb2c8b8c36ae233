"""Deployments that were replayed side by side, as they may be shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from coresponse.coverage.replay.rules import Rules
from coresponse.coverage.settings import EvaluationSettings
from coresponse.publish.disclosure import PUBLIC
from coresponse.publish.evaluation import EvaluationPublication, publish_evaluation
from coresponse.publish.facts import Facts, HistoryPublication
from coresponse.publish.history import facts_of, publish_history
from coresponse.questions.replay import Replays


@dataclass(frozen=True, eq=False)
class ReplaysPublication:
    """A set of evaluations on the same calls and chances, as it may be shown."""

    facts: Facts
    history: HistoryPublication
    evaluations: Mapping[str, EvaluationPublication]
    settings: EvaluationSettings
    rules: Rules
    of_history: bool
    model_notes: tuple[str, ...]


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
