"""Make a county of three agencies: ``python -m scripts.make_county FOLDER [ROADS] [--seed 1] [--calls 4000]``.

ROADS is any road file, such as an OpenStreetMap extract; without one, streets are made. All else is
made from a seed: six townships of three agencies, stations, today's units, and half a year of
SYNTHETIC calls. No call is a real person's. Each figure below is an assumption: what the county
shows is how agencies are planned, not how any is.
"""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from coresponse.data.roads.made import street_grid
from coresponse.data.roads.network import RoadNetwork
from coresponse.data.roads.read import read_roads

AGENCIES = ("Northbank PD", "Riverton PD", "South County Sheriff")
WIDTHS = (0.0, 0.3, 0.65, 1.0)
"""Where agencies end, as shares of the crossings from west to east."""
CALLS_SHARE = (0.22, 0.55, 0.23)
RESIDENTS = ((21_000, 14_000), (52_000, 38_000), (16_000, 9_000))
STATIONS = 3
TODAY = (2, 5, 2)
"""Units by day, by agency."""
NATURES = {"MENTAL HEALTH CRISIS": 0.6, "SUICIDAL PERSON": 0.2, "WELFARE CHECK": 0.2}
FIRST_DAY, DAYS, ZONE = "2025-01-06", 182, "America/New_York"
HOT_SHARE, HOT_SPREAD = 0.5, 0.06
"""Share of an agency's calls around its center, and how far they spread, as a share of the county's width."""

STUDY = """# A county of three agencies. Calls, stations, townships and today's units are made.
schema = 1
name = "{name}"
notice = "SYNTHETIC calls: drawn by a seeded generator, no real person's call"

[roads]
file = "{roads}"

[calls]
files = ["calls.csv"]
timezone = "{zone}"

[posts]
files = [{{ file = "stations.csv" }}]

[districts]
file = "townships.geojson"

[program]
preset = "ride-along"

[today]
file = "today.csv"

[agencies]
district_column = "AGENCY"    # whose each township is
sharing = "own_first"         # its own units first; others' once none of its own is free
split = "calls"               # of a shared cost

[objective]
target_min = 30
"""


def make_county(
    folder: Path, roads: Path | None = None, *, seed: int = 1, calls: int = 4_000
) -> Path:
    """Make a study folder.

    Parameters
    ----------
    folder
        New, or without a study.
    roads
        A road file; default: streets are made.
    calls
        How many, in half a year.
    """
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / ("roads.geojson" if roads is None else roads.name)
    if roads is None:
        _write_streets(street_grid(20, 14, seed=seed, spacing_m=1_100), file)
    else:
        shutil.copyfile(roads, file)
    network, rng = read_roads(file), np.random.default_rng(seed)
    cuts = np.quantile(network.node_x, WIDTHS)
    cuts[[0, -1]] += (-500, 500)
    _write_townships(network, cuts, folder / "townships.geojson")
    whose = np.clip(np.searchsorted(cuts, network.node_x) - 1, 0, 2)
    centers = [_middle(network, whose == k) for k in range(3)]
    stations = _write_stations(network, whose, centers, rng, folder / "stations.csv")
    _write_calls(network, whose, centers, rng, calls, folder / "calls.csv")
    today = [
        ("co_responder_unit", stations[k][0], "day_10h", count) for k, count in enumerate(TODAY)
    ]
    columns = ["responder_type", "post_id", "shift_pattern", "count"]
    pd.DataFrame(today, columns=columns).to_csv(folder / "today.csv", index=False)
    stated = STUDY.format(name="A county of three agencies", roads=file.name, zone=ZONE)
    (folder / "study.toml").write_text(stated, encoding="utf-8")
    return folder


def _write_streets(network: RoadNetwork, file: Path) -> None:
    half = network.n_edges // 2  # each street once: it goes both ways
    lines = [shapely.LineString(network.shape_xy[2 * e : 2 * e + 2]) for e in range(half)]
    fast = network.length_m[:half] / network.travel_s[:half] > 11
    frame = gpd.GeoDataFrame(
        {"highway": np.where(fast, "secondary", "residential")}, geometry=lines, crs=network.crs
    )
    frame.to_crs("EPSG:4326").to_file(file, driver="GeoJSON")


def _write_townships(network: RoadNetwork, cuts: NDArray[np.float64], file: Path) -> None:
    """Write two townships an agency, one north of the other."""
    south, north = network.node_y.min() - 500, network.node_y.max() + 500
    middle = float(np.median(network.node_y))
    rows = []
    for k, agency in enumerate(AGENCIES):
        for half, (low, high) in enumerate(((middle, north), (south, middle))):
            rows.append(
                {
                    "district_id": f"T{2 * k + half + 1}",
                    "name": f"{('Upper', 'Lower')[half]} {agency.split()[0]}",
                    "population": RESIDENTS[k][half],
                    "AGENCY": agency,
                    "geometry": shapely.box(cuts[k], low, cuts[k + 1], high),
                }
            )
    gpd.GeoDataFrame(rows, crs=network.crs).to_crs("EPSG:4326").to_file(file, driver="GeoJSON")


def _middle(network: RoadNetwork, inside: NDArray[np.bool_]) -> tuple[float, float]:
    return float(np.median(network.node_x[inside])), float(np.median(network.node_y[inside]))


def _degrees(network: RoadNetwork, node: NDArray[np.int64]) -> tuple[pd.Series, pd.Series]:
    points = gpd.GeoSeries(
        gpd.points_from_xy(network.node_x[node], network.node_y[node], crs=network.crs)
    ).to_crs("EPSG:4326")
    return points.x.round(6), points.y.round(6)


def _write_stations(
    network: RoadNetwork,
    whose: NDArray[np.int64],
    centers: list[tuple[float, float]],
    rng: np.random.Generator,
    file: Path,
) -> list[list[str]]:
    """Write stations: one at each agency's center, the others at crossings of its own."""
    rows, ids = [], []
    for k, agency in enumerate(AGENCIES):
        own = np.flatnonzero(whose == k)
        away = np.hypot(network.node_x[own] - centers[k][0], network.node_y[own] - centers[k][1])
        node = np.append(own[away.argmin()], rng.choice(own, STATIONS - 1, replace=False))
        x, y = _degrees(network, node)
        ids.append([f"{agency[0]}{j + 1}" for j in range(STATIONS)])
        rows += [
            {
                "post_id": ids[k][j],
                "name": f"{agency} station {j + 1}",
                "kind": "station",
                "longitude": x[j],
                "latitude": y[j],
                "agency": agency,
            }
            for j in range(STATIONS)
        ]
    pd.DataFrame(rows).to_csv(file, index=False)
    return ids


def _write_calls(
    network: RoadNetwork,
    whose: NDArray[np.int64],
    centers: list[tuple[float, float]],
    rng: np.random.Generator,
    calls: int,
    file: Path,
) -> None:
    weight = np.zeros(network.n_nodes)
    spread = HOT_SPREAD * float(np.ptp(network.node_x))
    for k, share in enumerate(CALLS_SHARE):
        own = whose == k
        away = np.hypot(network.node_x - centers[k][0], network.node_y - centers[k][1])
        hot = own * np.exp(-((away / spread) ** 2) / 2)
        weight += share * (HOT_SHARE * hot / hot.sum() + (1 - HOT_SHARE) * own / own.sum())
    node = rng.choice(network.n_nodes, calls, p=weight / weight.sum())
    x, y = _degrees(network, node)
    hour = np.arange(24)
    by_hour = 1.3 + np.sin((hour - 12) / 24 * 2 * np.pi)
    at = np.sort(
        rng.integers(0, DAYS, calls) * 86_400
        + rng.choice(hour, calls, p=by_hour / by_hour.sum()) * 3600
        + rng.integers(0, 3600, calls)
    )
    received = pd.Timestamp(FIRST_DAY) + pd.to_timedelta(at, unit="s")
    pd.DataFrame(
        {
            "call_id": [f"C{k:05}" for k in range(calls)],
            "received_at": received,
            "nature": rng.choice(list(NATURES), calls, p=list(NATURES.values())),
            "longitude": x,
            "latitude": y,
        }
    ).to_csv(file, index=False)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("roads", type=Path, nargs="?")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--calls", type=int, default=4_000)
    given = parser.parse_args()
    make_county(given.folder, given.roads, seed=given.seed, calls=given.calls)
