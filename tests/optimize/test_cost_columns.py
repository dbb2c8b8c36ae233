"""Costs by column: alike ones merged, each where it belongs, and held once."""

from __future__ import annotations

import tracemalloc
from dataclasses import replace

import numpy as np
import pytest

from coresponse.optimize import cost_columns
from coresponse.optimize.cost_columns import CostColumns
from coresponse.optimize.objective import Late, MeanTime, PoliceContact, WaitingCost
from coresponse.optimize.problem import Limit, Problem
from coresponse.optimize.solve import solve


def drawn(seed: int, options: int = 9, columns: int = 200) -> tuple[np.ndarray, np.ndarray]:
    """Draw seconds, each column twice, and weights."""
    rng = np.random.default_rng(seed)
    response = rng.uniform(10, 1500, (options, columns)).astype(np.float32)
    response[rng.random(response.shape) < 0.1] = np.inf
    return np.concatenate([response, response], axis=1), rng.uniform(0.1, 3, 2 * columns)


@pytest.mark.parametrize("block", [1, 50, 1 << 22], ids=["a column", "some", "all"])
@pytest.mark.parametrize("waiting", [MeanTime(), Late(700.0)], ids=["mean", "late"])
def test_blocks_of_any_size_give_the_same_costs(
    block: int, waiting: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    response, weight = drawn(1)
    whole = CostColumns.of(response, weight, 1000.0, waiting)
    monkeypatch.setattr(cost_columns, "BLOCK", block)
    apart = CostColumns.of(response, weight, 1000.0, waiting)
    assert (whole.cost == apart.cost).all()
    assert (whole.row_of == apart.row_of).all()
    assert (whole.weight == apart.weight).all()


def test_each_cost_is_there_once_with_the_weight_of_all_that_have_it() -> None:
    response, weight = drawn(2)
    columns = CostColumns.of(response, weight, 1000.0, MeanTime())
    assert columns.cost.shape == (200, 9)
    expected = {}
    for column, w in zip(np.minimum(response, 1000.0).T, weight / weight.sum(), strict=True):
        key = tuple(column.tolist())
        expected[key] = expected.get(key, 0.0) + w
    found = {tuple(row.tolist()): w for row, w in zip(columns.cost, columns.weight, strict=True)}
    assert found == pytest.approx(expected)


def test_columns_of_one_hash_that_differ_stay_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    response, weight = drawn(3)
    monkeypatch.setattr(
        cost_columns.CostBlocks,
        "looked_at",
        lambda self: (np.zeros(400, dtype=np.uint64), np.zeros(400, dtype=np.int64), False),
    )
    columns = CostColumns.of(response, weight, 1000.0, MeanTime())
    assert columns.cost.shape == (400, 9)
    assert sorted(map(tuple, columns.cost)) == sorted(map(tuple, np.minimum(response, 1000.0).T))


def test_costs_are_held_once(monkeypatch: pytest.MonkeyPatch) -> None:
    # while they are made, nothing else is held that is as large as they are
    response = np.random.default_rng(4).uniform(10, 1500, (100, 20_000)).astype(np.float32)
    monkeypatch.setattr(cost_columns, "BLOCK", 1 << 16)
    tracemalloc.start()
    try:
        columns = CostColumns.of(response, np.ones(20_000), 1000.0, MeanTime())
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 1.5 * columns.cost.nbytes


@pytest.mark.parametrize("block", [50, 1 << 22], ids=["some", "all"])
def test_times_that_lie_by_column_are_read_in_their_place(
    block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cost_columns, "BLOCK", block)
    response, weight = drawn(5)
    response = np.minimum(response, 1000.0)
    by_option = CostColumns.of(response, weight, 1000.0, MeanTime())
    by_column = CostColumns.of(np.asfortranarray(response), weight, 1000.0, MeanTime())
    assert by_option.cost.shape == (200, 9)
    assert by_column.cost.shape == (400, 9)
    assert (by_column.cost[by_column.row_of] == by_option.cost[by_option.row_of]).all()
    assert (by_column.weight == by_option.weight).all()
    assert by_column.fallback == by_option.fallback


@pytest.mark.parametrize(
    ("waiting", "fallback_s"),
    [(MeanTime(), 900.0), (Late(700.0), 1600.0), (PoliceContact(1600.0), 1600.0)],
    ids=["capped", "late", "police"],
)
def test_costs_that_are_not_the_times_are_made(waiting: WaitingCost, fallback_s: float) -> None:
    response = np.asfortranarray(np.random.default_rng(6).uniform(10, 1500, (9, 200)), np.float32)
    before = response.copy()
    columns = CostColumns.of(response, np.ones(200), fallback_s, waiting)
    expected = CostColumns.of(before.copy(order="C"), np.ones(200), fallback_s, waiting)
    assert not np.shares_memory(columns.cost, response)
    assert (columns.cost == expected.cost).all()
    assert (response == before).all()


def test_times_that_are_costs_are_not_copied() -> None:
    by_column = np.random.default_rng(7).uniform(10, 1500, (200, 9)).astype(np.float32)
    columns = CostColumns.of(by_column.T, np.ones(200), 1600.0, MeanTime())
    assert np.shares_memory(columns.cost, by_column)


def test_a_search_finds_the_same_wherever_costs_lie() -> None:
    rng = np.random.default_rng(8)
    response = rng.uniform(10, 1500, (12, 100)).astype(np.float32)
    kind = np.zeros(12, dtype=np.int64)
    problem = Problem(
        response_s=response,
        weight=rng.uniform(0.1, 3, 100),
        fallback_s=1600.0,
        option_type=kind,
        option_names=tuple(map(str, range(12))),
        type_names=("unit",),
        busy_share=np.zeros(1),
        most=np.full(12, 2),
        limits=(Limit("at most 3", np.ones(12), at_most=3),),
    )
    for busy in (0.0, 0.3):
        one = replace(problem, busy_share=np.array([busy]))
        found = solve(one, MeanTime())
        other = solve(replace(one, response_s=np.asfortranarray(response)), MeanTime())
        assert (found.counts == other.counts).all()
        assert (found.objective, found.bound) == (other.objective, other.bound)
