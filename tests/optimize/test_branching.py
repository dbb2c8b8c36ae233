"""Where the worst of many districts counts: how many units each district gets is settled first."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from coresponse.optimize import tree
from coresponse.optimize.goals import branching, cover_search, engine, pursuit
from coresponse.optimize.goals.averages import prepare
from coresponse.optimize.goals.demand import Demand, Groups
from coresponse.optimize.goals.goal import Lexicographic, Mean, Tail, WorstDistrict
from coresponse.optimize.goals.goal_problem import GoalProblem
from coresponse.optimize.goals.outcome import Outcome
from coresponse.optimize.goals.solve import solve_goal
from coresponse.optimize.goals.tail import TailSearch
from coresponse.optimize.highs_master import HighsMaster
from coresponse.optimize.problem import Problem
from coresponse.optimize.solution import Status, Step, Stop

DISTRICTS = 8


def towns(made: Callable, busy: float, seed: int = 1, units: int = 6) -> tuple[Problem, Demand]:
    """Return 24 posts and 160 calls at random places, and eight districts by where the calls are."""
    rng = np.random.default_rng(seed)
    post, call = rng.random((24, 2)), rng.random((160, 2))
    drive = np.linalg.norm(post[:, None] - call[None], axis=2) * 900
    problem = made(drive, busy=(busy,), most=2, units=units)
    district = (call[:, 0] * 4).astype(int) * 2 + (call[:, 1] > 0.5)
    calls = (district == np.arange(DISTRICTS)[:, None]).astype(float)
    return problem, Demand(np.ones(160), Groups(tuple("abcdefgh"), calls, np.full(8, 100)))


def boxes_until_proven(problem: Problem, demand: Demand) -> tuple[float, int]:
    """Return the worst district's mean and how many boxes its proof took."""
    steps: list[Step] = []
    found = solve_goal(
        problem, WorstDistrict(), demand=demand, stop=Stop(600.0, 1e-4), watch=steps.append,
        explicit_most=-1.0,
    )  # fmt: skip
    assert found.status is Status.PROVEN
    seen = [re.fullmatch(r"branch and bound, (\d+) boxes", step.stage) for step in steps]
    return found.objective, max(int(one[1]) for one in seen if one)


def test_areas_make_proofs_with_busy_units_shorter(
    made: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    problem, demand = towns(made, 0.3)
    value, boxes = boxes_until_proven(problem, demand)
    monkeypatch.setattr(branching, "areas", lambda *_: [])
    same, more = boxes_until_proven(problem, demand)
    assert value == pytest.approx(same, rel=1.1e-4)
    assert boxes < 0.8 * more


def test_an_answer_does_not_depend_on_the_number_of_threads(
    made: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    problem, demand = towns(made, 0.3)
    told = []
    for threads in (1, 2):
        monkeypatch.setattr(engine, "Tree", partial(tree.Tree, threads=threads))
        steps: list[Step] = []
        found = solve_goal(
            problem, WorstDistrict(), demand=demand, stop=Stop(600.0, 1e-4), watch=steps.append,
            explicit_most=-1.0,
        )  # fmt: skip
        told.append((found.counts.tolist(), [replace(step, seconds=0.0) for step in steps]))
    assert any(re.search(r" \d\d boxes", step.stage) for step in told[0][1])
    assert told[0] == told[1]


def test_each_box_of_a_turn_has_a_master_of_its_own(
    made: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    problem, demand = towns(made, 0.3)
    twins: list[object] = []
    twin = HighsMaster.twin
    monkeypatch.setattr(HighsMaster, "twin", lambda self: twins.append(twin(self)) or twins[-1])
    _, boxes = boxes_until_proven(problem, demand)
    assert boxes > tree.ALONE
    assert len(twins) == 1
    monkeypatch.setattr(tree, "SIDE_BY_SIDE", 1)
    boxes_until_proven(problem, demand)
    assert len(twins) == 1


def test_an_area_is_where_a_districts_nearest_posts_are(made: Callable) -> None:
    problem, demand = towns(made, 0.3)
    problem = replace(problem, most=np.where(np.arange(24) < 3, 0, problem.most))
    asked = GoalProblem(problem, demand, WorstDistrict())
    program = asked.statement(WorstDistrict())
    ready = prepare(problem, program.averages, few=True)
    found = branching.areas(program, ready, problem.most)
    # districts are alike in size, so the first unit takes most off the one that it is nearest to
    mean = demand.district.calls / demand.district.calls.sum(axis=1)[:, None] @ problem.response_s.T
    nearest = mean.argmin(axis=0)
    for options in found:
        assert len(options) > 1
        assert (options >= 3).all()
        assert len(set(nearest[options])) == 1
    assert len(np.unique(np.concatenate(found))) == sum(map(len, found))
    mean_alone = asked.statement(Mean())
    assert branching.areas(mean_alone, prepare(problem, mean_alone.averages), problem.most) == []


def test_what_rows_prove_is_not_lost_where_they_get_no_further(
    made: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    problem, demand = towns(made, 0.0)
    monkeypatch.setattr(cover_search, "LARGE", 0)
    handed: list[float] = []
    minimize = pursuit.minimize

    def noted(*given: object, bound: float, **more: object) -> Outcome:
        handed.append(bound)
        return minimize(*given, bound=bound, **more)

    monkeypatch.setattr(pursuit, "minimize", noted)
    steps: list[Step] = []
    goal = Lexicographic(order=(WorstDistrict(), Mean()), give=0.05)
    found = solve_goal(
        problem, goal, demand=demand, stop=Stop(600.0, 1e-4), watch=steps.append,
        explicit_most=-1.0,
    )  # fmt: skip
    assert found.status is Status.PROVEN
    rows = [step.bound for step in steps if step.stage == "rows"]
    assert handed[0] == max(rows) > 0.5 * found.stages[0].value
    # what was proven of the first goal says nothing of the second
    assert handed[1:] == [-np.inf] * len(handed[1:])


def test_no_tail_is_sought_that_begins_above_the_best_known(
    made: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    # its mean would be no less than where it begins
    problem, demand = towns(made, 0.3)
    begun: list[tuple[float, float]] = []
    look = TailSearch._look

    def noted(self: TailSearch, node: object) -> object:
        begun.append((node.box[1], self.out.value))
        return look(self, node)

    monkeypatch.setattr(TailSearch, "_look", noted)
    found = solve_goal(problem, Tail(alpha=0.8), demand=demand, stop=Stop(600.0, 1e-4))
    assert found.status is Status.PROVEN
    assert begun
    assert max(high for high, _ in begun) <= begun[0][1]
