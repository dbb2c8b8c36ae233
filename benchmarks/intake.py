"""A million calls from a CSV file onto the road network, against the steps one writes by hand with pandas and OSMnx."""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import geopandas as gpd
import networkx as nx
import numpy as np
import osmnx as ox
import pandas as pd
import pyarrow as pa
import pyarrow.csv
from pyproj import Transformer

from coresponse.data.calls.history import BROKEN_ROW, FURTHER_ROWS
from coresponse.data.calls.read import read_calls
from coresponse.data.programs.load import load_program
from coresponse.data.roads.made import street_grid
from coresponse.data.roads.network import RoadNetwork

ROWS = 1_000_000
REPEATED, BAD = 0.05, 0.01
TIME_FORMAT = "%m/%d/%Y %I:%M:%S %p"
TIMES = ("received", "dispatched", "arrived", "cleared")


def cases() -> Iterator[dict[str, Any]]:
    """Read a million rows.

    5% further rows of an event, 1% bad; each reader in a process of its own.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "calls.csv"
        counts = _measure("write", path)["put_in"]
        megabytes = round(path.stat().st_size / 1e6)
        ours, peer = _measure("coresponse", path), _measure("peer", path)
    assert ours["rows"] == ROWS
    assert ours["lost"] == counts, f"{ours['lost']} is not what was put in: {counts}"
    yield {
        "case": f"{ROWS:,} rows ({megabytes} MB CSV) onto {ours['nodes']:,} nodes",
        "seconds": ours["seconds"],
        "rows_per_s": round(ROWS / ours["seconds"]),
        "peak_mb": ours["peak_mb"],
        "peer": "pandas.read_csv + to_datetime + geopandas.to_crs + osmnx.nearest_nodes on the same file, whole; it "
        "does not fold events or account for lost rows",
        "peer_seconds": peer["seconds"],
        "peer_peak_mb": peer["peak_mb"],
        "times_faster_than_peer": round(peer["seconds"] / ours["seconds"], 2),
    }


def _network() -> RoadNetwork:
    return street_grid(320, 320, seed=1)


def _write_calls(path: Path, network: RoadNetwork, rows: int, seed: int) -> dict[str, int]:
    """Write a file of calls; returns how many rows or events are to be lost, by reason."""
    rng = np.random.default_rng(seed)
    x = rng.uniform(network.node_x.min(), network.node_x.max(), rows)
    y = rng.uniform(network.node_y.min(), network.node_y.max(), rows)
    further = np.flatnonzero(rng.random(rows) < REPEATED)
    further = further[(further > 0) & ~np.isin(further - 1, further)]
    x[further], y[further] = x[further - 1], y[further - 1]  # units of one event go to one place
    lon, lat = Transformer.from_crs(network.crs, "EPSG:4326", always_xy=True).transform(x, y)
    start = np.datetime64("2022-01-01", "s") + np.sort(rng.integers(0, 730 * 86_400, rows))
    steps = [
        start + rng.integers(low, high, rows)
        for low, high in ((0, 1), (30, 900), (900, 1800), (1800, 9000))
    ]
    table = {name: _written(moments) for name, moments in zip(TIMES, steps, strict=True)}

    number = np.arange(10_000_000, 10_000_000 + rows)
    number[further] = number[further - 1]
    alone = np.setdiff1d(np.arange(rows), np.r_[further, further - 1])
    no_time, bad_time, at_zero, no_place, broken = np.array_split(
        rng.permutation(alone)[: int(rows * BAD)], 5
    )
    table["received"][no_time] = ""
    table["received"][bad_time] = "unknown"
    latitude, longitude = (
        np.char.mod("%.6f", lat).astype(object),
        np.char.mod("%.6f", lon).astype(object),
    )
    latitude[at_zero] = longitude[at_zero] = "0"
    latitude[no_place] = longitude[no_place] = ""
    channel = np.full(rows, "911", dtype=object)
    channel[broken] = "911~transferred"  # becomes a delimiter that nobody quoted
    natures = np.array(["54E1", "WELFARE CHECK", *(f"code {i}" for i in range(200))], dtype=object)
    columns = {
        "event_id": number.astype(str),
        **table,
        "nature": rng.choice(natures, rows),
        "priority": rng.integers(1, 6, rows).astype(str),
        "channel": channel,
        "latitude": latitude,
        "longitude": longitude,
    }
    strings = pa.table({name: pa.array(values, pa.string()) for name, values in columns.items()})
    pa.csv.write_csv(strings, path, pa.csv.WriteOptions(quoting_style="none"))
    path.write_bytes(path.read_bytes().replace(b"~", b","))
    reasons = {
        FURTHER_ROWS: further,
        BROKEN_ROW: broken,
        "no time of receipt": no_time,
        "time of receipt is not understood": bad_time,
        "place at 0, 0": at_zero,
        "no place": no_place,
    }
    return {reason: len(positions) for reason, positions in reasons.items()}


def _written(moments: np.ndarray) -> np.ndarray:
    text = pa.compute.strftime(pa.array(moments.astype("datetime64[s]")), format=TIME_FORMAT)
    return np.asarray(text.to_pandas(), dtype=object)


def _measure(step: str, path: Path) -> dict[str, Any]:
    # the file is written in a process of its own too: a child's peak memory starts at its parent's
    command = [sys.executable, "-m", "benchmarks.intake", step, str(path)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    measured: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return measured


def _write(path: Path) -> dict[str, Any]:
    return {"put_in": _write_calls(path, _network(), ROWS, seed=1)}


def _ours(path: Path) -> dict[str, Any]:
    network, program = _network(), load_program("b-heard")
    start = time.perf_counter()
    history = read_calls([path], network=network, program=program, timezone="America/New_York")
    seconds = time.perf_counter() - start
    steps = history.funnel.steps
    lost = {reason: count for step in steps[:4] for reason, count in step.reasons}
    return {
        "seconds": round(seconds, 2),
        "rows": steps[0].count,
        "lost": lost,
        "nodes": network.n_nodes,
    }


def _peer(path: Path) -> dict[str, Any]:
    network = _network()
    graph = nx.MultiDiGraph(crs=network.crs)
    graph.add_nodes_from(
        (i, {"x": network.node_x[i], "y": network.node_y[i]}) for i in range(network.n_nodes)
    )
    start = time.perf_counter()
    rows = pd.read_csv(path, on_bad_lines="skip")
    for name in TIMES:
        moments = pd.to_datetime(rows[name], format=TIME_FORMAT, errors="coerce")
        rows[name] = moments.dt.tz_localize(
            "America/New_York", ambiguous=True, nonexistent="shift_forward"
        )  # type: ignore[arg-type]
    rows = rows.dropna(subset=["received", "latitude", "longitude"])
    points = gpd.GeoSeries(
        gpd.points_from_xy(rows["longitude"], rows["latitude"]), crs=4326
    ).to_crs(network.crs)
    real = np.isfinite(points.x) & np.isfinite(points.y)
    nodes = ox.distance.nearest_nodes(graph, points.x[real].to_numpy(), points.y[real].to_numpy())
    return {"seconds": round(time.perf_counter() - start, 2), "rows": len(nodes)}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("step", choices=("write", "coresponse", "peer"))
    parser.add_argument("path", type=Path)
    given = parser.parse_args()
    result = {"write": _write, "coresponse": _ours, "peer": _peer}[given.step](given.path)
    print(
        json.dumps(
            {**result, "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)}
        )
    )
