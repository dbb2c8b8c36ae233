"""What solving one problem teaches about the next: where only limits differ, costs and cuts are the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from coresponse.data.errors import InputError
from coresponse.optimize.evaluate import Cut, Evaluator, evaluator
from coresponse.optimize.objective import WaitingCost
from coresponse.optimize.problem import Problem

CUTS_KEPT = 15
"""Cuts kept a cluster: those highest at the last answer; the others say little near it."""


@dataclass(eq=False)
class Known:
    """Costs and cuts of one demand, which hold whatever the limits are: a cut bounds the cost of every deployment.

    Attributes
    ----------
    problem, waiting
        That it was made for.
    evaluator
        Its costs.
    cuts
        Found so far.
    """

    problem: Problem
    waiting: WaitingCost
    evaluator: Evaluator
    cuts: list[Cut] = field(default_factory=list)

    @classmethod
    def of(cls, problem: Problem, waiting: WaitingCost) -> Known:
        """Begin with a problem."""
        return cls(problem, waiting, evaluator(problem, waiting))

    def checked(self, problem: Problem, waiting: WaitingCost) -> Known:
        """Return this if it holds for a problem, too.

        Raises
        ------
        InputError
            If anything but limits, most of an option and today's counts was changed.
        """
        same = waiting == self.waiting and problem.fallback_s == self.problem.fallback_s
        for name in ("response_s", "weight", "option_type", "busy_share"):
            # the very same arrays: to compare them entry by entry would take as long as to begin anew
            same = same and getattr(problem, name) is getattr(self.problem, name)
        if not same:
            raise InputError("costs and cuts of another problem: only limits may differ -- solve it without `known`")
        return self

    def learn(self, cuts: Sequence[Cut], counts: NDArray[np.float64] | None) -> None:
        """Keep the cuts that say most at a deployment."""
        if counts is None:
            return
        of_cluster: dict[int, list[tuple[float, int]]] = {}
        for i, cut in enumerate(cuts):
            of_cluster.setdefault(cut.cluster, []).append((cut.constant - float(cut.coefficients @ counts), i))
        best = [i for found in of_cluster.values() for _, i in sorted(found, reverse=True)[:CUTS_KEPT]]
        self.cuts = [cuts[i] for i in sorted(best)]
