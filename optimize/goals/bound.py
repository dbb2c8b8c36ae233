"""Mean costs of waiting of some calls, which may have several standards, and bounds on them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coresponse.optimize.goals.convex_program import Average
from coresponse.optimize.objective import WaitingCost
from coresponse.optimize.problem import Problem
from coresponse.optimize.recount import Waits


@dataclass(frozen=True, eq=False)
class MeanCost:
    """The mean cost of waiting of some calls.

    Attributes
    ----------
    parts
        A cost of waiting and the (columns,) calls that have it; several where standards differ.
    less
        Another that is taken off it, so that a gap is left; None: nothing is.
    """

    parts: tuple[tuple[WaitingCost, NDArray[np.float64]], ...]
    less: MeanCost | None = None

    @property
    def shares(self) -> tuple[float, ...]:
        """Share of the calls that are of each part."""
        sizes = [float(calls.sum()) for _, calls in self.parts]
        return tuple(size / sum(sizes) for size in sizes)

    def mean(self, known: Waits) -> float:
        """Return it, for a deployment whose waits are known."""
        off = 0.0 if self.less is None else self.less.mean(known)
        if len(self.parts) == 1:
            return known.mean(*self.parts[0]) - off
        shares = zip(self.shares, self.parts, strict=True)
        return sum(share * known.mean(*part) for share, part in shares) - off

    def scale(self, problem: Problem) -> float:
        """Return the cost of the fallback."""
        return Average(*self.parts[0]).scale(problem)


@dataclass(frozen=True, eq=False)
class Bound:
    """A mean cost of waiting that is bounded.

    A change of the bound is shown in `unit`, `per_unit` of them a unit of cost.

    `observed` calls are behind it, and `may_be_shown` says whether these are enough to tell what
    they get.
    """

    name: str
    cost: MeanCost
    at_most: float
    unit: str
    per_unit: float
    observed: int
    may_be_shown: bool
