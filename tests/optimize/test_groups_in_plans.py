"""Goals and floors where groups of residents live equal brute force over all deployments."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from coresponse.coverage.living import living_areas
from coresponse.coverage.replay.quick import QuickReplay
from coresponse.data.errors import InputError
from coresponse.data.limits import Limits
from coresponse.data.residents import ResidentGroup, residents_of
from coresponse.optimize.case import Case
from coresponse.optimize.goals.goal import Floor, Mean, WorstDistrict
from coresponse.optimize.optimize_once import optimize_once
from coresponse.optimize.recount import waits
from coresponse.optimize.solve_case import evaluate, evaluation_setup
from coresponse.optimize.yardstick import Yardstick
from coresponse.study.settings import ObjectiveInput
from tests.optimize.small_cities import case_of, city, every_deployment

UNIT = "co_responder_unit"
GROUPS = (ResidentGroup("side", "east"), ResidentGroup("side", "west"))


def asked(seed: int, **others: object) -> Case:
    """A city whose east and west have a group each, and some people of none."""
    made = city(seed, types=1, n_posts=4)
    node = np.arange(made.roads.n_nodes)
    east = made.roads.node_x > np.median(made.roads.node_x)
    frame = pd.DataFrame(
        {"node": node, "residents": 50, "side: east": 40 * east, "side: west": 30 * ~east}
    )
    made = replace(made, living=residents_of(frame, made.roads, GROUPS))
    return case_of(made, limits=Limits(units={UNIT: 2}), **others)


def by_hand(case: Case, counts: np.ndarray) -> dict[str, float]:
    """Mean wait where each group lives: area by area, then by who lives there."""
    problem, table = case.problem(), case.table
    living = living_areas(case.city.living, table, case.city.roads)  # type: ignore[arg-type]
    assert living is not None
    known = waits(problem, counts)
    each = (known.chance * known.seconds).sum(axis=0)[table.column]
    cells = pd.DataFrame(
        {
            "area": living.area_of_node[table.cells.node],
            "calls": table.cells.calls_per_week,
            "spent": table.cells.calls_per_week * each,
        }
    )
    of_area = cells.groupby("area")[["calls", "spent"]].sum()
    mean = of_area["spent"] / of_area["calls"]
    return {
        key: float(people[mean.index] @ mean / people.sum())
        for key, people in zip(living.keys[1:], living.residents[1:], strict=True)
    }


def test_the_worst_group_and_floors_under_groups_equal_brute_force() -> None:
    case = asked(3, busy="free", goal=WorstDistrict(by="group"))
    every = every_deployment(len(case.options), 2)
    known = [by_hand(case, counts) for counts in every]
    worst = [max(one.values()) for one in known]
    assert optimize_once(case).solution.objective == pytest.approx(min(worst), rel=1e-4)
    problem = case.problem()
    for counts, value in zip(every, worst, strict=True):
        assert case.value(problem, counts) == pytest.approx(value, rel=1e-6)

    most_min = float(np.median(worst)) / 60
    floored = case.with_(goal=Mean(), floors=(Floor(by="group", mean_at_most_min=most_min),))
    means = [
        floored.statement(problem).value(Mean(), counts)
        for counts, value in zip(every, worst, strict=True)
        if value <= most_min * 60 + 1e-6
    ]
    found = optimize_once(floored).solution
    assert found.objective == pytest.approx(min(means), rel=1e-4)
    # what the fairness costs: the mean wait above the least there is
    free = optimize_once(case.with_(goal=Mean())).solution
    assert found.objective >= free.objective - 1e-6
    nobody = np.zeros(len(case.options), dtype=np.int64)
    assert any("group side: east" in name for name in floored.broken(problem, nobody))


def test_the_replay_judges_groups_as_it_shows_them() -> None:
    case = asked(5, busy="free", goal=WorstDistrict(by="group"))
    counts = np.zeros(len(case.options), dtype=np.int64)
    counts[[0, 2]] = 1
    setup = evaluation_setup(case).with_residents(case.table)
    found = evaluate(case, case.deployment(counts), setup=setup).replay
    assert found is not None
    assert found.by_group is not None
    shown = found.by_group.table["mean_with_fallback_s"].iloc[1:].max()
    quick = QuickReplay.of(setup, case.options)
    yard = Yardstick(case, setup.scenes[0].calls.class_names)
    scenes = [quick.scene(one) for one in setup.scenes]
    judged = [yard.goal(scene, quick.replay(scene, counts), 2.0, 0.0) for scene in scenes]
    assert np.mean(judged) == pytest.approx(shown, rel=0.05)


def test_groups_that_nobody_stated_are_asked_for() -> None:
    made = asked(3, goal=WorstDistrict(by="group"))
    bare = replace(made, city=replace(made.city, living=None))
    with pytest.raises(InputError, match=r"\[residents\] file"):
        bare.statement(bare.problem()).check()
    stated = ObjectiveInput.model_validate({"goal": "worst_group"})
    assert stated.goal == WorstDistrict(by="group")
