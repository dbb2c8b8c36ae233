"""The deployment that the replay chose."""

from __future__ import annotations

from dataclasses import dataclass

from coresponse.data.options import Deployment
from coresponse.optimize.solved import Solved
from coresponse.optimize.verdict import Counts


@dataclass(frozen=True, eq=False)
class Choice:
    """What the replay chose.

    Attributes
    ----------
    solved
        The model's answer: its status and bound are of the model's objective at the busy shares
        found, and of nothing else.
    counts, deployment
        Chosen: best of `candidates` in the replay.
    is_models
        Whether that is the model's own plan.
    candidates
        Deployments that were tried out.
    better_by, better_by_se, unit
        By how much the chosen one's goal is less than the model's plan's on fresh chances, the
        standard error of that, and its unit: of several goals in order, of the first by which it is
        less beyond noise; 0 if it is the model's plan, and less where that breaks the budget.
    dollars, model_dollars
        What it and the model's plan spend a year on fresh chances, call-outs as they come.
    goal
        What it makes of the goal on fresh chances, in the goal's unit; less is better.
    call_outs
        In 24 hours on standby, by type.
    binding
        Limits that leave no room for one more responder.
    replications
        Fresh ones, that figures are of.
    later
        Whether what it is better by follows a goal by which it is not.
    """

    solved: Solved
    counts: Counts
    deployment: Deployment
    is_models: bool
    candidates: int
    better_by: float
    better_by_se: float
    unit: str
    dollars: float
    model_dollars: float
    goal: float
    call_outs: dict[str, float]
    binding: tuple[str, ...]
    replications: int
    later: bool = False

    @property
    def words(self) -> str:
        """Say how the plan was chosen."""
        if self.is_models:
            return (
                f"the model's plan; none of {self.candidates:,} candidates is better in the replay "
                "beyond noise"
            )
        return f"best of {self.candidates:,} candidates in the replay"
