"""Costs by column: alike ones merged, each where it belongs, and held once."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

from coresponse.optimize import cost_columns
from coresponse.optimize.cost_columns import CostColumns
from coresponse.optimize.objective import Late, MeanTime


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
        lambda self: (np.zeros(400, dtype=np.uint64), np.zeros(400, dtype=np.int64)),
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
