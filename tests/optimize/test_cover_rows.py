"""Rows that whole deployments within bounds keep: valid for every one of them, and enough for a proof."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from coresponse.optimize.goals import cover_search, pursuit
from coresponse.optimize.goals.averages import prepare
from coresponse.optimize.goals.cover_rows import CoverRows
from coresponse.optimize.goals.demand import Demand, Groups
from coresponse.optimize.goals.goal import (
    FewestUnits,
    Floor,
    Goal,
    LeastCost,
    Lexicographic,
    Mean,
    ShareInTime,
    WorstDistrict,
    ranks,
)
from coresponse.optimize.goals.goal_problem import GoalProblem
from coresponse.optimize.goals.outcome import SolveSettings
from coresponse.optimize.goals.solve import solve_goal
from coresponse.optimize.problem import Problem
from coresponse.optimize.solution import Status, Stop

STANDARD_S = 600.0


def with_districts(problem: Problem, seed: int) -> tuple[Demand, np.ndarray]:
    """Draw three districts and two classes over a problem's columns, and dollars of options."""
    rng = np.random.default_rng([seed, 3])
    district = rng.uniform(0, 4, (3, problem.n_columns))
    kinds = rng.uniform(0, 4, (2, problem.n_columns))
    demand = Demand(
        problem.weight,
        Groups(("north", "mid", "south"), district, np.full(3, 50)),
        Groups(("high", "low"), kinds, np.full(2, 50)),
    )
    return demand, rng.integers(1, 9, problem.n_options) * 1000.0


@pytest.mark.parametrize("busy", [(0.0,), (0.0, 0.4), (0.3, 0.6)], ids=str)
def test_every_deployment_within_the_bounds_keeps_every_row(
    busy: tuple[float, ...], random_small: Callable, oracle: SimpleNamespace
) -> None:
    rows_seen = 0
    for seed in range(300, 325):
        problem, _ = random_small(busy, seed)
        demand, _ = with_districts(problem, seed)
        asked = GoalProblem(problem, demand, WorstDistrict(), (), STANDARD_S)
        program = asked.statement(WorstDistrict())
        ready = prepare(problem, program.averages, few=True)
        rows = CoverRows(problem, ready, np.ones(problem.n_options), SolveSettings(np.inf))
        everything = oracle.all_deployments(problem)
        everything = everything[oracle.allowed(problem, everything)]
        values = np.array([[r.value(x.astype(float)) for r in ready] for x in everything])
        for share in (0.1, 0.5, 0.9):
            if not len(everything):
                continue
            at_most = np.full(len(ready), np.quantile(values.max(axis=1), share))
            found = rows.least(at_most, 0.0)
            within = everything[(values <= at_most + 1e-12).all(axis=1)]
            for cut in rows.cuts:
                row = cut.row(float(at_most[cut.average]))
                if row is not None:
                    rows_seen += 1
                    assert (within @ row >= 1 - 1e-9).all()
            assert found.said == "yes"
            assert found.bound <= within.sum(axis=1).min() + 1e-6
            assert found.counts.sum() == pytest.approx(within.sum(axis=1).min())
    assert rows_seen > 100


GOALS: dict[str, tuple[Goal, tuple[Floor, ...]]] = {
    "worst district": (WorstDistrict(), ()),
    "worst class late": (WorstDistrict(by="class", of="share_late"), ()),
    "worst with floors": (WorstDistrict(), (Floor(by="class", share_in_time=0.3),)),
    "worst, then mean": (Lexicographic(order=(WorstDistrict(), Mean())), ()),
    "mean, then worst": (Lexicographic(order=(ShareInTime(), WorstDistrict()), give=0.2), ()),
    "fewest by district": (FewestUnits(share=0.5, within="district", target_min=12.0), ()),
    "cost by class": (LeastCost(share=0.4, within="class"), (Floor(mean_at_most_min=17.0),)),
}


@pytest.mark.parametrize("goal", GOALS)
def test_rows_find_what_the_program_finds(
    goal: str, random_small: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    # the program by itself is held against all deployments
    used = []
    begin = cover_search.CoverSearch.begin

    def noted(self: cover_search.CoverSearch, starts: object) -> None:
        used.append(True)
        begin(self, starts)

    monkeypatch.setattr(cover_search.CoverSearch, "begin", noted)
    question, floors = GOALS[goal]
    proven = 0
    for seed in range(400, 416):
        problem, _ = random_small((0.0,) * (1 + seed % 2), seed)
        demand, cost = with_districts(problem, seed)

        def answer(many: int, p: Problem = problem, d: Demand = demand, c: np.ndarray = cost):
            monkeypatch.setattr(pursuit, "MANY", many)
            return solve_goal(
                p, question, demand=d, floors=floors, standard_s=STANDARD_S, option_cost=c,
                stop=Stop(60.0, 1e-5), explicit_most=-1.0,
            )  # fmt: skip

        before = len(used)
        usual = answer(1000)
        assert len(used) == before
        found = answer(1)
        assert found.status is usual.status
        if usual.status is Status.INFEASIBLE:
            continue
        assert found.status is Status.PROVEN
        proven += 1
        assert found.stages[0].value == pytest.approx(usual.stages[0].value, rel=3e-5, abs=1e-3)
        assert len(found.stages) == len(ranks(question))
    assert proven > 3
    assert len(used) > 3


def test_nothing_but_bounds_on_single_averages_is_left_to_rows(random_small: Callable) -> None:
    problem, _ = random_small((0.0,), 7)
    demand, cost = with_districts(problem, 7)
    asked = GoalProblem(problem, demand, Mean(), (Floor(share_in_time=0.2),), STANDARD_S, cost)
    program = asked.statement(Mean())
    assert program.linear_cost(problem.n_options) is None
    bounds = cover_search.bounds_of(program)
    assert bounds is not None
    assert np.isfinite(bounds).sum() == 3
    (row, *others) = program.rows
    two = replace(row, total=row.total * 2)
    assert cover_search.bounds_of(replace(program, rows=(two, *others))) is None
