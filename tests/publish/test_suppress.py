"""Small counts stay unknown: brute force over everything that would have looked the same."""

from __future__ import annotations

import itertools
from collections import defaultdict

import numpy as np
import pandas as pd
import pytest
import scipy.optimize
from hypothesis import example, given, settings
from hypothesis import strategies as st

from coresponse.coverage.few_calls import MIN_CALLS, hidden, total_hidden
from coresponse.publish.rounding import WAIT, means_s, shares, tenths
from coresponse.publish.rounding import rounded as shown
from coresponse.publish.suppression import RANGES, count_range, hidden_rows, least_total

counts = st.lists(st.integers(0, 14) | st.integers(0, 400), min_size=1, max_size=12)


def feasible(number: int, total: int) -> list[set[int]]:
    """Values that each of `number` hidden counts of 1 and more can have if they add up to `total`, by trying all."""
    out: list[set[int]] = [set() for _ in range(number)]
    for first in itertools.product(range(1, total + 1), repeat=number - 1):
        last = total - sum(first)
        if last >= 1:
            for values, value in zip(out, (*first, last), strict=True):
                values.add(value)
    return out


@given(counts)
def test_small_counts_are_hidden_and_zeros_shown(values: list[int]) -> None:
    hide = hidden(values)
    assert all(h for h, v in zip(hide, values, strict=True) if 1 <= v <= 10)
    assert not any(h for h, v in zip(hide, values, strict=True) if v == 0)
    if not any(1 <= v <= 10 for v in values):
        assert not hide.any()
        assert not total_hidden(values)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 30), min_size=1, max_size=3))
def test_each_hidden_count_could_be_any_small_one_if_the_total_is_shown(values: list[int]) -> None:
    hide = hidden(values)
    if not hide.any() or total_hidden(values):
        return
    rest = sum(values) - sum(v for v, h in zip(values, hide, strict=True) if not h)
    for possible in feasible(int(hide.sum()), rest):
        assert set(range(1, MIN_CALLS)) <= possible


@given(counts)
def test_many_hidden_counts_leave_room_as_well(values: list[int]) -> None:
    hide = hidden(values)
    if hide.any() and not total_hidden(values):
        rest = int(np.array(values)[hide].sum())
        assert hide.sum() >= 2
        # what one could be if the others were 1 each
        assert rest - (hide.sum() - 1) >= MIN_CALLS - 1


@given(counts)
def test_no_more_is_hidden_than_the_smallest_that_will_do(values: list[int]) -> None:
    hide = hidden(values)
    large = [(v, h) for v, h in zip(values, hide, strict=True) if v >= MIN_CALLS]
    covered = [v for v, h in large if h]
    shown = [v for v, h in large if not h]
    if covered and shown:
        assert max(covered) < min(shown)
    if shown:
        assert not total_hidden(values)
        small = [v for v in values if 1 <= v < MIN_CALLS]
        fewer = [*small, *(v for v in covered if v < max(covered))]
        # without the largest of those covered, the rule would not have been met
        assert not covered or len(fewer) < 2 or sum(fewer) - len(fewer) < 9 or set(fewer) == {10}


@pytest.mark.parametrize(
    ("small_from", "length", "top"), [(4, 2, 14), (4, 3, 14), (4, 4, 9), (5, 3, 16), (11, 2, 30)]
)
def test_not_even_one_who_knows_the_rule_learns_a_hidden_count(
    small_from: int, length: int, top: int
) -> None:
    # every list of counts, grouped by what a reader of the published one sees
    alike: dict[tuple[tuple[int, ...], int], list[tuple[int, ...]]] = defaultdict(list)
    for values in itertools.product(range(top + 1), repeat=length):
        hide = hidden(values, min_calls=small_from)
        total = -1 if total_hidden(values, min_calls=small_from) else sum(values)
        alike[tuple(-1 if h else v for v, h in zip(values, hide, strict=True)), total].append(
            values
        )
    judged = 0
    for (seen, total), lists in alike.items():
        if total - sum(v for v in seen if v >= 0) > top:
            continue  # lists with counts above `top` would look the same and were not tried
        for i in (i for i, v in enumerate(seen) if v < 0):
            assert len({values[i] for values in lists}) > 1, (seen, total, lists)
            judged += 1
    assert judged > 20


@pytest.mark.parametrize(
    ("values", "hide", "total"),
    [
        ([0, 11, 500], [False, False, False], False),
        ([3, 20, 30], [True, True, False], False),  # one alone would be the total less the rest
        ([3, 8, 40], [True, True, False], False),  # 3 + 8 = 11: each could be 1 to 10
        ([3, 7, 40], [True, True, True], False),
        (
            [1] * 11 + [50, 60],
            [True] * 12 + [False],
            False,
        ),  # eleven that add up to eleven are all 1
        ([1] * 11, [True] * 11, True),
        ([10, 10, 90], [True, True, True], False),  # two of at most 10 that add up to 20
        ([4], [True], True),
        ([0, 4], [False, True], True),
        ([4, 5], [True, True], True),
        ([5, 30, 30, 31], [True, True, True, False], False),
    ],
)
def test_lists_by_hand(values: list[int], hide: list[bool], total: bool) -> None:
    assert hidden(values).tolist() == hide
    assert total_hidden(values) is total


def test_a_band_holds_its_count() -> None:
    assert count_range(0) == "0"
    assert [count_range(count) for count in (1, 10, 11, 25, 26, 10_000, 10_001)] == [
        "1-10",
        "1-10",
        "11-25",
        "11-25",
        "26-50",
        "5,001-10,000",
        "10,001 and more",
    ]
    for count in range(1, RANGES[-1]):
        lower, upper = (int(end.replace(",", "")) for end in count_range(count).split("-"))
        assert lower <= count <= upper
        assert lower in {1, *RANGES}


@st.composite
def tables(draw: st.DrawFn) -> np.ndarray:
    columns = draw(st.integers(2, 4))
    cell = st.integers(0, 14) | st.integers(0, 200)
    rows = draw(
        st.lists(st.lists(cell, min_size=columns, max_size=columns), min_size=2, max_size=9)
    )
    return np.array(rows)


@settings(max_examples=200, deadline=None)
@given(tables())
@example(np.array([[0, 22], [2, 0], [20, 0]]))
def test_no_small_count_follows_from_the_totals_of_rows_and_columns(table: np.ndarray) -> None:
    totals = table.sum(axis=0)
    hide = hidden_rows(table, np.zeros(len(table), dtype=bool))
    assert not ((table > 0) & (table < MIN_CALLS) & ~hide[:, None]).any()
    # a time with so few calls is told of by nothing but a band of its total
    if (totals < 2 * MIN_CALLS).any():
        return
    unknown = table[hide]
    n, k = unknown.shape
    if not n:
        return
    # whoever knows every total of rows and columns, and what is shown, is left with these equations
    rows = np.kron(np.eye(n), np.ones(k))
    columns = np.kron(np.ones(n), np.eye(k))
    equations, sums = np.vstack([rows, columns]), np.r_[unknown.sum(axis=1), unknown.sum(axis=0)]
    for i in np.flatnonzero((unknown.ravel() > 0) & (unknown.ravel() < MIN_CALLS)):
        aim = np.eye(n * k)[i]
        ends = [
            scipy.optimize.linprog(sign * aim, A_eq=equations, b_eq=sums).fun * sign
            for sign in (1, -1)
        ]
        assert ends[1] - ends[0] > 0.5, (table, hide, ends)


def test_a_district_with_a_quiet_night_takes_another_with_it() -> None:
    table = np.array([[300, 40], [250, 3], [400, 60], [120, 30]])
    nothing = np.zeros(4, dtype=bool)
    assert hidden_rows(table, nothing).tolist() == [False, True, False, True]
    assert not hidden_rows(np.delete(table, 1, axis=0), nothing[:3]).any()
    assert hidden_rows(np.delete(table, 1, axis=0), np.array([True, False, False])).tolist() == [
        True,
        False,
        False,
    ]


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 10_000), st.integers(MIN_CALLS, 12_000))
def test_a_rounded_share_could_be_of_any_count_of_its_band(
    tenths_of_a_thousandth: int, calls: int
) -> None:
    ends = [
        int(end.replace(",", "")) for end in count_range(calls).removesuffix(" and more").split("-")
    ]
    share = tenths_of_a_thousandth / 1e4
    rounded = shares(np.array([share]), np.array([calls]))[0]
    # steps are round numbers, and none is finer than a tenth of a percent
    assert abs(rounded - share) <= max(0.65 / ends[0], 0.0005 + 1e-9)
    for other in sorted({ends[0], ends[0] + 1, calls, sum(ends) // len(ends), ends[-1]}):
        near = np.clip(np.rint(rounded * other) + np.arange(-2, 3), 0, other) / other
        assert (np.abs(shares(near, np.full(5, other)) - rounded) < 1e-9).any(), other


@pytest.mark.parametrize(("parts", "least"), [(1, 11), (2, 26), (3, 26), (4, 51), (6, 51)])
def test_times_leave_each_other_room_in_the_band_of_the_week(parts: int, least: int) -> None:
    """25 calls, at least 11 by day and 11 by night.

    11 to 14 at either, and half of those reached were 6.
    """
    assert least_total(parts) == least
    upper = next(above - 1 for lower, above in itertools.pairwise(RANGES) if lower == least)
    assert upper - MIN_CALLS * (parts - 1) >= RANGES[2] - 1
    if parts > 1:
        near = np.array([[13, 12, *[11] * (parts - 2)], [400, 400, *[400] * (parts - 2)]])
        assert hidden_rows(near, np.zeros(2, dtype=bool))[0] == (near[0].sum() < least)


FALLBACK_S = 3600.0


def one_row(reached: int, calls: int, mean_s: float) -> pd.DataFrame:
    share = reached / calls
    wait = share * mean_s + (1 - share) * FALLBACK_S
    return pd.DataFrame(
        {"share_reached": [share], "mean_s": [mean_s if reached else np.nan], WAIT: [wait]}
    )


@given(st.integers(11, 250), st.floats(0, 1), st.floats(120, 1500))
@settings(deadline=None)
def test_a_wait_tells_no_more_of_the_calls_left_to_police_than_the_share(
    calls: int, part: float, mean_s: float
) -> None:
    """Share, mean and mean wait of a row fit every count of its band.

    A wait is the share times the mean and the fallback.
    """

    def all_three(reached: int, of: int) -> list[float]:
        table = one_row(reached, of, mean_s)
        return [
            float(shown(name, table, np.array([of]))[0])
            for name in ("share_reached", "mean_s", WAIT)
        ]

    told = all_three(round(part * calls), calls)
    lower, upper = next((a, b - 1) for a, b in itertools.pairwise((*RANGES, 251)) if a <= calls < b)
    for other in {lower, (lower + upper) // 2, upper, min(calls + 1, upper)}:
        near = {int(told[0] * other) + off for off in (-1, 0, 1, 2)}
        tried = [all_three(k, other) for k in near if 0 <= k <= other]
        assert any(np.allclose(told, one, equal_nan=True) for one in tried), other


def test_the_wait_of_24_calls_does_not_tell_that_7_were_left() -> None:
    """As a published table told it.

    0.7 in time, 6.0 minutes, 21.8 minutes fit 17 of 24 calls and nothing else.
    """
    table = one_row(17, 24, 360.0)
    assert shown(WAIT, table, np.array([24]))[0] == pytest.approx(
        0.7 * 360 + 0.3 * FALLBACK_S, abs=3
    )
    nobody = shown(WAIT, one_row(0, 24, 0.0), np.array([24]))
    assert nobody[0] == FALLBACK_S


def told_of_an_area(calls: np.ndarray, times_s: np.ndarray, *, rounded: bool = True) -> np.ndarray:
    """Return an area's mean under each plan as it is shown, from the calls at its crossings and each one's time by plan."""
    mean = times_s @ calls / calls.sum()
    return means_s(mean, np.full(len(mean), calls.sum())) if rounded else tenths(mean)


def crossings_given_away(calls: np.ndarray, times_s: np.ndarray, *, rounded: bool) -> int:
    """Count the crossings whose calls are another number in none of the areas that look alike and have a few calls elsewhere."""
    told = told_of_an_area(calls, times_s, rounded=rounded)
    moves = np.vstack([np.eye(len(calls), dtype=int), -np.eye(len(calls), dtype=int)])
    others = {tuple(calls + one + two) for one in moves for two in moves} | {
        tuple(calls + one) for one in moves
    }
    alike = [
        np.array(other)
        for other in others
        if min(other) >= 0 and count_range(sum(other)) == count_range(int(calls.sum()))
        and (told_of_an_area(np.array(other), times_s, rounded=rounded) == told).all()
    ]  # fmt: skip
    return sum(all(other[i] == count for other in alike) for i, count in enumerate(calls))


def test_an_area_s_means_under_many_plans_do_not_give_its_crossings_away() -> None:
    """A budget explorer shows each area's mean under dozens of plans.

    As many equations in the calls at a dozen crossings.
    """
    rng = np.random.default_rng(3)
    finer = 0
    for crossings in (8, 10, 12):
        calls = rng.integers(1, 4, crossings)
        calls[0] += max(0, 12 - calls.sum())
        # 24 plans: the area is reached from somewhere else in each, its crossings up to a minute
        # apart
        times_s = rng.uniform(240, 900, (24, 1)) + rng.uniform(0, 60, (24, crossings))
        assert crossings_given_away(calls, times_s, rounded=True) == 0
        finer += crossings_given_away(calls, times_s, rounded=False)
    assert finer >= 20  # so they were by tenths of a minute


def test_a_district_s_quantile_fits_several_crossings() -> None:
    """A 9th of ten of 30 calls is one call's own time.

    To a tenth of a minute it fitted one crossing of twelve, mostly.
    """
    times_s = np.random.default_rng(5).uniform(240, 420, 12)
    for figure in ("median_s", "p90_s"):
        told = [
            shown(figure, pd.DataFrame({figure: [own], "share_reached": [1.0]}), np.array([30]))[0]
            for own in times_s
        ]
        fits = [int((np.abs(times_s - one) <= 30).sum()) for one in told]
        assert sum(number == 1 for number in fits) <= 1
        assert float(np.mean(fits)) >= 3
        finer = [int((np.abs(times_s - one) <= 3).sum()) for one in tenths(times_s)]
        assert sum(number == 1 for number in finer) >= 6


def test_what_is_not_there_stays_so_when_rounded() -> None:
    assert np.isnan(shares(np.array([np.nan]), np.array([20]))).all()
    assert shares(np.array([0.0, 1.0, 0.5, 0.857143]), np.array([14, 14, 14, 14])).tolist() == [
        0,
        1,
        0.5,
        0.9,
    ]
    assert tenths(np.array([1892.0, 3.1]))[:2].tolist() == [1890.0, 6.0]
    assert np.isnan(tenths(np.array([np.nan]))).all()
