"""What a search in the model returns: the optimum, the rounds with busy units, and the case's answer."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from coresponse.data.options import Deployment
from coresponse.optimize.case import Case
from coresponse.optimize.explain import Clash
from coresponse.optimize.problem import Problem
from coresponse.optimize.solution import Solution, Status


@dataclass(frozen=True, eq=False)
class Optimum:
    """An answer of the optimizer.

    Attributes
    ----------
    problem, solution
        What was asked, and the answer with its status.
    deployment
        Empty if nothing was found.
    clash
        Why the limits cannot be kept, if they cannot.
    """

    problem: Problem
    solution: Solution
    deployment: Deployment
    clash: Clash | None = None

    @property
    def found(self) -> bool:
        """Whether there is a deployment."""
        return self.solution.status in {Status.PROVEN, Status.BEST_FOUND}

    def not_stopped(self) -> Optimum:
        """Return it; where Ctrl-C ended its search, end what would go on with it.

        Raises
        ------
        KeyboardInterrupt
            If the search was stopped.
        """
        if self.solution.interrupted:
            raise KeyboardInterrupt
        return self


class End(StrEnum):
    """Why the rounds ended."""

    AGREE = "deployment and busy shares agree"
    CYCLE = "the rounds came back to an earlier deployment"
    ROUNDS = "the most rounds were made"
    TIME = "the time limit ended the rounds"
    NONE = "with units as busy as this no deployment keeps the limits"
    STOPPED = "stopped"
    STATED = "busy shares were stated, not measured"


@dataclass(frozen=True, eq=False)
class BusyRound:
    """One turn.

    Attributes
    ----------
    planned_with
        Busy share by responder type that the optimizer was told; 0 in the first.
    measured
        Busy share by responder type that queueing finds in the answer.
    queueing_cost
        Mean cost of waiting by queueing, in the unit of the goal, calls weighted by class.
    best
        The optimizer's answer.
    """

    planned_with: dict[str, float]
    measured: dict[str, float]
    queueing_cost: float
    best: Optimum


@dataclass(frozen=True, eq=False)
class BusyRounds:
    """The rounds, and which of them is the plan.

    Attributes
    ----------
    rounds
        The first is the naive plan: units always free.
    chosen
        Position of the round with the least cost by queueing.
    end
        Why they ended.
    seconds
        Taken by all rounds after the first.
    """

    rounds: tuple[BusyRound, ...]
    chosen: int
    end: End
    seconds: float

    @property
    def best(self) -> Optimum:
        """The plan.

        Marked as interrupted where Ctrl-C ended the rounds, whichever round it is of.
        """
        best = self.rounds[self.chosen].best
        if self.end is not End.STOPPED or best.solution.interrupted:
            return best
        return replace(best, solution=replace(best.solution, interrupted=True))

    @property
    def naive(self) -> Optimum:
        """The plan for units that are always free."""
        return self.rounds[0].best


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
