"""A scenario in which calls of a rare class count many times: its figures move by several calls with each of them."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from coresponse.coverage.cells import DemandCells
from coresponse.data.hours import WHOLE_WEEK
from coresponse.publish.disclosure import PUBLIC
from coresponse.publish.scenarios import _rounding

WEEKS = 90 / 7


def cells(common: int, rare: int, times: float = 1.0, rare_times: float = 1.0) -> DemandCells:
    """Calls of two classes, each at a place of its own, so many times as heavy as recorded."""
    calls = np.array([common, rare], dtype=np.int64)
    return DemandCells(
        node=np.array([0, 1], dtype=np.int32),
        call_class=np.array([0, 1], dtype=np.int16),
        period=np.zeros(2, dtype=np.int16),
        district=np.full(2, -1, dtype=np.int32),
        calls_per_week=calls / WEEKS * times * np.array([1.0, rare_times]),
        calls=calls,
        class_names=("welfare", "youth"),
        class_weight=np.ones(2),
        periods=(WHOLE_WEEK,),
        weeks=WEEKS,
    )


def told(rare: int, rare_times: float) -> float:
    base, changed = cells(500, rare), cells(500, rare, rare_times=rare_times)
    found: Any = SimpleNamespace(
        case=SimpleNamespace(table=SimpleNamespace(cells=base)),
        scenarios=[SimpleNamespace(case=SimpleNamespace(table=SimpleNamespace(cells=changed)))],
    )
    rounding = _rounding(found, 0)
    assert rounding.calls_per_week == pytest.approx(changed.calls_per_week.sum())
    return rounding.per_week(rounding.calls_per_week)


def test_a_rare_class_that_counts_a_hundred_times_is_not_counted_by_the_total() -> None:
    """500 calls and 3 or 9 of a rare class: times a hundred, 62 or 109 calls a week were told."""
    plain = PUBLIC.city(cells(500, 3, rare_times=100.0))
    assert plain.per_week(plain.calls_per_week) < 70
    assert len({told(rare, 100.0) for rare in range(1, 11)}) <= 3
    step = 5 * 100 / WEEKS  # five calls of those that count most
    for rare in range(1, 11):
        exact = (500 + 100 * rare) / WEEKS
        assert abs(told(rare, 100.0) - exact) <= step
        assert round(told(rare, 100.0) / step, 1) % 1 == pytest.approx(0.0, abs=0.11)


def test_calls_that_all_grow_alike_are_told_as_finely_as_before() -> None:
    base, grown = cells(500, 7), cells(500, 7, times=1.2)
    found: Any = SimpleNamespace(
        case=SimpleNamespace(table=SimpleNamespace(cells=base)),
        scenarios=[SimpleNamespace(case=SimpleNamespace(table=SimpleNamespace(cells=grown)))],
    )
    assert _rounding(found, 0) == replace(PUBLIC.city(grown), calls=507)
