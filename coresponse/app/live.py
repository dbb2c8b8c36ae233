"""Figures that follow a person's hand: an estimate at once, the replay's a moment later.

Both are published in the steps of every other figure of the city, so that a post that is dragged
along a street tells of no single call.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from coresponse.app.desk import Bought, Desk
from coresponse.app.prepared import PreparedStudy
from coresponse.app.question import Question
from coresponse.coverage.measures import measure_overall
from coresponse.data.figures.text import number
from coresponse.data.options import Deployment, Option
from coresponse.optimize.memo import Memo
from coresponse.publish.disclosure import PUBLIC

ESTIMATED = ("share_in_time", "mean_with_fallback_s", "p90_s")
# Sessions whose figures wait for the replay; a further one is told that it was superseded.
MOST_WAITING = 20


class Live:
    """Answers a page while its person drags; of a session only the newest question is replayed.

    Estimates and replays have a desk each, so that no drag waits for a replay.
    """

    def __init__(self, study: PreparedStudy) -> None:
        self._fast, self._exact = _desk(study), _desk(study)
        self._fast_lock = threading.Lock()
        self._turn = threading.Condition()
        self._replaying = False
        self._newest: dict[str, int] = {}
        self._waiting = 0

    def estimate(self, question: Question, bought: Bought) -> dict[str, float | None]:
        """Return figures if the nearest responder were always free, as they may be shown.

        Raises
        ------
        InputError
            If the question is not one, or the deployment has what cannot be bought.
        """
        with self._fast_lock:
            case = self._fast.case(question)
            free = measure_overall(case.table, _deployment(bought), target_s=case.standard)
        row, shown = free.iloc[0], PUBLIC.city(free)
        values = {name: float(row[name]) for name in ESTIMATED if name in row}
        return {name: number(shown.replayed(name, value), 7) for name, value in values.items()}

    def replayed(self, session: str, question: Question, bought: Bought) -> dict[str, Any] | None:
        """Return figures by replay; None where the session asked something newer meanwhile.

        Raises
        ------
        InputError
            As for an estimate.
        """
        with self._turn:
            mine = self._newest[session] = self._newest.get(session, 0) + 1
            self._turn.notify_all()
            if self._waiting >= MOST_WAITING:
                return None
            self._waiting += 1
            self._turn.wait_for(lambda: self._newest[session] != mine or not self._replaying)
            self._waiting -= 1
            if self._newest[session] != mine:
                return None
            self._replaying = True
        try:
            return self._exact.evaluate(question, bought)
        finally:
            with self._turn:
                self._replaying = False
                if self._newest[session] == mine:
                    del self._newest[session]
                self._turn.notify_all()


def _desk(study: PreparedStudy) -> Desk:
    """Return a desk with a memory of its own, which holds what the study's holds."""
    memo = Memo()
    memo.__setstate__(study.case.memo.__getstate__())
    return Desk(replace(study, case=replace(study.case, memo=memo)))


def _deployment(bought: Sequence[tuple[str, str, str, int]]) -> Deployment:
    return Deployment.of("plan", [(Option(*row[:3]), row[3]) for row in bought])
