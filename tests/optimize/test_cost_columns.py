"""Costs by column: alike ones merged, each where it belongs, and held once."""

from __future__ import annotations

import tracemalloc
from dataclasses import replace

import numpy as np
import pytest

from coresponse.optimize import cost_columns
from coresponse.optimize.cost_columns import CostColumns
from coresponse.optimize.evaluate import evaluator
from coresponse.optimize.objective import Late, MeanTime, PoliceContact, WaitingCost
from coresponse.optimize.problem import Limit, Problem
from coresponse.optimize.solve import solve


def drawn(seed: int, options: int = 9, columns: int = 200) -> tuple[np.ndarray, np.ndarray]:
    """Draw seconds, each column twice, and weights."""
    rng = np.random.default_rng(seed)
    response = rng.uniform(10, 1500, (options, columns)).astype(np.float32)
    response[rng.random(response.shape) < 0.1] = np.inf
    return np.concatenate([response, response], axis=1), rng.uniform(0.1, 3, 2 * columns)


def _problem(response_s: np.ndarray) -> Problem:
    """Place at most 3."""
    options, columns = response_s.shape
    return Problem(
        response_s=response_s,
        weight=np.random.default_rng(columns).uniform(0.1, 3, columns),
        fallback_s=1000.0,
        option_type=np.zeros(options, dtype=np.int64),
        option_names=tuple(map(str, range(options))),
        type_names=("unit",),
        busy_share=np.zeros(1),
        most=np.full(options, 2),
        limits=(Limit("at most 3", np.ones(options), at_most=3),),
    )


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
    by_option = CostColumns.of(response, weight, 1000.0, MeanTime())
    by_column = CostColumns.of(np.asfortranarray(response), weight, 1000.0, MeanTime())
    assert by_option.cost.shape == (200, 9)
    assert by_column.cost.shape == (400, 9)
    # what is above the fallback stands for it, and is so in the times
    found = np.minimum(by_column.cost[by_column.row_of], np.float32(1000.0))
    assert np.isinf(by_column.cost).any()
    assert (found == by_option.cost[by_option.row_of]).all()
    assert (by_column.weight == by_option.weight).all()
    assert by_column.fallback == by_option.fallback


@pytest.mark.parametrize("waiting", [Late(700.0), PoliceContact(1600.0)], ids=["late", "police"])
def test_costs_that_are_not_the_times_are_made(waiting: WaitingCost) -> None:
    response = np.asfortranarray(np.random.default_rng(6).uniform(10, 1500, (9, 200)), np.float32)
    before = response.copy()
    columns = CostColumns.of(response, np.ones(200), 1600.0, waiting)
    expected = CostColumns.of(before.copy(order="C"), np.ones(200), 1600.0, waiting)
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
    problem = _problem(response)
    for busy in (0.0, 0.3):
        one = replace(problem, busy_share=np.array([busy]))
        found = solve(one, MeanTime())
        other = solve(replace(one, response_s=np.asfortranarray(response)), MeanTime())
        assert (found.counts == other.counts).all()
        assert (found.objective, found.bound) == (other.objective, other.bound)


@pytest.mark.parametrize("busy", [0.0, 0.3])
@pytest.mark.parametrize("options", [9, 40, 330], ids=["few", "listed whole", "listed in part"])
@pytest.mark.parametrize("out_of_reach", [0.1, 0.9])
def test_times_in_their_place_give_the_same_bytes(
    busy: float, options: int, out_of_reach: float
) -> None:
    rng = np.random.default_rng(options)
    response = rng.uniform(10, 1500, (options, 60)).astype(np.float32)
    response[rng.random(response.shape) < out_of_reach] = np.inf
    problem = replace(_problem(response), busy_share=np.array([busy]))
    by_column = replace(problem, response_s=np.asfortranarray(response))
    one, other = evaluator(problem, MeanTime()), evaluator(by_column, MeanTime())
    assert np.shares_memory(other.cost, by_column.response_s)
    for size in (1, 4, 12):
        whole = rng.multinomial(size, np.ones(options) / options).astype(np.float64)
        part = whole * rng.uniform(0, 1.5, options)
        assert one.value(part) == other.value(part)
        assert (one.gains(whole)[1] == other.gains(whole)[1]).all()
        assert (one.exchanges(whole)[1] == other.exchanges(whole)[1]).all()
        for cut, same in zip(one.cuts(part)[1], other.cuts(part)[1], strict=True):
            assert cut.constant == same.constant
            assert (cut.coefficients == same.coefficients).all()
        assert one.sampled(7, 1).value(whole) == other.sampled(7, 1).value(whole)
