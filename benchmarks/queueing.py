"""Hypercube.

Time of the exact model, and the approximation's error against it over 4,400 random systems.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.linalg import spsolve

from benchmarks._wide_systems import FIGURES, errors
from coresponse.coverage.queueing.solve import solve_queue
from coresponse.coverage.queueing.system import QueueSystem

SYSTEMS = 4_400


def random_system(seed: int, units: int, zones: int, *, load: float) -> QueueSystem:
    """Units and zones in a square; service spread by 40%.

    Every second system has pairs of units at one place.
    """
    rng = np.random.default_rng(seed)
    post, zone = rng.uniform(0, 10, (units, 2)), rng.uniform(0, 10, (zones, 2))
    if seed % 2:
        post[1], post[3] = post[0], post[2]
    response = 120 + 60 * np.hypot(*(post[:, None] - zone[None]).transpose(2, 0, 1))
    rate = rng.uniform(0.2, 1.8, zones)
    hours = np.broadcast_to(rng.uniform(0.6, 1.4, units)[:, None], response.shape).copy()
    return QueueSystem(
        np.ones(units, dtype=np.int64),
        rate * load * units / hours.mean() / rate.sum(),
        response,
        hours,
    )


def cases() -> Iterator[dict[str, object]]:
    """Time the exact model; measure the approximation."""
    solve_queue(random_system(0, 5, 5, load=0.5))
    for units in (12, 14, 17):
        system = random_system(2, units, 500, load=0.5)
        start = time.perf_counter()
        answer = solve_queue(system, method="exact")
        seconds = time.perf_counter() - start
        start = time.perf_counter()
        solve_queue(system, method="approximation")
        yield {
            "case": f"exact hypercube, {units} units, 500 zones",
            "seconds": seconds,
            "states": answer.states,
            "approximation_seconds": time.perf_counter() - start,
        }
    system = random_system(2, 10, 500, load=0.5)
    start = time.perf_counter()
    answer = solve_queue(system, method="exact")
    ours = time.perf_counter() - start
    start = time.perf_counter()
    busy = _peer(system)
    yield {
        "case": "exact hypercube, 10 units, 500 zones, against SciPy's sparse solver and NumPy state by state",
        "seconds": ours,
        "peer_seconds": time.perf_counter() - start,
        "largest_difference": float(np.abs(busy - answer.busy_share).max()),
    }
    yield {
        "case": f"approximation against exact, {SYSTEMS} systems of every kind",
        **_errors(),
    }


def _peer(system: QueueSystem) -> np.ndarray:
    """Solve the same balance equations with a general sparse solver."""
    units = len(system.units)
    n, mu = 1 << units, 1 / system.service_h[:, 0]
    order = np.argsort(system.response_s, axis=0, kind="stable")
    state = np.arange(n)
    rows, columns, values = [], [], []
    left = np.repeat(system.rate_per_h[None, :], n, axis=0)
    for place in range(units):
        unit = order[place]
        free = (state[:, None] >> unit[None, :]) & 1 == 0
        for i in range(units):
            flow = np.where(free & (unit == i), left, 0.0).sum(axis=1)
            rows.append(state | 1 << i), columns.append(state), values.append(flow)
        left = np.where(free, 0.0, left)
    for i in range(units):
        (
            rows.append(state & ~(1 << i)),
            columns.append(state),
            values.append(np.where(state >> i & 1, mu[i], 0.0)),
        )
    row, column, value = (np.concatenate(a) for a in (rows, columns, values))
    value = np.where(row == column, 0.0, value)
    matrix = coo_matrix((value, (row, column)), shape=(n, n)).tolil()
    matrix.setdiag(-np.asarray(matrix.tocsr().sum(axis=0)).ravel())
    matrix[0, :] = 1.0
    right = np.zeros(n)
    right[0] = 1.0
    p = spsolve(matrix.tocsc(), right)
    return np.array([p[(state >> i & 1) == 1].sum() for i in range(units)])


def _errors() -> dict[str, object]:
    start = time.process_time()
    found = [errors(seed) for seed in range(SYSTEMS)]
    out: dict[str, object] = {"seconds": time.process_time() - start}
    for name in FIGURES:
        size = np.array([one[name] for one in found])
        out |= {
            f"{name}_error_mean": float(size.mean()),
            f"{name}_error_p90": float(np.quantile(size, 0.9)),
            f"{name}_error_p99": float(np.quantile(size, 0.99)),
            f"{name}_error_largest": float(size.max()),
        }
    return out
