"""The status of an answer is the truth about it.

Proofs, bounds, stops, clashes of limits, and solvers that fail.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from types import SimpleNamespace

import highspy
import numpy as np
import pulp
import pytest

from coresponse.data.errors import InputError, SolverError
from coresponse.optimize import decompose, pulp_solvers
from coresponse.optimize import solve as front
from coresponse.optimize.cuts import Cut
from coresponse.optimize.evaluate import Evaluator
from coresponse.optimize.explain import explain
from coresponse.optimize.highs_master import HighsMaster
from coresponse.optimize.masters import MasterAnswer
from coresponse.optimize.objective import Late, MeanTime
from coresponse.optimize.problem import Limit, Problem
from coresponse.optimize.pulp_solvers import available_solvers
from coresponse.optimize.solution import Status, Step, Stop
from coresponse.optimize.solve import solve

EXACT = Stop(60.0, 1e-6)
cbc = pytest.mark.skipif("CBC" not in available_solvers(), reason="no CBC on this machine")


# ---- proofs and bounds ----


@pytest.fixture(scope="module")
def optimum(hard: Problem) -> float:
    solution = solve(hard, MeanTime(), stop=EXACT)
    assert solution.status is Status.PROVEN
    return solution.objective


@pytest.mark.parametrize("seconds", [0.0, 0.01, 0.03, 0.1, 0.3])
def test_whenever_the_time_is_up_the_bounds_hold(
    seconds: float, hard: Problem, optimum: float
) -> None:
    solution = solve(hard, MeanTime(), stop=Stop(seconds, 1e-6))
    assert solution.status in {Status.PROVEN, Status.BEST_FOUND}
    assert (solution.status is Status.PROVEN) == (solution.gap <= 1e-6 + 1e-9)
    assert solution.bound <= optimum * (1 + 1e-6)
    assert solution.objective >= optimum * (1 - 2e-6)
    assert solution.bound <= solution.objective
    assert hard.broken_limits(solution.counts) == []


def test_no_time_at_all_proves_nothing(hard: Problem) -> None:
    solution = solve(hard, MeanTime(), stop=Stop(0.0, 1e-6))
    assert solution.status is Status.BEST_FOUND
    assert solution.gap > 0.01
    assert "time limit" in solution.message
    assert not solution.interrupted


def test_the_bound_of_a_wide_gap_is_no_proof_of_more(hard: Problem, optimum: float) -> None:
    solution = solve(hard, MeanTime(), stop=Stop(60.0, 0.05), starts=1)
    assert solution.status is Status.PROVEN
    assert solution.gap <= 0.05 + 1e-9
    assert solution.bound <= optimum * (1 + 1e-6)
    assert optimum * (1 - 2e-6) <= solution.objective <= optimum * 1.05 * (1 + 1e-6)
    assert "5.00%" in solution.message


@pytest.mark.parametrize("solver", ["HiGHS", pytest.param("CBC", marks=cbc)])
def test_incumbents_never_rise_and_bounds_never_fall(
    solver: str, hard: Problem, random_small: Callable
) -> None:
    problems = [random_small((0.2, 0.45), seed)[0] for seed in range(900, 908)] + (
        [hard] if solver == "HiGHS" else []
    )
    seen_steps = 0
    for problem in problems:
        heard: list[Step] = []
        solution = solve(problem, MeanTime(), stop=EXACT, watch=heard.append, solver=solver)
        assert tuple(heard) == solution.steps
        if solution.status is Status.INFEASIBLE:
            continue
        seen_steps += len(heard)
        incumbents = [step.incumbent for step in heard]
        bounds = [step.bound for step in heard]
        seconds = [step.seconds for step in heard]
        assert all(b <= a for a, b in pairwise(incumbents))
        assert all(b >= a for a, b in pairwise(bounds))
        assert all(b >= a for a, b in pairwise(seconds))
        assert all(step.bound <= step.incumbent for step in heard)
        assert incumbents[-1] == pytest.approx(solution.objective, rel=1e-6)
        assert bounds[-1] >= solution.bound
    assert seen_steps > 10


def test_hand_cases_are_proven(line: Problem, two_towns: Problem) -> None:
    one = replace(line, limits=(Limit("one", np.ones(3), at_most=1),))
    solution = solve(one, MeanTime(), stop=EXACT)
    assert (solution.status, solution.counts.tolist()) == (Status.PROVEN, [0, 1, 0])
    assert solution.objective == pytest.approx(4.0)
    assert solution.unit == "seconds a call"
    solution = solve(two_towns, MeanTime(), stop=EXACT)
    assert (solution.status, solution.counts.tolist()) == (Status.PROVEN, [1, 1])
    assert solution.objective == pytest.approx(40.0)


def test_what_else_a_process_solved_with_more_threads_changes_nothing(line: Problem) -> None:
    """HiGHS refuses models for another number of threads than its first model had."""
    first = highspy.Highs()
    first.silent()
    first.setOptionValue("threads", 4)
    first.maximize(first.addVariable(0, 1))
    assert solve(line, MeanTime()).status is Status.PROVEN


def test_limits_that_only_whole_counts_break_are_infeasible(made: Callable) -> None:
    """2 a + 2 b = 3 has solutions, but none that is whole."""
    odd = Limit("odd", np.array([2.0, 2.0]), at_least=3, at_most=3)
    solution = solve(made([[1.0], [2.0]], most=2, limits=(odd,)), MeanTime(), stop=EXACT)
    assert solution.status is Status.INFEASIBLE
    assert not len(solution.counts)
    assert solution.objective == np.inf
    assert "no deployment keeps all limits" in solution.message


# ---- Ctrl-C ----


@pytest.mark.parametrize("at", [1, 2, 3, 5, 8])
@pytest.mark.parametrize("must", [False, True], ids=["free", "with posts that must"])
def test_ctrl_c_returns_the_best_found(at: int, must: bool, hard: Problem, optimum: float) -> None:
    problem = hard
    if must:
        row = np.zeros(hard.n_options)
        row[[3, 8]] = 1
        problem = replace(hard, limits=(*hard.limits, Limit("must", row, at_least=2)))
    heard: list[Step] = []

    def watch(step: Step) -> None:
        heard.append(step)
        if len(heard) == at:
            raise KeyboardInterrupt

    solution = solve(problem, MeanTime(), stop=EXACT, watch=watch, starts=1)
    assert len(heard) == at
    assert solution.interrupted
    assert solution.status is Status.BEST_FOUND
    assert "stopped" in solution.message
    assert problem.broken_limits(solution.counts) == []
    assert solution.objective == pytest.approx(heard[-1].incumbent, rel=1e-6)
    assert solution.bound <= solution.objective
    assert solution.objective >= optimum * (1 - 2e-6)


def test_a_small_gap_is_no_proof_of_a_smaller_one(hard: Problem) -> None:
    def watch(step: Step) -> None:
        if 1e-5 < (step.incumbent - step.bound) / step.incumbent < 5e-3:
            raise KeyboardInterrupt

    solution = solve(hard, MeanTime(), stop=EXACT, watch=watch)
    assert solution.interrupted
    assert 1e-5 < solution.gap < 5e-3
    assert solution.status is Status.BEST_FOUND


# ---- limits that clash ----


def clash_of(problem: Problem) -> dict[str, float | None]:
    return {item.limit: item.by for item in explain(problem).limits}


def test_too_few_units_for_a_floor(made: Callable) -> None:
    ones = np.ones(3)
    limits = (
        Limit("cap", np.array([1.0, 0, 0]), at_most=2),
        Limit("units: at most 2", ones, at_most=2),
        Limit("units: at least 5", ones, at_least=5),
        Limit("must", np.array([0, 1.0, 0]), at_least=1),
    )
    problem = made(np.ones((3, 1)), most=4, limits=limits)
    assert clash_of(problem) == {"units: at most 2": 3.0, "units: at least 5": 3.0}
    lines = explain(problem).lines()
    assert lines[0] == "units: at most 2: would have to give way by 3.00 responders"


def test_a_budget_gives_way_by_whole_responders(made: Callable) -> None:
    """Three at 100 dollars on 250 dollars: 50 more, or one fewer."""
    cost = np.array([100.0, 140.0])
    limits = (
        Limit("budget", cost, at_most=250.0, unit="dollars"),
        Limit("floor", np.ones(2), at_least=3),
    )
    problem = made(np.ones((2, 1)), most=3, limits=limits)
    clash = explain(problem)
    assert {item.limit: (item.by, item.unit) for item in clash.limits} == {
        "budget": (50.0, "dollars"),
        "floor": (1.0, "responders"),
    }


def test_posts_that_must_and_have_no_room_clash_alone(made: Callable) -> None:
    limits = (
        Limit("must", np.array([1.0, 0.0]), at_least=1),
        Limit("units", np.ones(2), at_most=5),
    )
    problem = made(np.ones((2, 1)), most=[0, 3], limits=limits)
    assert clash_of(problem) == {"must": 1.0}


def test_three_limits_may_clash_only_together(made: Callable) -> None:
    limits = tuple(Limit(f"must {o}", np.eye(3)[o], at_least=1) for o in range(3))
    problem = made(np.ones((3, 1)), most=3, limits=limits, units=2)
    assert clash_of(problem) == {
        "units: at most 2": 1.0,
        "must 0": 1.0,
        "must 1": 1.0,
        "must 2": 1.0,
    }


def test_limits_that_can_be_kept_do_not_clash(line: Problem) -> None:
    clash = explain(line)
    assert clash.limits == ()
    assert clash.lines() == []


def test_moves_leave_no_room_for_another_limit(made: Callable) -> None:
    limits = (Limit("must", np.array([0.0, 1.0]), at_least=1),)
    today = np.array([2, 0])
    problem = made(np.ones((2, 1)), most=2, limits=limits, units=2, today=today, moves_at_most=0)
    clash = clash_of(problem)
    assert clash["units: at most 2"] == 1.0
    assert clash["must"] == 1.0


@pytest.mark.parametrize("busy", [(0.0,), (0.2, 0.45), (0.0, 0.3, 0.6)], ids=str)
def test_each_clash_is_smallest_and_gives_way_by_the_least(
    busy: tuple[float, ...], random_small: Callable, oracle: SimpleNamespace
) -> None:
    clashes = 0
    for seed in range(2000, 2120):
        problem, kinds = random_small(busy, seed)
        deployments = oracle.all_deployments(problem)
        if "moves" in kinds or oracle.allowed(problem, deployments).any():
            continue
        clashes += 1
        clash = explain(problem)
        inside = [
            limit for limit in problem.limits if limit.name in {item.limit for item in clash.limits}
        ]
        assert not oracle.allowed(replace(problem, limits=tuple(inside)), deployments).any()
        for item in clash.limits:
            (limit,) = (limit for limit in inside if limit.name == item.limit)
            others = tuple(other for other in inside if other is not limit)
            can = deployments[oracle.allowed(replace(problem, limits=others), deployments)]
            assert len(can)
            used = can @ limit.coefficients
            over = used - limit.at_most if limit.at_most is not None else limit.at_least - used
            assert item.by == pytest.approx(over.min(), abs=1e-5)
            assert item.unit == limit.unit
    assert clashes >= 8


# ---- solvers ----


@cbc
@pytest.mark.parametrize("busy", [(0.0,), (0.0, 0.4), (0.2, 0.45)], ids=str)
def test_cbc_finds_what_highs_finds(
    busy: tuple[float, ...], random_small: Callable, oracle: SimpleNamespace
) -> None:
    for seed in range(400, 405):
        problem, _ = random_small(busy, seed)
        for waiting in (MeanTime(), Late(600.0)):
            one = solve(problem, waiting, stop=EXACT)
            two = solve(problem, waiting, stop=EXACT, solver="CBC")
            assert two.status is one.status
            if one.status is Status.PROVEN:
                assert two.objective == pytest.approx(one.objective, rel=2e-6, abs=1e-9)
                assert two.bound <= oracle.least(problem, waiting) * (1 + 1e-6) + 1e-9


def test_highs_is_always_there_and_its_name_may_be_written_in_any_case(line: Problem) -> None:
    assert "HiGHS" in available_solvers()
    assert solve(line, MeanTime(), solver="highs").status is Status.PROVEN


def test_unknown_solvers_are_named_with_those_that_there_are(line: Problem) -> None:
    with pytest.raises(InputError, match=r"solver 'ORACLE' is not known .* HiGHS"):
        solve(line, MeanTime(), solver="ORACLE")


def test_a_known_solver_that_is_not_installed_is_an_input_error(
    line: Problem, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pulp.GUROBI_CMD, "available", lambda self: False)
    with pytest.raises(InputError, match="'GUROBI_CMD' is not on this machine"):
        solve(line, MeanTime(), solver="GUROBI_CMD")


@cbc
def test_a_solver_that_crashes_is_named(line: Problem, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(self: object, *args: object, **more: object) -> int:
        raise pulp.PulpSolverError("it broke")

    monkeypatch.setattr(pulp.LpProblem, "solve", crash)
    with pytest.raises(SolverError, match=r"solver CBC failed after .* it broke"):
        solve(line, MeanTime(), solver="CBC")


def floor_of_two(made: Callable) -> Problem:
    """State a problem whose empty deployment breaks a limit, so that a solver must find the first deployment."""
    response = np.random.default_rng(2).uniform(60, 900, (6, 8))
    return made(
        response, busy=(0.3,), most=2, units=3, limits=(Limit("floor", np.ones(6), at_least=2),)
    )


@pytest.mark.parametrize("count", [9.0, -1.0, 0.0, 0.4, np.nan])
def test_a_first_deployment_that_breaks_limits_is_never_the_answer(
    count: float, made: Callable, oracle: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def wild(self: object, time_limit_s: float, gap: float, start: object = None) -> MasterAnswer:
        return MasterAnswer("optimal", np.full(6, count), np.zeros(8), 0.0, 0.0, np.empty(0))

    problem = floor_of_two(made)
    monkeypatch.setattr(HighsMaster, "solve", wild)
    try:
        solution = solve(problem, MeanTime(), stop=EXACT)
    except SolverError:
        return
    assert solution.objective == pytest.approx(oracle.least(problem, MeanTime()), rel=1e-6)
    assert problem.broken_limits(solution.counts) == []


def test_cuts_above_the_cost_that_they_bound_are_no_proof(
    made: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = Evaluator.cuts

    def above(self: Evaluator, counts: np.ndarray) -> tuple[float, list[Cut]]:
        value, cuts = right(self, counts)
        too_high = 0.0 if (counts == np.round(counts)).all() else 1e4
        return value, [Cut(cut.cluster, cut.constant + too_high, cut.coefficients) for cut in cuts]

    monkeypatch.setattr(Evaluator, "cuts", above)
    with pytest.raises(SolverError, match="a cut lies above"):
        solve(floor_of_two(made), MeanTime(), stop=EXACT)


def test_an_answer_that_does_not_stand_up_to_a_recount_is_refused(
    line: Problem, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = front.recount
    monkeypatch.setattr(front, "recount", lambda *args: right(*args) + 0.01)
    with pytest.raises(SolverError, match="the recount"):
        solve(line, MeanTime(), stop=EXACT)


@cbc
def test_a_solver_that_gets_no_further_is_left_and_named(
    line: Problem, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stuck(self: object, time_limit_s: float, gap: float) -> MasterAnswer:
        counts, high = np.zeros(line.n_options), np.full(line.n_columns, 1e9)
        return MasterAnswer("feasible", counts, high, -1.0, -np.inf, np.empty(0))

    monkeypatch.setattr(pulp_solvers._PulpMaster, "solve", stuck)
    monkeypatch.setattr(decompose, "_relaxation", lambda search, master, room: _no_bound(search))
    solution = solve(line, MeanTime(), solver="CBC", stop=Stop(seconds=60.0, gap=0.0))
    assert solution.status is Status.BEST_FOUND
    assert "CBC came back" in solution.message
    assert solution.seconds < 60.0


def test_what_ends_a_search_before_its_time_is_not_called_the_time_limit(
    line: Problem, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decompose, "_relaxation", lambda search, master, room: None)
    solution = solve(line, MeanTime(), stop=Stop(seconds=60.0, gap=0.0))
    assert solution.status is Status.BEST_FOUND
    assert "time limit" not in solution.message


def _no_bound(search: decompose.Search) -> MasterAnswer:
    empty = np.empty(0)
    return MasterAnswer("feasible", empty, empty, np.inf, search.bound, empty)
