"""Rounds with busy units: when they end, and which answer they keep."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from coresponse.coverage.queueing.queueing_measures import QueueingMeasures
from coresponse.data.options import Deployment, Option
from coresponse.optimize.busy_fixed_point import busy_fixed_point
from coresponse.optimize.optimum import BusyRounds, End, Optimum
from coresponse.optimize.solution import Solution, Status


def best(counts: list[int], *, found: bool = True, interrupted: bool = False) -> Optimum:
    options = [Option("unit", f"P{i}", "day") for i in range(len(counts))]
    solution = Solution(
        Status.BEST_FOUND if found else Status.NOTHING_FOUND,
        np.array(counts if found else [], dtype=np.int64), 1.0, 1.0, "seconds a call", 0.1, "", interrupted=interrupted,
    )  # fmt: skip
    problem = cast("Any", SimpleNamespace(type_names=("unit", "spare")))
    return Optimum(
        problem,
        solution,
        Deployment.of("plan", dict(zip(options, counts, strict=True)) if found else {}),
    )


def rounds(
    answers: list[Optimum],
    busy: Mapping[tuple[int, int], float],
    costs: Mapping[tuple[int, int], float],
    **settings: Any,
) -> tuple[BusyRounds, list[dict[str, float]]]:
    """Take turns with a scripted optimizer and queueing model.

    Return what came out and what the optimizer was told.
    """
    waiting, told = iter(answers[1:]), []

    def key(deployment: Deployment) -> tuple[int, int]:
        by_post = {option.post_id: count for option, count in deployment.counts}
        return by_post.get("P0", 0), by_post.get("P1", 0)

    def solve_with(busy_share: Mapping[str, float], start: object, seconds: float) -> Optimum:
        told.append(dict(busy_share))
        assert seconds > 0
        return next(waiting)

    def measure(deployment: Deployment) -> QueueingMeasures:
        found = SimpleNamespace(
            busy_share={"unit": busy[key(deployment)]}, cost=costs[key(deployment)]
        )
        return cast("QueueingMeasures", found)

    options = {"seconds": 60.0} | settings
    return busy_fixed_point(
        answers[0], solve_with, measure, lambda m: cast("Any", m).cost, **options
    ), told


A, B = best([2, 0]), best([1, 1])
BUSY = {(2, 0): 0.5, (1, 1): 0.3}


def test_it_ends_when_the_deployment_repeats() -> None:
    found, told = rounds([A, B, B], BUSY, {(2, 0): 10.0, (1, 1): 8.0})
    assert found.end is End.AGREE
    assert told == [{"unit": 0.5, "spare": 0.0}, {"unit": 0.3, "spare": 0.0}]
    assert found.naive is A
    assert found.best.deployment == B.deployment
    assert found.rounds[found.chosen].planned_with["unit"] == 0.3


def test_it_ends_when_busy_shares_no_longer_move() -> None:
    found, told = rounds([A, B], {(2, 0): 0.5, (1, 1): 0.502}, {(2, 0): 10.0, (1, 1): 8.0})
    assert found.end is End.AGREE
    assert len(told) == 1


def test_a_cycle_is_noticed_and_its_best_kept() -> None:
    found, _ = rounds([A, B, A, B, A], BUSY, {(2, 0): 7.0, (1, 1): 8.0})
    assert found.end is End.CYCLE
    assert len(found.rounds) == 3
    assert found.best.deployment == A.deployment


def test_the_naive_plan_is_kept_where_queueing_likes_it_better() -> None:
    found, _ = rounds([A, B, B], BUSY, {(2, 0): 7.0, (1, 1): 8.0})
    assert found.chosen == 0


@pytest.mark.parametrize(
    ("answers", "settings", "end"),
    [
        ([A, best([], found=False)], {}, End.TIME),
        ([A, best([1, 1], interrupted=True)], {}, End.STOPPED),
        ([A], {"seconds": 0.0}, End.TIME),
        ([A, B, B], {"most_rounds": 1, "agree": 0.0}, End.ROUNDS),
    ],
)
def test_time_and_stops_end_it_with_the_best_so_far(
    answers: list[Optimum], settings: dict[str, Any], end: End
) -> None:
    found, _ = rounds(answers, BUSY, {(2, 0): 7.0, (1, 1): 8.0}, **settings)
    assert found.end is end
    assert found.chosen == 0


def test_limits_that_busy_units_cannot_keep_are_said() -> None:
    impossible = best([], found=False)
    impossible = replace(
        impossible, solution=replace(impossible.solution, status=Status.INFEASIBLE)
    )
    found, _ = rounds([A, impossible], BUSY, {(2, 0): 7.0, (1, 1): 8.0})
    assert found.end is End.NONE
    assert found.best is A
