"""What solving one problem leaves for the next: where only limits differ, costs are the same."""

from __future__ import annotations

from dataclasses import dataclass, replace

from coresponse.data.errors import InputError
from coresponse.optimize.evaluate import Evaluator
from coresponse.optimize.objective import WaitingCost
from coresponse.optimize.periods import evaluator_of, for_limits
from coresponse.optimize.problem import Problem


@dataclass(frozen=True, eq=False)
class DemandCosts:
    """Costs of one demand, which hold whatever the limits are.

    Cuts hold as well, but are not kept: measured on a city of 5,000 x 100, to begin with up to 15
    of them a cluster made solving again slower, not faster, since they weigh on every relaxation
    and few are those that the next answer rests on.

    Attributes
    ----------
    problem, waiting
        That it was made for.
    evaluator
        Its costs.
    """

    problem: Problem
    waiting: WaitingCost
    evaluator: Evaluator

    @classmethod
    def of(cls, problem: Problem, waiting: WaitingCost) -> DemandCosts:
        """Begin with a problem."""
        return cls(problem, waiting, evaluator_of(problem, waiting))

    def checked(self, problem: Problem, waiting: WaitingCost) -> DemandCosts:
        """Return these costs for a problem, if they hold for it, too.

        Raises
        ------
        InputError
            If anything but limits, most of an option and today's counts was changed.
        """
        same = waiting == self.waiting and problem.fallback_s == self.problem.fallback_s
        for name in (
            "response_s",
            "weight",
            "option_type",
            "busy_share",
            "column_period",
            "busy_by_period",
        ):
            # the very same arrays: to compare them entry by entry would take as long as to begin
            # anew
            same = same and getattr(problem, name) is getattr(self.problem, name)
        if not same:
            raise InputError(
                "costs of another problem: only limits may differ -- solve it without `costs`"
            )
        return replace(self, problem=problem, evaluator=for_limits(self.evaluator, problem))
