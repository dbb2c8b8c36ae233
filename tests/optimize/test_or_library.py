"""Published optima of p-median and p-center problems on the graphs of OR-Library (Beasley 1985)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy.sparse.csgraph import floyd_warshall

from coresponse.optimize.goals.goal import PCenter
from coresponse.optimize.goals.solve import solve_goal
from coresponse.optimize.objective import MeanTime
from coresponse.optimize.problem import Limit
from coresponse.optimize.solution import Status, Stop
from coresponse.optimize.solve import solve

OPTIMA = {
    1: 5819,
    2: 4093,
    3: 4250,
    4: 3034,
    5: 1355,
    6: 7824,
    7: 5631,
    8: 4445,
    10: 1255,
    11: 7696,
}


CENTERS = {
    1: 127,
    2: 98,
    3: 93,
    4: 74,
    5: 48,
    6: 84,
    7: 64,
    8: 55,
    9: 37,
    10: 20,
    11: 59,
    16: 47,
    21: 40,
    26: 38,
}
"""Least longest distances (Daskin 2000; Elloumi, Labbe and Pochet 2004)."""


def distances(number: int, folder: Path) -> tuple[np.ndarray, int]:
    """Read a graph: distances between all nodes, and p."""
    file = folder / "known_answers" / "pmed" / f"pmed{number}.txt"
    n, edges, p, *rest = map(int, file.read_text().split())
    distance = np.full((n, n), np.inf)
    for a, b, cost in np.array(rest).reshape(-1, 3)[:edges]:
        # a repeated edge: the last cost wins
        distance[a - 1, b - 1] = distance[b - 1, a - 1] = cost
    np.fill_diagonal(distance, 0)
    return floyd_warshall(distance), p


@pytest.mark.parametrize(("number", "optimum"), OPTIMA.items(), ids=[f"pmed{k}" for k in OPTIMA])
def test_published_optimum_is_proven(
    number: int, optimum: int, shared_data: Path, made: object
) -> None:
    distance, p = distances(number, shared_data)
    n = len(distance)
    problem = made(
        distance, fallback_s=2 * distance.max(), limits=(Limit("p", np.ones(n), at_most=p),)
    )
    solution = solve(problem, MeanTime(), stop=Stop(120.0, 1e-6))
    assert solution.status is Status.PROVEN
    assert solution.objective * n == pytest.approx(optimum, abs=1e-6)
    assert solution.bound * n > optimum - 1  # costs are whole numbers
    assert solution.counts.sum() == p


@pytest.mark.parametrize(("number", "optimum"), CENTERS.items(), ids=[f"pmed{k}" for k in CENTERS])
def test_published_center_is_proven(
    number: int, optimum: int, shared_data: Path, made: object
) -> None:
    distance, p = distances(number, shared_data)
    problem = made(distance, fallback_s=2 * distance.max(), units=p)
    solution = solve_goal(problem, PCenter(), stop=Stop(120.0, 1e-4))
    assert solution.status is Status.PROVEN
    assert (solution.objective, solution.bound) == (optimum, optimum)
    assert distance[solution.counts > 0].min(axis=0).max() == optimum
    assert solution.counts.sum() <= p
