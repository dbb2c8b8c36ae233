"""What is shown of groups of residents: small groups are not, and no figure tells of a few calls."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
import scipy.optimize
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from coresponse.coverage.few_calls import MIN_CALLS, STANDS_FOR_SMALL
from coresponse.coverage.living_areas import LivingAreas
from coresponse.coverage.replay.group_measures import GroupMeasures
from coresponse.coverage.replay.groups import gini
from coresponse.data.resident_groups import ResidentGroup, Residents
from coresponse.publish.disclosure import INTERNAL, PUBLIC
from coresponse.publish.places import ResidentsPublication
from coresponse.publish.residents import publish_point_groups, publish_residents
from coresponse.publish.rounding import LEFT_S
from coresponse.results.residents import (
    equity_frame,
    residents_cells,
    residents_frame,
    residents_heads,
    residents_json,
)


def measures(living: LivingAreas, wait_s: np.ndarray, half_s: float = 30.0) -> GroupMeasures:
    """Figures of groups whose areas have these waits."""
    share = living.share
    mean = share @ wait_s
    columns: dict[str, np.ndarray] = {}
    for key, values, half in (
        ("mean_with_fallback_s", mean, half_s),
        ("gap_s", mean - mean[0], half_s),
        ("share_in_time", 1 - mean / 3600, 0.01),
        ("gap_in_time", (mean[0] - mean) / 3600, 0.01),
    ):
        columns |= {key: values, f"{key}_low": values - half, f"{key}_high": values + half}
    return GroupMeasures(
        living,
        pd.DataFrame(columns, index=living.keys),
        gini(wait_s, share[0]),
        living.calls_behind,
    )


def published(
    people: list[list[float]],
    names: list[tuple[str, str]],
    wait_min: list[float],
    calls: list[int],
    *,
    internal: bool = False,
    today: bool = True,
) -> ResidentsPublication:
    groups = tuple(ResidentGroup(*name) for name in names)
    living = LivingAreas(groups, np.zeros(0, np.int32), np.array(calls), np.array(people, float))
    wait_s = 60 * np.array(wait_min)
    found = {"plan": measures(living, wait_s)}
    if today:
        found["today"] = measures(living, wait_s + 120)
    known = Residents(
        groups,
        np.zeros(1, int),
        np.ones(1),
        np.ones((len(groups), 1)),
        outside=1,
        residents_outside=1.0,
    )
    plan: Any = SimpleNamespace(
        case=SimpleNamespace(city=SimpleNamespace(living=known)),
        replayed={name: SimpleNamespace(by_group=one) for name, one in found.items()},
    )
    shown = publish_residents(plan, INTERNAL if internal else PUBLIC)
    assert shown is not None
    return shown


RACES = [("race", "A"), ("race", "B"), ("race", "few")]


def test_a_group_of_few_residents_is_hidden_and_another_so_that_the_total_does_not_tell() -> None:
    shown = published([[900, 707], [600, 300], [300, 400], [0, 7]], RACES, [10, 20], [400, 300])
    hidden = [row.name for row in shown.groups if not row.figures]
    assert hidden == ["B", "few"]
    assert shown.hidden == 2
    blank = residents_frame(shown).set_index("group").loc[["B", "few"]]
    assert blank.drop(columns=["grouped_by", "deployment", "gap_is"]).isna().all(axis=None)
    told = residents_json(shown)
    assert told is not None
    assert [one["residents"] for one in told["groups"]] == [1607, 900, None, None]
    inside = published(
        [[900, 707], [600, 300], [300, 400], [0, 7]], RACES, [10, 20], [400, 300], internal=True
    )
    assert all(row.figures for row in inside.groups)
    assert inside.groups[2].residents == 7


@given(
    st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), min_size=2, max_size=5),
    st.integers(0, 30),
)
@settings(max_examples=40)
def test_a_hidden_groups_wait_cannot_be_worked_out_from_all_residents(
    counts: list[tuple[int, int]], rest: int
) -> None:
    """A linear program: totals and shown groups as they are, what could a hidden group's wait be?"""
    people = np.array([*counts, (rest, 0)], float)
    everybody = people.sum(axis=0)
    assume(everybody.sum() >= 2 * MIN_CALLS)
    names = [("race", str(k)) for k in range(len(counts))]
    shown = published([everybody, *counts], names, [10, 40], [4000, 4000])
    total = people.sum(axis=1)
    hide = np.array(
        [not row.figures and n > 0 for row, n in zip(shown.groups, total, strict=False)]
    )
    small = (total[:-1] > 0) & (total[:-1] < MIN_CALLS)
    assert (hide >= small).all()
    if not small.any():
        return
    # unknown: minutes of each hidden part (and of the rest), whose sum is known; each person waits 0 to 60
    parts = np.append(total[:-1][hide], rest)
    weights = parts[parts > 0]
    assert len(weights) >= 2 or weights.sum() >= MIN_CALLS
    waits = people @ np.array([10.0, 40.0])
    known = float(np.append(waits[:-1][hide], waits[-1]).sum())
    for k in range(int(hide.sum())):
        goal = np.zeros(len(weights))
        goal[k] = 1 / weights[k]
        ends = [
            scipy.optimize.linprog(
                sign * goal,
                A_eq=[np.ones(len(weights))],
                b_eq=[known],
                bounds=[(0, 60 * w) for w in weights],
            )
            for sign in (1, -1)
        ]
        assert all(end.success for end in ends)
        if 0 < known < 60 * weights.sum():
            assert -ends[1].fun - ends[0].fun > 0


@given(st.integers(0, 10**6))
@settings(max_examples=15)
def test_no_figure_moves_a_step_for_one_call(seed: int) -> None:
    """Attack: one past call more is left to police, in the area where that tells most."""
    rng = np.random.default_rng(seed)
    areas = int(rng.integers(2, 9))
    calls = rng.integers(MIN_CALLS, 400, areas)
    people = rng.integers(50, 900, (3, areas)).astype(float)
    people[0] = people[1:].sum(axis=0)
    names = [("race", "A"), ("race", "B")]
    wait = rng.uniform(8, 40, areas)
    one = published(people.tolist(), names, wait.tolist(), calls.tolist(), today=False)
    share = people / people.sum(axis=1, keepdims=True)
    for k, row in enumerate(one.rows):
        at = int(np.argmax(share[k] / calls))
        moved = wait.copy()
        moved[at] += LEFT_S / 60 / calls[at]
        other = published(people.tolist(), names, moved.tolist(), calls.tolist(), today=False)
        exact = float(share[k] @ (moved - wait)) * 60
        step = abs(other.rows[k].figures["plan"].wait_s.mean - row.figures["plan"].wait_s.mean)
        # steps that five such calls make: one call moves the figure by one of them at most
        assert step == 0 or step >= STANDS_FOR_SMALL * exact * 0.99 or step >= 360


def test_what_is_told_follows_from_what_is_shown() -> None:
    shown = published(
        [[900, 700], [800, 100], [100, 600]],
        [("race", "A"), ("race", "B")],
        [10, 20],
        [90_000, 80_000],
    )
    waits = {row.name: row.figures["plan"].wait_s.mean for row in shown.rows}
    for row in shown.groups:
        gap = row.figures["plan"].gap_s
        assert gap.mean == pytest.approx(waits[row.name] - waits["All residents"])
        assert gap.low <= gap.mean <= gap.high
    assert [row.figures["plan"].gap_is for row in shown.groups] == ["shorter", "longer"]
    ratio = next(one for one in shown.ratios if one.deployment == "plan")
    assert ratio.ratio == pytest.approx(waits["B"] / waits["A"])
    assert (ratio.longest, ratio.shortest) == ("B", "A")
    assert any("where the group B lives" in said for said in shown.sentences)
    assert "not tell of service to callers" in shown.sentences[0]
    frame = residents_frame(shown)
    assert len(frame) == 6
    assert equity_frame(shown)["gini"].notna().sum() == 2
    heads = residents_heads(shown)
    assert all(len(cells) == len(heads) for cells in residents_cells(shown))


def test_a_group_that_has_nobody_here_and_a_plan_without_today_are_told() -> None:
    shown = published(
        [[900, 700], [900, 700], [0, 0]],
        [("race", "A"), ("race", "B")],
        [10, 20],
        [400, 300],
        today=False,
    )
    cells = list(residents_cells(shown))
    assert "nobody lives on the map" in cells[2]
    assert cells[2][1] == "0"
    assert all(len(row) == len(residents_heads(shown)) for row in cells)
    assert shown.sentences[1].startswith("By race, no group")


def test_a_group_that_is_hidden_is_hidden_under_every_plan_of_a_sweep() -> None:
    people = [[900, 707], [600, 300], [300, 400], [0, 7]]
    where = LivingAreas(
        tuple(ResidentGroup(*name) for name in RACES),
        np.zeros(0, np.int32),
        np.array([400, 300]),
        np.array(people, float),
    )
    found = {f"p{k}": measures(where, np.array([600.0 - k, 1200.0 - 7 * k])) for k in range(24)}
    rows = publish_point_groups(found, PUBLIC)
    assert [row.name for row in rows if row.figures] == ["All residents", "A"]
    one = published(people, RACES, [10, 20], [400, 300])
    for row, same in zip(rows, one.rows, strict=True):
        assert (row.figures.get("p0") is None) == (same.figures.get("plan") is None)
        if row.figures:
            assert row.figures["p0"] == same.figures["plan"]
            assert set(row.figures) == set(found)
    # 24 plans that differ by seconds are a few figures: their steps are worth five of the heaviest calls
    assert len({row.figures["p0"].wait_s.mean for row in rows if row.figures}) <= 2
    assert len({one.wait_s.mean for one in rows[1].figures.values()}) <= 3
    assert publish_point_groups({}, PUBLIC) == ()
