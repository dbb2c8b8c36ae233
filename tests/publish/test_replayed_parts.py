"""Figures of areas and districts by the replay: they add up to the headline, and do not give small counts away."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import scipy.optimize
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from coresponse.coverage.few_calls import MIN_CALLS, hidden_parts
from coresponse.publish.city import CityRounding
from coresponse.publish.rounding import WAIT, rounded, step_of, tenths
from coresponse.publish.suppression import RANGES, count_range

FALLBACK_S = 3600.0
FIGURES = ("share_in_time", "share_reached", "mean_s", WAIT)


def figures(
    calls: np.ndarray, in_time: np.ndarray, reached: np.ndarray, response_s: np.ndarray
) -> pd.DataFrame:
    """One row: an area's figures in the replay, from the calls at its crossings and what becomes of those of each."""
    n, there = calls.sum(), calls @ reached
    mean = calls @ (reached * response_s) / there
    wait = (there * mean + (n - there) * FALLBACK_S) / n
    row = {"share_in_time": calls @ in_time / n, "share_reached": there / n}
    return pd.DataFrame([row | {"mean_s": mean, WAIT: wait}])


def test_an_area_by_two_judges_and_two_deployments_does_not_give_its_crossings_away() -> None:
    """Four figures of the plan, four of today, and two if the nearest were free: ten equations in a dozen crossings."""
    rng = np.random.default_rng(8)
    finer = 0
    for crossings in (8, 10, 12):
        calls = rng.integers(1, 4, crossings)
        calls[0] += max(0, 12 - calls.sum())
        of_plan, of_today = (
            (
                np.clip(rng.uniform(0.1, 0.7) + rng.uniform(-0.2, 0.2, crossings), 0, 1),
                np.clip(rng.uniform(0.7, 0.95) + rng.uniform(-0.03, 0.03, crossings), 0, 1),
                rng.uniform(700, 1500) + rng.uniform(-60, 60, crossings),
            )
            for _ in range(2)
        )
        free_s = rng.uniform(240, 900, (2, 1)) + rng.uniform(0, 60, (2, crossings))

        def told(
            own: np.ndarray,
            rules: bool,
            *,
            both: tuple[tuple[np.ndarray, ...], ...] = (of_plan, of_today),
            free_s: np.ndarray = free_s,
        ) -> tuple[float, ...]:
            n = np.array([own.sum()])
            tables = [figures(own, *one) for one in both]
            tables += [figures(own, np.ones(len(own)), np.ones(len(own)), one) for one in free_s]
            parts = itertools.product(tables, FIGURES)
            if rules:
                return tuple(float(rounded(key, table, n)[0]) for table, key in parts)
            return tuple(
                round(float(table[key].iloc[0]), 2)
                if key.startswith("share")
                else float(tenths(table[key].to_numpy())[0])
                for table, key in parts
            )

        moves = np.vstack([np.eye(crossings, dtype=int), -np.eye(crossings, dtype=int)])
        others = {tuple(calls + a + b) for a in moves for b in moves}
        near = [
            np.array(other)
            for other in others | {tuple(calls + a) for a in moves}
            if min(other) >= 0 and count_range(sum(other)) == count_range(int(calls.sum()))
        ]
        for rules in (True, False):
            seen = told(calls, rules)
            alike = [other for other in near if told(other, rules) == seen]
            given_away = sum(
                all(other[i] == count for other in alike) for i, count in enumerate(calls)
            )
            if rules:
                assert given_away == 0
            finer += given_away
    assert finer >= 10  # so they were, by whole percents and tenths of a minute


@st.composite
def towns(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Past calls of districts, some of them few; share in time and mean wait (minutes) of each in the replay."""
    few = draw(st.lists(st.integers(1, 10), min_size=1, max_size=3))
    many = draw(st.lists(st.integers(11, 400), min_size=1, max_size=5))
    counts = np.array([*few, *many])
    n = len(counts)
    share, wait = (
        np.array(draw(st.lists(st.floats(*ends), min_size=n, max_size=n)))
        for ends in ((0.0, 1.0), (5.0, 60.0))
    )
    return counts, share, wait


@given(towns())
@settings(max_examples=40, deadline=None)
def test_the_headline_less_the_districts_shown_does_not_give_a_hidden_one_away(
    town: tuple[np.ndarray, np.ndarray, np.ndarray],
) -> None:
    """Attack by differencing: shares and waits of the districts shown, weighted, are the headline's less the hidden ones'.

    A linear program asks what a hidden district's calls could be, for one who knows how many calls
    there are in all, the range of each district shown, and that figures add up, all of them
    rounded.
    """
    counts, share, wait = town
    hide = hidden_parts(counts)
    total = int(counts.sum())
    assume(total >= MIN_CALLS and hide.any() and not hide.all())
    city = CityRounding(total, float(total))
    one = counts.astype(float)
    table = pd.DataFrame(
        {"share_in_time": share, "share_reached": 1.0, "mean_s": 60 * wait, WAIT: 60 * wait}
    )
    n = len(counts)
    lower, upper = [], []
    for count, out in zip(counts, hide, strict=True):
        at = np.searchsorted(RANGES, count, side="right") - 1
        low, high = RANGES[at], (RANGES[at + 1] - 1 if at + 1 < len(RANGES) else total)
        lower.append(1.0 if out else float(low))
        upper.append(float(total) if out else float(high))
    # unknowns: each district's calls n, its sum of shares x, its sum of waits y
    rows, ends = [], []

    def at_most(coefficients: dict[int, float], end: float) -> None:
        row = np.zeros(3 * n)
        row[list(coefficients)] = list(coefficients.values())
        rows.append(row)
        ends.append(end)

    of_all = {"share_in_time": (one @ share / total, 1.0), WAIT: (one @ wait / total * 60, 3600.0)}
    for block, (key, (exact, most)) in enumerate(of_all.items(), start=1):
        shown = rounded(key, table, counts)
        half = step_of(key, counts) / 2
        for i in range(n):
            low, high = (0.0, most) if hide[i] else (shown[i] - half[i], shown[i] + half[i])
            at_most({block * n + i: 1.0, i: -high}, 0.0)
            at_most({block * n + i: -1.0, i: low}, 0.0)
        step = city.step(key)
        told, every = city.figure(key, float(exact)), range(block * n, (block + 1) * n)
        at_most(dict.fromkeys(every, 1.0), total * (told + step / 2))
        at_most(dict.fromkeys(every, -1.0), -total * (told - step / 2))
    in_all = np.r_[np.ones(n), np.zeros(2 * n)]
    bounds = [*zip(lower, upper, strict=True), *[(0.0, None)] * (2 * n)]
    for i in np.flatnonzero(hide):
        reach = []
        for sign in (1.0, -1.0):
            found = scipy.optimize.linprog(
                sign * np.eye(3 * n)[i],
                A_ub=np.array(rows),
                b_ub=np.array(ends) + 1e-6,
                A_eq=in_all[None],
                b_eq=[total],
                bounds=bounds,
            )
            assert found.status == 0, found.message  # what is published fits the truth
            reach.append(sign * found.fun)
        assert reach[0] <= 1 + 1e-6
        assert reach[1] >= MIN_CALLS - 1 - 1e-6
