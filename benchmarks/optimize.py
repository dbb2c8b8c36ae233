"""The optimizer on made cities and published instances.

Each case in a process of its own, so that peak memory is its own.

``python -m benchmarks.optimize run WORD ...`` runs only the cases whose name has one of the words.
"""

from __future__ import annotations

import json
import math
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pulp
from numpy.typing import NDArray
from scipy.sparse.csgraph import floyd_warshall

from coresponse.coverage.travel import travel_times
from coresponse.data.roads.made import street_grid
from coresponse.optimize.objective import Late, MeanTime
from coresponse.optimize.problem import Limit, Problem
from coresponse.optimize.solution import Stop
from coresponse.optimize.solve import solve

ROOT = Path(__file__).parents[1]
PMED = ROOT.parent / "shared" / "data" / "known_answers" / "pmed"
PUBLISHED = {
    1: 5819, 2: 4093, 3: 4250, 4: 3034, 5: 1355, 6: 7824, 7: 5631, 8: 4445, 9: 2734, 10: 1255, 11: 7696, 16: 8162,
    21: 9138, 26: 9917,
}  # fmt: skip
"""Optima of the OR-Library p-median instances (Beasley 1985)."""

STANDARD_S = 180.0
PEER_CAP_S = 150.0
SHORT, REPEATS = 5_000, 3
"""Cases of up to so many columns are solved so many times; the median counts."""
PLACE = "made street grid, hot spots: 6 Gaussians + background"


@dataclass(frozen=True)
class BenchmarkCase:
    """One benchmark case.

    Attributes
    ----------
    kind
        ``mean``, ``cover``, ``backups`` or ``pmed``.
    columns, posts
        Sizes of the city.
    units
        Of each responder type.
    """

    kind: str
    columns: int
    posts: int
    units: tuple[int, ...]
    time_limit_s: float = 120.0
    number: int = 0
    standard_s: float = STANDARD_S

    @property
    def name(self) -> str:
        """For people."""
        size = f"{self.columns:,} x {self.posts:,}, p = {sum(self.units)}"
        return {
            "mean": f"p-median {size} ({PLACE})",
            "cover": f"maximal covering {size}, standard {self.standard_s:.0f} s ({PLACE})",
            "backups": f"mean with backups {size} ({' + '.join(map(str, self.units))}), two types at each post, the second "
            f"starts 60 s later and may not go to 30% of the columns, q = 0.3 ({PLACE})",
            "pmed": f"OR-Library pmed{self.number}",
        }[self.kind]


CITIES = (
    BenchmarkCase("mean", 5_000, 100, (5,)),
    BenchmarkCase("mean", 5_000, 100, (15,)),
    BenchmarkCase("mean", 5_000, 100, (40,)),
    BenchmarkCase("mean", 20_000, 300, (5,)),
    BenchmarkCase("mean", 20_000, 300, (15,)),
    BenchmarkCase("mean", 20_000, 300, (40,)),
    BenchmarkCase("backups", 20_000, 300, (10, 5), 60.0),
    BenchmarkCase("mean", 100_000, 1_000, (5,)),
    BenchmarkCase("mean", 100_000, 1_000, (15,)),
    BenchmarkCase("mean", 100_000, 1_000, (40,), 60.0),
    BenchmarkCase("cover", 5_000, 100, (15,)),
    BenchmarkCase("cover", 100_000, 1_000, (40,), 60.0),
    BenchmarkCase("cover", 100_000, 100, (20,), 60.0, standard_s=600.0),
    BenchmarkCase("mean", 500_000, 2_000, (40,), 300.0),
)
PEERS = {
    case: f"{case.name}: spopt {model}, HiGHS through PuLP"
    for case, model in ((CITIES[1], "PMedian"), (CITIES[10], "MCLP"))
}
"""Cases that are given to spopt, too, under these names."""


def cases(words: Sequence[str] = ()) -> Iterator[dict[str, object]]:
    """Solve each case; stand one beside its peer."""

    def wanted(name: str) -> bool:
        return not words or any(word in name for word in words)

    with tempfile.TemporaryDirectory() as folder:
        ours: dict[BenchmarkCase, dict[str, Any]] = {}
        for case in CITIES:
            city = Path(folder) / f"{case.columns}_{case.posts}.npz"
            if not (wanted(case.name) or (case in PEERS and wanted(PEERS[case]))):
                continue
            if not city.exists():
                _child("make", str(city), json.dumps(asdict(case)))
            row = _child("solve", str(city), json.dumps(asdict(case)))
            if case in PEERS:
                ours[case] = row
            yield row
        for number in PUBLISHED:
            case = BenchmarkCase("pmed", 0, 0, (), 300.0, number)
            path = PMED / f"pmed{number}.txt"
            if path.is_file() and wanted(case.name):
                yield _child("solve", str(path), json.dumps(asdict(case)))
        for case, row in ours.items():
            if wanted(PEERS[case]):
                yield _peer(Path(folder) / f"{case.columns}_{case.posts}.npz", case, row)


def _command(what: str, path: str, case: str) -> list[str]:
    return [sys.executable, "-m", "benchmarks.optimize", what, path, case]


def _child(what: str, path: str, case: str) -> dict[str, Any]:
    done = subprocess.run(
        _command(what, path, case), capture_output=True, text=True, cwd=ROOT, check=False
    )
    if done.returncode:
        raise RuntimeError(f"benchmark case {case} failed:\n{done.stderr}")
    return dict(json.loads(done.stdout.splitlines()[-1]))


def _peer(city: Path, case: BenchmarkCase, own: dict[str, Any]) -> dict[str, object]:
    """Give the same instance and solver to spopt, up to a cap.

    Its clock starts when it has the costs.
    """
    ours, cpu = float(own["seconds"]), float(own["cpu_seconds"])
    row: dict[str, object] = {"case": PEERS[case], "our_seconds": ours, "our_cpu_seconds": cpu}
    command = _command("peer", str(city), json.dumps(asdict(case)))
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout is not None
        first = process.stdout.readline().strip()
        if first != "begins":
            return row | {"seconds": 0.0, "skipped": first or "spopt failed to start"}
        try:
            answer, _ = process.communicate(timeout=PEER_CAP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            return row | {
                "seconds": PEER_CAP_S,
                "status": "stopped at the cap",
                "ratio_at_least": PEER_CAP_S / ours,
            }
    found: dict[str, Any] = json.loads(answer.splitlines()[-1])
    ratios = {"ratio": found["seconds"] / ours, "cpu_ratio": found["cpu_seconds"] / cpu}
    return row | found | ratios


def make_city(case: BenchmarkCase) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
    """Make a city: demand nodes with weights, and travel times to them from posts at random nodes.

    Weights are a background, the same everywhere, and six Gaussian hot spots, each cell's varied by
    up to a half.
    """
    side = math.ceil(math.sqrt(case.columns))
    network = street_grid(side, side, seed=case.columns)
    rng = np.random.default_rng([case.columns, case.posts])
    demand = rng.choice(network.n_nodes, case.columns, replace=False).astype(np.int32)
    posts = rng.choice(network.n_nodes, case.posts, replace=False).astype(np.int32)
    place = np.column_stack([network.node_x[demand], network.node_y[demand]])
    place = (place - place.min(axis=0)) / np.ptp(place, axis=0)
    density = np.full(case.columns, 1.0)
    for middle, spread, share in zip(
        rng.random((6, 2)), rng.uniform(0.03, 0.12, 6), rng.uniform(0.1, 0.6, 6), strict=True
    ):
        density += (
            share
            / (2 * np.pi * spread**2)
            * np.exp(-((place - middle) ** 2).sum(axis=1) / (2 * spread**2))
        )
    # by column, so that costs are read in their place
    travel_s = np.asfortranarray(travel_times(network, posts, targets=demand))
    return travel_s, density * rng.uniform(0.5, 1.5, case.columns)


def read_pmed(path: Path) -> tuple[NDArray[np.float32], int]:
    """Read an OR-Library graph: distances between all nodes, and p.

    Of a repeated edge the last length counts.
    """
    numbers = np.array(path.read_text(encoding="ascii").split(), dtype=np.int64)
    n, edges, p = (int(v) for v in numbers[:3])
    length = np.full((n, n), np.inf)
    for a, b, cost in numbers[3 : 3 + 3 * edges].reshape(-1, 3):
        length[a - 1, b - 1] = length[b - 1, a - 1] = cost
    np.fill_diagonal(length, 0.0)
    return floyd_warshall(length).astype(np.float32), p


def _problem(
    travel_s: NDArray[np.float32], weight: NDArray[np.float64], case: BenchmarkCase
) -> Problem:

    types = len(case.units)
    posts, columns = travel_s.shape
    response = travel_s
    if types == 2:
        second = travel_s + np.float32(60.0)
        second[:, np.random.default_rng(columns).random(columns) < 0.3] = np.inf
        response = np.concatenate([travel_s, second])
    kind = np.repeat(np.arange(types), posts)
    return Problem(
        response_s=response,
        weight=weight,
        fallback_s=float(travel_s.max()) + 60.0,
        option_type=kind,
        option_names=tuple(f"{k} / {p}" for k in range(types) for p in range(posts)),
        type_names=tuple(f"type {k}" for k in range(types)),
        busy_share=np.full(types, 0.3 if case.kind == "backups" else 0.0),
        most=np.array(case.units, dtype=np.int64)[kind],
        limits=tuple(
            Limit(f"type {k}: at most {count}", (kind == k).astype(np.float64), at_most=count)
            for k, count in enumerate(case.units)
        ),
    )


def _solve(path: Path, case: BenchmarkCase) -> dict[str, object]:

    _warm_up()
    if case.kind == "pmed":
        travel_s, p = read_pmed(path)
        weight = np.ones(len(travel_s))
        case = BenchmarkCase(
            "pmed", len(travel_s), len(travel_s), (p,), case.time_limit_s, case.number
        )
    else:
        with np.load(path) as city:
            travel_s, weight = city["travel_s"], city["weight"]
    problem = _problem(travel_s, weight, case)
    before_mb = _peak_mb()
    stop = Stop(case.time_limit_s, 1e-4)
    took: list[float] = []
    worked: list[float] = []
    for _ in range(REPEATS if case.columns <= SHORT else 1):
        started, began = time.perf_counter(), time.process_time()
        solution = solve(
            problem, Late(case.standard_s) if case.kind == "cover" else MeanTime(), stop=stop
        )
        took.append(time.perf_counter() - started)
        worked.append(time.process_time() - began)
    seconds = statistics.median(took)
    row: dict[str, object] = {
        "case": case.name,
        "columns": case.columns,
        "options": problem.n_options,
        "units": sum(case.units),
        "seconds": round(seconds, 3),
        "cpu_seconds": round(statistics.median(worked), 3),
        "peak_mb": round(_peak_mb()),
        "of_it_input_mb": round(before_mb),
        "status": str(solution.status),
        "objective": solution.objective,
        "bound": solution.bound,
        "gap": solution.gap,
        "unit": solution.unit,
    }
    if case.kind == "cover":
        # the covering papers' own objective and gap: what is covered, not what is missed
        row["share_in_time"] = 1 - solution.objective
        row["gap_of_share"] = (solution.objective - solution.bound) / (1 - solution.objective)
    if case.kind == "pmed":
        row |= {
            "total": round(solution.objective * case.columns, 3),
            "published": PUBLISHED[case.number],
        }
    return row


def _warm_up() -> None:
    """Compile or load the kernels: the first run on a machine takes longer by that, once."""
    rng = np.random.default_rng(1)
    travel_s = rng.uniform(60, 900, (30, 40)).astype(np.float32)
    for case in (BenchmarkCase("mean", 40, 30, (2,)), BenchmarkCase("backups", 40, 30, (1, 1))):
        solve(_problem(travel_s, np.ones(40), case), MeanTime())


def _peak_mb() -> float:
    """Return this process's peak memory.

    On Linux without what its parent held when it was started.
    """
    status = Path("/proc/self/status")
    if status.is_file():
        lines = dict(
            line.split(":", 1)
            for line in status.read_text(encoding="ascii").splitlines()
            if ":" in line
        )
        return int(lines["VmHWM"].split()[0]) / 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024**2 if sys.platform == "darwin" else 1024)


def _solve_by_spopt(path: Path, case: BenchmarkCase) -> None:
    try:
        locate = import_module("spopt.locate")
    except ImportError:
        print("spopt is not installed: pip install coresponse[peers]")
        return
    with np.load(path) as city:
        travel_s, weight = city["travel_s"], city["weight"]
    print("begins", flush=True)
    started, worked = time.perf_counter(), time.process_time()
    cost, units = travel_s.T.astype(np.float64), case.units[0]
    if case.kind == "cover":
        model = locate.MCLP.from_cost_matrix(cost, weight, case.standard_s, p_facilities=units)
    else:
        model = locate.PMedian.from_cost_matrix(cost, weight, p_facilities=units)
    model.solve(pulp.HiGHS(msg=False), results=False)
    seconds, cpu_seconds = time.perf_counter() - started, time.process_time() - worked
    objective = abs(float(pulp.value(model.problem.objective))) / weight.sum()
    print(
        json.dumps(
            {
                "seconds": seconds,
                "cpu_seconds": cpu_seconds,
                "objective": objective,
                "status": pulp.LpStatus[model.problem.status],
            }
        )
    )


def _main(arguments: list[str]) -> None:
    what, *rest = arguments or ["run"]
    if what == "run":
        for row in cases(rest):
            print(json.dumps(row), flush=True)
        return
    path, fields = Path(rest[0]), json.loads(rest[1])
    case = BenchmarkCase(**{**fields, "units": tuple(fields["units"])})
    if what == "make":
        travel_s, weight = make_city(case)
        np.savez(path, travel_s=travel_s, weight=weight)
        print(json.dumps({"made": str(path)}))
    elif what == "solve":
        print(json.dumps(_solve(path, case)))
    else:
        _solve_by_spopt(path, case)


if __name__ == "__main__":
    _main(sys.argv[1:])
