"""Alternatives: the best deployments that are not all but the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from coresponse.data.errors import InputError
from coresponse.optimize.demand_costs import DemandCosts
from coresponse.optimize.goals.goal_problem import GoalProblem
from coresponse.optimize.goals.solve_for import GoalOrCost, over_pieces, solve_for
from coresponse.optimize.posts_in_use import PostsInUse, post_numbers, posts_in_use
from coresponse.optimize.problem import Problem
from coresponse.optimize.solution import Solution, Status, Stop, Watch, unwatched

# Why there are no more, where nothing else ends the search.
AS_MANY = "as many as were asked for"


@dataclass(frozen=True, eq=False)
class Alternative:
    """One of several good deployments.

    Attributes
    ----------
    solution
        With its status: proven best of all that differ enough from those before it, or best found.
    posts
        That it uses.
    left, taken_up
        Posts that the first deployment uses and it does not, and the other way round.
    costs
        How far its objective is above the first one's.
    """

    solution: Solution
    posts: tuple[str, ...]
    left: tuple[str, ...]
    taken_up: tuple[str, ...]
    costs: float


@dataclass(frozen=True, eq=False)
class Alternatives:
    """Several good deployments.

    Attributes
    ----------
    found
        The best, the best that differs enough from it, the best that differs enough from both, and
        so on.
    ended
        Why there are no more, for people.
    """

    found: tuple[Alternative, ...]
    ended: str


def alternatives(
    problem: Problem,
    goal: GoalOrCost,
    option_posts: Sequence[str],
    *,
    count: int = 3,
    differ_in: int = 2,
    first: Solution | None = None,
    stop: Stop | None = None,
    seed: int = 1,
    solver: str = "HiGHS",
    watch: Watch = unwatched,
) -> Alternatives:
    """Find the best deployments that differ from each other in a number of posts.

    With y_p saying whether post p is in use, and A the posts of a deployment found before, each
    further one keeps

        sum over p in A of (1 - y_p) + sum over p not in A of y_p >= differ_in.

    Parameters
    ----------
    option_posts
        (options,) the post of each option.
    count
        Of deployments, the best included.
    differ_in
        Least number of posts that one of two deployments uses and the other does not; a move from
        one post to another makes two.
    first
        The best deployment, if it is costs.
    stop
        For each deployment.

    Raises
    ------
    InputError
        If `count` or `differ_in` is below 1, or there is not one post an option.
    """
    if count < 1 or differ_in < 1:
        raise InputError("alternatives: count and differ_in must be 1 or more")
    posts, number = post_numbers(problem, option_posts)
    if first is None:
        first = solve_for(problem, goal, stop=stop, seed=seed, solver=solver, watch=watch)
    if not len(first.counts):
        return Alternatives((), first.message)
    found = [_alternative(first, number, posts, [])]
    if first.interrupted or count == 1:
        return Alternatives(tuple(found), "stopped" if first.interrupted else AS_MANY)
    stated = posts_in_use(problem, number)
    goal = over_pieces(goal, stated.option)
    costs = None if isinstance(goal, GoalProblem) else DemandCosts.of(stated.problem, goal)
    while len(found) < count:
        differing = _differing(stated, [other.solution for other in found], number, differ_in)
        answer = solve_for(
            differing, goal, stop=stop, seed=seed, solver=solver, watch=watch, costs=costs
        )
        if not len(answer.counts):
            none = f"no further deployment differs in at least {differ_in} posts"
            return Alternatives(
                tuple(found), none if answer.status is Status.INFEASIBLE else answer.message
            )
        solution = replace(answer, counts=stated.whole(answer.counts))
        found.append(_alternative(solution, number, posts, found))
        if solution.interrupted:
            return Alternatives(tuple(found), "stopped")
    return Alternatives(tuple(found), AS_MANY)


def _differing(
    stated: PostsInUse, others: Sequence[Solution], number: NDArray[np.int64], differ_in: int
) -> Problem:
    limits = list(stated.problem.limits)
    for i, other in enumerate(others):
        used = np.bincount(number, weights=other.counts, minlength=stated.n_posts) > 0
        limits.append(
            stated.differ(
                used, differ_in, f"differs from deployment {i + 1} in at least {differ_in} posts"
            )
        )
    return replace(stated.problem, limits=tuple(limits))


def _alternative(
    solution: Solution, number: NDArray[np.int64], posts: tuple[str, ...], found: list[Alternative]
) -> Alternative:
    used = np.bincount(number, weights=solution.counts, minlength=len(posts)) > 0
    mine = tuple(post for post, there in zip(posts, used, strict=True) if there)
    best = found[0].posts if found else mine
    return Alternative(
        solution,
        mine,
        left=tuple(post for post in best if post not in set(mine)),
        taken_up=tuple(post for post in mine if post not in set(best)),
        costs=solution.objective - found[0].solution.objective if found else 0.0,
    )
