"""What must hold for goals.

Known special cases, monotony, orders, statuses, and the sides of one model against each other.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pulp
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from coresponse.data.errors import InputError
from coresponse.optimize.explicit import explicit_model
from coresponse.optimize.goals.demand import Demand, Groups
from coresponse.optimize.goals.goal import (
    FewestUnits,
    Floor,
    Goal,
    LeastCost,
    Lexicographic,
    Mean,
    Mix,
    MixPart,
    PCenter,
    ShareInTime,
    Tail,
    WorstDistrict,
)
from coresponse.optimize.goals.solve import solve_goal
from coresponse.optimize.objective import Late, MeanTime
from coresponse.optimize.problem import Limit, Problem
from coresponse.optimize.pulp_solvers import available_solvers
from coresponse.optimize.recount import recount, waits
from coresponse.optimize.solution import Status, Step, Stop
from coresponse.optimize.solve import solve

EXACT = Stop(60.0, 1e-6)


def town(
    made: Callable, seed: int, m: int = 14, n: int = 60, **more: object
) -> tuple[Problem, Demand]:
    """Draw posts and calls in a plane, with three districts from west to east."""
    rng = np.random.default_rng(seed)
    here, there = rng.uniform(0, 900, (m, 2)), rng.uniform(0, 900, (n, 2))
    response = np.linalg.norm(here[:, None] - there[None], axis=2) + 60
    weight = rng.uniform(0.2, 4, n)
    district = np.minimum((there[:, 0] / 300).astype(int), 2)
    by = np.where(district == np.arange(3)[:, None], weight, 0.0)
    more = {"weight": weight, "units": 4, "fallback_s": 1500.0} | more
    return made(response, **more), Demand(weight, Groups(("w", "m", "e"), by, np.full(3, 50)))


# ---- set covering ----


def smallest_cover(reach: np.ndarray) -> int | None:
    m, n = reach.shape
    for size in range(m + 1):
        for chosen in itertools.combinations(range(m), size):
            if reach[list(chosen)].any(axis=0).sum() == n:
                return size
    return None


@settings(max_examples=40, deadline=None, derandomize=True)
@given(m=st.integers(1, 7), n=st.integers(1, 9), seed=st.integers(0, 10**6))
def test_every_call_in_time_is_set_covering(made: Callable, m: int, n: int, seed: int) -> None:
    reach = np.random.default_rng(seed).random((m, n)) < 0.5
    problem = made(np.where(reach, 100.0, 900.0))
    found = solve_goal(problem, FewestUnits(share=1.0, target_min=5))
    least = smallest_cover(reach)
    assert found.status is (Status.INFEASIBLE if least is None else Status.PROVEN)
    if least is not None:
        assert found.objective == least == found.counts.sum()


@pytest.mark.parametrize("seed", range(6))
def test_a_large_fallback_is_set_covering_where_it_can_be_done(made: Callable, seed: int) -> None:
    """With out-of-reach posts left out, the least mean with a huge fallback covers all if so many units can."""
    problem, _ = town(made, seed, units=None, limits=())
    radius = max(420.0, float(problem.response_s.min(axis=0).max()))
    near = replace(
        problem,
        response_s=np.where(problem.response_s <= radius, problem.response_s, np.inf).astype(
            np.float32
        ),
        fallback_s=1e7,
    )
    fewest = solve_goal(problem, FewestUnits(share=1.0, target_min=radius / 60), stop=EXACT)
    assert fewest.status is Status.PROVEN
    p = int(fewest.objective)
    ones = np.ones(problem.n_options)
    enough = solve(replace(near, limits=(Limit("units", ones, at_most=p),)), MeanTime(), stop=EXACT)
    short = solve(
        replace(near, limits=(Limit("units", ones, at_most=p - 1),)), MeanTime(), stop=EXACT
    )
    assert enough.objective <= radius
    assert short.objective > radius


@pytest.mark.parametrize("busy", [0.0, 0.3])
def test_fewest_units_and_largest_share_are_each_others_inverse(
    made: Callable, busy: float
) -> None:
    problem, demand = town(made, 3, busy=(busy,), most=2, units=None)
    fewest = solve_goal(
        problem, FewestUnits(share=0.8), demand=demand, standard_s=400.0, stop=EXACT
    )
    assert fewest.status is Status.PROVEN
    for units, reached in ((fewest.objective, True), (fewest.objective - 1, False)):
        limit = Limit("units", np.ones(problem.n_options), at_most=units)
        best = solve(replace(problem, limits=(limit,)), Late(400.0), stop=EXACT)
        assert (1 - best.objective >= 0.8 - 1e-6) is reached


def test_least_cost_with_equal_costs_is_fewest_units(made: Callable) -> None:
    problem, demand = town(made, 5, units=None)
    asked = {"demand": demand, "standard_s": 380.0, "stop": EXACT}
    units = solve_goal(problem, FewestUnits(share=0.9, within="district"), **asked)
    cost = solve_goal(
        problem, LeastCost(share=0.9, within="district"), option_cost=np.full(14, 250.0), **asked
    )
    assert cost.objective == 250.0 * units.objective
    assert cost.unit == "dollars a year"


# ---- the core, the program written out, and the program by cuts ----


@pytest.mark.parametrize(
    ("busy", "n", "seed"), [((0.0,), 30, 0), ((0.0,), 30, 1), ((0.3,), 12, 0)], ids=str
)
def test_written_out_and_by_cuts_are_one(
    made: Callable, busy: tuple[float, ...], n: int, seed: int
) -> None:
    problem, demand = town(made, seed, m=8 if busy[0] else 14, busy=busy, n=n, most=2)
    for goal, floors in (
        (WorstDistrict(), ()),
        (Mean(), (Floor(share_in_time=0.5),)),
        (FewestUnits(share=0.7, within="district"), ()),
        (Tail(alpha=0.8), (Floor(by="all", share_in_time=0.6),)),
    ):
        asked = {"demand": demand, "floors": floors, "standard_s": 420.0, "stop": Stop(60.0, 1e-5)}
        out = solve_goal(problem, goal, explicit_most=1e9 if busy == (0.0,) else 60_000, **asked)
        cut = solve_goal(problem, goal, explicit_most=-1, **asked)
        assert out.status is cut.status
        assert cut.objective == pytest.approx(out.objective, rel=2e-5)


def test_a_worst_district_that_is_all_there_is_is_the_mean(made: Callable) -> None:
    problem, demand = town(made, 8)
    alone = replace(demand, district=Groups(("all",), problem.weight[None, :], np.array([99])))
    worst = solve_goal(problem, WorstDistrict(), demand=alone, stop=EXACT)
    assert worst.objective == pytest.approx(
        solve(problem, MeanTime(), stop=EXACT).objective, rel=2e-6
    )


def test_the_tail_of_nearly_all_calls_is_the_mean_and_of_hardly_any_the_longest_wait(
    made: Callable,
) -> None:
    problem, _ = town(made, 9)
    nearly = solve_goal(problem, Tail(alpha=1e-9), stop=EXACT)
    assert nearly.objective == pytest.approx(
        solve(problem, MeanTime(), stop=EXACT).objective, rel=2e-6
    )
    center = min(
        problem.response_s[list(posts)].min(axis=0).max()
        for posts in itertools.combinations(range(14), 4)
    )
    hardly = solve_goal(problem, Tail(alpha=1 - 1e-7), stop=EXACT)
    assert hardly.objective == pytest.approx(float(center), rel=2e-6)


def test_a_mix_of_means_is_what_the_core_says_of_the_sum(made: Callable) -> None:
    problem, demand = town(made, 10, busy=(0.25,), most=2)
    mix = Mix(
        parts=(MixPart(weight=1, of=Mean()), MixPart(weight=300, of=ShareInTime(target_min=6)))
    )
    found = solve_goal(problem, mix, demand=demand, stop=EXACT)
    assert found.objective == pytest.approx(
        recount(problem, MeanTime(), found.counts)
        + 300 * recount(problem, Late(360.0), found.counts)
    )
    by_program = solve_goal(
        problem, mix, floors=(Floor(by="all", mean_at_most_min=24.0),), stop=EXACT
    )
    assert by_program.objective == pytest.approx(found.objective, rel=2e-6)


def test_the_written_out_model_knows_periods_and_moves(made: Callable) -> None:
    rng = np.random.default_rng(4)
    problem, demand = town(
        made, 12, m=8, n=16, busy=(np.nan,), most=2, today=np.array([2, 1, 0, 0, 0, 0, 0, 1]), moves_at_most=1,
        busy_by_period=np.array([[0.0], [0.4]]), column_period=rng.integers(0, 2, 16),
    )  # fmt: skip
    lp, _ = explicit_model(problem, MeanTime())
    lp.solve(pulp.HiGHS(msg=False, threads=1, gapRel=1e-8))
    assert lp.sol_status == pulp.LpSolutionOptimal
    found = solve_goal(problem, Mean(), demand=demand, stop=EXACT)
    assert found.status is Status.PROVEN
    assert found.objective == pytest.approx(float(pulp.value(lp.objective)), rel=2e-6)
    assert np.maximum(problem.today - found.counts, 0).sum() <= 1


# ---- what must never get worse, or better ----


@settings(max_examples=12, deadline=None, derandomize=True)
@given(seed=st.integers(0, 10**6), busy=st.sampled_from([(0.0,), (0.35,)]))
def test_a_stricter_floor_never_helps_and_one_more_unit_never_hurts(
    made: Callable, seed: int, busy: tuple[float, ...]
) -> None:
    problem, demand = town(made, seed, m=6, n=12, busy=busy, units=2)
    more = replace(problem, limits=(replace(problem.limits[0], at_most=3),))
    value = {
        (units, share): solve_goal(
            p,
            WorstDistrict(),
            demand=demand,
            floors=(Floor(by="all", share_in_time=share),),
            standard_s=500.0,
            stop=EXACT,
        ).objective
        for units, p in ((2, problem), (3, more))
        for share in (0.2, 0.6)
    }
    slack = 1 + 2e-6
    for units in (2, 3):
        assert value[units, 0.2] <= value[units, 0.6] * slack
    for share in (0.2, 0.6):
        assert value[3, share] <= value[2, share] * slack


@settings(max_examples=25, deadline=None, derandomize=True)
@given(seed=st.integers(0, 10**6), alpha=st.floats(0.05, 0.95))
def test_a_tail_is_no_shorter_than_the_mean_and_its_quantile(
    made: Callable, seed: int, alpha: float
) -> None:
    problem, _ = town(made, seed, m=5, n=9, busy=(0.3,), most=2, units=3)
    counts = np.random.default_rng(seed).integers(0, 3, 5)
    known = waits(problem, counts)
    tail = known.tail_mean(alpha, problem.weight)
    assert known.chance.sum(axis=0) == pytest.approx(np.ones(9))
    assert tail >= known.mean(MeanTime(), problem.weight) - 1e-9
    assert tail >= known.quantile(alpha, problem.weight) - 1e-9
    assert tail <= problem.fallback_s + 1e-9


def test_in_order_the_first_goal_gives_nothing_unless_it_is_told_to(made: Callable) -> None:
    problem, demand = town(made, 14)
    asked = {"demand": demand, "stop": EXACT}
    worst = solve_goal(problem, WorstDistrict(), **asked)
    both = solve_goal(problem, Lexicographic(order=(WorstDistrict(), Mean())), **asked)
    loose = solve_goal(problem, Lexicographic(order=(WorstDistrict(), Mean()), give=0.2), **asked)
    mean = solve(problem, MeanTime(), stop=EXACT).objective
    assert both.stages[0].value == pytest.approx(worst.objective, rel=3e-6)
    assert mean * (1 - 1e-6) <= loose.stages[1].value <= both.stages[1].value * (1 + 1e-6)
    assert loose.stages[0].value <= 1.2 * worst.objective * (1 + 1e-5)
    assert both.message == "proven optimal within 0.00% for each goal in order"


# ---- statuses, stops, refusals ----


def test_time_that_runs_out_is_not_called_optimal(made: Callable) -> None:
    problem, demand = town(made, 20, m=40, n=400, units=9)
    found = solve_goal(
        problem, WorstDistrict(), demand=demand, stop=Stop(0.4, 1e-6), explicit_most=-1
    )
    assert found.status is Status.BEST_FOUND
    assert found.bound < found.objective
    assert "the time limit ended the search" in found.message
    assert not problem.broken_limits(found.counts)


@pytest.mark.parametrize("goal", [WorstDistrict(), Tail(alpha=0.9)], ids=lambda goal: goal.goal)
def test_ctrl_c_leaves_the_best_found(made: Callable, goal: Goal) -> None:
    problem, demand = town(made, 21, m=25, n=200, units=6)

    def watch(step: Step) -> None:
        if np.isfinite(step.incumbent) and np.isfinite(step.bound):
            raise KeyboardInterrupt

    found = solve_goal(problem, goal, demand=demand, stop=EXACT, watch=watch, explicit_most=-1)
    assert found.interrupted
    assert found.status is Status.BEST_FOUND
    assert found.message.endswith("stopped")
    assert not problem.broken_limits(found.counts)


@pytest.mark.skipif("CBC" not in available_solvers(), reason="no CBC on this machine")
@pytest.mark.parametrize("explicit_most", [1e9, -1.0])
def test_another_solver_finds_the_same(made: Callable, explicit_most: float) -> None:
    problem, demand = town(made, 22, m=8, n=20, units=3)
    for goal in (WorstDistrict(), FewestUnits(share=0.8)):
        asked = {
            "demand": demand,
            "standard_s": 420.0,
            "stop": Stop(60.0, 1e-5),
            "explicit_most": explicit_most,
        }
        one = solve_goal(replace(problem, limits=()), goal, **asked)
        two = solve_goal(replace(problem, limits=()), goal, solver="CBC", **asked)
        assert one.status is two.status is Status.PROVEN
        assert two.objective == pytest.approx(one.objective, rel=3e-5)


def test_the_same_question_gets_the_same_answer(made: Callable) -> None:
    problem, demand = town(made, 23)
    a, b = (solve_goal(problem, WorstDistrict(), demand=demand, stop=EXACT) for _ in range(2))
    assert a.counts.tolist() == b.counts.tolist()


def test_figures_are_those_of_the_deployment(made: Callable) -> None:
    problem, demand = town(made, 24)
    cost = np.arange(14) * 10.0
    found = solve_goal(
        problem, WorstDistrict(), demand=demand, floors=(Floor(share_in_time=0.2),), standard_s=420.0, option_cost=cost,
        stop=EXACT,
    )  # fmt: skip
    figures = {figure.name: figure.value for figure in found.figures}
    nearest = problem.response_s[np.flatnonzero(found.counts)].min(axis=0)
    share = problem.weight / problem.weight.sum()
    assert figures["responders"] == 4
    assert figures["mean response"] == pytest.approx(share @ nearest)
    order = np.argsort(nearest)
    assert figures["p90 response"] == nearest[order][np.searchsorted(np.cumsum(share[order]), 0.9)]
    assert figures["cost"] == cost @ found.counts
    worst = {
        name: calls @ nearest / calls.sum()
        for name, calls in zip("wme", demand.district.calls, strict=True)
    }
    name = max(worst, key=lambda key: worst[key])
    assert (
        figures[f"worst district: {name}"]
        == pytest.approx(found.objective)
        == pytest.approx(worst[name])
    )
    late = demand.district.calls[1] @ (nearest > 420) / demand.district.calls[1].sum()
    assert figures["district m: at least 20% of calls within 7 min"] == pytest.approx(late)


@pytest.mark.parametrize(
    ("goal", "more", "words"),
    [
        (ShareInTime(), {}, "target_min"),
        (FewestUnits(target_min=30), {}, "must be below"),
        (LeastCost(target_min=5), {}, "cost of the options"),
        (WorstDistrict(), {"demand": None}, "calls by district are not known"),
        (WorstDistrict(min_calls=10**6), {}, "no district has 1000000 calls"),
        (Lexicographic(order=(Tail(alpha=0.9), Tail(alpha=0.5))), {}, "several shares"),
        (
            Mean(),
            {"floors": (Floor(by="class", share_in_time=0.5, target_min=5),)},
            "calls by class are not known",
        ),
    ],
    ids=lambda value: getattr(value, "goal", None),
)
def test_what_cannot_be_answered_is_refused(
    made: Callable, goal: Goal, more: dict, words: str
) -> None:
    problem, demand = town(made, 25)
    with pytest.raises(InputError, match=words):
        solve_goal(problem, goal, **({"demand": demand} | more))


def test_districts_with_few_calls_are_not_looked_at(made: Callable) -> None:
    problem, demand = town(made, 26)
    few = replace(demand, district=replace(demand.district, observed=np.array([50, 3, 50])))
    found = solve_goal(problem, WorstDistrict(), demand=few, stop=EXACT)
    without = Groups(("w", "e"), demand.district.calls[[0, 2]], np.array([50, 50]))
    other = solve_goal(
        problem, WorstDistrict(), demand=replace(demand, district=without), stop=EXACT
    )
    assert found.objective == pytest.approx(other.objective, rel=2e-6)


def test_goals_read_from_a_study_file() -> None:
    read = TypeAdapter(Goal).validate_python
    goal = read(
        {
            "goal": "in_order",
            "order": [
                {"goal": "fewest_units", "share": 0.9, "within": "district"},
                {
                    "goal": "mix",
                    "parts": [
                        {"weight": 2, "of": {"goal": "tail"}},
                        {"weight": 1, "of": {"goal": "mean_response"}},
                    ],
                },
            ],
        }
    )
    assert isinstance(goal, Lexicographic)
    assert goal.order[0] == FewestUnits(share=0.9, within="district")
    assert goal.order[1] == Mix(parts=(MixPart(weight=2, of=Tail()), MixPart(weight=1, of=Mean())))
    center = read({"goal": "p_center", "share": 0.8, "within": "class"})
    assert center == PCenter(share=0.8, within="class")
    for wrong in (
        {"goal": "fastest"},
        {"goal": "p_center", "share": 0.0},
        {"goal": "mix", "parts": [{"weight": 1, "of": {"goal": "p_center"}}]},
        {"goal": "tail", "alpha": 1.0},
        {"goal": "mean_response", "target": 3},
    ):
        with pytest.raises(ValidationError):
            read(wrong)
    with pytest.raises(ValidationError, match="share_in_time, mean_at_most_min"):
        Floor()
