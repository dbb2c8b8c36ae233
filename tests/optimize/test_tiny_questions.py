"""All goals and floors on one to three options and calls, where everything is alike, out of reach, or nobody may be posted."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import numpy as np
import pytest

from coresponse.data.errors import InputError, SolverError
from coresponse.optimize.problem import Limit, Problem
from tests.optimize.test_goals_brute_force import GOALS, Questions, check

QUESTIONS, CHUNKS = 240, 4

TIMES = ([100.0], [100.0, 600.0], [600.0, 1200.0], [np.inf, 300.0], [0.0, 1.0], [np.inf])


def tiny(made: Callable[..., Problem], seed: int) -> Problem:
    rng = np.random.default_rng([seed, 55])
    m, n, types = (int(k) for k in rng.integers(1, [4, 4, 3]))
    limits = [
        Limit("units", np.ones(m), **{word: float(rng.integers(0, most))})
        for word, most, chance in (("at_most", 4, 0.5), ("at_least", 3, 0.2))
        if rng.random() < chance
    ]
    return made(
        rng.choice(TIMES[rng.integers(len(TIMES))], (m, n)),
        weight=rng.choice([1.0, 2.0, 5.0], n),
        kind=rng.integers(0, types, m),
        busy=tuple(rng.choice([0.0, 0.0, 0.0, 0.3, 0.9985], types)),
        most=rng.integers(0, 3, m),
        limits=limits,
    )


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_tiny_questions_are_answered_too(
    chunk: int, made: Callable[..., Problem], oracle: SimpleNamespace
) -> None:
    refused = 0
    for seed in range(chunk, QUESTIONS, CHUNKS):
        questions = Questions(seed)
        goal, floors = questions.goal(), questions.floors()
        if seed % 2:
            goal, floors = list(GOALS.values())[seed // 2 % len(GOALS)]
        try:
            check(tiny(made, seed), seed, goal, floors, -1.0 if seed % 8 < 4 else 3000.0, oracle)
        except InputError:  # a standard that police alone would meet
            refused += 1
        except (AssertionError, SolverError) as wrong:
            raise AssertionError(f"question {seed}: {goal!r}, floors {floors!r}") from wrong
    assert refused < QUESTIONS / CHUNKS / 3
