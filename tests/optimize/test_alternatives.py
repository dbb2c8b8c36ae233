from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest

from coresponse.data.errors import InputError
from coresponse.optimize.alternatives import alternatives
from coresponse.optimize.objective import Late, MeanTime, WaitingCost
from coresponse.optimize.posts_in_use import posts_in_use
from coresponse.optimize.problem import Limit, Problem
from coresponse.optimize.recount import recount
from coresponse.optimize.solution import Status, Stop
from coresponse.optimize.solve import solve

EXACT = Stop(60.0, 1e-6)
POSTS = ("p0", "p0", "p1", "p1", "p2", "p3")


def made(seed: int, busy: tuple[float, float] = (0.3, 0.4)) -> Problem:
    """Two posts with two options each, two with one; a post may hold several."""
    rng = np.random.default_rng(seed)
    m, n = 6, 14
    kind = np.array([0, 1, 0, 1, 0, 1])
    return Problem(
        response_s=rng.uniform(60, 1500, (m, n)).astype(np.float32),
        weight=rng.uniform(0.2, 3.0, n),
        fallback_s=1800.0,
        option_type=kind,
        option_names=tuple(f"{post} / {k}" for post, k in zip(POSTS, kind, strict=True)),
        type_names=("a", "b"),
        busy_share=np.array(busy),
        most=np.full(m, 2, dtype=np.int64),
        limits=(
            Limit("units", np.ones(m), at_most=3),
            Limit("a", (kind == 0).astype(float), at_least=1),
        ),
    )


def in_use(counts: np.ndarray) -> set[str]:
    return {post for post, count in zip(POSTS, counts, strict=True) if count}


def brute_force(
    problem: Problem, waiting: WaitingCost, before: list[set[str]], differ_in: int
) -> float:
    best = np.inf
    for counts in itertools.product(*(range(int(most) + 1) for most in problem.most)):
        x = np.array(counts)
        if problem.broken_limits(x) or any(len(in_use(x) ^ other) < differ_in for other in before):
            continue
        best = min(best, recount(problem, waiting, x))
    return best


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("differ_in", [1, 2, 3])
@pytest.mark.parametrize("waiting", [MeanTime(), Late(450.0)], ids=["mean", "late"])
def test_each_is_the_best_that_differs_enough(
    seed: int, differ_in: int, waiting: WaitingCost
) -> None:
    problem = made(seed, (0.3, 0.4) if seed % 2 else (0.0, 0.0))
    several = alternatives(problem, waiting, POSTS, count=4, differ_in=differ_in, stop=EXACT)
    before: list[set[str]] = []
    for found in several.found:
        assert found.solution.status is Status.PROVEN
        best = brute_force(problem, waiting, before, differ_in)
        assert found.solution.objective == pytest.approx(best, rel=1e-5)
        assert set(found.posts) == in_use(found.solution.counts)
        assert all(len(set(found.posts) ^ other) >= differ_in for other in before)
        assert not problem.broken_limits(found.solution.counts)
        before.append(set(found.posts))
    if len(several.found) < 4:
        assert brute_force(problem, waiting, before, differ_in) == np.inf
        assert "no further deployment" in several.ended
    first = several.found[0]
    for found in several.found:
        assert set(found.left) == set(first.posts) - set(found.posts)
        assert set(found.taken_up) == set(found.posts) - set(first.posts)
        assert found.costs == pytest.approx(found.solution.objective - first.solution.objective)


def test_a_known_first_answer_is_not_searched_again() -> None:
    problem = made(2)
    first = solve(problem, MeanTime(), stop=EXACT)
    several = alternatives(problem, MeanTime(), POSTS, count=2, first=first, stop=EXACT)
    assert several.found[0].solution is first
    best = brute_force(problem, MeanTime(), [in_use(first.counts)], 2)
    assert several.found[1].solution.objective == pytest.approx(best, rel=1e-5)


def test_another_solver_finds_the_same() -> None:
    problem = made(1)
    ours = alternatives(problem, MeanTime(), POSTS, count=3, stop=EXACT)
    cbc = alternatives(problem, MeanTime(), POSTS, count=3, stop=EXACT, solver="CBC")
    assert [a.solution.objective for a in cbc.found] == pytest.approx(
        [a.solution.objective for a in ours.found]
    )


def test_no_more_than_there_are() -> None:
    problem = made(4)
    several = alternatives(problem, MeanTime(), POSTS, count=9, differ_in=4, stop=EXACT)
    assert 1 <= len(several.found) < 9
    assert several.ended == "no further deployment differs in at least 4 posts"


def test_limits_that_cannot_be_kept_have_no_alternatives() -> None:
    problem = made(0)
    clash = Limit("b", (problem.option_type == 1).astype(float), at_least=9)
    several = alternatives(replace(problem, limits=(*problem.limits, clash)), MeanTime(), POSTS)
    assert several.found == ()
    assert several.ended == "no deployment keeps all limits"


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("moves", [0, 1, 2])
def test_moves_from_today_are_counted_as_ever(seed: int, moves: int) -> None:
    today = np.array([1, 1, 0, 0, 0, 0]) if seed % 2 else np.array([0, 2, 0, 0, 1, 0])
    problem = replace(made(seed), today=today, moves_at_most=moves)
    several = alternatives(problem, MeanTime(), POSTS, count=3, differ_in=1, stop=EXACT)
    before: list[set[str]] = []
    for found in several.found:
        best = brute_force(problem, MeanTime(), before, 1)
        assert found.solution.objective == pytest.approx(best, rel=1e-5)
        assert not problem.broken_limits(found.solution.counts)
        before.append(set(found.posts))
    if len(several.found) < 3:
        assert brute_force(problem, MeanTime(), before, 1) == np.inf


@pytest.mark.parametrize("moves", [None, 1])
@pytest.mark.parametrize("busy", [0.0, 0.3])
def test_every_deployment_is_one_of_the_pieces_and_in_one_way(
    moves: int | None, busy: float
) -> None:
    """Over all counts of the pieces.

    What keeps their limits adds up to just the deployments that keep the problem's.
    """
    number = np.array([0, 0, 1])
    problem = replace(
        made(1),
        response_s=made(1).response_s[:3],
        option_type=np.array([0, 1, 0]),
        option_names=("a", "b", "c"),
        busy_share=np.array([busy, 0.4]),
        most=np.array([2, 1, 2]),
        limits=(Limit("units", np.ones(3), at_most=3),),
        today=None if moves is None else np.array([2, 0, 0]),
        moves_at_most=moves,
    )
    stated = posts_in_use(problem, number)
    seen: dict[tuple[int, ...], int] = {}
    for counts in itertools.product(*(range(int(most) + 1) for most in stated.problem.most)):
        x = np.array(counts)
        if stated.problem.broken_limits(x):
            continue
        whole = stated.whole(x)
        seen[tuple(whole.tolist())] = seen.get(tuple(whole.tolist()), 0) + 1
        in_use_by_first = np.bincount(stated.post, weights=x * stated.first, minlength=2) > 0
        assert (in_use_by_first == (np.bincount(number, weights=whole, minlength=2) > 0)).all()
        assert recount(stated.problem, MeanTime(), x) == pytest.approx(
            recount(problem, MeanTime(), whole)
        )
    useful = [2 if busy or moves is not None else 1, 1, 2 if busy or moves is not None else 1]
    wanted = {
        counts
        for counts in itertools.product(*(range(most + 1) for most in useful))
        if not problem.broken_limits(np.array(counts))
    }
    assert set(seen) == wanted
    if moves is None:
        assert set(seen.values()) == {1}


def test_wrong_requests_are_refused() -> None:
    with pytest.raises(InputError, match="1 or more"):
        alternatives(made(0), MeanTime(), POSTS, count=0)
    with pytest.raises(InputError, match="6 options"):
        alternatives(made(0), MeanTime(), POSTS[:3])
