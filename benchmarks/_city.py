"""A made city as a study of its own files.

Bent streets, calls around town centers, posts, districts, today's deployment.

The standard size is that of a large city: 10,201 crossings, 20,200 street segments (40,400 directed
edges), 100,000 calls, all of them eligible, 200 posts, 24 districts, a river and 150 parks.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from coresponse.data.roads.cache import save_network
from coresponse.data.roads.made import street_grid
from coresponse.data.roads.network import RoadNetwork

NATURES = {
    "EMOTIONALLY DISTURBED PERSON": 0.4,
    "WELFARE CHECK": 0.4,
    "SUICIDE ATTEMPT": 0.05,
    "MENTAL HEALTH CRISIS": 0.15,
}
DAYS = 730
STUDY = """schema = 1
name = "Made city"
notice = "SYNTHETIC calls"
[roads]
file = "roads.npz"
water = "water.geojson"
parks = "parks.geojson"
[calls]
files = ["calls.parquet"]
timezone = "America/New_York"
crs = "EPSG:32618"
[posts]
files = [{ file = "posts.csv", crs = "EPSG:32618" }]
[districts]
file = "districts.geojson"
[program]
preset = "mixed"
[today]
file = "today.csv"
[limits]
units = { co_responder_unit = 8, on_call_clinician = 3 }
max_per_post = 2
[objective]
busy_units = "free"
[judging]
replications = 2
weeks = 2
holdout_share = 0.0
[[periods]]
name = "day"
hours = "daily 07:00-19:00"
[[periods]]
name = "night"
hours = "daily 19:00-07:00"
"""


@dataclass(frozen=True)
class CitySize:
    """How large the city is."""

    columns: int = 101
    rows: int = 101
    calls: int = 100_000
    posts: int = 200
    districts: tuple[int, int] = (6, 4)


def make_city(folder: Path, size: CitySize, *, seed: int = 5) -> RoadNetwork:
    """Write the study; the same size and seed give the same files."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    network = bent(street_grid(size.columns, size.rows, seed=seed), rng)
    save_network(network, folder / "roads.npz")
    share = _share(network, rng)
    _calls(network, share, size.calls, rng).to_parquet(folder / "calls.parquet")
    at = rng.choice(network.n_nodes, size.posts, replace=False, p=share)
    ids = [f"P{i:03d}" for i in range(size.posts)]
    posts = pd.DataFrame(
        {"post_id": ids, "name": [f"Post of {i}. Street" for i in range(size.posts)]}
    )
    posts["kind"] = rng.choice(["station", "hospital", "clinic"], size.posts)
    posts.assign(x=network.node_x[at].round(1), y=network.node_y[at].round(1)).to_csv(
        folder / "posts.csv", index=False
    )
    _districts(network, *size.districts).to_file(folder / "districts.geojson", driver="GeoJSON")
    _river(network, rng).to_file(folder / "water.geojson", driver="GeoJSON")
    _parks(network, rng).to_file(folder / "parks.geojson", driver="GeoJSON")
    units = [
        ("co_responder_unit", post, shift) for post in ids[:4] for shift in ("day_10h", "late_10h")
    ]
    today = pd.DataFrame(units, columns=["responder_type", "post_id", "shift_pattern"]).assign(
        count=1
    )
    today.to_csv(folder / "today.csv", index=False)
    (folder / "study.toml").write_text(STUDY, encoding="utf-8")
    return network


def bent(network: RoadNetwork, rng: np.random.Generator) -> RoadNetwork:
    """Give each street segment of a made grid two points between its ends, up to 15 m off the straight line, as streets have."""
    streets = network.n_edges // 2
    ends = network.shape_xy.reshape(-1, 2, 2)[:streets]
    along = ends[:, 1] - ends[:, 0]
    across = np.column_stack([-along[:, 1], along[:, 0]]) / np.linalg.norm(along, axis=1)[:, None]
    off = rng.uniform(-15, 15, (2, streets, 1))
    between = [ends[:, 0] + along * part + across * off[i] for i, part in enumerate((1 / 3, 2 / 3))]
    forth = np.stack([ends[:, 0], *between, ends[:, 1]], axis=1)
    shapes = np.concatenate([forth, forth[:, ::-1]])
    return replace(
        network,
        shape_xy=shapes.reshape(-1, 2),
        shape_start=np.arange(0, 4 * len(shapes) + 1, 4, dtype=np.int64),
    )


def _share(network: RoadNetwork, rng: np.random.Generator) -> NDArray[np.float64]:
    """Share of the calls of each crossing: some everywhere, many around eight centers."""
    share = np.full(network.n_nodes, 0.3)
    for center in rng.choice(network.n_nodes, 8, replace=False):
        away_m = np.hypot(
            network.node_x - network.node_x[center], network.node_y - network.node_y[center]
        )
        share += rng.uniform(0.5, 3) * np.exp(-away_m / rng.uniform(500, 2000))
    return np.asarray(share / share.sum())


def _calls(
    network: RoadNetwork, share: NDArray[np.float64], n: int, rng: np.random.Generator
) -> pd.DataFrame:
    at = rng.choice(network.n_nodes, n, p=share)
    received = np.datetime64("2023-01-01", "s") + np.sort(rng.integers(0, DAYS * 86_400, n))
    return pd.DataFrame(
        {
            "call_id": [f"C{i:06d}" for i in range(n)],
            "received_at": np.datetime_as_string(received),
            "nature": np.array(list(NATURES), dtype=object)[
                rng.choice(len(NATURES), n, p=list(NATURES.values()))
            ],
            "x": network.node_x[at] + rng.normal(0, 20, n),
            "y": network.node_y[at] + rng.normal(0, 20, n),
        }
    )


def _districts(network: RoadNetwork, across: int, up: int) -> gpd.GeoDataFrame:
    """Divide the city into rows of rectangles."""
    x = np.linspace(network.node_x.min() - 100, network.node_x.max() + 100, across + 1)
    y = np.linspace(network.node_y.min() - 100, network.node_y.max() + 100, up + 1)
    boxes = [shapely.box(x[i], y[j], x[i + 1], y[j + 1]) for j in range(up) for i in range(across)]
    ids = [f"D{i:02d}" for i in range(1, len(boxes) + 1)]
    frame = gpd.GeoDataFrame(
        {"district_id": ids, "name": [f"District {i}" for i in ids]},
        geometry=boxes,
        crs=network.crs,
    )
    return frame.to_crs("EPSG:4326")


def _river(network: RoadNetwork, rng: np.random.Generator) -> gpd.GeoDataFrame:
    """Make a river of 4,000 bends, 300 m wide, from north to south."""
    y = np.linspace(network.node_y.min() - 2000, network.node_y.max() + 2000, 4000)
    middle = (
        network.node_x.mean()
        + 800 * np.sin((y - y[0]) / 2500)
        + np.cumsum(rng.normal(0, 3, y.size))
    )
    banks = [np.column_stack([middle + off + rng.normal(0, 6, y.size), y]) for off in (-150, 150)]
    shape = shapely.make_valid(shapely.Polygon(np.vstack([banks[0], banks[1][::-1]])))
    return gpd.GeoDataFrame(geometry=[shape], crs=network.crs).to_crs("EPSG:4326")


def _parks(network: RoadNetwork, rng: np.random.Generator) -> gpd.GeoDataFrame:
    """Make 150 parks of 50 corners each."""
    at = rng.choice(network.n_nodes, 150, replace=False)
    turn = np.linspace(0, 2 * np.pi, 50, endpoint=False)
    shapes = [
        shapely.Polygon(
            np.column_stack(
                [network.node_x[i] + r * np.cos(turn), network.node_y[i] + r * np.sin(turn)]
            )
            + rng.normal(0, 5, (50, 2))
        )
        for i, r in zip(at, rng.uniform(60, 300, at.size), strict=True)
    ]
    return gpd.GeoDataFrame(
        geometry=list(shapely.make_valid(np.array(shapes))), crs=network.crs
    ).to_crs("EPSG:4326")
