"""Make the bundled sample city: ``python -m scripts.make_sample ROADS_JSON WAYS_OSM [OUT]``.

ROADS_JSON is Manhattan's road network as it ships in the wheel of nrel.hive 1.3.1 (OpenStreetMap
2023, ODbL). WAYS_OSM is an extract of Manhattan's ways (OpenStreetMap 2019, ODbL): streets' names
come from it, by the crossings that both have. Water and parks
follow from the roads (``scripts/sample_ground.py``). Everything else is made here from a seed: posts,
districts, today's deployment, and a year of SYNTHETIC calls. No call is a real person's. Each
figure below is either published (source beside it) or an assumption, and says which.
"""

from __future__ import annotations

import json
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import Transformer

from coresponse.coverage.settings import EvaluationSettings
from coresponse.coverage.validation.recorded import Recorded
from coresponse.data.posts_propose import propose_posts
from coresponse.data.roads.network import RoadNetwork
from coresponse.data.roads.read import read_roads
from coresponse.data.roads.street_names import street_name
from coresponse.study.read import read_study
from scripts.sample_ground import main as make_ground

SEED = 20_260_101
FIRST_DAY, DAYS = "2025-01-01", 365
POSTS = 36
SKIPPED_HOUR = "2025-03-09T02"  # clocks go from 02:00 to 03:00 there
CRS = "EPSG:32618"

# rough centers of neighborhoods (longitude, latitude); residents: round assumptions, 1.66 million
# in all
DISTRICTS = {
    "Financial District": (-74.0105, 40.7085, 60_000),
    "Chinatown and Lower East Side": (-73.9885, 40.7165, 150_000),
    "The Villages": (-73.9975, 40.7320, 130_000),
    "Chelsea": (-74.0000, 40.7480, 110_000),
    "Gramercy and Murray Hill": (-73.9800, 40.7410, 140_000),
    "Midtown": (-73.9830, 40.7600, 90_000),
    "Upper East Side": (-73.9560, 40.7730, 220_000),
    "Upper West Side": (-73.9760, 40.7870, 210_000),
    "East Harlem": (-73.9400, 40.7960, 120_000),
    "Central Harlem": (-73.9450, 40.8110, 130_000),
    "Hamilton Heights": (-73.9520, 40.8240, 110_000),
    "Washington Heights": (-73.9390, 40.8440, 150_000),
    "Inwood": (-73.9230, 40.8660, 40_000),
}

# longitude, latitude, share of hot-spot calls: large transit hubs and parks (assumption)
HOT_SPOTS = (
    (-73.9925, 40.7505, 0.20), (-73.9900, 40.7570, 0.18), (-73.9905, 40.7355, 0.12), (-73.9375, 40.8045, 0.16),
    (-73.9815, 40.7265, 0.08), (-73.9540, 40.8110, 0.08), (-73.9775, 40.7525, 0.08), (-73.9380, 40.8405, 0.06),
    (-73.9990, 40.7145, 0.04),
)  # fmt: skip
HOT_SPOT_SHARE = 0.45  # of all calls (assumption)
HOT_SPOT_SPREAD_M = 260.0  # assumption

# Calls a year. Crisis Now's calculator: 230 episodes in person per 100,000 residents and month, 32%
# for mobile teams (DBHDS deck, 2022): 883 a year per 100,000, or about 14,000 for 1.6 million.
NATURES = {
    "MENTAL HEALTH CRISIS": 8_600,
    "SUICIDAL PERSON": 2_900,
    "SUICIDE ATTEMPT": 700,
    "MENTAL VIOLENT": 900,
    "WELFARE CHECK": 4_300,  # assumption
    "NOISE COMPLAINT": 900,  # no crisis: there to show what is left out
    "PARKING": 700,
}
CHANNELS = {
    "911": 0.418,
    "officer": 0.348,
    "other": 0.234,
}  # STAR's pilot, n = 748 (Denver VOICE 4/2021)
PEAK_HOUR, TROUGH_HOUR, TROUGH_SHARE = (
    19.5,
    4.5,
    0.35,
)  # police calls by hour (911abc); trough as a share of the peak
WEEKEND_FACTOR, SEASON_SWING = 1.06, 0.06  # assumptions

# minutes: (median, spread of the logarithm)
CALL_TAKING = (2.5, 0.5)  # assumption
POLICE_TRAVEL = (7.0, 0.45)  # assumption
# outcome: share, median minutes on scene and after; shares as in the presets (ps.202100736; 30% of
# contacts moved)
OUTCOMES = {"no contact": (0.23, 14.0), "helped on scene": (0.54, 55.0), "transport": (0.23, 125.0)}
SERVICE_SPREAD = 0.45  # assumption
NO_ARRIVAL = 0.06  # cancelled before arrival (assumption)

# today's crews by post and shift; times from dispatch to arrival vary by a third (assumption)
CREWS = {
    ("P05", "day_10h"): "CRU-5A",
    ("P05", "late_10h"): "CRU-5B",
    ("P13", "day_10h"): "CRU-13A",
    ("P13", "late_10h"): "CRU-13B",
}
CREW_SPREAD = 0.3
SAME_S = 150.0  # replays differ by less: units that start elsewhere come as soon
BACK_AT_ITS_POST = np.timedelta64(15, "m")
POLICE_UNITS = 60


@dataclass(frozen=True)
class SampleCity:
    """What the sample is made with."""

    network: RoadNetwork
    rng: np.random.Generator
    out: Path


def main(roads: Path, ways: Path, out: Path) -> None:
    """Write the sample study into `out`."""
    out.mkdir(parents=True, exist_ok=True)
    slim_roads(roads, ways, out / "roads.json")
    made = SampleCity(
        read_roads(out / "roads.json", cache_folder=out / ".cache"),
        np.random.default_rng(SEED),
        out,
    )
    for file in (out / ".cache").glob("*"):
        file.unlink()
    (out / ".cache").rmdir()
    districts = make_districts(made)
    posts = make_posts(made, districts)
    make_today(made, posts)
    make_calls(made)
    make_ground(out)
    shutil.copy(Path(__file__).parents[1] / "data/sample/study.toml", out / "study.toml")
    make_units(out)


def street_names(ways: Path) -> dict[int, dict[str, list[int]]]:
    """Return by node the names of the ways through it, with the node's places along each name."""
    import osmium  # noqa: PLC0415 -- only where the sample is made

    at: dict[int, dict[str, list[int]]] = {}
    steps: dict[str, int] = {}
    reader: Any = osmium.FileProcessor(str(ways), osmium.osm.WAY)
    for way in reader:
        name = street_name(way.tags.get("name"), way.tags.get("ref"))
        if not name or "highway" not in way.tags:
            continue
        for node in way.nodes:
            steps[name] = steps.get(name, 0) + 1
            at.setdefault(node.ref, {}).setdefault(name, []).append(steps[name])
        steps[name] += 1_000  # the next way of this name is another piece
    return at


def name_of(one: dict[str, list[int]], other: dict[str, list[int]]) -> str:
    """Return the name that two crossings share: of several the one along which they are nearest."""
    shared = sorted(set(one) & set(other))
    if not shared:
        return ""
    return min(shared, key=lambda name: min(abs(a - b) for a in one[name] for b in other[name]))


def slim_roads(source: Path, ways: Path, target: Path) -> None:
    """Keep what the reader needs of the node-link JSON, rounded, in a stable order."""
    content = json.loads(source.read_text(encoding="utf-8"))
    nodes = [
        {"id": n["id"], "x": round(n["x"], 6), "y": round(n["y"], 6)} for n in content["nodes"]
    ]
    names = street_names(ways)
    links = []
    for e in content["links"]:
        name = name_of(names.get(e["source"], {}), names.get(e["target"], {}))
        links.append(
            {
                "source": e["source"],
                "target": e["target"],
                "key": e["key"],
                "length": round(e["length"], 1),
                "travel_time": round(e["travel_time"], 1),
            }
            | ({"name": name} if name else {})
        )
    slim = {
        "directed": True,
        "multigraph": True,
        "graph": {"crs": "epsg:4326", "license": "ODbL 1.0, OpenStreetMap contributors"},
        "nodes": nodes,
        "links": links,
    }
    target.write_text(json.dumps(slim, separators=(",", ":")) + "\n", encoding="utf-8")


def make_districts(made: SampleCity) -> gpd.GeoDataFrame:
    """Cut the island into areas nearest to each neighborhood's center."""
    network = made.network
    change = Transformer.from_crs("EPSG:4326", CRS, always_xy=True)
    names = list(DISTRICTS)
    centers = shapely.points([change.transform(*DISTRICTS[name][:2]) for name in names])
    land = shapely.MultiPoint(np.column_stack([network.node_x, network.node_y]))
    outline = shapely.concave_hull(land, ratio=0.06).buffer(120).simplify(25)
    cells = shapely.get_parts(
        shapely.voronoi_polygons(shapely.multipoints(centers), extend_to=outline.buffer(20_000))
    )
    rows = []
    for name, center in zip(names, centers, strict=True):
        cell = next(cell for cell in cells if cell.contains(center))
        rows.append((name, DISTRICTS[name][2], cell.intersection(outline)))
    frame = gpd.GeoDataFrame(rows, columns=["name", "population", "geometry"], crs=CRS).to_crs(4326)
    frame.insert(0, "district_id", [f"D{i:02d}" for i in range(1, len(frame) + 1)])
    frame.geometry = shapely.set_precision(frame.geometry.array, 1e-5)
    text = json.dumps(json.loads(frame.to_json(drop_id=True)), separators=(",", ":"))
    (made.out / "districts.geojson").write_text(text + "\n", encoding="utf-8")
    return frame


def make_posts(made: SampleCity, districts: gpd.GeoDataFrame) -> pd.DataFrame:
    """Take well-spread crossings as candidate posts."""
    spread = propose_posts(made.network, POSTS, seed=SEED).frame.sort_values("y", ignore_index=True)
    points = gpd.GeoDataFrame(
        geometry=gpd.points_from_xy(spread["x"], spread["y"], crs=CRS)
    ).to_crs(4326)
    nearest = gpd.sjoin_nearest(points.to_crs(CRS), districts.to_crs(CRS)[["name", "geometry"]])
    district = nearest[~nearest.index.duplicated()]["name"].to_numpy()
    kinds = np.array(["station", "street", "clinic", "hospital"])[np.arange(POSTS) % 4]
    frame = pd.DataFrame(
        {
            "post_id": [f"P{i:02d}" for i in range(1, POSTS + 1)],
            "name": [
                f"Made {kind} {i} ({d})"
                for i, (kind, d) in enumerate(zip(kinds, district, strict=True), start=1)
            ],
            "kind": kinds,
            "longitude": points.geometry.x.round(6),
            "latitude": points.geometry.y.round(6),
        }
    )
    frame.to_csv(made.out / "posts.csv", index=False, lineterminator="\n")
    return frame


def make_today(made: SampleCity, posts: pd.DataFrame) -> None:
    """Make today's deployment.

    A few units, all at two posts south of the park, as programs often start.
    """
    station = posts["post_id"][posts["kind"] == "station"].tolist()
    rows = [
        ("co_responder_unit", station[1], "day_10h", 1),
        ("co_responder_unit", station[1], "late_10h", 1),
        ("co_responder_unit", station[3], "day_10h", 1),
        ("co_responder_unit", station[3], "late_10h", 1),
        ("on_call_clinician", station[1], "always", 2),
    ]
    frame = pd.DataFrame(rows, columns=["responder_type", "post_id", "shift_pattern", "count"])
    frame.to_csv(made.out / "today.csv", index=False, lineterminator="\n")


def make_calls(made: SampleCity) -> None:
    """Draw a year of calls."""
    rng = made.rng
    natures = np.repeat(list(NATURES), list(NATURES.values()))
    n = len(natures)
    order = rng.permutation(n)
    received = np.sort(draw_times(rng, n))
    x, y = draw_places(made, n)
    lon, lat = Transformer.from_crs(CRS, "EPSG:4326", always_xy=True).transform(x, y)

    def minutes(median: float | NDArray[np.float64], spread: float) -> NDArray[np.timedelta64]:
        drawn = median * np.exp(spread * rng.standard_normal(n))
        return np.round(drawn * 60).astype("timedelta64[s]")

    dispatched = received + minutes(*CALL_TAKING)
    arrived = dispatched + minutes(*POLICE_TRAVEL)
    shares = [share for share, _ in OUTCOMES.values()]
    outcome = rng.choice(len(OUTCOMES), n, p=shares)
    service = np.array([median for _, median in OUTCOMES.values()])[outcome]
    cleared = arrived + minutes(service, SERVICE_SPREAD)
    cancelled = rng.random(n) < NO_ARRIVAL
    cleared = np.where(cancelled, dispatched + np.timedelta64(240, "s"), cleared)
    arrived = np.where(cancelled, np.datetime64("NaT", "s"), arrived)
    frame = pd.DataFrame(
        {
            "call_id": [f"S{i:06d}" for i in range(1, n + 1)],
            "received_at": received,
            "dispatched_at": dispatched,
            "arrived_at": arrived,
            "cleared_at": cleared,
            "nature": natures[order],
            "channel": rng.choice(list(CHANNELS), n, p=list(CHANNELS.values())),
            "priority": np.where(
                np.isin(natures[order], ["SUICIDE ATTEMPT", "MENTAL VIOLENT"]), "1", "2"
            ),
            "longitude": np.round(lon, 5),
            "latitude": np.round(lat, 5),
        }
    )
    frame.to_parquet(made.out / "calls.parquet", index=False, compression="zstd")


def make_units(out: Path) -> None:
    """Say which unit answered, so that today's crews have recorded times that fit: they drive as the roads have it.

    A crew's records are of calls that it answers in every replay of today's deployment, and whose
    time from dispatch to arrival happens to be one that its drive may take, spread as drives are:
    drawn by rejection, for that time was drawn before. Police answered all others. No other column
    changes: what is planned with stays as it is.
    """
    city = read_study(out).city
    runs = Recorded.of(city).replayed(EvaluationSettings(), target_s=900.0, seed=SEED)
    calls, record, options = runs[0].scenario.calls, runs[0].record, runs[0].fleet.options
    driven = np.array([*(o.responder_type == "co_responder_unit" for o in options), False])
    crews = np.stack([driven[run.record.server] for run in runs]).all(axis=0)
    travel_s = np.stack([run.record.arrived_s - run.record.sent_s for run in runs])
    answered = crews & (np.ptp(travel_s, axis=0) < SAME_S)
    file = out / "calls.parquet"
    frame = pd.read_parquet(file)
    at = frame.reset_index().set_index("call_id")["index"].loc[calls.call_id].to_numpy()
    times = frame.iloc[at]
    observed_s = (times["arrived_at"] - times["dispatched_at"]).dt.total_seconds().to_numpy()
    rng = np.random.default_rng(SEED + 1)
    accepted = rng.random(calls.n) < _as_if_driven(observed_s, travel_s.mean(axis=0))
    crew = np.array([CREWS.get((o.post_id, o.shift_pattern), "") for o in options])
    unit = np.array([f"PD-{k:02d}" for k in rng.integers(1, POLICE_UNITS + 1, len(frame))], object)
    free = dict.fromkeys(CREWS.values(), np.datetime64(FIRST_DAY, "ms"))
    for k in np.flatnonzero(answered & accepted):
        name, row = crew[record.server[k]], times.iloc[k]
        if row["dispatched_at"] >= free[name]:
            unit[at[k]], free[name] = name, row["cleared_at"] + BACK_AT_ITS_POST
    frame.assign(unit_id=unit).to_parquet(file, index=False, compression="zstd")


def _as_if_driven(
    observed_s: NDArray[np.float64], mean_s: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the chances by which times drawn as police travels become times around a mean.

    The ratio of the two lognormal densities over the largest that it can be for that mean.
    """
    median, wide = np.log(POLICE_TRAVEL[0] * 60), POLICE_TRAVEL[1]
    middle = np.log(mean_s) - CREW_SPREAD**2 / 2
    at = np.log(observed_s)
    ratio = ((at - median) / wide) ** 2 - ((at - middle) / CREW_SPREAD) ** 2
    return np.asarray(np.exp((ratio - (middle - median) ** 2 / (wide**2 - CREW_SPREAD**2)) / 2))


def hour_shape(hour: NDArray[np.float64]) -> NDArray[np.float64]:
    """Relative rate by hour.

    Half a cosine down from the peak to the trough, half a cosine up again.
    """
    down = (TROUGH_HOUR - PEAK_HOUR) % 24
    since = (hour - PEAK_HOUR) % 24
    phase = np.where(since < down, since / down, 1 + (since - down) / (24 - down)) * np.pi
    return TROUGH_SHARE + (1 - TROUGH_SHARE) * (1 + np.cos(phase)) / 2


def draw_times(rng: np.random.Generator, n: int) -> NDArray[np.datetime64]:
    """Draw local times of the year by hour, weekend and season."""
    first = np.datetime64(FIRST_DAY, "h")
    hours = first + np.arange(DAYS * 24)
    of_day = np.arange(DAYS * 24) % 24 + 0.5
    day = np.arange(DAYS * 24) // 24
    weekday = (day + pd.Timestamp(FIRST_DAY).day_of_week) % 7
    rate = hour_shape(of_day) * np.where(weekday >= 5, WEEKEND_FACTOR, 1.0)
    rate *= 1 + SEASON_SWING * np.cos(2 * np.pi * (day - 200) / 365)
    rate[hours == np.datetime64(SKIPPED_HOUR, "h")] = 0
    chosen = rng.choice(len(hours), n, p=rate / rate.sum())
    return hours[chosen].astype("datetime64[s]") + rng.integers(0, 3600, n).astype("timedelta64[s]")


def draw_places(made: SampleCity, n: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Draw places beside streets: some around hot spots, the others along all streets by length."""
    network, rng = made.network, made.rng
    start = np.column_stack([network.node_x[network.edge_from], network.node_y[network.edge_from]])
    stop = np.column_stack([network.node_x[network.edge_to], network.node_y[network.edge_to]])
    middle = (start + stop) / 2
    length = np.hypot(*(stop - start).T)
    change = Transformer.from_crs("EPSG:4326", CRS, always_xy=True)
    weight = (1 - HOT_SPOT_SHARE) * length / length.sum()
    for lon, lat, share in HOT_SPOTS:
        away = np.hypot(*(middle - change.transform(lon, lat)).T)
        near = length * np.exp(-((away / HOT_SPOT_SPREAD_M) ** 2) / 2)
        weight = weight + HOT_SPOT_SHARE * share * near / near.sum()
    edge = rng.choice(len(length), n, p=weight / weight.sum())
    along = rng.random((n, 1))
    aside = rng.uniform(-15, 15, (n, 2))
    place = start[edge] + along * (stop[edge] - start[edge]) + aside
    return place[:, 0], place[:, 1]


if __name__ == "__main__":
    roads_file, ways_file, *folder = map(Path, sys.argv[1:])
    main(roads_file, ways_file, *(folder or [Path("data/sample")]))
