"""Plans of several agencies equal brute force: who may be sent, each one's limits, floors under each."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from coresponse.coverage.measures import assign, measure
from coresponse.coverage.queueing.judge import solve_periods
from coresponse.coverage.queueing.solve import solve_queue
from coresponse.coverage.queueing.system import QueueSystem
from coresponse.data.agencies import Sharing
from coresponse.data.errors import InputError
from coresponse.data.limits import AgencyLimits, Limits
from coresponse.optimize.case import Case
from coresponse.optimize.choose import choose
from coresponse.optimize.fleets import _affordable
from coresponse.optimize.goals.goal import Floor, Mean, ShareInTime, WorstDistrict
from coresponse.optimize.optimize_once import optimize_once
from coresponse.optimize.solve_case import solve_as_spent
from tests.optimize.small_cities import UNIT, Judged, case_of, every_deployment
from tests.optimize.small_counties import NAMES, county

BUSY = 0.3


def asked(seed: int, sharing: Sharing, **others: object) -> Case:
    """One unit an agency at most, two in the middle; three in all."""
    own = {name: AgencyLimits(units={UNIT: 1 + (name == "Middle")}) for name in NAMES}
    limits = others.pop("limits", Limits(units={UNIT: 3}, agencies=own))
    return case_of(county(seed, sharing=sharing), limits=limits, **others)  # type: ignore[arg-type]


def by_hand(case: Case, counts: np.ndarray, busy: float) -> dict[str, float]:
    """Mean wait of all calls and of each agency's, unit by unit as the rule sends them."""
    agencies, table = case.city.agencies, case.base_table
    assert agencies is not None
    cells, fallback = table.cells, case.program.standards.fallback_min.value * 60
    whose = agencies.at(*case.city.roads.place_xy(cells.node))
    units = [o for o in np.flatnonzero(counts) for _ in range(counts[o])]
    wait = np.empty(cells.n)
    for cell in range(cells.n):
        times = []
        for o in units:
            own = agencies.of_post[table.options[o].post_id] == whose[cell]
            if agencies.sharing == "own" and not own:
                continue
            first = agencies.sharing != "own_first" or own
            seconds = min(float(table.response_s[o, table.column[cell]]), fallback)
            times.append((not first, seconds))
        chance, mean = 1.0, 0.0
        for _, seconds in sorted(times):
            if seconds < fallback:
                mean += chance * (1 - busy) * seconds
                chance *= busy
        wait[cell] = mean + chance * fallback
    weight = cells.calls_per_week
    out = {"all": float(weight @ wait / weight.sum())}
    for k, name in enumerate(NAMES):
        own = whose == k
        out[name] = float(weight[own] @ wait[own] / weight[own].sum())
    return out


def within(case: Case, counts: np.ndarray) -> bool:
    """Whether a deployment keeps each agency's units, by hand."""
    of_post = case.city.agencies.of_post  # type: ignore[union-attr]
    bought = [0, 0, 0]
    for o in np.flatnonzero(counts):
        bought[of_post[case.options[o].post_id]] += int(counts[o])
    return all(
        own.units.get(UNIT, 99) >= bought[NAMES.index(name)]
        for name, own in case.limits.agencies.items()
    )


@pytest.mark.parametrize("sharing", ["own", "shared"])
@pytest.mark.parametrize("busy", [0.0, BUSY])
def test_plans_within_each_agencys_limits_equal_brute_force(sharing: Sharing, busy: float) -> None:
    case = asked(3, sharing, busy={UNIT: busy} if busy else "free")
    shares = {UNIT: busy} if busy else None
    every = [c for c in every_deployment(len(case.options), 3) if within(case, c)]
    assert len(every) < len(every_deployment(len(case.options), 3))
    means = [by_hand(case, counts, busy)["all"] for counts in every]
    found = optimize_once(case, busy_share=shares).solution
    assert found.objective == pytest.approx(min(means), rel=1e-4)
    problem = case.problem(shares)
    for counts, mean in zip(every[::5], means[::5], strict=True):
        assert case.value(problem, counts) == pytest.approx(mean, rel=1e-5)
        assert not problem.broken_limits(counts)


@pytest.mark.parametrize("sharing", ["own", "shared"])
def test_floors_and_the_worst_agency_equal_brute_force(sharing: Sharing) -> None:
    case = asked(5, sharing, busy="free", goal=WorstDistrict(by="agency"))
    every = [c for c in every_deployment(len(case.options), 3) if within(case, c)]
    known = [by_hand(case, counts, 0.0) for counts in every]
    worst = min(max(one[name] for name in NAMES) for one in known)
    assert optimize_once(case).solution.objective == pytest.approx(worst, rel=1e-4)
    # a floor under one agency, as tight as half of the deployments allow
    level = float(np.median([one["East"] for one in known]))
    floor = Floor(by="agency", only=("East",), mean_at_most_min=level / 60)
    floored = case.with_(goal=Mean(), floors=(floor,))
    best = min(one["all"] for one in known if one["East"] <= level + 1e-6)
    found = optimize_once(floored).solution
    assert found.objective == pytest.approx(best, rel=1e-4)
    nobody = np.zeros(len(case.options), dtype=np.int64)
    broken = floored.broken(case.problem(), nobody)
    assert [name for name in broken if "agency" in name] == [
        f"agency East: mean response of at most {level / 60:g} min"
    ]
    wrong = Floor(by="agency", only=("Nowhere",), mean_at_most_min=20)
    with pytest.raises(InputError, match="Nowhere"):
        optimize_once(floored.with_(floors=(wrong,)))


def test_a_floor_that_an_agencys_own_limits_cannot_keep_names_the_clash() -> None:
    own = {"West": AgencyLimits(units={UNIT: 0})}
    floor = Floor(by="agency", only=("West",), share_in_time=0.9, target_min=30)
    case = asked(
        3, "own", busy="free", goal=Mean(), floors=(floor,),
        limits=Limits(units={UNIT: 3}, agencies=own),
    )  # fmt: skip
    found = optimize_once(case)
    assert not found.found
    assert found.clash is not None
    said = " ".join(found.clash.lines())
    assert "West: Co-responder unit: at most 0" in said
    assert "agency West" in said


def test_own_first_is_who_comes_if_all_are_free_and_the_model_bounds_it() -> None:
    case, shared = asked(3, "own_first", busy="free"), asked(3, "shared", busy="free")
    for counts in every_deployment(len(case.options), 3)[::6]:
        hand = by_hand(case, counts, 0.0)["all"]
        # nearest of the agency's own; of others where none of these gets there
        own_first = measure(case.table, case.deployment(counts), target_s=case.target_s)
        closest = measure(shared.table, case.deployment(counts), target_s=case.target_s)
        there = own_first.figure("mean_with_fallback_s")
        if by_own_reach(case, counts):
            assert there == pytest.approx(hand, rel=1e-5)
        assert there >= closest.figure("mean_with_fallback_s") - 1e-9
        assert case.value(case.problem(), counts) <= there + 1e-6


def by_own_reach(case: Case, counts: np.ndarray) -> bool:
    """Whether every unit reaches every call: then who comes is a matter of order alone."""
    rows = np.flatnonzero(counts)
    return bool(np.isfinite(case.base_table.response_s[rows]).all())


def test_the_own_rule_has_nobody_on_duty_for_an_agency_without_units() -> None:
    case = asked(3, "own")
    of_post = case.city.agencies.of_post  # type: ignore[union-attr]
    west = [k for k, o in enumerate(case.options) if of_post[o.post_id] == 2]
    counts = np.zeros(len(case.options), dtype=np.int64)
    counts[west[0]] = 1
    served = assign(case.table, case.deployment(counts))
    assert (served.on_duty == (case.table.agencies.column == 2)).all()  # type: ignore[union-attr]
    shared = asked(3, "shared")
    assert assign(shared.table, shared.deployment(counts)).on_duty.all()


def test_queueing_sends_own_units_first() -> None:
    """Two units, one row each of demand: the chain of four states, solved by hand."""
    response = np.array([[900.0, 300.0], [400.0, 1200.0]])  # each is closer to the other's calls
    later = np.array([[False, True], [True, False]])
    rate, hours = np.array([0.5, 0.8]), np.ones((2, 2))
    system = QueueSystem(np.array([1, 1]), rate, response, hours, later=later)
    answer = solve_queue(system, method="exact")
    a, b = rate
    # states: both free, first busy, second busy, both busy; own first, else the other
    balance = np.array(
        [
            [-(a + b), 1, 1, 0],
            [a, -(1 + a + b), 0, 1],
            [b, 0, -(1 + a + b), 1],
            [1, 1, 1, 1],
        ]
    )
    free, first, second, both = np.linalg.solve(balance, [0, 0, 0, 1])
    np.testing.assert_allclose(answer.busy_share, [first + both, second + both], atol=1e-9)
    np.testing.assert_allclose(answer.lost, [both, both], atol=1e-9)
    np.testing.assert_allclose(
        answer.dispatch, [[free + second, second], [first, free + first]], atol=1e-9
    )
    plain = solve_queue(replace(system, later=None), method="exact")
    assert plain.dispatch[0, 0] < answer.dispatch[0, 0]


def test_queueing_of_a_plan_follows_the_rule() -> None:
    sent = {}
    for sharing in ("own", "own_first", "shared"):
        case = asked(3, sharing)
        counts = np.ones(len(case.options), dtype=np.int64)
        answers = solve_periods(
            case.table, case.deployment(counts), case.program, service=case.service
        )
        own = others = 0.0
        for part in answers:
            whose = case.table.agencies.own(part.options)[:, case.table.column[part.cells]]  # type: ignore[union-attr]
            calls = part.answer.dispatch * part.answer.system.rate_per_h
            own, others = own + calls[whose].sum(), others + calls[~whose].sum()
        sent[sharing] = others / (own + others)
    assert sent["own"] == 0
    assert 0 < sent["own_first"] < sent["shared"]


@pytest.mark.parametrize(("goal", "seed"), [(Mean(), 1), (ShareInTime(), 2)])
def test_what_is_chosen_with_own_units_first_is_nearly_the_best_of_all(
    goal: Mean | ShareInTime, seed: int
) -> None:
    judged = Judged(asked(seed, "own_first", goal=goal).with_(seed=seed))
    case, trials = judged.case, judged.trials
    found = choose(case, solve_as_spent(case, trials), judged.setup, trials=trials)
    every = [c for c in every_deployment(len(case.options), 3) if within(case, c)]
    best = judged.best(every, lambda trial: float(trial.goal.mean()), looks=(3, 24))
    mine, other = (float(judged.truth.trial(c, 24).goal.mean()) for c in (found.counts, best))
    assert within(case, found.counts)
    assert (mine - other) / (60 if isinstance(goal, Mean) else 0.01) <= 0.1  # minutes, or points


def test_a_budget_of_exactly_what_a_fleet_costs_is_kept_by_it() -> None:
    """A sum of prices in another order is a hair above the budget: it is no less affordable."""
    price = 660_051.4023571
    five = sum([price] * 5)
    book: Any = SimpleNamespace(
        asked=SimpleNamespace(budget=float(np.nextafter(five, 0.0))),
        kinds=SimpleNamespace(least_dollars=lambda _: five),
    )
    assert _affordable(book, (5,))
    book.kinds.least_dollars = lambda _: five + 1.0
    assert not _affordable(book, (5,))
