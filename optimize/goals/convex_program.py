"""A goal as a convex program.

Sums of largest values of expressions, to be minimized and kept below bounds.

An expression is linear in the counts x and in averages v_j(x), each the mean cost of waiting of
some calls over the cost of the fallback, so that 0 <= v_j <= 1. Weights of averages are 0 or more
and the averages are convex in x, so all of it is. Gaps alone have weights below 0, and are solved
otherwise (:mod:`coresponse.optimize.goals.differences`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from coresponse.optimize.objective import WaitingCost
from coresponse.optimize.problem import Problem

# A bound is kept if it is exceeded by no more than this share of its scale.
#
# What solvers can tell apart.
TOLERANCE = 1e-6


@dataclass(frozen=True, eq=False)
class Average:
    """Mean cost of waiting of some calls.

    Attributes
    ----------
    waiting
        The cost of waiting.
    calls
        (columns,) 0 or more, some above 0.
    in_place
        Whether a responder in place counts as free, however busy.
    of_police
        Whether the chance of police at a call stands for the wait.
    """

    waiting: WaitingCost
    calls: NDArray[np.float64]
    in_place: bool = False
    of_police: bool = False

    def scale(self, problem: Problem) -> float:
        """Return the cost of the fallback; 1 if that costs nothing."""
        cost = float(self.waiting(np.array([problem.fallback_s], dtype=np.float64))[0])
        return cost if cost > 0 else 1.0


@dataclass(frozen=True, eq=False)
class Expression:
    """constant + linear . x + sum over j of averages[j] * v_j(x).

    Attributes
    ----------
    constant
        What is there without anything.
    linear
        (options,) or None.
    averages
        Weights, by position of the average; below 0 only in gaps.
    moved
        Weight of the number of today's responders that are moved or removed.
    """

    constant: float = 0.0
    linear: NDArray[np.float64] | None = None
    averages: Mapping[int, float] = field(default_factory=dict)
    moved: float = 0.0

    def value(
        self, counts: NDArray[np.float64], averages: Sequence[float], moved: float = 0.0
    ) -> float:
        """Work it out."""
        linear = float(self.linear @ counts) if self.linear is not None else 0.0
        return (
            self.constant
            + linear
            + sum(w * averages[j] for j, w in self.averages.items())
            + self.moved * moved
        )


@dataclass(frozen=True, eq=False)
class Term:
    """weight * the largest of some expressions."""

    weight: float
    largest_of: tuple[Expression, ...]

    def value(
        self, counts: NDArray[np.float64], averages: Sequence[float], moved: float = 0.0
    ) -> float:
        """Work it out."""
        return self.weight * max(e.value(counts, averages, moved) for e in self.largest_of)


Total = tuple[Term, ...]


@dataclass(frozen=True, eq=False)
class Constraint:
    """A bound: total <= at_most.

    Attributes
    ----------
    name
        For people.
    scale
        A number that is large for the total: bounds are kept to a millionth of it.
    unit, per_unit
        For people, a change of the bound is given in `unit`, of which one of the total's own makes
        `per_unit`.
    of_calls, may_be_shown
        Whether it follows from calls, and whether these are enough to tell what they get.
    """

    name: str
    total: Total
    at_most: float
    scale: float
    unit: str = ""
    per_unit: float = 1.0
    of_calls: bool = False
    may_be_shown: bool = True

    def over(
        self, counts: NDArray[np.float64], averages: Sequence[float], moved: float = 0.0
    ) -> float:
        """Return by what share of the scale the bound is exceeded; 0 if it is kept."""
        excess = sum(term.value(counts, averages, moved) for term in self.total) - self.at_most
        return max(0.0, excess / self.scale - TOLERANCE)


@dataclass(frozen=True, eq=False)
class ConvexProgram:
    """A convex program.

    Attributes
    ----------
    averages
        That the expressions speak of.
    objective
        Minimized.
    rows
        Bounds beside the problem's own limits.
    """

    averages: tuple[Average, ...]
    objective: Total
    rows: tuple[Constraint, ...] = ()

    def used(self) -> set[int]:
        """Return the averages that the objective and the rows rest on."""
        return {j for j, _ in self.weights()}

    def weights(self) -> Iterator[tuple[int, float]]:
        """Yield each weight of an average, with the position of the average."""
        for total in (self.objective, *(row.total for row in self.rows)):
            for term in total:
                for expression in term.largest_of:
                    yield from expression.averages.items()

    @property
    def convex(self) -> bool:
        """Whether it is: no average is taken off another."""
        return all(weight >= 0 for _, weight in self.weights())

    def value(
        self, counts: NDArray[np.float64], averages: Sequence[float], moved: float = 0.0
    ) -> float:
        """Work out the objective."""
        return sum(term.value(counts, averages, moved) for term in self.objective)

    def over(
        self, counts: NDArray[np.float64], averages: Sequence[float], moved: float = 0.0
    ) -> float:
        """Return by how much bounds are exceeded in all."""
        return sum(row.over(counts, averages, moved) for row in self.rows)

    @property
    def whole(self) -> bool:
        """Whether the objective is a whole number for all deployments."""
        return all(
            len(term.largest_of) == 1
            and not term.largest_of[0].averages
            and _whole(
                [term.weight * term.largest_of[0].constant, term.weight * term.largest_of[0].moved]
            )
            and (
                term.largest_of[0].linear is None or _whole(term.weight * term.largest_of[0].linear)
            )
            for term in self.objective
        )

    def linear_cost(self, options: int) -> tuple[float, NDArray[np.float64]] | None:
        """Return constant and (options,) coefficients of an objective that is linear in the counts.

        None if it is not, or a coefficient is below 0.
        """
        constant, linear = 0.0, np.zeros(options)
        for term in self.objective:
            first = term.largest_of[0]
            if len(term.largest_of) > 1 or first.averages or first.moved:
                return None
            constant += term.weight * first.constant
            linear += term.weight * (first.linear if first.linear is not None else 0.0)
        return (constant, linear) if (linear > 0).any() and (linear >= 0).all() else None


def _whole(values: NDArray[np.float64] | list[float]) -> bool:
    values = np.asarray(values, dtype=np.float64)
    return bool((values == np.round(values)).all())
