"""The funnel as it is shown: the same whatever its small counts are, and true."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coresponse.data.calls.history import FURTHER_ROWS, FunnelStep
from coresponse.publish.disclosure import INTERNAL, PUBLIC
from coresponse.publish.funnel import about, shown_funnel, shown_set_aside, summed

Losses = list[list[int]]

counts = st.one_of(st.integers(1, 10), st.integers(1, 40), st.integers(11, 30_000))
losses = st.lists(st.lists(counts, max_size=5), min_size=1, max_size=4)


def funnel(last: int, lost: Losses) -> tuple[FunnelStep, ...]:
    """Return a funnel that ends with `last`, by what each step after the first lost for each reason."""
    left = last + sum(map(sum, lost))
    steps = [FunnelStep("rows", left)]
    for i, parts in enumerate(lost):
        left -= sum(parts)
        reasons = tuple(
            (FURTHER_ROWS if i == j == 0 else f"reason {i}{j}", n) for j, n in enumerate(parts)
        )
        steps.append(FunnelStep(f"step {i}", left, sum(parts), reasons))
    assert left == last
    return tuple(steps)


def holds(said: int | str, count: int) -> bool:
    """Whether a count is among those that words such as ``11-25`` stand for."""
    low, *high = [int(n.replace(",", "")) for n in re.findall(r"[\d,]+", str(said))]
    return (
        count == low
        if not high and "more" not in str(said)
        else low <= count <= (high[0] if high else count)
    )


@settings(max_examples=200)
@given(st.integers(0, 30_000), losses, st.data())
def test_what_is_shown_is_the_same_whatever_the_small_counts_are(
    last: int, lost: Losses, data: st.DataObject
) -> None:
    other = [[data.draw(st.integers(1, 10)) if n < 11 else n for n in parts] for parts in lost]
    here, there = funnel(last, lost), funnel(last, other)
    assert shown_funnel(here, PUBLIC) == shown_funnel(there, PUBLIC)
    aside = [shown_set_aside(steps, -1, PUBLIC) for steps in (here, there)]
    assert aside[0] == aside[1]


@given(st.integers(0, 30_000), losses)
def test_what_is_shown_is_true(last: int, lost: Losses) -> None:
    steps = funnel(last, lost)
    small = sum(0 < n < 11 for parts in lost for n in parts)
    for step, said in zip(steps, shown_funnel(steps, PUBLIC), strict=True):
        assert holds(said.lost, step.lost), (said, step)
        assert all(
            holds(words, n) for (_, words), (_, n) in zip(said.reasons, step.reasons, strict=True)
        )
        if str(said.count).startswith("about"):
            near = int(str(said.count).removeprefix("about ").replace(",", ""))
            assert abs(near - step.count) <= 5 * small + max(5, 0.05 * near)
        else:
            assert holds(said.count, step.count)
    aside = sum(n for step in steps[1:-1] for reason, n in step.reasons if reason != FURTHER_ROWS)
    assert holds(shown_set_aside(steps, aside, PUBLIC), aside)


def test_an_internal_one_is_exact() -> None:
    steps = funnel(402, [[3], [17, 2]])
    shown = shown_funnel(steps, INTERNAL)
    assert [(s.count, s.lost, s.reasons) for s in shown] == [
        (s.count, s.lost, s.reasons) for s in steps
    ]
    assert shown_set_aside(steps, 3, INTERNAL) == 3


@pytest.mark.parametrize(
    ("lost", "said"),
    [([], "0"), ([3], "1-10"), ([3, 4], "2-20"), ([24, 1], "12-35"), ([20, 30], "26-50"), ([1, 20_000], "10,002 and more")],
)  # fmt: skip
def test_sums_by_hand(lost: list[int], said: str) -> None:
    assert summed(lost) == said


def test_totals_by_hand() -> None:
    assert [about(n) for n in (0, 7, 11, 44, 45, 95, 1_049, 1_050, 19_013)] == [
        "0", "1-10", "about 10", "about 40", "about 50", "about 100", "about 1,000", "about 1,100", "about 19,000",
    ]  # fmt: skip
