"""What each post is worth.

How much longer calls wait without one that is chosen, or with one that is not.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from coresponse.data.errors import InputError
from coresponse.optimize.demand_costs import DemandCosts
from coresponse.optimize.goals.goal_problem import GoalProblem
from coresponse.optimize.goals.solve_for import GoalOrCost, solve_for
from coresponse.optimize.posts_in_use import post_numbers
from coresponse.optimize.problem import Limit, Problem
from coresponse.optimize.search import Room
from coresponse.optimize.solution import Solution, Status, Stop, Watch, unwatched


@dataclass(frozen=True, eq=False)
class PostWorth:
    """What a post is worth.

    Attributes
    ----------
    post
        Its id.
    chosen
        Whether the plan uses it: then it is forced out, else in.
    status
        Of the answer with the post forced; ``infeasible`` if the limits do not allow that.
    change
        Of the objective, from the plan to the best with the post forced; inf if there is none or
        none was found.
    change_at_least
        The change is proven to be no less than this.
    counts
        (options,) the best with the post forced; empty if there is none.
    """

    post: str
    chosen: bool
    status: Status
    change: float
    change_at_least: float
    counts: NDArray[np.int64]


def worth_of_posts(
    problem: Problem,
    goal: GoalOrCost,
    option_posts: Sequence[str],
    plan: Solution,
    *,
    only: Sequence[str] | None = None,
    total_s: float = 300.0,
    stop: Stop | None = None,
    seed: int = 1,
    solver: str = "HiGHS",
    watch: Watch = unwatched,
) -> tuple[PostWorth, ...]:
    """Force each post of a plan out and each other post in, and solve again.

    Parameters
    ----------
    problem, goal, plan
        A problem and its answer.
    option_posts
        (options,) the post of each option.
    only
        Posts to look at; default: all.
    total_s
        Seconds for all of them; the time left is shared evenly among the posts left, so that each
        gets an answer, proven or with its gap.
    stop
        For each post.

    Returns
    -------
    tuple of PostWorth
        The plan's posts, then the others, in the order of the options. Ctrl-C ends the list early.

    Raises
    ------
    InputError
        If the plan is empty-handed, or a post is not one of the options'.
    """
    posts, number = post_numbers(problem, option_posts)
    if len(plan.counts) != problem.n_options:
        raise InputError(
            "worth of posts: nothing was found for this problem, so nothing can be compared"
        )
    unknown = [post for post in only or () if post not in posts]
    if unknown:
        raise InputError(f"worth of posts: no option is at {', '.join(unknown)}")
    stop = stop or Stop()
    costs = None if isinstance(goal, GoalProblem) else DemandCosts.of(problem, goal)
    used = np.bincount(number, weights=plan.counts, minlength=len(posts)) > 0
    order = [p for p in np.argsort(~used, kind="stable") if only is None or posts[p] in only]
    exchange = None if costs is None else _Exchanges(problem, costs, plan.counts)
    until = time.monotonic() + total_s
    out: list[PostWorth] = []
    for done, p in enumerate(order):
        share = max(0.0, until - time.monotonic()) / (len(order) - done)
        here = number == p
        forced = _out(problem, here) if used[p] else _in(problem, here, posts[p])
        start = None
        if exchange is not None:
            start = exchange.without(here) if used[p] else exchange.including(here)
        answer = solve_for(
            forced,
            goal,
            stop=replace(stop, seconds=min(stop.seconds, share)),
            seed=seed,
            solver=solver,
            starts=1,
            watch=watch,
            start=start,
            costs=costs,
        )
        # with a post forced there is less to choose from: the plan's own bound still holds
        bound = max(answer.bound, plan.bound)
        at_least = (np.inf if answer.status is Status.INFEASIBLE else bound) - plan.objective
        change = answer.objective - plan.objective
        status = answer.status
        if status is Status.BEST_FOUND and answer.objective - bound <= stop.gap * abs(
            answer.objective
        ):
            status = Status.PROVEN
        out.append(
            PostWorth(posts[p], bool(used[p]), status, change, min(at_least, change), answer.counts)
        )
        if answer.interrupted:
            break
    return tuple(out)


def _out(problem: Problem, here: NDArray[np.bool_]) -> Problem:
    return replace(problem, most=np.where(here, 0, problem.most))


def _in(problem: Problem, here: NDArray[np.bool_], post: str) -> Problem:
    return replace(
        problem,
        limits=(*problem.limits, Limit(f"post {post}: in", here.astype(np.float64), at_least=1)),
    )


class _Exchanges:
    """Deployments near a plan, to begin with."""

    def __init__(self, problem: Problem, costs: DemandCosts, counts: NDArray[np.int64]) -> None:
        self.problem = problem
        self.evaluator = costs.evaluator
        self.room = Room.of(problem)
        self.counts = counts.astype(np.float64)
        # cost of the plan with one more of each option, as it is and with each responder in place
        # taken away
        self.taken: list[tuple[int | None, NDArray[np.float64]]] = []
        for out in (None, *np.flatnonzero(counts).tolist()):
            trial = self.counts.copy()
            if out is not None:
                trial[out] -= 1
            value, gain = self.evaluator.gains(trial)
            self.taken.append((out, value - gain))

    def without(self, here: NDArray[np.bool_]) -> NDArray[np.int64]:
        """Move a post's responders, one after the other, to where they save most."""
        counts = np.where(here, 0.0, self.counts)
        for o in np.flatnonzero(here):
            for _ in range(int(self.counts[o])):
                alike = (
                    ~here
                    & (self.problem.option_type == self.problem.option_type[o])
                    & self.room.may_add(counts)
                )
                if alike.any():
                    _, gain = self.evaluator.gains(counts)
                    counts[np.argmax(np.where(alike, gain, -np.inf))] += 1
        return counts.astype(np.int64)

    def including(self, here: NDArray[np.bool_]) -> NDArray[np.int64] | None:
        """Add one at a post, or exchange one for it, whichever costs least."""
        tries = [(cost[o], int(o), out) for out, cost in self.taken for o in np.flatnonzero(here)]
        for _, o, out in sorted(tries, key=lambda item: (item[0], item[1])):
            counts = self.counts.copy()
            counts[o] += 1
            if out is not None:
                counts[out] -= 1
            whole = counts.astype(np.int64)
            if not self.problem.broken_limits(whole):
                return whole
        return None
