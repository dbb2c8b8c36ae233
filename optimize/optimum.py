"""What one solution of the model is, and the rounds in which busy units were found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from coresponse.data.options import Deployment
from coresponse.optimize.clash import Clash
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
    call_outs
        In 24 hours on standby, by type, that limits in dollars were priced with; empty: the
        program's.
    """

    problem: Problem
    solution: Solution
    deployment: Deployment
    clash: Clash | None = None
    call_outs: Mapping[str, float] = field(default_factory=dict)

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
