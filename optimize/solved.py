"""What a search in the model returns: the optimum, the rounds with busy units, and the case's answer."""

from __future__ import annotations

from dataclasses import dataclass

from coresponse.data.options import Deployment
from coresponse.optimize.case import Case
from coresponse.optimize.optimum import BusyRound, BusyRounds, Optimum


@dataclass(frozen=True, eq=False)
class Solved:
    """A case's answer by the model.

    Attributes
    ----------
    case
        That was asked.
    best
        The answer: problem, solution with its status, deployment.
    rounds
        With busy units; None where they are always free, or nothing was found.
    """

    case: Case
    best: Optimum
    rounds: BusyRounds | None = None

    @property
    def found(self) -> bool:
        """Whether there is a deployment."""
        return self.best.found

    @property
    def deployment(self) -> Deployment:
        """The answer; empty if nothing was found."""
        return self.best.deployment

    @property
    def round(self) -> BusyRound | None:
        """The round that was chosen; None where units are always free."""
        return None if self.rounds is None else self.rounds.rounds[self.rounds.chosen]

    @property
    def busy_share(self) -> dict[str, float] | None:
        """Busy share by responder type that the answer was made with; None: always free."""
        told = {} if self.round is None else self.round.planned_with
        return told if any(told.values()) else None
