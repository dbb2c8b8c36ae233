"""The program of a goal, stated in PuLP.

Small averages written out in full, large ones as estimates that grow by cuts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pulp

from coresponse.optimize.explicit import mean_cost
from coresponse.optimize.goals.convex_program import ConvexProgram, Expression, Term, Total
from coresponse.optimize.goals.ready import Ready
from coresponse.optimize.limit_rows import counts_within_limits
from coresponse.optimize.masters import Model
from coresponse.optimize.problem import Problem


@dataclass(frozen=True, eq=False)
class GoalModel:
    """A goal's model without cuts.

    Attributes
    ----------
    model
        To be handed to a solver.
    lazy
        Averages that are approached by cuts, and the position of the first estimate of each.
    """

    model: Model
    lazy: dict[int, int]


def program(
    problem: Problem, statement: ConvexProgram, ready: Sequence[Ready], explicit_most: float
) -> GoalModel:
    """State a goal's program."""
    stating = _Stating(problem, statement, ready, explicit_most)
    return GoalModel(Model(stating.lp, stating.x, stating.z), stating.lazy)


class _Stating:
    """A model while it is written."""

    def __init__(
        self,
        problem: Problem,
        statement: ConvexProgram,
        ready: Sequence[Ready],
        explicit_most: float,
    ) -> None:
        self.lp = pulp.LpProblem("goal", pulp.LpMinimize)
        self.x = counts_within_limits(self.lp, problem)
        self.z: list[pulp.LpVariable] = []
        self.lazy: dict[int, int] = {}
        self._problem = problem
        self._moved: pulp.LpAffineExpression | None = None
        used = sorted(statement.used())
        in_full = sum(ready[j].entries for j in used) <= explicit_most
        values = {j: self._average(j, ready[j], in_full=in_full) for j in used}
        self.lp.setObjective(self._total(statement.objective, values, "objective"))
        for i, row in enumerate(statement.rows):
            # in the scale of the row, for solvers keep rows to an absolute tolerance
            total = self._total(row.total, values, f"row{i}")
            self.lp += (1 / row.scale) * total <= row.at_most / row.scale, f"row_{i}"

    def _average(self, j: int, ready: Ready, *, in_full: bool) -> pulp.LpAffineExpression:
        if in_full:
            terms = [
                piece.factor * mean_cost(self.lp, self.x, piece.ready, f"{j}_{p}_")
                for p, piece in enumerate(ready.pieces)
            ]
            return pulp.lpSum(terms)
        first = len(self.z)
        self.lazy[j] = first
        self.z += [self.lp.add_variable(f"e{first + k:06d}", 0) for k in range(ready.n_clusters)]
        return pulp.lpSum(self.z[first:])

    def _total(
        self, total: Total, values: dict[int, pulp.LpAffineExpression], name: str
    ) -> pulp.LpAffineExpression:
        return pulp.lpSum([self._term(term, values, f"{name}_{i}") for i, term in enumerate(total)])

    def _term(
        self, term: Term, values: dict[int, pulp.LpAffineExpression], name: str
    ) -> pulp.LpAffineExpression:
        if len(term.largest_of) == 1:
            return term.weight * self._expression(term.largest_of[0], values)
        largest = self.lp.add_variable(f"largest_{name}")
        for i, expression in enumerate(term.largest_of):
            self.lp += largest >= self._expression(expression, values), f"{name}_{i}"
        return term.weight * largest

    def _expression(
        self, expression: Expression, values: dict[int, pulp.LpAffineExpression]
    ) -> pulp.LpAffineExpression:
        out = pulp.LpAffineExpression(constant=float(expression.constant))
        if expression.linear is not None:
            there = np.flatnonzero(expression.linear)
            out += pulp.LpAffineExpression({self.x[o]: float(expression.linear[o]) for o in there})
        for j, weight in expression.averages.items():
            out += float(weight) * values[j]
        if expression.moved:
            out += float(expression.moved) * self._moves()
        return out

    def _moves(self) -> pulp.LpAffineExpression:
        """Count today's responders that are moved or removed."""
        if self._moved is None:
            today = self._problem.today
            gone = []
            for o in np.flatnonzero(today) if today is not None else ():
                gone.append(self.lp.add_variable(f"gone{o:06d}", 0))
                self.lp += gone[-1] + self.x[o] >= int(today[o]), f"gone_{o}"  # type: ignore[index]
            self._moved = pulp.lpSum(gone)
        return self._moved
