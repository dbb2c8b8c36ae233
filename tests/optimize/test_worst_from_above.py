"""The worst group's best, asked for from above: what is found rests on that search alone."""

from __future__ import annotations

import threading
from collections.abc import Callable

import numpy as np
import pytest

from coresponse.optimize.goals import cover_search, pursuit
from coresponse.optimize.goals.cover_rows import CoverRows, RowAnswer
from coresponse.optimize.goals.demand import Demand, Groups
from coresponse.optimize.goals.goal import WorstDistrict
from coresponse.optimize.goals.outcome import Outcome
from coresponse.optimize.goals.solution import GoalSolution
from coresponse.optimize.goals.solve import solve_goal
from coresponse.optimize.problem import Problem
from coresponse.optimize.solution import Status, Step, Stop

DISTRICTS = 8


@pytest.fixture
def town(made: Callable) -> tuple[Problem, Demand]:
    """Return 24 posts and 160 calls at random places, and eight districts by where the calls are."""
    rng = np.random.default_rng(1)
    post, call = rng.random((24, 2)), rng.random((160, 2))
    drive = np.linalg.norm(post[:, None] - call[None], axis=2) * 900
    district = (call[:, 0] * 4).astype(int) * 2 + (call[:, 1] > 0.5)
    calls = (district == np.arange(DISTRICTS)[:, None]).astype(float)
    demand = Demand(np.ones(160), Groups(tuple("abcdefgh"), calls, np.full(8, 100)))
    return made(drive, busy=(0.0,), most=1, units=6), demand


def solved(
    town: tuple[Problem, Demand], watch: Callable[[Step], None] = lambda step: None
) -> GoalSolution:
    """Ask for the worst district's best."""
    problem, demand = town
    return solve_goal(
        problem, WorstDistrict(), demand=demand, stop=Stop(600.0, 1e-4), watch=watch,
        explicit_most=-1.0,
    )  # fmt: skip


def test_the_thread_beside_it_changes_nothing(
    town: tuple[Problem, Demand], monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = solved(town)
    monkeypatch.setattr(cover_search._FromBelow, "search", lambda self: None)
    alone = solved(town)
    assert usual.status is alone.status is Status.PROVEN
    assert (usual.counts == alone.counts).all()
    assert usual.bound == alone.bound


def test_its_bound_is_taken_where_nothing_is_proven_from_above(
    town: tuple[Problem, Demand], monkeypatch: pytest.MonkeyPatch
) -> None:
    best, least, minimize = solved(town).objective, CoverRows.least, pursuit.minimize
    search, ended = cover_search._FromBelow.search, threading.Event()
    below: list[cover_search._FromBelow] = []
    handed: list[float] = []

    def bisected(self: cover_search._FromBelow) -> None:
        below.append(self)
        search(self)
        ended.set()

    def only_from_below(self: CoverRows, at_most: np.ndarray, gap: float) -> RowAnswer:
        if below and self is below[0].rows:
            return least(self, at_most, gap)
        ended.wait()
        return RowAnswer("open", -np.inf)

    def boxes(*given: object, bound: float, **more: object) -> Outcome:
        handed.append(bound)
        return minimize(*given, bound=bound, **more)

    monkeypatch.setattr(cover_search._FromBelow, "search", bisected)
    monkeypatch.setattr(CoverRows, "least", only_from_below)
    monkeypatch.setattr(pursuit, "minimize", boxes)
    found = solved(town)
    assert handed == [below[0].bound]
    assert 0.95 * best < handed[0] <= best
    assert found.status is Status.PROVEN
    assert found.objective == pytest.approx(best, rel=2e-4)


def test_ctrl_c_while_it_waits_ends_both(
    town: tuple[Problem, Demand], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cover_search, "TELL_S", 0.0)
    threads = threading.active_count()
    seen, least, pressed = [], CoverRows.least, threading.Event()

    def no_sooner(self: CoverRows, at_most: np.ndarray, gap: float) -> RowAnswer:
        pressed.wait()  # on a busy machine it would be done before anybody has waited
        return least(self, at_most, gap)

    def watch(step: Step) -> None:
        seen.append(step)
        if len(seen) > 1 and step.bound == seen[-2].bound and step.incumbent == seen[-2].incumbent:
            pressed.set()
            raise KeyboardInterrupt

    monkeypatch.setattr(CoverRows, "least", no_sooner)

    found = solved(town, watch)
    assert found.interrupted
    assert found.status is Status.BEST_FOUND
    assert not town[0].broken_limits(found.counts)
    assert threading.active_count() == threads
