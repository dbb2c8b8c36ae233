"""Looking around near a relaxation keeps every limit, never makes worse, and finds what brute force finds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from coresponse.optimize import search
from coresponse.optimize.evaluate import evaluator
from coresponse.optimize.objective import MeanTime
from coresponse.optimize.problem import Limit
from coresponse.optimize.work_limit import WorkLimit


@pytest.mark.parametrize("seed", range(4))
def test_a_room_of_some_options_says_what_the_whole_room_says(seed: int, made: Callable) -> None:
    rng = np.random.default_rng(seed)
    response = rng.uniform(60, 900, (9, 12))
    today = np.array([1, 0, 1, 0, 1, 0, 0, 0, 0])
    limits = (Limit("floor", np.r_[np.ones(4), np.zeros(5)], at_least=1),)
    problem = replace(
        made(response, busy=(0.0,), most=2, units=3, limits=limits), today=today, moves_at_most=1
    )
    room = search.Room.of(problem)
    among = np.array([0, 2, 4, 5, 8])
    some = room.among(among)
    for _ in range(60):
        counts = np.zeros(9)
        counts[among] = rng.integers(0, 3, 5)
        assert some.holds(counts[among]) == room.holds(counts)
        assert some.fits(counts[among]) == room.fits(counts)
        assert some.may_add(counts[among]).tolist() == room.may_add(counts)[among].tolist()


@pytest.mark.parametrize("seed", range(3))
def test_what_is_found_keeps_the_limits_and_is_no_worse(
    seed: int, made: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    # a city above the size from which samples are looked around on
    monkeypatch.setattr(search, "AROUND_ROWS", 30)
    rng = np.random.default_rng(seed)
    limits = (Limit("one of the first ten", np.r_[np.ones(10), np.zeros(20)], at_least=1),)
    problem = made(rng.uniform(60, 900, (30, 90)), busy=(0.0,), most=1, units=4, limits=limits)
    ready, room = evaluator(problem, MeanTime()), search.Room.of(problem)
    start = np.zeros(30)
    start[[0, 15, 20, 25]] = 1
    before = ready.value(start)
    work_limit = WorkLimit(1e9, lambda: False)
    value, counts = search.look_around(
        ready, room, start, rng.uniform(0, 0.3, 30), seed=seed, work_limit=work_limit
    )
    assert room.holds(counts)
    assert value == pytest.approx(ready.value(counts))
    assert value < before
    better, rounded = search.improve_fast(
        ready, room, start, rng.uniform(0, 0.3, 30), seed=seed, stop=lambda: False
    )
    assert room.holds(rounded)
    assert better <= before
