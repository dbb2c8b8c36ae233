"""The goal of least police contact: against all deployments, and against a replay's own count."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from small_cities import CLINICIAN, UNIT, Judged, case_of, city, every_deployment

from coresponse.coverage.officer_hours import police_share
from coresponse.coverage.replay.funnel import police_on_scene
from coresponse.data.city import City
from coresponse.data.errors import InputError
from coresponse.data.limits import Limits
from coresponse.optimize.choose import choose
from coresponse.optimize.goals.goal import (
    Floor,
    Goal,
    LeastPolice,
    Lexicographic,
    Mean,
    Mix,
    MixPart,
)
from coresponse.optimize.goals.solve import solve_goal
from coresponse.optimize.problem import Problem
from coresponse.optimize.solution import Status, Stop
from coresponse.optimize.solve_case import solve_as_spent
from coresponse.publish.frontier import goal_figure

EXACT = Stop(60.0, 1e-6)


def with_police(problem: Problem, seed: int) -> Problem:
    """Say how often each type comes with police; put a fourth of the columns out of reach of an option."""
    rng = np.random.default_rng([seed, 7])
    of_type = rng.choice([0.0, 0.25, 0.6, 1.0], len(problem.type_names), replace=False)
    far = rng.random(problem.response_s.shape) < 0.25
    return replace(
        problem,
        response_s=np.where(far, np.inf, problem.response_s).astype(np.float32),
        police_share=of_type[problem.option_type],
    )


def shares_with_police(problem: Problem, x: np.ndarray, oracle: SimpleNamespace) -> np.ndarray:
    """Work out (deployments,) shares of calls with police, responder by responder."""
    assert problem.police_share is not None
    cost = np.where(np.isfinite(problem.response_s), problem.police_share[:, None], 1.0)
    busy = problem.busy_share[problem.option_type]
    each = oracle.expected_costs(cost, 1.0, busy, x)
    return np.asarray(each @ problem.weight / problem.weight.sum())


GOALS: dict[str, tuple[Goal, tuple[Floor, ...]]] = {
    "alone": (LeastPolice(), ()),
    "with a floor": (LeastPolice(), (Floor(by="all", mean_at_most_min=16.0, min_calls=0),)),
    "then the wait": (Lexicographic(order=(LeastPolice(), Mean())), ()),
    "the wait, then police": (Lexicographic(order=(Mean(), LeastPolice()), give=0.1), ()),
    "in a mix": (
        Mix(parts=(MixPart(weight=600, of=LeastPolice()), MixPart(weight=1, of=Mean()))),
        (),
    ),
}


@pytest.mark.parametrize("explicit_most", [3000.0, -1.0], ids=["written out", "by cuts"])
@pytest.mark.parametrize("busy", [(0.0, 0.0), (0.2, 0.45)], ids=["free", "busy"])
@pytest.mark.parametrize("name", GOALS)
def test_no_deployment_has_less_police(
    name: str,
    busy: tuple[float, ...],
    explicit_most: float,
    random_small: object,
    oracle: SimpleNamespace,
) -> None:
    goal, floors = GOALS[name]
    for seed in range(7100, 7104):
        problem = with_police(random_small(busy, seed)[0], seed)
        found = solve_goal(problem, goal, floors=floors, stop=EXACT, explicit_most=explicit_most)
        x = oracle.all_deployments(problem)
        x = x[oracle.allowed(problem, x)]
        police = shares_with_police(problem, x, oracle)
        mean = oracle.objective(problem, lambda s: s, x)
        if floors:
            keeps = mean <= 16 * 60 + 1e-6 * problem.fallback_s
            x, police, mean = x[keeps], police[keeps], mean[keeps]
        if not len(x):
            assert found.status is Status.INFEASIBLE
            continue
        assert found.status is Status.PROVEN, found.message
        (row,) = np.flatnonzero((x == found.counts).all(axis=1))
        values = {"in a mix": 600 * police + mean, "the wait, then police": mean}
        first = values.get(name, police)
        if name == "the wait, then police":
            assert police[row] <= police[mean <= mean.min() * 1.1].min() + 1e-5
            assert mean[row] <= mean.min() * 1.1 + 1e-3
            continue
        assert found.objective == pytest.approx(first[row], rel=1e-6, abs=1e-7)
        assert first[row] <= first.min() + 2e-6 * max(1.0, abs(first.min()))
        if name == "then the wait":
            assert mean[row] <= mean[police <= police.min() + 1e-9].min() + 1e-2


def test_its_frontier_is_drawn_by_calls_answered_without_an_officer() -> None:
    assert goal_figure(LeastPolice()) == "share_without_officer"


def test_what_is_not_known_is_refused(line: Problem) -> None:
    with pytest.raises(InputError, match="how often crews come with police"):
        solve_goal(line, LeastPolice())
    with pytest.raises(InputError, match="every crew of the program has an officer"):
        solve_goal(replace(line, police_share=np.ones(line.n_options)), LeastPolice())
    with pytest.raises(InputError, match="police shares must be in"):
        replace(line, police_share=np.full(line.n_options, 1.2))


def civilians_and_clinicians(seed: int) -> City:
    """A city whose units are civilian crews that ask for police on a fifth of contacts, beside clinicians after officers."""
    made = city(seed, n_posts=5)
    kinds = dict(made.program.responder_types)
    share = kinds[UNIT].police_backup_share.model_copy(
        update={"value": 0.2, "low": None, "high": None}
    )
    civilians = {"crew": {"clinician": 1, "emt": 1}, "police_backup_share": share}
    kinds[UNIT] = kinds[UNIT].model_copy(update=civilians)
    return replace(made, program=made.program.model_copy(update={"responder_types": kinds}))


def test_the_goal_in_the_replay_is_the_funnels_count() -> None:
    judged = Judged(case_of(civilians_and_clinicians(3), goal=LeastPolice()))
    case, setup = judged.case, judged.setup
    counts = np.array([o.post_id in {"P0", "P2"} for o in case.options], dtype=np.int64)
    trial = judged.trials.fresh().trial(counts, len(setup.scenes))
    program = case.program
    shares = {name: police_share(program, name) for name in program.responder_types}
    assert shares[CLINICIAN] == 1
    assert 0.2 < shares[UNIT] < 0.6
    expected, drawn = [], []
    for run in setup.replay(case.deployment(counts), workers=1):
        kinds = [run.fleet.options[s].responder_type for s in run.record.server if s >= 0]
        n = run.scenario.calls.n
        expected.append((n - len(kinds) + sum(shares[kind] for kind in kinds)) / n)
        met, *police = police_on_scene(run, program)
        drawn.append(1 - (met & ~np.logical_or.reduce(police)).sum() / n)
    assert trial.goal == pytest.approx(expected, rel=1e-12)
    assert np.mean(trial.goal) == pytest.approx(np.mean(drawn), abs=0.01)
    measured = setup.evaluate(case.table, case.deployment(counts), None, workers=1).replay
    assert measured is not None
    assert measured.share_without_officer.mean == pytest.approx(1 - np.mean(drawn), abs=0.003)


def test_what_is_chosen_is_nearly_the_best_of_all_in_the_replay() -> None:
    fleet = {UNIT: 2, CLINICIAN: 1}
    for seed in (3, 4):
        there = civilians_and_clinicians(seed)
        case = case_of(there, limits=Limits(units=fleet), goal=LeastPolice(), seed=seed)
        judged = Judged(case)
        solved = solve_as_spent(case, judged.trials)
        found = choose(case, solved, judged.setup, trials=judged.trials).counts
        every = every_deployment(len(case.options), 3) + every_deployment(len(case.options), 2)
        kept = [c for c in every if not case.problem().broken_limits(c)]
        rank = lambda trial: float(trial.goal.mean())  # noqa: E731
        best = judged.best(kept, rank, looks=(2, 12, 32))
        mine, theirs = (rank(judged.truth.trial(c, 64)) for c in (found, best))
        assert mine <= theirs + 0.004
