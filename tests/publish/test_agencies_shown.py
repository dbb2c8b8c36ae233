"""Agencies as they may be shown: hidden where few calls, or those of a hidden district, follow from them."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from coresponse.coverage.few_calls import MIN_CALLS, hidden_parts, keeps_secret
from coresponse.publish.plan_agencies import hidden_agencies

COUNTS = st.lists(st.one_of(st.integers(0, 30), st.integers(0, 2_000)), min_size=4, max_size=9)


def told(
    calls: list[int], of: list[int], outside: list[int]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Hidden agencies, their calls, hidden districts; `outside` calls by agency."""
    n, k = len(calls), max(of) + 1
    district = np.array([*range(n), *([-1] * k)])
    whose = np.array([*of, *range(k)])
    counts = np.array([*calls, *outside[:k]], dtype=np.int64)
    total = np.bincount(whose, weights=counts, minlength=k).astype(np.int64)
    agencies: Any = SimpleNamespace(of_district=tuple(of))
    cells: Any = SimpleNamespace(district=district, calls=counts)
    parts = np.append(counts[:n], counts[n:].sum())
    return hidden_agencies(agencies, cells, whose), total, hidden_parts(parts)


def test_agencies_of_enough_calls_are_shown() -> None:
    hidden, _, _ = told([400, 300, 200], [0, 0, 1], [0, 0])
    assert not hidden.any()


def test_an_agency_whose_shown_districts_give_a_hidden_one_away_is_hidden_and_another_with_it() -> (
    None
):
    # 4 calls are hidden among the districts, with 60; each is alone in its agency
    hidden, _, districts = told([4, 400, 60, 500], [0, 0, 1, 1], [0, 0])
    assert districts.any()
    assert hidden.all()
    # a few calls outside all districts would follow from an agency's as well
    hidden, _, _ = told([300, 400, 700, 500], [0, 0, 1, 1], [3, 200])
    assert hidden.all()


@settings(max_examples=300)
@given(COUNTS, st.integers(2, 3), st.lists(st.integers(0, 40), min_size=3, max_size=3))
def test_no_few_calls_follow_from_what_is_shown(
    calls: list[int], agencies: int, outside: list[int]
) -> None:
    of = [k % agencies for k in range(len(calls))]
    hidden, total, districts = told(calls, of, outside)
    for k in range(agencies):
        if hidden[k]:
            continue
        assert total[k] == 0 or total[k] >= MIN_CALLS
        few = [c for c, a, out in zip(calls, of, districts, strict=False) if a == k and out and c]
        few += [outside[k]] if 0 < outside[k] < MIN_CALLS or (districts[-1] and outside[k]) else []
        assert not few or keeps_secret(np.array(few), MIN_CALLS)
    # the total less those shown is of no single hidden one
    assert hidden.sum() != 1 or total[hidden].sum() == total.sum() or not total[~hidden].any()
