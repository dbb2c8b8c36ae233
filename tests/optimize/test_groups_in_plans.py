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
from coresponse.data.resident_groups import ResidentGroup, Residents
from coresponse.optimize.case import Case
from coresponse.optimize.evaluate_case import evaluate, evaluation_setup
from coresponse.optimize.goals.goal import Floor, Mean, WorstDistrict
from coresponse.optimize.optimize_once import optimize_once
from coresponse.optimize.recount import waits
from coresponse.optimize.solution import Status
from coresponse.optimize.yardstick import Yardstick
from coresponse.questions.sweep.axes import case_at
from coresponse.study.settings import ObjectiveInput
from tests.optimize.small_cities import case_of, city, every_deployment

UNIT = "co_responder_unit"
GAP = WorstDistrict(by="group", of="gap")
GROUPS = (ResidentGroup("side", "east"), ResidentGroup("side", "west"))


def asked(seed: int, **others: object) -> Case:
    """A city whose east and west have a group each, and some people of none."""
    made = city(seed, types=1, n_posts=4)
    east = made.roads.node_x > np.median(made.roads.node_x)
    node = np.arange(made.roads.n_nodes)
    of_group = np.stack([40.0 * east, 30.0 * ~east])
    living = Residents(GROUPS, node, np.full(len(node), 50.0), of_group, len(node))
    made = replace(made, living=living)
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
        for key, people in zip(living.keys, living.residents, strict=True)
    }


def gap_of(waits_s: dict[str, float]) -> float:
    """The longest wait of a group above that of all residents."""
    return worst_of(waits_s) - waits_s["all"]


def worst_of(waits_s: dict[str, float]) -> float:
    return max(value for key, value in waits_s.items() if key != "all")


def test_the_worst_group_and_floors_under_groups_equal_brute_force() -> None:
    case = asked(3, busy="free", goal=WorstDistrict(by="group"))
    every = every_deployment(len(case.options), 2)
    known = [by_hand(case, counts) for counts in every]
    worst = [worst_of(one) for one in known]
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


@pytest.mark.parametrize("busy", ["free", {UNIT: 0.3}])
def test_the_largest_gap_and_floors_on_gaps_equal_brute_force(busy: object) -> None:
    case = asked(6, busy=busy)
    shares = busy if isinstance(busy, dict) else None
    every, problem = every_deployment(len(case.options), 2), case.problem(shares)
    hand = case.with_(goal=GAP)
    means = [hand.statement(problem).value(Mean(), counts) for counts in every]
    gaps = [hand.statement(problem).value(GAP, counts) for counts in every]
    if shares is None:
        assert gaps == pytest.approx([gap_of(by_hand(case, counts)) for counts in every], rel=1e-6)
    # as small a gap as can be, of the better half of deployments
    level = float(np.median(means))
    promised = (Floor(by="all", mean_at_most_min=level / 60),)
    found = optimize_once(hand.with_(floors=promised), busy_share=shares).solution
    best = min(gap for gap, mean in zip(gaps, means, strict=True) if mean <= level + 1e-6)
    assert found.objective == pytest.approx(best, rel=1e-4, abs=0.01)
    assert found.status is Status.PROVEN
    # the least mean wait of those whose gap is small enough
    most = float(np.quantile(gaps, 0.2))
    floored = case.with_(floors=(Floor(by="group", gap_at_most_min=most / 60),))
    found = optimize_once(floored, busy_share=shares).solution
    best = min(mean for mean, gap in zip(means, gaps, strict=True) if gap <= most + 1e-6)
    assert found.objective == pytest.approx(best, rel=1e-4)
    worst = every[int(np.argmax(gaps))]
    assert any("above all residents' by at most" in name for name in floored.broken(problem, worst))


def test_a_gap_alone_would_be_best_with_nobody_on_duty() -> None:
    alone = asked(6, busy="free", goal=GAP)
    with pytest.raises(InputError, match="smallest with nobody on duty"):
        alone.statement(alone.problem()).check()
    with pytest.raises(ValueError, match="no gap to themselves"):
        Floor(by="all", gap_at_most_min=3)
    stated = ObjectiveInput.model_validate(
        {"goal": "largest_gap", "floors": [{"by": "all", "mean_at_most_min": 20}]}
    )
    assert stated.goal == GAP
    swept = case_at(asked(6), {"largest_gap_min": 2.0, "worst_group_min": 25.0})
    assert {floor.gap_at_most_min for floor in swept.floors} == {None, 2.0}
    assert {floor.mean_at_most_min for floor in swept.floors} == {None, 25.0}


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
    done = [quick.replay(scene, counts) for scene in scenes]
    judged = [yard.goals(scene, one, 2.0, 0.0)[0] for scene, one in zip(scenes, done, strict=True)]
    assert np.mean(judged) == pytest.approx(shown, rel=0.05)
    # gaps, as a goal and as promises
    floors = (Floor(by="group", gap_at_most_min=1), Floor(by="all", mean_at_most_min=60))
    apart = Yardstick(case.with_(goal=GAP, floors=floors), yard.class_names)
    gaps = found.by_group.table["gap_s"].iloc[1:].max()
    goal = [apart.goals(scene, one, 2.0, 0.0)[0] for scene, one in zip(scenes, done, strict=True)]
    assert np.mean(goal) == pytest.approx(gaps, abs=0.02 * shown)
    kept = [apart.promised(scene, one.wait_s) for scene, one in zip(scenes, done, strict=True)]
    assert np.max(np.array(kept)[:, :2], axis=1) == pytest.approx(goal)


def test_groups_that_nobody_stated_are_asked_for() -> None:
    made = asked(3, goal=WorstDistrict(by="group"))
    bare = replace(made, city=replace(made.city, living=None))
    with pytest.raises(InputError, match=r"\[residents\] file"):
        bare.statement(bare.problem()).check()
    stated = ObjectiveInput.model_validate({"goal": "worst_group"})
    assert stated.goal == WorstDistrict(by="group")
