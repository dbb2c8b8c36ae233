"""Queueing systems of many kinds, to say where an approximation of them is off, and by how much."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from coresponse.coverage.queueing.solve import solve_queue
from coresponse.coverage.queueing.system import QueueSystem

FIGURES = ("mean_response", "p90_response", "busy_share", "lost_points", "worst_zone")


def wide_system(seed: int) -> QueueSystem:
    """Draw a system: 2 to 10 units of unlike speed, 5 to 40 zones of unlike demand, light to hopeless load.

    A third of the systems sends every unit to every call, a third has lists that end early at
    random, a third has two kinds of units of which one takes some calls only. Some units share
    posts, and service may hold the drive.
    """
    rng = np.random.default_rng([seed, 17])
    units, zones = int(rng.integers(2, 11)), int(rng.integers(5, 41))
    post, zone = rng.uniform(0, 10, (units, 2)), rng.uniform(0, 10, (zones, 2))
    if rng.random() < 0.5:
        post = post[rng.integers(0, max(units // 2, 1), units)]
    if rng.random() < 0.5:  # demand in the middle of town
        zone = 5 + (zone - 5) * rng.beta(1, 3, (zones, 1))
    late = rng.choice([0.0, 600.0], units) if rng.random() < 0.3 else np.zeros(units)
    response = 120 + late[:, None] + 90 * np.hypot(*(post[:, None] - zone[None]).transpose(2, 0, 1))
    kind = seed % 3
    if kind == 1:
        response[rng.random((units, zones)) < rng.uniform(0.1, 0.6)] = np.inf
    if kind == 2:
        response[np.ix_(rng.random(units) < 0.5, rng.random(zones) < 0.5)] = np.inf
    response[0, np.isinf(response).all(axis=0)] = 900.0
    rate = rng.gamma(rng.uniform(0.3, 3.0), 1.0, zones) + 1e-3
    hours = rng.lognormal(0, rng.uniform(0, 0.6), units)
    service = np.broadcast_to(hours[:, None], response.shape).copy()
    if rng.random() < 0.5:
        service += np.where(np.isfinite(response), response, 0.0) / 3600
    load = rng.uniform(0.05, 1.3)
    rate *= load * units / hours.mean() / rate.sum()
    return QueueSystem(np.ones(units, dtype=np.int64), rate, response, service)


def near_system(seed: int) -> QueueSystem:
    """Draw a system whose calls go to the nearest few units only, at any load up to one and a half times the fleet's.

    Posts crowd a corner, demand is heavy-tailed, and units work at rates from one to eight: the
    most calls are lost where the next unit's list has ended, and the approximation is worst at
    them.
    """
    rng = np.random.default_rng([seed, 777])
    units, zones = int(rng.integers(2, 10)), int(rng.integers(5, 31))
    post, zone = rng.exponential(2, (units, 2)), rng.uniform(0, 12, (zones, 2))
    response = 60 + 80 * np.abs(post[:, None] - zone[None]).sum(axis=2)
    asked = int(rng.integers(2, units + 1))
    response[np.argsort(np.argsort(response, axis=0), axis=0) >= asked] = np.inf
    rate = rng.pareto(1.5, zones) + 0.01
    hours = rng.uniform(0.3, 2.5, units)
    rate *= rng.uniform(0.1, 1.5) * units / hours.mean() / rate.sum()
    service = np.broadcast_to(hours[:, None], response.shape).copy()
    return QueueSystem(np.ones(units, dtype=np.int64), rate, response, service)


def errors(seed: int) -> dict[str, float]:
    """Measure :func:`errors_of` one of the systems of every kind."""
    return errors_of(wide_system(seed))


def errors_of(system: QueueSystem) -> dict[str, float]:
    """Measure the approximation against exact: relative, but lost calls in points of all calls."""
    exact, near = solve_queue(system, method="exact"), solve_queue(system, method="approximation")
    zones = range(len(system.rate_per_h))
    by_zone = [near.response([z]).mean_s() / exact.response([z]).mean_s() - 1 for z in zones]
    off = np.abs(near.busy_share - exact.busy_share).sum()
    return {
        "mean_response": abs(near.response().mean_s() / exact.response().mean_s() - 1),
        "p90_response": abs(near.response().quantile_s(0.9) / exact.response().quantile_s(0.9) - 1),
        "busy_share": float(off / exact.busy_share.sum()),
        "lost_points": 100 * abs(near.lost_share - exact.lost_share),
        "worst_zone": float(np.abs(by_zone).max()),
    }


def some_system(
    seed: int,
    units: int,
    zones: int,
    *,
    load: float = 0.5,
    like: bool = False,
    short: bool = False,
    ties: bool = False,
) -> QueueSystem:
    """Units and zones at random; `short`: dispatch orders end early; `ties`.

    Pairs of units share a post.
    """
    rng = np.random.default_rng(seed)
    post, zone = rng.uniform(0, 10, (units, 2)), rng.uniform(0, 10, (zones, 2))
    if ties:
        post[1::2] = post[: len(post[1::2]) * 2 : 2]
    response = 120 + 60 * np.hypot(*(post[:, None] - zone[None]).transpose(2, 0, 1))
    if short:
        response[rng.random((units, zones)) < 0.35] = np.inf
        response[0] = np.where(np.isinf(response).all(axis=0), 300.0, response[0])
    rate = rng.uniform(0.3, 1.7, zones)
    hours = np.ones(units) if like else rng.uniform(0.6, 1.4, units)
    rate *= load * units / hours.mean() / rate.sum()
    return QueueSystem(
        np.ones(units, dtype=np.int64),
        rate,
        response,
        np.broadcast_to(hours[:, None], response.shape).copy(),
    )


def dense(
    system: QueueSystem, queue: bool = False
) -> tuple[NDArray[np.float64], NDArray[np.float64], float]:
    """Busy shares, dispatch shares, share that waits.

    From the dense generator over sets of busy units.
    """
    n, zones = system.response_s.shape
    mu = 1 / system.service_h[:, 0]
    states = [frozenset(i for i in range(n) if code >> i & 1) for code in range(2**n)]
    code_of = {state: code for code, state in enumerate(states)}
    share = np.zeros((2**n, n, zones))
    for code, busy in enumerate(states):
        for j in range(zones):
            free = [i for i in range(n) if i not in busy and np.isfinite(system.response_s[i, j])]
            if free:
                soonest = min(system.response_s[i, j] for i in free)
                tied = [i for i in free if system.response_s[i, j] == soonest]
                share[code, tied, j] = 1 / len(tied)
    generator = np.zeros((2**n, 2**n))
    for code, busy in enumerate(states):
        for i in range(n):
            if i in busy:
                generator[code, code_of[busy - {i}]] += mu[i]
            else:
                generator[code, code_of[busy | {i}]] += share[code, i] @ system.rate_per_h
    generator -= np.diag(generator.sum(axis=1))
    p = np.linalg.lstsq(
        np.vstack([generator.T, np.ones(2**n)]), np.append(np.zeros(2**n), 1.0), rcond=None
    )[0]
    wait = queued = 0.0
    if queue:
        use = system.rate_per_h.sum() / mu.sum()
        p = p / (1 + p[-1] * use / (1 - use))
        wait, queued = p[-1] / (1 - use), p[-1] * use / (1 - use)
    busy_share = (
        np.array([sum(p[c] for c, s in enumerate(states) if i in s) for i in range(n)]) + queued
    )
    dispatch = np.einsum("s,sij->ij", p, share) + wait * (mu / mu.sum())[:, None]
    return busy_share, dispatch, wait
