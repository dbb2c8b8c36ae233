"""Made roads on which places lie between crossings: a village with a long road, and streets, some one way."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import geopandas as gpd
import networkx as nx
import numpy as np
import shapely
from numpy.typing import NDArray

from coresponse.data.roads.lines import from_lines
from coresponse.data.roads.made import street_grid
from coresponse.data.roads.network import RoadNetwork

X, Y = 500_000.0, 4_430_000.0
LENGTH_M = 2_700.0


def village(oneway: str = "no") -> RoadNetwork:
    """Two squares of streets, and two bent roads of 2.7 km between them."""
    lines = []
    for x in (X, X + LENGTH_M):
        corners = [(x, Y), (x + 100, Y), (x + 100, Y + 100), (x, Y + 100), (x, Y)]
        lines += [shapely.LineString(pair) for pair in pairwise(corners)]
    road = shapely.LineString([(X + 100, Y), (X + 1_350, Y), (X + LENGTH_M, Y)])
    back = shapely.LineString([(X + LENGTH_M, Y), (X + 1_350, Y - 200), (X + 100, Y)])
    frame = gpd.GeoDataFrame(geometry=[*lines, road, back], crs="EPSG:32613")
    frame["highway"], frame["oneway"] = "residential", ["no"] * len(lines) + [oneway, oneway]
    return from_lines(frame, source="made")


def some_one_way(seed: int, *, spacing_m: float = 400.0, kept: float = 0.75) -> RoadNetwork:
    """Return streets of which some can be driven one way only."""
    city = street_grid(6, 5, seed=seed, spacing_m=spacing_m)
    keep = np.flatnonzero(np.random.default_rng(seed).random(city.n_edges) < kept)
    rows = (2 * keep[:, None] + [0, 1]).ravel()
    return replace(
        city,
        edge_from=city.edge_from[keep],
        edge_to=city.edge_to[keep],
        length_m=city.length_m[keep],
        travel_s=city.travel_s[keep],
        road_class=city.road_class[keep],
        shape_start=2 * np.arange(len(keep) + 1, dtype=np.int64),
        shape_xy=city.shape_xy[rows],
    )


def drawn(network: RoadNetwork) -> NDArray[np.object_]:
    """Return (edges,) each one's line."""
    starts = network.shape_start.tolist()
    return np.array([shapely.LineString(network.shape_xy[a:b]) for a, b in pairwise(starts)])


def split_graph(
    network: RoadNetwork, at: NDArray[np.float64], apart_m: float = 1e-3
) -> nx.DiGraph[int | str]:
    """Return the roads with each place put into the edges that pass it: `p0`, `p1`, ... beside the crossings.

    Parameters
    ----------
    at
        (n, 2) meters: places on roads. A place within `apart_m` of an edge is on it.
    """
    graph: nx.DiGraph[int | str] = nx.DiGraph()
    graph.add_nodes_from(range(network.n_nodes))
    spots = shapely.points(at)
    for e, line in enumerate(drawn(network)):
        on = np.flatnonzero(shapely.distance(line, spots) <= apart_m)
        share = shapely.line_locate_point(line, spots[on], normalized=True)
        stops: list[tuple[float, int | str]] = [(0.0, int(network.edge_from[e]))]
        stops += sorted((float(s), f"p{k}") for s, k in zip(share, on, strict=True))
        stops.append((1.0, int(network.edge_to[e])))
        for (a, one), (b, two) in pairwise(stops):
            seconds = (b - a) * float(network.travel_s[e])
            if graph.get_edge_data(one, two, {"seconds": np.inf})["seconds"] > seconds:
                graph.add_edge(one, two, seconds=seconds)
    return graph
