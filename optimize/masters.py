"""What every solver of a master is asked, and what it answers.

A master holds one integer variable an option, estimates of costs, whatever rows its model was
stated with, and the cuts.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pulp
from numpy.typing import NDArray

from coresponse.optimize.cuts import Cut

# Relative gap to which solvers are told to prove the master.
OWN_GAP = 1e-7


@dataclass(frozen=True, eq=False)
class MasterAnswer:
    """What the master's solver found.

    Attributes
    ----------
    status
        ``optimal``, ``feasible`` (stopped with a solution), ``infeasible`` or ``nothing``.
    counts
        (options,) of the solution, empty if there is none.
    estimates
        (clusters,) cost estimates of the solution.
    objective
        Of the solution.
    bound
        No deployment that keeps the limits (and the bounds on options) has a master cost below
        this.
    reduced_costs
        (options,) of a relaxation; empty else.
    """

    status: str
    counts: NDArray[np.float64]
    estimates: NDArray[np.float64]
    objective: float
    bound: float
    reduced_costs: NDArray[np.float64]


def nothing(status: str, bound: float = -np.inf) -> MasterAnswer:
    """Return an answer without a solution."""
    empty = np.empty(0)
    return MasterAnswer(status, empty, empty, np.inf, bound, empty)


@dataclass(eq=False)
class Model:
    """A model stated in PuLP, not yet with any solver.

    Attributes
    ----------
    lp
        The model.
    counts
        Its variables for the options.
    estimates
        Its variables that cuts bound from below.
    """

    lp: pulp.LpProblem
    counts: list[pulp.LpVariable]
    estimates: list[pulp.LpVariable]


class Master(ABC):
    """A model that grows by cuts."""

    @abstractmethod
    def add(self, cuts: Sequence[Cut]) -> None:
        """Add cuts; a cut's cluster is the position of its estimate."""

    @abstractmethod
    def add_cover(
        self, options: NDArray[np.int64], parts: NDArray[np.float64] | None = None
    ) -> None:
        """Demand at least one of some options, or as many as make up one by their parts."""

    @abstractmethod
    def bound_options(self, most: NDArray[np.integer], least: NDArray[np.integer]) -> None:
        """Set the bounds of the options."""

    @abstractmethod
    def relax(self, time_limit_s: float, *, trial: bool = False) -> MasterAnswer:
        """Solve with fractional counts; a trial may stop early with a lower bound."""

    @abstractmethod
    def solve(
        self,
        time_limit_s: float,
        gap: float,
        start: NDArray[np.float64] | None = None,
        *,
        nodes: int | None = None,
    ) -> MasterAnswer:
        """Solve with whole counts.

        `start` is an (options,) deployment to begin with, `nodes` the most, for solvers that can.
        """


class WarmMaster(Master):
    """A master that re-solves from where it stands, as boxes of one search need it."""

    @abstractmethod
    def twin(self) -> WarmMaster:
        """Return another of the same rows that stands where this one does, for a thread of its own."""

    @abstractmethod
    def add_totals(self, groups: Sequence[NDArray[np.int64]]) -> None:
        """Let counts, bounds and reduced costs hold the sum of each group of options, behind the options.

        A search can then halve at a sum.
        """

    @abstractmethod
    def purge(self) -> None:
        """Forget cuts that the last relaxation did not rest on."""
