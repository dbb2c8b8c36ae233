"""The travel surface of the map page, for print: minutes until the nearest crew arrives, if free.

Program, posts, hours and roads alone, nothing of calls: it is shown exactly.
"""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.ndimage import convolve1d
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import KDTree

from coresponse.data.options import Deployment
from coresponse.maps.travel import Travel

# as on the page (maps/page/surface.js), where each is explained
SQUARE_M, MOST_SQUARES, REACH_M, ON_FOOT_MPS, SOFTENED = 45.0, 200_000, 240.0, 4.5, 3
NEAREST = 6  # streets beside a square that it may be reached from

Floats = NDArray[np.float64]
# Node and responder type.
Crew = tuple[int, str]


@dataclass(frozen=True, eq=False)
class Surface:
    """Minutes on a grid.

    Attributes
    ----------
    x, y
        (columns,) and (rows,) middles of the squares, meters.
    minutes
        (rows, columns), NaN where no street is within `REACH_M`.
    """

    x: Floats
    y: Floats
    minutes: Floats


@dataclass(frozen=True, eq=False)
class Samples:
    """Places along streets: (n, 2) meters, (n,) row of the street, (n,) part of its length."""

    xy: Floats
    street: NDArray[np.int64]
    part: Floats


def travel_surface(
    roads: gpd.GeoDataFrame, posts: gpd.GeoDataFrame, deployment: Deployment, travel: Travel
) -> Surface:
    """Return minutes from a call's start to the nearest crew's arrival, the mean over hours with crews on duty.

    Parameters
    ----------
    roads
        All directed edges: `edge_from`, `edge_to`, `travel_s`, lines in a metric CRS.
    posts
        `post_id`, `node`.
    """
    west, south, east, north = roads.total_bounds + np.array([-1, -1, 1, 1]) * REACH_M
    square = max(SQUARE_M, float(np.sqrt((east - west) * (north - south) / MOST_SQUARES)))
    samples = street_samples(roads, 0.7 * square)
    seconds = seconds_at(samples, roads, posts, deployment, travel)
    x, y = np.arange(west, east + square, square), np.arange(south, north + square, square)
    places = np.column_stack([axis.ravel() for axis in np.meshgrid(x, y)])
    found = KDTree(samples.xy).query(places, k=min(NEAREST, len(seconds)), workers=2)
    away = np.asarray(found[0], dtype=np.float64).reshape(len(places), -1)
    at = np.asarray(found[1], dtype=np.int64).reshape(len(places), -1)
    # ground has the time of the street that it is reached from
    best = (seconds[at] + away / ON_FOOT_MPS).argmin(axis=1)
    values = seconds[at][np.arange(len(at)), best].reshape(len(y), len(x))
    for _ in range(SOFTENED):
        for axis in (1, 0):
            values = convolve1d(values, [0.25, 0.5, 0.25], axis=axis, mode="nearest")
    values[away[:, 0].reshape(values.shape) > REACH_M] = np.nan
    return Surface(x, y, values / 60)


def street_samples(roads: gpd.GeoDataFrame, apart_m: float) -> Samples:
    """Return places along every street, both ends among them, at most so far apart."""
    lines = np.asarray(roads.geometry.array)
    steps = np.maximum(1, np.ceil(shapely.length(lines) / apart_m)).astype(np.int64)
    street = np.repeat(np.arange(len(lines)), steps + 1)
    first = np.cumsum(steps + 1) - (steps + 1)
    part = (np.arange(len(street)) - first[street]) / steps[street]
    points = shapely.line_interpolate_point(lines[street], part, normalized=True)
    return Samples(shapely.get_coordinates(points), street, part)


def seconds_at(
    samples: Samples,
    roads: gpd.GeoDataFrame,
    posts: gpd.GeoDataFrame,
    deployment: Deployment,
    travel: Travel,
) -> Floats:
    """Return the mean seconds until somebody arrives at each sample, over hours with crews on duty.

    An hour with nobody near enough counts `travel.fallback_s`; hours with nobody on duty at all say
    nothing of streets, and would lift all of them beyond every class.
    """
    drives = _Drives(roads)
    node_of = dict(zip(posts["post_id"].astype(str), posts["node"].to_numpy(np.int64), strict=True))
    cost = roads["travel_s"].to_numpy(np.float64)[samples.street] * samples.part
    start = roads["edge_from"].to_numpy(np.int64)[samples.street]
    mean = np.zeros(len(cost))
    states = _states(deployment, travel, node_of)
    on_duty = {state: hours for state, hours in states.items() if state[1]} or states
    of_hours = sum(on_duty.values())
    for (speed, crews), hours in on_duty.items():
        now = np.full(len(cost), travel.fallback_s)
        for name in sorted({kind for _, kind in crews}):
            kind = travel.kinds[name]
            sources = tuple(sorted({node for node, of in crews if of == name}))
            drive = (drives.from_nodes(sources, start) + cost) / (kind.speed * speed)
            arrives = np.maximum(kind.least_s, kind.starts_s + drive)
            now = np.where(drive <= travel.reach_s, np.minimum(now, arrives), now)
        mean += hours / of_hours * now
    return mean


def _states(
    deployment: Deployment, travel: Travel, node_of: dict[str, int]
) -> dict[tuple[float, frozenset[Crew]], int]:
    """Return how many hours of the week have each speed and crews on duty."""
    found: dict[tuple[float, frozenset[Crew]], int] = {}
    options = [o for o, _ in deployment.counts if o.responder_type in travel.kinds]
    on_duty = {o.shift_pattern: travel.pattern_hours[o.shift_pattern].mask() for o in options}
    for hour, speed in enumerate(travel.speed):
        crews = frozenset(
            (node_of[o.post_id], o.responder_type)
            for o in options
            if on_duty[o.shift_pattern][hour] and o.post_id in node_of
        )
        found[speed, crews] = found.get((speed, crews), 0) + 1
    return found


class _Drives:
    """Seconds of drive from the nearest of some nodes to each node."""

    def __init__(self, roads: gpd.GeoDataFrame) -> None:
        ends = roads[["edge_from", "edge_to"]].to_numpy(np.int64)
        self.nodes, at = np.unique(ends, return_inverse=True)
        start, stop = at.reshape(ends.shape).T
        # of several edges between two nodes the quickest
        edges = pd.DataFrame({"start": start, "stop": stop, "s": roads["travel_s"].to_numpy(float)})
        least = edges.groupby(["start", "stop"], as_index=False)["s"].min()
        size = len(self.nodes)
        self.graph = csr_matrix((least["s"], (least["start"], least["stop"])), shape=(size, size))
        self.known: dict[tuple[int, ...], Floats] = {}

    def from_nodes(self, sources: tuple[int, ...], to: NDArray[np.int64]) -> Floats:
        if sources not in self.known:
            at = np.searchsorted(self.nodes, [one for one in sources if one in self.nodes])
            self.known[sources] = (
                dijkstra(self.graph, indices=at, min_only=True)
                if len(at)
                else np.full(len(self.nodes), np.inf)
            )
        return self.known[sources][np.searchsorted(self.nodes, to)]
