"""The placement problem stated anew, so that which posts are in use is linear in the counts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from coresponse.data.errors import InputError
from coresponse.optimize.problem import Limit, Problem


@dataclass(frozen=True, eq=False)
class PostsInUse:
    """A problem whose options are cut into pieces; a post is in use if one of its first pieces is.

    Attributes
    ----------
    problem
        Over the pieces.
    option
        (pieces,) the option that a piece is of.
    post
        (pieces,) its post.
    first
        (pieces,) whether it counts the first responder at the post; a post holds at most one of
        these, and others only beside it.
    n_posts
        Number of posts.
    """

    problem: Problem
    option: NDArray[np.int64]
    post: NDArray[np.int64]
    first: NDArray[np.bool_]
    n_posts: int

    def whole(self, counts: NDArray[np.integer]) -> NDArray[np.int64]:
        """Add pieces up to (options,) counts."""
        return np.bincount(
            self.option, weights=counts, minlength=int(self.option.max()) + 1
        ).astype(np.int64)

    def differ(self, used: NDArray[np.bool_], at_least: int, name: str) -> Limit:
        """Limit deployments to those that differ from others.

        Parameters
        ----------
        used
            (posts,) whether the other deployment uses them.
        at_least
            Posts that one uses and the other does not.
        """
        row = np.where(self.first, np.where(used[self.post], -1.0, 1.0), 0.0)
        return Limit(name, row, at_least=float(at_least - int(used.sum())), unit="posts")


def post_numbers(
    problem: Problem, option_posts: Sequence[str]
) -> tuple[tuple[str, ...], NDArray[np.int64]]:
    """Give the posts of a problem's options numbers.

    Returns
    -------
    tuple of str
        Posts, in order of their first option.
    numpy.ndarray
        (options,) int64, position of each option's post.

    Raises
    ------
    InputError
        If there is not one post an option.
    """
    if len(option_posts) != problem.n_options:
        raise InputError(f"{len(option_posts)} posts were named for {problem.n_options} options")
    posts = tuple(dict.fromkeys(option_posts))
    position = {post: p for p, post in enumerate(posts)}
    return posts, np.array([position[post] for post in option_posts], dtype=np.int64)


def posts_in_use(problem: Problem, number: NDArray[np.int64]) -> PostsInUse:
    """State a problem over pieces of its options.

    Where a post may hold more than one responder, each of its options becomes a first piece (0 or
    1) and a further piece. Where at most m of today's responders may be moved, options in place
    today are also cut into what stays and what is new: those that stay are then at least all but m.
    Each deployment of the problem is one of the pieces, and costs the same.

    Parameters
    ----------
    number
        (options,) post of each option.
    """
    most = _useful(problem)
    n_posts = int(number.max()) + 1 if len(number) else 0
    alone = _hold_one(problem, number, n_posts, most)
    moves = problem.moves_at_most is not None and problem.today is not None
    today = problem.today if moves and problem.today is not None else np.zeros_like(most)
    cuts = [
        (o, first, stays)
        for o in range(problem.n_options)
        for first in ((True,) if alone[number[o]] else (True, False))
        for stays in ((True, False) if today[o] else (False,))
    ]
    option = np.array([o for o, _, _ in cuts], dtype=np.int64)
    first = np.array([f for _, f, _ in cuts], dtype=np.bool_)
    stays = np.array([s for _, _, s in cuts], dtype=np.bool_)
    # if nothing was cut, the very same array: response times are the bulk of a problem
    same = len(option) == problem.n_options
    pieces = replace(
        problem,
        response_s=problem.response_s if same else problem.response_s[option],
        police_share=None if problem.police_share is None else problem.police_share[option],
        option_type=problem.option_type[option],
        option_names=tuple(problem.option_names[o] for o in option),
        most=np.where(first, np.minimum(most[option], 1), most[option]),
        limits=tuple(
            replace(limit, coefficients=limit.coefficients[option]) for limit in problem.limits
        ),
        today=None,
        moves_at_most=None,
    )
    rows = [*pieces.limits, *_first_rows(option, number[option], first, most[option], alone)]
    if moves:
        rows += _moves_rows(option, stays, today, problem.moves_at_most or 0)
    return PostsInUse(replace(pieces, limits=tuple(rows)), option, number[option], first, n_posts)


def _useful(problem: Problem) -> NDArray[np.int64]:
    """Cap options of always-free types at 1 where no limit asks for more.

    A second one at the same place saves nothing.
    """
    asked = problem.moves_at_most is not None or any(
        limit.at_least is not None or (limit.coefficients < 0).any() for limit in problem.limits
    )
    free = problem.busy_share[problem.option_type] <= 0
    return np.where(free & (not asked), np.minimum(problem.most, 1), problem.most)


def _hold_one(
    problem: Problem, number: NDArray[np.int64], n_posts: int, most: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Say which posts hold at most one responder, by the most of their options or by a limit."""
    alone = np.bincount(number, weights=most, minlength=n_posts) <= 1
    for limit in problem.limits:
        if limit.at_most is None or (limit.coefficients < 0).any():
            continue
        least = np.full(n_posts, np.inf)
        np.minimum.at(least, number, limit.coefficients)
        alone |= 2 * least > limit.at_most
    return np.asarray(alone)


def _first_rows(
    option: NDArray[np.int64],
    post: NDArray[np.int64],
    first: NDArray[np.bool_],
    most: NDArray[np.int64],
    alone: NDArray[np.bool_],
) -> Iterator[Limit]:
    for p in np.flatnonzero(~alone):
        here = post == p
        yield Limit(f"first at post {p}", (here & first).astype(np.float64), at_most=1.0)
        for o in np.unique(option[here]):
            # behind a first of an option before its own, or of its own, which then takes one of its
            # places: so each deployment is stated in one way only
            places = np.where(
                option < o, most[option == o][0], np.where(option == o, most - 1, 0)
            ).astype(np.float64)
            row = np.where(here & first, places, 0.0) - (~first & (option == o))
            yield Limit(f"further at post {p}", row, at_least=0.0)


def _moves_rows(
    option: NDArray[np.int64], stays: NDArray[np.bool_], today: NDArray[np.int64], moves: int
) -> Iterator[Limit]:
    for o in np.flatnonzero(today):
        row = ((option == o) & stays).astype(np.float64)
        yield Limit(f"option {o}: no more stay than are there", row, at_most=float(today[o]))
    yield Limit(
        f"moves: at most {moves}", stays.astype(np.float64), at_least=float(today.sum() - moves)
    )
