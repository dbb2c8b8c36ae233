"""Local search by what is exceeded: what it finds keeps everything, and it finds it where all is exceeded at once."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations

import numpy as np
import pytest

from coresponse.optimize.goals.averages import prepare
from coresponse.optimize.goals.demand import Demand, Groups
from coresponse.optimize.goals.excess import ExcessSearch
from coresponse.optimize.goals.goal import (
    FewestUnits,
    Floor,
    Goal,
    LeastCost,
    Mean,
    Mix,
    MixPart,
    WorstDistrict,
)
from coresponse.optimize.goals.goal_problem import GoalProblem
from coresponse.optimize.goals.outcome import SolveSettings
from coresponse.optimize.problem import Problem

STANDARD_S = 600.0
SETTINGS = SolveSettings(np.inf)


def asked(problem: Problem, goal: Goal, floors: tuple[Floor, ...], seed: int) -> GoalProblem:
    """Ask a goal of three districts over a problem's columns, with drawn dollars."""
    rng = np.random.default_rng([seed, 7])
    calls = rng.uniform(0, 4, (3, problem.n_columns))
    names = Groups(("north", "mid", "south"), calls, np.full(3, 50))
    dollars = rng.integers(1, 9, problem.n_options) * 1000.0
    return GoalProblem(problem, Demand(problem.weight, names), goal, floors, STANDARD_S, dollars)


def search_of(goal_problem: GoalProblem) -> ExcessSearch:
    """Return the search of a goal's program."""
    program = goal_problem.statement(goal_problem.goal)  # type: ignore[arg-type]
    ready = prepare(goal_problem.problem, program.averages)
    search = ExcessSearch.of(goal_problem.problem, program, ready)
    assert search is not None
    return search


def drawn(goal_problem: GoalProblem, seed: int) -> list[tuple[float, int, np.ndarray]]:
    """Draw deployments that keep limits and floors, each with its value and number."""
    rng, problem = np.random.default_rng([seed, 8]), goal_problem.problem
    trials = [rng.integers(0, problem.most + 1) for _ in range(40)]
    return [
        (goal_problem.value(goal_problem.goal, x), k, x)  # type: ignore[arg-type]
        for k, x in enumerate(trials)
        if not (problem.broken_limits(x) or goal_problem.broken_floors(x))
    ]


@pytest.mark.parametrize("busy", [(0.0,), (0.0, 0.4), (0.3, 0.6)], ids=str)
@pytest.mark.parametrize(
    ("goal", "floors"),
    [
        (WorstDistrict(), ()),
        (WorstDistrict(of="share_late"), (Floor(mean_at_most_min=40.0),)),
        (FewestUnits(share=0.2, within="district"), ()),
        (LeastCost(share=0.2, within="district"), ()),
    ],
    ids=["worst", "late with a floor", "units", "dollars"],
)
def test_each_found_keeps_all_and_is_better_than_the_last(
    busy: tuple[float, ...], goal: Goal, floors: tuple[Floor, ...], random_small: Callable
) -> None:
    found = 0
    for seed in range(700, 725):
        problem, _ = random_small(busy, seed)
        goal_problem = asked(problem, goal, floors, seed)
        known = drawn(goal_problem, seed)
        if not known:
            continue
        value, _, start = max(known, key=lambda one: one[:2])
        for counts in search_of(goal_problem).better(start, SETTINGS, kicks=2):
            whole = counts.astype(np.int64)
            assert (whole == counts).all()
            assert not problem.broken_limits(whole)
            assert not goal_problem.broken_floors(whole)
            now = goal_problem.value(goal, whole)  # type: ignore[arg-type]
            assert now < value
            value, found = now, found + 1
    assert found >= 4


@pytest.mark.parametrize("busy", [0.0, 0.3])
def test_the_worst_of_all_districts_is_brought_down_though_several_are_alike(
    busy: float, made: Callable
) -> None:
    # each of five towns waits alike long: to help one leaves the largest as it is
    rng = np.random.default_rng(3)
    post, call = rng.random((14, 2)), rng.random((60, 2))
    drive = np.linalg.norm(post[:, None] - call[None], axis=2) * 900
    problem = made(drive, busy=(busy,), most=1, units=4)
    town = np.arange(60) % 5
    calls = (town == np.arange(5)[:, None]).astype(float)
    groups = Groups(tuple("abcde"), calls, np.full(5, 100))
    goal_problem = GoalProblem(problem, Demand(np.ones(60), groups), WorstDistrict())
    all_of_four = []
    for places in combinations(range(14), 4):
        counts = np.zeros(14, dtype=np.int64)
        counts[list(places)] = 1
        all_of_four.append(goal_problem.value(WorstDistrict(), counts))
    *_, last = search_of(goal_problem).better(np.zeros(14, dtype=np.int64), SETTINGS, kicks=4)
    reached = goal_problem.value(WorstDistrict(), last.astype(np.int64))
    assert reached <= min(all_of_four) * (1 + 1e-3)


def test_the_same_seed_finds_the_same(random_small: Callable) -> None:
    for seed in range(700, 712):
        problem, _ = random_small((0.0, 0.4), seed)
        goal_problem = asked(problem, WorstDistrict(), (), seed)
        known = drawn(goal_problem, seed)
        start = known[0][2] if known else np.zeros(problem.n_options, dtype=np.int64)
        once, again = (
            [found.tolist() for found in search_of(goal_problem).better(start, SETTINGS, kicks=3)]
            for _ in range(2)
        )
        assert once == again


def test_goals_of_another_kind_are_left_to_other_searches(random_small: Callable) -> None:
    problem, _ = random_small((0.0,), 712)
    mixed = Mix(parts=(MixPart(weight=1.0, of=WorstDistrict()), MixPart(weight=1.0, of=Mean())))
    goal_problem = asked(problem, mixed, (), 712)
    program = goal_problem.statement(mixed)  # type: ignore[arg-type]
    ready = prepare(problem, program.averages)
    assert ExcessSearch.of(problem, program, ready) is None


def test_what_an_exchange_changes_is_what_two_evaluations_say(random_small: Callable) -> None:
    for seed in range(730, 736):
        problem, _ = random_small((0.0, 0.4), seed)
        program = asked(problem, WorstDistrict(), (), seed).statement(WorstDistrict())
        counts = np.minimum(problem.most, 1).astype(np.float64)
        for ready in prepare(problem, program.averages):
            change = ready.exchanges(counts)
            for r, out in enumerate(np.flatnonzero(counts)):
                for o in range(problem.n_options):
                    trial = counts.copy()
                    trial[out] -= 1
                    trial[o] += 1
                    expected = ready.value(trial) - ready.value(counts)
                    assert change[r, o] == pytest.approx(expected, abs=1e-6)
