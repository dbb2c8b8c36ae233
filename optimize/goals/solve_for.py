"""Solve for either kind of goal: one mean cost of waiting, or any goal with its floors."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from coresponse.optimize.demand_costs import DemandCosts
from coresponse.optimize.goals.goal_problem import GoalProblem
from coresponse.optimize.goals.solve import solve_goal
from coresponse.optimize.objective import WaitingCost
from coresponse.optimize.problem import Problem
from coresponse.optimize.solution import Solution, Stop, Watch
from coresponse.optimize.solve import solve

GoalOrCost = WaitingCost | GoalProblem


def solve_for(
    problem: Problem,
    goal: GoalOrCost,
    *,
    stop: Stop | None,
    seed: int,
    solver: str,
    watch: Watch,
    starts: int = 24,
    start: NDArray[np.integer] | None = None,
    costs: DemandCosts | None = None,
) -> Solution:
    """Find the best deployment.

    Parameters
    ----------
    problem
        What to choose from; with limits other than those that a goal was stated with, too.
    goal
        A cost of waiting, or a goal with its floors, demand and standard.
    starts, costs
        Of :func:`coresponse.optimize.solve.solve`; other goals make no use of them.
    """
    if isinstance(goal, GoalProblem):
        return solve_goal(
            problem,
            goal.goal,
            demand=goal.demand,
            floors=goal.floors,
            standard_s=goal.standard_s,
            option_cost=goal.option_cost,
            stop=stop,
            seed=seed,
            solver=solver,
            start=start,
            watch=watch,
        )
    return solve(
        problem,
        goal,
        stop=stop,
        seed=seed,
        solver=solver,
        starts=starts,
        start=start,
        costs=costs,
        watch=watch,
    )


def over_pieces(goal: GoalOrCost, option: NDArray[np.int64]) -> GoalOrCost:
    """Return a goal for a problem whose options are pieces of those that it was stated with.

    Parameters
    ----------
    option
        (pieces,) the option that a piece is of.
    """
    if not isinstance(goal, GoalProblem) or goal.option_cost is None:
        return goal
    return replace(goal, option_cost=goal.option_cost[option])
