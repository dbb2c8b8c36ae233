"""Deployments that do almost as well as the plan."""

from __future__ import annotations

from dataclasses import dataclass

from coresponse.coverage.replay.replay_measures import ReplayMeasures
from coresponse.data.options import Deployment
from coresponse.optimize.alternatives import Alternatives
from coresponse.optimize.case import Case
from coresponse.optimize.optimum import Optimum
from coresponse.optimize.worth import PostWorth
from coresponse.questions.answer import Plan


@dataclass(frozen=True, eq=False)
class NearBest:
    """The plan, others nearly as good, and what posts are worth.

    Attributes
    ----------
    planned
        The study's plan: what the replay chose, or confirmed.
    asked
        The case that the others answer: the plan's own, or, where the replay found another fleet
        than the model, that fleet's; see :func:`~coresponse.questions.same_fleet.same_fleet`.
    optimum
        The model's best deployment in it, which all are measured against.
    found
        The plan first, then others that differ enough.
    deployments, replayed
        One for each of `found`, with its figures in the replay, all on the same chances.
    worth
        By post; empty if not asked for.
    """

    planned: Plan
    asked: Case
    optimum: Optimum
    found: Alternatives
    deployments: tuple[Deployment, ...]
    replayed: tuple[ReplayMeasures, ...]
    worth: tuple[PostWorth, ...]

    @property
    def case(self) -> Case:
        """What the study asks."""
        return self.planned.case
