"""Every deployment of hundreds of small random problems is tried out by an oracle that shares no code with the optimizer."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from curve import Curve

from coresponse.optimize import decompose, tree
from coresponse.optimize.evaluate import Evaluator
from coresponse.optimize.objective import Late, MeanTime, WaitingCost
from coresponse.optimize.solution import Status, Stop
from coresponse.optimize.solve import solve

EXACT = Stop(60.0, 1e-6)
SEEDS = range(8)

BUSY = {
    "always free": (0.0,),
    "two types always free": (0.0, 0.0),
    "one busy share": (0.35,),
    "equal busy shares": (0.3, 0.3),
    "different busy shares": (0.2, 0.45),
    "one type always free": (0.0, 0.4),
    "one share the square of the other": (0.5, 0.25),
    "three types": (0.0, 0.3, 0.6),
    "nearly always busy": (0.97, 0.9),
    "hardly ever busy": (1e-6, 0.01),
    "more shares than an envelope lists": (0.9, 0.91, 0.93, 0.95, 0.97, 0.6),
}

WAITING: dict[str, WaitingCost] = {
    "mean": MeanTime(),
    "late": Late(600.0),
    "ramp": Curve((300.0, 900.0), (0.0, 1.0)),
    "steps": Curve((300.0, 300.0, 600.0, 600.0, 1100.0), (0.1, 0.3, 0.3, 0.7, 1.0)),
}


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("waiting", WAITING.values(), ids=WAITING.keys())
@pytest.mark.parametrize("busy", BUSY.values(), ids=BUSY.keys())
def test_the_answer_is_the_best_of_all_deployments(
    busy: tuple[float, ...],
    waiting: WaitingCost,
    seed: int,
    random_small: object,
    oracle: SimpleNamespace,
) -> None:
    problem, _ = random_small(busy, 100 * seed + list(WAITING.values()).index(waiting))
    best = oracle.least(problem, waiting)
    solution = solve(problem, waiting, stop=EXACT, seed=seed)
    if best is None:
        assert solution.status is Status.INFEASIBLE
        assert solution.counts.shape == (0,)
        assert solution.objective == np.inf
        assert solution.gap == np.inf
        return
    assert solution.status is Status.PROVEN
    assert solution.objective == pytest.approx(best, rel=1e-6, abs=1e-9)
    assert solution.gap <= 1e-6 + 1e-9 / max(best, 1e-12)
    assert solution.bound <= best * (1 + 1e-6) + 1e-9
    assert oracle.allowed(problem, solution.counts).all()
    assert oracle.objective(problem, waiting, solution.counts)[0] == pytest.approx(
        solution.objective, rel=1e-12
    )


def test_the_random_problems_are_neither_all_possible_nor_all_impossible_whatever_their_limits(
    random_small: object, oracle: SimpleNamespace
) -> None:
    possible: dict[str, list[bool]] = {}
    for busy in BUSY.values():
        for seed in SEEDS:
            for number in range(len(WAITING)):
                problem, kinds = random_small(busy, 100 * seed + number)
                any_ = bool(oracle.allowed(problem, oracle.all_deployments(problem)).any())
                for kind in {*kinds, "any"}:
                    possible.setdefault(kind, []).append(any_)
    assert set(possible) == {
        "any", "units", "roles", "budget", "per post", "at least", "must", "may", "not", "keep today", "moves",
    }  # fmt: skip
    for seen in possible.values():
        assert sum(seen) >= 10
        assert len(seen) - sum(seen) >= 2
    assert 0.6 < np.mean(possible["any"]) < 0.95


def as_it_is(
    evaluator: Evaluator, room: object, counts: np.ndarray, **more: object
) -> tuple[float, np.ndarray]:
    return evaluator.value(counts), counts


@pytest.mark.parametrize("alone", [tree.ALONE, 0], ids=["one by one at first", "side by side"])
@pytest.mark.parametrize("waiting", WAITING.values(), ids=WAITING.keys())
@pytest.mark.parametrize("busy", BUSY.values(), ids=BUSY.keys())
def test_the_boxes_alone_find_the_best(
    busy: tuple[float, ...],
    waiting: WaitingCost,
    alone: int,
    random_small: object,
    oracle: SimpleNamespace,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Local search finds the best of most small problems.

    Without it, a box that is closed too early shows.
    """
    monkeypatch.setattr(tree, "ALONE", alone)
    monkeypatch.setattr(decompose, "several_starts", as_it_is)
    monkeypatch.setattr(decompose, "improve", as_it_is)
    monkeypatch.setattr(decompose, "_round", lambda *args: None)
    for seed in range(3000, 3006):
        problem, _ = random_small(busy, seed)
        best = oracle.least(problem, waiting)
        solution = solve(problem, waiting, stop=EXACT)
        if best is None:
            assert solution.status is Status.INFEASIBLE
        else:
            assert solution.status is Status.PROVEN
            assert solution.objective == pytest.approx(best, rel=1e-6, abs=1e-9)
            assert solution.bound <= best * (1 + 1e-6) + 1e-9


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("busy", [(0.0,), (0.0, 0.4), (0.2, 0.45)], ids=str)
def test_a_start_changes_nothing_whether_it_keeps_the_limits_or_not(
    busy: tuple[float, ...], seed: int, random_small: object, oracle: SimpleNamespace
) -> None:
    problem, _ = random_small(busy, 700 + seed)
    best = oracle.least(problem, MeanTime())
    deployments = oracle.all_deployments(problem)
    for start in (
        deployments[len(deployments) // 2],
        deployments[-1],
        np.full(problem.n_options, 9),
    ):
        solution = solve(problem, MeanTime(), stop=EXACT, start=start)
        if best is None:
            assert solution.status is Status.INFEASIBLE
        else:
            assert solution.status is Status.PROVEN
            assert solution.objective == pytest.approx(best, rel=1e-6)


def test_a_standard_beyond_the_fallback_costs_nothing(made: object) -> None:
    problem = made([[10, 20], [20, 10]], units=1)
    solution = solve(problem, Late(problem.fallback_s + 1), stop=EXACT)
    assert solution.status is Status.PROVEN
    assert solution.objective == 0.0


def test_the_same_seed_gives_the_same_answer(random_small: object) -> None:
    for seed in range(5):
        problem, _ = random_small((0.0, 0.4), seed)
        one, two = (solve(problem, MeanTime(), stop=EXACT, seed=3) for _ in range(2))
        assert one.counts.tolist() == two.counts.tolist()
        assert one.objective == two.objective
        assert one.bound == two.bound
        steps = [[(step.stage, step.incumbent, step.bound) for step in s.steps] for s in (one, two)]
        assert steps[0] == steps[1]
