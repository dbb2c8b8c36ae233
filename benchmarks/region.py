"""A whole region in one plan.

500,000 crossings, 2,000,000 calls, 500 posts, in a process of its own.

The region is made: a street grid with towns, in which calls come by time of day and by how near a
town's middle is. ``CORESPONSE_REGION=0.1`` makes it a tenth of that size.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks._process_tree import run
from coresponse.data.roads.cache import save_network
from coresponse.data.roads.made import street_grid
from coresponse.data.roads.network import RoadNetwork
from coresponse.study.memory import estimate
from coresponse.study.read import read_study

NODES, CALLS, POSTS, TOWNS = 500_000, 2_000_000, 500, 60
NATURES = {
    "MENTAL HEALTH CRISIS": 0.06,
    "SUICIDAL PERSON": 0.02,
    "WELFARE CHECK": 0.12,
    "TRAFFIC STOP": 0.5,
    "NOISE COMPLAINT": 0.3,
}
LIMITS_MB, LIMITS_S = 4096, 600


def cases() -> Iterator[dict[str, object]]:
    """Plan the region once, from files to map."""
    size = float(os.environ.get("CORESPONSE_REGION", "1"))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        made = make_region(folder, size, seed=11)
        environment = {"XDG_CACHE_HOME": name, "PATH": os.environ["PATH"], "HOME": name}
        ran = run(
            [sys.executable, "-m", "coresponse", "plan", str(folder), "--json"], env=environment
        )
        if ran.code:
            raise RuntimeError(ran.stderr)
        answer = json.loads(ran.stdout)
        told = estimate(read_study(folder).case)
        yield {
            "case": f"{made['nodes']:,} nodes, {made['calls']:,} calls, {made['posts']:,} posts",
            "seconds": round(ran.seconds, 1),
            "cpu_seconds": round(ran.cpu_seconds, 1),
            "load": round(os.getloadavg()[1], 1),
            "peak_mb": round(ran.peak_mb),
            "estimated_mb": round(told.total / 1e6),
            "within_4_gib_and_10_min": bool(ran.peak_mb <= LIMITS_MB and ran.seconds <= LIMITS_S),
            "solve_seconds": answer["seconds"],
            "status": answer["status"],
            "objective": answer["objective"],
            "bound": answer["bound"],
        }


def make_region(folder: Path, size: float, *, seed: int) -> dict[str, int]:
    """Write a study of `size` times the region's nodes, calls and posts.

    Return how many there are.
    """
    columns = round(np.sqrt(NODES * size * 1.25))
    rows = round(NODES * size / columns)
    network = street_grid(columns, rows, seed=seed, spacing_m=150.0)
    save_network(network, folder / "roads.npz")
    rng = np.random.default_rng(seed)
    n_posts = max(10, round(POSTS * size))
    share = _town_share(network, rng)
    _calls(network, share, round(CALLS * size), rng).to_parquet(folder / "calls.parquet")
    at = rng.choice(network.n_nodes, n_posts, replace=False, p=share)
    posts = pd.DataFrame(
        {
            "post_id": [f"P{i:04d}" for i in range(n_posts)],
            "name": [f"Post {i}" for i in range(n_posts)],
        }
    )
    posts["kind"] = rng.choice(["station", "hospital", "clinic"], n_posts)
    posts.assign(x=network.node_x[at], y=network.node_y[at]).to_csv(
        folder / "posts.csv", index=False
    )
    units = max(6, round(60 * size))
    (folder / "study.toml").write_text(
        'schema = 1\nname = "Made region"\nnotice = "SYNTHETIC calls"\n[roads]\nfile = "roads.npz"\n'
        '[calls]\nfiles = ["calls.parquet"]\ntimezone = "America/New_York"\ncrs = "EPSG:32618"\n'
        '[posts]\nfiles = [{ file = "posts.csv", crs = "EPSG:32618" }]\n[program]\npreset = "ride-along"\n'
        f"[limits]\nunits = {{ co_responder_unit = {units} }}\nmax_per_post = "
        "2\n[solver]\ntime_limit_s = 120\n",
        encoding="utf-8",
    )
    return {"nodes": network.n_nodes, "calls": round(CALLS * size), "posts": n_posts}


def _town_share(network: RoadNetwork, rng: np.random.Generator) -> np.ndarray:
    """Share of the calls of each node: a floor everywhere, and towns of several sizes."""
    towns = rng.choice(network.n_nodes, TOWNS, replace=False)
    share = np.full(network.n_nodes, 0.2)
    for town in towns:
        away_m = np.hypot(
            network.node_x - network.node_x[town], network.node_y - network.node_y[town]
        )
        share += rng.pareto(1.5) * np.exp(-away_m / rng.uniform(800, 4000))
    return share / share.sum()


def _calls(
    network: RoadNetwork, share: np.ndarray, n: int, rng: np.random.Generator
) -> pd.DataFrame:
    at = rng.choice(network.n_nodes, n, p=share)
    day = rng.integers(0, 3 * 365, n)
    by_hour = 1.2 + np.sin((np.arange(24) - 10) / 24 * 2 * np.pi)
    hour = rng.choice(24, n, p=by_hour / by_hour.sum())
    received = (
        np.datetime64("2022-01-01", "s") + day * 86_400 + hour * 3600 + rng.integers(0, 3600, n)
    )
    natures = list(NATURES)
    return pd.DataFrame(
        {
            "call_id": [f"C{i:07d}" for i in range(n)],
            "received_at": np.datetime_as_string(received),
            "nature": np.array(natures, dtype=object)[
                rng.choice(len(natures), n, p=list(NATURES.values()))
            ],
            "x": network.node_x[at] + rng.normal(0, 30, n),
            "y": network.node_y[at] + rng.normal(0, 30, n),
        }
    )
