"""Goals beside the mean on made cities with twenty districts.

Set covering beside spopt with the same solver.

``python -m benchmarks.goals WORD ...`` runs only the cases whose name has one of the words.
"""

from __future__ import annotations

import json
import math
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from typing import Any

import numpy as np
import pulp
from numpy.typing import NDArray

from coresponse.coverage.travel import travel_times
from coresponse.data.roads.made import street_grid
from coresponse.optimize.goals.demand import Demand, Groups
from coresponse.optimize.goals.goal import (
    FewestUnits,
    Floor,
    Goal,
    Lexicographic,
    Mean,
    PCenter,
    ShareInTime,
    Tail,
    WorstDistrict,
)
from coresponse.optimize.goals.solve import solve_goal
from coresponse.optimize.problem import Limit, Problem
from coresponse.optimize.solution import Stop

SIZES = ((5_000, 100, 15), (20_000, 300, 15))
TIME_LIMIT_S = 60.0
BLOCKS = (5, 4)


@dataclass(frozen=True)
class GridCity:
    """A made city.

    The problem, its districts, and the standard that 15 posts can hold for 9 of 10 calls.
    """

    problem: Problem
    demand: Demand
    standard_s: float
    name: str


def city(columns: int, posts: int, units: int, busy: float = 0.0) -> GridCity:
    """Make a street grid with hot spots and districts in blocks."""
    side = math.ceil(math.sqrt(columns))
    network = street_grid(side, side, seed=columns)
    rng = np.random.default_rng([columns, posts])
    nodes = rng.choice(network.n_nodes, columns, replace=False).astype(np.int32)
    bases = rng.choice(network.n_nodes, posts, replace=False).astype(np.int32)
    place = np.column_stack([network.node_x[nodes], network.node_y[nodes]])
    place = (place - place.min(axis=0)) / np.ptp(place, axis=0)
    calls = np.full(columns, 1.0)
    for middle, spread in zip(rng.random((6, 2)), rng.uniform(0.03, 0.12, 6), strict=True):
        calls += (
            0.3
            / (2 * np.pi * spread**2)
            * np.exp(-((place - middle) ** 2).sum(axis=1) / (2 * spread**2))
        )
    calls *= rng.uniform(0.5, 1.5, columns)
    response = travel_times(network, bases, targets=nodes)
    block = np.minimum((place * BLOCKS).astype(int), np.array(BLOCKS) - 1)
    district = block[:, 0] * BLOCKS[1] + block[:, 1]
    by = np.where(district == np.arange(BLOCKS[0] * BLOCKS[1])[:, None], calls, 0.0)
    names = tuple(f"d{k}" for k in range(len(by)))
    problem = Problem(
        response_s=response,
        weight=calls,
        fallback_s=float(response.max()) + 60.0,
        option_type=np.zeros(posts, dtype=np.int64),
        option_names=tuple(f"post {p}" for p in range(posts)),
        type_names=("unit",),
        busy_share=np.array([busy]),
        most=np.full(posts, 3 if busy else 1),
        limits=(Limit(f"units: at most {units}", np.ones(posts), at_most=units),),
    )
    nearest = np.sort(response, axis=1)[:, : columns // 15]
    standard = float(np.median(nearest[:, -1]) * 1.4)
    demand = Demand(calls, Groups(names, by, np.full(len(by), 1000)))
    return GridCity(
        problem,
        demand,
        round(standard),
        f"{columns:,} x {posts:,}" + (f", q = {busy:g}" if busy else ""),
    )


def without_limits(made: GridCity) -> Problem:
    """Return the problem with as many units as posts."""
    return replace(made.problem, limits=())


def cases(words: Sequence[str] = ()) -> Iterator[dict[str, object]]:
    """Solve each goal; stand set covering beside its peer."""
    for size in SIZES:
        for busy in (0.0, 0.3):
            made = city(*size, busy)
            for name, goal, floors in _goals(made):
                case = f"{name}: {made.name}"
                if (busy and size[0] > 5_000) or (
                    words and not any(word in case for word in words)
                ):
                    continue
                yield {"case": case, **_run(made, goal, floors)}
    case = "every place in time: 5,000 x 100: spopt LSCP, HiGHS through PuLP"
    if not words or any(word in case for word in words):
        yield {"case": case, **_peer(city(*SIZES[0]))}


def _goals(made: GridCity) -> Iterator[tuple[str, Goal, tuple[Floor, ...]]]:
    reachable = made.standard_s * 1.5 / 60
    if not made.problem.busy_share.any():
        yield "every place in time", FewestUnits(share=1.0, target_min=reachable), ()
    yield "fewest units, 90% in time", FewestUnits(share=0.9), ()
    yield (
        "fewest units, 90% in time in each district",
        FewestUnits(share=0.9, within="district"),
        (),
    )
    yield (
        "mean, 60% in time in each district",
        Mean(),
        (Floor(share_in_time=0.6 if not made.problem.busy_share.any() else 0.45),),
    )
    yield (
        "share in time, mean bounded in each district",
        ShareInTime(),
        (Floor(mean_at_most_min=made.standard_s * 1.3 / 60),),
    )
    yield "worst district", WorstDistrict(), ()
    yield "worst district, then mean", Lexicographic(order=(WorstDistrict(), Mean()), give=0.02), ()
    yield "tail of 10%", Tail(alpha=0.9), ()
    yield "p-center", PCenter(), ()


def _run(made: GridCity, goal: Goal, floors: tuple[Floor, ...]) -> dict[str, object]:
    problem = without_limits(made) if isinstance(goal, FewestUnits) else made.problem
    started, worked = time.perf_counter(), time.process_time()
    found = solve_goal(
        problem,
        goal,
        demand=made.demand,
        floors=floors,
        standard_s=made.standard_s,
        stop=Stop(TIME_LIMIT_S, 1e-4),
    )
    return {
        "seconds": round(time.perf_counter() - started, 2),
        "cpu_seconds": round(time.process_time() - worked, 2),
        "status": str(found.status),
        "objective": found.objective,
        "bound": found.bound,
        "gap": found.gap,
        "message": found.message,
        "units": int(found.counts.sum()),
    }


def _peer(made: GridCity) -> dict[str, object]:
    try:
        locate = import_module("spopt.locate")
    except ImportError:
        return {"seconds": 0.0, "skipped": "spopt is not installed: pip install coresponse[peers]"}
    radius = made.standard_s * 1.5
    ours = _run(made, FewestUnits(share=1.0, target_min=radius / 60), ())
    started, worked = time.perf_counter(), time.process_time()
    cost: NDArray[np.float64] = made.problem.response_s.T.astype(np.float64)
    model: Any = locate.LSCP.from_cost_matrix(cost, radius)
    model.solve(pulp.HiGHS(msg=False), results=False)
    seconds, cpu_seconds = time.perf_counter() - started, time.process_time() - worked
    return {
        "seconds": round(seconds, 2),
        "cpu_seconds": round(cpu_seconds, 2),
        "our_seconds": ours["seconds"],
        "our_cpu_seconds": ours["cpu_seconds"],
        "ratio": seconds / float(str(ours["seconds"])),
        "cpu_ratio": cpu_seconds / float(str(ours["cpu_seconds"])),
        "objective": float(pulp.value(model.problem.objective)),
        "our_objective": ours["objective"],
    }


if __name__ == "__main__":
    for row in cases(sys.argv[1:]):
        print(json.dumps(row), flush=True)
