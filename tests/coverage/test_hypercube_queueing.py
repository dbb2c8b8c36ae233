"""Hypercube.

Against an independent dense solution of the balance equations, closed forms, and textbook values.
"""

from __future__ import annotations

from math import factorial

import numpy as np
import pytest

from coresponse.coverage.queueing.correction import loss_table
from coresponse.coverage.queueing.erlang import erlang_b, erlang_c, loss_states
from coresponse.coverage.queueing.mixture import Mixture
from coresponse.coverage.queueing.solve import solve_queue
from coresponse.coverage.queueing.system import QueueSystem, components, dispatch_patterns
from coresponse.data.errors import InputError
from tests.conftest import benchmark_module

systems = benchmark_module("_wide_systems")
dense, some_system = systems.dense, systems.some_system


@pytest.mark.parametrize("units", [3, 4, 5, 6, 7, 8])
@pytest.mark.parametrize("kind", ["like", "unequal", "short lists", "ties"])
def test_exact_equals_the_dense_balance_equations(units: int, kind: str) -> None:
    system = some_system(
        units,
        units,
        6,
        load=0.6,
        like=kind == "like",
        short=kind == "short lists",
        ties=kind == "ties",
    )
    busy, dispatch, _ = dense(system)
    answer = solve_queue(system, method="exact")
    assert answer.method == "exact"
    np.testing.assert_allclose(answer.busy_share, busy, atol=1e-9, rtol=0)
    np.testing.assert_allclose(answer.dispatch, dispatch, atol=1e-9, rtol=0)
    np.testing.assert_allclose(answer.lost, 1 - dispatch.sum(axis=0), atol=1e-9, rtol=0)


@pytest.mark.parametrize("units", [3, 5, 8])
@pytest.mark.parametrize("like", [True, False])
def test_exact_with_a_queue_equals_the_dense_balance_equations(units: int, like: bool) -> None:
    loss = some_system(10 + units, units, 5, load=0.55, like=like)
    system = QueueSystem(loss.units, loss.rate_per_h, loss.response_s, loss.service_h, "queue")
    busy, dispatch, wait = dense(loss, queue=True)
    answer = solve_queue(system)
    np.testing.assert_allclose(answer.busy_share, busy, atol=1e-9, rtol=0)
    np.testing.assert_allclose(answer.dispatch, dispatch, atol=1e-9, rtol=0)
    np.testing.assert_allclose(answer.delayed, wait, atol=1e-9, rtol=0)
    assert answer.lost.max() < 1e-9


def test_like_units_at_one_post_are_one_station() -> None:
    pairs = some_system(3, 8, 6, like=True, ties=True)
    apart = solve_queue(pairs, method="exact")
    keep = slice(0, 8, 2)
    together = solve_queue(
        QueueSystem(np.full(4, 2), pairs.rate_per_h, pairs.response_s[keep], pairs.service_h[keep]),
        method="exact",
    )
    assert (apart.states, together.states) == (256, 81)
    np.testing.assert_allclose(together.busy_share, apart.busy_share[keep], atol=1e-10)
    np.testing.assert_allclose(together.dispatch, 2 * apart.dispatch[keep], atol=1e-10)


def test_two_units_in_closed_form() -> None:
    # unit 1 is first for rate a, unit 2 for rate b; both serve at rate 1; solved by hand from the
    # four balance equations
    a, b = 0.7, 0.4
    system = QueueSystem(
        np.ones(2, dtype=np.int64),
        np.array([a, b]),
        np.array([[1.0, 2.0], [2.0, 1.0]]),
        np.ones((2, 2)),
    )
    both, none = erlang_b(a + b, 2), 1 / (1 + (a + b) + (a + b) ** 2 / 2)
    one = 1 - both - none
    only_first = (a * none + both) / (1 + a + b)
    answer = solve_queue(system)
    assert answer.busy_share == pytest.approx(
        [only_first + both, one - only_first + both], abs=1e-12
    )
    assert answer.dispatch[0] == pytest.approx([1 - only_first - both, one - only_first], abs=1e-12)
    assert answer.lost == pytest.approx([both, both], abs=1e-12)


def test_like_units_lose_as_erlang_says() -> None:
    for units, load in ((1, 0.4), (4, 0.5), (6, 0.9)):
        system = some_system(units, units, 5, load=load, like=True)
        offered = float(system.rate_per_h.sum())
        assert solve_queue(system).lost_share == pytest.approx(erlang_b(offered, units), abs=1e-12)
        assert solve_queue(system, method="approximation").lost_share == pytest.approx(
            erlang_b(offered, units), abs=1e-9
        )
        waits = QueueSystem(
            system.units, system.rate_per_h, system.response_s, system.service_h, "queue"
        )
        assert solve_queue(waits).delayed[0] == pytest.approx(erlang_c(offered, units), abs=1e-12)


def test_erlang() -> None:
    assert erlang_b(1.0, 1) == 0.5
    assert erlang_b(2.0, 2) == pytest.approx(0.4)
    assert erlang_c(2.0, 3) == pytest.approx(4 / 9)
    assert erlang_c(3.0, 3) == 1.0
    table = {0.5: (2, 2, 3), 1: (2, 3, 4), 2: (4, 4, 5), 3: (5, 6, 7), 6: (7, 9, 10)}
    for load, fewest in table.items():
        for share, units in zip((0.2, 0.1, 0.05), fewest, strict=True):
            assert erlang_b(load, units) <= share < erlang_b(load, units - 1)
    assert 3 * (1 - erlang_b(3, 5)) / 5 == pytest.approx(0.53, abs=0.005)  # each unit's busy share
    assert loss_states(3.0, 4) == pytest.approx([3**n / factorial(n) / 16.375 for n in range(5)])
    with pytest.raises(InputError, match="0 or more"):
        erlang_b(-1.0, 2)


def test_correction_factors() -> None:
    # as in Jarvis (1985)
    free = {at: loss_table(*at)[0] for at in ((3, 1.5), (5, 3.0), (8, 2.0))}
    assert free[3, 1.5] == pytest.approx([1, 0.85118, 0.84279], abs=5e-6)
    assert free[5, 3.0] == pytest.approx([1, 0.86814, 0.82825, 0.86174, 0.96830], abs=1e-5)
    assert free[8, 2.0][-1] == pytest.approx(9.44, abs=0.005)  # above 1 and not clipped


@pytest.mark.parametrize(("units", "load"), [(4, 0.8), (9, 5.0)])
def test_loss_factors_in_the_form_of_jarvis(units: int, load: float) -> None:
    p, rho = loss_states(load, units), load / units
    spelled = [
        p[0]
        * sum(
            factorial(units - k - 1)
            * (units - m)
            * units**m
            * rho ** (m - k)
            / (factorial(m - k) * factorial(units))
            for m in range(k, units)
        )
        / ((1 - p[-1]) ** k * (1 - rho * (1 - p[-1])))
        for k in range(units)
    ]
    free, none_free = loss_table(units, load)
    assert free == pytest.approx(spelled, rel=1e-9)
    r = load * (1 - p[-1]) / units
    assert none_free[-1] * r**units == pytest.approx(p[-1])
    assert none_free[1] == pytest.approx(1.0)


def test_parts_that_share_no_demand_are_systems_of_their_own() -> None:
    one, other = some_system(1, 3, 4), some_system(2, 4, 5)
    never = np.full((3, 5), np.inf), np.full((4, 4), np.inf)
    both = QueueSystem(
        np.ones(7, dtype=np.int64),
        np.concatenate([one.rate_per_h, other.rate_per_h]),
        np.block([[one.response_s, never[0]], [never[1], other.response_s]]),
        np.ones((7, 9)),
    )
    parts = components(dispatch_patterns(both.response_s), 7)
    assert parts.tolist() == [0, 0, 0, 1, 1, 1, 1]
    answer = solve_queue(both)
    assert answer.states == 8 + 16
    alone = solve_queue(QueueSystem(one.units, one.rate_per_h, one.response_s, np.ones((3, 4))))
    np.testing.assert_allclose(answer.dispatch[:3, :4], alone.dispatch, atol=1e-12)
    assert answer.dispatch[:3, 4:].max() == 0


def test_rows_that_nobody_serves_are_lost() -> None:
    system = QueueSystem(
        np.ones(1, dtype=np.int64),
        np.array([1.0, 1.0]),
        np.array([[60.0, np.inf]]),
        np.ones((1, 2)),
    )
    answer = solve_queue(system)
    assert answer.lost == pytest.approx([0.5, 1.0])
    assert answer.response().mean_s() == pytest.approx(60.0)
    empty = QueueSystem(np.zeros(0, dtype=np.int64), np.ones(2), np.zeros((0, 2)), np.zeros((0, 2)))
    assert solve_queue(empty).lost.tolist() == [1.0, 1.0]


def test_service_that_depends_on_the_call_keeps_the_balance_of_work() -> None:
    system = some_system(4, 5, 6, load=0.5)
    hours = np.random.default_rng(0).uniform(0.4, 1.6, system.service_h.shape)
    system = QueueSystem(system.units, system.rate_per_h, system.response_s, hours)
    for method in ("exact", "approximation"):
        answer = solve_queue(system, method=method)
        work = (answer.dispatch * system.rate_per_h * hours).sum(axis=1)  # Little's law
        assert answer.busy_share == pytest.approx(work, rel=1e-8)


def test_what_cannot_be_asked_of_a_queue() -> None:
    system = some_system(1, 3, 4, load=0.5, like=True)
    over = QueueSystem(
        system.units, system.rate_per_h * 3, system.response_s, system.service_h, "queue"
    )
    with pytest.raises(InputError, match="outrun"):
        solve_queue(over)
    short = system.response_s.copy()
    short[0, 0] = np.inf
    partly = QueueSystem(system.units, system.rate_per_h, short, system.service_h, "queue")
    with pytest.raises(InputError, match="every unit"):
        solve_queue(partly)
    with pytest.raises(InputError, match="do not wait"):
        solve_queue(over, method="approximation")
    with pytest.raises(InputError, match="2 faults"):
        QueueSystem(np.zeros(1, dtype=np.int64), np.array([-1.0]), np.ones((1, 1)), np.ones((1, 1)))


def test_quantiles_come_from_the_mixture() -> None:
    plain = Mixture(np.array([100.0, 400.0]), np.array([0.85, 0.15]), np.zeros(2), np.zeros(2))
    assert plain.quantile_s(0.8) == 100.0
    assert plain.quantile_s(0.9) == 400.0  # the average of zone quantiles would say 145
    assert plain.share_within(399.0) == pytest.approx(0.85)
    waits = Mixture(np.array([100.0]), np.ones(1), np.array([0.5]), np.array([0.01]))
    assert waits.mean_s() == pytest.approx(150.0)
    assert waits.quantile_s(0.9) == pytest.approx(100 + np.log(0.5 / 0.1) / 0.01, rel=1e-6)
    assert waits.quantile_s(0.4) == 100.0
    assert waits.share_within(99.0) == 0.0
    ordered = np.array([50.0, 100.0, 400.0]), np.array([1.0, 2.0, 1.0])
    mixed = Mixture(ordered[0][[2, 0, 1]], ordered[1][[2, 0, 1]], np.zeros(3), np.zeros(3))
    shares = (0.2, 0.25, 0.7, 0.9)
    assert mixed.quantiles_s(shares, *ordered) == [mixed.quantile_s(share) for share in shares]


def test_a_station_of_hundreds_that_are_never_all_busy() -> None:
    system = QueueSystem(np.array([500]), np.array([0.2]), np.array([[60.0]]), np.array([[0.5]]))
    answer = solve_queue(system)
    assert answer.busy_share[0] == pytest.approx(0.1 / 500)
    assert answer.lost[0] == 0
