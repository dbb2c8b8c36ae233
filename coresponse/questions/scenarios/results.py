"""Deployments in each scenario, and which of them holds up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coresponse.data.options import Deployment
from coresponse.optimize.case import Case
from coresponse.optimize.solution import Solution
from coresponse.questions.answer import Plan
from coresponse.questions.scenarios.change import (
    ScenarioCase,
)


@dataclass(frozen=True, eq=False)
class Candidate:
    """A plan that is judged in every scenario.

    Attributes
    ----------
    name, title
        ``today``, ``plan``, ``best-<scenario>``, ``least-regret``, ``mean-and-tail``.
    deployment
        What is where.
    solution
        How it was found; None for today's.
    standing
        What it is where it is not the solution's own deployment: chosen, or confirmed, in the
        replay.
    """

    name: str
    title: str
    deployment: Deployment
    solution: Solution | None
    standing: str = ""


@dataclass(frozen=True, eq=False)
class ScenarioResults:
    """Plans in scenarios.

    Attributes
    ----------
    found
        The study's plan, as ``plan`` finds it.
    scenarios
        The scenarios, the study as stated first.
    dropped
        Ready-made scenarios that do not fit the study, and why; and scenarios whose limits no plan
        keeps.
    candidates
        The plans.
    cost
        (candidates, scenarios) of the goal, in its unit, at the scenario's busy shares.
    keeps
        (candidates, scenarios) whether the plan keeps the scenario's limits and floors.
    least
        (scenarios,) the least cost of any plan known that keeps the scenario's limits.
    busy_share
        By scenario and type: what costs are worked out with.
    figures
        By replay, by candidate and scenario, all of a scenario on the same chances; those of a
        scenario's own best are of that scenario and the study as stated.
    unit, tail_weight, alpha
        What was asked.
    """

    case: Case
    found: Plan
    scenarios: tuple[ScenarioCase, ...]
    dropped: tuple[str, ...]
    candidates: tuple[Candidate, ...]
    cost: NDArray[np.float64]
    keeps: NDArray[np.bool_]
    least: NDArray[np.float64]
    busy_share: tuple[Mapping[str, float], ...]
    figures: Mapping[tuple[str, str], Mapping[str, float]]
    unit: str
    tail_weight: float
    alpha: float

    @property
    def regret(self) -> NDArray[np.float64]:
        """(candidates, scenarios) cost above the least; nan where a plan breaks the scenario's limits.

        Today's is what is there.
        """
        shown = self.keeps | (np.array([one.solution is None for one in self.candidates])[:, None])
        return np.asarray(np.where(shown, self.cost - self.least, np.nan))
