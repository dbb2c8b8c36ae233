"""Why limits cannot all be kept, and what would have to give.

Limits, moves, floors and shares to be covered.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

from coresponse.optimize.clash import Clash, GiveWay
from coresponse.optimize.goals.averages import prepare
from coresponse.optimize.goals.convex_program import (
    Average,
    Constraint,
    ConvexProgram,
    Expression,
    Term,
    Total,
)
from coresponse.optimize.goals.demand import Demand
from coresponse.optimize.goals.engine import minimize
from coresponse.optimize.goals.goal import Mean
from coresponse.optimize.goals.goal_problem import GoalProblem, Stating
from coresponse.optimize.goals.outcome import Outcome, SolveSettings
from coresponse.optimize.goals.ready import Ready
from coresponse.optimize.problem import Limit, Problem


def explain(
    problem: Problem,
    goal_problem: GoalProblem | None = None,
    *,
    time_limit_s: float = 120.0,
    solver: str = "HiGHS",
) -> Clash:
    """Find a smallest clash among all that limits a plan, by halving what is taken away (QuickXplain; Junker 2004).

    Parameters
    ----------
    problem
        Its limits, and how many of today's responders may be moved.
    goal_problem
        What was asked of the problem; its floors and shares to be covered are limits, too.

    Returns
    -------
    Clash
        Without limits if they can all be kept.
    """
    goal_problem = (
        goal_problem
        if goal_problem is not None
        else GoalProblem(problem, Demand.of(problem), Mean())
    )
    return _Explaining(problem, goal_problem, time_limit_s, solver).clash()


@dataclass(frozen=True, eq=False)
class _Moves:
    """The limit of moves, as one of the others."""

    name: str
    at_most: int
    unit: str = "of today's responders moved"


_Any = Limit | _Moves | Constraint


class _Explaining:
    def __init__(
        self, problem: Problem, goal_problem: GoalProblem, time_limit_s: float, solver: str
    ) -> None:
        self.bare = replace(problem, limits=(), moves_at_most=None)
        stating = Stating(goal_problem, None)
        rows = stating.floor_rows()
        self.all: list[_Any] = [*problem.limits]
        if problem.moves_at_most is not None:
            self.all.append(
                _Moves(f"moves: at most {problem.moves_at_most}", problem.moves_at_most)
            )
        self.all += rows
        self.averages: tuple[Average, ...] = tuple(stating.averages)
        self.ready: tuple[Ready, ...] = prepare(self.bare, self.averages)
        self.settings = SolveSettings(time.monotonic() + time_limit_s, gap=1e-6, solver=solver)
        self.sure = True

    def clash(self) -> Clash:
        if not self.impossible(self.all):
            return Clash((), smallest=self.sure)
        found = self.smallest([], self.all, check=False)
        order = [one for one in self.all if any(one is other for other in found)]
        return Clash(tuple(self.give_way(one, order) for one in order), smallest=self.sure)

    def smallest(self, kept: list[_Any], doubted: list[_Any], *, check: bool = True) -> list[_Any]:
        """Return a smallest part of `doubted` that cannot be kept together with `kept`."""
        if check and self.impossible(kept):
            return []
        if len(doubted) <= 1:
            return doubted
        half = len(doubted) // 2
        first, second = doubted[:half], doubted[half:]
        of_second = self.smallest([*kept, *first], second, check=bool(first))
        of_first = self.smallest([*kept, *of_second], first, check=bool(of_second))
        return [*of_first, *of_second]

    def impossible(self, some: Sequence[_Any]) -> bool:
        found = self.best(some, ())
        if found.counts is None and not found.infeasible:
            self.sure = False
        return found.infeasible

    def best(self, some: Sequence[_Any], objective: Total) -> Outcome:
        moves = next((one.at_most for one in some if isinstance(one, _Moves)), None)
        limits = tuple(one for one in some if isinstance(one, Limit))
        rows = tuple(one for one in some if isinstance(one, Constraint))
        problem = replace(self.bare, limits=limits, moves_at_most=moves)
        statement = ConvexProgram(self.averages, objective, rows)
        found = minimize(problem, statement, self.settings, ready=self.ready)
        if found.interrupted:
            raise KeyboardInterrupt
        return found

    def give_way(self, one: _Any, clash: Sequence[_Any]) -> GiveWay:
        """Find the least by which one of a clash is exceeded where the others are kept."""
        found = self.best([other for other in clash if other is not one], _excess(one))
        of_calls = isinstance(one, Constraint) and one.of_calls
        shown = not isinstance(one, Constraint) or one.may_be_shown
        told = GiveWay(one.name, None, one.unit, found.infeasible, of_calls, shown)
        if found.counts is None:
            return told
        by = max(0.0, found.value) * (one.per_unit if isinstance(one, Constraint) else 1.0)
        least = found.value - found.bound <= 1e-5 * max(1.0, abs(found.value))
        return replace(told, by=round(by, 6), least=least)


def _excess(one: _Any) -> Total:
    if isinstance(one, Constraint):
        return (*one.total, Term(1.0, (Expression(-one.at_most),)))
    if isinstance(one, _Moves):
        return (Term(1.0, (Expression(-one.at_most, moved=1.0),)),)
    sides = []
    if one.at_most is not None:
        sides.append(Expression(-one.at_most, one.coefficients))
    if one.at_least is not None:
        sides.append(Expression(one.at_least, -one.coefficients))
    return (Term(1.0, tuple(sides)),)
